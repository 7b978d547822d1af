"""Exchange: what goes out comes in again, other programs' tables are read, new references find their claims."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
from pathlib import Path

import pytest
import rdflib
import rispy
from tests.helpers.weighed import make_claim, make_effect, make_study

from gluteal.cli import main
from gluteal.errors import InputError
from gluteal.ledger.evidence.effect_sizes import Scaled, scale_effect
from gluteal.ledger.evidence.effect_tables import COLUMNS, read_effects
from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.pooling import pool_effects
from gluteal.ledger.evidence.summary import summarise_evidence
from gluteal.ledger.evidence.verdict import judge_claim
from gluteal.ledger.exchange.claim_review import claim_reviews
from gluteal.ledger.exchange.effects_table import render_effects
from gluteal.ledger.exchange.nanopublications import render_nanopublications
from gluteal.ledger.exchange.new_references import ClaimWords, weigh_new
from gluteal.ledger.exchange.references_out import render_ris
from gluteal.ledger.exchange.summary_table import summary_rows
from gluteal.ledger.run import compile_ledger

EVIDENCE = load_evidence()
NAMES = [c.id for c in EVIDENCE.claims]


def test_effects_go_out_and_come_in_again() -> None:
    """Every effect that can be pooled has the same value and error after the way through the table."""
    text = render_effects(EVIDENCE, NAMES)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    usable = [r for r in rows if r["yi"] != "NA"]
    assert len(usable) > 150
    for row in usable:
        assert float(row["vi"]) == pytest.approx(float(row["sei"]) ** 2, rel=1e-6)
    wanted: dict[str, list[Scaled]] = {}
    for claim in NAMES:
        for study, effect, _ in EVIDENCE.effects_on(claim):
            scaled = scale_effect(effect)
            if isinstance(scaled, Scaled) and not effect.contradiction:
                wanted.setdefault(study.key.replace("_", "-"), []).append(scaled)
    found: dict[str, list[Scaled]] = {}
    for study in read_effects(text, "effects.csv"):
        for effect in study.effects:
            scaled = scale_effect(effect)
            if isinstance(scaled, Scaled):
                found.setdefault(study.key, []).append(scaled)
    assert found.keys() == wanted.keys()
    for key, effects in wanted.items():
        there, back = (sorted((e.value, e.se) for e in held) for held in (effects, found[key]))
        assert [v for pair in back for v in pair] == pytest.approx([v for pair in there for v in pair], rel=1e-6)


def test_a_verdict_is_the_same_after_the_way_through_the_table(tmp_path: Path) -> None:
    """A made-up claim with its trials, written out and read in by the command's own door."""
    claim = make_claim()
    studies = tuple(make_study(f"s{i}", make_effect(-20.0 - i, 3.0, n_total=100)) for i in range(4))
    before = summarise_evidence(Evidence((claim,), studies, ()), claim)
    text = render_effects(Evidence((claim,), studies, ()), [claim.id])
    again = read_effects(text, "effects.csv")
    after = summarise_evidence(Evidence((claim,), again, ()), claim)
    assert before.main is not None and after.main is not None
    assert after.main.pooled is not None and before.main.pooled is not None
    assert after.main.pooled.random.value == pytest.approx(before.main.pooled.random.value)
    assert judge_claim(claim, after).verdict == judge_claim(claim, before).verdict == "supported"


# The first trials of the BCG vaccine as metafor's dat.bcg has them: ill and well, treated and control.
METAFOR = """trial,author,year,tpos,tneg,cpos,cneg,yi,vi,measure
1,Aronson,1948,4,119,11,128,-0.8893,0.3256,RR
2,Ferguson & Simes,1949,6,300,29,274,-1.5854,0.1946,RR
3,Rosenthal et al,1960,3,228,11,209,-1.3481,0.4154,RR
"""
REVMAN = """Study,Year,Experimental mean,Experimental SD,Experimental total,Control mean,Control SD,Control total
Doe 2020,2020,20,10,50,30,12,50
Roe 2021,2021,22,11,40,30,11,40
"""
COVIDENCE = """Study ID,Intervention Mean,Intervention SD,Intervention N,Control Mean,Control SD,Control N,Measure
Doe 2020,20,10,50,30,12,50,SMD
"""
EVENTS = """Study ID,Events 1,Total 1,Events 2,Total 2,measure
Doe 2020,4,123,11,139,RR
"""


def test_tables_of_other_programs_are_read() -> None:
    """metafor, RevMan and Covidence, each by its own headings; numbers equal metafor's."""
    trials = read_effects(METAFOR, "bcg.csv")
    scaled = [scale_effect(s.effects[0]) for s in trials]
    assert [round(s.value, 4) for s in scaled if isinstance(s, Scaled)] == [-0.8893, -1.5854, -1.3481]
    first = scale_effect(read_effects(EVENTS, "events.csv")[0].effects[0])
    # metafor: escalc(measure="RR", ai=4, n1i=123, ci=11, n2i=139) gives -0.8893 and 0.3256.
    assert isinstance(first, Scaled) and (round(first.value, 4), round(first.se**2, 4)) == (-0.8893, 0.3256)
    means = read_effects(REVMAN, "revman.csv")
    difference = scale_effect(means[0].effects[0])
    assert isinstance(difference, Scaled)
    assert (difference.value, difference.se) == pytest.approx((-10, math.sqrt(100 / 50 + 144 / 50)))
    pooled = pool_effects([s for s in map(scale_effect, (m.effects[0] for m in means)) if isinstance(s, Scaled)])
    assert pooled.k == 2
    (study,) = read_effects(COVIDENCE, "covidence.csv")
    g = scale_effect(study.effects[0])
    # Hedges g of -10 over a pooled deviation of 11.045, corrected by 1 - 3 / 391.
    assert isinstance(g, Scaled) and g.value == pytest.approx(-10 / math.sqrt(122) * (1 - 3 / 391), rel=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,yi,vi\nA,1,2\n", "no column names the study"),
        ("study,yi,vi\n", "there is no row under the heading"),
        ("study,yi,vi\n,1,2\n", "line 2: the study has no name"),
        ("study,yi,vi\nA,one,2\n", "line 2: 'yi' is 'one', not a number"),
        ("study,ai,n1i,ci,n2i\nA,0,10,3,10\n", "needs yi and vi instead"),
    ],
)
def test_a_fault_in_a_table_is_one_sentence(text: str, words: str) -> None:
    """With the line where it is."""
    with pytest.raises(InputError, match=re.escape(words)):
        read_effects(text, "t.csv")


def test_references_go_out_as_ris() -> None:
    """Another library reads every study back, with its title, year and DOI."""
    entries = rispy.loads(render_ris(EVIDENCE.studies))
    assert len(entries) == len(EVIDENCE.studies)
    by_id = {e["id"]: e for e in entries}
    for study in EVIDENCE.studies:
        entry = by_id[study.key]
        assert entry["title"] == " ".join(study.title.split())
        assert entry.get("doi") == study.doi
        assert entry.get("year") == (None if study.year is None else str(study.year))
        assert not any("others" in name for name in entry.get("authors", []))
        assert ("notes" in entry) == (" and others" in (study.authors or ""))


def test_claims_go_out_as_claim_reviews_findings_and_nanopublications() -> None:
    """Each claim once; ratings only where something is known; graphs that close."""
    ledger = compile_ledger(EVIDENCE)
    reviews = json.loads(json.dumps(claim_reviews(ledger.entries, EVIDENCE)))
    assert reviews["@context"] == "https://schema.org"
    assert [r["claimReviewed"] for r in reviews["@graph"]] == [c.statement for c in EVIDENCE.claims]
    for review, entry in zip(reviews["@graph"], ledger.entries, strict=True):
        known = entry.verdict.verdict in ("supported", "contradicted", "too-small")
        assert ("ratingValue" in review["reviewRating"]) == known
    rows = summary_rows(ledger.entries)
    sized = [r for r in rows if r["effect"] is not None and r["certainty"]]
    assert sized and all(r["imprecision"] in ("not serious", "serious", "very serious") for r in sized)
    text = render_nanopublications(EVIDENCE, NAMES)
    links = sum(link.sense != 0 for c in NAMES for _, _, link in EVIDENCE.effects_on(c))
    assert text.count("a np:Nanopublication") == links > 300
    assert text.count("{") == text.count("}") == 4 * links


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # it warns of itself
def test_nanopublications_are_trig() -> None:
    """A parser of RDF reads them, in four graphs each."""
    data = rdflib.Dataset()
    data.parse(data=render_nanopublications(EVIDENCE, NAMES[:20]), format="trig")
    assert len(list(data.quads())) > 100


NBIB = """PMID- 25467200
TI  - The effect of additional hip strengthening in adults with chronic low back
      pain: a randomised trial.
FAU - Kendall, Karen D
FAU - Emery, Carolyn A
DP  - 2015 Nov
TA  - J Sci Med Sport
VI  - 18
PG  - 626-31
LID - 10.1016/j.jsams.2014.11.006 [doi]
AB  - We randomised 120 participants with chronic low back pain to lumbopelvic exercise with or
      without hip strengthening and measured pain and disability.

PMID- 99999999
TI  - Gluteus medius strength in people with chronic low back pain and healthy controls
FAU - New, Nora
DP  - 2027
TA  - J Made Up
AB  - Hip abduction strength of 200 adults with low back pain and without was measured.
"""


def test_new_references_find_their_claims(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """PubMed's form is read; what the ledger has is known; a new study finds the claim on strength."""
    path = tmp_path / "new.nbib"
    path.write_text(NBIB, encoding="utf-8")
    old, new = weigh_new(EVIDENCE, path)
    assert old.known == "kendall2015" and new.known is None
    assert (old.people, new.people) == (120, 200)
    assert "glute-strengthening-reduces-lbp" in [t.claim for t in old.touched]
    assert "lbp-hip-abductors-weaker" in [t.claim for t in new.touched]
    assert main(["claims", "--new", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"id", "match", "verdict", "could_change", "could_become"} == set(told[1]["claims"][0])
    assert main(["claims", "--new", str(path)]) == 0
    assert "The ledger has it already, as kendall2015." in capsys.readouterr().out


def test_a_large_new_study_could_change_an_open_verdict_and_not_a_firm_one() -> None:
    """By what a result of its size would make of the pooled interval."""
    from gluteal.ledger.exchange.new_references import weigh_reference

    claim = make_claim().model_copy(update={"statement": "hip strengthening lowers pain of the back"})
    new = make_study("new", make_effect(claims=[])).model_copy(update={"title": "Hip strengthening and back pain"})
    open_ = Evidence((claim,), (), ())
    (touched,) = weigh_reference(open_, ClaimWords.of(open_), new, "300 participants").touched
    assert touched.verdict == "untested" and {"supported", "contradicted"} <= set(touched.could_become)
    firm = Evidence((claim,), tuple(make_study(f"s{i}", make_effect(-60.0, 1.0, n_total=900)) for i in range(9)), ())
    (steady,) = weigh_reference(firm, ClaimWords.of(firm), new, "20 participants").touched
    assert (steady.verdict, steady.could_become) == ("supported", ())


@pytest.mark.slow
def test_titles_lead_to_the_claims_that_studies_bear_on() -> None:
    """With each study's own words left out, three of four titles find a claim that the study bears on."""
    found = asked = 0
    for study in EVIDENCE.studies:
        linked = {link.claim for effect in study.effects for link in effect.claims if link.sense}
        if linked:
            others = tuple(o for o in EVIDENCE.studies if o.key != study.key)
            words = ClaimWords.of(dataclasses.replace(EVIDENCE, studies=others))
            asked += 1
            found += bool(linked & {claim.id for claim, _ in words.match(study.title)})
    assert found / asked > 0.75, (found, asked)


def test_the_command_writes_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run, one file each; the table of effects goes in again for a claim of one's own."""
    names = ("effects.csv", "sof.csv", "claims.csv", "studies.ris", "claims.jsonld", "results.trig")
    outs = [part for name in names for part in ("--out", str(tmp_path / name))]
    assert main(["claims", "lbp-hip-abductors-weaker", *outs]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)
    assert (tmp_path / "effects.csv").read_text(encoding="utf-8").startswith("study,author,year")
    assert "imprecision" in (tmp_path / "sof.csv").read_text(encoding="utf-8")
    capsys.readouterr()
    own = tmp_path / "mine.csv"
    own.write_text(
        "study,claim,sense,outcome,measure,yi,sei\nMine 2030,lbp-hip-abductors-weaker,-1,strength,SMD,-0.7,0.1\n",
        encoding="utf-8",
    )
    assert main(["claims", "lbp-hip-abductors-weaker", "--evidence", str(own), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert "mine-2030" in entry["evidence"]["studies"]["for"]

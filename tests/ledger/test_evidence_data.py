"""The built-in evidence is what its page says: counts, second pass, searches, estimands; and it is read fast."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docs.make_evidence_tables import (
    HERE,
    TABLES,
    count_poolable,
    count_pooled,
    fill_page,
    read_lookups,
)
from docs.second_pass import check_quotation, gather_effects, recompute, second_pass

from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import load_evidence
from gluteal.sources.bibliography import load_bibliography, split_keys

EVIDENCE = load_evidence()
EFFECTS = list(gather_effects(EVIDENCE))


def test_the_page_is_that_of_the_data() -> None:
    """Every table of the page is the one that the script writes now."""
    page = (HERE / "evidence-data.md").read_text(encoding="utf-8")
    assert fill_page(page, EVIDENCE) == page
    assert set(re.findall(r"<!-- (.*?) begin -->", page)) == set(TABLES)


def test_a_size_from_p_of_a_change_is_held_against_its_formula() -> None:
    """Henriksen 2011: p 0.001 of 18 people is t 3.965, d 0.9346, g 0.8926; another number is seen."""
    effect = next(
        e for e in EFFECTS if e.study == "henriksen2011" and e.computed_from.startswith("Hedges' g of a change")
    )
    assert effect.estimate == pytest.approx(-0.8926, abs=2e-4)
    found = recompute(effect)
    assert found is not None and found.agrees
    wrong = recompute(effect.model_copy(update={"estimate": -0.95}))
    assert wrong is not None and not wrong.agrees


def test_there_is_enough_to_judge_by() -> None:
    """At least 150 studies with a result, 350 results with a number, 15 claims with three studies to pool."""
    assert sum(bool(s.effects) for s in EVIDENCE.studies) >= 150
    assert sum(e.estimate is not None for e in EFFECTS) >= 350
    assert sum(n >= 3 for n in count_poolable(EVIDENCE).values()) >= 15
    assert count_pooled(EVIDENCE) >= 15
    assert 85 <= len(EVIDENCE.claims) <= 95


def test_a_second_pass_agrees_save_for_what_is_named() -> None:
    """Numbers in the words quoted for them, and computed ones computed again; the rest is settled on the page."""
    checked, tabled, left = second_pass(EVIDENCE)
    assert len(checked) >= 300
    assert {c.effect.id for c in checked if not c.agrees} == {
        "herrington2011-2",  # these four stand in a sentence that is not quoted
        "herrington2011-3",
        "herrington2011-5",
        "herrington2011-6",
        "omi2017-1",  # printed with two figures
        "omi2018-1",
        "parr2017-1",  # stands beside the words that are quoted
    }
    assert {e.study for e in tabled} == {"ijspt2014range"}
    # An abstract that could not be opened again, and a card that names no paper.
    assert {e.study for e in left} == {"boren2011", "grimaldi_kummer"}
    assert all(e.locator and e.address and e.kind == "printed" for e in tabled + left)


def test_the_second_pass_catches_a_changed_number() -> None:
    """A digit turned in a printed number, or in a computed one, is seen."""
    printed = next(e for e in EFFECTS if e.id == "desousa2019-1")
    assert (check := check_quotation(printed)) is not None and check.agrees
    turned = printed.model_copy(update={"estimate": 0.07})
    assert (check := check_quotation(turned)) is not None and not check.agrees
    computed = next(e for e in EFFECTS if e.id == "mills2015-1")
    assert (check := recompute(computed)) is not None and check.agrees
    assert (check := recompute(computed.model_copy(update={"se": 0.2348}))) is not None and not check.agrees
    assert (check := recompute(computed.model_copy(update={"n_1": 30}))) is not None and not check.agrees


def test_every_computed_number_is_computed_again() -> None:
    """From what is kept of it, or from numbers that stand in its formula or quotation."""
    again = {e.id for e in EFFECTS if recompute(e) is not None}
    computed = {e.id for e in EFFECTS if e.kind == "computed"}
    assert computed <= again, computed - again


# ---------------------------------------------------------------- claims


def test_every_claim_about_a_number_says_which_and_what_would_matter() -> None:
    """Quantitative and causal claims have an estimand whose smallest difference has a source; the others have none."""
    for claim in EVIDENCE.claims:
        assert (claim.estimand is not None) == (claim.kind in ("quantitative", "causal")), claim.id
        if claim.estimand is not None:
            for band in claim.estimand.bands:
                assert split_keys(band.source), claim.id
                # What is our own choice says why.
                assert band.source != "gluteal" or band.note or band.measure in ("proportion", "mean"), claim.id
            assert claim.estimand.smallest_difference == claim.estimand.bands[0].value
        if claim.kind == "documentary":
            assert claim.quotation is not None and EVIDENCE.study(claim.quotation.source), claim.id


def test_parts_of_a_claim_name_the_claim_that_they_were() -> None:
    """Ids stay; a claim that was part of a larger one names it, and it is there."""
    parts = [claim for claim in EVIDENCE.claims if claim.was]
    assert len(parts) >= 20
    for claim in parts:
        for earlier in claim.was:
            assert EVIDENCE.claim(earlier).id != claim.id


def test_results_have_a_side_only_where_they_show_one() -> None:
    """What is "not significant" is not a side: no result with p above 0.05 lies on one, save where it is printed so."""
    for effect in EFFECTS:
        if effect.p_range is not None and effect.p_range[0] > 0.06 and effect.measure != "mean difference":
            assert effect.found in ("none shown", "unclear"), effect.id


def test_the_sides_of_the_same_question_agree_in_sense() -> None:
    """Healthy minus patient and patient minus healthy are turned the opposite way round."""
    for claim in ("lbp-hip-abductors-weaker", "lbp-hip-extensors-weaker"):
        for _, effect, link in EVIDENCE.effects_on(claim):
            if effect.contrast.startswith("healthy minus"):
                assert link.sense == 1, effect.id
            elif effect.contrast.startswith("low back pain minus") and "hip" in effect.outcome:
                assert link.sense == -1 or effect.outcome == "Trendelenburg sign", effect.id


def test_accounts_of_sources_are_judged_both_ways() -> None:
    """Accurate ones are recorded too, so that a share of errors can be given."""
    judged = Counter(check.judgement for check in EVIDENCE.citation_checks)
    assert None not in judged and min(judged["accurate"], judged["minor"], judged["major"]) >= 5


# ---------------------------------------------------------------- studies


def test_names_are_not_made_of_keys() -> None:
    """A study without authors goes by its title."""
    for study in EVIDENCE.studies:
        assert study.authors or study.name.startswith('"'), study.key


def test_every_study_is_a_file_of_its_name_and_in_the_bibliography() -> None:
    """One file a study, so that people can contribute one."""
    folder = Path(sys.modules[Effect.__module__].__file__ or "").with_name("studies")
    assert {file.stem for file in folder.iterdir()} == {s.key for s in EVIDENCE.studies}
    assert {s.key for s in EVIDENCE.studies} <= set(load_bibliography())


def test_every_study_that_cannot_be_named_was_looked_up() -> None:
    """Where a study lacks an identifier or authors, the page says what was looked up and what was seen."""
    looked = read_lookups()
    lacking = {s.key for s in EVIDENCE.studies if not s.link or s.authors is None}
    assert lacking - set(looked) == set(), "look each up and say so in docs/evidence-lookups.toml"
    assert set(looked) <= {s.key for s in EVIDENCE.studies}
    assert all(seen["words"] and seen["found"] for seen in looked.values())
    assert {key for key in lacking if not looked[key].get("again")} == set(), "try a second way, and say which"


def test_addresses_are_of_machines_with_names() -> None:
    """No bare number, no port, no proxy, behind which anybody may sit."""
    pages = {entry["page"] for entry in read_lookups().values() if "page" in entry}
    addresses = pages | {effect.address for effect in EFFECTS if effect.address}
    hosts = {urlsplit(address).netloc for address in addresses}
    assert len(hosts) > 50 and not {h for h in hosts if re.fullmatch(r"[\d.]+|.*:\d+|0-.*", h) or not h}


def test_what_a_review_holds_is_named_where_it_is_known() -> None:
    """The nine of de Sousa 2019 that are here are not pooled beside it."""
    review = EVIDENCE.study("desousa2019")
    assert review.contains_all and len(review.contains) == 9
    assert review.review_of == "cross-sectional studies" or review.timing == "review"


@pytest.mark.slow
def test_the_evidence_is_read_in_less_than_half_a_second() -> None:
    """Processor time of a process of its own, over that of the imports: one second is what a reader waits for."""
    code = (
        "import time; from gluteal.ledger.evidence.load import load_evidence; "
        "t = time.process_time(); load_evidence(); print(time.process_time() - t)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1.0

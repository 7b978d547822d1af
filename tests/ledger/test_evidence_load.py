"""Evidence files: what is built in holds together, users' files are read, and every fault is said in one sentence."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gluteal.errors import InputError, UnknownName
from gluteal.ledger.evidence import load, parsed
from gluteal.ledger.evidence.load import Evidence, EvidenceFile, load_evidence
from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.yaml_text import MOST_BYTES

CLAIM = """\
claims:
- id: glutes-own-claim
  topic: function
  statement: A statement of my own.
  articles: {trainer: asserts}
  test: emg
"""
STUDY = """\
studies:
- key: mine2024
  authors: Mine M
  year: 2024
  title: A study of my own
  journal: null
  doi: 10.1000/xyz
  design: randomised trial
  n: {total: 40}
  population: adults
  read: fulltext
  effects:
  - claims: [{claim: glutes-quiet-in-walking, sense: -1}]
    outcome: gluteus maximus EMG in walking
    contrast: mean of the group
    measure: mean
    units: "% MVIC"
    estimate: 12
    se: 1.5
    kind: printed
    locator: table 1
    address: "https://example.org/x"
"""


def _written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _fault(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        load_evidence(_written(folder, text))
    said = str(caught.value)
    assert "\n" not in said
    assert "mine.yaml" in said
    return said


# ---------------------------------------------------------------- what is built in


def test_built_in_evidence_holds_together() -> None:
    """Five articles, all claims and studies are there, and their cross references resolve (checked by the loader)."""
    evidence = load_evidence()
    assert len(evidence.claims) >= 85
    assert len(evidence.studies) >= 230
    assert len(evidence.citation_checks) >= 16
    assert [a.key for a in evidence.articles] == ["sceptic", "trainer", "gym-director", "osteopath", "therapists"]
    assert {a for c in evidence.claims for a in c.articles} == {a.key for a in evidence.articles}


def test_every_result_has_a_source_that_can_be_found_or_says_that_it_was_not_read() -> None:
    """A result has a DOI, PMID or PMCID, or the address it was read at; else it is marked as quoted elsewhere."""
    for study in load_evidence().studies:
        for effect in study.effects:
            assert study.link or effect.address or "secondary" in (study.read, effect.read), effect.id


def test_articles_go_by_key_and_title_only() -> None:
    """No file name of an article, and no other name for them, is in the data."""
    folder = files("gluteal").joinpath("ledger", "evidence")
    texts = [folder.joinpath(parsed.BUILT_IN).read_text(encoding="utf-8")]
    texts += [file.read_text(encoding="utf-8") for file in folder.joinpath(parsed.STUDIES).iterdir()]
    texts += [
        f.read_text(encoding="utf-8") for f in files("gluteal.sources.published").iterdir() if f.name.endswith("v")
    ]
    texts.append(files("gluteal.sources").joinpath("bibliography.toml").read_text(encoding="utf-8"))
    for text in texts:
        assert not re.search(r"\bseeds?\b|00\d_[0-9a-f]{16}", text)


def test_built_in_evidence_is_read_once() -> None:
    assert load_evidence() is load_evidence()


def test_lookups_name_what_is_close() -> None:
    """A claim, study or article that does not exist is refused with the close names."""
    evidence = load_evidence()
    assert evidence.claim("glutes-quiet-in-walking").id == "glutes-quiet-in-walking"
    assert evidence.study("pohl2015").link == "https://doi.org/10.4085/1062-6050-49.5.07"
    assert evidence.article("sceptic").author == "massage therapist"
    with pytest.raises(UnknownName, match="glutes-quiet-in-walking"):
        evidence.claim("glutes-quiet-in-walkin")
    with pytest.raises(UnknownName, match="pohl2015"):
        evidence.study("pohl2014")
    with pytest.raises(UnknownName):
        evidence.effects_on("nothing")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("pohl2015", "Pohl 2015"),
        ("vanderkrogt2012", "van der Krogt 2012"),
        ("farahpour2018", "Farahpour 2018"),
        ("massey2017", '"Does short-term gluteal activation enhance muscle ..."'),
        ("sit_vs_stand_cuny", '"EMG output and timing of gluteus ..."'),
    ],
)
def test_names_of_studies_are_for_people(key: str, name: str) -> None:
    """First author and year; the beginning of the title where the page read showed neither, never a name from a key."""
    assert load_evidence().study(key).name == name


def test_effects_on_a_claim_are_those_that_name_it() -> None:
    """Looking up by claim gives the same effects as going through all studies."""
    evidence = load_evidence()
    for claim in evidence.claims:
        through_all = [e.id for s in evidence.studies for e in s.effects if e.link(claim.id) is not None]
        assert [effect.id for _, effect, _ in evidence.effects_on(claim)] == through_all


def test_a_claim_that_was_taken_apart_says_where_it_went() -> None:
    """Its id stays, and names its parts."""
    parts = {part.id for part in load_evidence().parts_of("prone-extension-test-unreliable")}
    assert parts == {"prone-extension-test-uninformative"}
    assert load_evidence().parts_of("sij-pain-weaker-glutes") == ()


def test_evidence_is_frozen() -> None:
    """Neither the collection nor its records can be changed."""
    evidence = load_evidence()
    with pytest.raises(AttributeError):
        evidence.claims = ()  # type: ignore[misc]
    with pytest.raises(ValidationError):
        evidence.claims[0].statement = "other"  # type: ignore[misc]


# ---------------------------------------------------------------- users' files


def test_own_claims_and_studies_join_the_built_in_ones(tmp_path: Path) -> None:
    """A file with claims and a file with a study on a built-in and on an own claim."""
    study = STUDY.replace("glutes-quiet-in-walking", "glutes-own-claim")
    evidence = load_evidence(_written(tmp_path, study, "study.yaml"), _written(tmp_path, CLAIM))
    assert isinstance(evidence, Evidence)
    ((held, effect, link),) = evidence.effects_on("glutes-own-claim")
    assert (held.key, effect.id, effect.estimate, link.sense) == ("mine2024", "mine2024-1", 12.0, -1)
    assert "glutes-own-claim" not in {claim.id for claim in load_evidence().claims}


def test_a_file_of_one_study_needs_no_section(tmp_path: Path) -> None:
    """A file as the built-in ones are, one study to a file, is read as it stands."""
    lines = [line[2:] for line in STUDY.splitlines()[1:]]
    evidence = load_evidence(_written(tmp_path, "\n".join(lines), "mine2024.yaml"))
    assert evidence.study("mine2024").effects[0].locator == "table 1"


def test_yaml_traps_are_not_traps(tmp_path: Path) -> None:
    """`no` and `12:30` are text, 1e-3 is a number, and a byte order mark does not matter."""
    text = STUDY.replace("population: adults", "population: no").replace("locator: table 1", "locator: 12:30")
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("se: 1.5", "se: 1e-3").encode())
    (study,) = [s for s in load_evidence(path).studies if s.key == "mine2024"]
    assert study.population == "no"
    assert study.effects[0].locator == "12:30"
    assert study.effects[0].se == 0.001


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  test: emg", "  tset: emg", ["claim 'glutes-own-claim'", "tset: is no known key", "did you mean 'test'?"]),
        ("  test: emg\n", "", ["claim 'glutes-own-claim'", "test: is missing; add it."]),
        ("test: emg", "test: xray", [", test: ", "'xray'", "simulation, emg, literature, none"]),
        ("test: emg", "test: [emg]", [", test: ", "give one of"]),
        ("asserts", "assert", ["articles.trainer", "asserts, denies, doubts"]),
        ("trainer:", "coach:", [", articles: ", "no article 'coach'"]),
        ("statement: A statement of my own.", "statement: 12", [", statement: ", "give text in quotes"]),
        ("statement: A statement of my own.", "statement: ''", [", statement: ", "give text that is not empty"]),
        ("glutes-own-claim", "Glutes Own", [", id: ", "lower-case words joined by '-'"]),
        ("glutes-own-claim", "glutes-quiet-in-walking", ["exists already", "built-in claims.yaml"]),
        ("claims:", "claim:", ["claim: is no known key", "did you mean 'claims'?"]),
        ("  test: emg", "  test: emg\n  implied: [sceptic]", ["implied names 'sceptic'"]),
        ("  test: emg", "  test: emg\n  was: [glutes-quiet-in-walkin]", [", was: ", "glutes-quiet-in-walking"]),
        ("  test: emg", "  test: emg\n  kind: rumour", [", kind: ", "quantitative, causal"]),
        (
            "  test: emg",
            "  test: emg\n  kind: qualitative\n  estimand: {population: a, contrast: b, outcome: c, orientation: d, "
            "bands: [{measure: correlation, value: 0.1, source: cohen1988}]}",
            ["a qualitative claim has no estimand"],
        ),
        (
            "  test: emg",
            "  test: emg\n  estimand: {population: a, contrast: b, outcome: c, orientation: d, "
            "bands: [{measure: correlation, value: 0.1, source: somebody}]}",
            ["estimand.bands 1.source", "no source 'somebody'"],
        ),
        (
            "  test: emg",
            "  test: emg\n  estimand: {population: a, contrast: b, outcome: c, orientation: d, bands: []}",
            ["estimand.bands"],
        ),
    ],
)
def test_faults_of_a_claim(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    """Each fault is said with file, entry and field, and what would be right."""
    assert old in CLAIM
    said = _fault(tmp_path, CLAIM.replace(old, new, 1))
    for part in expected:
        assert part in said, said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    outcome: gluteus maximus EMG in walking\n", "", ["study 'mine2024'", "effects 1.outcome: is missing"]),
        ("    units:", "    unit:", ["effects 1.unit: is no known key", "did you mean 'units'?"]),
        ("    kind: printed\n", "", ["effects 1.kind: is missing"]),
        ("estimate: 12", "estimate: twelve", ["effects 1.estimate", "'twelve'", "give a number"]),
        ("estimate: 12", "estimate: '12'", ["give a number"]),
        ("estimate: 12", "estimate: true", ["give a number"]),
        ("estimate: 12", "estimate: .nan", ["which is no finite number; give a number"]),
        ("    estimate: 12\n", "", ["a result that is printed needs an estimate"]),
        ("kind: printed", "kind: computed", ["needs computed_from"]),
        ("se: 1.5", "se: -1", ["effects 1.se", "greater than 0"]),
        ("se: 1.5", "ci_low: 1", ["both ci_low and ci_high"]),
        ("se: 1.5", "ci_low: 13\n    ci_high: 14", ["effect mine2024-1.estimate", "lies outside its interval"]),
        ("se: 1.5", "p: 0,03", ["effects 1.p", "is no p value"]),
        ("measure: mean\n", "measure: average\n", ["measure", "mean difference"]),
        ("sense: -1", "sense: 2", ["effects 1.claims 1.sense", "-1, 0"]),
        ("  effects:\n", "  findings: []\n  effects:\n", ["findings: ", "results stand under 'effects'"]),
        ("    kind: printed\n", "    kind: printed\n    study: pohl2015\n", ["belongs to study 'pohl2015'"]),
        ("{total: 40}", "{total: forty}", ["n.total", "'forty'", "give a whole number"]),
        ("{total: 40}", "{total: 4.5}", ["n.total", "whole number"]),
        ("{total: 40}", "40", [", n: ", "give keys with values"]),
        ("year: 2024", "year: last", [", year: ", "give a whole number"]),
        ("10.1000/xyz", "https://doi.org/10.1000/xyz", [", doi: ", "give a bare DOI"]),
        ("10.1000/xyz", "doi:10.1000", [", doi: ", "give a bare DOI"]),
        ("https://example.org/x", "javascript:alert(1)", ["effects 1.address", "begins with http"]),
        ("read: fulltext", "read: skimmed", [", read: ", "fulltext, table, abstract, secondary, none"]),
        ("glutes-quiet-in-walking", "glutes-quiet-in-walkin", ["effect mine2024-1.claims", "glutes-quiet-in-walking"]),
        ("key: mine2024", "key: pohl2015", ["exists already"]),
        ("  effects:\n", "  cited_by: [nobody]\n  effects:\n", [", cited_by: ", "no article 'nobody'"]),
        ("  effects:\n", "  contains: [nothing]\n  effects:\n", [", contains: ", "no study 'nothing'"]),
        ("  effects:\n", "  simulate: {task: walking}\n  effects:\n", ["simulate", "readout: is missing"]),
        ("  effects:\n", "  allocation: by hand\n  effects:\n", [", allocation: ", "random, not random, none"]),
        (
            "  effects:\n",
            "  risk_of_bias: {tool: RoB 2, overall: high}\n  effects:\n",
            ["an overall judgement needs the domains it rests on"],
        ),
    ],
)
def test_faults_of_a_study(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    """The same for studies and their results, however deep."""
    assert old in STUDY
    said = _fault(tmp_path, STUDY.replace(old, new, 1))
    for part in expected:
        assert part in said, said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("claims: [", "not readable as YAML"),
        ("claims:\n- id: a\n  id: b\n", "the key 'id' is there twice"),
        ("claims: &a\n- *a\n", "not readable as YAML|aliases"),
        ("x: &a [1, 2]\nclaims: [*a, *a]\n", "aliases"),
        ("claims: !!python/object/apply:os.system [ls]\n", "not readable as YAML"),
        ("? [a, b]\n: c\n", "a key must be text"),
        ("", "it holds nothing"),
        ("- a\n- b\n", "must hold sections"),
        ("just words", "must hold sections"),
        ("claims: {a: b}", "must be a list of entries"),
        ("claims: [word]", "claim number 1: an entry must be a list of fields"),
        ("schema: 2\n", "schema"),
        ("citation_checks:\n- {article: sceptic, about: x, problem: y, study: none1}\n", "no study 'none1'"),
        ("citation_checks:\n- {article: who, about: x, problem: y, study: pohl2015}\n", "no article 'who'"),
    ],
)
def test_faults_of_a_file(tmp_path: Path, text: str, expected: str) -> None:
    """Files that are no evidence at all."""
    assert re.search(expected, _fault(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, a folder, not text, too long."""
    with pytest.raises(InputError, match="Cannot read"):
        load_evidence(tmp_path / "missing.yaml")
    with pytest.raises(InputError, match="Cannot read"):
        load_evidence(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load_evidence(binary)
    long = tmp_path / "long.yaml"
    with long.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="longer than 20 MB"):
        load_evidence(long)


def test_several_faults_are_counted(tmp_path: Path) -> None:
    """One sentence names the first; the number of others follows."""
    said = _fault(tmp_path, CLAIM.replace("test: emg", "test: x").replace("asserts", "y"))
    assert "1 more fault" in said


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [*Study.model_fields, "claims", "sense", "estimate", "measure"]


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(section=st.sampled_from(list(load.SECTIONS)), entry=st.dictionaries(st.sampled_from(FIELDS), NESTED))
@example(section="studies", entry={"key": "a", "effects": [{"estimate": float("inf")}]})
@example(section="studies", entry={"key": [1], "n": {"a": {}}})
def test_fuzzed_entries_are_refused_in_one_sentence(tmp_path: Path, section: str, entry: dict[str, object]) -> None:
    """Whatever an entry holds, it is read or refused by one clear sentence, never by another error."""
    path = _written(tmp_path, json.dumps({section: [entry]}))
    try:
        load_evidence(path)
    except InputError as error:
        assert "\n" not in str(error)
        assert "mine.yaml" in str(error)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(STUDY) - 1), junk=st.text(max_size=4))
def test_fuzzed_text_is_refused_in_one_sentence(tmp_path: Path, at: int, junk: str) -> None:
    """A good file with a few characters put in anywhere is read or refused by one sentence."""
    path = tmp_path / "mine.yaml"
    path.write_bytes((STUDY[:at] + junk + STUDY[at:]).encode("utf-8", "replace"))
    try:
        load_evidence(path)
    except InputError as error:
        assert "\n" not in str(error)


# ---------------------------------------------------------------- schema


def test_the_docs_hold_an_example_that_loads(tmp_path: Path) -> None:
    """The page's YAML is read, and its numbers are the present ones."""
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "evidence.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    built_in = load_evidence()
    effects = sum(len(s.effects) for s in built_in.studies)
    assert f"{len(built_in.claims)}\nclaims" in page or f"{len(built_in.claims)} claims" in page
    assert f"{len(built_in.studies)} studies with {effects} results" in page
    evidence = load_evidence(_written(tmp_path, block))
    assert [s.key for s, _, _ in evidence.effects_on("stairs-need-glutes")] == ["doe2024"]


def test_json_schema_is_that_of_the_file() -> None:
    """The schema is plain JSON, names the sections and forbids what it does not know."""
    schema = json.loads(json.dumps(EvidenceFile.model_json_schema()))
    assert set(schema["properties"]) == {"schema", "compiled", *load.SECTIONS}
    assert schema["additionalProperties"] is False
    assert {"outcome", "measure", "kind"} <= set(schema["$defs"]["Effect"]["required"])
    assert EvidenceFile.model_validate({"schema": 1}).claims == ()

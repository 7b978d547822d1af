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
from gluteal.ledger.evidence import load
from gluteal.ledger.evidence.load import Evidence, EvidenceFile, load_evidence
from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.yaml_text import MOST_BYTES
from gluteal.sources.bibliography import load_bibliography
from gluteal.sources.published import PUBLISHED, load_published

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
  findings:
  - bears_on: {glutes-quiet-in-walking: supports}
    outcome: gluteus maximus EMG
    units: percent MVIC
    numbers: {mean: 12}
    where: {url: "https://example.org/x", section: table 1}
    effects:
    - outcome: gluteus maximus EMG in walking
      contrast: mean of the group
      measure: mean
      units: percent MVIC
      value: 12
      se: 1.5
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
    assert len(evidence.claims) == 61
    assert len(evidence.studies) >= 135
    assert sum(len(s.findings) for s in evidence.studies) >= 182
    assert len(evidence.citation_checks) == 16
    assert [a.key for a in evidence.articles] == ["sceptic", "trainer", "gym-director", "osteopath", "therapists"]
    assert {a for c in evidence.claims for a in c.articles} == {a.key for a in evidence.articles}


def test_every_finding_has_a_source_that_can_be_found_or_says_that_it_was_not_read() -> None:
    """A number shown has a DOI, PMID or PMCID, or the address it was read at; without any it is marked secondary."""
    for study in load_evidence().studies:
        for finding in study.findings:
            assert study.link or finding.where.url or study.read == "secondary", study.key


def test_articles_go_by_key_and_title_only() -> None:
    """No file name of an article, and no other name for them, is in the data."""
    folder = files("gluteal").joinpath("ledger", "evidence")
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in load.BUILT_IN]
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
        evidence.findings_on("nothing")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("pohl2015", "Pohl 2015"),
        ("vanderkrogt2012", "van der Krogt 2012"),
        ("farahpour2018", "Farahpour 2018"),
        ("massey2017", "Massey 2017"),
        ("sit_vs_stand_cuny", '"EMG output and timing of gluteus ..."'),
    ],
)
def test_names_of_studies_are_for_people(key: str, name: str) -> None:
    """First author and year; the beginning of the title where the page read showed neither."""
    assert load_evidence().study(key).name == name


def test_findings_on_a_claim_are_those_that_name_it() -> None:
    """Looking up by claim gives the same findings as going through all studies."""
    evidence = load_evidence()
    for claim in evidence.claims:
        through_all = [(s.key, f) for s in evidence.studies for f in s.findings if claim.id in f.bears_on]
        assert [(s.key, f) for s, f in evidence.findings_on(claim)] == through_all


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
    study = STUDY.replace("{glutes-quiet-in-walking: supports}", "{glutes-own-claim: contradicts}")
    evidence = load_evidence(_written(tmp_path, study, "study.yaml"), _written(tmp_path, CLAIM))
    assert isinstance(evidence, Evidence)
    (pair,) = evidence.findings_on("glutes-own-claim")
    assert pair[0].key == "mine2024"
    assert pair[1].effects[0].value == 12.0
    assert len(load_evidence().claims) == 61


def test_yaml_traps_are_not_traps(tmp_path: Path) -> None:
    """`no` and `12:30` are text, 1e-3 is a number, and a byte order mark does not matter."""
    text = STUDY.replace("population: adults", "population: no").replace("section: table 1", "section: 12:30")
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("se: 1.5", "se: 1e-3").encode())
    (study,) = [s for s in load_evidence(path).studies if s.key == "mine2024"]
    assert study.population == "no"
    assert study.findings[0].where.section == "12:30"
    assert study.findings[0].effects[0].se == 0.001


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
        ("    units: percent MVIC\n", "", ["study 'mine2024'", "findings 1.units: is missing"]),
        (
            "    units: percent MVIC\n",
            "    unit: percent MVIC\n",
            ["findings 1.unit: is no known key", "did you mean 'units'?"],
        ),
        ("      units: percent MVIC\n", "", ["findings 1.effects 1.units: is missing"]),
        ("value: 12", "value: twelve", ["findings 1.effects 1.value", "'twelve'", "give a number"]),
        ("value: 12", "value: '12'", ["give a number"]),
        ("value: 12", "value: true", ["give a number"]),
        ("value: 12", "value: .nan", ["which is no finite number; give a number"]),
        ("se: 1.5", "se: -1", ["effects 1.se", "greater than 0"]),
        ("se: 1.5", "ci_low: 1", ["both ci_low and ci_high"]),
        ("se: 1.5", "ci_low: 13\n      ci_high: 14", ["lies outside its interval"]),
        ("measure: mean\n", "measure: average\n", ["measure", "mean difference"]),
        ("measure: mean\n", "measure: correlation\n", ["between -1 and 1"]),
        ("{total: 40}", "{total: forty}", ["n.total", "'forty'", "give a whole number"]),
        ("{total: 40}", "{total: 4.5}", ["n.total", "whole number"]),
        ("{total: 40}", "40", [", n: ", "give keys with values"]),
        ("year: 2024", "year: last", [", year: ", "give a whole number"]),
        ("10.1000/xyz", "https://doi.org/10.1000/xyz", [", doi: ", "give a bare DOI"]),
        ("10.1000/xyz", "doi:10.1000", [", doi: ", "give a bare DOI"]),
        ("https://example.org/x", "javascript:alert(1)", ["where.url", "begins with http"]),
        ("read: fulltext", "read: skimmed", [", read: ", "fulltext, abstract, secondary, none"]),
        ("glutes-quiet-in-walking", "glutes-quiet-in-walkin", ["findings 1.bears_on", "glutes-quiet-in-walking"]),
        (": supports}", ": proves}", ["bears_on.glutes-quiet-in-walking", "supports, contradicts, neutral"]),
        ("key: mine2024", "key: pohl2015", ["exists already"]),
        ("  findings:\n", "  cited_by: [nobody]\n  findings:\n", [", cited_by: ", "no article 'nobody'"]),
        ("  findings:\n", "  contains: [nothing]\n  findings:\n", [", contains: ", "no study 'nothing'"]),
        ("    numbers: {mean: 12}", "    numbers: [12]", ["findings 1.numbers", "give keys with values"]),
        ("  findings:\n", "  simulate: {task: walking}\n  findings:\n", ["simulate", "readout: is missing"]),
        ("    outcome: gluteus", "    indirect: {x: y}\n    outcome: gluteus", ["indirect names 'x'"]),
    ],
)
def test_faults_of_a_study(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    """The same for studies, findings and effects, however deep."""
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
FIELDS = [*Study.model_fields, "section", "bears_on", "effects", "value"]


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(section=st.sampled_from(list(load.SECTIONS)), entry=st.dictionaries(st.sampled_from(FIELDS), NESTED))
@example(section="studies", entry={"findings": [{"effects": [{"value": float("inf")}]}]})
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


# ---------------------------------------------------------------- schema and tables


def test_the_docs_hold_an_example_that_loads(tmp_path: Path) -> None:
    """The page's YAML is read, and its numbers are the present ones."""
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "evidence.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    built_in = load_evidence()
    findings = sum(len(s.findings) for s in built_in.studies)
    assert f"{len(built_in.studies)} studies with {findings} findings" in page
    evidence = load_evidence(_written(tmp_path, block))
    assert [s.key for s, _ in evidence.findings_on("stairs-need-glutes")] == ["doe2024"]


def test_json_schema_is_that_of_the_file() -> None:
    """The schema is plain JSON, names the sections and forbids what it does not know."""
    schema = json.loads(json.dumps(EvidenceFile.model_json_schema()))
    assert set(schema["properties"]) == {"schema", "compiled", *load.SECTIONS}
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["StudyFinding"]["required"] == ["bears_on", "outcome", "units", "numbers", "where"]
    assert EvidenceFile.model_validate({"schema": 1}).claims == ()


@pytest.mark.parametrize("name", PUBLISHED)
def test_tables_have_a_source_on_every_row(name: str) -> None:
    """Each row of a table of figures names a source of the bibliography."""
    table = load_published(name)
    assert table["source"].notna().all()
    assert set(table["source"]) <= set(load_bibliography())


def test_replayable_experiments_name_claims_that_exist() -> None:
    """The list of experiments that can be repeated points to claims and to studies that say how."""
    evidence = load_evidence()
    for _, row in load_published("replayable_experiments").iterrows():
        assert evidence.study(row["source"]).simulate is not None
        for claim in row["claims"].split(";"):
            evidence.claim(claim)


def test_unknown_table() -> None:
    """A table that does not exist is refused with the close names."""
    with pytest.raises(UnknownName, match="exercise_emg"):
        load_published("exercise_eng")

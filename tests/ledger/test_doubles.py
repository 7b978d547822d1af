"""No study stands in the evidence twice: by identifier, title, people or results; each kind is planted and caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluteal.errors import InputError
from gluteal.ledger.evidence.doubles import KnownStudies, find_doubles
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.evidence.records import Study

EVIDENCE = load_evidence()


def test_no_study_is_there_twice() -> None:
    """Also where a year or a number of people is not known: what looks alike and is not says how one knows."""
    for lenient in (True, False):
        assert list(find_doubles(EVIDENCE.studies, EVIDENCE.studies, lenient=lenient)) == []


def test_what_is_said_to_be_distinct_would_else_be_found() -> None:
    """No remark is left over: without it the pair is found."""
    said = [s for s in EVIDENCE.studies if s.distinct_from]
    bare = {s.key: s.model_copy(update={"distinct_from": {}}) for s in EVIDENCE.studies}
    found = {(d.study, d.other) for d in find_doubles(bare.values(), bare.values(), lenient=False)}
    pairs = {tuple(sorted((s.key, other))) for s in said for other in s.distinct_from}
    assert {tuple(sorted(pair)) for pair in found} == pairs


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": "Other words", "authors": "Nobody N", "year": 1999}, "the same DOI"),
        ({"doi": None, "pmcid": None, "title": "Other words", "authors": "Nobody N"}, "the same PMID"),
        ({"authors": "Nobody N", "year": 1999}, "nearly the same title"),
        ({"title": "Other words"}, "first author Pohl"),
        ({"title": "Other words", "year": None}, "first author Pohl"),
        ({"title": "Other words", "n": {"total": None}}, "first author Pohl"),
        ({"title": "Other words", "n": {"total": 9}}, None),
        ({"title": "Other words", "year": 2016}, None),
        ({"title": "Other words", "distinct_from": {"pohl2015": "other people"}}, None),
    ],
)
def test_a_planted_double_is_found(change: dict[str, object], why: str | None) -> None:
    """A copy of Pohl 2015 under another key, with one thing or another changed."""
    original = EVIDENCE.study("pohl2015")
    nameless = {} if why and why.startswith("the same") else {"doi": None, "pmid": None, "pmcid": None}
    copy = original.model_copy(update={"key": "copy", **nameless, **change})
    found = [d for d in find_doubles([copy], EVIDENCE.studies, lenient=False) if d.other == "pohl2015"]
    assert [d.why.startswith(why) for d in found] == [True] if why else not found
    # Only an identifier leaves no doubt.
    assert [d.certain for d in found] == ([why.startswith("the same ")] if why else [])


def test_the_same_results_under_other_names_are_found() -> None:
    """A second report of the same 15 and 15 adolescents, in another journal, under another title and author."""
    original = EVIDENCE.study("iliopsoas_gait_ijmrhs")
    changed = {"key": "other", "title": "Other words", "authors": "Nobody N", "year": 2016, "doi": None}
    found = list(find_doubles([original.model_copy(update=changed)], EVIDENCE.studies))
    assert [(d.other, d.why) for d in found] == [(original.key, "3 results or more with the same numbers and groups")]


_MINE = """\
key: mine2015
authors: Mine M
year: 2020
title: {title}
journal: null
doi: {doi}
design: experiment
n: {{healthy: 8}}
population: adults
read: fulltext
"""


def test_a_users_study_that_is_there_is_refused(tmp_path: Path) -> None:
    """One sentence: which it looks like and where that stands, why, and the way out where there is one."""
    path = tmp_path / "mine.yaml"
    path.write_text(_MINE.format(title="Words of my own", doi="10.4085/1062-6050-49.5.07"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_evidence(path)
    assert str(caught.value) == (
        f"{path}, study 'mine2015', key: looks like 'pohl2015' (built-in studies/pohl2015.yaml): "
        "the same DOI 10.4085/1062-6050-49.5.07. The same people would count twice: leave one out."
    )
    title = f'"{EVIDENCE.study("pohl2015").title}."'
    path.write_text(_MINE.format(title=title, doi="null"), encoding="utf-8")
    with pytest.raises(InputError, match=r"say how you know under distinct_from: \{pohl2015: \.\.\.\}\.$"):
        load_evidence(path)
    said = _MINE.format(title=title, doi="null") + "distinct_from: {pohl2015: a second sample}\n"
    path.write_text(said, encoding="utf-8")
    assert load_evidence(path).study("mine2015").distinct_from == {"pohl2015": "a second sample"}
    path.write_text(said.replace("pohl2015:", "pohl2051:"), encoding="utf-8")
    with pytest.raises(InputError, match="there is no study 'pohl2051'"):
        load_evidence(path)


def test_a_double_in_a_table_of_effects_is_refused(tmp_path: Path) -> None:
    """A row that repeats a study under a name of its own, by author, year and sizes of the groups."""
    path = tmp_path / "effects.csv"
    head = "study,author,year,yi,vi,measure,claim,sense,outcome,contrast,n1i,n2i"
    row = "{},{},2010,0.9,0.2,SMD,lbp-hip-abductors-weaker,1,strength,healthy minus low back pain,{},10"
    path.write_text("\n".join([head, row.format("Kendall 2010 table 2", "Kendall KD", 10)]), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"looks like 'kendall2010' .*: first author Kendall, year and number of people"
    ):
        load_evidence(path)
    path.write_text("\n".join([head, row.format("Newone 2010", "Newone A", 10)]), encoding="utf-8")
    assert load_evidence(path)
    path.write_text("\n".join([head, row.format("Kendall 2010 table 2", "Kendall KD", 12)]), encoding="utf-8")
    assert load_evidence(path)


def test_a_reference_is_known_by_its_title() -> None:
    """Whatever its punctuation and case; a title of a word or two names nothing."""
    pohl = EVIDENCE.study("pohl2015")

    def reference(title: str) -> Study:
        return pohl.model_copy(update={"doi": None, "pmid": None, "pmcid": None, "title": title})

    assert EVIDENCE.known.key_of(reference(pohl.title.upper() + "!")) == "pohl2015"
    assert EVIDENCE.known.key_of(reference("Of other words entirely, walking")) is None
    assert KnownStudies([reference("Editorial")]).key_of(reference("Editorial")) is None

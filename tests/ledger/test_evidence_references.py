"""References from RIS, BibTeX and CSL-JSON become studies without findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.errors import InputError
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.evidence.references import load_references

RIS = """\
TY  - JOUR
AU  - Doe, Jane Beth
AU  - van der Berg, Max
TI  - A made-up title
JO  - J Made Up
VL  - 5
IS  - 2
SP  - 10
EP  - 19
PY  - 2011/03/01
DO  - https://doi.org/10.1000/abc.1
ER  -
"""
BIBTEX = r"""
@article{Doe2011,
  author = {Doe, Jane Beth and van der Berg, Max},
  title = {A {Made-up} title},
  journal = {J Made Up}, volume = 5, number = 2, pages = {10--19}, year = 2011, doi = {10.1000/abc.1}
}
"""
CSL = [
    {
        "id": "http://zotero.org/users/1/items/AB",
        "title": "A made-up title",
        "author": [
            {"family": "Doe", "given": "Jane Beth"},
            {"family": "Berg", "given": "Max", "non-dropping-particle": "van der"},
        ],
        "issued": {"date-parts": [["2011", 3, 1]]},
        "container-title": "J Made Up",
        "volume": "5",
        "issue": "2",
        "page": "10-19",
        "DOI": "10.1000/abc.1",
        "PMID": "123",
    }
]


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "text"), [("a.ris", RIS), ("a.bib", BIBTEX), ("a.json", json.dumps(CSL))])
def test_the_three_forms_give_the_same_study(tmp_path: Path, name: str, text: str) -> None:
    """One made-up reference, written in each form."""
    (study,) = load_references(_written(tmp_path, name, text))
    assert study.key == "doe2011"
    assert study.authors == "Doe JB, van der Berg M"
    assert study.name == "Doe 2011"
    assert study.title.lower() == "a made-up title"
    assert (study.year, study.journal, study.doi) == (2011, "J Made Up 5(2):10-19", "10.1000/abc.1")
    assert (study.read, study.effects) == ("none", ())
    assert load_evidence(tmp_path / name).study("doe2011") == study


def test_accents_and_missing_details(tmp_path: Path) -> None:
    """LaTeX accents are read, what is missing is None, and equal keys are numbered."""
    text = r"""@misc{a, author={M{\"u}ller, Hans}, title={Caf{\'e}}} @misc{b, title={No author}}"""
    first, second = load_references(_written(tmp_path, "a.bib", text))
    assert (first.authors, first.title, first.year, first.doi) == ("Müller H", "Café", None, None)
    assert second.authors is None
    twice = json.dumps([{"title": "x", "id": "k"}, {"title": "y", "id": "K"}])
    assert [s.key for s in load_references(_written(tmp_path, "b.json", twice))] == ["k", "k-2"]


def test_a_study_that_is_known_is_not_there_twice(tmp_path: Path) -> None:
    """Known by its DOI, whatever its key; a key that is taken by another study is numbered."""
    known = load_evidence()
    same = [{"id": "other-key", "title": "t", "DOI": "10.4085/1062-6050-49.5.07"}]
    assert len(load_evidence(_written(tmp_path, "a.json", json.dumps(same))).studies) == len(known.studies)
    other = [{"id": "pohl2015", "title": "t", "DOI": "10.1000/other"}]
    assert load_evidence(_written(tmp_path, "b.json", json.dumps(other))).study("pohl2015-2").title == "t"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.ris", RIS.replace("TI  - A made-up title\n", ""), "reference number 1: the reference has no title"),
        ("a.ris", "nothing", "no reference in the file|not readable as RIS"),
        ("a.bib", "@article{x, title = {", "not readable as BibTeX"),
        ("a.bib", "@misc{x, title={a}} @misc{x, title={b}}", "give each reference a key of its own"),
        ("a.bib", "", "no reference in the file"),
        ("a.json", "{", "not readable as JSON"),
        ("a.json", "[1]", "CSL-JSON is a list of references"),
        ("a.json", '[{"title": "x", "author": "Doe"}]', "reference number 1: 'author' or 'issued'"),
        ("a.json", "[]", "no reference in the file"),
        ("a.txt", "", "references are read from .ris, .nbib, .bib, .json"),
    ],
)
def test_faults_are_said_in_one_sentence(tmp_path: Path, name: str, text: str, expected: str) -> None:
    """File, number of the reference and what is wrong."""
    with pytest.raises(InputError, match=expected) as caught:
        load_references(_written(tmp_path, name, text))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from([("a.ris", RIS), ("a.bib", BIBTEX), ("a.json", json.dumps(CSL))]),
    at=st.floats(0, 1),
    cut=st.integers(0, 5),
    junk=st.text(max_size=4),
)
def test_fuzzed_references_are_read_or_refused(
    tmp_path: Path, form: tuple[str, str], at: float, cut: int, junk: str
) -> None:
    """A good file with something cut out and put in anywhere is read or refused by one sentence."""
    name, text = form
    place = int(at * len(text))
    path = tmp_path / name
    path.write_bytes((text[:place] + junk + text[place + cut :]).encode("utf-8", "replace"))
    try:
        load_references(path)
    except InputError as error:
        assert "\n" not in str(error)


def test_texts_that_double_without_end_are_refused(tmp_path: Path) -> None:
    """Thirty lines of ``@string`` make a gigabyte where nobody counts."""
    path = tmp_path / "a.bib"
    lines = ['@string{a0 = "0123456789"}', *(f"@string{{a{i + 1} = a{i} # a{i}}}" for i in range(40))]
    path.write_text("\n".join([*lines, "@article{x, title = a40, year = 2000}"]), encoding="utf-8")
    with pytest.raises(InputError, match="@string texts, put in where they are named, make more than 10 million"):
        load_references(path)


def test_a_text_for_a_journal_is_put_in(tmp_path: Path) -> None:
    path = tmp_path / "a.bib"
    path.write_text('@string{jb = "J Biomech"}\n@article{x, title = {T}, journal = jb # " A", year = 2000}')
    assert load_references(path)[0].journal == "J Biomech A"

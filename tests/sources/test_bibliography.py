"""The bibliography: one entry a source, keys that resolve, prose refused."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest

from gluteal.errors import InputError, UnknownName
from gluteal.ledger.evidence.load import load_evidence
from gluteal.sources import bibliography, listing, parameter, published, schema, tables
from gluteal.sources.bibliography import (
    READ_DEPTH_WORDS,
    READ_DEPTHS,
    BibliographyEntry,
    cite,
    find_reference,
    load_bibliography,
    split_keys,
)


def test_every_study_of_the_ledger_is_one_entry() -> None:
    """A study of the ledger and its entry say the same, because the study takes it from there."""
    for study in load_evidence().studies:
        entry = find_reference(study.key)
        assert (entry.called, entry.authors, entry.year, entry.container) == (
            study.title,
            study.authors,
            study.year,
            study.journal,
        )
        read = "table" if entry.read == "part" else entry.read
        assert (entry.name, entry.link, read) == (study.name, study.link, study.read)


def test_no_source_stands_there_twice() -> None:
    """Two keys with one DOI, PMID or PMCID would split what depends on a source."""
    for name in ("doi", "pmid", "pmcid"):
        given = [value for entry in load_bibliography().values() if (value := getattr(entry, name))]
        assert len(given) == len(set(given)), name


def test_every_depth_has_words() -> None:
    assert set(READ_DEPTH_WORDS) == set(READ_DEPTHS)


@pytest.mark.parametrize(
    ("key", "name", "citation"),
    [
        ("lewis2009", "Lewis 2009", "Lewis & Sahrmann 2009, J Athl Train 44(3):238-248"),
        ("suehiro2015", "Suehiro 2015", "Suehiro et al. 2015, J Phys Ther Sci 27(1):289-292"),
        ("vanderkrogt2012", "van der Krogt 2012", "van der Krogt et al. 2012, Gait Posture 36(1):113-119"),
        ("rajagopal2016", "Rajagopal 2016", "Rajagopal et al. 2016"),
        ("terminologiaanatomica", '"Terminologia Anatomica"', "Terminologia Anatomica"),
        ("gluteal", "own choice", "own choice"),
    ],
)
def test_sources_in_words(key: str, name: str, citation: str) -> None:
    entry = find_reference(key)
    assert (entry.name, entry.citation) == (name, citation)


@pytest.mark.parametrize(
    "prose",
    [
        "Moore 2014 (Clinically Oriented Anatomy, 7th ed.), ch. 5 Lower Limb",
        "FBLSmodel (Raabe 2016 doi 10.1016/j.jbiomech.2016.02.046)",
        "raabe2016, christophy2012",
        "PMC8554160",
        "",
        "raabe2016;",
    ],
)
def test_prose_is_refused_as_a_source(prose: str) -> None:
    with pytest.raises(InputError, match="is not one or more keys of the bibliography joined by ';'; write keys such"):
        split_keys(prose)


def test_an_unknown_key_names_the_close_ones() -> None:
    with pytest.raises(UnknownName, match=r"There is no source 'raabe2015'\. Close names: .*raabe2016"):
        cite("christophy2012;raabe2015")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "Pohl 2015"}, "a key is lower-case words"),
        ({"title": None}, "write the 'title' as printed"),
        ({"read": "twice"}, "'read' is 'twice'; write one of fulltext, part"),
        ({"doi": "https://doi.org/10.1/x"}, "is no doi; write it bare"),
        ({"pmcid": "8554160"}, "is no pmcid"),
    ],
)
def test_an_entry_says_what_is_wrong_with_it(changed: dict[str, str], said: str) -> None:
    good = BibliographyEntry(key="pohl2015", title="Walking with a nerve block", read="abstract")
    with pytest.raises(InputError, match=said):
        replace(good, **changed)  # type: ignore[arg-type]


MODULES = (bibliography, listing, parameter, published, schema, tables)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_in_docstrings(module: object) -> None:
    failed, tried = doctest.testmod(
        module,  # type: ignore[arg-type]
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert tried and not failed

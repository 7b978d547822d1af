"""Doubles: two entries that look like one study, whose people would count twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import final

from gluteal.ledger.evidence.records import Study, count_people

#: Share of the words of two titles (of all in either) that must be the same: own choice. Of the ledger's studies the
#: two most alike that are two studies share 0.7; a title with an error of typing or in another order, 0.8 and more.
ALIKE_TITLES = 0.8
#: Least words of a title, and least results with the same numbers, that say anything: own choice.
LEAST_WORDS, LEAST_RESULTS = 4, 3
_SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to", "with"])


@dataclass(frozen=True)
class Double:
    """Two studies that may be one: their keys, and what is the same in a clause.

    `certain` where an identifier is the same, so that they cannot be two.
    """

    study: str
    other: str
    why: str
    certain: bool = False


def find_doubles(studies: Iterable[Study], others: Iterable[Study], *, lenient: bool = True) -> Iterator[Double]:
    """Find the studies that look like one of the others (or of themselves, each pair once).

    The same are two with one DOI, PMID or PMC number; with nearly the same words in their titles; with first author,
    year and number of people alike; with three results or more whose numbers, p value and groups are alike. Two that
    are not, though they look so, say it (`Study.distinct_from`), save where an identifier is the same.

    Parameters
    ----------
    studies, others : iterable of Study
    lenient : bool, optional
        Whether a year or a number of people that is not known is no likeness. Without, it is like any: what a person
        who keeps the evidence wants to look at.
    """
    marked = [_Marks.of(study) for study in others]
    for study in studies:
        mine = _Marks.of(study)
        for other in marked:
            if other.study is study:
                break
            why, certain = mine.alike(other, lenient=lenient)
            if why:
                yield Double(study.key, other.study.key, why, certain)


@final
class KnownStudies:
    """Studies by what a reference says of them: identifiers, and the words of the title."""

    def __init__(self, studies: Iterable[Study] = ()) -> None:
        self._keys: dict[object, str] = {}
        for study in studies:
            self.add(study)

    def add(self, study: Study) -> None:
        """Take in one more."""
        for mark in _reference_marks(study):
            self._keys.setdefault(mark, study.key)

    def key_of(self, study: Study) -> str | None:
        """Return the key of the study that a reference is to: by an identifier, else by the same title; else None."""
        return next((self._keys[mark] for mark in _reference_marks(study) if mark in self._keys), None)


def _reference_marks(study: Study) -> list[object]:
    """Identifiers, then the title where it has words enough to be one study's alone."""
    title = _title_words(study)
    return [*sorted(_identifiers(study)), *([title] if len(title) >= LEAST_WORDS else [])]


def _identifiers(study: Study) -> frozenset[tuple[str, str]]:
    named = {"DOI": study.doi, "PMID": study.pmid, "PMC number": study.pmcid}
    return frozenset((kind, str(value).casefold()) for kind, value in named.items() if value)


def _title_words(study: Study) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", study.title.casefold())) - _SMALL


@dataclass(frozen=True)
class _Marks:
    """What a study is known by."""

    study: Study
    identifiers: frozenset[tuple[str, str]]
    title: frozenset[str]
    author: str
    people: int | None
    results: Counter[tuple[object, ...]]

    @classmethod
    def of(cls, study: Study) -> _Marks:
        numbers = [
            (e.estimate, e.p, e.n_1, e.n_2) for e in study.effects if e.estimate is not None and e.p and e.n_1 and e.n_2
        ]
        return cls(
            study,
            _identifiers(study),
            _title_words(study),
            re.split(r"[ ,(]", (study.authors or "").strip().casefold())[0],
            _people(study),
            Counter(numbers),
        )

    def alike(self, other: _Marks, *, lenient: bool) -> tuple[str, bool]:
        """Return what is the same, or nothing; and whether it leaves no doubt."""
        for kind, value in sorted(self.identifiers & other.identifiers):
            return f"the same {kind} {value}", True
        if other.study.key in self.study.distinct_from or self.study.key in other.study.distinct_from:
            return "", False
        # A preprint and its paper have the same title and two DOIs.
        shared, either = self.title & other.title, self.title | other.title
        if len(shared) >= max(LEAST_WORDS, ALIKE_TITLES * len(either)):
            return "nearly the same title", False
        same = (
            _alike(self.study.year, other.study.year, lenient),
            _alike(self.people, other.people, lenient),
        )
        if self.author and self.author == other.author and all(same):
            return f"first author {self.author.capitalize()}, year and number of people alike", False
        if (self.results & other.results).total() >= LEAST_RESULTS:
            return f"{LEAST_RESULTS} results or more with the same numbers and groups", False
        return "", False


def _people(study: Study) -> int | None:
    """Return how many people a study is about, else the most that one of its results tells (as a table of effects)."""
    told = [e.n_total or (e.n_1 or 0) + (e.n_2 or 0) for e in study.effects]
    return count_people(study) or max(told, default=0) or None


def _alike(value: int | None, other: int | None, lenient: bool) -> bool:
    return not lenient if value is None or other is None else value == other

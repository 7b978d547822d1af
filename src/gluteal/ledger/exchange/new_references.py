"""Which claims a new study touches, and whether it could change their verdicts: from its title and abstract alone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gluteal.ledger.evidence.effect_sizes import Scaled
from gluteal.ledger.evidence.effects import ClaimLink, Effect
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.points import Axis, ClaimPoint, collect_points
from gluteal.ledger.evidence.records import Claim, Study
from gluteal.ledger.evidence.references import load_with_abstracts
from gluteal.ledger.evidence.summary import summarise_points
from gluteal.ledger.evidence.synthesis import Synthesis
from gluteal.ledger.evidence.verdict import judge_people

#: Least likeness of a text and a claim (cosine of their words, weighted by how rare they are), as it is and as a share
#: of the best, and the most claims told of one study: own choice. With these, titles alone lead three of four studies
#: of the ledger to a claim that they bear on; a test counts it, each study's own words left out.
LEAST_MATCH, LEAST_OF_BEST, MOST_CLAIMS = 0.03, 0.3, 8
#: People taken where a new study's number is not found in its abstract: the median of the ledger's studies is near it.
USUAL_PEOPLE = 40
_STOP = frozenset(
    re.findall(
        "[a-z]+",
        "a an and are as at be by for from has have in is it its more no not of on or than that the their to was were "
        "what which with without between after before people study studies effect effects patients",
    )
)
_SAME = {
    "lbp": "low back pain",
    "gmed": "gluteus medius",
    "gmax": "gluteus maximus",
    "glutes": "gluteal",
    "glute": "gluteal",
    "emg": "electromyography activity",
    "abductors": "abduction",
    "abductor": "abduction",
    "extensors": "extension",
    "extensor": "extension",
    "backs": "back",
    "weaker": "weak strength",
    "weakness": "weak strength",
    "strengthening": "strength exercise",
}


@dataclass(frozen=True)
class TouchedClaim:
    """A claim that a new study may bear on.

    Attributes
    ----------
    claim : str
    match : float
        How like the study's title and abstract the claim and its studies are (cosine), 0-1.
    verdict : str
        As it stands.
    could_become : tuple of str
        Other verdicts that a result of this many people could bring about.
    """

    claim: str
    match: float
    verdict: str
    could_become: tuple[str, ...]


@dataclass(frozen=True)
class NewReference:
    """A reference, whether the ledger has it already, and the claims it touches."""

    study: Study
    known: str | None
    people: int
    touched: tuple[TouchedClaim, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the reference as plain data."""
        return {
            "title": self.study.title,
            "name": self.study.name,
            "link": self.study.link,
            "known": self.known,
            "people": self.people,
            "claims": [
                {
                    "id": t.claim,
                    "match": t.match,
                    "verdict": t.verdict,
                    "could_change": bool(t.could_become),
                    "could_become": list(t.could_become),
                }
                for t in self.touched
            ],
        }


def weigh_new(evidence: Evidence, path: str | Path) -> tuple[NewReference, ...]:
    """Read references (.ris, .nbib, .bib, .json) and say which claims each touches.

    Raises
    ------
    InputError
        Where the file cannot be read; one sentence.
    """
    words = ClaimWords.of(evidence)
    return tuple(weigh_reference(evidence, words, study, abstract) for study, abstract in load_with_abstracts(path))


def weigh_reference(evidence: Evidence, words: ClaimWords, study: Study, abstract: str = "") -> NewReference:
    """Say which claims a reference touches, by the words of its title and abstract, and what it could change."""
    people = _people(abstract) or USUAL_PEOPLE
    touched = tuple(
        TouchedClaim(claim.id, match, *_could_change(evidence, claim, study, people))
        for claim, match in words.match(f"{study.title} {abstract}")
    )
    return NewReference(study, evidence.known.key_of(study), people, touched)


@dataclass(frozen=True)
class ClaimWords:
    """The words of all claims and how rare each is among them: ln(claims / claims with it)."""

    claims: tuple[tuple[Claim, frozenset[str]], ...]
    rarity: Mapping[str, float]

    @classmethod
    def of(cls, evidence: Evidence) -> ClaimWords:
        """Read the claims of some evidence, and what was measured for them."""
        own = {claim.id: set(_claim_words(claim)) for claim in evidence.claims}
        for study in evidence.studies:
            for effect in study.effects:
                said = set(_words(f"{study.title} {effect.outcome} {effect.muscle} {effect.condition}"))
                for link in effect.claims:
                    if link.sense and link.claim in own:
                        own[link.claim] |= said
        claims = tuple((claim, frozenset(own[claim.id])) for claim in evidence.claims)
        count = Counter(word for _, words in claims for word in words)
        return cls(claims, {word: math.log((1 + len(claims)) / n) for word, n in count.items()})

    def match(self, text: str) -> list[tuple[Claim, float]]:
        """Return the claims that a text is like, the likest first, each with its cosine (0-1)."""
        held = frozenset(_words(text)) & self.rarity.keys()
        scored = [(claim, self._cosine(own, held)) for claim, own in self.claims]
        scored.sort(key=lambda pair: -pair[1])
        least = max(LEAST_MATCH, LEAST_OF_BEST * scored[0][1]) if scored else LEAST_MATCH
        return [(claim, match) for claim, match in scored[:MOST_CLAIMS] if match >= least]

    def _cosine(self, own: frozenset[str], held: frozenset[str]) -> float:
        def length(words: Iterable[str]) -> float:
            return math.fsum(self.rarity[word] ** 2 for word in words)

        both = length(own) * length(held)
        return length(own & held) / math.sqrt(both) if both else 0.0


def _claim_words(claim: Claim) -> frozenset[str]:
    estimand = claim.estimand
    said = [claim.statement, claim.topic]
    if estimand is not None:
        said += [estimand.outcome, estimand.population, estimand.contrast]
    return frozenset(_words(" ".join(said)))


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[a-z]{3,}", text.casefold()):
        for part in _SAME.get(word, word).split():
            if part not in _STOP:
                # A plural is the word: "muscles", "hips".
                yield part[:-1] if part.endswith("s") and len(part) > 4 else part


def _people(abstract: str) -> int | None:
    """Return the largest number of people that an abstract names ("n = 40", "40 participants")."""
    said = re.findall(r"\bn\s*=\s*(\d{1,5})\b", abstract, re.IGNORECASE)
    who = r"(?:participants|patients|people|subjects|adults|women|men|players|athletes|runners|individuals|students)"
    said += re.findall(rf"\b(\d{{1,5}})\s+(?:\w+\s+){{0,2}}{who}\b", abstract, re.IGNORECASE)
    numbers = [int(n) for n in said if int(n) >= 3]
    return max(numbers) if numbers else None


def _could_change(evidence: Evidence, claim: Claim, study: Study, people: int) -> tuple[str, tuple[str, ...]]:
    """Return a claim's verdict, and which others results of so many people would bring: none, for it, against it."""
    points = collect_points(evidence, claim)
    summary = summarise_points(claim, points)
    now = judge_people(claim, summary).verdict
    if claim.estimand is None or claim.test == "none":
        return now, ()
    main = summary.main
    axis = _first_axis(claim) if main is None or main.axis is None else main.axis
    error = _error(main, axis, people)
    became = []
    for times in (0.0, 2.0, -2.0):
        point = _made_up(claim, study, axis, Scaled(times * axis.band, error), people)
        word = judge_people(claim, summarise_points(claim, (*points, point))).verdict
        if word != now and word not in became:
            became.append(word)
    return now, tuple(became)


def _first_axis(claim: Claim) -> Axis:
    assert claim.estimand is not None
    stated = claim.estimand.bands[0]
    return Axis(stated.measure, stated.units, 0.0, 1, stated.value, stated)


def _error(main: Synthesis | None, axis: Axis, people: int) -> float:
    """Return the error of a study of so many people: as those of the studies that are there, by the root of n."""
    held = [p for p in main.points if p.towards is not None] if main is not None else []
    known = [p.towards.se * math.sqrt(p.effect.n_total) for p in held if p.towards is not None and p.effect.n_total]
    if known:
        return sorted(known)[len(known) // 2] / math.sqrt(people)
    if axis.measure == "standardised mean difference":
        return 2.0 / math.sqrt(people)
    errors = sorted(p.towards.se for p in held if p.towards is not None)
    return errors[len(errors) // 2] * math.sqrt(USUAL_PEOPLE / people) if errors else axis.band / 2


def _made_up(claim: Claim, study: Study, axis: Axis, towards: Scaled, people: int) -> ClaimPoint:
    """Return a point for a result that nobody has seen, of a design that can tell."""
    effect = Effect(
        id=f"{study.key}-new",
        study=study.key,
        outcome=claim.estimand.outcome if claim.estimand else "new",
        measure=axis.measure,
        units=axis.units,
        estimate=axis.shown(towards.value),
        se=towards.se,
        n_total=people,
        kind="printed",
    )
    designed = study.model_copy(update={"timing": "experiment", "allocation": "random", "comparison": "between"})
    link = ClaimLink(claim=claim.id, sense=1 if axis.turn > 0 else -1)
    return ClaimPoint(designed, effect, link, towards, (towards.value > 0) - (towards.value < 0), None)

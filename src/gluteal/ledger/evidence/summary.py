"""What studies say of a claim: a line a study, syntheses of sizes, and directions put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gluteal.ledger.evidence.causal_weight import can_tell_cause, classify_study
from gluteal.ledger.evidence.certainty import Rating, rate_study
from gluteal.ledger.evidence.directions import SignTest, combine_one_sided, count_signs, one_sided
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.overlap import is_review
from gluteal.ledger.evidence.points import ClaimPoint, collect_points
from gluteal.ledger.evidence.records import Claim, Study
from gluteal.ledger.evidence.rule import ClaimRule
from gluteal.ledger.evidence.synthesis import Synthesis, synthesise

#: What a study says of a claim by its own intervals and p values.
Says = Literal["supports", "contradicts", "mixed", "neutral"]


@dataclass(frozen=True)
class Directions:
    """Results without a size put together: p values both ways by Fisher's method, and a sign test."""

    p_for: float | None
    p_against: float | None
    signs: SignTest | None
    studies: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return p values and counts as plain data."""
        signs = self.signs
        return {
            "p_for": self.p_for,
            "p_against": self.p_against,
            "towards": None if signs is None else signs.towards,
            "total": None if signs is None else signs.total,
            "sign_p": None if signs is None else signs.p,
            "studies": list(self.studies),
        }


@dataclass(frozen=True)
class StudyLine:
    """One study as it bears on a claim: what its results say by their own intervals and p values."""

    study: Study
    says: Says
    rating: Rating
    points: tuple[ClaimPoint, ...]
    why_no_weight: str = ""


@dataclass(frozen=True)
class EvidenceSummary:
    """What the literature says of a claim.

    Attributes
    ----------
    lines : tuple of StudyLine
        A line a study, those that count first.
    syntheses : tuple of Synthesis
        The one the verdict rests on first.
    directions : Directions or None
        Where results without a size were put together.
    points : tuple of ClaimPoint
        The effects that count.
    """

    lines: tuple[StudyLine, ...]
    syntheses: tuple[Synthesis, ...]
    directions: Directions | None
    points: tuple[ClaimPoint, ...]

    def keys(self, says: Says) -> tuple[str, ...]:
        """Return the keys of the studies that say so."""
        return tuple(line.study.key for line in self.lines if line.says == says)

    @property
    def main(self) -> Synthesis | None:
        """The synthesis the verdict rests on, where there is one with an estimate."""
        return next((s for s in self.syntheses if s.main and s.estimate is not None), None)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "studies": {
                "for": list(self.keys("supports")),
                "against": list(self.keys("contradicts")),
                "mixed": list(self.keys("mixed")),
                "neutral": list(self.keys("neutral")),
            },
            "lines": [
                {
                    "name": line.study.name,
                    "studies": [line.study.key],
                    "says": line.says,
                    "certainty": line.rating.to_json(),
                    "findings": [p.effect.outcome for p in line.points],
                    "part_of": line.why_no_weight,
                }
                for line in self.lines
            ],
            "syntheses": [synthesis.to_json() for synthesis in self.syntheses],
            "directions": None if self.directions is None else self.directions.to_json(),
        }


def summarise_evidence(evidence: Evidence, claim: Claim | str, *, rule: ClaimRule | None = None) -> EvidenceSummary:
    """Return what the studies say of a claim.

    Raises
    ------
    UnknownName
        Where there is no such claim.
    """
    claim = evidence.claim(claim if isinstance(claim, str) else claim.id)
    return summarise_points(claim, collect_points(evidence, claim), rule=rule)


def summarise_points(claim: Claim, points: Sequence[ClaimPoint], *, rule: ClaimRule | None = None) -> EvidenceSummary:
    """Return what effects say of a claim; those of a design that cannot tell causes do not count for causes."""
    rule = rule or ClaimRule()
    cannot = {p.study.key for p in points if claim.kind == "causal" and not can_tell_cause(p.study, rule)}
    counted = tuple(p for p in points if p.study.key not in cannot)
    lines = []
    for key in dict.fromkeys(p.study.key for p in points):
        own = tuple(p for p in points if p.study.key == key)
        said = {p.says for p in own} - {0}
        says: Says = (
            "neutral" if not said else ("mixed" if len(said) == 2 else ("supports" if 1 in said else "contradicts"))
        )
        study = own[0].study
        why = f"a {classify_study(study)} cannot tell what causes what" if key in cannot else ""
        lines.append(StudyLine(study, says, rate_study(study, claim, rule=rule), own, why))
    lines.sort(key=lambda line: (bool(line.why_no_weight), line.says == "neutral"))
    return EvidenceSummary(
        tuple(lines), synthesise(claim, counted, rule=rule), put_directions_together(counted), counted
    )


def put_directions_together(points: Sequence[ClaimPoint]) -> Directions | None:
    """Put p values and signs of independent studies together: one of each study, reviews out where there are others."""
    direct = [p for p in points if not p.indirect] or list(points)
    single = [p for p in direct if not is_review(p.study)] or direct
    by_study: dict[str, list[ClaimPoint]] = {}
    for point in single:
        by_study.setdefault(point.study.key, []).append(point)
    towards, against, signs = [], [], []
    for own in by_study.values():
        net = sum(p.sign for p in own)
        if net:
            signs.append(net > 0)
        tested = [p for p in own if p.p is not None and p.sign]
        if tested:
            # The largest of a study's p values, each way: no study counts more for having been looked at twice.
            towards.append(max(one_sided(p.p, p.sign > 0) for p in tested if p.p is not None))
            against.append(max(one_sided(p.p, p.sign < 0) for p in tested if p.p is not None))
    if not towards and not signs:
        return None
    return Directions(
        combine_one_sided(towards) if towards else None,
        combine_one_sided(against) if against else None,
        count_signs(sum(signs), len(signs)) if signs else None,
        tuple(by_study),
    )

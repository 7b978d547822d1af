"""Pooling of effects that measure the same thing, and the reason in words where it is not allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gluteal.ledger.evidence.certainty import classify_design
from gluteal.ledger.evidence.effect_sizes import Scaled, from_scale, no_effect, scale_effect
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.pooling import Pooled, Z, pool_effects
from gluteal.ledger.evidence.effects import ClaimLink, Effect, Measure
from gluteal.ledger.evidence.records import Claim, Direction, Study

# A study's effect and what it has to do with the claim.
Member = tuple[Study, ClaimLink, Effect]
REVIEWS = ("randomised review", "observational review", "review", "narrative")


@dataclass(frozen=True)
class Row:
    """One study's effect in a synthesis, as printed, with its 95 % interval.

    `weight` is its share in the random effects mean, `left_out` says why it has none, `derived` how value or error
    were computed where they are not printed.
    """

    study: str
    name: str
    value: float
    low: float | None
    high: float | None
    direction: Direction
    weight: float | None = None
    left_out: str = ""
    derived: str = ""


@dataclass(frozen=True)
class Synthesis:
    """Effects of one outcome, contrast, measure, unit and time, and what they add up to, or why they do not."""

    outcome: str
    contrast: str
    measure: Measure
    units: str
    timepoint: str
    rows: tuple[Row, ...]
    pooled: Pooled | None
    why_not: str = ""

    @property
    def title(self) -> str:
        """Outcome and time in words."""
        return f"{self.outcome}, {self.timepoint}" if self.timepoint else self.outcome

    def to_json(self) -> dict[str, Any]:
        """Return rows and pooled result as plain data."""
        pooled = self.pooled
        return {
            "outcome": self.outcome,
            "contrast": self.contrast,
            "measure": self.measure,
            "units": self.units,
            "timepoint": self.timepoint,
            "studies": [dict(vars(row)) for row in self.rows],
            "pooled": None
            if pooled is None
            else {
                "k": pooled.k,
                "fixed": dict(vars(pooled.fixed)),
                "random": dict(vars(pooled.random)),
                "prediction": None if pooled.prediction is None else list(pooled.prediction),
                "tau2": pooled.tau2,
                "q": pooled.q,
                "q_p": pooled.q_p,
                "i2": pooled.i2,
            },
            "why_not_pooled": self.why_not,
        }


def synthesise(evidence: Evidence, claim: Claim | str) -> tuple[Synthesis, ...]:
    """Return the syntheses of a claim: one for every outcome, contrast, measure, unit and time with an effect."""
    claim = evidence.claim(claim if isinstance(claim, str) else claim.id)
    groups: dict[tuple[str, ...], list[Member]] = {}
    for study, effect, link in evidence.effects_on(claim):
        if effect.estimate is None or link.sense == 0:
            continue
        key = (effect.outcome, effect.contrast, effect.measure, effect.units, effect.timepoint)
        groups.setdefault(tuple(part.casefold() for part in key), []).append((study, link, effect))
    return tuple(_synthesis(members) for members in groups.values())


def _synthesis(members: Sequence[Member]) -> Synthesis:
    by_study: dict[str, list[Member]] = {}
    for member in members:
        by_study.setdefault(member[0].key, []).append(member)
    usable: dict[str, Scaled] = {}
    left_out: dict[str, str] = {}
    for key, own in by_study.items():
        scaled = [scale_effect(effect) for _, _, effect in own]
        faults = [s for s in scaled if isinstance(s, str)]
        if faults:
            left_out[key] = faults[0]
        else:
            # Effects of the same people are averaged as if they moved together, which never makes them more precise.
            whole = [s for s in scaled if isinstance(s, Scaled)]
            usable[key] = Scaled(sum(s.value for s in whole) / len(whole), sum(s.se for s in whole) / len(whole))
    why_not = _overlap([by_study[key][0][0] for key in usable], usable, left_out)
    pooled = None
    measure = members[0][2].measure
    if not why_not and len(usable) >= 2:
        pooled = pool_effects(list(usable.values()), measure=measure)
    elif not why_not:
        why_not = _too_few(usable, left_out, {key: own[0][0].name for key, own in by_study.items()})
    weights = _weights(usable, pooled)
    rows = tuple(
        _row(own, usable.get(key), weights.get(key), left_out.get(key, "")) for key, own in by_study.items()
    )
    first = members[0][2]
    return Synthesis(first.outcome, first.contrast, measure, first.units, first.timepoint, rows, pooled, why_not)


def _overlap(studies: Sequence[Study], usable: dict[str, Scaled], left_out: dict[str, str]) -> str:
    """Take reviews out that may hold the studies beside them; return why nothing can be pooled because of it."""
    reviews = [s for s in studies if _is_review(s)]
    single = [s for s in studies if s not in reviews]
    for review in reviews:
        others = [s for s in studies if s is not review]
        if others and not all(_apart(review, other) for other in others):
            if len(single) < 2:
                names = " and ".join(s.name for s in (review, *others))
                return (
                    f"not pooled: {names} may hold the same people, because a review may contain the other studies "
                    "and its list of studies was not read"
                )
            left_out[review.key] = "a review that may contain the other studies"
            usable.pop(review.key)
    return ""


def _apart(review: Study, other: Study) -> bool:
    if not review.contains_all or (_is_review(other) and not other.contains_all):
        return False
    return not {review.key, *review.contains} & {other.key, *other.contains}


def _is_review(study: Study) -> bool:
    return bool(study.contains) or classify_design(study.design) in REVIEWS


def _too_few(usable: dict[str, Scaled], left_out: dict[str, str], names: dict[str, str]) -> str:
    if not left_out:
        return "not pooled: one study only"
    reasons = "; ".join(f"{names[key]}: {reason}" for key, reason in left_out.items())
    count = "one study" if usable else "no study"
    return f"not pooled: {count} with an error that can be used ({reasons})"


def _weights(usable: dict[str, Scaled], pooled: Pooled | None) -> dict[str, float]:
    if pooled is None:
        return {}
    raw = {key: 1 / (s.se**2 + pooled.tau2) for key, s in usable.items()}
    return {key: weight / sum(raw.values()) for key, weight in raw.items()}


def _row(
    own: Sequence[Member],
    scaled: Scaled | None,
    weight: float | None,
    left_out: str,
) -> Row:
    study, link, effect = own[0]
    assert effect.estimate is not None, "effects without a number are not in a synthesis"
    value, low, high = effect.estimate, effect.ci_low, effect.ci_high
    if scaled is not None:
        value, low, high = (
            from_scale(effect.measure, scaled.value + Z * shift * scaled.se) for shift in (0.0, -1.0, 1.0)
        )
    return Row(study.key, study.name, value, low, high, _says(effect, link), weight, left_out, effect.computed_from)


def _says(effect: Effect, link: ClaimLink) -> Direction:
    """Return what an effect says by the side its authors found it on."""
    side = {"positive": 1, "negative": -1}.get(effect.found, 0) * link.sense
    return "neutral" if side == 0 else "supports" if side > 0 else "contradicts"


def pooled_direction(synthesis: Synthesis) -> Direction:
    """Return what a pooled effect says of the claim: "neutral" where its interval holds no effect.

    A sign of the effect supports or contradicts as the studies say whose own interval excludes no effect on that
    side; where these differ, or there is none, nothing is decided.
    """
    nothing = no_effect(synthesis.measure)
    if synthesis.pooled is None or nothing is None or not synthesis.pooled.excludes(nothing):
        return "neutral"
    above = synthesis.pooled.random.value > nothing
    said = {
        row.direction
        for row in synthesis.rows
        if row.weight is not None
        and row.low is not None
        and row.high is not None
        and row.direction != "neutral"
        and (row.low > nothing if above else row.high < nothing)
    }
    return said.pop() if len(said) == 1 else "neutral"

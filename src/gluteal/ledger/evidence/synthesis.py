"""Effects put together on a claim's axis, and the reason in words where one is left out or nothing is pooled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtr

from gluteal.ledger.evidence.effect_sizes import Scaled, from_scale, no_effect, scale_effect
from gluteal.ledger.evidence.effects import Measure
from gluteal.ledger.evidence.overlap import leave_out_overlap
from gluteal.ledger.evidence.points import Axis, ClaimPoint, choose_axis, find_band, put_on, unit_factor
from gluteal.ledger.evidence.pooling import Estimate, Pooled, Z, pool_effects, scale_of_tau
from gluteal.ledger.evidence.records import Claim, Direction
from gluteal.ledger.evidence.rule import ClaimRule

_NOT_POOLED: tuple[None, None, str, dict[str, float]] = (
    None,
    None,
    "not pooled: not on the scale by which the claim is judged",
    {},
)


@dataclass(frozen=True)
class Row:
    """One effect in a synthesis, with its 95 % interval, on the scale of the synthesis.

    `direction` is what its own interval or p value says of the claim ("neutral": it leaves it open), `weight` its
    share in the pooled effect, `left_out` says why it has none, `derived` how value or error were computed.
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
    outcome: str = ""


@dataclass(frozen=True)
class Synthesis:
    """Effects of one measure and what they add up to, or why they do not.

    Attributes
    ----------
    main : bool
        Whether the verdict rests on it.
    axis : Axis or None
        The claim's scale, with the smallest difference that matters; None where the claim states none for it.
    estimate : Estimate or None
        Pooled effect, or that of the one study; on the printed scale.
    """

    outcome: str
    contrast: str
    measure: Measure
    units: str
    timepoint: str
    rows: tuple[Row, ...]
    pooled: Pooled | None
    why_not: str = ""
    main: bool = False
    axis: Axis | None = None
    estimate: Estimate | None = None
    points: tuple[ClaimPoint, ...] = ()

    @property
    def title(self) -> str:
        """Outcome and time in words."""
        return f"{self.outcome}, {self.timepoint}" if self.timepoint else self.outcome

    @property
    def nothing(self) -> float | None:
        """The printed value of no effect, or the level that the claim speaks of; None where there is none."""
        return no_effect(self.measure) if self.axis is None else self.axis.shown(0.0)

    def to_json(self) -> dict[str, Any]:
        """Return rows and pooled result as plain data."""
        pooled, axis = self.pooled, self.axis
        return {
            "outcome": self.outcome,
            "contrast": self.contrast,
            "measure": self.measure,
            "units": self.units,
            "timepoint": self.timepoint,
            "main": self.main,
            "smallest_difference": None if axis is None else axis.stated.value,
            "studies": [dict(vars(row)) for row in self.rows],
            "pooled": None
            if pooled is None
            else {
                "k": pooled.k,
                "effects": pooled.effects,
                "method": pooled.method,
                "fixed": dict(vars(pooled.fixed)),
                "random": dict(vars(pooled.random)),
                "prediction": None if pooled.prediction is None else list(pooled.prediction),
                "tau2": pooled.tau2,
                "tau2_within": pooled.within2,
                "q": pooled.q,
                "q_p": pooled.q_p,
                "i2": pooled.i2,
            },
            "why_not_pooled": self.why_not,
        }


def synthesise(claim: Claim, points: Sequence[ClaimPoint], *, rule: ClaimRule | None = None) -> tuple[Synthesis, ...]:
    """Return the syntheses of a claim's points: the one that its verdict rests on first, then one for every measure.

    Direct effects go before indirect ones: where any direct effect has an error, indirect ones are shown beside.
    """
    rule = rule or ClaimRule()
    found: list[Synthesis] = []
    taken: set[str] = set()
    for counted in ([p for p in points if not p.indirect], list(points)):
        axis = choose_axis(claim, counted, band_factor=rule.band_factor)
        if axis is not None and claim.estimand is not None:
            placed = [put_on(axis, claim.estimand, p) for p in counted]
            main = _on_axis(claim, axis, [p for p in placed if p.towards is not None or _same(axis, claim, p)], rule)
            found.append(main)
            taken = {p.effect.id for p in main.points}
            break
    # Beside the claim's own scale effects of one measure are shown together, and never pooled: their outcomes differ.
    alike = claim.estimand is None
    groups: dict[tuple[str, ...], list[ClaimPoint]] = {}
    for point in points:
        effect = point.effect
        if effect.id not in taken and effect.estimate is not None:
            key: tuple[str, ...] = (effect.measure, effect.units)
            if alike:
                key += (effect.outcome, effect.contrast, effect.timepoint)
            groups.setdefault(tuple(part.casefold() for part in key), []).append(point)
    return (*found, *(_beside(members, rule, may_pool=alike) for members in groups.values()))


def _same(axis: Axis, claim: Claim, point: ClaimPoint) -> bool:
    effect = point.effect
    assert claim.estimand is not None
    return effect.estimate is not None and find_band(claim.estimand, effect) is axis.stated


def _on_axis(claim: Claim, axis: Axis, placed: list[ClaimPoint], rule: ClaimRule) -> Synthesis:
    estimand = claim.estimand
    assert estimand is not None
    kept, left_out = leave_out_overlap(placed, axis.measure)
    reasons = {p.effect.id: p.why_not for p in placed if p.towards is None} | left_out
    scaled = [Scaled(axis.reference + axis.turn * p.towards.value, p.towards.se) for p in kept if p.towards]
    pooled, estimate, why_not, weights = _pool(kept, scaled, axis.measure, rule)
    rows = tuple(_row(p, claim, axis, weights.get(p.effect.id), reasons.get(p.effect.id, "")) for p in placed)
    if not rows:
        why_not = "not pooled: nothing is printed with an error"
    return Synthesis(
        estimand.outcome, estimand.contrast, axis.measure, axis.units, "", rows, pooled, why_not, True, axis, estimate,
        tuple(placed),
    )  # fmt: skip


def _beside(members: Sequence[ClaimPoint], rule: ClaimRule, *, may_pool: bool) -> Synthesis:
    """Return a synthesis that no verdict rests on, values as they are printed."""
    first = members[0].effect
    kept, left_out = leave_out_overlap(members, first.measure)
    reasons = {p.effect.id: p.why_not for p in members if p.towards is None} | left_out
    raw = [_as_printed(p) for p in kept]
    pooled, estimate, why_not, weights = _pool(kept, raw, first.measure, rule) if may_pool else _NOT_POOLED
    rows = tuple(_row_as_printed(p, weights.get(p.effect.id), reasons.get(p.effect.id, "")) for p in members)
    one = may_pool or len({p.effect.outcome for p in members}) == 1
    outcome, contrast = (first.outcome, first.contrast) if one else ("other results, as they are printed", "")
    return Synthesis(
        outcome=outcome,
        contrast=contrast,
        measure=first.measure,
        units=first.units,
        timepoint=first.timepoint if may_pool else "",
        rows=rows,
        pooled=pooled,
        why_not=why_not,
        estimate=estimate,
        points=tuple(members),
    )


def _row_as_printed(point: ClaimPoint, weight: float | None, left_out: str) -> Row:
    effect = point.effect
    low, high = effect.ci_low, effect.ci_high
    if point.towards is not None and low is None:
        scaled = _as_printed(point)
        low, high = (from_scale(effect.measure, scaled.value + shift * Z * scaled.se) for shift in (-1.0, 1.0))
    return Row(
        point.study.key,
        point.study.name,
        float(effect.estimate or 0.0),
        low,
        high,
        _direction(point),
        weight,
        left_out,
        effect.computed_from,
        effect.outcome,
    )


def _as_printed(point: ClaimPoint) -> Scaled:
    scaled = scale_effect(point.effect)
    assert isinstance(scaled, Scaled)
    return scaled


def _pool(
    kept: Sequence[ClaimPoint], scaled: Sequence[Scaled], measure: Measure, rule: ClaimRule
) -> tuple[Pooled | None, Estimate | None, str, dict[str, float]]:
    studies = [p.study.key for p in kept]
    if not kept:
        return None, None, "not pooled: no study with an error that can be used", {}
    if len(set(studies)) == 1:
        value = sum(s.value for s in scaled) / len(scaled)
        error = sum(s.se for s in scaled) / len(scaled)
        ends = [from_scale(measure, value + shift * Z * error) for shift in (0.0, -1.0, 1.0)]
        return None, Estimate(*ends), "not pooled: one study only", {}
    pooled = pool_effects(
        scaled,
        studies=studies,
        measure=measure,
        tau_scale=rule.tau_factor * scale_of_tau(scaled, measure, people=[p.effect.n_total for p in kept]),
        correlation=rule.correlation,
    )
    raw = [
        1 / (s.se**2 + pooled.tau2 + pooled.within2) / studies.count(of) for s, of in zip(scaled, studies, strict=True)
    ]
    weights = {p.effect.id: w / sum(raw) for p, w in zip(kept, raw, strict=True)}
    return pooled, pooled.random, "", weights


def _row(point: ClaimPoint, claim: Claim, axis: Axis, weight: float | None, left_out: str) -> Row:
    held = point.towards
    value, low, high = point.effect.estimate, None, None
    if held is not None:
        ends = [axis.shown(held.value + shift * Z * held.se) for shift in (-1.0, 1.0)]
        value, low, high = axis.shown(held.value), min(ends), max(ends)
    elif value is not None and not point.effect.contradiction:
        value = axis.shown(
            point.link.sense * axis.turn * axis.towards(value * unit_factor(claim.estimand, point.effect))
        )
    return Row(
        point.study.key, point.study.name, float(value or 0.0), low, high, _direction(point), weight, left_out,
        "; ".join(filter(None, [point.effect.computed_from, point.converted])), point.effect.outcome,
    )  # fmt: skip


def _direction(point: ClaimPoint) -> Direction:
    return ("neutral", "supports", "contradicts")[point.says]


def towards_interval(synthesis: Synthesis) -> tuple[float, float, float]:
    """Return low, value and high of the main synthesis as distances towards the claim, on the pooling scale.

    Raises
    ------
    ValueError
        Where there is no axis or no estimate.
    """
    axis, estimate = synthesis.axis, synthesis.estimate
    if axis is None or estimate is None:
        raise ValueError("only a synthesis on a claim's axis with an estimate has a place on it")
    ends = sorted(axis.towards(v) for v in (estimate.low, estimate.high))
    return ends[0], axis.towards(estimate.value), ends[1]


def prediction_towards(synthesis: Synthesis) -> tuple[float, float] | None:
    """Return where a further study would lie, as distances towards the claim; None with fewer than three studies."""
    axis, pooled = synthesis.axis, synthesis.pooled
    if axis is None or pooled is None or pooled.prediction is None:
        return None
    low, high = sorted(axis.towards(v) for v in pooled.prediction)
    return low, high


def without_study(points: Iterable[ClaimPoint], study: str) -> tuple[ClaimPoint, ...]:
    """Return the points of all other studies."""
    return tuple(p for p in points if p.study.key != study)


def egger_p(points: Sequence[ClaimPoint]) -> float:
    """Return the two-sided p value of Egger's regression of effect/error on 1/error (Egger et al. 1997, BMJ 315:629).

    Nan with fewer than three points.
    """
    usable = [p.towards for p in points if p.towards is not None]
    if len(usable) < 3 or len({s.se for s in usable}) < 2:
        return math.nan
    x, y = np.array([1 / s.se for s in usable]), np.array([s.value / s.se for s in usable])
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    left = float(((y - design @ beta) ** 2).sum())
    df = len(usable) - 2
    error = math.sqrt(left / df * inverse[0, 0])
    return 2.0 * float(stdtr(df, -abs(beta[0]) / error)) if error > 0 else math.nan

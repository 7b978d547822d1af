"""Effects as points on a claim's own axis: turned so that a positive one speaks for it, or why one is not on it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import ndtr

from gluteal.ledger.evidence.effect_sizes import RATIOS, Scaled, from_scale, scale_effect, to_scale
from gluteal.ledger.evidence.effects import ClaimLink, Effect, Estimand, MatteringBand, Measure
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Claim, Study

SMD: Measure = "standardised mean difference"


@dataclass(frozen=True)
class Axis:
    """The scale on which a claim is judged: a measure, its value of no effect, and the smallest difference.

    Attributes
    ----------
    measure, units : str
    reference : float
        The value that separates for and against, on the pooling scale.
    turn : int
        +1, or -1 where a value below the reference speaks for the claim: values are shown as they are printed, unless
        studies were taken both ways round.
    band : float
        The smallest difference that matters, on the pooling scale.
    stated : MatteringBand
        As the claim states it.
    """

    measure: Measure
    units: str
    reference: float
    turn: int
    band: float
    stated: MatteringBand

    def shown(self, towards: float) -> float:
        """Return a distance towards the claim (pooling scale) as a printed value."""
        return from_scale(self.measure, self.reference + self.turn * towards)

    def towards(self, printed: float) -> float:
        """Return a printed value as the distance towards the claim, on the pooling scale."""
        return self.turn * (to_scale(self.measure, printed) - self.reference)


@dataclass(frozen=True)
class ClaimPoint:
    """One effect as it bears on a claim.

    Attributes
    ----------
    towards : Scaled or None
        Distance towards the claim with its error, on the pooling scale of `measure`; None where it cannot be pooled.
    sign : int
        +1 or -1: the side on which the result lies, whatever its error; 0 where that is not known.
    p : float or None
        Two-sided p value (the largest that the printed one means), None where there is none.
    why_not : str
        Why `towards` is None, as a clause.
    converted : str
        How it was brought to the axis, where it was.
    """

    study: Study
    effect: Effect
    link: ClaimLink
    towards: Scaled | None
    sign: int
    p: float | None
    why_not: str = ""
    converted: str = ""

    @property
    def indirect(self) -> str:
        """What was measured in place of what the claim says; empty: just that."""
        return self.link.indirect

    @property
    def says(self) -> int:
        """+1, -1: its own interval or p value excludes no effect on that side; 0: it leaves it open."""
        if self.towards is not None:
            reach = 1.959963984540054 * self.towards.se
            return (self.towards.value > reach) - (self.towards.value < -reach)
        if self.p is not None and self.p > 0.05:
            return 0
        return self.sign if self.effect.found in ("positive", "negative") else 0


def collect_points(evidence: Evidence, claim: Claim) -> tuple[ClaimPoint, ...]:
    """Return the effects that speak for or against a claim, in the order of the files; background is left out."""
    return tuple(
        _point(claim, study, effect, link) for study, effect, link in evidence.effects_on(claim) if link.sense != 0
    )


def _point(claim: Claim, study: Study, effect: Effect, link: ClaimLink) -> ClaimPoint:
    estimand = claim.estimand
    reference = _reference(estimand, effect.measure)
    scaled = scale_effect(effect)
    if isinstance(scaled, str):
        return ClaimPoint(study, effect, link, None, _sign(effect, link, reference), _p(effect, None), scaled)
    factor = unit_factor(estimand, effect)
    towards = Scaled(link.sense * (factor * scaled.value - reference), factor * scaled.se)
    converted = "" if factor == 1.0 else f"× {factor:g}, to the claim's unit"
    return ClaimPoint(study, effect, link, towards, _sign(effect, link, reference), _p(effect, towards), "", converted)


def find_band(estimand: Estimand, effect: Effect) -> MatteringBand | None:
    """Return the band that an effect is judged by: that of its measure and of its unit or one that is a multiple."""
    kind = _unit(effect.units)[0]
    same = (b for b in estimand.bands if b.measure == effect.measure and _unit(b.units)[0] == kind)
    return next(same, None) or estimand.band(effect.measure, effect.units)


def unit_factor(estimand: Estimand | None, effect: Effect) -> float:
    """Return by what an effect is multiplied to be in the unit of its band; 1 where there is none."""
    stated = None if estimand is None else find_band(estimand, effect)
    return 1.0 if stated is None else _unit(effect.units)[1] / _unit(stated.units)[1]


def _unit(units: str) -> tuple[str, float]:
    """Return what a unit is a multiple of, and by how much: scales from 0 to an end are shares of that end."""
    words = units.casefold().strip()
    found = re.fullmatch(r"(?:points?|mm|score)\s*(?:on|of|out of)?\s*(?:0\s*(?:-|to)\s*)?(10|100)", words)
    if words.startswith("percent points"):
        return "share of a scale", 0.01
    if found:
        return "share of a scale", 1.0 / float(found[1])
    words = words.replace("percent", "%").replace("% of", "%").replace("n·m", "nm").replace("n m", "nm")
    return words, 1.0


def _reference(estimand: Estimand | None, measure: Measure) -> float:
    if estimand is None or estimand.form != "level":
        return 0.0
    return to_scale(measure, estimand.reference) if _can_scale(measure, estimand.reference) else 0.0


def _can_scale(measure: Measure, value: float) -> bool:
    return not ((measure in RATIOS and value <= 0) or (measure == "correlation" and abs(value) >= 1))


def _sign(effect: Effect, link: ClaimLink, reference: float) -> int:
    # The authors' word first: a number is printed where the axis has another reference than the one they used.
    if effect.found in ("positive", "negative"):
        return link.sense * (1 if effect.found == "positive" else -1)
    if effect.estimate is None or effect.contradiction or not _can_scale(effect.measure, effect.estimate):
        return 0
    away = to_scale(effect.measure, effect.estimate) - reference
    return link.sense * ((away > 0) - (away < 0))


def _p(effect: Effect, towards: Scaled | None) -> float | None:
    if effect.contradiction:
        return None
    if effect.p_range is not None:
        return effect.p_range[1]
    return None if towards is None else 2.0 * float(ndtr(-abs(towards.value) / towards.se))


def choose_axis(claim: Claim, points: Iterable[ClaimPoint], *, band_factor: float = 1.0) -> Axis | None:
    """Return the axis that most studies with an error can be put on, the earlier band of two that are level.

    None where the claim states no band, or no point fits any.
    """
    estimand = claim.estimand
    if estimand is None:
        return None
    held = list(points)
    best: tuple[int, Axis] | None = None
    for stated in estimand.bands:
        axis = _axis(estimand, stated, held, band_factor)
        studies = {p.study.key for p in held if put_on(axis, estimand, p).towards is not None}
        if studies and (best is None or len(studies) > best[0]):
            best = len(studies), axis
    return None if best is None else best[1]


def _axis(estimand: Estimand, stated: MatteringBand, points: list[ClaimPoint], factor: float) -> Axis:
    reference = _reference(estimand, stated.measure)
    held = [p for p in points if p.towards is not None]
    senses = {p.link.sense for p in ([p for p in held if find_band(estimand, p.effect) is stated] or held)}
    turn = senses.pop() if len(senses) == 1 else 1
    size = factor * stated.value
    if stated.measure in RATIOS:
        band = factor * abs(math.log(stated.value))
    elif estimand.form == "level":
        band = size
    else:
        band = abs(to_scale(stated.measure, size)) if _can_scale(stated.measure, size) else size
    return Axis(stated.measure, stated.units, reference, turn, band, stated)


def put_on(axis: Axis, estimand: Estimand, point: ClaimPoint) -> ClaimPoint:
    """Return the point on the axis, converted where a formula allows it, or with the reason why it is not on it."""
    if find_band(estimand, point.effect) is axis.stated:
        return point
    converted = _as_smd(point) if axis.measure == SMD else None
    if converted is not None:
        return converted
    why = (
        point.why_not
        or f"it is a {point.effect.measure}{_of(point.effect.units)}, not a {axis.measure}{_of(axis.units)}"
    )
    return ClaimPoint(point.study, point.effect, point.link, None, point.sign, point.p, why)


def _of(units: str) -> str:
    return f" in {units}" if units and units != "1" else ""


def _as_smd(point: ClaimPoint) -> ClaimPoint | None:
    """Convert to a standardised mean difference (Borenstein et al. 2009, chapters 4 and 7; from memory)."""
    effect, held = point.effect, point.towards
    found: Scaled | None = None
    how = ""
    if effect.measure == "odds ratio" and held is not None and effect.units in ("", "1"):
        found = Scaled(held.value * math.sqrt(3) / math.pi, held.se * math.sqrt(3) / math.pi)
        how = "from the odds ratio, × √3 / π"
    elif effect.measure == "correlation" and held is not None:
        r = math.tanh(held.value)
        found = Scaled(2 * r / math.sqrt(1 - r * r), 2 * held.se * math.sqrt(1 - r * r) / (1 - r * r))
        how = "from the correlation, 2r / √(1 − r²)"
    elif (
        effect.measure == "mean difference"
        and effect.estimate is not None
        and not effect.contradiction
        and effect.sd_1
        and effect.sd_2
        and effect.n_1
        and effect.n_2
        and effect.n_1 + effect.n_2 > 3
    ):
        n, df = effect.n_1 + effect.n_2, effect.n_1 + effect.n_2 - 2
        pooled = math.sqrt(((effect.n_1 - 1) * effect.sd_1**2 + (effect.n_2 - 1) * effect.sd_2**2) / df)
        correction = 1 - 3 / (4 * df - 1)
        d = effect.estimate / pooled
        error = correction * math.sqrt(n / (effect.n_1 * effect.n_2) + d * d / (2 * n))
        found = Scaled(point.link.sense * correction * d, error)
        how = "Hedges g of the means, deviations and group sizes"
    if found is None:
        return None
    return ClaimPoint(point.study, effect, point.link, found, point.sign, point.p, "", how)

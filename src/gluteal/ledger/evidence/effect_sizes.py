"""Effects on the scale on which they are pooled.

Formulas: Borenstein, Hedges, Higgins and Rothstein 2009, Introduction to Meta-Analysis, chapters 6 and 24 (from
memory, not read at source).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy

from gluteal.ledger.evidence.effects import Effect

#: Measures that are pooled as logarithms.
RATIOS = ("odds ratio", "risk ratio")
#: Measures that are pooled by Fisher's z.
CORRELATIONS = ("correlation", "intraclass correlation")
#: How far the middle of a printed interval may lie from the value, as a share of half the interval. Rounding of
#: printed numbers moves it by a few percent; more means that value and interval do not belong together.
MOST_OFF_CENTRE = 0.25


@dataclass(frozen=True)
class Scaled:
    """An effect and its standard error on the pooling scale."""

    value: float
    se: float


def to_scale(measure: str, value: float) -> float:
    """Return a printed value on the pooling scale: logarithm of ratios, Fisher's z of correlations, else itself."""
    if measure in RATIOS:
        return math.log(value)
    return math.atanh(value) if measure in CORRELATIONS else value


def from_scale(measure: str, value: float) -> float:
    """Return a value of the pooling scale as it is printed; the inverse of `to_scale`."""
    if measure in RATIOS:
        return math.exp(value)
    return math.tanh(value) if measure in CORRELATIONS else value


def no_effect(measure: str) -> float | None:
    """Return the printed value that means no effect; None where there is none (a mean, a proportion, kappa)."""
    if measure in RATIOS:
        return 1.0
    return None if measure in ("mean", "proportion", "kappa") else 0.0


def scale_effect(effect: Effect) -> Scaled | str:
    """Return an effect on the pooling scale, or why it cannot be pooled, as a clause."""
    if effect.estimate is None:
        return "it is given without a number"
    if effect.contradiction:
        return f"its printed numbers contradict one another: {effect.contradiction}"
    value = to_scale(effect.measure, effect.estimate)
    if effect.se is not None:
        return Scaled(value, effect.se)
    if effect.ci_low is not None and effect.ci_high is not None:
        if effect.measure in CORRELATIONS and not (effect.ci_low > -1 and effect.ci_high < 1):
            return "its interval leaves the range of a correlation"
        low, high = to_scale(effect.measure, effect.ci_low), to_scale(effect.measure, effect.ci_high)
        half = (high - low) / 2
        if half <= 0:
            return "its interval has no width"
        if abs((low + high) / 2 - value) > MOST_OFF_CENTRE * half:
            return "its printed interval is not centred on its value, so one of them is not what it seems"
        return Scaled(value, half / float(scipy.special.ndtri((1 + effect.level) / 2)))
    if effect.measure == "correlation" and effect.n_total is not None and effect.n_total > 3:
        return Scaled(value, 1 / math.sqrt(effect.n_total - 3))
    return "it is given without an error"

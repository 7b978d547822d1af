"""Effects on the scale on which they are pooled, and effect sizes from what papers print.

Formulas: Borenstein, Hedges, Higgins and Rothstein 2009, Introduction to Meta-Analysis, chapters 4 to 6 and 24; p
values to t as in the Cochrane Handbook, section 6.5.2.3 (both from memory, not read at source).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri, stdtrit

from gluteal.ledger.evidence.records import Effect

#: Measures that are pooled as logarithms.
RATIOS = ("odds ratio", "risk ratio")
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
    return math.atanh(value) if measure == "correlation" else value


def from_scale(measure: str, value: float) -> float:
    """Return a value of the pooling scale as it is printed; the inverse of `to_scale`."""
    if measure in RATIOS:
        return math.exp(value)
    return math.tanh(value) if measure == "correlation" else value


def no_effect(measure: str) -> float | None:
    """Return the printed value that means no effect; None where there is none (a mean, a proportion, kappa)."""
    if measure in RATIOS:
        return 1.0
    return None if measure in ("mean", "proportion", "kappa") else 0.0


def scale_effect(effect: Effect) -> Scaled | str:
    """Return an effect on the pooling scale, or why it cannot be pooled, as a clause."""
    value = to_scale(effect.measure, effect.value)
    if effect.se is not None:
        # The printed error of a correlation is one of r; dz/dr = 1 / (1 - r^2).
        return Scaled(value, effect.se / (1 - effect.value**2) if effect.measure == "correlation" else effect.se)
    if effect.ci_low is not None and effect.ci_high is not None:
        if effect.measure == "correlation" and not (effect.ci_low > -1 and effect.ci_high < 1):
            return "its interval leaves the range of a correlation"
        low, high = to_scale(effect.measure, effect.ci_low), to_scale(effect.measure, effect.ci_high)
        half = (high - low) / 2
        if half <= 0:
            return "its interval has no width"
        if abs((low + high) / 2 - value) > MOST_OFF_CENTRE * half:
            return "its printed interval is not centred on its value, so one of them is not what it seems"
        return Scaled(value, half / float(ndtri((1 + effect.level) / 2)))
    if effect.measure == "correlation" and effect.n is not None and effect.n > 3:
        return Scaled(value, 1 / math.sqrt(effect.n - 3))
    return "it is given without an error"


def mean_difference(mean1: float, sd1: float, n1: int, mean2: float, sd2: float, n2: int) -> tuple[float, float]:
    """Return the difference of two means and its standard error, from means, standard deviations and group sizes."""
    return mean1 - mean2, math.sqrt(sd1**2 / n1 + sd2**2 / n2)


def standardised_difference(
    mean1: float, sd1: float, n1: int, mean2: float, sd2: float, n2: int
) -> tuple[float, float]:
    """Return Hedges' g of two means and its standard error."""
    pooled = math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    return hedges_g((mean1 - mean2) / pooled, n1, n2)


def hedges_g(d: float, n1: int, n2: int) -> tuple[float, float]:
    """Return Hedges' g and its standard error from Cohen's d of two groups: g = J d with J = 1 - 3 / (4 df - 1)."""
    correction = 1 - 3 / (4 * (n1 + n2 - 2) - 1)
    variance = (n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2))
    return correction * d, correction * math.sqrt(variance)


def standardised_from_p(p: float, sign: int, n1: int, n2: int) -> tuple[float, float]:
    """Return Hedges' g and its standard error from the p value of a t test of two groups; `sign`: the difference's."""
    t = float(stdtrit(n1 + n2 - 2, 1 - p / 2))
    return hedges_g(math.copysign(t, sign) * math.sqrt(1 / n1 + 1 / n2), n1, n2)


def standardised_from_interval(
    difference: float, low: float, high: float, n1: int, n2: int, *, level: float = 0.95
) -> tuple[float, float]:
    """Return Hedges' g and its standard error from a difference of two means and the interval of its t test."""
    se = (high - low) / 2 / float(stdtrit(n1 + n2 - 2, (1 + level) / 2))
    return hedges_g(difference / se * math.sqrt(1 / n1 + 1 / n2), n1, n2)


def log_odds_ratio(a: int, b: int, c: int, d: int) -> tuple[float, float]:
    """Return the odds ratio a d / (b c) of a table of counts and the standard error of its logarithm."""
    return a * d / (b * c), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)

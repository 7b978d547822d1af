"""Effect sizes from what papers print: how the derived effects of the studies were computed, to compute them again.

Formulas: Borenstein, Hedges, Higgins and Rothstein 2009, Introduction to Meta-Analysis, chapters 4 and 5; p values to
t as in the Cochrane Handbook, section 6.5.2.3 (both from memory, not read at source).
"""

from __future__ import annotations

import math

from scipy.special import stdtrit


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

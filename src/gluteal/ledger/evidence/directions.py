"""Synthesis where no size is printed: p values combined, and directions counted by a sign test.

Cochrane Handbook, chapter 12 (McKenzie and Brennan): combining p values tells whether there is an effect in at least
one study, counting directions whether more point one way than chance would have it; neither says how large it is, and
counting by significance is not acceptable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest, combine_pvalues

#: Chance of a false alarm above which a direction counts as open: the usual convention, own choice.
CHANCE = 0.05


@dataclass(frozen=True)
class SignTest:
    """Share of effects that point one way, Wilson's 95 % interval, and the two-sided p value of one half."""

    towards: int
    total: int
    share: float
    low: float
    high: float
    p: float


def count_signs(towards: int, total: int) -> SignTest:
    """Test whether more effects point one way than chance would have it.

    Examples
    --------
    >>> found = count_signs(9, 10)
    >>> round(found.p, 4), round(found.low, 3), round(found.high, 3)
    (0.0215, 0.596, 0.982)
    """
    found = binomtest(towards, total)
    interval = found.proportion_ci(method="wilson")
    return SignTest(towards, total, towards / total, float(interval.low), float(interval.high), float(found.pvalue))


def one_sided(p: float, towards: bool) -> float:
    """Return the one-sided p value, for an effect one way, of a two-sided one.

    >>> one_sided(0.04, True), one_sided(0.04, False)
    (0.02, 0.98)
    """
    return p / 2 if towards else 1 - p / 2


def combine_one_sided(values: Sequence[float]) -> float:
    """Combine one-sided p values of independent studies by Fisher's method.

    >>> round(combine_one_sided([0.05, 0.05]), 4)
    0.0175
    """
    return float(combine_pvalues(values, method="fisher").pvalue)

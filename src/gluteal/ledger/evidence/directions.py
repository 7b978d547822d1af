"""Synthesis where no size is printed: p values combined, and directions counted by a sign test.

Cochrane Handbook, chapter 12 (McKenzie and Brennan): combining p values tells whether there is an effect in at least
one study, counting directions whether more point one way than chance would have it; neither says how large it is, and
counting by significance is not acceptable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import bdtr, chdtrc, ndtri


@dataclass(frozen=True)
class SignTest:
    """Share of effects that point one way, Wilson's 95 % interval, and the exact two-sided p value of one half."""

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
    share, z2 = towards / total, float(ndtri(0.975)) ** 2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = math.sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total**2))) / (1 + z2 / total)
    p = min(1.0, 2.0 * float(bdtr(min(towards, total - towards), total, 0.5)))
    return SignTest(towards, total, share, middle - half, middle + half, p)


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
    return float(chdtrc(2 * len(values), -2.0 * sum(math.log(max(p, 1e-300)) for p in values)))

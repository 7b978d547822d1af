"""Few studies pooled: a half-normal prior on the heterogeneity, where a t with one degree of freedom says nothing.

Normal-normal model with a flat prior on the mean and tau ~ half-normal(scale); the posterior of the mean is a mixture
of normals over tau, integrated numerically (Röver 2020, J Stat Softw 93(6), doi 10.18637/jss.v093.i06; the prior and
its scale: Röver et al. 2021, Res Synth Methods 12:448-474, doi 10.1002/jrsm.1475; both from memory).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy

#: Reach of the integral over tau, in scales of the prior, and its nodes (Gauss-Legendre): own choice, with which the
#: interval is right to six digits.
_REACH, _NODES = 8.0, 200


@dataclass(frozen=True)
class Posterior:
    """Mean, its central 95 % interval, the central 95 % interval of a further study's effect, and the median tau."""

    mean: float
    low: float
    high: float
    prediction: tuple[float, float]
    tau: float
    sd: float


@cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def pool_with_prior(values: Sequence[float], errors: Sequence[float], *, scale: float) -> Posterior:
    """Pool effects (any number, two to four as a rule) with tau ~ half-normal(scale).

    Examples
    --------
    >>> found = pool_with_prior([0.5, 0.9], [0.2, 0.2], scale=0.5)
    >>> round(found.mean, 2), round(found.low, 2), round(found.high, 2)
    (0.7, 0.01, 1.39)
    """
    y, v = np.asarray(values, dtype=float), np.square(np.asarray(errors, dtype=float))
    nodes, node_weights = _quadrature()
    tau = 0.5 * _REACH * scale * (nodes + 1.0)
    total = v[:, None] + tau**2
    precision = (1.0 / total).sum(axis=0)
    mean = (y[:, None] / total).sum(axis=0) / precision
    log_density = (
        -0.5 * np.log(total).sum(axis=0)
        - 0.5 * np.log(precision)
        - 0.5 * ((y[:, None] - mean) ** 2 / total).sum(axis=0)
        - 0.5 * (tau / scale) ** 2
    )
    weight = node_weights * np.exp(log_density - log_density.max())
    weight /= weight.sum()
    centre = float(weight @ mean)
    spread = precision**-0.5
    wider = np.sqrt(spread**2 + tau**2)
    reach = 20.0 * float(wider.max())

    def quantile(p: float, sd: np.ndarray) -> float:
        return float(
            scipy.optimize.brentq(
                lambda x: float(weight @ scipy.special.ndtr((x - mean) / sd)) - p, centre - reach, centre + reach
            )
        )

    variance = float(weight @ (spread**2 + (mean - centre) ** 2))
    middle = float(np.interp(0.5, np.cumsum(weight), tau))
    return Posterior(
        centre,
        quantile(0.025, spread),
        quantile(0.975, spread),
        (quantile(0.025, wider), quantile(0.975, wider)),
        middle,
        math.sqrt(variance),
    )

"""The smooth course under what is seen of a line: an integrated random walk, its roughness found by likelihood.

What is seen once a period is the course plus noise of known relative variance; second differences of both are a banded
system, which is solved as it stands (a smoothing spline; Harvey 1989, Forecasting, structural time series models;
remembered).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import numpy as np
import scipy

#: Variances of the second difference of a course over that of its noise, the smoothest first, of which the most likely
#: is taken. Own choice: the first keeps an amplitude for 2 s, the last follows every period for itself.
ROUGHNESS = tuple(10.0 ** (0.5 * i) for i in range(-16, 5))
#: What a line must gain in log-likelihood beyond twice its degrees of freedom to be hum at all. Own choice: of a
#: thousand lines of muscle and noise none reaches it.
SEEN_GAIN = 20.0
#: Least variance of a line's noise over the power of what is no hum. Own choice: white noise has ten times as much at
#: any rate; without noise at all everything would be a switch.
LEAST_NOISE = 1e-3
#: Correlation of neighbouring values of a line in noise: triangles of two periods that overlap by half.
OVERLAP = 0.25


@final
class KnotGrid:
    """Knots once a period in every piece, and triangles about them."""

    def __init__(self, size: int, period: float, switches: Sequence[int]) -> None:
        bounds = np.array([0, *switches, size])
        self.counts = [max(round((b - a) / period), 1) + 1 for a, b in pairwise(bounds)]
        self.starts = np.r_[0, np.cumsum(self.counts)]
        self.below = np.empty(size, dtype=np.int64)
        self.share = np.empty(size)
        self.at = np.empty(self.starts[-1])
        for a, b, m, s in zip(bounds[:-1], bounds[1:], self.counts, self.starts[:-1], strict=True):
            place = (np.arange(b - a) + 0.5) * (m - 1) / (b - a)
            low = np.minimum(place.astype(np.int64), m - 2)
            self.below[a:b], self.share[a:b] = s + low, place - low
            self.at[s : s + m] = np.linspace(a, b, m) - 0.5
        self.mass = self.gathered(np.ones(size))

    @property
    def pieces(self) -> list[slice]:
        """Knots of every piece."""
        return [slice(a, b) for a, b in pairwise(self.starts)]

    def gathered(self, x: np.ndarray) -> np.ndarray:
        """Sum of samples under each triangle."""
        n, more = int(self.starts[-1]), x * self.share
        return np.bincount(self.below, x - more, n) + np.bincount(self.below + 1, more, n)

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Mean of samples, real or complex, under each triangle."""
        if np.iscomplexobj(x):
            return (self.gathered(x.real) + 1j * self.gathered(x.imag)) / self.mass
        return self.gathered(x) / self.mass

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Straight lines between knots, at every sample."""
        return (1.0 - self.share) * values[self.below] + self.share * values[self.below + 1]


def smooth_line(
    seen: np.ndarray, variance: np.ndarray, pieces: Sequence[slice], near: float | None
) -> tuple[np.ndarray, float, float]:
    """Most likely course, its roughness (sought from `near` on), and the factor of the noise's variance.

    A course that is not told from noise is zero.
    """
    parts = [p for p in pieces if p.stop - p.start >= 3]
    base = float(np.median(variance))
    bands = [difference_bands(variance[p]) for p in parts]
    z = [np.diff(seen[p], 2) for p in parts]
    count = sum(one.size for one in z)
    tried: dict[int, tuple[float, float, list[np.ndarray]]] = {}

    def likely(i: int) -> float:
        if not 0 <= i < len(ROUGHNESS):
            return -np.inf
        if i not in tried:
            tried[i] = _fitted(z, bands, ROUGHNESS[i] * base, count)
        return tried[i][0]

    best = ROUGHNESS.index(near) if near is not None else max(range(0, len(ROUGHNESS), 4), key=likely)
    while (better := max((best, best - 1, best + 1), key=likely)) != best:
        best = better
    _, factor, solved = tried[best]
    course = seen.copy()
    for piece, u in zip(parts, solved, strict=True):
        spread = np.r_[0.0, 0.0, u] - 2.0 * np.r_[0.0, u, 0.0] + np.r_[u, 0.0, 0.0]
        root = np.sqrt(variance[piece])
        beside = np.r_[root[1:] * spread[1:], 0.0] + np.r_[0.0, root[:-1] * spread[:-1]]
        course[piece] = seen[piece] - variance[piece] * spread - OVERLAP * root * beside
    for piece in pieces:
        if piece.stop - piece.start < 3:
            course[piece] = np.average(seen[piece], weights=1.0 / variance[piece])
    told = np.sum((np.square(np.abs(seen)) - np.square(np.abs(seen - course))) / variance) / factor
    # Degrees of freedom of a smoothing spline, about.
    freedom = 2.0 * len(pieces) + 0.35 * ROUGHNESS[best] ** 0.25 * count
    if told < SEEN_GAIN + 2.0 * freedom:
        course = np.zeros_like(seen)
    return course, ROUGHNESS[best], factor


def _fitted(
    z: Sequence[np.ndarray], bands: Sequence[np.ndarray], roughness: float, count: int
) -> tuple[float, float, list[np.ndarray]]:
    """Log-likelihood of second differences at a roughness, the noise's factor, and the solved equations."""
    logdet, square, solved = 0.0, 0.0, []
    for band, one in zip(bands, z, strict=True):
        full = band.copy()
        full[0] += roughness
        root = scipy.linalg.cholesky_banded(full, lower=True, check_finite=False)
        u = scipy.linalg.cho_solve_banded((root, True), one, check_finite=False)
        logdet += 2.0 * float(np.log(root[0]).sum())
        square += float(np.vdot(one, u).real)
        solved.append(u)
    factor = max(square / max(count, 1), LEAST_NOISE)
    return -count * float(np.log(factor)) - logdet, factor, solved


def difference_bands(variance: np.ndarray) -> np.ndarray:
    """Covariance of second differences of noise, lower bands, (4, m - 2)."""
    root = OVERLAP * np.sqrt(variance[1:] * variance[:-1])
    m = variance.size - 2
    v, c = variance, root
    bands = np.zeros((4, m))
    bands[0] = v[:-2] + 4.0 * v[1:-1] + v[2:] - 4.0 * c[:-1] - 4.0 * c[1:]
    if m > 1:
        # Rows i and i + 1 share knots i + 1 and i + 2; c joins neighbours.
        bands[1, :-1] = -2.0 * v[1:-2] - 2.0 * v[2:-1] + c[:-2] + 5.0 * c[1:-1] + c[2:]
    if m > 2:
        bands[2, :-2] = v[2:-2] - 2.0 * c[1:-2] - 2.0 * c[2:-1]
    if m > 3:
        bands[3, :-3] = c[2:-2]
    return bands

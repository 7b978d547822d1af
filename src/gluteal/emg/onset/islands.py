"""Short transients in a signal above a corner: spikes, steps of the baseline, a knock on the limb.

A plug that is touched, an electrode that pops or a heel that strikes adds up to some 40 ms of everything, and then
it is quiet again before the muscle starts: an island.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

#: An island is no longer than this, s, and so long it is quiet on both sides of it. Own choice: the band-pass makes
#: 20 ms of a step; between two discharges of a unit lie 50 ms, and the pauses within a burst are shorter than 30.
ISLAND, QUIET = 0.045, 0.030
#: Levels (RMS of 8 ms) over rest, as amplitudes, from which an island begins and which it must reach. Own choice: what
#: is lower moves no edge by itself.
BEGINS, REACHES = 3.0, 6.0
#: As long as one potential, s. Own choice.
LEVEL_WINDOW = 0.008
#: How many times the peaks of the burst (their quantile `PEAK`) an island must reach to be no muscle's. Own choice:
#: units that all begin at once, as at a start signal, reach 2.6 times the peaks of the burst that follows.
TALLER, PEAK = 3.0, 0.99
#: Longest island that is certain, s: plugs chatter. Own choice.
TRAIN = 0.150
#: What filters smear to each side of an island, s. Own choice: the corner's filter has fallen by 25 dB by then.
MARGIN = 0.006


def find_islands(fast: np.ndarray, rate: float, quiet: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Find short stretches that stand out of quiet ones on both sides, [first, last) samples.

    Parameters
    ----------
    fast : (n,)
        Signal above a corner.
    rate : float
        Samples per second.
    quiet : (n,) of bool
        Where no burst is.
    """
    # The median of what is squared: islands among the rest do not raise it. 0.455 is that of chi-squared, one degree.
    rest = float(np.sqrt(np.median(np.square(fast[quiet])) / 0.455))
    # A running sum may leave less than nothing of a quiet stretch after a loud one.
    power = ndimage.uniform_filter1d(np.square(fast), max(3, round(LEVEL_WINDOW * rate)))
    level = np.sqrt(np.maximum(power, 0.0))
    joined: list[list[int]] = []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], level > BEGINS * rest, [False]))))
    for first, last in edges.reshape(-1, 2).tolist():
        if joined and first - joined[-1][1] < QUIET * rate:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    found = [(a, b) for a, b in joined if b - a <= TRAIN * rate and level[a:b].max() > REACHES * rest]
    others = np.ones(fast.size, dtype=bool)
    for a, b in found:
        others[a:b] = False
    loud = others & (level > BEGINS * rest)
    typical = peaks_of(fast[loud]) if loud.any() else np.inf
    return tuple((a, b) for a, b in found if b - a <= ISLAND * rate or np.abs(fast[a:b]).max() > TALLER * typical)


def fill_islands(fast: np.ndarray, islands: Sequence[tuple[int, int]], rate: float) -> np.ndarray:
    """Return the signal with what lies before each island, mirrored, in its place; after it where there is too little.

    Parameters
    ----------
    fast : (n,)
        Signal above a corner.
    islands : sequence of (int, int)
        [first, last) samples.
    rate : float
        Samples per second.
    """
    out = fast.copy()
    margin = round(MARGIN * rate)
    for first, last in islands:
        a, b = max(0, first - margin), min(out.size, last + margin)
        before, after = out[max(0, 2 * a - b) : a], out[b : 2 * b - a]
        beside = before if before.size == b - a else after
        out[a:b] = beside[::-1] if beside.size == b - a else 0.0
    return out


def peaks_of(signal: np.ndarray) -> float:
    """Return how tall the peaks of a signal (n,) are: a quantile, as the largest of all depends on chance."""
    return float(np.quantile(np.abs(signal), PEAK))

"""Contractions that rise over half a second and more, as of people who are asked to push slowly harder and harder.

The forms of `gluteal.emg.onset.forms` end at half a second, and the window in which an edge is sought holds no more. A
slower rise looks there like a soft one that begins where it leaves the noise, late by a fifth of its length. So the
course of power from the rest before a burst to its plateau is held, in bins, against three kinds of rises: those forms,
linear ramps of the amplitude of 0.45 to 5 s, and jumps that grow on for as long, whose onset is the jump's. Where the
slow ramps are the likeliest of all, the onset is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.emg.onset.edge import LEVELS, TEMPER
from gluteal.emg.onset.forms import FORMS, power_share
from gluteal.emg.onset.locate import Place
from gluteal.kernels.onset import rise_likelihood

#: Lengths of slow ramps, s, in even steps of the logarithm. Own choice: from where the other forms end to a slow test.
SLOW_RAMPS = tuple(0.45 * 2 ** (i / 4) for i in range(15))
#: Shares of the amplitude that a contraction jumps to before it grows on. Own choice.
JUMPS = (0.35, 0.5, 0.7)
#: Shares of what a burst adds to rest at which its power counts as half-way and as at its plateau.
HALF, PLATEAU = 0.5, 0.8
#: Bins over which power is averaged for both.
EVEN = 10
#: Least time from the rough edge to half the plateau's power, s, from which a rise may be slow. Own choice: a ramp of
#: 0.3 s takes as long; what is faster is left to the other forms.
LEAST = 0.15
#: Longest rest looked at before the rough edge, s: slow ramps lie so far ahead of it.
AHEAD = 5.0
#: Probability of a slow ramp up to which it is left aside, and from which it alone says when; between, the interval
#: holds both answers. Own choice: from half on it is likelier than all else.
UNLIKELY_SLOW, SURELY_SLOW = 0.5, 0.9
#: Tails outside the interval of a slow ramp, each, and a share of its length added on both sides: nobody pushes in a
#: straight line. Own choice: simulated ramps of 0.5 to 3 s, 10 to 30 dB over rest, are held in nine of ten and more.
SLOW_TAIL, SLOW_SHARE = 0.005, 0.015


@dataclass(frozen=True)
class SlowOnset:
    """An onset under slow ramps: their probability, and time, standard deviation and interval, s."""

    share: float
    at: float
    deviation: float
    interval: tuple[float, float]


def find_slow(y: np.ndarray, bin_s: float, order: Sequence[Place], number: int, shape: float) -> SlowOnset | None:
    """The onset of a burst that rises slowly; None where it rises faster, or jumps and grows on.

    Parameters
    ----------
    y : (bins,)
        Mean power in bins.
    bin_s : float
        Length of a bin, s.
    order : sequence of Place
        All bursts.
    number : int
        Which of them.
    shape : float
        Gamma shape of a bin.
    """
    place = order[number]
    added = y[place.first : place.last] - place.before
    even = np.convolve(added, np.ones(EVEN) / EVEN, "same") if added.size > EVEN else added
    plateau = place.peak - place.before
    half, top = (_first(even >= share * plateau) for share in (HALF, PLATEAU))
    if half * bin_s < LEAST:
        return None
    start = (order[number - 1].last + place.first) // 2 if number else 0
    start = max(start, place.first - round(AHEAD / bin_s))
    window = y[start : place.first + max(min(top, round(SLOW_RAMPS[-1] / bin_s)), 3)]

    def chance(shares: list[np.ndarray]) -> np.ndarray:
        bounds = np.cumsum([0, *(s.size for s in shares)]).astype(np.int64)
        levels = plateau * LEVELS
        found = rise_likelihood(window, place.before, np.concatenate(shares), bounds, levels, 0, window.size)
        return TEMPER * shape * found

    def grown(jump: float, length: float) -> np.ndarray:
        n = round(length / bin_s)
        return (jump + (1.0 - jump) * (np.arange(n) + 0.5) / n) ** 2

    kinds = [
        chance([power_share(form, 1.0 / bin_s, None) for form in FORMS]),
        chance([grown(0.0, length) for length in SLOW_RAMPS]),
        chance([grown(jump, length) for jump in JUMPS for length in SLOW_RAMPS]),
    ]
    largest = max(float(table.max()) for table in kinds)
    # Each kind is as likely, and each of its forms.
    weights = [np.exp(table - largest) / len(table) for table in kinds]
    share = float(weights[1].sum() / sum(w.sum() for w in weights))
    if share < UNLIKELY_SLOW:
        return None
    slow = weights[1] / weights[1].sum()
    when, length = slow.sum((0, 1)), float(slow.sum((1, 2)) @ np.array(SLOW_RAMPS))
    time = (start + np.arange(window.size) + 0.5) * bin_s
    total = np.r_[0.0, np.cumsum(when)]
    low, at, high = np.interp((SLOW_TAIL, 0.5, 1.0 - SLOW_TAIL), total, (start + np.arange(window.size + 1)) * bin_s)
    margin, mean = SLOW_SHARE * length, when @ time
    deviation = float(np.sqrt(when @ (time - mean) ** 2 + bin_s**2 / 12 + (margin / 2) ** 2))
    return SlowOnset(share, float(at), deviation, (max(float(low) - margin, 0.0), float(high) + margin))


def _first(where: np.ndarray) -> int:
    """Number of the first that is true; all where none is."""
    return int(np.argmax(where)) if where.any() else where.size

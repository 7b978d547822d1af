"""Contractions that rise over half a second and more, as of people who are asked to push slowly harder and harder.

The forms of `gluteal.emg.onset.forms` end at half a second, and the window in which an edge is sought holds no more. A
slower rise looks there like a soft one that begins where it leaves the noise, late by a fifth of its length. So the
course of power from the rest before a burst to its plateau is held, in bins, against three kinds of rises: those forms,
slow ones of 0.45 to 7 s, whose amplitude grows as a power of time or as a raised cosine, and jumps that grow on for as
long, whose onset is the jump's. The onset is that of each, weighed by how likely it is.

What looks like weak, steady activity before a burst may be the foot of a slow rise, too: forms and jumps may stand on
it, slow rises begin in rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.emg.onset.edge import LEVELS, TEMPER
from gluteal.emg.onset.forms import FORMS, power_share
from gluteal.emg.onset.locate import Place
from gluteal.emg.onset.summary import Edge
from gluteal.kernels.onset import rise_likelihood

#: Lengths of slow rises, s, in even steps of the logarithm. Own choice: from where the other forms end to a slow test.
LENGTHS = tuple(0.45 * 2 ** (i / 4) for i in range(17))
#: Powers of time as which the amplitude grows, beside a raised cosine. Own choice: by recruitment it grows faster or
#: slower than the drive, and people push neither in a straight line.
POWERS = (0.5, 0.75, 1.0, 1.4)
#: Shares of the amplitude that a contraction jumps to before it grows on. Own choice.
JUMPS = (0.35, 0.5, 0.7)
#: Shares of what a burst adds to rest at which its power counts as half-way and as at its plateau.
HALF, PLATEAU = 0.5, 0.8
#: Bins over which power is averaged for both.
EVEN = 10
#: Least time from the rough edge to half the plateau's power, s, from which a rise may be slow. Own choice: a ramp of
#: 0.3 s takes as long; what is faster is left to the other forms.
LEAST = 0.175
#: Most bins from the rough edge to half the plateau's power: longer rises are looked at in wider bins, which bounds
#: the time it takes.
MOST_BINS = 40
#: Longest rest looked at before the rough edge, s: slow rises lie so far ahead of it.
AHEAD = 8.0
#: Variance of the power of a bin about its course, as a share of its square, beside that of noise and of the motor
#: units' potentials. Own choice: strength that people ask of themselves wavers, and no course is exactly one of these.
WAVERING = 0.05
#: Tails outside the interval of an edge, each, and a share of a slow rise's length added on both sides. Own choice: on
#: slow rises of `benchmarks.onset.tuning` nine of ten edges and more are held.
TAIL, SHARE = 0.03, 0.03
#: Probability of a slow rise from which it alone says when: below, the interval holds both answers. Own choice.
SURELY_SLOW = 0.9


@dataclass(frozen=True)
class _Course:
    """Power in bins of `bin_s` from before the rise to its plateau, and what is known of it.

    `rest` is its power before the rise and `tone` that of weak activity from bin `begins` on, the same and 0 where
    there is none; `plateau` is what the rise adds, `shape` the gamma shape of a bin.
    """

    power: np.ndarray
    bin_s: float
    rest: float
    tone: float
    begins: int
    plateau: float
    shape: float

    def chance(self, shares: list[np.ndarray], *, on_tone: bool) -> np.ndarray:
        """Tempered log-likelihood of rises (forms, levels, bins), which begin in rest or on the weak activity.

        It is relative to rest alone.
        """
        bounds = np.cumsum([0, *(s.size for s in shares)]).astype(np.int64)
        levels, n, first = self.plateau * LEVELS, self.power.size, self.begins if on_tone else 0
        before = self.tone if on_tone else self.rest
        found = np.full((len(shares), levels.size, n), -np.inf)
        found[..., first:] = rise_likelihood(self.power, before, np.concatenate(shares), bounds, levels, first, n)
        if on_tone:
            after = self.power[first:]
            found += float((np.log(self.rest / before) + after / self.rest - after / before).sum())
        return TEMPER * self.shape * found

    def grown(self, jump: float, power: float | None, length: float) -> np.ndarray:
        """Share of the plateau's power in each bin of an amplitude that jumps and grows on; None a raised cosine."""
        n = round(length / self.bin_s)
        u = (np.arange(n) + 0.5) / n
        return (jump + (1.0 - jump) * (0.5 - 0.5 * np.cos(np.pi * u) if power is None else u**power)) ** 2


def with_slow_rise(
    edge: Edge, y: np.ndarray, bin_s: float, order: Sequence[Place], number: int, *, shape: float, grain: float
) -> Edge:
    """The edge of a burst that may rise slowly: estimate, standard deviation and interval, s.

    Parameters
    ----------
    edge : (float, float, (float, float))
        The edge as the forms of half a second and less have it; it stays where the burst rises faster.
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
    grain : float
        Mean time between the potentials a burst is made of, s (`gluteal.emg.onset.grain.potential_interval`).
    """
    found = _course(y, bin_s, order, number, shape, grain)
    if found is None:
        return edge
    start, course = found
    lengths = np.tile(LENGTHS, len(POWERS) + 1)
    kinds = [
        course.chance([power_share(form, 1.0 / course.bin_s, None) for form in FORMS], on_tone=True),
        course.chance([course.grown(0.0, p, s) for p in (*POWERS, None) for s in LENGTHS], on_tone=False),
        course.chance([course.grown(jump, 1.0, s) for jump in JUMPS for s in LENGTHS], on_tone=True),
    ]
    largest = max(float(table.max()) for table in kinds)
    # Each kind is as likely, and each of its forms.
    weights = [np.exp(table - largest) / len(table) for table in kinds]
    share = float(weights[1].sum() / sum(w.sum() for w in weights))
    if share <= 2.0 * TAIL:
        return edge
    slow = weights[1] / weights[1].sum()
    when, margin = slow.sum((0, 1)), SHARE * float(slow.sum((1, 2)) @ lengths)
    edges = start + np.arange(when.size + 1) * course.bin_s
    # So much of the probability of both together lies outside.
    tail = TAIL / share
    quantiles = np.interp((tail, 0.5, 1.0 - tail), np.r_[0.0, np.cumsum(when)], edges)
    low, at, high = (float(v) for v in quantiles)
    low, high = max(low - margin, 0.0), high + margin
    time = (edges[1:] + edges[:-1]) / 2
    variance = float(when @ (time - when @ time) ** 2) + course.bin_s**2 / 12 + (margin / 2) ** 2
    if share >= SURELY_SLOW:
        return at, variance**0.5, (low, high)
    fast, deviation, (first, last) = edge
    both = share * variance + (1.0 - share) * deviation**2 + share * (1.0 - share) * (at - fast) ** 2
    return fast + share * (at - fast), both**0.5, (min(first, low), max(last, high))


def _course(
    y: np.ndarray, bin_s: float, order: Sequence[Place], number: int, shape: float, grain: float
) -> tuple[float, _Course] | None:
    """When the course begins in which a slow rise is sought, s, and the course; None where the burst rises fast."""
    place = order[number]
    rest, plateau = place.rest_before, place.peak - place.rest_before
    added = y[place.begins : place.last] - rest
    even = np.convolve(added, np.ones(EVEN) / EVEN, "same") if added.size > EVEN else added
    half, top = (_first(even >= share * plateau) for share in (HALF, PLATEAU))
    if half * bin_s < LEAST:
        return None
    start = (order[number - 1].last + place.begins) // 2 if number else 0
    start = max(start, place.begins - round(AHEAD / bin_s))
    stop = place.begins + max(min(top, round(LENGTHS[-1] / bin_s)), 3)
    size = max(half // MOST_BINS, 1)
    count = (stop - start) // size
    start = stop - count * size
    power = y[start:stop].reshape(count, size).mean(1)
    wide = bin_s * size
    # Potentials that come at random have a relative variance of one over their number (Campbell's theorem).
    spread = 1.0 / (shape * size) + grain / wide + WAVERING
    begins = max((place.begins - start) // size, 0) if place.begins < place.first else 0
    return start * bin_s, _Course(power, wide, rest, place.before, begins, plateau, 1.0 / spread)


def _first(where: np.ndarray) -> int:
    """Number of the first that is true; all where none is."""
    return int(np.argmax(where)) if where.any() else where.size

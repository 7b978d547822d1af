"""Bursts held against the power above 80 Hz: what slow waves added to them, and what they are without.

A muscle raises its whole band at once. An electrode or cable that moves raises 20-40 Hz alone, often just before the
burst, because the limb moves then; timed as it stands, it makes the muscle early. So each burst is looked for again
above 80 Hz, where movement has no power: one that leaves no trace there is none, and an edge that the two bands place
differently is timed above 80 Hz, or its interval opens to both answers where nothing shows which is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gluteal.emg.onset.bursts import Burst, join_bursts
from gluteal.emg.onset.edge import TEMPER
from gluteal.emg.onset.prepare import BIN, Power, bin_size, prepare_power
from gluteal.emg.onset.rise import RiseSettings, detect
from gluteal.emg.onset.segments import VALLEY_BINS
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

#: Corner above which electrodes and cables that move have no power, Hz. Own choice: De Luca et al. 2010 place them
#: below 20 Hz, recordings of walking and running show them up to 60; the heart is told from muscle at 80 Hz, too.
ABOVE = 80.0
#: Least sampling rate at which enough of the band lies above, samples per second. Own choice: half an octave.
LEAST_RATE = 250.0
#: What power in a burst above 80 Hz must gain in log-likelihood over rest. Own choice: the place is known, nothing is
#: searched, and chance alone gains so much upwards in 2 of 100 (half of chi-squared with one degree of freedom).
TRACE = 2.0
#: How many times stronger the slow band, relative to the band above 80 Hz, must be between two edges than in the
#: burst itself, to show that a slow wave made the first. Own choice: a muscle's spectrum changes by less at its onset.
SLOWER = 4.0


@dataclass(frozen=True)
class AboveCheck:
    """Bursts after the check, and how many edges and bursts it changed.

    Attributes
    ----------
    bursts : tuple of Burst
    retimed : int
        Edges timed above 80 Hz, because a slow wave made the one below.
    opened : int
        Edges whose interval now holds both answers.
    left_out : int
        Bursts without a trace above 80 Hz.
    """

    bursts: tuple[Burst, ...]
    retimed: int = 0
    opened: int = 0
    left_out: int = 0


def check_above(
    signal: np.ndarray, rate: float, bursts: Sequence[Burst], *, zero_lag: tuple[float, float] | None
) -> AboveCheck:
    """Hold the bursts of "rise" against the power above 80 Hz.

    Parameters
    ----------
    signal : (n,)
        As it was searched.
    rate : float
        Samples per second.
    bursts : sequence of Burst
        Times from the first sample, s.
    zero_lag : (float, float) or None
        As `RiseSettings`.
    """
    if rate < LEAST_RATE or not bursts:
        return AboveCheck(tuple(bursts))
    high = min(zero_lag[1] if zero_lag is not None else 450.0, 0.45 * rate)
    fast = filter_zero_lag(signal - signal.mean(), zero_lag_butter(2, ABOVE, "high", rate))
    power = prepare_power(fast, rate, high_pass=ABOVE, slow_high_pass=0.0)
    settings = RiseSettings(high_pass=ABOVE, slow_high_pass=0.0, zero_lag=(ABOVE, high))
    above, _ = detect(fast, rate, settings=settings, baseline=None, max_bursts=None)
    bursts = _joined(bursts, above)
    level = _Levels(signal, fast, rate, bursts)
    kept: list[Burst] = []
    retimed = opened = 0
    for burst in bursts:
        mine = [b for b in above if _overlap(b, burst)]
        if not mine and _gain(power, burst, bursts) < TRACE:
            continue
        new = burst
        if mine:
            for edge, other in (("onset", mine[0]), ("offset", mine[-1])):
                changed = _settle(new, other, edge, level)
                retimed += changed is not new and getattr(changed, f"{edge}_s") == getattr(other, f"{edge}_s")
                opened += changed is not new and getattr(changed, f"{edge}_s") == getattr(burst, f"{edge}_s")
                new = changed
        kept.append(new)
    return AboveCheck(tuple(kept), retimed, opened, len(bursts) - len(kept))


def _joined(bursts: Sequence[Burst], above: Sequence[Burst]) -> list[Burst]:
    """Bursts, two of them as one where above 80 Hz the muscle goes on between: a slow wave's tail parted them."""
    found = [bursts[0]]
    for burst in bursts[1:]:
        last = found[-1]
        through = any(b.onset_s <= last.offset_s and burst.onset_s <= b.offset_s for b in above)
        if through and burst.onset_s - last.offset_s < VALLEY_BINS * BIN:
            found[-1] = join_bursts(last, burst)
        else:
            found.append(burst)
    return found


def _settle(burst: Burst, other: Burst, edge: str, level: _Levels) -> Burst:
    """The burst with an edge that both bands can stand by; itself where they agree.

    Only an edge that lies farther out than above 80 Hz can be a slow wave's; noise may hide the beginning above.
    """
    at, there = getattr(burst, f"{edge}_s"), getattr(other, f"{edge}_s")
    mine, its = getattr(burst, f"{edge}_interval_s"), getattr(other, f"{edge}_interval_s")
    if not np.isfinite([at, there, *mine, *its]).all():
        return burst
    farther = at < its[0] if edge == "onset" else at > its[1]
    if not farther:
        return burst
    if level.slower(min(at, there), max(at, there), other):
        return _with_edge(burst, edge, there, getattr(other, f"{edge}_sd_s"), its)
    low, high = min(mine[0], its[0]), max(mine[1], its[1])
    # A flat probability over the interval: its standard deviation is its length over the root of 12.
    deviation = max(getattr(burst, f"{edge}_sd_s"), (high - low) / np.sqrt(12.0))
    return _with_edge(burst, edge, at, float(deviation), (low, high))


def _with_edge(burst: Burst, edge: str, at: float, deviation: float, interval: tuple[float, float]) -> Burst:
    if edge == "onset":
        return replace(burst, onset_s=at, onset_sd_s=deviation, onset_interval_s=interval)
    return replace(burst, offset_s=at, offset_sd_s=deviation, offset_interval_s=interval)


def _overlap(a: Burst, b: Burst) -> bool:
    starts = [x.onset_s if np.isfinite(x.onset_s) else -np.inf for x in (a, b)]
    ends = [x.offset_s if np.isfinite(x.offset_s) else np.inf for x in (a, b)]
    return max(starts) < min(ends)


class _Levels:
    """Power below and above 80 Hz, over what it is at rest."""

    def __init__(self, signal: np.ndarray, fast: np.ndarray, rate: float, bursts: Sequence[Burst]) -> None:
        self.rate = rate
        self.powers = [np.square(part) for part in (signal - signal.mean() - fast, fast)]
        quiet = np.ones(signal.size, bool)
        for burst in bursts:
            quiet[self._span(burst.onset_s, burst.offset_s)] = False
        self.rest = [float(p[quiet].mean()) if quiet.any() else 0.0 for p in self.powers]

    def _span(self, start: float, end: float) -> slice:
        first = 0 if not np.isfinite(start) else max(0, round(start * self.rate))
        return slice(first, None if not np.isfinite(end) else max(first + 1, round(end * self.rate)))

    def _added(self, span: slice) -> tuple[float, float]:
        slow, fast = (max(float(p[span].mean()) - r, 0.0) for p, r in zip(self.powers, self.rest, strict=True))
        return slow, fast

    def slower(self, start: float, end: float, burst: Burst) -> bool:
        """Whether what stands between two edges is a slow wave, beside the burst as it is above 80 Hz."""
        slow, fast = self._added(self._span(start, end))
        slow_in, fast_in = self._added(self._span(burst.onset_s, burst.offset_s))
        # Above 80 Hz nothing may stand out at all between the edges.
        return slow * fast_in > SLOWER * slow_in * fast


def _gain(power: Power, burst: Burst, bursts: Sequence[Burst]) -> float:
    """Log-likelihood that power above 80 Hz gains by another level in the burst than at rest; 0 where it is lower."""
    size = bin_size(power.rate)
    n = power.forward.size // size
    y = power.forward[: n * size].reshape(n, size).mean(1)
    centre = (power.skip + (np.arange(n) + 0.5) * size) / power.rate

    def inside(one: Burst) -> np.ndarray:
        first = one.onset_s if np.isfinite(one.onset_s) else -np.inf
        last = one.offset_s if np.isfinite(one.offset_s) else np.inf
        return (centre >= first) & (centre <= last)

    here, quiet = y[inside(burst)], y[~np.any([inside(b) for b in bursts], axis=0)]
    if not here.size or not quiet.size or here.mean() <= quiet.mean():
        return 0.0
    pooled = (here.sum() + quiet.sum()) / (here.size + quiet.size)
    weight = TEMPER * power.shape * size
    return float(weight * (here.size * np.log(pooled / here.mean()) + quiet.size * np.log(pooled / quiet.mean())))

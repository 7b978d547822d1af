"""Bursts held against the power above 80 and 160 Hz: what slow waves and short transients added, and what is left.

A muscle raises its whole band at once. An electrode or cable that moves raises 20-40 Hz alone, often just before the
burst, because the limb moves then; timed as it stands, it makes the muscle early. So each burst is looked for again
above 80 Hz, where movement has no power: one that leaves no trace there is none, and an edge that the two bands place
differently is timed above 80 Hz, or its interval opens to both answers where nothing shows which is right.

What is short has power above 80 Hz, too (`gluteal.emg.onset.islands`). So where a burst begins or ends with such an
island, or with power that is far slower than its own, it is looked for again above 80 and 160 Hz with the islands
filled from beside them. What is certain there is taken; where an island may as well be the muscle's first potentials,
the interval opens to both answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gluteal.emg.onset.bursts import EDGES, Burst, CheckedBursts, EdgeName, join_bursts
from gluteal.emg.onset.edge import TEMPER
from gluteal.emg.onset.islands import ISLAND, QUIET, TALLER, fill_islands, find_islands, peaks_of
from gluteal.emg.onset.prepare import BIN, bin_size, prepare_power
from gluteal.emg.onset.rise import RiseSettings, detect
from gluteal.emg.onset.segments import VALLEY_BINS
from gluteal.kernels.butterworth import filter_zero_lag, one_pass_corner, zero_lag_butter

#: Corner above which electrodes and cables that move have no power, Hz. Own choice: De Luca et al. 2010 place them
#: below 20 Hz, recordings of walking and running show them up to 60; the heart is told from muscle at 80 Hz, too.
ABOVE = 80.0
#: Second corner above which a burst is looked for without islands, Hz: a knock rings at 20 to 60 Hz and has a tail
#: above 80, which is gone here. Own choice: half of a muscle's power lies below.
FAR_ABOVE = 160.0
#: Least sampling rate at which enough of the band lies above, samples per second. Own choice: half an octave.
LEAST_RATE = 250.0
#: What power in a burst above 80 Hz must gain in log-likelihood over rest. Own choice: the place is known, nothing is
#: searched, and chance alone gains so much upwards in 2 of 100 (half of chi-squared with one degree of freedom).
TRACE = 2.0
#: How many times stronger the slow band, relative to the band above the corner, must be between two edges than in the
#: burst itself, to show that a slow wave made the first. Own choice: a muscle's spectrum changes by less at its onset.
SLOWER = 4.0
#: How many times the burst's slow peaks a slow wave with an island in it must reach to be no muscle's. Own choice: slow
#: first potentials of units that all begin at once reach 1.9, a knock that makes a burst 0.1 s early 2.9.
SLOW_TALLER = 2.0
#: Least rest beside all bursts from which the level of islands is known, s. Own choice.
LEAST_REST = 0.1


def check_above(
    signal: np.ndarray, rate: float, bursts: Sequence[Burst], *, zero_lag: tuple[float, float] | None
) -> CheckedBursts:
    """Hold the bursts of "rise" against the power above 80 Hz, then against that above 80 and 160 Hz without islands.

    Parameters
    ----------
    signal : (n,)
        As it was searched.
    rate : float
        Samples per second.
    bursts : sequence of Burst
        Times from the first sample, s.
    zero_lag : (float, float) or None
        As `RiseSettings`. Of a band that ends below 80 Hz nothing is left to hold bursts against.

    Returns
    -------
    CheckedBursts
        "retimed" are edges timed above a corner, because a slow wave or an island made the one below; "opened" hold
        both answers; "left_out" are bursts without a trace above 80 Hz, or that were an island alone.
    """
    top = 0.5 * rate if zero_lag is None else zero_lag[1]
    if rate < LEAST_RATE or top <= ABOVE or not bursts:
        return _checked(bursts)
    centred = signal - signal.mean()
    fast = _high_passed(centred, rate, ABOVE)
    found = _search(fast, rate, ABOVE, top)
    kept = _joined(bursts, found)
    band = _Band(rate, centred - fast, fast, fast, _outside(kept, fast.size, rate), found)
    left_out = len(kept)
    kept = _with_a_trace(kept, band)
    left_out -= len(kept)
    retimed, opened = _settle_all(kept, band)
    quiet = _outside(kept, fast.size, rate)
    if not kept or quiet.sum() < LEAST_REST * rate:
        return _checked(kept, retimed, opened, left_out)
    without: list[_Band] = []
    for corner in (c for c in (ABOVE, FAR_ABOVE) if c < 0.8 * min(top, 0.45 * rate)):
        fast = band.fast if corner == ABOVE else _high_passed(centred, rate, corner)
        islands = find_islands(fast, rate, quiet)
        part = _Band(rate, centred - fast, fast, fast, quiet, found, islands)
        if not any(part.is_suspect(b) for b in kept):
            continue
        if islands or corner != ABOVE:
            held = fill_islands(fast, islands, rate)
            part = replace(part, held=held, bursts=_search(held, rate, corner, top))
        without.append(part)
        kept = _with_own_islands(kept, part)
        changed = _settle_all(kept, part)
        retimed, opened = retimed + changed[0], opened + changed[1]
    muscles = [b for b in kept if not _is_alone(b, without)]
    alone = len(kept) - len(muscles)
    if alone:
        # Beside what is twice as tall a contraction was taken for weak activity, and trimmed.
        muscles += [b for b in without[0].bursts if not any(_overlap(b, m) for m in muscles)]
        muscles.sort(key=lambda b: _reach(b)[0])
    return _checked(muscles, retimed, opened, left_out + alone)


def _checked(bursts: Sequence[Burst], retimed: int = 0, opened: int = 0, left_out: int = 0) -> CheckedBursts:
    return CheckedBursts(tuple(bursts), {"retimed": retimed, "opened": opened, "left_out": left_out})


@dataclass(frozen=True)
class _Band:
    """A signal below and above a corner, (n,), where no burst is, and the bursts above.

    `held` is the signal above that was searched for `bursts`: as it is, or with its `islands` filled, [first, last)
    samples; None where none were looked for.
    """

    rate: float
    slow: np.ndarray
    fast: np.ndarray
    held: np.ndarray
    quiet: np.ndarray
    bursts: tuple[Burst, ...]
    islands: tuple[tuple[int, int], ...] | None = None

    @cached_property
    def rest(self) -> tuple[float, ...]:
        """Power at rest, below and above."""
        return tuple(float(np.mean(np.square(x[self.quiet]))) if self.quiet.any() else 0.0 for x in self._both)

    @cached_property
    def peaks(self) -> float:
        """Peaks of all bursts without islands."""
        return peaks_of(np.concatenate([self.held[self.span(b.onset_s, b.offset_s)] for b in self.bursts]))

    @property
    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        return self.slow, self.fast

    def span(self, start: float, end: float) -> slice:
        """Samples from one time to the other, s; not finite is an end of the signal."""
        return _span(start, end, self.fast.size, self.rate)

    def overlapping(self, burst: Burst) -> list[Burst]:
        """Bursts above that share time with one."""
        return [b for b in self.bursts if _overlap(b, burst)]

    def is_slower(self, part: slice, whole: slice) -> bool:
        """Whether a part has `SLOWER` times as much slow power for its fast power as the whole, both over rest."""

        def added(span: slice) -> list[float]:
            powers = (float(np.mean(np.square(x[span]))) for x in self._both)
            return [max(power - rest, 0.0) for power, rest in zip(powers, self.rest, strict=True)]

        (slow, fast), (slow_in, fast_in) = added(part), added(whole)
        # Above the corner nothing may stand out at all in the part.
        return slow * fast_in > SLOWER * slow_in * fast

    def is_suspect(self, burst: Burst) -> bool:
        """Whether a burst touches an island, or begins or ends far slower than it goes on."""
        span = self.span(burst.onset_s, burst.offset_s)
        margin = round(QUIET * self.rate)
        if any(a - margin < span.stop and b + margin > span.start for a, b in self.islands or ()):
            return True
        length = min(round(ISLAND * self.rate), (span.stop - span.start) // 3)
        ends = (slice(span.start, span.start + length), slice(span.stop - length, span.stop))
        return length > 0 and any(self.is_slower(end, span) for end in ends)

    def answers(self, between: slice, inside: slice) -> tuple[bool, bool]:
        """Whether what lies between two edges of a burst may be no muscle's, and whether that is certain.

        Where islands were not looked for both bands may always be right. Where they were, what is slow and no taller
        than the burst may be its weak flank, or a single large potential.
        """
        slower = self.is_slower(between, inside)
        if self.islands is None:
            return True, slower
        if slower and _tallest(self.slow[between]) > SLOW_TALLER * peaks_of(self.slow[inside]):
            return True, True
        margin = round(QUIET * self.rate)
        near = [(a, b) for a, b in self.islands if between.start - margin < (a + b) // 2 < between.stop + margin]
        return bool(near), bool(near) and self._tallest(near) > TALLER * peaks_of(self.held[inside])

    def islands_in(self, burst: Burst) -> list[tuple[int, int]]:
        """Islands that share time with a burst."""
        span = self.span(burst.onset_s, burst.offset_s)
        return [(a, b) for a, b in self.islands or () if a < span.stop and b > span.start]

    def has_taller_island(self, burst: Burst) -> bool:
        """Whether an island in a burst is taller than all bursts without islands."""
        inside = self.islands_in(burst)
        return bool(self.bursts and inside) and self._tallest(inside) > TALLER * self.peaks

    def _tallest(self, islands: Sequence[tuple[int, int]]) -> float:
        return max(_tallest(self.fast[a:b]) for a, b in islands)


def _high_passed(centred: np.ndarray, rate: float, corner: float) -> np.ndarray:
    return filter_zero_lag(centred, zero_lag_butter(2, corner, "high", rate))


def _search(fast: np.ndarray, rate: float, corner: float, top: float) -> tuple[Burst, ...]:
    """Bursts of a signal above a corner."""
    band = (one_pass_corner(2, corner, "high", rate), top)
    settings = RiseSettings(high_pass=corner, slow_high_pass=0.0, zero_lag=band)
    return detect(fast, rate, settings=settings, baseline=None, max_bursts=None)[0]


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


def _with_own_islands(bursts: Sequence[Burst], band: _Band) -> list[Burst]:
    """Bursts, one that is islands alone joined to the muscle's beside it: these may be its first or last potentials."""
    found = [bursts[0]]
    for burst in bursts[1:]:
        last = found[-1]
        near = burst.onset_s - last.offset_s < VALLEY_BINS * BIN
        alone = [b for b in (last, burst) if not band.overlapping(b) and band.islands_in(b)]
        if near and len(alone) == 1:
            found[-1] = join_bursts(last, burst)
        else:
            found.append(burst)
    return found


def _with_a_trace(bursts: Sequence[Burst], band: _Band) -> list[Burst]:
    """Bursts that were found above 80 Hz, or whose power gains enough by another level there than that of rest."""
    seen = [bool(band.overlapping(b)) for b in bursts]
    if all(seen):
        return list(bursts)
    power = prepare_power(band.fast, band.rate, high_pass=ABOVE, slow_high_pass=0.0)
    size = bin_size(power.rate)
    n = power.forward.size // size
    y = power.forward[: n * size].reshape(n, size).mean(1)
    centre = (power.skip + (np.arange(n) + 0.5) * size) / power.rate
    within = [(centre >= first) & (centre <= last) for first, last in map(_reach, bursts)]
    quiet, weight = y[~np.any(within, axis=0)], TEMPER * power.shape * size
    return [b for b, s, own in zip(bursts, seen, within, strict=True) if s or _gain(y[own], quiet, weight) >= TRACE]


def _gain(here: np.ndarray, quiet: np.ndarray, weight: float) -> float:
    """Log-likelihood that power (bins,) gains by another level than at rest; 0 where it is lower."""
    if not here.size or not quiet.size or here.mean() <= quiet.mean():
        return 0.0
    pooled = (here.sum() + quiet.sum()) / (here.size + quiet.size)
    return float(weight * (here.size * np.log(pooled / here.mean()) + quiet.size * np.log(pooled / quiet.mean())))


def _settle_all(bursts: list[Burst], band: _Band) -> tuple[int, int]:
    """Put edges that both bands can stand by into the list; how many were timed anew, and how many opened."""
    retimed = opened = 0
    for i in range(len(bursts)):
        for edge in EDGES:
            new = _settle(bursts[i], edge, band)
            moved = getattr(new, f"{edge}_s") != getattr(bursts[i], f"{edge}_s")
            if new is not bursts[i]:
                retimed, opened = retimed + moved, opened + (not moved)
                bursts[i] = new
    return retimed, opened


def _settle(burst: Burst, edge: EdgeName, band: _Band) -> Burst:
    """The burst with an edge that both bands can stand by; itself where they agree.

    Only an edge that lies farther out than above the corner can be a slow wave's or an island's; noise may hide the
    beginning above.
    """
    mine = band.overlapping(burst)
    if not mine:
        return burst
    other = mine[0] if edge == "onset" else mine[-1]
    at, there = getattr(burst, f"{edge}_s"), getattr(other, f"{edge}_s")
    own, its = getattr(burst, f"{edge}_interval_s"), getattr(other, f"{edge}_interval_s")
    if not np.isfinite([at, there, *own, *its]).all() or not (at < its[0] if edge == "onset" else at > its[1]):
        return burst
    doubtful, certain = band.answers(
        band.span(min(at, there), max(at, there)), band.span(other.onset_s, other.offset_s)
    )
    if not doubtful:
        return burst
    if certain:
        return burst.timed(edge, there, getattr(other, f"{edge}_sd_s"), its)
    return burst.opened(edge, *its)


def _is_alone(burst: Burst, without: Sequence[_Band]) -> bool:
    """Whether nothing of a burst is left without its islands, one of them taller than all other bursts."""
    if any(band.overlapping(burst) for band in without):
        return False
    return any(band.has_taller_island(burst) for band in without)


def _reach(burst: Burst) -> tuple[float, float]:
    """First and last time of a burst, s; infinite where it was not recorded."""
    return (
        burst.onset_s if math.isfinite(burst.onset_s) else -math.inf,
        burst.offset_s if math.isfinite(burst.offset_s) else math.inf,
    )


def _overlap(a: Burst, b: Burst) -> bool:
    (start, end), (begin, stop) = _reach(a), _reach(b)
    return max(start, begin) < min(end, stop)


def _outside(bursts: Sequence[Burst], size: int, rate: float) -> np.ndarray:
    quiet = np.ones(size, dtype=bool)
    for burst in bursts:
        quiet[_span(burst.onset_s, burst.offset_s, size, rate)] = False
    return quiet


def _span(start: float, end: float, size: int, rate: float) -> slice:
    first = max(0, round(start * rate)) if math.isfinite(start) else 0
    return slice(first, max(first + 1, round(end * rate)) if math.isfinite(end) else size)


def _tallest(part: np.ndarray) -> float:
    return float(np.abs(part).max())

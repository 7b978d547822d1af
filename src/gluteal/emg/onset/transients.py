"""Bursts held against what they are without short transients: spikes, steps of the baseline, a knock on the limb.

A plug that is touched, an electrode that pops or a heel that strikes adds up to some 40 ms of everything, also above
80 Hz, and then it is quiet again before the muscle starts. So where a burst begins or ends with such an island, or with
power that is far slower than its own, it is looked for again above 80 and 160 Hz with the islands filled from beside
them. What is certain there is taken; where an island may as well be the muscle's first potentials, the interval opens
to both answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from gluteal.emg.onset.above import ABOVE, LEAST_RATE, SLOWER, AboveCheck
from gluteal.emg.onset.bursts import Burst
from gluteal.emg.onset.rise import RiseSettings, detect
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

#: Second corner above which a burst is looked for, Hz: a knock rings at 20 to 60 Hz and has a tail above 80, which is
#: gone here. Own choice: half of a muscle's power lies below.
FAR_ABOVE = 160.0
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
#: The same of a slow wave with an island in it. Own choice: slow first potentials of such units reach 1.9, a knock that
#: makes a burst 0.1 s early 2.9.
SLOW_TALLER = 2.0
#: Longest island that is certain, s: plugs chatter. Own choice.
TRAIN = 0.150
#: What filters smear to each side of an island, s. Own choice: the corner's filter has fallen by 25 dB by then.
MARGIN = 0.006
#: Least rest beside all bursts from which its level is known, s. Own choice.
LEAST_REST = 0.1


@dataclass(frozen=True)
class _Band:
    """A signal above a corner: as it is, with its islands filled, the bursts of that, and the islands in samples."""

    corner: float
    signal: np.ndarray
    filled: np.ndarray
    bursts: tuple[Burst, ...]
    islands: tuple[tuple[int, int], ...]


def check_transients(
    signal: np.ndarray, rate: float, bursts: Sequence[Burst], *, zero_lag: tuple[float, float] | None
) -> AboveCheck:
    """Hold the bursts of "rise" against what they are without short transients.

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

    Returns
    -------
    AboveCheck
        `retimed` and `opened` count edges, `left_out` bursts that were an island alone.
    """
    kept = list(bursts)
    if rate < LEAST_RATE or not kept:
        return AboveCheck(tuple(kept))
    top = min(zero_lag[1] if zero_lag is not None else 450.0, 0.45 * rate)
    centred = signal - signal.mean()
    quiet = _outside(kept, signal.size, rate)
    if quiet.sum() < LEAST_REST * rate:
        return AboveCheck(tuple(kept))
    retimed = opened = 0
    without: list[_Band] = []
    for corner in (c for c in (ABOVE, FAR_ABOVE) if c < 0.8 * top):
        fast = filter_zero_lag(centred, zero_lag_butter(2, corner, "high", rate))
        islands = find_islands(fast, rate, quiet)
        if not any(_suspect(b, islands, centred - fast, fast, quiet, rate) for b in kept):
            continue
        filled = _fill(fast, islands, rate)
        settings = RiseSettings(high_pass=corner, slow_high_pass=0.0, zero_lag=(corner, top))
        found, _ = detect(filled, rate, settings=settings, baseline=None, max_bursts=None)
        band = _Band(corner, fast, filled, found, islands)
        without.append(band)
        for i in range(len(kept)):
            for edge in ("onset", "offset"):
                new = _settle(kept[i], edge, band, centred - fast, quiet, rate)
                if new is kept[i]:
                    continue
                moved = getattr(new, f"{edge}_s") != getattr(kept[i], f"{edge}_s")
                retimed, opened = retimed + moved, opened + (not moved)
                kept[i] = new
    alone = [b for b in kept if _is_alone(b, without, rate)]
    kept = [b for b in kept if b not in alone]
    if alone:
        # Beside what is twice as tall a contraction was taken for weak activity, and trimmed.
        kept += [b for b in without[0].bursts if not any(_overlap(b, k) for k in kept)]
        kept.sort(key=lambda b: b.onset_s if np.isfinite(b.onset_s) else -np.inf)
    return AboveCheck(tuple(kept), retimed, opened, len(alone))


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
    level = np.sqrt(ndimage.uniform_filter1d(np.square(fast), max(3, round(LEVEL_WINDOW * rate))))
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
    typical = float(np.quantile(np.abs(fast[loud]), PEAK)) if loud.any() else np.inf
    return tuple((a, b) for a, b in found if b - a <= ISLAND * rate or np.abs(fast[a:b]).max() > TALLER * typical)


def _outside(bursts: Sequence[Burst], size: int, rate: float) -> np.ndarray:
    quiet = np.ones(size, dtype=bool)
    for burst in bursts:
        quiet[_span(burst.onset_s, burst.offset_s, size, rate)] = False
    return quiet


def _span(start: float, end: float, size: int, rate: float) -> slice:
    first = max(0, round(start * rate)) if np.isfinite(start) else 0
    return slice(first, max(first + 1, round(end * rate)) if np.isfinite(end) else size)


def _fill(fast: np.ndarray, islands: Sequence[tuple[int, int]], rate: float) -> np.ndarray:
    """The signal with what lies before each island, mirrored, in its place; after it where there is too little."""
    out = fast.copy()
    margin = round(MARGIN * rate)
    for first, last in islands:
        a, b = max(0, first - margin), min(out.size, last + margin)
        before, after = out[max(0, 2 * a - b) : a], out[b : 2 * b - a]
        beside = before if before.size == b - a else after
        out[a:b] = beside[::-1] if beside.size == b - a else 0.0
    return out


def _suspect(
    burst: Burst,
    islands: Sequence[tuple[int, int]],
    slow: np.ndarray,
    fast: np.ndarray,
    quiet: np.ndarray,
    rate: float,
) -> bool:
    """Whether a burst touches an island, or begins or ends far slower than it goes on."""
    span = _span(burst.onset_s, burst.offset_s, fast.size, rate)
    margin = round(QUIET * rate)
    if any(a - margin < span.stop and b + margin > span.start for a, b in islands):
        return True
    length = min(round(ISLAND * rate), (span.stop - span.start) // 3)
    ends = (slice(span.start, span.start + length), slice(span.stop - length, span.stop))
    return length > 0 and any(_slower(end, span, slow, fast, quiet) for end in ends)


def _slower(part: slice, whole: slice, slow: np.ndarray, fast: np.ndarray, quiet: np.ndarray) -> bool:
    """Whether a part has `SLOWER` times as much slow power for its fast power as the whole, both over rest."""

    def added(span: slice) -> tuple[float, float]:
        below, above = (
            max(float(np.mean(np.square(x[span]))) - float(np.mean(np.square(x[quiet]))), 0.0) for x in (slow, fast)
        )
        return below, above

    (below, above), (below_all, above_all) = added(part), added(whole)
    return below * above_all > SLOWER * below_all * above


def _settle(burst: Burst, edge: str, band: _Band, slow: np.ndarray, quiet: np.ndarray, rate: float) -> Burst:
    """The burst with an edge that stands without islands and slow waves; itself where nothing shows either."""
    mine = [b for b in band.bursts if _overlap(b, burst)]
    if not mine:
        return burst
    other = mine[0] if edge == "onset" else mine[-1]
    at, there = getattr(burst, f"{edge}_s"), getattr(other, f"{edge}_s")
    its, own = getattr(other, f"{edge}_interval_s"), getattr(burst, f"{edge}_interval_s")
    if not np.isfinite([at, there, *its, *own]).all() or not (at < its[0] if edge == "onset" else at > its[1]):
        return burst
    size = band.signal.size
    between, inside = (
        _span(min(at, there), max(at, there), size, rate),
        _span(other.onset_s, other.offset_s, size, rate),
    )
    margin = round(QUIET * rate)
    islands = [
        band.signal[a:b] for a, b in band.islands if between.start - margin < (a + b) // 2 < between.stop + margin
    ]
    # What is slow and no taller than the burst may be its weak flank, or a single large potential.
    wave = _slower(between, inside, slow, band.signal, quiet) and _is_tall(slow[between], slow[inside], SLOW_TALLER)
    if not (islands or wave):
        return burst
    if wave or any(_is_tall(island, band.filled[inside], TALLER) for island in islands):
        return _with_edge(burst, edge, there, getattr(other, f"{edge}_sd_s"), its)
    low, high = min(own[0], its[0]), max(own[1], its[1])
    # A flat probability over the interval: its standard deviation is its length over the root of 12.
    return _with_edge(burst, edge, at, max(getattr(burst, f"{edge}_sd_s"), (high - low) / np.sqrt(12.0)), (low, high))


def _with_edge(burst: Burst, edge: str, at: float, deviation: float, interval: tuple[float, float]) -> Burst:
    deviation = float(deviation)
    if edge == "onset":
        return replace(burst, onset_s=at, onset_sd_s=deviation, onset_interval_s=interval)
    return replace(burst, offset_s=at, offset_sd_s=deviation, offset_interval_s=interval)


def _is_alone(burst: Burst, without: Sequence[_Band], rate: float) -> bool:
    """Whether nothing of a burst is left without its islands, one of them taller than all other bursts."""
    if not without or any(_overlap(b, burst) for band in without for b in band.bursts):
        return False
    return any(_is_taller(burst, band, rate) for band in without if band.bursts)


def _is_taller(burst: Burst, band: _Band, rate: float) -> bool:
    size = band.signal.size
    inside = np.concatenate([band.filled[_span(b.onset_s, b.offset_s, size, rate)] for b in band.bursts])
    span = _span(burst.onset_s, burst.offset_s, size, rate)
    islands = [band.signal[a:b] for a, b in band.islands if a < span.stop and b > span.start]
    return any(_is_tall(island, inside, TALLER) for island in islands)


def _is_tall(part: np.ndarray, burst: np.ndarray, times: float) -> bool:
    """Whether the largest of a part is so many times the peaks of a burst."""
    return bool(np.abs(part).max() > times * float(np.quantile(np.abs(burst), PEAK)))


def _overlap(a: Burst, b: Burst) -> bool:
    starts = [x.onset_s if np.isfinite(x.onset_s) else -np.inf for x in (a, b)]
    ends = [x.offset_s if np.isfinite(x.offset_s) else np.inf for x in (a, b)]
    return max(starts) < min(ends)

"""Short spikes that no muscle makes: a moved cable, a plug, single stimuli, a pacemaker."""

from __future__ import annotations

import numpy as np
import scipy

from gluteal.emg.signal.tall_spikes import RECOVERS

#: Most a gap between single stimuli differs from a whole number of periods, s, shortest and longest period, s, fewest
#: gaps, and the share of them that must. Own choice: no muscle, heart or unit is as even for five gaps on end.
EVEN, PERIODS, FEWEST_GAPS, EVEN_SHARE = 0.002, (0.1, 10.0), 5, 0.8


def find_spikes(y: np.ndarray, rate: float, ratio: float) -> tuple[list[tuple[float, float]], float]:
    """Spikes: under 5 ms, `ratio` times the RMS within 0.25 s around, and twice anything of the rest.

    The last condition leaves motor-unit potentials in a quiet baseline alone. Returns (start, end), s, and how many
    come in a second where they come at a constant rate, as of a stimulator or a pacemaker; else 0.
    """
    size = np.abs(y)
    apart, recovers = (max(1, round(t * rate)) for t in (0.01, RECOVERS))
    # A stimulus comes with what the muscle answers, slower and often taller, and both are more than a few samples in a
    # thousand.
    bend = np.abs(np.gradient(np.gradient(y)))
    train, per_second = _even_train(_alone(bend, ratio, ratio * float(np.median(bend)), recovers, rate), rate)
    rest = np.ones(y.size, dtype=bool)
    for at in train:
        rest[max(at - apart, 0) : at + recovers] = False
    # All that a few spikes could be: the rest is what lies below the 99.9th percentile.
    least = 2.0 * float(np.quantile(size[rest] if rest.any() else size, 0.999))
    train = np.array([at for at in train if size[max(at - apart, 0) : at + apart].max() > least], dtype=int)
    others = _alone(size, ratio, least, apart, rate)
    peaks = np.union1d(others[rest[others]], train)[:1000]
    return [(float((p - apart) / rate), float((p + apart) / rate)) for p in peaks], per_second if train.size else 0.0


def _alone(size: np.ndarray, ratio: float, height: float, after: int, rate: float) -> np.ndarray:
    """Peaks of a height that stand out `ratio` times of what is around them, beyond as many samples after them."""
    near, before = round(0.25 * rate), max(1, round(0.01 * rate))
    peaks, _ = scipy.signal.find_peaks(size, height=max(height, 1e-300), distance=after)
    power = np.concatenate(([0.0], np.cumsum(np.square(size))))
    first, last = np.maximum(peaks - near, 0), np.minimum(peaks + near, size.size)
    begin, end = np.maximum(peaks - before, first), np.minimum(peaks + after, last)
    around = power[begin] - power[first] + power[last] - power[end]
    level = np.sqrt(np.maximum(around, 0.0) / np.maximum(begin - first + last - end, 1))
    found: np.ndarray = peaks[size[peaks] > ratio * level]
    return found


def _even_train(peaks: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
    """Those of the peaks (n,), samples, that come at one rate, and the rate, 1/s; none where most do not."""
    if peaks.size <= FEWEST_GAPS:
        return peaks[:0], 0.0
    gaps = np.diff(peaks) / rate
    period = float(np.median(gaps))
    turns = np.round(gaps / period)
    # One that was missed, within a burst, leaves a gap of two periods.
    period = float(np.median(gaps[turns == 1.0] if np.any(turns == 1.0) else gaps))
    even = (np.abs(gaps - turns * period) <= EVEN) & (turns > 0.0)
    if not PERIODS[0] < period < PERIODS[1] or even.mean() < EVEN_SHARE:
        return peaks[:0], 0.0
    return peaks[np.r_[even, False] | np.r_[False, even]], 1.0 / period

"""Short spikes that no muscle makes: a moved cable, a plug, single stimuli, a pacemaker."""

from __future__ import annotations

import numpy as np
import scipy

from gluteal.emg.signal.tall_spikes import RECOVERS

#: Most a gap between single stimuli differs from a whole number of periods, s, shortest and longest period, s, fewest
#: gaps, and the share of them that must. Own choice: no muscle, heart or unit is as even for five gaps on end.
EVEN, PERIODS, FEWEST_GAPS, EVEN_SHARE = 0.002, (0.1, 10.0), 5, 0.8
#: Median of the magnitude of normal noise over its standard deviation.
NORMAL = 0.6745


def find_spikes(y: np.ndarray, rate: float, ratio: float) -> tuple[list[tuple[float, float]], float]:
    """Spikes: under 5 ms, `ratio` times the RMS within 0.25 s around, and twice anything of the rest.

    The last condition leaves motor-unit potentials in a quiet baseline alone. Returns (start, end), s, and how many
    come in a second where they come at a constant rate, as of a stimulator or a pacemaker; else 0.
    """
    size = np.abs(y)
    near, apart, recovers = (max(1, round(t * rate)) for t in (0.25, 0.01, RECOVERS))
    # A stimulus comes with what the muscle answers, slower and often taller, and both are more than a few samples in a
    # thousand.
    bend = np.abs(np.gradient(np.gradient(y)))
    peaks, _ = scipy.signal.find_peaks(bend, height=max(ratio * float(np.median(bend)), 1e-300), distance=recovers)
    train, per_second = _even_train(peaks[bend[peaks] > ratio * _usual(bend, apart, near)[peaks]], rate)
    rest = np.ones(y.size, dtype=bool)
    for at in train:
        rest[max(at - apart, 0) : at + recovers] = False
    # All that a few spikes could be: the rest is what lies below the 99.9th percentile.
    least = 2.0 * float(np.quantile(size[rest] if rest.any() else size, 0.999))
    peaks, _ = scipy.signal.find_peaks(size, height=max(least, 1e-300), distance=apart)
    # What is around a spike, and not it.
    power = np.concatenate(([0.0], np.cumsum(np.square(y))))
    first, last = np.maximum(peaks - near, 0), np.minimum(peaks + near, size.size)
    begin, end = np.maximum(peaks - apart, first), np.minimum(peaks + apart, last)
    around = power[begin] - power[first] + power[last] - power[end]
    level = np.sqrt(np.maximum(around, 0.0) / np.maximum(begin - first + last - end, 1))
    found = np.union1d(peaks[rest[peaks] & (size[peaks] > ratio * level)][:1000], train)
    return [(float((p - apart) / rate), float((p + apart) / rate)) for p in found], per_second


def _usual(size: np.ndarray, block: int, near: int) -> np.ndarray:
    """Amplitude of noise whose median is that about each sample, (n,): few spikes do not move it."""
    count = max(size.size // block, 1)
    medians = np.median(size[: count * block].reshape(count, -1), axis=1)
    smooth = scipy.ndimage.median_filter(medians, size=max(2 * near // block, 1), mode="nearest") / NORMAL
    return np.repeat(smooth, block, axis=0)[np.minimum(np.arange(size.size), smooth.size * block - 1)]


def _even_train(peaks: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
    """Peaks, (n,), in samples, that come at one rate, 1/s, with those between them; none where most of them do not."""
    if peaks.size <= FEWEST_GAPS:
        return peaks[:0], 0.0
    gaps = np.diff(peaks) / rate
    period = float(np.median(gaps))
    turns = np.round(gaps / period)
    # One that was missed, within a burst, leaves a gap of two periods.
    period = float(np.median(gaps[turns == 1.0] if np.any(turns == 1.0) else gaps))
    turns = np.round(gaps / period).astype(int)
    even = (np.abs(gaps - turns * period) <= EVEN) & (turns > 0)
    if not PERIODS[0] < period < PERIODS[1] or even.mean() < EVEN_SHARE:
        return peaks[:0], 0.0
    # A stimulator leaves none out: within a burst one is not seen.
    between = [
        np.linspace(a, b, n + 1).round() for a, b, n in zip(peaks[:-1][even], peaks[1:][even], turns[even], strict=True)
    ]
    return np.unique(np.concatenate(between)).astype(int), 1.0 / period

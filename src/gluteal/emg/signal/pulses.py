"""Pulses that come at one rate to the tenth of a millisecond: a stimulator on the skin, and no muscle.

No muscle repeats itself: what two stretches of its signal have in common is little, however regularly its units fire.
Pulses of a stimulator are alike, and so is every signal a period later.
"""

from __future__ import annotations

import numpy as np
import scipy

from gluteal.emg.signal.artefacts import runs
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

#: Corner above which pulses are looked for, Hz: what a muscle has below goes on for tens of milliseconds. Own choice.
ABOVE = 100.0
#: Window in which they are looked for and how far it moves, s. Own choice: five periods of the slowest.
WINDOW, STEP = 0.5, 0.1
#: Shortest and longest period, s: 150 and 10 pulses a second. Own choice: stimulators of nerves have 10 to 130.
SHORTEST, LONGEST = 1.0 / 150.0, 0.1
#: How alike a signal and itself one and two periods later are at least. Own choice: muscle reaches 0.45.
ONE_LATER, TWO_LATER = 0.65, 0.55
#: Least fourth moment over the square of the power: pulses are short. Own choice: muscle has 3 and more, hum less.
PEAKED = 3.5
#: Fewest windows in a row. Own choice: 0.6 s.
FEWEST = 2
#: Windows transformed at once, which bounds the memory.
AT_ONCE = 256


def find_pulses(y: np.ndarray, rate: float) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Find where pulses come at a constant rate.

    Parameters
    ----------
    y : (n,)
        Band-passed signal.
    rate : float
        Samples per second.

    Returns
    -------
    per_second : float
        The median rate of the pulses, 1/s; 0 where there are none.
    spans : tuple of (start, end)
        s from the first sample.
    """
    size, step = round(WINDOW * rate), round(STEP * rate)
    if y.size < size or 0.35 * rate < ABOVE:
        return 0.0, ()
    # What is squared twice must neither underflow nor overflow.
    y = y / max(float(np.abs(y).max()), np.finfo(float).tiny)
    fast = filter_zero_lag(y, zero_lag_butter(2, ABOVE, "high", rate))
    windows = np.lib.stride_tricks.sliding_window_view(fast, size)[::step]
    flags, periods = np.zeros(len(windows), dtype=bool), np.zeros(len(windows))
    for first in range(0, len(windows), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        flags[part], periods[part] = _repeat(windows[part], rate)
    spans = [(a, b) for a, b in runs(flags) if b - a >= FEWEST]
    if not spans:
        return 0.0, ()
    period = float(np.median(np.concatenate([periods[a:b] for a, b in spans])))
    return 1.0 / period, tuple((float(a * step / rate), float(((b - 1) * step + size) / rate)) for a, b in spans)


def _repeat(windows: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Which windows (w, n) hold pulses at a constant rate, and their period, s, (w,)."""
    count, size = windows.shape
    square = np.square(windows)
    power = square.mean(axis=1)
    peaked = np.square(square).mean(axis=1) > PEAKED * np.square(power)
    length = scipy.fft.next_fast_len(2 * size, real=True)
    spectrum = np.square(np.abs(scipy.fft.rfft(windows, length, axis=1)))
    # Fewer samples overlap the later a window is laid over itself.
    overlap = size - np.arange(size)
    alike = scipy.fft.irfft(spectrum, length, axis=1)[:, :size] / np.maximum(power, 1e-300)[:, None] / overlap
    low, high = round(SHORTEST * rate), round(LONGEST * rate)
    row, lags = np.arange(count), alike[:, low : high + 1]
    # Twice and three times the period are as good; the shortest is it.
    lag = low + np.argmax(lags >= 0.85 * lags.max(axis=1, keepdims=True), axis=1)
    # The first that is as good may lie on the way up.
    lag = lag + np.argmax([alike[row, np.clip(lag + k, 0, size - 1)] for k in range(4)], axis=0)
    # A period is no whole number of samples.
    later = np.max([alike[row, np.clip(2 * lag + k, 0, size - 1)] for k in (-1, 0, 1)], axis=0)
    return peaked & (alike[row, lag] >= ONE_LATER) & (later >= TWO_LATER), lag / rate

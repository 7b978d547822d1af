"""Copies of one signal that a plain correlation does not show: delayed by the recorder, or through another filter."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import fft

#: Longest delay of a copy, s. Own choice: recorders delay one input against another by up to some tenths of a second.
LONGEST_DELAY = 0.5
#: Length of what is compared at all delays, s. Own choice: bounds the time; the raw signals of two muscles are
#: independent already over seconds.
DELAYED_PART = 10.0
#: Window of the spectra by which one signal is held to be another through a filter, s. Own choice: filters of EMG ring
#: for less, and a recording of a few seconds still has enough windows.
FILTER_WINDOW = 0.25
#: Fewest windows: with fewer any two signals look like one through a filter.
FEWEST_WINDOWS = 20


def delayed_correlations(rows: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Largest magnitude of the correlation of all pairs of rows within `LONGEST_DELAY`, and the delay.

    Parameters
    ----------
    rows : (channels, n)
        Band-passed signals of mean zero.
    rate : float
        Samples per second.

    Returns
    -------
    strength, lags : (channels, channels)
        The lag at [a, b], samples, is by how many b follows a.
    """
    count, n = rows.shape
    size = min(n, round(DELAYED_PART * rate))
    first = (n - size) // 2
    part = rows[:, first : first + size]
    norms = np.maximum(np.linalg.norm(part, axis=1), np.finfo(np.float32).tiny)
    longest = min(round(LONGEST_DELAY * rate), size // 4)
    length = fft.next_fast_len(size + longest, real=True)
    spectra = fft.rfft(part, length, axis=1)
    strength, lags = np.eye(count), np.zeros((count, count), dtype=int)
    for a, b in combinations(range(count), 2):
        course = fft.irfft(np.conj(spectra[a]) * spectra[b], length) / (norms[a] * norms[b])
        around = np.abs(np.concatenate((course[-longest:], course[: longest + 1])))
        best = int(np.argmax(around))
        lag = best - longest
        # Fewer samples meet the longer the delay: a copy would lose what lies beyond the ends.
        strength[a, b] = strength[b, a] = min(1.0, float(around[best]) / (1.0 - abs(lag) / size))
        lags[a, b], lags[b, a] = lag, -lag
    return strength, lags


def shares_through_a_filter(rows: np.ndarray, rate: float) -> np.ndarray:
    """Share of the power of each row that the best linear filter of each other row gives, (channels, channels), 0-1.

    [a, b] is the share of b that is a filtered: the coherence of both, weighted by the power of b. Zeros where the
    signals are too short.
    """
    count = len(rows)
    size = max(16, round(FILTER_WINDOW * rate))
    frames = np.lib.stride_tricks.sliding_window_view(rows, size, axis=1)[:, :: size // 2]
    if frames.shape[1] < FEWEST_WINDOWS:
        return np.zeros((count, count))
    spectra = np.fft.rfft(frames * np.hanning(size), axis=2)
    cross = np.einsum("akf,bkf->fab", np.conj(spectra), spectra)
    power = np.einsum("faa->fa", cross).real
    both = power[:, :, None] * power[:, None, :]
    coherence = np.divide(np.square(np.abs(cross)), both, out=np.zeros_like(both), where=both > 0.0)
    # By chance alone it is one over the number of independent windows, which overlap by half.
    chance = 2.0 / frames.shape[1]
    coherence = np.clip((coherence - chance) / (1.0 - chance), 0.0, 1.0)
    total = np.maximum(power.sum(axis=0), np.finfo(float).tiny)
    return np.einsum("fab,fb->ab", coherence, power) / total

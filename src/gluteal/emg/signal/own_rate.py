"""The rate at which a recording was sampled first: one that was resampled since holds nothing above half of it.

Between its first samples there is only what the resampling put there, waves at the end of the band that lead every
burst: onsets were up to 165 ms early on them. At its own rate it is timed as any other.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import scipy

from gluteal.emg.signal.artefacts import spectrum

#: Windows of the spectrum, s; how far about an edge power is compared, Hz; and how many frequencies below it are its
#: level. Own choice.
WINDOW, ABOUT, BELOW = 0.5, 10.0, 5
#: How many times more power there is below an edge than anywhere above it. Own choice: 30 dB; recorders' own filters
#: fall by a few over so few Hz.
EMPTY = 1e3
#: Own rates are told in steps of this, and from this on, samples per second, and up to this share of the rate. Own
#: choice: recorders leave the last tenth of their band empty.
STEP, LOWEST, MOST = 50.0, 500.0, 0.85


def find_own_rate(x: np.ndarray, rate: float) -> float:
    """Return the rate at which a signal (n,) without gaps was sampled first; its rate where it was not resampled."""
    frequency, power = spectrum(x, rate, length_s=WINDOW)
    gap = round(ABOUT * WINDOW)
    first, last = gap + BELOW, frequency.size - gap
    if last <= first:
        return rate
    above = np.maximum.accumulate(power[::-1])[::-1]
    level = np.median(np.lib.stride_tricks.sliding_window_view(power, BELOW), axis=1)
    at = np.arange(first, last)
    ratio = level[at - gap - BELOW] / np.maximum(above[at + gap], 1e-300)
    best = int(np.argmax(ratio))
    if not ratio[best] > EMPTY:
        return rate
    # The edge is where half of the fall, in dB, is behind.
    edge = np.flatnonzero(power > level[at[best] - gap - BELOW] / np.sqrt(EMPTY))[-1]
    own = STEP * float(np.round(2.0 * frequency[edge] / STEP))
    return own if LOWEST <= own <= MOST * rate else rate


def to_rate(x: np.ndarray, rate: float, own: float) -> np.ndarray:
    """Return a signal (n,) with as many samples a second as `own`."""
    ratio = Fraction(own / rate).limit_denominator(1000)
    fewer: np.ndarray = scipy.signal.resample_poly(x, ratio.numerator, ratio.denominator)
    return fewer

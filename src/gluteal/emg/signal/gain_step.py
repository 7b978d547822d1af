"""A gain that was changed in the middle of a recording: from there on all of it is stronger, its noise too.

A muscle that is tense from some moment on adds its own spectrum, which ends at some 400 Hz, to the recorder's noise. A
gain multiplies both, at all frequencies alike, from one sample to the next.
"""

from __future__ import annotations

import numpy as np

#: Lowest rate at which there is noise alone to be seen above a muscle's spectrum, samples per second. Own choice.
LOWEST_RATE = 1500.0
#: Bands that are compared, Hz; the last goes to 0.45 of the rate. Own choice: muscle, its end, and noise alone.
BANDS = (30.0, 80.0, 140.0, 220.0, 320.0, 450.0, 600.0)
#: Length of a frame, s, and frames on each side of a step that are compared; a step is nowhere nearer to an end. Own
#: choice: a repetition and its rest.
FRAME, BESIDE = 0.25, 12
#: Quantile of the frames' power in a band that is rest. Own choice.
REST = 0.2
#: Least step, dB, and how much bands differ in it at most (standard deviation, dB). Own choice: a factor of 1.8; noise
#: alone differs by 0.7.
LEAST, UNEVEN = 5.0, 1.3


def find_gain_step(x: np.ndarray, rate: float) -> tuple[float, float] | None:
    """Find where the gain changed.

    Parameters
    ----------
    x : (n,)
        Raw signal without gaps.
    rate : float
        Samples per second.

    Returns
    -------
    (factor, time) or None
        How many times stronger the signal is afterwards; s from the first sample.
    """
    size = round(FRAME * rate)
    count = x.size // size
    if rate < LOWEST_RATE or count < 2 * BESIDE:
        return None
    frequency = np.fft.rfftfreq(size, 1.0 / rate)
    edges = np.searchsorted(frequency, (*BANDS, 0.45 * rate))
    window, level = np.hanning(size), np.empty((count, len(BANDS)))
    for i in range(count):
        power = np.square(np.abs(np.fft.rfft(x[i * size : (i + 1) * size] * window)))
        level[i] = np.add.reduceat(power[: edges[-1]], edges[:-1])
    level = 10.0 * np.log10(np.maximum(level, 1e-300))
    near = np.lib.stride_tricks.sliding_window_view(level, BESIDE, axis=0)
    rest = np.quantile(near, REST, axis=2)
    steps = rest[BESIDE:] - rest[:-BESIDE]
    even = np.where(steps.std(axis=1) < UNEVEN, np.abs(steps.mean(axis=1)), 0.0)
    at = int(np.argmax(even)) + BESIDE
    before, after = level[:at], level[at:]
    step = np.quantile(after, REST, axis=0) - np.quantile(before, REST, axis=0)
    total = float(step.mean())
    if even.max() < LEAST or abs(total) < LEAST or step.std() > UNEVEN:
        return None
    # What the muscle does is multiplied, too: noise that comes in from outside is only added.
    muscle = slice(1, 4)
    bursts = np.quantile(after[:, muscle], 0.95, axis=0) - np.quantile(before[:, muscle], 0.95, axis=0)
    if float(np.mean(bursts)) * np.sign(total) < 0.5 * abs(total):
        return None
    return float(10.0 ** (total / 20.0)), at * size / rate

"""What was done to a signal before it was read: rectified, averaged, or packets repeated where one was lost."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from gluteal.emg.signal.artefacts import runs
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

#: Shortest and longest packet that is looked for, s, and its fewest samples. Own choice: wireless systems send some
#: milliseconds to some hundredths of a second at a time.
PACKET, FEWEST_SAMPLES = (0.004, 0.1), 8
#: Rate up to which repeated packets are looked for, samples per second. Own choice: wireless systems are no faster.
FASTEST = 5000.0
#: Log-probability of a repeat by chance, from how often samples that far apart are equal anyway. Own choice: none in a
#: million recordings.
CHANCE = 40.0
#: A rectified signal has its lower end close to its median, as a share of how far the upper one is. Own choice: noise
#: of one level has 0.2, and bursts make it less.
ONE_SIDED = 0.25
#: ... and this share of its samples in the lowest tenth below the median. Own choice: rectified noise has 0.05, a raw
#: signal, also one with heart beats on one side, under 0.001.
SHARP_END = 0.015
#: Windows in which a signal is looked at for a side, s, and how long a stretch is whose quiet windows are its baseline.
#: Own choice: longer than the waves of a muscle; longer than most bursts, shorter than drift takes.
SIDE_WINDOW, BASELINE = 0.1, 6.0
#: Below this drift is taken out first, Hz. Own choice: bursts come more often.
DRIFTS = 0.25
#: How many times more the loud tenth of the windows must vary than the quiet third for a side to be seen, and share of
#: their samples that lies below the baseline by half of what they vary, at most. Own choice: raw bursts have 30 %, on
#: an electrode whose baseline moves by their amplitude 7, what was rectified or averaged none.
VARIES, BELOW = 4.0, 0.005
#: How far below zero the filter of an envelope swings, as a share of its peak. Own choice.
UNDERSHOOT = 0.02
#: Frequencies above which a signal's activity is seen, Hz; share of the one that is above the other, below which it was
#: averaged; and how many times its variation a rectified signal is high. Own choice: means of 10 ms and more have 0.41
#: and less, muscles 0.5 and more; rectified noise is 1.1 times as high as it varies.
FAST, SLOWED, RECTIFIED = (20.0, 80.0), 0.45, 3.0
#: Fewest windows in which a side is looked for. Own choice: the loud tenth is one of them.
FEWEST_WINDOWS = 10
#: Share of samples beyond the ends that are looked at: single spikes.
BEYOND = 0.001


def without_drift(x: np.ndarray, rate: float) -> np.ndarray:
    """Return a signal (n,) without what changes more slowly than `DRIFTS`: amplifiers that settle, sweat."""
    if rate <= 4.0 * DRIFTS:
        return x
    return filter_zero_lag(x - np.median(x), zero_lag_butter(2, DRIFTS, "high", rate))


def is_skewed(x: np.ndarray) -> bool:
    """Whether a signal (n,) reaches far to one side of its median only."""
    low, middle, high = np.quantile(x, (0.0, 0.5, 1.0 - BEYOND))
    return bool(middle - low < ONE_SIDED * (high - middle))


def is_rectified(x: np.ndarray) -> bool:
    """Whether a signal (n,), on any offset, is an absolute value: it has a sharp lower end and many samples there."""
    low, middle = float(x.min()), float(np.median(x))
    return is_skewed(x) and bool(np.mean(x < low + 0.1 * (middle - low)) > SHARP_END)


def is_one_sided(x: np.ndarray, rate: float) -> bool:
    """Whether bursts of a signal (n,) lie on one side of its rest: rectified or averaged, also without its mean.

    The signal is one without drift; where no burst stands out nothing is told.
    """
    size = max(round(SIDE_WINDOW * rate), 4)
    count = x.size // size
    if count < FEWEST_WINDOWS:
        return False
    windows = x[: count * size].reshape(count, size)
    spread, middle = windows.std(axis=1), np.median(windows, axis=1)
    quiet = float(np.median(np.sort(spread)[: count // 3]))
    loud = spread >= np.quantile(spread, 0.9)
    if not float(np.median(spread[loud])) > VARIES * quiet:
        return False
    baseline = ndimage.percentile_filter(middle, 25.0, size=min(round(BASELINE / SIDE_WINDOW), count), mode="nearest")
    below = windows[loud] < (baseline - 0.5 * spread)[loud, None]
    # Pulses lie on one side, too, but most of the time the signal is at rest between them.
    above = (middle - baseline)[loud] > 0.25 * spread[loud]
    return bool(below.mean() < BELOW and above.mean() > 0.5)


def follows_activity(x: np.ndarray, rate: float) -> bool:
    """Whether a signal (n,) is never below zero and as high as it is active: an envelope, however long a burst is."""
    size = max(round(SIDE_WINDOW * rate), 4)
    count = x.size // size
    if count < FEWEST_WINDOWS or rate <= 4.0 * FAST[1] or x.min() < -UNDERSHOOT * x.max():
        return False
    # What an amplifier that settles does is slow.
    spread, faster = (
        filter_zero_lag(x - np.median(x), zero_lag_butter(2, corner, "high", rate))[: count * size]
        .reshape(count, size)
        .std(axis=1)
        for corner in FAST
    )
    middle = np.median(x[: count * size].reshape(count, size), axis=1)
    order = np.argsort(spread)
    quiet, loud = order[: count // 3], order[-(count // 10) :]
    high, varies = float(np.median(middle[loud])), float(np.median(spread[loud]))
    # An electrode may shift while its muscle works: then what varies is as fast as a muscle's signal.
    averaged = high > varies and (high < RECTIFIED * varies or np.median(faster[loud]) < SLOWED * varies)
    return bool(averaged and np.quantile(middle[quiet], 0.9) < high / VARIES)


def repeated_packets(x: np.ndarray, rate: float) -> np.ndarray:
    """Flag samples, (n,), that repeat those just before them, as many again, to the last digit.

    What recurs throughout, such as a made-up wave, is none; rates above `FASTEST` are not looked at.
    """
    flags = np.zeros(x.size, dtype=bool)
    if rate > FASTEST:
        return flags
    moves = np.r_[True, np.diff(x) != 0.0]
    for lag in range(max(round(PACKET[0] * rate), FEWEST_SAMPLES), round(PACKET[1] * rate) + 1):
        equal = x[lag:] == x[:-lag]
        chance = float(equal.mean()) if equal.size else 0.0
        if not 0.0 < chance < 1.0:
            continue
        found = runs(equal)
        for first, last in found[found[:, 1] - found[:, 0] >= lag]:
            # A value that is held is equal at every lag: only samples that move tell.
            told = np.count_nonzero(moves[first + lag : last + lag])
            if told * -np.log(chance) > CHANCE and told > 0.5 * lag:
                flags[first + lag : last + lag] = True
    return flags

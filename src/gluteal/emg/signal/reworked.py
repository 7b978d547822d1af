"""What was done to a signal before it was read: rectified, or packets repeated where a wireless one was lost."""

from __future__ import annotations

import numpy as np

from gluteal.emg.signal.artefacts import runs

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
#: Share of samples beyond the ends that are looked at: single spikes.
BEYOND = 0.001


def is_rectified(x: np.ndarray) -> bool:
    """Whether a signal (n,), on any offset, is an absolute value: it has a sharp lower end and many samples there."""
    low, middle, high = np.quantile(x, (0.0, 0.5, 1.0 - BEYOND))
    if not middle - low < ONE_SIDED * (high - middle):
        return False
    return bool(np.mean(x < low + 0.1 * (middle - low)) > SHARP_END)


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
        for first, last in runs(equal):
            # A value that is held is equal at every lag: only samples that move tell.
            told = np.count_nonzero(moves[first + lag : last + lag])
            if last - first >= lag and told * -np.log(chance) > CHANCE and told > 0.5 * lag:
                flags[first + lag : last + lag] = True
    return flags

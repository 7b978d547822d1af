"""Mains hum taken out by its own course, followed where the muscle is quiet.

A notch takes a narrow band out of whatever is there. Of a burst it takes the 50 Hz that belong to the muscle, and it
rings by what it took: as long before the burst as after it where it has no delay, 0.2 s each, which makes a strong
muscle early. Hum is there all the time, and can be known from the moments beside the burst.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage, signal

from gluteal.kernels.butterworth import filter_zero_lag

#: Over how long power is averaged that says how quiet a moment is, s. Own choice: shorter than bursts.
QUIET = 0.050
#: Least power of a moment as a share of the median: digital silence must not outweigh all else.
LEAST = 1e-3
#: How far mains may be from its nominal frequency, Hz; European grids stay within 0.2 Hz (EN 50160; remembered), a
#: harmonic is off by as many times more.
WANDERS = 1.0
#: Share of its spread below which moments lie too close together for a straight line.
FLAT = 1e-6


def without_hum(x: np.ndarray, rate: float, lines: Sequence[float], *, quality: float) -> np.ndarray:
    """Return a signal without hum: mains and its harmonics, of an amplitude and phase that change slowly.

    Each line is demodulated, at the frequency at which its phase stands still, and fitted by a straight line about
    every moment (local linear regression, Cleveland 1979: a mean would be off beside a burst, where the quiet lies on
    one side) with Gaussian weights of the time constant that a notch of this quality at the lowest line has (quality /
    (pi line)) and weights of one over the power that the muscle has in a moment. What was fitted is subtracted.

    Parameters
    ----------
    x : (n,)
        Finite, without its mean.
    rate : float
        Samples per second.
    lines : sequence of float
        Hz, the lowest first.
    quality : float
        Centre frequency over width, as of a notch.
    """
    # Blocks of one period: in their means the other harmonics cancel, whatever the weights of neighbouring blocks.
    size = max(round(rate / min(lines)), 1) if lines else x.size
    blocks = -(-x.size // size)
    if blocks < 2:
        return x
    notched = x
    for line in lines:
        notched = filter_zero_lag(notched, signal.tf2sos(*signal.iirnotch(line, quality, fs=rate)))
    power = _blocks(np.square(notched), size).mean(1)
    power = ndimage.uniform_filter1d(power, max(round(QUIET * rate / size), 1), mode="nearest")
    weight = 1.0 / np.maximum(power, max(LEAST * float(np.median(power)), 1e-300))
    spread = quality / (np.pi * min(lines))
    reach = np.arange(-round(4.0 * spread * rate / size), round(4.0 * spread * rate / size) + 1) * size / rate
    kernels = [np.exp(-0.5 * (reach / spread) ** 2) * reach**k for k in (0, 1, 2)]
    levels = [_gathered(weight, kernel) for kernel in kernels]
    time, centres = np.arange(x.size) / rate, (np.arange(blocks) + 0.5) * size / rate
    out = x.copy()
    for line in lines:
        course, at = np.empty(0), line
        for _ in range(2):
            turn = np.exp(-2j * np.pi * at * time)
            seen = _blocks(out * turn, size).mean(1) * weight
            course = _straight(levels, [_gathered(seen, kernel) for kernel in kernels[:2]])
            drift = np.angle(np.vdot(course[:-1], course[1:])) * rate / size / (2.0 * np.pi)
            at += float(np.clip(drift, -WANDERS, WANDERS))
        out -= 2.0 * np.real(np.interp(time, centres, course) * np.conj(turn))
    return out


def _straight(levels: Sequence[np.ndarray], seen: Sequence[np.ndarray]) -> np.ndarray:
    """Value at its own moment of a straight line through what is seen, from moments of the weights and of both."""
    spread = levels[0] * levels[2] - levels[1] ** 2
    straight = (levels[2] * seen[0] - levels[1] * seen[1]) / np.where(spread > 0.0, spread, 1.0)
    return np.where(spread > FLAT * levels[0] * levels[2], straight, seen[0] / levels[0])


def _gathered(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Sum of values about each block, weighed by a kernel of the distance."""
    return signal.fftconvolve(values, kernel[::-1], "same") if values.size >= kernel.size else _short(values, kernel)


def _short(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    middle = kernel.size // 2
    return np.convolve(values, kernel[::-1], "full")[middle : middle + values.size]


def _blocks(x: np.ndarray, size: int) -> np.ndarray:
    """Samples in rows of `size`, the last filled with what ends the signal."""
    short = -x.size % size
    return np.r_[x, x[x.size - short :]].reshape(-1, size) if short else x.reshape(-1, size)

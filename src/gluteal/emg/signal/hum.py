"""Mains hum taken out by its own course, followed where the muscle is quiet.

A notch takes a narrow band out of whatever is there. Of a burst it takes the 50 Hz that belong to the muscle, and it
rings by what it took: as long before the burst as after it where it has no delay, 0.2 s each, which makes a strong
muscle early. Hum can be known from the moments beside the burst (`gluteal.emg.signal.hum_course`), also where it
swells, drifts or is switched; where it could not be followed is told (`gluteal.emg.signal.hum_seen`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from gluteal.emg.signal.hum_course import follow_hum
from gluteal.emg.signal.hum_seen import find_hum_bends, find_hum_frames, find_hum_left, join_spans

#: Least periods of the mains in which hum is followed. Own choice: fewer show no course.
SHORTEST = 4


@dataclass(frozen=True)
class Humless:
    """A signal without its hum, (n,), and spans (start, end) in s from the first sample.

    In those of `left_s` hum is left; in those of `bends_s` it changes so fast that beside a burst some may be.
    """

    rest: np.ndarray = field(repr=False)
    left_s: tuple[tuple[float, float], ...] = ()
    bends_s: tuple[tuple[float, float], ...] = ()


def without_hum(
    x: np.ndarray,
    rate: float,
    lines: Sequence[float],
    *,
    passed: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Humless:
    """Return a signal without mains hum and its harmonics.

    Parameters
    ----------
    x : (n,)
        Finite, without its mean.
    rate : float
        Samples per second.
    lines : sequence of float
        Hz, multiples of the mains frequency, the lowest first.
    passed : callable, optional
        The filter without delay that the signal has been through, (n,) to (n,).
    """
    mains = min([*lines, *np.diff(lines)], default=np.inf)
    peak = float(np.abs(x).max(initial=0.0))
    if x.size * mains < SHORTEST * rate or not lines or peak == 0.0:
        return Humless(x)
    # Powers of two change no digit, and what is squared must neither underflow nor overflow.
    exponent = int(np.frexp(peak)[1])
    scaled = np.ldexp(x, -exponent)
    course = follow_hum(scaled, rate, mains, [round(line / mains) for line in lines], passed=passed)
    left = find_hum_left(course) + find_hum_frames(course.rest, rate, mains)
    return Humless(np.ldexp(course.rest, exponent), join_spans(left), find_hum_bends(course))

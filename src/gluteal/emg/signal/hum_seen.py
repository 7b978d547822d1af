"""Where hum is, and where it is left after it was followed.

Hum that is switched faster than a course can be followed, or within a burst, is left in part. Over some periods its
lines then hold more of the power than a muscle's would.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy

from gluteal.emg.signal.artefacts import runs
from gluteal.emg.signal.hum_course import LEAST, HumCourse
from gluteal.emg.signal.hum_smooth import OVERLAP

#: Periods over which lines are averaged to tell hum from muscle. Own choice: 60 ms at 50 Hz; fewer tell nothing.
TOGETHER = 3
#: What hum that is left must gain in log-likelihood over muscle alone. Own choice: chance reaches it in one of some
#: hundred recordings.
LEFT_GAIN = 30.0
#: Power over the median from which a moment is the muscle's. Own choice.
LOUDER = 4.0
#: Variance of a line's value in one period over the mean power, times the pairs of independent values in a period, for
#: white noise under a triangle; how many times that muscle has at most in one of its lines. Own choice for the latter.
WHITE, COLOUR = 4.0 / 3.0, 4.0
#: Greatest share of a stretch's power taken for hum's: all of it has no logarithm.
MOST_SHARE = 0.95
#: Periods over which hum that never rests is looked for, and how many times more a line has then than there is beside
#: it. Own choice: 2 s at 50 Hz; muscle reaches 1.8.
LONG, EXCESS = 100, 2.0
#: Power by which courses bend within a period, over that of the rest where it is quiet, from which they are not known
#: beside a burst, and periods about such a moment. Own choice: hum of 30 dB that swells once a second reaches 0.3; two
#: times a second, where a burst of 30 dB becomes up to 13 ms early, 3.
BENDS_TOO_MUCH, BENDS_NEAR = 1.0, 12
#: Periods at the ends of a recording that are not judged. Own choice: filters start and end there.
ENDS = 3
#: Frames in which hum that comes and goes is looked for, s. Own choice: lines 50 Hz apart are told from each other.
FRAME = 0.25
#: Share of the power of a frame in the lines, above what lies between them, from which the frame is hum's, and least
#: frames (half overlapping) in a row. Own choice: muscle and noise of the benchmark reach 0.5 in one frame.
FRAME_SHARE, FRAMES = 0.6, 3


def find_hum_left(course: HumCourse) -> tuple[tuple[float, float], ...]:
    """Spans (start, end), s from the first sample, in which hum is left after it was followed."""
    at = (course.at + 0.5) / course.rate
    flags = (hum_gain(course) > LEFT_GAIN) | (hum_excess(course) > EXCESS)
    flags[:ENDS] = flags[flags.size - ENDS :] = False
    spans = runs(flags)
    return tuple((float(at[max(a - 1, 0)]), float(at[min(b, at.size - 1)])) for a, b in spans)


def find_hum_bends(course: HumCourse) -> tuple[tuple[float, float], ...]:
    """Spans (start, end), s from the first sample, in which hum changes faster than is known of it beside a burst."""
    at = (course.at + 0.5) / course.rate
    quiet = max(float(np.median(course.power)), 1e-300)
    near = scipy.ndimage.maximum_filter1d(course.bend, 2 * BENDS_NEAR + 1, mode="nearest")
    return tuple((float(at[a]), float(at[b - 1])) for a, b in runs(near > BENDS_TOO_MUCH * quiet))


def join_spans(spans: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans (start, end) in order, those that touch as one.

    >>> join_spans([(2.0, 3.0), (0.0, 1.0), (0.5, 1.5)])
    ((0.0, 1.5), (2.0, 3.0))
    """
    out: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if out and low <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def hum_gain(course: HumCourse) -> np.ndarray:
    """Log-likelihood that hum in the rest gains about each knot, over some periods or one, (knots,)."""
    return np.maximum(_gain_of(course, 1), _gain_of(course, TOGETHER))


def _gain_of(course: HumCourse, together: int) -> np.ndarray:
    near = np.ones(together) / together
    power, fourth, *left = (
        scipy.ndimage.convolve1d(one, near, mode="nearest") for one in (course.power, course.fourth, *course.left)
    )
    power = np.maximum(power, max(LEAST * float(np.median(power)), 1e-300))
    # What a white band has in a line; muscle has another spectrum than rest, and more in some lines.
    pairs = 0.5 * together * course.period * course.used
    white = (together + 2.0 * (together - 1) * OVERLAP) / together * WHITE / pairs
    loud = power > LOUDER * np.median(power)
    found = np.zeros(power.size)
    for line in left:
        share = np.square(np.abs(line)) / power
        for part in (loud, ~loud):
            if part.any():
                found[part] += share[part] / np.clip(np.median(share[part]) / np.log(2.0), white, COLOUR * white)
    # Independent pairs of values in the stretch; fewer where one potential is most of it.
    pairs = np.maximum(pairs * np.minimum(3.0 * power**2 / np.maximum(fourth, 1e-300), 1.0), 1.0)
    return -pairs * np.log1p(-np.minimum(found / pairs, MOST_SHARE)) - len(left)


def hum_excess(course: HumCourse) -> np.ndarray:
    """How many times more of the rest's power a line has than there is beside it, the most of all lines, (knots,)."""
    near = np.ones(LONG) / LONG
    power = np.maximum(course.power, max(LEAST * float(np.median(course.power)), 1e-300))
    found = np.zeros(power.size)
    for line, beside in zip(course.left, course.beside, strict=True):
        inside = scipy.ndimage.convolve1d(np.square(np.abs(line)) / power, near, mode="nearest")
        around = scipy.ndimage.convolve1d(np.square(np.abs(beside)).mean(0) / power, near, mode="nearest")
        found = np.maximum(found, inside / np.maximum(around, 1e-300))
    return found


def find_hum_frames(y: np.ndarray, rate: float, mains: float) -> tuple[tuple[float, float], ...]:
    """Spans (start, end), s from the first sample, in which hum is most of the power.

    Parameters
    ----------
    y : (n,)
        Band-passed signal.
    rate, mains : float
        Samples per second; frequency of the mains, Hz.
    """
    size = round(FRAME * rate)
    if y.size < size or mains > 0.45 * rate:
        return ()
    step = max(size // 2, 1)
    frames = np.lib.stride_tricks.sliding_window_view(y, size)[::step]
    window = scipy.signal.windows.hann(size, sym=False)
    frequency = np.fft.rfftfreq(size, 1.0 / rate)
    # A Hann window spreads a line over two bins to each side.
    off = np.abs(frequency / mains - np.round(frequency / mains)) * mains
    inside = (off <= 2.0 / FRAME) & (frequency > 0.5 * mains) & (frequency < min(450.0, 0.47 * rate))
    between = ~inside & (frequency > 0.5 * mains) & (frequency < min(450.0, 0.47 * rate))
    if not between.any() or not inside.any():
        return ()
    share = np.empty(len(frames))
    for first in range(0, len(frames), 256):
        power = np.square(np.abs(np.fft.rfft(frames[first : first + 256] * window, axis=1)))
        base = power[:, between].mean(axis=1)
        total = power[:, inside].sum(axis=1) + power[:, between].sum(axis=1)
        share[first : first + 256] = (power[:, inside].sum(axis=1) - base * inside.sum()) / np.maximum(total, 1e-300)
    spans = [(a, b) for a, b in runs(share > FRAME_SHARE) if b - a >= FRAMES]
    return tuple((float(a * step / rate), float(((b - 1) * step + size) / rate)) for a, b in spans)

"""What disturbs a signal, measured: hum, heart beats, rails, gaps; `quality` judges these numbers.

Bare arrays in, bare numbers out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

#: Windows of a spectrum transformed at once, so that an hour takes little memory.
_FRAMES = 64


@dataclass(frozen=True)
class Hum:
    """Mains hum: frequency of the mains, share of the power, lines that stand out (Hz)."""

    mains: float
    share: float
    lines: tuple[float, ...]


@dataclass(frozen=True)
class Beats:
    """Heart beats: rate per minute, share of the power in them, times (s)."""

    per_minute: float
    share: float
    times: tuple[float, ...]


def runs(flags: np.ndarray) -> np.ndarray:
    """Return (k, 2): first and one-past-last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return edges.reshape(-1, 2)


def intervals(flags: np.ndarray, rate: float, most: int = 1000) -> tuple[tuple[float, float], ...]:
    """Runs of True as (start, end) in s from the first sample, at most `most` of them."""
    return tuple((float(a / rate), float(b / rate)) for a, b in runs(flags)[:most])


def straight_runs(x: np.ndarray, shortest: int) -> np.ndarray:
    """Flag samples in runs of at least `shortest` that lie on one straight line (constant included)."""
    flags = np.zeros(x.size, dtype=bool)
    if x.size < 3:
        return flags
    # Rounding of stored and interpolated values, far below one converter step.
    tolerance = 1e-9 * max(float(np.ptp(x)), 1e-300)
    for first, last in runs(np.abs(np.diff(x, 2)) <= tolerance):
        # k second differences of zero join k + 2 samples.
        if last - first + 2 >= shortest:
            flags[first : last + 2] = True
    return flags


#: Window in which samples that equal the one before are counted, s, the quantile of the windows that is a signal at
#: rest, and how probable a run of equal samples by chance is in a recording at most. Own choice: a channel that drops
#: out for longer is refused anyway.
HELD_WINDOW, HELD_QUANTILE, HELD_CHANCE = 0.1, 0.7, 1e-3


def held_share(x: np.ndarray, rate: float) -> float:
    """Share of samples of a signal (n,) at rest that equal the one before, 0-1: much where the steps are coarse."""
    size = max(round(HELD_WINDOW * rate), 4)
    count = (x.size - 1) // size
    if count < 1:
        return 0.0
    equal = (x[1:] == x[:-1])[: count * size].reshape(count, size)
    return float(np.quantile(equal.mean(axis=1), HELD_QUANTILE))


def longest_by_chance(share: float, size: int) -> int:
    """Return how many equal samples follow each other by chance in so many where a share equals the one before.

    >>> longest_by_chance(0.02, 30_000), longest_by_chance(0.9, 30_000)
    (5, 164)
    """
    if not 0.0 < share < 1.0:
        return 0
    return math.ceil(math.log(HELD_CHANCE / size) / math.log(share))


def saturated(x: np.ndarray, excess: float) -> tuple[np.ndarray, list[float]]:
    """Flag samples at a rail; return the flags and the rails' values.

    The amplitude distribution of EMG falls off outwards. A rail shows as an extreme level (the outermost
    value and the converter step inside it) that holds `excess` times more samples than two levels further in
    do on average, neighbours in time among them: a clipped crest stays at the rail, a chance maximum does
    not.
    """
    flags = np.zeros(x.size, dtype=bool)
    rails: list[float] = []
    if np.ptp(x) == 0.0:
        return flags, rails
    width = converter_step(x)
    for sign in (1.0, -1.0):
        extreme = float(np.max(sign * x))
        depth = (extreme - sign * x) / width
        outer = depth < 1.5
        inner = np.count_nonzero((depth >= 1.5) & (depth < 21.5)) / 10.0
        paired = np.count_nonzero(outer[1:] & outer[:-1])
        if paired >= 2 and np.count_nonzero(outer) >= max(4.0, excess * inner):
            flags |= outer
            rails.append(sign * extreme)
    return flags, rails


def converter_step(x: np.ndarray) -> float:
    """Smallest difference between distinct values (of at most 260 000 samples, for speed)."""
    gaps = np.diff(np.unique(x[: 1 << 18]))
    floor = 1e-9 * float(np.ptp(x))
    gaps = gaps[gaps > floor]
    return float(gaps.min()) if gaps.size else max(floor, 1e-300)


def spectrum(x: np.ndarray, rate: float, *, length_s: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Welch's power density (Hann windows of `length_s`, half overlapping): frequency (Hz), unit^2/Hz.

    As `scipy.signal.welch`, which transforms window by window and takes three times as long.
    """
    size = int(min(x.size, max(16, round(length_s * rate))))
    window = signal.windows.hann(size, sym=False)
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[:: size - size // 2]
    power = np.zeros(size // 2 + 1)
    for first in range(0, len(frames), _FRAMES):
        block = frames[first : first + _FRAMES]
        block = (block - block.mean(axis=1, keepdims=True)) * window
        power += np.square(np.abs(np.fft.rfft(block, axis=1))).sum(axis=0)
    power /= len(frames) * rate * float(np.sum(np.square(window)))
    # One-sided: all but the constant and, of an even number of samples, the highest frequency count twice.
    power[1 : power.size - (size % 2 == 0)] *= 2.0
    return np.fft.rfftfreq(size, 1.0 / rate), power


def share_below(frequency: np.ndarray, density: np.ndarray, limit: float, *, floor: float) -> float:
    """Share of the power from `floor` upwards that lies below `limit`, 0-1."""
    total = density[frequency >= floor].sum()
    return float(density[(frequency >= floor) & (frequency < limit)].sum() / total) if total > 0.0 else 1.0


def moving_rms(y: np.ndarray, rate: float, window_s: float) -> np.ndarray:
    """Root mean square of every full centred window, (n - window + 1,), in the unit of `y`."""
    size = min(y.size, max(1, round(window_s * rate)))
    total = np.concatenate(([0.0], np.cumsum(np.square(y))))
    return np.sqrt(np.clip(total[size:] - total[:-size], 0.0, None) / size)


def burst_ratio(y: np.ndarray, rate: float) -> float:
    """Strong moments over quiet ones: a high over the 10th percentile of the RMS in windows of 50 ms.

    The high value is the 95th percentile, or the fourth largest separate window where that is more, so that
    one short burst in a long recording counts and a single spike (which reaches two windows) does not.
    """
    # Every 5 ms: windows of 50 ms change little between, and an hour then needs no memory to speak of.
    step = max(1, round(0.005 * rate))
    level = moving_rms(y, rate, 0.05)[::step]
    separate = level[::10]
    quiet, high = np.percentile(level, [10.0, 95.0])
    if separate.size >= 8:
        high = max(high, np.partition(separate, -4)[-4])
    return float(high / quiet) if quiet > 0.0 else float("inf")


def strongest_stretch(y: np.ndarray, rate: float) -> float:
    """Power of the strongest 150 ms over the 20th percentile of all such windows, dB: a burst, not a spike.

    The first and last 0.1 s, where filters start and end, are left out of a signal longer than 1 s.
    """
    end = round(0.1 * rate) if y.size > rate else 0
    power = np.square(moving_rms(y[end : y.size - end], rate, 0.15)[:: max(1, round(0.01 * rate))])
    quiet = float(np.percentile(power, 20.0))
    return float(10.0 * np.log10(power.max() / quiet)) if quiet > 0.0 else float("inf")


def spectral_drop(y: np.ndarray, rate: float) -> float:
    """Power density at 30-50 % of the band over that at 75-95 %: 1 for white noise, more for EMG."""
    frequency, density = spectrum(y, rate, length_s=0.25)
    top = min(450.0, 0.45 * rate)
    middle = density[(frequency >= 0.3 * top) & (frequency < 0.5 * top)]
    end = density[(frequency >= 0.75 * top) & (frequency < 0.95 * top)]
    if not middle.size or not end.size or np.median(end) <= 0.0:
        return float("inf")
    return float(np.median(middle) / np.median(end))


def hum(frequency: np.ndarray, density: np.ndarray, rate: float, mains: float) -> Hum:
    """Mains hum and its harmonics: what stands above the spectrum interpolated across each line.

    Takes the spectrum of the band-passed signal in windows of 2 s.

    Abser et al. 2011 (CMBES Proc 34) interpolate the same way. Lines are looked for up to 450 Hz; a line
    counts where its density is four times that of its neighbours.
    """
    resolution = float(frequency[1])
    total = float(density.sum())
    power, lines = 0.0, []
    for line in mains * np.arange(1, int(min(450.0, 0.47 * rate) / mains) + 1):
        off = np.abs(frequency - line)
        # A Hann window spreads a line over two bins to each side; mains wanders by 0.2 Hz.
        inside = off <= max(2.0 * resolution, 0.7)
        around = (off > max(3.0 * resolution, 1.5)) & (off <= max(12.0 * resolution, 8.0))
        if not inside.any() or not around.any():
            continue
        base = float(np.median(density[around]))
        if density[inside].max() > 4.0 * base:
            lines.append(float(line))
            power += float(np.clip(density[inside] - base, 0.0, None).sum())
    return Hum(mains, min(1.0, power / total) if total > 0.0 else 0.0, tuple(lines))


def without_lines(y: np.ndarray, rate: float, lines: tuple[float, ...]) -> np.ndarray:
    """Take narrow lines out, without delay."""
    for line in lines:
        b, a = signal.iirnotch(line, 30.0, fs=rate)
        y = filter_zero_lag(y, signal.tf2sos(b, a))
    return y


def heart_beats(x: np.ndarray, rate: float, least_correlation: float) -> Beats | None:
    """Find heart beats in a trunk channel; None where there are none, or fewer than five in quiet moments.

    The QRS complex lies at 5-30 Hz (Pan & Tompkins 1985, IEEE Trans Biomed Eng 32:230, take 5-15 Hz), recurs
    40-180 times a minute, regularly, and looks the same each time; EMG does none of the three together.
    Looked for only where the muscle (above 60 Hz) is quiet, because there it disturbs timing most, and in the
    middle two minutes, because the heart does not stop.
    """
    if rate < 200.0 or x.size < 3.0 * rate:
        return None
    most = round(120.0 * rate)
    x = x[max(0, (x.size - most) // 2) :][:most]
    centred = x - np.median(x)
    y = filter_zero_lag(centred, zero_lag_butter(2, 5.0, "high", rate))
    slow = filter_zero_lag(y, zero_lag_butter(2, 30.0, "low", rate))
    fast = filter_zero_lag(centred, zero_lag_butter(2, 60.0, "high", rate))
    level = ndimage.uniform_filter1d(np.square(fast), max(1, round(0.2 * rate)))
    # Twice the quiet level, as power.
    quiet = level <= 4.0 * np.percentile(level, 20.0)
    best: Beats | None = None
    for sign in (1.0, -1.0):
        beats = _judge_beats(y, sign * slow, quiet, rate, least_correlation)
        if beats is not None and (best is None or beats.share > best.share):
            best = beats
    return best


def _judge_beats(
    y: np.ndarray, wave: np.ndarray, quiet: np.ndarray, rate: float, least_correlation: float
) -> Beats | None:
    """Keep peaks of `wave` that are regular and alike."""
    half = round(0.06 * rate)
    scale = 1.4826 * float(np.median(np.abs(wave[quiet])))
    peaks, _ = signal.find_peaks(wave, height=3.0 * scale, distance=round(0.33 * rate))
    peaks = peaks[(peaks >= half) & (peaks < wave.size - half)]
    peaks = peaks[quiet[peaks]]
    if peaks.size < 5:
        return None
    # Beats are alike in height: drop what is far below the typical one.
    peaks = peaks[wave[peaks] > 0.5 * np.quantile(wave[peaks], 0.75)]
    gaps = np.diff(peaks) / rate
    # Longer gaps are bursts of the muscle between two beats.
    gaps = gaps[gaps <= 60.0 / 40.0]
    if peaks.size < 5 or gaps.size < 4:
        return None
    typical = float(np.median(gaps))
    if np.mean(np.abs(gaps - typical) <= 0.2 * typical) < 0.7:
        return None
    at = peaks[:, None] + np.arange(-half, half + 1)
    shapes = wave[at] - wave[at].mean(axis=1, keepdims=True)
    # Each beat beside the mean of the others: one that is compared with itself always looks alike.
    others = shapes.sum(axis=0) - shapes
    size = np.linalg.norm(shapes, axis=1) * np.linalg.norm(others, axis=1)
    if float(np.median(np.sum(shapes * others, axis=1) / np.maximum(size, 1e-300))) < least_correlation:
        return None
    # Power of the repeating waveform alone: muscle under the beats averages out.
    average = y[at].mean(axis=0)
    count = y.size / rate / typical
    share = float(count * np.sum(np.square(average)) / np.sum(np.square(y)))
    return Beats(60.0 / typical, min(1.0, share), tuple(float(p / rate) for p in peaks))


#: What a moved cable does to a strong contraction: shorter than this (s), this many times the level before and after,
#: and what filters smear to both sides (s). Own choice: a muscle's own bursts in a maximal contraction last longer.
EXCURSION_S, EXCURSION_RATIO, EXCURSION_MARGIN = 0.1, 3.0, 0.1


def short_excursions(y: np.ndarray, rate: float) -> np.ndarray:
    """Flag samples, (n,), of excursions that no contraction makes: up and down again within 0.1 s.

    The level (RMS of 10 ms) is compared with the larger of its medians in the quarter second before and after.
    """
    level = np.sqrt(ndimage.uniform_filter1d(np.square(y), max(1, round(0.01 * rate)), mode="nearest"))
    step = max(1, round(0.005 * rate))
    thin = level[::step]
    half = max(1, round(0.25 * rate / step))
    middles = ndimage.median_filter(thin, size=half, mode="nearest")
    # A median centred half its length away looks at one side alone.
    away = half // 2 + max(1, round(EXCURSION_S * rate / step / 2))
    before = np.concatenate((np.full(min(away, thin.size), middles[0]), middles[:-away]))[: thin.size]
    after = np.concatenate((middles[away:], np.full(min(away, thin.size), middles[-1])))[: thin.size]
    high = thin > EXCURSION_RATIO * np.maximum(before, after)
    flags = np.zeros(thin.size, dtype=bool)
    margin = round(EXCURSION_MARGIN * rate / step)
    for a, b in runs(high):
        flags[max(0, a - margin) : b + margin] = True
    return np.repeat(flags, step)[: y.size]

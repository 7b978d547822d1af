"""How it tires: mean and median frequency over time, with a slope and its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy

from gluteal.emg.samples import as_samples
from gluteal.emg.signal.conditioning import usable_band
from gluteal.errors import InputError


@dataclass(frozen=True)
class Trend:
    """A straight line through a course.

    Attributes
    ----------
    slope, low, high : float
        Change per second and its 95 % interval, in `unit`.
    start, end : float
        Of the line, at the first and last window.
    percent_per_minute : float
        Slope relative to `start`.
    unit : str
        Of the slope, "Hz/s".
    autocorrelation : float
        Lag-1 correlation of the residuals; the interval allows for it.
    """

    slope: float
    low: float
    high: float
    start: float
    end: float
    percent_per_minute: float
    unit: str
    autocorrelation: float


@dataclass(frozen=True)
class Endurance:
    """Course of the spectrum.

    Attributes
    ----------
    time : ndarray, (w,)
        Centre of each window in which the muscle was active, s from the first sample.
    median_frequency, mean_frequency : ndarray, (w,)
        Hz.
    rms : ndarray, (w,)
        Amplitude in each window, in the recording's unit.
    median_trend, mean_trend : Trend
    sentence : str
        For people.
    settings : dict
    """

    time: np.ndarray = field(repr=False)
    median_frequency: np.ndarray = field(repr=False)
    mean_frequency: np.ndarray = field(repr=False)
    rms: np.ndarray = field(repr=False)
    median_trend: Trend
    mean_trend: Trend
    sentence: str
    settings: dict[str, Any]


def measure_endurance(
    values: np.ndarray,
    rate: float,
    *,
    window_s: float = 0.5,
    active_share: float = 0.3,
    band: tuple[float, float] = (20.0, 450.0),
) -> Endurance:
    """Follow mean and median frequency through a recording of a tiring muscle.

    Median frequency halves the power of the window's spectrum, mean frequency is its centre of mass (De Luca
    1984, Crit Rev Biomed Eng 11:251; Merletti 1999). Slope: least squares; interval: t with as
    many independent values as the residuals' lag-1 correlation leaves (Santer et al. 2000, J Geophys Res
    105:7337, Eqs 4-6).

    Parameters
    ----------
    values : ndarray, (n,)
        Raw samples.
    rate : float
        Samples per second.
    window_s : float
        Length of a window, s; 0.5 s keeps one window within one phase of a repeated movement.
    active_share : float
        Windows count as active where their RMS is at least this share of the 95th percentile over windows.
        Ours: rest between repetitions has another spectrum and must not bend the course.
    band : tuple of float
        Part of the spectrum that counts, Hz.

    Raises
    ------
    InputError
        Where fewer than five active windows are found.

    Notes
    -----
    In repeated movements length and speed of the muscle change the spectrum too; a falling frequency is a
    sign of tiring only where the movement stays the same.
    """
    x = as_samples(values, rate)
    if not np.isfinite(x).all():
        raise InputError("Samples are missing in this recording; give a stretch without gaps.")
    low, high, _ = usable_band(band, rate)
    top = high if high is not None else 0.5 * rate
    size = round(window_s * rate)
    count = x.size // size if size else 0
    if count < 5:
        raise InputError(
            f"The recording holds {count} windows of {window_s:g} s; at least 5 are needed to see a course."
        )
    frames = x[: count * size].reshape(count, size)
    frames = frames - frames.mean(axis=1, keepdims=True)
    frequency = np.fft.rfftfreq(size, 1.0 / rate)
    inside = (frequency >= low) & (frequency <= top)
    power = np.square(np.abs(np.fft.rfft(frames * scipy.signal.windows.hann(size, sym=False), axis=1)))[:, inside]
    rms = np.sqrt(power.sum(axis=1) * 2.0 / (size * np.sum(np.square(scipy.signal.windows.hann(size, sym=False)))))
    active = (rms >= active_share * np.quantile(rms, 0.95)) & (rms > 0.0)
    if np.count_nonzero(active) < 5:
        raise InputError(
            f"The muscle is active in {np.count_nonzero(active)} windows only; at least 5 are needed to see a course."
        )
    time = (np.flatnonzero(active) + 0.5) * window_s
    power, f = power[active], frequency[inside]
    mean = power @ f / power.sum(axis=1)
    median = _median_frequency(power, f)
    of_median, of_mean = fit_trend(time, median), fit_trend(time, mean)
    settings = {
        "window_s": window_s,
        "active_share": active_share,
        "band_hz": [low, top],
        "windows": int(count),
        "active_windows": int(np.count_nonzero(active)),
        "slope": "least squares, 95 % interval after Santer et al. 2000",
    }
    return Endurance(time, median, mean, rms[active], of_median, of_mean, _sentence(of_median), settings)


def fit_trend(time: np.ndarray, values: np.ndarray, *, unit: str = "Hz/s") -> Trend:
    """Fit a line to values (n,) at times (n,) s; slope with a 95 % interval that allows for autocorrelation.

    Effective number of values n (1 - r) / (1 + r), with r the lag-1 correlation of the residuals, never more
    than n (Santer et al. 2000, Eqs 4-6).

    Raises
    ------
    InputError
        With fewer than five values.
    """
    t, y = np.asarray(time, dtype=float), np.asarray(values, dtype=float)
    if t.shape != y.shape or t.size < 5:
        raise InputError(f"A trend needs at least five values at as many times; given {y.size} at {t.size}.")
    fit = scipy.stats.linregress(t, y)
    residual = y - fit.intercept - fit.slope * t
    power = float(residual @ residual)
    r = float(residual[1:] @ residual[:-1]) / power if power > 0.0 else 0.0
    # Residuals of a line lean to negative correlation by about (1 + 4r)/n even when independent (Kendall
    # 1954).
    r = float(np.clip(r + (1.0 + 4.0 * max(r, 0.0)) / t.size, 0.0, 0.95))
    effective = max(3.0, t.size * (1.0 - r) / (1.0 + r))
    spread = np.sqrt(power / (effective - 2.0) / np.sum(np.square(t - t.mean())))
    half = float(scipy.stats.t.ppf(0.975, effective - 2.0) * spread)
    start, end = (float(fit.intercept + fit.slope * at) for at in (t[0], t[-1]))
    relative = 6000.0 * float(fit.slope) / start if start != 0.0 else float("nan")
    slope = float(fit.slope)
    return Trend(slope, slope - half, slope + half, start, end, relative, unit, r)


def _median_frequency(power: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Frequency (w,) below which half of the power (w, f) lies, interpolated between bins."""
    total = np.cumsum(power, axis=1)
    half = 0.5 * total[:, -1]
    at = np.argmax(total >= half[:, None], axis=1)
    rows = np.arange(power.shape[0])
    before = np.where(at > 0, total[rows, np.maximum(at - 1, 0)], 0.0)
    step = frequency[1] - frequency[0]
    return frequency[at] + step * ((half - before) / power[rows, at] - 0.5)


def _sentence(trend: Trend) -> str:
    course = f"from about {trend.start:.0f} to {trend.end:.0f} Hz ({trend.slope:.3f} Hz/s, 95 % interval "
    course += f"{trend.low:.3f} to {trend.high:.3f})"
    if trend.high < 0.0:
        return f"The median frequency fell {course}, as it does when a muscle tires."
    if trend.low > 0.0:
        return f"The median frequency rose {course}; this is not how a tiring muscle behaves."
    return f"The median frequency went {course}: too little change to tell tiring from chance."

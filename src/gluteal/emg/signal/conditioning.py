"""Conditioning: band-pass, optional notch and ECG high-pass, rectification, envelope; every setting kept.

All filters are Butterworth and run forwards and backwards, so that they shift nothing in time, and 3 dB down exactly
where the setting says ("half power" of `gluteal.kernels.butterworth`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from scipy import ndimage

from gluteal.emg.samples import as_samples
from gluteal.emg.signal.hum import without_hum
from gluteal.errors import InputError
from gluteal.kernels.butterworth import filter_zero_lag, one_pass_corner, zero_lag_butter
from gluteal.sources.parameter import find_parameters

#: High-pass that takes most of the heart out of trunk EMG, Hz (Drake & Callaghan 2006).
ECG_HIGHPASS = 30.0

#: Lowest frequency of mains, Hz: the railways' 16.7 Hz is the lowest in use.
LOWEST_MAINS = 16.0
#: ... and the highest, Hz: aircraft and ships.
HIGHEST_MAINS = 400.0

EnvelopeMethod = Literal["lowpass", "rms"]


@dataclass(frozen=True)
class Conditioned:
    """A conditioned signal and how it was made.

    Attributes
    ----------
    filtered : ndarray, (n,)
        After the filters, in `unit`; zero mean.
    envelope : ndarray, (n,)
        Never negative, in `unit`.
    rate : float
        Samples per second.
    unit : str
        Unit of the recording, untouched.
    settings : dict
        Every setting that shaped the numbers, and "sources".
    notes : tuple of str
        What could not be done as asked, in sentences.
    hum_left_s : tuple of (start, end)
        Where mains hum could not be followed and is left in the signal, s from the first sample.
    hum_bends_s : tuple of (start, end)
        Where it changes so fast that some may be left beside a burst.
    bridged_s : tuple of (start, end)
        Where tall spikes were bridged before the filters (`gluteal.emg.signal.tall_spikes`).
    """

    filtered: np.ndarray = field(repr=False)
    envelope: np.ndarray = field(repr=False)
    rate: float
    unit: str
    settings: dict[str, Any]
    notes: tuple[str, ...] = ()
    hum_left_s: tuple[tuple[float, float], ...] = ()
    hum_bends_s: tuple[tuple[float, float], ...] = ()
    bridged_s: tuple[tuple[float, float], ...] = ()

    @property
    def one_pass_hz(self) -> tuple[float, float]:
        """Corners of one of the two passes of the band-pass, Hz; the upper one half the rate where there was none."""
        (low, high), half = self.settings["band_hz"], self.settings["order"] // 2
        top = 0.5 * self.rate if high is None else one_pass_corner(half, high, "low", self.rate)
        return one_pass_corner(half, low, "high", self.rate), top


@cache
def conditioning_sources() -> Mapping[str, str]:
    """Say where each default comes from and how far that was read; part of the settings of every result."""
    declared = find_parameters("emg.signal.conditioning")
    names = {
        "band_hz": "condition_signal.band",
        "order": "condition_signal.order",
        "ecg_highpass_hz": "ECG_HIGHPASS",
        "envelope": "condition_signal.envelope_hz",
    }
    return MappingProxyType({setting: declared[name].cited for setting, name in names.items()})


def condition_signal(
    values: np.ndarray,
    rate: float,
    *,
    unit: str,
    band: tuple[float, float] = (20.0, 450.0),
    order: int = 4,
    notch: float | None = None,
    ecg_highpass: float | None = None,
    envelope: EnvelopeMethod = "lowpass",
    envelope_hz: float = 6.0,
    rms_window_s: float = 0.05,
) -> Conditioned:
    """Filter one EMG signal without delay and compute its envelope.

    Parameters
    ----------
    values : ndarray, (n,)
        Raw samples in `unit`. Missing samples (NaN) are bridged for the filters and missing again after.
    rate : float
        Samples per second.
    unit : str
        Unit of `values`; kept.
    band : tuple of float
        Corners of the band-pass, Hz. Where the rate is too low for the upper one, the upper end is left to
        the recorder's own filter and a note says so.
    order : int
        Order in effect, even: half of it is run in each direction.
    notch : float, optional
        Mains frequency to take out with its harmonics, Hz (`gluteal.emg.signal.hum.without_hum`).
        Off by default: it also takes EMG away (Clancy et al. 2002, J Electromyogr Kinesiol 12:1); use it where the
        quality check found hum.
    ecg_highpass : float, optional
        Raises the lower corner for trunk muscles, Hz; `ECG_HIGHPASS` is the published value.
    envelope : "lowpass" | "rms"
        Low-pass of the rectified signal, or root mean square in a centred window.
    envelope_hz : float
        Corner of the low-pass, Hz.
    rms_window_s : float
        Length of the RMS window, s.

    Raises
    ------
    InputError
        Where the signal is empty or all missing, or a setting cannot work at this rate.
    """
    x = as_samples(values, rate)
    low, high, notes = usable_band(band, rate, ecg_highpass=ecg_highpass)
    if order < 2 or order % 2:
        raise InputError(
            f"The filter order is {order}; it must be an even number, because half of it is run in each direction."
        )
    corner = envelope_hz if envelope == "lowpass" else 1.0 / (2.0 * rms_window_s)
    if not 0.0 < corner < 0.5 * rate:
        raise InputError(
            f"An envelope of {corner:g} Hz cannot be made of {rate:g} samples a second; choose a corner "
            "between "
            f"0 and {0.5 * rate:g} Hz."
        )
    missing = ~np.isfinite(x)
    filtered = bridge_missing(x, missing)
    # A large offset would ring at both ends; the high-pass removes it anyway.
    filtered -= np.median(filtered)
    half = order // 2
    sections = [zero_lag_butter(half, low, "high", rate)]
    if high is not None:
        sections.append(zero_lag_butter(half, high, "low", rate))

    def passed(y: np.ndarray) -> np.ndarray:
        for sos in sections:
            y = filter_zero_lag(y, sos)
        return y

    harmonics = notch_frequencies(notch, rate, low, high)
    humless = without_hum(passed(filtered), rate, harmonics, passed=passed)
    filtered = humless.rest
    course = compute_envelope(
        filtered, rate, method=envelope, lowpass_hz=envelope_hz, window_s=rms_window_s, order=order
    )
    if missing.any():
        filtered[missing] = np.nan
        course[missing] = np.nan
        notes.append(f"{100.0 * missing.mean():.3g} % of the samples are missing and stay so.")
    settings: dict[str, Any] = {
        "band_hz": [low, high],
        "order": order,
        "zero_lag": True,
        "notch_hz": harmonics,
        "ecg_highpass_hz": ecg_highpass,
        "envelope": envelope,
        "envelope_hz": envelope_hz if envelope == "lowpass" else None,
        "rms_window_s": rms_window_s if envelope == "rms" else None,
        "sources": dict(conditioning_sources()),
    }
    return Conditioned(filtered, course, float(rate), unit, settings, tuple(notes), humless.left_s, humless.bends_s)


def compute_envelope(
    filtered: np.ndarray,
    rate: float,
    *,
    method: EnvelopeMethod = "lowpass",
    lowpass_hz: float = 6.0,
    window_s: float = 0.05,
    order: int = 4,
) -> np.ndarray:
    """Return the envelope, (n,), of a filtered signal, in the signal's unit, never negative.

    "lowpass": zero-lag Butterworth low-pass of the absolute value (about the mean absolute value).
    "rms": square root of the centred moving mean of squares.
    """
    if method == "rms":
        size = max(1, round(window_s * rate))
        mean_square = ndimage.uniform_filter1d(np.square(filtered), size, mode="reflect")
        return np.sqrt(np.clip(mean_square, 0.0, None))
    if method != "lowpass":
        raise InputError(f"There is no envelope {method!r}; choose 'lowpass' or 'rms'.")
    sos = zero_lag_butter(order // 2, lowpass_hz, "low", rate)
    # A low-pass overshoots below zero after a burst; an amplitude below zero means nothing.
    return np.clip(filter_zero_lag(np.abs(filtered), sos), 0.0, None)


def usable_band(
    band: tuple[float, float], rate: float, *, ecg_highpass: float | None = None
) -> tuple[float, float | None, list[str]]:
    """Return low corner, high corner (None where the rate leaves no room for it) and notes, all Hz.

    Raises
    ------
    InputError
        Where the band is empty or lies above half the rate.
    """
    low, high = float(band[0]), float(band[1])
    if ecg_highpass is not None:
        low = max(low, float(ecg_highpass))
    if not (np.isfinite(low) and 0.0 < low < high):
        raise InputError(
            f"The band {low:g}-{high:g} Hz is empty; give a lower corner above 0 and below the upper one, "
            "for "
            "example (20, 450)."
        )
    nyquist = 0.5 * rate
    if low >= 0.9 * nyquist:
        raise InputError(
            f"At {rate:g} samples a second nothing above {nyquist:g} Hz exists, so a band from {low:g} Hz "
            "is empty. "
            "This looks like an envelope rather than a raw recording; read the raw file."
        )
    notes: list[str] = []
    if high >= 0.95 * nyquist:
        notes.append(
            f"The recording has {rate:g} samples a second: the band ends at {nyquist:g} Hz by itself, the "
            "corner of "
            f"{high:g} Hz was not applied."
        )
        return low, None, notes
    return low, high, notes


def notch_frequencies(notch: float | None, rate: float, low: float, high: float | None) -> list[float]:
    """Return the mains frequency and its harmonics inside the band, Hz; empty without a notch."""
    if notch is None:
        return []
    check_mains(notch)
    if not notch < 0.5 * rate:
        raise InputError(f"A notch at {notch:g} Hz is impossible at {rate:g} samples a second; mains is 50 or 60 Hz.")
    top = min(0.98 * 0.5 * rate, high if high is not None else np.inf)
    return [float(f) for f in notch * np.arange(1, int(top / notch) + 1) if f > 0.5 * low]


def check_mains(notch: float | None) -> None:
    """Raise InputError where a notch is at no frequency that mains has."""
    if notch is not None and not LOWEST_MAINS <= notch <= HIGHEST_MAINS:
        raise InputError(
            f"A notch at {notch:g} Hz is no mains; give 50 or 60 Hz, or 16.7 Hz beside a railway, or leave it out."
        )


def bridge_missing(x: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Return a copy of `x` with missing samples replaced by the straight line between their neighbours."""
    out = np.array(x, dtype=float)
    if missing.any():
        at = np.arange(x.size)
        out[missing] = np.interp(at[missing], at[~missing], x[~missing])
    return out

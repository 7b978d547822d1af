"""How strongly: amplitude in % of MVIC, per phase or cycle, co-contraction and asymmetry.

A percentage always says of what. Without a maximal contraction the unit reads "% of this recording's
maximum", because such a number cannot be compared between people, sides or days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from scipy import ndimage

from gluteal.emg.signal import artefacts
from gluteal.emg.signal.conditioning import Conditioned, bridge_missing, compute_envelope
from gluteal.errors import InputError

#: Unit without a maximal contraction.
OWN_MAXIMUM = "% of this recording's maximum"
MVIC = "% MVIC"

#: Units of voltage, nV: what differs by them alone is converted. Whole numbers, so that a ratio of two is exact.
NANOVOLTS = {"V": 1e9, "mV": 1e6, "uV": 1e3, "nV": 1.0}
#: Points of a reference's course.
_POINTS = 400

#: Settings that shape an amplitude; two amplitudes compare only where they agree.
_SHAPING = ("band_hz", "order", "notch_hz", "ecg_highpass_hz", "envelope", "envelope_hz", "rms_window_s")


@dataclass(frozen=True)
class Reference:
    """What 100 % is.

    Attributes
    ----------
    value : float
        Amplitude of the envelope, in `unit`.
    unit : str
        Unit of the recording it was taken from.
    label : str
        Unit of what is normalised by it ("% MVIC").
    trials : int
        How many contractions it was chosen from.
    per_trial : tuple of float
        The amplitude of each, in `unit`.
    window_s : float
        Length of the mean around the peak, s.
    settings : dict
        Of the conditioning; amplitudes conditioned otherwise are refused.
    start_s : float
        Where the strongest window begins, s from the first sample of its trial.
    recording, channel : str
        That trial; empty where it has no name.
    excluded_s : tuple of (start, end)
        Short excursions of that trial that are no contraction and were left out, s from its first sample.
    course : (times, levels)
        Its envelope, thinned for a picture: s from the first sample, and `unit`.
    """

    value: float
    unit: str
    label: str
    trials: int
    per_trial: tuple[float, ...]
    window_s: float
    settings: dict[str, Any] = field(repr=False)
    start_s: float = float("nan")
    recording: str = ""
    channel: str = ""
    excluded_s: tuple[tuple[float, float], ...] = ()
    course: tuple[tuple[float, ...], tuple[float, ...]] = field(default=((), ()), repr=False)

    def in_unit(self, unit: str) -> Reference:
        """Return the reference in another unit of voltage; itself where the units are no voltages.

        >>> Reference(0.1, "mV", MVIC, 1, (0.1,), 0.5, {}).in_unit("uV").value
        100.0
        """
        if unit == self.unit or not {unit, self.unit} <= set(NANOVOLTS):
            return self
        factor = NANOVOLTS[self.unit] / NANOVOLTS[unit]
        time, level = self.course
        return replace(
            self,
            value=self.value * factor,
            unit=unit,
            per_trial=tuple(v * factor for v in self.per_trial),
            course=(time, tuple(v * factor for v in level)),
        )


@dataclass(frozen=True)
class Amplitude:
    """Peak, mean and integral of one stretch of a muscle's envelope.

    Attributes
    ----------
    name : str
        Of the phase or cycle; "whole" for all of it.
    start_s, end_s : float
        From the first sample, s.
    peak, mean : float
        In `unit`.
    integrated : float
        Integral over time (trapezoids), in `unit` times s.
    unit : str
        "% MVIC", `OWN_MAXIMUM`, or the recording's unit.
    """

    name: str
    start_s: float
    end_s: float
    peak: float
    mean: float
    integrated: float
    unit: str

    @property
    def integrated_unit(self) -> str:
        """Unit of the integral."""
        return f"{self.unit} s"


def compute_mvic(trials: Sequence[Conditioned], *, window_s: float = 0.5) -> Reference:
    """Compute the reference from maximal voluntary isometric contractions of one muscle.

    Short excursions (a cable that moved) are left out, see `Reference.excluded_s`; what is left is
    the largest mean envelope in any window of `window_s`, of all trials of all sessions given. A window,
    because the single highest sample depends on chance (the CEDE matrix on normalisation, Besomi et al. 2020,
    J Electromyogr Kinesiol 53:102438, asks to report how the maximum is taken; 500 ms: Konrad 2005, The ABC
    of EMG).

    Raises
    ------
    InputError
        Without trials, with different units or conditioning, or where none holds a whole window.
    """
    if not trials:
        raise InputError("No maximal contraction was given; name at least one MVIC trial of this muscle.")
    first = trials[0]
    for other in trials[1:]:
        _check_comparable(first.unit, first.settings, other, "MVIC trials")
    measured = []
    for trial in trials:
        size = max(1, round(window_s * trial.rate))
        if trial.envelope.size < size:
            raise InputError(
                f"An MVIC trial lasts {trial.envelope.size / trial.rate:.2g} s, less than the window of "
                f"{window_s:g} s over which its maximum is taken; record at least {window_s:g} s or "
                "shorten the window."
            )
        course, excluded = _without_excursions(trial)
        total = np.concatenate(([0.0], np.cumsum(course)))
        means = (total[size:] - total[:-size]) / size
        at = int(np.nanargmax(means)) if np.isfinite(means).any() else 0
        measured.append((float(means[at]), at / trial.rate, excluded, course, trial.rate))
    value, start, excluded, course, rate = max(measured, key=lambda m: m[0])
    if not (np.isfinite(value) and value > 0.0):
        raise InputError("The MVIC trials hold no signal (their maximum is zero); check electrode and channel.")
    thin = np.unique(np.linspace(0, course.size - 1, _POINTS).astype(int))
    return Reference(
        value,
        first.unit,
        MVIC,
        len(trials),
        tuple(m[0] for m in measured),
        window_s,
        dict(first.settings),
        start_s=start,
        excluded_s=excluded,
        course=(tuple((thin / rate).tolist()), tuple(course[thin].tolist())),
    )


def _without_excursions(trial: Conditioned) -> tuple[np.ndarray, tuple[tuple[float, float], ...]]:
    """Envelope without short excursions, which a moved cable leaves and no contraction; and where they were, s.

    They are taken out of the filtered signal, before the envelope spreads them over a tenth of a second.
    """
    missing = ~np.isfinite(trial.filtered)
    flags = artefacts.short_excursions(np.where(missing, 0.0, trial.filtered), trial.rate)
    if not flags.any():
        return trial.envelope, ()
    settings = trial.settings
    # As strong there as the muscle is beside it: the straight line between the envelopes around.
    size = np.abs(bridge_missing(trial.filtered, missing))
    course = compute_envelope(
        np.where(flags, 0.0, size),
        trial.rate,
        method=settings.get("envelope") or "lowpass",
        lowpass_hz=settings.get("envelope_hz") or 6.0,
        window_s=settings.get("rms_window_s") or 0.05,
    )
    spread = ndimage.binary_dilation(flags, iterations=max(1, round(0.1 * trial.rate)))
    at = np.arange(course.size)
    if spread.all():
        return np.full(course.size, np.nan), artefacts.intervals(flags, trial.rate)
    course[spread] = np.interp(at[spread], at[~spread], course[~spread])
    course[missing] = np.nan
    return course, artefacts.intervals(flags, trial.rate)


def normalise(conditioned: Conditioned, reference: Reference | None) -> tuple[np.ndarray, str]:
    """Return the envelope in % of the reference, (n,), and the unit in words.

    Without a reference the unit is `OWN_MAXIMUM`, and says so wherever it is shown.

    Raises
    ------
    InputError
        Where reference and signal differ in unit or conditioning, or the signal is zero throughout.
    """
    if reference is not None:
        reference = reference.in_unit(conditioned.unit)
        _check_comparable(reference.unit, reference.settings, conditioned, "the reference and this recording")
        return 100.0 * conditioned.envelope / reference.value, reference.label
    top = float(np.nanmax(conditioned.envelope))
    if not top > 0.0:
        raise InputError("The signal is zero throughout, so nothing can be said relative to its maximum.")
    return 100.0 * conditioned.envelope / top, OWN_MAXIMUM


def measure_amplitude(
    conditioned: Conditioned,
    *,
    reference: Reference | None = None,
    absolute: bool = False,
    phases: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[Amplitude, ...]:
    """Measure peak, mean and integral of the envelope, over the whole or per phase.

    Parameters
    ----------
    conditioned : Conditioned
        One muscle.
    reference : Reference, optional
        What 100 % is; without it results are in % of this recording's own maximum.
    absolute : bool
        Stay in the recording's unit instead.
    phases : mapping of str to (start, end), optional
        s from the first sample; a gait cycle or a part of one.

    Raises
    ------
    InputError
        Where a phase is empty or outside the recording, or the reference does not fit.
    """
    if absolute:
        envelope, unit = conditioned.envelope, conditioned.unit
    else:
        envelope, unit = normalise(conditioned, reference)
    rate, last = conditioned.rate, (envelope.size - 1) / conditioned.rate
    wanted = phases if phases is not None else {"whole": (0.0, last)}
    out = []
    for name, (start, end) in wanted.items():
        # Half a sample of slack, for times that were themselves rounded.
        if not (-0.5 / rate <= start < end <= last + 0.5 / rate):
            raise InputError(
                f"The phase {name!r} from {start:g} to {end:g} s does not lie inside the recording (0 to {last:.4g} s)."
            )
        a, b = max(0, round(start * rate)), min(envelope.size - 1, round(end * rate))
        part = envelope[a : b + 1]
        area = float(np.trapezoid(part, dx=1.0 / rate))
        duration = (b - a) / rate
        mean = area / duration if duration > 0.0 else float(part[0])
        out.append(Amplitude(name, float(start), float(end), float(part.max()), mean, area, unit))
    return tuple(out)


CoContractionMethod = Literal["falconer-winter", "rudolph"]


@dataclass(frozen=True)
class CoContraction:
    """How much two opposing muscles are on together.

    Attributes
    ----------
    value : float
        "falconer-winter": 0-100 %, share of the total that is common. "rudolph": in the envelopes' unit, 0 to
        twice their maximum.
    unit, method, source : str
    """

    value: float
    unit: str
    method: CoContractionMethod
    source: str


def measure_co_contraction(
    first: np.ndarray, second: np.ndarray, *, unit: str, method: CoContractionMethod = "falconer-winter"
) -> CoContraction:
    """Measure co-contraction of two normalised envelopes, (n,), of one `unit`.

    "falconer-winter": 2 sum(min(a, b)) / sum(a + b) x 100 % (Falconer & Winter 1985, Electromyogr Clin
    Neurophysiol 25:135-149): shape and balance, blind to how strong both are.
    "rudolph": mean of lower/higher x (lower + higher) (Rudolph et al. 2000, Knee Surg Sports Traumatol
    Arthrosc 8:262-269): grows with the strength of both.

    Raises
    ------
    InputError
        Where the envelopes differ in length, are negative, or both zero throughout.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError(f"The two envelopes have shapes {a.shape} and {b.shape}; give one time span of both muscles.")
    if np.nanmin(a) < 0.0 or np.nanmin(b) < 0.0:
        raise InputError("An envelope is never negative; give envelopes, not raw signals.")
    low, high = np.minimum(a, b), np.maximum(a, b)
    if not high.max() > 0.0:
        raise InputError("Both envelopes are zero throughout; co-contraction is not defined.")
    if method == "falconer-winter":
        value = float(200.0 * low.sum() / (a + b).sum())
        return CoContraction(value, "%", method, "Falconer & Winter 1985")
    if method != "rudolph":
        raise InputError(f"There is no co-contraction index {method!r}; choose 'falconer-winter' or 'rudolph'.")
    ratio = np.divide(low, high, out=np.zeros_like(low), where=high > 0.0)
    return CoContraction(float(np.mean(ratio * (low + high))), unit, method, "Rudolph et al. 2000")


def measure_asymmetry(right: float, left: float) -> float:
    """Return the symmetry index, %: 100 (right - left) / mean of both (Robinson et al. 1987, J Manipulative
    Physiol Ther 10:172-176). Positive: the right is more; 0: equal; +-200: one side alone.

    Raises
    ------
    InputError
        Where a value is negative or both are zero.

    Examples
    --------
    >>> measure_asymmetry(30.0, 20.0)
    40.0
    """
    if not (right >= 0.0 and left >= 0.0 and right + left > 0.0):
        raise InputError(f"An asymmetry needs two amplitudes, not negative and not both zero; given {right}, {left}.")
    return 200.0 * (right - left) / (right + left)


def _check_comparable(unit: str, settings: Mapping[str, Any], other: Conditioned, what: str) -> None:
    if other.unit != unit:
        raise InputError(f"Units of {what} differ: {unit} and {other.unit}; use one recorder setting or convert.")
    for key in _SHAPING:
        if settings.get(key) != other.settings.get(key):
            raise InputError(
                f"The conditioning of {what} differs in {key} ({settings.get(key)} and "
                f"{other.settings.get(key)}); "
                "condition both alike."
            )

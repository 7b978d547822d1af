"""One door to every onset detector."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from gluteal.emg.onset import published, rise
from gluteal.emg.onset.bursts import NAN, Burst, Bursts
from gluteal.emg.onset.prepare import LOWEST_RATE
from gluteal.emg.samples import as_samples
from gluteal.errors import InputError, UnknownName

#: Shortest signal, s: rest and a burst must fit.
SHORTEST_SIGNAL = 0.3
#: Without a baseline, rest of a published method is the quietest stretch of this length, s. Own choice; the
#: papers take a stretch before a stimulus.
QUIET = 0.5


@dataclass(frozen=True)
class Detector:
    """A detector: its settings, and its function where it gives plain runs of samples."""

    settings: type
    runs: Callable[[np.ndarray, float, slice, Any], published.Runs] | None = None


METHODS = {
    "rise": Detector(rise.RiseSettings),
    "hodges-bui": Detector(published.HodgesBuiSettings, published.hodges_bui),
    "bonato": Detector(published.BonatoSettings, published.bonato),
    "teager-kaiser": Detector(published.TeagerKaiserSettings, published.teager_kaiser),
    "staude": Detector(published.StaudeSettings, published.staude),
    "laplace": Detector(published.LaplaceSettings),
}


def detect_bursts(
    signal: np.ndarray,
    rate: float,
    *,
    method: str = "rise",
    max_bursts: int | None = None,
    baseline: tuple[float, float] | None = None,
    start: float = 0.0,
    **settings: Any,
) -> Bursts:
    """Find when a muscle switched on and off.

    The method "rise" (default) is this project's own: bursts are runs of raised level in a segmentation of
    the whitened signal, kept where a likelihood-ratio test excludes chance; the time of each edge has a
    probability, under rises of any form, from which come the estimate, its standard deviation and a 95 %
    interval (docs/emg-onsets.md). The others follow their papers and state no error.

    Parameters
    ----------
    signal : (n,)
        EMG, raw or band-passed, not rectified; any unit.
    rate : float
        Samples per second, from 200.
    method : str
        "rise", "hodges-bui", "bonato", "teager-kaiser", "staude" or "laplace".
    max_bursts : int, optional
        Keep only so many: the strongest (level times duration; "rise": gain in likelihood).
    baseline : (float, float), optional
        Stretch known to be at rest, s, on the clock of `start`; by default it is found.
    start : float
        Time of the first sample, s; added to all times.
    **settings
        Of the method; see `RiseSettings` and those of the published methods.

    Returns
    -------
    Bursts
        None to many, in order of time. The true onset meant is the start of non-zero variance of the burst.

    Raises
    ------
    InputError
        Where the signal, the rate, the baseline or the value of a setting cannot be used.
    UnknownName
        Where there is no such method or setting.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> emg = rng.standard_normal(6000)
    >>> emg[2000:4000] *= 4
    >>> [burst] = detect_bursts(emg, 2000.0, zero_lag=None)
    >>> abs(burst.onset_s - 1.0) < 0.005, burst.onset_interval_s[0] < 1.0 < burst.onset_interval_s[1]
    (True, True)
    """
    x = as_samples(signal, rate)
    _check_for_onsets(x, float(rate))
    if method not in METHODS:
        raise UnknownName("onset method", method, METHODS, "gluteal.emg.onset.METHODS")
    if max_bursts is not None and (not isinstance(max_bursts, int) or max_bursts < 1):
        raise InputError(f"max_bursts is {max_bursts!r}; give a whole number from 1, or None for all.")
    chosen = _settings(method, settings, float(rate))
    if not math.isfinite(start):
        raise InputError(f"start is {start!r}; give the time of the first sample in seconds.")
    rest = None if baseline is None else _checked_baseline(baseline, start, x.size / rate)
    x = x - x.mean()
    # Scale to one: tiny units must not underflow when squared.
    peak = float(np.abs(x).max())
    found: tuple[Burst, ...] = ()
    seen: dict[str, float] = {}
    if peak > 0:
        found, seen = _run(method, x / peak, rate, rest, max_bursts, chosen)
    used = {**asdict(chosen), **seen, "max_bursts": max_bursts, "baseline": baseline, "start": start}
    return Bursts(bursts=tuple(b.moved(start) for b in found), method=method, rate=float(rate), settings=used)


def _run(
    method: str,
    x: np.ndarray,
    rate: float,
    rest: tuple[float, float] | None,
    max_bursts: int | None,
    settings: Any,
) -> tuple[tuple[Burst, ...], dict[str, float]]:
    """Bursts, and what else the method saw in the signal."""
    if method == "rise":
        return rise.detect(x, rate, settings=settings, baseline=rest, max_bursts=max_bursts)
    quiet = _quietest(x, rate) if rest is None else slice(round(rest[0] * rate), round(rest[1] * rate))
    runs = METHODS[method].runs
    if runs is None:
        power, places = rise.locate(x, rate, settings=rise.RiseSettings(), baseline=rest, max_bursts=max_bursts)
        edges = [[(power.skip + i * places.size) * rate / power.rate for i in (p.first, p.last)] for p in places.places]
        rough = [(round(first), round(last)) for first, last in edges]
        pairs = published.laplace(x, rate, rough, settings)
    else:
        pairs = runs(x, rate, quiet, settings)
    rms = float(np.mean(x[quiet] ** 2))
    bursts = [_plain(x, rate, pair, rms) for pair in pairs]
    if max_bursts is not None and len(bursts) > max_bursts:
        energy = [float(np.sum(x[a:b] ** 2)) for a, b in pairs]
        keep = sorted(np.argsort(energy)[::-1][:max_bursts])
        bursts = [bursts[i] for i in keep]
    return tuple(bursts), {}


def _plain(x: np.ndarray, rate: float, pair: tuple[int, int], rest_power: float) -> Burst:
    """Burst [first, last) of a method that states no error."""
    first, last = pair
    return Burst(
        onset_s=first / rate if first else NAN,
        offset_s=last / rate if last < x.size else NAN,
        level_db=10 * math.log10(max(float(np.mean(x[first:last] ** 2)), 1e-300) / max(rest_power, 1e-300)),
    )


def _quietest(x: np.ndarray, rate: float) -> slice:
    """The stretch of QUIET s with the least power."""
    width = min(round(QUIET * rate), x.size // 3)
    total = np.r_[0.0, np.cumsum(x * x)]
    first = int(np.argmin(total[width:] - total[:-width]))
    return slice(first, first + width)


def _check_for_onsets(x: np.ndarray, rate: float) -> None:
    """Raise InputError where a signal is too slow, too short or too incomplete for onsets."""
    if rate < LOWEST_RATE:
        raise InputError(
            f"The rate is {rate} samples per second; onsets of surface EMG need at least {LOWEST_RATE:g} "
            "(1000 or more is usual)."
        )
    if x.size < SHORTEST_SIGNAL * rate:
        raise InputError(
            f"The signal has {x.size} samples, {x.size / rate:.3g} s; onsets need at least {SHORTEST_SIGNAL:g} s."
        )
    if bad := int(np.count_nonzero(~np.isfinite(x))):
        raise InputError(
            f"{bad} of {x.size} samples are not finite; cut the stretch out or fill it before looking for onsets."
        )


def _checked_baseline(baseline: tuple[float, float], start: float, duration: float) -> tuple[float, float]:
    try:
        low, high = (float(v) - start for v in baseline)
    except (TypeError, ValueError) as error:
        raise InputError(f"baseline is {baseline!r}; give two times in seconds, (from, to).") from error
    if not (low >= -1e-9 and low + 0.1 - 1e-9 <= high <= duration + 1e-9):
        raise InputError(
            f"baseline is {baseline[0]:g} to {baseline[1]:g} s; give at least 0.1 s within the recording, "
            f"{start:g} to {start + duration:g} s."
        )
    return max(low, 0.0), min(high, duration)


def _settings(method: str, given: dict[str, Any], rate: float) -> Any:
    kind = METHODS[method].settings
    known = [f.name for f in fields(kind)]
    for name in given:
        if name not in known:
            raise UnknownName(f"setting of {method!r}", name, known, f"{kind.__name__}.__doc__")
    chosen = kind(**given)
    for field in fields(kind):
        if (fault := _fault(field.name, field.default, getattr(chosen, field.name), rate)) is not None:
            raise InputError(f"{field.name} is {getattr(chosen, field.name)!r}; {fault}.")
    return chosen


def _fault(name: str, default: Any, value: Any, rate: float) -> str | None:
    """What would be right instead of the value of a setting, or None where it is right."""
    if value is None and name == "zero_lag":
        return None
    numbers = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(v, int | float) and math.isfinite(v) and v >= 0 for v in numbers):
        return "give finite numbers from 0"
    if isinstance(default, int) and not (isinstance(value, int) and value >= 1):
        return "give a whole number from 1"
    if isinstance(default, tuple) and len(numbers) != len(default):
        return f"give {len(default)} numbers, such as {default}"
    if name == "kinds" and sum(numbers) == 0:
        return "one of the three weights, of steps, ramps and flanks, must be above 0"
    if name == "false_alarm" and not 0 < value < 1:
        return "give a probability between 0 and 1"
    if name in ("band", "zero_lag") and not 0 < numbers[0] < min(numbers[1], 0.45 * rate):
        return f"give two frequencies in Hz, the lower one first, within {0.45 * rate:g} Hz"
    least = 1e-3 if name == "low_pass" else 0.0
    if name in ("high_pass", "slow_high_pass", "low_pass") and not least <= value <= 0.45 * rate:
        return f"give a frequency in Hz, at most {0.45 * rate:g} at this rate"
    return None

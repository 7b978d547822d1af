"""Quality before anything else: what is wrong with a channel, said with a number and a plain sentence.

A channel with a fault of severity "fail" is not usable for timing and is left out of it, with its reason; one of
severity "amplitude" is timed, but how strong the muscle was cannot be said; a "caution" is shown beside the results.
Every limit is a field of `gluteal.emg.signal.quality_limits.Limits`, with its source or reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

import numpy as np

from gluteal.emg.samples import as_samples
from gluteal.emg.signal import artefacts as measure
from gluteal.emg.signal.conditioning import ECG_HIGHPASS, bridge_missing, notch_frequencies, usable_band
from gluteal.emg.signal.faults import SEVERITIES, Fault, Quality, Severity
from gluteal.emg.signal.gain_step import find_gain_step
from gluteal.emg.signal.hum import without_hum
from gluteal.emg.signal.hum_seen import find_hum_frames
from gluteal.emg.signal.pulses import find_pulses
from gluteal.emg.signal.quality_limits import Limits
from gluteal.emg.signal.reworked import (
    follows_activity,
    is_one_sided,
    is_rectified,
    is_skewed,
    repeated_packets,
    without_drift,
)
from gluteal.emg.signal.spikes import find_spikes
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

#: Share of samples at rest that equal the one before from which the steps are coarse. Own choice: noise of half a step
#: has 0.5.
HELD_COARSE = 0.6
#: Most values that a switch takes: heel and toe on or off. Own choice.
SWITCH_LEVELS = 4


def assess_quality(
    values: np.ndarray,
    rate: float,
    *,
    unit: str,
    mains_hz: Sequence[float] = (50.0, 60.0),
    trunk: bool = False,
    steady: bool = False,
    limits: Limits | None = None,
) -> Quality:
    """Judge one raw EMG channel.

    Parameters
    ----------
    values : ndarray, (n,)
        Raw samples in `unit`; NaN counts as missing.
    rate : float
        Samples per second.
    unit : str
        Unit of the samples, for the words; no test depends on it.
    mains_hz : sequence of float
        Mains frequencies to look for; the stronger one is reported with its harmonics.
    trunk : bool
        Look for heart beats: trunk muscles lie next to the heart.
    steady : bool
        The muscle is meant to be on throughout (MVIC, endurance): no quiet baseline is expected, so a low
        ratio of burst to baseline is no fault.
    limits : Limits, optional
        Where faults begin.

    Returns
    -------
    Quality

    Raises
    ------
    InputError
        Where there is no signal at all to judge (empty, wrong shape).

    Notes
    -----
    Clipping is found only where it reached the file: a signal filtered after it was clipped hides it. A dead
    channel is known by a spectrum as white as its amplifier's with no burst that stands out of it.
    """
    bounds = limits or Limits()
    x = np.asarray(values, dtype=float)
    if x.ndim == 1 and x.size >= 2 and not np.isfinite(x).any():
        faults = [Fault("flat", "fail", 100.0, "%", "The channel holds no values at all.")]
        return _finish(faults, {}, bounds, unit, mains_hz, trunk, steady)
    x = as_samples(x, rate)
    missing = ~np.isfinite(x)
    bridged = bridge_missing(x, missing)
    found, measures, whole = _check_samples(bridged, missing, rate, unit, bounds)
    if whole:
        spectral = _check_band(bridged, rate, tuple(mains_hz), trunk, steady, bounds, measures)
        # An envelope may rest at zero and be rounded: what would be faults of a raw signal are none of it.
        found = spectral if any(f.kind == "envelope" for f in spectral) else found + spectral
        if not any(f.kind in ("envelope", "dropout") for f in found):
            _check_gain(bridged, rate, measures, found)
    return _finish(found, measures, bounds, unit, mains_hz, trunk, steady)


def _check_gain(x: np.ndarray, rate: float, measures: dict[str, tuple[float, str]], found: list[Fault]) -> None:
    """Report a gain that changed in the middle."""
    step = find_gain_step(x, rate)
    if step is None:
        return
    factor, time = step
    measures["gain_step"] = (factor, "1")
    times, grows = (factor, "stronger") if factor > 1.0 else (1.0 / factor, "weaker")
    words = (
        f"All of the signal, the recorder's noise with it, becomes {times:.2g} times {grows} at about {time:.3g} s, as "
        "where a gain was changed: when the muscle started is seen, how strong it was is not. Cut the recording there "
        "(--start, --end)."
    )
    found.append(Fault("gain", "amplitude", factor, "1", words, ((time, x.size / rate),)))


def _finish(
    faults: list[Fault],
    measures: dict[str, tuple[float, str]],
    limits: Limits,
    unit: str,
    mains_hz: Sequence[float],
    trunk: bool,
    steady: bool,
) -> Quality:
    ordered = tuple(sorted(faults, key=lambda f: SEVERITIES.index(f.severity)))
    settings = {
        "limits": asdict(limits),
        "unit": unit,
        "mains_hz": list(mains_hz),
        "trunk": trunk,
        "steady": steady,
    }
    return Quality(not any(f.severity == "fail" for f in faults), ordered, measures, settings)


def _check_samples(
    x: np.ndarray, missing: np.ndarray, rate: float, unit: str, limits: Limits
) -> tuple[list[Fault], dict[str, tuple[float, str]], bool]:
    """Faults visible in the samples themselves; the last value says whether a spectrum makes sense."""
    found: list[Fault] = []
    measures: dict[str, tuple[float, str]] = {}
    levels = np.unique(x[: 1 << 20]).size
    measures["levels"] = (float(levels), "1")
    if 1 < levels < limits.coarse_levels and x.size > 10 * limits.coarse_levels:
        words = f"The signal takes only {levels} values, " + (
            "as a switch or a trigger does: it is no muscle's."
            if levels <= SWITCH_LEVELS
            else "too few steps to see a muscle start; a higher gain helps."
        )
        found.append(Fault("coarse", "fail", float(levels), "1", words))
        return found, measures, False
    at_rail, rails = measure.saturated(x, limits.rail_excess)
    held = measure.held_share(x, rate)
    shortest = max(10, round(limits.straight_s * rate), measure.longest_by_chance(held, x.size))
    straight = measure.straight_runs(x, shortest) & ~at_rail
    again = repeated_packets(x, rate) & ~straight & ~missing
    gone = straight | missing | again
    share = float(gone.mean())
    measures["dropout"] = (100.0 * share, "%")
    measures["saturation"] = (100.0 * float(at_rail.mean()), "%")
    if np.ptp(x) == 0.0 or share >= limits.flat_share:
        words = f"The channel is a flat line for {100 * share:.0f} % of the time: no signal reached the recorder."
        found.append(Fault("flat", "fail", 100.0 * share, "%", words))
        return found, measures, False
    if gone.any():
        failing = share >= limits.dropout_share
        spans = measure.intervals(gone, rate)
        does = "repeats packets or drops out" if again.any() else "drops out"
        words = f"The signal {does} {_times(len(spans))}, {100 * share:.2g} % of the time" + (
            "; too much to time bursts." if failing else "; bursts that touch a gap cannot be timed."
        )
        found.append(Fault("dropout", "fail" if failing else "caution", 100.0 * share, "%", words, spans))
    if HELD_COARSE < held < 1.0:
        words = (
            f"At rest {100 * held:.0f} % of the samples equal the one before: the recorder's steps are coarse for this "
            "signal, and what is weaker than a step is not seen. A higher gain helps."
        )
        found.append(Fault("coarse", "caution", 100.0 * held, "%", words))
    clipped = float(at_rail.mean())
    if clipped > 0.0:
        severity: Severity = (
            "fail"
            if clipped >= limits.saturated_timing_share
            else "amplitude"
            if clipped >= limits.saturated_share
            else "caution"
        )
        after = {
            "fail": "; what lies beyond was not recorded. A lower gain helps.",
            "amplitude": "; when the muscle started is seen, how strong it was is not. A lower gain helps.",
            "caution": "; peaks are cut slightly.",
        }
        words = (
            f"The recorder was driven to its limit ({' and '.join(f'{r:.4g}' for r in rails)} {unit}) for "
            f"{100 * clipped:.2g} % of the samples" + after[severity]
        )
        spans = measure.intervals(at_rail, rate)
        found.append(Fault("saturation", severity, 100.0 * clipped, "%", words, spans))
    return found, measures, True


def _check_band(
    x: np.ndarray,
    rate: float,
    mains_hz: tuple[float, ...],
    trunk: bool,
    steady: bool,
    limits: Limits,
    measures: dict[str, tuple[float, str]],
) -> list[Fault]:
    """Faults visible in the spectrum and in how the level changes."""
    found: list[Fault] = []
    if x.size < limits.shortest_s * rate:
        words = f"The signal lasts {x.size / rate:.2g} s, too short to tell bursts from baseline."
        return [Fault("short", "fail", x.size / rate, "s", words)]
    # Slow drift does no harm, the band-pass removes it entirely; it must not leak into the artefact's band.
    undrifted = x - np.median(x)
    if rate > 20.0:
        undrifted = filter_zero_lag(undrifted, zero_lag_butter(2, 2.0, "high", rate))
    artefact = measure.share_below(*measure.spectrum(undrifted, rate), 20.0, floor=2.0)
    one_sided = x.min() >= -0.05 * x.max()
    if artefact >= limits.envelope_share and (one_sided or rate < limits.low_rate_hz):
        words = "This is a smoothed envelope, not a raw recording: onset times need the raw file."
        return [Fault("envelope", "fail", 100.0 * artefact, "%", words)]
    level = without_drift(x, rate)
    if (is_rectified(x) and is_skewed(level)) or is_one_sided(level, rate) or follows_activity(x, rate):
        smooth = artefact >= limits.artefact_caution
        what = "a smoothed envelope, not a raw recording" if smooth else "already rectified or averaged"
        words = f"This recording is {what}: onset times need the raw file."
        return [Fault("envelope", "fail", 100.0, "%", words)]
    if rate < limits.low_rate_hz:
        words = f"{rate:g} samples a second miss most of the muscle's signal; 1000 or more are needed to time an onset."
        found.append(Fault("low_rate", "fail", rate, "Hz", words))
    if 0.5 * rate <= 25.0:
        return found
    measures["below_20_hz"] = (100.0 * artefact, "%")
    if artefact >= limits.artefact_caution:
        failing = artefact >= limits.artefact_fail
        if failing and is_skewed(x):
            words = "This is a smoothed envelope, not a raw recording: onset times need the raw file."
            return [Fault("envelope", "fail", 100.0 * artefact, "%", words)]
        words = f"{100 * artefact:.0f} % of the power lies below 20 Hz: cables or electrodes moved" + (
            "; little of the muscle is left." if failing else "; the band-pass takes most of it out."
        )
        found.append(Fault("movement_artefact", "fail" if failing else "caution", 100.0 * artefact, "%", words))
    y = band_passed(x, rate)
    humless = _check_hum(y, rate, mains_hz, limits, measures, found)
    ratio = measure.burst_ratio(humless, rate)
    white = measure.spectral_drop(humless, rate)
    snr = float(10.0 * np.log10(max(ratio**2 - 1.0, 1e-3)))
    measures["burst_over_baseline"] = (snr, "dB")
    measures["spectral_drop"] = (white, "1")
    # What a notch leaves of hum swells and fades, and what hum hides does not: a burst is seen with and without.
    stretch = min(measure.strongest_stretch(part, rate) for part in (y, humless))
    measures["strongest_stretch"] = (stretch, "dB")
    if white < limits.dead_white and ratio < limits.dead_burst_ratio and stretch < limits.dead_burst_db:
        words = (
            "Only the recorder's own noise is seen: electrode or cable was not connected, or the input was unused. "
            "This says nothing about the muscle."
        )
        found.append(Fault("dead", "fail", ratio, "1", words))
    elif snr < limits.snr_caution_db and not steady:
        failing = snr < limits.snr_fail_db
        words = (
            f"No burst stands out from the baseline ({snr:.1f} dB): there is nothing to time. The muscle may have "
            "been quiet, or active throughout."
            if failing
            else f"Bursts stand only {snr:.1f} dB above the baseline: onset times are less certain."
        )
        found.append(Fault("low_snr", "fail" if failing else "caution", snr, "dB", words))
    spikes, even = find_spikes(y, rate, limits.spike_ratio)
    if spikes:
        if even:
            measures["even_spikes"] = (even, "1/s")
        who = (
            f"at a constant rate, {even:.2g} a second, as of a stimulator"
            if even
            else "from a moved cable or electrode"
        )
        words = (
            f"{len(spikes)} short {'spike' if len(spikes) == 1 else 'spikes'} {who}; peaks there are not the muscle's."
        )
        found.append(Fault("spikes", "caution", float(len(spikes)), "1", words, tuple(spikes)))
    per_second, spans = find_pulses(y, rate)
    if spans and not any(f.kind == "dead" for f in found):
        measures["pulses"] = (per_second, "1/s")
        words = (
            f"{per_second:.0f} pulses a second, as of a stimulator, for {sum(b - a for a, b in spans):.2g} s: what the "
            "muscle did there is not seen."
        )
        found.append(Fault("pulses", "caution", per_second, "1/s", words, spans))
    if trunk:
        _check_ecg(x, rate, limits, measures, found)
    return found


def _check_hum(
    y: np.ndarray,
    rate: float,
    mains_hz: tuple[float, ...],
    limits: Limits,
    measures: dict[str, tuple[float, str]],
    found: list[Fault],
) -> np.ndarray:
    """Report mains hum and return the signal without it."""
    lines_of = measure.spectrum(y, rate, length_s=2.0)
    hums = [measure.hum(*lines_of, rate, mains) for mains in mains_hz if mains < 0.45 * rate]
    if not hums:
        return y
    worst = max(hums, key=lambda h: h.share)
    ratio = float(10.0 * np.log10((1.0 - worst.share) / max(worst.share, 1e-6)))
    measures["signal_over_hum"] = (ratio, "dB")
    mains = worst.mains
    spans: tuple[tuple[float, float], ...] = ()
    if ratio >= limits.hum_caution_db:
        # Hum that comes and goes is little on the whole, and a burst where it comes.
        mains, spans = max(
            ((h.mains, find_hum_frames(y, rate, h.mains)) for h in hums), key=lambda m: sum(b - a for a, b in m[1])
        )
        if not spans:
            return y
    humless = without_hum(y, rate, notch_frequencies(mains, rate, 20.0, 450.0), passed=partial(_passed, rate=rate))
    if not humless.left_s and np.array_equal(humless.rest, y):
        return y  # lines that chance made in a short recording, in which no hum could be followed
    measures["mains"] = (mains, "Hz")
    left = sum(end - start for start, end in humless.left_s) * rate / y.size
    measures["hum_left"] = (100.0 * left, "%")
    failing = left >= limits.hum_left_share
    lines = f"{mains:g}" if spans else ", ".join(f"{f:g}" for f in worst.lines)
    much = (
        f"comes and goes ({_times(len(spans))}, {sum(b - a for a, b in spans):.2g} s)"
        if spans
        else f"makes up {100 * worst.share:.0f} % of the power"
    )
    words = f"Mains hum ({lines} Hz) {much}; " + (
        f"it changes too fast to be taken out for {100 * left:.0f} % of the time and hides the muscle."
        if failing
        else f"a notch at {mains:g} Hz takes it out but for {100 * left:.2g} % of the time, where it changes too fast."
        if humless.left_s
        else f"a notch at {mains:g} Hz takes it out; it changes so fast that beside a burst some may be left."
        if humless.bends_s
        else f"a notch at {mains:g} Hz takes it out."
    )
    found.append(Fault("hum", "fail" if failing else "caution", 100.0 * worst.share, "%", words, humless.left_s))
    return humless.rest


def _check_ecg(
    x: np.ndarray, rate: float, limits: Limits, measures: dict[str, tuple[float, str]], found: list[Fault]
) -> None:
    """Report heart beats in a trunk channel."""
    beats = measure.heart_beats(x, rate, limits.ecg_correlation)
    if beats is None:
        return
    measures["heart_rate"] = (beats.per_minute, "1/min")
    measures["heart_share"] = (100.0 * beats.share, "%")
    failing = beats.share >= limits.ecg_share
    words = (
        f"The heart is seen in this channel ({beats.per_minute:.0f} beats a minute, {100 * beats.share:.0f} % of the "
        f"power), as is normal for the trunk; an ECG high-pass of {ECG_HIGHPASS:g} Hz is advised."
    )
    found.append(Fault("ecg", "fail" if failing else "caution", 100.0 * beats.share, "%", words))


def band_passed(x: np.ndarray, rate: float) -> np.ndarray:
    """Signal in 20-450 Hz, or as far up as the rate goes, without delay."""
    return _passed(x - np.median(x), rate)


def _passed(y: np.ndarray, rate: float) -> np.ndarray:
    low, high, _ = usable_band((20.0, 450.0), rate)
    y = filter_zero_lag(y, zero_lag_butter(2, low, "high", rate))
    return y if high is None else filter_zero_lag(y, zero_lag_butter(2, high, "low", rate))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"

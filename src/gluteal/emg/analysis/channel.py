"""One channel of a trial: conditioned, timed, measured, and thinned for a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from gluteal.emg.analysis.bursts import time_bursts
from gluteal.emg.analysis.hidden import HIDING
from gluteal.emg.analysis.record import COURSE_RATE, ChannelAnalysis, Course, Trace
from gluteal.emg.measure.amplitude import Amplitude, Reference, measure_amplitude, normalise
from gluteal.emg.measure.curves import CurveAverage, average_cycles, cycles_between
from gluteal.emg.measure.endurance import Endurance, measure_endurance
from gluteal.emg.measure.repetitions import LONGEST_STRIDE, foot_strikes
from gluteal.emg.onset import Bursts
from gluteal.emg.onset.rules import BurstRules
from gluteal.emg.recording import Channel
from gluteal.emg.session.file import Session, SessionRecording
from gluteal.emg.signal.conditioning import ECG_HIGHPASS, Conditioned, condition_signal
from gluteal.emg.signal.faults import Quality
from gluteal.emg.signal.tall_spikes import RECOVERS, without_tall_spikes
from gluteal.errors import GlutealError, InputError
from gluteal.vocabulary import Side
from gluteal.words import list_words

#: Least and most that the strongest moment of a muscle with bursts is of its maximal contraction, %. Own choice: the
#: least is electrode noise, and a maximum that was held back is exceeded by some times.
POSSIBLE = (0.05, 1000.0)
#: Shortest recording whose tiring is looked at, s. Ours: a muscle's spectrum takes tens of seconds to change.
SHORTEST_ENDURANCE = 20.0
#: Bins of a trace for a picture.
BINS = 1200
#: Faults that leave nothing to time, but an amplitude: a quiet muscle is quiet.
_STILL_AN_AMPLITUDE = {"low_snr"}


@dataclass(frozen=True)
class ChannelPlan:
    """How a muscle is conditioned, alike in all recordings of a session so that amplitudes compare; Hz."""

    notch: float | None = None
    ecg_highpass: float | None = None
    band: tuple[float, float] = (20.0, 450.0)


def plan_conditioning(
    session: Session,
    quality: Mapping[str, Mapping[str, Quality]],
    *,
    band: tuple[float, float] = (20.0, 450.0),
    notch: float | None = None,
) -> dict[tuple[str, Side | None], ChannelPlan]:
    """Decide notch and ECG high-pass of every muscle: on in all recordings where one of them needs it.

    `band` and `notch` (Hz) are what was asked for; without a notch the one that hum asks for.
    """
    plans: dict[tuple[str, Side | None], ChannelPlan] = {}
    for recording in session.recordings:
        for channel in recording.recording.channels:
            identity = identity_of(channel)
            found, before = quality[recording.name][channel.name], plans.get(identity, ChannelPlan())
            chosen = before.notch if notch is None else notch
            if chosen is None and found.usable and found.has("hum"):
                chosen = found.measures["mains"][0]
            plans[identity] = ChannelPlan(chosen, ECG_HIGHPASS if found.has("ecg") else before.ecg_highpass, band)
    return plans


def identity_of(channel: Channel) -> tuple[str, Side | None]:
    """Return what makes two channels of a session the same muscle: its name and side, or the channel's name."""
    return (channel.muscle or f"channel {channel.name}", channel.side)


def key_of(recording: SessionRecording, channel: Channel, several: bool) -> str:
    """Name of a channel for corrections, unique in its session."""
    return f"{recording.name}: {channel.name}" if several else channel.name


def analyse_channel(
    recording: SessionRecording,
    channel: Channel,
    *,
    key: str,
    quality: Quality,
    plan: ChannelPlan,
    reference: Reference | None,
    method: str,
    rules: BurstRules,
    correction: Bursts | None,
    true_onsets: Sequence[float] | None,
) -> ChannelAnalysis:
    """Measure one channel; what cannot be done is said in its notes."""
    notes: list[str] = []
    values = channel.read()
    signal: Conditioned | None = None
    try:
        signal = condition_channel(values, channel, quality, plan)
        notes += signal.notes
    except GlutealError as error:
        notes.append(str(error))
    endurance: Endurance | None = None
    if quality.usable and channel.duration >= SHORTEST_ENDURANCE:
        try:
            source = values if plan.notch is None or signal is None else signal.filtered
            endurance = measure_endurance(source, channel.rate)
            del source
        except GlutealError as error:
            notes.append(f"Tiring was not looked at: {error}")
    trace = _thin(channel, values, signal)
    # Timing an hour takes memory of its own; the raw samples are done with.
    del values
    bursts, why_not = correction, ""
    if correction is None:
        bursts, why_not = _time(channel, signal, quality, method, rules)
    if bursts is not None and (own := bursts.settings.get("own_rate")):
        words = f"It holds nothing above {0.5 * own:g} Hz, as what was resampled"
        notes.append(f"{words}, and was timed at {own:g} samples a second.")
    amplitude: Amplitude | None = None
    each: tuple[Amplitude, ...] = ()
    cycles: CurveAverage | None = None
    course: Course | None = None
    failing = {f.kind for f in quality.faults if f.severity == "fail"}
    cut = quality.without_amplitude()
    if cut is not None:
        notes.append(f"No amplitude is stated. {cut.sentence}")
    if signal is not None and failing <= _STILL_AN_AMPLITUDE and cut is None:
        try:
            amplitude, each, cycles, course = _measure(recording, channel, signal, reference, bursts)
        except GlutealError as error:
            notes.append(f"Not related to the maximum: {error}")
            amplitude, each, cycles, course = _measure(recording, channel, signal, None, bursts)
    return ChannelAnalysis(
        key=key,
        recording=recording.name,
        channel=channel.name,
        muscle=channel.muscle,
        side=channel.side,
        unit=channel.unit,
        rate=channel.rate,
        start=channel.start,
        duration=channel.duration,
        quality=quality,
        bursts=bursts,
        why_not=why_not,
        amplitude=amplitude,
        burst_amplitudes=each,
        cycles=cycles,
        endurance=endurance,
        settings=_without_sources(signal),
        notes=tuple(notes),
        trace=trace,
        course=course,
        true_onsets_s=tuple(float(t) for t in true_onsets) if true_onsets is not None else None,
    )


def condition_channel(values: np.ndarray, channel: Channel, quality: Quality, plan: ChannelPlan) -> Conditioned:
    """Return the samples (n,) of a channel conditioned as planned, with its tall spikes bridged before."""
    spans = [span for fault in quality.faults if fault.kind == "spikes" for span in fault.intervals_s]
    even = "even_spikes" in quality.measures
    bridged, where = without_tall_spikes(values, channel.rate, spans, even=even)
    signal = condition_signal(bridged, channel.rate, unit=channel.unit, **asdict(plan))
    if not where:
        return signal
    why = "they come at a constant rate" if even else "far taller than the muscle"
    note = f"Bridged before the filters, because {why}: {len(where)} of the spikes."
    return replace(signal, bridged_s=where, notes=(*signal.notes, note))


def _time(
    channel: Channel, signal: Conditioned | None, quality: Quality, method: str, rules: BurstRules
) -> tuple[Bursts | None, str]:
    if not quality.usable:
        return None, quality.faults[0].sentence
    if signal is None:
        return None, "The signal could not be filtered, so it was not timed."
    try:
        bursts = time_bursts(signal, start=channel.start, quality=quality, method=method, rules=rules)
    except GlutealError as error:
        return None, str(error)
    hidden = [what for name, what in HIDING.items() if bursts.settings.get(f"{name}_left_out", 0)]
    if hidden and not len(bursts):
        return None, f"All that stood out from rest was {list_words(hidden)}, which hides the muscle."
    if quality.has("pulses") and not len(bursts):
        return None, "Nothing stands out beside the pulses of a stimulator, which hide the muscle."
    if signal.bridged_s and not len(bursts):
        near = f"within {RECOVERS:g} s of {len(signal.bridged_s)} spikes, such as stimuli"
        return None, f"Nothing stands out from rest but {near}, where a muscle is not looked for."
    return bursts, ""


def _measure(
    recording: SessionRecording,
    channel: Channel,
    signal: Conditioned,
    reference: Reference | None,
    bursts: Bursts | None,
) -> tuple[Amplitude | None, tuple[Amplitude, ...], CurveAverage | None, Course]:
    """Amplitude of the whole and of each burst, the mean course between foot strikes, and the whole course."""
    course, unit = normalise(signal, reference)
    peak = float(np.nanmax(course))
    if reference is not None and bursts and not POSSIBLE[0] <= peak <= POSSIBLE[1]:
        raise InputError(
            f"its strongest moment is {peak:.2g} % of it, which no muscle does; one of the two recordings has another "
            "unit or gain than it states, or the maximum is not this muscle's."
        )
    last = (signal.envelope.size - 1) / signal.rate
    phases = {
        f"burst {i}": (b.onset_s - channel.start, b.offset_s - channel.start)
        for i, b in enumerate(bursts or (), 1)
        if np.isfinite(b.onset_s + b.offset_s) and 0.0 <= b.onset_s - channel.start < b.offset_s - channel.start <= last
    }
    if np.isfinite(signal.envelope).all():
        (whole,) = measure_amplitude(signal, reference=reference)
    else:
        known = np.isfinite(course)
        mean = float(course[known].mean())
        whole = Amplitude("whole", 0.0, last, peak, mean, mean * float(known.sum()) / signal.rate, unit)
    each = measure_amplitude(signal, reference=reference, phases=phases) if phases else ()
    strikes = foot_strikes(recording.recording.events, channel.side)
    sides = {e.side for e in recording.recording.events}
    cycles: CurveAverage | None = None
    if len(strikes) > 1 and (channel.side is not None or len(sides) == 1):
        spans = [
            (a - channel.start, b - channel.start)
            for a, b in cycles_between(strikes, longest_s=LONGEST_STRIDE)
            if a >= channel.start and b - channel.start <= last
        ]
        if spans:
            cycles = average_cycles(course, signal.rate, spans, unit=unit)
    return whole, each, cycles, _thin_course(channel, course)


def _without_sources(signal: Conditioned | None) -> dict[str, Any]:
    return {k: v for k, v in signal.settings.items() if k != "sources"} if signal is not None else {}


def _thin(channel: Channel, values: np.ndarray, signal: Conditioned | None) -> Trace:
    """Thin a signal to `BINS` bins: what a picture can show of it."""
    shown = signal.filtered if signal is not None else values - np.nanmedian(values) if _any(values) else values
    first = np.unique(np.linspace(0, shown.size, min(BINS, shown.size), endpoint=False).astype(int))
    counts = np.diff(np.append(first, shown.size))
    centre = channel.start + (first + 0.5 * (counts - 1)) / channel.rate
    return Trace(centre, np.fmin.reduceat(shown, first), np.fmax.reduceat(shown, first))


def _thin_course(channel: Channel, values: np.ndarray) -> Course:
    """Thin an envelope to `COURSE_RATE`, by straight lines between its samples."""
    first, end = np.ceil(channel.start * COURSE_RATE), channel.start + (values.size - 1) / channel.rate
    time = np.arange(first, np.floor(end * COURSE_RATE) + 1.0) / COURSE_RATE
    at = np.clip((time - channel.start) * channel.rate, 0.0, values.size - 1.0)
    before = np.minimum(at.astype(int), values.size - 2)
    share = at - before
    return Course(int(first), (1.0 - share) * values[before] + share * values[before + 1])


def _any(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).any())

"""From a session to everything that can be said about it: quality, conditioning, onsets, order, strength, tiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np

from gluteal.emg.analysis.bursts import check_corrections, check_method
from gluteal.emg.analysis.channel import (
    ChannelPlan,
    analyse_channel,
    condition_channel,
    identity_of,
    key_of,
    plan_conditioning,
)
from gluteal.emg.analysis.findings import gather_findings
from gluteal.emg.analysis.groups import find_synergies
from gluteal.emg.analysis.pairs import compare_antagonists, compare_courses, compare_sides
from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, RecordingSummary
from gluteal.emg.analysis.sequence import analyse_orders
from gluteal.emg.analysis.shared_edges import open_shared_edges
from gluteal.emg.labels import Label, muscle_of
from gluteal.emg.measure.amplitude import Reference, compute_mvic
from gluteal.emg.measure.repetitions import find_movement_starts
from gluteal.emg.onset import Bursts
from gluteal.emg.onset.rules import BurstRules
from gluteal.emg.parallel import MOST_SAMPLES, count_workers, map_threads
from gluteal.emg.recording import Channel
from gluteal.emg.session.file import Session, SessionRecording
from gluteal.emg.signal.conditioning import Conditioned, check_mains, condition_signal
from gluteal.emg.signal.screening import TRUNK_WORDS, Screening, screen_channels
from gluteal.errors import GlutealError, InputError
from gluteal.vocabulary import Side
from gluteal.words import SIDES, list_words

#: Unit of amplitudes where several trials but no maximal contraction were recorded.
SESSION_MAXIMUM = "% of this session's maximum"

#: Called with what begins now, how many steps began before it, and how many there are; by any thread, by one at a
#: time.
StepProgress = Callable[[str, int, int], None]


@dataclass
class _Steps:
    """Counts steps for a progress bar."""

    tell: StepProgress | None
    total: int
    done: int = 0
    lock: Lock = field(default_factory=Lock)

    def step(self, words: str) -> None:
        with self.lock:
            if self.tell is not None:
                self.tell(words, self.done, self.total)
            self.done += 1


def analyse_session(
    session: Session,
    *,
    method: str = "rise",
    rules: BurstRules | None = None,
    band: tuple[float, float] = (20.0, 450.0),
    notch: float | None = None,
    corrections: Mapping[str, Bursts] | None = None,
    reference: str | None = None,
    truth: Mapping[str, Sequence[float]] | None = None,
    progress: StepProgress | None = None,
    workers: int | None = None,
) -> Analysis:
    """Analyse a session: what is wrong with its channels, when muscles switched on, in what order, how strongly.

    Channels are analysed side by side in threads, and only those in work are in memory. How many threads there are
    changes nothing in the result.

    Parameters
    ----------
    session : Session
        From `load_session` or `session_of`.
    method : str
        Onset detector, see `gluteal.emg.onset.detect_bursts`.
    rules : BurstRules, optional
        Least level and duration of a burst, and the pause that parts two.
    band : (float, float)
        Of the band-pass, Hz, as `gluteal.emg.signal.conditioning.condition_signal`.
    notch : float, optional
        Mains frequency to take out of every channel, Hz, from 16; by default where the quality check finds hum.
    corrections : mapping of channel to Bursts, optional
        From `load_bursts`; they replace what is detected, also in a channel whose quality excludes it.
    reference : str, optional
        Muscle from whose onset the others are counted ("biceps femoris right"). By default the start of the
        movement where a signal or an event shows it, foot strikes, or else a hamstring.
    truth : mapping of channel to onsets, optional
        True onsets of a synthetic session, s; shown beside those found.
    progress : callable, optional
        See `StepProgress`.
    workers : int, optional
        Threads; by default as many as processors and memory allow (`gluteal.emg.parallel.count_workers`).

    Raises
    ------
    InputError, UnknownName
        No trial in the session, an unknown method, reference or corrected channel; a channel of more samples than
        `gluteal.emg.parallel.MOST_SAMPLES`.
    """
    check_method(method)
    check_mains(notch)
    wanted = _reference(session, reference)
    trials = session.of_role("trial")
    if not trials:
        raise InputError(f"{session.name} has no recording with the role 'trial'; there is nothing to measure.")
    keys = {(r.name, c.name): key_of(r, c, len(trials) > 1) for r in trials for c in r.recording.channels}
    ends = {keys[r.name, c.name]: c.start + c.duration for r in trials for c in r.recording.channels}
    check_corrections(corrections or {}, ends)
    _check_lengths(session)
    steps = _Steps(progress, sum(len(r.recording.channels) for r in session.recordings) + len(ends))
    screened = {r.name: _screen(r, steps, workers) for r in session.recordings}
    plans = plan_conditioning(session, {n: s.by_channel for n, s in screened.items()}, band=band, notch=notch)
    references, notes = _references(session, screened, plans)

    def analyse(item: tuple[SessionRecording, Channel]) -> ChannelAnalysis:
        recording, channel = item
        steps.step(f"{recording.name}: onsets of {channel.name}")
        key = keys[recording.name, channel.name]
        return analyse_channel(
            recording,
            channel,
            key=key,
            quality=screened[recording.name].by_channel[channel.name],
            plan=plans[identity_of(channel)],
            reference=references.get(identity_of(channel)),
            method=method,
            rules=rules or BurstRules(),
            correction=(corrections or {}).get(key),
            true_onsets=(truth or {}).get(key),
        )

    items = [(r, c) for r in trials for c in r.recording.channels]
    channels = tuple(map_threads(analyse, items, count_workers([c for _, c in items], workers)))
    sources = {c.key: item for c, item in zip(channels, items, strict=True)}

    def filtered(analysed: ChannelAnalysis) -> np.ndarray:
        _, channel = sources[analysed.key]
        return condition_channel(channel.read(), channel, analysed.quality, plans[identity_of(channel)]).filtered

    channels = open_shared_edges(channels, filtered)
    starts = {r.name: _movement_starts(r) for r in trials}
    order = analyse_orders(trials, channels, starts, reference=wanted)
    analysis = Analysis(
        name=session.name,
        subject=session.subject,
        synthetic=truth is not None,
        recordings=tuple(_summary(r, screened[r.name], starts.get(r.name, ())) for r in session.recordings),
        channels=channels,
        order=order,
        findings=(),
        notes=tuple(notes),
        settings=_settings(method, reference, references, plans),
        references={f"{SIDES[side]}{muscle}": r for (muscle, side), r in references.items()},
        asymmetries=compare_sides(channels),
        antagonists=compare_antagonists(channels),
        synergies=find_synergies(channels),
        curves=compare_courses(channels, trials),
    )
    return replace(analysis, findings=gather_findings(analysis))


def _reference(session: Session, text: str | None) -> Label | None:
    if text is None:
        return None
    label = muscle_of(text)
    has = [c for r in session.of_role("trial") for c in r.recording.channels if label.means(c.muscle, c.side)]
    if not has:
        there = sorted({c.muscle for r in session.recordings for c in r.recording.channels if c.muscle})
        raise InputError(
            f"The reference {text!r} was not recorded; the muscles there are: {', '.join(there) or 'none with a name'}."
        )
    return label


def _check_lengths(session: Session) -> None:
    """Raise InputError where a channel is so long that its analysis would take all memory."""
    for recording, channel in ((r, c) for r in session.recordings for c in r.recording.channels):
        if channel.length > MOST_SAMPLES:
            raise InputError(
                f"{recording.name}: channel {channel.name!r} has {channel.length} samples, "
                f"{channel.duration / 3600:.1f} hours; at most {MOST_SAMPLES} can be analysed at once, "
                f"{MOST_SAMPLES / channel.rate / 3600:.1f} hours at its rate. Name a part with --start and --end (in a "
                "session file: start and end), or cut the file."
            )


def _screen(recording: SessionRecording, steps: _Steps, workers: int | None) -> Screening:
    return screen_channels(
        recording.recording.channels,
        steady=recording.role != "trial",
        progress=lambda name: steps.step(f"{recording.name}: quality of {name}"),
        workers=workers,
    )


def _references(
    session: Session, screened: Mapping[str, Screening], plans: Mapping[tuple[str, Side | None], ChannelPlan]
) -> tuple[dict[tuple[str, Side | None], Reference], list[str]]:
    """What 100 % is for every muscle: of maximal contractions, else of all trials where there are several."""
    notes: list[str] = []
    found: dict[tuple[str, Side | None], Reference] = {}
    maximal = session.of_role("mvic")
    for recording in maximal or (session.of_role("trial") if len(session.of_role("trial")) > 1 else ()):
        for channel in recording.recording.channels:
            name, side = identity = identity_of(channel)
            if recording.targets and (name, side) not in recording.targets and (name, None) not in recording.targets:
                continue
            quality = screened[recording.name].by_channel[channel.name]
            fault = quality.faults[0] if not quality.usable else quality.without_amplitude()
            if fault is not None:
                if maximal:
                    notes.append(f"{channel.name} of {recording.name} sets no maximum. {fault.sentence}")
                continue
            try:
                one = compute_mvic([_condition(channel, plans[identity])])
                one = replace(one, recording=recording.name, channel=channel.name)
                if maximal and one.excluded_s:
                    notes.append(_excluded(one))
                found[identity] = _greater(found.get(identity), one)
            except GlutealError as error:
                notes.append(f"{channel.name} of {recording.name} sets no maximum: {error}")
    notes += _without_trial(session, found) if maximal else ()
    if not maximal:
        found = {k: replace(v, label=SESSION_MAXIMUM) for k, v in found.items() if v.trials > 1}
    return found, notes


def _without_trial(session: Session, found: Mapping[tuple[str, Side | None], Reference]) -> tuple[str, ...]:
    """Sentence about the maxima that no trial has the muscle of, such as one whose label states no side."""
    trials = {identity_of(c) for r in session.of_role("trial") for c in r.recording.channels}
    alone = [f"{SIDES[side]}{muscle}" for muscle, side in found if (muscle, side) not in trials]
    if not alone:
        return ()
    there = list_words(sorted(f"{SIDES[side]}{muscle}" for muscle, side in trials))
    return (
        f"A maximal contraction of {list_words(alone)} was recorded, but the trials are of {there}; if they are the "
        "same, name the channels alike (--muscle-map, --side).",
    )


def _excluded(reference: Reference) -> str:
    count = len(reference.excluded_s)
    where = ", ".join(f"{a:.2f}-{b:.2f} s" for a, b in reference.excluded_s[:3]) + (", …" if count > 3 else "")
    return (
        f"{reference.channel} of {reference.recording}: {count} short {'excursion' if count == 1 else 'excursions'} "
        f"({where} from its start) {'is' if count == 1 else 'are'} no contraction and did not count for the maximum."
    )


def _condition(channel: Channel, plan: ChannelPlan) -> Conditioned:
    return condition_signal(channel.read(), channel.rate, unit=channel.unit, **asdict(plan))


def _greater(first: Reference | None, second: Reference) -> Reference:
    """The larger of two maxima of one muscle."""
    if first is None:
        return second
    second = second.in_unit(first.unit)
    if first.unit != second.unit or first.settings != second.settings:
        raise InputError("its unit or filters differ from those of another recording of this muscle.")
    return replace(
        first if first.value >= second.value else second,
        trials=first.trials + second.trials,
        per_trial=(*first.per_trial, *second.per_trial),
    )


def _movement_starts(recording: SessionRecording) -> tuple[float, ...]:
    signal = recording.movement
    return find_movement_starts(signal.read(), signal.rate, start=signal.start) if signal is not None else ()


def _summary(recording: SessionRecording, screening: Screening, starts: tuple[float, ...]) -> RecordingSummary:
    held = recording.recording
    return RecordingSummary(
        name=recording.name,
        role=recording.role,
        format=held.format,
        task=recording.words.get("task"),
        channels=len(held.channels),
        duration=max(c.duration for c in held.channels),
        events=held.events,
        movement_starts_s=starts,
        crosstalk=screening.crosstalk,
        notes=held.warnings,
        left_out=held.left_out,
    )


def _settings(
    method: str,
    reference: str | None,
    references: Mapping[tuple[str, Side | None], Reference],
    plans: Mapping[tuple[str, Side | None], ChannelPlan],
) -> dict[str, Any]:
    words = {(muscle, side): f"{SIDES[side]}{muscle}" for muscle, side in plans}
    return {
        "onset_method": method,
        "reference": reference,
        "notch_hz": {words[k]: p.notch for k, p in plans.items() if p.notch is not None},
        "ecg_highpass_hz": {words[k]: p.ecg_highpass for k, p in plans.items() if p.ecg_highpass is not None},
        "hundred_percent": {
            words[k]: {
                "value": r.value,
                "unit": r.unit,
                "of": r.label,
                "recordings": r.trials,
                "window_s": r.window_s,
                "recording": r.recording,
                "channel": r.channel,
                "start_s": r.start_s,
                "excluded_s": [list(span) for span in r.excluded_s],
            }
            for k, r in references.items()
        },
        "trunk_muscles": list(TRUNK_WORDS),
    }

"""Onsets of a session put in order: relative to a reference, over repetitions, beside healthy people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from gluteal.emg.analysis.record import ChannelAnalysis, OrderAnalysis
from gluteal.emg.labels import Label
from gluteal.emg.measure.healthy_onsets import OnsetComparison, compare_with_published
from gluteal.emg.measure.order import (
    Agreement,
    Orders,
    RelativeOnset,
    compute_agreement,
    compute_order_probabilities,
    measure_relative_onsets,
)
from gluteal.emg.measure.repetitions import (
    FARTHEST,
    LONGEST_STRIDE,
    foot_strikes,
    match_onsets,
    movement_event,
    usual_phase,
)
from gluteal.emg.session.file import SessionRecording
from gluteal.emg.signal.screening import TRUNK_WORDS
from gluteal.errors import GlutealError, UnknownName
from gluteal.vocabulary import Side
from gluteal.words import SIDES

#: Hamstrings, in the order in which they serve as reference where nothing else does, and what studies call them.
HAMSTRINGS: Mapping[str, str] = {
    "hamstrings": "hamstrings",
    "biceps femoris": "lateral hamstrings",
    "biceps femoris long head": "lateral hamstrings",
    "lateral hamstrings": "lateral hamstrings",
    "semitendinosus": "medial hamstrings",
    "medial hamstrings": "medial hamstrings",
    "semimembranosus": "medial hamstrings",
}
_HAMSTRING_ORDER = {name: i for i, name in enumerate(HAMSTRINGS)}
_BACK = {"longissimus thoracis": "erector spinae", "iliocostalis lumborum": "erector spinae"}
#: Muscles whose order is asked about first, and most muscles of an order: five have 120 orders already.
FIRST = ("gluteus maximus", *HAMSTRINGS, "erector spinae", "multifidus", "gluteus medius")
MOST = 5
#: Share of the repetitions in which a muscle must have an onset for its usual time to be stated. Own choice.
OFTEN = 0.5
#: Share of a cycle in which all muscles may rest in a movement that goes round, and steps in which it is looked at, s.
#: Own choice: edges err by some hundredths of a second; in walking some hip or leg muscle is always on.
ROUND_REST, ROUND_STEP = 0.10, 0.005
#: Onsets of one muscle that recur within this time, s, each interval within this share of the median, and so many of
#: them, are steps, also where too few muscles were recorded to see that one takes over from the other. Own choice: slow
#: walking has a stride of 1.6 s; who repeats an exercise takes longer, or rests now and then.
STEPS_WITHIN, STEPS_ALIKE, FEWEST_STEPS = 1.6, 0.15, 3


@dataclass(frozen=True)
class _Reference:
    name: str
    times: Mapping[str, tuple[float, ...]]
    label: str | None = None
    cyclic: bool = False


@dataclass(frozen=True)
class _Group:
    """Trials of one task that repeat each other, one limb, and its muscles by label and recording."""

    side: Side | None
    trials: tuple[SessionRecording, ...]
    by_label: Mapping[str, Mapping[str, ChannelAnalysis]] = field(repr=False)


def is_prone_hip_extension(task: str | None) -> bool:
    """Return whether a task's words mean prone hip extension.

    >>> is_prone_hip_extension("Prone hip extension, right"), is_prone_hip_extension("walking")
    (True, False)
    """
    words = (task or "").lower()
    return "prone" in words and "ext" in words


def analyse_orders(
    trials: Sequence[SessionRecording],
    channels: Sequence[ChannelAnalysis],
    movement_starts: Mapping[str, Sequence[float]],
    *,
    reference: Label | None = None,
) -> tuple[OrderAnalysis, ...]:
    """Put the onsets of each task and limb in relation to a reference.

    Trials of one task, day and condition are repetitions of each other. The reference is the muscle asked for,
    else the start of the movement, foot strikes, or another event that repeats, else a hamstring or another muscle
    where bursts come one a repetition.
    """
    tasks: dict[tuple[str | None, ...], list[SessionRecording]] = {}
    for trial in trials:
        tasks.setdefault(tuple(trial.words.get(w) for w in ("task", "day", "condition")), []).append(trial)
    found = []
    for group_trials in tasks.values():
        names = {t.name for t in group_trials}
        timed = [c for c in channels if c.recording in names and c.bursts is not None]
        limbs = {c.side for c in timed if not _is_trunk(c)}
        for side in [s for s in get_args(Side) if s in limbs] or [None]:
            group = _group(side, tuple(group_trials), timed)
            chosen = _choose_reference(group, movement_starts, reference)
            if chosen is not None and len(group.by_label) > 1:
                found.append(_analyse(group, chosen))
    return tuple(found)


def _is_trunk(channel: ChannelAnalysis) -> bool:
    return any(w in (channel.muscle or "") for w in TRUNK_WORDS)


def _group(side: Side | None, trials: tuple[SessionRecording, ...], timed: Sequence[ChannelAnalysis]) -> _Group:
    by_label: dict[str, dict[str, ChannelAnalysis]] = {}
    for channel in timed:
        if not (_is_trunk(channel) or channel.side in (side, None) or side is None):
            continue
        name = channel.muscle or channel.words
        if _is_trunk(channel) and channel.side is not None and side is not None:
            name += ", same side" if channel.side == side else ", opposite side"
        if channel.recording in by_label.get(name, {}):
            name = f"{name} ({channel.channel})"
        by_label.setdefault(name, {})[channel.recording] = channel
    return _Group(side, trials, by_label)


def _choose_reference(
    group: _Group, movement_starts: Mapping[str, Sequence[float]], wanted: Label | None
) -> _Reference | None:
    if wanted is not None:
        label = next(
            (n for n, by in group.by_label.items() if any(wanted.means(c.muscle, c.side) for c in by.values())), None
        )
        return _of_muscle(group, label) if label else None
    starts = {t.name: tuple(movement_starts.get(t.name, ())) for t in group.trials}
    if any(starts.values()):
        return _Reference("movement start", starts)
    all_events = [e for t in group.trials for e in t.recording.events]
    if group.side is not None or len({e.side for e in all_events}) == 1:
        strikes = {t.name: foot_strikes(t.recording.events, group.side) for t in group.trials}
        if any(strikes.values()):
            return _Reference(f"{SIDES[group.side]}foot strike", strikes, cyclic=True)
    if (event := movement_event(all_events)) is not None:
        times = {t.name: tuple(e.time for e in t.recording.events if e.name == event) for t in group.trials}
        return _Reference(event, times)
    return _guess_reference(group)


def _guess_reference(group: _Group) -> _Reference | None:
    """A hamstring, else any muscle, that has as many bursts as at least half of the muscles: one a repetition.

    Where bursts do not come one by one, nothing says what belongs to which repetition, and None is returned.
    """
    counts = {name: _onset_count(group, name) for name in group.by_label}
    for label in sorted(counts, key=lambda n: (_HAMSTRING_ORDER.get(n, len(HAMSTRINGS)), -counts[n])):
        alike = sum(n == counts[label] for n in counts.values())
        if counts[label] and alike >= max(2, len(counts) / 2):
            return _of_muscle(group, label)
    return None


def _goes_round(group: _Group, label: str) -> bool:
    """Whether bursts recur as in walking or running: as fast and regularly as steps, or one takes over from the other.

    Only a moment in which all muscles rest makes one of them the first. Between the first and the last onset of the
    reference, which must come within the length of a stride of each other, such moments are nearly none.
    """
    found = False
    for name, channel in group.by_label[label].items():
        onsets = np.array([t for t, _ in channel.onsets])
        if onsets.size < 2 or np.median(np.diff(onsets)) > LONGEST_STRIDE:
            continue
        if _are_steps(onsets):
            return True
        time = np.arange(onsets[0], onsets[-1], ROUND_STEP)
        on = np.zeros(time.size, dtype=bool)
        for by_recording in group.by_label.values():
            for start, end in _active(by_recording[name]) if name in by_recording else ():
                on |= (time >= start) & (time <= end)
        if np.mean(~on) > ROUND_REST:
            return False
        found = True
    return found


def _active(channel: ChannelAnalysis) -> list[tuple[float, float]]:
    """From when to when a channel's bursts last; one whose edge is not known as far as the recording, or to its gap."""
    gaps = [span for fault in channel.quality.faults if fault.kind == "dropout" for span in fault.intervals_s]
    starts, ends = ([channel.start + span[i] for span in gaps] for i in (0, 1))
    found = []
    for burst in channel.bursts or ():
        start, end = burst.onset_s, burst.offset_s
        if not np.isfinite(start):
            start = max((t for t in ends if t <= end), default=-np.inf)
        if not np.isfinite(end):
            end = min((t for t in starts if t >= start), default=np.inf)
        found.append((start, end))
    return found


def _are_steps(onsets: np.ndarray) -> bool:
    """Whether onsets recur as fast and as regularly as steps do; one that was missed or found twice does no harm."""
    between = np.diff(onsets)
    typical = float(np.median(between))
    alike = np.abs(between - typical) <= STEPS_ALIKE * typical
    return typical <= STEPS_WITHIN and bool(np.count_nonzero(alike) >= max(FEWEST_STEPS, 0.8 * between.size))


def _onset_count(group: _Group, label: str) -> int:
    return sum(len(c.onsets) for c in group.by_label[label].values())


def _of_muscle(group: _Group, label: str) -> _Reference:
    times = {name: tuple(t for t, _ in channel.onsets) for name, channel in group.by_label[label].items()}
    return _Reference(label, times, label, cyclic=_goes_round(group, label))


def _analyse(group: _Group, reference: _Reference) -> OrderAnalysis:
    onsets: dict[str, list[np.ndarray]] = {name: [] for name in group.by_label}
    errors: dict[str, list[np.ndarray]] = {name: [] for name in group.by_label}
    reaches: dict[str, list[np.ndarray]] = {name: [] for name in group.by_label}
    zeros: list[float] = []
    phases = _phases(group, reference) if reference.cyclic else {}
    for trial in group.trials:
        times = reference.times.get(trial.name, ())
        zeros += times
        apart = np.diff(times).min() / 2.0 if reference.cyclic and len(times) > 1 else FARTHEST
        for name, by_recording in group.by_label.items():
            channel = by_recording.get(trial.name)
            pairs = channel.onsets if channel is not None else ()
            usual = np.array(times) + (2.0 * float(apart) * phases.get(name, 0.0) if len(times) > 1 else 0.0)
            found, sd = match_onsets(
                [t for t, _ in pairs], [s for _, s in pairs], usual.tolist(), farthest=min(FARTHEST, float(apart))
            )
            onsets[name].append(found)
            errors[name].append(sd)
            reaches[name].append(_reach_of(channel, found))
    x = {name: np.concatenate(parts) for name, parts in onsets.items()}
    s = {name: np.concatenate(parts) for name, parts in errors.items()}
    reach = {name: np.concatenate(parts) for name, parts in reaches.items()}
    seen = {name: values for name, values in x.items() if np.isfinite(values).any()}
    if reference.label is not None and reference.label not in seen:
        seen = {}
    relative = (
        measure_relative_onsets(
            seen,
            {n: s[n] for n in seen},
            reference=reference.label or zeros,
            reference_name=reference.name,
            reach=reach,
        )
        if seen
        else ()
    )
    orders, agreement, words = _orders(seen, s, reach, reference)
    task = group.trials[0].words.get("task")
    return OrderAnalysis(
        reference=reference.name,
        side=group.side,
        task=task,
        recordings=tuple(t.name for t in group.trials),
        repetitions=len(zeros),
        cyclic=reference.cyclic,
        relative=tuple(sorted(relative, key=lambda r: np.inf if np.isnan(r.mean_s) else r.mean_s)),
        onsets_s=x,
        orders=orders,
        agreement=agreement,
        comparisons=_compare(relative, reference) if is_prone_hip_extension(task) else (),
        sentence=words,
    )


def _phases(group: _Group, reference: _Reference) -> dict[str, float]:
    """Where in the reference's cycle each muscle usually starts, so that one that starts half-way does so always."""
    out = {}
    for name, by_recording in group.by_label.items():
        trials = [t.name for t in group.trials if t.name in by_recording and t.name in reference.times]
        onsets = [np.array([t for t, _ in by_recording[trial].onsets]) for trial in trials]
        out[name] = usual_phase(onsets, [np.array(reference.times[trial]) for trial in trials])
    return out


def _reach_of(channel: ChannelAnalysis | None, onsets: np.ndarray) -> np.ndarray:
    """How far each of the onsets of a channel may lie before and after its time, (repetitions, 2), s."""
    known = {b.onset_s: b.onset_reach_s for b in (channel.bursts or () if channel is not None else ())}
    return np.array([known.get(float(t), (0.0, 0.0)) for t in onsets]).reshape(-1, 2)


def _orders(
    x: Mapping[str, np.ndarray], s: Mapping[str, np.ndarray], reach: Mapping[str, np.ndarray], reference: _Reference
) -> tuple[Orders | None, Agreement | None, str]:
    if reference.cyclic:
        words = f"Onsets are counted from the {reference.name}; in a movement that goes round, no muscle is first."
        return None, None, words
    often = [n for n, values in x.items() if np.isfinite(values).sum() >= OFTEN * values.size]
    if not often:
        at = sorted(t for times in reference.times.values() for t in times)
        where = f" ({at[0]:.4g} to {at[-1]:.4g} s)" if at else ""
        words = (
            f"No order can be stated: no muscle has an onset within {FARTHEST:g} s of the {reference.name}{where} in "
            "half of the repetitions; if that was taken with another clock, put it on the recording's."
        )
        return None, None, words
    chosen = sorted(often, key=_rank)[:MOST]
    try:
        orders = compute_order_probabilities({n: x[n] for n in chosen}, {n: s[n] for n in chosen}, reach=reach)
    except GlutealError as error:
        return None, None, f"No order can be stated: {error}"
    try:
        agreement = compute_agreement({n: x[n] for n in chosen})
    except GlutealError:  # with fewer than three repetitions there is nothing to agree
        agreement = None
    left = [n for n in often if n not in chosen]
    more = f" ({', '.join(left)} also started in most repetitions and are in the table of onsets.)" if left else ""
    return orders, agreement, orders.sentence + more


def _rank(label: str) -> int:
    muscle = label.split(", ")[0]
    return FIRST.index(muscle) if muscle in FIRST else len(FIRST)


def published_name(label: str) -> str:
    """Return what studies call a muscle of an order.

    >>> published_name("biceps femoris"), published_name("longissimus thoracis, same side")
    ('lateral hamstrings', 'erector spinae, same side')
    """
    muscle, _, where = label.partition(", ")
    return HAMSTRINGS.get(muscle, _BACK.get(muscle, muscle)) + (f", {where}" if where else "")


def _compare(relative: Sequence[RelativeOnset], reference: _Reference) -> tuple[OnsetComparison, ...]:
    event = "hamstring onset" if reference.label in HAMSTRINGS else reference.name
    found: list[OnsetComparison] = []
    for one in relative:
        if not np.isfinite(one.mean_s):
            continue
        try:
            found += compare_with_published(published_name(one.muscle), one.mean_s, reference_event=event)
        except UnknownName:  # no study timed this muscle from this event
            continue
    return tuple(found)

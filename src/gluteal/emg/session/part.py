"""What is asked of a recording beside its file: a unit it does not state, a part of it, events noted elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from gluteal.emg.read.contents import EMG_UNITS, UNKNOWN_UNIT, check_file, side_word, unit_of
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.errors import InputError
from gluteal.files import expand_user, read_rows, read_whole

#: Columns of a table of events, and other names that they go by.
_COLUMNS = {
    "name": ("name", "event", "label", "trial_type"),
    "time": ("time", "time_s", "time (s)", "time [s]", "onset", "onset_s"),
    "ms": ("time_ms", "time (ms)", "time [ms]", "onset_ms"),
    "side": ("side", "context"),
}
#: Largest table of events, bytes: some ten thousand rows.
LARGEST_EVENTS = 2**20


def give_unit(recording: Recording, text: str, *, remedy: str = "leave the unit out") -> Recording:
    """Give a unit to the channels whose file states none.

    Raises
    ------
    InputError
        Where it is no unit of EMG or contradicts the file; `remedy` says what to do then.
    """
    unit = unit_of(text)
    if unit not in EMG_UNITS or unit == UNKNOWN_UNIT:
        raise InputError(f"{text!r} is no unit of EMG; those are {', '.join(EMG_UNITS[:-1])}.")
    other = next((c for c in recording.channels if c.unit not in (unit, UNKNOWN_UNIT)), None)
    if other is not None:
        raise InputError(f"the file states {other.unit} for channel {other.name!r}; {remedy}.")
    return replace(recording, channels=tuple(replace(c, unit=unit) for c in recording.channels))


def cut_channel(channel: Channel, start: float, end: float) -> Channel:
    """Return the part of a channel from `start` to `end` (s, both included; may be infinite), read when asked for.

    Raises
    ------
    InputError
        Where fewer than two samples lie in it.
    """
    if (start, end) == (-math.inf, math.inf):
        return channel
    over = channel.start + channel.duration
    first, last = 0, channel.length
    # Compared first: numbers far from any recording have no sample to be turned into.
    if inside := start < over and end > channel.start:
        if start > channel.start:
            first = max(0, math.ceil((start - channel.start) * channel.rate - 1e-6))
        if end < over:
            last = min(last, math.floor((end - channel.start) * channel.rate + 1e-6) + 1)
    if not inside or last - first < 2:
        raise InputError(f"channel {channel.name!r} runs from {channel.start:g} to {over:g} s only.")

    def read() -> np.ndarray:
        return channel.read()[first:last]

    return replace(channel, start=channel.start + first / channel.rate, length=last - first, read=read)


def cut_recording(recording: Recording, start: float | None, end: float | None) -> Recording:
    """Return the part of a recording from `start` to `end`, s on its clock; None where it begins or ends."""
    low, high = -math.inf if start is None else start, math.inf if end is None else end
    if not low < high:
        raise InputError(f"The end, {high:g} s, is not after the start, {low:g} s.")
    channels = tuple(cut_channel(c, low, high) for c in recording.channels)
    inside = tuple(e for e in recording.events if low <= e.time <= high)
    return replace(recording, channels=channels, events=inside)


def add_events(recording: Recording, path: str | Path) -> Recording:
    """Return a recording with the events of a table beside its own; those of another time are left out, with a note.

    Raises
    ------
    InputError
        As `load_events`, and where none of them lies in the recording.
    """
    events = load_events(path)
    first = min(c.start for c in recording.channels)
    last = max(c.start + c.duration for c in recording.channels)
    inside = {e for e in events if first <= e.time <= last}
    warnings = recording.warnings
    name = expand_user(path).name
    if not inside:
        raise InputError(
            f"{name}: no event lies in the recording ({first:g} to {last:g} s); they are from {events[0].time:g} to "
            f"{events[-1].time:g} s. Give seconds on the recording's clock, or call the column 'time (ms)'."
        )
    if len(inside) < len(events):
        words = f"{name}: {len(events) - len(inside)} of {len(events)} events were left out, because they lie"
        warnings = (*warnings, f"{words} outside of the recording ({first:g} to {last:g} s).")
    together = sorted({*recording.events, *inside}, key=lambda e: (e.time, e.name))
    return replace(recording, events=tuple(together), warnings=warnings)


def load_events(path: str | Path) -> tuple[Event, ...]:
    """Read events from a table (CSV, TSV): a row each with name, time (s or ms, on the recording's clock) and side.

    Raises
    ------
    InputError
        Where the file cannot be read, a column is missing, or a time is no number (the row is named).
    """
    path = expand_user(path)
    if check_file(path) > LARGEST_EVENTS:
        raise InputError(f"{path.name} is too large for a table of events; it may have {LARGEST_EVENTS >> 20} MB.")
    try:
        text = read_whole(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read ({error}); save it as CSV in UTF-8.") from error
    first = text.split("\n", 1)[0]
    for separator in ("\t", ";"):
        if separator in first:
            text = text.replace(",", ".").replace(separator, ",")
    rows = read_rows(text)
    known = {name.strip().lower(): name for row in rows[:1] for name in row if name}
    at = {key: next((known[n] for n in names if n in known), None) for key, names in _COLUMNS.items()}
    scale = 1.0
    if at["time"] is None:
        at["time"], scale = at["ms"], 1e-3
    if at["name"] is None or at["time"] is None:
        raise InputError(
            f"{path.name} is no table of events; its first row must name the columns name, time and, where known, side."
        )
    events = []
    for i, row in enumerate(rows):
        name = (row[at["name"]] or "").strip()
        try:
            time = scale * float((row[at["time"]] or "").strip())
        except ValueError:
            time = math.nan
        if not (name and math.isfinite(time)):
            raise InputError(
                f"{path.name}, row {i + 1}: name {name!r}, time {row[at['time']]!r}; give a name and seconds."
            )
        events.append(Event(name, time, side_word(row[at["side"]] or "") if at["side"] is not None else None))
    # What is noted twice happened once.
    return tuple(sorted(set(events), key=lambda e: (e.time, e.name)))

"""Several recordings of one person as one session, described by a TOML file.

Keys (every file name is relative to the TOML file; only ``[[recording]]`` with its ``file`` is needed)::

    title = "Prone hip extension, day 1"

    [subject]                       # all optional
    id = "S01"
    mass_kg = 71.0
    height_m = 1.76
    age_years = 26.0
    sex = "female"
    group = "healthy"

    [muscles]                       # channel -> muscle and side, in all recordings that have the channel
    "CH1" = "gluteus maximus right"
    "CH8" = "-"                     # leave this channel out

    [movement]                      # the signal that shows the movement, in all recordings that have it
    channel = "Gonio"

    [[recording]]
    file = "phe_1.c3d"
    name = "extension 1"            # default: the file's name
    role = "trial"                  # trial (default), mvic, rest
    side = "r"                      # of channels whose label states none
    unit = "mV"                     # only where the file states no unit
    start = 1.0                     # s, on the file's clock: use this part only
    end = 9.0
    task = "prone hip extension"    # task, day, condition, repetition: free words for comparisons
    day = "1"
    condition = "before"
    repetition = "1"
    targets = ["gluteus maximus"]   # of an mvic: the muscles it is the maximum of; default: all of them
    events = [{ name = "go", time = 2.0, side = "r" }]      # beside those of the file
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from gluteal.emg.labels import muscle_of
from gluteal.emg.read import name_channels, read_contents
from gluteal.emg.read.contents import EMG_UNITS, UNKNOWN_UNIT, unit_of
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.errors import GlutealError, InputError, close_names
from gluteal.vocabulary import Side

Role = Literal["trial", "mvic", "rest"]

#: A description of a session is short; a longer file is something else.
LARGEST_FILE = 2**20
_TOP = ("title", "subject", "muscles", "movement", "recording")
_SUBJECT = ("id", "mass_kg", "height_m", "age_years", "sex", "group")
_WORDS = ("task", "day", "condition", "repetition")
_RECORDING = ("file", "name", "role", "side", "unit", "start", "end", "targets", "events", *_WORDS)


@dataclass(frozen=True)
class Subject:
    """The person, as far as the file says."""

    id: str | None = None
    mass_kg: float | None = None
    height_m: float | None = None
    age_years: float | None = None
    sex: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class SessionRecording:
    """One recording of a session and what it is for.

    Attributes
    ----------
    name : str
    role : "trial" | "mvic" | "rest"
    recording : Recording
        EMG channels only, cut to the part that was asked for; events of the file and of the session.
    movement : Channel or None
        The signal that shows the movement.
    targets : tuple of (muscle, side)
        Of an mvic: the muscles it is the maximum of; empty means all.
    words : mapping of str -> str
        Task, day, condition, repetition, where given.
    """

    name: str
    role: Role
    recording: Recording
    movement: Channel | None = None
    targets: tuple[tuple[str, Side | None], ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """Recordings of one person that belong together."""

    name: str
    recordings: tuple[SessionRecording, ...]
    subject: Subject = field(default_factory=Subject)
    muscle_map: Mapping[str, str] = field(default_factory=dict)
    movement_channel: str | None = None

    def of_role(self, role: Role) -> tuple[SessionRecording, ...]:
        """Return the recordings of one role, in the order of the file."""
        return tuple(r for r in self.recordings if r.role == role)


def session_of(recording: Recording) -> Session:
    """Return the session that consists of one recording, as a trial."""
    return Session(recording.name, (SessionRecording(recording.name, "trial", recording),))


def load_session(path: str | Path) -> Session:
    """Read a session file (TOML) and the recordings it names.

    Raises
    ------
    InputError
        A missing or broken file, an unknown key, a value of the wrong kind, a recording that cannot be read,
        a channel or muscle that does not exist; the message names the file, the key and the remedy.
    """
    path = Path(path).expanduser()
    table = _Table(path, "", _load_toml(path))
    table.check_keys(_TOP)
    subject = _subject(table.table("subject", _SUBJECT))
    muscles = table.table("muscles", None)
    muscle_map = {channel: muscles.text(channel) or "" for channel in muscles.values}
    for channel, muscle in muscle_map.items():
        muscles.naming(channel, lambda muscle=muscle: muscle == "-" or muscle_of(muscle))
    movement = table.table("movement", ("channel",)).text("channel")
    entries = table.values.get("recording")
    if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
        raise InputError(f'{path.name} has no recording; add a section [[recording]] with file = "…".')
    recordings: list[SessionRecording] = []
    found: set[str] = set()
    for i, entry in enumerate(entries):
        section = _Table(path, f"recording {i + 1}: ", entry)
        one, names = _recording(section, muscle_map, movement)
        if one.name in {r.name for r in recordings}:
            raise InputError(
                f"{path.name}, recording {i + 1}: the name {one.name!r} was given before; set 'name' to another one."
            )
        recordings.append(one)
        found |= names
    for channel in [*muscle_map, *([movement] if movement else [])]:
        if channel not in found:
            near = close_names(channel, sorted(found))
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise InputError(
                f"{path.name}: none of the recordings has a channel {channel!r}.{hint} Correct the name in it."
            )
    return Session(table.text("title") or path.stem, tuple(recordings), subject, muscle_map, movement)


def _load_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"There is no file {path.name} in {path.parent}; check the path.")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path.name} has more than 1 MB; this is no session file: name the TOML file.")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not written in UTF-8; save it again as UTF-8 text.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path.name} is no TOML: {error}; correct that line.") from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}); check its permissions.") from error


@dataclass(frozen=True)
class _Table:
    """A section of the file that knows its name, for the messages."""

    path: Path
    where: str
    values: Mapping[str, Any]

    def fail(self, key: str, why: str) -> InputError:
        return InputError(f"{self.path.name}, {self.where}{key}: {why}.")

    def check_keys(self, known: Collection[str]) -> None:
        for key in self.values:
            if key not in known:
                near = close_names(key, list(known))
                hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(known)}"
                raise self.fail(key, f"there is no such key; {hint}".rstrip("."))

    def table(self, key: str, known: Collection[str] | None) -> _Table:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, f"this must be a section [{key}], not {value!r:.40}")
        section = _Table(self.path, f"{key}.", value)
        if known is not None:
            section.check_keys(known)
        return section

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, f"this must be a text in quotes, not {value!r:.40}")
        return value.strip()

    def number(self, key: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fail(key, f"this must be a number, not {value!r:.40}")
        if not low <= value <= high:
            raise self.fail(key, f"{value:g} is not between {low:g} and {high:g}")
        return float(value)

    def choice(self, key: str, allowed: Collection[str]) -> str | None:
        value = self.text(key)
        if value is not None and value not in allowed:
            raise self.fail(key, f"{value!r} is none of {', '.join(allowed)}")
        return value

    def side(self) -> Side | None:
        value = self.choice("side", get_args(Side))
        return "r" if value == "r" else "l" if value == "l" else None

    def naming(self, key: str, act: Any) -> Any:
        """Return what `act` gives; an error of it is told with file and key in front."""
        try:
            return act()
        except GlutealError as error:
            raise InputError(f"{self.path.name}, {self.where}{key}: {error}") from error


def _subject(section: _Table) -> Subject:
    return Subject(
        id=section.text("id"),
        mass_kg=section.number("mass_kg", 1, 500),
        height_m=section.number("height_m", 0.3, 3),
        age_years=section.number("age_years", 0, 130),
        sex=section.text("sex"),
        group=section.text("group"),
    )


def _recording(
    section: _Table, muscle_map: Mapping[str, str], movement: str | None
) -> tuple[SessionRecording, set[str]]:
    """Return a recording of the session, and the names of all its channels."""
    section.check_keys(_RECORDING)
    file = section.text("file")
    if file is None:
        raise section.fail("file", "this key is needed: the recording's file name")
    side = section.side()
    path = section.path.parent / Path(file).expanduser()
    contents = section.naming("file", lambda: read_contents(path))
    names = {signal.name for signal in contents.signals}
    mine = {c: m for c, m in muscle_map.items() if c in names}
    recording: Recording = section.naming("file", lambda: name_channels(contents, muscle_map=mine, side=side))
    recording = _with_unit(section, recording)
    signal = None
    if movement is not None and movement in names:
        signal = name_channels(contents, all_channels=True).channel(movement)
        kept = tuple(c for c in recording.channels if c.name != movement)
        if not kept:
            raise section.fail("file", f"{file!r} has no EMG channel beside the movement signal {movement!r}")
        recording = replace(recording, channels=kept)
    events = tuple(sorted((*recording.events, *_events(section)), key=lambda e: e.time))
    recording = replace(recording, events=events)
    start, end = section.number("start"), section.number("end")
    if start is not None or end is not None:
        t0, t1 = -math.inf if start is None else start, math.inf if end is None else end
        if t0 >= t1:
            raise section.fail("end", f"{t1:g} s is not after the start at {t0:g} s")
        cut = [_cut(section, c, t0, t1) for c in recording.channels]
        inside = tuple(e for e in events if t0 <= e.time <= t1)
        recording = replace(recording, channels=tuple(cut), events=inside)
        signal = _cut(section, signal, t0, t1) if signal else None
    role = section.choice("role", get_args(Role)) or "trial"
    targets = _targets(section, role, recording)
    words = {key: text for key in _WORDS if (text := section.text(key)) is not None}
    name = section.text("name") or Path(file).name
    return SessionRecording(name, _role(role), recording, signal, targets, words), names


def _role(text: str) -> Role:
    return "mvic" if text == "mvic" else "rest" if text == "rest" else "trial"


def _with_unit(section: _Table, recording: Recording) -> Recording:
    """Give a unit to the channels whose file states none; InputError where it contradicts the file."""
    text = section.text("unit")
    if text is None:
        return recording
    unit = unit_of(text)
    if unit not in EMG_UNITS or unit == UNKNOWN_UNIT:
        raise section.fail("unit", f"{text!r} is no unit of EMG; those are {', '.join(EMG_UNITS[:-1])}")
    other = next((c for c in recording.channels if c.unit not in (unit, UNKNOWN_UNIT)), None)
    if other is not None:
        raise section.fail("unit", f"the file states {other.unit} for channel {other.name!r}; remove this key")
    return replace(recording, channels=tuple(replace(c, unit=unit) for c in recording.channels))


def _events(section: _Table) -> list[Event]:
    entries = section.values.get("events", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise section.fail("events", 'this must be a list such as [{ name = "go", time = 2.0 }]')
    events = []
    for i, entry in enumerate(entries):
        one = _Table(section.path, f"{section.where}event {i + 1}: ", entry)
        one.check_keys(("name", "time", "side"))
        name, time = one.text("name"), one.number("time")
        if name is None or time is None:
            raise one.fail("name" if name is None else "time", "this key is needed")
        events.append(Event(name, time, one.side()))
    return events


def _targets(section: _Table, role: str, recording: Recording) -> tuple[tuple[str, Side | None], ...]:
    """Return the muscles an mvic is the maximum of; each must have been recorded in it."""
    given = section.values.get("targets", [])
    if not isinstance(given, list) or not all(isinstance(t, str) for t in given):
        raise section.fail("targets", 'this must be a list of muscles such as ["gluteus maximus right"]')
    if given and role != "mvic":
        raise section.fail("targets", 'only a recording with role = "mvic" has targets')
    targets: list[tuple[str, Side | None]] = []
    for text in given:
        label = section.naming("targets", lambda text=text: muscle_of(text))
        has = [c for c in recording.channels if c.muscle == label.muscle and label.side in (None, c.side)]
        if not has:
            there = ", ".join(sorted({c.muscle for c in recording.channels if c.muscle})) or "none that is named"
            raise section.fail("targets", f"{text!r} was not recorded in it; the muscles there are: {there}")
        targets.append((label.muscle, label.side))
    return tuple(targets)


def _cut(section: _Table, channel: Channel, start: float, end: float) -> Channel:
    """Return the part of a channel between two times (s, both included), still read only when asked for."""
    first = max(0, math.ceil((start - channel.start) * channel.rate - 1e-6)) if start > -math.inf else 0
    last = channel.length if end == math.inf else math.floor((end - channel.start) * channel.rate + 1e-6) + 1
    last = min(channel.length, last)
    if last - first < 2:
        over = channel.start + channel.duration
        raise section.fail("start", f"channel {channel.name!r} runs from {channel.start:g} to {over:g} s only")

    def read() -> np.ndarray:
        return channel.read()[first:last]

    return replace(channel, start=channel.start + first / channel.rate, length=last - first, read=read)

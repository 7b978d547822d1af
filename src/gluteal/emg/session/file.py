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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from gluteal.emg.labels import muscle_of
from gluteal.emg.read import name_channels, read_contents
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.part import cut_channel, give_unit
from gluteal.errors import GlutealError, InputError, close_names
from gluteal.files import check_there, expand_user, reading
from gluteal.schema import Number, Record, Text, fault, load_toml, refusal
from gluteal.vocabulary import Side

Role = Literal["trial", "mvic", "rest"]

KIND = "Session"
_WORDS = ("task", "day", "condition", "repetition")
_WORD = "a text in quotes"
_SIDE = "one of r, l"


class Subject(Record):
    """The person, as far as the file says."""

    id: Text | None = Field(default=None, description=_WORD)
    mass_kg: Number | None = Field(default=None, ge=1, le=500, description="a number of kg between 1 and 500")
    height_m: Number | None = Field(default=None, ge=0.3, le=3, description="a number of m between 0.3 and 3")
    age_years: Number | None = Field(default=None, ge=0, le=130, description="a number of years between 0 and 130")
    sex: Text | None = Field(default=None, description=_WORD)
    group: Text | None = Field(default=None, description=_WORD)


class MovementSignal(Record):
    """Which signal shows the movement."""

    channel: Text | None = Field(default=None, description="the name of a channel, in quotes")


class EventEntry(Record):
    """An event beside those of the recording's file."""

    name: Text = Field(description="a name in quotes")
    time: Number = Field(description="a number of seconds, on the file's clock")
    side: Side | None = Field(default=None, description=_SIDE)


class RecordingEntry(Record):
    """One recording of the session: its file, and what it is."""

    file: Text = Field(description="the recording's file name, a text in quotes")
    name: Text | None = Field(default=None, description=_WORD)
    role: Role = Field(default="trial", description="one of trial, mvic, rest")
    side: Side | None = Field(default=None, description=_SIDE)
    unit: Text | None = Field(default=None, description="a unit of EMG, such as 'mV'")
    start: Number | None = Field(default=None, description="a number of seconds, on the file's clock")
    end: Number | None = Field(default=None, description="a number of seconds, on the file's clock")
    task: Text | None = Field(default=None, description=_WORD)
    day: Text | None = Field(default=None, description=_WORD)
    condition: Text | None = Field(default=None, description=_WORD)
    repetition: Text | None = Field(default=None, description=_WORD)
    targets: tuple[Text, ...] = Field(default=(), description='a list of muscles such as ["gluteus maximus right"]')
    events: tuple[EventEntry, ...] = Field(default=(), description='a list such as [{ name = "go", time = 2.0 }]')

    @model_validator(mode="after")
    def _holds_together(self) -> RecordingEntry:
        start, end = self.span
        if start >= end:
            raise fault("end", f"{end:g} s is not after the start at {start:g} s.")
        if self.targets and self.role != "mvic":
            raise fault("targets", 'only a recording with role = "mvic" has targets; leave them out.')
        return self

    @property
    def span(self) -> tuple[float, float]:
        """The part that is used, s on the file's clock; infinite where the file does not say."""
        return -math.inf if self.start is None else self.start, math.inf if self.end is None else self.end


class SessionFile(Record):
    """What a session file may hold."""

    title: Text | None = Field(default=None, description=_WORD)
    subject: Subject = Field(default=Subject(), description="a section [subject]")
    muscles: dict[str, Text] = Field(default={}, description='a muscle in quotes, or "-" to leave the channel out')
    movement: MovementSignal = Field(default=MovementSignal(), description="a section [movement]")
    recording: tuple[RecordingEntry, ...] = Field(
        min_length=1, description='at least one section [[recording]] with file = "…"'
    )


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
    path = expand_user(path)
    check_there(path, f"There is no file {path.name} in {path.parent}; check the path.")
    with reading(path):
        return _make_session(path)


def _make_session(path: Path) -> Session:
    written = load_toml(path, SessionFile, KIND)
    label, movement = f"{KIND} {path.name}", written.movement.channel
    for channel, muscle in written.muscles.items():
        with _told(label, f"muscles.{channel}"):
            if muscle != "-":
                muscle_of(muscle)
    recordings: list[SessionRecording] = []
    found: set[str] = set()
    for i, entry in enumerate(written.recording):
        one, names = _Entry(label, f"recording {i + 1}", path.parent, entry).read(written.muscles, movement)
        if one.name in {r.name for r in recordings}:
            told = f"{one.name!r} was given before; set 'name' to another one."
            raise refusal(label, f"recording {i + 1}.name", told)
        recordings.append(one)
        found |= names
    for channel in [*written.muscles, *([movement] if movement else [])]:
        if channel not in found:
            near = close_names(channel, sorted(found))
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise refusal(label, "", f"none of the recordings has a channel {channel!r}.{hint} Correct the name in it.")
    return Session(written.title or path.stem, tuple(recordings), written.subject, written.muscles, movement)


@contextmanager
def _told(label: str, place: str) -> Iterator[None]:
    """Tell an error of what is named in the file with file and key in front."""
    try:
        yield
    except GlutealError as error:
        raise refusal(label, place, str(error)) from error


@dataclass(frozen=True)
class _Entry:
    """One recording as the file describes it, and where that stands."""

    label: str
    place: str
    folder: Path
    says: RecordingEntry

    def refuse(self, key: str, problem: str) -> InputError:
        return refusal(self.label, f"{self.place}.{key}", problem)

    def read(self, muscle_map: Mapping[str, str], movement: str | None) -> tuple[SessionRecording, set[str]]:
        """Return the recording, and the names of all its channels."""
        says = self.says
        with _told(self.label, f"{self.place}.file"):
            contents = read_contents(self.folder / expand_user(says.file))
            names = {signal.name for signal in contents.signals}
            mine = {c: m for c, m in muscle_map.items() if c in names}
            recording = name_channels(contents, muscle_map=mine, side=says.side)
        recording = self.with_unit(recording)
        signal = None
        if movement is not None and movement in names:
            signal = name_channels(contents, all_channels=True).channel(movement)
            kept = tuple(c for c in recording.channels if c.name != movement)
            if not kept:
                told = f"{says.file!r} has no EMG channel beside the movement signal {movement!r}."
                raise self.refuse("file", told)
            recording = replace(recording, channels=kept)
        added = (Event(e.name, e.time, e.side) for e in says.events)
        events = tuple(sorted((*recording.events, *added), key=lambda e: e.time))
        start, end = says.span
        inside = tuple(e for e in events if start <= e.time <= end)
        cut = tuple(self.cut(c) for c in recording.channels)
        recording = replace(recording, channels=cut, events=inside)
        words = {key: text for key in _WORDS if (text := getattr(says, key)) is not None}
        name = says.name or Path(says.file).name
        targets = self.targets(recording)
        signal = self.cut(signal) if signal else None
        return SessionRecording(name, says.role, recording, signal, targets, words), names

    def with_unit(self, recording: Recording) -> Recording:
        """Give a unit to the channels whose file states none; InputError where it contradicts the file."""
        text = self.says.unit
        if text is None:
            return recording
        with _told(self.label, f"{self.place}.unit"):
            return give_unit(recording, text, remedy="remove this key")

    def targets(self, recording: Recording) -> tuple[tuple[str, Side | None], ...]:
        """Return the muscles an mvic is the maximum of; each must have been recorded in it."""
        targets: list[tuple[str, Side | None]] = []
        for text in self.says.targets:
            with _told(self.label, f"{self.place}.targets"):
                label = muscle_of(text)
            has = [c for c in recording.channels if c.muscle == label.muscle and label.side in (None, c.side)]
            if not has:
                there = ", ".join(sorted({c.muscle for c in recording.channels if c.muscle})) or "none that is named"
                raise self.refuse("targets", f"{text!r} was not recorded in it; the muscles there are: {there}.")
            assert label.muscle is not None
            targets.append((label.muscle, label.side))
        return tuple(targets)

    def cut(self, channel: Channel) -> Channel:
        """Return the part of a channel that is used, both ends included, still read only when asked for."""
        with _told(self.label, f"{self.place}.start"):
            return cut_channel(channel, *self.says.span)

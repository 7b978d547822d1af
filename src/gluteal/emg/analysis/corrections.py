"""What a person takes out of a session by hand: channels named in a file of corrections."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from gluteal.emg.analysis.channel import key_of
from gluteal.emg.onset.bursts import comment_of
from gluteal.emg.recording import LeftOut
from gluteal.emg.session.file import Session, SessionRecording
from gluteal.errors import InputError, UnknownName
from gluteal.files import read_whole

#: How a line of the file begins that takes a channel out; the rows of bursts are those of `gluteal.emg.onset`.
LEFT_OUT_HEAD = "# gluteal left out: "
_WHY = "left out by hand"


def load_left_out(path: str | Path) -> tuple[str, ...]:
    """Return the channels that a file of corrections takes out.

    Raises
    ------
    InputError
        A file that cannot be read, or a damaged line.
    """
    source = Path(path)
    try:
        lines = read_whole(source).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read {str(source)!r} ({error}); give a file of corrections.") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not (text := comment_of(line)).startswith(LEFT_OUT_HEAD):
            continue
        try:
            found.append(str(json.loads(text.removeprefix(LEFT_OUT_HEAD))["channel"]))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{source.name}, line {number}: the channel left out is damaged; correct it.") from error
    return tuple(found)


def without_channels(session: Session, keys: Collection[str]) -> Session:
    """Return the session without some channels of its trials, which are then listed as left out by hand.

    Raises
    ------
    UnknownName
        A channel that no trial has.
    InputError
        A recording of which nothing would be left.
    """
    trials = session.of_role("trial")
    several = len(trials) > 1
    known = [key_of(r, c, several) for r in trials for c in r.recording.channels]
    for key in keys:
        if key not in known:
            raise UnknownName("channel", key, known, "gluteal emg RECORDING --json")
    return replace(session, recordings=tuple(_without(r, keys, several) for r in session.recordings))


def _without(entry: SessionRecording, keys: Collection[str], several: bool) -> SessionRecording:
    if entry.role != "trial":
        return entry
    recording = entry.recording
    gone = [c for c in recording.channels if key_of(entry, c, several) in keys]
    kept = tuple(c for c in recording.channels if c not in gone)
    if not kept:
        raise InputError(f"The corrections leave out every channel of {entry.name}; keep one.")
    left = (*recording.left_out, *(LeftOut(c.name, _WHY) for c in gone))
    return replace(entry, recording=replace(recording, channels=kept, left_out=left))

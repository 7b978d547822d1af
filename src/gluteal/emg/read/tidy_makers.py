"""Exports that hold more than one table, or words of their own above it: Vicon Nexus, Qualisys, LabChart.

Each becomes the one table with samples, line for line, so that a fault keeps the number of its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from gluteal.emg.read.contents import side_word
from gluteal.emg.read.text_rows import number_of, split
from gluteal.emg.recording import Event
from gluteal.errors import InputError

#: Titles of the parts of an export of Vicon Nexus, each alone on its line.
_PARTS = ("Devices", "Trajectories", "Joints", "Model Outputs", "Segments", "Events", "Gait Cycle Parameters", "Bones")
#: What LabChart writes behind the numbers of a row: "#* lift", "#1 lift".
_COMMENT = re.compile(r"\s*#(?:\*|\d+)\s*(.+)$")
#: Lines looked at to find who wrote a file.
_FIRST = 40


@dataclass
class Aside:
    """What stands beside the table: events, marks at a row of the table, notes."""

    events: list[Event] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def maker_of(path: Path, lines: Iterator[str], aside: Aside) -> Iterator[str] | None:
    """Return the lines of the table in an export of a known maker, None where it is none of them; fills `aside`.

    Raises
    ------
    InputError
        An export of Vicon Nexus without its devices.
    """
    first = list(islice(lines, _FIRST))
    told = next((line for line in first if line.strip()), "").strip()
    everything = _again(first, lines)
    if re.sub(r"[,;\t\s]+$", "", told) in _PARTS:
        separator = next((s for s in ("\t", ";", ",") for line in first[1:8] if line.count(s) > 1), ",")
        return _vicon(path, everything, separator, aside)
    if told.startswith("NO_OF_SAMPLES\t"):
        return _qualisys(everything, first)
    if told.startswith("Interval=") and any(line.startswith("ChannelTitle=") for line in first):
        return _labchart(path, everything, first, aside)
    return None


def _again(first: list[str], rest: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _vicon(path: Path, lines: Iterator[str], separator: str, aside: Aside) -> Iterator[str]:
    part, at, read = "", 0, False
    left: list[str] = []
    devices: list[str] = []
    for line in lines:
        title = re.sub(r"[,;\t\s]+$", "", line).strip('"')
        if title in _PARTS:
            part, at = title, 0
            read = read or part == "Devices"
            if part not in ("Devices", "Events"):
                left.append(part)
            yield ""
            continue
        at += 1
        cells = split(line, separator)
        if part == "Events" and len(cells) > 3 and (time := number_of(cells[3], ".")) is not None and time == time:
            aside.events.append(Event(cells[2], time, side_word(cells[1])))
        if part != "Devices" or not line.strip():
            yield ""
        elif at == 1:
            yield f"Sampling rate: {cells[0]} Hz"
        elif at == 2:
            devices = _filled(cells)
            yield ""
        elif at == 3:
            yield separator.join(_named(cells, devices))
        else:
            yield line
    if not read:
        raise InputError(
            f"{path.name} is an export of Vicon Nexus without its devices ({', '.join(left[:3]) or 'no part'}), where "
            "EMG stands; export it with 'Devices', or as C3D."
        )
    if left:
        aside.notes.append(f"Of {path.name} the part 'Devices' was read; there are others: {', '.join(left)}.")


def _filled(cells: list[str]) -> list[str]:
    """Return the device over each column; it is written once, over the first of its columns."""
    filled, last = [], ""
    for cell in cells:
        last = cell or last
        filled.append(last)
    return filled


def _named(cells: list[str], devices: list[str]) -> list[str]:
    """Return the names of the columns; a bare number is named after its device."""
    last = devices[-1] if devices else ""
    return [
        f"{devices[i] if i < len(devices) else last} {c}".strip() if c.isdecimal() else c for i, c in enumerate(cells)
    ]


def _qualisys(lines: Iterator[str], first: list[str]) -> Iterator[str]:
    rows = [split(line, "\t") for line in first]
    filled = [row for row in rows if row and number_of(row[0], ".") is not None and row[0]]
    width = len(filled[0]) if filled else 0
    done = False
    for line in lines:
        cells = split(line, "\t")
        key = cells[0]
        if done or (key and number_of(key, ".") is not None):
            done = True
            yield line
        elif key == "FREQUENCY" and len(cells) > 1:
            yield f"Sampling rate: {cells[1]} Hz"
        elif key == "CHANNEL_NAMES":
            names = cells[1:]
            while names and not names[-1]:
                names.pop()
            yield "\t".join((["Sample", "Time"] if width == len(names) + 2 else []) + names)
        elif key.lower() in ("sample", "time"):
            yield line
        else:
            yield ""


def _labchart(path: Path, lines: Iterator[str], first: list[str], aside: Aside) -> Iterator[str]:
    titles = next(split(line, "\t") for line in first if line.startswith("ChannelTitle="))[1:]
    rows = [split(line, "\t") for line in first]
    filled = next((len(row) for row in rows if row[0] and number_of(row[0], ".") is not None), len(titles) + 1)
    timed = filled > len([t for t in titles if t])
    count, row, others = 0, 0, 0
    for line in lines:
        key, _, rest = line.partition("\t")
        if key == "Interval=":
            count += 1
        if count > 1:
            others += key == "Interval="
            continue
        if key == "Interval=":
            yield f"Sampling interval: {rest.split(chr(9))[0]}"
        elif key in ("ChannelTitle=", "UnitName="):
            yield ("time (s)\t" if timed and key == "ChannelTitle=" else "s\t" if timed else "") + rest
        elif key.endswith("="):
            yield ""
        else:
            comment = _COMMENT.search(line)
            if comment is not None:
                aside.marks.append((row, " ".join(comment[1].split())[:80]))
                line = line[: comment.start()]
            row += bool(line.strip())
            yield line
    if others:
        aside.notes.append(
            f"{path.name} holds {others + 1} blocks of LabChart; the first was read: export the others as files of "
            "their own."
        )

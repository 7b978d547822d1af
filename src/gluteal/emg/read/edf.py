"""EDF, EDF+ and BDF (16 and 24 bit): one channel at a time is read from the records when asked for.

Layout: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi's description of BDF. The header is text of
fixed width, so every number in it is checked before any of it is used; the tests compare the samples with edfio.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gluteal.emg.read.contents import (
    Contents,
    Signal,
    check_channel_count,
    check_rate,
    unique_names,
    unit_of,
)
from gluteal.emg.recording import Event
from gluteal.errors import InputError
from gluteal.files import open_input

EDF_MAGIC = b"0       "
BDF_MAGIC = b"\xffBIOSEMI"
#: Fields of the signal headers and their widths, in the order of the file.
_FIELDS = {
    "label": 16, "transducer": 80, "unit": 8, "physical_min": 8, "physical_max": 8,
    "digital_min": 8, "digital_max": 8, "filter": 80, "samples": 8, "reserved": 32,
}  # fmt: skip
#: Records are read in pieces of about this many bytes.
PIECE = 8 * 2**20
#: Longest file whose annotations are looked through, bytes of annotation.
MOST_ANNOTATION_BYTES = 64 * 2**20
#: Labels of signals that hold annotations.
_ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
#: An interrupted recording may span this many times what was recorded. Own choice.
MOST_SPAN = 4.0
#: And this many seconds more. Own choice.
FREE_SPAN = 600.0
_TAL = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14([^\x00]*)\x14\x00")


@dataclass(frozen=True)
class _Records:
    """Where the samples lie: `count` records of `size` bytes, of `seconds` s each, behind `start` bytes."""

    path: Path
    start: int
    count: int
    size: int
    seconds: float
    width: int
    #: Begin of every record behind that of the first, in durations of a record; None where they follow one another.
    places: np.ndarray | None = None

    def first(self, samples: int) -> np.ndarray:
        """Return the place of every record's first sample in a signal with `samples` a record, (count,)."""
        return np.round(np.arange(self.count) * samples if self.places is None else self.places * samples).astype(int)

    def length(self, samples: int) -> int:
        """Return how many samples such a signal spans, gaps counted."""
        return int(self.first(samples)[-1]) + samples

    def read(self, offset: int, samples: int) -> np.ndarray:
        """Return the stored numbers of one signal (length,), float64; NaN in the gaps of an interrupted recording."""
        out = np.full(self.length(samples), np.nan)
        first = self.first(samples)
        step = max(1, PIECE // self.size)
        for at in range(0, self.count, step):
            n = min(step, self.count - at)
            rows = self.rows(at, n)[:, offset : offset + samples * self.width]
            flat = np.ascontiguousarray(rows).reshape(-1)
            stored = flat.view("<i2") if self.width == 2 else _signed24(flat)
            if self.places is None:
                out[at * samples : (at + n) * samples] = stored
            else:
                out[(first[at : at + n, None] + np.arange(samples)).reshape(-1)] = stored
        return out

    def rows(self, first: int, count: int) -> np.ndarray:
        """Return the bytes of some records (count, size)."""
        with open_input(self.path) as file:
            file.seek(self.start + first * self.size)
            raw = np.frombuffer(file.read(count * self.size), dtype=np.uint8)
        if raw.size < count * self.size:
            raise InputError(f"{self.path.name} became shorter while it was read; copy it again.")
        return raw.reshape(count, self.size)


def _signed24(flat: np.ndarray) -> np.ndarray:
    parts = flat.reshape(-1, 3).astype(np.int32)
    value = parts[:, 0] | (parts[:, 1] << 8) | (parts[:, 2] << 16)
    return value - ((value & 0x800000) << 1)


def read_edf(path: Path, size: int) -> Contents:
    """Return the signals and annotations of an EDF, EDF+ or BDF file.

    Raises
    ------
    InputError
        A header that is no EDF header, that contradicts itself or announces more than the file holds, or an
        interrupted recording (EDF+D) that is nearly all gap.
    """
    with open_input(path) as file:
        main = file.read(256)
        if len(main) < 256 or main[:8] not in (EDF_MAGIC, BDF_MAGIC):
            raise InputError(f"{path.name} is no EDF or BDF file, whatever its ending says; export it again.")
        count = _whole(path, main[252:256], "number of signals")
        check_channel_count(path, count)
        block = file.read(count * sum(_FIELDS.values()))
    if len(block) < count * sum(_FIELDS.values()):
        raise _damaged(path, "it ends inside its header")
    columns: dict[str, list[bytes]] = {}
    at = 0
    for name, width in _FIELDS.items():
        columns[name] = [block[at + i * width : at + (i + 1) * width] for i in range(count)]
        at += count * width
    bdf = main[:8] == BDF_MAGIC
    width = 3 if bdf else 2
    samples = [_whole(path, raw, "number of samples") for raw in columns["samples"]]
    if min(samples) < 0 or sum(samples) == 0:
        raise _damaged(path, "a signal has no samples")
    seconds = _number(path, main[244:252], "duration of a record")
    records = _Records(
        path,
        256 + len(block),
        _count_records(path, main, size - 256 - len(block), sum(samples) * width),
        sum(samples) * width,
        seconds,
        width,
    )
    labels = [_text(raw) for raw in columns["label"]]
    notes: list[str] = []
    events: list[Event] = []
    signals: list[Signal] = []
    offsets = np.concatenate([[0], np.cumsum(samples)[:-1]]) * width
    start = 0.0
    names = unique_names(labels)
    for i, label in enumerate(labels):
        if label in _ANNOTATIONS:
            marks, onsets = _annotations(records, int(offsets[i]), samples[i])
            events += marks
            if len(onsets) == records.count:
                start, records = onsets[0], _place(path, onsets, records, notes)
    for i, label in enumerate(labels):
        if label in _ANNOTATIONS:
            continue
        if not (seconds > 0 and samples[i]):
            raise _damaged(path, f"the signal {label!r} lasts no time")
        scale, shift = _scaling(path, columns, i)
        signals.append(
            Signal(
                name=names[i],
                unit=unit_of(_text(columns["unit"][i])),
                rate=check_rate(path, samples[i] / seconds),
                start=start,
                length=records.length(samples[i]),
                read=_reader(records, int(offsets[i]), samples[i], scale, shift),
                emg=False if label.lower() in ("status", "trigger") else None,
                why="it is the recorder's line of triggers",
            )
        )
    if not signals:
        raise InputError(f"{path.name} holds annotations only and no signal; name the file with the samples.")
    return Contents("BDF" if bdf else "EDF", tuple(signals), tuple(sorted(events, key=lambda e: e.time)), tuple(notes))


def _reader(records: _Records, offset: int, samples: int, scale: float, shift: float) -> Callable[[], np.ndarray]:
    def read() -> np.ndarray:
        stored = records.read(offset, samples)
        stored *= scale
        stored += shift
        return stored

    return read


def _scaling(path: Path, columns: dict[str, list[bytes]], i: int) -> tuple[float, float]:
    """Return gain and offset that turn stored numbers into the unit (Kemp et al. 1992)."""
    low, high, stored_low, stored_high = (
        _number(path, columns[name][i], name.replace("_", " ").replace("min", "minimum").replace("max", "maximum"))
        for name in ("physical_min", "physical_max", "digital_min", "digital_max")
    )
    if stored_high == stored_low or high == low:
        raise _damaged(path, f"the range of signal {_text(columns['label'][i])!r} is empty")
    scale = (high - low) / (stored_high - stored_low)
    return scale, low - scale * stored_low


def _count_records(path: Path, main: bytes, held_bytes: int, record_bytes: int) -> int:
    """Return the number of records, checked against the file; -1 means that the recorder did not say."""
    announced = _whole(path, main[236:244], "number of records")
    held = max(held_bytes, 0) // record_bytes
    if announced == -1:
        announced = held
    if announced <= 0:
        raise InputError(f"{path.name} holds no samples ({announced} records); export it again.")
    if held < announced:
        raise _damaged(path, f"it announces {announced} records and holds {held}, so it was cut off")
    return announced


def _annotations(records: _Records, offset: int, samples: int) -> tuple[list[Event], list[float]]:
    """Return the annotations of one annotation signal, and the start of each record where it states that."""
    width = samples * records.width
    if width * records.count > MOST_ANNOTATION_BYTES:
        raise _damaged(records.path, f"it has {width * records.count >> 20} MB of annotations")
    events: list[Event] = []
    onsets: list[float] = []
    step = max(1, PIECE // records.size)
    for at in range(0, records.count, step):
        for row in records.rows(at, min(step, records.count - at)):
            first = True
            for match in _TAL.finditer(row[offset : offset + width].tobytes()):
                time = float(match[1])
                texts = [t for t in match[3].decode("utf-8", errors="replace").split("\x14") if t.strip()]
                if first and not texts:
                    onsets.append(time)
                first = False
                events += [Event(" ".join(t.split()), time) for t in texts]
    return events, onsets


def _place(path: Path, onsets: list[float], records: _Records, notes: list[str]) -> _Records:
    """Return the records with their places where there are gaps between them (EDF+D); a note says how many."""
    steps = np.diff(onsets)
    gaps = steps - records.seconds
    if not (gaps.size and records.seconds > 0 and float(np.abs(gaps).max()) > 1e-3):
        return records
    if float(gaps.min()) < -1e-3:
        k = int(gaps.argmin())
        raise InputError(
            f"{path.name} is an interrupted recording (EDF+D) whose records overlap: the one at {onsets[k]:g} s is "
            f"followed by one at {onsets[k + 1]:g} s; export it again."
        )
    span, recorded = onsets[-1] - onsets[0], records.count * records.seconds
    if span > MOST_SPAN * recorded + FREE_SPAN:
        raise InputError(
            f"{path.name} is an interrupted recording (EDF+D): {recorded:g} s of samples in {span:g} s; export the "
            "parts as files of their own."
        )
    found = np.flatnonzero(gaps > 1e-3)
    notes.append(
        f"{path.name} is an interrupted recording (EDF+D): {len(found)} gap{'s' if len(found) > 1 else ''}, "
        f"{float(gaps[found].sum()):.3g} s in all, without samples."
    )
    return replace(records, places=(np.array(onsets) - onsets[0]) / records.seconds)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("ascii").strip(" \0")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip(" \0")


def _number(path: Path, raw: bytes, what: str) -> float:
    try:
        value = float(_text(raw).replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _damaged(path, f"its {what} is {_text(raw)!r}, which is no number")
    return value


def _whole(path: Path, raw: bytes, what: str) -> int:
    return int(_number(path, raw, what))


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"{path.name} is a damaged EDF or BDF file: {why}; copy or export it again.")

"""C3D: the analogue channels and events; samples are read from the file channel by channel when asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gluteal.emg.read.c3d_parameters import BLOCK, MIPS, Header, broken, floats, read_c3d_header
from gluteal.emg.read.contents import (
    UNKNOWN_UNIT,
    Contents,
    Signal,
    check_channel_count,
    check_rate,
    side_word,
    unique_names,
    unit_of,
)
from gluteal.emg.recording import Event
from gluteal.errors import InputError

#: Samples are read in pieces of about this many bytes.
PIECE = 8 * 2**20


def read_c3d(path: Path, size: int) -> Contents:
    """Return the analogue channels of a C3D file.

    Value = (stored - OFFSET) x SCALE x GEN_SCALE (C3D File Format User Guide, "ANALOG group"). Channels that
    the FORCE_PLATFORM group uses are marked as no EMG. Times count as the file's events do: the first sample is
    at (first frame - 1) / frame rate.

    Raises
    ------
    InputError
        Damaged header, no analogue channel, or fewer samples in the file than it announces.
    """
    with path.open("rb") as file:
        header = read_c3d_header(path, file, size)
    frame_rate = check_rate(path, header.number("POINT", "RATE", header.frame_rate), "frame rate")
    per_frame = header.samples_per_frame
    channels = int(header.number("ANALOG", "USED", 0))
    if channels == 0 or header.analog_per_frame == 0 or per_frame == 0:
        raise InputError(
            f"{path.name} holds no analogue channels, only markers; export it with the EMG, or name another file."
        )
    check_channel_count(path, channels)
    if channels * per_frame != header.analog_per_frame:
        raise broken(
            path,
            f"it announces {channels} analogue channels, but {header.analog_per_frame} values in each "
            "frame of "
            f"{per_frame} samples",
        )
    rate = check_rate(path, header.number("ANALOG", "RATE", frame_rate * per_frame) or frame_rate * per_frame)
    first, frames = _frames(header)
    data = _Samples(path, header, frames, channels)
    data.check(size)
    units = header.texts("ANALOG", "UNITS")
    labels = header.texts("ANALOG", "LABELS")
    said = header.texts("ANALOG", "DESCRIPTIONS")
    plates = _plate_channels(header)
    names = unique_names([labels[i] if i < len(labels) else "" for i in range(channels)])
    signals = tuple(
        Signal(
            name=names[i],
            unit=unit_of(units[i]) if i < len(units) else UNKNOWN_UNIT,
            rate=rate,
            start=(first - 1) / frame_rate,
            length=frames * per_frame,
            read=data.reader(i),
            emg=False if i in plates else None,
            label=said[i] if i < len(said) else None,
            why="the file says that it belongs to a force plate" if i in plates else None,
        )
        for i in range(channels)
    )
    events, notes = _events(path, header)
    return Contents("C3D", signals, events, notes, {"frame_rate_hz": frame_rate, "first_frame": first})


def _frames(header: Header) -> tuple[int, int]:
    """Return the first frame and the number of frames; the file's 16-bit counters may overflow."""
    first, last = header.first_frame, header.last_frame
    for name, low in (("ACTUAL_START_FIELD", True), ("ACTUAL_END_FIELD", False)):
        words = header.numbers("TRIAL", name)
        if words.size == 2:
            frame = int(words[0]) % 65536 + 65536 * (int(words[1]) % 65536)
            first, last = (frame or first, last) if low else (first, frame or last)
    stated = header.number("POINT", "LONG_FRAMES", header.number("POINT", "FRAMES", 0) % 65536)
    counted = last - first + 1
    return max(first, 1), int(stated) if header.last_frame == 65535 and stated > counted else counted


class _Samples:
    """The data section: frames of points followed by `per_frame` rows of all analogue channels."""

    def __init__(self, path: Path, header: Header, frames: int, channels: int) -> None:
        self.path, self.frames, self.channels = path, frames, channels
        self.processor = header.processor
        self.per_frame = header.samples_per_frame
        self.width = 4 if header.scale < 0 else 2
        self.before = header.points * 4 * self.width
        self.frame_bytes = self.before + header.analog_per_frame * self.width
        block = int(header.number("POINT", "DATA_START", 0)) % 65536 or header.data_block
        self.start = (block - 1) * BLOCK
        texts = header.texts("ANALOG", "FORMAT")
        self.unsigned = bool(texts) and texts[0].strip().upper() == "UNSIGNED"
        general = header.number("ANALOG", "GEN_SCALE", 1.0)
        self.scale = _padded(header.numbers("ANALOG", "SCALE"), channels, 1.0) * general
        offset = _padded(header.numbers("ANALOG", "OFFSET"), channels, 0.0)
        self.offset = offset % 65536 if self.unsigned else offset

    def check(self, size: int) -> None:
        """Raise InputError where the file does not hold what it announces."""
        if self.frames <= 0:
            raise broken(self.path, f"it announces {self.frames} frames")
        if self.start < BLOCK:
            raise broken(self.path, "its data section lies inside the header")
        held = max(size - self.start, 0) // self.frame_bytes
        if held < self.frames:
            raise broken(self.path, f"it announces {self.frames} frames and holds {held}, so it was cut off")
        if not (np.isfinite(self.scale).all() and np.isfinite(self.offset).all()):
            raise broken(self.path, "an analogue scale is not a number")

    def reader(self, channel: int) -> Callable[[], np.ndarray]:
        """Return the function that reads one channel."""
        return lambda: self.read(channel)

    def read(self, channel: int) -> np.ndarray:
        """Return one channel (frames * per_frame,), in its unit."""
        out = np.empty(self.frames * self.per_frame)
        step = max(1, PIECE // self.frame_bytes)
        with self.path.open("rb") as file:
            file.seek(self.start)
            for at in range(0, self.frames, step):
                count = min(step, self.frames - at)
                raw = np.frombuffer(file.read(count * self.frame_bytes), dtype=np.uint8)
                if raw.size < count * self.frame_bytes:
                    raise InputError(f"{self.path.name} became shorter while it was read; copy it again.")
                rows = raw.reshape(count, self.frame_bytes)[:, self.before :]
                one = rows.reshape(count, self.per_frame, self.channels, self.width)[:, :, channel]
                out[at * self.per_frame : (at + count) * self.per_frame] = self._numbers(np.ascontiguousarray(one))
        out -= self.offset[channel]
        out *= self.scale[channel]
        return out

    def _numbers(self, raw: np.ndarray) -> np.ndarray:
        flat = raw.reshape(-1)
        if self.width == 4:
            return floats(flat, self.processor)
        kind = "u2" if self.unsigned else "i2"
        return flat.view((">" if self.processor == MIPS else "<") + kind).astype(np.float64)


def _padded(values: np.ndarray, count: int, filler: float) -> np.ndarray:
    full = np.full(count, filler)
    full[: min(count, values.size)] = values[:count]
    return full


def _plate_channels(header: Header) -> set[int]:
    """Return the indices of the analogue channels that belong to force plates."""
    used = int(header.number("FORCE_PLATFORM", "USED", 0))
    channels = header.numbers("FORCE_PLATFORM", "CHANNEL")
    if used <= 0 or not channels.size:
        return set()
    return {int(c) - 1 for c in channels if math.isfinite(c) and c > 0}


def _events(path: Path, header: Header) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Return the events of the EVENT group in order of time; times are (minutes, seconds) pairs."""
    used = int(header.number("EVENT", "USED", 0))
    labels, contexts = header.texts("EVENT", "LABELS"), header.texts("EVENT", "CONTEXTS")
    times = header.numbers("EVENT", "TIMES")
    count = min(used, len(labels), times.size // 2)
    events = []
    for i in range(max(count, 0)):
        time = float(times[2 * i] * 60.0 + times[2 * i + 1])
        if math.isfinite(time):
            events.append(Event(labels[i], round(time, 6), side_word(contexts[i]) if i < len(contexts) else None))
    notes: tuple[str, ...] = ()
    if len(events) < used:
        notes = (f"{path.name} announces {used} events, {len(events)} of them complete; the others were left out.",)
    return tuple(sorted(events, key=lambda e: e.time)), notes

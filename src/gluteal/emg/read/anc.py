"""ANC: the analogue file of Motion Analysis systems, converter counts in text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from gluteal.emg.read.contents import (
    COUNTS,
    Contents,
    Signal,
    check_channel_count,
    check_rate,
    unique_names,
)
from gluteal.emg.read.spool import Spool
from gluteal.emg.read.text_rows import RowLayout, number_of, read_head, read_text_rows, split
from gluteal.errors import InputError

#: First words of the file.
MAGIC = "File_Type:"


def read_anc(path: Path, size: int) -> Contents:
    """Return the channels of an ANC file in mV.

    The converter spans +-Range (mV, one per channel) with 2^BitDepth counts, so

        value = counts x 2 Range / (2^BitDepth - 1)        [mV]

    which is the scale that the C3D export of the same recording carries. Where the header states no bit
    depth or range the samples stay counts.

    Raises
    ------
    InputError
        No line of names, a rate that is none, rows that are no numbers.
    """
    lines = read_head(path)
    at = next((i for i, line in enumerate(lines) if line.split("\t")[0].strip().lower() == "name"), None)
    if at is None:
        raise InputError(f"{path.name} has no line that starts with 'Name'; this is no ANC file: export it again.")
    names = [c for c in split(lines[at], "\t")[1:] if c]
    check_channel_count(path, len(names))
    rows = {cells[0].lower(): cells[1:] for line in lines[at + 1 : at + 6] if (cells := split(line, "\t"))[0]}
    ends = [
        i for i in range(at, min(at + 6, len(lines))) if split(lines[i], "\t")[0].lower() in ("name", "rate", "range")
    ]
    rates = [check_rate(path, v) for v in _numbers(path, rows.get("rate", []), "Rate")[: len(names)]]
    bits, precise = _stated(lines[:at], "BitDepth:"), _stated(lines[:at], "PreciseRate:")
    if len(rates) < len(names):
        if precise is None:
            raise InputError(f"{path.name} states no rate for each of its {len(names)} channels; export it again.")
        rates = [check_rate(path, precise)] * len(names)
    if len(set(rates)) > 1:
        raise InputError(f"{path.name} has channels of several rates in one table, which cannot be; export it again.")
    ranges = _numbers(path, rows.get("range", []), "Range")
    if bits is not None and not (bits == int(bits) and 1 <= bits <= 32):
        raise InputError(f"{path.name} states a bit depth of {bits:g}; 8 to 24 exist: export it again.")
    spool = read_text_rows(path, RowLayout("\t", ".", ends[-1] + 1, len(names) + 1))
    rate = rates[0] if precise is None or round(precise) != round(rates[0]) else check_rate(path, precise)
    start = float(spool.column(0)[0])
    if not np.isfinite(start):
        raise InputError(f"{path.name}: the first time stamp is no number; export it again.")
    signals = []
    for i, name in enumerate(unique_names(names)):
        span = ranges[i] if i < len(ranges) else None
        known = bits is not None and span is not None and span > 0
        scale = 2.0 * span / (2.0**bits - 1.0) if known and span is not None and bits is not None else 1.0
        unit = "mV" if known else COUNTS
        signals.append(Signal(name, unit, rate, start, spool.rows, _reader(spool, i + 1, scale)))
    settings = {"bit_depth": bits, "range_mv": dict(zip(names, ranges, strict=False))}
    return Contents("ANC", tuple(signals), (), (), settings)


def _reader(spool: Spool, column: int, scale: float) -> Callable[[], np.ndarray]:
    return lambda: spool.column(column) * scale


def _numbers(path: Path, cells: list[str], what: str) -> list[float]:
    found = []
    for cell in cells:
        if not cell:
            break
        value = number_of(cell, ".")
        if value is None or not np.isfinite(value):
            raise InputError(f"{path.name}: {cell[:40]!r} in the line {what!r} is no number; export the file again.")
        found.append(value)
    return found


def _stated(lines: list[str], key: str) -> float | None:
    for line in lines:
        cells = split(line, "\t")
        if key in cells[:-1]:
            value = number_of(cells[cells.index(key) + 1], ".")
            return value if value is not None and np.isfinite(value) else None
    return None

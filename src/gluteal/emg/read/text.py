"""CSV and TSV as measurement systems export them: Delsys, Noraxon, and all with a column per channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from gluteal.emg.read.contents import (
    UNKNOWN_UNIT,
    Contents,
    Signal,
    check_channel_count,
    check_rate,
    rate_of_times,
    unique_names,
)
from gluteal.emg.read.text_header import COUNTER, Column, TableHeader, read_table_header
from gluteal.emg.read.text_rows import read_head, read_text_rows
from gluteal.emg.read.tidy import Tidied, tidy_text
from gluteal.errors import InputError

#: A stated rate and the time stamps may differ by this share before it is worth a warning: stamps are
#: rounded.
RATE_TOLERANCE = 1e-3
#: Stamps without a unit that step by this much or more are no seconds: EMG has more samples than five a second.
#: Own choice.
LONGEST_STEP = 0.2
#: Units of time stamps, s.
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0}


@dataclass(frozen=True)
class _Clock:
    rate: float
    start: float
    length: int


def read_csv(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of a table of text, gzipped or not.

    Separator, decimal sign, header lines, names, units and rates are found out. Time comes from a time column
    (each channel may have its own), else from a rate that a line or the column itself states, else from `rate`, Hz.

    Raises
    ------
    InputError
        No table, a cell that is no number, uneven or missing time.
    """
    return read_table(path, path, "CSV", rate=rate)


class Source(Protocol):
    """Columns of one table, read one at a time."""

    rows: int

    def column(self, index: int) -> np.ndarray:
        """Return one column (rows,), float64."""


def read_table(path: Path, text: Path, kind: str, *, rate: float | None = None) -> Contents:
    """Return the channels of a table of text that a file `path` is or was turned into; errors as `read_csv`."""
    tidied = tidy_text(text)
    text = text if tidied is None else tidied.path
    header = read_table_header(text, read_head(text), least=0 if tidied is None else tidied.columns)
    if tidied is not None:
        header = replace(header, columns=_noted(header.columns, tidied))
    timed = any(c.time_unit for c in header.columns)
    if rate is not None and not timed and header.rate is None:
        header = replace(header, rate=check_rate(path, rate))
    check_channel_count(path, len(header.columns))
    contents = arrange_table(path, header, read_text_rows(text, header.layout), kind)
    return contents if tidied is None else tidied.beside(contents)


def _noted(columns: Sequence[Column], tidied: Tidied) -> tuple[Column, ...]:
    """Return the columns with what putting the text straight found out about them."""
    return tuple(
        Column(c.name, "s", time_unit="s")
        if i in tidied.clocks
        else replace(c, nothing=tidied.empty[i], time_unit=None)
        if i in tidied.empty
        else c
        for i, c in enumerate(columns)
    )


def arrange_table(path: Path, header: TableHeader, spool: Source, kind: str) -> Contents:
    """Return the channels of a table, whatever format it was in.

    Raises
    ------
    InputError
        No channel, uneven or missing time.
    """
    clocks: dict[int | None, _Clock] = {}
    notes: list[str] = []
    names = unique_names([c.name for c in header.columns])
    signals: list[Signal] = []
    dropped: list[tuple[str, str]] = []
    time: int | None = None
    times = [i for i, c in enumerate(header.columns) if c.time_unit]
    for i, column in enumerate(header.columns):
        if column.time_unit:
            time = i
            continue
        if column.nothing is not None:
            dropped.append((names[i], column.nothing))
            continue
        if _counts(column, spool, i):
            column = replace(column, emg=False, why=COUNTER)
        mine = time if time is not None else (times[0] if times else None)
        clock, warning = _clock(path, header, spool, mine, column, clocks)
        if warning and warning not in notes:
            notes.append(warning)
        signals.append(
            Signal(
                names[i],
                column.unit,
                clock.rate,
                clock.start,
                clock.length,
                _reader(spool, i, clock.length),
                emg=column.emg,
                why=column.why,
            )
        )
    if all(s.why is not None for s in signals):
        words = "".join(f" Column {name!r} was left out: {why}." for name, why in dropped[:3])
        raise InputError(f"{path.name} has a time column and no channel; export it with its channels.{words}")
    settings = {"separator": header.layout.separator or "blanks", "decimal": header.layout.decimal}
    return Contents(kind, tuple(signals), (), tuple(notes), settings, dropped=tuple(dropped))


def _in_seconds(path: Path, column: Column, stamps: np.ndarray) -> tuple[np.ndarray, str | None]:
    """Return stamps in s; without a unit and with steps too far for EMG they are in ms or us, and a note says so."""
    step = float(np.nanmedian(np.diff(stamps[:1000]))) if stamps.size > 1 else 0.0
    if column.unit not in ("", UNKNOWN_UNIT) or not LONGEST_STEP <= step <= 1e6 * LONGEST_STEP:
        return stamps, None
    unit = "ms" if step <= 1e3 * LONGEST_STEP else "us"
    told = f"{path.name}: the time column {column.name!r} states no unit and steps by {step:g}; it was read as {unit}."
    return stamps * SECONDS[unit], told


def _counts(column: Column, spool: Source, index: int) -> bool:
    """Whether a column without a name is the number of the row, as programs write it beside a table."""
    if column.name and not column.name.lower().startswith("unnamed"):
        return False
    values = spool.column(index)
    return values.size > 1 and bool(np.all(np.diff(values) == 1.0))


def _reader(spool: Source, index: int, length: int) -> Callable[[], np.ndarray]:
    return lambda: spool.column(index)[:length]


def _clock(
    path: Path,
    header: TableHeader,
    spool: Source,
    time: int | None,
    column: Column,
    known: dict[int | None, _Clock],
) -> tuple[_Clock, str | None]:
    stated = column.rate if column.rate is not None else header.rate
    if stated is not None:
        check_rate(path, stated)
    if time is None:
        if stated is None:
            raise InputError(
                f"{path.name} has neither a time column nor a sampling rate; add a column 'time (s)' or a "
                "line such "
                "as 'Sampling rate: 2000 Hz' above the table (or say --rate 2000)."
            )
        return _Clock(stated, column.start or 0.0, spool.rows), None
    if time not in known:
        stamps = spool.column(time) * SECONDS[str(header.columns[time].time_unit)]
        filled = np.flatnonzero(~np.isnan(stamps))
        # Channels of a lower rate end earlier: their cells are empty from there on.
        stamps = stamps[: int(filled[-1]) + 1] if filled.size else stamps[:0]
        stamps, note = _in_seconds(path, header.columns[time], stamps)
        rate = rate_of_times(path, stamps, stated)
        known[time] = _Clock(rate, float(stamps[0]), stamps.size)
        if note is not None:
            return known[time], note
    clock = known[time]
    if stated is not None and abs(clock.rate - stated) > RATE_TOLERANCE * stated:
        return clock, (
            f"{path.name} states {stated:g} Hz, but its time column runs at {clock.rate:g} Hz; the time "
            "column was used."
        )
    return clock, None

"""What stands above the numbers in an exported table: names, units, rates, whichever system wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gluteal.emg.labels import read_label
from gluteal.emg.read.contents import COUNTS, EMG_UNITS, UNKNOWN_UNIT, unit_of
from gluteal.emg.read.stated import stated_rate, stated_unit
from gluteal.emg.read.text_rows import RowLayout, number_of, split
from gluteal.errors import InputError

#: How exports separate cells and write decimals; of two that fit, the one with more columns is right.
_STYLES: tuple[tuple[str | None, str], ...] = (
    ("\t", "."), ("\t", ","), (";", "."), (";", ","), (",", "."), (None, "."), (None, ","),
)  # fmt: skip
#: Rows looked at to find out how numbers are written, and rows that must be numbers in a row to be the table.
_SEEN, _IN_A_ROW = 300, 12
_OTHER_UNITS = frozenset(
    (
        *("s", "ms", "sec", "min", "hz", "g", "m/s^2", "m/s2", "m/s²", "deg", "°", "deg/s", "°/s", "rad", "n"),
        *("nm", "nmm", "n*m", "n·m", "mm", "cm", "m", "m/s", "km/h", "kg", "mg", "lbs", "ut", "bpm", "c", "°c", "ohm"),
        *(
            "kohm",
            "us",
            "µs",
            "usiemens",
            "microsiemens",
            "rpm",
            "w",
            "pa",
            "kpa",
            "bar",
            "mmhg",
            "l",
            "l/s",
            "m/(s^2)",
        ),
    )
)

#: Letters in brackets behind a muscle's name that are its side, and elsewhere units: "VL (L)", "Grand fessier (G)".
_SIDE_LETTERS = frozenset("LG")
_HERTZ = re.compile(r"^([0-9][0-9.,]*(?:e[+-]?\d+)?)\s*(k?hz)$", re.IGNORECASE)
_PERIOD = re.compile(r"^[0-9][0-9.,]*(?:e[+-]?\d+)?\s*s$", re.IGNORECASE)
_DELSYS = re.compile(
    r"Label:\s*(?P<label>.+?)\s+Sampling frequency:\s*(?P<rate>\S+)\s+Number of points:\s*\S+"
    r"\s+start:\s*(?P<start>\S+)\s+Unit:\s*(?P<unit>.*?)\s+Domain Unit:\s*\S+"
)
_TIME = re.compile(
    r"^(?:x|t|(?:elapsed |relative )?time(?:\s*stamp)?s?|zeit|temps|tiempo|tempo|tijd|czas|tid|時間|时间|"
    r".*\btime series|\w*time_?stamp(?:_\w+)??|"
    r"sec|seconds?|ms|msec|milliseconds?)"
    r"\s*[,;:/_]?\s*(?:in\s+)?[\[(]?\s*(s|sec|ms|msec|us|µs|μs|seconds?|milliseconds?|microseconds?)?\s*[\])]?$",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"^(?:frames?|samples?|nseq|index|item|no\.?|#|row|sub\s?frame)(?:\s*(?:#|no\.?|number))?$", re.IGNORECASE
)


#: What a column of counted samples is.
COUNTER = "it counts samples"
#: Time per sample, as AcqKnowledge writes it, and what it calls units of time above the column.
_PER_SAMPLE = re.compile(
    r"([0-9]*\.?[0-9]+(?:e[+-]?\d+)?)\s*(?:(msec|sec|usec|ms|us|s)/sample|(k?hz|samples?/s(?:ec(?:ond)?)?))$",
    re.IGNORECASE,
)
_TIME_UNITS = {"min": "min", "sec": "s", "s": "s", "msec": "ms", "ms": "ms", "milliseconds": "ms", "minutes": "min"}


@dataclass(frozen=True)
class Column:
    """One column: a channel, a time ("s", "ms" or "min" in `time_unit`), or what `why` says is no signal.

    `emg` is what the export says about the kind, as `gluteal.emg.read.contents.Signal`; `nothing` says why a column has
    no numbers at all.
    """

    name: str
    unit: str
    rate: float | None = None
    start: float | None = None
    time_unit: str | None = None
    emg: bool | None = None
    why: str | None = None
    nothing: str | None = None


@dataclass(frozen=True)
class TableHeader:
    """How to read the rows, what the columns are, and the rate that a line of the header states, Hz."""

    layout: RowLayout
    columns: tuple[Column, ...]
    rate: float | None


def read_frame_header(names: Sequence[str], rate: float | None) -> TableHeader:
    """Return what the columns of a table without lines above it are; `rate` is what the file states beside it, Hz."""
    columns = tuple(_column(name, "", None, "", {}) for name in names)
    return TableHeader(RowLayout(None, ".", 0, len(columns)), columns, rate)


def read_table_header(path: Path, lines: Sequence[str], *, least: int = 0) -> TableHeader:
    """Find the table of numbers in a text file, and the names, units and rates above it.

    `least` is how many columns there are at least, where the last may be empty.

    Raises
    ------
    InputError
        Where there is no table of numbers.
    """
    layout = find_table(path, lines)
    layout = replace(layout, columns=max(layout.columns, least))
    for known in (read_opensignals_header, read_acqknowledge_header):
        if (found := known(lines, layout)) is not None:
            return found
    above = [line for line in lines[: layout.header_lines] if line.strip()]
    delsys = {m["label"]: m for line in above if (m := _DELSYS.search(line))}
    rows = [split(line.lstrip("#"), layout.separator) for line in above if not _DELSYS.match(line)]
    rows = [_trim(row) for row in rows]
    wide = [r for r in rows if layout.columns - 1 <= len(r) <= layout.columns + 1 and len(r) > (layout.columns > 1)]
    names: list[str] = []
    units: list[str] = []
    rates: list[float | None] = []
    for row in reversed(wide):
        told = [c for c in row if c]
        if all(_HERTZ.match(c) or _PERIOD.match(c) for c in told):
            if any(_HERTZ.match(c) for c in told):
                rates = [_hertz(c, layout.decimal) for c in row]
        elif not names and not units and all(_is_unit(c) for c in told):
            units = row
        elif not names and all(number_of(c, layout.decimal) is None for c in told):
            names = row
    sensors = _sensor_names(rows, names, layout.columns)
    columns = tuple(
        _column(_at(names, i), _at(units, i), rates[i] if i < len(rates) else None, sensors[i], delsys)
        for i in range(layout.columns)
    )
    if (unit := stated_unit(above)) != UNKNOWN_UNIT:
        columns = tuple(replace(c, unit=unit) if c.unit == UNKNOWN_UNIT and not c.time_unit else c for c in columns)
    return TableHeader(layout, columns, None if delsys else stated_rate(above, layout.decimal))


def read_opensignals_header(lines: Sequence[str], layout: RowLayout) -> TableHeader | None:
    """Header of a text export of OpenSignals: a line of JSON with columns, sensors and rate; None where it is none."""
    if not lines or not lines[0].startswith("# OpenSignals"):
        return None
    try:
        devices = json.loads(lines[1].lstrip("# "))
        columns = [c for device in devices.values() for c in _opensignals_columns(device)]
        rate = float(next(iter(devices.values()))["sampling rate"])
    except (IndexError, ValueError, TypeError, KeyError, AttributeError, StopIteration):
        return None
    return TableHeader(layout, tuple(columns), rate) if len(columns) == layout.columns else None


def _opensignals_columns(device: dict[str, Any]) -> list[Column]:
    sensors = dict(zip(map(str, device["label"]), map(str, device["sensor"]), strict=False))
    found = []
    for name in map(str, device["column"]):
        kind = sensors.get(name)
        if kind is None:
            why = COUNTER if _COUNTER.match(name) else "it is the recorder's digital line"
            found.append(Column(name, "1", emg=False, why=why))
        else:
            other = None if kind.upper() in ("EMG", "RAW", "UNKNOWN", "CUSTOM") else f"its sensor is {kind}, not EMG"
            emg = True if kind.upper() == "EMG" else None if other is None else False
            found.append(Column(name, COUNTS, emg=emg, why=other))
    return found


def read_acqknowledge_header(lines: Sequence[str], layout: RowLayout) -> TableHeader | None:
    """Header of a text export of AcqKnowledge: time per sample, number of channels, name and unit of each; or None.

    Below stand the names of the columns and a row with the number of samples of each, which is no sample.
    """
    above = [line.strip() for line in lines[: layout.header_lines + 2]]
    for i, line in enumerate(above[:-1]):
        period, count = _PER_SAMPLE.match(line), re.match(r"(\d+) channels?$", above[i + 1])
        if period is None or count is None:
            continue
        told = above[i + 2 : i + 2 + 2 * int(count[1])]
        if len(told) < 2 * int(count[1]) or layout.columns - int(count[1]) not in (0, 1):
            return None
        channels = [Column(n, unit_of(u)) for n, u in zip(told[::2], told[1::2], strict=True)]
        at = i + 2 + len(told)
        time = layout.columns > len(channels)
        first = split(lines[at], layout.separator)[0].strip().lower() if at < len(lines) else ""
        columns = [Column("time", "s", time_unit=_TIME_UNITS.get(first, "s"))] if time else []
        skipped = max(layout.header_lines, at)
        while skipped < len(lines) and _is_count_row(lines[skipped], layout, time):
            skipped += 1
        if skipped == at + 1 and skipped < len(lines) and not time and _are_counts(lines[skipped], layout):
            skipped += 1
        rate = _acqknowledge_rate(period)
        return TableHeader(replace(layout, header_lines=skipped), (*columns, *channels), rate)
    return None


def _are_counts(line: str, layout: RowLayout) -> bool:
    """Whether a row below the names "CH1, CH2" says how many samples each has; there is no time before it to tell."""
    numbers = [number_of(c, layout.decimal) for c in _trim(split(line, layout.separator))]
    return bool(numbers) and all(n is not None and n > 1.0 and n == round(n) for n in numbers)


def _acqknowledge_rate(told: re.Match[str]) -> float | None:
    value = float(told[1])
    if told[3]:
        return value * (1e3 if told[3].lower() == "khz" else 1.0)
    scale = {"usec": 1e-6, "us": 1e-6, "msec": 1e-3, "ms": 1e-3}.get(told[2].lower(), 1.0)
    return 1.0 / (value * scale) if value > 0.0 else None


def _is_count_row(line: str, layout: RowLayout, time: bool) -> bool:
    """Whether a line below the names is no sample: words, or counts without a time before them."""
    cells = split(line, layout.separator)
    if any(c and number_of(c, layout.decimal) is None for c in cells):
        return True
    return time and bool(cells) and not cells[0].strip()


def find_table(path: Path, lines: Sequence[str]) -> RowLayout:
    """Return how the rows of numbers are written and where they begin."""
    best: tuple[int, RowLayout] | None = None
    for separator, decimal in _STYLES:
        layout = _fit(lines, separator, decimal)
        if layout is not None and (best is None or layout.columns > best[0]):
            best = (layout.columns, layout)
    if best is None:
        raise InputError(
            f"{path.name} holds no table of numbers (columns separated by tab, ';', ',' or blanks); export "
            "the "
            "recording as CSV with one column per channel."
        )
    return best[1]


def _fit(lines: Sequence[str], separator: str | None, decimal: str) -> RowLayout | None:
    run = columns = start = 0
    above: list[str] = []
    last = max((i for i, line in enumerate(lines) if line.strip()), default=-1)
    for i, line in enumerate(lines[: last + 1]):
        if not line.strip():
            continue
        cells = _trim(split(line, separator))
        numbers = bool(cells) and all(number_of(c, decimal) is not None for c in cells)
        if numbers and any(c for c in cells):
            if not run:
                # Where the last columns have a lower rate, their first cells may be empty, but for their names.
                start, columns = i, min(len(split(line, separator)), len(above)) if all(above) else 0
            # Cells at the end of the first rows may be empty; a row that is wider further down is a fault.
            columns = max(columns, len(cells)) if run < _IN_A_ROW else columns
            run += 1
            if run >= _SEEN:
                break
        elif run >= _IN_A_ROW:
            break  # a later fault of the table: reading the rows names it
        else:
            run, columns, above = 0, 0, cells
    return RowLayout(separator, decimal, start, columns) if run and columns else None


def _trim(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _at(cells: Sequence[str], i: int) -> str:
    return cells[i] if i < len(cells) else ""


def _is_unit(text: str) -> bool:
    unit = unit_of(text)
    return unit in EMG_UNITS or unit.lower() in _OTHER_UNITS


def _hertz(cell: str, decimal: str) -> float | None:
    match = _HERTZ.match(cell)
    value = number_of(match[1], decimal) if match else None
    return None if value is None or match is None else value * (1e3 if match[2].lower() == "khz" else 1.0)


def _sensor_names(rows: Sequence[list[str]], names: Sequence[str], columns: int) -> list[str]:
    """Return the sensor above each column: Trigno Discover writes it once, over the first of its columns."""
    none = [""] * columns
    if not any("time series" in n.lower() for n in names):
        return none
    for row in rows:
        if row is names:
            break
        if len([c for c in row if c]) and not any(":" in c for c in row) and len(row) <= columns:
            filled, last = [], ""
            for i in range(columns):
                last = _at(row, i) or last
                filled.append(last)
            return filled
    return none


def _column(name: str, unit: str, rate: float | None, sensor: str, delsys: dict[str, re.Match[str]]) -> Column:
    if inside := _DELSYS.search(name):
        delsys, name = {inside["label"]: inside}, inside["label"]
    if time := _TIME.match(name):
        said = (time[1] or (name if name.lower().startswith(("sec", "ms", "milli")) else unit_of(unit))).lower()
        milli, micro = said.startswith(("ms", "milli")), said.startswith(("us", "µs", "μs", "micro"))
        return Column(name, said, time_unit="ms" if milli else "us" if micro else "s")
    if _COUNTER.match(name):
        return Column(name, "1", emg=False, why=COUNTER)
    if name in delsys:
        m = delsys[name]
        return Column(name, unit_of(m["unit"]), number_of(m["rate"], "."), number_of(m["start"], "."))
    plain, inner = split_unit(name)
    full = f"{sensor} {plain}".strip()
    return Column(full, unit_of(unit) if unit else inner, rate)


def split_unit(name: str) -> tuple[str, str]:
    """Return a column's name without the unit written into it, and that unit.

    >>> split_unit("RT GLUT. MAX.,uV"), split_unit("EMG 1 (mV)"), split_unit("L_GMED")
    (('RT GLUT. MAX.', 'uV'), ('EMG 1', 'mV'), ('L_GMED', 'unknown'))
    """
    match = re.match(r"^(.*?)\s*[\[(]([^\[\]()]{1,12})[\])]$", name) or re.match(
        r"^(.+?)\s*[,;_ ]\s*([^,;_ ]{1,8})$", name
    )
    if match and match[1] and match[2] not in ("1",) and _is_unit(match[2]):
        if match[2] in _SIDE_LETTERS and read_label(match[1]).side is None:
            whole = read_label(name)
            if whole.muscle is not None and whole.side is not None:
                return name, UNKNOWN_UNIT
        unit = unit_of(match[2])
        # A bare letter behind the name is a word of it ("Sensor M", "VL s"), not metres or seconds.
        if unit != UNKNOWN_UNIT and (len(unit) > 1 or unit in "V%" or name[-1] in ")]"):
            return match[1].strip(), unit
    return name, UNKNOWN_UNIT

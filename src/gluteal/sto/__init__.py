"""OpenSim tables (.sto, .mot, also gzipped): read whatever is out there, write clean ones.

In: what a table holds, and its way from and to a file. Out: what its columns mean.

A table is a header of ``key=value`` lines that ends in ``endheader``, one line of labels that starts with
``time``, and rows of numbers. Real files announce wrong sizes, repeat time stamps, break off in the middle, part
their columns by tabs, blanks, semicolons or commas, write 3,5 for 3.5; what can be repaired safely is repaired and
reported in `Table.warnings`, the rest raises InputError.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gluteal.errors import InputError, close_names
from gluteal.files import open_text, write_text
from gluteal.sto.rows import (
    LONGEST_HEADER,
    compare_sizes,
    decode_table,
    read_sto_header,
    read_sto_rows,
    read_text,
    replace_decimal_commas,
    split_labels,
)

#: File endings of tables.
ENDINGS = (".sto", ".mot", ".sto.gz", ".mot.gz")

# Bytes of one line of a header: a thousand labels fit.
_LONGEST_LINE = 2**20

_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


@dataclass(frozen=True)
class Table:
    """One .sto or .mot file.

    Attributes
    ----------
    path : Path
    header : mapping of str -> str
        The ``key=value`` lines, keys in lower case.
    columns : tuple of str
        Labels as written, without ``time``.
    time : (T,) s, strictly increasing
    values : (T, C), units as in the file (angles as `in_degrees` says)
    lines : (T,) int, line of the file that each row came from
    warnings : tuple of str
        What was repaired.
    """

    path: Path
    header: Mapping[str, str]
    columns: tuple[str, ...]
    time: np.ndarray
    values: np.ndarray
    lines: np.ndarray
    warnings: tuple[str, ...] = field(default=())

    @property
    def in_degrees(self) -> bool | None:
        """What the header says about angles; None where it says nothing (OpenSim then reads radians)."""
        given = self.header.get("indegrees", "").lower()
        return True if given in _YES else False if given in _NO else None

    @property
    def is_first_motion(self) -> bool:
        """Whether it is a motion file of the first kind, without a version, whose angles OpenSim takes for degrees."""
        return self.path.name.lower().removesuffix(".gz").endswith(".mot") and "version" not in self.header

    @property
    def rate(self) -> float:
        """Median sampling rate, Hz."""
        return float(1.0 / np.median(np.diff(self.time)))

    def column(self, name: str) -> np.ndarray:
        """Return one column (T,); raises InputError with the close names where it is missing."""
        if name not in self.columns:
            near = close_names(name, self.columns)
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise InputError(
                f"{self.path.name} has no column {name!r}.{hint} "
                f"Add the column, or name the right one of its {len(self.columns)}."
            )
        return self.values[:, self.columns.index(name)]

    def shifted(self, offset: float) -> Table:
        """Return the table with `offset` (s) taken from its clock, if it counts from before that."""
        return self if self.time[0] < offset / 2 else replace(self, time=self.time - offset)

    def take(self, rows: np.ndarray) -> Table:
        """Return the table with some of its rows, (T,) bool."""
        return replace(self, time=self.time[rows], values=self.values[rows], lines=self.lines[rows])

    def check_finite(
        self, columns: Sequence[str], window: tuple[float, float] | None = None, *, where: np.ndarray | None = None
    ) -> None:
        """Raise InputError where one of `columns` is not a number inside `window` (s), and in the rows `where` (T,)."""
        t0, t1 = window or (-np.inf, np.inf)
        rows = (self.time >= t0) & (self.time <= t1) & (True if where is None else where)
        for name in columns:
            bad = np.flatnonzero(rows & ~np.isfinite(self.column(name)))
            if bad.size:
                raise InputError(
                    f"{self.path.name}, line {self.lines[bad[0]]}, column {name!r}: not a number at "
                    f"{self.time[bad[0]]:g} s ({bad.size} such values); fill the gap in the file, or choose "
                    "a time window without it."
                )


def load_table(path: str | Path) -> Table:
    """Read a .sto or .mot file, gzipped or not.

    Rows are sorted by time, and of rows with the same time stamp the first is kept (with a warning). A header
    that announces another number of rows than the file has gives a warning as long as every row is complete.

    Raises
    ------
    InputError
        Missing or empty file, no header end, a row with another number of values than labels, a value that
        is no number; the message names file, line and remedy.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "a.sto"
    >>> save_table(file, [0.0, 0.1], ["knee_angle_r"], [[0.2], [0.3]])
    >>> load_table(file).column("knee_angle_r").tolist()
    [0.2, 0.3]
    """
    path = Path(path)
    text = read_text(path).splitlines()
    header, labels_at, notes = read_sto_header(path, text)
    labels, separator = split_labels(text, labels_at)
    columns = tuple(labels[1:])
    repeated = sorted({c for c in columns if columns.count(c) > 1})
    if repeated:
        raise InputError(
            f"{path.name}, line {labels_at + 1}: column {repeated[0]!r} appears more than once; rename or "
            "remove one of them."
        )
    if separator != "," and (told := replace_decimal_commas(path, text, labels_at + 1)):
        notes.append(told)
    numbers, lines = read_sto_rows(path, text, labels_at + 1, labels, separator)
    notes += compare_sizes(path, header, rows=len(numbers), columns=len(labels))
    time = numbers[:, 0]
    if not np.all(np.isfinite(time)):
        line = lines[int(np.flatnonzero(~np.isfinite(time))[0])]
        raise InputError(f"{path.name}, line {line}: the time stamp is not a number; delete that row.")
    if np.any(np.diff(time) < 0):
        order = np.argsort(time, kind="stable")
        numbers, lines, time = numbers[order], lines[order], time[order]
        notes.append(f"{path.name}: the rows were not in order of time; they were sorted.")
    fresh = np.concatenate([[True], np.diff(time) > 0])
    if not fresh.all():
        other = ~fresh[1:] & (np.diff(numbers, axis=0) != 0.0).any(axis=1)
        if other.sum() > len(time) / 2:
            raise InputError(
                f"{path.name}: {int(other.sum())} of {len(time)} rows have the time stamp of the row before with other "
                "values: the time was rounded; write it with more decimals."
            )
        notes.append(f"{path.name}: {int((~fresh).sum())} rows repeat a time stamp; the first of each was kept.")
        numbers, lines, time = numbers[fresh], lines[fresh], time[fresh]
    return Table(path, header, columns, time, numbers[:, 1:], lines, tuple(notes))


@dataclass(frozen=True)
class TableHead:
    """What stands above the rows of a table: its first line, its ``key=value`` lines, and its labels without time."""

    title: str
    header: Mapping[str, str]
    columns: tuple[str, ...]


def read_table_head(path: Path) -> TableHead:
    """Return what stands above the rows of a table; no columns where the file is no table."""
    try:
        with open_text(path) as file:
            head = [file.readline(_LONGEST_LINE) for _ in range(LONGEST_HEADER)]
        text = decode_table(b"".join(head)).splitlines()
        header, labels_at, _ = read_sto_header(path, text)
    except (InputError, OSError, EOFError, zlib.error):
        return TableHead("", {}, ())
    labels, _ = split_labels(text, labels_at)
    return TableHead(text[0].strip() if labels_at else "", header, tuple(labels[1:]))


def save_table(
    path: str | Path,
    time: Sequence[float] | np.ndarray,
    columns: Sequence[str],
    values: Sequence[Sequence[float]] | np.ndarray,
    *,
    name: str = "Coordinates",
    in_degrees: bool = False,
) -> None:
    """Write a table (T, C) that OpenSim and `load_table` read; numbers keep every digit."""
    values = np.asarray(values, float)
    if values.shape != (len(time), len(columns)):
        raise InputError(
            f"{Path(path).name}: values have shape {values.shape}, but {len(time)} times and {len(columns)} "
            "columns were given; pass one row per time and one column per name."
        )
    header = [name, "version=1", f"nRows={len(time)}", f"nColumns={len(columns) + 1}"]
    header += [f"inDegrees={'yes' if in_degrees else 'no'}", "endheader", "\t".join(["time", *columns])]
    rows = ["\t".join(repr(float(x)) for x in (t, *row)) for t, row in zip(time, values, strict=True)]
    write_text(path, "\n".join(header + rows) + "\n")

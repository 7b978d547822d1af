"""OpenSim tables (.sto, .mot, also gzipped): read whatever is out there, write clean ones.

A table is a header of ``key=value`` lines that ends in ``endheader``, one line of labels that starts with
``time``, and rows of numbers. Real files announce wrong sizes, repeat time stamps, break off in the middle, part
their columns by tabs, blanks, semicolons or commas, write 3,5 for 3.5; what can be repaired safely is repaired and
reported in `Table.warnings`, the rest raises InputError.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gluteal.errors import InputError, close_names
from gluteal.files import measure_text, open_input, open_text, read_number, write_text

#: File endings of tables.
ENDINGS = (".sto", ".mot", ".sto.gz", ".mot.gz")

#: What programs write instead of a number.
NOT_A_NUMBER = {"", "nan", "-nan", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#ind", "1.#ind"}

#: A file without an `endheader` line is given up after this many lines.
LONGEST_HEADER = 200
# Bytes of one line in it: a thousand labels fit.
_LONGEST_LINE = 2**20

#: No angle, force or time in any unit is larger than this; squares of larger numbers overflow.
MOST_VALUE = 1e30

#: What parts labels and values in a row, in the order of trying; None stands for any blanks.
SEPARATORS = ("\t", ";", ",", None)

_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")
_FORTRAN_EXPONENT = re.compile(r"(?<=[\d.])[dD](?=[+-]?\d+$)")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d*(?:[eE][+-]?\d+)?")


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


def read_text(path: Path) -> str:
    """Return a file's text, unzipped; InputError where it is missing, empty or a broken archive."""
    if not path.is_file():
        near = close_names(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else []
        hint = f" Close names there: {', '.join(near)}." if near else ""
        raise InputError(f"There is no file {path.name} in {path.parent}.{hint} Check the path.")
    try:
        if path.suffix == ".gz":
            measure_text(path)  # refuses what would fill the memory
            with open_text(path) as file:
                raw = file.read()
        else:
            with open_input(path) as file:
                raw = file.read()
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path.name} is a broken gzip archive ({error}); copy it again.") from error
    text = decode_table(raw)
    if not text.strip():
        raise InputError(f"{path.name} is empty; copy or export it again.")
    return text


def decode_table(raw: bytes) -> str:
    """Return the text of a file: UTF-16 where it says so (spreadsheets write it), UTF-8 otherwise."""
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def read_sto_header(path: Path, text: Sequence[str]) -> tuple[dict[str, str], int, list[str]]:
    """Return the header, the index of the line of labels, and warnings."""
    header: dict[str, str] = {}
    for i, raw in enumerate(text[:LONGEST_HEADER]):
        line = raw.strip()
        if line.lower() == "endheader":
            labels_at = next((k for k in range(i + 1, len(text)) if text[k].strip()), None)
            if labels_at is None:
                raise InputError(f"{path.name} ends after its header; export it again with its rows.")
            first = split_labels(text, labels_at)[0][0]
            if first.lower() != "time":
                raise InputError(
                    f"{path.name}, line {labels_at + 1}: the first column is {first!r}; it must be 'time'."
                )
            return header, labels_at, []
        if re.match(r"[\"']?time[\"']?[\s;,]", line.lower()) and is_number_row(text[i + 1 : i + 2]):
            return header, i, [f"{path.name} has no 'endheader' line; its labels were found on line {i + 1}."]
        key, equals, value = line.partition("=")
        if equals:
            header[key.strip().lower()] = value.strip()
    raise InputError(
        f"{path.name} has no 'endheader' line and no line of labels that starts with 'time'; this is not an "
        "OpenSim table (.sto, .mot), or its header was cut off."
    )


def is_number_row(lines: Sequence[str]) -> bool:
    """Whether the line begins with a number."""
    first = re.match(r"\s*([^\s;]+)", lines[0]) if lines else None
    try:
        return first is not None and bool(np.isfinite(float(first[1].split(",")[0])))
    except ValueError:
        return False


def split_row(line: str, separator: str | None) -> list[str]:
    r"""Return the fields of a line without the blanks around them and the empty ones at the end; one at least.

    >>> split_row("0.1\t 2.0 \t\t", "\t"), split_row(" time   a  b", None)
    (['0.1', '2.0'], ['time', 'a', 'b'])
    """
    fields = line.split() if separator is None else [field.strip() for field in line.strip("\r\n").split(separator)]
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    return fields or [""]


def split_labels(text: Sequence[str], at: int) -> tuple[list[str], str | None]:
    """Return the labels on line `at`, and what parts them: what gives as many labels as the next row has values."""
    line = text[at].strip("\r\n ")
    row = next((t for t in text[at + 1 :] if t.strip()), "")
    for separator in SEPARATORS:
        labels = [unquote(label) for label in split_row(line, separator)]
        if len(labels) > 1 and "" not in labels:
            fits = [s for s in dict.fromkeys((separator, None)) if len(split_row(row, s)) == len(labels)]
            if fits:
                return labels, fits[0]
    likely = "\t" if "\t" in line.strip() else None
    if likely is None and len(line.split()) == 1:
        likely = next((s for s in (";", ",") if s in line), None)
    return [unquote(label) for label in split_row(line, likely)], likely


def unquote(label: str) -> str:
    """Return a label without the quotation marks that spreadsheets put around it.

    >>> unquote('"hip_flexion_r"'), unquote("5' walk")
    ('hip_flexion_r', "5' walk")
    """
    return label[1:-1] if len(label) > 2 and label[0] == label[-1] and label[0] in "\"'" else label


def replace_decimal_commas(path: Path, text: list[str], start: int) -> str | None:
    """Write points for decimal commas, in place, where they can be nothing else; returns what to tell of it.

    Raises InputError where points and commas are mixed, or every comma could part thousands.
    """
    rows = range(start, len(text))
    with_comma = next((i for i in rows if "," in text[i]), None)
    if with_comma is None:
        return None
    fields = [f for i in rows if "," in text[i] for f in re.split(r"[\s;]+", text[i]) if "," in f]
    odd = next((f for f in fields if not _DECIMAL_COMMA.fullmatch(f)), None)
    pointed = next((i for i in rows if "." in text[i]), None)
    if odd is not None or pointed is not None:
        why = f"{odd!r} is no number" if odd is not None else f"line {(pointed or 0) + 1} has points"
        raise InputError(
            f"{path.name}, line {with_comma + 1}: {fields[0]!r} has a comma, but {why}, so it cannot be told whether "
            "commas are decimal; export the table with points for decimals and nothing between thousands."
        )
    if all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", f) for f in fields):
        raise InputError(
            f"{path.name}, line {with_comma + 1}: {fields[0]!r} could be a decimal comma or thousands, and so could "
            "every other comma of the file; export the table with points for decimals."
        )
    for i in rows:
        text[i] = text[i].replace(",", ".")
    return f"{path.name} writes decimals with a comma ({fields[0]}); they were read as such."


def read_sto_rows(
    path: Path, text: Sequence[str], start: int, labels: Sequence[str], separator: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers (T, 1 + C) and the file line of each row (T,)."""
    rows: list[list[float]] = []
    lines: list[int] = []
    last = max((i for i in range(start, len(text)) if text[i].strip()), default=start - 1)
    for i in range(start, last + 1):
        if not text[i].strip():
            continue
        fields = split_row(text[i], separator)
        if len(fields) < len(labels) and separator and text[i].strip("\r\n").count(separator) == len(labels) - 1:
            fields += [""] * (len(labels) - len(fields))  # gaps at the end
        if len(fields) != len(labels) and separator == "\t":
            fields = text[i].split()
        if len(fields) != len(labels):
            where = f"{path.name}, line {i + 1}: {len(fields)} values, but there are {len(labels)} labels"
            if separator == ",":
                where += " (a decimal comma cannot be told from one between values)"
            if i == last and len(fields) < len(labels):
                raise InputError(f"{where}; the file breaks off there: copy it again, or delete its last line.")
            raise InputError(f"{where}; repair or delete that row.")
        try:
            if "_" in text[i] or not text[i].isascii():
                raise ValueError("to be looked at one by one")
            rows.append([float(x) for x in fields])
        except ValueError:
            rows.append([to_number(x, path, i + 1, label) for x, label in zip(fields, labels, strict=True)])
        lines.append(i + 1)
    if len(rows) < 2:
        raise InputError(f"{path.name} has {len(rows)} rows of numbers; at least 2 are needed.")
    numbers = np.array(rows)
    if (huge := np.argwhere(np.isfinite(numbers) & (np.abs(numbers) > MOST_VALUE))).size:
        row, column = huge[0]
        raise InputError(
            f"{path.name}, line {lines[row]}, column {labels[column]!r}: {numbers[row, column]:g} is no measured "
            "number; repair that value."
        )
    return numbers, np.array(lines)


def to_number(field: str, path: Path, line: int, label: str) -> float:
    """Return a field as a number, NaN where a program wrote that it has none."""
    if field.lower() in NOT_A_NUMBER:
        return float("nan")
    try:
        return read_number(_FORTRAN_EXPONENT.sub("E", field))
    except ValueError as error:
        raise InputError(
            f"{path.name}, line {line}, column {label!r}: {field!r} is not a number; repair that value."
        ) from error


def compare_sizes(path: Path, header: Mapping[str, str], *, rows: int, columns: int) -> list[str]:
    """Return warnings where the header announces other sizes than the file has."""
    notes = []
    for keys, found, what in (
        (("nrows", "datarows"), rows, "rows"),
        (("ncolumns", "datacolumns"), columns, "columns"),
    ):
        announced = next((header[k] for k in keys if k in header), "")
        if announced.isdigit() and int(announced) != found:
            notes.append(f"{path.name}: the header announces {announced} {what}, the file has {found} complete ones.")
    return notes

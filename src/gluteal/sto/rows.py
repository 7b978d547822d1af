"""The text of an OpenSim table: its header, its labels, and its rows of numbers."""

from __future__ import annotations

import codecs
import re
import zlib
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gluteal.errors import InputError, close_names
from gluteal.files import check_there, measure_text, open_text, read_number

#: What programs write instead of a number.
NOT_A_NUMBER = {"", "nan", "-nan", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#ind", "1.#ind"}

#: A file without an `endheader` line is given up after this many lines.
LONGEST_HEADER = 200

#: No angle, force or time in any unit is larger than this; squares of larger numbers overflow.
MOST_VALUE = 1e30

#: Longest text, unzipped, and largest table of its numbers, bytes: half an hour of ground forces at 1 kHz.
LARGEST_TABLE = 512 * 2**20
#: Most lines: an hour at 1 kHz.
MOST_LINES = 2**22

#: What parts labels and values in a row, in the order of trying; None stands for any blanks.
SEPARATORS = ("\t", ";", ",", None)

_FORTRAN_EXPONENT = re.compile(r"(?<=[\d.])[dD](?=[+-]?\d+$)")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d*(?:[eE][+-]?\d+)?")


def read_text(path: Path) -> str:
    """Return a file's text, unzipped; InputError where it is missing, empty or a broken archive."""
    if not path.exists():
        near = close_names(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else []
        hint = f" Close names there: {', '.join(near)}." if near else ""
        raise InputError(f"There is no file {path.name} in {path.parent}.{hint} Check the path.")
    check_there(path, f"There is no file {path.name}.")
    size = measure_text(path)
    if size > LARGEST_TABLE:
        raise _too_long(path)
    try:
        with open_text(path) as file:
            raw = file.read(size)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path.name} is broken or cannot be read ({error}); copy it again.") from error
    if raw.count(b"\n") > MOST_LINES:
        raise _too_long(path)
    text = decode_table(raw)
    if not text.strip():
        raise InputError(f"{path.name} is empty; copy or export it again.")
    return text


def _too_long(path: Path) -> InputError:
    return InputError(
        f"{path.name} is too long: a table may have {LARGEST_TABLE >> 20} MB unzipped, as much again as numbers of 8 "
        f"bytes, and {MOST_LINES} lines. Cut it to the part that is looked at, or thin its rows."
    )


def decode_table(raw: bytes) -> str:
    r"""Return the text of a file: UTF-16 where it says so (spreadsheets write it) or is so, UTF-8 otherwise.

    >>> decode_table("time\tx".encode("utf-16-le"))
    'time\tx'
    """
    first = raw[:200]
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    for half, code in ((1, "utf-16-le"), (0, "utf-16-be")):  # the labels of a table are ASCII, whose other byte is 0
        if len(first) > 1 and not any(first[half::2]) and all(first[1 - half :: 2]):
            return raw.decode(code, errors="replace")
    return raw.decode("utf-8-sig", errors="replace")


# The column of times, with its unit as some programs write it.
_TIME = re.compile(r"time *[\[(]?(s|sec|seconds?)?[\])]?")


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
            if not _TIME.fullmatch(first.lower()):
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
    values, lines = array("d"), array("q")
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
            row = [float(x) for x in fields]
        except ValueError:
            row = [to_number(x, path, i + 1, label) for x, label in zip(fields, labels, strict=True)]
        values.extend(row)
        lines.append(i + 1)
        if len(values) * values.itemsize > LARGEST_TABLE:
            raise _too_long(path)
    if len(lines) < 2:
        raise InputError(f"{path.name} has {len(lines)} rows of numbers; at least 2 are needed.")
    numbers = np.frombuffer(values).reshape(len(lines), -1)
    if (huge := np.argwhere(np.isfinite(numbers) & (np.abs(numbers) > MOST_VALUE))).size:
        row, column = huge[0]
        raise InputError(
            f"{path.name}, line {lines[row]}, column {labels[column]!r}: {numbers[row, column]:g} is no measured "
            "number; repair that value."
        )
    return numbers, np.frombuffer(lines, np.int64)


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

"""Rows of numbers in text files, read in blocks: bounded memory, and a line number for every fault."""

from __future__ import annotations

import codecs
import gzip
import re
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from gluteal.emg.read.spool import Spool
from gluteal.errors import InputError
from gluteal.files import MOST_EXPANSION, open_text

#: Bytes of text parsed at a time; a line may not be longer.
BLOCK = 4 * 2**20
#: Longest text, unzipped, and largest table of its numbers, bytes: two hours of 32 channels at 2 kHz.
LARGEST_TABLE = 4 * 2**30
#: Most rows of a table, nine hours at 2 kHz: its time stamps alone then take half a gigabyte.
MOST_ROWS = 2**26
#: Bytes in which the header must end.
HEADER_BYTES = 2**20
#: First bytes of text in UTF-16.
UTF16 = (b"\xff\xfe", b"\xfe\xff")

_BLANKS = ["n/a", "N/A", "NA", "nan", "NaN", "NAN", "-nan", "-", "null", "inf", "-inf", "Inf", "1.#QNAN"]


@dataclass(frozen=True)
class RowLayout:
    """How rows are written: separator (None: any blanks), decimal sign, lines above the numbers."""

    separator: str | None
    decimal: str
    header_lines: int
    columns: int


def peek(path: Path) -> bytes:
    """Return the first kilobyte of a file, unzipped where it is gzipped; empty where the archive is broken."""
    try:
        with open_text(path) as file:
            return file.read(1024)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return b""


def read_head(path: Path) -> list[str]:
    """Return the first lines of a text file (at most 1 MB).

    Raises
    ------
    InputError
        Binary content, or a broken gzip archive.
    """
    try:
        with open_text(path) as file:
            raw = file.read(HEADER_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} is a broken gzip archive ({error}); copy it again.") from error
    lines = decode(path, raw).splitlines()
    return lines[:-1] if len(raw) == HEADER_BYTES else lines


def decode(path: Path, raw: bytes) -> str:
    """Return text in UTF-8, Shift-JIS or Latin-1 (`encoding_of`); InputError where it is no text."""
    if b"\0" in raw:
        raise InputError(f"{path.name} is no text file, whatever its ending says; export it again.")
    return raw.decode(encoding_of(raw), errors="replace")


def encoding_of(raw: bytes) -> str:
    """Return how text is written: UTF-16 with its mark, UTF-8, Shift-JIS (Japanese offices), else Latin-1.

    >>> encoding_of("µV".encode()), encoding_of("µV".encode("latin-1")), encoding_of("右大殿筋".encode("cp932"))
    ('utf-8-sig', 'latin-1', 'cp932')
    """
    if raw[:2] in UTF16:
        return "utf-16"
    # The last sign may be cut in two.
    for encoding in ("utf-8-sig", "cp932"):
        # Latin-1 has no signs from 0x80 to 0x9F; Shift-JIS is full of them.
        if encoding == "cp932" and not re.search(rb"[\x80-\x9f]", raw):
            continue
        try:
            codecs.getincrementaldecoder(encoding)().decode(raw)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def read_text_rows(path: Path, layout: RowLayout, check: Callable[[np.ndarray], None] | None = None) -> Spool:
    """Read every row of numbers into a spool, block by block; empty cells become NaN.

    Parameters
    ----------
    path : Path
    layout : Layout
    check : callable, optional
        Called with each block (rows, columns).

    Raises
    ------
    InputError
        A row with more values than columns, a cell that is no number, a line without end, a broken or
        endlessly growing archive; the message names the line. A text or table beyond `LARGEST_TABLE` or `MOST_ROWS`.
    """
    spool = Spool(layout.columns)
    line = layout.header_lines
    for block in blocks(path, layout.header_lines):
        numbers = _parse(path, block, layout, line)
        if check is not None:
            check(numbers)
        spool.add(numbers)
        if spool.rows > MOST_ROWS or 8 * spool.rows * spool.columns > LARGEST_TABLE:
            raise _too_long(path)
        line += block.count(b"\n")
    if spool.rows == 0:
        raise InputError(f"{path.name} ends after its header; export it again with its samples.")
    return spool


def blocks(path: Path, skip: int) -> Iterator[bytes]:
    """Give the file behind its first lines in blocks of whole lines."""
    packed = max(path.stat().st_size, 1)
    total = 0
    rest = b""
    try:
        with open_text(path) as file:
            zipped = isinstance(file, gzip.GzipFile)
            while raw := file.read(BLOCK):
                total += len(raw)
                if zipped and total > 2 * BLOCK and total > MOST_EXPANSION * packed:
                    raise InputError(
                        f"{path.name} grows more than {MOST_EXPANSION}-fold when unzipped; this is no recording."
                    )
                if total > LARGEST_TABLE:
                    raise _too_long(path)
                rest += raw
                while skip and (end := rest.find(b"\n")) >= 0:
                    rest, skip = rest[end + 1 :], skip - 1
                end = rest.rfind(b"\n")
                if end >= 0 and not skip:
                    yield rest[: end + 1]
                    rest = rest[end + 1 :]
                elif len(rest) > BLOCK:
                    raise InputError(
                        f"{path.name} has a line of more than {BLOCK >> 20} MB; this is no table of samples."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} is broken or cannot be read ({error}); copy it again.") from error
    if rest.strip() and not skip:
        yield rest + b"\n"


def _too_long(path: Path) -> InputError:
    return InputError(
        f"{path.name} is too long: a table of text may have {LARGEST_TABLE >> 30} GB unzipped, as much again as "
        f"numbers of 8 bytes, and {MOST_ROWS} rows. Cut it into shorter recordings, or export it as EDF, C3D or HDF5."
    )


def _parse(path: Path, block: bytes, layout: RowLayout, line: int) -> np.ndarray:
    if b"\0" in block:
        raise InputError(f"{path.name} is no text file from line {line + 1} on; it is damaged: copy it again.")
    if not block.strip():
        return np.empty((0, layout.columns))
    import pandas as pd  # takes longer to load than most recordings of other formats to read

    # Exports often end each row with a separator, which makes one more, empty, cell.
    names = list(range(layout.columns + 1))
    try:
        with warnings.catch_warnings():
            # Only a warning says that pandas threw surplus cells away.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                BytesIO(block),
                sep=r"\s+" if layout.separator is None else layout.separator,
                decimal=layout.decimal,
                header=None,
                names=names,
                index_col=False,
                dtype=np.float64,
                na_values=_BLANKS,
                skip_blank_lines=True,
                encoding="latin-1",
                skipinitialspace=True,
                quotechar='"',
            )
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning, OverflowError) as error:
        raise _explain(path, block, layout, line) from error
    numbers = frame.to_numpy()
    if numbers.shape[0] and not np.isnan(numbers[:, -1]).all():
        raise _explain(path, block, layout, line)
    return numbers[:, :-1]


def split(text: str, separator: str | None) -> list[str]:
    """Return the cells of a line, without quotes and blanks around them.

    >>> split('"RT GLUT. MAX.,uV",1', ",")
    ['RT GLUT. MAX.,uV', '1']
    """
    if separator is None:
        return text.split()
    text = text.rstrip("\r\n")
    if '"' not in text:
        return [cell.strip() for cell in text.split(separator)]
    cells: list[str] = []
    part, quoted = "", False
    for sign in text:
        if sign == '"':
            quoted = not quoted
        elif sign == separator and not quoted:
            cells.append(part.strip())
            part = ""
        else:
            part += sign
    return [*cells, part.strip()]


def number_of(cell: str, decimal: str) -> float | None:
    """Return the number in a cell, NaN for an empty one, None where it is none."""
    text = cell.replace(",", ".") if decimal == "," else cell
    if not text or text in _BLANKS:
        return float("nan")
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _explain(path: Path, block: bytes, layout: RowLayout, line: int) -> InputError:
    """Return the error of the first line that is no row of numbers."""
    for i, raw in enumerate(block.decode("latin-1").splitlines()):
        cells = split(raw, layout.separator)
        if len([c for c in cells if c]) > layout.columns or len(cells) > layout.columns + 1:
            return InputError(
                f"{path.name}, line {line + i + 1}: {len(cells)} values, but there are {layout.columns} "
                "columns; "
                "correct the line or export the file again."
            )
        for k, cell in enumerate(cells):
            if number_of(cell, layout.decimal) is None:
                return InputError(
                    f"{path.name}, line {line + i + 1}, column {k + 1}: {cell[:40]!r} is no number; "
                    "correct the line "
                    "or export the file again."
                )
    return InputError(f"{path.name}: the rows after line {line + 1} are no table of numbers; export it again.")

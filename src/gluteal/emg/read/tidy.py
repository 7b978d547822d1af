"""Text as recorders and offices write it, put straight before it is read as a table.

Plain tables are left as they are. Rewritten, line by line, into a temporary file with tabs, decimal points and UTF-8:
text in UTF-16; stamps of the time of day in any column; columns of words or without any entry; decimal commas in
quotes; rows that end in empty cells; and the exports that hold more than one table (`gluteal.emg.read.tidy_makers`).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from pathlib import Path

from gluteal.emg.read.contents import Contents
from gluteal.emg.read.text_rows import HEADER_BYTES, blocks, encoding_of, number_of, split
from gluteal.emg.read.tidy_makers import Aside, maker_of
from gluteal.emg.recording import Event
from gluteal.errors import InputError
from gluteal.files import TemporaryFolder, open_text

#: Rows looked at to find out what a column holds.
_SEEN = 300
#: Seconds of a day, and the fall of a time of day that is midnight and not a step back.
_DAY, _FALL = 86400.0, 43200.0
#: Share of the rows that must have one width.
_EVEN = 0.7
#: Words in more rows than this share of all are a state, not marks of events.
_SPARSE = 0.1
_DATE = r"(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4})"
# A number whose digits are grouped in thousands.
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d*|(?:,\d{3})+\.\d*)")
_STAMP = re.compile(
    rf"^(?:{_DATE}[ T,]+)?"
    r"(?:(\d{1,2}):(\d\d):(?=\d\d)|(\d{1,3}):(?=\d\d[.,]))(\d\d)(?:[.,](\d+)|:(\d{1,3}))?\s*([AaPp][Mm])?\s*(?:Z|[+-]\d\d:?\d\d)?$"
)
#: A cell between blanks: in quotes, or a day and the time behind it, or a word.
_BETWEEN_BLANKS = re.compile(rf'"[^"]*"|{_DATE} +\d{{1,2}}:\S+|\S+')


@dataclass
class _Table:
    """How the rows of an odd table are written, and what was met in its columns."""

    separator: str | None
    comma: bool
    kinds: list[str]  # of each column: "number", "clock", "words" or "blank"
    numbers: list[int] = field(default_factory=list)
    marks: list[list[tuple[int, str]]] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    rows: int = 0
    one_per_row: str = ""  # a word of a column that says which channel each row is of


@dataclass(frozen=True)
class Tidied:
    """A text put straight: where it lies now, which columns are clocks or hold no number, and what stood beside."""

    path: Path
    folder: TemporaryFolder
    columns: int
    clocks: tuple[int, ...]
    empty: dict[int, str]
    marks: tuple[tuple[int, str], ...]
    aside: Aside

    def beside(self, contents: Contents) -> Contents:
        """Return contents with the events and notes that stood beside the table."""
        clock = contents.signals[0]
        marked = [Event(name, clock.start + row / clock.rate) for row, name in (*self.marks, *self.aside.marks)]
        events = tuple(sorted((*contents.events, *marked, *self.aside.events), key=lambda e: e.time))
        return replace(contents, events=events, warnings=(*self.aside.notes, *contents.warnings))


def seconds_of_stamp(cell: str) -> float | None:
    """Return the time of day of a stamp, s; None where a cell is none.

    >>> [seconds_of_stamp(x) for x in ("28.11.2026 10:31:07,250", "11/28/2026 01:00:00 PM", "01:02,5")]
    [37867.25, 46800.0, 62.5]
    """
    match = _STAMP.match(cell.strip())
    if match is None:
        return None
    hour, minute = int(match[1] or 0), int(match[2] or match[3])
    if match[7]:
        hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
    part = float(f"0.{match[5]}") if match[5] else int(match[6]) / 1000.0 if match[6] else 0.0
    return hour * 3600.0 + minute * 60.0 + int(match[4]) + part


def tidy_text(path: Path) -> Tidied | None:
    """Return a text put straight, None for a plain one.

    Raises
    ------
    InputError
        An archive that is broken or grows without end, or an export without the table that is looked for.
    """
    with open_text(path) as file:
        encoding = encoding_of(file.read(HEADER_BYTES))
    aside = Aside()
    maker = maker_of(path, _lines(path, encoding), aside)
    source = _lines(path, encoding) if maker is None else maker
    head: list[str] = []
    size = 0
    for line in source:
        head.append(line)
        size += len(line)
        if size > HEADER_BYTES:
            break
    table = _look(head)
    if table is not None and _GROUPED.fullmatch(table.one_per_row):
        raise InputError(
            f"{path.name} groups the digits of its numbers (one is {table.one_per_row[:40]!r}); export it without "
            "thousands separators."
        )
    if table is not None and table.one_per_row:
        raise InputError(
            f"{path.name} has a row per channel and time (one is {table.one_per_row[:40]!r}); export it with a column "
            "per channel."
        )
    if maker is None and table is None and encoding != "utf-16":
        return None
    folder = TemporaryFolder()
    fresh = folder.path / path.name.removesuffix(".gz")
    with fresh.open("w", encoding="utf-8", newline="\n") as out:
        lines = chain(head, source)
        out.writelines(f"{line}\n" for line in (lines if table is None else _straighten(lines, table)))
    if table is None:
        return Tidied(fresh, folder, 0, (), {}, (), aside)
    empty = {
        i: "it holds words, not numbers" if table.words[i] else "it is empty"
        for i, kind in enumerate(table.kinds)
        if kind in ("words", "blank") and not table.numbers[i]
    }
    marks = [m for i in empty if 0 < table.words[i] <= _SPARSE * table.rows for m in table.marks[i]]
    clocks = tuple(i for i, kind in enumerate(table.kinds) if kind == "clock")
    return Tidied(fresh, folder, len(table.kinds), clocks, empty, tuple(marks), aside)


def _lines(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    rest = ""
    for block in blocks(path, 0):
        *whole, rest = (rest + decoder.decode(block)).split("\n")
        for line in whole:
            yield line.rstrip("\r").replace("\0", "\ufffd")
    if rest.strip():
        yield rest.rstrip("\r")


def _kind(cells: Sequence[str]) -> str:
    """Return what the cells of one column are, by most of them."""
    filled = [c for c in cells if c]
    if not filled:
        return "blank"
    stamps = sum(seconds_of_stamp(c) is not None for c in filled)
    numbers = sum(_is_number(c) for c in filled)
    if max(stamps, numbers) <= len(filled) - max(stamps, numbers):
        return "words"
    return "clock" if stamps > numbers else "number"


def _is_number(cell: str) -> bool:
    return number_of(cell, ".") is not None or number_of(cell, ",") is not None


def _look(head: Sequence[str]) -> _Table | None:
    """Return how the rows are written where they are not plain numbers; None where they are, or there is no table."""
    last = max((i for i, line in enumerate(head) if line.strip()), default=0)
    # The table is at the end of the head; its last line may be cut off there.
    rows = [line for line in head[max(last // 2, last - _SEEN) : last] if line.strip()]
    table = next((t for separator in ("\t", ";", None, ",") if (t := _fit(rows, separator)) is not None), None)
    if table is None or (table.separator is None and "clock" not in table.kinds):
        return None
    if _has_one_more_name(head, table):
        table.kinds.append("blank")
    width = len(table.kinds)
    while table.kinds[-1] == "blank" and not _is_named(head, table):
        table.kinds.pop()
    # One empty cell behind each row is a separator at its end, which every reader of tables knows.
    trailing = width - len(table.kinds)
    if trailing < 2 and set(table.kinds) == {"number"} and not (table.comma and table.separator == ","):
        return None
    count = len(table.kinds)
    table.numbers, table.words, table.marks = [0] * count, [0] * count, [[] for _ in range(count)]
    return table


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is not None:
        return split(line, separator)
    return [cell.strip('"') for cell in _BETWEEN_BLANKS.findall(line)]


def _fit(rows: Sequence[str], separator: str | None) -> _Table | None:
    """Return what the columns are if this sign (None: blanks) parts them: rows of one width, numbers among them."""
    cells = [_cells(line, separator) for line in rows]
    counts = [len(c) for c in cells]
    width = max(set(counts), key=counts.count) if counts else 0
    even = [c for c in cells if len(c) == width]
    if width < 2 or len(even) < max(2.0, _EVEN * len(cells)):
        return None
    kinds = [_kind([c[i] for c in even]) for i in range(width)]
    # Blanks stand in words, and behind commas that part cells.
    if separator is None and ("words" in kinds or any(c.endswith(",") for row in even for c in row)):
        return None
    # A decimal comma parts nothing: tab and semicolon are tried before it.
    comma = any(number_of(c[i], ".") is None and _is_number(c[i]) for c in even for i in range(width))
    labelled = [[c[i] for c in even] for i, kind in enumerate(kinds) if kind == "words"]
    label = next((next(filter(_GROUPED.fullmatch, c), c[0]) for c in labelled if _changes(c)), "")
    return _Table(separator, comma, kinds, one_per_row=label) if "number" in kinds else None


def _changes(words: Sequence[str]) -> bool:
    """Whether words change from row to row: they name what each row is of, not a state that lasts."""
    return all(words) and sum(a != b for a, b in pairwise(words)) > 0.5 * len(words)


def _has_one_more_name(head: Sequence[str], table: _Table) -> bool:
    """Whether there is a name more than cells in most rows: the last cell is written only where it has a word."""
    above: list[str] = []
    if table.separator is None:
        return False
    for line in head:
        cells = split(line, table.separator)
        if _is_row(cells, table):
            return len(above) == len(table.kinds) + 1 and all(above) and not any(_is_number(c) for c in above)
        above = cells if any(cells) else above
    return False


def _is_named(head: Sequence[str], table: _Table) -> bool:
    """Whether any line gives the last column a name."""
    at = len(table.kinds) - 1
    return any(len(cells := _cells(line, table.separator)) > at and cells[at] for line in head)


def _straighten(lines: Iterator[str], table: _Table) -> Iterator[str]:
    """Give every line with tabs and decimal points; words become empty cells, stamps seconds since the first."""
    count = len(table.kinds)
    first: list[float | None] = [None] * count
    before: list[float] = [0.0] * count
    days = [0.0] * count
    were = [False] * count
    least = max(i for i, kind in enumerate(table.kinds) if kind in ("number", "clock")) + 1
    odd = [i for i, kind in enumerate(table.kinds) if kind != "number"]
    for line in lines:
        cells = _cells(line, table.separator)
        # Below the first row only what is not a plain number is looked at: reading the rows names every fault.
        if not (_is_row(cells, table) if not table.rows else len(cells) >= least and not any(cells[count:])):
            # Between blanks only a line of names has as many cells as the rows; others are sentences.
            named = table.separator is not None or len(cells) == count
            yield "\t".join(c.replace("\t", " ").replace('"', "") for c in cells) if named else line
            continue
        fresh = [c.replace(",", ".") for c in cells[:count]] if table.comma else cells[:count]
        fresh += [""] * (count - len(fresh))
        for i in odd:
            cell = cells[i] if i < len(cells) else ""
            number = bool(cell) and table.kinds[i] != "clock" and _is_number(cell)
            if table.kinds[i] == "clock" and (now := seconds_of_stamp(cell)) is not None:
                days[i] += _DAY if now < before[i] - _FALL else 0.0
                before[i] = now
                first[i] = now if first[i] is None else first[i]
                fresh[i] = f"{now + days[i] - (first[i] or 0.0):.9f}"
            elif table.kinds[i] != "clock" and cell and not number:
                if not were[i]:
                    table.marks[i].append((table.rows, " ".join(cell.split())[:80]))
                table.words[i] += 1
                fresh[i] = ""
            elif table.kinds[i] == "words":
                fresh[i] = ""
            table.numbers[i] += number and table.kinds[i] == "blank"
            were[i] = bool(cell)
        table.rows += 1
        yield "\t".join(fresh)


def _is_row(cells: Sequence[str], table: _Table) -> bool:
    """Whether a line is one of samples: numbers where numbers stand, stamps where stamps stand."""
    least = max(i for i, kind in enumerate(table.kinds) if kind in ("number", "clock")) + 1
    if len(cells) < least or any(c for c in cells[len(table.kinds) :]):
        return False
    told = [(k, c) for k, c in zip(table.kinds, cells, strict=False) if c and k in ("number", "clock")]
    fit = (seconds_of_stamp(c) is not None if k == "clock" else _is_number(c) for k, c in told)
    return bool(told) and all(fit)

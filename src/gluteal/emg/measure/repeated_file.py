"""Tables of repeated measurements as people keep them: long (one row a value) or wide (one row a subject)."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gluteal.emg.measure.repeated import RepeatedMeasures
from gluteal.errors import InputError, close_names
from gluteal.files import check_there, expand_user, read_bounded, reading

#: What columns are called, where nobody says; compared without case.
SUBJECT_NAMES = ("subject", "subject_id", "participant", "participant_id", "person", "patient", "id")
SESSION_NAMES = (
    "session",
    "day",
    "visit",
    "occasion",
    "trial",
    "repetition",
    "repeat",
    "rater",
    "observer",
    "examiner",
)
VALUE_NAMES = ("value", "measurement", "score", "rating", "grade", "category")
#: A table of repeated measurements is short; a longer file is something else.
LARGEST_FILE = 20 * 2**20
#: Most columns: every comparison of two sessions is told.
MOST_COLUMNS = 200
#: Beyond this no measurement is, and its square is no number any more.
LARGEST_VALUE = 1e100


@dataclass(frozen=True)
class _Row:
    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class _Sheet:
    """A table of text with the place of every row, for the messages."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[_Row, ...]
    decimal_comma: bool

    def find(self, given: str | None, names: Sequence[str]) -> str | None:
        """Return the column that was asked for, else the first that has one of the usual names."""
        if given is not None:
            found = next((c for c in self.columns if c.lower() == given.strip().lower()), None)
            if found is None:
                near = close_names(given, self.columns)
                hint = f" Close names: {', '.join(near)}." if near else f" It has {', '.join(self.columns)}."
                raise InputError(f"{self.name} has no column {given!r}.{hint} Name one of them.")
            return found
        return next((c for n in names for c in self.columns if c.lower() == n), None)


def load_repeated(
    path: str | Path,
    *,
    subject: str | None = None,
    session: str | None = None,
    value: str | None = None,
    unit: str = "",
    categories: Sequence[str] = (),
) -> RepeatedMeasures:
    """Read repeated measurements from a CSV: commas, semicolons or tabs, decimal point or comma, ``#`` for comments.

    Long: a column of subjects, one of sessions (or trials, days, raters) and one of values. Wide: a column of
    subjects and one column of values for every session.

    Parameters
    ----------
    path : str or Path
    subject, session, value : str, optional
        Names of the columns; by default the usual names are looked for.
    unit : str
        Of the values, for words and tables.
    categories : sequence of str
        In their order, where values are categories and not numbers.

    Raises
    ------
    InputError
        A file that cannot be read, a column that is not there or cannot be told, a value that is no number or
        category, a subject without a value in a session; the message names the place and what would be right.
    """
    path = expand_user(path)
    with reading(path):
        sheet = _read(path)
        subjects = sheet.find(subject, SUBJECT_NAMES)
        if subjects is None:
            raise InputError(
                f"{sheet.name} has no column of subjects; call one 'subject', or name it with --subject. It has "
                f"{', '.join(sheet.columns)}."
            )
        read = _category_reader(sheet, categories) if categories else _number_reader(sheet)
        sessions = sheet.find(session, SESSION_NAMES)
        if sessions is None:
            if value is not None:
                raise InputError(
                    f"{sheet.name} has no column of sessions to go with the values; call one 'session', or name it "
                    "with --session."
                )
            return _wide(sheet, subjects, read, unit, tuple(categories))
        return _long(sheet, subjects, sessions, value, read, unit, tuple(categories))


def _read(path: Path) -> _Sheet:
    check_there(path, f"There is no file {path.name} in {path.parent}; check the path.")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{path.name} has more than 20 MB; give a table with one value per subject and session.")
    try:
        text = read_bounded(path, LARGEST_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read ({error}); save it as CSV in UTF-8.") from error
    lines = [(i, t) for i, t in enumerate(text.splitlines(), 1) if t.strip(" ,;\t") and not t.startswith("#")]
    if len(lines) < 2:
        raise InputError(f"{path.name} has no rows; its first line names the columns, every other is a row.")
    separator = max(",;\t", key=lines[0][1].count)
    try:
        parsed = [[cell.strip() for cell in row] for row in csv.reader((t for _, t in lines), delimiter=separator)]
    except csv.Error as error:
        raise InputError(f"{path.name} is no CSV ({error}); save it again as CSV.") from error
    head = parsed[0]
    while head and not head[-1]:
        head.pop()
    if len(head) > MOST_COLUMNS:
        raise InputError(
            f"{path.name} has {len(head)} columns; at most {MOST_COLUMNS} are taken. Give a row for every value."
        )
    if repeated := [c for c in head if not c or [h.lower() for h in head].count(c.lower()) > 1]:
        raise InputError(
            f"{path.name}: the column name {repeated[0]!r} is empty or there twice; every column needs its own."
        )
    rows = []
    for (line, _), cells in zip(lines[1:], parsed[1:], strict=False):
        if len(cells) < len(head) or any(cells[len(head) :]):
            raise InputError(
                f"{path.name}, line {line}: {len(cells)} cells, but there are {len(head)} columns; repair that row."
            )
        rows.append(_Row(line, dict(zip(head, cells, strict=False))))
    return _Sheet(path.name, tuple(head), tuple(rows), separator != ",")


def _wide(
    sheet: _Sheet, subjects: str, read: Callable[[_Row, str], float], unit: str, categories: tuple[str, ...]
) -> RepeatedMeasures:
    sessions = tuple(c for c in sheet.columns if c != subjects)
    if len(sessions) < 2:
        raise InputError(
            f"{sheet.name} has one column beside {subjects!r}; give a column for every session, or one of sessions and "
            "one of values."
        )
    names: list[str] = []
    seen: set[str] = set()
    values = []
    for row in sheet.rows:
        names.append(_subject(sheet, row, subjects))
        if names[-1] in seen:
            raise InputError(
                f"{sheet.name}, line {row.line}: the subject {names[-1]!r} is there twice; give one row a subject, or "
                "a column of sessions."
            )
        seen.add(names[-1])
        values.append([read(row, session) for session in sessions])
    spoken = tuple(_spoken(s, "session") for s in sessions)
    return RepeatedMeasures(Path(sheet.name).stem, unit, tuple(names), spoken, np.array(values), categories)


def _spoken(session: str, column: str) -> str:
    """A session as sentences name it: "2" of the column "day" is "day 2"."""
    return f"{column} {session}" if session.isdigit() else session


def _long(
    sheet: _Sheet,
    subjects: str,
    sessions: str,
    value: str | None,
    read: Callable[[_Row, str], float],
    unit: str,
    categories: tuple[str, ...],
) -> RepeatedMeasures:
    column = sheet.find(value, VALUE_NAMES)
    if column is None:
        rest = [c for c in sheet.columns if c not in (subjects, sessions)]
        if len(rest) != 1:
            what = f"one of {', '.join(rest)}" if rest else "the table has none"
            raise InputError(f"{sheet.name}: which column holds the values? Name it with --value ({what}).")
        column = rest[0]
    found: dict[tuple[str, str], float] = {}
    for row in sheet.rows:
        key = (_subject(sheet, row, subjects), row.cells[sessions])
        if not key[1]:
            raise InputError(f"{sheet.name}, line {row.line}: the cell of {sessions!r} is empty; fill it.")
        if key in found:
            raise InputError(
                f"{sheet.name}, line {row.line}: subject {key[0]!r} has a second value for {sessions} {key[1]!r}; keep "
                "one, or their mean."
            )
        found[key] = read(row, column)
    names, times = (tuple(dict.fromkeys(key[i] for key in found)) for i in (0, 1))
    for name in names:
        for time in times:
            if (name, time) not in found:
                raise InputError(
                    f"{sheet.name}: subject {name!r} has no value for {sessions} {time!r}; every subject needs one in "
                    "each, so add it or leave the subject out."
                )
    values = np.array([[found[name, time] for time in times] for name in names])
    label = column if column.lower() not in VALUE_NAMES else Path(sheet.name).stem
    return RepeatedMeasures(label, unit, names, tuple(_spoken(t, sessions) for t in times), values, categories)


def _subject(sheet: _Sheet, row: _Row, column: str) -> str:
    if not row.cells[column]:
        raise InputError(f"{sheet.name}, line {row.line}: the cell of {column!r} is empty; say whose value this is.")
    return row.cells[column]


def _number_reader(sheet: _Sheet) -> Callable[[_Row, str], float]:
    def read(row: _Row, column: str) -> float:
        text = row.cells[column]
        where = f"{sheet.name}, line {row.line}, column {column!r}"
        if not text:
            raise InputError(f"{where}: the cell is empty; add the value, or leave the subject out.")
        try:
            number = float(text.replace(",", ".") if sheet.decimal_comma else text)
        except ValueError:
            number = math.nan
        if LARGEST_VALUE < abs(number) < math.inf:
            raise InputError(f"{where}: {text!r} is more than any measurement is; correct it.")
        if not math.isfinite(number):
            raise InputError(
                f"{where}: {text!r} is not a number; correct it, or, where values are categories, name these in their "
                "order with --categories none,mild,severe."
            )
        return number

    return read


def _category_reader(sheet: _Sheet, categories: Sequence[str]) -> Callable[[_Row, str], float]:
    if len(categories) < 2 or len({c.lower() for c in categories}) < len(categories) or not all(categories):
        raise InputError("Categories are at least two different names in their order, such as none,mild,severe.")
    places = {c.lower(): float(i) for i, c in enumerate(categories)}

    def read(row: _Row, column: str) -> float:
        text = row.cells[column]
        if text.lower() not in places:
            raise InputError(
                f"{sheet.name}, line {row.line}, column {column!r}: {text!r} is none of the categories "
                f"{', '.join(categories)}; correct the cell or name the category."
            )
        return places[text.lower()]

    return read

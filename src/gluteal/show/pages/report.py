"""What every report says, in one order: answer, picture, tables, limits, settings, and the command that repeats it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from gluteal.files import write_text
from gluteal.nerves.condition import Condition
from gluteal.show.live.embed import LiveBlock
from gluteal.show.live.tours import list_facts
from gluteal.show.pages.page import render_page

# Characters of a text that gets room, and of one that is not broken into lines.
_WIDE, _SHORT = 40, 16
# Columns that a phone shows beside one another.
_COLUMNS = 5

#: What a person may take home from any report.
KIND_WORDS = (
    "This is a calculation with a model of the body, not a measurement of you. Bodies adapt, and this is no reason to "
    "stop moving.",
    "If something hurts or worries you, talk to somebody who can examine you.",
)


@dataclass(frozen=True, kw_only=True)
class ReportHead:
    """The head of a report.

    Attributes
    ----------
    over, title : str
        What was asked of whom, and what for.
    sentence : str
        The answer in one sentence.
    certainty : str
        How sure it is, in words.
    number, number_words : str
        The number that carries it, with its unit, and what it is of; both empty where there is none.
    badge : str
        Two or three words for who reads nothing else.
    tone : str
        The class that colours it: a verdict, or "plain".
    people : tuple of str
        What people did where a study did the experiment, each with its source.
    person : tuple of str
        The same answer in kind words, for the first page of the hand-out.
    """

    over: str
    title: str
    sentence: str
    certainty: str
    number: str = ""
    number_words: str = ""
    badge: str = ""
    tone: str = "plain"
    people: tuple[str, ...] = ()
    person: tuple[str, ...] = KIND_WORDS


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table for people: `columns` carry their units; a cell is a number, a text, or None where there is nothing."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    note: str = ""
    folded: bool = False

    def numeric(self, column: int) -> bool:
        """Return whether a column holds a number anywhere."""
        return any(self.is_number(row[column]) for row in self.rows)

    @property
    def told(self) -> bool:
        """Whether a cell holds a sentence or columns are many: on a narrow screen such a table is read row by row."""
        return len(self.columns) > _COLUMNS or any(self.kind_of(cell) == "w" for row in self.rows for cell in row)

    @staticmethod
    def kind_of(cell: object) -> str:
        """Return how a text is set: "w" wide, "s" in one line, "e" nothing there, else as it comes."""
        if cell is None:
            return "e"
        length = len(cell.striptags() if isinstance(cell, Markup) else str(cell))
        return "w" if length > _WIDE else "s" if length <= _SHORT else ""

    @staticmethod
    def is_number(value: object) -> bool:
        """Return whether a cell is a number, which stands right and is rounded."""
        return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A page as data: `figures` with their captions, the first of them beside the answer.

    Raises
    ------
    ValueError
        Where no limit is stated: a report without one says more than anybody knows.
    """

    answer: ReportHead
    limits: tuple[str, ...]
    figures: Sequence[tuple[Markup, str]] = ()
    grids: Sequence[Grid] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    command: str | None = None
    footer: str = "This is a computer model’s answer to a “what if”."

    def __post_init__(self) -> None:
        if not self.limits:
            raise ValueError(f"The report “{self.answer.title}” states no limit.")


def render_report(report: Report, *, live: LiveBlock | None = None) -> str:
    """Return a report as one HTML text, with the live page in it where there is one."""
    return render_page("report.html.j2", report=report, live=live, scripts=("live.js",) if live else ())


def write_report(path: str | Path, report: Report, *, live: LiveBlock | None = None) -> None:
    """Write a report, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_report(report, live=live))


def list_people_facts(task: str, condition: Condition) -> tuple[str, ...]:
    """Return what people did where a study did this experiment, each sentence with its source.

    >>> block = Condition.block("superior gluteal", loss=0.5, side="r")
    >>> list_people_facts("walk", block)[0][:19], list_people_facts("bridge", block)
    ('Eight healthy men h', ())
    """
    targets = {effect.target for effect in condition.effects}
    targets |= {f"{name} nerve" for name in targets}
    return tuple(f"{f['say']} ({f['source']})" for f in list_facts() if f["task"] == task and f["target"] in targets)

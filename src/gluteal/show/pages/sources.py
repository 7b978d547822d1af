"""Every number of the program with its source, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gluteal.show.figures.counts import plot_counts
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.pages.cells import link_cell, plain_cell, type_cell
from gluteal.show.pages.report import Grid, Report, ReportHead
from gluteal.show.terminal.sources import say_value
from gluteal.sources.bibliography import READ_DEPTH_WORDS, UNREAD
from gluteal.sources.listing import count_depths, say_counts

# More rows than these, two screens, are folded room by room.
_MOST_UNFOLDED = 40
_COLUMNS = (
    "what it is",
    "value",
    "unit",
    "source",
    "place in it",
    "how far it was read",
    "note",
    "name in the program",
)
_TABLE_COLUMNS = ("what is in it", "rows", "sources", "how far they were read", "file in the program")
_LIMITS = (
    "A source says where a number comes from, not that it is right for you: people differ, and so do laboratories.",
    "“Own choice” is a number that nobody measured; the note says why it is what it is.",
    "What was read as an abstract, or quoted by somebody else, was not checked in the paper itself.",
)


def report_sources(text: str, rows: Sequence[Mapping[str, Any]], *, command: str | None = None) -> Report:
    """Return the page of a listing of numbers.

    Parameters
    ----------
    text : str
        What was looked for; empty: everything.
    rows : sequence of mapping
        From `gluteal.sources.listing.list_sources`.
    command : str, optional
        The command line that repeats it.
    """
    numbers = [row for row in rows if row["kind"] == "parameter"]
    tables = [row for row in rows if row["kind"] == "table"]
    unread = sum(row["read"] in UNREAD for row in numbers)
    depths = {READ_DEPTH_WORDS[depth]: count for depth, count in count_depths(rows).items()}
    figures = []
    if len(depths) > 1:
        with own_style():
            bars = inline_axes(lambda ax: plot_counts(depths, unit="numbers", ax=ax), size=(7.2, 3.0))
        figures.append(
            (bars, "How far the source of each single number was read; tables of numbers say it row by row.")
        )
    found = f"with “{text}” in name, meaning or source" if text else "that an answer rests on"
    return Report(
        answer=ReportHead(
            over="Where numbers come from",
            title=f"Sources of the numbers: {text}" if text else "Sources of every number",
            sentence=_say(len(numbers), unread, found),
            number=f"{len(numbers)}",
            number_words="single number, with its source"
            if len(numbers) == 1
            else "single numbers, each with its source",
            certainty=say_counts(rows),
            person=(
                "Whoever says a number should be able to say where it comes from. Here is where.",
                "Numbers that were chosen, not measured, are marked as such.",
            ),
        ),
        figures=figures,
        grids=(*_number_grids(numbers), *_table_grid(tables)),
        limits=_LIMITS,
        command=command,
        footer="A list of numbers and of where they come from.",
    )


def _say(numbers: int, unread: int, found: str) -> str:
    if not numbers:
        return f"No single number {found}."
    seen = "what is no own choice was seen at its source"
    if unread:
        seen = f"{unread} of them nobody here has seen at the source, and they are marked"
    counted = "A single number" if numbers == 1 else f"{numbers} single numbers"
    return f"{counted} {found}: {seen}."


def _number_grids(numbers: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """Return one table of few numbers, or one for each room of the program, folded."""
    if len(numbers) <= _MOST_UNFOLDED:
        rows = [_number_row(row) for row in numbers]
        return [Grid(title="Single numbers", columns=_COLUMNS, rows=rows)] if rows else []
    rooms = Counter(row["name"].partition(".")[0] for row in numbers)
    return [
        Grid(
            title=f"Numbers of the room “{room.replace('_', ' ')}”",
            columns=_COLUMNS,
            rows=[_number_row(row) for row in numbers if row["name"].partition(".")[0] == room],
            folded=True,
        )
        for room in rooms
    ]


def _number_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    links = row["links"]
    return (
        plain_cell(row["meaning"]),
        say_value(row["value"]),
        None if row["units"] == "1" else row["units"],
        link_cell(row["source"], links[0] if links else None),
        plain_cell(row["locator"]) or None,
        READ_DEPTH_WORDS[row["read"]],
        plain_cell(row["note"]) or None,
        type_cell(row["name"]),
    )


def _table_grid(tables: Sequence[Mapping[str, Any]]) -> list[Grid]:
    rows = [
        (plain_cell(row["meaning"]), row["value"], row["source"], plain_cell(row["note"]), type_cell(row["name"]))
        for row in tables
    ]
    if not rows:
        return []
    return [Grid(title="Tables of published numbers", columns=_TABLE_COLUMNS, rows=rows, folded=len(rows) > 6)]

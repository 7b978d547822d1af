"""Numbers and their sources in a terminal: the number in one line, where it comes from below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from gluteal.sources.bibliography import READ_DEPTH_WORDS, UNREAD

#: Longer values are told by how many numbers they are.
_MOST_NUMBERS = 5


def show_sources(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows of `gluteal.sources.listing.list_sources`."""
    for row in rows:
        unit = "" if row["units"] == "1" else f" {row['units']}"
        head = Text(row["name"], style="cyan") + Text(f"  {say_value(row['value'], most=_MOST_NUMBERS)}{unit}")
        console.print(head)
        console.print(Padding(Text(_below(row), style="yellow" if row["read"] in UNREAD else ""), (0, 0, 0, 4)))


def say_value(value: Any, *, most: int | None = None) -> str:
    """Write a value; more than `most` numbers are only counted.

    >>> say_value(0.1), say_value([[1.0, 2.5], [3.0]]), say_value([1, 2, 3], most=2)
    ('0.1', '1, 2.5, 3', '3 numbers')
    """
    if not isinstance(value, list):
        return f"{value:.10g}"
    numbers = _numbers(value)
    if most is not None and len(numbers) > most:
        return f"{len(numbers)} numbers"
    return ", ".join(f"{number:.10g}" for number in numbers)


def _below(row: Mapping[str, Any]) -> str:
    if row["kind"] == "table":
        return f"{row['source']}. {row['note']}."
    if row["read"] == "own":
        return f"Own choice: {row['note']}"
    return f"{row['source']}, {row['locator']}; {READ_DEPTH_WORDS[row['read']]}. {row['note']}".rstrip()


def _numbers(value: Any) -> list[float]:
    return [number for part in value for number in _numbers(part)] if isinstance(value, list) else [value]

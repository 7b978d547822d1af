"""What `gluteal sources --json` prints: an array of rows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.sources.bibliography import ReadDepth


class SourceRow(Printed):
    """A parameter, or a table of numbers, with its source."""

    kind: Literal["parameter", "table"]
    name: str
    value: float | list[float] | list[list[float]] | list[list[list[float]]] = Field(
        description="in units; of a table: how many rows"
    )
    units: str
    meaning: str
    source: str = Field(description="short citation")
    locator: str = Field(description="where in the source; empty: an own choice")
    read: ReadDepth = Field(description="how far the source was read; of a table: the least of its rows")
    uncertainty: float | None = Field(description="in units; null: none was printed")
    note: str
    keys: list[str] = Field(description="of the bibliography")
    links: list[str]

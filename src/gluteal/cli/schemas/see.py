"""What `gluteal see --json` and `gluteal app --json` print."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed


class SeeMovement(Printed):
    """One movement of the page."""

    name: str
    title: str


class SeeJson(Printed):
    """A live page that was written."""

    page: str = Field(description="where it is, as given")
    size_bytes: int
    movements: list[SeeMovement]
    verdict: Literal["unchanged", "compensated", "impossible", "cannot-be-judged"] = Field(
        description="of the movement and condition that the page opens with, on its one body"
    )
    sentence: str

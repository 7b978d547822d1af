"""What `gluteal plan --json` prints, without and with --causes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed


class PlanJson(Printed):
    """The size of a study and what it can show."""

    people: int
    effect: float
    unit: str
    power: float
    spread: float
    sem: float
    trials: int
    kind: Literal["two-groups", "paired", "cohort"]
    alpha: float


class CauseDesignRow(Printed):
    """What one design can tell about the direction of a cause (chances, 1)."""

    design: str
    looks_for: str = Field(alias="looks for")
    people: int
    found_if_true: float = Field(alias="found if true")
    found_if_not: float = Field(alias="found if not")
    right: float

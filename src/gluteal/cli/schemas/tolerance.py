"""What `gluteal tolerance --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import CauseJson, EnsembleRangeJson, Printed


class ToleranceRow(Printed):
    """The largest loss of one target that the movement tolerates."""

    name: str
    side: Literal["r", "l", "both"]
    muscles: list[str]
    critical_loss: float | None = Field(description="share, 1; null: even a complete loss is tolerated, or refused")
    limiting_coordinate: str | None = Field(description="what lacks a moment first beyond it")
    limiting_time_s: float | None
    refused: str | None = Field(description="why there is no answer; null: there is one")
    remaining_nm: float | None = Field(description="reserve left at the critical loss; null: no number")
    ensemble: EnsembleRangeJson | None = Field(
        default=None, description="tolerated loss on every published body (1: complete), and the share that bears all"
    )


class ToleranceJson(Printed):
    """Tolerances of one movement, the smallest first."""

    task: str
    condition: str = Field(description="what else is the matter, in words")
    targets: list[ToleranceRow]
    cause: CauseJson | None = Field(description="why it cannot be judged; null: it can")

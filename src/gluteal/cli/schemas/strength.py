"""What `gluteal strength --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import EnsembleRangeJson, Printed
from gluteal.vocabulary import Side


class StrengthShare(Printed):
    """What one muscle contributes."""

    name: str
    moment_nm: float


class PublishedStrengthRow(Printed):
    """One published reading beside the computed one."""

    group: str = Field(description="who was measured")
    source: str
    note: str
    n: int | None
    quantity: Literal["moment_nm_per_kg", "force_bw", "force_n_per_kg"]
    unit: str
    published_low: float
    published_high: float
    sd: float | None
    computed: float = Field(description="in the same unit")
    lever_arm_m: float | None = Field(description="null for moments")
    pad_known: bool
    ratio: float = Field(description="computed / middle of what was published")


class StrengthJson(Printed):
    """A reading of the virtual dynamometer."""

    movement: str
    side: Side | None
    condition: str
    moment_nm: float
    moment_nm_per_kg: float
    force_bw: float = Field(description="at the pad, body weights")
    lever_arm_m: float
    muscles: list[StrengthShare] = Field(description="largest first")
    notes: list[str] = Field(description="what of the condition changes nothing here, and why")
    published: list[PublishedStrengthRow]
    ensemble: EnsembleRangeJson | None = Field(
        default=None, description="N m/kg on every published body, and the share inside published moments"
    )

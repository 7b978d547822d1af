"""What `gluteal doctor --json` prints, without and with --nature and --reference."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.nature import NatureJson
from gluteal.cli.schemas.shared import CheckJson, Printed
from gluteal.outcome.verdict import MovementVerdict


class CheckedBodyJson(Printed):
    """The body that was checked."""

    name: str
    engine: str
    muscles: int = Field(description="how many")
    coordinates: int = Field(description="how many")
    mass_kg: float
    source: str
    notes: list[str]


class SelfCheckJson(Printed):
    """Quiet standing, solved now."""

    task: str
    verdict: MovementVerdict
    checks: list[CheckJson]
    passed: bool
    mechanics_s: float
    solve_s: float


class ExtraJson(Printed):
    """An optional part of the package."""

    name: str
    adds: str = Field(description="what it would add, in words")
    developers: bool = Field(description="whether only those who change the package need it")
    complete: bool = Field(description="whether all of its packages are installed")
    packages: dict[str, str | None] = Field(description="version; null: not installed")
    install: str = Field(description="the line that installs it")


class DoctorJson(Printed):
    """What is installed, and whether it works."""

    python: str
    platform: str
    engines: dict[str, str | None] = Field(description="version; null: not installed")
    packages: dict[str, str | None] = Field(description="version; null: not installed")
    extras: list[ExtraJson]
    body: CheckedBodyJson
    self_check: SelfCheckJson
    nature: NatureJson | None = Field(default=None, description="only with --nature")


class DifferenceRow(Printed):
    """One quantity of one muscle in both bodies."""

    muscle: str
    reference_muscle: str
    quantity: str
    coordinate: str | None = Field(description="of a moment arm")
    hip_flexion_deg: float | None = Field(description="null for parameters")
    value: float
    reference: float
    units: str
    difference: float
    ratio: float | None
    size_ratio: float
    sized_ratio: float | None
    within_target: bool
    within_target_sized: bool


class BodyDifferenceJson(Printed):
    """How the body differs from another, worst first (with --reference)."""

    body: str
    reference: str
    targets: dict[str, float]
    rows: list[DifferenceRow]
    renamed: dict[str, str]
    unmatched: list[str]

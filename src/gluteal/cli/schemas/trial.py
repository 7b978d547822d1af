"""What `gluteal trial --json` prints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed

Origin = Literal["named", "found", "guessed", "default"]


class TrialFinding(Printed):
    """One key of a trial's TOML file."""

    key: str = Field(description="as in docs/trials.md")
    value: Any = Field(description="null: not set, or none was found; else as in the TOML file, paths as given")
    how: Origin = Field(description="named by the user, the only one found, guessed, or a default")
    why: str


class TrialLoadColumns(Printed):
    """One measured force."""

    name: str
    segment: str | None = Field(description="null where it cannot be told on what it acts")
    how: Origin
    force: list[str] | None = Field(description="its columns: x, y, z; null for a torque alone")
    point: list[str] | None = Field(description="null: it acts at the origin of its segment")
    torque: list[str] | None
    force_frame: str = Field(description="segment or frame in which force and torque are written")
    point_frame: str = Field(description="the same of the point")


class IgnoredFile(Printed):
    """A file of the folder that nothing was taken from."""

    file: str
    why: str


class TrialJson(Printed):
    """What a measured trial is made of."""

    trial: str
    found: list[TrialFinding]
    force_table: str | None
    loads: list[TrialLoadColumns]
    window_s: list[float] | None = Field(description="start and end; null where the files share no time")
    model_mass_kg: float | None = Field(description="sum of the masses in the model file")
    ignored: list[IgnoredFile]
    problems: list[str] = Field(description="what keeps the trial from being used; the exit code is then 2")
    warnings: list[str]
    trial_file: str = Field(description="a TOML file that repeats this, to lie in the trial's folder")

"""What `gluteal doctor --nature --json` adds under `nature`: the model beside what was measured in people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.cli.schemas.strength import PublishedStrengthRow


class HipForceRow(Printed):
    """One published peak of the hip contact force beside the simulated one, body weights."""

    task: str = Field(description="as the publication calls it")
    source: str
    published_bw: float
    movement: str | None = Field(description="the built-in task that comes nearest; null: none does, or not solved")
    computed_bw: float | None = Field(description="the larger peak of both hips")
    difference_bw: float | None = Field(description="computed minus published")


class AxesJson(Printed):
    """One number for each direction."""

    forward: float
    up: float
    right: float


class PeakJson(Printed):
    """A peak of the ground force, body weights of each body."""

    computed_bw: float
    measured_bw: float


class GroundForceJson(Printed):
    """Ground force of the simulated walk beside the measured mean; root mean square differences in body weights."""

    rmse_foot_bw: AxesJson = Field(description="under the right foot")
    rmse_total_bw: AxesJson = Field(description="under both feet")
    peaks: dict[str, PeakJson] = Field(description="under the right foot: first peak, valley, braking and so on")


class WalkMomentRow(Printed):
    """A joint moment of a built-in walk beside that person's measured one."""

    walk: str
    coordinate: str
    within_two_sd: float = Field(description="share of the cycle in which it is within two standard deviations")
    rmse_nm: float = Field(description="root mean square difference, N m, scaled to the body")


class JointMomentRow(Printed):
    """The largest joint moment of a built-in movement, beside one published value; N m per kg of body mass."""

    movement: str
    moment: str = Field(description="direction in which muscles pull, such as hip extension")
    computed_nm_per_kg: float | None = Field(description="null: the body has no such joint")
    low_nm_per_kg: float | None = Field(description="published range, or two standard deviations; null: none found")
    high_nm_per_kg: float | None = Field(description="null also where only a least value was published")
    n: int | None = Field(description="people, or repetitions of one person (see people)")
    people: str | None
    source: str | None
    inside: bool | None = Field(description="whether the computed value is in the published range")


class FootRow(Printed):
    """What the ground does to a standing foot in a built-in movement, beside a person's."""

    movement: str
    foot: Literal["r", "l"]
    free_moment_nm: float = Field(description="largest size of the moment about the vertical")
    forward_bw: tuple[float, float] = Field(description="smallest and largest forward force, body weights")
    inward_share: tuple[float, float] = Field(description="force towards the midline over vertical force")
    published_free_moment_nm: float | None = Field(description="null: no recording")
    published_forward_bw: tuple[float, float] | None
    published_inward_share: tuple[float, float] | None
    source: str | None
    inside: bool | None = Field(description="whether all three are in the person's ranges")


class HipArmRow(Printed):
    """Moment arms about one axis of the hip beside those of one cadaver."""

    source: str
    coordinate: str
    rms_mm: float = Field(description="root mean square difference over muscles and flexions of -15 to 60 degrees")
    worst_mm: float = Field(description="the largest difference, ours minus theirs")
    muscle: str = Field(description="which muscle that is")
    hip_flexion_deg: float = Field(description="and at which flexion")
    rows: int = Field(description="how many were compared")


class StrengthRow(Printed):
    """One movement of the dynamometer, beside what was published."""

    movement: str
    posture: str = Field(description="coordinates and degrees, or neutral")
    moment_nm: float
    moment_nm_per_kg: float
    force_bw: float = Field(description="at the pad, body weights")
    lever_arm_m: float
    pure_nm_per_kg: float = Field(description="largest moment that needs no strap to carry another")
    published: list[PublishedStrengthRow]


class NatureJson(Printed):
    """The model beside nature."""

    hip_force: list[HipForceRow]
    walk_ground_force: GroundForceJson | None = Field(description="null where the walk cannot be solved on this body")
    walk_joint_moments: list[WalkMomentRow]
    joint_moments: list[JointMomentRow] = Field(description="of every built-in movement")
    feet: list[FootRow] = Field(description="of built-in movements in which feet share the weight")
    hip_moment_arms: list[HipArmRow] = Field(description="a body made from a cadaver is set beside the other only")
    strength: list[StrengthRow]
    notes: list[str] = Field(description="what could not be done")

"""What `gluteal adapt --json` prints, and what `simulate --adapt` adds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import ConditionJson, Printed
from gluteal.outcome.verdict import MovementVerdict
from gluteal.vocabulary import Side


class AdaptChangeRow(Printed):
    """How far one quantity moves."""

    quantity: str = Field(description="such as trunk_lean, pelvic_list or step_width")
    value: float = Field(description="the change, in unit")
    unit: Literal["deg", "mm"]
    sigma: float = Field(description="the change in deviations of the habit, 1")
    before: float = Field(description="in the fixed movement, in unit")
    after: float = Field(description="in the adapted movement, in unit")
    low: float | None = Field(description="smallest change over the band of the habit's weight; null: not asked for")
    high: float | None = Field(description="largest change over it")
    phase: str | None = Field(description="of a cycle, what before and after are of; null: a posture")


class AdaptCostJson(Printed):
    """The cost that is made least: effort, what is missing, habit."""

    fixed: float
    adapted: float


class AdaptEffortJson(Printed):
    """Mean effort: sum of activations to the exponent."""

    baseline: float
    fixed: float
    adapted: float


class AdaptMissingJson(Printed):
    """What is missing at the coordinate that decides, beyond the undisturbed movement, N m."""

    fixed: float
    adapted: float


class AdaptMissingAtJson(Printed):
    """The coordinate that decides."""

    fixed: str
    adapted: str


class AdaptJointRow(Printed):
    """Peak contact force of a joint, body weights."""

    joint: str
    side: Side | None
    baseline_bw: float
    fixed_bw: float
    adapted_bw: float


class AdaptBoughtJson(Printed):
    """What the change is good for."""

    effort: AdaptEffortJson
    missing_nm: AdaptMissingJson
    missing_at: AdaptMissingAtJson
    joint_loads: list[AdaptJointRow]


class AdaptMomentRow(Printed):
    """What muscles turn one joint with: the largest over time of the root of summed squares of its moments, N m."""

    joint: str
    side: Side
    baseline_nm: float = Field(description="undisturbed")
    fixed_nm: float = Field(description="under the condition, the movement held")
    adapted_nm: float = Field(description="under the condition, the movement adapted")


class AdaptHabitJson(Printed):
    """How strongly the usual way is kept to."""

    weight: float = Field(description="what one deviation squared costs; a muscle at full activation counts 1")
    low: float = Field(description="lower end of the band")
    high: float = Field(description="upper end of the band")
    sigmas: dict[str, float] = Field(description="quantity -> what counts as one deviation, deg or mm")
    source: str
    fitted: bool = Field(description="whether the weight was fitted to people; false: given")


class AdaptCertificateJson(Printed):
    """How well it is solved."""

    inner: float = Field(description="largest Karush-Kuhn-Tucker residual of the load sharing, 1")
    outer: float = Field(description="largest component of the outer gradient, cost per deviation")
    gradient: float = Field(description="largest relative difference of the gradient from a central difference")
    converged: bool
    evaluations: int = Field(description="how often the load was shared on the way")


class AdaptBasinRow(Printed):
    """An end of the search."""

    starts: list[str] = Field(description="starts that led there")
    cost: float
    distance: float = Field(description="from the best end, deviations of the habit")


class AdaptPointRow(Printed):
    """One loss of a curve with one weight of habit."""

    loss: float = Field(description="share of the condition, 1")
    habit_weight: float
    change: dict[str, float] = Field(description="quantity -> change, deg or mm")
    missing_nm: float
    fixed_missing_nm: float
    effort: float
    fixed_effort: float


class AdaptBodyRow(Printed):
    """Another body along the same curve; changes in deg, one per loss."""

    body: str
    trunk_lean: list[float]
    pelvic_list: list[float]


class AdaptPadRow(Printed):
    """Hip abduction strength at the end of the fixed posture, as a force."""

    place: str = Field(description="where the pad sits")
    lever_m: float
    force_bw: float = Field(description="body weights")


class AdaptCurveJson(Printed):
    """A posture under a growing loss."""

    losses: list[float]
    points: list[AdaptPointRow]
    bodies: list[AdaptBodyRow]
    level_ends: float | None = Field(description="largest share at which the posture can be held; null: all")
    strength_nm: float = Field(description="hip abduction of the standing side, undisturbed")
    strength_left_nm: float = Field(description="at level_ends, or under the whole condition")
    pads: list[AdaptPadRow]
    sentence: str
    seconds: float


class AdaptCarriedRow(Printed):
    """A load that is carried under the condition and was not before."""

    place: str = Field(description="right-hand, left-hand, both-hands or back")
    mass_kg: float


class AdaptedJson(Printed):
    """What the person could do instead."""

    task: str
    condition: ConditionJson
    verdict: MovementVerdict = Field(description="of the adapted movement")
    sentence: str
    free: list[str] = Field(description="quantities that could change")
    demanded: list[str] = Field(description="quantities whose change was asked for")
    carried: list[AdaptCarriedRow]
    alteration: str = Field(description="what else is different in the person, such as short fibres; empty: nothing")
    toward: Side = Field(description="side that signs count from: the standing one")
    change: list[AdaptChangeRow]
    cost: AdaptCostJson
    bought: AdaptBoughtJson
    joint_moments: list[AdaptMomentRow] = Field(description="who does the turning")
    habit: AdaptHabitJson
    margin_mm: float | None = Field(description="centre of pressure inside the edge of the foot; null: no number")
    fixed_margin_mm: float | None
    certificate: AdaptCertificateJson
    basins: list[AdaptBasinRow]
    notes: list[str]
    seconds: float = Field(description="processor time")

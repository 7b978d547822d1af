"""What `gluteal simulate --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.adapt import AdaptCurveJson, AdaptedJson
from gluteal.cli.schemas.shared import ActivationRow, CauseJson, CheckJson, ConditionJson, Free, HoldJson, Printed
from gluteal.cli.schemas.spread import SpreadJson
from gluteal.outcome.verdict import MovementVerdict
from gluteal.vocabulary import Side


class BodyJson(Printed):
    """Who moved."""

    name: str
    engine: str
    muscles: int = Field(description="how many")
    mass_kg: float


class DeficitJson(Printed):
    """What muscles and supports could not deliver at one coordinate; N m, or N where unit says so."""

    peak_nm: float = Field(description="largest reserve over time")
    coordinate: str
    unit: Literal["N m", "N"]
    time_s: float = Field(description="when it is largest")
    fraction_of_demand: float | None = Field(description="of the largest moment asked for, 1; null: nothing is asked")
    beyond_baseline_nm: float = Field(description="how much more than undisturbed")
    limit_nm: float = Field(description="more than this, beyond the baseline, is impossible")


class MuscleRow(ActivationRow):
    """One muscle of the model."""

    group: str | None
    baseline_force: float = Field(description="mean over time, N")
    force: float = Field(description="mean over time, N")
    acted_on: bool = Field(description="whether the condition acts on it")


class ChangeRow(Printed):
    """An anatomical muscle that does more or less; mean force in N, peak activation 1."""

    muscle: str
    side: Side | None
    group: str | None
    parts: int = Field(description="how many muscles of the model")
    baseline_force: float
    force: float
    change: float
    baseline_peak: float
    peak: float


class JointLoadRow(Printed):
    """Largest contact force of a joint: in body weights, in N, and when (s)."""

    joint: str
    side: Side | None
    on: str = Field(description="segment it acts on")
    frame: str = Field(description="segment in whose axes it is expressed")
    baseline_peak_bw: float
    baseline_peak_n: float
    baseline_peak_time_s: float
    baseline_anterior_peak_bw: float | None = Field(description="how hard the pelvis is pressed forward; hips only")
    baseline_anterior_mean_bw: float | None
    peak_bw: float
    peak_n: float
    peak_time_s: float
    anterior_peak_bw: float | None
    anterior_mean_bw: float | None
    least_possible_bw: float = Field(description="peak under the condition that no sharing can go below")


class BandRow(Printed):
    """What a group (or anatomical muscle) may do while effort stays near the least; activation, 1.

    Without prefix at ``slack``, with wide_ at ``wide_slack``.
    """

    name: str
    side: Side | None
    low: float = Field(description="least possible peak under the condition")
    high: float = Field(description="largest possible peak under the condition")
    baseline_low: float
    baseline_high: float
    change_low: float = Field(description="least possible change, where both bands are furthest apart")
    change_high: float = Field(description="largest possible change there")
    time_s: float = Field(description="when that is")
    word: Literal["must", "may", "does not"] = Field(description="whether it must change")
    wide_low: float
    wide_high: float
    wide_baseline_low: float
    wide_baseline_high: float
    wide_change_low: float
    wide_change_high: float
    wide_time_s: float
    wide_word: Literal["must", "may", "does not"]


class JointBandRow(Printed):
    """Peak force of a joint, along the direction it has in the solution, while effort stays near the least."""

    joint: str
    side: Side | None
    low_bw: float
    high_bw: float
    baseline_low_bw: float
    baseline_high_bw: float
    change_low_bw: float
    change_high_bw: float
    wide_low_bw: float
    wide_high_bw: float
    wide_baseline_low_bw: float
    wide_baseline_high_bw: float
    wide_change_low_bw: float
    wide_change_high_bw: float


class BandsJson(Printed):
    """Near-optimal bands: exact ends over all sharings near the least effort."""

    slack: float = Field(description="more effort than the least, as a share of it")
    wide_slack: float = Field(description="about what following recorded EMG asks for")
    frames: int = Field(description="frames looked at")
    groups: list[BandRow] = Field(description="groups that change most")
    muscles: list[BandRow] = Field(description="anatomical muscles that change, and the leading ones together")
    joints: list[JointBandRow]


class SupportRow(Printed):
    """What carries one part of the body, summed over its points of contact: size of the force, N."""

    name: str = Field(description="the part (foot_r and the like); of a measured load its own name")
    force_n: float = Field(description="mean over time, under the condition")
    baseline_force_n: float
    peak_n: float


class MetabolicJson(Printed):
    """Metabolic power of all muscles, mean over time."""

    model: str
    baseline_w: float
    w: float
    baseline_w_per_kg: float
    w_per_kg: float


class TimingJson(Printed):
    """How long the computer took."""

    mechanics_s: float
    solve_s: float


class TrackedChannelRow(Printed):
    """One recorded channel beside the sharing."""

    channel: str
    muscle: str
    side: Side
    held_out: bool
    gain: float | None = Field(description="activation per envelope; null: held out")
    correlation_plain: float | None = Field(description="with the cheapest sharing, at the delay")
    correlation: float | None = Field(description="with the sharing that follows the recording")


class TrackingJson(Printed):
    """What was estimated to follow EMG."""

    delay_s: float = Field(description="of force behind EMG, one for the recording")
    price: float = Field(description="of being off a channel by a whole activation")
    turns: int
    effort_ratio: float | None = Field(description="effort / the least")
    channels: list[TrackedChannelRow]


class EnsembleJson(Printed):
    """What all published bodies (and walkers) say under the condition."""

    bodies: int
    movements: list[str]
    verdict: Literal["possible", "impossible", "disputed", "cannot-be-judged"]
    agreement: float = Field(description="share that can do it, every independent source counting once")
    undecided: int = Field(description="readings that miss less than the measured moment varies")
    by_source: dict[str, str] = Field(description="lineage -> what its readings say")
    verdicts: dict[str, str] = Field(description="body (and walker) -> verdict, or not-decided")
    sentence: str


class SimulateJson(Printed):
    """A movement undisturbed and under a condition."""

    task: str
    body: BodyJson
    condition: ConditionJson
    frames: int
    window_s: tuple[float, float] = Field(description="first and last frame")
    criterion: str = Field(description="what load sharing makes least, such as p = 2")
    verdict: MovementVerdict | Literal["disputed"]
    cause: CauseJson | None = Field(description="why it cannot be judged; null: it can")
    findings: list[CauseJson] = Field(description="everything that speaks against judging it, the cause first")
    sentence: str = Field(description="the verdict in plain words")
    rule: str = Field(description="how the verdict is derived")
    baseline_ok: bool = Field(description="whether the undisturbed movement needs no reserve")
    deficit: DeficitJson = Field(description="the one that decides")
    baseline_deficit: DeficitJson = Field(description="the largest of the undisturbed movement")
    deficits: list[DeficitJson] = Field(description="of every coordinate")
    effort_ratio: float | None = Field(description="under the condition / undisturbed; null: no number")
    metabolic_ratio: float | None
    metabolic: MetabolicJson
    muscles: list[MuscleRow]
    groups: list[ActivationRow]
    compensators: list[ChangeRow] = Field(description="who does more, most first")
    relieved: list[ChangeRow] = Field(description="who does less, most first")
    not_determined: list[str] = Field(description="muscles whose share hangs on the last digits of the inputs")
    bands: BandsJson | None = Field(description="null: see not_computed")
    joint_loads: list[JointLoadRow]
    supports: list[SupportRow]
    checks: list[CheckJson]
    not_computed: dict[str, str] = Field(description="field left empty -> why")
    warnings: list[str]
    outside_published: list[str] = Field(
        description="where the undisturbed movement asks for other joint moments than people's"
    )
    notes: list[str] = Field(description="what to know about the body")
    provenance: Free
    endurance: HoldJson | None = Field(description="only with --fatigue: when it fails, begun fresh, under the rest")
    timing: TimingJson
    spread: SpreadJson | None = Field(default=None, description="only with --spread")
    emg_tracking: TrackingJson | None = Field(default=None, description="only with --criterion emg")
    ensemble: EnsembleJson | None = Field(
        default=None, description="built-in tasks on the default body, under a condition"
    )
    adapt: AdaptedJson | None = Field(default=None, description="only with --adapt: what the person could do instead")


class AdaptJson(AdaptedJson):
    """A movement held fixed, beside what the person could do instead."""

    fixed: SimulateJson
    adapted: SimulateJson
    curve: AdaptCurveJson | None = Field(description="only with --curve")

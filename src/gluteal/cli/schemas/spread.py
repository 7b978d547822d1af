"""What `gluteal simulate --spread N --json` adds under `spread`."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import ConditionJson, Printed
from gluteal.outcome.verdict import MovementVerdict
from gluteal.vocabulary import Side


class SpreadBand(Printed):
    """One number over all runs: of the body itself, percentiles over runs, least and largest over criteria."""

    nominal: float | None
    median: float | None
    low: float | None
    high: float | None
    criteria_low: float | None
    criteria_high: float | None


class SpreadVerdictRow(Printed):
    """Shares of the runs with each verdict, 1."""

    criterion: str = Field(description='"all", or one criterion')
    unchanged: float
    compensated: float
    impossible: float
    cannot_be_judged: float
    baseline_ok: float
    nominal: MovementVerdict = Field(description="of the body itself")


class SpreadNumberRow(SpreadBand):
    """Effort ratio or deficit."""

    quantity: str
    unit: str
    criterion: str


class SpreadCompensationRow(SpreadBand):
    """Change of mean force of an anatomical muscle, N, and shares of runs, 1."""

    muscle: str
    side: Side | None
    parts: int
    gains: float = Field(description="share of runs in which it gains 1 N or more")
    loses: float
    leads: float = Field(description="share of runs in which it is among the three that gain most")


class SpreadGroupRow(SpreadBand):
    """Peak activation of a group, 1."""

    name: str
    baseline_nominal: float | None
    baseline_median: float | None
    baseline_low: float | None
    baseline_high: float | None
    baseline_criteria_low: float | None
    baseline_criteria_high: float | None


class ScatterJson(Printed):
    """How much random people differ."""

    strength: float
    muscle: float
    mass: float
    mass_exponent: float
    path: float


class RankStabilityJson(Printed):
    """How far runs agree on who compensates, 1; null: fewer than two muscles."""

    concordance: float | None
    with_nominal: float | None
    same_leader: float | None
    muscles: float | None


class SpreadJson(Printed):
    """The outcome over random people and criteria."""

    task: str
    body: str
    condition: ConditionJson
    people: int
    criteria: list[str]
    scatter: ScatterJson
    scatter_sources: dict[str, str]
    statistic: str
    sentence: str
    verdicts: list[SpreadVerdictRow]
    numbers: list[SpreadNumberRow]
    compensation: list[SpreadCompensationRow]
    groups: list[SpreadGroupRow]
    rank_stability: RankStabilityJson
    certificate: float = Field(description="largest relative error of any solution, 1")
    seconds: float
    program: str
    seed: int

"""What several commands print: the base of all records, and the parts they share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gluteal.vocabulary import Side

#: Settings and provenance: what is in them depends on what was done.
Free = dict[str, Any]


class Printed(BaseModel):
    """Base of all that is printed: a field that is not described here is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnsembleRangeJson(Printed):
    """A number on every published body."""

    bodies: int
    answered: int = Field(description="bodies that have the number")
    low: float | None = Field(description="null: no body has it")
    high: float | None
    share: float | None = Field(description="share of bodies of which it holds, each independent source counting once")
    by_source: dict[str, tuple[float, float]] = Field(description="lineage -> smallest and largest")


class EffectJson(Printed):
    """One effect of a condition."""

    kind: str = Field(description="what happens, such as weaken or block")
    target: str = Field(description="muscle, group, nerve or movement")
    value: float = Field(description="share, activation or seconds, by kind")
    side: Literal["r", "l", "both"]


class ConditionJson(Printed):
    """A condition: any number of effects at once."""

    name: str = Field(description="the effects in words")
    effects: list[EffectJson]


class CheckJson(Printed):
    """One acceptance check."""

    name: str
    value: float | None = Field(description="in unit; null: no number")
    limit: float = Field(description="in unit")
    unit: str
    passed: bool
    sentence: str


class CauseJson(Printed):
    """One reason why a movement cannot be judged."""

    kind: str = Field(description="what sort of cause, such as feet, mass, support or muscle")
    what: str = Field(description="what is wrong")
    where: str = Field(description="where and when it shows")
    next: str = Field(description="what to do about it")
    window_s: tuple[float, float] | None = Field(description="the piece that could be judged; null: none, or not known")


class HoldJson(Printed):
    """When and where a hold (or a repeated movement) fails."""

    seconds: float | None = Field(description="null: not within an hour")
    coordinate: str | None = Field(description="what is missing then")
    repetitions: float | None = Field(description="null: a posture, or not within an hour")


class ActivationRow(Printed):
    """Activation of a muscle or group, undisturbed (baseline) and under the condition, 1."""

    name: str
    side: Side | None = Field(description="null: in the middle")
    baseline_peak: float
    baseline_mean: float
    peak: float
    mean: float

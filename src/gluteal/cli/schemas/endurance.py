"""What `gluteal endurance --json` prints."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import ConditionJson, HoldJson, Printed
from gluteal.vocabulary import Side


class HoldAgainJson(HoldJson):
    """A second hold after a rest."""

    rest_s: float


class HoldGroupRow(Printed):
    """Mean activation of a group, fresh and in the end, 1."""

    name: str
    side: Side | None
    fresh: float
    tired: float
    change: float
    fatigued: float = Field(description="share of its muscles that is fatigued in the end, 1")


class HoldingTimeRow(Printed):
    """How long people hold the posture."""

    holding_s: float
    sd_s: float | None
    n: int
    group: str
    note: str | None
    source: str
    read: str


class BodyHoldRow(Printed):
    """A published body."""

    body: str
    seconds: float | None = Field(description="null: not within an hour, or not judged")
    coordinate: str | None
    judged: bool


class HoldBandJson(Printed):
    """Published bodies together."""

    bodies: int
    judged: int
    low_s: float | None = Field(description="null: not within an hour")
    high_s: float | None
    holds: list[BodyHoldRow]


class HoldUntilJson(HoldJson):
    """A posture held, or a movement repeated, until it fails."""

    task: str
    body: str
    condition: ConditionJson
    criterion: str
    sentence: str
    groups: list[HoldGroupRow] = Field(description="those that change most first")
    again: HoldAgainJson | None = Field(default=None, description="only with --rest")
    people: list[HoldingTimeRow] | None = Field(default=None, description="built-in postures on the default body")
    ensemble: HoldBandJson | None = Field(default=None, description="as people")

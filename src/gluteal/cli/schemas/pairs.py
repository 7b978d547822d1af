"""What `gluteal emg --json` prints of muscles beside each other: sides, antagonists, courses over the gait cycle."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Free, Printed
from gluteal.emg.measure.curves import CurveTest
from gluteal.vocabulary import Side


class AsymmetryJson(Printed):
    """Mean amplitude of a muscle, right beside left."""

    recording: str
    muscle: str
    right: float | None = Field(description="in unit")
    left: float | None
    unit: str = Field(description="of both, or one and the other: then they do not compare")
    index_percent: float | None = Field(description="(right - left) / mean of both; null: the sides do not compare")
    source: str
    sentence: str


class CoContractionJson(Printed):
    """How far two opposing muscles of one side work at one time."""

    recording: str
    side: Side | None
    first: str
    second: str
    groups: tuple[str, str] = Field(description="that oppose each other")
    span: Literal["gait cycles", "whole recording"] = Field(description="what the numbers are of")
    cycles: int = Field(description="how many; 0 for the whole recording")
    falconer_winter_percent: float = Field(description="share of their activity that is common")
    falconer_winter_sd: float | None = Field(description="over cycles; null: fewer than two")
    rudolph: float = Field(description="grows with the strength of both; in unit")
    unit: str
    sources: tuple[str, str] = Field(description="of the two numbers")
    sentence: str


class SynergiesJson(Printed):
    """Groups of muscles of one side that rise and fall together, over a whole recording."""

    recording: str
    side: Side | None
    muscles: list[str]
    count: int = Field(description="how many groups")
    weights: list[list[float]] = Field(description="of each group, by muscle; the largest of a group is 1")
    accounted_percent: float = Field(description="share of the variation of all muscles")
    by_muscle_percent: list[float]
    by_count_percent: list[float] = Field(description="with 1, 2, ... groups")
    sentence: str


class CurveDifferenceJson(Printed):
    """A part of the gait cycle, from and to (%), in which two courses differ, and its probability by chance."""

    start_percent: float
    end_percent: float
    p: float


class CurveComparisonJson(Printed):
    """Courses of one muscle over the gait cycle: right and left, or two conditions."""

    kind: Literal["sides", "conditions"]
    muscle: str
    side: Side | None = Field(description="null where sides are compared")
    first: str
    second: str
    recordings: list[str]
    p: float | None = Field(description="of the strongest difference; null: not compared, the sentence says why")
    method: CurveTest | None
    differences: list[CurveDifferenceJson]
    settings: Free
    sentence: str

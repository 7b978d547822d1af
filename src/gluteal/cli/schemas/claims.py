"""What `gluteal claims --json` prints."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.ledger.evidence.effects import Measure
from gluteal.ledger.evidence.lines import Says
from gluteal.ledger.evidence.records import Answer, Direction, Stance
from gluteal.ledger.evidence.rule import DesignClass, Level
from gluteal.ledger.evidence.verdict import VerdictWord


class DowngradeJson(Printed):
    """Why the certainty of a line of evidence fell."""

    kind: str
    levels: int
    reason: str


class CertaintyJson(Printed):
    """How certain a line of evidence is."""

    level: Level
    start: Level
    design: DesignClass
    downgrades: list[DowngradeJson]


class LineJson(Printed):
    """What a study, or several pooled, says of the claim."""

    name: str
    studies: list[str] = Field(description="keys")
    says: Says
    certainty: CertaintyJson
    findings: list[str]
    part_of: str = Field(description="what speaks for it; empty: it speaks itself")


class StudyEffectRow(Printed):
    """One study's effect, as printed, with its 95 % interval."""

    study: str
    name: str
    value: float
    low: float | None
    high: float | None
    direction: Direction
    weight: float | None = Field(description="share in the pooled effect; null: left out")
    left_out: str
    derived: str


class EstimateJson(Printed):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


class PooledJson(Printed):
    """What several effects add up to."""

    k: int = Field(description="studies")
    fixed: EstimateJson
    random: EstimateJson
    prediction: tuple[float, float] | None = Field(description="where a further study would lie with 95 %")
    tau2: float
    q: float
    q_p: float
    i2: float


class SynthesisJson(Printed):
    """Effects of one outcome, contrast, measure, unit and time."""

    outcome: str
    contrast: str
    measure: Measure
    units: str
    timepoint: str
    studies: list[StudyEffectRow]
    pooled: PooledJson | None
    why_not_pooled: str


class StudiesJson(Printed):
    """Keys of studies by what they say."""

    for_: list[str] = Field(alias="for")
    against: list[str]
    mixed: list[str]
    neutral: list[str]


class EvidenceJson(Printed):
    """What the literature says of the claim."""

    studies: StudiesJson
    lines: list[LineJson]
    syntheses: list[SynthesisJson]


class CriterionJson(Printed):
    """One reading beside the bounds that were stated beforehand."""

    reading: str
    label: str
    value: float | None
    unit: str
    supports_if: str
    contradicts_if: str
    says: Answer
    why: str


class PublishedReadingJson(Printed):
    """What was published of the same number."""

    source: str
    value: float | None
    low: float | None
    high: float | None
    words: str


class ReadingJson(Printed):
    """One number that the experiment computes."""

    key: str
    label: str
    value: float | None
    unit: str
    published: PublishedReadingJson | None
    note: str


class TestedJson(Printed):
    """One experiment that was run."""

    experiment: str
    title: str
    answer: Answer
    replays: list[str] = Field(description="keys of studies it repeats")
    criteria: list[CriterionJson]
    readings: list[ReadingJson]
    limits: str
    seconds: float


class ExperimentJson(Printed):
    """All experiments on the claim."""

    result: Answer
    tests: list[TestedJson]


class ClaimJson(Printed):
    """One claim, what speaks for and against it, and the verdict."""

    id: str
    statement: str
    topic: str
    articles: dict[str, Stance]
    verdict: VerdictWord
    certainty: Level | None
    rule: str = Field(description="the verdict's reason in one sentence")
    evidence: EvidenceJson
    experiment: ExperimentJson | None = Field(description="null: none was run")

"""What `gluteal claims --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.ledger.evidence.certainty import GradeReason
from gluteal.ledger.evidence.effects import Measure
from gluteal.ledger.evidence.pooling import PoolingMethod
from gluteal.ledger.evidence.records import Answer, ClaimKind, Direction, QuoteJudgement, Stance
from gluteal.ledger.evidence.rule import DesignClass, Level
from gluteal.ledger.evidence.summary import Says
from gluteal.ledger.evidence.verdict import Basis, VerdictWord


class DowngradeJson(Printed):
    """Why the certainty of a body of evidence, or of one study, fell."""

    kind: GradeReason
    levels: int
    reason: str


class CertaintyJson(Printed):
    """How certain a body of evidence, or one study, is."""

    level: Level
    start: Level
    design: DesignClass
    downgrades: list[DowngradeJson]


class LineJson(Printed):
    """What a study says of the claim by its own intervals and p values."""

    name: str
    studies: list[str] = Field(description="keys")
    says: Says
    certainty: CertaintyJson
    findings: list[str]
    part_of: str = Field(description="why it has no weight; empty: it has")


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
    outcome: str = Field(description="what this effect is of")


class EstimateJson(Printed):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


class PooledJson(Printed):
    """What several effects add up to."""

    k: int = Field(description="studies")
    effects: int = Field(description="effects of these studies")
    method: PoolingMethod
    fixed: EstimateJson
    random: EstimateJson
    prediction: tuple[float, float] | None = Field(description="where a further study would lie with 95 %")
    tau2: float = Field(description="variance between studies, on the pooling scale")
    tau2_within: float = Field(description="variance between effects of one study")
    q: float
    q_p: float
    i2: float


class SynthesisJson(Printed):
    """Effects of one measure, and what they add up to."""

    outcome: str
    contrast: str
    measure: Measure
    units: str
    timepoint: str
    main: bool = Field(description="whether the verdict rests on it; values are then turned so that more speaks for it")
    smallest_difference: float | None = Field(description="the smallest that matters, as the claim states it")
    studies: list[StudyEffectRow]
    pooled: PooledJson | None
    why_not_pooled: str


class StudiesJson(Printed):
    """Keys of studies by what they say."""

    for_: list[str] = Field(alias="for")
    against: list[str]
    mixed: list[str]
    neutral: list[str]


class DirectionsJson(Printed):
    """Results without a size put together."""

    p_for: float | None = Field(description="one-sided, by Fisher's method")
    p_against: float | None
    towards: int | None = Field(description="studies that point towards the claim")
    total: int | None = Field(description="studies that point either way")
    sign_p: float | None
    studies: list[str]


class EvidenceJson(Printed):
    """What the literature says of the claim."""

    studies: StudiesJson
    lines: list[LineJson]
    syntheses: list[SynthesisJson]
    directions: DirectionsJson | None


class CriterionJson(Printed):
    """One reading beside the bounds that were stated beforehand."""

    reading: str
    label: str
    value: float | None
    unit: str
    supports_if: str
    contradicts_if: str
    says: Answer
    near_optimal: Literal["every", "may"] | None = Field(
        description="whether every near-optimal sharing says so or only some; null where nothing is decided or no band"
    )
    why: str


class ReadingBandJson(Printed):
    """The ends of a reading among all sharings that meet the movement and cost little more than the cheapest."""

    low: float | None
    high: float | None = Field(description="null where there is no upper end")
    slack: float = Field(description="how much more they may cost, as a share of the least effort")
    words: str


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
    band: ReadingBandJson | None = Field(description="null where it is not read off a sharing, or was not asked")


class NatureCheckJson(Printed):
    """A number of the model beside people's."""

    quantity: str
    task: str
    source: str
    computed: float | None
    low: float | None
    high: float | None
    unit: str
    tolerance: str = Field(description="where the limits come from")
    passed: bool


class BodyReadingsJson(Printed):
    """What all published bodies, and all walkers where it walks, say of the prediction."""

    bodies: int
    walkers: int
    share: float = Field(description="of readings with the same answer, every independent source counting once")
    agree: bool = Field(description="whether the share is large enough for the answer to count")
    answers: dict[str, int] = Field(description="answer -> readings; not judged where a body cannot do it")
    sentence: str


class TestedJson(Printed):
    """One experiment that was run."""

    experiment: str
    title: str
    answer: Answer
    credible: bool = Field(description="whether the answer counts")
    failed_check: str | None
    checks: list[NatureCheckJson]
    replays: list[str] = Field(description="keys of studies it repeats")
    criteria: list[CriterionJson]
    readings: list[ReadingJson]
    bodies: BodyReadingsJson | None = Field(description="null where they were not asked")
    limits: str
    seconds: float


class ExperimentJson(Printed):
    """All experiments on the claim."""

    result: Answer
    credible: bool = Field(description="whether any of them counts")
    failed_check: str | None = Field(description="of the first that does not count")
    tests: list[TestedJson]


class ClaimEstimateJson(Printed):
    """The number behind a verdict, turned so that more speaks for the claim."""

    value: float
    low: float
    high: float
    unit: str
    measure: Measure
    bound: float = Field(description="the smallest difference that matters")
    reference: float = Field(description="the value of no effect, or the level the claim speaks of")
    studies: int


class StabilityJson(Printed):
    """What the verdict of the studies hangs on."""

    without_study: dict[str, VerdictWord] = Field(description="study's key -> the verdict without it, where another")
    studies: int = Field(description="how many were left out in turn")
    other_rule: dict[str, VerdictWord] = Field(description="change of the rule -> the verdict, where another")
    rules: int = Field(description="how many were tried")


class QuotationJson(Printed):
    """What a text says, held against its source."""

    judgement: QuoteJudgement
    said: str
    source: str
    quote: str
    locator: str
    address: str | None
    why: str


class ClaimJson(Printed):
    """One claim, the plain answer, what speaks for and against it, and the verdict."""

    id: str
    statement: str
    plain: str = Field(description="the answer in a sentence for everybody")
    number: str = Field(description="the number that carries it, in words; empty: none")
    certainty_words: str
    would_change: str
    kind: ClaimKind
    topic: str
    articles: dict[str, Stance]
    verdict: VerdictWord
    certainty: Level | None
    basis: Basis = Field(description="what decided")
    rule: str = Field(description="the verdict's reason in one sentence")
    estimate: ClaimEstimateJson | None = Field(description="null: no size could be judged")
    grade: CertaintyJson | None
    stability: StabilityJson
    quotation: QuotationJson | None
    evidence: EvidenceJson
    experiment: ExperimentJson | None = Field(description="null: none was run")


class TouchedClaimJson(Printed):
    """A claim that a new study may bear on."""

    id: str
    match: float = Field(description="how like the claim title and abstract are, 0-1")
    verdict: VerdictWord
    could_change: bool
    could_become: list[VerdictWord] = Field(description="what a result of so many people could make of the verdict")


class NewReferenceJson(Printed):
    """One reference that was given with --new."""

    title: str
    name: str
    link: str | None
    known: str | None = Field(description="its key, where the ledger has it; null: new")
    people: int = Field(description="as its abstract names them, or a usual number")
    claims: list[TouchedClaimJson]

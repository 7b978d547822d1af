"""What `gluteal emg --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.pairs import AsymmetryJson, CoContractionJson, CurveComparisonJson, SynergiesJson
from gluteal.cli.schemas.shared import Free, Printed
from gluteal.emg.analysis.record import FindingAnswer, FindingKind
from gluteal.emg.session.file import Role
from gluteal.emg.signal.faults import FaultKind, Severity
from gluteal.vocabulary import Side

#: First and last time, s; null where they are not known.
Span = tuple[float | None, float | None]


class SubjectJson(Printed):
    """The person, as far as the session file says."""

    id: str | None
    mass_kg: float | None
    height_m: float | None
    age_years: float | None
    sex: str | None
    group: str | None


class EventJson(Printed):
    """Something that happened at a time (s)."""

    name: str
    time: float
    side: Side | None


class CrosstalkJson(Printed):
    """Two channels that are, in part, one signal."""

    first: str
    second: str
    correlation: float
    shared_percent: float
    lag_s: float
    sentence: str


class RecordingJson(Printed):
    """One recording."""

    name: str
    role: Role
    format: str
    task: str | None
    channels: int = Field(description="how many")
    events: list[EventJson]
    movement_starts_s: list[float]
    crosstalk: list[CrosstalkJson]
    notes: list[str]
    duration_s: float


class FaultJson(Printed):
    """What is wrong with a channel."""

    kind: FaultKind
    severity: Severity
    value: float | None
    unit: str
    sentence: str
    intervals_s: list[Span]


class QualityNumber(Printed):
    """A number the quality was judged by."""

    value: float | None
    unit: str


class QualityJson(Printed):
    """Whether a channel can be used, and why not."""

    usable: bool
    faults: list[FaultJson]
    measures: dict[str, QualityNumber]


class BurstJson(Printed):
    """One burst of activity; null: not known."""

    onset_s: float | None
    offset_s: float | None
    onset_sd_s: float | None
    offset_sd_s: float | None
    onset_interval_s: Span = Field(description="95 %")
    offset_interval_s: Span
    level_db: float | None = Field(description="over rest")
    onset_by_hand: bool
    offset_by_hand: bool


class AmplitudeJson(Printed):
    """Amplitude of the whole channel."""

    name: str
    start_s: float
    end_s: float
    peak: float | None
    mean: float | None
    integrated: float | None
    unit: str


class CyclesJson(Printed):
    """The mean curve over movement cycles."""

    count: int
    unit: str
    band: str
    percent: list[float]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


class TrendJson(Printed):
    """How a frequency changed, with the 95 % interval of the slope."""

    slope: float | None
    low: float | None
    high: float | None
    start: float | None
    end: float | None
    percent_per_minute: float | None
    unit: str
    autocorrelation: float | None


class EnduranceJson(Printed):
    """How the muscle tired."""

    median_frequency: TrendJson
    mean_frequency: TrendJson
    sentence: str
    settings: Free


class ChannelJson(Printed):
    """One channel of one recording."""

    muscle: str | None
    side: Side | None
    onsets_s: list[float]
    onset_sd_s: list[float | None]
    peak_percent_mvic: float | None = Field(description="null without a maximal contraction")
    mean_percent_mvic: float | None
    quality: QualityJson
    recording: str
    channel: str
    key: str = Field(description="names the channel in the whole session")
    unit: str
    rate_hz: float
    start_s: float
    duration_s: float
    timed: bool
    why_not_timed: str
    onset_method: str | None
    bursts: list[BurstJson]
    true_onsets_s: list[float] | None = Field(description="of synthetic signals")
    amplitude: AmplitudeJson | None
    cycles: CyclesJson | None
    endurance: EnduranceJson | None
    conditioning: Free
    notes: list[str]


class RelativeOnsetJson(Printed):
    """When a muscle switched on, counted from the reference, over repetitions."""

    muscle: str
    mean_s: float | None
    sd_s: float | None
    low_s: float | None
    high_s: float | None
    repetitions: int
    missing: int
    reference: str
    open_s: float


class OrderShareJson(Printed):
    """How probable an order is."""

    order: list[str]
    probability: float | None
    low: float | None
    high: float | None
    observed: int


class PairShareJson(Printed):
    """How probable it is that the first muscle of a pair switches on first."""

    first: str
    second: str
    probability: float | None
    low: float | None
    high: float | None
    repetitions: int


class AgreementJson(Printed):
    """How far repetitions agree on the order."""

    w: float | None = Field(description="Kendall's coefficient of concordance")
    low: float | None
    high: float | None
    p: float | None
    repetitions: int
    muscles: int
    sentence: str


class PublishedOnsetJson(Printed):
    """A published onset."""

    muscle: str
    condition: str
    reference_event: str
    mean_s: float
    sd_s: float | None
    n: int
    group: str
    note: str
    key: str
    source: str


class OnsetComparisonJson(Printed):
    """A measured onset beside a published one."""

    published: PublishedOnsetJson
    low_s: float | None
    high_s: float | None
    position: Literal["among", "earlier", "later", "not known"]
    sentence: str


class OrderJson(Printed):
    """The order of onsets in repetitions of one task."""

    reference: str
    side: Side | None
    task: str | None
    recordings: list[str]
    repetitions: int
    cyclic: bool
    sentence: str
    relative_onsets: list[RelativeOnsetJson]
    onsets_s: dict[str, list[float | None]]
    orders: list[OrderShareJson]
    pairs: list[PairShareJson]
    agreement: AgreementJson | None
    published: list[OnsetComparisonJson]


class FindingJson(Printed):
    """One sentence for people, and what it is about."""

    kind: FindingKind
    answer: FindingAnswer
    sentence: str
    muscle: str | None
    side: Side | None
    recording: str | None


class MuscleBesideJson(Printed):
    """Recorded EMG of one muscle beside its simulated activation."""

    muscle: str
    side: Side
    channel: str
    parts: list[str] = Field(description="muscles of the model")
    overlap: float | None = Field(description="share of the time in which both are on or both are off")
    chance: float | None
    correlation: float | None
    lag_s: float | None
    best_correlation: float | None
    peak_activation: float | None
    sentence: str


class BesideChannelJson(Printed):
    """One channel beside the sharing, at the recording's delay."""

    channel: str
    muscle: str
    side: Side
    gain: float = Field(description="activation per envelope (largest 1) that gives both the same root mean square")
    correlation_zero_lag: float | None
    correlation: float | None = Field(description="at the delay")
    rmse: float = Field(description="at gain and delay, activation 1")
    covered: list[float] = Field(description="share of frames in the band of each slack")


class BesideAgreementJson(Printed):
    """A recording beside its sharing: one delay, a gain per channel, and what near-optimal bands cover."""

    movement: str
    criterion: str
    delay_s: float = Field(description="of force behind EMG, estimated, one for the recording")
    slacks: list[float] = Field(description="more effort than the least that bands allow, shares of it")
    mean_correlation: float | None
    pooled_correlation: float | None = Field(description="of all channels end to end, each scaled by its gain")
    covered: list[float] = Field(description="share of all channels' frames in the band of each slack")
    channels: list[BesideChannelJson]


class BesideJson(Printed):
    """EMG beside the simulation of the trial it was recorded in."""

    trial: str
    muscles: list[MuscleBesideJson]
    left_out: list[str]
    settings: Free
    agreement: BesideAgreementJson | None = Field(description="null: only activations are known")


class LeftOutJson(Printed):
    """A signal that was not taken for a muscle's."""

    recording: str
    channel: str
    why: str


class EmgJson(Printed):
    """An analysed session."""

    session: str
    synthetic: bool
    subject: SubjectJson
    recordings: list[RecordingJson]
    channels: list[ChannelJson]
    order: list[OrderJson]
    findings: list[FindingJson]
    asymmetry: list[AsymmetryJson] = Field(description="of muscles recorded on both sides")
    co_contraction: list[CoContractionJson] = Field(description="of muscles that oppose each other")
    synergies: list[SynergiesJson] = Field(description="empty with fewer than four usable muscles of a side")
    curve_comparison: list[CurveComparisonJson] = Field(description="of courses over the gait cycle")
    left_out: list[LeftOutJson] = Field(description="signals that are no muscle's, each with the reason")
    notes: list[str]
    settings: Free
    beside: BesideJson | None = Field(default=None, description="only with --beside")

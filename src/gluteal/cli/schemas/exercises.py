"""What `gluteal exercises --json` prints: a row an exercise, of both large gluteals or of the muscle asked for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.sources.bibliography import ReadDepth

_EMG = "share of a maximal voluntary contraction"


class EmgRowJson(Printed):
    """One printed value of a source; shares of a maximal voluntary contraction."""

    source: str = Field(description="key of the bibliography")
    name: str
    link: str | None
    statistic: Literal["mean", "review", "peak"]
    part: str = Field(description="part of the muscle; empty: the whole")
    value: float | None
    sd: float | None
    low: float | None
    high: float | None
    n: int | None = Field(description="people; null: not on the page read")
    people: str
    equipment: str
    normalisation: str
    read: ReadDepth = Field(description="how far the source was read")
    note: str


class PublishedEmgJson(Printed):
    """What was published of a muscle in an exercise; shares of a maximal voluntary contraction."""

    value: float = Field(description="mean over sources, each once")
    basis: Literal["studies", "review", "peak"] = Field(description="what value is a mean of; never mixed")
    low: float = Field(description="smallest printed value or end of a range")
    high: float
    studies: int
    reviews: int
    rows: list[EmgRowJson]


class SimulatedJson(Printed):
    """Activation of the working leg's muscle, 1; only where it passes its check against people."""

    peak: float
    mean: float


class ActivationCheckJson(Printed):
    """A simulated activation beside people's EMG, passed or not."""

    compared: float = Field(description="mean over time, or peak where only peaks were published, 1")
    low: float | None = Field(description="null: nothing was published to hold it against")
    high: float | None
    inside: bool | None
    counted: bool = Field(description="whether the simulated movement is the exercise, not one that comes near")
    sentence: str


class MeasuredHipJson(Printed):
    """Largest hip force that implants measured, body weights."""

    low: float
    high: float
    people: int
    source: str = Field(description="key of the bibliography")


class ExerciseJson(Printed):
    """What every row says of an exercise; largest joint loads in body weights, null: no task does it."""

    name: str
    title: str
    level: Literal["gentle", "moderate", "hard"]
    position: Literal["lying", "all fours", "plank", "sitting", "standing"]
    equipment: list[str] = Field(description="everything that is needed")
    legs: str = Field(description="which leg the numbers belong to")
    also: str = Field(description="other names")
    how_to: str
    task: str | None
    match: Literal["same", "roughly", "near"] | None
    why: str = Field(description="what differs between exercise and task")
    hip_load: float | None = Field(
        description="computed; in walking and standing 1.3 to 2.3 times what implants measure"
    )
    hip_measured: MeasuredHipJson | None
    knee_load: float | None
    back_load: float | None
    fault: str = Field(description="what is known to be wrong of the body in it; empty: nothing")


class ExerciseRow(ExerciseJson):
    """One exercise, by group; the flat numbers are as simulated, whether or not they pass: read `credible`."""

    published: dict[str, PublishedEmgJson | None]
    simulated: dict[str, SimulatedJson | None]
    credible: dict[str, bool]
    check: dict[str, ActivationCheckJson | None]
    glmax_peak: float | None
    glmax_mean: float | None
    glmax_emg: float | None = Field(description=_EMG)
    glmed_peak: float | None
    glmed_mean: float | None
    glmed_emg: float | None = Field(description=_EMG)


class ExerciseRung(ExerciseJson):
    """One exercise for the muscle that was asked for; `activation` is as simulated, passed or not."""

    published: PublishedEmgJson | None
    simulated: SimulatedJson | None
    credible: bool
    check: ActivationCheckJson | None
    activation: float | None = Field(description="simulated peak, 1")
    emg: float | None = Field(description=_EMG)

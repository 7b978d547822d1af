"""What `gluteal reliability --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.emg.measure.reliability import Weights

#: Lower and upper end; null: no number.
Interval = tuple[float | None, float | None]


class IccJson(Printed):
    """One form of the intraclass correlation with its 95 % interval, 1; null: no number."""

    form: str = Field(description="McGraw & Wong's name")
    shrout_fleiss: str = Field(description="Shrout & Fleiss's name")
    value: float | None
    low: float | None
    high: float | None
    meaning: str


class MeasurementErrorJson(Printed):
    """Error of the measurement and the smallest change beyond it, with 95 % intervals, in unit."""

    sem: float | None = Field(description="standard error of measurement")
    sem_low: float | None
    sem_high: float | None
    mdc95: float | None = Field(description="smallest change that error explains in under 5 %")
    mdc95_low: float | None
    mdc95_high: float | None
    unit: str
    subjects: int
    repeats: int
    method: Literal["agreement", "consistency"] = Field(description="whether shifts between sessions count as error")


class BlandAltmanJson(Printed):
    """Two sessions beside each other, second minus first, with 95 % intervals, in unit."""

    first: str
    second: str
    bias: float | None = Field(description="mean difference")
    bias_low: float | None
    bias_high: float | None
    lower: float | None = Field(description="95 % limit of agreement")
    upper: float | None
    lower_interval: Interval
    upper_interval: Interval
    sd: float | None
    n: int
    unit: str
    trend_p: float | None = Field(description="small: the difference changes with the size of the value")


class KappaJson(Printed):
    """Agreement of two raters beyond chance with its 95 % interval, 1."""

    value: float
    low: float
    high: float
    observed: float = Field(description="weighted share of agreement")
    expected: float = Field(description="the same by chance alone")
    weights: Weights
    n: int


class ReliabilityJson(Printed):
    """How repeatable a measurement is; numbers fill icc, measurement_error and bland_altman, categories fill kappa."""

    name: str
    unit: str
    subjects: int = Field(description="how many")
    sessions: list[str] = Field(description="days, trials or raters")
    categories: list[str] = Field(description="in their order; empty: the values are numbers")
    icc: list[IccJson]
    measurement_error: list[MeasurementErrorJson]
    bland_altman: list[BlandAltmanJson] = Field(description="of every pair of sessions")
    kappa: list[KappaJson] = Field(description="with each kind of weights")
    sentences: list[str]

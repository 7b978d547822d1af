"""What `gluteal study --json` prints."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.outcome.verdict import MovementVerdict


class StudyRow(Printed):
    """One case, condition and criterion over all people."""

    case: str
    condition: str
    criterion: str
    people: int
    unchanged: float = Field(description="share of people, 1")
    compensated: float
    impossible: float
    cannot_be_judged: float
    effort_ratio: float | None = Field(description="median; low and high: 5th and 95th percentile")
    effort_ratio_low: float | None
    effort_ratio_high: float | None
    deficit: float | None = Field(description="N m")
    deficit_low: float | None
    deficit_high: float | None
    nominal_verdict: MovementVerdict = Field(description="of the body itself")
    nominal_effort_ratio: float | None


class StudyJson(Printed):
    """A study that was run."""

    study: str
    out: str = Field(description="the file with everything")
    people: int
    seed: int
    statistic: str
    certificate: float = Field(description="largest relative error of any solution, 1")
    rows: list[StudyRow]

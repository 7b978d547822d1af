"""What `gluteal delays --json` prints."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.outcome.verdict import MovementVerdict
from gluteal.vocabulary import Side


class HelperRow(Printed):
    """A group that does more in the beginning."""

    name: str
    change: float = Field(description="of its mean activation, 1")


class LateRowJson(Printed):
    """One target (or two together), one delay."""

    targets: list[str]
    delay_s: float
    verdict: MovementVerdict
    effort_ratio: float = Field(description="mean effort / the undisturbed movement's, both under activation dynamics")
    early_hip_bw: float = Field(description="mean hip force in the beginning, body weights")
    peak_hip_bw: float
    missing_nm: float = Field(description="largest deficit, N m or N")
    coordinate: str = Field(description="where it is largest")
    helpers: list[HelperRow] = Field(description="who does more in the beginning, most first")


class DelaysJson(Printed):
    """Late starts of one movement."""

    task: str
    side: Side
    onset_s: float = Field(description="when the first target starts undisturbed")
    early_s: float = Field(description="how long the beginning is")
    baseline_early_hip_bw: float
    baseline_peak_hip_bw: float
    healthy_scatter_s: float = Field(description="standard deviation of healthy onsets of gluteus maximus")
    sentence: str
    refused: dict[str, str] = Field(description="target -> why it has no start that could be late")
    rows: list[LateRowJson]

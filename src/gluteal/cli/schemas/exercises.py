"""What `gluteal exercises --json` prints: an array of rows, or of rungs where a muscle was named."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed


class ExerciseRow(Printed):
    """One exercise: simulated peak and mean activation and published EMG (1), largest joint loads (body weights)."""

    task: str
    title: str
    glmax_peak: float
    glmax_mean: float
    glmax_emg: float | None
    glmed_peak: float
    glmed_mean: float
    glmed_emg: float | None
    hip_load: float
    back_load: float
    fault: str = Field(description="what is known to be wrong; empty: nothing")


class ExerciseRung(Printed):
    """One exercise for the muscle that was asked for, in the same units."""

    task: str
    title: str
    activation: float
    hip_load: float
    back_load: float
    emg: float | None
    fault: str

"""Is a difference real? Judged against measurement error and the healthy spread; "cannot tell" is an
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gluteal.emg.measure.reliability import MeasurementError
from gluteal.errors import InputError

Difference = Literal["beyond measurement error", "within measurement error", "cannot tell"]
HealthySpread = Literal["as among healthy people", "beyond 95 % of healthy people", "not known"]


@dataclass(frozen=True)
class Judgement:
    """What may be said about a difference.

    Attributes
    ----------
    verdict : str
        "beyond measurement error", "within measurement error" or "cannot tell".
    healthy : str
        "as among healthy people", "beyond 95 % of healthy people" or "not known".
    difference : float
        `value_b` minus `value_a`, in `unit`.
    mdc95 : float or None
        Smallest difference that is more than error, in `unit`.
    healthy_limits : tuple of float or None
        Where 95 % of healthy differences lie, in `unit`.
    unit : str
    sentence : str
        For people.
    """

    verdict: Difference
    healthy: HealthySpread
    difference: float
    mdc95: float | None
    healthy_limits: tuple[float, float] | None
    unit: str
    sentence: str


def judge_difference(
    value_a: float,
    value_b: float,
    *,
    sem: float | MeasurementError | None = None,
    mdc: float | None = None,
    error: str = "measurement error",
    healthy_sd: float | None = None,
    healthy_mean: float = 0.0,
    unit: str = "",
    what: str = "The difference",
) -> Judgement:
    """Judge a difference between two sides, days or people.

    Parameters
    ----------
    value_a, value_b : float
        In `unit`; the difference is b minus a.
    sem : float, MeasurementError or None
        Standard error of measurement in `unit`. With a `MeasurementError` its own interval counts: between
        the two limits of the MDC the answer is "cannot tell". None: error unknown, "cannot tell".
    mdc : float, optional
        Smallest difference that is more than error, in `unit`, where it is known otherwise than from a `sem`.
    error : str
        What the error is, for the sentence.
    healthy_sd : float, optional
        Standard deviation of this very difference among healthy people, in `unit`.
    healthy_mean : float
        Its mean.
    unit, what : str
        For the sentence.

    Raises
    ------
    InputError
        Where a spread is negative or not a number, or both `sem` and `mdc` are given.

    Notes
    -----
    MDC95 = 1.96 sqrt(2) SEM (Weir 2005). A difference beyond error can still be as large as among healthy
    people; the sentence says both.

    Examples
    --------
    >>> j = judge_difference(30.0, 50.0, sem=4.0, healthy_sd=15.0, unit="ms")
    >>> j.verdict, j.healthy
    ('beyond measurement error', 'as among healthy people')
    >>> judge_difference(30.0, 35.0, sem=4.0, unit="ms").verdict
    'within measurement error'
    """
    difference = float(value_b) - float(value_a)
    if mdc is not None:
        if sem is not None or not (np.isfinite(mdc) and mdc >= 0.0):
            raise InputError(
                f"Give either an error or a smallest difference, and none below zero; given {sem} and {mdc}."
            )
        low = high = mdc
    elif isinstance(sem, MeasurementError):
        if unit and sem.unit != unit:
            raise InputError(f"The measurement error is in {sem.unit}, the difference in {unit}; give one unit.")
        unit = unit or sem.unit
        low, mdc, high = sem.mdc95_low, sem.mdc95, sem.mdc95_high
    elif sem is not None:
        if not (np.isfinite(sem) and sem >= 0.0):
            raise InputError(f"A standard error of measurement is not negative; given {sem}.")
        low = mdc = high = 1.96 * float(np.sqrt(2.0)) * float(sem)
    if healthy_sd is not None and not (np.isfinite(healthy_sd) and healthy_sd > 0.0):
        raise InputError(f"A healthy spread is a positive standard deviation; given {healthy_sd}.")
    suffix = f" {unit}" if unit else ""
    limits = None
    healthy: HealthySpread = "not known"
    if healthy_sd is not None:
        limits = (healthy_mean - 1.96 * healthy_sd, healthy_mean + 1.96 * healthy_sd)
        inside = limits[0] <= difference <= limits[1]
        healthy = "as among healthy people" if inside else "beyond 95 % of healthy people"
    size = abs(difference)
    shown = f"{what} ({difference:.3g}{suffix})"
    verdict: Difference = "cannot tell"
    if not np.isfinite(difference):
        return Judgement(
            verdict,
            "not known",
            difference,
            None,
            limits,
            unit,
            f"{what} could not be measured, so nothing can be said.",
        )
    if mdc is None:
        text = f"{shown} cannot be judged: it is not known how far two measurements differ by error alone"
        return Judgement(
            verdict, healthy, difference, None, limits, unit, text + _healthy(limits, healthy, suffix, True)
        )
    if size > high:
        verdict, words = (
            "beyond measurement error",
            f"is more than {error} explains ({high:.3g}{suffix})",
        )
    elif size <= low:
        verdict, words = (
            "within measurement error",
            f"is no more than {error} explains ({low:.3g}{suffix})",
        )
    else:
        words = f"may or may not be {error}, which is known only to lie between {low:.3g} and {high:.3g}{suffix}"
    ending = _healthy(limits, healthy, suffix, verdict != "beyond measurement error")
    return Judgement(verdict, healthy, difference, mdc, limits, unit, f"{shown} {words}{ending}")


def _healthy(limits: tuple[float, float] | None, healthy: HealthySpread, suffix: str, apart: bool) -> str:
    """End of the sentence: the healthy spread, as a clause of its own (`apart`) or joined by "and"."""
    if limits is None:
        return "."
    span = f"({limits[0]:.3g} to {limits[1]:.3g}{suffix})"
    size = "no larger than among" if healthy == "as among healthy people" else "larger than in 95 % of"
    return f"{'; it is' if apart else ', and'} {size} healthy people {span}."

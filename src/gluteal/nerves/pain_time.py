"""Pain and fluid over time: how the inhibition of the muscles around a joint comes and goes.

The share D of drive that is held back follows the one its dose asks for (`gluteal.nerves.arthrogenic`),

    dD/dt = (D(E, P) - D) / ONSET    where the dose asks for more,
    dD/dt = (max(D(E, P), persistence * largest D so far) - D) / RELEASE    where it asks for less.

`persistence` is the share of the inhibition that stays for good after its cause is gone: a hypothesis with a name and
no measured value for any hip, 0 unless it is asked for.

>>> import gluteal
>>> course = gluteal.pain.time_course("hip", pain=6.0)
>>> course.condition(60.0, side="r").affected(gluteal.load_body("myo")) != frozenset()
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gluteal.anatomy import group_words
from gluteal.errors import InputError
from gluteal.nerves.arthrogenic import combine_doses, find_joint, measure_inhibition
from gluteal.nerves.condition import Condition
from gluteal.vocabulary import Sides

__all__ = ["TimeCourse", "measure_inhibition", "time_course"]

#: Time constant with which inhibition follows a dose that rises, min: own choice. Strength is less within the minutes
#: in which injected pain lasts; 2 to 5 is as good.
ONSET = 3.0
#: Time constant with which it falls, min: own choice. Nobody measured it.
RELEASE = 5.0
#: When the pain of an injection into the fat pad of the knee is worst, and gone, min (Bennell 2004).
PAIN_PEAK, PAIN_GONE = 3.0, 15.0
#: How long injected fluid stays what it was, and in what time half of it is gone from then, min: fitted to the recovery
#: of the reflex in Hopkins 2001, 71 % at 150 min and 85 % at 210 min.
FLUID_STAYS, FLUID_HALVES = 150.0, 60.0


@dataclass(frozen=True, eq=False)
class TimeCourse:
    """Pain, fluid and inhibition over time (`time_course`).

    Attributes
    ----------
    joint : str
    persistence : float
        Share of the largest inhibition that stays, 0..1: a hypothesis.
    dataset : xr.Dataset
        Over ``minutes``: ``pain`` (0..10), ``effusion`` (ml), ``inhibition`` (minutes, group), share of drive held
        back, 1.
    """

    joint: str
    persistence: float
    dataset: xr.Dataset

    def condition(self, minutes: float, *, side: Sides = "both") -> Condition:
        """Return what is held back at a time, as a condition; raises InputError outside the course."""
        at = self.dataset["minutes"].values
        if not at[0] <= minutes <= at[-1]:
            raise InputError(f"The course runs from {at[0]:g} to {at[-1]:g} min; {minutes:g} is outside it.")
        held = self.dataset["inhibition"].interp(minutes=minutes)
        terms = [
            Condition.hold_back(str(group), share=float(share), side=side)
            for group, share in zip(held["group"].values, held.values, strict=True)
        ]
        return Condition(tuple(effect for term in terms for effect in term.effects))


def time_course(
    joint: str = "hip",
    *,
    pain: float | Sequence[float] | np.ndarray = 0.0,
    effusion: float | Sequence[float] | np.ndarray = 0.0,
    minutes: Sequence[float] | np.ndarray | None = None,
    persistence: float = 0.0,
) -> TimeCourse:
    """Follow inhibition over time, from rest.

    Parameters
    ----------
    joint : str
        ``"hip"``, ``"knee"`` or ``"lumbar"``.
    pain : float or (minutes,) array
        0 to 10. One number is the peak of a pain that comes and goes as after an injection of salt water.
    effusion : float or (minutes,) array
        ml, 0 to 60. One number is what is injected at the start.
    minutes : (minutes,) array, optional
        Rising from 0; 0 to 240 in halves by default. Doses hold between two times at their mean.
    persistence : float
        Share of the largest inhibition that stays after its cause is gone, 0..1. Nobody measured it at the hip.

    Raises
    ------
    UnknownName, InputError
        For a joint that the table has not, or a dose, time or share out of range.

    Examples
    --------
    >>> course = time_course("knee", pain=5.5)
    >>> strongest = course.dataset["inhibition"].sel(group="quadriceps").max()
    >>> round(float(strongest), 3), course.condition(240.0).effects[0].value < 1e-9
    (0.068, True)
    """
    name = find_joint(joint)
    time = np.arange(0.0, 240.5, 0.5) if minutes is None else np.asarray(minutes, float)
    if time.ndim != 1 or len(time) < 2 or time[0] != 0.0 or not (np.diff(time) > 0.0).all():
        raise InputError("The minutes of a time course start at 0 and rise; give at least two, such as 0, 5, 10.")
    if not 0.0 <= persistence <= 1.0:
        raise InputError(f"The persistence is {persistence:g}; give a share from 0 (gone with its cause) to 1 (stays).")
    courses = {
        "pain": _over_time(pain, time, _pain_of_injection, "pain"),
        "effusion": _over_time(effusion, time, _fluid_of_injection, "effusion"),
    }
    asked = combine_doses(name, courses["pain"], courses["effusion"])
    followed = np.stack([_follow(target, time, persistence) for target in asked.values()], axis=-1)
    dataset = xr.Dataset(
        {
            "pain": ("minutes", courses["pain"], {"units": "1", "long_name": "pain, 0 to 10"}),
            "effusion": ("minutes", courses["effusion"], {"units": "ml", "long_name": "fluid in the joint"}),
            "inhibition": (("minutes", "group"), followed, {"units": "1", "long_name": "share of drive held back"}),
        },
        coords={
            "minutes": ("minutes", time, {"units": "min", "long_name": "time"}),
            "group": list(asked),
            "name": ("group", [group_words(group) for group in asked]),
        },
    )
    return TimeCourse(name, persistence, dataset)


def _follow(target: np.ndarray, time: np.ndarray, persistence: float) -> np.ndarray:
    """Solve the equation of a target (minutes,) exactly for targets that hold between times."""
    share = np.zeros(len(time))
    largest = 0.0
    for k, step in enumerate(np.diff(time)):
        aim = (target[k] + target[k + 1]) / 2.0
        if aim < share[k]:
            aim = min(max(aim, persistence * largest), share[k])
        pace = ONSET if aim > share[k] else RELEASE
        share[k + 1] = aim + (share[k] - aim) * np.exp(-step / pace)
        largest = max(largest, share[k + 1])
    return share


def _over_time(
    given: float | Sequence[float] | np.ndarray, time: np.ndarray, course: Callable[[np.ndarray], np.ndarray], what: str
) -> np.ndarray:
    values = np.asarray(given, float)
    if values.ndim == 0:
        return np.asarray(values * course(time))
    if values.shape != time.shape:
        raise InputError(
            f"The course of {what} has {values.size} values and the time {time.size}; give one for each time, or one "
            "number."
        )
    return values


def _pain_of_injection(time: np.ndarray) -> np.ndarray:
    return np.interp(time, [0.0, PAIN_PEAK, PAIN_GONE], [0.0, 1.0, 0.0])


def _fluid_of_injection(time: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 ** (np.maximum(time - FLUID_STAYS, 0.0) / FLUID_HALVES))

"""The verdict on a movement under a condition, by one stated rule.

The rule is `RULE`; its numbers are the constants below and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from gluteal.outcome.checks import compute_demand
from gluteal.sharing.recruitment import Recruitment
from gluteal.vocabulary import ROOT_COORDINATES

MovementVerdict = Literal["unchanged", "compensated", "impossible"]

#: Share of the net joint moment that may be missing, and the least amount that counts as missing.
MISSING_SHARE, MISSING_MOMENT, MISSING_FORCE = 0.05, 1.0, 10.0
#: Change of another muscle's peak activation, and of mean effort, that counts as a change.
CHANGED_ACTIVATION, CHANGED_EFFORT = 0.02, 0.01

MOVEMENT_RULE = (
    f"impossible: at some coordinate the condition needs, beyond what the undisturbed movement needs, a "
    f"reserve above {MISSING_MOMENT:g} N m (or {MISSING_FORCE:g} N) and above {100 * MISSING_SHARE:g} % of "
    f"the peak net moment there. unchanged: no muscle outside those acted on changes its peak activation by "
    f"more than {CHANGED_ACTIVATION:g}, and mean effort changes by less than {100 * CHANGED_EFFORT:g} %. "
    "compensated: everything else."
)


@dataclass(frozen=True)
class Deficit:
    """The largest reserve of one coordinate: what muscles and supports could not supply.

    Attributes
    ----------
    peak : float
        Largest |reserve| over time, in `unit` (N m or N), at `time` (s).
    fraction_of_demand : float
        `peak` / largest |net moment| of the coordinate; nan where nothing is asked of it.
    beyond_baseline : float
        Largest rise of |reserve| above the undisturbed movement's in the same frame.
    limit : float
        What `beyond_baseline` may be before the movement counts as impossible.
    """

    coordinate: str
    unit: str
    peak: float
    time: float
    fraction_of_demand: float
    beyond_baseline: float
    limit: float

    @property
    def missing(self) -> bool:
        """Whether this alone makes the movement impossible."""
        # "not <=" so that a reserve that is not a number never passes as possible.
        return not self.beyond_baseline <= self.limit

    def to_json(self) -> dict[str, Any]:
        """Return the deficit by its published names."""
        return {
            "peak_nm": self.peak,
            "coordinate": self.coordinate,
            "unit": self.unit,
            "time_s": self.time,
            "fraction_of_demand": self.fraction_of_demand if np.isfinite(self.fraction_of_demand) else None,
            "beyond_baseline_nm": self.beyond_baseline,
            "limit_nm": self.limit,
        }


def compute_deficits(baseline: Recruitment, solved: Recruitment) -> tuple[Deficit, ...]:
    """Return the deficit of every recruited coordinate of `solved`.

    Joints first, then the pelvis's rotations (balance), then its translations; the largest first in each.
    """
    mechanics = baseline.mechanics
    reserve = abs(solved.dataset["reserve_moment"])
    before = abs(baseline.dataset["reserve_moment"])
    asked = abs(compute_demand(baseline)).max("time", skipna=False)
    found = []
    for name in map(str, reserve["coordinate"].to_numpy()):
        course = reserve.sel(coordinate=name)
        peak, demand = float(course.max(skipna=False)), float(asked.sel(coordinate=name))
        unit = mechanics.body.coordinate(name).unit
        least = MISSING_MOMENT if unit == "N m" else MISSING_FORCE
        found.append(
            Deficit(
                coordinate=name,
                unit=unit,
                peak=peak,
                time=float(mechanics.time[int(course.fillna(np.inf).argmax("time"))]),
                fraction_of_demand=peak / demand if demand > 0 else float("nan"),
                beyond_baseline=float((course - before.sel(coordinate=name)).max(skipna=False)),
                limit=max(least, MISSING_SHARE * demand),
            )
        )
    return tuple(sorted(found, key=lambda d: (d.unit != "N m", d.coordinate in ROOT_COORDINATES, -d.peak)))


def worst_deficit(deficits: tuple[Deficit, ...]) -> Deficit:
    """Return the largest deficit among those that decide, or among all where none does."""
    return next((d for d in deficits if d.missing), deficits[0])


def judge(deficits: tuple[Deficit, ...], muscles: pd.DataFrame, effort_ratio: float) -> MovementVerdict:
    """Apply `RULE` to deficits, the table `Outcome.muscles` and the ratio of efforts."""
    if any(d.missing for d in deficits):
        return "impossible"
    others = muscles[~muscles["acted_on"]]
    quiet = (others["peak"] - others["baseline_peak"]).abs().le(CHANGED_ACTIVATION).all()
    return "unchanged" if quiet and abs(effort_ratio - 1.0) < CHANGED_EFFORT else "compensated"

"""The verdict on a movement under a condition, by one stated rule, for one person or many.

The rule is `MOVEMENT_RULE`; its numbers are the constants below and nowhere else, and `judge` is the only place that
applies it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from gluteal.mechanics.body import Body
from gluteal.mechanics.ground import FRAME_MOMENT
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

MovementVerdict = Literal["unchanged", "compensated", "impossible", "cannot-be-judged"]
#: Verdicts by their number in arrays.
VERDICTS: tuple[MovementVerdict, ...] = ("unchanged", "compensated", "impossible", "cannot-be-judged")
#: The one that says nothing about a condition.
NOT_JUDGED = VERDICTS.index("cannot-be-judged")
#: Verdicts as names of columns.
VERDICT_COLUMNS: Mapping[str, str] = {v: v.replace("-", "_") for v in VERDICTS}

#: Share of the net joint moment that may be missing, and the least amount that counts as missing.
MISSING_SHARE, MISSING_MOMENT, MISSING_FORCE = 0.05, 1.0, 10.0
#: Change of another muscle's peak activation, and of mean effort, that counts as a change.
CHANGED_ACTIVATION, CHANGED_EFFORT = 0.02, 0.01
#: What the undisturbed movement may lack: share of the peak net moment, moment per body mass (N m/kg), force per body
#: weight (1). Both the share and the amount must be exceeded.
LACKING_SHARE, LACKING_MOMENT, LACKING_FORCE = 0.10, 0.2, 0.25

MOVEMENT_RULE = (
    "cannot be judged: the measurement does not fit the movement or the model (see the cause), or the undisturbed "
    f"movement itself lacks more than {100 * LACKING_SHARE:g} % of the peak net moment of a joint and more than "
    f"{LACKING_MOMENT:g} N m per kg. Else, "
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


class Judged(NamedTuple):
    """What `judge` finds, over any leading dimensions (...).

    Attributes
    ----------
    verdict : (...) int, index into `VERDICTS`
    limit : (..., Q) what may be missing beyond the undisturbed movement, N m or N
    rise : (..., Q) what is missing beyond it, the largest in one frame
    deciding : (...) int, the coordinate that decides: among those missing, or among all where none is, joints
        before balance before forces, then the largest
    baseline_ok : (...) bool, the undisturbed movement needs no reserve above the limit
    effort_ratio : (...) effort / undisturbed effort; nan where only the undisturbed one is zero
    """

    verdict: np.ndarray
    limit: np.ndarray
    rise: np.ndarray
    deciding: np.ndarray
    baseline_ok: np.ndarray
    effort_ratio: np.ndarray


def limit_lacking(body: Body, names: Sequence[str], demand: np.ndarray) -> np.ndarray:
    """Return what the undisturbed movement may lack at each coordinate before nothing is judged, (..., Q) N m or N.

    Parameters
    ----------
    demand : (..., Q) array
        Largest |net moment| asked of muscles and reserves, N m or N.
    """
    weight = body.mass * STANDARD_GRAVITY
    moment = np.where(np.isin(names, ROOT_COORDINATES), FRAME_MOMENT * weight, LACKING_MOMENT * body.mass)
    turns = np.array([body.coordinate(c).unit == "N m" for c in names])
    return np.maximum(np.where(turns, moment, LACKING_FORCE * weight), LACKING_SHARE * demand)


def limit_missing(body: Body, names: Sequence[str], demand: np.ndarray) -> np.ndarray:
    """Return what may be missing beyond the undisturbed movement before it is impossible, (..., Q) N m or N.

    Parameters
    ----------
    demand : (..., Q) array
        As `limit_lacking`.
    """
    return _limit_missing(np.array([body.coordinate(c).unit == "N m" for c in names]), demand)


def _limit_missing(is_moment: np.ndarray, demand: np.ndarray) -> np.ndarray:
    return np.maximum(np.where(is_moment, MISSING_MOMENT, MISSING_FORCE), MISSING_SHARE * demand)


def judge(
    before: np.ndarray,
    after: np.ndarray,
    demand: np.ndarray,
    is_moment: np.ndarray,
    at_root: np.ndarray,
    peak_change: np.ndarray,
    effort: tuple[np.ndarray, np.ndarray],
    unfounded: np.ndarray,
) -> Judged:
    """Apply `MOVEMENT_RULE`.

    Parameters
    ----------
    before, after : (..., T, Q) array
        |Least reserve| undisturbed and under the condition, N m or N.
    demand : (..., Q) array
        Largest |net moment| asked of muscles and reserves, N m or N.
    is_moment, at_root : (Q,) bool
        Whether a coordinate is a rotation; whether it is one of the pelvis.
    peak_change : (..., M) array
        Change of the peak activation of muscles that are not acted on; 0 for those that are.
    effort : pair of (...) arrays
        Mean over time, undisturbed and under the condition.
    unfounded : (...) bool
        Whether the undisturbed movement itself is no ground to judge from (`gluteal.outcome.gate`).
    """
    limit = _limit_missing(is_moment, demand)
    rise = (after - before).max(axis=-2)
    # "not <=" so that a reserve that is not a number never passes as possible.
    missing = ~(rise <= limit)
    peak = after.max(axis=-2)
    rank = np.lexsort((-peak, np.broadcast_to(at_root, peak.shape), np.broadcast_to(~is_moment, peak.shape)))
    first = np.argmax(np.take_along_axis(missing, rank, axis=-1), axis=-1)
    deciding = np.take_along_axis(rank, first[..., None], axis=-1)[..., 0]
    was, now = effort
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(was == now, 1.0, now / was)
    ratio = np.where(np.isfinite(ratio), ratio, np.nan)
    quiet = np.all(np.abs(peak_change) <= CHANGED_ACTIVATION, axis=-1)
    unchanged = quiet & (np.abs(ratio - 1.0) < CHANGED_EFFORT)
    return Judged(
        verdict=np.where(unfounded, NOT_JUDGED, np.where(missing.any(axis=-1), 2, np.where(unchanged, 0, 1))).astype(
            np.int8
        ),
        limit=limit,
        rise=rise,
        deciding=deciding,
        baseline_ok=np.all(before.max(axis=-2) <= limit, axis=-1),
        effort_ratio=ratio,
    )

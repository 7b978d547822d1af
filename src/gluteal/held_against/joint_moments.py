"""Joint moments of built-in movements beside what people's were, where somebody published them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from gluteal.files import read_rows, read_table_text
from gluteal.outcome.compare import compute_net_moment
from gluteal.outcome.supports import body_part
from gluteal.sharing.solution import Solution

#: Directions in which muscles pull: the coordinate, without its side where it has one, and the sign of the moment.
DIRECTIONS = {
    "hip flexion": ("hip_flexion", 1.0),
    "hip extension": ("hip_flexion", -1.0),
    "hip adduction": ("hip_adduction", 1.0),
    "hip abduction": ("hip_adduction", -1.0),
    "hip inward rotation": ("hip_rotation", 1.0),
    "hip outward rotation": ("hip_rotation", -1.0),
    "knee flexion": ("knee_angle", 1.0),
    "knee extension": ("knee_angle", -1.0),
    "dorsiflexion": ("ankle_angle", 1.0),
    "plantarflexion": ("ankle_angle", -1.0),
    "trunk extension": ("lumbar_extension", 1.0),
}
#: How many standard deviations around a mean count as what people do.
BAND = 2.0
#: How the table names people who are none of the adults that the bodies stand for.
CHILDREN = "children"


@dataclass(frozen=True)
class PublishedMoment:
    """A published largest joint moment, N m/kg.

    `low` and `high` are the printed range, or `BAND` standard deviations around the mean; `high` is infinite where only
    a least value was published. `legs`: the mean of both, or the leading (right) one. `feet_alone`: only the time in
    which nothing but feet carries.
    """

    movement: str
    moment: str
    low: float
    high: float
    n: int
    people: str
    legs: Literal["both", "lead"]
    feet_alone: bool
    source: str


@cache
def published_moments() -> tuple[PublishedMoment, ...]:
    """Return the rows of ``joint_moments.csv``.

    >>> [(p.low, p.high) for p in published_moments() if p.source == "yoshioka2007"][0]
    (0.24, 1.92)
    """
    return tuple(_read(row) for row in read_rows(read_table_text("gluteal.sources.published", "joint_moments.csv")))


def _read(row: dict[str, str]) -> PublishedMoment:
    if row["mean"]:
        mean, width = float(row["mean"]), BAND * float(row["sd"])
        low, high = mean - width, mean + width
    else:
        low, high = float(row["low"]), float(row["high"] or "inf")
    return PublishedMoment(
        movement=row["movement"],
        moment=row["moment"],
        low=low,
        high=high,
        n=int(row["n"]),
        people=row["people"],
        legs="lead" if row["legs"] == "lead" else "both",
        feet_alone=row["while"] == "feet",
        source=row["source"],
    )


def compute_largest_moment(
    solution: Solution, moment: str, *, legs: Literal["both", "lead"] = "both", feet_alone: bool = False
) -> float:
    """Return the largest net moment of a movement in one of `DIRECTIONS`, N m/kg; nan where the body lacks it.

    Parameters
    ----------
    legs : "both" or "lead"
        The largest value of the mean of both legs, or of the right one.
    feet_alone : bool
        Only while nothing but feet carries.
    """
    stem, sign = DIRECTIONS[moment]
    rows = solution.problem.coordinates
    sides = ("_r", "_l") if legs == "both" else ("_r",)
    columns = [rows.index(name) for name in (stem, *(stem + side for side in sides)) if name in rows]
    frames = _feet_alone(solution) if feet_alone else np.ones(len(solution.mechanics.time), bool)
    if not columns or not frames.any():
        return float("nan")
    curve = sign * compute_net_moment(solution)[:, columns].mean(axis=1)
    return float(curve[frames].max() / solution.mechanics.body.mass)


def _feet_alone(solution: Solution) -> np.ndarray:
    """Return when nothing but feet may push, (T,)."""
    frames = np.ones(len(solution.mechanics.time), bool)
    for support in solution.mechanics.movement.supports:
        if not body_part(support.segment).startswith("foot"):
            frames &= np.zeros_like(frames) if support.active is None else ~np.asarray(support.active, bool)
    return frames


def compare_joint_moments(solution: Solution) -> list[dict[str, Any]]:
    """Set the joint moments of an undisturbed built-in movement beside people's.

    Returns
    -------
    list of dict
        One for every published value, and one for every other of `DIRECTIONS`: ``movement``, ``moment``,
        ``computed_nm_per_kg``, and ``low_nm_per_kg``, ``high_nm_per_kg``, ``n``, ``people``, ``source``, ``inside``,
        which are None where nobody published it (``high_nm_per_kg`` also where only a least value was). ``inside`` is
        said to a hundredth, as most are printed.
    """
    movement = solution.mechanics.movement.name
    published = [p for p in published_moments() if p.movement == movement]
    rows: list[dict[str, Any]] = []
    for p in published:
        computed = compute_largest_moment(solution, p.moment, legs=p.legs, feet_alone=p.feet_alone)
        rows.append(
            {
                "movement": movement,
                "moment": p.moment,
                "computed_nm_per_kg": _number(computed),
                "low_nm_per_kg": p.low,
                "high_nm_per_kg": _number(p.high),
                "n": p.n,
                "people": p.people,
                "source": p.source,
                "inside": _inside(p, computed) if np.isfinite(computed) else None,
            }
        )
    nothing = dict.fromkeys(("low_nm_per_kg", "high_nm_per_kg", "n", "people", "source", "inside"))
    for moment in DIRECTIONS:
        if moment not in {p.moment for p in published}:
            computed = compute_largest_moment(solution, moment)
            rows.append({"movement": movement, "moment": moment, "computed_nm_per_kg": _number(computed), **nothing})
    return rows


def say_moments_outside(solution: Solution) -> tuple[str, ...]:
    """Say where a built-in movement asks for other joint moments than adults'; empty where it does not.

    Children's moments stand in the table, but an adult's walk is not judged by them.

    Parameters
    ----------
    solution : Solution
        The undisturbed one.
    """
    told = []
    for row in compare_joint_moments(solution):
        if row["inside"] is False and row["people"] != CHILDREN:
            high = row["high_nm_per_kg"]
            band = f"{row['low_nm_per_kg']:.2f} {'or more' if high is None else f'to {high:.2f}'}"
            told.append(
                f"As simulated, this movement asks for {row['computed_nm_per_kg']:.2f} N·m/kg of {row['moment']} at "
                f"most; published: {band} ({row['source']}, {row['people']})."
            )
    return tuple(told)


def _inside(published: PublishedMoment, computed: float) -> bool:
    return round(published.low, 2) <= round(computed, 2) <= round(published.high, 2)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

"""What the ground does to standing feet in built-in movements, beside what it did to a person's."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from gluteal.engines import segment_points
from gluteal.files import read_rows, read_table_text
from gluteal.outcome.supports import body_part
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

#: Share of body weight under a foot from which its force is told.
TOLD = 0.1


class FootForce(NamedTuple):
    """The ground's force on one foot: `force` (T, 3) N, `free_moment` (T,) N m about the vertical at its centre of
    pressure, and `alone` (T,) whether nothing but feet may push.

    All are nan while the foot carries less than `TOLD`.
    """

    force: np.ndarray
    free_moment: np.ndarray
    alone: np.ndarray


def compute_foot_force(solution: Solution, side: str) -> FootForce:
    """Return what unknown supports do to the foot of a side ("r" or "l"); raises Unsolved."""
    mechanics = solution.mechanics
    body, movement, data = mechanics.body, mechanics.movement, mechanics.dataset
    support = {s.name: s for s in movement.supports}
    rays = [support[name] for name in data["ray_support"].values.astype(str)]
    own = [r for r, s in enumerate(rays) if body_part(s.segment) == f"foot_{side}"]
    # A newton along a ray does on the pelvis's translations what the ray's direction says.
    direction = data["support_arm"].sel(coordinate=list(ROOT_COORDINATES[3:])).values
    each = np.einsum("tar,tr->tra", direction, solution.dataset["support_force"].values)[:, own]
    postures = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values
    places = [(rays[r].segment, rays[r].point) for r in own]
    points = np.stack([segment_points(body, posture, places) for posture in postures])
    force = each.sum(axis=1)
    loaded = force[:, 1] > TOLD * body.mass * STANDARD_GRAVITY
    force = np.where(loaded[:, None], force, np.nan)
    pressure = (points * each[:, :, 1:2]).sum(axis=1) / force[:, 1:2]
    moment = np.cross(points - pressure[:, None], each).sum(axis=1)[:, 1]
    others = [s for s in movement.supports if not body_part(s.segment).startswith("foot")]
    pushed = [np.ones(len(loaded), bool) if s.active is None else np.asarray(s.active, bool) for s in others]
    return FootForce(force, moment, ~np.logical_or.reduce(pushed) if pushed else np.ones(len(loaded), bool))


@cache
def _published() -> dict[str, dict[str, str]]:
    rows = read_rows(read_table_text("gluteal.sources.published", "foot_forces.csv"))
    return {row["movement"]: row for row in rows}


def compare_feet(solution: Solution) -> list[dict[str, Any]]:
    """Set the feet of an undisturbed built-in movement beside a person's; empty where none stands with another support.

    Returns
    -------
    list of dict
        For each foot ``movement``, ``foot``, ``free_moment_nm`` (largest size), ``forward_bw`` and ``inward_share``
        (smallest and largest: body weights, and force towards the midline over vertical force), the same of the person
        (``published_...``) with ``source``, and ``inside``; None where nobody published it. Beside a person, only the
        time counts in which feet alone carry.
    """
    movement = solution.mechanics.movement
    weight = solution.mechanics.body.mass * STANDARD_GRAVITY
    person = _published().get(movement.name)
    rows: list[dict[str, Any]] = []
    for side, inward in (("r", -1.0), ("l", 1.0)):
        if not any(row.name.endswith(f"foot_{side}") for row in movement.weak_rows):
            continue
        found = compute_foot_force(solution, side)
        told = np.isfinite(found.free_moment) & (found.alone if person else True)
        if not told.any():
            continue
        force = found.force[told]
        moment = float(np.abs(found.free_moment[told]).max())
        forward, share = _range(force[:, 0] / weight), _range(inward * force[:, 2] / force[:, 1])
        rows.append(
            {
                "movement": movement.name,
                "foot": side,
                "free_moment_nm": moment,
                "forward_bw": forward,
                "inward_share": share,
                **_beside(person, moment, forward, share),
            }
        )
    return rows


def _range(values: np.ndarray) -> list[float]:
    return [float(values.min()), float(values.max())]


def _beside(person: dict[str, str] | None, moment: float, forward: list[float], share: list[float]) -> dict[str, Any]:
    if person is None:
        return dict.fromkeys(
            ("published_free_moment_nm", "published_forward_bw", "published_inward_share", "source", "inside")
        )
    most = float(person["free_moment"])
    ahead, across = ([float(person[f"{what}_{end}"]) for end in ("low", "high")] for what in ("forward", "inward"))
    return {
        "published_free_moment_nm": most,
        "published_forward_bw": ahead,
        "published_inward_share": across,
        "source": person["source"],
        "inside": bool(moment <= most and _within(forward, ahead) and _within(share, across)),
    }


def _within(inner: list[float], outer: list[float]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]

"""How far the centre of pressure is inside what carries the body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import ConvexHull

from gluteal.engines import measure_segments, segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Support
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import side_of

_ALONG, _UP, _ACROSS = 0, 1, 2
#: Supports that push less than this together carry nothing, N.
CARRIES = 1.0


def shrink_supports(body: Body, posture: np.ndarray, supports: Sequence[Support], share: float) -> tuple[Support, ...]:
    """Return supports whose points are drawn, on the ground, towards the middle of their own foot.

    With a `share` of 0.7 the centre of pressure keeps 30 % of the way from the middle to the edge as a margin.
    """
    places = segment_points(body, posture, [(s.segment, s.point) for s in supports])
    segments = list(dict.fromkeys(s.segment for s in supports))
    motion = measure_segments(body, posture, segments)
    drawn = []
    for support, place in zip(supports, places, strict=True):
        foot = [p for s, p in zip(supports, places, strict=True) if side_of(s.segment) == side_of(support.segment)]
        nearer = place.copy()
        for axis in (_ALONG, _ACROSS):
            middle = float(np.mean([p[axis] for p in foot]))
            nearer[axis] = middle + share * (place[axis] - middle)
        i = segments.index(support.segment)
        local = motion.rotation[i].T @ (nearer - motion.position[i])
        drawn.append(replace(support, point=(float(local[0]), float(local[1]), float(local[2]))))
    return tuple(drawn)


def centre_of_pressure(solution: Solution, frame: int = 0) -> np.ndarray | None:
    """Return where the ground's force acts, (forward, right) m in the world, or None where nothing carries."""
    places, push = _pushes(solution, frame)
    if push.sum() <= CARRIES:
        return None
    return np.asarray((push[:, None] * places[:, [_ALONG, _ACROSS]]).sum(axis=0) / push.sum())


def measure_margin(solution: Solution, frame: int = 0) -> float:
    """Return how far the centre of pressure is inside the edge of the points of contact, mm; nan: nothing carries.

    Negative outside, which unilateral supports do not allow.
    """
    centre = centre_of_pressure(solution, frame)
    if centre is None:
        return float("nan")
    places, _ = _pushes(solution, frame)
    hull = ConvexHull(places[:, [_ALONG, _ACROSS]])
    # Each row of the equations is a unit normal outwards and its offset: normal . x + offset <= 0 inside.
    return float(-1000.0 * (hull.equations[:, :2] @ centre + hull.equations[:, 2]).max())


def _pushes(solution: Solution, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Return world places (S, 3) m and upward forces (S,) N of the supports of one frame."""
    mechanics = solution.mechanics
    movement = mechanics.movement
    supports = [s for s in movement.supports if s.active is None or s.active[frame]]
    order = list(mechanics.body.coordinate_names)
    posture = movement.coordinates.sel(coordinate=order).values[frame]
    places = segment_points(mechanics.body, posture, [(s.segment, s.point) for s in supports])
    up = mechanics.dataset["support_arm"].sel(coordinate="pelvis_ty").values[frame]
    along = up * solution.dataset["support_force"].values[frame]
    of_ray = mechanics.dataset["ray_support"].values.astype(str)
    return places, np.array([along[of_ray == s.name].sum() for s in supports])

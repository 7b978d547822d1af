"""The feet of a body, whatever its segments are called: what is beyond each ankle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gluteal.engines import segment_names, segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import Cause
from gluteal.vocabulary import Side, is_foot

#: Middle of a foot in the frame of a segment whose origin is at the heel, as the calcaneus of OpenSim's models, and of
#: one whose origin is on the axis of the ankle, m. The latter is an own choice: the ankle is 5 cm before and 8 cm above
#: the heel of an adult's model.
MIDFOOT, MIDFOOT_FROM_ANKLE = (0.1, 0.0, 0.0), (0.05, -0.08, 0.0)
#: The ankle is turned by this to see which segments go with it, rad, and what moves by less is on its axis, m. Own
#: choice: heels are 5 cm from the axis.
TURN, ON_AXIS = 0.1, 1e-3
#: With all coordinates at 0 the frame of a foot points forward and up within this, or is no frame of a heel, rad. Own
#: choice: 0 in OpenSim's models.
ALONG = 0.25
#: Pelvis and heel of a person are this far from each other, m; of what is lighter, kg, nothing is known. Own choice:
#: 0.3 in a child of a year, 1.3 in the tallest.
SHORTEST_LEG, LONGEST_LEG, LEAST_MASS = 0.2, 2.0, 5.0
_POINTS = ((0.0, 0.0, 0.0), (0.1, 0.0, 0.0), (0.0, 0.1, 0.0), (0.0, 0.0, 0.1))
# Parts of a foot that are not the whole of it.
_SMALL = ("talus", "toe", "mtp")


@dataclass(frozen=True)
class Foot:
    """One foot: the segment that stands for it, its middle in that segment's frame (m), and all its segments.

    `from_heel` says whether the frame starts at the heel and points to the toes, so that both are known in it.
    """

    segment: str
    middle: tuple[float, float, float]
    parts: frozenset[str]
    from_heel: bool


def find_feet(body: Body) -> Mapping[Side, Foot]:
    """Return the foot of each side whose ankle the body has: the segments that ``ankle_angle_r`` moves."""
    names = [name for name in segment_names(body) if name not in ("", "ground", "world")]
    wanted = [(name, point) for name in names for point in _POINTS]
    rest = np.array([c.default for c in body.coordinates])
    found: dict[Side, Foot] = {}
    sides: tuple[Side, ...] = ("r", "l")
    for side in sides:
        if (ankle := f"ankle_angle_{side}") not in body.coordinate_names:
            continue
        turned = rest.copy()
        turned[body.coordinate_names.index(ankle)] += TURN
        before, after = (segment_points(body, q, wanted).reshape(len(names), -1, 3) for q in (rest, turned))
        moved = np.linalg.norm(after - before, axis=2)
        parts = [i for i in range(len(names)) if moved[i].max() > ON_AXIS]
        if not parts:
            continue
        axis = next((before[i, 0] for i in parts if moved[i, 0] <= ON_AXIS), before[parts[0], 0])
        # By its name, else the one behind the ankle that is nearest to it: toes are further.
        best = min(
            parts,
            key=lambda i: (
                not is_foot(names[i]) or any(word in names[i].lower() for word in _SMALL),
                moved[i, 0] <= ON_AXIS,
                float(np.linalg.norm(before[i, 0] - axis)),
            ),
        )
        heel = bool(moved[best, 0] > ON_AXIS) and _points_forward(body, names[best])
        middle = MIDFOOT if heel else MIDFOOT_FROM_ANKLE
        found[side] = Foot(names[best], middle, frozenset(names[i] for i in parts), heel)
    return found


def _points_forward(body: Body, segment: str) -> bool:
    """Whether a segment's x and y are forward and up where all joints are at 0."""
    origin, x, y = segment_points(body, np.zeros(len(body.coordinates)), [(segment, p) for p in _POINTS[:3]])
    ends = (x - origin)[0], (y - origin)[1]
    return bool(min(ends) > np.cos(ALONG) * _POINTS[1][0])


def find_other_size(body: Body, feet: Mapping[Side, Foot]) -> Cause | None:
    """Return the finding of a model whose legs are no person's: its lengths have another unit."""
    if "pelvis_ty" not in body.coordinate_names:
        return None
    heels = [(foot.segment, (0.0, 0.0, 0.0)) for foot in feet.values()]
    length = float(np.linalg.norm(segment_points(body, np.zeros(len(body.coordinates)), heels), axis=1).max())
    if SHORTEST_LEG < length < LONGEST_LEG or body.mass < LEAST_MASS:
        return None
    return Cause(
        "units",
        f"the model is {length:.3g} m from pelvis to heel with {body.mass:,.0f} kg: its lengths are in another unit, "
        "such as millimetres, or were scaled by a wrong factor",
        "with all its coordinates at 0",
        "write the model in metres, kilograms and newtons",
    )


def side_under(segment: str, feet: Mapping[Side, Foot]) -> Side | None:
    """Return the side of the foot that a segment belongs to, None for any other segment."""
    return next((side for side, foot in feet.items() if segment in foot.parts), None)


def measure_level(body: Body, away: np.ndarray) -> np.ndarray:
    """Return the level length (...) m of distances (..., 3); of a body that moves in one plane, along it."""
    aside = away[..., 2] if "pelvis_tz" in body.coordinate_names else 0.0
    return np.asarray(np.hypot(away[..., 0], aside))

"""What a person carries: masses on named places of the trunk, which move with it.

A hand that hangs pulls at its shoulder, straight down: the arm is a pendulum, and the embedded body's arms have no
muscles. So a load in a hand is a mass at the centre of the shoulder; a pack is one behind the shoulder blades. Masses
are fixed to the body while a posture or a walk is looked for, so that gravity, inertia and what the ground has to carry
follow by themselves (`gluteal.engines.fix_masses`); in what is returned they are loads on the person's own body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gluteal.engines import fix_masses, measure_motions, measure_segments, segment_points
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body
from gluteal.mechanics.labels import in_order
from gluteal.mechanics.movement import ExternalLoad, Movement
from gluteal.movements.tasks.foot_loads import FOOT_LOADS
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY
from gluteal.words import list_words

#: Middle of a pack in the trunk's frame, m: 10 cm behind the shoulder blades' skin and 5 cm below them. Own choice.
PACK_PLACE = (-0.204, 0.250, 0.0)
#: The most that may be carried, as a share of the person's mass: own choice; experiments went to three quarters.
MOST_CARRIED = 1.0
#: A load that pulls sideways by more than this, N, is no weight.
_SIDEWAYS = 1e-6
_TRUNK = "torso"
#: Where a load may hang: words, and the shoulders that share it (none: on the back).
_PLACES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "right-hand": ("in the right hand", ("r",)),
    "left-hand": ("in the left hand", ("l",)),
    "both-hands": ("in both hands", ("r", "l")),
    "back": ("on the back", ()),
}
#: Names of the places, as on the command line.
CARRYING_PLACES = tuple(_PLACES)


@dataclass(frozen=True)
class HungMass:
    """A mass (kg) at a point (m, in its segment's frame)."""

    name: str
    segment: str
    point: tuple[float, float, float]
    mass: float


def hang_masses(body: Body, carried: Mapping[str, float]) -> tuple[HungMass, ...]:
    """Return where what is carried hangs.

    Parameters
    ----------
    carried : mapping of place -> kg
        Places are `CARRYING_PLACES`.

    Raises
    ------
    UnknownName
        For a place that is none.
    InputError
        For a mass out of range.
    """
    hung = []
    most = MOST_CARRIED * body.mass
    for name, mass in carried.items():
        place = carrying_place(name)
        if not 0.0 < mass <= most:
            raise InputError(
                f"The load {_PLACES[place][0]} is {mass:g} kg; give a mass above 0 and up to {most:.1f} kg, what the "
                "person weighs, such as 10."
            )
        sides = _PLACES[place][1]
        points = [(f" {side}", _shoulder(body, side)) for side in sides] or [("", PACK_PLACE)]
        hung += [HungMass(f"load {place}{tail}", _TRUNK, point, mass / len(points)) for tail, point in points]
    return tuple(hung)


def carrying_place(name: str) -> str:
    """Return a place by its name; blank, ``-`` and ``_`` are alike. Raises UnknownName.

    >>> carrying_place("Left hand")
    'left-hand'
    """
    key = name.strip().lower().replace(" ", "-").replace("_", "-")
    if key not in _PLACES:
        raise UnknownName("place to carry a load", name, CARRYING_PLACES, "docs/adapt.md")
    return key


def say_carried(carried: Mapping[str, float]) -> str:
    """Say what is carried.

    >>> say_carried({"left-hand": 10.0})
    '10 kg in the left hand'
    """
    loads = [f"{mass:.3g} kg {_PLACES[carrying_place(name)][0]}" for name, mass in carried.items()]
    return list_words(loads) if loads else ""


def own_masses(body: Body, movement: Movement) -> tuple[HungMass, ...]:
    """Return the weights that a movement carries already (a task file's), as masses of their segments.

    Raises
    ------
    InputError
        For a load that is no weight, such as a band's: how it goes on pulling in another posture is not known.
    """
    posture = in_order(movement.coordinates, body.coordinate_names)[0]
    found = []
    for load in movement.loads:
        if load.name in FOOT_LOADS:
            continue
        force = load.force[0]
        if force[1] >= 0.0 or np.abs(force[[0, 2]]).max() > _SIDEWAYS or load.torque.any():
            raise InputError(
                f"{movement.name!r} is pulled by {load.name!r}, which is no weight, and how it would pull in another "
                "posture is not known; leave it out of the task file."
            )
        where = measure_segments(body, posture, [load.segment])
        local = where.rotation[0].T @ (load.point[0] - where.position[0])
        point = (float(local[0]), float(local[1]), float(local[2]))
        found.append(HungMass(load.name, load.segment, point, float(-force[1]) / STANDARD_GRAVITY))
    return tuple(found)


def burden(body: Body, hung: Sequence[HungMass]) -> Body:
    """Return the body with masses fixed to it; itself where there are none."""
    return fix_masses(body, [(h.segment, h.point, h.mass) for h in hung]) if hung else body


def carry_along(body: Body, movement: Movement, hung: Sequence[HungMass]) -> Movement:
    """Return a movement with the masses as loads, in place of whatever loads it had but those under the feet.

    The force is what each mass asks of whoever moves and holds it: the difference that it makes to the forces along the
    pelvis's three directions.
    """
    q, v, a = (
        in_order(x, body.coordinate_names) for x in (movement.coordinates, movement.speed, movement.acceleration)
    )
    rows = [body.coordinate_names.index(name) for name in ROOT_COORDINATES[3:]]
    bare = measure_motions(body, q, v, a, (), muscles=False).joint_moment[:, rows]
    loads = []
    for h in hung:
        with_it = measure_motions(burden(body, [h]), q, v, a, (), muscles=False).joint_moment[:, rows]
        places = np.array([segment_points(body, posture, [(h.segment, h.point)])[0] for posture in q])
        loads.append(ExternalLoad(h.name, h.segment, bare - with_it, places, np.zeros_like(places)))
    feet = tuple(load for load in movement.loads if load.name in FOOT_LOADS)
    return replace(movement, loads=(*feet, *loads))


def _shoulder(body: Body, side: str) -> tuple[float, float, float]:
    """Return the centre of a shoulder in the trunk's frame, m."""
    motion = measure_segments(body, np.zeros(len(body.coordinate_names)), [_TRUNK, f"humerus_{side}"])
    local = motion.rotation[0].T @ (motion.position[1] - motion.position[0])
    return float(local[0]), float(local[1]), float(local[2])

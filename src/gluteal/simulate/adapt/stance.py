"""A person who stands: which feet carry, what may move, and the posture that given quantities mean.

The standing feet keep their poses exactly. A posture is told by quantities in the world and at joints (z); coordinates
(q) follow by Newton's method: the pelvis's rotations, and the standing leg's knee, ankle and subtalar angles are
coordinates themselves; the pelvis's place and the standing hip follow from the foot, the lumbar spine from where the
trunk is to be, a second standing leg from its own foot. Rows of the Newton step are positions and rotation vectors, so
that its matrix also says how every coordinate moves with every quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gluteal.engines import measure_segments
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.simulate.adapt.meet import meet_poses
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.turns import segment_angles, solve_rows, turn_axes, turned_segment
from gluteal.vocabulary import ROOT_COORDINATES, Side

_LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
_TRUNK = ("trunk_forward_lean", "trunk_lean", "trunk_rotation")
_FOOT = ("calcn", "toes")


@dataclass(frozen=True)
class Told:
    """One quantity that is a coordinate: value = sign * coordinate."""

    quantity: str
    coordinate: int
    sign: float


@dataclass(frozen=True, eq=False)
class PostureStance:
    """A body standing in a posture (Q,), and the quantities that may move.

    Attributes
    ----------
    standing : tuple of Side
        Standing feet, the one that signs count from first.
    told : tuple of Told
        Quantities that are coordinates.
    """

    body: Body
    posture: np.ndarray
    standing: tuple[Side, ...]
    told: tuple[Told, ...]

    @property
    def toward(self) -> Side:
        """The side that signs and words count from."""
        return self.standing[0]

    @property
    def quantities(self) -> tuple[str, ...]:
        """All quantities (n,), in the order of arrays."""
        return (*(t.quantity for t in self.told), *_TRUNK)

    @property
    def across(self) -> float:
        """1 where the standing side is the right one, -1 where it is the left one."""
        return 1.0 if self.toward == "r" else -1.0

    @cached_property
    def sigma(self) -> np.ndarray:
        """What counts as one deviation of each quantity, (n,) rad."""
        return np.deg2rad([posture_quantity(name).sigma for name in self.quantities])

    @cached_property
    def start(self) -> np.ndarray:
        """Quantities of `posture`, (n,) rad."""
        return self.measure(self.posture)

    @cached_property
    def ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of every coordinate, (Q,) rad or m; the pelvis in the world has none."""
        free = [c.name in ROOT_COORDINATES for c in self.body.coordinates]
        low, high = np.array([c.range for c in self.body.coordinates]).T
        return np.where(free, -np.inf, low), np.where(free, np.inf, high)

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of every quantity that is a coordinate, (n,) rad; others have none."""
        low, high = self.ranges
        ends = np.array([sorted((t.sign * low[t.coordinate], t.sign * high[t.coordinate])) for t in self.told])
        free = np.full((len(_TRUNK), 2), [-np.inf, np.inf])
        both = np.concatenate([ends, free]).T
        # A task may stand a hair outside a range.
        return np.minimum(both[0], self.start), np.maximum(both[1], self.start)

    def measure(self, posture: np.ndarray) -> np.ndarray:
        """Return the quantities (n,) of a posture, rad."""
        trunk = measure_segments(self.body, posture, ["torso"]).rotation[0]
        return np.concatenate(
            [[t.sign * posture[t.coordinate] for t in self.told], self._trunk_signs * segment_angles(trunk)]
        )

    @cached_property
    def _trunk_signs(self) -> np.ndarray:
        return np.array([-1.0, self.across, -self.across])

    @cached_property
    def _segments(self) -> list[str]:
        return ["torso", *(f"calcn_{side}" for side in self.standing)]

    @cached_property
    def _feet(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions (F, 3) and rotations (F, 3, 3) that the standing feet keep."""
        held = measure_segments(self.body, self.posture, self._segments[1:])
        return held.position, held.rotation

    @cached_property
    def solved(self) -> np.ndarray:
        """Coordinates that follow from the quantities, indices."""
        names = [*ROOT_COORDINATES[3:], *_LUMBAR]
        names += [f"{joint}_{self.toward}" for joint in ("hip_flexion", "hip_adduction", "hip_rotation")]
        for side in self.standing[1:]:
            names += [f"{j}_{side}" for j in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle")]
            names += [f"{j}_{side}" for j in ("ankle_angle", "subtalar_angle")]
        return np.array([self.body.coordinate_names.index(name) for name in names])

    def find(self, quantities: np.ndarray, guess: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the posture (Q,) with these quantities (n,), and d(coordinates)/d(quantities) (Q, n).

        Parameters
        ----------
        guess : (Q,) array, optional
            A posture nearby.

        Raises
        ------
        InputError
            Where the standing feet cannot be kept.
        """
        posture = (self.posture if guess is None else guess).copy()
        for value, told in zip(quantities, self.told, strict=False):
            posture[told.coordinate] = told.sign * value
        trunk = self._trunk_signs * quantities[len(self.told) :]
        goal = np.concatenate([turned_segment(trunk)[None], self._feet[1]])
        posture, rows = meet_poses(
            self.body,
            posture,
            self._segments,
            goal,
            self._feet[0],
            self.solved,
            complaint="The standing feet cannot stay where they are with these angles (off by {off} mm); ask for a "
            "smaller change.",
        )
        return posture, self._slopes(rows, trunk)

    def _slopes(self, rows: np.ndarray, trunk: np.ndarray) -> np.ndarray:
        """Return d(coordinates)/d(quantities) (Q, n) from the rows of the last Newton step."""
        count = len(self.told)
        slopes = np.zeros((rows.shape[1], count + len(_TRUNK)))
        for column, told in enumerate(self.told):
            slopes[told.coordinate, column] = told.sign
        asked = -rows @ slopes
        asked[:3, count:] += turn_axes(trunk) * self._trunk_signs
        slopes[self.solved] = solve_rows(rows[:, self.solved], asked)
        return slopes


def can_adapt(movement: Movement) -> bool:
    """Say whether a movement is one posture on one or both feet."""
    known = {f"{part}_{side}" for part in _FOOT for side in ("r", "l")}
    stands = any(s.segment.startswith(_FOOT[0]) for s in movement.supports)
    return len(movement.time) == 1 and stands and all(s.segment in known for s in movement.supports)


def find_stance(body: Body, movement: Movement) -> PostureStance:
    """Return how a movement stands, and what may move.

    Raises
    ------
    InputError
        Where it is not one posture on one or both feet.
    """
    feet = [side for side in ("r", "l") if any(s.segment == f"calcn_{side}" for s in movement.supports)]
    if not can_adapt(movement):
        raise InputError(
            f"{movement.name!r} is not one posture on one or both feet, or a built-in walk, which is what adapts here; "
            "give single-leg-stance, standing-hip-abduction, quiet-standing, forward-bend or walk, or a task file of "
            "one posture."
        )
    names = body.coordinate_names
    standing: tuple[Side, ...] = tuple("r" if side == "r" else "l" for side in feet)
    side = standing[0]
    across = 1.0 if side == "r" else -1.0
    told = [
        ("pelvic_tilt", "pelvis_tilt", -1.0),
        ("pelvic_list", "pelvis_list", across),
        ("pelvic_rotation", "pelvis_rotation", -across),
        ("knee_flexion", f"knee_angle_{side}", 1.0),
        ("ankle_dorsiflexion", f"ankle_angle_{side}", 1.0),
        ("subtalar_inversion", f"subtalar_angle_{side}", 1.0),
    ]
    if len(standing) == 1:
        other = "l" if side == "r" else "r"
        joints = {"hip_flexion": "hip_flexion", "hip_adduction": "hip_adduction", "hip_rotation": "hip_rotation"}
        joints["knee_flexion"] = "knee_angle"
        told += [(f"free_{quantity}", f"{joint}_{other}", 1.0) for quantity, joint in joints.items()]
    posture = movement.coordinates.sel(coordinate=list(names)).values[0]
    return PostureStance(body, posture, standing, tuple(Told(q, names.index(c), sign) for q, c, sign in told))


def say_posture(stance: PostureStance, posture: np.ndarray) -> dict[str, float]:
    """Return every quantity of a posture by name, deg, with those that follow from others (mm where so named)."""
    values = dict(zip(stance.quantities, np.rad2deg(stance.measure(posture)).tolist(), strict=True))
    place = stance.body.coordinate_names.index
    for joint in ("hip_flexion", "hip_adduction", "hip_rotation"):
        values[joint] = float(np.rad2deg(posture[place(f"{joint}_{stance.toward}")]))
    hips = measure_segments(stance.body, posture, ["pelvis"]).position[0]
    values["pelvic_shift"] = 1000.0 * stance.across * float(hips[2])
    return values


def list_quantities(names: Sequence[str], stance: PostureStance) -> tuple[str, ...]:
    """Return quantities by name, in the stance's order; raises UnknownName, or InputError for one that follows."""
    found = {posture_quantity(name).name for name in names}
    if unknown := found - set(stance.quantities):
        raise InputError(
            f"{sorted(unknown)[0]} is no quantity that is free in this posture; give some of "
            f"{', '.join(stance.quantities)}."
        )
    return tuple(name for name in stance.quantities if name in found)

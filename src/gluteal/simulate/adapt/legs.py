"""A walking body whose pelvis and trunk go another way: legs that keep their feet on the measured paths.

In every frame the pelvis is where the reference has it plus a deviation; the lumbar spine follows from where the trunk
is to be, both legs from where their feet were, apart by the step width. Newton's method finds hips, knees, ankles and
subtalar joints (six per leg) from the foot's pose; the rows of its last step also say how every coordinate moves with
every quantity. A loose end would show in the accelerations, and with them in the cost: poses are met to 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gluteal.engines import measure_segments
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.simulate.adapt.meet import FOUND, meet_poses
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.turns import segment_angles, solve_rows, turn_axes, turned_segment
from gluteal.vocabulary import Side

#: What may deviate from the usual walk, in the order of arrays.
CYCLE_QUANTITIES = (
    "pelvic_tilt",
    "pelvic_list",
    "pelvic_rotation",
    "pelvic_shift",
    "pelvic_height",
    "step_width",
    "trunk_forward_lean",
    "trunk_lean",
    "trunk_rotation",
)
_STEP_WIDTH = CYCLE_QUANTITIES.index("step_width")
_TRUNK = slice(6, 9)
_LEG = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle")
_LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
_SEGMENTS = ("torso", "calcn_r", "calcn_l")


@dataclass(frozen=True, eq=False)
class WalkingLimbs:
    """A reference cycle (T, Q) of a body, and what its coordinates do when pelvis and trunk deviate from it.

    Attributes
    ----------
    toward : "r" or "l"
        The side that signs count from.
    found : float
        A pose is met when nothing is off by more than this, m or rad.
    """

    body: Body
    reference: np.ndarray
    toward: Side = "r"
    found: float = FOUND

    @property
    def across(self) -> float:
        """1 where signs count from the right side, -1 where from the left one."""
        return 1.0 if self.toward == "r" else -1.0

    @cached_property
    def sigma(self) -> np.ndarray:
        """What counts as one deviation of each quantity, (n,) rad or m."""
        found = [posture_quantity(name) for name in CYCLE_QUANTITIES]
        return np.array([np.deg2rad(q.sigma) if q.unit == "deg" else 1e-3 * q.sigma for q in found])

    @cached_property
    def _told(self) -> tuple[tuple[int, int, float], ...]:
        """Quantities that are coordinates: (quantity, coordinate, sign)."""
        told = (
            ("pelvic_tilt", "pelvis_tilt", -1.0),
            ("pelvic_list", "pelvis_list", self.across),
            ("pelvic_rotation", "pelvis_rotation", -self.across),
            ("pelvic_shift", "pelvis_tz", self.across),
            ("pelvic_height", "pelvis_ty", 1.0),
        )
        place = self.body.coordinate_names.index
        return tuple((CYCLE_QUANTITIES.index(q), place(c), sign) for q, c, sign in told)

    @cached_property
    def solved(self) -> np.ndarray:
        """Coordinates that follow from the quantities, indices (15,)."""
        names = [*_LUMBAR, *(f"{joint}_{side}" for side in "rl" for joint in _LEG)]
        return np.array([self.body.coordinate_names.index(name) for name in names])

    @cached_property
    def _trunk_signs(self) -> np.ndarray:
        return np.array([-1.0, self.across, -self.across])

    @cached_property
    def _usual(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Trunk's angles (T, 3), feet's positions (T, 2, 3) and rotations (T, 2, 3, 3) of the reference."""
        poses = [measure_segments(self.body, q, _SEGMENTS) for q in self.reference]
        angles = np.array([segment_angles(p.rotation[0]) for p in poses])
        return angles, np.array([p.position[1:] for p in poses]), np.array([p.rotation[1:] for p in poses])

    @cached_property
    def _apart(self) -> np.ndarray:
        """How the feet (right, left) move with the step width, (2, 3)."""
        return np.array([[0.0, 0.0, 0.5], [0.0, 0.0, -0.5]])

    def find(self, deviation: np.ndarray, guess: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return coordinates (T, Q) with the quantities off by `deviation` (T, n), and d(coordinates)/d(quantities).

        Parameters
        ----------
        deviation : (T, n) rad or m, in the order of `CYCLE_QUANTITIES`
        guess : (T, Q) array, optional
            Coordinates nearby.

        Raises
        ------
        InputError
            Where a foot cannot be kept on its path.
        """
        near = self.reference if guess is None else guess
        found = [self._find_frame(t, deviation[t], near[t]) for t in range(len(deviation))]
        return np.array([q for q, _ in found]), np.array([slopes for _, slopes in found])

    def _find_frame(self, t: int, deviation: np.ndarray, near: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        posture = near.copy()
        for quantity, coordinate, sign in self._told:
            posture[coordinate] = self.reference[t, coordinate] + sign * deviation[quantity]
        angles, places, turns = (part[t] for part in self._usual)
        trunk = angles + self._trunk_signs * deviation[_TRUNK]
        feet = places + deviation[_STEP_WIDTH] * self._apart
        goal = np.concatenate([turned_segment(trunk)[None], turns])
        part = 100.0 * t / len(self.reference)
        posture, rows = meet_poses(
            self.body,
            posture,
            _SEGMENTS,
            goal,
            feet,
            self.solved,
            complaint=f"A foot cannot stay on its path {part:.0f} % into the cycle (off by {{off}} mm); ask for a "
            "smaller change.",
            found=self.found,
        )
        return posture, self._slopes(rows, trunk)

    def _slopes(self, rows: np.ndarray, trunk: np.ndarray) -> np.ndarray:
        """Return d(coordinates)/d(quantities) (Q, n) of a frame from the rows of its last Newton step."""
        slopes = np.zeros((rows.shape[1], len(CYCLE_QUANTITIES)))
        for quantity, coordinate, sign in self._told:
            slopes[coordinate, quantity] = sign
        asked = -rows @ slopes
        asked[:3, _TRUNK] += turn_axes(trunk) * self._trunk_signs
        asked[9:, _STEP_WIDTH] += self._apart.ravel()
        slopes[self.solved] = solve_rows(rows[:, self.solved], asked)
        return slopes


def cycle_quantities(names: Sequence[str]) -> np.ndarray:
    """Say which quantities are named, (n,) bool; raises UnknownName, or InputError for one that follows."""
    found = {posture_quantity(name).name for name in names}
    if unknown := found - set(CYCLE_QUANTITIES):
        raise InputError(
            f"{sorted(unknown)[0]} is no quantity that is free in a walk; give some of {', '.join(CYCLE_QUANTITIES)}."
        )
    return np.array([name in found for name in CYCLE_QUANTITIES])

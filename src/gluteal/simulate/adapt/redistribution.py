"""Who does the turning: moments of muscles at hips, knees and ankles, undisturbed, held and adapted.

A strategy that spares a joint shows here only where the movement may change: in a movement that is held, the moment of
every joint is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.vocabulary import side_of, unsided

if TYPE_CHECKING:
    from gluteal.sharing.solution import Solution

#: Coordinates whose moments are told, and the joint that each belongs to.
TOLD = {
    "hip_flexion": "hip",
    "hip_adduction": "hip",
    "hip_rotation": "hip",
    "knee_angle": "knee",
    "ankle_angle": "ankle",
    "subtalar_angle": "ankle",
}


@dataclass(frozen=True)
class JointMoments:
    """What muscles turn one joint of one side with: the largest over time of the root of summed squares, N m.

    Attributes
    ----------
    joint : "hip" | "knee" | "ankle"
    side : "r" | "l"
    baseline, fixed, adapted : float
        Undisturbed, under the condition with the movement held, and with the movement adapted.
    """

    joint: str
    side: str
    baseline: float
    fixed: float
    adapted: float

    def to_json(self) -> dict[str, Any]:
        """Return the row by its published names."""
        return {
            "joint": self.joint,
            "side": self.side,
            "baseline_nm": self.baseline,
            "fixed_nm": self.fixed,
            "adapted_nm": self.adapted,
        }


def list_joint_moments(baseline: Solution, fixed: Solution, adapted: Solution) -> tuple[JointMoments, ...]:
    """Return the moments of every hip, knee and ankle of the body, the right side first."""
    each = [_turn(solution) for solution in (baseline, fixed, adapted)]
    order = [(joint, side) for side in ("r", "l") for joint in dict.fromkeys(TOLD.values())]
    return tuple(JointMoments(*key, *(found[key] for found in each)) for key in order if key in each[0])


def _turn(solution: Solution) -> dict[tuple[str, str], float]:
    data = solution.mechanics.dataset
    names = [str(name) for name in data["coordinate"].values]
    arm = data["moment_arm"].transpose("time", "coordinate", "muscle").values
    moment = np.einsum("tqm,tm->tq", arm, solution.dataset["muscle_force"].values)
    squares: dict[tuple[str, str], np.ndarray] = {}
    for column, name in enumerate(names):
        side = side_of(name)
        if side is not None and (joint := TOLD.get(unsided(name))) is not None:
            squares[joint, side] = squares.get((joint, side), np.zeros(len(moment))) + moment[:, column] ** 2
    return {key: float(np.sqrt(total.max())) for key, total in squares.items()}

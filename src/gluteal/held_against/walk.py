"""How near the ground force of the simulated walk comes to the measured one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.errors import InputError
from gluteal.movements.tasks import built_in_task
from gluteal.movements.tasks.gait_cycle import measured_foot_force, measured_total_force, read_cycle_table
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import STANDARD_GRAVITY, side_of

AXES = ("forward", "up", "right")


@dataclass(frozen=True)
class GroundForceComparison:
    """Ground force of the simulated walk beside the measured mean, in body weights of each body.

    Attributes
    ----------
    phase : (T,) share of the cycle
    foot, measured_foot : (T, 3)
        Under the right foot: forward, up, right. In double support the split between the feet is the
        solver's choice.
    total, measured_total : (T, 3)
        Under both feet: what the motion of the masses asks for, whatever the split.
    """

    phase: np.ndarray
    foot: np.ndarray
    measured_foot: np.ndarray
    total: np.ndarray
    measured_total: np.ndarray

    def rmse(self, which: str = "foot") -> dict[str, float]:
        """Return the root mean square difference of each axis, body weights; `which` is foot or total."""
        difference = getattr(self, which) - getattr(self, f"measured_{which}")
        return dict(zip(AXES, np.sqrt((difference**2).mean(axis=0)).tolist(), strict=True))

    def peaks(self) -> dict[str, tuple[float, float]]:
        """Return computed and measured peaks under the right foot, body weights.

        First and second peak and the valley between of the vertical force, largest braking (backward) and
        propelling (forward) force, largest force towards the midline (left).
        """
        early, late = self.phase < 0.3, (self.phase >= 0.35) & (self.phase <= 0.65)
        middle = (self.phase >= 0.2) & (self.phase <= 0.45)

        def of(force: np.ndarray) -> tuple[float, ...]:
            forward, up, right = force.T
            return (
                *(float(up[early].max()), float(up[middle].min()), float(up[late].max())),
                *(float(forward[early].min()), float(forward[late].max()), float(right.min())),
            )

        names = ("first peak", "valley", "second peak", "braking", "propelling", "towards midline")
        return {n: (a, b) for n, a, b in zip(names, of(self.foot), of(self.measured_foot), strict=True)}


def compare_walk_ground_force(recruitment: Solution) -> GroundForceComparison:
    """Compare the contact forces that a solved walk found with the measured mean of its table.

    The measured force guided the corrections of the walk (`gluteal.movements.tasks.residual_reduction`), so that
    the total is no independent check; the split between the feet is.

    Raises
    ------
    InputError
        Where the movement is not the built-in walk.
    """
    movement = recruitment.mechanics.movement
    task = built_in_task("walk")
    assert task.cycle is not None
    if movement.name != task.name:
        raise InputError(f"Ground force was measured for the task 'walk' only, not for {movement.name!r}.")
    table = read_cycle_table(task.cycle.table)
    phase = np.linspace(0.0, 1.0, len(movement.time))
    weight = recruitment.mechanics.body.mass * STANDARD_GRAVITY
    force = compute_support_force(recruitment)
    right = [s for s in force["support"].values.tolist() if side_of(s) == "r"]
    return GroundForceComparison(
        phase=phase,
        foot=force.sel(support=right).sum("support").values / weight,
        measured_foot=measured_foot_force(table, phase),
        total=force.sum("support").values / weight,
        measured_total=measured_total_force(table, phase),
    )

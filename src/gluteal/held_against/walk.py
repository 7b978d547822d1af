"""How near the simulated walks come to what was measured: joint moments, foot forces, centre of pressure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.engines import segment_points
from gluteal.errors import InputError
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import built_in_task, list_walkers
from gluteal.movements.tasks.foot_loads import FOOT_LOADS
from gluteal.movements.tasks.gait_cycle import read_cycle_table
from gluteal.movements.tasks.measured_cycle import measured_cycle
from gluteal.vocabulary import STANDARD_GRAVITY

AXES = ("forward", "up", "right")
#: Share of body weight under a foot from which its centre of pressure is told.
_TOLD = 0.1


@dataclass(frozen=True)
class WalkComparison:
    """A simulated walk beside the measured mean it was fitted to, scaled to the body.

    Attributes
    ----------
    name : str, the walk
    phase : (T,) share of the cycle
    coordinates : (M,) of both legs
    moment, measured_moment, moment_sd : (T, M) N m
    foot, measured_foot : (T, 3) body weights
        Under the right foot: forward, up, right.
    total, measured_total : (T, 3) body weights, under both feet
    centre_of_pressure : (T,) m in front of the right ankle; nan where the foot hardly carries
    pelvis_residual : (force N, moment N m)
        Largest of what nothing supplies at the pelvis.
    """

    name: str
    phase: np.ndarray
    coordinates: tuple[str, ...]
    moment: np.ndarray
    measured_moment: np.ndarray
    moment_sd: np.ndarray
    foot: np.ndarray
    measured_foot: np.ndarray
    total: np.ndarray
    measured_total: np.ndarray
    centre_of_pressure: np.ndarray
    pelvis_residual: tuple[float, float]

    def within(self, deviations: float = 2.0) -> dict[str, float]:
        """Return the share of the cycle in which each moment is within so many standard deviations of the mean."""
        near = np.abs(self.moment - self.measured_moment) <= deviations * self.moment_sd
        return dict(zip(self.coordinates, near.mean(axis=0).tolist(), strict=True))

    def moment_rmse(self) -> dict[str, float]:
        """Return the root mean square difference of each joint moment, N m."""
        difference = self.moment - self.measured_moment
        return dict(zip(self.coordinates, np.sqrt((difference**2).mean(axis=0)).tolist(), strict=True))

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


def compare_walk(mechanics: Mechanics) -> WalkComparison:
    """Compare a built-in walk with the measured moments and forces of its table.

    They guided the corrections of the walk (`gluteal.movements.tasks.residual_reduction`) and chose the loads under its
    feet, so that this says how well the body can walk like that person, and is no independent check. Muscle activity
    was not fitted.

    Raises
    ------
    InputError
        Where the movement is not a built-in walk.
    """
    movement, body = mechanics.movement, mechanics.body
    if movement.name not in list_walkers():
        raise InputError(
            f"Joint moments and ground forces were measured for {', '.join(list_walkers())} only, "
            f"not for {movement.name!r}; load one of these."
        )
    task = built_in_task(movement.name)
    assert task.cycle is not None
    phase = np.linspace(0.0, 1.0, len(movement.time))
    measured = measured_cycle(read_cycle_table(task.cycle.table), body.mass, phase)
    moment = mechanics.dataset["joint_moment"]
    pelvis = moment.sel(coordinate=[n for n in moment["coordinate"].values if str(n).startswith("pelvis_")]).values
    loads = {load.name: load for load in movement.loads}
    right, left = (loads[name] for name in FOOT_LOADS)
    weight = body.mass * STANDARD_GRAVITY
    postures = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values
    ankle = np.array([segment_points(body, posture, [("talus_r", (0.0, 0.0, 0.0))])[0, 0] for posture in postures])
    carries = right.force[:, 1] > _TOLD * weight
    return WalkComparison(
        name=movement.name,
        phase=phase,
        coordinates=measured.coordinates,
        moment=moment.sel(coordinate=list(measured.coordinates)).values,
        measured_moment=measured.moment,
        moment_sd=measured.moment_sd,
        foot=right.force / weight,
        measured_foot=measured.force[:, 0] / weight,
        total=(right.force + left.force) / weight,
        measured_total=measured.force.sum(axis=1) / weight,
        centre_of_pressure=np.where(carries, right.point[:, 0] - ankle, np.nan),
        pelvis_residual=(float(np.abs(pelvis[:, 3:]).max()), float(np.abs(pelvis[:, :3]).max())),
    )

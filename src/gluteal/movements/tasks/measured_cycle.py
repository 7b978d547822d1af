"""What was measured under the feet and at the joints in one cycle of walking, brought to the size of a body.

A table of curves may hold, beside coordinates, the force under the right foot (``ground_force_x``, ``_y``, ``_z``, in
% of the weight of the person, forward, up, right) and the net moments of the right leg (``hip_flexion_moment``, ...,
N m), each with a standard deviation (``_sd``). The left leg does the same half a cycle later.

Over a cycle two feet carry one body weight on average, because the body ends as high and as fast as it began. A table's
forces come near that but not to it; forces and moments are brought there by the same factor, or ankle moment and centre
of pressure would contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.movements.tasks.gait_cycle import CycleTable
from gluteal.vocabulary import STANDARD_GRAVITY

#: A moment is not known better than this, however alike the trials are (in swing they differ by 0.1 N m): 0.026 N m
#: per kg of the body of 76.8 kg.
LEAST_MOMENT_SD = 2.0
#: Nor is a force under a foot, body weights.
LEAST_FORCE_SD = 0.02
_SUFFIX = "_moment"
#: Across the plane of walking: what points right for the right foot points left for the left one.
_ACROSS = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True)
class MeasuredCycle:
    """Moments and foot forces of a cycle, for a body of a given mass.

    Attributes
    ----------
    coordinates : (M,) names of both sides ("hip_flexion_r")
    moment, moment_sd : (T, M) N m, of the body
    force, force_sd : (T, 2, 3) N under the right and the left foot: forward, up, right
    """

    coordinates: tuple[str, ...]
    moment: np.ndarray
    moment_sd: np.ndarray
    force: np.ndarray
    force_sd: np.ndarray


def has_mechanics(table: CycleTable) -> bool:
    """Say whether a table holds foot forces, moments and the mass they belong to."""
    columns = set(table.columns)
    forces = {f"ground_force_{axis}{end}" for axis in "xyz" for end in ("", "_sd")}
    return forces <= columns and any(c.endswith(_SUFFIX) for c in columns) and "mass_kg" in table.facts


def foot_force(table: CycleTable, phase: np.ndarray, *, sd: bool = False) -> np.ndarray:
    """Return the measured ground force on the right foot (or its standard deviation), (N, 3), body weights.

    The table's forces, in % of the stated mass, are scaled so that two feet carry one body weight on average.
    """
    end = "_sd" if sd else ""
    axes = [table.columns[f"ground_force_{axis}{end}"] for axis in "xyz"]
    return np.stack([_at(table, axis, phase) for axis in axes], axis=1) / (100.0 * carried_share(table))


def total_force(table: CycleTable, phase: np.ndarray) -> np.ndarray:
    """Return the measured ground force under both feet, (N, 3), body weights."""
    right, left = (foot_force(table, phase + shift) for shift in (0.0, 0.5))
    return right + left * _ACROSS


def carried_share(table: CycleTable) -> float:
    """Return the share of the body's weight that the table's two feet carry on average over a cycle."""
    return 2.0 * float(np.trapezoid(table.columns["ground_force_y"], table.phase)) / 100.0


def measured_cycle(table: CycleTable, mass: float, phase: np.ndarray) -> MeasuredCycle:
    """Return moments and forces of both legs at the phases (T,) for a body of `mass` kg."""
    names = [c.removesuffix(_SUFFIX) for c in table.columns if c.endswith(_SUFFIX)]
    scale = mass / table.facts["mass_kg"] / carried_share(table)
    weight = mass * STANDARD_GRAVITY
    moments: list[np.ndarray] = []
    spreads: list[np.ndarray] = []
    for shift in (0.0, 0.5):
        for name in names:
            moments.append(scale * _at(table, table.columns[name + _SUFFIX], phase + shift))
            spreads.append(scale * _at(table, table.columns[f"{name}{_SUFFIX}_sd"], phase + shift))
    force = np.stack([foot_force(table, phase), foot_force(table, phase + 0.5) * _ACROSS], axis=1)
    spread = np.stack([foot_force(table, phase + shift, sd=True) for shift in (0.0, 0.5)], axis=1)
    return MeasuredCycle(
        coordinates=tuple(f"{name}_{side}" for side in "rl" for name in names),
        moment=np.stack(moments, axis=1),
        moment_sd=np.maximum(np.stack(spreads, axis=1), LEAST_MOMENT_SD),
        force=force * weight,
        force_sd=np.maximum(spread, LEAST_FORCE_SD) * weight,
    )


def _at(table: CycleTable, values: np.ndarray | Sequence[float], phase: np.ndarray) -> np.ndarray:
    return np.interp(phase % 1.0, table.phase, values)

"""The movement that a task's file becomes when a body does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement, Support
from gluteal.movements.tasks.file import TaskFile


def task_movement(
    task: TaskFile,
    body: Body,
    time: np.ndarray,
    curves: Sequence[np.ndarray],
    *,
    supports: tuple[Support, ...],
    settings: Mapping[str, Any],
    warnings: tuple[str, ...],
) -> Movement:
    """Return the movement of a task: `curves` are coordinates, speed and acceleration, (time, coordinate) each, in s.

    Names, view and what is excluded are the file's.
    """
    coords = {"time": time, "coordinate": list(body.coordinate_names)}
    q, v, a = (xr.DataArray(c, dims=("time", "coordinate"), coords=coords) for c in curves)
    return Movement(
        name=task.name,
        title=task.title,
        kind="task",
        coordinates=q,
        speed=v,
        acceleration=a,
        supports=supports,
        excluded=task.excluded,
        view=task.view,
        settings=settings,
        warnings=warnings,
    )

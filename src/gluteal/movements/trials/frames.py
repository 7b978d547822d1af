"""Loads that are written in the frame of a segment, or have no point: brought into the frame of the ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from gluteal.engines import name_segment, segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import ExternalLoad
from gluteal.movements.trials.loads import GROUND, LoadColumns

_ORIGIN = (0.0, 0.0, 0.0)
_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def bring_to_ground(load: ExternalLoad, columns: LoadColumns, body: Body, coordinates: xr.DataArray) -> ExternalLoad:
    """Turn a load from its own frames into that of the ground, in every frame of the movement.

    A force without a point, and a torque alone, act at the origin of the segment that they are applied to.

    Raises
    ------
    InputError
        The body has no such segment or frame.
    """
    segment = name_segment(body, load.segment) if load.segment else ""
    if columns.in_ground:
        return replace(load, segment=segment)
    turn, _ = measure_frame(columns.force_frame, body, coordinates)
    where = columns.segment or GROUND if columns.point is None else columns.point_frame
    axes, origin = measure_frame(where, body, coordinates)
    point = np.zeros_like(load.point) if columns.point is None else load.point
    return ExternalLoad(
        load.name,
        segment,
        np.einsum("tij,tj->ti", turn, load.force),
        origin + np.einsum("tij,tj->ti", axes, point),
        np.einsum("tij,tj->ti", turn, load.torque),
    )


def measure_frame(name: str, body: Body, coordinates: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return axes (T, 3, 3), as columns, and origin (T, 3) m of a segment or frame in the frame of the ground."""
    count = coordinates.sizes["time"]
    if name == GROUND:
        return np.tile(np.eye(3), (count, 1, 1)), np.zeros((count, 3))
    wanted = [(name, point) for point in (_ORIGIN, *_AXES)]
    points = np.array([segment_points(body, posture, wanted) for posture in coordinates.values])
    return np.swapaxes(points[:, 1:] - points[:, :1], 1, 2), points[:, 0]

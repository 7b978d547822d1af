"""Is the body where a body can be: joints inside their ranges, the pelvis above a floor."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import Cause, say_time
from gluteal.vocabulary import ROOT_COORDINATES, unsided
from gluteal.words import coordinate_words

#: Joints of legs and trunk may leave the range that the model states by this much, rad: ranges are often drawn narrow.
BEYOND_RANGE = 0.5
#: The pelvis is never higher than this above the floor, m.
HIGHEST = 10.0
#: Coordinates whose range is held against the movement; arms are wound up by inverse kinematics, and matter less.
_HELD = ("hip_", "knee_angle", "ankle_angle", "lumbar_", "subtalar_angle")


def find_posture_fault(body: Body, coordinates: xr.DataArray) -> Cause | None:
    """Return what is wrong with where the body is over time, None where nothing is.

    Parameters
    ----------
    coordinates : (time, coordinate) rad or m
    """
    time = coordinates["time"].values
    if "pelvis_ty" in body.coordinate_names:
        height = np.abs(coordinates.sel(coordinate="pelvis_ty").values)
        if height.max() > HIGHEST:
            return Cause(
                "posture",
                f"the pelvis is {height.max():.0f} m above the floor: its unit is another one, such as millimetres",
                f"pelvis_ty, {say_time(time, height > HIGHEST)}",
                "write translations in metres",
            )
    worst: tuple[float, Cause] | None = None
    for c in body.coordinates:
        low, high = c.range
        if c.kind != "rotation" or c.name in ROOT_COORDINATES or not low < high or c.locked:
            continue
        if not unsided(c.name).startswith(_HELD):
            continue
        value = coordinates.sel(coordinate=c.name).values
        beyond = np.maximum(value - high, low - value)
        if beyond.max() > BEYOND_RANGE and (worst is None or beyond.max() > worst[0]):
            at = float(value[beyond.argmax()])
            ends = f"{np.rad2deg(low):.0f} to {np.rad2deg(high):.0f} degrees"
            worst = (
                float(beyond.max()),
                Cause(
                    "posture",
                    f"{coordinate_words(c.name)} is at {at:.3g} rad ({np.rad2deg(at):.0f} degrees), outside the "
                    f"model's range of {ends}",
                    f"{c.name}, {say_time(time, beyond > BEYOND_RANGE)}",
                    "check the unit of the angles (degrees = true or false in trial.toml) and the sign of this "
                    "coordinate, or correct the range in the model",
                ),
            )
    return None if worst is None else worst[1]

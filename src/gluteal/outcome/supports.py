"""Forces of the world on the body, in newtons and world directions, measured or solved.

Where a posture touches the world, only the sum over a part of the body is told: how a foot shares its load between heel
and toes is not determined by the movement (internal forces of one foot move nothing), so it is not printed.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.sharing.solution import Solution
from gluteal.vocabulary import ROOT_COORDINATES, side_of

_AXES = ["x", "y", "z"]
#: Segment without its side -> the part of the body that is told; another segment is told by its own name.
_PARTS = {"calcn": "foot", "toes": "foot", "talus": "foot", "tibia": "shank", "femur": "thigh", "torso": "trunk"}


def body_part(segment: str) -> str:
    """Return the part of the body that a segment belongs to, with its side.

    >>> body_part("toes_r"), body_part("pelvis"), body_part("femur_l")
    ('foot_r', 'pelvis', 'thigh_l')
    """
    side = side_of(segment)
    if side is None:
        return _PARTS.get(segment, segment)
    bare = segment.removesuffix(f"_{side}")
    return f"{_PARTS.get(bare, bare)}_{side}"


def compute_support_force(solution: Solution) -> xr.DataArray:
    """Return the force of the world on each part of the body that it supports, (time, support, axis), N.

    Measured loads as measured, by their names; unknown supports as solved, summed over the parts of `body_part`. Axes x
    forward, y up, z right.

    Raises
    ------
    Unsolved
        Where the solution is not solved.
    """
    movement, data = solution.mechanics.movement, solution.mechanics.dataset
    # What a task carries (a bar, a band) is no support.
    if movement.loads and not (movement.kind == "task" and movement.supports):
        names = [load.name for load in movement.loads]
        force = np.stack([load.force for load in movement.loads], axis=1)
    elif not movement.supports:
        names, force = [], np.zeros((len(data["time"]), 0, 3))
    else:
        # A newton along a ray does on the pelvis's translations what the ray's direction says.
        direction = data["support_arm"].sel(coordinate=list(ROOT_COORDINATES[3:])).to_numpy()
        each = np.einsum("tar,tr->tra", direction, solution.dataset["support_force"].to_numpy())
        part = {s.name: body_part(s.segment) for s in movement.supports}
        of_ray = np.array([part[name] for name in data["ray_support"].to_numpy().astype(str)], dtype=np.str_)
        names = list(dict.fromkeys(of_ray.tolist()))
        force = np.zeros((len(data["time"]), len(names), 3))
        for i, name in enumerate(names):
            force[:, i] = each[:, of_ray == name].sum(axis=1)
    return xr.DataArray(
        force,
        dims=("time", "support", "axis"),
        coords={"time": data["time"].to_numpy(), "support": names, "axis": _AXES},
        name="support_force",
        attrs={"units": "N", "long_name": "force of the world on the body"},
    )

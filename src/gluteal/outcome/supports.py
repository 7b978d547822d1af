"""Forces of the world on the body, in newtons and world directions, measured or solved."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.sharing.recruitment import Recruitment
from gluteal.vocabulary import ROOT_COORDINATES

_AXES = ["x", "y", "z"]


def compute_support_force(recruitment: Recruitment) -> xr.DataArray:
    """Return the force of each support on the body, (time, support, axis), N.

    Measured loads as measured, unknown supports as solved; axes x forward, y up, z right.
    """
    movement, data = recruitment.mechanics.movement, recruitment.mechanics.dataset
    if movement.loads:
        names = [load.name for load in movement.loads]
        force = np.stack([load.force for load in movement.loads], axis=1)
    else:
        # A newton along a ray does on the pelvis's translations what the ray's direction says.
        direction = data["support_arm"].sel(coordinate=list(ROOT_COORDINATES[3:])).to_numpy()
        each = np.einsum("tar,tr->tra", direction, recruitment.dataset["support_force"].to_numpy())
        of_ray = data["ray_support"].to_numpy().astype(str)
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

"""A pelvis, a thigh and a shank for OpenSim, to have one part put into it, and its InverseDynamicsTool."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.sto import save_table
from tests.helpers.packages import needs

#: Frames of `swing`, s.
TIME = np.arange(0.0, 0.41, 0.05)
_SIZE, _RATE = 0.3, 5.0
Change = Callable[[Any, Any], None]


def own(part: Any) -> Any:
    """Give a part to the model that takes it: Python would free it a second time."""
    part.thisown = False
    return part


def body_of(model: Any, name: str) -> Any:
    """A body of a model."""
    return model.getBodySet().get(name)


def write_model(folder: Path, change: Change, *, knee: Callable[[Any, Any, Any], Any] | None = None) -> Path:
    """Write the model as `change(osim, model)` leaves it; `knee(osim, thigh, shank)` makes another joint there."""
    osim = needs("opensim")
    vec, model = osim.Vec3, osim.Model()
    model.setName("small")
    bodies = []
    for name, mass, height in (("pelvis", 10.0, 0.1), ("femur_r", 5.0, -0.2), ("tibia_r", 3.0, -0.2)):
        bodies.append(own(osim.Body(name, mass, vec(0.0, height, 0.0), osim.Inertia(0.1, 0.05, 0.1))))
        model.addBody(bodies[-1])
    pelvis, thigh, shank = bodies
    zero = vec(0.0)
    root = own(osim.PlanarJoint("root", model.getGround(), zero, zero, pelvis, zero, zero))
    for i, name in enumerate(("pelvis_tilt", "pelvis_tx", "pelvis_ty")):
        root.updCoordinate(i).setName(name)
    hip = own(osim.PinJoint("hip_r", pelvis, vec(0.0, -0.05, 0.1), zero, thigh, zero, zero))
    hip.updCoordinate().setName("hip_flexion_r")
    if knee is None:
        joint = osim.PinJoint("knee_r", thigh, vec(0.0, -0.4, 0.0), zero, shank, zero, zero)
        joint.updCoordinate().setName("knee_angle_r")
    else:
        joint = knee(osim, thigh, shank)
    for each in (root, hip, own(joint)):
        model.addJoint(each)
    muscle = own(osim.Millard2012EquilibriumMuscle("vasti_r", 1000.0, 0.1, 0.2, 0.1))
    muscle.addNewPathPoint("origin", thigh, vec(0.04, -0.1, 0.02))
    muscle.addNewPathPoint("insertion", shank, vec(0.05, -0.25, -0.03))
    model.addForce(muscle)
    model.finalizeConnections()
    model.initSystem()
    change(osim, model)
    model.finalizeConnections()
    model.printToXML(str(folder / "small.osim"))
    return folder / "small.osim"


def swing(body: Body, time: np.ndarray = TIME) -> Movement:
    """Every coordinate on a sine of its own, but those that are locked."""
    phase = np.random.default_rng(0).uniform(0.0, 6.0, len(body.coordinates))
    size = np.array([0.0 if c.locked else _SIZE for c in body.coordinates])
    rest = np.array([c.default if c.locked else 0.0 for c in body.coordinates])
    angle = _RATE * time[:, None] + phase
    series = (
        rest + size * np.sin(angle),
        size * _RATE * np.cos(angle),
        -size * _RATE**2 * np.sin(angle),
    )
    names = list(body.coordinate_names)
    q, v, a = (xr.DataArray(x, dims=("time", "coordinate"), coords={"time": time, "coordinate": names}) for x in series)
    return Movement("swing", "Swing", "trial", q, v, a)


def run_inverse_dynamics(model: Path, body: Body, *, left_out: tuple[str, ...] = ()) -> np.ndarray:
    """Generalised forces of OpenSim's own tool for `swing`, (time, coordinate)."""
    osim = needs("opensim")
    fine = swing(body, np.arange(-0.3, 0.71, 0.005))  # splined by the tool
    save_table(model.parent / "swing.sto", fine.time, body.coordinate_names, fine.coordinates.values)
    tool = osim.InverseDynamicsTool()
    tool.setModelFileName(str(model))
    tool.setCoordinatesFileName(str(model.parent / "swing.sto"))
    tool.setLowpassCutoffFrequency(-1)
    tool.setStartTime(float(TIME[0]))
    tool.setEndTime(float(TIME[-1]))
    excluded = osim.ArrayStr()
    for name in ("Muscles", *left_out):
        excluded.append(name)
    tool.setExcludedForces(excluded)
    tool.setResultsDir(str(model.parent))
    tool.setOutputGenForceFileName("id.sto")
    assert tool.run()
    table = osim.TimeSeriesTable(str(model.parent / "id.sto"))
    time = np.array(table.getIndependentColumn())
    kinds = ["moment" if c.kind == "rotation" else "force" for c in body.coordinates]
    columns = [f"{name}_{kind}" for name, kind in zip(body.coordinate_names, kinds, strict=True)]
    return np.stack([np.interp(TIME, time, table.getDependentColumn(c).to_numpy()) for c in columns], axis=1)

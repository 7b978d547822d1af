"""Published hips on OpenSim models: the same tables, brought to the model by landmarks.

Landmarks are the centres of hips and knees (for the size of pelvis and thigh) and bony points of the pelvis, where
muscles that both models have begin (for its tilt). OpenSim's paths have one line each, so a muscle of several is the
mean of its lines; psoas, iliacus and gluteus maximus stay the model's own, because they need a wrapping surface or the
spine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gluteal.anatomy import row_of
from gluteal.engines.myo.hips import PathPoint, added_muscles, hip_paths, hip_sources, hip_supplier, pelvic_landmarks
from gluteal.engines.myo.knee import TIBIA_ORIGIN
from gluteal.errors import InputError
from gluteal.vocabulary import Side

#: Muscles that stay the model's own; gluteus maximus by its beginning.
LEFT_ALONE = ("psoas", "iliacus", "glmax")
#: Half the distance of the embedded body's hip centres, m: what a model's pelvis is measured by.
HALF_PELVIS = 0.07726
#: Fewest shared muscles whose origins tell the tilt of the pelvis.
FEWEST_ORIGINS = 4
_SIDES: tuple[Side, Side] = ("r", "l")
_MIRROR = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True)
class Graft:
    """What was grafted onto a model.

    Attributes
    ----------
    hip : str
    moved, added : tuple of str
        Muscles of the model that run elsewhere now, and those that it lacked.
    pelvis, thigh : float
        Size of the model's pelvis and thigh over the embedded body's, 1.
    tilt : float
        By how much the model's pelvis leans back against the embedded one's, rad.
    origins : int
        How many shared muscles told the tilt; 0: too few, and none was assumed.
    """

    hip: str
    moved: tuple[str, ...]
    added: tuple[str, ...]
    pelvis: float
    thigh: float
    tilt: float
    origins: int = field(default=0)

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what was grafted, how it was brought there, and what stays."""
        source = hip_sources()[self.hip].source
        told = f"by {self.origins} bony points where muscles begin" if self.origins else "not told, none assumed"
        return (
            f"Hip of {source} grafted: {len(self.moved)} muscles moved ({', '.join(self.moved)}), "
            f"{len(self.added)} added ({', '.join(self.added) or 'none'}); a muscle of several lines is their mean.",
            f"Landmarks of the graft: centres of hips and knees (pelvis x {self.pelvis:.2f}, thigh x {self.thigh:.2f} "
            f"of the embedded body's); tilt of the pelvis {np.degrees(self.tilt):.1f} degrees, {told}.",
            "Psoas, iliacus and gluteus maximus are the model's own.",
        )


def graft_hip(osim: Any, model: Any, hip: str) -> Graft:
    """Put the muscles of a published hip onto an OpenSim model, in place, before its forces are switched off.

    Raises
    ------
    InputError
        The model has no hips and thighs by OpenSim's usual names.
    """
    pelvis, centres = _pelvis_of(model)
    state = model.initSystem()
    thigh = {side: _knee_below_hip(model, side) / -TIBIA_ORIGIN[1] for side in _SIDES}
    size = float(np.linalg.norm(centres["r"] - centres["l"])) / (2.0 * HALF_PELVIS)
    named = _by_name(model)
    tilt, told = _tilt(osim, named, pelvis, centres, size)
    cosine, sine = np.cos(tilt), np.sin(tilt)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])

    def place(point: PathPoint, side: Side) -> tuple[Any, np.ndarray]:
        if point.segment == "pelvis":
            local = size * (turn @ point.position)
            return pelvis, centres[side] + (local if side == "r" else local * _MIRROR)
        moved = point.position * np.array([size, thigh[side], size])
        return model.getBodySet().get(f"femur_{side}"), moved if side == "r" else moved * _MIRROR

    lengths = {name: muscle.getGeometryPath().getLength(state) for name, muscle in named.values()}
    moved, added, fresh = [], [], []
    for muscle, lines in _lines(hip).items():
        for side in _SIDES:
            points = [place(point, side) for point in lines]
            known = named.get((_key(muscle), side))
            if known is not None:
                _reroute(osim, known[1], points, whole=lines[-1].role == "insertion")
                moved.append(known[0])
            elif muscle in added_muscles():
                fresh.append((_add(osim, model, f"{muscle}_{side}", points), added_muscles()[muscle]))
                added.append(f"{muscle}_{side}")
    model.finalizeFromProperties()
    model.finalizeConnections()
    state = model.initSystem()
    for name, muscle in named.values():
        if name in moved:
            longer = muscle.getGeometryPath().getLength(state) - lengths[name]
            muscle.setTendonSlackLength(max(muscle.getTendonSlackLength() + longer, 1e-3))
    for muscle, row in fresh:
        along = float(row["neutral_fibre"]) * np.cos(float(row["pennation_angle_rad"]))
        length = muscle.getGeometryPath().getLength(state)
        fibre = min(float(row["optimal_fiber_length_m"]), length / (along + 0.02))
        muscle.setOptimalFiberLength(fibre)
        muscle.setTendonSlackLength(length - along * fibre)
    return Graft(hip, tuple(moved), tuple(added), size, float(np.mean(list(thigh.values()))), tilt, told)


def _lines(hip: str) -> dict[str, list[PathPoint]]:
    """Return muscle -> its one line: the mean of its lines, as far as the hip lists it."""
    found = {}
    names = dict.fromkeys(m for supplier in hip_sources()[hip].suppliers for m in hip_paths(supplier))
    for muscle in names:
        lines = hip_paths(hip_supplier(hip, muscle)).get(muscle)
        if lines is None or muscle.startswith(LEFT_ALONE):
            continue
        longest = max(len(line) for line in lines)
        alike = [line for line in lines if len(line) == longest]
        found[muscle] = [
            PathPoint(points[0].role, points[0].segment, np.mean([p.position for p in points], axis=0))
            for points in zip(*alike, strict=True)
        ]
    return found


def _key(muscle: str) -> str:
    """Return the anatomical row of a muscle's name without side: models name the same muscle differently."""
    row = row_of(f"{muscle}_r")
    return muscle if row is None else f"{row.name} {row.part}"


def _by_name(model: Any) -> dict[tuple[str, Side], tuple[str, Any]]:
    """Return (anatomical row, side) -> the model's name of the muscle, and the muscle."""
    muscles = model.updMuscles()
    found: dict[tuple[str, Side], tuple[str, Any]] = {}
    for i in range(muscles.getSize()):
        muscle = muscles.get(i)
        name = muscle.getName()
        if name.endswith(("_r", "_l")):
            side: Side = "r" if name.endswith("_r") else "l"
            found.setdefault((_key(name[:-2]), side), (name, muscle))
    return found


def _pelvis_of(model: Any) -> tuple[Any, dict[Side, np.ndarray]]:
    """Return the pelvis, and the centres of both hips in it, m."""
    joints, bodies = model.getJointSet(), model.getBodySet()
    if not (bodies.contains("pelvis") and all(joints.contains(f"hip_{side}") for side in _SIDES)):
        raise InputError(
            f"The model {model.getName()!r} has no body 'pelvis' with joints 'hip_r' and 'hip_l', so that no published "
            "hip can be put onto it; leave --hip out, or give a model with OpenSim's usual names."
        )
    model.initSystem()  # or frames do not know yet what they hang on
    pelvis = bodies.get("pelvis")
    centres: dict[Side, np.ndarray] = {}
    for side in _SIDES:
        frame = joints.get(f"hip_{side}").getParentFrame()
        centres[side] = frame.findTransformInBaseFrame().p().to_numpy()
    return pelvis, centres


def _knee_below_hip(model: Any, side: Side) -> float:
    """Return how far below the hip the tibia begins in the neutral posture, m."""
    state = model.initSystem()
    coordinates = model.getCoordinateSet()
    for i in range(coordinates.getSize()):
        if coordinates.get(i).getName().startswith(("hip_", "knee_")):
            coordinates.get(i).setValue(state, 0.0, False)
    model.realizePosition(state)
    bodies = model.getBodySet()
    if not all(bodies.contains(f"{name}_{side}") for name in ("femur", "tibia")):
        raise InputError(f"The model {model.getName()!r} has no femur and tibia of the side {side!r}; leave --hip out.")
    ends = [bodies.get(f"{name}_{side}").getPositionInGround(state).to_numpy() for name in ("femur", "tibia")]
    return float(np.linalg.norm(ends[0] - ends[1]))


def _tilt(
    osim: Any,
    named: Mapping[tuple[str, Side], tuple[str, Any]],
    pelvis: Any,
    centres: Mapping[Side, np.ndarray],
    size: float,
) -> tuple[float, int]:
    """Return by which angle about the axis to the right shared origins fit best, rad, and how many told it."""
    ours, theirs = [], []
    for muscle, origin in pelvic_landmarks().items():
        known = named.get((_key(muscle), "r"))
        if known is None:
            continue
        first = osim.PathPoint.safeDownCast(known[1].getGeometryPath().getPathPointSet().get(0))
        if first is not None and first.getParentFrame().findBaseFrame().getName() == pelvis.getName():
            ours.append(size * origin[:2])
            theirs.append((first.get_location().to_numpy() - centres["r"])[:2])
    if len(ours) < FEWEST_ORIGINS:
        return 0.0, 0
    a, b = np.array(ours), np.array(theirs)
    return float(np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a * b).sum())), len(ours)


def _reroute(osim: Any, muscle: Any, points: Sequence[tuple[Any, np.ndarray]], *, whole: bool) -> None:
    """Give a muscle new points: all of them, or those on the pelvis where the rest stays the model's."""
    path = muscle.updGeometryPath()
    old = path.updPathPointSet()
    count = old.getSize()
    if whole:
        path.updWrapSet().clearAndDestroy()
        for i, (body, position) in enumerate(points, start=1):
            path.appendNewPathPoint(f"{muscle.getName()}-graft{i}", body, osim.Vec3(*position.tolist()))
        for _ in range(count):
            old.remove(0)
        return
    on_pelvis = [i for i in range(count) if old.get(i).getParentFrame().findBaseFrame().getName() == "pelvis"]
    for i in reversed(on_pelvis[1:]):
        old.remove(i)
    osim.PathPoint.safeDownCast(old.get(0)).setLocation(osim.Vec3(*points[0][1].tolist()))


def _add(osim: Any, model: Any, name: str, points: Sequence[tuple[Any, np.ndarray]]) -> Any:
    """Add a muscle that the model lacks; its lengths follow when the model is put together."""
    row = added_muscles()[name[:-2]]
    muscle = osim.Millard2012EquilibriumMuscle(
        name,
        float(row["max_isometric_force_N"]),
        float(row["optimal_fiber_length_m"]),
        0.05,
        float(row["pennation_angle_rad"]),
    )
    for i, (body, position) in enumerate(points, start=1):
        muscle.addNewPathPoint(f"{name}-P{i}", body, osim.Vec3(*position.tolist()))
    model.addForce(muscle)
    return muscle

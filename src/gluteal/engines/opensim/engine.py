"""OpenSim as an engine: any .osim model that OpenSim 4 reads.

OpenSim supplies path lengths, rigid-body dynamics, gravity, and the forces that a movement alone determines (springs,
ligaments, bushings, limits of coordinates, see `gluteal.engines.opensim.forces`); muscles are switched off. Coordinates
that follow others through a CoordinateCouplerConstraint (patella, lumbar levels) are projected out, see
`gluteal.engines.opensim.model`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.engines.cache import make_key, movement_parts, remember
from gluteal.engines.opensim import lines as opensim_lines
from gluteal.engines.opensim.forces import list_named, say_forces
from gluteal.engines.opensim.model import OpenSimModel
from gluteal.engines.opensim.opening import open_model
from gluteal.engines.opensim.osim import osim
from gluteal.engines.opensim.sane import check_arrays, check_muscles, translated
from gluteal.errors import InputError
from gluteal.kernels.contact import friction_rays
from gluteal.kernels.muscle import PASSIVE_ONSET, PASSIVE_STRAIN
from gluteal.mechanics.body import Body, Coordinate, make_muscle_table
from gluteal.mechanics.geometry import Cut, Geometry, Lines
from gluteal.mechanics.movement import Movement
from gluteal.mechanics.picture import MovingPicture, Picture
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

#: Difference between a moment arm and minus the derivative of length that is worth a note, m.
GAP = 5e-3
#: A muscle may rest at a control of up to this in a model without a word, 1. Own choice: models have 0.01 to 0.05.
HELD_CONTROL = 0.1
#: Words for metres in models.
METRES = ("meters", "metres", "m", "")
#: Gravity of a model that differs by more than this share from the earth's along -y is a mistake, 1.
OTHER_GRAVITY = 0.1


def load(name: str | Path, hip: str | None = None) -> Body:
    """Load an OpenSim model as a `Body`, with a published hip grafted onto it where one is asked for.

    Muscles are all actuators of the model derived from Muscle, with the parameters that the file states; one that is
    switched off there (appliesForce is false) has a max_isometric_force of 0. Coordinates are the independent ones,
    locked ones marked.

    Raises
    ------
    InputError
        The file is missing, OpenSim cannot read it, or a coupler ties one coordinate to several.
    """
    path = Path(name)
    handle = open_model(path, hip)
    model = handle.model
    _check_gravity(path, model.getGravity().to_numpy())
    muscles = handle.muscles
    passive = [_passive_strains(m) for m in muscles]
    parameters = {
        "max_isometric_force": [m.getMaxIsometricForce() if m.get_appliesForce() else 0.0 for m in muscles],
        "optimal_fiber_length": [m.getOptimalFiberLength() for m in muscles],
        "tendon_slack_length": [m.getTendonSlackLength() for m in muscles],
        "pennation_angle": [m.getPennationAngleAtOptimalFiberLength() for m in muscles],
        "max_contraction_velocity": [m.getMaxContractionVelocity() for m in muscles],
        "passive_onset_strain": [onset for onset, _ in passive],
        "passive_strain": [full for _, full in passive],
    }
    check_muscles(path.name, [m.getName() for m in muscles], parameters)
    table = make_muscle_table(
        [m.getName() for m in muscles],
        {column: np.array(values) for column, values in parameters.items()},
        [_source(m.getName(), handle) for m in muscles],
    )
    return Body(
        name=Path(path.name.removesuffix(".gz")).stem + ("" if hip is None else f"-{hip}"),
        engine="opensim",
        mass=float(model.getTotalMass(handle.state)),
        coordinates=tuple(_coordinate(handle, k) for k in range(len(handle.free))),
        muscles=table,
        source=str(path),
        notes=_notes(handle),
        model=handle,
    )


def _source(muscle: str, handle: OpenSimModel) -> str:
    """Say where a muscle's numbers come from."""
    text = f"model file {handle.path.name}"
    if handle.graft is not None and muscle in (*handle.graft.moved, *handle.graft.added):
        text = f"{text}; path: hip {handle.graft.hip}"
    return text


def _check_gravity(path: Path, gravity: np.ndarray) -> None:
    """Raise InputError where the model's gravity (3,) m/s^2 does not pull down along y as on the earth."""
    if np.linalg.norm(gravity - [0.0, -STANDARD_GRAVITY, 0.0]) > OTHER_GRAVITY * STANDARD_GRAVITY:
        told = " ".join(f"{x + 0.0:g}" for x in gravity)
        raise InputError(
            f"{path.name} has the gravity {told} m/s², but up is y here and a body has its weight: write "
            "<gravity>0 -9.80665 0</gravity> into the model, and turn movement and forces with it."
        )


def _passive_strains(muscle: Any) -> tuple[float, float]:
    """Fibre strains at which passive force starts and is full, as the model's own muscle class states them."""
    millard = osim.Millard2012EquilibriumMuscle.safeDownCast(muscle)
    if millard:
        curve = millard.getFiberForceLengthCurve()
        return curve.get_strain_at_zero_force(), curve.get_strain_at_one_norm_force()
    thelen = osim.Thelen2003Muscle.safeDownCast(muscle)
    if thelen:
        return PASSIVE_ONSET, thelen.get_FmaxMuscleStrain()
    degroote = osim.DeGrooteFregly2016Muscle.safeDownCast(muscle)
    if degroote:
        return PASSIVE_ONSET, degroote.get_passive_fiber_strain_at_one_norm_force()
    return PASSIVE_ONSET, PASSIVE_STRAIN


def compute_geometry(body: Body, movement: Movement) -> Geometry:
    """Compute lengths, moment arms, joint moments and support directions of every frame, or read them again.

    Moment arms are generalised forces of a unit tension in the path, along each independent coordinate with
    the dependent ones following (Sherman, Seth and Delp 2013, doi 10.1115/DETC2013-13633); a path that slides
    without friction makes them minus the derivative of its length. Joint moments are inverse dynamics of all
    coordinates (OpenSim's InverseDynamicsSolver, gravity included, constraints ignored) minus the measured
    loads and the model's springs, projected on the independent ones.

    What was computed is kept on disk (`gluteal.engines.cache`).

    Raises
    ------
    InputError
        A load or support acts on a body that the model lacks.
    """
    rays = [friction_rays(np.array(s.normal), s.friction) for s in movement.supports]
    with translated(body):
        arrays = remember(_key(body, movement, "geometry"), lambda: _frames(body, movement, rays))
    return Geometry(
        **arrays,
        ray_support=tuple(s.name for s in movement.supports for _ in range(4)),
        ray_direction=np.concatenate(rays) if rays else np.zeros((0, 3)),
    )


def _frames(body: Body, movement: Movement, rays: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Compute the arrays of `Geometry` over time."""
    handle: OpenSimModel = body.model
    names = list(body.coordinate_names)
    series = (movement.coordinates, movement.speed, movement.acceleration)
    q, v, a = (s.sel(coordinate=names).values for s in series)
    frames, count, muscles = len(q), len(names), len(handle.paths)
    carriers = [handle.segment(load.segment, f"Load {load.name!r}") for load in movement.loads]
    bases = [handle.segment(s.segment, f"Support {s.name!r}") for s in movement.supports]
    length, arm = np.empty((frames, muscles)), np.zeros((frames, count, muscles))
    moment, support_arm = np.empty((frames, count)), np.zeros((frames, count, 4 * len(rays)))
    spring = np.zeros((frames, count))
    for t in range(frames):
        value, speed, acceleration, jacobian = handle.expand(q[t], v[t], a[t])
        handle.place(value)
        tau = handle.inverse_dynamics(speed, acceleration)
        for carrier, load in zip(carriers, movement.loads, strict=True):
            tau = tau - handle.body_force(carrier, load.point[t], load.force[t], load.torque[t])
        spring[t] = jacobian.T @ handle.spring_forces(float(movement.time[t]), speed)
        moment[t] = jacobian.T @ tau - spring[t]
        for s, (base, support) in enumerate(zip(bases, movement.supports, strict=True)):
            if support.active is None or support.active[t]:
                point = handle.to_world(base, support.point)
                columns = [handle.body_force(base, point, axis, np.zeros(3)) for axis in np.eye(3)]
                support_arm[t, :, 4 * s : 4 * s + 4] = jacobian.T @ np.array(columns).T @ rays[s].T
        length[t] = handle.lengths(range(muscles))
        arm[t] = handle.moment_arms(jacobian)
    arrays = {
        "mtu_length": length,
        "moment_arm": arm,
        "joint_moment": moment,
        "support_arm": support_arm,
        "spring_moment": spring,
    }
    check_arrays(body, movement, arrays)
    return arrays


def compute_lines(body: Body, movement: Movement, cuts: Sequence[Cut] | None = None) -> Lines:
    """Compute what crosses the joints in every frame, see `gluteal.engines.compute_lines`, or read it again."""
    with translated(body):
        arrays = remember(_key(body, movement, f"lines {cuts!r}"), lambda: _plain(body, movement, cuts))
    rows = json.loads(str(arrays["cuts"]))
    found = tuple(Cut(**{**row, "beyond": tuple(row["beyond"])}) for row in rows)
    return Lines(cuts=found, **{name: array for name, array in arrays.items() if name != "cuts"})


def _plain(body: Body, movement: Movement, cuts: Sequence[Cut] | None) -> dict[str, np.ndarray]:
    """Compute the arrays of `Lines`, and its cuts as JSON in an array of one text."""
    lines = opensim_lines.compute_lines(body, movement, cuts)
    arrays = {f.name: getattr(lines, f.name) for f in fields(Lines) if f.name != "cuts"}
    return {"cuts": np.array(json.dumps([asdict(cut) for cut in lines.cuts])), **arrays}


def _key(body: Body, movement: Movement, what: str) -> str:
    """Name what is computed of a body and movement: the model as it is in memory, OpenSim's version, the movement."""
    texts = (what, osim.GetVersion(), body.model.model.dump())
    return make_key([*(t.encode() for t in texts), *movement_parts(movement, list(body.coordinate_names))])


def compute_picture(body: Body, movement: Movement, frame: int) -> Picture:
    """Return joint-centre sticks, muscle paths and support points of one frame; bone meshes are not read."""
    handle: OpenSimModel = body.model
    q = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values[frame]
    handle.place(handle.expand_posture(q))
    muscles = {
        name: np.array(list(_path_points(handle, path))).reshape(-1, 3)
        for name, path in zip(body.muscle_names, handle.paths, strict=True)
    }
    supports = {
        s.name: handle.to_world(handle.segment(s.segment, f"Support {s.name!r}"), s.point) for s in movement.supports
    }
    return Picture((), np.array(list(_sticks(handle))).reshape(-1, 2, 3), muscles, supports)


def compute_moving_picture(body: Body, movement: Movement) -> MovingPicture:
    """Return joint-centre sticks, muscle paths and support points over all frames."""
    frames = [compute_picture(body, movement, frame) for frame in range(len(movement.time))]
    nothing = np.zeros((len(frames), 0, 3))
    return MovingPicture(
        bones=(),
        position=nothing,
        rotation=np.zeros((len(frames), 0, 3, 3)),
        sticks=np.array([frame.sticks for frame in frames]),
        paths=tuple(tuple(frame.muscles[name] for name in body.muscle_names) for frame in frames),
        muscle=np.arange(len(body.muscle_names)),
        supports={s.name: np.array([frame.supports[s.name] for frame in frames]) for s in movement.supports},
    )


def segment_names(body: Body) -> tuple[str, ...]:
    """Return the names of all segments."""
    handle: OpenSimModel = body.model
    return handle.segment_names


def segment_points(
    body: Body, coordinates: np.ndarray, points: list[tuple[str, tuple[float, float, float]]]
) -> np.ndarray:
    """Return world positions (N, 3) m of points fixed in segments, for one posture (Q,)."""
    handle: OpenSimModel = body.model
    handle.place(handle.expand_posture(np.asarray(coordinates, float)))
    return np.array([handle.to_world(handle.segment(name, "A load or support"), point) for name, point in points])


def base_segment(body: Body, frame: str) -> str:
    """Return the segment that a frame, given by its path, is fixed in; "ground" for one of the laboratory."""
    return str(body.model.segment(frame, "A load").findBaseFrame().getName())


def centre_of_mass(body: Body, coordinates: np.ndarray) -> np.ndarray:
    """Return the whole body's centre of mass in the world (3,) m, for one posture (Q,)."""
    handle: OpenSimModel = body.model
    handle.place(handle.expand_posture(np.asarray(coordinates, float)))
    return np.array(handle.model.calcMassCenterPosition(handle.state).to_numpy())


def _coordinate(handle: OpenSimModel, position: int) -> Coordinate:
    c = handle.coordinates[handle.free[position]]
    return Coordinate(
        name=c.getName(),
        kind="rotation" if handle.is_rotation(position) else "translation",
        range=(c.getRangeMin(), c.getRangeMax()),
        default=c.getDefaultValue(),
        locked=c.getName() in handle.locked,
    )


def _notes(handle: OpenSimModel) -> tuple[str, ...]:
    """Say what of the model is grafted, taken off, left out or inconsistent."""
    notes: list[str] = []
    notes += say_forces(handle.forces, [m.getName() for m in handle.muscles if not m.get_appliesForce()])
    slack = [
        name
        for name, crossed in zip([handle.coordinates[i].getName() for i in handle.free], handle.crossed, strict=True)
        if not crossed.any() and name not in handle.locked and name not in ROOT_COORDINATES
    ]
    if slack:
        notes.append(f"No muscle of the model crosses {', '.join(slack)}: what these need is asked of no muscle.")
    paths = zip([m.getName() for m in handle.muscles], handle.paths, strict=True)
    if fitted := [name for name, path in paths if path.getConcreteClassName() == "FunctionBasedPath"]:
        notes.append(
            f"The path of {', '.join(fitted)} is a fitted function, with a length but no line of action: it is not "
            "drawn, and joint loads are not computed."
        )
    bounded = [m.getName() for m in handle.muscles if m.getMaxControl() < 1.0 or m.getMinControl() > HELD_CONTROL]
    if bounded:
        notes.append(
            f"The model bounds the controls of {', '.join(bounded)} (min_control, max_control), which is not used: "
            "activations go from 0 to 1 but for what a condition says."
        )
    unit = handle.model.get_length_units()
    if unit not in METRES:
        notes.append(f"The model says that its lengths are {unit}; they are taken for metres, as OpenSim does.")
    if handle.doubtful:
        notes.append(
            "OpenSim's own speeds or accelerations of some joints do not follow from their positions, so that their "
            f"moments are doubtful: {list_named(handle.doubtful)}."
        )
    doubtful = [
        f"{handle.muscles[m].getName()} ({1000 * handle.gap[:, m].max():.0f} mm about "
        f"{handle.coordinates[handle.free[handle.gap[:, m].argmax()]].getName()})"
        for m in np.flatnonzero(handle.gap.max(axis=0) > GAP)
    ]
    if doubtful:
        notes.append(
            "OpenSim's wrapping (or a moving point) makes moment arm and change of length disagree in some postures, "
            f"so that work is not conserved there: {', '.join(doubtful)}. The moment arms used are OpenSim's own."
        )
    return (*(handle.graft.notes if handle.graft is not None else ()), *notes)


def _path_points(handle: OpenSimModel, path: Any) -> Iterator[np.ndarray]:
    """World points of a path from origin to insertion, over its wrapping surfaces."""
    geometry = osim.GeometryPath.safeDownCast(path)
    if geometry is None:  # a function-based path has lengths only
        return
    points = geometry.getCurrentPath(handle.state)
    for i in range(points.getSize()):
        point = points.get(i)
        yield point.getLocationInGround(handle.state).to_numpy()


def _sticks(handle: OpenSimModel) -> Iterator[np.ndarray]:
    """Segments (2, 3) from each body's own joint to the joints it carries, or to its centre of mass."""
    joints = [handle.model.getJointSet().get(i) for i in range(handle.model.getJointSet().getSize())]
    centre = {j.getName(): j.getChildFrame().getPositionInGround(handle.state).to_numpy() for j in joints}
    for joint in joints:
        child = joint.getChildFrame().findBaseFrame().getName()
        carried = [j for j in joints if j.getParentFrame().findBaseFrame().getName() == child]
        for other in carried:
            yield np.array([centre[joint.getName()], centre[other.getName()]])
        if not carried:
            body = handle.model.getBodySet().get(child)
            mass_center = tuple(body.getMassCenter().to_numpy())
            yield np.array([centre[joint.getName()], handle.to_world(body, mass_center)])

"""MuJoCo: the embedded body's geometry.

MuJoCo's sign of a tendon Jacobian is +d(length)/dq; here it is flipped once, so that outside this file
moment arm is -d(length)/dq and muscle force is positive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import mujoco
import myo_sim
import numpy as np

from gluteal.engines.mujoco import lines as mujoco_lines
from gluteal.engines.mujoco.handle import Handle, place_frame, place_joints
from gluteal.engines.myo import corrections as myo_corrections
from gluteal.engines.myo.hip_parameters import Fibres, LegStrength, hip_muscles, scale_strength, variant_suffix
from gluteal.engines.myo.hips import hip_sources, hip_supplier, path_name
from gluteal.engines.myo.kept import load_assembled
from gluteal.errors import InputError, UnknownName
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Cut, Geometry, Lines
from gluteal.mechanics.labels import in_order
from gluteal.mechanics.movement import ExternalLoad, Movement, Support
from gluteal.mechanics.picture import BoneSurface, MovingPicture, Picture
from gluteal.vocabulary import side_of


def load(name: str) -> Body:
    """Load the embedded body ``myo``: myo-sim's legs and lumbar trunk, corrected, arms rigid."""
    if name != "myo":
        raise InputError(f"The MuJoCo engine has one body, 'myo'; got {name!r}.")
    model, coordinates, follows, poly = load_assembled()
    segments = {model.body(i).name: i for i in range(model.nbody)}
    handle = Handle(model, follows, poly, len(coordinates), segments, model.actuator_trnid[:, 0].copy())
    return Body(
        name="myo",
        engine="mujoco",
        mass=float(model.body_mass.sum()),
        coordinates=coordinates,
        muscles=myo_corrections.muscle_table(model),
        source=f"myo-sim {myo_sim.__version__} (myofullbody), corrected; see docs/body-myo.md",
        notes=myo_corrections.NOTES,
        model=handle,
    )


def with_hip(body: Body, hip: str, *, fibres: Fibres = "model", strength: LegStrength = 1.0) -> Body:
    """Return the embedded body with the paths of a published hip (`gluteal.engines.myo.hips.hip_sources`).

    Parameters
    ----------
    body : Body
        As `load` returns it.
    fibres : "model" or "dissected"
        Fibre lengths of piriformis and gluteus minimus.
    strength : float or "fitted"
        Factor on the maximal force of every muscle of the legs, 1; or each group's own, fitted to people.

    Raises
    ------
    UnknownName
        No such hip.
    """
    if hip not in hip_sources():
        raise UnknownName("hip", hip, list(hip_sources()), "docs/body-myo.md")
    handle: Handle = body.model
    lengths = dict(zip(handle.paths, handle.rest_lengths.tolist(), strict=True))
    neutral = dict(zip(body.muscle_names, handle.rest_lengths[handle.tendons].tolist(), strict=True))
    muscles = hip_muscles(body.muscles, hip, lengths, neutral, fibres=fibres)
    names = [str(name) for name in muscles["muscle"].values]
    own = dict(zip(body.muscle_names, handle.tendons.tolist(), strict=True))
    chosen = np.array([_choose_path(name, hip, handle.paths, own) for name in names])
    legs = handle.at_leg[chosen]
    muscles["max_isometric_force"] = muscles["max_isometric_force"] * scale_strength(names, legs, strength)
    return replace(
        body,
        name=body.name + variant_suffix(hip, fibres, strength),
        muscles=muscles,
        source=f"{body.source}; hip of {hip_sources()[hip].source}",
        model=replace(handle, tendons=chosen, scratch=threading.local()),
    )


def _choose_path(name: str, hip: str, paths: dict[str, int], own: dict[str, int]) -> int:
    """Return which path of the model a muscle of a published hip takes: its supplier's, else the body's own."""
    bare = name[:-2]
    published = path_name(bare, side_of(name) or "r", hip_supplier(hip, bare))
    return paths[published] if published in paths else own[name]


def compute_geometry(body: Body, movement: Movement) -> Geometry:
    """Compute lengths, moment arms, joint moments and support directions of every frame."""
    return _measure(body.model, body.coordinate_names, movement)


def compute_geometries(bodies: Sequence[Body], movement: Movement) -> list[Geometry]:
    """Compute the geometry of variants of one body: every path once, then each body's own."""
    handles: list[Handle] = [body.model for body in bodies]
    if any(handle.model is not handles[0].model for handle in handles):
        raise InputError("These bodies do not share one model; compute their mechanics one by one.")
    tendons = np.unique(np.concatenate([handle.tendons for handle in handles]))
    whole = _measure(replace(handles[0], tendons=tendons), bodies[0].coordinate_names, movement)
    # Bodies that differ in fibres or strength alone have the same paths, and one geometry.
    found: dict[bytes, Geometry] = {}
    for handle in handles:
        if (key := handle.tendons.tobytes()) not in found:
            own = np.searchsorted(tendons, handle.tendons)
            found[key] = replace(whole, mtu_length=whole.mtu_length[:, own], moment_arm=whole.moment_arm[:, :, own])
    return [found[handle.tendons.tobytes()] for handle in handles]


def _measure(handle: Handle, names: tuple[str, ...], movement: Movement) -> Geometry:
    q, v, a = (in_order(array, names) for array in (movement.coordinates, movement.speed, movement.acceleration))
    return measure_frames(handle, q, v, a, movement.supports, movement.loads)


def measure_frames(
    handle: Handle,
    q: np.ndarray,
    v: np.ndarray,
    a: np.ndarray,
    supports: Sequence[Support],
    loads: Sequence[ExternalLoad] = (),
) -> Geometry:
    """Compute the geometry of frames given as bare arrays (T, Q): positions, speeds, accelerations."""
    with handle.own_paths():
        return _measure_frames(handle, q, v, a, supports, loads)


def _measure_frames(
    handle: Handle,
    q: np.ndarray,
    v: np.ndarray,
    a: np.ndarray,
    supports: Sequence[Support],
    loads: Sequence[ExternalLoad],
) -> Geometry:
    model, data = handle.model, handle.data()
    tendon = handle.tendons
    (frames, count), muscles = q.shape, len(tendon)
    rays = [_rays(s.normal, s.friction) for s in supports]
    length = np.empty((frames, muscles))
    arm = np.empty((frames, count, muscles))
    moment = np.empty((frames, count))
    support_arm = np.zeros((frames, count, 4 * len(rays)))
    dense = np.zeros((model.ntendon, model.nv))
    force = np.zeros(model.nv)
    joints = handle.expand(q, v, a)
    for t in range(frames):
        jacobian = place_joints(handle, data, *(value[t] for value in joints))
        length[t] = data.ten_length[tendon]
        mujoco.mju_sparse2dense(dense, data.ten_J, model.ten_J_rownnz, model.ten_J_rowadr, model.ten_J_colind)
        arm[t] = -(dense[tendon] @ jacobian).T
        mujoco.mj_rne(model, data, 1, force)
        moment[t] = jacobian.T @ force
        for load in loads:
            point = _point_jacobians(handle, data, load.segment, load.point[t], jacobian)
            moment[t] -= point[0].T @ load.force[t] + point[1].T @ load.torque[t]
        for s, support in enumerate(supports):
            if support.active is None or support.active[t]:
                where = _world_point(handle, data, support)
                translation, _ = _point_jacobians(handle, data, support.segment, where, jacobian)
                support_arm[t, :, 4 * s : 4 * s + 4] = translation.T @ rays[s].T
    return Geometry(
        mtu_length=length,
        moment_arm=arm,
        joint_moment=moment,
        support_arm=support_arm,
        ray_support=tuple(s.name for s in supports for _ in range(4)),
        ray_direction=np.concatenate(rays) if rays else np.zeros((0, 3)),
    )


@lru_cache(maxsize=64)
def _rays(normal: tuple[float, float, float], friction: float) -> np.ndarray:
    """Return the edges of a support's friction pyramid (4, 3); most supports share one."""
    return friction_rays(np.array(normal), friction)


def compute_lines(body: Body, movement: Movement, cuts: Sequence[Cut] | None = None) -> Lines:
    """Compute what crosses the joints in every frame, see `gluteal.engines.compute_lines`."""
    handle: Handle = body.model
    with handle.own_paths():
        return mujoco_lines.compute_lines(body, movement, cuts, place_frame)


def compute_picture(body: Body, movement: Movement, frame: int) -> Picture:
    """Return bone surfaces, muscle paths and support points of one frame."""
    handle = body.model.with_bones()
    model = handle.model
    data = mujoco.MjData(model)
    names = list(body.coordinate_names)
    q = movement.coordinates.sel(coordinate=names).values[frame]
    with handle.own_paths():
        place_frame(handle, data, q, np.zeros(len(q)), np.zeros(len(q)))
    bones = [
        (data.geom_xpos[g] + surface.vertices @ data.geom_xmat[g].reshape(3, 3).T, surface.faces)
        for g, surface in _bone_surfaces(model).items()
    ]
    muscles, further = {}, {}
    for name, (first, *others) in zip(body.muscle_names, _paths(handle, data), strict=True):
        muscles[name] = first
        if others:
            further[name] = tuple(others)
    supports = {s.name: _world_point(handle, data, s) for s in movement.supports}
    return Picture(tuple(bones), np.zeros((0, 2, 3)), muscles, supports, further)


def compute_moving_picture(body: Body, movement: Movement) -> MovingPicture:
    """Return bone surfaces and where they are, muscle paths and support points over all frames."""
    handle = body.model.with_bones()
    data = mujoco.MjData(handle.model)
    surfaces = _bone_surfaces(handle.model)
    geoms = list(surfaces)
    position, rotation, paths, supports = [], [], [], []
    with handle.own_paths():
        for q in movement.coordinates.sel(coordinate=list(body.coordinate_names)).values:
            place_frame(handle, data, q, np.zeros(len(q)), np.zeros(len(q)))
            position.append(data.geom_xpos[geoms])
            rotation.append(data.geom_xmat[geoms].reshape(-1, 3, 3))
            lines = list(_paths(handle, data))
            paths.append(tuple(line for muscle in lines for line in muscle))
            supports.append([_world_point(handle, data, s) for s in movement.supports])
    where = np.array(supports).reshape(len(paths), -1, 3)
    return MovingPicture(
        bones=tuple(surfaces.values()),
        position=np.array(position),
        rotation=np.array(rotation),
        sticks=np.zeros((len(paths), 0, 2, 3)),
        paths=tuple(paths),
        muscle=np.repeat(np.arange(len(lines)), [len(muscle) for muscle in lines]),
        supports={s.name: where[:, i] for i, s in enumerate(movement.supports)},
    )


def segment_names(body: Body) -> tuple[str, ...]:
    """Return the names of all segments."""
    handle: Handle = body.model
    return tuple(handle.segments)


def segment_points(
    body: Body, coordinates: np.ndarray, points: Sequence[tuple[str, tuple[float, float, float]]]
) -> np.ndarray:
    """Return world positions (N, 3) m of points fixed in segments, for one posture (Q,)."""
    handle: Handle = body.model
    data = pose_skeleton(handle, coordinates)
    return np.array([_segment_to_world(handle, data, segment, point) for segment, point in points])


def centre_of_mass(body: Body, coordinates: np.ndarray) -> np.ndarray:
    """Return the whole body's centre of mass in the world (3,) m, for one posture (Q,)."""
    return pose_skeleton(body.model, coordinates).subtree_com[0].copy()


def pose_skeleton(handle: Handle, coordinates: np.ndarray) -> mujoco.MjData:
    """Set one posture and compute where everything is, without the muscles."""
    data = handle.data()
    still = np.zeros_like(coordinates)
    data.qpos[:] = handle.expand(np.asarray(coordinates, float), still, still)[0]
    mujoco.mj_kinematics(handle.model, data)
    mujoco.mj_comPos(handle.model, data)
    return data


def _point_jacobians(
    handle: Handle, data: mujoco.MjData, segment: str, point: np.ndarray, jacobian: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Translational and rotational Jacobians (3, Q) of a world point carried by a segment."""
    translation, rotation = np.zeros((3, handle.model.nv)), np.zeros((3, handle.model.nv))
    body_id = find_segment(handle, segment)
    mujoco.mj_jac(handle.model, data, translation, rotation, np.asarray(point, float), body_id)
    return translation @ jacobian, rotation @ jacobian


def _world_point(handle: Handle, data: mujoco.MjData, support: Support) -> np.ndarray:
    return _segment_to_world(handle, data, support.segment, support.point)


def _segment_to_world(
    handle: Handle, data: mujoco.MjData, segment: str, point: tuple[float, float, float]
) -> np.ndarray:
    i = find_segment(handle, segment)
    return data.xpos[i] + data.xmat[i].reshape(3, 3) @ np.array(point)


def find_segment(handle: Handle, segment: str) -> int:
    if segment not in handle.segments:
        raise InputError(
            f"The embedded body has no segment {segment!r}; it has "
            f"{', '.join(sorted(s for s in handle.segments if s and s[-2:] != '_l'))} (and left ones)."
        )
    return handle.segments[segment]


def _bone_surfaces(model: mujoco.MjModel) -> dict[int, BoneSurface]:
    """Return the surface of every geometry that is a mesh, in the geometry's own frame."""
    found = {}
    for geom in np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_MESH):
        mesh = model.geom_dataid[geom]
        v0, f0 = model.mesh_vertadr[mesh], model.mesh_faceadr[mesh]
        vertices = model.mesh_vert[v0 : v0 + model.mesh_vertnum[mesh]].astype(float)
        faces = model.mesh_face[f0 : f0 + model.mesh_facenum[mesh]].copy()
        found[int(geom)] = BoneSurface(model.mesh(mesh).name, vertices, faces)
    return found


def _paths(handle: Handle, data: mujoco.MjData) -> Iterator[list[np.ndarray]]:
    """Yield the lines of every muscle of the body, each (P, 3) m, in its order; most muscles have one."""
    points, wrapped = data.wrap_xpos.reshape(-1, 3), data.wrap_obj.ravel()
    for tendon in handle.tendons:
        span = slice(data.ten_wrapadr[tendon], data.ten_wrapadr[tendon] + data.ten_wrapnum[tendon])
        between = np.flatnonzero(wrapped[span] == mujoco_lines.PULLEY)
        lines = np.split(np.delete(points[span], between, axis=0), between - np.arange(len(between)))
        yield [line.copy() for line in lines if len(line)]

"""MuJoCo: the embedded body and its geometry.

MuJoCo's sign of a tendon Jacobian is +d(length)/dq; here it is flipped once, so that outside this file
moment arm is -d(length)/dq and muscle force is positive.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import mujoco
import numpy as np

from gluteal.backends import myo_corrections
from gluteal.body import Body, Coordinate
from gluteal.errors import InputError
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics import Geometry
from gluteal.movement import Movement, Support
from gluteal.picture import Picture
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

#: Axes of the pelvis coordinates in the world frame, in OpenSim's body-fixed order tilt, list, rotation.
_ROOT_AXES = {
    "pelvis_tx": (1.0, 0.0, 0.0),
    "pelvis_ty": (0.0, 1.0, 0.0),
    "pelvis_tz": (0.0, 0.0, 1.0),
    "pelvis_tilt": (0.0, 0.0, 1.0),
    "pelvis_list": (1.0, 0.0, 0.0),
    "pelvis_rotation": (0.0, 1.0, 0.0),
}

#: The embedded model drives L5/S1 by the whole net trunk angle and the levels above by shares of it, so
#: the thorax turns 1.875 times the net flexion. In the lumbar model it derives from (Christophy et al.
#: 2012, doi 10.1007/s10237-011-0290-6) the shares of all five levels add up to one; the first number of
#: each row is the share of L5/S1 that was lost. Axial shares are Christophy's, scaled to add up to one,
#: because the thoracic joint that took the rest does not exist here.
_LUMBAR_LEVELS = ("{net}", "L4_L5_{axis}", "L3_L4_{axis}", "L2_L3_{axis}", "L1_L2_{axis}")
_LUMBAR_SHARES = {
    ("lumbar_extension", "flex_extension", "FE"): (0.125, 0.185, 0.204, 0.231, 0.255),
    ("lumbar_bending", "lat_bending", "LB"): (0.1355, 0.1811, 0.2453, 0.2501, 0.1880),
    ("lumbar_rotation", "axial_rotation", "AR"): (0.1811, 0.2281, 0.2281, 0.1879, 0.1748),
}
#: Rotation of the abdominal wall's segment per net lumbar extension, from the model's own coupling.
_ABDOMEN_SHARE = 0.6429

_LEG = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle", "mtp_angle")


@dataclass(frozen=True)
class _Follower:
    """A joint that follows an independent coordinate: value = sum(poly_k * q^k)."""

    dof: int
    coordinate: int
    poly: np.ndarray


@dataclass(frozen=True)
class _Handle:
    """The engine's side of the body: compiled model and the coupling of its joints."""

    model: mujoco.MjModel
    followers: tuple[_Follower, ...]
    coordinates: int
    segments: dict[str, int]

    def expand(self, q: np.ndarray, v: np.ndarray, a: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return joint positions, speeds, accelerations (nv,) and d(joints)/d(coordinates) (nv, Q)."""
        nv = self.model.nv
        position, speed, acceleration = np.zeros(nv), np.zeros(nv), np.zeros(nv)
        jacobian = np.zeros((nv, self.coordinates))
        for f in self.followers:
            x = q[f.coordinate]
            k = np.arange(len(f.poly))
            position[f.dof] = np.sum(f.poly * x**k)
            slope = np.sum(k[1:] * f.poly[1:] * x ** (k[1:] - 1))
            bend = np.sum(k[2:] * (k[2:] - 1) * f.poly[2:] * x ** (k[2:] - 2))
            speed[f.dof] = slope * v[f.coordinate]
            acceleration[f.dof] = slope * a[f.coordinate] + bend * v[f.coordinate] ** 2
            jacobian[f.dof, f.coordinate] = slope
        return position, speed, acceleration, jacobian


def load(name: str) -> Body:
    """Load the embedded body ``myo``: myo-sim's legs and lumbar trunk, corrected, arms rigid."""
    if name != "myo":
        raise InputError(f"The MuJoCo engine has one body, 'myo'; got {name!r}.")
    with _silence():
        spec, couplings = _assemble()
        model = spec.compile()
    table = myo_corrections.muscle_table(model)
    coordinates = _coordinates(model)
    handle = _Handle(
        model,
        _followers(model, [c.name for c in coordinates], couplings),
        len(coordinates),
        {model.body(i).name: i for i in range(model.nbody)},
    )
    return Body(
        name="myo",
        engine="mujoco",
        mass=float(model.body_mass.sum()),
        coordinates=coordinates,
        muscles=table,
        source=f"myo-sim {_version()} (myofullbody), corrected; see docs/body-myo.md",
        notes=myo_corrections.NOTES,
        model=handle,
    )


def compute_geometry(body: Body, movement: Movement) -> Geometry:
    """Compute lengths, moment arms, joint moments and support directions of every frame."""
    handle: _Handle = body.model
    model = handle.model
    data = mujoco.MjData(model)
    names = list(body.coordinate_names)
    q = movement.coordinates.sel(coordinate=names).values
    v = movement.speed.sel(coordinate=names).values
    a = movement.acceleration.sel(coordinate=names).values
    frames, count, muscles = len(q), len(names), model.nu
    tendon = model.actuator_trnid[:, 0]
    rays = [friction_rays(np.array(s.normal), s.friction) for s in movement.supports]
    length = np.empty((frames, muscles))
    arm = np.empty((frames, count, muscles))
    moment = np.empty((frames, count))
    support_arm = np.zeros((frames, count, 4 * len(rays)))
    dense = np.zeros((model.ntendon, model.nv))
    force = np.zeros(model.nv)
    for t in range(frames):
        jacobian = _place(handle, data, q[t], v[t], a[t])
        length[t] = data.ten_length[tendon]
        mujoco.mju_sparse2dense(dense, data.ten_J, model.ten_J_rownnz, model.ten_J_rowadr, model.ten_J_colind)
        arm[t] = -(dense[tendon] @ jacobian).T
        mujoco.mj_rne(model, data, 1, force)
        moment[t] = jacobian.T @ force
        for load in movement.loads:
            point = _point_jacobians(handle, data, load.segment, load.point[t], jacobian)
            moment[t] -= point[0].T @ load.force[t] + point[1].T @ load.torque[t]
        for s, support in enumerate(movement.supports):
            if support.active is None or support.active[t]:
                where = _world_point(handle, data, support)
                translation, _ = _point_jacobians(handle, data, support.segment, where, jacobian)
                support_arm[t, :, 4 * s : 4 * s + 4] = translation.T @ rays[s].T
    return Geometry(
        mtu_length=length,
        moment_arm=arm,
        joint_moment=moment,
        support_arm=support_arm,
        ray_support=tuple(s.name for s in movement.supports for _ in range(4)),
        ray_direction=np.concatenate(rays) if rays else np.zeros((0, 3)),
    )


def compute_picture(body: Body, movement: Movement, frame: int) -> Picture:
    """Return bone surfaces, muscle paths and support points of one frame."""
    handle: _Handle = body.model
    model = handle.model
    data = mujoco.MjData(model)
    names = list(body.coordinate_names)
    q = movement.coordinates.sel(coordinate=names).values[frame]
    _place(handle, data, q, np.zeros(len(q)), np.zeros(len(q)))
    bones = [_mesh(model, data, g) for g in range(model.ngeom) if model.geom_type[g] == mujoco.mjtGeom.mjGEOM_MESH]
    muscles = {}
    for m, name in enumerate(body.muscle_names):
        t = model.actuator_trnid[m, 0]
        start, points = data.ten_wrapadr[t], data.ten_wrapnum[t]
        muscles[name] = data.wrap_xpos.reshape(-1, 3)[start : start + points].copy()
    supports = {s.name: _world_point(handle, data, s) for s in movement.supports}
    return Picture(tuple(bones), np.zeros((0, 2, 3)), muscles, supports)


def segment_points(body: Body, coordinates: np.ndarray, points: list[tuple[str, tuple[float, float, float]]]) -> np.ndarray:
    """Return world positions (N, 3) m of points fixed in segments, for one posture (Q,)."""
    handle: _Handle = body.model
    data = mujoco.MjData(handle.model)
    _place(handle, data, coordinates, np.zeros_like(coordinates), np.zeros_like(coordinates))
    return np.array([_segment_to_world(handle, data, segment, point) for segment, point in points])


def _place(handle: _Handle, data: mujoco.MjData, q: np.ndarray, v: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Set one frame and compute positions and tendons; return d(joints)/d(coordinates)."""
    model = handle.model
    data.qpos[:], data.qvel[:], data.qacc[:], jacobian = handle.expand(q, v, a)
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    mujoco.mj_tendon(model, data)
    mujoco.mj_comVel(model, data)
    return jacobian


def _point_jacobians(
    handle: _Handle, data: mujoco.MjData, segment: str, point: np.ndarray, jacobian: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Translational and rotational Jacobians (3, Q) of a world point carried by a segment."""
    translation, rotation = np.zeros((3, handle.model.nv)), np.zeros((3, handle.model.nv))
    body_id = _segment(handle, segment)
    mujoco.mj_jac(handle.model, data, translation, rotation, np.asarray(point, float), body_id)
    return translation @ jacobian, rotation @ jacobian


def _world_point(handle: _Handle, data: mujoco.MjData, support: Support) -> np.ndarray:
    return _segment_to_world(handle, data, support.segment, support.point)


def _segment_to_world(
    handle: _Handle, data: mujoco.MjData, segment: str, point: tuple[float, float, float]
) -> np.ndarray:
    i = _segment(handle, segment)
    return data.xpos[i] + data.xmat[i].reshape(3, 3) @ np.array(point)


def _segment(handle: _Handle, segment: str) -> int:
    if segment not in handle.segments:
        raise InputError(
            f"The embedded body has no segment {segment!r}; it has "
            f"{', '.join(sorted(s for s in handle.segments if s and s[-2:] != '_l'))} (and left ones)."
        )
    return handle.segments[segment]


def _mesh(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> tuple[np.ndarray, np.ndarray]:
    mesh = model.geom_dataid[geom]
    v0, vn = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
    f0, fn = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
    local = model.mesh_vert[v0 : v0 + vn]
    world = data.geom_xpos[geom] + local @ data.geom_xmat[geom].reshape(3, 3).T
    return world, model.mesh_face[f0 : f0 + fn].copy()


def _assemble() -> tuple[mujoco.MjSpec, dict[str, tuple[str, tuple[float, ...]]]]:
    """Build the editable model: rigid arms, pelvis coordinates, our couplings, corrected paths.

    Constraints, contacts and sensors of the original stay in the model, unused: nothing here steps it.
    """
    import myo_sim

    spec = myo_sim.load_spec("myofullbody")
    myo_corrections.correct(spec)  # edits the couplings of the knee, so it comes before they are read
    couplings = {
        e.name1: (e.name2, tuple(e.data[:5]))
        for e in spec.equalities
        if e.type == mujoco.mjtEq.mjEQ_JOINT and e.name1.startswith("knee_angle_")
    }
    _stiffen_arms(spec)
    _free_pelvis(spec)
    _empty_sacrum(spec)
    spec.option.gravity = [0.0, -STANDARD_GRAVITY, 0.0]
    return spec, couplings


def _stiffen_arms(spec: mujoco.MjSpec) -> None:
    """Replace the arms, their joints and muscles by rigid segments that hang at the sides.

    Each segment keeps name, frame, mass and bones. (Deleting the limb at once takes a hundredth of the time
    of deleting its joints and muscles one by one.)
    """
    released = spec.copy().compile()
    data = mujoco.MjData(released)
    mujoco.mj_kinematics(released, data)
    limbs = [spec.body(name) for name in ("myoarm_r_root", "myoarm_l_root")]
    trunk = limbs[0].parent
    origin, turn = data.body(trunk.name).xpos, data.body(trunk.name).xmat.reshape(3, 3)
    segments = []
    for segment in [s for limb in limbs for s in limb.find_all("body")]:
        at, rest = data.body(segment.name), released.body(segment.name)
        quaternion = np.empty(4)
        mujoco.mju_mat2Quat(quaternion, (turn.T @ at.xmat.reshape(3, 3)).ravel())
        frame = {"name": segment.name, "pos": turn.T @ (at.xpos - origin), "quat": quaternion}
        inertial = {"mass": rest.mass[0], "ipos": rest.ipos, "iquat": rest.iquat, "inertia": rest.inertia}
        bones = [
            {"meshname": g.meshname, "pos": g.pos.copy(), "quat": g.quat.copy()}
            for g in segment.geoms
            if g.type == mujoco.mjtGeom.mjGEOM_MESH
        ]
        segments.append((frame, {k: np.array(v) for k, v in inertial.items()}, bones))
    for limb in limbs:
        spec.delete(limb)
    for frame, inertial, bones in segments:
        body = trunk.add_body(**frame)
        if inertial["mass"] > 0.0:
            body.mass, body.ipos = float(inertial["mass"]), inertial["ipos"]
            body.iquat, body.inertia = inertial["iquat"], inertial["inertia"]
            body.explicitinertial = True
        for bone in bones:
            body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, mass=0.0, contype=0, conaffinity=0, **bone)


def _free_pelvis(spec: mujoco.MjSpec) -> None:
    """Give the pelvis OpenSim's six coordinates and turn the model into the X-forward, Y-up world."""
    root = spec.body("Full Body")
    for joint in list(root.joints):
        spec.delete(joint)
    root.pos = [0.0, 0.0, 0.0]
    # The two halves were mounted with slightly different rotations (0.06 degrees); make them one frame.
    for name in ("Full Body", "sacrum", "myolegs_root", "pelvis"):
        body = spec.body(name)
        body.alt.type = mujoco.mjtOrientation.mjORIENTATION_QUAT
        body.quat = [1.0, 0.0, 0.0, 0.0]
    for name, axis in _ROOT_AXES.items():
        kind = mujoco.mjtJoint.mjJNT_SLIDE if name.startswith("pelvis_t") and name != "pelvis_tilt" else mujoco.mjtJoint.mjJNT_HINGE
        root.add_joint(name=name, type=kind, axis=list(axis))


def _empty_sacrum(spec: mujoco.MjSpec) -> None:
    """Take the sacrum's 7.5 kg away: the pelvis of 11.0 kg beside it holds the sacrum already.

    Together they would be 22 % of the body; a pelvis is 14 % of it (Winter 2009, table 4.1, cited from
    memory), which the pelvis alone is after this.
    """
    sacrum = spec.body("sacrum")
    sacrum.mass, sacrum.inertia = 1e-6, [1e-9, 1e-9, 1e-9]


def _coordinates(model: mujoco.MjModel) -> tuple[Coordinate, ...]:
    result = [
        Coordinate(n, "rotation" if n in ROOT_COORDINATES[:3] else "translation", (-10.0, 10.0)) for n in ROOT_COORDINATES
    ]
    joints = [(f"{n}_{side}",) * 2 for side in "rl" for n in _LEG]
    joints += [(ours, theirs) for ours, theirs, _ in _LUMBAR_SHARES]
    for ours, theirs in joints:
        low, high = model.joint(theirs).range
        result.append(Coordinate(ours, "rotation", (float(low), float(high))))
    return tuple(result)


def _followers(
    model: mujoco.MjModel, names: list[str], couplings: dict[str, tuple[str, tuple[float, ...]]]
) -> tuple[_Follower, ...]:
    """Express every joint as a polynomial of one independent coordinate."""
    rules: dict[str, tuple[str, tuple[float, ...]]] = {}
    for (ours, theirs, axis), shares in _LUMBAR_SHARES.items():
        for level, share in zip(_LUMBAR_LEVELS, shares, strict=True):
            rules[level.format(net=theirs, axis=axis)] = (ours, (0.0, share))
    rules["Abs_r3"] = ("lumbar_extension", (0.0, _ABDOMEN_SHARE))
    rules["Abs_t1"] = rules["Abs_t2"] = ("lumbar_extension", (0.0,))
    rules |= couplings
    followers = []
    for i in range(model.njnt):
        joint = model.joint(i).name
        source, poly = rules.get(joint, (joint, (0.0, 1.0)))
        if source not in names:
            raise RuntimeError(f"joint {joint!r} of the embedded model follows nothing known")
        followers.append(_Follower(int(model.jnt_dofadr[i]), names.index(source), np.array(poly)))
    return tuple(followers)


def _version() -> str:
    import myo_sim

    return myo_sim.__version__


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the model builder's warnings off the screen, and its log file out of the user's folder."""
    mujoco.set_mju_user_warning(lambda _: None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        mujoco.set_mju_user_warning(None)

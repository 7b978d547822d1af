"""Assembly of the embedded body from myo-sim's parts, in the project's world frame and coordinates."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import mujoco
import myo_sim
import numpy as np

from gluteal.engines.myo import corrections as myo_corrections
from gluteal.engines.myo.hip_tendons import add_hip_paths
from gluteal.mechanics.body import Coordinate
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

_LEG = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
    "mtp_angle",
)


def assemble_body(*, bones: bool = True) -> tuple[mujoco.MjModel, tuple[Coordinate, ...], np.ndarray, np.ndarray]:
    """Build the embedded body: rigid arms, pelvis coordinates, our couplings, corrected paths, published hips.

    Without `bones` it has the same masses, joints and paths to the bit, and no surfaces to draw: 0.7 MB, not 73.

    Returns the compiled model, its independent coordinates, and for every joint the coordinate it follows
    (nv,) and the coefficients (nv, K) of the polynomial that it follows it by, lowest order first.
    Constraints, contacts and sensors of the original stay in the model, unused: nothing here steps it.
    """
    with _silence():
        spec = myo_sim.load_spec("myofullbody")
        myo_corrections.correct_model(spec)  # edits the couplings of the knee, so it comes before they are read
        couplings = {
            e.name1: (e.name2, tuple(e.data[:5]))
            for e in spec.equalities
            if e.type == mujoco.mjtEq.mjEQ_JOINT and e.name1.startswith("knee_angle_")
        }
        _stiffen_arms(spec)
        _free_pelvis(spec)
        _empty_sacrum(spec)
        add_hip_paths(spec, myo_corrections.published_strength())
        spec.option.gravity = [0.0, -STANDARD_GRAVITY, 0.0]
        spec.compiler.discardvisual = not bones  # after masses are made of them
        model = spec.compile()
    coordinates = _coordinates(model)
    return model, coordinates, *_followers(model, [c.name for c in coordinates], couplings)


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
        kind = (
            mujoco.mjtJoint.mjJNT_SLIDE
            if name.startswith("pelvis_t") and name != "pelvis_tilt"
            else mujoco.mjtJoint.mjJNT_HINGE
        )
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
        Coordinate(n, "rotation" if n in ROOT_COORDINATES[:3] else "translation", (-10.0, 10.0))
        for n in ROOT_COORDINATES
    ]
    joints = [(f"{n}_{side}",) * 2 for side in "rl" for n in _LEG]
    joints += [(ours, theirs) for ours, theirs, _ in _LUMBAR_SHARES]
    for ours, theirs in joints:
        low, high = model.joint(theirs).range
        result.append(Coordinate(ours, "rotation", (float(low), float(high))))
    return tuple(result)


def _followers(
    model: mujoco.MjModel, names: list[str], couplings: dict[str, tuple[str, tuple[float, ...]]]
) -> tuple[np.ndarray, np.ndarray]:
    """Express every joint as a polynomial of one independent coordinate."""
    rules: dict[str, tuple[str, tuple[float, ...]]] = {}
    for (ours, theirs, axis), shares in _LUMBAR_SHARES.items():
        for level, share in zip(_LUMBAR_LEVELS, shares, strict=True):
            rules[level.format(net=theirs, axis=axis)] = (ours, (0.0, share))
    rules["Abs_r3"] = ("lumbar_extension", (0.0, _ABDOMEN_SHARE))
    rules["Abs_t1"] = rules["Abs_t2"] = ("lumbar_extension", (0.0,))
    rules |= couplings
    follows, poly = np.empty(model.nv, int), np.zeros((model.nv, 5))
    for i in range(model.njnt):  # every joint has one degree of freedom
        joint = model.joint(i).name
        source, coefficients = rules.get(joint, (joint, (0.0, 1.0)))
        if source not in names:
            raise RuntimeError(f"joint {joint!r} of the embedded model follows nothing known")
        follows[i] = names.index(source)
        poly[i, : len(coefficients)] = coefficients
    return follows, poly


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

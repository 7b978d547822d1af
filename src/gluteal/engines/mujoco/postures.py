"""Postures and motions as bare arrays, for whoever goes through many of them: the embedded body without labels."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np

from gluteal.engines.mujoco.engine import find_segment, measure_frames, pose_skeleton
from gluteal.engines.mujoco.handle import Handle
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Geometry, SegmentMotion
from gluteal.mechanics.movement import Support


def bare_postures(body: Body, postures: np.ndarray, supports: Sequence[Support]) -> Geometry:
    """Compute the geometry of postures (T, Q) held still."""
    still = np.zeros_like(postures)
    return measure_frames(body.model, postures, still, still, supports)


def bare_segments(body: Body, posture: np.ndarray, segments: Sequence[str]) -> SegmentMotion:
    """Return where segments (N) are in one posture (Q,), and how they move with its coordinates."""
    handle: Handle = body.model
    model, data = handle.model, pose_skeleton(handle, posture)
    still = np.zeros_like(posture)
    jacobian = handle.jacobian(handle.expand(posture, still, still)[3])
    places = [find_segment(handle, segment) for segment in segments]
    both = np.empty((len(places), 2, 3, model.nv))
    for (translation, rotation), place in zip(both, places, strict=True):
        mujoco.mj_jacBody(model, data, translation, rotation, place)
    moved = both @ jacobian
    return SegmentMotion(
        position=data.xpos[places],
        rotation=data.xmat[places].reshape(-1, 3, 3),
        translation_per=moved[:, 0],
        rotation_per=moved[:, 1],
    )


def bare_motions(
    body: Body, q: np.ndarray, v: np.ndarray, a: np.ndarray, supports: Sequence[Support], *, muscles: bool = True
) -> Geometry:
    """Compute the geometry of frames (T, Q) in motion; without `muscles`, of the skeleton alone, ten times as fast."""
    if muscles:
        return measure_frames(body.model, q, v, a, supports)
    handle: Handle = body.model
    model, data = handle.model, handle.data()
    frames, count = q.shape
    moment, support_arm = np.empty((frames, count)), np.zeros((frames, count, 4 * len(supports)))
    force, translation = np.zeros(model.nv), np.zeros((3, model.nv))
    joints = handle.expand(q, v, a)
    rays = [friction_rays(np.array(s.normal), s.friction) for s in supports]
    places = [(find_segment(handle, s.segment), np.array(s.point)) for s in supports]
    for t, (position, speed, acceleration, slope) in enumerate(zip(*joints, strict=True)):
        data.qpos[:], data.qvel[:], data.qacc[:] = position, speed, acceleration
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mj_comVel(model, data)
        mujoco.mj_rne(model, data, 1, force)
        jacobian = handle.jacobian(slope)
        moment[t] = jacobian.T @ force
        for s, (support, (segment, point)) in enumerate(zip(supports, places, strict=True)):
            if support.active is None or support.active[t]:
                where = data.xpos[segment] + data.xmat[segment].reshape(3, 3) @ point
                mujoco.mj_jac(model, data, translation, None, where, segment)
                support_arm[t, :, 4 * s : 4 * s + 4] = (translation @ jacobian).T @ rays[s].T
    return Geometry(
        mtu_length=np.zeros((frames, 0)),
        moment_arm=np.zeros((frames, count, 0)),
        joint_moment=moment,
        support_arm=support_arm,
        ray_support=tuple(s.name for s in supports for _ in range(4)),
        ray_direction=np.concatenate(rays) if rays else np.zeros((0, 3)),
    )

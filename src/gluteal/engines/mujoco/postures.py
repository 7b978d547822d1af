"""Postures as bare arrays, for whoever moves through many of them: the embedded body without labels."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np

from gluteal.engines.mujoco.engine import find_segment, measure_frames, pose_skeleton
from gluteal.engines.mujoco.handle import Handle
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

"""The embedded body with masses fixed to it: gravity, inertia and what the ground must carry follow by themselves."""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from dataclasses import replace

import mujoco
import numpy as np

from gluteal.engines.mujoco.engine import find_segment
from gluteal.engines.mujoco.handle import Handle
from gluteal.mechanics.body import Body


def with_masses(body: Body, masses: Sequence[tuple[str, tuple[float, float, float], float]]) -> Body:
    """Return the body with point masses fixed to segments; its muscles and all else stay.

    Parameters
    ----------
    masses : sequence of (segment, point in its frame (x, y, z) m, kg)
    """
    handle: Handle = body.model
    model = copy.copy(handle.model)
    for segment, point, mass in masses:
        _fix(model, find_segment(handle, segment), np.array(point), mass)
    mujoco.mj_setConst(model, mujoco.MjData(model))
    own = replace(handle, model=model, scratch=threading.local(), lock=threading.RLock())
    return replace(body, mass=body.mass + sum(mass for _, _, mass in masses), model=own)


def _fix(model: mujoco.MjModel, segment: int, point: np.ndarray, mass: float) -> None:
    """Fix a point mass to a segment: mass, centre and principal inertias of both together (parallel axes)."""
    turn = np.zeros(9)
    mujoco.mju_quat2Mat(turn, model.body_iquat[segment])
    axes, before, centre = turn.reshape(3, 3), model.body_mass[segment], model.body_ipos[segment].copy()
    middle = (before * centre + mass * point) / (before + mass)
    inertia = axes @ np.diag(model.body_inertia[segment]) @ axes.T
    for part, place in ((before, centre), (mass, point)):
        arm = place - middle
        inertia += part * (arm @ arm * np.eye(3) - np.outer(arm, arm))
    principal, directions = np.linalg.eigh(inertia)
    if np.linalg.det(directions) < 0.0:
        directions[:, 0] *= -1.0
    model.body_mass[segment], model.body_ipos[segment], model.body_inertia[segment] = before + mass, middle, principal
    mujoco.mju_mat2Quat(model.body_iquat[segment], directions.ravel())

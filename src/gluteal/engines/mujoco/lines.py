"""MuJoCo: what crosses the embedded body's joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import mujoco
import numpy as np

from gluteal.engines.cutting import Wrenches, cut_lines, find_cuts
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Cut, Lines
from gluteal.mechanics.movement import Movement

_SITE = -1  # what MuJoCo writes for a path point that is no wrapping surface
#: What MuJoCo writes between the branches of a path.
PULLEY = -2


def compute_lines(
    body: Body, movement: Movement, cuts: Sequence[Cut] | None, place: Callable[..., np.ndarray]
) -> Lines:
    """Compute what crosses the cuts in every frame; `place` sets one frame of the engine's data."""
    model = body.model.model
    segments = [model.body(i).name for i in range(model.nbody)]
    parents = {segments[i]: segments[model.body_parentid[i]] for i in range(1, model.nbody)}
    cuts = find_cuts(parents) if cuts is None else cuts
    rays = 4 * len(movement.supports)
    return cut_lines(cuts, segments, len(body.model.tendons), rays, _frames(body, movement, segments, place))


def _frames(
    body: Body, movement: Movement, segments: list[str], place: Callable[..., np.ndarray]
) -> Iterator[Wrenches]:
    model = body.model.model
    data = mujoco.MjData(model)
    names = list(body.coordinate_names)
    series = (movement.coordinates, movement.speed, movement.acceleration)
    q, v, a = (s.sel(coordinate=names).values for s in series)
    bases = np.array([segments.index(s.segment) for s in movement.supports], int)
    rays = [friction_rays(np.array(s.normal), s.friction) for s in movement.supports]
    directions = np.concatenate(rays) if rays else np.zeros((0, 3))
    tendons = body.model.tendons
    path, shares = _path_bodies(model, tendons), _branch_shares(model, tendons)
    for t in range(len(q)):
        place(body.model, data, q[t], v[t], a[t])
        force, moment = _needed(model, data)
        for load in movement.loads:
            i = segments.index(load.segment)
            force[i] -= load.force[t]
            moment[i] -= load.torque[t] + np.cross(load.point[t], load.force[t])
        rotation = data.xmat.reshape(-1, 3, 3)
        points = [data.xpos[b] + rotation[b] @ np.array(s.point) for b, s in zip(bases, movement.supports, strict=True)]
        active = [s.active is None or bool(s.active[t]) for s in movement.supports]
        push = directions * np.repeat(active, 4)[:, None]
        where = np.repeat(np.array(points).reshape(-1, 3), 4, axis=0)
        on, muscle, pull, at = _tension(model, data, tendons, path, shares)
        yield Wrenches(
            origin=data.xpos.copy(),
            rotation=rotation.copy(),
            force=force,
            moment=moment,
            on=on,
            muscle=muscle,
            tension_force=pull,
            tension_moment=np.cross(at, pull),
            support_on=np.repeat(bases, 4),
            support_force=push,
            support_moment=np.cross(where, push),
        )


def _needed(model: mujoco.MjModel, data: mujoco.MjData) -> tuple[np.ndarray, np.ndarray]:
    """Force and moment about the world's origin (nbody, 3) that each segment needs, gravity taken off."""
    mujoco.mj_rnePostConstraint(model, data)  # accelerations of the segments, gravity as an acceleration
    force, moment = np.zeros((model.nbody, 3)), np.zeros((model.nbody, 3))
    both = np.zeros(6)
    for i in np.flatnonzero(model.body_mass > 0.0):
        mujoco.mj_objectAcceleration(model, data, mujoco.mjtObj.mjOBJ_BODY, int(i), both, 0)
        principal = data.ximat[i].reshape(3, 3)
        inertia = principal * model.body_inertia[i] @ principal.T
        spin = data.cvel[i, :3]
        force[i] = model.body_mass[i] * both[3:]
        moment[i] = inertia @ both[:3] + np.cross(spin, inertia @ spin) + np.cross(data.xipos[i], force[i])
    return force, moment


def _path_bodies(model: mujoco.MjModel, tendons: np.ndarray) -> list[list[int]]:
    """Return the segments of the path points (not the wrapping surfaces) of each muscle, in order."""
    found = []
    for t in tendons.tolist():
        span = range(model.tendon_adr[t], model.tendon_adr[t] + model.tendon_num[t])
        sites = [model.wrap_objid[k] for k in span if model.wrap_type[k] == mujoco.mjtWrap.mjWRAP_SITE]
        found.append([int(model.site_bodyid[s]) for s in sites])
    return found


def _branch_shares(model: mujoco.MjModel, tendons: np.ndarray) -> list[list[float]]:
    """Return the share of its force that each branch of a muscle carries, in order; one branch carries it all."""
    found = []
    for t in tendons.tolist():
        span = range(model.tendon_adr[t], model.tendon_adr[t] + model.tendon_num[t])
        divisors = [model.wrap_prm[k] for k in span if model.wrap_type[k] == mujoco.mjtWrap.mjWRAP_PULLEY]
        found.append([1.0 / divisor for divisor in divisors] or [1.0])
    return found


def _tension(
    model: mujoco.MjModel,
    data: mujoco.MjData,
    tendons: np.ndarray,
    path: list[list[int]],
    shares: list[list[float]],
) -> tuple[Any, Any, np.ndarray, np.ndarray]:
    """Return segment, muscle, force and point of application of every straight stretch, at both its ends."""
    wrapped, points = data.wrap_obj.ravel(), data.wrap_xpos.reshape(-1, 3)
    on, muscle, index, weight = [], [], [], []
    for m, sites in enumerate(path):
        t = tendons[m]
        following, branch = iter(sites), iter(shares[m])
        start = int(data.ten_wrapadr[t])
        span = range(start, start + int(data.ten_wrapnum[t]))
        carriers = [_carrier(model, wrapped[k], following) for k in span]
        share = next(branch) if carriers[0] is not None else 0.0
        for k, (a, b) in enumerate(pairwise(carriers)):
            if a is None:
                share = next(branch)
            elif b is not None and a != b:
                on.append((a, b))
                muscle.append(m)
                index.append(start + k)
                weight.append(share)
    here, there = points[index], points[np.array(index) + 1]
    pull = (there - here) * (np.array(weight) / np.linalg.norm(there - here, axis=1))[:, None]
    pairs = np.array(on)
    return (
        pairs.T.ravel(),
        np.tile(muscle, 2),
        np.concatenate([pull, -pull]),
        np.concatenate([here, there]),
    )


def _carrier(model: mujoco.MjModel, wrapped: int, following: Iterator[int]) -> int | None:
    """Return the segment that carries a point of a path; None between two branches."""
    if wrapped == PULLEY:
        return None
    return next(following) if wrapped == _SITE else int(model.geom_bodyid[wrapped])

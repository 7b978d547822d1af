"""MuJoCo: what crosses the embedded body's joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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
_NOBODY = -1  # no segment carries a pulley


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
    heavy = np.flatnonzero(model.body_mass > 0.0)
    both = np.zeros((len(heavy), 6))
    for row, i in zip(both, heavy.tolist(), strict=True):
        mujoco.mj_objectAcceleration(model, data, mujoco.mjtObj.mjOBJ_BODY, i, row, 0)
    principal = data.ximat[heavy].reshape(-1, 3, 3)
    inertia = principal * model.body_inertia[heavy, None] @ np.swapaxes(principal, 1, 2)
    turning, spin = both[:, :3], data.cvel[heavy, :3]
    force, moment = np.zeros((model.nbody, 3)), np.zeros((model.nbody, 3))
    force[heavy] = model.body_mass[heavy, None] * both[:, 3:]
    moment[heavy] = (
        (inertia @ turning[:, :, None])[:, :, 0]
        + np.cross(spin, (inertia @ spin[:, :, None])[:, :, 0])
        + np.cross(data.xipos[heavy], force[heavy])
    )
    return force, moment


def _path_bodies(model: mujoco.MjModel, tendons: np.ndarray) -> np.ndarray:
    """Return the segments of the path points (not the wrapping surfaces) of all muscles, one after the other."""
    wraps = _runs(model.tendon_adr[tendons], model.tendon_num[tendons])
    return model.site_bodyid[model.wrap_objid[wraps][model.wrap_type[wraps] == mujoco.mjtWrap.mjWRAP_SITE]]


def _branch_shares(model: mujoco.MjModel, tendons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of its force that each branch of each muscle carries, and where a muscle's shares begin.

    A path of several branches begins with a pulley; one without any carries it all.
    """
    found: list[float] = []
    first: list[int] = []
    for t in tendons.tolist():
        first.append(len(found))
        span = range(model.tendon_adr[t], model.tendon_adr[t] + model.tendon_num[t])
        divisors = [model.wrap_prm[k] for k in span if model.wrap_type[k] == mujoco.mjtWrap.mjWRAP_PULLEY]
        found += [1.0 / divisor for divisor in divisors] or [1.0]
    return np.array(found), np.array(first)


def _tension(
    model: mujoco.MjModel,
    data: mujoco.MjData,
    tendons: np.ndarray,
    path: np.ndarray,
    shares: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return segment, muscle, force and point of application of every straight stretch, at both its ends."""
    wrapped, points = data.wrap_obj.ravel(), data.wrap_xpos.reshape(-1, 3)
    count = data.ten_wrapnum[tendons]
    index = _runs(data.ten_wrapadr[tendons], count)
    owner = np.repeat(np.arange(len(tendons)), count)
    pulley = wrapped[index] == PULLEY
    carrier = model.geom_bodyid[wrapped[index]]
    carrier[wrapped[index] == _SITE] = path
    carrier[pulley] = _NOBODY
    same = (owner[1:] == owner[:-1]) & (carrier[1:] != carrier[:-1])
    stretch = np.flatnonzero(same & (carrier[1:] != _NOBODY) & (carrier[:-1] != _NOBODY))
    passed = np.cumsum(pulley)
    before = np.concatenate([[0], passed])[np.cumsum(count) - count]  # pulleys of the muscles before
    branch = np.maximum(passed - before[owner] - 1, 0)
    share, first = shares
    weight = share[first[owner[stretch]] + branch[stretch]]
    here, there = points[index[stretch]], points[index[stretch + 1]]
    pull = (there - here) * (weight / np.linalg.norm(there - here, axis=1))[:, None]
    return (
        np.concatenate([carrier[stretch], carrier[stretch + 1]]),
        np.tile(owner[stretch], 2),
        np.concatenate([pull, -pull]),
        np.concatenate([here, there]),
    )


def _runs(first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return first[0], first[0] + 1, ... (count[0] of them), first[1], ..."""
    return np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())

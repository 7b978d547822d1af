"""OpenSim: what crosses the joints of a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gluteal.engines.cutting import Wrenches, cut_lines, find_cuts
from gluteal.engines.opensim.model import OpenSimModel
from gluteal.errors import InputError
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Cut, Lines
from gluteal.mechanics.movement import Movement


def compute_lines(body: Body, movement: Movement, cuts: Sequence[Cut] | None) -> Lines:
    """Compute what crosses the cuts in every frame; raises InputError where a path has no points."""
    handle: OpenSimModel = body.model
    for name, path in zip(body.muscle_names, handle.paths, strict=True):
        if path.getConcreteClassName() == "FunctionBasedPath":
            raise InputError(
                f"The path of muscle {name!r} is a fitted function, with a length but no line of action; "
                "joint loads need the model with its path points."
            )
    joints = [handle.model.getJointSet().get(i) for i in range(handle.model.getJointSet().getSize())]
    parents = {
        j.getChildFrame().findBaseFrame().getName(): j.getParentFrame().findBaseFrame().getName() for j in joints
    }
    bodies = handle.model.getBodySet()
    segments = [bodies.get(i).getName() for i in range(bodies.getSize())]
    cuts = find_cuts(parents) if cuts is None else cuts
    rays = 4 * len(movement.supports)
    return cut_lines(cuts, segments, len(handle.paths), rays, _frames(body, movement, segments))


def _frames(body: Body, movement: Movement, segments: list[str]) -> Iterator[Wrenches]:
    handle: OpenSimModel = body.model
    bodies = [handle.model.getBodySet().get(i) for i in range(len(segments))]
    names = list(body.coordinate_names)
    series = (movement.coordinates, movement.speed, movement.acceleration)
    q, v, a = (s.sel(coordinate=names).values for s in series)
    carriers = [_index(handle, segments, load.segment, f"Load {load.name!r}") for load in movement.loads]
    bases = [_index(handle, segments, s.segment, f"Support {s.name!r}") for s in movement.supports]
    rays = [friction_rays(np.array(s.normal), s.friction) for s in movement.supports]
    directions = np.concatenate(rays) if rays else np.zeros((0, 3))
    for t in range(len(q)):
        value, speed, acceleration, _ = handle.expand(q[t], v[t], a[t])
        handle.place(value)
        origin = np.array([b.getPositionInGround(handle.state).to_numpy() for b in bodies])
        force, moment = handle.needed_wrenches(speed, acceleration)
        moment += np.cross(origin, force)
        for i, load in zip(carriers, movement.loads, strict=True):
            force[i] -= load.force[t]
            moment[i] -= load.torque[t] + np.cross(load.point[t], load.force[t])
        pulls = [handle.tension_wrenches(m) for m in range(len(handle.paths))]
        pull, twist = (np.array([p[k] for p in pulls]) for k in (0, 1))
        muscle, on = np.nonzero((np.abs(pull).max(axis=2) > 0.0) | (np.abs(twist).max(axis=2) > 0.0))
        active = [s.active is None or bool(s.active[t]) for s in movement.supports]
        push = directions * np.repeat(active, 4)[:, None]
        points = [handle.to_world(bodies[i], s.point) for i, s in zip(bases, movement.supports, strict=True)]
        where = np.repeat(np.array(points).reshape(-1, 3), 4, axis=0)
        yield Wrenches(
            origin=origin,
            rotation=np.array([handle.rotation(b) for b in bodies]),
            force=force,
            moment=moment,
            on=on,
            muscle=muscle,
            tension_force=pull[muscle, on],
            tension_moment=twist[muscle, on] + np.cross(origin[on], pull[muscle, on]),
            support_on=np.repeat(np.array(bases, int), 4),
            support_force=push,
            support_moment=np.cross(where, push),
        )


def _index(handle: OpenSimModel, segments: list[str], name: str, user: str) -> int:
    handle.segment(name, user)
    return segments.index(name)

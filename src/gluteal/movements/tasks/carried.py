"""Weights and bands of a task: what hangs on the body or pulls parts of it together, as loads on its segments.

A weight is a mass at contact points, in equal parts, so that a bar across the pelvis or in hanging hands is one line of
a file. A band pulls two points towards each other with a constant force; its two ends cancel for the whole body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gluteal.engines import centre_of_mass, segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import ExternalLoad, Movement
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.movements.tasks.file import ElasticBand, TaskFile, Weight
from gluteal.vocabulary import STANDARD_GRAVITY


def carried_centre(body: Body, posture: np.ndarray, weights: Sequence[Weight]) -> np.ndarray:
    """Return the centre of mass of the body with what it carries in a posture (Q,), (3,) m."""
    centre, total = body.mass * centre_of_mass(body, posture), body.mass
    for weight in weights:
        if weight.mass > 0.0:
            centre = centre + weight.mass * _places(body, posture, weight.points).mean(axis=0)
            total += weight.mass
    return np.asarray(centre / total)


def carry_loads(body: Body, movement: Movement, task: TaskFile) -> Movement:
    """Return the movement with its task's weights and bands as loads; weights resist acceleration too."""
    loads = [load for weight in task.weight for load in _hang(body, movement, weight)]
    loads += [load for band in task.band for load in _pull(body, movement, band)]
    return replace(movement, loads=(*movement.loads, *loads)) if loads else movement


def _hang(body: Body, movement: Movement, weight: Weight) -> list[ExternalLoad]:
    if weight.mass == 0.0:
        return []
    from scipy.interpolate import CubicSpline  # takes a third of a second, and only who carries something needs it

    track = _tracks(body, movement, weight.points)
    moving = len(movement.time) > 1 and bool(movement.acceleration.values.any())
    curve = CubicSpline(movement.time, track, bc_type="clamped") if moving else None
    acceleration = np.zeros_like(track) if curve is None else curve(movement.time, 2)
    force = -weight.mass / len(weight.points) * (acceleration + np.array([0.0, STANDARD_GRAVITY, 0.0]))
    return [
        _load(f"{weight.name} at {point}", point, force[:, i], track[:, i]) for i, point in enumerate(weight.points)
    ]


def _pull(body: Body, movement: Movement, band: ElasticBand) -> list[ExternalLoad]:
    if band.force == 0.0:
        return []
    track = _tracks(body, movement, band.between)
    apart = track[:, 1] - track[:, 0]
    force = band.force * apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-6)
    return [
        _load(f"{band.name} at {point}", point, sign * force, track[:, i])
        for i, (point, sign) in enumerate(zip(band.between, (1.0, -1.0), strict=True))
    ]


def _load(name: str, point: str, force: np.ndarray, place: np.ndarray) -> ExternalLoad:
    return ExternalLoad(name, contact_points()[point].segment, force, place, np.zeros_like(place))


def _tracks(body: Body, movement: Movement, points: Sequence[str]) -> np.ndarray:
    """Return where contact points are, (T, N, 3) m."""
    postures = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values
    return np.stack([_places(body, posture, points) for posture in postures])


def _places(body: Body, posture: np.ndarray, points: Sequence[str]) -> np.ndarray:
    table = contact_points()
    return segment_points(body, posture, [(table[name].segment, table[name].point) for name in points])

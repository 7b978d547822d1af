"""Put a posture on its supports: solve a few free coordinates so that contact points lie on their surfaces.

The unknowns are the coordinates that a task declares free; the equations are the heights of its contact
points, the places of points that must not slide, and (upright tasks) where the centre of mass is. Engines
answer two questions only: where a point of a segment is, and where the centre of mass is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from gluteal.engines import segment_points
from gluteal.errors import InputError
from gluteal.mechanics.body import Body, Coordinate
from gluteal.movements.tasks.carried import carried_centre
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.movements.tasks.file import TARGETS, SupportLine, TaskFile
from gluteal.vocabulary import ROOT_COORDINATES

#: How strongly free coordinates are held to the values the file gives them, in tolerances per rad (or m):
#: far weaker than any support, it only decides what the supports leave open.
HOLD = 0.05
#: How near the centre of mass must come to its target, m.
BALANCE_TOLERANCE = 0.005


@dataclass(frozen=True)
class Placed:
    """Postures on their supports.

    `values` (N, Q) rad or m, `miss` (N, S) m above the surface (NaN: not active), `anchors` x and z, m, of
    each support when it first acted.
    """

    values: np.ndarray
    miss: np.ndarray
    anchors: Mapping[int, np.ndarray]


def place_on_supports(
    body: Body,
    task: TaskFile,
    time: np.ndarray,
    values: np.ndarray,
    targets: Mapping[str, np.ndarray],
    *,
    anchors: Mapping[int, np.ndarray] | None = None,
) -> Placed:
    """Solve the task's free coordinates at each time.

    Without `anchors` (keyframes) all active supports and the balance are asked for. With them (between
    keyframes) only points that must not slide are: the equations then stay the same while other supports
    come and go, and the motion stays smooth.

    Parameters
    ----------
    time : (N,) s
    values : (N, Q)
        What the keyframes say, rad or m.
    targets : mapping of `TARGETS` -> (N,)
        Fraction of the way between the two named contact points; NaN where nothing is asked.
    anchors : mapping of support index -> (2,)
        x and z, m, of points that must not slide, as an earlier call found them.

    Raises
    ------
    InputError
        Where a support cannot be brought within its tolerance, with the support, the time and the miss.
    """
    names = body.coordinate_names
    groups = [[names.index(c) for c in group] for group in task.free]
    solved = values.copy()
    miss = np.full((len(time), len(task.supports)), np.nan)
    kept = dict(anchors or {})
    guess = np.zeros(len(groups))
    for k, t in enumerate(time):
        active = [i for i, s in enumerate(task.supports) if s.start <= t + 1e-9 and t - 1e-9 <= s.end]
        goals = {key: float(goal[k]) for key, goal in targets.items() if np.isfinite(goal[k])}
        if groups:
            low, high = _bounds(body, task, values[k], groups)
            asked = [i for i in active if anchors is None or task.supports[i].anchored]
            problem = (body, task, values[k], groups, asked, kept, goals)
            guess = _solve(np.clip(guess, low, high), low, high, problem)
            solved[k] = _moved(values[k], groups, guess)
        points = _points(body, solved[k], [task.supports[i].point for i in active])
        for i, point in zip(active, points, strict=True):
            kept.setdefault(i, point[[0, 2]])
            miss[k, i] = point[1] - task.surfaces[task.supports[i].surface]
            _check(task, task.supports[i], t, miss[k, i])
    return Placed(solved, miss, kept)


def _solve(start: np.ndarray, low: np.ndarray, high: np.ndarray, problem: tuple) -> np.ndarray:
    """Minimise `_residual`: dogleg steps, quick inside the bounds, then trust region at a joint's end."""
    common = {"bounds": (low, high), "args": problem, "xtol": 1e-6, "ftol": 1e-6}
    found = scipy.optimize.least_squares(_residual, start, method="trf", max_nfev=30, **common)
    if not found.success:
        found = scipy.optimize.least_squares(_residual, found.x, method="trf", **common)
    return found.x


def _moved(values: np.ndarray, groups: Sequence[Sequence[int]], offsets: np.ndarray) -> np.ndarray:
    result = values.copy()
    for group, offset in zip(groups, offsets, strict=True):
        result[group] += offset
    return result


def _bounds(
    body: Body, task: TaskFile, values: np.ndarray, groups: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Bound each offset so that all coordinates of its group stay in the body's range."""
    low, high = [], []
    for group in groups:
        ranges = [_range(body.coordinates[i]) for i in group]
        low.append(max(r[0] - values[i] for r, i in zip(ranges, group, strict=True)) - 1e-9)
        high.append(min(r[1] - values[i] for r, i in zip(ranges, group, strict=True)) + 1e-9)
        if low[-1] >= high[-1]:
            together = ", ".join(body.coordinates[i].name for i in group)
            raise InputError(f"Task file {task.path.name}, solve.free: {together} leave no common range to move in.")
    return np.array(low), np.array(high)


def _range(coordinate: Coordinate) -> tuple[float, float]:
    """Return how far a coordinate may go; where the pelvis is in the world is nobody's range of motion."""
    return (-10.0, 10.0) if coordinate.name in ROOT_COORDINATES else coordinate.range


def _residual(
    offsets: np.ndarray,
    body: Body,
    task: TaskFile,
    values: np.ndarray,
    groups: Sequence[Sequence[int]],
    active: Sequence[int],
    anchors: Mapping[int, np.ndarray],
    goals: Mapping[str, float],
) -> np.ndarray:
    posture = _moved(values, groups, offsets)
    named = zip(TARGETS, (task.solve.centre_of_mass_forward, task.solve.centre_of_mass_sideways), strict=True)
    pairs = {key: pair for key, pair in named if key in goals}
    wanted = [task.supports[i].point for i in active] + [p for pair in pairs.values() for p in pair or ()]
    points = _points(body, posture, wanted)
    result = list(HOLD * offsets)
    for i, point in zip(active, points, strict=False):
        support = task.supports[i]
        result.append((point[1] - task.surfaces[support.surface]) / support.tolerance)
        if support.anchored and i in anchors:
            result += list((point[[0, 2]] - anchors[i]) / support.tolerance)
    if pairs:
        ends = points[len(active) :]
        centre = carried_centre(body, posture, task.weight)[[0, 2]]
        for n, key in enumerate(pairs):
            axis = (0, 2)[TARGETS.index(key)]
            first, second = ends[2 * n, axis], ends[2 * n + 1, axis]
            aim = first + goals[key] * (second - first)
            result.append((centre[TARGETS.index(key)] - aim) / BALANCE_TOLERANCE)
    return np.array(result)


def _points(body: Body, values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    if not names:
        return np.zeros((0, 3))
    table = contact_points()
    return segment_points(body, values, [(table[n].segment, table[n].point) for n in names])


def _check(task: TaskFile, support: SupportLine, time: float, miss: float) -> None:
    # Points of one rigid segment share what the free coordinates cannot mend, hence the factor.
    if abs(miss) > 1.5 * support.tolerance:
        raise InputError(
            f"Task file {task.path.name}: {support.point} is {abs(miss) * 100:.1f} cm "
            f"{'above' if miss > 0 else 'below'} {support.surface} at {time:g} s, more than its tolerance of "
            f"{support.tolerance * 100:.1f} cm; change the keyframe, free more coordinates in [solve], "
            "or drop the point."
        )

"""Make measured mean curves of walking move on another body without forces from nowhere.

The pelvis has no muscles: what moves it must come from the ground. Curves of one person put on the masses
of another ask for a little more (a residual). This step changes the curves, within stated limits and in a
low-order Fourier series that keeps left and right symmetric, until contact forces inside the feet and their
friction cones supply all of it. The idea is OpenSim's residual reduction (Delp et al. 2007, IEEE Trans
Biomed Eng 54:1940-1950, doi 10.1109/TBME.2007.901024). The measured ground force guides the corrections
here; when the walk is simulated, contact forces are unknowns again.

Minimised over the corrections c, summed over half a cycle:

    |W (b - S f)|^2 + |change / limit|^2 + |change's acceleration|^2 + |ground force - measured|^2
    + |trunk moment|^2 + |height|^2 + |slip|^2 + |depth|^2      (each in the unit `SCALES` gives)

with b the six root rows of inverse dynamics, S f what contacts can do (f >= 0 is eliminated: non-negative
least squares in each frame), ground force the sum under both feet, height and slip those of contact points
that may be loaded, depth how far any point is under the floor.
``python -m gluteal.movements.tasks.residual_reduction`` writes the corrections of the built-in walk.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.optimize import least_squares, nnls

from gluteal.engines import compute_geometry, load_body, segment_points
from gluteal.files import write_text
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Movement, Support
from gluteal.movements.tasks import built_in_task
from gluteal.movements.tasks.file import TaskFile
from gluteal.movements.tasks.gait_cycle import (
    SPEED,
    allowed,
    basis,
    correct_series,
    cycle_movement,
    evaluate,
    measured_total_force,
    phase_supports,
    read_cycle_table,
    task_series,
)
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY, side_of, unsided

#: Largest wanted change of each curve, rad or m (speed: m/s). The toes have no measured curve; the ankle's
#: zero depends on how a foot's sole was placed in its model.
LIMITS = {
    "hip_flexion_r": np.deg2rad(4.0),
    "hip_adduction_r": np.deg2rad(4.0),
    "hip_rotation_r": np.deg2rad(5.0),
    "knee_angle_r": np.deg2rad(4.0),
    "ankle_angle_r": np.deg2rad(10.0),
    "subtalar_angle_r": np.deg2rad(6.0),
    "mtp_angle_r": np.deg2rad(25.0),
    "pelvis_tilt": np.deg2rad(3.0),
    "pelvis_list": np.deg2rad(3.0),
    "pelvis_rotation": np.deg2rad(4.0),
    "lumbar_extension": np.deg2rad(5.0),
    "lumbar_bending": np.deg2rad(5.0),
    "lumbar_rotation": np.deg2rad(5.0),
    "pelvis_tx": 0.02,
    "pelvis_ty": 0.02,
    "pelvis_tz": 0.02,
    SPEED: 0.1,
}
#: Harmonics of the corrections.
HARMONICS = 6
#: The feet are this much narrower, and the friction this much smaller, while corrections are sought, so that
#: the centre of pressure ends well inside the real ones and muscles are not asked to balance on an edge.
NARROW = 0.5
#: What counts as one in the sum.
SCALES = {
    "root_force": 1.0,  # N
    "root_moment": 0.5,  # N m
    "change": 0.5,  # of the curve's limit
    "acceleration": 1.5,  # of the limit, times the squared circular frequency of the step
    "ground_force": 0.04,  # body weights
    "trunk_moment": 0.15,  # N m per kg, the size of the measured one
    "height": 0.015,  # m
    "slip": 0.4,  # m/s
    "depth": 0.006,  # m
}
_ROOT_SCALE = np.array([SCALES["root_moment"]] * 3 + [SCALES["root_force"]] * 3)
_TRUNK = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")


@dataclass(frozen=True)
class Residuals:
    """What contacts cannot supply, (time, 6) in the order of `ROOT_COORDINATES`, N m and N."""

    values: np.ndarray

    @property
    def force(self) -> float:
        """Largest residual force, N."""
        return float(np.linalg.norm(self.values[:, 3:], axis=1).max())

    @property
    def moment(self) -> float:
        """Largest residual moment, N m."""
        return float(np.linalg.norm(self.values[:, :3], axis=1).max())


def compute_root_residual(body: Body, movement: Movement) -> Residuals:
    """Return the part of the root rows that no allowed contact force balances, per frame.

    Contact forces f >= 0 along the friction rays minimise the scaled difference (see `SCALES`).
    """
    geometry = compute_geometry(body, movement)
    rows = [body.coordinate_names.index(n) for n in ROOT_COORDINATES]
    result = [
        _balance(geometry.joint_moment[t, rows], geometry.support_arm[t, rows])[0] * _ROOT_SCALE
        for t in range(len(movement.time))
    ]
    return Residuals(np.array(result))


def reduce_residuals(
    task: TaskFile, body: Body, *, steps: int = 60, report: Callable[[int, float], None] | None = None
) -> dict[str, np.ndarray]:
    """Find corrections of a cyclic task's curves for a body.

    Parameters
    ----------
    steps : int
        Most Gauss-Newton steps.
    report : callable
        Called with the number of the evaluation and the cost, for progress.

    Returns
    -------
    mapping of curve -> (2 K + 1,)
        Coefficients to add (mean, cosine, sine, ...), rad or m; ``speed`` in m/s.
    """
    problem = _Problem(task, body)
    count = 0

    def cost(x: np.ndarray) -> np.ndarray:
        nonlocal count
        count += 1
        value = problem.rows(x)[0]
        if report:
            report(count, float(value @ value))
        return value

    found = least_squares(
        cost,
        np.zeros(problem.size),
        jac=lambda x: problem.rows(x)[1],
        x_scale=problem.scale,
        max_nfev=steps,
        xtol=1e-5,
        ftol=1e-5,
    )
    return problem.unpack(found.x)


class _Problem:
    """The least-squares problem: half a cycle of frames, linear maps from corrections to curves."""

    def __init__(self, task: TaskFile, body: Body) -> None:
        assert task.cycle is not None
        self.body = body
        self.series = task_series(task, corrected=False)
        half = task.cycle.frames // 2
        self.phase = np.linspace(0.0, 0.5, half, endpoint=False)
        supports = phase_supports(task, self.phase)
        self.active = np.array([np.ones(half, bool) if s.active is None else s.active for s in supports]).T
        self.supports = _narrow(supports)
        self.rays = [friction_rays(np.array(s.normal), s.friction) for s in self.supports]
        self.masks = {n: allowed(n, HARMONICS) for n in LIMITS if n != SPEED}
        self.masks["pelvis_tx"][0] = False  # where the walk starts is free
        self.size = sum(int(m.sum()) for m in self.masks.values()) + 1
        self.scale = np.concatenate(
            [np.full(int(m.sum()), LIMITS[n]) for n, m in self.masks.items()] + [[LIMITS[SPEED]]]
        )
        self.maps = [self._map(order) for order in range(3)]
        self.change = self._change_map()
        names = body.coordinate_names
        self.watched = [names.index(n) for n in (*ROOT_COORDINATES, *(n for n in _TRUNK if n in names))]
        self.measured = measured_total_force(read_cycle_table(task.cycle.table), self.phase)
        self._last: tuple[np.ndarray, tuple[np.ndarray, np.ndarray]] | None = None

    def unpack(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Return the coefficients of each curve from the vector of unknowns."""
        result, start = {}, 0
        for name, mask in self.masks.items():
            full = np.zeros(len(mask))
            full[mask] = x[start : start + mask.sum()]
            start += int(mask.sum())
            result[name] = full
        result[SPEED] = x[start:]
        return result

    def _map(self, order: int) -> np.ndarray:
        """Return d(coordinates' order-th derivative)/d(unknowns), (T, Q, X)."""
        names = self.body.coordinate_names
        result = np.zeros((len(self.phase), len(names), self.size))
        start = 0
        for curve, mask in self.masks.items():
            for column, name in enumerate(names):
                source = f"{unsided(name)}_r" if side_of(name) else name
                if source == curve:
                    shifted = self.phase + (0.5 if side_of(name) == "l" else 0.0)
                    result[:, column, start : start + mask.sum()] = basis(
                        shifted, HARMONICS, self.series.period, order
                    )[:, mask]
            start += int(mask.sum())
        forward = names.index("pelvis_tx")
        if order < 2:
            result[:, forward, start] = 1.0 if order else self.series.period * self.phase
        return result

    def _change_map(self) -> np.ndarray:
        """Return the rows of the changes and of their accelerations, over the limits."""
        limits = []
        for name in self.body.coordinate_names:
            curve = f"{unsided(name)}_r" if side_of(name) else name
            limits.append(LIMITS.get(curve, np.inf))
        step = (4.0 * np.pi / self.series.period) ** 2
        rows = []
        for order, unit in ((0, SCALES["change"]), (2, SCALES["acceleration"] * step)):
            part = self.maps[order] / (unit * np.array(limits)[None, :, None])
            part[..., -1] = 0.0
            part = part.reshape(-1, self.size)
            rows.append(part[np.any(part != 0.0, axis=1)])
        speed = np.zeros((1, self.size))
        speed[0, -1] = np.sqrt(len(self.phase)) / LIMITS[SPEED]
        return np.concatenate([*rows, speed])

    def rows(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the residual vector (N,) and its Jacobian (N, X)."""
        if self._last is not None and np.array_equal(self._last[0], x):
            return self._last[1]
        state = evaluate(correct_series(self.series, self.unpack(x)), self.body, self.phase)
        here = self._geometry(*state)
        jacobians = self._by_point(here.support_arm)
        steps = [self._derivatives(state, order, here) for order in range(3)]
        values, slopes = [self.change @ x], [self.change]
        for t in range(len(self.phase)):
            for value, slope in (self._dynamics(t, here, steps), self._feet(t, state, jacobians, steps)):
                values.append(value)
                slopes.append(slope)
        result = np.concatenate(values), np.concatenate(slopes)
        self._last = (x.copy(), result)
        return result

    def _geometry(self, q: np.ndarray, v: np.ndarray, a: np.ndarray) -> Geometry:
        coords = {"time": self.phase, "coordinate": list(self.body.coordinate_names)}
        dims = ("time", "coordinate")
        position, speed, acceleration = (xr.DataArray(c, dims=dims, coords=coords) for c in (q, v, a))
        movement = Movement("", "", "task", position, speed, acceleration, supports=self.supports)
        return compute_geometry(self.body, movement)

    def _derivatives(
        self, state: tuple[np.ndarray, np.ndarray, np.ndarray], order: int, here: Geometry
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return d(watched moments) (T, W, Q) and, for positions, d(support arm) (T, Q, R, Q)."""
        count, step = state[0].shape[1], 1e-5
        moment = np.zeros((len(self.phase), len(self.watched), count))
        arm = np.zeros((*here.support_arm.shape, count) if order == 0 else (0,))
        for k in range(count):
            if not np.any(self.maps[order][:, k]):
                continue
            moved = [c.copy() for c in state]
            moved[order][:, k] += step
            there = self._geometry(*moved)
            moment[..., k] = (there.joint_moment - here.joint_moment)[:, self.watched] / step
            if order == 0:
                arm[..., k] = (there.support_arm - here.support_arm) / step
        return moment, arm

    def _by_point(self, arm: np.ndarray) -> np.ndarray:
        """Turn d/d(ray force) (T, Q, R) into point Jacobians (T, S, 3, Q): a ray is its direction's force."""
        points = [
            np.einsum("tqr,rx->txq", arm[..., 4 * s : 4 * s + 4], np.linalg.pinv(rays).T)
            for s, rays in enumerate(self.rays)
        ]
        return np.stack(points, axis=1)

    def _dynamics(
        self, t: int, here: Geometry, steps: list[tuple[np.ndarray, np.ndarray]]
    ) -> tuple[np.ndarray, np.ndarray]:
        on = np.repeat(self.active[t], 4)
        value, force, free = _balance(here.joint_moment[t, :6], here.support_arm[t, :6][:, on])
        slope = sum(steps[order][0][t] @ self.maps[order][t] for order in range(3))
        moved = np.einsum("irk,r->ik", steps[0][1][t, :6][:, on], force) @ self.maps[0][t]
        weight, trunk = self.body.mass * STANDARD_GRAVITY, self.body.mass * SCALES["trunk_moment"]
        total = here.joint_moment[t, 3:6] / weight - self.measured[t]
        values = [value, total / SCALES["ground_force"], here.joint_moment[t, self.watched[6:]] / trunk]
        slopes = [
            free @ ((slope[:6] - moved) / _ROOT_SCALE[:, None]),
            slope[3:6] / (weight * SCALES["ground_force"]),
            slope[6:] / trunk,
        ]
        return np.concatenate(values), np.concatenate(slopes)

    def _feet(
        self,
        t: int,
        state: tuple[np.ndarray, np.ndarray, np.ndarray],
        jacobians: np.ndarray,
        steps: list[tuple[np.ndarray, np.ndarray]],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return rows of height, slip and depth of the contact points."""
        points = segment_points(self.body, state[0][t], [(s.segment, s.point) for s in self.supports])
        bending = steps[0][1][t]  # (Q, R, Q)
        turning = np.stack([self._by_point(bending[None, ..., k])[0] for k in range(bending.shape[2])], -1)
        values, slopes = [], []
        for s in range(len(self.supports)):
            rise = jacobians[t, s, 1] @ self.maps[0][t]
            height = points[s, 1]
            deep = min(height + 0.002, 0.0)
            values.append([deep / SCALES["depth"]])
            slopes.append(rise[None] / SCALES["depth"] * (deep < 0.0))
            if self.active[t, s]:
                slip = jacobians[t, s][[0, 2]] @ state[1][t]
                change = jacobians[t, s][[0, 2]] @ self.maps[1][t]
                change += np.einsum("xqk,q,kp->xp", turning[s][[0, 2]], state[1][t], self.maps[0][t])
                values += [[height / SCALES["height"]], slip / SCALES["slip"]]
                slopes += [rise[None] / SCALES["height"], change / SCALES["slip"]]
        return np.concatenate(values), np.concatenate(slopes)


def _narrow(supports: tuple[Support, ...]) -> tuple[Support, ...]:
    """Return the supports, always active, each moved towards its nearest neighbour on the segment.

    What they can do the original ones can do: every new point lies between two old ones.
    """
    result = []
    for support in supports:
        here = np.array(support.point)
        others = [np.array(s.point) for s in supports if s.segment == support.segment and s is not support]
        nearest = min(others, key=lambda there: float(np.linalg.norm(there - here)), default=here)
        x, y, z = here + 0.5 * (1.0 - NARROW) * (nearest - here)
        point = (float(x), float(y), float(z))
        result.append(replace(support, point=point, friction=NARROW * support.friction, active=None))
    return tuple(result)


def _balance(moment: np.ndarray, arm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the scaled residual (6,) after the best contact forces, these (R,), and its projector (6, 6)."""
    scaled, target = arm / _ROOT_SCALE[:, None], moment / _ROOT_SCALE
    force, _ = nnls(scaled, target, maxiter=1000)
    used = scaled[:, force > 0.0]
    left, size, _ = np.linalg.svd(used, full_matrices=False)
    left = left[:, size > 1e-9 * size.max(initial=0.0)]
    return target - scaled @ force, force, np.eye(6) - left @ left.T


def write_corrections(
    path: Path, task: TaskFile, body: Body, corrections: Mapping[str, np.ndarray]
) -> tuple[Residuals, Residuals]:
    """Write a corrections file with its origin and effect; return the residuals before and after."""
    series = task_series(task, corrected=False)
    before = compute_root_residual(body, cycle_movement(task, body, series))
    after = compute_root_residual(body, cycle_movement(task, body, correct_series(series, corrections)))
    lines = [
        f"# Corrections of task {task.name!r}, written by python -m gluteal.movements.tasks.residual_reduction.",
        f"# Body: {body.source}; {body.mass:.2f} kg.",
        f"# Largest residual before: {before.force:.1f} N, {before.moment:.1f} N m; "
        f"after: {after.force:.2f} N, {after.moment:.2f} N m.",
        "# Added to the curves: mean, then cosine and sine of each harmonic; speed to the walking speed.",
    ]
    waves = [f"{wave}{k}" for k in range(1, HARMONICS + 1) for wave in ("cos", "sin")]
    lines.append(",".join(["curve", "unit", "mean", *waves]))
    for name, values in corrections.items():
        unit = {"speed": "m/s", "pelvis_tx": "m", "pelvis_ty": "m", "pelvis_tz": "m"}.get(name, "deg")
        shown = np.rad2deg(values) if unit == "deg" else values
        lines.append(",".join([name, unit, *(f"{v:.6f}" for v in shown)]))
    write_text(path, "\n".join(lines) + "\n")
    return before, after


def refit_walk() -> None:
    """Find the corrections of the built-in walk for the embedded body and store them beside the task."""
    task, body = built_in_task("walk"), load_body("myo")
    assert task.cycle is not None and task.cycle.corrections is not None

    def report(count: int, cost: float) -> None:
        print(f"evaluation {count}: cost {cost:.2f}", file=sys.stderr, flush=True)

    corrections = reduce_residuals(task, body, report=report)
    before, after = write_corrections(task.cycle.corrections, task, body, corrections)
    print(f"before: {before.force:.2f} N, {before.moment:.2f} N m")
    print(f"after:  {after.force:.2f} N, {after.moment:.2f} N m; written to {task.cycle.corrections}")


if __name__ == "__main__":
    refit_walk()

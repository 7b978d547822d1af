"""Make measured mean curves of walking move on another body with that person's joint moments and foot forces.

The pelvis has no muscles: what moves it must come from the ground. Curves of one person put on the masses
of another ask for a little more (a residual). This step changes the curves, within stated limits and in a
low-order Fourier series that keeps left and right symmetric, until contact forces inside the soles and their
friction cones supply all of it **and** leave to the joints what was measured there. The idea is OpenSim's residual
reduction (Delp et al. 2007, IEEE Trans Biomed Eng 54:1940-1950, doi 10.1109/TBME.2007.901024).

Why moments are among the targets: while one foot stands alone, six root equations fix the six components of
its force, and with them every joint moment. No criterion of load sharing can mend them afterwards; only the curves can.

Minimised over the corrections c, summed over half a cycle:

    |W (y - A f)|^2 + |change / limit|^2 + |change's acceleration|^2 + |ground force - measured|^2
    + |trunk moment|^2 + |height|^2 + |slip|^2 + |depth|^2      (each in the unit `SCALES` gives)

with y the six root rows of inverse dynamics, the moments of both legs less the measured ones, and the measured
forces under the feet; A f what contacts do to them (f >= 0 is eliminated: non-negative least squares in each frame);
ground force the sum under both feet, height and slip those of contact points that may be loaded, depth how far any
point is under the floor. Points of the sole only carry: they shape no curve.
`gluteal.movements.tasks.corrections` writes what is found beside the task.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy
import xarray as xr

from gluteal.engines import compute_geometry, segment_points
from gluteal.kernels.contact import friction_rays
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Movement, Support
from gluteal.movements.tasks.file import TaskFile
from gluteal.movements.tasks.gait_cycle import (
    SPEED,
    allowed,
    basis,
    correct_series,
    evaluate,
    phase_supports,
    read_cycle_table,
    task_series,
)
from gluteal.movements.tasks.measured_cycle import measured_cycle, total_force
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
#: Contact points whose names begin so only carry: where the sole is, heel, metatarsals and toes say.
SOLE = "sole"
#: What counts as one in the sum.
SCALES = {
    "root_force": 1.0,  # N
    "root_moment": 0.5,  # N m
    "moment": 0.5,  # of the measured moment's standard deviation, see `FITTED_SD`
    "foot_force": 1.0,  # of the measured force's standard deviation
    "change": 0.5,  # of the curve's limit
    "acceleration": 1.5,  # of the limit, times the squared circular frequency of the step
    "ground_force": 0.04,  # body weights
    "trunk_moment": 0.15,  # N m per kg, the size of the measured one
    "height": 0.015,  # m
    "slip": 0.4,  # m/s
    "depth": 0.006,  # m
}
ROOT_SCALE = np.array([SCALES["root_moment"]] * 3 + [SCALES["root_force"]] * 3)
#: Standard deviation below which a moment is not fitted closer, N m: the swing leg's weigh no more than this.
FITTED_SD = 3.0
_TRUNK = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")


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

    found = scipy.optimize.least_squares(
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
        self.foot = np.array([side_of(s.segment) for s in self.supports])
        self.masks = {n: allowed(n, HARMONICS) for n in LIMITS if n != SPEED}
        self.masks["pelvis_tx"][0] = False  # where the walk starts is free
        self.size = sum(int(m.sum()) for m in self.masks.values()) + 1
        self.scale = np.concatenate(
            [np.full(int(m.sum()), LIMITS[n]) for n, m in self.masks.items()] + [[LIMITS[SPEED]]]
        )
        self.maps = [self._map(order) for order in range(3)]
        self.change = self._change_map()
        names = body.coordinate_names
        table = read_cycle_table(task.cycle.table)
        self.target = measured_cycle(table, body.mass, self.phase)
        self.total = total_force(table, self.phase)
        trunk = [n for n in _TRUNK if n in names]
        self.watched = [names.index(n) for n in (*ROOT_COORDINATES, *self.target.coordinates, *trunk)]
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
        legs = 6 + len(self.target.coordinates)
        rows, target = self.watched[:legs], self.target
        unit = np.concatenate([ROOT_SCALE, SCALES["moment"] * np.maximum(target.moment_sd[t], FITTED_SD)])
        asked = here.joint_moment[t, rows] - np.concatenate([np.zeros(6), target.moment[t]])
        feet, measured = self._foot_rows(t)
        arm = np.concatenate([here.support_arm[t, rows] / unit[:, None], feet])[:, on]
        value, force, free = fit_contacts(np.concatenate([asked / unit, measured]), arm)
        slope = sum(steps[order][0][t] @ self.maps[order][t] for order in range(3))
        moved = np.einsum("irk,r->ik", steps[0][1][t, rows][:, on], force) @ self.maps[0][t]
        weight, trunk = self.body.mass * STANDARD_GRAVITY, self.body.mass * SCALES["trunk_moment"]
        total = here.joint_moment[t, 3:6] / weight - self.total[t]
        values = [value, total / SCALES["ground_force"], here.joint_moment[t, self.watched[legs:]] / trunk]
        slopes = [
            free[:, :legs] @ ((slope[:legs] - moved) / unit[:, None]),
            slope[3:6] / (weight * SCALES["ground_force"]),
            slope[legs:] / trunk,
        ]
        return np.concatenate(values), np.concatenate(slopes)

    def _foot_rows(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the scaled rows of the force under each foot (6, R) and the measured force (6,)."""
        unit = SCALES["foot_force"] * self.target.force_sd[t]  # (2, 3)
        rays = np.concatenate(self.rays).T  # (3, R)
        rows = [np.where(np.repeat(self.foot == side, 4), rays, 0.0) / unit[i][:, None] for i, side in enumerate("rl")]
        return np.concatenate(rows), (self.target.force[t] / unit).ravel()

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
        for s, support in enumerate(self.supports):
            if support.name.startswith(SOLE):
                continue
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
    """Return the supports, always active, each moved towards the one across the foot.

    What they can do the original ones can do: every new point lies between two old ones.
    """
    points = {s.name: np.array(s.point) for s in supports}
    result = []
    for support in supports:
        here = points[support.name]
        there = points.get(_across(support.name), here)
        x, y, z = here + 0.5 * (1.0 - NARROW) * (there - here)
        point = (float(x), float(y), float(z))
        result.append(replace(support, point=point, friction=NARROW * support.friction, active=None))
    return tuple(result)


def _across(name: str) -> str:
    """Return the contact point on the other edge of the foot: medial and lateral, first and fifth ray."""
    other = {"medial": "lateral", "lateral": "medial", "1": "5", "5": "1"}
    return "_".join(other.get(word, word) for word in name.split("_"))


def fit_contacts(target: np.ndarray, arm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is left of scaled targets (N,) after the best contact forces, these (R,), and a projector (N, N)."""
    force, _ = scipy.optimize.nnls(arm, target, maxiter=3000)
    used = arm[:, force > 0.0]
    left, size, _ = np.linalg.svd(used, full_matrices=False)
    left = left[:, size > 1e-9 * size.max(initial=0.0)]
    return target - arm @ force, force, np.eye(len(target)) - left @ left.T

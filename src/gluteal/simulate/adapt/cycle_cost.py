"""What a walking cycle costs, on bare arrays: load sharing of every frame, and its slope along the curves.

Every frame's forces under the feet f follow from the frame itself (`gluteal.movements.tasks.foot_loads`: least squares
R f = t over forces that push), so that the cost V of the cheapest sharing changes by

    dV = (y + e) . d(tau - S f) - y . dA F + r . d(S w)        f, w, muscle forces' activations, y, e, r held,

with the multipliers y of the balance, w = (R'R)^-1 (-S'y) over the forces that push, e the rows' share of R w and r of
what the least squares leave. Nothing is solved again. All brackets are derivatives along a fixed vector of what an
engine returns anyway, because second derivatives of places and lengths are symmetric; so are those of inertia:

    along a_j   M u                                                     u = y + e
    along v_j   2 (D_v M u - c(u, v))
    along q_j   D_u tau + D_a M u - 2 c(u, a) + D_v D_v M u - 2 D_v c(u, v)

with M the inertia, c(x, y) the quadratic forces of two speeds, D_x a derivative along x. Muscles' lengths need two
geometries along y and two along v, so that a cycle costs five geometries of muscles and some of the bare skeleton,
however many coefficients are free. Where the engine's moment arm of a path is not the slope of its length, as of one
bundle of gluteus minimus, the slope is off by that: a few ten-thousandths near the usual walk, up to a hundredth in
single frames far from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gluteal.engines import measure_motions
from gluteal.errors import InputError, Unsolved
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.kernels.recruitment import solve_frames
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Support
from gluteal.movements.tasks.foot_loads import FootBalance
from gluteal.sharing.problem import ROOT_ROW_SCALE, SharingProblem

#: Length of the step along a vector of coordinates, rad or m; for a second derivative; and of a path's length, m, and
#: speed, m/s: where rounding and curvature take no more than 1e-8.
STEP, SECOND_STEP, LENGTH_STEP = 1e-5, 3e-4, 1e-6
#: A direction of forces that least squares hold to less than this share of the best held one is not theirs.
_LEAST_HELD = 1e-9


@dataclass(frozen=True, eq=False)
class SharedCycle:
    """The cheapest sharing of a cycle, with what its slope needs; arrays over frames first.

    `cost` (T,) is V of every frame, `effort` (T,) its part without reserves, `reserve` (T, Q) N m or N with what the
    feet could not carry on the pelvis's rows, `multiplier` (T, Q) dV/d(demand), `push` (T, R) N along the rays,
    `residual` the largest Karush-Kuhn-Tucker residual, `start` multipliers to start from.
    """

    q: np.ndarray
    v: np.ndarray
    a: np.ndarray
    cost: np.ndarray
    effort: np.ndarray
    reserve: np.ndarray
    multiplier: np.ndarray
    activation: np.ndarray
    force: np.ndarray
    push: np.ndarray
    residual: float
    start: np.ndarray
    geometry: Geometry


@dataclass(frozen=True, eq=False)
class CycleEffort:
    """The load sharing of cycles that differ in nothing but their curves.

    Attributes
    ----------
    problem : SharingProblem
        Of the reference: what the condition leaves, weights, rows. Its first frames (T) are used.
    supports : tuple of Support
        Contacts under the feet.
    balance : FootBalance
        What chooses their forces.
    reserve_cost : float
        Price of a squared newton-metre that is missing.
    carrier : Body or None
        The body with what it carries; None: it carries nothing.
    """

    problem: SharingProblem
    supports: tuple[Support, ...]
    balance: FootBalance
    reserve_cost: float
    carrier: Body | None = None

    def __post_init__(self) -> None:
        if not self.problem.criterion.is_power_sum:
            raise InputError(
                f"A walk adapts under sums of powers of activation; the criterion is {self.problem.criterion.name}. "
                "Leave --criterion out, or give effort or size."
            )
        if self.problem.soft.b.shape[1]:
            raise InputError(
                f"A walk adapts to what muscles can do and cost; {self.problem.condition.name} asks for more than that "
                "(a wish, or joints to spare). Leave it out."
            )

    @property
    def body(self) -> Body:
        """Whose cycle it is, with what is carried."""
        return self.carrier or self.problem.mechanics.body

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.balance.active)

    def under(self, problem: SharingProblem) -> CycleEffort:
        """Return the same under another condition."""
        return replace(self, problem=problem)

    @cached_property
    def _parameters(self) -> list[np.ndarray]:
        return [self.body.muscles[column].values for column in MUSCLE_PARAMETERS]

    @cached_property
    def _left(self) -> np.ndarray:
        """Share of capacity left, (T, M)."""
        return self.problem.share.capacity[: self.frames]

    def _capacity(self, length: np.ndarray, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return active capacity and passive force (T, M) N."""
        return rigid_tendon_muscle(length, speed, *self._parameters)[2:]

    def _geometry(self, q: np.ndarray, v: np.ndarray, a: np.ndarray) -> Geometry:
        found = measure_motions(self.body, q, v, a, self.supports)
        return replace(found, moment_arm=found.exact_arm)

    # --- one cycle ---------------------------------------------------------------------------------------

    def share(self, q: np.ndarray, v: np.ndarray, a: np.ndarray, start: np.ndarray | None = None) -> SharedCycle:
        """Share the load of a cycle (T, Q), its feet's forces found anew; `start` is that of one nearby.

        Raises
        ------
        Unsolved
            Where the sharing is not solved.
        """
        found, problem = self._geometry(q, v, a), self.problem
        arm, rows, frames = found.moment_arm, problem.rows, self.frames
        push = np.array([self.balance.carry(t, found.joint_moment[t], found.support_arm[t]) for t in range(frames)])
        asked = found.joint_moment - np.einsum("tqr,tr->tq", found.support_arm, push)
        active, passive = self._capacity(found.mtu_length, -np.einsum("tqm,tq->tm", arm, v))
        own = arm[:, rows]
        A = own * (active * self._left)[:, None]
        b = asked[:, rows] - (own * passive[:, None]).sum(axis=-1)
        share, exponent = problem.share, problem.criterion.exponent
        weight = np.broadcast_to(problem.weight, share.floor.shape)[:frames]
        solved = solve_frames(
            A,
            np.zeros((frames, len(rows), 0)),
            b,
            share.floor[:frames],
            share.ceiling[:frames],
            weight,
            exponent=exponent,
            reserve_cost=self.reserve_cost,
            start=start,
        )
        residual = max(float(x.max()) for x in (solved.stationarity, solved.feasibility, solved.complementarity))
        if not solved.converged.all():
            raise Unsolved(
                f"The load sharing of a cycle on the way was not solved ({problem.condition.name}; off by "
                f"{residual:.2g}), so nothing is concluded. If your input is sound, please report it.",
                None,
            )
        root, held = self.balance.root, self.reserve_cost * ROOT_ROW_SCALE**2
        reserve, multiplier = np.zeros_like(q), np.zeros_like(q)
        reserve[:, rows], multiplier[:, rows] = solved.reserve, solved.multiplier
        reserve[:, root], multiplier[:, root] = asked[:, root], 2.0 * held * asked[:, root]
        effort = (weight * solved.activation**exponent).sum(axis=1)
        missing = self.reserve_cost * (solved.reserve**2).sum(axis=1) + held * (asked[:, root] ** 2).sum(axis=1)
        force = active * self._left * solved.activation + passive
        return SharedCycle(
            q, v, a, effort + missing, effort, reserve, multiplier, solved.activation, force, push, residual,
            solved.multiplier, found,
        )  # fmt: skip

    # --- its slope ---------------------------------------------------------------------------------------

    def slope(self, shared: SharedCycle) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return dV/dq, dV/dv and dV/da (T, Q) of every frame."""
        held, left, answer = self._feet(shared)
        whole = shared.multiplier + held
        muscles = self._muscles(shared)
        skeleton = self._skeleton(shared, whole)
        loads = self._along(shared, whole, shared.push) - self._along(shared, left, answer)
        return skeleton[0] - loads + muscles[0], skeleton[1] + muscles[1], skeleton[2]

    def _feet(self, shared: SharedCycle) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how the feet's forces answer: e (T, Q), r (T, Q), w (T, R) of the module's equation."""
        balance, found = self.balance, shared.geometry
        own = np.concatenate([balance.root, balance.legs])
        held, left, answer = np.zeros_like(shared.q), np.zeros_like(shared.q), np.zeros_like(shared.push)
        for t in range(self.frames):
            on = shared.push[t] > 0.0
            if not on.any():
                continue
            rows, targets = balance.rows(t, found.joint_moment[t], found.support_arm[t])
            basis, size, across = np.linalg.svd(rows[:, on], full_matrices=False)
            kept = size > _LEAST_HELD * size[0]
            pulled = across[kept] @ -(shared.multiplier[t] @ found.support_arm[t][:, on]) / size[kept]
            answer[t, on] = across[kept].T @ (pulled / size[kept])
            units = balance.units(t)
            held[t, own] = (basis[:, kept] @ pulled)[: len(own)] / units
            left[t, own] = (targets - rows @ shared.push[t])[: len(own)] / units
        return held, left, answer

    def _along(self, shared: SharedCycle, along: np.ndarray, push: np.ndarray) -> np.ndarray:
        """Return d(S push)/d(along), (T, Q)."""
        step = _steps(along, STEP)
        ends = [
            np.einsum(
                "tqr,tr->tq",
                measure_motions(
                    self.body, shared.q + sign * step * along, shared.v, shared.a, self.supports, muscles=False
                ).support_arm,
                push,
            )
            for sign in (1.0, -1.0)
        ]
        return (ends[0] - ends[1]) / (2.0 * step)

    def _skeleton(self, shared: SharedCycle, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the slopes of along . tau."""
        q, v, a = shared.q, shared.v, shared.a
        still = np.zeros_like(q)
        # Multipliers are as large or small as the cost is; beside speeds they would drown, or drown them.
        size = np.abs(along).max(axis=1, keepdims=True)
        size = np.where(size > 0.0, size, 1.0)
        u = along / size

        def moment(q: np.ndarray, v: np.ndarray, a: np.ndarray) -> np.ndarray:
            return measure_motions(self.body, q, v, a, (), muscles=False).joint_moment

        def inertia(q: np.ndarray) -> np.ndarray:  # M u
            return 0.5 * (moment(q, still, u) - moment(q, still, -u))

        def mixed(q: np.ndarray, other: np.ndarray) -> np.ndarray:  # c(u, other)
            return 0.25 * (moment(q, u + other, still) - moment(q, u - other, still))

        def ends(along: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            steps = _steps(along, step)
            return q + steps * along, q - steps * along, steps

        here = inertia(q)
        ahead, behind, step = ends(u, STEP)
        slope = (moment(ahead, v, a) - moment(behind, v, a)) / (2.0 * step)
        ahead, behind, step = ends(a, STEP)
        slope += (inertia(ahead) - inertia(behind)) / (2.0 * step) - 2.0 * mixed(q, a)
        ahead, behind, step = ends(v, SECOND_STEP)
        slope += (inertia(ahead) - 2.0 * here + inertia(behind)) / step**2
        ahead, behind, step = ends(v, STEP)
        turning = (inertia(ahead) - inertia(behind)) / (2.0 * step)
        slope -= (mixed(ahead, v) - mixed(behind, v)) / step
        return size * slope, size * 2.0 * (turning - mixed(q, v)), size * here

    def _muscles(self, shared: SharedCycle) -> tuple[np.ndarray, np.ndarray]:
        """Return the slopes of -y . (moment of all muscles) along q and v."""
        along, found, v = shared.multiplier, shared.geometry, shared.v
        arm = found.moment_arm

        def turned(way: np.ndarray) -> np.ndarray:  # d(moment arms)/d(way)
            step = _steps(way, STEP)
            ends = [
                measure_motions(self.body, shared.q + sign * step * way, v, shared.a, ()).exact_arm
                for sign in (1.0, -1.0)
            ]
            return (ends[0] - ends[1]) / (2.0 * step[:, :, None])

        slope = -np.einsum("tqm,tm->tq", turned(along), shared.force)
        turning = turned(v)
        length, speed = found.mtu_length, -np.einsum("tqm,tq->tm", arm, v)
        pulled = np.einsum("tqm,tq->tm", arm, along)

        def force(length: np.ndarray, speed: np.ndarray) -> np.ndarray:
            active, passive = self._capacity(length, speed)
            return active * self._left * shared.activation + passive

        by_length = (force(length + LENGTH_STEP, speed) - force(length - LENGTH_STEP, speed)) / (2.0 * LENGTH_STEP)
        by_speed = (force(length, speed + LENGTH_STEP) - force(length, speed - LENGTH_STEP)) / (2.0 * LENGTH_STEP)
        slope += np.einsum("tqm,tm->tq", arm, pulled * by_length) + np.einsum("tqm,tm->tq", turning, pulled * by_speed)
        return slope, np.einsum("tqm,tm->tq", arm, pulled * by_speed)


def _steps(along: np.ndarray, length: float) -> np.ndarray:
    """Return factors (T, 1) that make every frame's vector at most `length` long in its largest component."""
    size = np.abs(along).max(axis=1, keepdims=True)
    return length / np.where(size > 0.0, size, 1.0)

"""What a posture costs, on bare arrays: the load sharing of one frame, and its slope by the envelope theorem.

With the multipliers y of the balance, the cost V of the cheapest sharing changes with the posture q by

    dV/dq_i = d/dq_i [ y . (b - A a - S s) ]   with a and s held,

no sharing solved again. The bracket is the derivative along y of a potential: gravity's energy, muscles' lengths times
their forces, the support points' places along their rays. Second derivatives are symmetric, so that one central
difference along y of what an engine returns anyway (moments, moment arms, directions) gives every component at once:
two geometries instead of two for each coordinate. What is left is the change of each muscle's force with its length,
times how fast the length changes along y and along q_i.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gluteal.engines import measure_postures, measure_segments
from gluteal.errors import InputError, Unsolved
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.kernels.recruitment import SUPPORT_COST, solve_frames
from gluteal.kernels.sharing import SoftRows, append_soft
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Support
from gluteal.sharing.problem import SharingProblem
from gluteal.simulate.passive_tissue import PassiveElement

#: Price of a squared newton-metre that is missing while a posture is looked for, effort: own choice. The steep price of
#: a solution (1000) makes the search's landscape a cliff; with 1, a person would rather lack a newton-metre than move;
#: with 10, less than a fifth of one is left where the posture that was found can be held.
SEARCH_RESERVE_COST = 10.0
#: Step of a posture along the multipliers, rad or m; and of a path's length, m.
POSTURE_STEP, LENGTH_STEP = 1e-5, 1e-6


@dataclass(frozen=True, eq=False)
class SharedPosture:
    """The cheapest sharing of one posture (Q,), with what its slope needs.

    `cost` is V; `multiplier` (Q,) is dV/d(demand) of all coordinates, 0 where nothing is asked; `force` (M,) N;
    `push` (R,) N along the support rays; `residual` the largest Karush-Kuhn-Tucker residual; `reserve` (Q,) N m.
    """

    posture: np.ndarray
    cost: float
    multiplier: np.ndarray
    activation: np.ndarray
    force: np.ndarray
    push: np.ndarray
    reserve: np.ndarray
    residual: float
    start: np.ndarray
    geometry: Geometry


@dataclass(frozen=True, eq=False)
class PostureEffort:
    """The load sharing of postures that differ in nothing but their angles.

    Attributes
    ----------
    problem : SharingProblem
        Of one frame: what the condition leaves, weights, rows.
    supports : tuple of Support
        Where the world may push while a posture is looked for.
    elements : tuple of PassiveElement
        Passive tissue beside the muscles.
    carrier : Body or None
        The body with what it carries; None: it carries nothing.
    """

    problem: SharingProblem
    supports: tuple[Support, ...]
    elements: tuple[PassiveElement, ...] = ()
    carrier: Body | None = None

    def __post_init__(self) -> None:
        if not self.problem.criterion.is_power_sum:
            raise InputError(
                f"A posture adapts under sums of powers of activation; the criterion is {self.problem.criterion.name}. "
                "Leave --criterion out, or give effort or size."
            )

    @property
    def body(self) -> Body:
        """Whose posture it is, with what is carried."""
        return self.carrier or self.problem.mechanics.body

    @cached_property
    def _parameters(self) -> list[np.ndarray]:
        return [self.body.muscles[column].values for column in MUSCLE_PARAMETERS]

    @cached_property
    def _segments(self) -> list[str]:
        return list(dict.fromkeys(segment for e in self.elements for segment, _ in e.points))

    def under(self, problem: SharingProblem) -> PostureEffort:
        """Return the same under another condition."""
        return replace(self, problem=problem)

    # --- one posture -----------------------------------------------------------------------------------

    def geometry(self, postures: np.ndarray) -> tuple[Geometry, np.ndarray, np.ndarray]:
        """Return geometry, moment arms (T, Q, M) m and moments (T, Q) N m that muscles and supports must supply."""
        found = measure_postures(self.body, postures, self.supports)
        arm, moment = found.exact_arm, found.joint_moment
        if self.elements:
            moment = moment - np.array([self._passive_moment(q) for q in postures])
        return found, arm, moment

    def capacity(self, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return active capacity and passive force (T, M) N at path lengths (T, M) m, held still."""
        _, _, active, passive = rigid_tendon_muscle(length, np.zeros_like(length), *self._parameters)
        return active, passive

    def balance(self, posture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return A (Q, M), S (Q, R) and b (Q,) of the recruited rows, as `gluteal.build_sharing` makes them."""
        found, arm, moment = self.geometry(posture[None])
        active, passive = self.capacity(found.mtu_length)
        return self._balance(found, arm, moment, active, passive)

    def _balance(
        self, found: Geometry, arm: np.ndarray, moment: np.ndarray, active: np.ndarray, passive: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows, scale = self.problem.rows, self.problem.scale
        arms = arm[0, rows]
        demand = moment[0, rows] - (arms * passive).sum(axis=-1)
        A = arms * (active * self.problem.share.capacity) * scale[:, None]
        return A, found.support_arm[0, rows] * scale[:, None], demand * scale

    def share(self, posture: np.ndarray, start: np.ndarray | None = None) -> SharedPosture:
        """Share the load of one posture (Q,); `start` is that of a posture or condition nearby.

        Raises
        ------
        Unsolved
            Where the sharing is not solved.
        """
        found, arm, moment = self.geometry(posture[None])
        active, passive = self.capacity(found.mtu_length)
        A, S, b = (part[None] for part in self._balance(found, arm, moment, active, passive))
        problem, count = self.problem, len(self.problem.rows)
        given, soft = start, self._soft
        rays = S.shape[2]
        if soft is not None:
            A, S, b, _ = append_soft(soft, A, S, b, None, SEARCH_RESERVE_COST)
        share = problem.share
        solved = solve_frames(
            A,
            S,
            b,
            share.floor,
            share.ceiling,
            np.broadcast_to(problem.weight, share.floor.shape),
            exponent=problem.criterion.exponent,
            reserve_cost=SEARCH_RESERVE_COST,
            support_cost=SUPPORT_COST,
            support_scale=problem.support_scale,
            start=None if given is None or given.shape != b.shape else given,
        )
        residual = max(float(x[0]) for x in (solved.stationarity, solved.feasibility, solved.complementarity))
        if not solved.converged[0]:
            raise Unsolved(
                f"The load sharing of a posture on the way was not solved ({problem.condition.name}; off by "
                f"{residual:.2g}), so nothing is concluded. If your input is sound, please report it.",
                None,
            )
        activation, push = solved.activation[0], solved.support[0]
        effort = float((problem.weight * activation**problem.criterion.exponent).sum())
        cost = (
            effort
            + SUPPORT_COST * float(((push / problem.support_scale) ** 2).sum())
            + SEARCH_RESERVE_COST * float((solved.reserve[0] ** 2).sum())
        )
        multiplier, reserve = np.zeros(len(posture)), np.zeros(len(posture))
        multiplier[problem.rows] = solved.multiplier[0, :count] * problem.scale
        reserve[problem.rows] = solved.reserve[0, :count] / problem.scale
        force = (active * share.capacity)[0] * activation + passive[0]
        return SharedPosture(
            posture,
            cost,
            multiplier,
            activation,
            force,
            push[:rays],
            reserve,
            residual,
            solved.multiplier,
            replace(found, moment_arm=arm, joint_moment=moment),
        )

    @cached_property
    def _soft(self) -> SoftRows | None:
        """Weak rows of the feet: their points and rays do not move, so that they are those of the first posture."""
        soft = self.problem.soft
        return soft if soft.b.shape[1] else None

    # --- its slope ---------------------------------------------------------------------------------------

    def slope(self, shared: SharedPosture) -> np.ndarray:
        """Return dV/dq (Q,) at a shared posture."""
        along = shared.multiplier
        size = float(np.abs(along).max())
        if size == 0.0:
            return np.zeros_like(along)
        step = POSTURE_STEP / size
        ends = shared.posture + np.array([[step], [-step]]) * along
        found, arm, moment = self.geometry(ends)
        left = moment - arm @ shared.force - found.support_arm @ shared.push
        slope = (left[0] - left[1]) / (2.0 * step)
        arms = shared.geometry.moment_arm[0]
        length = shared.geometry.mtu_length + np.array([[LENGTH_STEP], [-LENGTH_STEP]])
        active, passive = self.capacity(length)
        force = active * self.problem.share.capacity * shared.activation + passive
        stiffness = (force[0] - force[1]) / (2.0 * LENGTH_STEP)
        return np.asarray(slope + arms @ (stiffness * (along @ arms)))

    # --- passive tissue ----------------------------------------------------------------------------------

    def _passive_moment(self, posture: np.ndarray) -> np.ndarray:
        """Return what passive tissue supplies about every coordinate, (Q,) N m: minus tension times d(length)/dq."""
        motion = measure_segments(self.body, posture, self._segments)
        moment = np.zeros(len(posture))
        for element in self.elements:
            at = [self._segments.index(segment) for segment, _ in element.points]
            arms = np.array([motion.rotation[i] @ point for i, (_, point) in zip(at, element.points, strict=True)])
            places = motion.position[at] + arms
            # A point's velocity is the segment's, plus rotation x arm.
            moved = motion.translation_per[at] + np.cross(motion.rotation_per[at], arms[:, :, None], axis=1)
            between = np.diff(places, axis=0)
            lengths = np.linalg.norm(between, axis=1)
            per = np.einsum("ka,kaq->q", between / lengths[:, None], np.diff(moved, axis=0))
            moment -= float(element.tension(lengths.sum())) * per
        return moment

"""Adapt a walk: what costs least under a condition when pelvis and trunk may go another way over the same footsteps."""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from gluteal.engines import compute_mechanics, embedded_body_key, load_body, measure_motions
from gluteal.engines.cache import make_key, movement_parts, remember
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.labels import in_order
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import carry_on_feet, free_feet, list_walkers, measured_walk
from gluteal.movements.tasks.foot_loads import FOOT_LOADS, balance_feet
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.problem import build_sharing
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.simulate.adapt.carried import HungMass, burden, carry_along, hang_masses, say_carried
from gluteal.simulate.adapt.certificate import AdaptationCertificate, Basin
from gluteal.simulate.adapt.cycle_cost import CycleEffort
from gluteal.simulate.adapt.cycle_search import CycleSearch
from gluteal.simulate.adapt.effort import SEARCH_RESERVE_COST
from gluteal.simulate.adapt.footsteps import measure_walk, say_walk_changes
from gluteal.simulate.adapt.ground import judge_ground
from gluteal.simulate.adapt.habit import make_habit
from gluteal.simulate.adapt.legs import CYCLE_QUANTITIES, WalkingLimbs, cycle_quantities
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.record import Adaptation, Habit
from gluteal.simulate.criteria import find_criterion
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.endurance import settle_fatigue
from gluteal.vocabulary import Side, side_of

_log = logging.getLogger(__name__)
#: The start that every search of a walk has.
USUAL_WALK = "usual walk"
#: What an adapted walk does not say, beside what no adaptation says.
WALK_LIMITS = (
    "The feet keep their paths, but for the step width, and touch the ground when they did; pace and stride are the "
    "same. Pelvis and trunk deviate by a mean and two harmonics of the stride."
)
#: Rooms whose text makes an adapted walk.
_ROOMS = (
    *("engines", "kernels", "mechanics", "movements", "nerves", "sharing", "simulate/adapt", "simulate/criteria.py"),
    *("simulate/dynamometer.py", "files", "schema.py", "vocabulary.py"),
)


@dataclass(frozen=True, eq=False)
class Walking:
    """Everything about a walk that no condition changes, computed once for many conditions.

    `mechanics` of the usual walk, `baseline` its undisturbed sharing, `effort` and `offset` (g0) of the outer problem
    without a condition, `reference` curves of one cycle without its last frame, which is the first again; `carried`
    what is carried under every condition and not in the usual walk.
    """

    body: Body
    mechanics: Mechanics
    baseline: Solution
    limbs: WalkingLimbs
    reference: tuple[np.ndarray, np.ndarray, np.ndarray]
    effort: CycleEffort
    offset: np.ndarray
    period: float
    carried: tuple[HungMass, ...] = ()

    def carrying(self, carried: Mapping[str, float]) -> Walking:
        """Return the same walk with loads by place, kg; raises UnknownName, InputError.

        What was measured of the walk grows with the mass, as in `gluteal.movements.tasks.carry_on_feet`.
        """
        hung = hang_masses(self.body, carried)
        loaded = burden(self.body, hung)
        balance = replace(self.effort.balance, measured=measured_walk(loaded, self.mechanics.movement))
        return replace(self, carried=hung, effort=replace(self.effort, balance=balance, carrier=loaded))

    @property
    def criterion(self) -> Criterion:
        """What load sharing makes least."""
        return self.baseline.problem.criterion

    @cached_property
    def usual(self) -> Mapping[str, np.ndarray]:
        """Curves (T,) of every quantity of the usual walk, deg and mm."""
        return measure_walk(self.limbs, self.reference[0])

    def search(
        self, condition: Condition, habit: float, free: np.ndarray, held: np.ndarray | None = None
    ) -> CycleSearch:
        """Return the outer problem under a condition; `free` (9,) bool, `held` (n,) coefficients of the others."""
        problem = build_sharing(
            self.mechanics, condition=condition, criterion=self.criterion, undisturbed=self.baseline
        )
        effort = self.effort.under(problem)
        return CycleSearch(self.limbs, self.reference, effort, self.offset, habit, free, self.period, held)

    def walk_at(self, q: np.ndarray, v: np.ndarray, a: np.ndarray) -> Movement:
        """Return the walk with other curves (T, Q), carried by its feet anew."""
        movement = self.mechanics.movement
        order = list(self.body.coordinate_names)
        whole = movement.coordinates.sel(coordinate=order)
        again = q[0] + whole.values[-1] - whole.values[0]
        curves = [np.concatenate([q, again[None]]), *(np.concatenate([x, x[:1]]) for x in (v, a))]
        moved = [whole.copy(data=curve) for curve in curves]
        changed = replace(movement, coordinates=moved[0], speed=moved[1], acceleration=moved[2])
        laden = carry_along(self.body, changed, self.carried)
        return carry_on_feet(self.body, laden, carried=sum(h.mass for h in self.carried))

    def solve_at(self, movement: Movement, condition: Condition) -> Solution:
        """Share the load of another walk under a condition, with the product's own price of reserves."""
        return solve_sharing(
            compute_mechanics(self.body, movement),
            condition=condition,
            criterion=self.criterion,
            undisturbed=self.baseline,
        )


def can_adapt_walk(movement: Movement) -> bool:
    """Say whether a movement is one cycle of a built-in walk that its feet carry."""
    own = {load.name for load in movement.loads} == set(FOOT_LOADS)
    return own and movement.name in list_walkers() and bool(movement.settings.get("cyclic"))


def walk_usually(
    body: Body,
    movement: Movement,
    *,
    toward: Side = "r",
    criterion: Criterion | str | Path | None = None,
    exponent: float | None = None,
) -> Walking:
    """Prepare a walk for adapting: its undisturbed sharing and slope.

    Parameters
    ----------
    toward : "r" or "l"
        The side that signs count from.

    Raises
    ------
    InputError
        Where the movement is no cycle of a built-in walk on the embedded body.
    NotJudged
        Where the undisturbed walk is no ground to judge from.
    """
    if not can_adapt_walk(movement):
        raise InputError(
            f"{movement.name!r} is not one cycle of a built-in walk that nothing but the feet carries; give one of "
            f"{', '.join(list_walkers())}."
        )
    mechanics = compute_mechanics(body, movement)
    chosen = find_criterion(criterion, exponent)
    baseline = judge_ground(mechanics, chosen)
    frames = len(movement.time) - 1
    cycle = free_feet(movement).take(slice(frames))
    curves = (cycle.coordinates, cycle.speed, cycle.acceleration)
    q, v, a = (in_order(curve, body.coordinate_names) for curve in curves)
    geometry = measure_motions(body, q, v, a, cycle.supports, muscles=False)
    balance = balance_feet(body, cycle, measured_walk(body, movement), geometry)
    problem = build_sharing(mechanics, criterion=chosen)
    effort = CycleEffort(problem, cycle.supports, balance, SEARCH_RESERVE_COST)
    limbs = WalkingLimbs(body, q, toward)
    period = float(movement.settings["period_s"])
    every = np.ones(len(CYCLE_QUANTITIES), bool)
    bare = CycleSearch(limbs, (q, v, a), effort, np.zeros(1), 0.0, every, period)
    bare.offset = np.zeros(len(bare.columns))
    offset = bare.measure(np.zeros(len(bare.columns)))[1]
    return Walking(body, mechanics, baseline, limbs, (q, v, a), effort, offset, period)


def adapt_walk(
    body: Body,
    movement: Movement,
    *,
    condition: Condition | None = None,
    free: Sequence[str] | None = None,
    demand: Mapping[str, float] | None = None,
    habit: float | None = None,
    criterion: Criterion | str | Path | None = None,
    exponent: float | None = None,
    carry: Mapping[str, float] | None = None,
    band: bool = True,
) -> Adaptation:
    """Let a walk change to the one that costs least under a condition, over the same footsteps.

    `gluteal.adapt` does this for a walk; parameters and errors as there.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> found = gluteal.adapt(body, gluteal.load_task("walk", body), band=False)
    >>> found.verdict, abs(found.change["value"]).max().item()
    ('unchanged', 0.0)
    """
    begin = clock.process_time()
    settled = settle_strength_loss(condition or Condition(), body)
    affected = settled.affected(body)
    chosen = make_habit(habit)
    asked = {posture_quantity(name).name: change for name, change in (demand or {}).items()}
    moving = np.ones(len(CYCLE_QUANTITIES), bool) if free is None else cycle_quantities(free)
    moving &= ~cycle_quantities(list(asked))
    toward: Side = "l" if affected and all(side_of(name) == "l" for name in affected) else "r"
    walking = walk_usually(body, movement, toward=toward, criterion=criterion, exponent=exponent)
    settled = settle_fatigue(settled, walking.mechanics, walking.criterion)
    if carry:
        walking = walking.carrying(carry)
    outer = walking.search(settled, chosen.weight, moving)
    outer.held = outer.hold(asked)
    found = _find(walking, outer, settled, chosen, band)
    q, v, a, _ = outer.move_by(found["u"][0])
    walked = walking.walk_at(q, v, a)
    if asked or carry:
        fixed_changed = walking.solve_at(walking.walk_at(*outer.move_by(outer.held)[:3]), settled)
    else:
        fixed_changed = solve_sharing(
            walking.mechanics, condition=settled, criterion=walking.criterion, undisturbed=walking.baseline
        )
    adapted = Outcome(walking.baseline, walking.solve_at(walked, settled))
    others = [outer.move_by(u)[0] for u in found["u"][1:]]
    evaluations = int(found["evaluations"])
    seconds = float(found["seconds"]) + clock.process_time() - begin
    _log.info("%s adapted in %d cycles, %.1f s", movement.name, evaluations, seconds)
    return Adaptation(
        fixed=Outcome(walking.baseline, fixed_changed),
        adapted=adapted,
        free=tuple(name for name, may in zip(CYCLE_QUANTITIES, moving, strict=True) if may),
        changes=say_walk_changes(walking.limbs, walking.effort.balance, walking.reference[0], q, others),
        cost=(float(found["costs"][0]), float(found["costs"][1])),
        habit=chosen,
        margin_mm=(float("nan"), float("nan")),
        certificate=AdaptationCertificate(
            inner=max(s.certificate() for s in (walking.baseline, fixed_changed, adapted.changed)),
            outer=float(found["outer"]),
            gradient=float(found["gradient"]),
            converged=bool(found["converged"]),
            evaluations=evaluations,
        ),
        basins=(Basin((USUAL_WALK,), float(found["costs"][1]), 0.0),),
        seconds=seconds,
        toward=toward,
        demanded=tuple(asked),
        carried=dict(carry or {}),
        alteration=say_carried(carry or {}),
        notes=_list_notes(chosen, walked, bool(found["converged"])),
    )


def _find(
    walking: Walking, outer: CycleSearch, condition: Condition, habit: Habit, band: bool
) -> Mapping[str, np.ndarray]:
    """Search with `outer`, or take what was kept.

    Coefficients ``u`` (weights, n), the chosen weight's first, and how it went.
    """

    def search() -> Mapping[str, np.ndarray]:
        begin = clock.process_time()
        start = outer.held if outer.held is not None else np.zeros(len(outer.columns))
        fixed_cost = outer.measure(start)[0]
        best = outer.solve(start)
        ends = [best.u]
        for weight in habit.band if band else ():
            other = walking.search(condition, weight, outer.free, outer.held)
            other.evaluations = outer.evaluations
            ends.append(other.solve(best.u, best.shared).u)
            outer.evaluations = other.evaluations
        evaluations = outer.evaluations
        gradient = outer.check_gradient(best.u) if outer.free.any() else 0.0
        return {
            "u": np.array(ends),
            "costs": np.array([fixed_cost, best.cost]),
            "outer": np.array(best.outer),
            "gradient": np.array(gradient),
            "converged": np.array(best.converged),
            "evaluations": np.array(evaluations),
            "seconds": np.array(clock.process_time() - begin),
        }

    body = walking.body
    if body.engine != "mujoco" or body is not load_body(body.name):
        return search()  # a body of the user's own
    weights = f"{habit.weight!r} {habit.band!r} {outer.free.tolist()} {band}"
    settings = f"{body.name} {condition!r} {walking.criterion!r} {weights} {walking.carried!r}"
    parts = movement_parts(walking.mechanics.movement, list(body.coordinate_names))
    parts = [*parts, b"" if outer.held is None else outer.held.tobytes()]
    key = make_key([b"adapted walk", embedded_body_key(), settings.encode(), *parts], rooms=_ROOMS)
    return remember(key, search)


def _list_notes(habit: Habit, walked: Movement, converged: bool) -> tuple[str, ...]:
    """Return what to know about an answer."""
    left = walked.settings["largest_pelvis_residual"]
    notes = [
        f"The weight of habit, {habit.weight:g}, is {habit.source}; it was found in standing, not in walking.",
        WALK_LIMITS,
        f"The ground carries the adapted walk to within {left['force_n']:.2g} N and {left['moment_nm']:.2g} N·m.",
    ]
    if not converged:
        notes.append("The search stopped before it stood still; the certificate says how far off it is.")
    return tuple(notes)

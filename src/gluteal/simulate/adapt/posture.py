"""Adapt a posture (or a walk): what costs least under a condition when the person need not move as before."""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr

from gluteal.engines import compute_mechanics
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics, alter_mechanics
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.problem import build_sharing
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.simulate.adapt.carried import HungMass, burden, carry_along, hang_masses, own_masses, say_carried
from gluteal.simulate.adapt.certificate import AdaptationCertificate, Basin
from gluteal.simulate.adapt.cycle import adapt_walk, can_adapt_walk
from gluteal.simulate.adapt.effort import PostureEffort
from gluteal.simulate.adapt.ground import judge_ground
from gluteal.simulate.adapt.habit import make_habit
from gluteal.simulate.adapt.margin import measure_margin, shrink_supports
from gluteal.simulate.adapt.quantities import count_deviations
from gluteal.simulate.adapt.record import Adaptation, Habit, QuantityChange
from gluteal.simulate.adapt.search import FoundPosture, PostureSearch, list_starts
from gluteal.simulate.adapt.shorten import passive_hip_moment, say_shorter, shorten_muscles
from gluteal.simulate.adapt.stance import PostureStance, find_stance, list_quantities, say_posture
from gluteal.simulate.criteria import find_criterion
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.endurance import settle_fatigue
from gluteal.simulate.passive_tissue import add_passive_tissue, list_passive_elements

_log = logging.getLogger(__name__)
#: Share of the way from the middle of a foot's points to their edge that the centre of pressure may use: own choice.
MARGIN = 0.7
#: Ends of the search that are nearer than this to each other are the same, deviations of the habit.
SAME_BASIN = 0.05
#: A gradient that is further off its central difference than this lies at a kink of the cost.
ROUGH = 1e-4
#: The start that every search has.
USUAL = "usual posture"


@dataclass(frozen=True, eq=False)
class Standing:
    """Everything about a posture that no condition changes, computed once for many conditions.

    `mechanics` of the usual posture, `baseline` its undisturbed sharing, `effort` and `offset` (g0) of the outer
    problem without a condition. `muscles` is another table of muscles that the person has under every condition, `hung`
    what the usual posture carries already, `carried` what is carried besides under every condition.
    """

    stance: PostureStance
    mechanics: Mechanics
    baseline: Solution
    effort: PostureEffort
    offset: np.ndarray
    passive: tuple[str, ...]
    muscles: xr.Dataset | None = None
    hung: tuple[HungMass, ...] = ()
    carried: tuple[HungMass, ...] = ()

    def carrying(self, carried: Mapping[str, float]) -> Standing:
        """Return the same with loads by place, kg; raises UnknownName, InputError."""
        body = self.stance.body
        more = hang_masses(body, carried)
        return replace(self, carried=more, effort=replace(self.effort, carrier=burden(body, (*self.hung, *more))))

    @property
    def criterion(self) -> Criterion:
        """What load sharing makes least."""
        return self.baseline.problem.criterion

    @cached_property
    def usual(self) -> dict[str, float]:
        """Quantities of the usual posture by name, deg and mm."""
        return say_posture(self.stance, self.stance.posture)

    def search(
        self, condition: Condition, habit: float, free: np.ndarray, demanded: np.ndarray | None = None
    ) -> PostureSearch:
        """Return the outer problem under a condition; `free` (n,) bool, `demanded` (n,) in deviations."""
        problem = build_sharing(
            self._own(self.mechanics), condition=condition, criterion=self.criterion, undisturbed=self.baseline
        )
        held = np.zeros(len(free)) if demanded is None else demanded
        return PostureSearch(self.stance, self.effort.under(problem), self.offset, habit, free, held)

    def _own(self, mechanics: Mechanics) -> Mechanics:
        return mechanics if self.muscles is None else alter_mechanics(mechanics, muscles=self.muscles)

    def mechanics_at(self, posture: np.ndarray) -> Mechanics:
        """Return the mechanics of another posture (Q,), with labels."""
        movement = self.mechanics.movement
        order = list(self.stance.body.coordinate_names)
        moved = movement.coordinates.sel(coordinate=order).copy(data=posture[None])
        posed = carry_along(self.stance.body, replace(movement, coordinates=moved), (*self.hung, *self.carried))
        found = self._own(compute_mechanics(self.stance.body, posed))
        return add_passive_tissue(found, *self.passive) if self.passive else found

    def solve_at(self, posture: np.ndarray, condition: Condition) -> Solution:
        """Share the load of another posture (Q,) under a condition, with the product's own price of reserves."""
        return solve_sharing(
            self.mechanics_at(posture), condition=condition, criterion=self.criterion, undisturbed=self.baseline
        )


def stand(
    body: Body,
    movement: Movement,
    *,
    criterion: Criterion | str | Path | None = None,
    exponent: float | None = None,
    passive: Sequence[str] = (),
    margin: float = MARGIN,
) -> Standing:
    """Prepare a posture for adapting: its undisturbed sharing and slope.

    Raises
    ------
    InputError
        Where the movement is not one posture on one or both feet, or `margin` is not within (0, 1].
    NotJudged
        Where the undisturbed posture is no ground to judge from.
    """
    if not 0.0 < margin <= 1.0:
        raise InputError(f"The margin is {margin:g}; give a share above 0 and up to 1 (1: to the edge of the foot).")
    stance = find_stance(body, movement)
    hung = own_masses(body, movement)
    mechanics = compute_mechanics(body, movement)
    if passive:
        mechanics = add_passive_tissue(mechanics, *passive)
    chosen = find_criterion(criterion, exponent)
    baseline = judge_ground(mechanics, chosen)
    supports = shrink_supports(body, stance.posture, movement.supports, margin)
    elements = list_passive_elements(body, passive) if passive else ()
    carrier = burden(body, hung) if hung else None
    effort = PostureEffort(build_sharing(mechanics, criterion=chosen), supports, elements, carrier)
    posture, slopes = stance.find(stance.start)
    offset = (effort.slope(effort.share(posture)) @ slopes) * stance.sigma
    return Standing(stance, mechanics, baseline, effort, offset, tuple(passive), hung=hung)


def adapt(
    body: Body,
    movement: Movement,
    *,
    condition: Condition | None = None,
    free: Sequence[str] | None = None,
    demand: Mapping[str, float] | None = None,
    habit: float | None = None,
    margin: float = MARGIN,
    criterion: Criterion | str | Path | None = None,
    exponent: float | None = None,
    passive: Sequence[str] = (),
    shorten: Mapping[str, float] | None = None,
    carry: Mapping[str, float] | None = None,
    band: bool = True,
) -> Adaptation:
    """Let a posture, or a walk, change to the one that costs least under a condition.

    Parameters
    ----------
    movement : Movement
        One posture on one or both feet; or a built-in walk, to which `margin`, `passive` and `shorten` do not apply
        (docs/adapt-walk.md).
    condition : Condition or None
        None changes nothing, and nothing moves (but for what is demanded).
    free : sequence of str or None
        Quantities that may move, by name (docs/adapt.md); None: all that the posture has.
    demand : mapping of quantity -> deg or mm, or None
        Changes that are asked for, while the rest is free: ``{"pelvic_list": -5.0}`` drops the free side. In a walk
        they last the whole stride: ``{"step_width": 80.0}``.
    habit : float or None
        What one squared deviation from the usual posture costs; None: the fitted weight.
    margin : float
        Share of the way from the middle of a foot to its edge that the centre of pressure may use.
    criterion, exponent, passive
        As `gluteal.simulate`.
    shorten : mapping of muscle or group -> share, or None
        Fibres that the person has shorter than the body, to this share of their length: ``{"iliopsoas": 0.9}``.
    carry : mapping of place -> kg, or None
        What is carried under the condition and not before: ``{"left-hand": 10.0}``; also ``right-hand``,
        ``both-hands`` and ``back``. Held or adapted, the posture or walk carries it.
    band : bool
        Whether changes are told over the band of the habit's weight, too.

    Raises
    ------
    InputError, UnknownName
        For a movement that is no such posture, a quantity that is none of its own, a weight or margin out of range, a
        condition that cannot be met.
    NotJudged
        Where the undisturbed posture is no ground to judge from.
    Unsolved
        Where a load sharing is not solved.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.load_task("single-leg-stance", body)
    >>> block = gluteal.Condition.block("superior gluteal", loss=0.9, side="r")
    >>> found = gluteal.adapt(body, stance, condition=block, band=False)
    >>> found.fixed.verdict, found.verdict
    ('impossible', 'compensated')
    >>> found.change.set_index("quantity")["value"]["trunk_lean"].round(0).item()
    9.0
    """
    if can_adapt_walk(movement):
        _refuse_of_walks(margin=margin != MARGIN, passive=passive, shorten=shorten)
        return adapt_walk(
            body,
            movement,
            condition=condition,
            free=free,
            demand=demand,
            habit=habit,
            criterion=criterion,
            exponent=exponent,
            carry=carry,
            band=band,
        )
    begin = clock.process_time()
    settled = settle_strength_loss(condition or Condition(), body)
    settled.affected(body)
    chosen = make_habit(habit)
    standing = stand(body, movement, criterion=criterion, exponent=exponent, passive=passive, margin=margin)
    if shorten:
        standing = replace(standing, muscles=shorten_muscles(body, shorten))
    if carry:
        standing = standing.carrying(carry)
    settled = settle_fatigue(settled, standing.mechanics, standing.criterion)
    stance = standing.stance
    asked = {list_quantities([name], stance)[0]: value for name, value in (demand or {}).items()}
    names = stance.quantities if free is None else list_quantities(free, stance)
    moving = np.array([name in names and name not in asked for name in stance.quantities])
    held = np.array([count_deviations(name, asked.get(name, 0.0)) for name in stance.quantities])
    search = standing.search(settled, chosen.weight, moving, held)
    start = np.where(moving, 0.0, held)
    fixed_cost, _, fixed_shared = search.measure(start)
    ends = {USUAL: search.solve(start)}
    for name, u in list_starts(stance, start).items():
        with suppress(InputError):  # two standing feet may not reach a start
            ends[name] = search.solve(u)
    best = min(ends.values(), key=lambda found: found.cost)
    others = []
    if band:
        for weight in chosen.band:
            other = standing.search(settled, weight, moving, held)
            others.append(say_posture(stance, other.solve(best.u, best.shared).shared.posture))
    fixed_changed = standing.solve_at(fixed_shared.posture, settled)
    fixed = Outcome(standing.baseline, fixed_changed)
    adapted = Outcome(standing.baseline, standing.solve_at(best.shared.posture, settled))
    evaluations = search.evaluations
    certificate = AdaptationCertificate(
        inner=max(s.certificate() for s in (standing.baseline, fixed_changed, adapted.changed)),
        outer=best.outer,
        gradient=search.check_gradient(best.u) if moving.any() else 0.0,
        converged=best.converged,
        evaluations=evaluations,
    )
    seconds = clock.process_time() - begin
    _log.info("%s adapted in %d postures, %.2f s", movement.name, evaluations, seconds)
    return Adaptation(
        fixed=fixed,
        adapted=adapted,
        free=tuple(name for name, may in zip(stance.quantities, moving, strict=True) if may),
        changes=_list_changes(standing, best, others),
        cost=(fixed_cost, best.cost),
        habit=chosen,
        margin_mm=(measure_margin(fixed_changed), measure_margin(adapted.changed)),
        certificate=certificate,
        basins=_list_basins(ends, best),
        seconds=seconds,
        toward=stance.toward,
        demanded=tuple(asked),
        carried=dict(carry or {}),
        alteration=" and ".join(filter(None, (say_shorter(shorten or {}), say_carried(carry or {})))),
        notes=_list_notes(standing, chosen, best, certificate.gradient),
    )


def _refuse_of_walks(**given: object) -> None:
    """Refuse what a walk does not answer to."""
    for name, value in given.items():
        if value:
            raise InputError(f"{name} is for postures; a walk adapts without it. Leave it out.")


def _list_changes(
    standing: Standing, best: FoundPosture, others: Sequence[Mapping[str, float]]
) -> tuple[QuantityChange, ...]:
    after = say_posture(standing.stance, best.shared.posture)
    changes = []
    for name, before in standing.usual.items():
        values = [after[name] - before, *(other[name] - before for other in others)]
        low, high = (min(values), max(values)) if others else (None, None)
        changes.append(QuantityChange(name, before, after[name], low, high))
    return tuple(changes)


def _list_basins(ends: Mapping[str, FoundPosture], best: FoundPosture) -> tuple[Basin, ...]:
    """Return the ends of the search, those near each other as one, the best first."""
    groups: list[tuple[FoundPosture, list[str]]] = []
    for name, found in sorted(ends.items(), key=lambda item: item[1].cost):
        for first, names in groups:
            if float(np.abs(found.u - first.u).max()) < SAME_BASIN:
                names.append(name)
                break
        else:
            groups.append((found, [name]))
    return tuple(Basin(tuple(n), f.cost, float(np.linalg.norm(f.u - best.u))) for f, n in groups)


def _list_notes(standing: Standing, habit: Habit, best: FoundPosture, gradient: float) -> tuple[str, ...]:
    """Return what to know about an answer."""
    notes = [f"The weight of habit, {habit.weight:g}, is {habit.source}."]
    if standing.muscles is not None:
        own, short = (
            [passive_hip_moment(standing.stance.body, angle, muscles=table) for angle in (0.0, -10.0)]
            for table in (None, standing.muscles)
        )
        notes.append(
            f"Stretched muscles alone flex the hip with {short[0]:.1f} N·m when standing straight and {short[1]:.1f} "
            f"N·m at 10 degrees of extension; those of the body as it is with {own[0]:.1f} and {own[1]:.1f} N·m."
        )
    if not standing.passive:
        notes.append(
            "Nothing but muscles holds the pelvis up in this body; with --passive iliotibial-band and --passive "
            "hip-capsule it can also hang on its passive tissue, with the free side dropped."
        )
    low, high = standing.stance.ranges
    at = [
        name
        for name, value, least, most in zip(
            standing.stance.body.coordinate_names, best.shared.posture, low, high, strict=True
        )
        if (value < least + 1e-3 and not name.startswith("knee_angle")) or value > most - 1e-3
    ]
    if at:
        notes.append(f"At the end of its range: {', '.join(at)}.")
    if len(standing.stance.standing) > 1 and gradient > ROUGH:
        notes.append(
            "A straight second leg hardly follows the first: near it the cost has a kink, and the posture is found to "
            "a few tenths of a degree only."
        )
    if not best.converged:
        notes.append("The search stopped before it stood still; the certificate says how far off it is.")
    return tuple(notes)

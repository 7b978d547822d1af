"""How long a posture is held, or a movement repeated: muscles tire, and the load is shared anew all along.

In: mechanics, a condition, the rates of `gluteal.nerves.fatigue`. Out: when it fails and at which coordinate, who gives
way and who takes over, and the state after so long as a condition.

Every `STEP` the load is shared exactly between what the fatigued share of each muscle leaves (a <= 1 - MF), and what is
active tires. Failure is the first time at which something is missing that makes a movement impossible
(`gluteal.outcome.verdict`), found within the step by halving. *When* it fails hardly depends on what load sharing makes
least, as everybody works at the limit then; *who* takes over does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gluteal.engines import compute_mechanics
from gluteal.errors import InputError, NotJudged, Unsolved
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.nerves.fatigue import Tiring, tiring_of
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term
from gluteal.nerves.tiring import Fatigue, Tired
from gluteal.outcome.compare import compute_net_moment
from gluteal.outcome.gate import collect_causes
from gluteal.outcome.record import Outcome
from gluteal.outcome.verdict import limit_missing
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.problem import SharingProblem
from gluteal.sharing.solution import Solution, share_bare, solve_problem
from gluteal.sharing.sweep import solve_pairs
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.words import coordinate_words

#: Time between two load sharings of a hold, s: own choice; half of it changes endurance by less than 1 %.
STEP = 2.0
#: How long is tried, s: own choice; who holds for an hour is not limited by what this model knows.
LONGEST = 3600.0
#: How often the step of failure is halved: own choice, to a thousandth of it.
HALVINGS = 10
#: When and where a hold fails, with names in braces as in `gluteal.outcome.sentences`.
HOLD_SENTENCES = {
    "held": "{title} held",
    "repeated": "{title} repeated",
    "for ever": "{what}: no muscle of this model gives out within {minutes} minutes.",
    "fails": (
        "{what}: after {seconds} s{often} the tired muscles no longer supply what {where} needs, exactly this way."
    ),
    "often": " ({number} repetitions)",
}


@dataclass(frozen=True, eq=False)
class Hold:
    """A posture held, or a movement repeated, until it fails.

    Attributes
    ----------
    seconds : float
        When it fails, s; infinite where not within `LONGEST` (or the time that was asked for).
    coordinate : str or None
        What is missing then.
    period : float
        What one repetition of a movement takes, s; 0 for a posture.
    time : (N,) s
    activation, fatigued : (N, muscle) 1
        Mean activation over the movement, and the fatigued share, at each time; the last row is at failure.
    """

    mechanics: Mechanics
    condition: Condition
    seconds: float
    coordinate: str | None
    period: float
    time: np.ndarray
    activation: np.ndarray
    fatigued: np.ndarray

    @property
    def repetitions(self) -> float | None:
        """How many repetitions of a movement that is; None for a posture."""
        return self.seconds / self.period if self.period else None

    @property
    def groups(self) -> pd.DataFrame:
        """Mean activation of every group by side, fresh and in the end, most change first.

        Columns name, side, fresh, tired, change, fatigued (the share that is fatigued in the end), 1.
        """
        body = self.mechanics.body
        force = body.muscles["max_isometric_force"].values
        rows = []
        for group in body.sided_groups:
            at = list(group.rows)
            share = force[at] / max(force[at].sum(), 1e-12)
            fresh, tired = (float(share @ self.activation[k, at]) for k in (0, -1))
            rows.append(
                {
                    "name": group.group,
                    "side": group.side,
                    "fresh": fresh,
                    "tired": tired,
                    "change": tired - fresh,
                    "fatigued": float(share @ self.fatigued[-1, at]),
                }
            )
        return pd.DataFrame(rows).sort_values("change", key=abs, ascending=False, ignore_index=True)

    @property
    def sentence(self) -> str:
        """When and where it fails, in plain language."""
        say = {name: text.format for name, text in HOLD_SENTENCES.items()}
        what = say["repeated" if self.period else "held"](title=self.mechanics.movement.title)
        if not np.isfinite(self.seconds):
            return say["for ever"](what=what, minutes=f"{LONGEST / 60:g}")
        often = say["often"](number=f"{self.repetitions:.0f}") if self.repetitions is not None else ""
        assert self.coordinate is not None
        where = coordinate_words(self.coordinate)
        return say["fails"](what=what, seconds=f"{self.seconds:.0f}", often=often, where=where)

    def to_json(self) -> dict[str, Any]:
        """Return when and where it fails by its published names; null is "not within an hour"."""
        return {
            "seconds": self.seconds if np.isfinite(self.seconds) else None,
            "coordinate": self.coordinate,
            "repetitions": None if not np.isfinite(self.seconds) else self.repetitions,
        }


def compute_endurance(
    body: Body,
    movement: Movement,
    *,
    condition: Condition | None = None,
    criterion: Criterion | None = None,
    mechanics: Mechanics | None = None,
    rested: Hold | None = None,
    rest: float = 0.0,
    step: float = STEP,
    until: float = LONGEST,
) -> Hold:
    """Hold a posture, or repeat a movement, until the muscles give out.

    Parameters
    ----------
    condition : Condition or None
        Under what; ``fatigue`` among its terms is how tired the muscles begin.
    rested, rest : Hold and float
        What was done before, and how long a rest (s) lies between.
    step : float
        s between two load sharings; of a movement, whole repetitions of at least that.
    until : float
        How long is tried, s.

    Raises
    ------
    NotJudged
        Where the fresh, undisturbed movement cannot be judged, or cannot be done under the condition.
    Unsolved, InputError
        As `gluteal.simulate`.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> bridge = gluteal.load_task("bridge", body)
    >>> 300 < gluteal.compute_endurance(body, bridge).seconds < 3600
    True
    """
    mechanics = mechanics or compute_mechanics(body, movement)
    condition = settle_strength_loss(condition or Condition(), mechanics.body)
    fatigued = None
    if rested is not None:
        fatigued = tiring_of(mechanics.body.muscle_names).rested(rested.fatigued[-1], rest)
    return _hold(mechanics, condition, criterion, until=until, step=step, fatigued=fatigued)


def hold_until_failure(outcome: Outcome, condition: Condition, criterion: Criterion | None) -> Hold | None:
    """Hold what was simulated under `condition`, begun fresh; None where the condition has no ``fatigue``."""
    others = Condition(tuple(t for t in condition.effects if not isinstance(t, Fatigue)))
    if len(others.effects) == len(condition.effects) or outcome.cause is not None:
        return None
    mechanics = outcome.mechanics
    return compute_endurance(
        mechanics.body, mechanics.movement, condition=others, criterion=criterion, mechanics=mechanics
    )


def settle_fatigue(condition: Condition, mechanics: Mechanics, criterion: Criterion | None = None) -> Condition:
    """Turn every ``fatigue`` into the state after that much of the movement, under the other terms.

    Of many people (a first dimension ``person``) each has the own state.

    Raises
    ------
    InputError
        Where a hold is asked of a movement, or repetitions of a posture.
    """
    asked = [t for t in condition.effects if isinstance(t, Fatigue)]
    if not asked:
        return condition
    others = Condition(tuple(t for t in condition.effects if not isinstance(t, Fatigue)))

    def settled(term: Term) -> Term:
        if not isinstance(term, Fatigue):
            return term
        until = _seconds_of(term, mechanics)
        after = _Course(mechanics, others, criterion, STEP).go(until)
        return Tired(term.target, term.value, term.side, ceiling=1.0 - after[..., None, :])

    return Condition(tuple(settled(t) for t in condition.effects))


def solve_settled(
    mechanics: Mechanics, conditions: Sequence[Condition], *, criterion: Criterion | None = None
) -> list[tuple[Solution, Solution]]:
    """Do `gluteal.sharing.sweep.solve_pairs` with every ``fatigue`` settled on the movement first."""
    return solve_pairs(mechanics, [settle_fatigue(c, mechanics, criterion) for c in conditions], criterion=criterion)


def _seconds_of(term: Fatigue, mechanics: Mechanics) -> float:
    movement, time = mechanics.movement, mechanics.time
    moves = len(time) > 1
    if moves == (term.target == "hold"):
        right = "a motion: give cycles=N" if moves else "a posture held still: give hold=SECONDS"
        raise InputError(
            f"{term.describe()}: {movement.name!r} is {right}, such as {'cycles=50' if moves else 'hold=60'}."
        )
    return term.value * (float(time[-1] - time[0]) if moves else 1.0)


class _Course:
    """Load sharing on tiring muscles, from one state to the next."""

    def __init__(
        self, mechanics: Mechanics, condition: Condition, criterion: Criterion | None, step: float, scale: float = 1.0
    ) -> None:
        fresh, self.begin = solve_settled(mechanics, [condition], criterion=criterion)[0]
        self.fresh, self.problem = fresh, self.begin.problem
        self.tiring: Tiring = tiring_of(mechanics.body.muscle_names).scaled(scale)
        time = mechanics.time
        self.period = float(time[-1] - time[0])
        self.step = step if not self.period else self.period * max(1.0, np.ceil(step / self.period))
        # The last frame of a cycle is its first one again.
        self.frames = slice(0, -1) if mechanics.movement.settings.get("cyclic") else slice(None)
        self.multiplier: np.ndarray | None = None

    def share(self, fatigued: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the activations (..., time, muscle) and what is missing at least (..., time, Q), N m or N.

        Raises Unsolved where a frame is not solved.
        """
        problem = _tire_problem(self.problem, fatigued)
        found = share_bare(problem, start=self.multiplier)
        if not found.converged.all():
            solve_problem(problem)  # raises, and says where
            raise Unsolved("The load sharing of tired muscles was not solved from where it was before.")
        lead = problem.A.shape[:-2]
        self.multiplier = found.multiplier.reshape(*lead, -1)
        return found.activation.reshape(*lead, -1), np.abs(found.least.reshape(*lead, -1) / problem.scale)

    def go(self, until: float) -> np.ndarray:
        """Return the fatigued share after so long, (..., muscle), whether it fails or not."""
        lead = self.problem.A.shape[:-3]
        fatigued = np.zeros((*lead, self.problem.A.shape[-1]))
        passed = 0.0
        while passed < until:
            dt = min(self.step, until - passed)
            activation, _ = self.share(fatigued)
            fatigued = self.tiring.step(fatigued, activation[..., self.frames, :], dt)
            passed += dt
        return fatigued


def _tire_problem(problem: SharingProblem, fatigued: np.ndarray) -> SharingProblem:
    """Return the problem with the ceilings that the fatigued share leaves; what is asked for gives way."""
    share = problem.share
    ceiling = np.minimum(share.ceiling, 1.0 - fatigued[..., None, :])
    return replace(problem, share=Share(np.minimum(share.floor, ceiling), ceiling, share.capacity, share.price))


def _hold(
    mechanics: Mechanics,
    condition: Condition,
    criterion: Criterion | None,
    *,
    until: float,
    step: float,
    fatigued: np.ndarray | None = None,
    scale: float = 1.0,
) -> Hold:
    """Go on until it fails, at the longest until a time; `scale` is a factor on all rates of tiring."""
    course = _Course(mechanics, condition, criterion, step, scale)
    if causes := collect_causes(course.fresh):
        raise NotJudged(causes[0].sentence, causes[0])
    names = course.problem.coordinates
    demand = np.abs(compute_net_moment(course.fresh)).max(axis=-2)
    demand = demand[[course.fresh.problem.coordinates.index(n) for n in names]]
    limit = limit_missing(mechanics.body, names, demand)
    base = np.abs(course.fresh.dataset["least_reserve"].sel(coordinate=list(names)).values)

    def find_missing(least: np.ndarray) -> str | None:
        over = ((least - base) / limit).max(axis=0)
        return names[int(over.argmax())] if over.max() > 1.0 else None

    state = np.zeros(course.problem.A.shape[-1]) if fatigued is None else fatigued
    time, activations, states = [0.0], [], [state]
    failed = None
    while True:
        activation, least = course.share(state)
        activations.append(activation[course.frames].mean(axis=0))
        failed = find_missing(least)
        if failed or time[-1] >= until:
            break
        time.append(time[-1] + course.step)
        state = course.tiring.step(state, activation[course.frames], course.step)
        states.append(state)
    if failed and len(time) > 1:  # between the last two: activations as at the first of them
        before = states[-2]
        low, high = 0.0, course.step
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            there = course.tiring.step(before, activations[-2][None], middle)
            activation, least = course.share(there)
            missing = find_missing(least)
            low, high = (low, middle) if missing else (middle, high)
            if missing:
                failed, states[-1], activations[-1] = missing, there, activation[course.frames].mean(axis=0)
        time[-1] = time[-2] + high
    return Hold(
        mechanics=mechanics,
        condition=condition,
        seconds=time[-1] if failed else float("inf"),
        coordinate=failed,
        period=course.period,
        time=np.array(time),
        activation=np.array(activations),
        fatigued=np.array(states),
    )

"""Load sharing over time: a muscle can come and go only so fast.

In: a problem as `gluteal.build_sharing` writes it down. Out: its solution, sealed as any other, whose floor and ceiling
are those that `gluteal.nerves.dynamics` leaves after the frame before.

Each frame is solved by itself, forward in time, between what the activations of the frame before can have become: exact
bounds for any step, no matter what the excitation was. Where a frame then lacks what muscles without dynamics could
supply, they must start (or stop) earlier: a backward pass from there says how early at the latest, as floors and
ceilings of the frames before, and the sweep is done again. That is not the least effort over the whole course, which is
one problem of all frames; it comes within a hundredth of it (`tests/sharing/test_sweep.py` solves both).

A movement that is no cycle begins at rest in its first posture: activations of the first frame are free. A cycle is
swept until its end meets its beginning.

Frames of one sweep wait for each other, but sweeps do not: many people, or many delays, go through their frames side by
side, and what all of them ask next is one call of the kernel. Nobody's numbers depend on who else is there.
"""

from __future__ import annotations

import time as clock
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

import numpy as np

from gluteal.kernels.sharing import SharedFrames, SoftRows
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.nerves.dynamics import FALL, RISE, build_up, fade, leave_before, start_before
from gluteal.nerves.share import Share
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.problem import SharingProblem, build_sharing
from gluteal.sharing.soft import stack_soft_rows
from gluteal.sharing.solution import Solution, share_bare, solve_problem, solve_sharing

#: How much more than muscles without dynamics a frame may lack, N m or N, before muscles are made to start earlier: own
#: choice, half of what makes a tolerance meaningless (`gluteal.sharing.tolerance.BASELINE_MOMENT`).
LACKING = 0.05
#: How often muscles are made to start earlier: own choice; movements of the library need at most two.
MOST_PASSES = 5
#: How often a cycle is swept for its end to meet its beginning: own choice; walking needs two.
MOST_LAPS = 4
#: How near a cycle's end comes to its beginning, activation, 1: own choice, a tenth of what counts as determined.
CLOSED = 1e-4

# What a sweep asks next: one frame's problem, and the multipliers (1, Q) to start from, if any.
_Question: TypeAlias = tuple[SharingProblem, np.ndarray | None]
_T = TypeVar("_T")
# A part of a sweep, which asks as it goes and returns something in the end.
_Course: TypeAlias = Generator[_Question, SharedFrames, _T]


def solve_pairs(
    mechanics: Mechanics, conditions: Sequence[Condition], *, criterion: Criterion | None = None
) -> list[tuple[Solution, Solution]]:
    """Share a movement undisturbed and under each condition, in pairs that may be compared.

    Frames are independent, unless a condition has a term that reads the course over time (a delay): then both of its
    pair are swept (`solve_swept`), so that nothing but the condition tells them apart.

    Raises
    ------
    Unsolved, InputError
        As `gluteal.solve_sharing`.
    """
    before: dict[bool, Solution] = {}
    for late in dict.fromkeys(c.needs_undisturbed for c in conditions):
        before[late] = (solve_swept if late else solve_sharing)(mechanics, criterion=criterion)
    problems = [
        build_sharing(mechanics, condition=c, criterion=criterion, undisturbed=before[c.needs_undisturbed])
        for c in conditions
    ]
    swept = iter(sweep_problems([p for p, c in zip(problems, conditions, strict=True) if c.needs_undisturbed]))
    return [
        (before[c.needs_undisturbed], next(swept) if c.needs_undisturbed else solve_problem(problem))
        for problem, c in zip(problems, conditions, strict=True)
    ]


def solve_swept(
    mechanics: Mechanics,
    *,
    condition: Condition | None = None,
    criterion: Criterion | None = None,
    undisturbed: Solution | None = None,
) -> Solution:
    """Share a movement under activation dynamics.

    Parameters
    ----------
    condition, criterion
        As `gluteal.build_sharing`.
    undisturbed : Solution or None
        The same without the condition, swept; solved first where the condition needs it.

    Raises
    ------
    Unsolved, InputError
        As `gluteal.solve_sharing`.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> lift = gluteal.compute_mechanics(body, gluteal.load_task("prone-leg-lift", body))
    >>> swept, free = solve_swept(lift), gluteal.solve_sharing(lift)
    >>> 1.0 <= float(swept.dataset["effort"].mean() / free.dataset["effort"].mean()) < 1.1
    True
    """
    if undisturbed is None and condition is not None and condition.needs_undisturbed:
        undisturbed = solve_swept(mechanics, criterion=criterion)
    problem = build_sharing(mechanics, condition=condition, criterion=criterion, undisturbed=undisturbed)
    return sweep_problem(problem)


def sweep_problem(problem: SharingProblem, *, rise: float = RISE, fall: float = FALL) -> Solution:
    """Solve a problem under activation dynamics; raises Unsolved as `gluteal.sharing.solution.solve_problem`.

    Parameters
    ----------
    rise, fall : float
        Time constants of growing and fading activation, s.
    """
    return sweep_problems([problem], rise=rise, fall=fall)[0]


def sweep_problems(
    problems: Sequence[SharingProblem], *, rise: float = RISE, fall: float = FALL
) -> tuple[Solution, ...]:
    """Do `sweep_problem` with several problems side by side; each has the answer that it has alone."""
    begin = clock.perf_counter()
    free = [solve_problem(problem) for problem in problems]
    moving = [i for i, problem in enumerate(problems) if len(problem.mechanics.time) > 1]
    sweeps = {
        (i, who): _Sweep(_person_of(problems[i], who), free[i], who, rise, fall)
        for i in moving
        for who in np.ndindex(problems[i].A.shape[:-3])
    }
    bounds = dict(zip(sweeps, _run_together([sweep.run() for sweep in sweeps.values()]), strict=True))
    found = list(free)
    for i in moving:
        each = [bound for (which, _), bound in bounds.items() if which == i]
        shape = problems[i].share.floor.shape
        floor, ceiling = (np.reshape(bound, shape) for bound in zip(*each, strict=True))
        found[i] = solve_problem(_bounded(problems[i], floor, ceiling))
    seconds = (clock.perf_counter() - begin) / max(len(problems), 1)
    return tuple(replace(solution, seconds=seconds) for solution in found)


def _run_together(
    sweeps: Sequence[_Course[tuple[np.ndarray, np.ndarray]]],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Let sweeps ask and answer them all at once, until each has its floor and ceiling."""
    done: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    asked = {i: next(sweep) for i, sweep in enumerate(sweeps)}
    while asked:
        answers = dict(zip(asked, _answer(list(asked.values())), strict=True))
        asked = {}
        for i, answer in answers.items():
            try:
                asked[i] = sweeps[i].send(answer)
            except StopIteration as end:
                done[i] = end.value
    return [done[i] for i in range(len(sweeps))]


def _answer(questions: Sequence[_Question]) -> list[SharedFrames]:
    """Solve one frame for each question: those of one shape without soft rows of their own in one call."""
    alike: dict[object, list[int]] = {}
    for i, (problem, start) in enumerate(questions):
        plain = problem.priced is None and start is not None
        key = (problem.A.shape, problem.S.shape, problem.criterion, problem.support_scale) if plain else i
        alike.setdefault(key, []).append(i)
    found: list[SharedFrames | None] = [None] * len(questions)
    for rows in alike.values():
        many, start = _side_by_side([questions[i] for i in rows])
        shared = share_bare(many, start=start)
        for place, i in enumerate(rows):
            found[i] = SharedFrames(*(array[place : place + 1] for array in shared))
    return [frame for frame in found if frame is not None]


def _side_by_side(questions: Sequence[_Question]) -> _Question:
    """Return frames of several sweeps as one problem."""
    (first, start), *others = questions
    if not others:
        return first, start

    def stack(name: str) -> np.ndarray:
        return np.concatenate([getattr(problem, name) for problem, _ in questions])

    many = replace(
        first,
        A=stack("A"),
        S=stack("S"),
        W=stack("W"),
        b=stack("b"),
        weight=stack("weight"),
        # The rest of a share is in A and the weight already.
        share=Share(*(np.concatenate([getattr(p.share, name) for p, _ in questions]) for name in ("floor", "ceiling"))),
    )
    return many, np.concatenate([start for _, start in questions if start is not None])


class _Sweep:
    """The problem of one person, with what its passes share; bounds are (time, muscle)."""

    def __init__(self, problem: SharingProblem, free: Solution, who: tuple[int, ...], rise: float, fall: float) -> None:
        self.problem, self.rise, self.fall = problem, rise, fall
        self.step = np.diff(problem.mechanics.time)
        self.wanted = free.activation.values[who]
        self.least = np.abs(free.dataset["least_reserve"].values[who])
        self.cyclic = bool(problem.mechanics.movement.settings.get("cyclic"))
        self.course = self.wanted.copy()
        self.multiplier = free.dataset["multiplier"].values[who] / problem.scale

    def run(self) -> _Course[tuple[np.ndarray, np.ndarray]]:
        """Return floor and ceiling of every frame; on the way, ask for frames and take what is found."""
        floor, ceiling = (np.array(bound) for bound in (self.problem.share.floor, self.problem.share.ceiling))
        known: set[int] = set()
        for _ in range(MOST_PASSES):
            low, high, lacking = yield from self._lap(floor, ceiling)
            new = set(np.flatnonzero(lacking > LACKING).tolist()) - known
            if not new:
                break
            known |= new
            for frame in sorted(new):
                yield from self._start_earlier(floor, ceiling, frame)
        if known:
            yield from self._relax(low, high)
        return low, high

    def _lap(self, floor: np.ndarray, ceiling: np.ndarray) -> _Course[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Sweep forward, a cycle until it closes; return the bounds and what frames lack beyond need (time,)."""
        before = self.wanted[-1] if self.cyclic else None
        for _ in range(MOST_LAPS):
            low, high, lacking = yield from self._forward(floor, ceiling, before)
            if before is None or np.abs(self.course[-1] - before).max() < CLOSED:
                break
            before = self.course[-1].copy()
        return low, high, lacking

    def _forward(
        self, floor: np.ndarray, ceiling: np.ndarray, before: np.ndarray | None
    ) -> _Course[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Go through the frames once; `before` (muscle,) is what the first may not differ from, if anything."""
        low, high = floor.copy(), ceiling.copy()
        if before is not None:  # the first frame is the last one, seen again
            low[0] = high[0] = np.clip(before, low[0], high[0])
        lacking = np.zeros(len(low))
        for frame in range(len(low)):
            if frame:
                dt = self.step[frame - 1]
                most = build_up(self.course[frame - 1], dt, rise=self.rise)
                least = fade(self.course[frame - 1], dt, fall=self.fall)
                # What is asked for (a floor, a ceiling) gives way to what is possible, and a ceiling to nothing else.
                high[frame] = np.clip(ceiling[frame], least, most)
                low[frame] = np.clip(floor[frame], least, high[frame])
            lacks = yield from self._solve(low, high, frame)
            lacking[frame] = (lacks - self.least[frame]).max()
        return low, high, lacking

    def _solve(self, low: np.ndarray, high: np.ndarray, frame: int) -> _Course[np.ndarray]:
        """Solve one frame between its bounds; keep what muscles do, return what it lacks at least (Q,)."""
        at = slice(frame, frame + 1)
        found = yield _frame_of(self.problem, frame, low[at], high[at]), self.multiplier[at]
        self.multiplier[frame], self.course[frame] = found.multiplier[0], found.activation[0]
        return np.asarray(np.abs(found.least[0] / self.problem.scale))

    def _relax(self, low: np.ndarray, high: np.ndarray) -> _Course[None]:
        """Solve every frame once more, backward, between what both neighbours allow; `low` and `high` in place.

        What muscles did stays possible, so that no frame gets dearer; those that were made to start early without need
        start as late as they can.
        """
        share, last = self.problem.share, len(low) - 1
        for frame in range(last - 1 if self.cyclic else last, 0 if self.cyclic else -1, -1):
            least, most = share.floor[frame], share.ceiling[frame]
            if frame:
                before, dt = self.course[frame - 1], self.step[frame - 1]
                least = np.maximum(least, fade(before, dt, fall=self.fall))
                most = np.minimum(most, build_up(before, dt, rise=self.rise))
            if frame < last:
                after, dt = self.course[frame + 1], self.step[frame]
                least = np.maximum(least, start_before(after, dt, rise=self.rise))
                most = np.minimum(most, leave_before(after, dt, fall=self.fall))
            own = self.course[frame]  # within both, but for rounding, and for what was asked and is not possible
            low[frame], high[frame] = np.minimum(least, own), np.maximum(most, own)
            yield from self._solve(low, high, frame)

    def _start_earlier(self, floor: np.ndarray, ceiling: np.ndarray, frame: int) -> _Course[None]:
        """Make muscles start and stop early enough for what a frame lacks, in place."""
        up = down = yield from self._find_wanted(frame)
        for k in range(frame - 1, -1, -1):
            up = start_before(up, self.step[k], rise=self.rise)
            down = leave_before(down, self.step[k], fall=self.fall)
            floor[k] = np.minimum(np.maximum(floor[k], up), ceiling[k])
            ceiling[k] = np.maximum(np.minimum(ceiling[k], down), floor[k])
            if not up.any() and (down >= 1.0).all():
                break

    def _find_wanted(self, frame: int) -> _Course[np.ndarray]:
        """Return the activations that a frame is worth preparing, (muscle,).

        It is shared as if there were no dynamics, but what a muscle does beyond its reach from the frame before costs
        what it would have to do there in addition, squared: one-sided soft rows.
        """
        if not frame:
            return self.wanted[0]
        problem, dt = self.problem, self.step[frame - 1]
        reach = build_up(self.course[frame - 1], dt, rise=self.rise)
        beyond = np.flatnonzero(self.wanted[frame] > reach)
        at = slice(frame, frame + 1)
        one = _frame_of(problem, frame, problem.share.floor[at], problem.share.ceiling[at])
        price = np.exp(dt / self.rise) * np.sqrt(one.weight[0, beyond])
        rows = SoftRows(
            A=-price[None, :, None] * (beyond[:, None] == np.arange(len(reach))),
            S=np.zeros((1, len(beyond), problem.S.shape[-1])),
            b=-(price * reach[beyond])[None],
            one_sided=np.ones(len(beyond), bool),
        )
        dear = replace(one, priced=rows if one.priced is None else stack_soft_rows([one.priced, rows]))
        found = yield dear, None
        return np.asarray(found.activation[0])


def _person_of(problem: SharingProblem, who: tuple[int, ...]) -> SharingProblem:
    """Return one person's problem, () or (person,); its mechanics stay everybody's."""
    if not who:
        return problem
    share, rows = problem.share, problem.priced
    own = [array[who] for array in (share.floor, share.ceiling, share.capacity, share.price)]
    if rows is not None:
        A, S, b = (
            np.broadcast_to(a, (*problem.A.shape[:-3], *a.shape[a.ndim - core :]))[who]
            for a, core in ((rows.A, 3), (rows.S, 3), (rows.b, 2))
        )
        rows = SoftRows(A, S, b, rows.one_sided)
    return replace(
        problem,
        A=problem.A[who],
        b=problem.b[who],
        share=Share(*own),
        weight=np.broadcast_to(problem.weight, share.floor.shape)[who],
        priced=rows,
    )


def _bounded(problem: SharingProblem, floor: np.ndarray, ceiling: np.ndarray) -> SharingProblem:
    """Return the problem between other bounds of activation."""
    share = problem.share
    return replace(problem, share=Share(floor, ceiling, share.capacity, share.price), swept=True)


def _frame_of(problem: SharingProblem, frame: int, floor: np.ndarray, ceiling: np.ndarray) -> SharingProblem:
    """Return one frame of one person's problem, between bounds (1, muscle)."""
    at, share, rows = slice(frame, frame + 1), problem.share, problem.priced
    return replace(
        problem,
        A=problem.A[at],
        S=problem.S[at],
        W=problem.W[at],
        b=problem.b[at],
        share=Share(floor, ceiling, share.capacity[at], share.price[at]),
        weight=np.broadcast_to(problem.weight, share.floor.shape)[at],
        priced=None if rows is None else SoftRows(rows.A[at], rows.S[at], rows.b[at], rows.one_sided),
    )

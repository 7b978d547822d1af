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
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias, TypeVar

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

_Result = TypeVar("_Result")
#: Floor and ceiling of every frame, (time, muscle).
_Bounds: TypeAlias = tuple[np.ndarray, np.ndarray]


def solve_pairs(
    mechanics: Mechanics,
    conditions: Sequence[Condition],
    *,
    criterion: Criterion | None = None,
    undisturbed: Solution | None = None,
) -> list[tuple[Solution, Solution]]:
    """Share a movement undisturbed and under each condition, in pairs that may be compared.

    Frames are independent, unless a condition has a term that reads the course over time (a delay): then both of its
    pair are swept (`solve_swept`), so that nothing but the condition tells them apart.

    Parameters
    ----------
    undisturbed : Solution or None
        Of `solve_swept`, where it is at hand.

    Raises
    ------
    Unsolved, InputError
        As `gluteal.solve_sharing`.
    """
    late = [condition for condition in conditions if condition.needs_undisturbed]
    swept = _sweep_pairs(mechanics, late, criterion, undisturbed) if late else []
    made: Solution | None = None
    pairs = []
    for condition in conditions:
        if condition.needs_undisturbed:
            pairs.append(swept.pop(0))
            continue
        made = made or solve_sharing(mechanics, criterion=criterion)
        pairs.append((made, solve_sharing(mechanics, condition=condition, criterion=criterion, undisturbed=made)))
    return pairs


def _sweep_pairs(
    mechanics: Mechanics, conditions: Sequence[Condition], criterion: Criterion | None, undisturbed: Solution | None
) -> list[tuple[Solution, Solution]]:
    before = undisturbed or solve_swept(mechanics, criterion=criterion)
    problems = [
        build_sharing(mechanics, condition=condition, criterion=criterion, undisturbed=before)
        for condition in conditions
    ]
    return [(before, changed) for changed in sweep_problems(problems)]


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


def sweep_problems(problems: Sequence[SharingProblem], *, rise: float = RISE, fall: float = FALL) -> list[Solution]:
    """Do `sweep_problem` of problems of one movement side by side: frames of all that wait are solved in one go.

    Everybody is swept as if alone: a frame's solution does not depend on those it is solved with.
    """
    begin = clock.perf_counter()
    free = [solve_problem(problem) for problem in problems]
    if len(problems[0].mechanics.time) < 2:
        return free
    courses = [
        _Sweep(_person_of(problem, who), loose, who, rise, fall).run()
        for problem, loose in zip(problems, free, strict=True)
        for who in np.ndindex(problem.A.shape[:-3])
    ]
    bounds = iter(_run_together(courses))
    swept = []
    for problem in problems:
        each = [next(bounds) for _ in np.ndindex(problem.A.shape[:-3])]
        floor, ceiling = (np.reshape(bound, problem.share.floor.shape) for bound in zip(*each, strict=True))
        swept.append(solve_problem(_bounded(problem, floor, ceiling)))
    seconds = (clock.perf_counter() - begin) / len(problems)
    return [replace(solution, seconds=seconds) for solution in swept]


class _Asked(NamedTuple):
    """One frame that a sweep waits for, the multipliers to start from, and which others it may be solved with."""

    problem: SharingProblem
    start: np.ndarray | None  # (1, Q)
    like: tuple[int, ...]


#: What a sweep does between two frames: it asks for one, and is sent its solution.
_Asking: TypeAlias = Generator[_Asked, SharedFrames, _Result]


def _run_together(sweeps: Sequence[_Asking[_Bounds]]) -> list[_Bounds]:
    """Run sweeps side by side, and solve the frames that they ask for together; return what each comes to."""
    asked = dict(enumerate(map(next, sweeps)))
    done: dict[int, _Bounds] = {}
    while asked:
        waiting: dict[tuple[int, ...], list[int]] = {}
        for i, request in asked.items():
            waiting.setdefault(request.like, []).append(i)
        asked_now, asked = asked, {}
        for group in waiting.values():
            found = _solve_together([asked_now[i] for i in group])
            for i, solution in zip(group, found, strict=True):
                try:
                    asked[i] = sweeps[i].send(solution)
                except StopIteration as end:
                    done[i] = end.value
    return [done[i] for i in range(len(sweeps))]


def _solve_together(asked: Sequence[_Asked]) -> list[SharedFrames]:
    """Solve one frame of each, in one go."""
    problems = [request.problem for request in asked]
    starts = [request.start for request in asked if request.start is not None]
    found = share_bare(_side_by_side(problems), start=np.concatenate(starts) if starts else None)
    return [SharedFrames(*(values[k : k + 1] for values in found)) for k in range(len(asked))]


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
        # Rows that criteria and wishes ask for are ordered by the zeros of the frame that comes first.
        self.like: tuple[int, ...] = () if problem.priced is None else (id(self),)

    def run(self) -> _Asking[_Bounds]:
        """Return floor and ceiling of every frame."""
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

    def _lap(self, floor: np.ndarray, ceiling: np.ndarray) -> _Asking[tuple[np.ndarray, np.ndarray, np.ndarray]]:
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
    ) -> _Asking[tuple[np.ndarray, np.ndarray, np.ndarray]]:
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
            least = yield from self._solve(low, high, frame)
            lacking[frame] = (least - self.least[frame]).max()
        return low, high, lacking

    def _solve(self, low: np.ndarray, high: np.ndarray, frame: int) -> _Asking[np.ndarray]:
        """Solve one frame between its bounds; keep what muscles do, return what it lacks at least (Q,)."""
        at = slice(frame, frame + 1)
        one = _frame_of(self.problem, frame, low[at], high[at])
        found = yield _Asked(one, self.multiplier[at], self.like)
        self.multiplier[frame], self.course[frame] = found.multiplier[0], found.activation[0]
        return np.asarray(np.abs(found.least[0] / self.problem.scale))

    def _relax(self, low: np.ndarray, high: np.ndarray) -> _Asking[None]:
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

    def _start_earlier(self, floor: np.ndarray, ceiling: np.ndarray, frame: int) -> _Asking[None]:
        """Make muscles start and stop early enough for what a frame lacks, in place."""
        up = down = yield from self._find_wanted(frame)
        for k in range(frame - 1, -1, -1):
            up = start_before(up, self.step[k], rise=self.rise)
            down = leave_before(down, self.step[k], fall=self.fall)
            floor[k] = np.minimum(np.maximum(floor[k], up), ceiling[k])
            ceiling[k] = np.maximum(np.minimum(ceiling[k], down), floor[k])
            if not up.any() and (down >= 1.0).all():
                break

    def _find_wanted(self, frame: int) -> _Asking[np.ndarray]:
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
        found = yield _Asked(dear, None, (id(self), frame))
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


def _side_by_side(problems: Sequence[SharingProblem]) -> SharingProblem:
    """Return frames of problems that are like each other as the frames of one."""
    if len(problems) == 1:
        return problems[0]

    def whole(find: Callable[[SharingProblem], np.ndarray]) -> np.ndarray:
        return np.concatenate([find(problem) for problem in problems])

    return replace(
        problems[0],
        A=whole(lambda p: p.A),
        S=whole(lambda p: p.S),
        W=whole(lambda p: p.W),
        b=whole(lambda p: p.b),
        share=Share(
            whole(lambda p: p.share.floor),
            whole(lambda p: p.share.ceiling),
            whole(lambda p: p.share.capacity),
            whole(lambda p: p.share.price),
        ),
        weight=whole(lambda p: p.weight),
    )


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

"""Many people doing one movement, undisturbed and under conditions, by any criterion of load sharing.

Mechanics is computed once per movement; people change arrays only, and all of them go through the
load-sharing kernel in batches (a frame of a person is a frame). For the body itself the numbers are those of
`gluteal.simulate` up to rounding. Nobody's numbers depend on who else is in the batch, not in the last bit:
sums run along one axis of an array, where NumPy's order does not depend on the others (that of einsum does).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from gluteal.errors import InputError
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.kernels.recruitment import FrameSolutions, solve_frames
from gluteal.mechanics.body import MUSCLE_PARAMETERS
from gluteal.mechanics.build import CROSSES, Mechanics
from gluteal.nerves.condition import Condition, assemble
from gluteal.outcome.verdict import (
    CHANGED_ACTIVATION,
    CHANGED_EFFORT,
    MISSING_FORCE,
    MISSING_MOMENT,
    MISSING_SHARE,
)
from gluteal.sharing.recruitment import RESERVE_COST, ROOT_ROW_SCALE, SUPPORT_COST
from gluteal.simulate.people import People
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY, side_of

#: Largest array of one batch, bytes.
BATCH_BYTES = 64e6


@dataclass(frozen=True)
class Criterion:
    """What load sharing minimises: sum(w a^exponent), w = 1 or the muscle's volume (mean 1).

    Volume stands for the energy that an activation costs: max_isometric_force * optimal_fiber_length, up to
    a factor. It is the undisturbed muscle's, so that effort never falls as capacity shrinks.

    Raises
    ------
    InputError
        Where the exponent is below 2.
    """

    exponent: float = 2.0
    volume_weighting: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.exponent) and self.exponent >= 2.0):
            raise InputError(f"The exponent is {self.exponent:g}; it must be 2 or more.")

    @property
    def name(self) -> str:
        """The criterion in short ("p = 2, by volume")."""
        return f"p = {self.exponent:g}" + (", by volume" if self.volume_weighting else "")


def list_criteria(exponents: Sequence[float], volume_weighting: Sequence[bool]) -> tuple[Criterion, ...]:
    """Combine exponents and weightings; raises InputError where none is left."""
    criteria = tuple(Criterion(float(p), bool(v)) for v in volume_weighting for p in exponents)
    if not criteria:
        raise InputError("There is no criterion: give at least one exponent and one volume weighting.")
    return criteria


class _Problem(NamedTuple):
    """Arrays of B people and T frames; rows are recruited coordinates."""

    arm: np.ndarray  # (B, T, Q, M) m
    support_arm: np.ndarray  # (T, Q, R)
    moment: np.ndarray  # (B, T, Q) joint moment
    capacity: np.ndarray  # (B, T, M) N
    passive: np.ndarray  # (B, T, M) N
    scale: np.ndarray  # (Q,) price of rows


def solve_people(
    mechanics: Mechanics,
    people: People,
    *,
    conditions: Sequence[Condition] = (),
    criterion: Criterion | None = None,
) -> list[xr.Dataset]:
    """Do a movement with many people, undisturbed and under each condition.

    Joint moments go with a person's mass; capacity and passive force with strength and, through the muscle
    curves, with path length; moment arms are shifted where a muscle crosses a coordinate. The price of
    support forces is measured in the body's own weight for everybody.

    Parameters
    ----------
    people : People
        See `gluteal.simulate.people`.
    conditions : sequence of Condition
        A ``strength-loss`` must have been settled.
    criterion : Criterion or None
        None is p = 2 without weights, as `gluteal.simulate`.

    Returns
    -------
    list of xr.Dataset
        One per condition, along ``person``: ``verdict`` (index into `gluteal.simulate.spread.VERDICTS`),
        ``effort_ratio``, ``deficit`` (N m or N, that of `gluteal.outcome.Outcome.deficit`),
        ``deficit_coordinate`` (index into ``coordinate``, the recruited ones), ``baseline_ok``,
        ``certificate``; along ``person``, ``muscle``: ``baseline_peak``, ``peak``
        (activation, 1), ``baseline_force``, ``force`` (mean over time, N); along ``person``, ``group``:
        ``group_baseline_peak``, ``group_peak``, pooled as `Outcome.groups`.

    Raises
    ------
    InputError
        Where a condition cannot be met.
    """
    criterion = criterion or Criterion()
    parts: list[list[xr.Dataset]] = [[] for _ in conditions]
    for batch in _batches(people, mechanics):
        for part, dataset in zip(parts, _solve_batch(mechanics, batch, conditions, criterion), strict=True):
            part.append(dataset)
    return [xr.concat(part, "person", join="exact") for part in parts]


def batch_size(mechanics: Mechanics) -> int:
    """Return how many people are best solved at once."""
    size = mechanics.dataset.sizes
    return max(1, int(BATCH_BYTES / (8 * size["time"] * size["coordinate"] * size["muscle"])))


def _batches(people: People, mechanics: Mechanics) -> Iterator[People]:
    step = batch_size(mechanics)
    for first in range(0, len(people), step):
        yield people[first : first + step]


def _solve_batch(
    mechanics: Mechanics, people: People, conditions: Sequence[Condition], criterion: Criterion
) -> Iterator[xr.Dataset]:
    body, problem = mechanics.body, _problem(mechanics, people)
    bounds = np.zeros_like(problem.capacity), np.ones_like(problem.capacity)
    force = body.muscles["max_isometric_force"].values * people.strength
    weight = np.ones_like(force)
    if criterion.volume_weighting:
        weight = force * body.muscles["optimal_fiber_length"].values
        weight = weight / weight.mean(axis=1, keepdims=True)

    def solve(lower: np.ndarray, upper: np.ndarray, left: np.ndarray | float) -> _Solved:
        return _solve(mechanics, problem, lower, upper, left, weight, criterion.exponent)

    before = solve(*bounds, 1.0)
    demand = _peak_demand(mechanics, problem, before)
    for condition in conditions:
        lower, upper, left = _limits(condition, mechanics, before)
        after = solve(lower, upper, left)
        yield _judge(mechanics, condition, force, demand, before, after)


class _Solved(NamedTuple):
    """A solved batch, (B, T, ...)."""

    activation: np.ndarray
    force: np.ndarray
    support: np.ndarray
    reserve: np.ndarray
    effort: np.ndarray  # (B,) mean over time
    certificate: np.ndarray  # (B,)


def _problem(mechanics: Mechanics, people: People) -> _Problem:
    """Give everybody moment arms, capacities, passive forces and joint moments of their own."""
    data, body = mechanics.dataset, mechanics.body
    arm = data["moment_arm"].values
    crosses = np.abs(arm).max(axis=0) > CROSSES  # in any frame: a path does not move within a movement
    arms = arm[None] + np.where(crosses, people.moment_arm, 0.0)[:, None]
    length = data["mtu_length"].values[None] + people.path_length[:, None]
    velocity = -(arms * data["coordinate_speed"].values[:, :, None]).sum(axis=2)
    shape = length.shape
    table = body.muscles
    parameters = [table[name].values for name in MUSCLE_PARAMETERS]
    flat = (-1, shape[2])
    _, _, active, passive = rigid_tendon_muscle(length.reshape(flat), velocity.reshape(flat), *parameters)
    strength = people.strength[:, None]
    rows = data["recruited"].values
    names = data["coordinate"].values[rows]
    return _Problem(
        arm=arms[:, :, rows],
        support_arm=data["support_arm"].values[:, rows],
        moment=people.mass[:, None, None] * data["joint_moment"].values[None][:, :, rows],
        capacity=strength * active.reshape(shape),
        passive=strength * passive.reshape(shape),
        scale=np.where(np.isin(names, ROOT_COORDINATES), ROOT_ROW_SCALE, 1.0),
    )


def _solve(
    mechanics: Mechanics,
    problem: _Problem,
    lower: np.ndarray,
    upper: np.ndarray,
    left: np.ndarray | float,
    weight: np.ndarray,
    exponent: float,
) -> _Solved:
    """Solve the problem of `gluteal.sharing.recruitment.solve_recruitment` for every frame of every person."""
    people, frames, rows, muscles = problem.arm.shape
    capacity = problem.capacity * left
    scale = problem.scale
    demand = problem.moment - (problem.arm * problem.passive[:, :, None]).sum(axis=3)
    support_arm = np.broadcast_to(scale[:, None] * problem.support_arm, (people, *problem.support_arm.shape))
    each = np.broadcast_to(weight[:, None], (people, frames, muscles))

    def flat(array: np.ndarray) -> np.ndarray:
        return array.reshape(people * frames, *array.shape[2:])

    solution: FrameSolutions = solve_frames(
        flat(scale[:, None] * problem.arm * capacity[:, :, None]),
        flat(support_arm),
        flat(scale * demand),
        flat(lower),
        flat(upper),
        flat(each),
        exponent=exponent,
        reserve_cost=RESERVE_COST,
        support_cost=SUPPORT_COST,
        support_scale=mechanics.body.mass * STANDARD_GRAVITY,
    )
    activation = solution.activation.reshape(people, frames, muscles)
    worst = np.maximum.reduce([solution.stationarity, solution.feasibility, solution.complementarity])
    return _Solved(
        activation=activation,
        force=capacity * activation + problem.passive,
        support=solution.support.reshape(people, frames, -1),
        reserve=solution.reserve.reshape(people, frames, rows) / scale,
        effort=(each * activation**exponent).sum(axis=2).mean(axis=1),
        certificate=worst.reshape(people, frames).max(axis=1),
    )


def _limits(condition: Condition, mechanics: Mechanics, before: _Solved) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds and capacities left, (B, T, M); a delay follows each person's own undisturbed course."""
    share = assemble(condition, mechanics, before.activation)
    shape = before.activation.shape
    lower, upper, left = (np.broadcast_to(a, shape) for a in (share.floor, share.ceiling, share.capacity))
    return lower, upper, left


def _peak_demand(mechanics: Mechanics, problem: _Problem, before: _Solved) -> np.ndarray:
    """Largest moment asked of muscles and reserves, (B, Q), as `gluteal.outcome.checks.compute_demand`."""
    carried = (problem.support_arm * before.support[:, :, None]).sum(axis=3)
    carried[:, :, problem.scale != 1.0] = 0.0
    return np.abs(problem.moment - carried).max(axis=1)


def _judge(
    mechanics: Mechanics,
    condition: Condition,
    force: np.ndarray,
    demand: np.ndarray,
    before: _Solved,
    after: _Solved,
) -> xr.Dataset:
    """Apply the rule of `gluteal.outcome.verdict` to every person, and collect what is reported."""
    body, data = mechanics.body, mechanics.dataset
    names = [str(c) for c in data["coordinate"].values[data["recruited"].values]]
    is_moment = np.array([body.coordinate(c).unit == "N m" for c in names])
    at_root = np.isin(names, ROOT_COORDINATES)
    limit = np.maximum(np.where(is_moment, MISSING_MOMENT, MISSING_FORCE), MISSING_SHARE * demand)
    was, now = np.abs(before.reserve), np.abs(after.reserve)
    missing = ~((now - was).max(axis=1) <= limit)
    peak = now.max(axis=1)
    # The deciding coordinate: among those missing, joints before balance before forces, then the largest.
    rank = np.lexsort((-peak, np.broadcast_to(at_root, peak.shape), np.broadcast_to(~is_moment, peak.shape)))
    first = np.argmax(np.take_along_axis(missing, rank, axis=1), axis=1)
    decides = np.take_along_axis(rank, first[:, None], axis=1)

    peaks = before.activation.max(axis=1), after.activation.max(axis=1)
    acted_on = condition.affected(body)
    others = np.array([m not in acted_on for m in body.muscle_names])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(before.effort == after.effort, 1.0, after.effort / before.effort)
    ratio = np.where(np.isfinite(ratio), ratio, np.nan)
    quiet = np.all(np.abs(peaks[1] - peaks[0])[:, others] <= CHANGED_ACTIVATION, axis=1)
    unchanged = quiet & (np.abs(ratio - 1.0) < CHANGED_EFFORT)
    verdict = np.where(missing.any(axis=1), 2, np.where(unchanged, 0, 1))

    groups, pooled = _pool(mechanics, force, (before, after))
    by_muscle, by_group = ("person", "muscle"), ("person", "group")
    return xr.Dataset(
        {
            "verdict": ("person", verdict.astype(np.int8)),
            "effort_ratio": ("person", ratio),
            "deficit": ("person", np.take_along_axis(peak, decides, axis=1)[:, 0]),
            "deficit_coordinate": ("person", decides[:, 0].astype(np.int16)),
            "baseline_ok": ("person", np.all(was.max(axis=1) <= limit, axis=1)),
            "certificate": ("person", np.maximum(before.certificate, after.certificate)),
            "baseline_peak": (by_muscle, peaks[0]),
            "peak": (by_muscle, peaks[1]),
            "baseline_force": (by_muscle, before.force.mean(axis=1)),
            "force": (by_muscle, after.force.mean(axis=1)),
            "group_baseline_peak": (by_group, pooled[0]),
            "group_peak": (by_group, pooled[1]),
        },
        coords={"muscle": list(body.muscle_names), "group": groups, "coordinate": names},
    )


def _pool(mechanics: Mechanics, force: np.ndarray, solved: Sequence[_Solved]) -> tuple[list[str], list[np.ndarray]]:
    """Names of groups by side ("glmed_r"), and peaks of their pooled activations, (B, G) per solution."""
    number = {m: i for i, m in enumerate(mechanics.body.muscle_names)}
    members: dict[str, list[int]] = {}
    for group, inside in mechanics.body.groups.items():
        for side in ("r", "l", None):
            if rows := sorted(number[m] for m in inside if side_of(m) == side):
                members[f"{group}_{side}" if side else group] = rows
    peaks = [np.empty((len(force), len(members))) for _ in solved]
    for g, rows in enumerate(members.values()):
        weight = np.take(force, rows, axis=1)
        share = (weight / weight.sum(axis=1, keepdims=True))[:, None]
        for peak, solution in zip(peaks, solved, strict=True):
            peak[:, g] = (share * np.take(solution.activation, rows, axis=2)).sum(axis=2).max(axis=1)
    return list(members), peaks

"""Near-optimal bands: what muscles may do and joints may carry while nobody works much harder than needed.

The cheapest sharing is one answer; people are near it, not at it. So every reading gets a band: its least and largest
value among *all* sharings that meet the movement and cost up to 10 % more than the cheapest (`SLACKS`), or up to 30 %.
Recorded EMG is met by sharings that cost about 1.3 times the least. The ends are exact
(`gluteal.kernels.near_optimal`), frame by frame: frames know nothing of one another, so a band's ends over time are
those of its frames.

>>> import gluteal
>>> body = gluteal.load_body("myo")
>>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
>>> bands = solve_bands(gluteal.solve_sharing(stance), groups=["glmed_r"], joints=False)
>>> bands.activation.sel(group="glmed_r", time=0.0, slack=0.1).values.round(2).tolist()
[0.27, 0.42]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gluteal.errors import InputError, Unsolved
from gluteal.kernels.near_optimal import NearOptimal, SharedOptimum
from gluteal.kernels.sharing import SoftRows
from gluteal.sharing.problem import SharingProblem
from gluteal.sharing.soft import force_rows, pooling_row
from gluteal.sharing.solution import Solution

#: More than the least effort that a band allows, as a share of it: what is told first, and what recorded EMG asks for.
SLACKS = (0.1, 0.3)
ENDS = ("low", "high")


@dataclass(frozen=True, eq=False)
class Bands:
    """Bands of one solved movement.

    Attributes
    ----------
    solution : Solution
        The optimum they lie around.
    activation : xr.DataArray (slack, time, group, end)
        Group's mean activation, weighted by max_isometric_force, 1; ``end`` is "low" or "high".
    joint_force : xr.DataArray (slack, time, joint, end)
        Contact force along the direction it has in the solution, body weights.
    """

    solution: Solution
    activation: xr.DataArray
    joint_force: xr.DataArray


def solve_bands(
    solution: Solution,
    *,
    slacks: Sequence[float] = SLACKS,
    groups: Sequence[str] | Mapping[str, Sequence[int]] | None = None,
    joints: bool = True,
    frames: Sequence[int] | np.ndarray | None = None,
) -> Bands:
    """Find the near-optimal bands of groups of muscles and of joints.

    Parameters
    ----------
    solution : Solution
        Of one person.
    slacks : sequence of float
        How much more than the least effort is allowed, as shares of it, rising; 0 is the solution itself.
    groups : sequence of str, mapping of str to places of muscles, or None
        Labels of sided groups ("glmed_r") or muscles of the body, or any muscles under a name; None is every sided
        group.
    joints : bool
        Whether joints are asked for, too; where the engine knows no lines of action there are none.
    frames : sequence of int or None
        Which frames; None is all.

    Raises
    ------
    InputError
        For many people at once, slacks that do not rise from 0 or more, or a name that is no sided group.
    Unsolved
        Where the solution, or an end of a band, was not solved.
    """
    if solution.problem.A.ndim != 3:
        raise InputError("Bands are found for one person at a time; solve one person's movement.")
    if not slacks or any(not s >= 0.0 for s in slacks) or list(slacks) != sorted(slacks):
        raise InputError(f"Slacks are {tuple(slacks)}; give shares of the least effort, 0 or more and rising.")
    chosen = np.arange(len(solution.mechanics.time)) if frames is None else np.asarray(frames)
    optimum = _optimum(solution)
    near = NearOptimal(optimum if frames is None else optimum.take(chosen))
    try:
        by_group = _group_bands(solution, near, _choose(solution, groups), slacks, chosen)
        by_joint = (_joint_bands if joints else _nothing)(solution, near, slacks, chosen)
    except ArithmeticError as error:
        raise Unsolved(
            f"The near-optimal bands of {solution.mechanics.movement.name!r} were not found: {error}. The solution "
            "itself stands; if your input is sound, please report it.",
            solution,
        ) from error
    return Bands(solution, by_group, by_joint)


def solve_ends(solution: Solution, weights: np.ndarray, *, slack: float = SLACKS[0]) -> tuple[np.ndarray, np.ndarray]:
    """Find the least and the largest of a weighted sum of activations in every frame near the optimum.

    Parameters
    ----------
    solution : Solution
        Of one person.
    weights : (T, M)
        What a whole activation of each muscle adds, in any unit.
    slack : float
        How much more than the least effort is allowed, as a share of it; 0 is the solution itself.

    Raises
    ------
    Unsolved
        Where an end was not found.
    """
    # The search steps by shares of an activation, so the largest weight becomes 1.
    unit = float(np.abs(weights).max()) or 1.0
    try:
        low, high = NearOptimal(_optimum(solution)).ends(np.ascontiguousarray(weights / unit), None, [slack])
    except ArithmeticError as error:
        raise Unsolved(
            f"The near-optimal ends were not found: {error}. The solution itself stands.", solution
        ) from error
    return unit * low[0], unit * high[0]


def _optimum(solution: Solution) -> SharedOptimum:
    """Return the solved problem as bare arrays, asked for what the solution supplies."""
    problem, data = solution.problem, solution.dataset
    frames, muscles = problem.A.shape[0], problem.A.shape[-1]

    def whole(array: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.broadcast_to(array, (frames, muscles)))

    return SharedOptimum(
        A=problem.A,
        S=problem.S,
        b=problem.b - data["reserve_moment"].values * problem.scale,
        lower=whole(problem.share.floor),
        upper=whole(problem.share.ceiling),
        weight=whole(problem.weight),
        soft=_whole_rows(problem),
        activation=data["activation"].values,
        support=data["support_force"].values,
        exponent=problem.criterion.exponent,
        support_scale=problem.support_scale,
    )


def _whole_rows(problem: SharingProblem) -> SoftRows:
    soft = problem.soft
    A, S, b = (np.ascontiguousarray(v) for v in soft[:3])
    return SoftRows(A, S, b, soft.one_sided)


def _choose(
    solution: Solution, labels: Sequence[str] | Mapping[str, Sequence[int]] | None
) -> list[tuple[str, tuple[int, ...]]]:
    if isinstance(labels, Mapping):
        return [(name, tuple(rows)) for name, rows in labels.items()]
    body = solution.mechanics.body
    known = {g.label: g.rows for g in body.sided_groups}
    if labels is None:
        return list(known.items())
    known |= {m: (i,) for m, i in body.muscle_places.items()}
    for label in labels:
        if label not in known:
            raise InputError(
                f"{label!r} is no sided group or muscle of this body; write, for example, {next(iter(known))}."
            )
    return [(label, known[label]) for label in labels]


def _group_bands(
    solution: Solution,
    near: NearOptimal,
    chosen: Iterable[tuple[str, tuple[int, ...]]],
    slacks: Sequence[float],
    frames: np.ndarray,
) -> xr.DataArray:
    body, shape = solution.mechanics.body, (len(frames), solution.problem.A.shape[-1])
    found: dict[tuple[int, ...], np.ndarray] = {}
    labels, bands = [], []
    for label, rows in chosen:
        if rows not in found:  # some groups are one muscle that has a group of its own
            c = np.broadcast_to(pooling_row(solution.mechanics, [body.muscle_names[i] for i in rows]), shape)
            found[rows] = np.stack(near.ends(c, None, slacks), axis=-1)
        labels.append(label)
        bands.append(found[rows])
    values = np.stack(bands, axis=2) if bands else np.zeros((len(slacks), len(frames), 0, 2))
    return _label(solution, values, "group", labels, slacks, frames)


def _joint_bands(solution: Solution, near: NearOptimal, slacks: Sequence[float], frames: np.ndarray) -> xr.DataArray:
    mechanics, activation = solution.mechanics, solution.activation.values[frames]
    support, left = solution.dataset["support_force"].values[frames], solution.problem.share.capacity
    try:
        cuts = mechanics.lines.cuts
    except InputError:
        return _nothing(solution, near, slacks, frames)
    crossed = np.abs(mechanics.lines.muscle_force).max(axis=(0, 2, 3), initial=0.0) > 0.0
    if not crossed.any():
        return _nothing(solution, near, slacks, frames)
    labels, bands = [], []
    for j in np.flatnonzero(crossed):
        whole = force_rows(mechanics, [int(j)], left, 1.0)
        rows = SoftRows(whole.A[frames], whole.S[frames], whole.b[frames], whole.one_sided)
        force = rows.b - np.einsum("tpm,tm->tp", rows.A, activation) - np.einsum("tpr,tr->tp", rows.S, support)
        size = np.linalg.norm(force, axis=1, keepdims=True)
        along = force / np.where(size > 0.0, size, 1.0)
        c, d = -np.einsum("tp,tpm->tm", along, rows.A), -np.einsum("tp,tpr->tr", along, rows.S)
        fixed = (along * rows.b).sum(axis=1)
        bands.append(np.stack(near.ends(c, d, slacks), axis=-1) + fixed[None, :, None])
        labels.append(f"{cuts[j].joint}_{cuts[j].side}" if cuts[j].side else cuts[j].joint)
    return _label(solution, np.stack(bands, axis=2), "joint", labels, slacks, frames)


def _nothing(solution: Solution, _: NearOptimal, slacks: Sequence[float], frames: np.ndarray) -> xr.DataArray:
    return _label(solution, np.zeros((len(slacks), len(frames), 0, 2)), "joint", [], slacks, frames)


def _label(
    solution: Solution,
    values: np.ndarray,
    along: str,
    labels: Sequence[str],
    slacks: Sequence[float],
    frames: np.ndarray,
) -> xr.DataArray:
    time = solution.mechanics.time[frames]
    coords = {"slack": list(slacks), "time": time, along: list(labels), "end": list(ENDS)}
    units = {"units": "1" if along == "group" else "body weights"}
    return xr.DataArray(values, dims=("slack", "time", along, "end"), coords=coords, attrs=units)

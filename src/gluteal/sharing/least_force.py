"""What no nervous system can undo: the least force in each joint with which a movement can be done at all.

Whatever is minimised, muscles have to supply the joint moments, and what they pull presses the joint. The least contact
force among *all* sharings that do so, whatever their effort, is a bound on every criterion, every strategy, every EMG:
if it is above what was measured, body, moments or lines of action are off, not the sharing.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.errors import Unsolved
from gluteal.kernels.near_optimal import BALANCE_COST
from gluteal.kernels.recruitment import SUPPORT_COST, solve_frames
from gluteal.kernels.sharing import append_soft
from gluteal.sharing.soft import force_rows
from gluteal.sharing.solution import Solution

#: What a fully active muscle counts beside (force / body weight)^2, 1: as good as nothing, and enough that of all
#: sharings with the least force there is one.
TIE = 1e-3


def solve_least_force(solution: Solution) -> xr.DataArray:
    """Return the least contact force of every joint in every frame, (time, joint), body weights.

    Each joint by itself: no sharing need reach the least of two at once. Bounds of activations, and what is missing,
    are those of the solution.

    Raises
    ------
    InputError
        Where the engine knows no lines of action.
    Unsolved
        Where the solution, or a frame of this, was not solved.
    """
    problem, mechanics = solution.problem, solution.mechanics
    lines, data = mechanics.lines, solution.dataset
    crossed = np.flatnonzero(np.abs(lines.muscle_force).max(axis=(0, 2, 3), initial=0.0) > 0.0)
    frames, muscles = problem.A.shape[0], problem.A.shape[-1]
    b = problem.b - data["reserve_moment"].values * problem.scale
    least = []
    for j in crossed:
        rows = force_rows(mechanics, [int(j)], problem.share.capacity, 1.0)
        A, S, asked, _ = append_soft(rows, problem.A, problem.S, b, None, BALANCE_COST)
        found = solve_frames(
            A,
            S,
            asked,
            np.broadcast_to(problem.share.floor, (frames, muscles)),
            np.broadcast_to(problem.share.ceiling, (frames, muscles)),
            np.full((frames, muscles), TIE),
            reserve_cost=BALANCE_COST,
            support_cost=SUPPORT_COST,
            support_scale=problem.support_scale,
        )
        if not found.converged.all():
            raise Unsolved(
                f"The least force in the {lines.cuts[j].joint} during {mechanics.movement.name!r} was not found in "
                f"{int((~found.converged).sum())} of {frames} frames; if your input is sound, please report it.",
                solution,
            )
        off = np.einsum("tpm,tm->tp", rows.A, found.activation) + np.einsum("tpr,tr->tp", rows.S, found.support)
        least.append(np.linalg.norm(rows.b - off, axis=1))
    names = [f"{c.joint}_{c.side}" if c.side else c.joint for c in (lines.cuts[j] for j in crossed)]
    return xr.DataArray(
        np.stack(least, axis=1) if least else np.zeros((frames, 0)),
        dims=("time", "joint"),
        coords={"time": mechanics.time, "joint": names},
        name="least_joint_load",
        attrs={"units": "body weights"},
    )

"""Near-optimal bands beside other solvers, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import gluteal
from gluteal.kernels import near_optimal
from gluteal.kernels.recruitment import SUPPORT_COST
from gluteal.sharing.bands import _optimum, solve_bands
from gluteal.sharing.solution import Solution
from gluteal.simulate.criteria import find_criterion
from tests.helpers.packages import needs

GROUPS = ("glmed_r", "tfl_r", "recfem_l", "erector-spinae_r")


def solved(task: str, criterion: str) -> Solution:
    body = gluteal.load_body("myo")
    mechanics = gluteal.compute_mechanics(body, gluteal.load_task(task, body))
    return gluteal.solve_sharing(mechanics, criterion=find_criterion(criterion))


def clarabel_end(solution: Solution, frame: int, c: np.ndarray, slack: float, sign: float) -> float:
    """Return the end of a reading by a general conic solver: the same set, written down anew as a second-order cone."""
    import clarabel
    from scipy import sparse

    o = _optimum(solution)
    muscles, rays = o.A.shape[2], o.S.shape[2]
    least = o.cost(o.activation, o.support)[frame]
    roots = np.concatenate([np.sqrt(o.weight[frame]), np.full(rays, np.sqrt(SUPPORT_COST) / o.support_scale)])
    soft = np.hstack([o.soft.A[frame], o.soft.S[frame]])
    quadratic = np.vstack([np.diag(roots), soft])
    offset = np.concatenate([np.zeros(muscles + rays), o.soft.b[frame]])
    A = sparse.csc_matrix(
        np.vstack(
            [
                np.hstack([o.A[frame], o.S[frame]]),
                np.eye(muscles + rays),
                -np.eye(muscles + rays)[:muscles],
                np.zeros((1, muscles + rays)),
                -quadratic,
            ]
        )
    )
    size = 1.0 if not rays else 1e3  # rays are newtons
    upper = np.concatenate([o.upper[frame], np.full(rays, 1e3 * size)])
    del upper
    b = np.concatenate(
        [
            o.b[frame],
            o.upper[frame],
            np.full(rays, 1e6),
            -o.lower[frame],
            [np.sqrt((1.0 + slack) * least)],
            -offset,
        ]
    )
    lowest = sparse.csc_matrix(-np.eye(muscles + rays)[muscles:])
    A = sparse.vstack([A[: len(o.b[frame]) + 2 * muscles + rays], lowest, A[len(o.b[frame]) + 2 * muscles + rays :]])
    cut = len(o.b[frame]) + 2 * muscles + rays
    b = np.concatenate([b[:cut], np.zeros(rays), b[cut:]])
    cones = [
        clarabel.ZeroConeT(len(o.b[frame])),
        clarabel.NonnegativeConeT(2 * muscles + 2 * rays),
        clarabel.SecondOrderConeT(1 + len(quadratic)),
    ]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    q = -sign * np.concatenate([c, np.zeros(rays)])
    found = clarabel.DefaultSolver(sparse.csc_matrix((len(q), len(q))), q, sparse.csc_matrix(A), b, cones, settings).solve()
    assert str(found.status) in ("Solved", "AlmostSolved"), found.status
    return float(c @ np.array(found.x)[:muscles])

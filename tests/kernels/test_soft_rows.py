"""Soft rows with muscles in them: the same quadratic problem, beside Clarabel, in any order of rows."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.sharing_problems import problem

from gluteal.kernels.recruitment import RESERVE_COST, SUPPORT_COST, solve_frames
from gluteal.kernels.sharing import SoftRows, append_soft, share_frames

SCALE = 700.0


def soft_rows(A: np.ndarray, S: np.ndarray, rng: np.random.Generator, *, one_sided: bool) -> SoftRows:
    """Return three rows over a few muscles each, of a size at which they matter."""
    frames, _, muscles = A.shape
    rows = rng.normal(size=(frames, 3, muscles)) * (rng.random((1, 3, muscles)) < 0.3)
    return SoftRows(rows, np.zeros((frames, 3, S.shape[2])), rng.normal(size=(frames, 3)), np.full(3, one_sided))


def solve_by_clarabel(A, S, b, lower, upper, weight, soft: SoftRows, t: int) -> np.ndarray:
    """Minimise the cost as the docstring of `SoftRows` states it, with the shortfall of each row as an unknown."""
    import clarabel
    from scipy import sparse

    rows, muscles = A.shape[1:]
    rays, count = S.shape[2], len(soft.one_sided)
    # Unknowns: a, s, reserve r, off e = b - (A a + S s); a one-sided row may have off below what it is.
    size = muscles + rays + rows + count
    cost = np.concatenate(
        [
            2 * weight[t],
            np.full(rays, 2 * SUPPORT_COST / SCALE**2),
            np.full(rows, 2 * RESERVE_COST),
            np.full(count, 2.0),
        ]
    )
    zero, one = np.zeros, np.eye
    balance = np.hstack([A[t], S[t], one(rows), zero((rows, count))])
    off = np.hstack([soft.A[t], soft.S[t], zero((count, rows)), one(count)])
    box = np.hstack([one(muscles), zero((muscles, size - muscles))])
    push = np.hstack([zero((rays, muscles)), one(rays), zero((rays, rows + count))])
    equal = [balance] if soft.one_sided.all() else [balance, off]
    # A surplus costs nothing: e >= b - (A a + S s) is enough.
    less = [box, -box, -push] + ([-off] if soft.one_sided.all() else [])
    known = [b[t]] if soft.one_sided.all() else [b[t], soft.b[t]]
    limit = [upper[t], -lower[t], zero(rays)] + ([-soft.b[t]] if soft.one_sided.all() else [])
    matrix = sparse.csc_matrix(np.vstack(equal + less))
    cones = [clarabel.ZeroConeT(sum(map(len, known))), clarabel.NonnegativeConeT(sum(map(len, limit)))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    found = clarabel.DefaultSolver(
        sparse.diags(cost, format="csc"), zero(size), matrix, np.concatenate(known + limit), cones, settings
    ).solve()
    return np.array(found.x)[:muscles]


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("rays", [0, 6])
def test_soft_rows_equal_clarabel(rays: int, one_sided: bool) -> None:
    """1e-5: Clarabel's own answer is that far from its optimum in the flattest directions."""
    rng = np.random.default_rng(3)
    A, S, b, lower, upper, weight = problem(rng, 6, 6, 20, rays)
    soft = soft_rows(A, S, rng, one_sided=one_sided)
    found = share_frames(A, S, b, lower, upper, weight, support_scale=SCALE, soft=soft)
    met = np.abs(found.multiplier).max(axis=1) <= 3.0  # others are solved at a lower price of reserves
    assert found.converged.all() and met.sum() >= 2 and found.support.shape == (6, rays)
    for t in np.flatnonzero(met):
        expected = solve_by_clarabel(A, S, b, lower, upper, weight, soft, t)
        np.testing.assert_allclose(found.activation[t], expected, atol=1e-5)


def test_soft_rows_stand_below_the_balance() -> None:
    rng = np.random.default_rng(1)
    A, S, b, *_ = problem(rng, 3, 6, 20)
    soft = soft_rows(A, S, rng, one_sided=False)
    whole = append_soft(soft, A, S, b, b, reserve_cost=4.0)
    assert whole.start is not None and not whole.start[:, 6:].any()
    for found, own in ((whole.A, A), (whole.b, b), (whole.start, b)):
        np.testing.assert_array_equal(found[:, :6], own)
    np.testing.assert_array_equal(whole.A[:, 6:], soft.A / 2.0)


def test_the_order_of_rows_is_no_part_of_the_answer() -> None:
    """Rows of the balance and soft ones in any order: the solver looks for its own."""
    rng = np.random.default_rng(1)
    A, S, b, lower, upper, weight = problem(rng, 6, 6, 20, 6)
    whole = append_soft(soft_rows(A, S, rng, one_sided=True), A, S, b, None)
    one = solve_frames(whole.A, whole.S, whole.b, lower, upper, weight, support_scale=SCALE)
    for _ in range(5):
        order = rng.permutation(whole.b.shape[1])
        other = solve_frames(
            whole.A[:, order], whole.S[:, order], whole.b[:, order], lower, upper, weight, support_scale=SCALE
        )
        np.testing.assert_allclose(other.activation, one.activation, atol=1e-9)
        np.testing.assert_allclose(other.support, one.support, atol=1e-6)
        np.testing.assert_allclose(other.multiplier, one.multiplier[:, order], rtol=1e-6, atol=1e-9)

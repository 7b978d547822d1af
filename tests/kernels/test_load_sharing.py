"""The load-sharing kernel beside closed forms and other solvers, on harmless problems and on ones built to break it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import lsq_linear
from tests.helpers.sharing_problems import cost, hard_problem, problem

from gluteal.kernels.recruitment import (
    RESERVE_COST,
    SUPPORT_COST,
    SUPPORT_SCALE,
    solve_frames,
)

#: Activations of two exact solvers agree to this: Clarabel stops at a gap of 1e-12 in a cost that is
#: quadratic in the error, with weights from 0.5.
CLOSE = 1e-5


def solve_with_clarabel(A, S, b, lower, upper, weight, exponent, reserve_cost=RESERVE_COST):
    """One frame by a general conic interior point solver; p > 2 by power cones t^(1/p) >= a.

    Also says whether Clarabel reached its tolerances, or a thousandth of that ("almost solved").
    """
    import clarabel

    (rows, muscles), rays = A.shape, S.shape[1]
    powers = muscles if exponent > 2.0 else 0
    n = muscles + rays + rows + powers  # a, s / S0, r, t
    quadratic = np.zeros(n)
    quadratic[muscles : n - powers] = [SUPPORT_COST] * rays + [reserve_cost] * rows
    linear = np.zeros(n)
    if powers:
        linear[n - powers :] = weight
    else:
        quadratic[:muscles] = weight
    eye = np.eye(n)
    blocks = [
        np.hstack([A, S * SUPPORT_SCALE, np.eye(rows), np.zeros((rows, powers))]),
        eye[:muscles],
        -eye[: muscles + rays],
    ]
    right = [b, upper, -lower, np.zeros(rays)]
    cones = [clarabel.ZeroConeT(rows), clarabel.NonnegativeConeT(2 * muscles + rays)]
    for m in range(powers):
        blocks.append(-np.stack([eye[n - powers + m], np.zeros(n), eye[m]]))
        right.append(np.array([0.0, 1.0, 0.0]))
        cones.append(clarabel.PowerConeT(1.0 / exponent))
    options = clarabel.DefaultSettings()
    options.verbose = False
    options.tol_gap_abs = options.tol_gap_rel = options.tol_feas = 1e-12
    options.max_iter = 300
    result = clarabel.DefaultSolver(
        sparse.csc_matrix(np.diag(2.0 * quadratic)),
        linear,
        sparse.csc_matrix(np.vstack(blocks)),
        np.concatenate(right),
        cones,
        options,
    ).solve()
    assert str(result.status) in ("Solved", "AlmostSolved")
    x = np.array(result.x)
    force = x[muscles : muscles + rays] * SUPPORT_SCALE
    return x[:muscles], force, x[n - powers - rows : n - powers], str(result.status) == "Solved"


def test_free_muscles_share_as_lagrange_says():
    A = np.array([[[50.0, 50.0, 25.0]]])
    one = np.ones((1, 3))
    solution = solve_frames(A, np.zeros((1, 1, 0)), np.full((1, 1), 30.0), 0 * one, one, one)
    # Lagrange by hand: a_m = A_m y / 2 with y = 2 b / (A A^T + 1 / K).
    expected = A[0, 0] * 30.0 / (A[0, 0] @ A[0, 0] + 1.0 / RESERVE_COST)
    np.testing.assert_allclose(solution.activation[0], expected, rtol=1e-12)


@pytest.mark.parametrize("rays", [0, 6])
@pytest.mark.parametrize(("demand", "reserve_cost"), [(None, RESERVE_COST), (60.0, 1.0), (500.0, 0.01)])
def test_activations_equal_clarabels(rays, demand, reserve_cost):
    # Where nothing balances, reserves are priced so that Clarabel's gap still resolves the activations.
    given_problem = problem(np.random.default_rng(1), 25, 6, 24, rays, demand)
    solution = solve_frames(*given_problem, reserve_cost=reserve_cost)
    assert np.all(solution.converged)
    compared = 0
    for t in range(25):
        *point, exact = solve_with_clarabel(*(v[t] for v in given_problem), 2.0, reserve_cost)
        ours = [v[t] for v in solution[:3]]
        price = [
            np.sum(given_problem[5][t] * a**2)
            + SUPPORT_COST * np.sum((s / SUPPORT_SCALE) ** 2)
            + reserve_cost * np.sum(r**2)
            for a, s, r in (ours, point)
        ]
        assert price[0] <= price[1] * (1.0 + 1e-9)
        if exact:
            compared += 1
            np.testing.assert_allclose(ours[0], point[0], atol=CLOSE)
            np.testing.assert_allclose(ours[2], point[2], atol=40.0 * CLOSE)  # some 40 N m per activation
            # eps is 1e-3: contact forces, in body weights, are known 30 times less well.
            np.testing.assert_allclose(ours[1], point[1], atol=30.0 * CLOSE * SUPPORT_SCALE)
    assert compared >= 15


@pytest.mark.parametrize("demand", [60.0, 500.0])
def test_steep_reserves_cost_no_more_than_clarabels(demand):
    given_problem = problem(np.random.default_rng(2), 15, 6, 24, 6, demand)
    solution = solve_frames(*given_problem)
    total, _ = cost(given_problem, solution)
    for t in range(15):
        *point, _ = solve_with_clarabel(*(v[t] for v in given_problem), 2.0)
        frame = tuple(v[t : t + 1] for v in given_problem)
        activation, support, reserve = (v[None] for v in point)
        theirs, _ = cost(frame, solution._replace(activation=activation, support=support, reserve=reserve))
        assert total[t] == pytest.approx(theirs[0], rel=1e-6, abs=1e-6)
        assert total[t] <= theirs[0] * (1.0 + 1e-9)


@pytest.mark.parametrize("demand", [None, 200.0])
def test_cubes_equal_clarabels_power_cones(demand):
    given_problem = problem(np.random.default_rng(2), 10, 4, 12, 2, demand)
    solution = solve_frames(*given_problem, exponent=3.0)
    assert np.all(solution.converged)
    for t in range(10):
        activation, _, reserve, _ = solve_with_clarabel(*(v[t] for v in given_problem), 3.0)
        # A cubic cost says little about small activations, and Clarabel stops on the cost.
        np.testing.assert_allclose(solution.activation[t], activation, atol=1e-3)
        np.testing.assert_allclose(solution.reserve[t], reserve, atol=1e-3)
        ours, theirs = (
            np.sum(given_problem[5][t] * a**3) + RESERVE_COST * np.sum(r**2)
            for a, r in ((solution.activation[t], solution.reserve[t]), (activation, reserve))
        )
        assert ours <= theirs * (1.0 + 1e-7) + 1e-7


@pytest.mark.parametrize("exponent", [2.0, 2.5, 3.0, 5.0])
def test_muscles_answer_the_multipliers_by_the_inner_minimum(exponent):
    # Textbook optimality, with no term shared with the certificate: a muscle strictly between its bounds
    # has p w a^(p-1) = A^T y; below that at its lower bound, above it at the upper.
    given_problem = problem(np.random.default_rng(3), 200, 8, 40, 5, 80.0)
    A, S, b, _, _, weight = given_problem
    solution = solve_frames(*given_problem, exponent=exponent)
    gradient = exponent * weight * solution.activation ** (exponent - 1.0)
    price = np.einsum("tqm,tq->tm", A, solution.multiplier)
    # Prices of infeasible frames are differences of terms of 1e7: 1e-8 of those is rounding.
    room = 1e-8 + 1e-14 * np.einsum("tqm,tq->tm", np.abs(A), np.abs(solution.multiplier))
    inner = (solution.activation > 0.0) & (solution.activation < 1.0)
    assert np.all(np.abs(gradient - price)[inner] <= room[inner])
    assert np.all((price <= room)[solution.activation == 0.0])
    assert np.all((price - gradient >= -room)[solution.activation == 1.0])
    balance = np.einsum("tqm,tm->tq", A, solution.activation)
    balance += np.einsum("tqr,tr->tq", S, solution.support) + solution.reserve
    np.testing.assert_allclose(balance, b, atol=1e-9)
    np.testing.assert_allclose(solution.reserve, solution.multiplier / (2.0 * RESERVE_COST), atol=1e-8)


def test_reserves_of_an_impossible_frame_are_the_least_deficit():
    A, S, b, lower, upper, weight = problem(np.random.default_rng(4), 30, 5, 12, 0, 400.0)
    solution = solve_frames(A, S, b, lower, upper, weight)
    for t in range(30):
        least = lsq_linear(A[t], b[t], (0.0, 1.0), method="bvls", tol=1e-14)
        deficit = np.sum(solution.reserve[t] ** 2)
        # Effort is traded against the deficit at 1 / K: at most sum(w) / K more than the least square.
        assert 2.0 * least.cost * (1.0 - 1e-9) <= deficit <= 2.0 * least.cost + weight[t].sum() / RESERVE_COST


@pytest.mark.parametrize(
    ("frames", "rows", "muscles", "rays"),
    [(300, 1, 4, 0), (300, 10, 60, 0), (300, 10, 60, 12), (300, 12, 6, 3)],
)
@pytest.mark.parametrize("exponent", [2.0, 3.0, 10.0])
def test_every_hard_frame_is_solved(frames, rows, muscles, rays, exponent):
    given_problem = hard_problem(np.random.default_rng(5), frames, rows, muscles, rays)
    solution = solve_frames(*given_problem, exponent=exponent)
    assert np.all(solution.converged)
    assert all(np.all(np.isfinite(v)) for v in solution)
    assert np.all(solution.activation >= given_problem[3]) and np.all(solution.activation <= given_problem[4])
    assert np.all(solution.support >= 0.0)


def test_full_body_with_supports_is_solved():
    given_problem = problem(np.random.default_rng(6), 40, 30, 290, 30, 100.0)
    assert np.all(solve_frames(*given_problem).converged)


def test_a_feasible_frame_leaves_only_a_trace_of_reserve():
    given_problem = problem(np.random.default_rng(7), 100, 8, 60)
    # r = y / (2 K), and y is at most some 2 w a / A = 0.1 per N m.
    assert np.abs(solve_frames(*given_problem).reserve).max() < 1e-3


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 9),
    st.integers(1, 25),
    st.integers(0, 6),
    st.sampled_from([2.0, 2.1, 3.0, 4.0]),
    st.sampled_from([None, 1e-3, 30.0, 500.0]),
)
def test_any_problem_is_solved(seed, rows, muscles, rays, exponent, demand):
    rng = np.random.default_rng(seed)
    for given_problem in (
        problem(rng, 2, rows, muscles, rays, demand),
        hard_problem(rng, 2, rows, muscles, max(rays, 1)),
    ):
        solution = solve_frames(*given_problem, exponent=exponent)
        assert np.all(solution.converged)
        total, _ = cost(given_problem, solution, exponent)
        # No point within the bounds is cheaper: the one tried leaves what it lacks to the reserves.
        A, S, b, lower, upper, _ = given_problem
        other = lower + rng.random(lower.shape) * (upper - lower)
        force = rng.uniform(0.0, 300.0, solution.support.shape)
        missing = b - np.einsum("tqm,tm->tq", A, other) - np.einsum("tqr,tr->tq", S, force)
        rival = solution._replace(activation=other, support=force, reserve=missing)
        assert np.all(total <= cost(given_problem, rival, exponent)[0] * (1.0 + 1e-9) + 1e-9)

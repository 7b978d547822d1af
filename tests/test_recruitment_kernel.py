"""The load-sharing kernel: other solvers, laws, planted errors, and problems built to break it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import lsq_linear

from gluteal.kernels.recruitment import (
    RESERVE_COST,
    SUPPORT_COST,
    SUPPORT_SCALE,
    certify_frames,
    solve_frames,
)

#: Activations of two exact solvers agree to this: Clarabel stops at a gap of 1e-12 in a cost that is
#: quadratic in the error, with weights from 0.5.
CLOSE = 1e-5


def problem(rng, frames, rows, muscles, rays=0, demand=None):
    """Muscles that cross one to three coordinates; feasible with room, or `demand` N m whatever comes."""
    A = rng.normal(0.0, 40.0, (frames, rows, muscles))
    first, span = rng.integers(0, rows, muscles), rng.integers(1, 4, muscles)
    A *= (np.arange(rows)[:, None] - first) % rows < span
    S = rng.normal(0.0, 0.5, (frames, rows, rays))
    if demand is None:
        b = np.einsum("tqm,tm->tq", A, rng.uniform(0.0, 0.8, (frames, muscles)))
        b += np.einsum("tqr,tr->tq", S, rng.uniform(0.0, 300.0, (frames, rays)))
    else:
        b = rng.normal(0.0, demand, (frames, rows))
    upper = np.ones((frames, muscles))
    return A, S, b, np.zeros_like(upper), upper, rng.uniform(0.5, 2.0, upper.shape)


def hard_problem(rng, frames, rows, muscles, rays):
    """Everything that breaks solvers: twins, capacities of 1e-9 to 1e4 N, empty rows and columns, pinned
    and narrow bounds, up to 500 N m of demand.
    """
    capacity = 10.0 ** rng.uniform(-9.0, 4.0, (frames, 1, muscles))
    A = rng.normal(0.0, 0.05, (frames, rows, muscles)) * (rng.random((frames, rows, muscles)) < 0.5) * capacity
    twin = rng.integers(0, muscles, (2, max(1, muscles // 3)))
    A[:, :, twin[0]] = A[:, :, twin[1]] * (1.0 + rng.choice([0.0, 1e-15, 1e-9], twin[0].shape))
    A[:, :, rng.integers(0, muscles)] = 0.0
    A[::3, rng.integers(0, rows)] = 0.0
    S = rng.normal(0.0, 1.0, (frames, rows, rays)) * (rng.random((frames, rows, rays)) < 0.5)
    S[:, :, 1:2] = S[:, :, :1]
    b = rng.normal(0.0, 1.0, (frames, rows)) * 10.0 ** rng.uniform(-6.0, 2.7, (frames, 1))
    b[rng.random(b.shape) < 0.1] = 0.0
    lower = np.where(rng.random((frames, muscles)) < 0.2, rng.uniform(0.0, 0.5, (frames, muscles)), 0.0)
    width = rng.choice([0.0, 1e-12, 1e-3, 0.2, 1.0], (frames, muscles), p=[0.1, 0.05, 0.05, 0.1, 0.7])
    return A, S, b, lower, lower + width, 10.0 ** rng.uniform(-1.0, 1.0, lower.shape)


def weaker(given_problem, share):
    """The same problem with the muscles' capacities times `share` (M,)."""
    A, *rest = given_problem
    return (A * share, *rest)


def cost(given_problem, solution, exponent=2.0):
    """Value of the criterion, straight from its definition; and the muscles' part of it."""
    effort = np.sum(given_problem[5] * solution.activation**exponent, axis=1)
    support = SUPPORT_COST * np.sum((solution.support / SUPPORT_SCALE) ** 2, axis=1)
    return effort + support + RESERVE_COST * np.sum(solution.reserve**2, axis=1), effort


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
    pytest.importorskip("clarabel")
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
    pytest.importorskip("clarabel")
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
    pytest.importorskip("clarabel")
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


def test_frames_do_not_know_of_each_other():
    given_problem = problem(np.random.default_rng(8), 64, 6, 30, 4, 80.0)
    together = solve_frames(*given_problem)
    order = np.random.default_rng(9).permutation(64)
    shuffled = solve_frames(*(v[order] for v in given_problem))
    alone = solve_frames(*(v[17:18] for v in given_problem))
    for whole, mixed, single in zip(together, shuffled, alone, strict=True):
        np.testing.assert_array_equal(whole[order], mixed)
        np.testing.assert_array_equal(whole[17:18], single)


@pytest.mark.parametrize("frames", [1, 3, 4, 9, 40])
def test_several_frames_at_once_come_to_what_each_comes_to_alone(frames):
    # The smallest exponent above 2 goes to the method for one frame at a time.
    given_problem = hard_problem(np.random.default_rng(frames), frames, 7, 40, 4)
    lanes, single = (solve_frames(*given_problem, exponent=p) for p in (2.0, np.nextafter(2.0, 3.0)))
    assert np.all(lanes.converged)
    np.testing.assert_allclose(lanes.activation, single.activation, atol=1e-9)
    np.testing.assert_allclose(lanes.reserve, single.reserve, atol=1e-6)


def test_a_frame_that_is_not_finite_spoils_no_other_and_is_named():
    given_problem = problem(np.random.default_rng(12), 10, 5, 20, 3)
    given_problem[1][6, 2, 1] = np.nan
    with pytest.raises(ValueError, match="S is not finite in frame 6"):
        solve_frames(*given_problem)


@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_a_start_changes_the_way_not_the_end(exponent):
    given_problem = problem(np.random.default_rng(10), 50, 6, 30, 4, 60.0)
    cold = solve_frames(*given_problem, exponent=exponent)
    warm = solve_frames(*given_problem, exponent=exponent, start=cold.multiplier)
    wild = solve_frames(*given_problem, exponent=exponent, start=1e4 * np.ones_like(cold.multiplier))
    for other in (warm, wild):
        assert np.all(other.converged)
        np.testing.assert_allclose(other.activation, cold.activation, atol=1e-6)
    assert warm.iterations.mean() < 0.9 * cold.iterations.mean()


def test_a_ceiling_of_zero_silences_a_muscle():
    A, S, b, lower, upper, weight = problem(np.random.default_rng(11), 20, 5, 20, 0, 50.0)
    upper[:, [3, 7]] = 0.0
    silenced = solve_frames(A, S, b, lower, upper, weight)
    assert np.all(silenced.activation[:, [3, 7]] == 0.0)
    # To the others it is as if the muscle had no capacity; it then does not work either.
    share = np.ones(20)
    share[[3, 7]] = 0.0
    cut = solve_frames(A * share, S, b, lower, np.ones_like(upper), weight)
    np.testing.assert_allclose(cut.activation, silenced.activation, atol=1e-12)


def test_legs_that_share_no_muscle_are_solved_apart():
    rng = np.random.default_rng(22)
    one, other = problem(rng, 20, 4, 18), problem(rng, 20, 3, 15, 4, 80.0)
    # Side by side: the muscles mixed, an empty row between the legs and an idle muscle at the end.
    A, S = np.zeros((20, 8, 34)), np.zeros((20, 8, 4))
    A[:, :4, :18], A[:, 5:, 18:33], S[:, 5:] = one[0], other[0], other[1]
    b = np.concatenate([one[2], np.full((20, 1), 7.0), other[2]], axis=1)
    lower, upper, weight = (
        np.concatenate([one[k], other[k], np.full((20, 1), idle)], axis=1)
        for k, idle in ((3, 0.25), (4, 1.0), (5, 1.0))
    )
    mixed = rng.permutation(34)
    both = solve_frames(A[:, :, mixed], S, b, lower[:, mixed], upper[:, mixed], weight[:, mixed])
    activation = np.empty_like(both.activation)
    activation[:, mixed] = both.activation
    alone = [solve_frames(*p) for p in (one, other)]
    # Sums of up to 33 terms in another order: rounding, which bounds of 1e-10 leave room for.
    np.testing.assert_allclose(activation[:, :18], alone[0].activation, atol=1e-10)
    np.testing.assert_allclose(activation[:, 18:33], alone[1].activation, atol=1e-10)
    np.testing.assert_allclose(both.support, alone[1].support, atol=1e-6)
    np.testing.assert_array_equal(activation[:, 33], 0.25)
    np.testing.assert_allclose(both.reserve[:, 4], 7.0)
    assert np.all(both.converged)


def test_frames_with_other_zeros_before_them_are_solved_alike():
    rng = np.random.default_rng(23)
    parts = [problem(rng, 6, 5, 20, 3) for _ in range(4)]
    together = solve_frames(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    for k, part in enumerate(parts):
        for whole, alone in zip(together, solve_frames(*part), strict=True):
            np.testing.assert_array_equal(whole[6 * k : 6 * k + 6], alone)


def test_pinned_muscles_stay_where_they_are_put():
    A, S, b, lower, upper, weight = problem(np.random.default_rng(12), 20, 5, 20)
    lower[:, 4] = upper[:, 4] = 0.37
    solution = solve_frames(A, S, b, lower, upper, weight)
    assert np.all(solution.activation[:, 4] == 0.37) and np.all(solution.converged)
    everyone = solve_frames(A, S, b, np.full_like(upper, 0.2), np.full_like(upper, 0.2), weight)
    np.testing.assert_allclose(everyone.reserve, b - 0.2 * A.sum(axis=2), atol=1e-10)


@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_scaling_moments_and_capacities_together_changes_no_activation(exponent):
    A, S, b, lower, upper, weight = problem(np.random.default_rng(13), 30, 6, 30, 3, 60.0)
    plain = solve_frames(A, S, b, lower, upper, weight, exponent=exponent)
    # A reserve costs per (N m)^2, so its price goes with the square of the unit.
    scaled = solve_frames(7 * A, 7 * S, 7 * b, lower, upper, weight, exponent=exponent, reserve_cost=RESERVE_COST / 49)
    np.testing.assert_allclose(scaled.activation, plain.activation, atol=1e-6)
    np.testing.assert_allclose(scaled.reserve, 7 * plain.reserve, atol=1e-6)


@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_effort_never_falls_as_capacity_shrinks(exponent):
    given_problem = problem(np.random.default_rng(14), 40, 5, 30)
    share, totals, efforts = np.ones(30), [], []
    for left in (1.0, 0.8, 0.5, 0.2, 0.0):
        share[:6] = left
        weak = weaker(given_problem, share)
        total, effort = cost(weak, solve_frames(*weak, exponent=exponent), exponent)
        totals.append(total)
        efforts.append(effort)
    # What a weak muscle can do the strong one could at less activation, so the optimum only rises; 1e-9
    # is the solver's rounding. Effort alone may fall where reserves take over: those frames are left out
    # of the second law.
    assert np.all(np.diff(totals, axis=0) >= -1e-9 * np.maximum(totals[:-1], 1.0))
    feasible = np.array(totals[-1]) - efforts[-1] < 1e-4
    assert feasible.any()
    assert np.all(np.diff(efforts, axis=0)[:, feasible] >= -1e-4)


def test_losing_nothing_changes_nothing():
    given_problem = problem(np.random.default_rng(15), 20, 5, 20)
    for one, other in zip(solve_frames(*given_problem), solve_frames(*weaker(given_problem, np.ones(20))), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("exponent", [2.0, 3.0])
@pytest.mark.parametrize("demand", [None, 200.0])
def test_planted_errors_are_caught(exponent, demand):
    given_problem = problem(np.random.default_rng(16), 30, 6, 30, 4, demand)
    solution = solve_frames(*given_problem, exponent=exponent)
    point = solution[:4]
    measured = certify_frames(*given_problem, *point, exponent=exponent)
    np.testing.assert_array_equal(measured.max(axis=1) <= 1e-6, solution.converged)
    assert np.all(solution.converged)
    rng = np.random.default_rng(17)
    for at, size in enumerate((1e-3, 1.0, 1e-2, 1e-2)):  # activation, N, N m, share of the multipliers
        for t in range(30):
            wrong = [v.copy() for v in point]
            k = rng.integers(wrong[at].shape[1])
            wrong[at][t, k] += size * (wrong[at][t].max() if at == 3 else 1.0)
            found = certify_frames(*given_problem, *wrong, exponent=exponent)
            assert found[t].max() > 1e-6
            assert np.all(np.delete(found, t, axis=0) == np.delete(measured, t, axis=0))


def test_shares_that_balance_but_cost_too_much_are_caught():
    # Two equal muscles at 0.5 and 0.1 balance as 0.3 and 0.3 do; only stationarity can tell.
    A, b, one = np.full((1, 1, 2), 50.0), np.full((1, 1), 30.0), np.ones((1, 2))
    good = solve_frames(A, np.zeros((1, 1, 0)), b, 0 * one, one, one)
    uneven = good.activation + np.array([[0.2, -0.2]])
    stationarity, feasibility, _ = certify_frames(
        A, np.zeros((1, 1, 0)), b, 0 * one, one, one, uneven, good.support, good.reserve, good.multiplier
    )[0]
    assert stationarity == pytest.approx(0.2, rel=1e-3) and feasibility < 1e-12


def test_values_beyond_the_bounds_and_missing_ones_are_caught():
    given_problem = problem(np.random.default_rng(18), 2, 3, 8, 2)
    point = solve_frames(*given_problem)[:4]
    for at, value in ((0, 1.1), (0, -0.1), (1, -50.0), (0, np.nan), (1, np.nan), (2, np.nan), (3, np.inf)):
        wrong = [v.copy() for v in point]
        wrong[at][0, 0] = value
        found = certify_frames(*given_problem, *wrong)
        assert found[0].max() > 0.05 and found[1].max() <= 1e-6


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


@pytest.mark.parametrize(("frames", "rows", "muscles", "rays"), [(0, 3, 5, 2), (4, 3, 0, 0), (4, 0, 5, 0)])
def test_empty_problems_have_empty_answers(frames, rows, muscles, rays):
    S, b, bounds = np.zeros((frames, rows, rays)), np.ones((frames, rows)), np.ones((frames, muscles))
    solution = solve_frames(np.ones((frames, rows, muscles)), S, b, 0 * bounds, bounds, bounds)
    assert solution.activation.shape == (frames, muscles) and np.all(solution.converged)
    if not rows:
        assert np.all(solution.activation == 0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A": np.nan}, "A is not finite in frame 1; check its moment arms and capacities"),
        ({"S": np.inf}, "S is not finite in frame 1"),
        ({"b": np.nan}, "b is nan in frame 1, entry 0; it must be finite"),
        ({"lower": -0.1}, "lower is -0.1 in frame 1, entry 0; it must be finite and not negative"),
        ({"lower": 1.5}, "upper is 1 in frame 1, entry 0; it must be finite and at least the lower bound"),
        ({"upper": np.inf}, "upper is inf in frame 1"),
        ({"weight": 0.0}, "weight is 0 in frame 1, entry 0; it must be finite and positive"),
        ({"start": np.nan}, "start must be finite multipliers"),
    ],
)
def test_bad_numbers_are_refused(change, message):
    names = ("A", "S", "b", "lower", "upper", "weight")
    values = dict(zip(names, problem(np.random.default_rng(19), 3, 2, 4, 1), strict=True))
    values["start"] = np.zeros((3, 2))
    ((name, value),) = change.items()
    values[name][(1,) + (0,) * (values[name].ndim - 1)] = value
    start = values.pop("start")
    with pytest.raises(ValueError, match=message):
        solve_frames(*values.values(), start=start)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"exponent": 1.5}, "exponent is 1.5; it must be 2 or more"),
        ({"reserve_cost": 0.0}, "reserve_cost is 0; it must be positive"),
        ({"support_cost": -1.0}, "support_cost is -1; it must be positive"),
        ({"support_scale": np.nan}, "support_scale is nan; it must be positive"),
    ],
)
def test_bad_settings_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        solve_frames(*problem(np.random.default_rng(20), 1, 2, 4, 1), **setting)


@pytest.mark.parametrize(
    ("at", "shape", "message"),
    [
        (0, (3, 2), r"A must be \(time, coordinate, muscle\); its shape is \(3, 2\)"),
        (1, (3, 5, 1), r"S must be \(3, 2, rays\) to go with A; its shape is \(3, 5, 1\)"),
        (2, (3, 4), r"b must be \(3, 2\) to go with A; its shape is \(3, 4\)"),
        (4, (3, 2), r"upper must be \(3, 4\) to go with A; its shape is \(3, 2\)"),
    ],
)
def test_shapes_that_disagree_are_refused(at, shape, message):
    values = list(problem(np.random.default_rng(21), 3, 2, 4, 1))
    values[at] = np.ones(shape)
    with pytest.raises(ValueError, match=message):
        solve_frames(*values)

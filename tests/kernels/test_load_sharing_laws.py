"""What must hold for every load-sharing problem: frames apart, invariances, monotone effort, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.sharing_problems import cost, hard_problem, problem, weaker

from gluteal.kernels.recruitment import (
    RESERVE_COST,
    solve_frames,
)


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


@pytest.mark.parametrize(("frames", "rows", "muscles", "rays"), [(0, 3, 5, 2), (4, 3, 0, 0), (4, 0, 5, 0)])
def test_empty_problems_have_empty_answers(frames, rows, muscles, rays):
    S, b, bounds = np.zeros((frames, rows, rays)), np.ones((frames, rows)), np.ones((frames, muscles))
    solution = solve_frames(np.ones((frames, rows, muscles)), S, b, 0 * bounds, bounds, bounds)
    assert solution.activation.shape == (frames, muscles) and np.all(solution.converged)
    if not rows:
        assert np.all(solution.activation == 0.0)

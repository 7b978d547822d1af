"""The native kernels beside NumPy, on problems that Hypothesis makes, and the solvers' own certificates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.helpers.sharing_oracle import solve_by_oracle
from tests.helpers.sharing_problems import hard_problem, problem
from tests.helpers.twelve_problems import known_problems

from gluteal.kernels.recruitment import solve_frames
from gluteal.kernels.tolerance import tolerate_frames


@pytest.mark.parametrize("known", known_problems(), ids=lambda p: p.name)
def test_the_twelve_are_solved(known):
    """Beside the oracle, whose steps end at 1e-26 of the dual: at 1e-13 in the reserves and less in what moves them."""
    A, S, b, lower, upper, weight, capacity = known.given
    found = solve_frames(*known.given[:6], support_scale=known.support_scale, capacity=capacity)
    activation, support, reserve = solve_by_oracle(
        A * capacity[:, None], S, b, lower, upper, weight, support_scale=known.support_scale
    )
    np.testing.assert_allclose(found.activation, activation, atol=1e-7)
    np.testing.assert_allclose(found.support, support, atol=1e-3)
    np.testing.assert_allclose(found.reserve, reserve, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 9),
    rows=st.integers(1, 8),
    muscles=st.integers(1, 40),
    rays=st.integers(0, 6),
    demand=st.sampled_from([None, 1.0, 50.0, 500.0]),
)
def test_any_shape_comes_to_what_numpy_says(seed, frames, rows, muscles, rays, demand):
    made = problem(np.random.default_rng(seed), frames, rows, muscles, rays, demand)
    found = solve_frames(*made)
    assert found.converged.all()
    for ours, theirs, close in zip(found, solve_by_oracle(*made), (1e-6, 1e-2, 1e-4), strict=False):
        np.testing.assert_allclose(ours, theirs, atol=close)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 11),
    rows=st.integers(1, 8),
    muscles=st.integers(1, 40),
    rays=st.integers(0, 6),
    exponent=st.sampled_from([2.0, 2.5, 3.0, 4.0, 10.0]),
)
def test_hard_problems_are_certified_in_any_batch(seed, frames, rows, muscles, rays, exponent):
    """All converge; a frame comes to the same bits alone, and from behind."""
    made = hard_problem(np.random.default_rng(seed), frames, rows, muscles, max(rays, 2))
    whole = solve_frames(*made, exponent=exponent)
    assert max(part.max() for part in whole[4:7]) <= 1e-6
    alone = solve_frames(*(v[-1:] for v in made), exponent=exponent)
    reversed_ = solve_frames(*(v[::-1] for v in made), exponent=exponent)
    for together, single, behind in zip(whole, alone, reversed_, strict=True):
        np.testing.assert_array_equal(together[-1:], single)
        np.testing.assert_array_equal(together, behind[::-1])


@pytest.mark.parametrize("exponent", [2.5, 3.0, 4.0])
def test_powers_come_to_what_numpy_says(exponent):
    made = problem(np.random.default_rng(5), 12, 6, 30, 4, 60.0)
    found = solve_frames(*made, exponent=exponent)
    activation, _, reserve = solve_by_oracle(*made, exponent=exponent)
    np.testing.assert_allclose(found.activation, activation, atol=2e-5)
    np.testing.assert_allclose(found.reserve, reserve, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rays=st.integers(0, 4))
def test_the_tolerated_loss_is_the_linear_programs(seed, rays):
    """Of frames that work undisturbed, by HiGHS: the least share t with A x + S s = b, 0 <= x <= t for the targets."""
    rng = np.random.default_rng(seed)
    A, S, b, lower, upper, _ = problem(rng, 4, 3, 12, rays)
    target = rng.random(12) < 0.4
    found = tolerate_frames(A, S, b, lower, upper, target, support_scale=700.0)
    for t in range(4):
        cost = np.zeros(12 + rays + 1)
        cost[-1] = 1.0
        limits = np.zeros((int(target.sum()), len(cost)))
        limits[np.arange(len(limits)), np.flatnonzero(target)] = 1.0
        limits[:, -1] = -1.0
        equal = np.concatenate([A[t], S[t], np.zeros((3, 1))], axis=1)
        ceiling = [(0.0, None if hit else 1.0) for hit in target]
        bounds = [*ceiling, *[(0.0, None)] * rays, (0.0, 1.0)]
        best = linprog(cost, limits, np.zeros(len(limits)), equal, b[t], bounds)
        assert found.loss[t] == pytest.approx(1.0 - best.x[-1], abs=1e-6)

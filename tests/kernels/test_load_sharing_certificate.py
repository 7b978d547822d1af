"""Certificates catch planted errors, and what is no problem is refused."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.sharing_problems import problem

from gluteal.kernels.recruitment import (
    certify_frames,
    solve_frames,
)


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A": np.nan}, "A is not finite in frame 1; check its moment arms and capacities"),
        ({"S": np.inf}, "S is not finite in frame 1"),
        ({"S": np.nan}, "S is not finite in frame 1"),
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


@pytest.mark.parametrize(("at", "name"), [(0, "A"), (1, "S")])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_certificate_for_a_problem_that_is_not_finite(at, name, value):
    given_problem = problem(np.random.default_rng(24), 3, 2, 4, 1)
    point = solve_frames(*given_problem)[:4]
    given_problem[at][1, 0, 0] = value
    with pytest.raises(ValueError, match=f"{name} is not finite"):
        certify_frames(*given_problem, *point)


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

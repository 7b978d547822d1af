"""Other strategies than least effort, and wishes: their laws on six muscles."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.synthetic import make_mechanics, make_outcome

import gluteal
from gluteal.errors import GlutealError, InputError
from gluteal.nerves.condition import Condition, assemble
from gluteal.nerves.strategy import STRATEGIES
from gluteal.outcome.wishes import list_wishes
from gluteal.sharing.solution import Solution, solve_sharing

MECHANICS = make_mechanics(frames=3)
#: Labels are made when they are first looked at, and a loaded machine takes its time.
law = settings(deadline=None)
#: Those that need no lines of action, which the six muscles have not; `test_joints_are_spared` has the other.
BY_WEIGHT = tuple(name for name in STRATEGIES if name != "joint-sparing")


def plain_cost(solution: Solution) -> float:
    """The cost that least effort makes least: squares of activation and of support forces, no reserves being needed."""
    support = solution.dataset["support_force"].values / solution.problem.support_scale
    return float((solution.activation.values**2).sum() + 1e-3 * (support**2).sum())


@pytest.mark.parametrize("name", STRATEGIES)
def test_equal_weights_are_the_baseline(name: str) -> None:
    """Strength 1 is no strategy: to the bit."""
    plain = solve_sharing(MECHANICS)
    same = solve_sharing(MECHANICS, condition=Condition.strategy(name, strength=1.0))
    np.testing.assert_array_equal(plain.activation, same.activation)


@law
@given(st.floats(0.2, 5.0))
def test_scaling_every_weight_changes_nothing_but_the_cost(times: float) -> None:
    """Here one support carries the weight whatever is shared, so that nothing else has a say."""
    plain = solve_sharing(MECHANICS)
    scaled = solve_sharing(MECHANICS, weight=np.full(6, times))
    np.testing.assert_allclose(scaled.activation, plain.activation, atol=2e-6)
    np.testing.assert_allclose(scaled.dataset["effort"], times * plain.dataset["effort"], rtol=1e-4)


@law
@given(st.sampled_from(BY_WEIGHT), st.floats(1.0, 100.0))
def test_no_strategy_costs_less_than_the_economical_one(name: str, strength: float) -> None:
    """By the cost that the economical one makes least; the tolerance is the solver's."""
    found = solve_sharing(MECHANICS, condition=Condition.strategy(name, strength=strength))
    assert plain_cost(found) >= plain_cost(solve_sharing(MECHANICS)) * (1.0 - 1e-6)


@pytest.mark.parametrize("name", BY_WEIGHT)
def test_a_strategy_keeps_the_mean_weight_of_the_legs(name: str) -> None:
    """Otherwise all activation would get dearer beside what feet do."""
    weight = assemble(Condition.strategy(name, strength=7.0), MECHANICS).weight
    legs = MECHANICS.leg_muscles
    np.testing.assert_allclose(weight[..., legs].mean(axis=-1), 1.0, rtol=1e-12)


def test_what_is_spared_counts_more() -> None:
    """Hip and ankle by whom a muscle crosses, on the side asked for."""
    hip = assemble(Condition.strategy("distal", strength=4.0, side="r"), MECHANICS).weight[0]
    ankle = assemble(Condition.strategy("proximal", strength=4.0), MECHANICS).weight[0]
    np.testing.assert_allclose(hip / hip.min(), [4, 4, 4, 1, 1, 1])
    np.testing.assert_allclose(ankle / ankle.min(), [1, 1, 1, 1, 1, 4])


@law
@given(st.floats(0.0, 1.0))
def test_a_wish_at_or_below_the_baseline_changes_nothing(share: float) -> None:
    plain = solve_sharing(MECHANICS)
    level = share * float(plain.activation.sel(muscle="glmax1_r").min())
    same = solve_sharing(MECHANICS, condition=Condition.wish("glmax1_r", level=level))
    np.testing.assert_allclose(same.activation, plain.activation, atol=2e-6)


@law
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_higher_wish_is_never_met_lower(one: float, other: float) -> None:
    """And never beyond what was wished, where the muscle would not have worked harder anyway."""
    plain = solve_sharing(MECHANICS).activation.sel(muscle="glmax1_r").values
    low, high = (
        solve_sharing(MECHANICS, condition=Condition.wish("glmax1_r", level=level)).activation.sel(muscle="glmax1_r")
        for level in sorted((one, other))
    )
    assert (low.values <= high.values + 2e-6).all()
    assert (high.values <= np.maximum(plain, max(one, other)) + 2e-6).all()


def test_nothing_becomes_impossible_by_a_wish() -> None:
    """All hip abductors at full strength turn the leg five times too strongly; as a squeeze that is impossible."""
    squeezed = make_outcome(Condition.squeeze("hip-abductors", floor=1.0))
    wished = make_outcome(Condition.wish("hip-abductors", level=1.0))
    assert squeezed.verdict == "impossible" and wished.verdict in ("compensated", "unchanged")
    rows = list_wishes(wished)
    assert [row["side"] for row in rows] == ["r", "l"]
    assert all(row["baseline_mean"] - 1e-6 <= row["mean"] <= 1.0 == row["asked"] for row in rows)
    assert "wished to work at 100 % or more, does at" in wished.sentence
    assert wished.to_json()["wishes"] == rows


def test_a_strategy_points_to_where_it_would_tell() -> None:
    assert "gluteal adapt lets the posture follow" in make_outcome(Condition.strategy("hip-sparing")).sentence


@pytest.mark.slow
def test_joints_are_spared() -> None:
    """Standing on one leg: hips, knees and spine are pressed less, for more effort; the more, the stronger it is."""
    body = gluteal.load_body("myo")
    stance = gluteal.load_task("single-leg-stance", body)
    mechanics = gluteal.compute_mechanics(body, stance)
    outcomes = [
        gluteal.simulate(body, stance, condition=Condition.strategy("joint-sparing", strength=k), mechanics=mechanics)
        for k in (1.0, 4.0, 16.0)
    ]
    spared = ("hip", "knee", "lumbosacral")
    force = [sum(row["peak_bw"] ** 2 for row in o.joint_loads if row["joint"].startswith(spared)) for o in outcomes]
    effort = [o.effort_ratio for o in outcomes]
    assert force == sorted(force, reverse=True) and force[2] < force[0]
    assert effort == sorted(effort) and effort[0] == 1.0


def test_unknown_and_out_of_range() -> None:
    with pytest.raises(GlutealError, match=r"There is no strategy 'hip-spearing'\. Close names: hip-sparing"):
        Condition.strategy("hip-spearing")
    words = "strategy 'metabolic' = 0.5 is out of range: the strength of a strategy must lie between 1 (none) and 1000."
    with pytest.raises(InputError, match=re.escape(words)):
        Condition.strategy("metabolic", strength=0.5)

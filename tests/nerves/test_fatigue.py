"""Fatigue: laws of three compartments, the closed form, and the model beside people's holding times."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.synthetic import MUSCLES, make_body, make_mechanics

import gluteal
from gluteal import Condition
from gluteal.errors import InputError, UnknownName
from gluteal.nerves.fatigue import (
    find_fatigue_rates,
    hold_time,
    list_fatigue_rates,
    people_hold,
    tiring_of,
)
from gluteal.nerves.tiring import Fatigue
from gluteal.simulate.endurance import compute_endurance

NAMES = list(MUSCLES)
RATES = list_fatigue_rates()
TIRING = tiring_of(NAMES)
shares = st.floats(0.0, 1.0)


@given(shares, shares, st.floats(0.0, 1e4))
def test_the_fatigued_share_stays_a_share(fatigued: float, activation: float, seconds: float) -> None:
    a = np.full((1, len(NAMES)), activation)
    after = TIRING.step(np.full(len(NAMES), fatigued), a, seconds)
    assert ((after >= 0.0) & (after <= 1.0)).all()


@given(shares, st.floats(0.02, 1.0), st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_two_steps_are_one(fatigued: float, activation: float, first: float, second: float) -> None:
    """The step is exact: its length is no setting."""
    a = np.full((1, len(NAMES)), 0.05 * activation)  # small enough that nothing is cut off at 1
    begin = np.full(len(NAMES), 0.3 * fatigued)
    both = TIRING.step(TIRING.step(begin, a, first), a, second)
    np.testing.assert_allclose(both, TIRING.step(begin, a, first + second), atol=1e-12)


def test_the_step_is_the_differential_equation() -> None:
    """Euler in 1e5 steps of dMF/dt = F a - R MF."""
    row = find_fatigue_rates("general")
    mf = 0.1
    for _ in range(100_000):
        mf += (row.fatigue * 0.4 - row.recovery * mf) * 60.0 / 100_000
    place = NAMES.index("glmed1_r")
    after = TIRING.step(np.full(len(NAMES), 0.1), np.full((1, len(NAMES)), 0.4), 60.0)[place]
    assert after == pytest.approx(mf, abs=1e-6)


def test_rest_restores_and_no_fatigue_is_the_baseline() -> None:
    tired = np.full(len(NAMES), 0.6)
    rested = [TIRING.rested(tired, s) for s in (0.0, 30.0, 300.0, 1e6)]
    assert all((b < a).all() for a, b in pairwise(rested))
    np.testing.assert_allclose(rested[-1], 0.0, atol=1e-12)
    np.testing.assert_array_equal(TIRING.scaled(0.0).step(np.zeros(len(NAMES)), np.ones((1, len(NAMES))), 1e5), 0.0)


@pytest.mark.parametrize("most", [0.0, 0.05, 0.5, 1.0])
def test_all_one_has_is_the_differential_equation(most: float) -> None:
    """Small steps of dMF/dt = F min(most, 1 - MF) - R MF end where `Tiring.spent` says, before and after the limit."""
    row, place = find_fatigue_rates("ankle"), NAMES.index("soleus_r")
    mf, dt = 0.0, 0.01
    for _ in range(30_000):
        mf += (row.fatigue * min(most, 1.0 - mf) - row.recovery * mf) * dt
    spent = TIRING.spent(np.full(len(NAMES), most), 300.0)[place]
    assert spent == pytest.approx(mf, abs=1e-4) and 0.0 <= spent <= row.fatigue / (row.fatigue + row.recovery)
    assert (TIRING.spent(np.full(len(NAMES), most), 0.0) == 0.0).all()


def test_a_cycle_counts_by_its_mean() -> None:
    """Tiring is linear in activation: half a cycle at 0.6 and half at 0.2 tire as 0.4 throughout."""
    wave, flat = np.full((2, len(NAMES)), 0.6), np.full((1, len(NAMES)), 0.4)
    wave[1] = 0.2
    zero = np.zeros(len(NAMES))
    np.testing.assert_allclose(TIRING.step(zero, wave, 50.0), TIRING.step(zero, flat, 50.0), rtol=1e-12)


@pytest.mark.parametrize("row", RATES, ids=lambda r: r.region)
def test_endurance_falls_with_load_and_is_endless_below_the_sustained_share(row) -> None:  # type: ignore[no-untyped-def]
    load = np.linspace(1.01 * row.sustained, 1.0, 50)
    times = hold_time(load, row)
    assert (np.diff(times) < 0.0).all() and times[-1] == 0.0
    assert np.isinf(hold_time(0.99 * row.sustained, row))


@pytest.mark.parametrize("row", RATES, ids=lambda r: r.region)
def test_the_model_is_within_a_factor_of_two_of_people(row) -> None:  # type: ignore[no-untyped-def]
    """From 20 to 80 % of strength, beside the pooled law of 194 publications (Frey Law and Avin 2010).

    The bound is the published fit's own spread (0.54 to 1.39) with room; beyond 85 % the model is known to
    be too short.
    """
    load = np.arange(0.2, 0.81, 0.05)
    ratio = hold_time(load, row) / people_hold(load, row)
    assert ((ratio > 0.5) & (ratio < 2.0)).all()
    assert (hold_time(0.95, row) / people_hold(0.95, row)) < 0.5  # the misfit that the page states


def test_muscles_have_the_rates_of_their_region() -> None:
    ankle, general = find_fatigue_rates("ankle"), find_fatigue_rates("general")
    assert TIRING.fatigue[NAMES.index("soleus_r")] == ankle.fatigue
    assert TIRING.fatigue[NAMES.index("glmed1_r")] == general.fatigue  # no row of the hip was published
    with pytest.raises(UnknownName, match="There is no region 'hip'"):
        find_fatigue_rates("hip")


# --- a hold -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone() -> gluteal.Mechanics:
    """The ankle's one muscle is asked for half of what it can give; the hips for nothing."""
    mechanics = make_mechanics(0.0, frames=1, left=0.0)
    names = list(mechanics.dataset["coordinate"].values)
    data = mechanics.dataset.copy(deep=True)
    at = names.index("ankle_angle_r")
    most = data["moment_arm"].values[0, at] @ data["active_capacity"].values[0]
    data["joint_moment"].values[0, at] = 0.5 * most + data["moment_arm"].values[0, at] @ data["passive_force"].values[0]
    return gluteal.Mechanics(mechanics.body, mechanics.movement, data, 0.0)


def test_one_muscle_holds_as_long_as_the_closed_form(alone: gluteal.Mechanics) -> None:
    """To 0.1 %: with 1 - MF = 0.5 it is at its limit. What may be missing (1 N m or 5 %) then adds a little."""
    row = find_fatigue_rates("ankle")
    held = compute_endurance(alone.body, alone.movement, mechanics=alone, step=1.0)
    free = hold_time(0.5, row)
    assert held.coordinate == "ankle_angle_r"
    fatigued = held.fatigued[:, NAMES.index("soleus_r")]
    at_limit = float(np.interp(0.5, fatigued, held.time))
    assert at_limit == pytest.approx(float(free), rel=1e-3)
    assert fatigued[-1] > 0.5 and at_limit <= held.seconds < 1.2 * at_limit


def test_half_the_step_changes_little(alone: gluteal.Mechanics) -> None:
    times = [compute_endurance(alone.body, alone.movement, mechanics=alone, step=s).seconds for s in (2.0, 1.0)]
    assert times[0] == pytest.approx(times[1], rel=0.01)


def test_a_bridge_is_taken_over_and_rest_is_not_complete() -> None:
    """Back extension after 3, 6 and 9 minutes of rest is still shorter (Wang-Price 2017: 12 people)."""
    body = gluteal.load_body("myo")
    hold = gluteal.load_task("back-extension-hold", body)
    mechanics = gluteal.compute_mechanics(body, hold)
    first = compute_endurance(body, hold, mechanics=mechanics)
    assert first.coordinate == "lumbar_extension" and 60.0 < first.seconds < 600.0
    again = [
        compute_endurance(body, hold, mechanics=mechanics, rested=first, rest=60.0 * m).seconds
        for m in (0.0, 3.0, 6.0, 9.0)
    ]
    assert again == sorted(again) and again[0] < 5.0 and again[-1] < 0.8 * first.seconds
    assert compute_endurance(body, hold, mechanics=mechanics, rested=first, rest=1e6).seconds == pytest.approx(
        first.seconds, rel=1e-3
    )
    groups = first.groups.set_index(["name", "side"])
    assert groups.loc[("multifidus", "r"), "change"] > 0.1 > 0.0 > groups.loc[("iliocostalis", "r"), "change"]


def test_weaker_fails_sooner_and_the_criterion_hardly_matters() -> None:
    """Failure is when everybody is at the limit; who takes over until then depends on what is made least."""
    body = gluteal.load_body("myo")
    stance = gluteal.load_task("single-leg-stance", body)
    mechanics = gluteal.compute_mechanics(body, stance)
    plain = compute_endurance(body, stance, mechanics=mechanics)
    weak = compute_endurance(
        body, stance, mechanics=mechanics, condition=Condition.weaken("hip-abductors", loss=0.2, side="r")
    )
    size = compute_endurance(body, stance, mechanics=mechanics, criterion=gluteal.find_criterion("size"))
    assert weak.seconds < plain.seconds
    assert size.seconds == pytest.approx(plain.seconds, rel=0.1)
    assert np.abs(size.activation[0] - plain.activation[0]).max() > 0.02  # who works is another matter


def test_the_state_after_a_hold_is_a_condition() -> None:
    """It only lowers ceilings; nothing held changes nothing; and it says what it was asked for, not the state."""
    body = gluteal.load_body("myo")
    stance = gluteal.load_task("single-leg-stance", body)
    mechanics = gluteal.compute_mechanics(body, stance)
    fresh = gluteal.simulate(body, stance, condition=Condition.fatigue(hold=0.0), mechanics=mechanics)
    tired = gluteal.simulate(body, stance, condition=Condition.fatigue(hold=120.0), mechanics=mechanics)
    spent = gluteal.simulate(body, stance, condition=Condition.fatigue(hold=600.0), mechanics=mechanics)
    assert fresh.verdict == "unchanged" and fresh.effort_ratio == pytest.approx(1.0, abs=1e-9)
    assert tired.verdict == "compensated" and tired.effort_ratio > 1.01
    assert spent.verdict == "impossible"
    assert tired.to_json()["condition"]["effects"] == [Fatigue("hold", 120.0).to_json()]
    assert not tired.condition.affected(body)  # it acts on all muscles, and so on none in particular


@pytest.mark.slow
def test_shifting_delays_failure() -> None:
    """At the moment of failure the tired abductors can still hold a body that leans over the standing leg."""
    body = gluteal.load_body("myo")
    found = gluteal.compute_shifting_hold(body, gluteal.load_task("single-leg-stance", body), every=3600.0, most=1)
    ((when, moved),) = found.shifts
    assert when == pytest.approx(found.still.seconds, rel=1e-3) and found.seconds > found.still.seconds + 1.0
    assert 0.1 < moved["trunk_lean"] < 10.0
    assert "held still" in found.sentence


@pytest.mark.parametrize(
    ("condition", "task", "sentence"),
    [
        (
            Condition.fatigue(cycles=5),
            "single-leg-stance",
            "is a posture held still: give hold=SECONDS, such as hold=60",
        ),
        (Condition.fatigue(hold=5), "walk", "is a motion: give cycles=N, such as cycles=50"),
    ],
)
def test_what_cannot_be_held_or_repeated_is_said(condition: Condition, task: str, sentence: str) -> None:
    body = gluteal.load_body("myo")
    mechanics = gluteal.compute_mechanics(body, gluteal.load_task(task, body))
    with pytest.raises(InputError, match=sentence):
        gluteal.settle_fatigue(condition, mechanics)


def test_a_fatigue_is_a_hold_or_cycles() -> None:
    with pytest.raises(InputError, match="fatigue 'glmax': give hold=SECONDS for a posture or cycles=N for a motion"):
        Condition.of("fatigue", "glmax", 3.0)
    assert make_body().resolve("glmed")  # the body that the laws above rest on has muscles of that name


def test_a_tired_body_tolerates_less() -> None:
    body = gluteal.load_body("myo")
    stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    tolerated = []
    for seconds in (0.0, 60.0, 150.0):
        tired = gluteal.settle_fatigue(gluteal.Condition.fatigue(hold=seconds), stance)
        ranking = gluteal.rank_tolerance(stance, "superior gluteal", condition=tired)
        tolerated.append(ranking.tolerances[0].critical_loss)
    fresh = gluteal.rank_tolerance(stance, "superior gluteal").tolerances[0].critical_loss
    assert tolerated[0] == fresh
    assert tolerated[0] > tolerated[1] > tolerated[2]

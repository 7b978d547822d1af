"""Joint moments of built-in movements beside published ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gluteal
from gluteal.engines import compute_mechanics
from gluteal.held_against.joint_moments import (
    BAND,
    DIRECTIONS,
    compare_joint_moments,
    compute_largest_moment,
    published_moments,
    say_moments_outside,
)
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import list_tasks, load_task
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.sources.published import load_published
from gluteal.vocabulary import STANDARD_GRAVITY


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


def solve(body: Body, name: str) -> Solution:
    return solve_sharing(compute_mechanics(body, load_task(name, body)))


def test_every_row_names_a_built_in_movement_and_a_direction() -> None:
    names = {task.name for task in list_tasks()}
    for row in published_moments():
        assert row.movement in names and row.moment in DIRECTIONS and row.low < row.high


def test_bands_are_the_printed_ones() -> None:
    """A mean becomes two deviations each way, a range stays, a least value has no upper end."""
    table = load_published("joint_moments")
    for row, (_, printed) in zip(published_moments(), table.iterrows(), strict=True):
        if np.isfinite(printed["mean"]):
            assert (row.low + row.high) / 2 == pytest.approx(printed["mean"])
            assert row.high - row.low == pytest.approx(2 * BAND * printed["sd"])
        else:
            assert row.low == printed["low"]
            assert row.high == (printed["high"] if np.isfinite(printed["high"]) else np.inf)


def test_the_hip_moment_of_standing_on_one_leg_is_what_a_lever_gives(body: Body) -> None:
    """The standing hip holds the body less the leg (one sixth) at 8 to 12 cm: 0.65 to 0.98 N m/kg of abduction."""
    found = compute_largest_moment(solve(body, "single-leg-stance"), "hip abduction", legs="lead")
    assert 5 / 6 * STANDARD_GRAVITY * 0.08 < found < 5 / 6 * STANDARD_GRAVITY * 0.12


def test_signs_are_those_of_the_muscles_that_pull(body: Body) -> None:
    """In a forward bend back and hips extend and the ankles hold against the toes; nothing flexes the hips."""
    bend = solve(body, "forward-bend")
    for moment in ("hip extension", "trunk extension", "plantarflexion"):
        assert compute_largest_moment(bend, moment) > 0.1, moment
    assert compute_largest_moment(bend, "hip flexion") < 0.0


def test_every_movement_has_a_row_for_every_direction(body: Body) -> None:
    """What nobody published is computed all the same, and says so."""
    rows = compare_joint_moments(solve(body, "lunge"))
    assert {row["moment"] for row in rows} == set(DIRECTIONS)
    assert all(row["source"] is None and row["inside"] is None for row in rows)


def test_a_movement_outside_is_told_and_one_inside_is_not(body: Body) -> None:
    """The squat asks more of the hip and less of the knee than a person's, who bent the trunk and spread the feet."""
    squat = solve(body, "squat")
    told = " ".join(say_moments_outside(squat))
    assert "of knee extension at most; published: 0.92 to 1.05 (uhlrich2023, one adult" in told
    assert "plantarflexion" not in told
    assert say_moments_outside(solve(body, "quiet-standing")) == ()
    # Twice the moments on the same mass: what was inside is told.
    doubled = squat.mechanics.dataset.assign(joint_moment=2.0 * squat.mechanics.dataset["joint_moment"])
    harder = solve_sharing(replace(squat.mechanics, dataset=doubled))
    assert "plantarflexion" in " ".join(say_moments_outside(harder))


def test_an_adult_is_not_judged_by_children(body: Body) -> None:
    """The walk's knees extend with more than children's, as its walker's did; that is a row, and no warning."""
    walk = solve(body, "walk")
    outside = [row for row in compare_joint_moments(walk) if row["inside"] is False]
    assert [row["people"] for row in outside] == ["children"]
    assert say_moments_outside(walk) == ()


def test_rising_is_judged_from_when_the_seat_is_left(body: Body) -> None:
    """While the seat carries, the hips ask for more than after it; the recording has no plate under the chair."""
    rise = solve(body, "sit-to-stand")
    whole = compute_largest_moment(rise, "hip extension")
    assert compute_largest_moment(rise, "hip extension", feet_alone=True) < whole

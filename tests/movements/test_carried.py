"""Weights and bands of tasks: they weigh what they say, resist acceleration and cancel where they must."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.task_files import task_refusal

import gluteal
from gluteal.engines import centre_of_mass, compute_geometry, segment_points
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement, mirror
from gluteal.movements.tasks import load_task
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import solve_sharing
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


def asked(body: Body, movement: Movement) -> np.ndarray:
    """What inverse dynamics asks of every coordinate, (T, Q) N or N m."""
    return compute_geometry(body, movement).joint_moment


def test_a_weight_is_carried_by_the_supports(body: Body) -> None:
    """Under a held posture the ground pushes with the weight of body and load: Newton's first law."""
    movement = load_task("single-leg-deadlift", body, weight=20).take(slice(0, 1))
    still = replace(movement, speed=0 * movement.speed, acceleration=0 * movement.acceleration)
    force = compute_support_force(solve_sharing(gluteal.compute_mechanics(body, still)))
    assert list(force.support.values) == ["foot_r"]
    # At the first frame the load's own acceleration is that of the spline's start.
    extra = -sum(load.force[0, 1] for load in still.loads) - 20 * STANDARD_GRAVITY
    expected = (body.mass + 20) * STANDARD_GRAVITY + extra
    assert float(force.sel(axis="y").sum()) == pytest.approx(expected, abs=0.5)


def test_a_weight_resists_acceleration(body: Body) -> None:
    """Force on the body is -m (g + a): over a motion from rest to rest the impulse is that of gravity alone."""
    movement = load_task("deadlift", body, bar=20)
    total = np.sum([load.force for load in movement.loads], axis=0)
    assert np.ptp(total[:, 1]) > 5.0
    impulse = np.trapezoid(total, movement.time, axis=0)
    weight = 20 * STANDARD_GRAVITY * movement.time[-1]
    # The trapezoidal rule on 33 frames.
    assert impulse[1] == pytest.approx(-weight, rel=0.005)
    assert abs(impulse[[0, 2]]).max() < 0.005 * weight


def test_a_weight_at_the_hands_bends_the_back_by_its_lever(body: Body) -> None:
    """In one and the same motion, twice the weight adds twice the moment about the lumbar joint."""
    once = load_task("single-leg-deadlift", body, weight=10)
    twice = replace(once, loads=tuple(replace(load, force=2 * load.force) for load in once.loads))
    column = list(body.coordinate_names).index("lumbar_extension")
    none, first, second = (asked(body, m)[:, column] for m in (replace(once, loads=()), once, twice))
    assert abs(first - none).max() > 10.0
    np.testing.assert_allclose(second - none, 2 * (first - none), atol=1e-6)


def test_balance_is_that_of_body_and_weight(body: Body) -> None:
    """The common centre of mass is where the file wants it; the body's own moves back."""
    point = contact_points()
    ends = [point["heel_medial_r"], point["toe_1_r"], point["shoulder_side_r"], point["shoulder_side_l"]]
    for mass in (0.0, 20.0):
        movement = load_task("romanian-deadlift", body, bar=mass)
        middle = int(np.argmin(abs(movement.time - 2.5)))
        posture = movement.coordinates.values[middle]
        heel, toe, *hands = segment_points(body, posture, [(p.segment, p.point) for p in ends])
        centre = (body.mass * centre_of_mass(body, posture) + mass * np.mean(hands, axis=0)) / (body.mass + mass)
        assert (centre[0] - heel[0]) / (toe[0] - heel[0]) == pytest.approx(0.45, abs=0.02)


def test_a_band_asks_nothing_of_the_ground_and_much_of_the_hips(body: Body) -> None:
    """Two opposite forces on one line: no force or moment on the whole body; both hips must abduct against it."""
    movement = load_task("lateral-band-walk", body, band=40)
    change = asked(body, movement)[0] - asked(body, replace(movement, loads=()))[0]
    change = dict(zip(body.coordinate_names, change, strict=True))
    assert max(abs(change[name]) for name in ROOT_COORDINATES) < 1e-9
    # About 40 N at some 0.8 m below the hip; abduction is negative.
    assert -40 < change["hip_adduction_l"] < -20


def test_mirrored_loads_go_to_the_other_side(body: Body) -> None:
    right, left = load_task("lateral-band-walk", body), load_task("lateral-band-walk", body, side="l")
    assert [load.segment for load in left.loads] == ["tibia_l", "tibia_r"]
    np.testing.assert_allclose(mirror(left).loads[0].force, right.loads[0].force)


def test_no_weight_is_no_load(body: Body) -> None:
    assert load_task("single-leg-deadlift", body).loads == ()
    assert load_task("lateral-band-walk", body, band=0).loads == ()


FILE = """
name = "mine"
title = "Mine"
description = "Standing with a sack"

[parameters.sack]
default = 5
range = [0, 10]
unit = "kg"
text = "what it weighs"
loads = { sack = 1 }

[[keyframe]]
hip_flexion_r = 0

[solve]
free = ["pelvis_ty"]

[[weight]]
name = "sack"
points = ["shoulder_side_r"]
mass = 1.0

[[support]]
points = ["heel_medial_r", "heel_medial_l"]
"""


def test_a_parameter_adds_to_a_load(body: Body, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    for given, mass in (({}, 6.0), ({"sack": 2}, 3.0)):
        loads = load_task(path, body, **given).loads
        assert [load.force[0, 1] for load in loads] == pytest.approx([-mass * STANDARD_GRAVITY])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("mass = 1.0", "mass = -1.0", "weight 1.mass: is -1.0; give a number of kilograms, 0 to 500"),
        ("mass = 1.0", "mass = 2000.0", "weight 1.mass: is 2000.0; give a number of kilograms, 0 to 500"),
        ('["shoulder_side_r"]', "[]", "weight 1.points: is []; give a list of contact points"),
        ('"shoulder_side_r"', '"sholder_side_r"', "there is no contact point 'sholder_side_r'. Close names: shoulder"),
        ("{ sack = 1 }", "{ bag = 1 }", "parameters.sack.loads: there is no load 'bag'; the file has sack."),
        ("[[support]]", '[[band]]\nname = "sack"\nbetween = ["asis_r", "asis_l"]\nforce = 1\n[[support]]', "two loads"),
        ("[[support]]", '[[band]]\nname = "b"\nbetween = ["asis_r"]\nforce = 1\n[[support]]', "two contact points"),
    ],
)
def test_bad_loads_say_what_is_wrong(body: Body, tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in FILE
    assert sentence in task_refusal(body, tmp_path / "mine.toml", FILE.replace(old, new, 1))


def test_a_parameter_that_changes_nothing_is_refused(body: Body, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("loads = { sack = 1 }\n", ""))
    with pytest.raises(InputError, match=r"parameters\.sack\.adds: is missing; give what changes per unit"):
        load_task(path, body)

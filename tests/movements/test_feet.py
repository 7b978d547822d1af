"""Standing feet: they hardly twist or push apart, in every task, and nothing becomes impossible by that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.task_files import STANDING, task_refusal

import gluteal
from gluteal.engines import compute_mechanics
from gluteal.held_against.feet import compare_feet, compute_foot_force
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import mirror
from gluteal.movements.tasks import list_tasks, list_walkers, load_task
from gluteal.sharing.solution import Solution, solve_sharing

#: Tasks in which a foot shares the weight with the other one, or with shoulders or a seat.
SHARED = {
    "anterior-pelvic-tilt",
    "bend-and-return",
    "bridge",
    "bridge-hips-abducted",
    "bulgarian-split-squat",
    "deadlift",
    "forward-bend",
    "forward-bend-from-the-spine",
    "hip-thrust",
    "lunge",
    "onto-one-leg",
    "quiet-standing",
    "rise-from-chair",
    "romanian-deadlift",
    "single-leg-bridge",
    "sit-to-stand",
    "split-squat",
    "squat",
    "step-up",
}


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def solved(body: Body) -> dict[str, Solution]:
    return {name: solve_sharing(compute_mechanics(body, load_task(name, body))) for name in sorted(SHARED)}


def freed(solution: Solution) -> Solution:
    """The same posture with feet that do what least effort likes."""
    mechanics = solution.mechanics
    return solve_sharing(replace(mechanics, movement=replace(mechanics.movement, weak_rows=())))


def test_feet_that_share_the_weight_have_weak_rows(body: Body) -> None:
    """One foot alone has none: its forces follow from the movement. Lying on the side, heels do not stand."""
    for task in list_tasks():
        if task.name not in list_walkers():
            assert bool(load_task(task.name, body).weak_rows) == (task.name in SHARED), task.name


@pytest.mark.parametrize("name", sorted(SHARED))
def test_no_foot_twists_more_than_people(solved: dict[str, Solution], name: str) -> None:
    """At most 4 N m about the vertical (recorded: 3.4); where a person was recorded, all is in that person's range."""
    rows = compare_feet(solved[name])
    assert rows
    for row in rows:
        assert row["free_moment_nm"] <= 4.0
        assert row["inside"] in (None, True)
    assert all(row["source"] for row in rows) == (name in ("squat", "sit-to-stand"))


def test_feet_left_to_least_effort_are_caught(solved: dict[str, Solution]) -> None:
    """Without weak rows a squat twists the feet by 19 N m, and a lunge pushes them apart by a tenth of body weight."""
    moment = compute_foot_force(freed(solved["squat"]), "r").free_moment
    assert np.nanmax(abs(moment)) > 15.0
    lunge = freed(solved["lunge"])
    weight = lunge.mechanics.body.mass * 9.81
    assert np.nanmin(compute_foot_force(lunge, "r").force[:, 0]) < -0.1 * weight


@pytest.mark.parametrize("name", sorted(SHARED))
def test_nothing_becomes_impossible(solved: dict[str, Solution], name: str) -> None:
    """What is missing at least stays within 0.05 N m (or N) of what it was; effort never falls."""
    free = freed(solved[name])
    assert float(abs(solved[name].dataset["least_reserve"]).max()) < 0.05
    assert (solved[name].dataset["effort"] >= free.dataset["effort"] - 1e-4).all()


def test_what_is_missing_does_not_hang_on_weak_rows(solved: dict[str, Solution], body: Body) -> None:
    """A squat without the femoral nerve: the largest deficit stays within 0.5 N m or a twentieth."""
    from gluteal import Condition

    gone = Condition.block("femoral", loss=1.0)
    mechanics = solved["squat"].mechanics
    free = replace(mechanics, movement=replace(mechanics.movement, weak_rows=()))
    missing = [float(abs(solve_sharing(m, condition=gone).residual()).max()) for m in (mechanics, free)]
    assert missing[1] > 10.0
    assert missing[0] == pytest.approx(missing[1], abs=0.5, rel=0.05)


def test_mirrored_feet_do_the_mirrored_thing(solved: dict[str, Solution], body: Body) -> None:
    """Forces on the right foot of a mirrored lunge are those on the left of the lunge, to a thousandth of weight."""
    other = solve_sharing(compute_mechanics(body, mirror(solved["lunge"].mechanics.movement)))
    own, mirrored = compute_foot_force(solved["lunge"], "r"), compute_foot_force(other, "l")
    np.testing.assert_allclose(mirrored.force, own.force * [1.0, 1.0, -1.0], atol=0.75)
    np.testing.assert_allclose(mirrored.free_moment, -own.free_moment, atol=0.1)


def test_a_window_keeps_its_own_rows(solved: dict[str, Solution], body: Body) -> None:
    """Frames do not know of each other: some of a movement are solved as in the whole."""
    movement = solved["step-up"].mechanics.movement
    part = solve_sharing(compute_mechanics(body, movement.take(slice(5, 20))))
    np.testing.assert_allclose(part.activation.values, solved["step-up"].activation.values[5:20], atol=1e-6)


#: On three points of each foot, whose forces follow the words on feet.
ON_FEET = (
    STANDING.replace(
        '"heel_medial_r", "heel_medial_l"',
        '"heel_medial_r", "toe_1_r", "toe_5_r", "heel_medial_l", "toe_1_l", "toe_5_l"',
    )
    + "tolerance = 0.05\n\n[feet]\n"
)


def write(path: Path, feet: str) -> Path:
    path.write_text(ON_FEET + feet)
    return path


def test_a_task_file_says_how_its_feet_stand(body: Body, tmp_path: Path) -> None:
    rows = load_task(write(tmp_path / "mine.toml", "free_moment = 2\nhorizontal_force = 0.1\n"), body).weak_rows
    assert [row.name for row in rows[:3]] == [
        "free moment of foot_r",
        "forward force of foot_r",
        "sideways force of foot_r",
    ]
    assert rows[0].deviation == 2.0 and rows[1].deviation == pytest.approx(0.1 * body.mass * 9.80665)
    assert not load_task(write(tmp_path / "mine.toml", "free = true\n"), body).weak_rows


def test_inward_is_towards_the_other_foot(body: Body, tmp_path: Path) -> None:
    """Half of a body's weight pushed inward by its share costs nothing; straight up it is off by share x weight."""
    rows = load_task(write(tmp_path / "mine.toml", "inward = 0.1\n"), body).weak_rows
    for row, inward in ((rows[2], -1.0), (rows[5], 1.0)):
        part = next(iter(row.per_force.values()))[0]
        assert part @ [0.0, 100.0, inward * 10.0] == pytest.approx(0.0)
        assert part @ [0.0, 100.0, 0.0] == pytest.approx(-10.0)


@pytest.mark.parametrize(
    ("feet", "sentence"),
    [
        ("free_moment = 0\n", "feet.free_moment: is 0; give a number of newton-metres, above 0."),
        ("horizontal_force = -1\n", "feet.horizontal_force: is -1; give a share of body weight, above 0."),
        ("inward = 2\n", "feet.inward: is 2; give a share of the vertical force, -1 to 1."),
        ("free = 3\n", "feet.free: is 3; give true or false."),
        ("inwards = 0.1\n", "feet.inwards: is no known key; did you mean 'inward'?"),
    ],
)
def test_bad_feet_are_refused(body: Body, tmp_path: Path, feet: str, sentence: str) -> None:
    assert sentence in task_refusal(body, tmp_path / "mine.toml", ON_FEET + feet)

"""Passive tissue: what it takes off muscles it puts on the joint, and nothing where it is slack."""

from __future__ import annotations

import numpy as np
import pytest

import gluteal
from gluteal.engines import segment_points
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.simulate.passive_tissue import add_passive_tissue, list_passive_elements, passive_tissues


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def walk(body: Body) -> Mechanics:
    return gluteal.compute_mechanics(body, gluteal.load_task("walk", body))


def test_taut_upright_and_alike_on_both_sides(body: Body) -> None:
    """Upright all are at their slack length and pull nothing; left and right are mirror images."""
    elements = list_passive_elements(body, passive_tissues())
    right, left = ([e for e in elements if e.side == side] for side in "rl")
    assert [e.name for e in right] == [e.name for e in left]
    for a, b in zip(right, left, strict=True):
        assert a.slack_length == pytest.approx(b.slack_length, rel=1e-6)
        assert 0.04 < a.slack_length < 0.6
        assert a.tension(np.array([0.5, 1.0, 1.1]) * a.slack_length) == pytest.approx(
            [0.0, 0.0, 0.1 * a.stiffness], abs=1e-9
        )


def test_the_moment_is_the_pull_times_its_arm(body: Body, walk: Mechanics) -> None:
    """About the hip's flexion axis, z of the pelvis, by cross product instead of central differences.

    2 %: the pelvis's z is the axis of the first rotation, and the element is taken between points of this frame.
    """
    held = add_passive_tissue(walk, "iliotibial-band")
    element = next(e for e in list_passive_elements(body, ["iliotibial-band"]) if e.side == "r")
    moment = (held.dataset["spring_moment"] - walk.dataset["spring_moment"]).sel(coordinate="hip_flexion_r").values
    t = int(np.abs(moment).argmax())
    posture = walk.dataset["coordinate_value"].values[t]
    extra = [("femur_r", (0.0, 0.0, 0.0)), ("pelvis", (0.0, 0.0, 0.0)), ("pelvis", (0.0, 0.0, 1.0))]
    points = segment_points(body, posture, [*element.points, *extra])
    path, centre, axis = points[:3], points[3], points[5] - points[4]
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    pull = element.tension(np.array([length]))[0] * (path[0] - path[1]) / np.linalg.norm(path[0] - path[1])
    assert moment[t] == pytest.approx(float(np.cross(path[1] - centre, pull) @ axis), rel=0.02)


def test_muscles_do_less_and_the_pull_is_contact(walk: Mechanics) -> None:
    """What is asked of muscles falls by the moment; the joint keeps the tissue's pull, hundreds of newtons."""
    held = add_passive_tissue(walk, "iliotibial-band")
    moment = held.dataset["spring_moment"] - walk.dataset["spring_moment"]
    np.testing.assert_allclose(held.dataset["joint_moment"], walk.dataset["joint_moment"] - moment)
    assert float(moment.sel(coordinate="hip_adduction_r").min()) < -10.0
    pull = walk.lines.needed_force - held.lines.needed_force
    names = [c.joint for c in walk.lines.cuts]
    size = np.linalg.norm(pull, axis=2)[:, names.index("hip")]
    assert size.max() > 100.0
    before, after = gluteal.solve_sharing(walk), gluteal.solve_sharing(held)
    assert float(after.dataset["effort"].mean()) < float(before.dataset["effort"].mean())


def test_what_cannot_be_added(walk: Mechanics) -> None:
    with pytest.raises(UnknownName, match="hip-capsule"):
        add_passive_tissue(walk, "capsule")
    many = walk.dataset.expand_dims(person=2)
    with pytest.raises(InputError, match="one body at a time"):
        add_passive_tissue(Mechanics(walk.body, walk.movement, many, 0.0), "hip-capsule")

"""Feet of any name, and forces that are not under their soles, in an overground walk with one thing changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.helpers.recorded_trials import copy_walk
from tests.helpers.spoiled_walks import LOADS, MODEL, text

from gluteal.engines import load_body
from gluteal.mechanics.body import Body
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.feet import find_feet

pytestmark = pytest.mark.opensim


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the overground walk, loaded once."""
    return load_body(data / "walk_rajagopal2016" / MODEL)


@pytest.fixture
def walk(data: Path, tmp_path: Path) -> Path:
    """The overground walk in a folder of its own, without its model."""
    return copy_walk(data, tmp_path / "walk")


def test_a_foot_is_what_is_beyond_the_ankle(body: Body) -> None:
    """Also of the embedded body."""
    for each in (body, load_body("myo")):
        feet = find_feet(each)
        assert {side: foot.segment for side, foot in feet.items()} == {"r": "calcn_r", "l": "calcn_l"}
        assert feet["r"].parts == {"talus_r", "calcn_r", "toes_r"} and feet["r"].from_heel


@pytest.mark.parametrize("name", ["{}_calcn", "pie_{}", "segment_7_{}"])
def test_feet_may_have_any_name(walk: Path, data: Path, name: str) -> None:
    """Forces are on their feet, are found to be exchanged where they are, and are given to feet that no file names."""
    content = (data / "walk_rajagopal2016" / MODEL).read_text()
    for side in "rl":
        content = re.sub(rf"\bcalcn_{side}\b", name.format(side), content)
    (walk / MODEL).write_text(content)
    own = load_body(walk / MODEL)
    right, left = name.format("r"), name.format("l")
    text(LOADS, ("calcn_r", right), ("calcn_l", left))(walk)
    assert load_trial(walk, body=own).movement.findings == ()
    text(LOADS, (right, left), (left, right))(walk)
    assert [cause.kind for cause in load_trial(walk, body=own).movement.findings] == ["feet"]
    (walk / LOADS).unlink()
    movement = load_trial(walk, body=own).movement
    assert [load.segment for load in movement.loads] == [right, left] and movement.findings == ()

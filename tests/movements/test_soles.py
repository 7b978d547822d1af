"""Feet of any name, and forces that are not under their soles, in an overground walk with one thing changed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.recorded_trials import rewrite
from tests.helpers.spoiled_walks import COORDINATES, FORCES, LOADS, MODEL, Change, columns, text

from gluteal.engines import load_body
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import ExternalLoad
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.feet import find_feet, find_other_size, measure_level
from gluteal.movements.trials.plausibility import warn_unbalanced
from gluteal.sto import Table

pytestmark = pytest.mark.opensim


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the overground walk, loaded once."""
    return load_body(data / "walk_rajagopal2016" / MODEL)


def test_a_foot_is_what_is_beyond_the_ankle(body: Body) -> None:
    """Also of the embedded body."""
    for each in (body, load_body("myo")):
        feet = find_feet(each)
        assert {side: foot.segment for side, foot in feet.items()} == {"r": "calcn_r", "l": "calcn_l"}
        assert feet["r"].parts == {"talus_r", "calcn_r", "toes_r"} and feet["r"].from_heel


def test_a_body_in_a_plane_has_no_aside(body: Body) -> None:
    """Its feet are somewhere across the plane, the plates elsewhere; and it is told where no balance is looked at."""
    flat = replace(body, coordinates=tuple(c for c in body.coordinates if c.name != "pelvis_tz"))
    away = np.array([[0.3, 0.0, 0.4]])
    assert measure_level(body, away) == pytest.approx(0.5) and measure_level(flat, away) == pytest.approx(0.3)
    zero = np.zeros((2, 3))
    loads, told = [ExternalLoad("plate", "calcn_r", zero, zero, zero)], list[str]()
    warn_unbalanced(loads, flat, told)
    assert told == []
    arm = replace(body, coordinates=tuple(c for c in body.coordinates if not c.name.startswith("pelvis_t")))
    warn_unbalanced(loads, arm, told)
    assert len(told) == 1 and "has no pelvis_tilt, pelvis_tx, pelvis_ty: whether" in told[0]


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


def stand_still(folder: Path) -> None:
    """The middle of each step instead of its centre of pressure, as of somebody who has only the places of plates."""

    def change(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values = table.values.copy()
        for side in "rl":
            up = table.column(f"ground_force_{side}_vy")
            on = np.concatenate([[False], up > 50.0, [False]])
            edges = np.flatnonzero(np.diff(on.astype(int)))
            for axis in "xz":
                point = values[:, table.columns.index(f"ground_force_{side}_p{axis}")]
                for first, end in zip(edges[::2], edges[1::2], strict=True):
                    point[first:end] = point[first:end].mean()
        return table.time, values

    rewrite(folder / FORCES, change)


def rest_on_the_belt(folder: Path) -> None:
    """Below 30 N the belt shows 30 N, at the place where it last carried."""

    def change(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values = table.values.copy()
        for side in "rl":
            names = [f"ground_force_{side}_{what}" for what in ("vy", "px", "py", "pz")]
            up, *point = (table.columns.index(name) for name in names)
            rows = np.arange(len(values))
            last = np.maximum.accumulate(np.where(values[:, up] > 30.0, rows, 0))
            values[:, point] = values[np.ix_(last, point)]
            values[:, up] = np.maximum(values[:, up], 30.0)
        return table.time, values

    rewrite(folder / FORCES, change)


def climb(folder: Path, degrees: float) -> None:
    """The laboratory turned about its sideways axis: a walk up or down a slope, as far as places go."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0.0], [np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])

    def change(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values, names = table.values.copy(), [c.split("/")[-2] if c.endswith("/value") else c for c in table.columns]
        for first in (i for i, name in enumerate(names) if name.endswith(("_vx", "_px", "pelvis_tx"))):
            values[:, first : first + 3] = values[:, first : first + 3] @ turn.T
        if "pelvis_tilt" in names:
            values[:, names.index("pelvis_tilt")] += angle
        return table.time, values

    for name in (COORDINATES, FORCES):
        rewrite(folder / name, change)


@pytest.mark.parametrize("degrees", [15.0, -15.0])
def test_a_foot_on_a_slope_stands_flat(walk: Path, body: Body, degrees: float) -> None:
    """It is pitched as the floor is, which the way of the centre of pressure tells."""
    climb(walk, degrees)
    assert load_trial(walk, body=body).movement.findings == ()


def test_a_pelvis_may_have_any_name(walk: Path, data: Path) -> None:
    """Where it is, its coordinates say."""
    content = (data / "walk_rajagopal2016" / MODEL).read_text()
    (walk / MODEL).write_text(re.sub(r"(name=\"|/bodyset/)pelvis\b", r"\1hips", content))
    assert load_trial(walk, body=load_body(walk / MODEL)).movement.findings == ()


def test_a_foot_whose_frame_points_elsewhere_has_no_known_heel(data: Path, tmp_path: Path) -> None:
    """Heel and ball are only told apart where x is forward and y up."""
    content = (data / "walk_rajagopal2016" / MODEL).read_text()
    start = content.index('<PhysicalOffsetFrame name="calcn_r_offset">')
    turned = re.sub("<orientation>[^<]*", "<orientation>0 0 0", content[start:], count=1)  # it was turned at the joint
    (tmp_path / MODEL).write_text(content[:start] + turned)
    feet = find_feet(load_body(tmp_path / MODEL))
    assert not feet["r"].from_heel and feet["l"].from_heel


def test_a_model_of_another_size_is_told(body: Body) -> None:
    """A light one, such as an animal's, may have any."""
    feet = find_feet(body)
    assert find_other_size(body, feet) is None
    small = {side: replace(foot, segment="pelvis") for side, foot in feet.items()}
    cause = find_other_size(body, small)
    assert cause is not None and cause.kind == "units" and "m from pelvis to heel with 85 kg" in cause.what
    assert find_other_size(replace(body, mass=0.02), small) is None


SPOILT: dict[str, tuple[Change, str]] = {
    "10 cm too far forward": (
        columns(FORCES, "_px$", lambda v: v + 0.1),
        "beside the sole of the right foot, .* before",
    ),
    "8 cm to the right": (columns(FORCES, "_pz$", lambda v: v + 0.08), "beside the sole of the right foot"),
    "10 cm too far back": (columns(FORCES, "_px$", lambda v: v - 0.1), "stand on its toes, .* nearer to its heel"),
    "ankles of the other sign": (
        columns(COORDINATES, "ankle_angle", lambda v: -v),
        "stand on its (toes|heel), pitched",
    ),
    "points that stay": (stand_still, "point of load 'Right_GRF' stays where it is"),
    "a force in the air": (rest_on_the_belt, "shows 30 N while the right foot is in the air"),
    "17 cm to the right": (
        columns(FORCES, "_pz$", lambda v: v + 0.17),
        r"'Right_GRF' is applied to calcn_r, but acts \d\d cm away from that foot$",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_force_that_is_not_under_the_sole_is_told(walk: Path, body: Body, name: str) -> None:
    """As what it is; untouched, nothing is."""
    (walk / "trial.toml").write_text("rate_hz = 50\n")
    if name == next(iter(SPOILT)):
        assert load_trial(walk, body=body).movement.findings == ()
    change, words = SPOILT[name]
    change(walk)
    cause, *_ = load_trial(walk, body=body).movement.findings
    assert cause.kind == "place" and re.search(words, cause.what), cause.what


@pytest.mark.parametrize("window", [(0.55, 1.05), (1.0, 1.3), (0.6, 0.9)])
def test_a_short_piece_raises_no_alarm(walk: Path, body: Body, window: tuple[float, float]) -> None:
    """In one the toes just leave the floor, in another a step has just begun."""
    (walk / "trial.toml").write_text(f"rate_hz = 50\nwindow = [{window[0]}, {window[1]}]\n")
    assert load_trial(walk, body=body).movement.findings == ()

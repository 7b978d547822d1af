"""Trials as strangers bring them: harmless habits change no number, and what is wrong is called by its name."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.recorded_trials import refusal, rewrite
from tests.helpers.spoiled_walks import (
    COORDINATES,
    FORCES,
    LOADS,
    MODEL,
    model,
    on_one_belt,
    stepped_on_by_the_other,
    text,
)

import gluteal
from gluteal.engines import load_body
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import ExternalLoad, Movement
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.clock import even_time
from gluteal.movements.trials.feet import find_feet
from gluteal.movements.trials.footing import find_shared
from gluteal.sto import Table, load_table, save_table

pytestmark = pytest.mark.opensim


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the overground walk, loaded once."""
    return load_body(data / "walk_rajagopal2016" / MODEL)


@pytest.fixture
def right(walk: Path, body: Body) -> Movement:
    """The trial before anything is changed."""
    return load_trial(walk, body=body).movement


def assert_same(movement: Movement, other: Movement, *, within: float = 0.0) -> None:
    """Every number of two movements agrees, and so do the segments of the loads."""
    for one, two in ((movement, other),):
        for name in ("coordinates", "speed", "acceleration"):
            a, b = getattr(one, name).values, getattr(two, name).values
            np.testing.assert_allclose(a, b, rtol=0.0, atol=within * max(1.0, float(np.abs(b).max())))
    assert [x.segment for x in movement.loads] == [y.segment for y in other.loads]
    for x, y in zip(movement.loads, other.loads, strict=True):
        np.testing.assert_allclose(x.force, y.force, rtol=0.0, atol=within * 1000.0)
        moments = (np.cross(z.point, z.force) + z.torque for z in (x, y))
        np.testing.assert_allclose(*moments, rtol=0.0, atol=within * 1000.0)


# Harmless

FORMS: dict[str, Callable[[str], str]] = {
    "carriage returns": lambda s: s.replace("\n", "\r\n"),
    "old line ends": lambda s: s.replace("\n", "\r"),
    "quoted labels": lambda s: re.sub(r"[\w/]*[a-z][\w/]*(?=\t|\n)", r'"\g<0>"', s[s.index("time\t") :]),
    "commas": lambda s: s.replace("\t", ","),
    "decimal commas": lambda s: re.sub(r"(?<=\d)\.(?=\d)", ",", s).replace("\t", ";"),
    "Fortran": lambda s: re.sub(r"(-?\d+\.\d+)(?=[\t\n])", lambda m: f"{float(m[0]):.17e}".replace("e", "D"), s),
    "empty lines and tabs at the end": lambda s: s.replace("\n", "\t\n\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_how_a_table_is_written_changes_nothing(walk: Path, body: Body, right: Movement, form: str) -> None:
    """Both tables in another form; what `endheader` tells may be missing then."""
    for name in (COORDINATES, FORCES):
        content = (walk / name).read_text()
        head, rows = content.split("endheader\n")
        new = FORMS[form](rows)
        assert new != rows
        (walk / name).write_bytes((head + "endheader\n" + new).encode())
    assert_same(load_trial(walk, body=body).movement, right)


@pytest.mark.parametrize("later", [100.0, 1.6e9])
def test_another_beginning_of_the_clock_changes_nothing(walk: Path, body: Body, right: Movement, later: float) -> None:
    """Also one so late that its stamps are rounded to 1e-7 s, which second derivatives would take for accelerations."""
    for name in (COORDINATES, FORCES):
        rewrite(walk / name, lambda t: (t.time + later, t.values))
    assert_same(load_trial(walk, body=body).movement, right, within=1e-5)


def test_rounded_stamps_of_an_even_clock_are_even() -> None:
    """A third of a millisecond, written with seven digits."""
    time = np.arange(200) / 300.0
    assert np.abs(even_time(np.round(time, 7)) - time).max() < 1e-7
    assert np.ptp(np.diff(even_time(np.round(time, 7)))) < 1e-12


@pytest.mark.parametrize(
    "change",
    [
        text(
            LOADS, (">ground<", ">/ground<"), (">calcn_r<", ">/bodyset/calcn_r<"), (">calcn_l<", ">/bodyset/calcn_l<")
        ),
        text(LOADS, ('<OpenSimDocument Version="30000">', ""), ("</OpenSimDocument>", "")),
    ],
    ids=["paths of components", "no document around them"],
)
def test_external_loads_of_other_versions(
    walk: Path, body: Body, right: Movement, change: Callable[[Path], None]
) -> None:
    """Segments and frames may be paths in the model; the loads may be the whole of the file."""
    change(walk)
    assert_same(load_trial(walk, body=body).movement, right)


@pytest.mark.parametrize("word", ["<appliesForce>False</appliesForce>", "<isDisabled>true</isDisabled>"])
def test_a_load_that_is_switched_off_is_left_out(walk: Path, body: Body, word: str) -> None:
    """However true and false are written."""
    text(LOADS, ('<ExternalForce name="Left_GRF">', f'<ExternalForce name="Left_GRF">{word}'))(walk)
    assert [load.name for load in load_trial(walk, body=body).movement.loads] == ["Right_GRF"]


def test_what_is_unassigned_is_not_there(walk: Path, body: Body) -> None:
    """OpenSim writes the word for nothing; the loads of the folder are then unknown, and the trial says so."""
    text(LOADS, ("<datafile>grf_walk.mot</datafile>", "<datafile>Unassigned</datafile>"))(walk)
    (walk / "trial.toml").write_text(f'external_loads = "{LOADS}"\n')
    assert "names no data file" in refusal(walk, body)


def test_a_wrench_about_the_laboratory_s_origin_is_the_same_load(walk: Path, body: Body, right: Movement) -> None:
    """Point 0, and the whole moment as torque: as simulations and some plates write it."""

    def about_origin(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values = table.values.copy()
        for side in "rl":
            force, point, torque = (
                [table.columns.index(f"ground_{word}{a}") for a in "xyz"]
                for word in (f"force_{side}_v", f"force_{side}_p", f"torque_{side}_")
            )
            on = np.linalg.norm(values[:, force], axis=1) > 20.0
            moment = np.cross(values[:, point], values[:, force]) + values[:, torque]
            values[np.ix_(~on, force)] = 0.0
            values[:, torque], values[:, point] = np.where(on[:, None], moment, 0.0), 0.0
        return table.time, values

    rewrite(walk / FORCES, about_origin)
    movement = load_trial(walk, body=body).movement
    assert movement.findings == ()
    for load, other in zip(movement.loads, right.loads, strict=True):
        on = other.force[:, 1] > 100.0
        np.testing.assert_allclose(load.centre_of_pressure[on], other.centre_of_pressure[on], atol=0.01)
        np.testing.assert_allclose(load.free_torque[on], other.free_torque[on], atol=2.0)


def test_full_turns_are_undone(walk: Path, body: Body, right: Movement) -> None:
    """A pelvis whose rotation is kept within half a turn."""

    def turn(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values = table.values.copy()
        name = next(i for i, c in enumerate(table.columns) if "pelvis_rotation" in c)
        values[table.time > 1.0, name] += 2.0 * np.pi
        return table.time, values

    rewrite(walk / COORDINATES, turn)
    movement = load_trial(walk, body=body).movement
    assert_same(movement, right, within=1e-9)
    assert any("jumps by a full turn at 1" in w and "was undone" in w for w in movement.warnings)


def test_a_motion_file_without_a_version_is_in_degrees_where_it_can_be_no_radians(
    walk: Path, body: Body, right: Movement
) -> None:
    """As OpenSim reads it; radians in such a file stay radians, and other tables that say nothing are still refused."""
    table = load_table(walk / COORDINATES)
    lengths = [bool(re.search("pelvis_t[xyz]", c)) for c in table.columns]
    degrees = np.where(lengths, table.values, np.rad2deg(table.values))
    for values, warned in ((degrees, True), (table.values, False)):
        save_table(walk / "ik.mot", table.time, table.columns, values)
        content = (walk / "ik.mot").read_text()
        (walk / "ik.mot").write_text(re.sub(r"version=1\n|inDegrees=no\n", "", content))
        (walk / "trial.toml").write_text('rate_hz = 25\ncoordinates = "ik.mot"\n')
        movement = load_trial(walk, body=body).movement
        assert_same(movement, right, within=1e-9)
        assert any("taken for degrees, as OpenSim does" in w for w in movement.warnings) == warned
    save_table(walk / COORDINATES, table.time, table.columns, degrees)
    content = (walk / COORDINATES).read_text()
    (walk / COORDINATES).write_text(re.sub(r"version=1\n|inDegrees=no\n", "", content))
    (walk / "trial.toml").write_text(f'coordinates = "{COORDINATES}"\n')
    assert "says nothing, which means radians" in refusal(walk, body)


@pytest.mark.parametrize(("part", "first"), [("hip_", "hip_flexion"), ("pelvis_(tilt|list|rot)", "pelvis_tilt or")])
def test_angles_in_two_units_are_told(walk: Path, body: Body, part: str, first: str) -> None:
    """Whichever of them the header names: a change of `degrees` would not help."""
    table = load_table(walk / COORDINATES)
    lengths = np.array([bool(re.search("pelvis_t[xyz]", c)) for c in table.columns])
    chosen = np.array([bool(re.search(f"/{part}[^/]*/value", c)) for c in table.columns])
    for degrees in (False, True):
        turned = ~lengths & (chosen != degrees)
        save_table(
            walk / COORDINATES,
            table.time,
            table.columns,
            np.where(turned, np.rad2deg(table.values), table.values),
            in_degrees=degrees,
        )
        message = refusal(walk, body)
        assert "the first is in degrees and the second in radians" in message and first in message, message


# Clocks


@pytest.mark.parametrize("names", [(COORDINATES, FORCES), (FORCES,)], ids=["both", "forces"])
def test_a_clock_that_counts_no_seconds_is_refused(walk: Path, body: Body, names: tuple[str, ...]) -> None:
    """Milliseconds in both tables overlap, and would be minutes of movement."""
    for name in names:
        rewrite(walk / name, lambda t: (1000.0 * t.time, t.values))
    assert re.search(rf"The time of {names[0]} goes on by 5 from row to row .* milliseconds", refusal(walk, body))


def test_a_clock_of_per_cent_is_called_one(walk: Path, body: Body) -> None:
    """Curves that were normalised to a gait cycle have no seconds."""
    rewrite(walk / COORDINATES, lambda t: (np.linspace(0.0, 100.0, 101), t.values[:101]))
    assert "goes from 0 to 100: it is probably per cent of a cycle" in refusal(walk, body)


@pytest.mark.parametrize("name", [COORDINATES, FORCES])
def test_missing_rows_are_a_gap(walk: Path, body: Body, name: str) -> None:
    """0.2 s without rows are not bridged; the piece without them that is offered can be read, and few rows may lack."""

    def without(start: float, end: float) -> Callable[[Table], tuple[np.ndarray, np.ndarray]]:
        def cut(table: Table) -> tuple[np.ndarray, np.ndarray]:
            keep = (table.time <= start) | (table.time >= end)
            return table.time[keep], table.values[keep]

        return cut

    rewrite(walk / name, without(1.401, 1.429))
    load_trial(walk, body=body)
    rewrite(walk / name, without(0.901, 1.101))
    message = refusal(walk, body)
    assert message.startswith(f"{name} has no rows between 0.9 and 1.1") and "fill the gap" in message
    found = re.search(r"window = \[([\d.]+), ([\d.]+)\] in trial.toml", message)
    assert found is not None and float(found[1]) > 1.1
    (walk / "trial.toml").write_text(f"rate_hz = 25\nwindow = [{found[1]}, {found[2]}]\n")
    assert load_trial(walk, body=body).movement.time[0] == pytest.approx(float(found[1]))


def test_a_clock_with_too_few_digits_is_refused(walk: Path, body: Body) -> None:
    """Most rows would be lost; the same rows twice lose nothing."""
    rewrite(walk / COORDINATES, lambda t: (np.repeat(t.time, 2), np.repeat(t.values, 2, axis=0)))
    load_trial(walk, body=body)
    rewrite(walk / COORDINATES, lambda t: (np.round(t.time, 1), t.values))
    assert "the time was rounded; write it with more decimals" in refusal(walk, body)


# What is wrong


def test_forces_that_carry_nobody_are_refused(walk: Path, body: Body) -> None:
    """Body weights and kilonewtons are below every threshold, and would be left out without a word."""
    table = load_table(walk / FORCES)
    forces = np.array(["_v" in c for c in table.columns])
    save_table(walk / FORCES, table.time, table.columns, np.where(forces, 1e-3, 1.0) * table.values)
    assert re.search(r"never exceed 0\.9\d* N, which carries nobody: .*kN", refusal(walk, body))


def test_a_joint_that_jumps_is_refused(walk: Path, body: Body) -> None:
    """Markers that are exchanged for 30 ms; outside the window they do not matter."""

    def exchange(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values = table.values.copy()
        knee = next(i for i, c in enumerate(table.columns) if "knee_angle_r" in c)
        values[(table.time > 1.0) & (table.time < 1.03), knee] += 0.7
        return table.time, values

    rewrite(walk / COORDINATES, exchange)
    assert re.search(r"knee_angle_r/?\w* of .* jumps by 4\d degrees between 1 .* \(2 such jumps\)", refusal(walk, body))
    (walk / "trial.toml").write_text("rate_hz = 25\nwindow = [1.1, 1.6]\n")
    load_trial(walk, body=body)


def test_a_pelvis_that_was_not_measured_is_told(walk: Path, body: Body) -> None:
    """Sensors without a place leave it at nought."""

    def stay(table: Table) -> tuple[np.ndarray, np.ndarray]:
        return table.time, np.where([bool(re.search("pelvis_t[xyz]", c)) for c in table.columns], 0.0, table.values)

    rewrite(walk / COORDINATES, stay)
    kinds = {cause.kind: cause for cause in load_trial(walk, body=body).movement.findings}
    assert "stay at 0, 0, 0 m" in kinds["posture"].what


@pytest.mark.parametrize("change", [on_one_belt, stepped_on_by_the_other])
def test_a_plate_under_both_feet_is_told(
    walk: Path, body: Body, right: Movement, change: Callable[[Path], None]
) -> None:
    """With the piece in which it is under its own foot; untouched it is under its own foot all the time."""
    feet = find_feet(body)
    for load in right.loads:
        assert list(find_shared(load, load.segment[-1], feet, body, right.coordinates)) == []
    change(walk)
    cause = load_trial(walk, body=body).movement.findings[0]
    assert cause.kind == "place" and re.search("for a part of the time it acts under the (left|right) foot", cause.what)
    assert cause.good is not None and 0.1 < cause.good.mean() < 0.95


def test_where_a_load_acts_does_not_depend_on_how_its_wrench_is_written() -> None:
    """Moved to another point, with the torque that makes up for it, the centre of pressure stays."""
    rng = np.random.default_rng(0)
    force = rng.normal(0.0, 50.0, (5, 3)) + np.array([0.0, 800.0, 0.0])
    point = rng.normal(0.0, 0.5, (5, 3)) * [1.0, 0.0, 1.0]
    free = rng.normal(0.0, 5.0, (5, 3)) * [0.0, 1.0, 0.0]
    plain = ExternalLoad("plate", "calcn_r", force, point, free)
    np.testing.assert_array_equal(plain.centre_of_pressure, point)
    np.testing.assert_allclose(plain.free_torque, free)
    other = point + np.array([0.3, 0.0, -0.2])
    moved = ExternalLoad("plate", "calcn_r", force, other, free + np.cross(point - other, force))
    np.testing.assert_allclose(moved.centre_of_pressure, point, atol=1e-12)
    np.testing.assert_allclose(moved.free_torque, free, atol=1e-10)


# Models


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda osim, m: m.setGravity(osim.Vec3(0.0, 0.0, -9.80665)),
            r"has the gravity 0 0 -9.80665 m/s², but up is y",
        ),
        (lambda osim, m: m.setGravity(osim.Vec3(0.0)), r"has the gravity 0 0 0 m/s²"),
        (
            lambda osim, m: m.updMuscles().get("vasint_r").set_max_isometric_force(-500.0),
            r"the max_isometric_force of vasint_r is -500 N, which no muscle has",
        ),
    ],
    ids=["gravity along z", "no gravity", "a strength below zero"],
)
def test_a_model_that_no_body_is_like_is_refused(
    walk: Path, data: Path, change: Callable[..., None], words: str
) -> None:
    """What OpenSim opens without a word."""
    shutil.copyfile(data / "walk_rajagopal2016" / MODEL, walk / MODEL)
    model(change)(walk)
    assert re.search(words, refusal(walk, None))


def test_a_coordinate_that_the_model_locks_and_the_file_moves_is_told(walk: Path, data: Path) -> None:
    """A knee cannot be judged so; what moves a little is a note. Both are moved, as measured."""
    shutil.copyfile(data / "walk_rajagopal2016" / MODEL, walk / MODEL)
    right = load_trial(walk).movement
    model(lambda osim, m: m.updCoordinateSet().get("knee_angle_r").setDefaultLocked(True))(walk)
    movement = load_trial(walk).movement
    assert_same(movement, right)
    (cause,) = movement.findings
    assert cause.kind == "posture"
    assert re.search(r"^the model locks or prescribes knee_angle_r, but it moves by \d\d degrees", cause.what)
    model(lambda osim, m: m.updCoordinateSet().get("knee_angle_r").setDefaultLocked(False))(walk)
    model(lambda osim, m: m.updCoordinateSet().get("pelvis_tx").setDefaultLocked(True))(walk)
    movement = load_trial(walk).movement
    told = [w for w in movement.warnings if w not in right.warnings]
    assert movement.findings == () and len(told) == 1
    assert re.search(r"^The model locks or prescribes pelvis_tx, but it moves by 1\.\d m in", told[0])


# What lies in the folder


def test_a_model_that_is_a_pointer_is_told(walk: Path) -> None:
    """Not only that it is no model."""
    (walk / MODEL).write_text("version https://git-lfs.github.com/spec/v1\n")
    assert "it is a pointer of git-lfs" in refusal(walk, None)


def test_the_command_tries_the_trial_out(walk: Path, data: Path) -> None:
    """What the tables alone do not show: a column that lacks, and feet that are exchanged."""
    shutil.copyfile(data / "walk_rajagopal2016" / MODEL, walk / MODEL)
    text(LOADS, ("calcn_r", "calcn_l"), ("calcn_l", "calcn_r"))(walk)
    assert gluteal.describe_trial(walk).problems == ()
    found = gluteal.describe_trial(walk, try_out=True)
    assert found.problems == () and any("The forces of the two feet are exchanged" in w for w in found.warnings)
    table = load_table(walk / COORDINATES)
    keep = np.array(["hip_rotation" not in c for c in table.columns])
    names = [c for c, k in zip(table.columns, keep, strict=True) if k]
    save_table(walk / COORDINATES, table.time, names, table.values[:, keep])
    assert "has no column for hip_rotation_r, hip_rotation_l" in gluteal.describe_trial(walk, try_out=True).problems[0]

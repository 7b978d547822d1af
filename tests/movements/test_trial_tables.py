"""Tables of a trial with a fault: columns, units, times and gaps, each refused with its remedy."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.recorded_trials import copy_treadmill, refusal, spoil

from gluteal.mechanics.body import Body
from gluteal.movements.trials import load_trial
from gluteal.sto import load_table, save_table

pytestmark = pytest.mark.opensim


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """Two seconds of the treadmill trial, in files that a test may spoil."""
    return copy_treadmill(data, tmp_path)


def test_missing_column_is_named_with_the_remedy(folder: Path, body: Body) -> None:
    """A free coordinate must be in the file, unless it is held."""
    path = folder / "results_ik.sto"
    path.write_text(path.read_text().replace("hip_rotation_l", "hip_rot_l"))
    assert refusal(folder, body) == (
        "results_ik.sto has no column for hip_rotation_l of the body 'Rajagopal_scaled_Sub1_gasAvoid'. Add "
        'them, or hold them at their defaults in a TOML file: hold = ["hip_rotation_l"].'
    )
    (folder / "trial.toml").write_text('hold = ["hip_rotation_l"]\n')
    held = load_trial(folder, body=body).movement.coordinates.sel(coordinate="hip_rotation_l")
    assert (held == body.coordinate("hip_rotation_l").default).all()


def test_labels_with_units_are_told_and_a_time_with_its_unit_is_a_time(folder: Path, body: Body) -> None:
    """Not a list of everything that could be held."""
    path = folder / "results_ik.sto"
    right = load_trial(folder, body=body).movement.coordinates
    head, labels, rows = re.split(r"\n(time\t[^\n]*)\n", path.read_text(), maxsplit=1)
    path.write_text("\n".join((head, labels.replace("time", "Time (s)"), rows)))
    np.testing.assert_array_equal(load_trial(folder, body=body).movement.coordinates, right)
    path.write_text("\n".join((head, re.sub(r"\t(hip_\w+)", r"\t\1 [deg]", labels), rows)))
    (folder / "trial.toml").write_text('coordinates = "results_ik.sto"\n')
    message = refusal(folder, body)
    assert "Its 'hip_flexion_r [deg]' seems to be hip_flexion_r: rename it" in message and "hold =" not in message


def test_a_knee_that_one_leg_lacks_is_told(folder: Path, body: Body) -> None:
    """Locked in the model and not in the file, while the other one moves; a stiff one is said to be held."""
    coordinates = tuple(replace(c, locked=c.name == "knee_angle_r") for c in body.coordinates)
    path = folder / "results_ik.sto"
    path.write_text(path.read_text().replace("\tknee_angle_r\t", "\tno_knee_r\t"))
    locked = replace(body, coordinates=coordinates)
    (cause,) = [c for c in load_trial(folder, body=locked).movement.findings if c.kind == "posture"]
    assert cause.what.startswith("the model locks knee_angle_r, which results_ik.sto has no column for, while knee_")
    (folder / "trial.toml").write_text('hold = ["knee_angle_r"]\n')
    assert [c for c in load_trial(folder, body=locked).movement.findings if c.kind == "posture"] == []


def test_a_force_that_is_taken_twice_is_refused(folder: Path, body: Body) -> None:
    """One plate under two names."""
    (folder / "trial.toml").write_text(
        'forces = {file = "walking_baseline1_forces.mot", calcn_r = "ground_", toes_r = "ground_"}\n'
    )
    assert "both take the force 'ground_force_vx' of walking_baseline1_forces.mot, which" in refusal(folder, body)


def test_degrees_called_radians_are_refused(folder: Path, body: Body) -> None:
    """No joint turns by more than a full circle; the user can overrule."""
    path = folder / "results_ik.sto"
    largest = np.abs(load_table(path).column("knee_angle_l")).max()
    right = load_trial(folder, body=body).movement.coordinates
    path.write_text(path.read_text().replace("inDegrees=yes", "inDegrees=no"))
    assert refusal(folder, body) == (
        f"results_ik.sto says radians about its angles, but knee_angle_l reaches {largest:.1f}: they are "
        "probably degrees. Say degrees = true (or false, if right) in a TOML file."
    )
    path.write_text(path.read_text().replace("inDegrees=no\n", ""))
    assert "says nothing, which means radians about its angles" in refusal(folder, body)
    (folder / "trial.toml").write_text("degrees = true\n")
    np.testing.assert_array_equal(load_trial(folder, body=body).movement.coordinates, right)


def test_radians_called_degrees_are_refused(folder: Path, body: Body) -> None:
    """A whole walk within 3.2 degrees in every joint is not a walk."""
    path = folder / "results_ik.sto"
    table = load_table(path)
    turned = ~np.isin(table.columns, ["pelvis_tx", "pelvis_ty", "pelvis_tz"])
    values = np.where(turned, np.deg2rad(table.values), table.values)
    save_table(path, table.time, table.columns, values, in_degrees=True)
    assert refusal(folder, body) == (
        "results_ik.sto says its angles are in degrees, but none exceeds 1.09 (knee_angle_l): they are "
        "probably radians. Say degrees = false (or true, if right) in a TOML file."
    )


def test_files_that_do_not_overlap_are_refused(folder: Path, body: Body) -> None:
    """Both windows are told."""
    path = folder / "walking_baseline1_forces.mot"
    table = load_table(path)
    save_table(path, table.time + 100, table.columns, table.values)
    assert refusal(folder, body) == (
        "The files do not overlap in time: results_ik.sto 0 to 2 s, walking_baseline1_forces.mot 100 to 102 "
        "s. Check that they belong to the same trial and clock."
    )


@pytest.mark.parametrize(
    ("name", "column"),
    [("results_ik.sto", "hip_flexion_r"), ("walking_baseline1_forces.mot", "1_ground_force_vy")],
)
def test_gaps_are_refused_in_the_window_and_avoided_outside(folder: Path, body: Body, name: str, column: str) -> None:
    """NaN in a column that is used: line, column and time; a window beside the gap is computed without it."""
    spoil(folder / name, column, np.nan, rows=slice(80, 83))
    assert refusal(folder, body) == (
        f"{name}, line 88, column {column!r}: not a number at 1.6 s (3 such values); fill the gap in the "
        "file, or choose a time window without it."
    )
    (folder / "trial.toml").write_text("window = [0.3, 1.2]\n")
    movement = load_trial(folder, body=body).movement
    assert np.isfinite(movement.acceleration).all()
    assert all(np.isfinite(load.force).all() for load in movement.loads)


def test_truncated_file_is_refused(folder: Path, body: Body) -> None:
    """A copy that broke off in the middle of a line."""
    path = folder / "results_ik.sto"
    path.write_text(path.read_text()[:-100])
    assert "the file breaks off there: copy it again, or delete its last line." in refusal(folder, body)


def test_header_that_announces_more_rows_is_a_warning_of_the_movement(folder: Path, body: Body) -> None:
    """It reaches the user with the movement."""
    path = folder / "results_ik.sto"
    path.write_text(path.read_text().replace("nRows=101", "nRows=5000"))
    movement = load_trial(folder, body=body).movement
    assert movement.warnings[0] == "results_ik.sto: the header announces 5000 rows, the file has 101 complete ones."

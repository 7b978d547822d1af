"""Measured trials: what is found, how it is processed, and what is refused in which words."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.recorded_trials import copy_treadmill, refusal, spoil

from gluteal.engines import load_body, segment_points
from gluteal.errors import InputError, UnknownName
from gluteal.kernels.smoothing import is_uniform, lowpass
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.external_loads import read_external_loads
from gluteal.movements.trials.loads import LoadColumns, find_force_columns, sample_load
from gluteal.sto import load_table, save_table

pytestmark = pytest.mark.opensim

TOES = {"mtp_angle_r", "mtp_angle_l"}


@pytest.fixture(scope="module")
def walk(data: Path) -> Movement:
    """Overground walking."""
    return load_trial(data / "walk_rajagopal2016").movement


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """Two seconds of the treadmill trial, in files that a test may spoil."""
    return copy_treadmill(data, tmp_path)


# Processing


def test_load_is_the_measured_wrench_whatever_the_centre_of_pressure(tmp_path: Path) -> None:
    """Force and moment about the origin survive; hundreds of metres off the ground do not matter."""
    time = np.arange(0, 1, 0.01)
    force = np.stack([10 * time, 800 * np.clip(np.sin(3 * np.pi * time), 0, None), 5 * time], axis=1)
    on = np.linalg.norm(force, axis=1) > 20.0
    point = np.where(on[:, None], [0.3, 0.0, 0.1], [331.7, 0.0, -92.0])
    torque = np.stack([0 * time, 3 * time, 0 * time], axis=1)
    columns = [s + a for s in ("r_v", "r_p", "r_m") for a in "xyz"]
    save_table(tmp_path / "grf.mot", time, columns, np.hstack([force, point, torque]))
    table = load_table(tmp_path / "grf.mot")
    (found,) = find_force_columns(table)
    assert found == LoadColumns("r", None, "r_v", "r_p", "r_m")
    load = sample_load(table, found, time, cutoff=None)
    np.testing.assert_allclose(load.force, force)
    held = np.broadcast_to([0.3, 0.0, 0.1], point.shape)
    np.testing.assert_allclose(load.point, held)
    np.testing.assert_allclose(np.cross(load.point, load.force) + load.torque, np.cross(held, force) + torque)
    smooth = sample_load(table, found, time, cutoff=10.0)
    np.testing.assert_allclose(smooth.force, lowpass(force, table.rate, 10.0), atol=1e-9)
    np.testing.assert_allclose(
        np.cross(smooth.point, smooth.force) + smooth.torque,
        lowpass(np.cross(held, force) + torque, table.rate, 10.0),
        atol=1e-9,
    )


# Real trials


def test_overground_walking_is_found_in_its_folder(walk: Movement) -> None:
    """Model, coordinates, loads and EMG, not the stored moments; all that shaped the numbers is told."""
    assert walk.name == "walk_rajagopal2016"
    assert walk.settings["coordinates_file"] == "coordinates.sto"
    assert walk.settings["loads"] == {"Right_GRF": "calcn_r", "Left_GRF": "calcn_l"}
    assert walk.settings["coordinate_filter"] == "Butterworth, third order forward and backward, 6 Hz"
    assert walk.settings["force_filter"] == "as measured"
    start, end = walk.settings["window_s"]  # coordinates cover 0.45 to 1.799 s, half a period is 0.083 s
    assert (start, end) == (pytest.approx(0.5333, abs=1e-4), pytest.approx(1.7133, abs=1e-4))
    assert is_uniform(walk.time, 1e-9)
    assert np.diff(walk.time)[0] == pytest.approx(0.01)
    assert set(walk.excluded) == TOES
    assert walk.emg is not None
    assert "gluteus_medius" in walk.emg["channel"].values
    assert max(np.abs(load.point).max() for load in walk.loads) < 3.0
    assert walk.warnings == (
        "coordinates.sto: the header announces 40 columns, the file has 32 complete ones.",
        "coordinates.sto lacks mtp_angle_r, mtp_angle_l: held at the model's default.",
    )


def test_speeds_and_accelerations_are_the_derivatives(walk: Movement) -> None:
    """Central differences of one are the next, to the error of the difference (walking is below 6 Hz)."""
    time = walk.time
    for lower, upper, scale in ((walk.coordinates, walk.speed, 8.0), (walk.speed, walk.acceleration, 120.0)):
        slope = np.gradient(lower.values, time, axis=0)[1:-1]
        assert np.abs(slope - upper.values[1:-1]).max() < 0.02 * scale


def test_treadmill_feet_are_told_by_their_centre_of_pressure(data: Path, body: Body) -> None:
    """Forces without external loads go to the foot above them; the choice is a warning with its reason."""
    trial = load_trial(data / "walk_uhlrich2022", body=body)
    movement = trial.movement
    assert movement.settings["loads"] == {"ground_force": "calcn_r", "1_ground_force": "calcn_l"}
    assert movement.warnings[1].startswith(
        "walking_baseline1_forces.mot does not say on what its forces act: 'ground_force' was given to "
        "calcn_r, as its centre of pressure is on average 7 cm from calcn_r, 4"
    )
    assert len(movement.warnings) == 3  # and the header
    for load in movement.loads:  # independently: the toes and the heel of that foot enclose the force
        t = int(np.argmax(load.force[:, 1]))
        side = load.segment[-1]
        ends = [(f"calcn_{side}", (0.0, 0.0, 0.0)), (f"toes_{side}", (0.05, 0.0, 0.0))]
        heel, toe = segment_points(trial.body, movement.coordinates.values[t], ends)
        assert heel[0] - 0.05 < load.point[t, 0] < toe[0] + 0.05
        assert abs(load.point[t, 2] - heel[2]) < 0.08


def test_another_body_can_do_the_trial(data: Path, body: Body) -> None:
    """Joints that the trial's own model lacks stay still in the other body and are not asked of muscles."""
    movement = load_trial(data / "walk_rajagopal2016", body=body).movement
    assert set(movement.excluded) == TOES | {"subtalar_angle_r", "subtalar_angle_l"}
    assert movement.excluded["subtalar_angle_r"] == ("the trial's own model subject_walk_scaled.osim has no such joint")
    assert (movement.coordinates.sel(coordinate="subtalar_angle_r") == 0).all()


def test_folder_with_two_movements_asks_which(data: Path) -> None:
    """The candidates are named; each can be loaded by its file, with the loads named like it."""
    source = data / "squat_sts_opencap_s4"
    model = load_body(source / "manually_scaled.osim")
    assert refusal(source, model) == (
        "squat_sts_opencap_s4 holds 2 movements: STS1_manual_scaling_ik.mot, squats1_manual_scaling_ik.mot. "
        "Give the path of one of them, or a TOML file that names it (coordinates = ...)."
    )
    for name in ("squats1", "STS1"):
        movement = load_trial(source / f"{name}_manual_scaling_ik.mot", body=model).movement
        assert movement.settings["force_file"] == f"{name}_grf.mot"
        assert movement.settings["loads"] == {"right_foot": "calcn_r", "left_foot": "calcn_l"}
        assert movement.warnings == ()


def test_calendar_clock_radians_and_missing_loads(data: Path) -> None:
    """The lifting trial: Unix time counted from its first frame, uneven steps, loads without data."""
    movement = load_trial(data / "lift_squat5kg_backmodel").movement
    assert movement.settings["time_offset_s"] == pytest.approx(1667316346.14109)
    assert 0 < movement.time[0] < 0.1
    assert movement.loads == ()
    assert movement.warnings[:2] == (
        "ID_loadDefinition.xml names no data file: its loads are unknown and were left out.",
        "No external loads were found: joint moments are those of a body that touches nothing.",
    )
    assert movement.warnings[-1] == "ik.sto is not sampled evenly; it was interpolated to 14.93 Hz."
    assert np.abs(movement.coordinates.sel(coordinate="L5_S1_Flex_Ext")).max() < 1.0  # radians, as in the file


def test_sprint_has_radians_and_eight_plates(data: Path) -> None:
    """Radians pass; plates that were never stepped on carry nothing; flight is no lack of mass."""
    movement = load_trial(data / "sprint_emg_ja1").movement
    assert movement.warnings == ()
    assert len(movement.loads) == 8
    assert sum(load.force.any() for load in movement.loads) == 4


# TOML files


def test_trial_file_sets_everything(folder: Path, body: Body) -> None:
    """Window, rates, filters, units, names, held and excluded coordinates, an additional support."""
    (folder / "trial.toml").write_text(
        'name = "slow"\ntitle = "A slow walk"\nview = "front"\nwindow = [0.5, 1.2]\n'
        "rate_hz = 50\nfilter_hz = 8\n"
        'force_filter_hz = 12\nexclude = ["subtalar_angle_r"]\nhold = ["lumbar_rotation"]\nmass_kg = 80\n'
        'forces = {file = "walking_baseline1_forces.mot", calcn_r = "ground_", calcn_l = "1_ground_"}\n'
        'supports = [{name = "chair", segment = "pelvis", point = [-0.1, -0.1, 0], friction = 0.5}]\n'
    )
    movement = load_trial(folder, body=body).movement
    assert (movement.name, movement.title, movement.view) == ("slow", "A slow walk", "front")
    assert movement.time[[0, -1]].tolist() == [0.5, 1.2]
    assert len(movement.time) == 36
    assert movement.settings["coordinate_filter"].endswith("8 Hz")
    assert movement.settings["force_filter"].endswith("12 Hz")
    assert set(movement.excluded) == TOES | {"subtalar_angle_r"}
    assert (movement.coordinates.sel(coordinate="lumbar_rotation") == 0).all()
    assert movement.supports[0].point == (-0.1, -0.1, 0)
    assert movement.warnings == ()


BAD_FILES = {
    "unknown key": (
        'coordinate = "a.mot"',
        InputError,
        "Trial t.toml, coordinate: is no known key; did you mean 'coordinates'?",
    ),
    "wrong type": (
        'rate_hz = "100"',
        InputError,
        "Trial t.toml, rate_hz: is '100'; give frames per second, above 0, at most 10000.",
    ),
    "bad window": (
        "window = [2, 1]",
        InputError,
        "Trial t.toml, window: is [2, 1]; give two times in seconds, [start, end].",
    ),
    "bad rate": (
        "rate_hz = 0",
        InputError,
        "Trial t.toml, rate_hz: is 0; give frames per second, above 0, at most 10000.",
    ),
    "bad view": (
        'view = "left"',
        InputError,
        "Trial t.toml, view: is 'left'; give one of side, front, back, top.",
    ),
    "no TOML": ("window", InputError, "Trial t.toml is no TOML: "),
    "prefix": (
        'forces = {file = "walking_baseline1_forces.mot", calcn_r = "grund_"}',
        InputError,
        "forces: 0 forces of walking_baseline1_forces.mot begin with 'grund_' (given for 'calcn_r'). Close "
        "names: ground_force_v. It has: ground_force_vx, 1_ground_force_vx.",
    ),
    "no file of forces": (
        'forces = {calcn_r = "ground_"}',
        InputError,
        "Trial t.toml, forces.file: is missing; give the table beside the prefix of each segment: forces = "
        '{file = "grf.mot", calcn_r = "ground_force_r", calcn_l = "ground_force_l"}.',
    ),
    "missing body": (
        'forces = {file = "walking_baseline1_forces.mot", calcaneus_r = "ground_"}',
        InputError,
        "A load or support acts on the body 'calcaneus_r', which the model "
        "Rajagopal_scaled_Sub1_gasAvoid.osim does not have. Close names: calcn_r, ",
    ),
    "window outside": (
        "window = [1.5, 2.5]",
        InputError,
        "The window 1.5 to 2.5 s is not covered by the files (results_ik.sto 0 to 2 s, "
        "walking_baseline1_forces.mot 0 to 2 s); choose one between 0 and 2 s.",
    ),
    "excluded coordinate": (
        'exclude = ["hip_flex_r"]',
        UnknownName,
        "There is no coordinate 'hip_flex_r'. Close names: hip_flexion_r",
    ),
    "support": (
        'supports = [{name = "chair", segment = "pelvis"}]',
        InputError,
        "Trial t.toml, supports 1.point: is missing; give [x, y, z] in metres in the segment's frame, ",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_trial_files_are_refused_in_plain_words(folder: Path, body: Body, case: str) -> None:
    """Each message says what was given and what would be right."""
    text, kind, message = BAD_FILES[case]
    (folder / "t.toml").write_text(text + "\n")
    with pytest.raises(kind) as caught:
        load_trial(folder / "t.toml", body=body)
    assert str(caught.value).startswith(message)


# Bad recordings


def test_missing_model_is_named(folder: Path, body: Body) -> None:
    """A folder without a model says so; so does a TOML file that names one that is not there."""
    assert refusal(folder, None).startswith(f"There is no OpenSim model (.osim) in {folder}; add the subject's")
    (folder / "t.toml").write_text('model = "me.osim"\n')
    assert refusal(folder / "t.toml", None).startswith(f"There is no model file '{folder / 'me.osim'}'; give")


def test_missing_folder_and_foreign_file(folder: Path, body: Body) -> None:
    """Neither folder nor table nor TOML."""
    assert refusal(folder / "nowhere", body).startswith(f"There is no trial '{folder / 'nowhere'}'; give a folder,")
    (folder / "walk.c3d").write_text("x")
    assert refusal(folder / "walk.c3d", body).startswith("walk.c3d is no trial; give a folder, a coordinates file")


def test_folder_without_coordinates(folder: Path, body: Body) -> None:
    """Forces alone are no movement."""
    (folder / "results_ik.sto").unlink()
    assert "has the model's coordinates as columns; of the 1 tables" in refusal(folder, body)


def test_forces_under_no_foot_are_refused(folder: Path, body: Body) -> None:
    """A laboratory frame that is metres away is not guessed at."""
    path = folder / "walking_baseline1_forces.mot"
    spoil(path, "ground_force_px", load_table(path).column("ground_force_px") + 3.0)
    message = refusal(folder, body)
    assert message.startswith(
        "It cannot be told under which foot 'ground_force' of walking_baseline1_forces.mot was measured: its "
        "centre of pressure is on average 3"
    )
    assert 'forces = {file = "walking_baseline1_forces.mot", calcn_r = "...", calcn_l = "..."}.' in message


def test_forces_on_the_other_foot_are_told(folder: Path, body: Body) -> None:
    """Swapped plates: both loads act far from the foot that they are given to."""
    (folder / "trial.toml").write_text(
        'forces = {file = "walking_baseline1_forces.mot", calcn_l = "ground_", calcn_r = "1_ground_"}\n'
    )
    (finding,) = load_trial(folder, body=body).movement.findings
    assert finding.kind == "feet"
    assert re.fullmatch(
        r"'ground_force' acts \d\d cm from the foot it is given to and \d cm from the other and '1_ground_force' acts "
        r"\d\d cm from the foot it is given to and \d cm from the other",
        finding.where,
    )


EXTERNAL = """<OpenSimDocument Version="40000"><ExternalLoads name="x"><objects>
<ExternalForce name="right"><applied_to_body>calcn_r</applied_to_body>{frame}
<force_identifier>ground_force_v</force_identifier><point_identifier>{point}</point_identifier>
</ExternalForce></objects><datafile>{data}</datafile></ExternalLoads></OpenSimDocument>"""


def test_external_loads_in_other_words(folder: Path, body: Body) -> None:
    """Missing data, columns that the table lacks, and other XML are refused."""
    path = folder / "loads.xml"
    good = {"frame": "", "point": "ground_force_p", "data": "walking_baseline1_forces.mot"}
    path.write_text(EXTERNAL.format(**good))
    assert load_trial(folder, body=body).movement.settings["loads"] == {"right": "calcn_r"}
    (folder / "trial.toml").write_text('external_loads = "loads.xml"\n')
    for change, message in (
        ({"data": ""}, "loads.xml names no data file, so the forces are unknown; write the table into its"),
        ({"data": "grf.mot"}, "There is no file grf.mot in "),
        (
            {"point": "ground_force_q"},
            "walking_baseline1_forces.mot has no column 'ground_force_qx'. Close names:",
        ),
    ):
        path.write_text(EXTERNAL.format(**{**good, **change}))
        assert refusal(folder, body).startswith(message)
    path.write_text("<OpenSimDocument><Model/></OpenSimDocument>")
    assert refusal(folder, body) == "loads.xml holds no <ExternalLoads>; give an OpenSim external-loads file."
    path.write_text("<OpenSim")
    assert refusal(folder, body).startswith("loads.xml cannot be read as XML (")


def test_disabled_external_forces_are_left_out(tmp_path: Path) -> None:
    """What OpenSim would not apply is not applied."""
    off = "<appliesForce>false</appliesForce>"
    (tmp_path / "a.xml").write_text(EXTERNAL.format(frame=off, point="p", data="d.mot"))
    assert read_external_loads(tmp_path / "a.xml") == (
        tmp_path / "d.mot",
        (),
        ("Load 'right' is switched off in a.xml and was left out.",),
    )


def test_slow_sampling_is_not_filtered(folder: Path, body: Body) -> None:
    """A cut-off near half the sampling rate is left out and told."""
    (folder / "trial.toml").write_text("filter_hz = 24\n")
    movement = load_trial(folder, body=body).movement
    assert movement.settings["coordinate_filter"] == "none"
    assert "results_ik.sto was not filtered: 50 Hz is too slow a sampling for 24 Hz." in movement.warnings


def test_several_models_or_load_files_are_refused(folder: Path, body: Body, data: Path) -> None:
    """Ambiguity is never settled by chance."""
    shutil.copy(folder / "walking_baseline1_forces.mot", folder / "another.mot")
    assert refusal(folder, body).endswith(
        "holds 2 force files: another.mot, walking_baseline1_forces.mot. None belongs to results_ik.sto by "
        "its name; name one in a TOML file (forces = ...)."
    )
    for name in ("a.osim", "b.osim"):
        (folder / name).touch()
    assert refusal(folder, None).endswith("holds 2 models: a.osim, b.osim. Name one in a TOML file (model = ...).")

"""External loads in every form that OpenSim knows, held against its own InverseDynamicsTool."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.packages import needs

from gluteal.engines import compute_geometry, load_body
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.trials import load_trial
from gluteal.sto import save_table

pytestmark = pytest.mark.opensim

MODEL = "walk_rajagopal2016/reduced_18muscles/subject_walk_armless_18musc.osim"
TIME = np.arange(0.0, 1.0001, 0.01)
#: What the table of forces holds, by the beginning of its columns: a push, a light one, their points, torques.
COLUMNS = {
    "push_v": (100.0 + 50.0 * np.sin(5.0 * TIME), 30.0 * np.cos(9.0 * TIME), 500.0 + 100.0 * TIME),
    "light_v": (3.0 + TIME, -8.0 * TIME, 2.0 * np.cos(5.0 * TIME)),
    "none_v": (0.0 * TIME, 0.0 * TIME, 0.0 * TIME),
    "push_p": (0.2 + 0.1 * TIME, 0.1 * TIME, -0.05 + 0.0 * TIME),
    "push_m": (5.0 * np.sin(4.0 * TIME), 3.0 + 0.0 * TIME, 2.0 * np.cos(TIME)),
    "odd.": (40.0 * TIME, 20.0 * np.cos(TIME), 60.0 + 0.0 * TIME),
}
PUSH = {"force": "push_v", "point": "push_p"}
Form = dict[str, str]
FORMS: dict[str, list[Form]] = {
    "all in the ground": [{"on": "torso", **PUSH, "torque": "push_m"}],
    "by the paths of components": [
        {"on": "/bodyset/torso", "force_in": "/ground", "point_in": "/bodyset/pelvis", **PUSH}
    ],
    "force in a segment": [{"on": "torso", "force_in": "torso", **PUSH}],
    "point in a segment": [{"on": "tibia_l", "point_in": "tibia_l", **PUSH}],
    "both in the foot": [{"on": "calcn_r", "force_in": "calcn_r", "point_in": "calcn_r", **PUSH, "torque": "push_m"}],
    "in the frames of two other segments": [{"on": "torso", "force_in": "femur_r", "point_in": "pelvis", **PUSH}],
    "without a point": [{"on": "tibia_l", "force": "push_v"}],
    "without a point, in another segment": [{"on": "torso", "force_in": "pelvis", "force": "push_v"}],
    "without a point, on a frame that is no body": [{"on": "/jointset/hip_r/pelvis_offset", "force": "push_v"}],
    "torque alone": [{"on": "femur_l", "torque": "push_m"}],
    "torque alone, in a segment": [{"on": "torso", "force_in": "femur_l", "torque": "push_m"}],
    "torque beside a force that is 0": [{"on": "torso", "force": "none_v", "point": "push_p", "torque": "push_m"}],
    "several on one body": [
        {"on": "pelvis", **PUSH},
        {"on": "pelvis", "force_in": "pelvis", "force": "light_v", "point": "push_p"},
        {"on": "pelvis", "torque": "push_m"},
    ],
    "of a few newtons": [{"on": "torso", "force": "light_v", "point": "push_p"}],
    "columns that end in no x, y, z": [{"on": "torso", "force": "odd.", "point": "push_p"}],
    "on the ground, and switched off": [{"on": "ground", **PUSH}, {"on": "torso", **PUSH, "applies": "false"}],
}
TAGS = {
    "on": "applied_to_body",
    "force_in": "force_expressed_in_body",
    "point_in": "point_expressed_in_body",
    "force": "force_identifier",
    "point": "point_identifier",
    "torque": "torque_identifier",
    "applies": "appliesForce",
}


def write_loads(folder: Path, form: list[Form]) -> None:
    """An external-loads file and its table."""
    said = ["".join(f"<{TAGS[key]}>{value}</{TAGS[key]}>" for key, value in each.items()) for each in form]
    forces = "".join(f'<ExternalForce name="load_{i}">{each}</ExternalForce>' for i, each in enumerate(said))
    (folder / "loads.xml").write_text(
        '<?xml version="1.0"?><OpenSimDocument Version="40000"><ExternalLoads name="x"><objects>'
        f"{forces}</objects><datafile>loads.sto</datafile></ExternalLoads></OpenSimDocument>"
    )
    ends = ("a", "b", "c")
    labels = [f"{start}{ends[i] if start == 'odd.' else 'xyz'[i]}" for start in COLUMNS for i in range(3)]
    save_table(folder / "loads.sto", TIME, labels, np.stack([c for v in COLUMNS.values() for c in v], axis=1))


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """A model of legs and trunk with 18 muscles."""
    return load_body(data / MODEL)


@pytest.fixture
def folder(tmp_path: Path, body: Body) -> Path:
    """A second in which every coordinate swings."""
    rng = np.random.default_rng(0)
    swing = [0.2 * np.sin(2.0 * TIME + rng.uniform(0.0, 6.0)) for _ in body.coordinates]
    save_table(tmp_path / "swing.sto", TIME, body.coordinate_names, np.stack(swing, axis=1))
    (tmp_path / "trial.toml").write_text("rate_hz = 10\nwindow = [0.2, 0.8]\n")
    return tmp_path


def read(folder: Path, body: Body, *, loads: str) -> Movement:
    """The trial with or without its loads."""
    (folder / "trial.toml").write_text(f'rate_hz = 10\nwindow = [0.2, 0.8]\nexternal_loads = "{loads}"\n')
    return load_trial(folder, body=body).movement


def run_opensim(folder: Path, model: Path, movement: Movement, *, loads: bool) -> dict[str, np.ndarray]:
    """Generalised forces of the InverseDynamicsTool for the same frames, by coordinate."""
    osim = needs("opensim")
    coordinates = movement.coordinates
    save_table(folder / "same.sto", movement.time, [str(c) for c in coordinates.coordinate.values], coordinates.values)
    tool = osim.InverseDynamicsTool()
    tool.setModelFileName(str(model))
    tool.setCoordinatesFileName(str(folder / "same.sto"))
    tool.setLowpassCutoffFrequency(-1)
    tool.setStartTime(float(movement.time[0]))
    tool.setEndTime(float(movement.time[-1]))
    muscles = osim.ArrayStr()
    muscles.append("Muscles")
    tool.setExcludedForces(muscles)
    if loads:
        tool.setExternalLoadsFileName(str(folder / "loads.xml"))
    tool.setResultsDir(str(folder))
    tool.setOutputGenForceFileName("id.sto")
    assert tool.run()
    table = osim.TimeSeriesTable(str(folder / "id.sto"))
    return {c: table.getDependentColumn(c).to_numpy() for c in table.getColumnLabels()}


@pytest.mark.parametrize("form", FORMS)
def test_a_load_is_that_of_opensim_s_own_inverse_dynamics(data: Path, folder: Path, body: Body, form: str) -> None:
    """What it takes off every coordinate, to 0.01 N or N m; both interpolate the table at the same moments."""
    write_loads(folder, FORMS[form])
    movement, free = (read(folder, body, loads=name) for name in ("loads.xml", "none"))
    ours = compute_geometry(body, movement).joint_moment - compute_geometry(body, free).joint_moment
    theirs = [run_opensim(folder, data / MODEL, movement, loads=on) for on in (True, False)]
    largest = 0.0
    for k, name in enumerate(body.coordinate_names):
        kind = "moment" if body.coordinate(name).kind == "rotation" else "force"
        expected = theirs[0][f"{name}_{kind}"] - theirs[1][f"{name}_{kind}"]
        np.testing.assert_allclose(ours[:, k], expected, rtol=0.0, atol=0.01, err_msg=name)
        largest = max(largest, float(abs(expected).max()))
    assert (largest > 1.0) != form.startswith("on the ground")


def test_what_is_left_out_is_named(folder: Path, body: Body) -> None:
    """A load on the ground, one that is switched off, and a plate under nobody."""
    form = [*FORMS["on the ground, and switched off"], {"on": "calcn_r", "force": "light_v", "point": "push_p"}]
    write_loads(folder, [*form, {"on": "calcn_l", **PUSH}])
    movement = read(folder, body, loads="loads.xml")
    told = "\n".join(movement.warnings)
    assert "Load 'load_0' in loads.xml acts on the ground, where it moves nothing: it was left out." in told
    assert "Load 'load_1' is switched off in loads.xml and was left out." in told
    assert re.search(r"load 'load_2' carries nobody from .* \(at most 8 N\) and was left out", told)
    assert [bool(np.any(load.force)) for load in movement.loads] == [True]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"on": "torso"}, "names neither a force_identifier nor a torque_identifier: say how"),
        ({"on": "torso", "point": "push_p"}, "names neither a force_identifier nor"),
        ({"torque": "push_m"}, "names no body in applied_to_body, which can only be told"),
        ({"on": "torso", "force": "push_"}, "that begin with 'push_', which are 9 (push_vx, push_vy"),
        ({"on": "torso", "force_in": "femur", **PUSH}, "the body 'femur', which the model"),
        ({"on": "/jointset/hip_r", **PUSH}, "the body '/jointset/hip_r', which the model"),
    ],
)
def test_loads_that_say_too_little_are_refused(folder: Path, body: Body, form: Form, words: str) -> None:
    """OpenSim takes a frame that it does not find for the ground, without a word."""
    write_loads(folder, [form])
    with pytest.raises(InputError) as caught:
        read(folder, body, loads="loads.xml")
    assert words in str(caught.value)


def test_a_filter_leaves_a_slow_load_in_a_segment_s_frame(folder: Path, body: Body) -> None:
    """Force and torque of 1 Hz pass a low-pass of 20 Hz; the point is none that a filter may smear."""
    write_loads(folder, FORMS["both in the foot"])
    plain = read(folder, body, loads="loads.xml").loads[0]
    with (folder / "trial.toml").open("a") as file:
        file.write("force_filter_hz = 20\n")
    filtered = load_trial(folder, body=body).movement.loads[0]
    np.testing.assert_array_equal(filtered.point, plain.point)
    np.testing.assert_allclose(filtered.force, plain.force, atol=2.0)
    assert not np.array_equal(filtered.force, plain.force)

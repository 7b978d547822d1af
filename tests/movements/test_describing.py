"""What was found of a trial is told, and written as a file that repeats it exactly."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel
from tests.helpers.recorded_trials import copy_treadmill

import gluteal
from gluteal.cli import main
from gluteal.cli.schemas import OUTPUTS
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.file import TrialFile, UnmeasuredSupport, VectorColumns
from gluteal.sto import load_table, save_table

pytestmark = pytest.mark.opensim

#: Its code is run below.
PAGE = Path(__file__).parents[2] / "docs" / "trials.md"


@pytest.fixture
def treadmill(data: Path, tmp_path: Path) -> Path:
    """Two seconds of the treadmill trial, whose forces no file gives to a foot."""
    return copy_treadmill(data, tmp_path / "treadmill")


def same(one: Movement, other: Movement) -> bool:
    """Whether two movements are the same to the last digit."""
    arrays = [(one.coordinates, other.coordinates), (one.speed, other.speed), (one.acceleration, other.acceleration)]
    arrays += [(getattr(x, p), getattr(y, p)) for x, y in zip(one.loads, other.loads, strict=True) for p in PARTS]
    named = [(one.name, other.name), (one.title, other.title), (one.view, other.view), (one.supports, other.supports)]
    named += [(x.segment, y.segment) for x, y in zip(one.loads, other.loads, strict=True)]
    named += [(one.excluded, other.excluded), (one.settings, other.settings)]
    emg = (one.emg is None) == (other.emg is None) and (one.emg is None or one.emg.identical(other.emg))
    return emg and all(np.array_equal(a, b) for a, b in arrays) and all(a == b for a, b in named)


PARTS = ("force", "point", "torque")


@pytest.mark.parametrize("place", ["beside", "elsewhere"])
@pytest.mark.parametrize("name", ["walk_rajagopal2016", "lift_squat5kg_backmodel", "sprint_emg_ja1"])
def test_a_written_trial_file_repeats_the_trial(data: Path, tmp_path: Path, name: str, place: str) -> None:
    """Same numbers, name, EMG and settings; from the trial's folder or from any other."""
    folder = tmp_path / name
    shutil.copytree(data / name, folder)
    (tmp_path / "elsewhere").mkdir()
    target = (folder if place == "beside" else tmp_path / "elsewhere") / "again.toml"
    before = load_trial(folder).movement
    assert main(["trial", str(folder), "--write", str(target)]) == 0
    assert same(load_trial(target).movement, before)


def test_guessed_feet_are_written_down(treadmill: Path, body: Body) -> None:
    """What the centre of pressure told is in the file, so that nothing is guessed again."""
    found = gluteal.describe_trial(treadmill, body=body)
    assert [(x.name, x.segment, x.how) for x in found.loads] == [
        ("ground_force", "calcn_r", "guessed"),
        ("1_ground_force", "calcn_l", "guessed"),
    ]
    before = load_trial(treadmill, body=body).movement
    (treadmill / "trial.toml").write_text(found.to_toml(treadmill))
    again = load_trial(treadmill, body=body).movement
    assert same(again, before)
    assert before.warnings and again.warnings == ()
    second = gluteal.describe_trial(treadmill, body=body)
    assert {x.how for x in second.loads} == {"named"}
    assert tomllib.loads(second.to_toml(treadmill)) == tomllib.loads(found.to_toml(treadmill))


EVERYTHING = """
name = "a \\"slow\\" walk"
title = "Line\\nbreak"
view = "front"
window = [0.5, 1.2]
filter_hz = 8
force_filter_hz = 12
rate_hz = 50
degrees = true
coordinate_lengths = "m"
force_lengths = "m"
mass_kg = 70
exclude = ["subtalar_angle_r"]
hold = ["lumbar_rotation"]
supports = [{name = "chair", segment = "pelvis", point = [-0.1, -0.1, 0], friction = 0.5}]
emg = "none"
[forces]
file = "walking_baseline1_forces.mot"
calcn_r = ["ground_"]
calcn_l = {force = ["1_ground_force_vx", "1_ground_force_vy", "1_ground_force_vz"],
           point = ["1_ground_force_px", "1_ground_force_py", "1_ground_force_pz"]}
"""


def test_every_key_survives(treadmill: Path, body: Body) -> None:
    """A file with all options is repeated with all of them."""
    (treadmill / "trial.toml").write_text(EVERYTHING.replace("],\n           point", "], point"))
    given = tomllib.loads((treadmill / "trial.toml").read_text())
    assert set(TrialFile.model_fields) - set(given) == {"model", "coordinates", "external_loads"}
    before = load_trial(treadmill, body=body).movement
    found = gluteal.describe_trial(treadmill, body=body)
    assert {f.key for f in found.findings if f.how == "named"} >= set(given) - {"name"}
    (treadmill / "again.toml").write_text(found.to_toml(treadmill))
    assert same(load_trial(treadmill / "again.toml", body=body).movement, before)


def test_the_command_prints_what_was_found(treadmill: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON as published; the words name every file, and the force's foot with how it was told."""
    shutil.copy(data / "walk_uhlrich2022" / "Rajagopal_scaled_Sub1_gasAvoid.osim", treadmill / "me.osim")
    (treadmill / "markers.trc").write_text("x")
    assert main(["trial", str(treadmill), "--json"]) == 0
    printed = capsys.readouterr().out
    OUTPUTS["trial"].read(printed)
    told = json.loads(printed)
    by_key = {row["key"]: row for row in told["found"]}
    assert by_key["model"]["value"].endswith("me.osim") and by_key["model"]["how"] == "found"
    assert by_key["emg"] == {"key": "emg", "value": None, "how": "default", "why": "none was found"}
    assert told["loads"][1]["segment"] == "calcn_l"
    assert told["loads"][1]["torque"] == ["1_ground_torque_x", "1_ground_torque_y", "1_ground_torque_z"]
    assert told["model_mass_kg"] == pytest.approx(86.04, abs=0.01)  # the model's README says 86.04 kg
    assert [row["file"] for row in told["ignored"]] == ["markers.trc"]
    assert main(["trial", str(treadmill)]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "guessed" in words and "calcn_l" in words and "markers.trc" in words and "86.0 kg" in words


def test_what_keeps_a_trial_from_being_used_is_a_problem(
    treadmill: Path, body: Body, capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    """What was found is told all the same, then what is wrong with it; the exit code is that of bad input."""
    table = load_table(treadmill / "walking_baseline1_forces.mot")
    save_table(treadmill / "walking_baseline1_forces.mot", table.time + 100, table.columns, table.values)
    found = gluteal.describe_trial(treadmill, body=body)
    assert found.window is None and found.problems[0].startswith("The files do not overlap in time: ")
    model = str(data / "walk_uhlrich2022" / "Rajagopal_scaled_Sub1_gasAvoid.osim")
    assert main(["trial", str(treadmill), "--body", model]) == 2
    out, err = capsys.readouterr()
    assert "results_ik.sto" in out and "gluteal: The files do not overlap in time: " in err


def test_feet_that_cannot_be_told_are_a_problem(treadmill: Path, body: Body) -> None:
    """Forces metres away: the sentence is that of loading, and the file leaves the feet open."""
    table = load_table(treadmill / "walking_baseline1_forces.mot")
    shifted = table.values + np.where([c.endswith("px") for c in table.columns], 3.0, 0.0)
    save_table(table.path, table.time, table.columns, shifted)
    found = gluteal.describe_trial(treadmill, body=body)
    assert found.problems[0].startswith("It cannot be told under which foot 'ground_force' of")
    assert {x.segment for x in found.loads} == {None}
    assert tomllib.loads(found.to_toml(treadmill))["forces"] == {"file": "walking_baseline1_forces.mot"}


def test_a_file_that_is_there_stays(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that was no part of the trial: somebody wrote it."""
    target = tmp_path / "trial.toml"
    target.write_text("name = 'by hand'\n")
    assert main(["trial", str(data / "walk_rajagopal2016"), "--write", str(target)]) == 2
    assert "There already is a file" in capsys.readouterr().err
    assert target.read_text() == "name = 'by hand'\n"
    assert main(["trial", str(data / "walk_rajagopal2016"), "--write", str(tmp_path / "a.csv")]) == 2


def test_no_engine_is_opened_where_files_say_everything(data: Path) -> None:
    """External loads name their segments: the model is read as text."""
    program = (
        "import sys, gluteal\n"
        "found = gluteal.describe_trial(sys.argv[1])\n"
        "print(len(found.loads), [m for m in ('opensim', 'mujoco') if m in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(data / "walk_rajagopal2016")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "2 []"


# The page


def rows_of(page: str, heading: str) -> set[str]:
    """First column of the table below a heading."""
    part = page.split(f"\n{heading}\n", 1)[1].split("\n## ")[0]
    return {name for row in re.findall(r"^\| (.+?) \|", part, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize(
    ("heading", "model"),
    [("## Every key", TrialFile), ("## Columns by name", VectorColumns), ("## Supports", UnmeasuredSupport)],
)
def test_the_page_explains_every_key(heading: str, model: type[BaseModel]) -> None:
    """No key is missing, none is made up."""
    assert rows_of(PAGE.read_text(encoding="utf-8"), heading) == set(model.model_fields)


def test_the_page_states_the_defaults() -> None:
    """A row with a default has that of the program."""
    page = PAGE.read_text(encoding="utf-8").split("\n## Every key\n", 1)[1].split("\n## ")[0]
    for key, field in TrialFile.model_fields.items():
        default = field.default
        if default is not None and default != ():
            said = f"{default:g}" if isinstance(default, float) else str(default)
            row = next(line for line in page.splitlines() if line.startswith(f"| `{key}`"))
            assert f"| {said} |" in row


def test_the_trial_files_of_the_page_can_be_read() -> None:
    """Every example is held against the schema."""
    examples = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(examples) >= 5
    for example in examples:
        TrialFile.model_validate(tomllib.loads(example))


@pytest.mark.parametrize("heading", ["From OpenSim's own pipeline", "From OpenCap", "From AddBiomechanics"])
def test_the_examples_find_files_where_programs_put_them(data: Path, tmp_path: Path, heading: str) -> None:
    """Squats, laid out as each program does and described by the page's own trial file, can be used."""
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    source = data / "squat_sts_opencap_s4"
    originals = {
        "model": "manually_scaled.osim",
        "coordinates": "squats1_manual_scaling_ik.mot",
        "external_loads": "squats1_external_loads_written_here.xml",
    }
    examples = re.findall(r"^```toml\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    assert examples
    for number, example in enumerate(examples):
        session = tmp_path / str(number)
        for key, original in originals.items():
            if (named := tomllib.loads(example)[key]) != "none":
                (session / named).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / original, session / named)
                if key == "external_loads":
                    shutil.copy(source / "squats1_grf.mot", (session / named).parent)
        (session / "trial.toml").write_text(example)
        found = gluteal.describe_trial(session)
        assert found.problems == ()
        movement = load_trial(session).movement
        assert len(movement.loads) == len(found.loads) and len(movement.supports) == example.count("segment =")


def test_the_recipe_for_c3d_gives_the_forces_made_for_opensim(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sprint's own table of forces, made by others, is the plates from the 12th analogue sample on, every 6th."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    shutil.copy(data / "sprint_emg_ja1" / "JA1Gait35.c3d", tmp_path / "run.c3d")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs/trials.md", "exec"), {})
    ours, theirs = load_table("run_grf.mot"), load_table(data / "sprint_emg_ja1" / "JA1Gait35_grf.mot")
    rows = slice(12, 12 + 6 * len(theirs.time), 6)
    compared = 0
    for plate in (2, 4, 7, 8):  # the four that were stepped on
        force = {a: theirs.column(f"ground_force_{plate}_v{a}") for a in "xyz"}
        on = force["y"] > 100.0
        for a in "xyz":
            np.testing.assert_allclose(ours.column(f"plate_{plate}_v{a}")[rows], force[a], atol=0.01)
            point = theirs.column(f"ground_force_{plate}_p{a}")
            np.testing.assert_allclose(ours.column(f"plate_{plate}_p{a}")[rows][on], point[on], atol=1e-3)
        torque = theirs.column(f"ground_force_{plate}_my")
        np.testing.assert_allclose(ours.column(f"plate_{plate}_my")[rows][on], torque[on], atol=0.01)
        compared += int(on.sum())
    assert compared > 80

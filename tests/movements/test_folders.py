"""Folders of trials: what lies beside, below, or in the place of what is looked for is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.helpers.recorded_trials import GRF, IK, copy_treadmill, refusal

from gluteal.mechanics.body import Body
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.discovery import find_trial
from gluteal.movements.trials.loads import find_forces, names_of
from gluteal.movements.trials.tables import coordinate_of, list_folders
from gluteal.sto import load_table

pytestmark = pytest.mark.opensim


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """Two seconds of the treadmill trial, in a folder that a test may spoil."""
    return copy_treadmill(data, tmp_path / "trial")


def test_subfolders_are_named_where_the_folder_has_nothing(folder: Path, tmp_path: Path, body: Body) -> None:
    """The way OpenCap parts a session; the sentence ends with what to do, and doing it works."""
    (tmp_path / "OpenSimData" / "Kinematics").mkdir(parents=True)
    (tmp_path / "OpenSimData" / "Model").mkdir()
    shutil.copy(folder / IK, tmp_path / "OpenSimData" / "Kinematics" / "walk.mot")
    (tmp_path / "OpenSimData" / "Model" / "scaled.osim").write_text("x")
    shutil.rmtree(folder)
    assert refusal(tmp_path, None).endswith(
        " Its subfolders hold OpenSimData/Kinematics (walk.mot), OpenSimData/Model (scaled.osim): give one of these, "
        "or name the files in a trial.toml here, with paths from this folder."
    )
    assert "Its subfolders hold OpenSimData/Kinematics (walk.mot)" in refusal(tmp_path, body)
    message = refusal(tmp_path / "OpenSimData" / "Kinematics", None)
    assert "Folders beside it hold ../Model (scaled.osim): give one of these" in message
    (tmp_path / "trial.toml").write_text('coordinates = "OpenSimData/Kinematics/walk.mot"\nexternal_loads = "none"\n')
    assert load_trial(tmp_path, body=body).files.coordinates.name == "walk.mot"


def test_many_folders_are_not_searched_for_ever(tmp_path: Path) -> None:
    """A home folder is no trial; what is looked into has a bound."""
    for k in range(150):
        (tmp_path / f"{k:03d}" / "below").mkdir(parents=True)
    assert len(list_folders(tmp_path, depth=3)) == 100


def test_loads_named_twice_are_told(folder: Path, body: Body) -> None:
    """Two sources of force cannot both be meant; which was taken is said."""
    (folder / "trial.toml").write_text(f'external_loads = "none"\nforces = {{file = "{GRF}"}}\n')
    movement = load_trial(folder, body=body).movement
    assert movement.loads == ()
    assert movement.warnings[0] == (
        "The trial file names forces and external_loads = 'none': the latter was taken; leave one of them out."
    )


def test_what_is_left_aside_has_a_reason(folder: Path, body: Body) -> None:
    """Every file of the folder that nothing was taken from is named."""
    for name in ("walk.trc", "walk.c3d", "walk.b3d", "old.osim", "setup.xml", "notes.md", "x.mot"):
        (folder / name).write_text("x")
    ignored = find_trial(folder, body.coordinate_names).ignored
    assert set(ignored) == {"walk.trc", "walk.c3d", "walk.b3d", "setup.xml", "x.mot"}
    assert "inverse kinematics" in ignored["walk.trc"] and "docs/trials.md" in ignored["walk.c3d"]
    assert [names_of(c.force)[0] for c in find_forces(load_table(folder / GRF).columns)] == [
        "ground_force_vx",
        "1_ground_force_vx",
    ]


STANDS_FOR = {
    "a pointer": ("coordinates.sto", "version https://git-lfs.github.com/spec/v1\nsize 1\n", "is a pointer of git-lfs"),
    "a page": ("coordinates.sto", "<!DOCTYPE html><html></html>", "download it again, raw"),
    "markers": ("walk.trc", "PathFileType\t4", "OpenSim's inverse kinematics makes a table of coordinates of them"),
    "an archive": ("walk.zip", "PK", "walk.zip: an archive; unpack it first"),
    "other letters": (
        "coordinates.sto",
        "endheader\ntime\tHIP_FLEXION_R\tKNEE_ANGLE_R\tpelvis_ty\n0\t1\t1\t1\n1\t1\t1\t1\n",
        "in other letters: rename HIP_FLEXION_R to hip_flexion_r",
    ),
}


@pytest.mark.parametrize("case", STANDS_FOR)
def test_what_stands_in_for_a_movement_is_told(tmp_path: Path, body: Body, case: str) -> None:
    """With what to do about it."""
    name, content, words = STANDS_FOR[case]
    (tmp_path / name).write_text(content)
    assert words in refusal(tmp_path, body)


def test_files_of_the_trial_file_are_found_by_their_names(folder: Path, body: Body) -> None:
    """So are those that a trial file names, each with a warning."""
    (folder / "trial.toml").write_text(
        f'coordinates = "D:\\\\data\\\\{IK}"\nforces = {{file = "/data/{GRF}", calcn_r = "ground_", calcn_l = "1_"}}\n'
    )
    warnings = load_trial(folder, body=body).movement.warnings
    assert warnings[0].startswith(
        "The trial file names coordinates = 'D:\\\\data\\\\results_ik.sto', where nothing is; "
    )
    assert warnings[1].endswith(f"where nothing is; {GRF} has the same name and was taken.")


@pytest.mark.parametrize("label", ["/jointset/hip_r/hip_flexion_r/speed", "/forceset/soleus_r/activation"])
def test_other_states_are_no_coordinates(label: str) -> None:
    assert coordinate_of(label) == label

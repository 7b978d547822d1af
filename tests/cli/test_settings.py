"""What the environment of people's machines says to other programs: left aside, or one sentence that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.helpers.packages import needs

RUN = "import sys; from gluteal.cli import main; sys.exit(main())"
#: A page with a figure, soon made.
DRAWN = ["plan", "--effect", "50", "--spread", "60", "--sem", "55", "--trials", "10", "--out", "a.html"]
PLAN = """
seed = 1
people = 1
[[movement]]
task = "quiet-standing"
[[condition]]
weaken = { glmed = 0.5 }
"""


def run(folder: Path, words: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, bounded in time."""
    surroundings = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-c", RUN, *words]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, timeout=60, env=surroundings | {"CI": "", **variables}
    )


@pytest.mark.parametrize("columns", ["0", "1", "99999999999", "²", "-5", "9" * 5000])
def test_a_width_that_no_terminal_has_is_left_aside(tmp_path: Path, columns: str) -> None:
    """Help at a width of 1 did not end, and grew; a width of 0 showed nothing."""
    done = run(tmp_path, ["--help"], COLUMNS=columns, LINES="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "simulate" in done.stdout and "Weaken, block" in " ".join(done.stdout.split())


def test_variables_of_other_programs_change_nothing(tmp_path: Path) -> None:
    """The driver of HDF5 ended the process."""
    names = ("MUJOCO_GL", "HDF5_DRIVER", "HDF5_PLUGIN_PATH", "HDF5_VOL_CONNECTOR", "NUMPY_MADVISE_HUGEPAGE")
    no_such = dict.fromkeys(names, "/nosuch")
    done = run(tmp_path, ["simulate", "quiet-standing", "--out", "a.nc"], **no_such)
    assert (done.returncode, done.stderr) == (0, "Wrote a.nc\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.nc"]


@pytest.mark.parametrize(("epoch", "said"), [("abc", True), ("9" * 20, True), ("1700000000", False)])
def test_a_date_that_is_none_is_left_aside(tmp_path: Path, epoch: str, said: bool) -> None:
    done = run(tmp_path, DRAWN, SOURCE_DATE_EPOCH=epoch)
    assert (done.returncode, done.stderr.startswith("SOURCE_DATE_EPOCH is ")) == (0, said), done.stderr


@pytest.mark.parametrize("text", ["text.usetex: True", "path.effects: [1]"])
def test_figures_of_pages_follow_no_settings_of_the_folder(tmp_path: Path, text: str) -> None:
    """They are read where the person stands: a folder of somebody else would have LaTeX run."""
    (tmp_path / "matplotlibrc").write_text(text, encoding="utf-8")
    done = run(tmp_path, DRAWN)
    assert (done.returncode, done.stderr) == (0, "Wrote a.html\n")


def refused(folder: Path, words: list[str], named: str, **variables: str) -> None:
    done = run(folder, words, **variables)
    assert done.returncode == 2, done.stderr
    said = done.stderr.splitlines()[-1]  # matplotlib has a word of its own before
    assert said.startswith("gluteal: ") and "Traceback" not in done.stderr
    assert named in said and "correct" in said and "our mistake" not in said


@pytest.mark.parametrize("text", ["a: [1\n", "- 1\n"])
def test_settings_of_dask_are_named(tmp_path: Path, text: str) -> None:
    needs("dask")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    for words in (["simulate", "quiet-standing"], ["study", "plan.toml", "--scheduler", "tcp://127.0.0.1:1"]):
        refused(tmp_path, words, "mine.yaml", DASK_CONFIG=str(tmp_path / "mine.yaml"))
    refused(tmp_path, ["simulate", "quiet-standing"], "DASK_", DASK_ARRAY="1")
    assert len(list(tmp_path.iterdir())) == 2
    assert run(tmp_path, ["--help"], DASK_CONFIG=str(tmp_path / "mine.yaml")).returncode == 0


def test_settings_of_zarr_are_named(tmp_path: Path) -> None:
    needs("zarr")
    (tmp_path / "mine.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    words = ["study", "plan.toml", "--workers", "0", "--out", "a.zarr"]
    refused(tmp_path, words, "mine.yaml", ZARR_CONFIG=str(tmp_path / "mine.yaml"))


def test_settings_of_matplotlib_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"\xff\xfe\x00")
    refused(tmp_path, DRAWN, "mine", MATPLOTLIBRC=str(tmp_path / "mine"))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_settings_that_are_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "matplotlibrc")
    refused(tmp_path, DRAWN, "matplotlibrc")

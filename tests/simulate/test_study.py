"""Studies: a killed one resumes bit for bit, workers anywhere give the same numbers, bad plans are told."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
import xarray as xr
from tests.helpers.packages import needs
from tests.helpers.plans import PLAN

import gluteal
from gluteal.cli import main
from gluteal.errors import InputError
from gluteal.nerves.condition import Condition
from gluteal.outcome.verdict import VERDICT_COLUMNS
from gluteal.simulate.people import Scatter
from gluteal.simulate.spread import VERDICTS
from gluteal.simulate.study import load_plan, load_study, run_study, summarize_study
from gluteal.simulate.study.plan import ScatterTable
from gluteal.simulate.study.result import write_result
from gluteal.simulate.study.work import solve_unit

EXAMPLE = Path(__file__).parents[2] / "docs" / "study-example.toml"
#: The environment of child processes: as here, one numerical thread each.
ENVIRONMENT = os.environ | {"GLUTEAL_THREADS": "1", "OMP_NUM_THREADS": "1"}
SCRIPT = """
import sys
from gluteal.simulate.study import run_study

if __name__ == "__main__":
    run_study(sys.argv[1], out=sys.argv[2], workers=1)
"""


def write(folder: Path, text: str = PLAN) -> Path:
    path = folder / "plan.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def through(folder: Path) -> xr.Dataset:
    """A study that ran through, in this process."""
    return run_study(write(folder), out=folder / "through.nc", workers=0)


# --- what a result is -------------------------------------------------------------------------------


def test_the_body_itself_is_person_zero(through: xr.Dataset) -> None:
    """Person 0 has the numbers of `gluteal.simulate`, a strength loss settled as there."""
    body = gluteal.load_body("myo")
    stance = gluteal.load_task("single-leg-stance", body)
    for name, condition in {
        "block": Condition.block("superior gluteal", loss=0.52, side="r"),
        "weaker abduction": Condition.strength_loss("hip abduction", loss=0.3, side="r"),
    }.items():
        expected = gluteal.simulate(body, stance, condition=condition, exponent=3.0)
        found = through.sel(case="single-leg-stance", condition=name, criterion="p = 3", person=0)
        assert VERDICTS[int(found["verdict"])] == expected.verdict
        assert float(found["effort_ratio"]) == pytest.approx(expected.effort_ratio, rel=1e-9)
        # Stored in single precision.
        np.testing.assert_allclose(found["force"], expected.muscles["force"], rtol=1e-6, atol=1e-4)


def test_everybody_is_there_and_certified(through: xr.Dataset) -> None:
    assert dict(through.sizes) | {"muscle": 290, "group": 0, "coordinate": 0} == {
        "case": 2,
        "condition": 2,
        "criterion": 2,
        "person": 24,
        "muscle": 290,
        "group": 0,
        "coordinate": 0,
    }
    assert int(through["verdict"].min()) >= 0
    for name in ("effort_ratio", "deficit", "force", "group_peak", "mass"):
        assert bool(through[name].notnull().all()), name
    assert float(through["certificate"].max()) < 1e-6
    # The same people do every movement.
    np.testing.assert_array_equal(through["mass"][0], through["mass"][1])


def test_a_result_carries_its_plan_seed_and_versions(through: xr.Dataset) -> None:
    assert through.attrs["plan"] == PLAN and through.attrs["seed"] == 7
    versions = json.loads(through.attrs["versions"])
    assert {"gluteal", "numpy", "scipy", "mujoco"} <= set(versions)
    assert "SeedSequence" in through.attrs["randomness"]
    assert through["force"].attrs["units"] == "N"


def test_chunks_do_not_matter(folder: Path, through: xr.Dataset) -> None:
    other = folder / "chunks"
    other.mkdir()
    found = run_study(write(other, PLAN.replace("chunk = 2", "chunk = 9")), out=other / "a.nc", workers=0)
    assert found.drop_attrs().identical(through.drop_attrs())


def test_summary_counts_random_people(through: xr.Dataset) -> None:
    table = summarize_study(through).set_index(["case", "condition", "criterion"])
    assert len(table) == 8 and (table["people"] == 23).all()
    row = table.loc[("standing", "block", "p = 2")]
    people = through.sel(case="standing", condition="block", criterion="p = 2").isel(person=slice(1, None))
    assert row["unchanged"] == pytest.approx(float((people["verdict"] == 0).mean()))
    assert row["effort_ratio"] == pytest.approx(float(people["effort_ratio"].median()))
    np.testing.assert_allclose(table[list(VERDICT_COLUMNS.values())].sum(axis=1), 1.0)


def test_zarr_holds_the_same(folder: Path, through: xr.Dataset) -> None:
    needs("zarr")
    write_result(through, folder / "a.zarr")
    assert run_study(folder / "plan.toml", out=folder / "a.zarr", resume=True).identical(through)
    assert load_study(folder / "a.zarr").identical(through)


# --- killed and resumed -----------------------------------------------------------------------------


@pytest.mark.slow
def test_killed_half_way_and_resumed_equals_one_that_ran_through(folder: Path, through: xr.Dataset) -> None:
    """SIGKILL while worker processes are at it; then resume: nothing repeated, the same file, bit for bit."""
    out, script = folder / "killed.nc", folder / "script.py"
    script.write_text(SCRIPT)
    parts = folder / "killed.nc.parts"
    total = len(load_plan(folder / "plan.toml").units)
    arguments = [sys.executable, str(script), str(folder / "plan.toml"), str(out)]
    child = subprocess.Popen(arguments, env=ENVIRONMENT, start_new_session=True, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while len(list(parts.glob("part-*.npz"))) < total // 4:
            assert child.poll() is None, child.stderr.read() if child.stderr else ""
            assert time.monotonic() < deadline, "the study did not start"
            time.sleep(0.002)
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    before = {p.name: p.stat().st_mtime_ns for p in parts.glob("part-*.npz")}
    assert total // 4 <= len(before) < total and not out.exists()
    (parts / ".gluteal-0badcafe-1-deadbeef.npz").write_bytes(b"half a file")

    with pytest.raises(InputError, match=r"A run that did not finish is in killed\.nc\.parts: go on with --resume"):
        run_study(folder / "plan.toml", out=out, workers=0)
    told: list[int] = []
    seen: dict[str, int] = {}

    def progress(done: int, of: int) -> None:
        told.append(done)
        if done == of:
            seen.update({p.name: p.stat().st_mtime_ns for p in parts.glob("part-*.npz")})

    resumed = run_study(folder / "plan.toml", out=out, workers=0, resume=True, progress=progress)
    assert told == list(range(len(before), total + 1))
    assert {name: seen[name] for name in before} == before  # what was done was not done again
    xr.testing.assert_identical(resumed, through)
    assert out.read_bytes() == (folder / "through.nc").read_bytes()
    assert not parts.exists()


def test_a_finished_study_is_not_run_again(folder: Path, through: xr.Dataset) -> None:
    calls: list[tuple[int, int]] = []
    again = run_study(folder / "plan.toml", out=folder / "through.nc", resume=True, progress=lambda *a: calls.append(a))
    assert again.identical(through) and calls == []
    with pytest.raises(InputError, match=r"through\.nc exists already; choose another name or delete it"):
        run_study(folder / "plan.toml", out=folder / "through.nc")


def test_another_plan_is_not_resumed(tmp_path: Path) -> None:
    """Half a study of one seed must not be finished with another."""
    out = tmp_path / "a.nc"

    class Enough(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise Enough

    with pytest.raises(Enough):
        run_study(write(tmp_path), out=out, workers=0, progress=stop)
    changed = write(tmp_path, PLAN.replace("seed = 7", "seed = 8"))
    with pytest.raises(InputError, match=r"a\.nc\.parts cannot be resumed: the plan or a file it names has changed"):
        run_study(changed, out=out, workers=0, resume=True)


def test_a_condition_that_cannot_be_met_ends_the_study_in_words(tmp_path: Path) -> None:
    plan = write(tmp_path, PLAN.replace('{ "hip abduction" = 0.3 }', '{ "hip abduction" = 0.99 }'))
    with pytest.raises(InputError, match=r"Plan plan\.toml, movement 'single-leg-stance': A loss of 99 %"):
        run_study(plan, out=tmp_path / "a.nc", workers=0)
    assert not (tmp_path / "a.nc.parts").exists()


# --- trials -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.opensim
def test_trials_bring_their_bodies(tmp_path: Path, data: Path) -> None:
    """One task and one trial in one study: muscles are the union, nan where a body has none of that name."""
    folder = data / "walk_rajagopal2016"
    (tmp_path / "trial.toml").write_text(
        f"""
        model = "{(folder / "subject_walk_scaled.osim").as_posix()}"
        coordinates = "{(folder / "coordinates.sto").as_posix()}"
        external_loads = "{(folder / "grf_walk.xml").as_posix()}"
        window = [0.75, 0.80]
        """
    )
    text = """
    seed = 1
    people = 1
    [[movement]]
    task = "quiet-standing"
    [[movement]]
    trial = "trial.toml"
    name = "walk"
    [[condition]]
    name = "block"
    side = "r"
    block = { "superior gluteal" = 0.46 }
    """
    plan = load_plan(write(tmp_path, text))
    assert {p.suffix for p in plan.cases[1].files()} >= {".osim", ".sto", ".xml"}
    found = run_study(plan, out=tmp_path / "a.nc", workers=0)
    own = found.sel(case="walk", criterion="p = 2", condition="block")
    assert int(own["force"].isel(person=0).notnull().sum()) == 80
    assert VERDICTS[int(own["verdict"][0])] == "compensated"
    assert float(found["certificate"].max()) < 1e-6


# --- plans ------------------------------------------------------------------------------------------


def test_the_example_of_the_docs_is_a_plan() -> None:
    plan = load_plan(EXAMPLE)
    assert len(plan.cases) == 2 and len(plan.criteria) == 4 and len(plan.conditions) == 2
    assert len(plan.units) == 2 * 5  # 1001 people in chunks of 250
    assert plan.units[4] == (0, 1000, 1001)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 7\n", "", "seed: is missing; give a whole number, so that the same people are drawn again."),
        ("seed = 7", "seed = 1.5", "seed: is 1.5; give a whole number"),
        ("people = 23", "people = -3", "people: is -3; give how many random people"),
        ("people = 23", "people = true", "people: is True; give how many random people"),
        ("chunk = 2", "chunk = 0", "chunk: is 0; give how many people make one unit of work, 1 or more."),
        ("people = 23", "poeple = 23", "poeple: is no known key; did you mean 'people'?"),
        ("[2, 3]", "[1]", "criteria.exponents: holds 1; give a list of numbers, 2 or more."),
        ("[2, 3]", "[]", "criteria.exponents: is []; give a list of numbers, 2 or more."),
        (
            "[criteria]",
            "[scatter]\nmass = -1\n[criteria]",
            "scatter.mass: is -1; give a number, zero or more.",
        ),
        (
            "muscles = true",
            'bodies = ["his"]',
            "bodies: holds 'his'; give \"myo\" or OpenSim models (.osim).",
        ),
        (
            "muscles = true",
            'bodies = ["a.osim"]',
            "bodies: there is no file or folder 'a.osim'; give a path, from the plan's",
        ),
        (
            '"quiet-standing"',
            '"quiet-stnding"',
            "movement 2.task: there is no task 'quiet-stnding'; did you mean",
        ),
        ('name = "standing"', 'trial = "x"', "movement 2.task: give either task or trial, one of them."),
        (
            'name = "standing"',
            'name = "single-leg-stance"',
            "movement 2.name: 'single-leg-stance' is there twice",
        ),
        ('name = "standing"', "tsk = 1", "movement 2.tsk: is no known key; did you mean 'task'?"),
        ("0.52", "52", "condition 1.block.superior gluteal: block 'superior gluteal' = 52 is out of range"),
        ("0.52", '"half"', "condition 1.block.superior gluteal: is 'half'; give a number."),
        ('side = "r"\nblock', 'side = "x"\nblock', 'condition 1.side: is \'x\'; give "r", "l" or "both".'),
        (
            'block = { "superior gluteal" = 0.52 }',
            "",
            "condition 1.weaken: no effect is given; give at least",
        ),
        (
            '"weaker abduction"',
            '"block"',
            "condition 2.name: 'block' is there twice; give each condition its",
        ),
    ],
)
def test_a_bad_plan_is_refused_in_one_sentence(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in PLAN
    with pytest.raises(InputError) as caught:
        load_plan(write(tmp_path, PLAN.replace(old, new, 1)))
    assert str(caught.value).startswith(f"Plan plan.toml, {message}")


def test_a_plan_may_set_every_scatter() -> None:
    """The table of a plan and the record it fills have the same names."""
    assert list(ScatterTable.model_fields) == [f.name for f in fields(Scatter)]


def test_a_plan_without_movements_or_conditions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Plan plan\.toml, movement: is missing; give at least one \[\[movement\]\]"):
        load_plan(write(tmp_path, "seed = 1"))
    only = "seed = 1\n[[movement]]\ntask = 'quiet-standing'"
    with pytest.raises(InputError, match=r"Plan plan\.toml, condition: is missing; give at least one"):
        load_plan(write(tmp_path, only))
    with pytest.raises(InputError, match=r"Plan plan\.toml is no TOML"):
        load_plan(write(tmp_path, "seed = "))
    with pytest.raises(InputError, match=r"There is no plan '.*none\.toml'; give the path of a TOML file"):
        load_plan(tmp_path / "none.toml")


def test_results_that_are_none_are_refused(tmp_path: Path) -> None:
    xr.Dataset({"a": 1}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    (tmp_path / "text.nc").write_text("no")
    for name, words in (
        ("other.nc", "is not the result of a study"),
        ("text.nc", "cannot be read as netCDF or Zarr"),
        ("none.nc", "There is no study"),
    ):
        with pytest.raises(InputError, match=words):
            load_study(tmp_path / name)
    with pytest.raises(InputError, match=r"the ending must be one of \.nc, \.zarr"):
        run_study(write(tmp_path), out=tmp_path / "a.csv", workers=0)


def test_a_worker_returns_errors_as_words(tmp_path: Path) -> None:
    """Exceptions with arguments of their own do not survive the way between machines; sentences do."""
    plan = load_plan(write(tmp_path, PLAN.replace("superior gluteal", "superior glutal")))
    found = solve_unit(plan, plan.units[0])
    assert found["error"].startswith("single-leg-stance: There is no")
    assert "arrays" not in found


def test_the_examples_of_the_docs_run(
    folder: Path, through: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    shutil.copy(folder / "through.nc", "block.nc")
    blocks = re.findall(r"```python\n(.*?)```", EXAMPLE.with_name("studies.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "docs/studies.md", "exec"), {})
    matplotlib.pyplot.close("all")


# --- command line -----------------------------------------------------------------------------------


def test_the_command_prints_verdicts_and_writes_the_file(
    folder: Path, through: xr.Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "through.nc"
    code = main(["study", str(folder / "plan.toml"), "--out", str(out), "--resume", "--json"])
    written = capsys.readouterr()
    data = json.loads(written.out)
    assert code == 0 and data["seed"] == 7 and len(data["rows"]) == 8
    assert {"case", "condition", "criterion", "impossible", "effort_ratio"} <= set(data["rows"][0])
    assert f"Wrote {out}" in written.err

"""The command line: what it prints where, what it writes, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from tests.helpers.synthetic import draw_no_live_page, make_body, make_mechanics, make_outcome, make_picture

import gluteal.engines
import gluteal.show.pages.outcome
import gluteal.simulate.experiment
from gluteal.cli import main
from gluteal.mechanics.movement import Movement

STANCE = "single-leg-stance"
BLOCK = ["--nerve", "superior gluteal=0.52", "--side", "r"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace engine and experiment by the six-muscle body; returns what the experiment was asked."""
    asked: dict[str, Any] = {"demand": 20.0, "rest": False}

    def load_movement(name: str, body: object = None, **parameters: Any) -> tuple[str, Movement]:
        asked.update(task=name, body=body, parameters=parameters)
        return "body", make_mechanics().movement

    def simulate(body: object, movement: object, *, condition: Any, **options: Any) -> Any:
        asked.update(condition=condition, exponent=options["criterion"].exponent)
        return make_outcome(condition, demand=asked["demand"], rest=asked["rest"])

    monkeypatch.setattr(gluteal.simulate.experiment, "load_movement", load_movement)
    monkeypatch.setattr(gluteal.simulate.experiment, "simulate", simulate)
    monkeypatch.setattr(gluteal.show.pages.outcome, "compute_picture", make_picture)
    monkeypatch.setattr(gluteal.show.pages.outcome, "live_block", draw_no_live_page)
    monkeypatch.setattr(gluteal.engines, "load_body", lambda name="myo", **chosen: make_body())
    monkeypatch.setattr("gluteal.cli.simulate._ask_all", lambda *given: None)  # this body has no published variants
    return asked


# --- the real thing ------------------------------------------------------------------------------------


def test_the_first_command_of_the_docs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half the superior gluteal nerve gone, single-leg stance: compensated, and the page says so."""
    page, table, data = (tmp_path / f"r.{e}" for e in ("html", "csv", "nc"))
    code = main(["simulate", STANCE, *BLOCK, "--json", "--out", str(page), "--out", str(table), "--out", str(data)])
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert code == 0 and result["verdict"] == "compensated"
    assert result["task"] == STANCE and result["body"]["name"] == "myo" and result["body"]["muscles"] > 250
    assert all(c["passed"] for c in result["checks"])
    text = page.read_text()
    assert result["sentence"] in text and "gluteal simulate single-leg-stance --nerve" in text
    assert len(text) < 3_000_000
    assert len(table.read_text().splitlines()) == result["body"]["muscles"] + 1
    with xr.open_dataset(data, engine="h5netcdf") as read:
        assert read.attrs["movement"] == STANCE
    assert f"Wrote {page}" in err


def test_the_whole_nerve_is_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    """Without any of the nerve's muscles this stance is impossible: a scientific no, exit 3."""
    assert main(["simulate", STANCE, "--nerve", "superior gluteal=1", "--side", "r"]) == 3
    out, _ = capsys.readouterr()
    assert "IMPOSSIBLE" in out and "missing" in out


def test_strength_and_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    """Blocking the abductors' nerve costs hip-abduction strength, on the side measured."""
    readings = []
    for extra in ([], BLOCK[:2]):
        assert main(["strength", "hip abduction", *extra, "--json"]) == 0
        readings.append(json.loads(capsys.readouterr().out))
    assert {"movement", "moment_nm", "moment_nm_per_kg", "force_bw"} <= set(readings[0])
    assert 0.0 < readings[1]["moment_nm"] < readings[0]["moment_nm"]
    assert readings[0]["side"] == "r"


def test_doctor_finds_the_solver_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """The self-check passes on a sound installation."""
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["self_check"]["passed"] and found["engines"]["mujoco"]


@pytest.mark.parametrize("what", ["tasks", "muscles", "groups", "nerves", "movements", "terms"])
def test_lists_have_names(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every listing is an array of objects with at least a name, and also prints for people."""
    assert main(["list", what, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows and all(row["name"] for row in rows)
    assert main(["list", what]) == 0
    assert rows[0]["name"] in capsys.readouterr().out


# --- conditions and parameters -------------------------------------------------------------------------


def test_every_flag_becomes_an_effect(quick: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Each flag may be repeated, and `--side` holds for all; the order of kinds is fixed."""
    quick["rest"] = True  # only what starts can be late
    code = main(
        [
            *("simulate", STANCE, "--side", "l", "--exponent", "3"),
            *("--weaken", "glmed=0.5", "--weaken", "tfl=0.25", "--inhibit", "gluteus medius=0.8"),
            *("--squeeze", "tfl=0.1", "--delay", "glmed=0.05", "--nerve", "superior gluteal nerve=0.1"),
            *("--set", "trunk_lean=5", "--set", "side=l"),
        ]
    )
    assert code == 3  # a muscle that starts late leaves the first moment to others, which here is too much
    effects = [(e.kind, e.target, e.value, e.side) for e in quick["condition"].effects]
    assert effects == [
        ("weaken", "glmed", 0.5, "l"),
        ("weaken", "tfl", 0.25, "l"),
        ("inhibit", "gluteus medius", 0.8, "l"),
        ("squeeze", "tfl", 0.1, "l"),
        ("delay", "glmed", 0.05, "l"),
        ("block", "superior gluteal nerve", 0.1, "l"),
    ]
    assert quick["exponent"] == 3.0
    assert quick["parameters"] == {"trunk_lean": 5.0, "side": "l"}


def test_words_for_people(quick: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json: verdict, who does more, checks and notes on standard output, nothing else."""
    assert main(["simulate", STANCE, "--weaken", "glmed1_r=0.5"]) == 0
    out, err = capsys.readouterr()
    for text in (
        "COMPENSATED",
        "right gluteus maximus",
        "acceptance checks passed",
        "The demand is made up.",
    ):
        assert text in out
    assert err == ""


def test_json_stays_alone_on_standard_output(
    quick: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json, standard output is one JSON value, and an impossible movement still exits with 3."""
    quick["demand"] = 60.0
    target = tmp_path / "o.html"
    assert main(["simulate", STANCE, "--weaken", "glmed=1", "--side", "r", "--json", "--out", str(target)]) == 3
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"] == "impossible"
    assert err == f"Wrote {target}\n"


# --- everything that can be wrong with the input -------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--weaken", "glmax=1.5"], "out of range: the loss must lie between 0 (none) and 1 (all)."),
        (["--weaken", "glmax=-0.1"], "out of range: the loss must lie between 0 (none) and 1 (all)."),
        (["--weaken", "glmax=nan"], "out of range: the loss must lie between 0 (none) and 1 (all)."),
        (
            ["--weaken", "glmax"],
            "--weaken 'glmax' is not NAME=VALUE; write, for example, --weaken glmax=0.5.",
        ),
        (["--weaken", "=0.5"], "--weaken '=0.5' is not NAME=VALUE; write, for example, --weaken glmax=0.5."),
        (
            ["--inhibit", "vasti=low"],
            "--inhibit 'vasti=low': 'low' is not a number; write, for example, --inhibit",
        ),
        (
            ["--nerve", "femoral=52%"],
            "'52%' is not a number (a share: 0.52 for 52 %); write, for example, --nerve",
        ),
        (["--set", "side"], "--set 'side' is not NAME=VALUE; write, for example, --set side=l."),
        (["--out", "report.pdf"], "Cannot write 'report.pdf': the ending must be one of .html, .csv, .nc."),
        (["--out", "nowhere/r.html"], "nowhere' does not exist; create it first."),
        (["--body", "person"], "The body 'person' is neither 'myo' nor an OpenSim model file (.osim)."),
        (["--body", "person.osim"], "There is no model file 'person.osim'; give the path of an .osim file."),
        (["--nerve", "superior gluteaI=0.5"], "Close names: superior gluteal nerve"),
        (["--exponent", "1"], "The exponent is 1; it must be 2 or more."),
        (["--delay", "glmax=0.1"], "is one posture without a course over time"),
        (["--side", "x"], "--side"),
        (["--bogus"], "Unknown option: --bogus"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad usage and bad input end with 2 and one line on standard error: no traceback, no output."""
    assert main(["simulate", STANCE, *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.startswith("gluteal: ") and "Traceback" not in err


def test_unknown_task_gets_close_names(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt task names the close ones and says that a path works too."""
    assert main(["simulate", "single-leg-stanse"]) == 2
    err = capsys.readouterr().err
    assert "There is no task 'single-leg-stanse'. Close names: single-leg-stance" in err
    assert "give the path of a trial (its folder or .toml file)" in err


def test_unknown_listing_and_missing_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser's own complaints end with 2 as well."""
    assert main(["list", "dragons"]) == 2
    assert main(["simulate"]) == 2
    assert main(["fly"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_and_version_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Help and version are no errors."""
    for arguments in ([], ["--help"], ["simulate", "--help"], ["--version"]):
        assert main(arguments) == 0
    assert "simulate" in capsys.readouterr().out


# --- everything that can be wrong with us --------------------------------------------------------------


def test_our_own_mistake_is_exit_1(
    quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected error is ours: one sentence, where to report it; a traceback only on request."""

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("the moon is full")

    monkeypatch.setattr(gluteal.simulate.experiment, "simulate", break_down)
    monkeypatch.delenv("GLUTEAL_DEBUG", raising=False)
    assert main(["simulate", STANCE]) == 1
    err = capsys.readouterr().err
    assert "this is our mistake, not yours (RuntimeError: the moon is full)" in err
    assert "Traceback" not in err
    monkeypatch.setenv("GLUTEAL_DEBUG", "1")
    assert main(["simulate", STANCE]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_failed_run_leaves_the_old_report(
    quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A report that cannot be finished leaves the one that was there."""
    target = tmp_path / "r.html"
    target.write_text("old")

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(gluteal.show.pages.outcome, "compute_picture", break_down)
    assert main(["simulate", STANCE, "--out", str(target)]) == 1
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_control_c_is_quiet(
    quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stopping is no error of anyone."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gluteal.simulate.experiment, "simulate", stop)
    assert main(["simulate", STANCE]) == 130
    assert capsys.readouterr().err == "gluteal: stopped.\n"


def test_reader_that_goes_away() -> None:
    """A closed pipe (`gluteal list muscles | head -1`) leaves no traceback behind."""
    command = [
        sys.executable,
        "-c",
        "import sys; from gluteal.cli import main; sys.exit(main())",
        "list",
        "tasks",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        error = process.stderr.read().decode()
    assert process.returncode == 141
    assert error == ""


def test_help_needs_no_engine() -> None:
    """Asking for help imports neither an engine nor the solver."""
    program = (
        "import sys; from gluteal.cli import main; main(['--help']); "
        "print([m for m in ('mujoco', 'opensim', 'matplotlib', 'xarray') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

"""A solver that stops too early, planted behind every door: nothing that rests on a solution may come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.plans import stance_plan

import gluteal
from gluteal.cli import DONE, OUR_ERROR, main
from gluteal.errors import Unsolved
from gluteal.ledger.atlas.build import build_atlas
from gluteal.ledger.bench import Bench
from gluteal.ledger.run import run_experiments
from gluteal.testing import failing_solver

STANCE = "single-leg-stance"


@pytest.fixture(scope="module")
def body() -> gluteal.Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def stance(body: gluteal.Body) -> gluteal.Mechanics:
    return gluteal.compute_mechanics(body, gluteal.load_task(STANCE, body))


def _study(folder: Path) -> object:
    (folder / "plan.toml").write_text(stance_plan(people=2, settings="chunk = 3"), encoding="utf-8")
    return gluteal.run_study(folder / "plan.toml", out=folder / "out.nc", workers=0)


BLOCK = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
DOORS: dict[str, Callable[[gluteal.Body, gluteal.Mechanics, Path], object]] = {
    "simulate": lambda body, stance, _: gluteal.simulate(body, stance.movement, condition=BLOCK),
    "solve_sharing": lambda _, stance, __: gluteal.solve_sharing(stance),
    "spread": lambda _, stance, __: gluteal.compute_spread(stance, BLOCK, people=2, rng=np.random.default_rng(1)),
    "tolerance": lambda _, stance, __: gluteal.solve_tolerance(stance, "glmed", side="r"),
    "strength": lambda body, *_: gluteal.compute_strength(body, "hip abduction"),
    "study": lambda _, __, folder: _study(folder),
    "ledger": lambda *_: run_experiments(["stance-nerve-block"], bench=Bench()),
    "exercises": lambda *_: build_atlas(Bench(), "glmed"),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_planted_fault_raises(door: str, body: gluteal.Body, stance: gluteal.Mechanics, tmp_path: Path) -> None:
    """Every door of the library raises `Unsolved` and says what to try; without the fault none does."""
    with failing_solver(), pytest.raises(Unsolved, match="was not solved"):
        DOORS[door](body, stance, tmp_path)
    assert not (tmp_path / "out.nc").exists()


COMMANDS = {
    "simulate": ["simulate", STANCE, "--nerve", "superior gluteal=0.52"],
    "tolerance": ["tolerance", STANCE, "glmed"],
    "strength": ["strength", "hip abduction"],
    "claims --run": ["claims", "abductor-block-no-trendelenburg", "--run", "--fresh"],
    "exercises": ["exercises", "glmed", "--fresh"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command says in one sentence that the solve failed, prints no result, and ends as our error."""
    with failing_solver():
        assert main([*COMMANDS[command], "--json"]) == OUR_ERROR
    out, err = capsys.readouterr()
    assert out == ""
    assert "was not solved" in err and "Traceback" not in err and err.count("\n") == 1


def test_measured_beside_simulated_refuses(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So does `gluteal emg --beside`."""
    recording = data / "walk_rajagopal2016" / "emg_walk_raw.anc"
    with failing_solver():
        assert main(["emg", str(recording), "--beside", str(data / "walk_rajagopal2016"), "--json"]) == OUR_ERROR
    out, err = capsys.readouterr()
    assert out == "" and "was not solved" in err


def test_a_study_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So does `gluteal study`, and no result is left behind."""
    (tmp_path / "plan.toml").write_text(stance_plan(people=2, settings="chunk = 3"), encoding="utf-8")
    out = tmp_path / "out.nc"
    with failing_solver():
        assert main(["study", str(tmp_path / "plan.toml"), "--out", str(out), "--workers", "0"]) == OUR_ERROR
    assert not out.exists() and "was not solved" in capsys.readouterr().err


def test_the_fault_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    """After the block everything is as it was."""
    with failing_solver():
        pass
    assert main(COMMANDS["tolerance"]) == DONE


def test_the_error_says_what_is_wrong(stance: gluteal.Mechanics) -> None:
    """How many frames, when, and how far off."""
    told = r"1 of 1 frames \(worst at 0 s: off the optimum by .*; 1e-06 is allowed\)"
    with failing_solver(), pytest.raises(Unsolved, match=told):
        gluteal.solve_sharing(stance)


def test_a_sealed_solution_carries_what_was_found(stance: gluteal.Mechanics) -> None:
    """Reading raises; the error holds the solution; `throw=False` hands it out marked."""
    with failing_solver():
        sealed = gluteal.solve_sharing(stance, throw=False)
    assert not sealed.certified.all() and sealed.certificate() > 1e-6
    for read in (lambda: sealed.activation, lambda: sealed.dataset, sealed.residual, lambda: sealed.sensitivity):
        with pytest.raises(Unsolved, match=r"Solution\.read") as caught:
            read()
        assert caught.value.solution is sealed
    found = sealed.read(throw=False)
    assert found["activation"].shape == (1, 280) and not found["certified"].any()

"""Certificates: optimal to 1e-6 in every built-in task and every recording, whichever group is weakened.

`python -m benchmarks.certificates DATA` solves every frame at every loss (docs/certificates.md); the suite takes
postures at all losses, and what moves at fewer losses and frames.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import certificates
from benchmarks.certificates import LOSSES, TRIALS, list_cases, load_movements, render, sweep
from tests.helpers.synthetic import make_mechanics

import gluteal
from gluteal.kernels.recruitment import TOLERANCE, solve_frames
from gluteal.movements.tasks import list_tasks
from gluteal.movements.trials import load_trial
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import solve_sharing

#: The bar of the whole project.
LIMIT = 1e-6
SOME = (0.0, 0.5, 1.0)
TASKS = [task.name for task in list_tasks()]


def test_the_kernel_asks_of_itself_what_is_asked_here() -> None:
    assert TOLERANCE == LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_frames_of_a_task(name: str) -> None:
    """All groups, right and both sides: postures at losses 0, 0.1 ... 1, every third frame of movements at three."""
    body = gluteal.load_body("myo")
    movement = gluteal.load_task(name, body).take(slice(None, None, 3))
    mechanics = gluteal.compute_mechanics(body, movement)
    row = sweep(name, mechanics, LOSSES if len(movement.time) == 1 else SOME)
    assert row.problems > 250 * row.frames
    assert max(row.worst) <= LIMIT, row.where
    assert row.violations == 0


@pytest.mark.slow
@pytest.mark.opensim
@pytest.mark.parametrize("name", list(TRIALS))
def test_frames_of_a_recording(name: str, data: Path) -> None:
    """Every 40th frame of a long recording, every 8th of a short one; all groups, losses 0, 0.5 and 1."""
    trial = load_trial(data / TRIALS[name])
    movement = trial.movement.take(slice(None, None, 40 if len(trial.movement.time) > 1000 else 8))
    row = sweep(name, gluteal.compute_mechanics(trial.body, movement), SOME)
    assert row.frames >= 14 and row.conditions > 20
    assert max(row.worst) <= LIMIT, row.where
    assert row.violations == 0


@pytest.mark.opensim
def test_a_frame_on_which_a_lax_search_zigzags(data: Path) -> None:
    """Steps along a direction that stop too early become a millionth of what they should be, and never arrive."""
    trial = load_trial(data / TRIALS["walk_uhlrich2022"])
    first = int(np.abs(trial.movement.time - 49.883).argmin())
    movement = trial.movement.take(slice(first, first + 1))
    row = sweep("one frame", gluteal.compute_mechanics(trial.body, movement), LOSSES)
    assert row.frames == 1 and max(row.worst) <= LIMIT, row.where


def test_every_recording_with_a_movement_is_in_the_list(data: Path) -> None:
    """Whatever folder of the data holds a model and coordinates is swept."""
    moving = {
        model.parent.relative_to(data).parts[0]
        for model in data.rglob("*.osim")
        if [f for f in model.parent.iterdir() if "ik" in f.name or f.stem == "coordinates"]
    }
    assert moving == {Path(path).parts[0] for path in TRIALS.values()}


def test_the_problem_is_that_of_solve_sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the sweep solves has the same activations, undisturbed and with a group weakened."""
    solved = []

    def keep(*arrays: np.ndarray, **options: float):  # type: ignore[no-untyped-def]
        solved.append(solve_frames(*arrays, **options).activation)
        return solve_frames(*arrays, **options)

    monkeypatch.setattr(certificates, "solve_frames", keep)
    mechanics = make_mechanics(60.0)
    sweep("made up", mechanics)
    names = [case.name for case in list_cases(mechanics)]
    found = np.concatenate(solved).reshape(len(names), len(mechanics.time), -1)
    assert len(set(names)) == len(names)
    for name, condition in (
        ("undisturbed", Condition()),
        ("glmed, right, loss 0.3", Condition.weaken("glmed", loss=0.3, side="r")),
        ("glmed, both, loss 1", Condition.weaken("glmed", loss=1.0)),
    ):
        expected = solve_sharing(mechanics, condition=condition).activation
        np.testing.assert_allclose(found[names.index(name)], expected, rtol=0, atol=1e-12)
    assert np.abs(found[names.index("glmed, right, loss 0.3")] - found[names.index("undisturbed")]).max() > 0.01


@pytest.mark.parametrize("bad", [2e-6, np.nan])
def test_one_bad_frame_is_found_and_told(bad: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate above the limit, or none at all, is counted, named and printed."""

    def spoil(*arrays: np.ndarray, **options: float):  # type: ignore[no-untyped-def]
        solution = solve_frames(*arrays, **options)
        solution.feasibility[3 * 4 + 1] = bad  # fifth case, second frame of three
        return solution

    monkeypatch.setattr(certificates, "solve_frames", spoil)
    mechanics = make_mechanics()
    row = sweep("made up", mechanics, (0.0, 0.5, 1.0))
    assert row.violations == 1
    assert row.where == f"{list_cases(mechanics, (0.0, 0.5, 1.0))[4].name}, 0.100 s"
    table = render([row])
    assert "| 1 |\n" in table and "1 above 1e-06. The worst" in table


@pytest.mark.opensim
def test_thinned_frames_are_frames_of_the_whole(data: Path) -> None:
    """Thinning changes which frames there are, nothing in them."""
    trial = load_trial(data / "walk_rajagopal2016")
    few = trial.movement.take(slice(None, None, 30))
    whole, some = (gluteal.compute_mechanics(trial.body, m).dataset for m in (trial.movement, few))
    for name in ("joint_moment", "active_capacity", "moment_arm"):
        np.testing.assert_allclose(some[name], whole[name][::30], rtol=0, atol=1e-9)


def test_tasks_come_first_and_all() -> None:
    """Without recordings the sweep is over the built-in tasks."""
    first = next(iter(load_movements(None)))
    assert first[0] == TASKS[0] and len(TASKS) >= 14

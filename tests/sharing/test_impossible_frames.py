"""Frames that cannot be done: the table of docs/what-is-simulated.md, computed again, and why there are two stages."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import gluteal
from gluteal.kernels import sharing
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import DETERMINED, PERTURBATION, Solution, solve_problem

PAGE = Path(__file__).parents[2] / "docs" / "what-is-simulated.md"
ROWS = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in re.findall(r"^\| [\w-]+ \| (?:superior gluteal|femoral) \|.*\|$", PAGE.read_text("utf-8"), re.MULTILINE)
]


@pytest.fixture(scope="module")
def body() -> gluteal.Body:
    return gluteal.load_body("myo")


def missing(solution: Solution, name: str) -> np.ndarray:
    """Length of all reserves in each frame, as the solver counts them, N m."""
    return np.linalg.norm(solution.dataset[name].values * solution.problem.scale, axis=-1)


def test_the_page_has_its_rows() -> None:
    assert len(ROWS) == 6 and {len(row) for row in ROWS} == {7}


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: " without ".join(row[:2]))
def test_the_page_says_what_is_computed(body: gluteal.Body, row: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Effort and deficit as printed; steps of a millionth to a factor of three, since they depend on its directions.

    With a price that never falls, which is one stage alone, a row that the page calls undetermined is so.
    """
    task, nerve, one_moves, two_move, effort, least, beyond = row
    side = "both" if task == "sit-to-stand" else "r"
    block = gluteal.Condition.block(nerve, loss=1.0, side=side)
    mechanics = gluteal.compute_mechanics(body, gluteal.load_task(task, body))
    two = gluteal.solve_sharing(mechanics, condition=block)
    assert float(two_move) / 3.0 < float(two.sensitivity.max()) < min(3.0 * float(two_move), DETERMINED)
    assert missing(two, "least_reserve").max() == pytest.approx(float(least), abs=0.06)
    shown = (missing(two, "reserve_moment") - missing(two, "least_reserve")).max()
    assert shown == pytest.approx(float(beyond), abs=0.06)

    monkeypatch.setattr(sharing, "WORTH", np.inf)
    one = gluteal.solve_sharing(mechanics, condition=block)
    assert (float(one.sensitivity.max()) > 0.3) == (float(one_moves) > 0.3)
    means = [float(solution.dataset["effort"].mean()) for solution in (one, two)]
    assert means == pytest.approx([float(number) for number in effort.split(" → ")], abs=0.06)
    assert missing(one, "least_reserve") == pytest.approx(missing(two, "least_reserve"), rel=1e-9)


def test_a_foot_is_determined_and_its_points_are_not(body: gluteal.Body) -> None:
    """Off by a millionth, forces on rays move by newtons, the sum over the foot by hundredths at most."""
    block = gluteal.Condition.block("superior gluteal", loss=1.0, side="r")
    stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    here = gluteal.solve_sharing(stance, condition=block)
    beside = solve_problem(here.problem.perturbed(PERTURBATION))
    rays = np.abs(beside.dataset["support_force"].values - here.dataset["support_force"].values)
    feet = np.abs(compute_support_force(beside).values - compute_support_force(here).values)
    assert rays.max() > 1.0
    assert feet.max() < 0.01


def test_what_is_not_determined_is_not_printed(body: gluteal.Body, monkeypatch: pytest.MonkeyPatch) -> None:
    """Muscles that a millionth moves are named, and are in no list of who does more or less; planted by the limit."""
    squat = gluteal.load_task("single-leg-squat", body)
    block = gluteal.Condition.block("femoral", loss=1.0, side="r")
    known = gluteal.simulate(body, squat, condition=block)
    assert known.not_determined == () and known.to_json()["not_determined"] == []
    moved = moves(known)
    monkeypatch.setattr("gluteal.outcome.record.DETERMINED", float(np.quantile(moved, 0.97)))
    strict = gluteal.simulate(body, squat, condition=block)
    left_out = set(strict.not_determined)
    assert 0 < len(left_out) < 20
    told = {row["muscle"] for name in ("compensators", "relieved") for row in strict.to_json()[name]}
    assert told and not told & left_out
    assert not any(name in strict.sentence for name in left_out)


def moves(outcome: gluteal.Outcome) -> np.ndarray:
    """Return how far a millionth moves each muscle, undisturbed or under the condition, (muscle,)."""
    return np.maximum(outcome.baseline.sensitivity.values, outcome.changed.sensitivity.values)

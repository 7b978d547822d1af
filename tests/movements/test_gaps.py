"""Gaps that a program filled, and coordinates that jump away for a moment, in an overground walk."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.recorded_trials import refusal, rewrite
from tests.helpers.spoiled_walks import COORDINATES, MODEL

from gluteal.engines import load_body
from gluteal.mechanics.body import Body
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.clock import drop_copies
from gluteal.sto import Table

pytestmark = pytest.mark.opensim


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the overground walk, loaded once."""
    return load_body(data / "walk_rajagopal2016" / MODEL)


@pytest.mark.parametrize("fill", [lambda rows: rows[0], lambda rows: 0.0], ids=["the last row", "zeros"])
def test_a_gap_that_was_filled_is_a_gap(walk: Path, body: Body, fill: Callable[[np.ndarray], np.ndarray]) -> None:
    """Its time is told, and the piece without it that is offered can be read."""

    def change(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values, gap = table.values.copy(), (table.time > 0.8) & (table.time < 1.0)
        values[gap] = fill(values[gap])
        return table.time, values

    rewrite(walk / COORDINATES, change)
    message = refusal(walk, body)
    found = re.search(r"has only copies of one row between 0.8 and 1 s; .*window = \[([\d.]+), ([\d.]+)\]", message)
    assert found is not None, message
    (walk / "trial.toml").write_text(f"rate_hz = 25\nwindow = [{found[1]}, {found[2]}]\n")
    load_trial(walk, body=body)


def test_who_holds_still_leaves_no_gap() -> None:
    """A posture that is held exactly, come to and left smoothly; and a table of one posture."""
    time = np.arange(300) / 100.0
    bend = np.clip(time - 1.0, 0.0, 0.8)
    still = np.where(time < 1.0, 0.0, 0.4 * (1.0 - np.cos(2.0 * np.pi * bend / 0.8)))
    values = np.stack([still, 0.5 * still, 0.0 * still], axis=1)
    for rows in (values, 0.0 * values):
        table = Table(Path("ik.mot"), {}, ("a", "b", "c"), time, rows, np.arange(300))
        assert drop_copies(table) is table


JUMPS: dict[str, tuple[str, float, int, str]] = {
    "a marker of the pelvis for 10 ms": ("pelvis_tilt", 0.26, 2, "pelvis_tilt .*jumps away by 15 degrees at 1.1"),
    "the pelvis 5 cm higher in one row": ("pelvis_ty", 0.05, 1, "pelvis_ty .*jumps away by 5 cm at 1.1"),
    "the pelvis on the floor for a while": ("pelvis_ty", -0.9, 30, "pelvis_ty .*jumps by 90 cm between 1.09.* no body"),
}


@pytest.mark.parametrize("name", JUMPS)
def test_what_jumps_away_is_refused(walk: Path, body: Body, name: str) -> None:
    """The filter would make accelerations of it: 15 degrees for 10 ms are 30 N m at the back."""
    column, size, rows, words = JUMPS[name]

    def change(table: Table) -> tuple[np.ndarray, np.ndarray]:
        values = table.values.copy()
        first = int(np.searchsorted(table.time, 1.1))
        values[first : first + rows, next(i for i, c in enumerate(table.columns) if column in c)] += size
        return table.time, values

    rewrite(walk / COORDINATES, change)
    assert re.search(words, refusal(walk, body))
    (walk / "trial.toml").write_text("rate_hz = 25\nwindow = [1.3, 1.6]\n")
    load_trial(walk, body=body)

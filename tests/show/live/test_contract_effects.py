"""Late, sore, swollen, tired, wished for and shared another way: the page says what Python says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.live_contract import compare_case, condition_of, doubles, mechanics, solve_in_node, term

import gluteal
from gluteal.nerves.condition import Condition
from gluteal.nerves.registry import TERMS

pytestmark = pytest.mark.slow

NERVE = "superior gluteal nerve"
STILL: list[list[dict[str, Any]]] = [
    [term("pain", "hip", 6.0)],
    [term("pain", "knee", 8.0, "both")],
    [term("pain", "lumbar", 9.0, "both")],
    [term("pain", "hip:price", 10.0)],
    [term("effusion", "knee", 40.0)],
    [term("effusion", "hip", 15.0, "l"), term("pain", "hip", 3.0, "l")],
    [term("hold-back", "glmed", 0.4)],
    [term("hold-back", "glmed:ceiling", 0.7)],
    [term("hold-back", "hip abductors", 1.0)],
    [term("strategy", "economical", 4.0, "both")],
    [term("strategy", "metabolic", 4.0, "both")],
    [term("strategy", "hip-sparing", 4.0)],
    [term("strategy", "ankle-sparing", 8.0, "both")],
    [term("strategy", "joint-sparing", 4.0, "both")],
    [term("wish", "glmax", 0.3)],
    [term("wish", "glmed", 0.6, "both"), term("strategy", "joint-sparing", 2.0, "both")],
    [term("wish", "glmax", 0.3), term("block", NERVE, 0.5), term("weaken", "vasti", 0.2, "both")],
]
#: A muscle that starts from rest has the ceiling of an exponential, which browsers and NumPy round each their way.
LATE = [
    [term("delay", "glmax", 0.05)],
    [term("delay", "hamstrings", 0.1, "both")],
    [term("delay", "glmed", 0.03)],
    [term("delay", "glmax", 0.0)],
    [term("delay", "glmax", 0.05), term("wish", "glmed", 0.2)],
]
TIRED = {
    "hold": [
        [term("fatigue", "hold", 60.0, "both")],
        [term("fatigue", "hold", 31.0, "both"), term("block", NERVE, 0.3)],
    ],
    "cycles": [[term("fatigue", "cycles", 5.0, "both")]],
}
# As far as exponentials of two mathematical libraries, half a last digit each, move an activation.
ROUNDED = 1e-11


@pytest.mark.parametrize("task", ["single-leg-stance", "bridge", "prone-leg-lift", "walk"])
def test_every_kind_of_term_is_what_python_says(task: str, contract: Path, tmp_path: Path) -> None:
    done = mechanics(task)
    moves = len(done.time) > 1
    late = LATE if moves else []
    asked = [{"terms": terms} for terms in [*STILL, *late, *TIRED["cycles" if moves else "hold"]]]
    for case, page in zip(asked, solve_in_node(contract, task, asked, tmp_path)["cases"], strict=True):
        rounded = case["terms"][0]["kind"] in ("delay", "fatigue")
        compare_case(done, case, page, within=ROUNDED if rounded else 0.0)


def test_a_late_start_begins_where_the_last_one_was(contract: Path, tmp_path: Path) -> None:
    """Every frame starts from what it found at the slider's last position, which changes the steps and nothing else."""
    done = mechanics("walk")
    asked = [{"terms": [term("delay", "glmax", late)], "warm": True} for late in (0.03, 0.031, 0.08, 0.0, 0.05)]
    for case, page in zip(asked, solve_in_node(contract, "walk", asked, tmp_path)["cases"], strict=True):
        outcome = compare_case(done, case, page, within=1e-9)
        assert outcome.changed.problem.swept


def test_no_kind_is_left_out() -> None:
    """Together with `test_contract.py`."""
    here = {t["kind"] for terms in [*STILL, *LATE, *TIRED["hold"]] for t in terms}
    assert set(TERMS) == here | {"inhibit", "squeeze", "strength-loss"}


def test_how_long_a_posture_is_held(contract: Path, tmp_path: Path) -> None:
    """When it fails and where, as `gluteal.compute_endurance` finds it: fresh, and under half a block."""
    for task in ("single-leg-stance", "quiet-standing"):
        done = mechanics(task)
        asked = [
            {"terms": [term("fatigue", "hold", 10.0, "both"), *more], "held": True}
            for more in ([], [term("block", NERVE, 0.5)])
        ]
        for case, page in zip(asked, solve_in_node(contract, task, asked, tmp_path)["cases"], strict=True):
            others = condition_of({"terms": case["terms"][1:]}) if case["terms"][1:] else Condition()
            held = gluteal.compute_endurance(done.body, done.movement, condition=others, mechanics=done)
            assert page["hold"]["sentence"] == held.sentence
            assert (page["hold"]["seconds"] or np.inf) == pytest.approx(held.seconds, rel=1e-9)


def test_a_start_that_is_late_by_another_frame_is_seen(contract: Path, tmp_path: Path) -> None:
    """The comparison can fail: ten milliseconds more are another answer."""
    asked = [{"terms": [term("delay", "glmax", seconds)]} for seconds in (0.05, 0.06)]
    first, second = solve_in_node(contract, "prone-leg-lift", asked, tmp_path)["cases"]
    assert np.abs(doubles(first["activation"]) - doubles(second["activation"])).max() > 1e-3
    with pytest.raises(AssertionError):
        compare_case(mechanics("prone-leg-lift"), asked[0], second, within=ROUNDED)


def test_what_cannot_be_asked_is_a_sentence(contract: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="one posture"):
        solve_in_node(contract, "single-leg-stance", [{"terms": [term("delay", "glmax", 0.1)]}], tmp_path)
    with pytest.raises(AssertionError, match="repeated, not held"):
        solve_in_node(contract, "walk", [{"terms": [term("fatigue", "hold", 10.0)]}], tmp_path)

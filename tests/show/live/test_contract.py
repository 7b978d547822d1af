"""The page says what Python says: the same bits, verdicts and sentences, on over 300 cases."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.live_contract import ASSET, compare_case, condition_of, doubles, mechanics, solve_in_node, term

import gluteal
from gluteal.kernels.native.build import stamp_sources
from gluteal.outcome.sentences import say_outcome
from gluteal.sharing.tolerance import solve_tolerance
from gluteal.show.live.scene import pack_scene

NERVES = ("superior gluteal nerve", "inferior gluteal nerve", "femoral nerve", "sciatic nerve", "obturator nerve")
LOSSES = (0.25, 0.52, 0.9, 1.0)
#: With the cases each: one posture, one with several contacts, measured walking, movements with weak rows.
TASKS = (
    "single-leg-stance",
    "quiet-standing",
    "forward-bend",
    "anterior-pelvic-tilt",
    "bridge",
    "clam",
    "side-lying-hip-abduction",
    "prone-hip-extension",
    "single-leg-bridge",
    "walk",
    "sit-to-stand",
    "step-up",
)


def test_the_types_hold_and_the_code_is_built_to_the_byte(web: Path, tmp_path: Path) -> None:
    """What is in the package is what web/ makes today."""
    subprocess.run(["npm", "run", "--silent", "check"], cwd=web, check=True)
    subprocess.run(["npm", "run", "--silent", "build", "--", str(tmp_path)], cwd=web, check=True)
    for built in sorted(tmp_path.iterdir()):
        assert built.read_bytes() == (ASSET / built.name).read_bytes(), f"{built.name}: run python docs/make_live.py"


def test_the_kernel_is_made_of_the_sources_beside_it() -> None:
    assert stamp_sources().encode() in (ASSET / "kernel.wasm").read_bytes(), "run python docs/make_live.py"


def cases(task: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"terms": [term("block", nerve, loss)], "tolerate": loss == 1.0 and nerve in NERVES[:3]}
        for nerve in NERVES
        for loss in LOSSES
    ]
    found += [
        {"terms": []},
        {"terms": [term("weaken", "gluteus maximus", 1.0, "both")]},
        {"terms": [term("inhibit", "vasti", 0.1, "both")]},
        {"terms": [term("inhibit", "glmed", 0.0)]},
        {"terms": [term("squeeze", "glmax", 0.3)]},
        {"terms": [term("strength-loss", "hip abduction", 0.3)]},
        {
            "terms": [
                term("weaken", "glmed", 0.5, "l"),
                term("weaken", "glmed", 0.3, "both"),
                term("squeeze", "hamstrings", 0.1),
            ]
        },
    ]
    return found


def test_there_are_over_300_cases() -> None:
    assert sum(len(cases(task)) for task in TASKS) > 300


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_the_page_says_what_python_says(task: str, contract: Path, tmp_path: Path) -> None:
    asked = cases(task)
    found = solve_in_node(contract, task, asked, tmp_path)
    assert found["stamp"] == stamp_sources()
    done = mechanics(task)
    for case, page in zip(asked, found["cases"], strict=True):
        compare_case(done, case, page)
        if case.get("tolerate"):
            known = solve_tolerance(done, case["terms"][0]["target"], side="r")
            if known.refused:
                assert page["tolerance"] is None
            else:
                critical = 1.0 if known.critical_loss is None else known.critical_loss
                assert page["tolerance"]["loss"] == pytest.approx(critical, abs=1e-12)


def test_a_warm_start_changes_steps_and_nothing_else(contract: Path, tmp_path: Path) -> None:
    """The slider starts from the last position; a jump from none to all is no harder than a step."""
    asked = [
        {"terms": [term("block", "superior gluteal nerve", loss)], "warm": True} for loss in (0.1, 0.2, 0.9, 1.0, 0.15)
    ]
    found = solve_in_node(contract, "walk", asked, tmp_path)
    done = mechanics("walk")
    for case, page in zip(asked, found["cases"], strict=True):
        outcome = gluteal.simulate(done.body, done.movement, condition=condition_of(case), mechanics=done)
        assert np.abs(doubles(page["activation"]) - outcome.changed.activation.values.ravel()).max() < 1e-9
        assert page["sentence"] == say_outcome(outcome, bands=False)


def test_a_planted_fault_is_seen(contract: Path, tmp_path: Path) -> None:
    """A moment arm off by a billionth is another answer: the comparison above can fail."""
    done = mechanics("single-leg-stance")
    scene = pack_scene(done)
    arm = done.balance.moment_arm
    value = arm[arm != 0.0][5]
    broken = scene.replace(value.tobytes(), (value * (1.0 + 1e-9)).tobytes())
    assert broken != scene
    (tmp_path / "scene.bin").write_bytes(broken)
    (tmp_path / "cases.json").write_text(json.dumps([{"terms": []}]))
    command = ["node", contract, ASSET / "kernel.wasm", tmp_path / "scene.bin", tmp_path / "cases.json"]
    page = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    known = gluteal.simulate(done.body, done.movement, mechanics=done).baseline.activation.values.ravel()
    assert not np.array_equal(doubles(page["baseline"]), known)

"""The live page's solver in Node beside Python's: what one says has to be what the other says."""

from __future__ import annotations

import base64
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gluteal
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.outcome.sentences import say_outcome
from gluteal.show.live.scene import pack_scene
from tests.helpers.packages import needs_program

ASSET = Path(gluteal.__file__).parent / "show" / "live" / "asset"


@cache
def mechanics(task: str) -> Mechanics:
    body = gluteal.load_body("myo")
    return gluteal.compute_mechanics(body, gluteal.load_task(task, body))


def term(kind: str, target: str, value: float, side: str = "r") -> dict[str, Any]:
    return {"kind": kind, "target": target, "value": value, "side": side}


def solve_in_node(contract: Path, task: str, asked: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    node = needs_program("node", "nodejs")
    (folder / "scene.bin").write_bytes(pack_scene(mechanics(task)))
    (folder / "cases.json").write_text(json.dumps(asked))
    command = [node, contract, ASSET / "kernel.wasm", folder / "scene.bin", folder / "cases.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def doubles(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text))


def condition_of(case: dict[str, Any]) -> Condition:
    made = Condition()
    for t in case["terms"]:
        made = made & Condition.of(t["kind"], t["target"], t["value"], side=t["side"])
    return made


def compare_case(done: Mechanics, case: dict[str, Any], page: dict[str, Any], *, within: float = 0.0) -> Outcome:
    """Hold what the page says of a case against Python; `within` is how far activations may be off, 0 for all bits."""
    outcome = gluteal.simulate(done.body, done.movement, condition=condition_of(case), mechanics=done)
    data = outcome.changed.dataset
    # Forces of supports and what is missing are told in N and N m, some hundred times as large.
    for name, key, scale in (
        ("activation", "activation", 1.0),
        ("least_reserve", "least", 1e3),
        ("support_force", "support", 1e3),
    ):
        off = np.abs(doubles(page[key]) - data[name].values.ravel()).max(initial=0.0)
        assert off <= within * scale, (case, name, off)
    if page["baseline"] is not None:  # solved over time, as what it is compared with
        assert outcome.changed.problem.swept
        assert np.array_equal(doubles(page["baseline"]), outcome.baseline.activation.values.ravel()), case
    assert page["verdict"] == outcome.verdict
    assert page["sentence"] == say_outcome(outcome, bands=False)
    assert page["condition"] == outcome.condition.name
    assert page["effort_ratio"] == pytest.approx(outcome.effort_ratio, rel=max(1e-13, within))
    table = outcome.compensators
    assert [row[0] for row in page["compensators"]] == list(table["muscle"])
    numbers = np.array([row[1:] for row in page["compensators"]]).reshape(-1, 3)
    assert numbers == pytest.approx(table[["change", "baseline_peak", "peak"]].to_numpy(), abs=max(1e-9, 1e3 * within))
    loads = {
        row["joint"] + (f"_{row['side']}" if row["side"] else ""): (row["baseline_peak_bw"], row["peak_bw"])
        for row in outcome.joint_loads
    }
    assert {name: pytest.approx((b, n), abs=1e-9) for name, b, n in page["joints"]} == loads
    return outcome

"""Every term of a condition in every command that takes one: it works there, or one sentence says why it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import gluteal
from gluteal.cli import main
from gluteal.nerves.fatigue import find_fatigue_rates
from gluteal.nerves.registry import TERMS

#: Term -> what is asked of it, and the movement that has it to do with.
ASKED = {
    "weaken": ("glmed=0.3", "single-leg-stance"),
    "block": ("superior gluteal=0.3", "single-leg-stance"),
    "strength-loss": ("hip abduction=0.2", "single-leg-stance"),
    "inhibit": ("glmed=0.5", "single-leg-stance"),
    "squeeze": ("glmax=0.05", "single-leg-stance"),
    "wish": ("glmax=0.2", "single-leg-stance"),
    "hold-back": ("glmed=0.3", "single-leg-stance"),
    "pain": ("hip=5", "single-leg-stance"),
    "effusion": ("knee=30", "single-leg-stance"),
    "strategy": ("hip-sparing=4", "single-leg-stance"),
    "fatigue": ("hold=60", "single-leg-stance"),
    "delay": ("glmax=0.1", "prone-leg-lift"),
}
PLAN = """
name = "everywhere"
seed = 1
people = 2
[[movement]]
task = "{task}"
[[condition]]
name = "asked"
side = "r"
{kind} = {{ "{target}" = {value} }}
"""


@pytest.fixture(scope="module")
def body() -> gluteal.Body:
    return gluteal.load_body("myo")


def read_json(capsys: pytest.CaptureFixture[str], *line: str) -> dict[str, object]:
    assert main([*line, "--json"]) in (0, 3)
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_every_term_is_asked() -> None:
    assert set(ASKED) == set(TERMS)


@pytest.mark.parametrize("kind", ASKED)
def test_simulate(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, task = ASKED[kind]
    option = f"--{TERMS[kind].option.name}"
    found = read_json(capsys, "simulate", task, option, text, "--side", "r", "--no-ensemble")
    assert found["condition"]["effects"], found["condition"]  # type: ignore[index]


@pytest.mark.parametrize("kind", ASKED)
def test_tolerance(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, task = ASKED[kind]
    option = f"--{TERMS[kind].option.name}"
    found = read_json(capsys, "tolerance", task, "glmax", option, text, "--no-ensemble")
    assert found["condition"], found


@pytest.mark.parametrize("kind", ASKED)
def test_strength(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    option, text = f"--{TERMS[kind].option.name}", ASKED[kind][0]
    line = ["strength", "hip abduction", option, text, "--no-ensemble"]
    if TERMS[kind].isometric:
        assert read_json(capsys, *line)["condition"]
    else:
        assert main(line) == 2
        assert f"Unknown option: {option}" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ASKED)
def test_study(kind: str, tmp_path: Path) -> None:
    text, task = ASKED[kind]
    target, value = text.split("=")
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(task=task, kind=kind, target=target, value=value), encoding="utf-8")
    found = gluteal.run_study(plan, out=tmp_path / "result.nc", workers=0)
    assert found["verdict"].notnull().all()


def test_a_maximal_contraction_tires_as_one_muscle_does(body: gluteal.Body) -> None:
    """Gluteus medius has the rates of all joints together; at its most, the closed form of one muscle holds for it."""
    rates = find_fatigue_rates("general")
    both = rates.fatigue + rates.recovery

    def medius(condition: gluteal.Condition | None) -> float:
        reading = gluteal.compute_strength(body, "hip abduction", condition=condition)
        return sum(moment for muscle, moment in reading.by_muscle.items() if muscle.startswith("glmed"))

    fresh = medius(None)
    for seconds in (0.0, 30.0, 600.0):
        share = 1.0 - rates.fatigue / both * (1.0 - np.exp(-both * seconds))
        assert medius(gluteal.Condition.fatigue(hold=seconds)) / fresh == pytest.approx(share, rel=2e-3)


def test_a_tired_body_tolerates_less(body: gluteal.Body) -> None:
    stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    tolerated = []
    for seconds in (0.0, 60.0, 150.0):
        tired = gluteal.settle_fatigue(gluteal.Condition.fatigue(hold=seconds), stance)
        ranking = gluteal.rank_tolerance(stance, "superior gluteal", condition=tired)
        tolerated.append(ranking.tolerances[0].critical_loss)
    fresh = gluteal.rank_tolerance(stance, "superior gluteal").tolerances[0].critical_loss
    assert tolerated[0] == fresh
    assert tolerated[0] > tolerated[1] > tolerated[2]

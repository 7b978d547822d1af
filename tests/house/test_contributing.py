"""CONTRIBUTING.md tells the truth: its table of rooms is the rule, and each recipe works as it is written."""

from __future__ import annotations

import doctest
import re
import textwrap
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import gluteal
from gluteal.cli import main
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.load import load_evidence

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(recipe: str, language: str) -> str:
    """Return the code of a recipe."""
    section = PAGE.split(f"\n## {recipe}\n")[1].split("\n## ")[0]
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found)


def run(code: str) -> ModuleType:
    """Run a recipe's code as a module."""
    module = ModuleType("recipe")
    exec(code, vars(module))
    return module


def test_every_room_is_listed_from_top_to_bottom() -> None:
    """The table of rooms is the rule of imports."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(rule["layers"] for rule in rules if rule["name"] == "data flows one way")
    table = PAGE.split("| --- | --- |\n")[1].split("\n\n")[0]
    assert [set(re.findall(r"`(\w+)`", row.split("|")[1])) for row in table.splitlines()] == [
        set(floor.split(" | ")) for floor in floors
    ]


def test_the_task_balances(tmp_path: Path) -> None:
    """The file of the recipe loads, and standing in it is possible."""
    path = tmp_path / "standing-with-a-bow.toml"
    path.write_text(block("Add a task", "toml"), encoding="utf-8")
    body = gluteal.load_body("myo")
    outcome = gluteal.simulate(body, gluteal.load_task(path, body))
    assert outcome.verdict == "unchanged" and all(check.passed for check in outcome.checks)


def test_the_term_works() -> None:
    """The class of the recipe says itself in words, and refuses what is out of range."""
    module = run(block("Add a term", "python"))
    found = doctest.DocTestFinder().find(module.Tire.describe, "Tire.describe", globs=vars(module))
    results = [doctest.DocTestRunner().run(test) for test in found]
    assert [r.attempted for r in results] == [1] and all(r.failed == 0 for r in results)
    assert module.Tire("glmax", 2.0).to_json() == {"kind": "tire", "target": "glmax", "value": 2.0, "side": "both"}
    with pytest.raises(gluteal.GlutealError, match="the added price must lie between 0"):
        module.Tire("glmax", -1.0)


def test_the_experiment_runs(bench: Bench) -> None:
    """The readings of the recipe decide its prediction, and its claim is one of the ledger."""
    module = run(block("Add an experiment", "python"))
    (experiment,), (prediction,) = module.EXPERIMENTS, module.PREDICTIONS
    readings = {r.key: r.value for r in experiment.measure(bench)}
    assert prediction.experiment == experiment.key and set(readings) == {c.reading for c in prediction.criteria}
    assert load_evidence().claim(prediction.claim)
    assert prediction.decide(readings) in {"supports", "contradicts"}


def test_the_study_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example of the page that the recipe points to, read with the command of the recipe."""
    path = tmp_path / "mine.yaml"
    (example,) = re.findall(
        r"```yaml\n(.*?)```", (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8"), re.DOTALL
    )
    path.write_text(example, encoding="utf-8")
    (line,) = re.findall(r"`gluteal (claims --[a-z]+) path/to/the\.yaml`", PAGE)
    assert main([*line.split(), str(path), "--json"]) == 0
    assert "doe2024" in capsys.readouterr().out

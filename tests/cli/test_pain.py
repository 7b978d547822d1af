"""Pain, wishes and strategies behind every command that takes a condition: the terms' options are enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from gluteal.cli import main

STANCE = "single-leg-stance"


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = main([*words, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return dict(json.loads(out))


@pytest.mark.slow
def test_simulate_and_its_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The right gluteus maximus falls, the left stays, and the page says what is assumed and how far a wish is met."""
    page = tmp_path / "bridge.html"
    said = ask(capsys, "simulate", "bridge", "--hold-back", "glmax=0.3", "--side", "r", "--no-ensemble")
    groups = {(g["name"], g["side"]): g for g in said["groups"]}
    assert groups["glmax", "r"]["mean"] < 0.98 * groups["glmax", "r"]["baseline_mean"]
    assert groups["glmax", "l"]["mean"] == pytest.approx(groups["glmax", "l"]["baseline_mean"], rel=0.01)
    options = ["--pain", "hip=6", "--effusion", "knee=40", "--wish", "glmax=0.3", "--strategy", "metabolic"]
    said = ask(capsys, "simulate", "bridge", *options, "--no-ensemble", "--out", str(page))
    assert said["condition"]["name"] == (
        "pain of 6 out of 10 in the hip, 40 ml of fluid in the knee, gluteus maximus wished to work at 30 % or more, "
        "metabolic strategy (x 4)"
    )
    assert [row["side"] for row in said["wishes"]] == ["r", "l"] and said["wishes"][0]["asked"] == 0.3
    text = page.read_text(encoding="utf-8")
    assert "at any other joint its size is an assumption" in text and "wished to work at 30 % or more, does at" in text


@pytest.mark.slow
def test_strength(capsys: pytest.CaptureFixture[str]) -> None:
    """A sore hip is weaker by what its muscles' ceilings take, a dearer drive alone is not."""
    plain, sore, dear = (
        ask(capsys, "strength", "hip abduction", "--no-ensemble", *words)["moment_nm"]
        for words in ((), ("--pain", "hip=10"), ("--pain", "hip:price=10"))
    )
    assert 0.8 * plain < sore < 0.95 * plain and dear == pytest.approx(plain, rel=1e-6)


@pytest.mark.slow
def test_tolerance(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a sore hip less can be lost: the ceiling and the loss take from the same capacity."""
    plain, sore = (
        ask(capsys, "tolerance", STANCE, "hip-abductors", "--no-ensemble", *words)
        for words in ((), ("--pain", "hip=10"))
    )
    assert sore["targets"][0]["critical_loss"] < plain["targets"][0]["critical_loss"]
    assert plain["condition"] == "nothing changed" and sore["condition"] == "pain of 10 out of 10 in the right hip"


@pytest.mark.slow
def test_study(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The key of a plan is the term's kind; everybody in it gets the condition."""
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f'name = "sore"\nseed = 1\npeople = 2\n[[movement]]\ntask = "{STANCE}"\n'
        '[[condition]]\nname = "sore"\nside = "r"\npain = { hip = 8 }\neffusion = { hip = 15 }\n'
        '[[condition]]\nname = "spared"\nstrategy = { hip-sparing = 4 }\nwish = { glmax = 0.1 }\n',
        encoding="utf-8",
    )
    assert main(["study", str(plan), "--out", str(tmp_path / "study.nc")]) == 0, capsys.readouterr().err
    with xr.open_dataset(tmp_path / "study.nc", engine="h5netcdf") as found:
        assert {"sore", "spared"} <= set(found["condition"].values.tolist())


def test_a_strategy_stands_alone_or_with_its_strength(capsys: pytest.CaptureFixture[str]) -> None:
    """A name without a number is enough; a wrong one gets the close ones, without any work done."""
    assert main(["simulate", STANCE, "--strategy", "hip-spearing"]) == 2
    assert "There is no strategy 'hip-spearing'. Close names: hip-sparing" in capsys.readouterr().err
    assert main(["simulate", STANCE, "--strategy", "hip-sparing=often"]) == 2
    assert "'often' is not a number" in capsys.readouterr().err
    assert main(["simulate", STANCE, "--pain", "hip"]) == 2
    assert "--pain 'hip' is not NAME=VALUE; write, for example, --pain hip=6." in capsys.readouterr().err

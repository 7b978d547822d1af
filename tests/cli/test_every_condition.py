"""Pain, delay, fatigue and strategy behind every command that takes a condition: each cell is run, with its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from gluteal.cli import main
from gluteal.nerves.fatigue import find_fatigue_rates

STANCE, LIFT = "single-leg-stance", "prone-leg-lift"
#: Name -> movement (a delay needs one that starts from rest), option and value, words of the report.
CONDITIONS = {
    "pain": (STANCE, "--pain", "hip=8", "pain of 8 out of 10 in the right hip"),
    "delay": (LIFT, "--delay", "glmax=0.1", "right gluteus maximus delayed by 100 ms"),
    "fatigue": (STANCE, "--fatigue", "hold=120", "fatigue after a hold of 120 s"),
    "strategy": (STANCE, "--strategy", "hip-sparing=4", "hip-sparing strategy on the right (x 4)"),
}

pytestmark = pytest.mark.slow


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = main([*words, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return dict(json.loads(out))


@pytest.mark.parametrize("name", CONDITIONS)
def test_simulate(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whatever is not least effort takes more of it."""
    task, option, value, words = CONDITIONS[name]
    page = tmp_path / "page.html"
    said = ask(capsys, "simulate", task, option, value, "--side", "r", "--no-ensemble", "--out", str(page))
    assert said["condition"]["name"] == words
    assert said["effort_ratio"] > 1.001
    assert words in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CONDITIONS)
def test_tolerance(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What takes capacity leaves less to lose; a preference takes none."""
    task, option, value, words = CONDITIONS[name]
    page = tmp_path / "page.html"
    target = "hamstrings" if task == LIFT else "hip-abductors"
    plain = ask(capsys, "tolerance", task, target, "--no-ensemble")["targets"][0]["critical_loss"] or 1.0  # null: all
    said = ask(capsys, "tolerance", task, target, option, value, "--no-ensemble", "--out", str(page))
    left = said["targets"][0]["critical_loss"]
    assert said["condition"] == words
    if name == "strategy":
        assert left == pytest.approx(plain, abs=1e-6)
    else:
        assert left < plain - 1e-3
    assert words in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CONDITIONS)
def test_strength(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Pain and fatigue take strength; a start and a preference do not, and it is said why."""
    _, option, value, words = CONDITIONS[name]
    page = tmp_path / "page.html"
    asked = ("strength", "hip abduction", "--no-ensemble")
    plain = ask(capsys, *asked)
    said = ask(capsys, *asked, option, value, "--out", str(page))
    assert said["condition"] == words and words in page.read_text(encoding="utf-8")
    if name in ("delay", "strategy"):
        assert said["moment_nm"] == plain["moment_nm"]
        assert "changes nothing here" in said["notes"][0] and said["notes"][0][:20] in page.read_text(encoding="utf-8")
    else:
        assert said["moment_nm"] < 0.95 * plain["moment_nm"] and said["notes"] == []


@pytest.mark.parametrize("name", CONDITIONS)
def test_study(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    task, option, value, _ = CONDITIONS[name]
    target, number = value.split("=")
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f'name = "cell"\nseed = 1\npeople = 2\n[[movement]]\ntask = "{task}"\n'
        f'[[condition]]\nname = "asked"\nside = "r"\n{option[2:]} = {{ {target} = {number} }}\n',
        encoding="utf-8",
    )
    data, page = tmp_path / "study.nc", tmp_path / "study.html"
    assert main(["study", str(plan), "--out", str(data), "--out", str(page)]) == 0, capsys.readouterr().err
    with xr.open_dataset(data, engine="h5netcdf") as found:
        assert "asked" in found["condition"].values.tolist()
    assert "asked" in page.read_text(encoding="utf-8")


def test_strength_after_a_pull_of_all_one_has(capsys: pytest.CaptureFixture[str]) -> None:
    """Closed form: with one rate for all, what is left is 1 - F / (F + R) (1 - exp(-(F + R) t)) of the fresh moment.

    The muscles of the knee's extension all have the knee's rates; hold=0 is fresh.
    """
    import math

    moments = [
        ask(capsys, "strength", "knee extension", "--no-ensemble", "--fatigue", f"hold={t}")["moment_nm"]
        for t in (0, 60, 100000)
    ]
    plain = ask(capsys, "strength", "knee extension", "--no-ensemble")["moment_nm"]
    rates = find_fatigue_rates("knee")
    both = rates.fatigue + rates.recovery
    left = 1.0 - rates.fatigue / both * (1.0 - math.exp(-both * 60.0))
    assert moments[0] == plain
    assert moments[1] == pytest.approx(left * plain, rel=0.02)
    assert moments[2] == pytest.approx(rates.sustained * plain, rel=0.05)


def test_a_dynamometer_has_no_repetitions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strength", "hip abduction", "--fatigue", "cycles=5"]) == 2
    assert "a dynamometer holds still; give hold=SECONDS, such as hold=60." in capsys.readouterr().err

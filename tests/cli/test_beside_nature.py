"""`gluteal doctor --nature`, and the figures on the pages of tolerance and plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gluteal.cli import main
from gluteal.show.terminal.outcome import Terminal, show_nature


def test_doctor_sets_the_model_beside_nature(capsys: pytest.CaptureFixture[str]) -> None:
    """Hip force of the movements that were measured, the walk's ground force, and every strength; shown and as JSON.

    The vertical peaks under the foot are the measured ones within a tenth of body weight: the table that the walk was
    corrected with holds them.
    """
    assert main(["doctor", "--nature", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["self_check"]["passed"]
    nature = found["nature"]
    assert nature["notes"] == []
    solved = {row["movement"]: row for row in nature["hip_force"] if row["movement"]}
    assert set(solved) == {"walk", "step-up"} and all(row["computed_bw"] > 1.0 for row in solved.values())
    for peak in ("first peak", "second peak"):
        pair = nature["walk_ground_force"]["peaks"][peak]
        assert pair["computed_bw"] == pytest.approx(pair["measured_bw"], abs=0.1)
    assert any(row["published"] for row in nature["strength"])
    show_nature(Terminal(width=200), nature | {"notes": ["step-up: not done."]})
    shown = capsys.readouterr().out
    assert "bergmann2001" in shown and "first peak" in shown and "Note: step-up: not done." in shown


def test_tolerance_page_shows_what_grows_with_the_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ranking and a curve for the one target that has a limit; a complete loss of the other has no curve."""
    page = tmp_path / "t.html"
    assert main(["tolerance", "single-leg-stance", "hip-abductors", "soleus", "--json", "--out", str(page)]) == 0
    limited = [t for t in json.loads(capsys.readouterr().out)["targets"] if t["critical_loss"] is not None]
    text = page.read_text(encoding="utf-8")
    assert limited and text.count("<svg") == 1 + len(limited)
    assert "effort, times that without loss" in text and "Largest tolerated loss" in text


def test_plan_page_shows_what_designs_find(tmp_path: Path) -> None:
    """One picture for the one size that was asked for, and the table below it."""
    page = tmp_path / "p.html"
    assert main(["plan", "--causes", "--people", "40", "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 1 and "what 40 people can show of causes" in text and "<table" in text

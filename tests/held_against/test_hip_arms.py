"""Moment arms beside two cadavers: what bounds a body, and that a wrong path is seen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gluteal.engines import load_body
from gluteal.engines.myo.hips import hip_sources
from gluteal.held_against import hip_arms
from gluteal.held_against.hip_arms import compare_hip_arms, published_hip_arms

PAGE = (Path(__file__).parents[2] / "docs" / "body-myo.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hip", [None, *hip_sources()])
def test_a_hip_lies_as_near_to_a_cadaver_as_the_other_does(hip: str | None) -> None:
    """8 to 14 mm, as the page prints; a cadaver is no check of its own hip."""
    body = load_body("myo", hip=hip)
    found = compare_hip_arms(body)
    label = f"`{hip}`" if hip else "default body (no deep rotators)"
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if " / " in line]
    cells = next(row for row in rows if row[0] == label)[1:]
    printed = [float(number) for cell in cells for number in re.findall(r"\d+\.\d", cell)]
    assert ("-" in cells) == (len(found) == 3)
    assert [r["rms_mm"] for r in found] == pytest.approx(printed, abs=0.06)
    assert max(r["rms_mm"] for r in found) < 14.0


def test_a_wrong_path_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gluteus medius that turned the other way would be the worst row."""
    body = load_body("myo", hip="dostal1981")
    before = {r["coordinate"]: r["rms_mm"] for r in compare_hip_arms(body)}
    geometry = hip_arms.compute_geometry

    def turned(*given: object) -> object:
        found = geometry(*given)  # type: ignore[arg-type]
        arm = found.moment_arm.copy()
        arm[:, :, body.muscle_names.index("glmed3_r")] *= -2.0
        return replace(found, moment_arm=arm)

    monkeypatch.setattr(hip_arms, "compute_geometry", turned)
    after = {r["coordinate"]: r for r in compare_hip_arms(body)}
    assert after["hip_adduction"]["muscle"] == "glmed3"
    assert after["hip_adduction"]["rms_mm"] > 1.5 * before["hip_adduction"]


def test_rows_are_the_published_ones(data: Path) -> None:
    """Every row stands in the table of the computed arms of the two specimens, to 0.1 mm."""
    import csv

    file = data.parent / "anatomy" / "hip_moment_arms.csv"
    if not file.is_file():
        pytest.skip("the anatomical tables are not here")
    with file.open(encoding="utf-8") as text:
        known = {(row["hip_flexion_deg"], row["value"]) for row in csv.DictReader(text)}
    rows = published_hip_arms()
    assert len(rows) > 500
    assert all((row["hip_flexion_deg"], row["moment_arm_mm"]) in known for row in rows)
    assert np.isfinite([float(row["moment_arm_mm"]) for row in rows]).all()

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

PAGE = (Path(__file__).parents[2] / "docs" / "body-hip.md").read_text(encoding="utf-8")


SOURCES = ("dostal1981", "carbone2015", "nemeth1985", "arnold2000", "blemker2005")


@pytest.mark.parametrize("hip", list(hip_sources()))
def test_a_hip_lies_as_near_to_nature_as_the_page_says(hip: str) -> None:
    """Every number of the page's table; a cadaver is no check of its own hip."""
    body = load_body("myo", hip=hip)
    found = compare_hip_arms(body)
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if " / " in line]
    cells = next(row for row in rows if row[0] == f"`{hip}`" and len(row) == 6)[1:]
    for source, cell in zip(SOURCES, cells, strict=True):
        printed = [float(number) for number in re.findall(r"\d+\.\d", cell)]
        assert [r["rms_mm"] for r in found if r["source"] == source] == pytest.approx(printed, abs=0.06), source
    cadavers = [r["rms_mm"] for r in found if r["source"] in SOURCES[:2]]
    assert len(cadavers) == (6 if hip_sources()[hip].lineage == "delp" else 3)
    assert max(cadavers) < 14.0  # the two cadavers differ by up to 11.4 from each other
    measured = {r["source"]: r["rms_mm"] for r in found if r["coordinate"] == "hip_flexion"}
    assert measured["nemeth1985"] < 16.0 and measured["arnold2000"] < 6.0 and measured["blemker2005"] < 4.0


def test_the_default_body_is_one_of_them() -> None:
    """The representative body's arms are those of its hip."""
    assert compare_hip_arms(load_body("myo")) == compare_hip_arms(load_body("myo", hip="uhlrich2022"))


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
    assert len(rows) > 700
    assert all((row["hip_flexion_deg"], row["moment_arm_mm"]) in known for row in rows)
    assert np.isfinite([float(row["moment_arm_mm"]) for row in rows]).all()

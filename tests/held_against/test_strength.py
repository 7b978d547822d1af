"""Strength beside published readings: units by hand, and what a reading is made of."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from docs.make_strength_tables import render_causes, render_strength

from gluteal.cli import main
from gluteal.engines import compute_mechanics, load_body
from gluteal.held_against.strength import (
    compare_strength,
    find_causes,
    published_strengths,
    summarize_published,
    tabulate_strength,
)
from gluteal.kernels.recruitment import solve_frames
from gluteal.mechanics.body import Body
from gluteal.outcome.metabolics import SPECIFIC_TENSION
from gluteal.simulate.dynamometer import compute_strength, hold_posture, strength_movements
from gluteal.vocabulary import STANDARD_GRAVITY

DOCS = Path(__file__).parents[2] / "docs" / "strength.md"


@pytest.fixture(scope="module")
def body() -> Body:
    """The embedded body."""
    return load_body("myo")


def rows(name: str) -> list[dict[str, str]]:
    """All rows of a package table, comments left out."""
    text = files("gluteal.sources.published").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def test_only_strengths_are_compared() -> None:
    """Losses, deficits, shares, pressures and units nobody can convert are kept, and left out of comparisons."""
    table = rows("hip_abduction_strength.csv")
    left_out = [row for row in table if not row["quantity"]]
    assert {row["units"] for row in left_out} == {
        *("pct", "pct_people", "pct_higher", "kpa"),
        *("nm_per_kg", "n_per_kg2_as_printed", "nm_per_kg_per_m2_as_printed"),
    }
    assert all("deficit" in row["group"] for row in left_out if row["units"] == "nm_per_kg")
    assert len(published_strengths()) == len(table) - len(left_out) + len(rows("knee_strength.csv"))
    assert {row.movement for row in published_strengths()} <= set(strength_movements())
    assert all(row.source and ".txt" not in row.source + row.note for row in published_strengths())


def test_units_by_hand(body: Body) -> None:
    """One reading in three units: per mass, per weight at the ankle or 10 cm above the knee, per mass at the ankle."""
    reading = compute_strength(body, "hip-abduction")
    found = {(c["source"], c["group"]): c for c in compare_strength(reading, body)}
    moment = found["desousa2019", "no back pain right"]
    assert moment["computed"] == reading.moment / body.mass and moment["published_low"] == 1.7
    assert moment["ratio"] == pytest.approx(reading.moment / body.mass / 1.7)
    soccer = found["powers2017", "male soccer players not sprained"]
    assert soccer["published_low"] == 0.395 and soccer["sd"] == pytest.approx(0.066)
    # Femur of the model 0.406 m from hip to knee (body-myo.md's reference); the pad 10 cm above it.
    assert soccer["lever_arm_m"] == pytest.approx(0.306, abs=2e-3)
    weight = body.mass * STANDARD_GRAVITY
    assert soccer["computed"] == pytest.approx(reading.moment / soccer["lever_arm_m"] / weight)
    per_mass = found["penney2014", "no back pain right"]
    assert not per_mass["pad_known"]
    assert per_mass["computed"] == pytest.approx(reading.moment / reading.lever_arm / body.mass)
    assert compare_strength(compute_strength(body, "ankle-dorsiflexion"), body) == []


def test_hip_abduction_is_too_strong_and_says_so(body: Body) -> None:
    """The disagreement the docs state: 2 to 3 times the published moment, 4 times for hip extension."""
    summary = {
        (name, row["source"]): row["ratio"]
        for name in ("hip-abduction", "hip-extension", "knee-extension")
        for row in summarize_published(compare_strength(compute_strength(body, name), body))
    }
    assert summary["hip-abduction", "desousa2019"] == "2.1 to 3.3"
    assert summary["hip-extension", "desousa2019"] == "3.6 to 4.5"
    assert summary["knee-extension", "sarabon2021"] == "1.3 to 2.1"
    abducted = compute_strength(body, "hip-abduction", posture={"hip_adduction": -30.0})
    row = next(c for c in compare_strength(abducted, body) if c["source"] == "powers2017")
    assert row["computed"] == pytest.approx(0.82, abs=0.01)


@pytest.mark.parametrize("movement", sorted(strength_movements()))
def test_pure_is_just_what_load_sharing_can_carry(body: Body, movement: str) -> None:
    """The kernel, which knows nothing of the linear program: the pure moment leaves no reserve, 2 % more does."""
    row = strength_movements()[movement]
    causes = find_causes(body, movement)
    assert 0.0 < causes.pure <= causes.strapped * (1 + 1e-9) <= causes.peak_forces * (1 + 1e-9)
    data = compute_mechanics(body, hold_posture(body, row.posture)).dataset
    own = f"{row.coordinate}_r" if row.sided else row.coordinate
    side = "_r" if row.sided else ""
    names = [n for n in body.coordinate_names if (n.endswith(side) if side else n.startswith("lumbar"))]
    moment = (data["moment_arm"] * data["active_capacity"]).sel(coordinate=names).transpose(..., "coordinate", "muscle")
    A = np.repeat(moment.values, 2, axis=0)
    b = np.zeros((2, len(names)))
    b[:, names.index(own)] = row.sign * causes.pure * np.array([0.999, 1.02])
    ones = np.ones((2, A.shape[2]))
    solution = solve_frames(A, np.zeros((2, len(names), 0)), b, 0 * ones, ones, ones)
    missing = np.abs(solution.reserve).max(axis=1)
    assert missing[0] < 0.02 and missing[1] > 0.1


def test_knee_extension_needs_no_straps(body: Body) -> None:
    """The vasti cross one joint: nothing is left over, and straps change nothing."""
    causes = find_causes(body, "knee-extension")
    assert causes.pure == pytest.approx(causes.strapped, rel=1e-3)


@pytest.mark.opensim
def test_docs_show_todays_tables(body: Body, data: Path) -> None:
    """The tables of docs/strength.md are what the functions return."""
    text = DOCS.read_text(encoding="utf-8")
    assert render_strength(body) in text
    models = {
        "embedded": ("myo", SPECIFIC_TENSION),
        "walk_rajagopal2016": ("walk_rajagopal2016/subject_walk_scaled.osim", SPECIFIC_TENSION),
        "walk_uhlrich2022": ("walk_uhlrich2022/Rajagopal_scaled_Sub1_gasAvoid.osim", SPECIFIC_TENSION),
        "squat_sts_opencap_s4": ("squat_sts_opencap_s4/manually_scaled.osim", SPECIFIC_TENSION),
        "gait2392": ("walk_3p6kmh_lowerlimb/gait2392.osim", None),
        "FBLS": ("model_fbls_gluteal_plus_lumbar/FBLSmodel.osim", None),
    }
    bodies = {k: (body if name == "myo" else load_body(data / name), t) for k, (name, t) in models.items()}
    assert render_causes(bodies, "hip-abduction") in text


def test_tables_have_every_movement(body: Body) -> None:
    table = tabulate_strength(body)
    assert [row["movement"].replace(" ", "-") for row in table] == list(strength_movements())
    assert all(row["moment_nm"] > 0.0 for row in table)


def test_command_shows_what_was_published(capsys: pytest.CaptureFixture[str]) -> None:
    """As a table for people, and as a field of the JSON."""
    assert main(["strength", "hip abduction"]) == 0
    out = capsys.readouterr().out
    assert "Published strength beside this reading" in out and "desousa2019" in out
    assert main(["strength", "hip abduction", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"group", "source", "published_low", "published_high", "computed", "ratio", "unit"} <= set(
        found["published"][0]
    )
    assert main(["strength", "ankle dorsiflexion"]) == 0
    assert "Published" not in capsys.readouterr().out


@pytest.mark.opensim
def test_a_knee_that_flexes_to_the_negative_is_as_strong_as_others(data: Path) -> None:
    """The coordinate's sign is the model's choice: extension stays the stronger, at the size of people's."""
    body = load_body(data / "walk_3p6kmh_lowerlimb" / "gait2392.osim")
    extension, flexion = (compute_strength(body, f"knee {way}").moment_per_mass for way in ("extension", "flexion"))
    assert 1.0 < flexion < extension < 5.0

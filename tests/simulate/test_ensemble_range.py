"""Numbers over all published bodies: the range, each witness' share, and what two commands print of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gluteal
from gluteal.cli import main
from gluteal.engines import load_bodies
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.sharing.solution import solve_sharing
from gluteal.simulate.dynamometer import compute_strength
from gluteal.simulate.ensemble_range import EnsembleRange, ask_bodies, measure_ensemble, rank_ensemble

LINES = {"a": "delp", "b": "delp", "c": "delp", "d": "tlem", "e": "dostal"}


def test_a_lineage_is_one_witness() -> None:
    """Three bodies of one lineage count as much as one of another; a body without the number counts nothing."""
    found = EnsembleRange({"a": 1.0, "b": 2.0, "c": 3.0, "d": 5.0, "e": float("nan")}, LINES)
    assert (found.low, found.high) == (1.0, 5.0)
    assert found.by_source == {"delp": (1.0, 3.0), "tlem": (5.0, 5.0)}
    assert found.share(lambda value: value > 2.5) == pytest.approx((1.0 / 3.0 + 1.0) / 2.0)
    told = found.to_json(lambda value: value > 4.0)
    assert told["bodies"] == 5 and told["answered"] == 4 and told["share"] == 0.5
    assert "cadaver of TLEM: 5 to 5" in found.say(lambda value: f"{value:.0f}")


def test_no_answer_is_said() -> None:
    nobody = EnsembleRange({"a": float("nan")}, LINES)
    assert nobody.to_json(bool) == {
        "bodies": 1,
        "answered": 0,
        "low": None,
        "high": None,
        "share": None,
        "by_source": {},
    }
    assert nobody.say(str) == "None of 1 bodies has an answer."


def test_each_body_is_asked_as_it_is_alone() -> None:
    """The range's ends are what single bodies read."""
    found = measure_ensemble("hip abduction")
    bodies = {body.name: body for body in load_bodies()}
    assert len(found.values) == 24
    for name in (min(found.values, key=found.values.__getitem__), max(found.values, key=found.values.__getitem__)):
        alone = compute_strength(bodies[name], "hip abduction").moment_per_mass
        assert found.values[name] == pytest.approx(alone, rel=1e-12)
    assert found.low < 0.8 * found.high


def test_outward_rotation_of_the_flexed_hip_is_human() -> None:
    """People turn about 0.5 N m/kg outward with the hip at 90 degrees; without deep rotators a model has 0.36."""
    assert measure_ensemble("hip external rotation").low >= 0.5


def test_tolerance_over_bodies() -> None:
    """Gluteus maximus can be lost in single-leg stance on every body; the superior gluteal nerve on none."""
    found = rank_ensemble("single-leg-stance", "glmax", "superior gluteal nerve")
    assert found["glmax"].low == 1.0 and found["glmax"].share(lambda loss: loss >= 1.0) == 1.0
    assert 0.4 < found["superior gluteal nerve"].low < found["superior gluteal nerve"].high < 1.0


def test_weak_gluteals_change_the_load_on_the_spine() -> None:
    """Psoas spans the lumbar joints, so a weak hip is felt at L5/S1; psoas ending at the pelvis, it was exactly 0."""
    block = gluteal.Condition.block("superior gluteal", loss=0.46, side="r")

    def measure(mechanics: gluteal.Mechanics) -> dict[str, float]:
        baseline = solve_sharing(mechanics)
        changed = solve_sharing(mechanics, condition=block, undisturbed=baseline)
        before, after = (
            float(compute_joint_loads(solved)["joint_load"].sel(joint="lumbosacral").values.max())
            for solved in (baseline, changed)
        )
        return {"change": after / before - 1.0}

    bodies = [b for b in load_bodies() if b.name in ("myo-uhlrich2022", "myo-dostal1981", "myo-delp1990")]
    found = ask_bodies(measure, "single-leg-stance", bodies=bodies)["change"]
    assert all(abs(change) > 0.005 for change in found.values.values())
    assert np.isfinite(list(found.values.values())).all()


def test_the_commands_tell_the_range(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tolerance", "single-leg-stance", "superior gluteal nerve", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["targets"][0]
    assert row["ensemble"]["bodies"] == 24 and row["ensemble"]["low"] <= row["critical_loss"] <= row["ensemble"]["high"]
    assert set(row["ensemble"]["by_source"]) == {"dostal", "tlem", "delp"} and row["ensemble"]["share"] == 0.0
    assert main(["strength", "hip abduction"]) == 0
    assert "Over 24 published bodies" in " ".join(capsys.readouterr().out.split())
    assert main(["strength", "hip abduction", "--no-ensemble", "--json"]) == 0
    assert "ensemble" not in json.loads(capsys.readouterr().out)
    assert main(["tolerance", "single-leg-stance", "glmed", "--hip", "tlem2", "--json"]) == 0
    assert "ensemble" not in json.loads(capsys.readouterr().out)["targets"][0]

"""Published hips on OpenSim models: brought there by landmarks, listed, and held to the embedded body's arms."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from gluteal.cli import main
from gluteal.engines import compute_geometry, load_body
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body
from gluteal.simulate.dynamometer import hold_posture

pytestmark = pytest.mark.opensim
HIPS = ("hip_flexion_r", "hip_adduction_r", "hip_rotation_r")


@pytest.fixture(scope="module")
def model(data: Path) -> Path:
    return data / "walk_rajagopal2016" / "subject_walk_scaled.osim"


def arms(body: Body, muscle: str) -> np.ndarray:
    """Arms about the right hip in the neutral posture, mm (3,)."""
    found = compute_geometry(body, hold_posture(body, {})).moment_arm[0]
    rows = [body.coordinate_names.index(name) for name in HIPS]
    return 1000.0 * found[rows, body.muscle_names.index(muscle)]


@pytest.mark.parametrize("hip", ["dostal1981", "tlem2"])
def test_grafted_muscles_have_the_embedded_body_s_arms(model: Path, hip: str) -> None:
    """At neutral within 4 mm once the size of the pelvis is taken out; 1.08 of the embedded body's here."""
    grafted, embedded = load_body(model, hip=hip), load_body("myo", hip=hip)
    graft = grafted.model.graft
    assert graft.pelvis == pytest.approx(1.08, abs=0.01) and abs(np.degrees(graft.tilt)) < 1.0
    one_joint = [
        m for m in (*graft.moved, *graft.added) if m.endswith("_r") and m[:4] in ("glme", "glmi", "obti", "quad")
    ]
    assert len(one_joint) == 8
    for muscle in one_joint:
        np.testing.assert_allclose(arms(grafted, muscle) / graft.pelvis, arms(embedded, muscle), atol=4.0)


def test_what_was_grafted_is_listed(model: Path) -> None:
    plain, grafted = load_body(model), load_body(model, hip="dostal1981")
    assert set(grafted.muscle_names) - set(plain.muscle_names) == set(grafted.model.graft.added)
    assert "obtint_r" in grafted.model.graft.added and "glmed1_r" in grafted.model.graft.moved
    assert "Dostal 1981" in grafted.notes[0] and "glmed1_r" in grafted.notes[0]
    assert "centres of hips and knees" in grafted.notes[1]
    assert "Psoas, iliacus and gluteus maximus are the model's own." in grafted.notes
    assert grafted.name.endswith("-dostal1981")
    for name in ("psoas_r", "glmax1_r"):
        np.testing.assert_allclose(arms(grafted, name), arms(plain, name), atol=1e-6)
    assert np.abs(arms(grafted, "glmed1_r") - arms(plain, "glmed1_r")).max() > 5.0  # they did run elsewhere


def test_fibres_stay_where_they_were(model: Path) -> None:
    """A moved muscle's tendon is as much longer as its path."""
    plain, grafted = load_body(model), load_body(model, hip="dostal1981")
    lengths = []
    for body in (plain, grafted):
        found = compute_geometry(body, hold_posture(body, {})).mtu_length[0]
        i = body.muscle_names.index("glmed2_r")
        lengths.append(found[i] - float(body.muscles["tendon_slack_length"].values[i]))
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-3)


def test_a_grafted_body_travels(model: Path) -> None:
    body = load_body(model, hip="dostal1981")
    again = pickle.loads(pickle.dumps(body.model))
    assert again.graft == body.model.graft


def test_what_cannot_be_grafted_is_said(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="There is no hip 'dostal'"):
        load_body(model, hip="dostal")
    with pytest.raises(InputError, match="for the body 'myo' only"):
        load_body(model, hip="dostal1981", strength=0.75)
    armless = tmp_path / "arm.osim"
    text = model.read_text(encoding="utf-8")
    armless.write_text(text.replace('name="hip_r"', 'name="coxa_r"').replace("/hip_r/", "/coxa_r/"), encoding="utf-8")
    with pytest.raises(InputError, match="hip"):
        load_body(armless, hip="dostal1981")


@pytest.mark.slow
def test_a_trial_is_judged_with_a_grafted_hip(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command grafts onto the trial's own model, judges, and prints what was grafted."""
    line = ["simulate", str(data / "walk_rajagopal2016"), "--hip", "dostal1981", "--json"]
    code = main([*line, "--nerve", "superior gluteal=0.46", "--side", "r"])
    found = json.loads(capsys.readouterr().out)
    assert code in (0, 3) and found["verdict"] in ("compensated", "unchanged", "impossible")
    assert any("grafted" in note for note in found["notes"])

"""Forces of an OpenSim model that are no muscles: taken off the joint moments, or named as left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.packages import needs

from gluteal import load_trial, simulate
from gluteal.engines import compute_mechanics
from gluteal.mechanics.build import Mechanics
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.solution import solve_sharing

pytestmark = pytest.mark.opensim

MODEL = "subject_walk_scaled.osim"
FILES = (MODEL, "coordinates.sto", "grf_walk.mot", "grf_walk.xml")
STIFFNESS, REST = 120.0, 0.1


def altered(data: Path, folder: Path, change: Callable[[Any, Any], None]) -> Mechanics:
    """A short piece of overground walking with a changed model."""
    osim = needs("opensim")
    for name in FILES:
        shutil.copyfile(data / "walk_rajagopal2016" / name, folder / name)
    model = osim.Model(str(folder / MODEL))
    change(osim, model)
    model.finalizeConnections()
    model.printToXML(str(folder / MODEL))
    (folder / "trial.toml").write_text("window = [0.8, 1.1]\nrate_hz = 20\n")
    trial = load_trial(folder)
    return compute_mechanics(trial.body, trial.movement)


@pytest.fixture(scope="module")
def plain(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Mechanics:
    """The same piece with the model as it is."""
    return altered(data, tmp_path_factory.mktemp("plain"), lambda osim, model: None)


def add_spring(osim: Any, model: Any) -> None:
    """A linear spring about the right knee: -k (q - q0)."""
    spring = osim.SpringGeneralizedForce("knee_angle_r")
    spring.setName("brace")
    spring.setStiffness(STIFFNESS)
    spring.setRestLength(REST)
    spring.setViscosity(0.0)
    model.addForce(spring)


def add_expression(osim: Any, model: Any) -> None:
    """The same spring as a formula."""
    model.addForce(osim.ExpressionBasedCoordinateForce("knee_angle_r", f"-{STIFFNESS}*(q-{REST})"))


@pytest.mark.parametrize("change", [add_spring, add_expression])
def test_a_spring_is_taken_off_the_demand(
    data: Path, tmp_path: Path, plain: Mechanics, change: Callable[[Any, Any], None]
) -> None:
    """Expected by the spring's own formula; no other coordinate changes."""
    found = altered(data, tmp_path, change)
    before, after = (m.dataset["joint_moment"] for m in (plain, found))
    knee = found.dataset["coordinate_value"].sel(coordinate="knee_angle_r").values
    expected = -STIFFNESS * (knee - REST)
    np.testing.assert_allclose(found.dataset["spring_moment"].sel(coordinate="knee_angle_r"), expected, atol=1e-9)
    difference = (before - after).to_pandas()
    np.testing.assert_allclose(difference.pop("knee_angle_r"), expected, atol=1e-6)
    assert np.abs(difference.values).max() < 1e-6
    assert any("are taken off the joint moments" in note for note in found.body.notes)


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("CoordinateLimitForce", lambda o, m: o.CoordinateLimitForce("ankle_angle_r", 5, 30, -90, 1, 0.01, 2)),
        (
            "BushingForce",
            lambda o, m: o.BushingForce(
                "bushing",
                m.getBodySet().get("tibia_r"),
                m.getBodySet().get("talus_r"),
                o.Vec3(0),
                o.Vec3(50),
                o.Vec3(0),
                o.Vec3(0),
            ),
        ),
        (
            "PointToPointSpring",
            lambda o, m: o.PointToPointSpring(
                m.getBodySet().get("tibia_r"), o.Vec3(0), m.getBodySet().get("calcn_r"), o.Vec3(0), 2000.0, 0.1
            ),
        ),
    ],
)
def test_every_kind_of_spring_counts(
    data: Path, tmp_path: Path, plain: Mechanics, kind: str, make: Callable[[Any, Any], Any]
) -> None:
    """What it takes off the right ankle is what the joint moment changes by, and it is named."""

    def add(osim: Any, model: Any) -> None:
        force = make(osim, model)
        force.setName("orthosis")
        model.addForce(force)

    found = altered(data, tmp_path, add)
    moment = [m.dataset["joint_moment"].sel(coordinate="ankle_angle_r").values for m in (plain, found)]
    spring = found.dataset["spring_moment"].sel(coordinate="ankle_angle_r").values
    assert np.abs(spring).max() > 1.0
    np.testing.assert_allclose(moment[0] - moment[1], spring, atol=1e-6)
    assert any(f"orthosis ({kind})" in note for note in found.body.notes)


def test_what_a_movement_does_not_determine_is_named(plain: Mechanics) -> None:
    """The motors of the trunk and the arms have no control here; nothing of them is in the moments."""
    (note,) = [n for n in plain.body.notes if "left out" in n]
    assert note.startswith("Forces of the model are left out, as its control is not known from a movement: lumbar_ext")
    assert np.abs(plain.dataset["spring_moment"].values).max() == 0.0


def test_muscles_that_are_switched_off_carry_nothing(data: Path, tmp_path: Path) -> None:
    """Force and passive force 0, whatever the criterion; a note names them, and the group's numbers stay numbers."""
    names = ("soleus_r", "gasmed_r", "gaslat_r")

    def switch_off(osim: Any, model: Any) -> None:
        for name in names:
            model.updMuscles().get(name).set_appliesForce(False)

    found = altered(data, tmp_path, switch_off)
    assert any("appliesForce is false" in n and all(m in n for m in names) for n in found.body.notes)
    for criterion in (Criterion(), Criterion(3.0, volume_weighting=True)):
        force = solve_sharing(found, criterion=criterion).dataset["muscle_force"].sel(muscle=list(names))
        assert float(abs(force).max()) == 0.0
    outcome = simulate(found.body, found.movement, mechanics=found)
    assert not outcome.groups[["peak", "mean"]].isna().to_numpy().any()
    assert outcome.baseline_deficit.coordinate == "ankle_angle_r"

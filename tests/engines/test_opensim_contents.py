"""What a model file holds that OpenSim does not open, skips without a word, or renames."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.small_models import body_of, own, swing, write_model

from gluteal.engines import compute_geometry, load_body
from gluteal.engines.opensim.sane import check_segments
from gluteal.errors import InputError

pytestmark = pytest.mark.opensim


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine itself is tested here, not its cache."""
    monkeypatch.setenv("GLUTEAL_CACHE", "off")


PUSH = "<ExternalForce name='push'><applied_to_body>tibia_r</applied_to_body></ExternalForce>"


def insert(path: Path, part: str, *, into: str | None) -> None:
    """Put a part into a list of the model, or beside its lists."""
    text = path.read_text()
    if into is None:
        text = text.replace("<ForceSet", f"<components>{part}</components><ForceSet", 1)
    else:
        text = re.sub(rf"(<{into}.*?<objects>)", lambda m: m[1] + part, text, count=1, flags=re.DOTALL)
    assert part in text
    path.write_text(text)


@pytest.mark.parametrize(
    "part", [PUSH, f"<ExternalLoads><objects>{PUSH}</objects><datafile>no.sto</datafile></ExternalLoads>"]
)
def test_external_forces_inside_a_model_are_left_out_by_name(tmp_path: Path, part: str) -> None:
    """OpenSim does not open such a model without their table; the trial has its own."""
    path = write_model(tmp_path, lambda osim, model: None)
    plain = load_body(path)
    insert(path, part, into=None if part.startswith("<ExternalLoads") else "ForceSet")
    body = load_body(path)
    assert any("the trial's own files: push (ExternalForce)" in note for note in body.notes)
    one, other = (compute_geometry(b, swing(b)).joint_moment for b in (plain, body))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("where", ["ForceSet", "JointSet", "PathPointSet"])
def test_kinds_that_opensim_does_not_know_are_told(tmp_path: Path, where: str) -> None:
    """In a list they keep the model from being opened; beside the lists OpenSim skips them without a word."""
    path = write_model(tmp_path, lambda osim, model: None)
    insert(path, "<Odd name='plugin'/>", into=None)
    assert (
        "Parts of the model are left out, as OpenSim does not know their kind: plugin (Odd)." in load_body(path).notes
    )
    insert(path, "<Odder name='other'/>", into=where)
    with pytest.raises(InputError, match=rf"small.osim has in its {where} the Odder 'other', a kind that OpenSim \d.*"):
        load_body(path)


def test_a_formula_that_cannot_be_computed_is_named(tmp_path: Path) -> None:
    """Where the model is opened, not in the middle of a movement."""

    def add(osim: Any, model: Any) -> None:
        model.addForce(own(osim.ExpressionBasedCoordinateForce("knee_angle_r", "-30*angle")))

    path = write_model(tmp_path, add)
    with pytest.raises(
        InputError, match=r"cannot compute the ExpressionBasedCoordinateForce '\w+' of small.osim: .*angle"
    ):
        load_body(path)


def test_what_lies_beside_the_lists_counts(tmp_path: Path) -> None:
    """A muscle, a spring and a constraint among the model's components."""

    def add(osim: Any, model: Any) -> None:
        muscle = own(osim.Thelen2003Muscle("inside_r", 800.0, 0.1, 0.2, 0.1))
        muscle.addNewPathPoint("origin", body_of(model, "femur_r"), osim.Vec3(0.04, -0.1, 0.0))
        muscle.addNewPathPoint("insertion", body_of(model, "tibia_r"), osim.Vec3(-0.05, -0.05, 0.0))
        spring = osim.SpringGeneralizedForce("knee_angle_r")
        spring.setName("brace")
        zero = osim.Vec3(0.0)
        weld = osim.WeldConstraint("w", model.getGround(), zero, zero, body_of(model, "tibia_r"), zero, zero)
        for part in (muscle, spring, weld):
            model.addComponent(own(part))

    body = load_body(write_model(tmp_path, add))
    assert body.muscle_names == ("vasti_r", "inside_r")
    assert compute_geometry(body, swing(body)).moment_arm[0, -1, 1] != 0.0
    told = " ".join(body.notes)
    assert "brace (SpringGeneralizedForce)" in told and "w (WeldConstraint)" in told


def test_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    """OpenSim opens the model and calls one of the muscles vasti_r_0, which is of no side and no group."""
    path = write_model(tmp_path, lambda osim, model: None)
    text = path.read_text()
    (muscle,) = re.findall("<Millard2012EquilibriumMuscle .*?</Millard2012EquilibriumMuscle>", text, re.DOTALL)
    path.write_text(text.replace(muscle, muscle + muscle))
    with pytest.raises(InputError, match=r"small.osim has two parts called 'vasti_r' in its ForceSet; OpenSim would"):
        load_body(path)
    path.write_text(text)
    insert(path, muscle, into=None)
    with pytest.raises(InputError, match=r"small.osim has two muscles called 'vasti_r'; call them differently"):
        load_body(path)


def test_what_a_model_says_and_nobody_uses_is_named(tmp_path: Path) -> None:
    """Bounds of controls, another unit of lengths, and a controller."""

    def say(osim: Any, model: Any) -> None:
        muscle = model.getMuscles().get(0)
        muscle.setMaxControl(0.5)
        model.set_length_units("millimeters")
        controller = own(osim.PrescribedController())
        controller.setName("script")
        controller.addActuator(muscle)
        controller.prescribeControlForActuator("vasti_r", own(osim.Constant(0.3)))
        model.addController(controller)

    told = " ".join(load_body(write_model(tmp_path, say)).notes)
    assert "bounds the controls of vasti_r (min_control, max_control), which is not used" in told
    assert "says that its lengths are millimeters; they are taken for metres" in told
    assert (
        "Controllers of the model are left out, as activations are solved for: script (PrescribedController)." in told
    )
    plain = " ".join(load_body(write_model(tmp_path, lambda osim, model: None)).notes)
    assert not re.search("bounds|lengths|Controllers", plain)


def test_joints_without_a_muscle_are_named(tmp_path: Path) -> None:
    """What a hip needs that nothing crosses is asked of nobody."""
    body = load_body(write_model(tmp_path, lambda osim, model: None))
    assert "No muscle of the model crosses hip_flexion_r: what these need is asked of no muscle." in body.notes


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process may have")
@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("import resource as r; r.setrlimit(r.RLIMIT_AS, (700 << 20, 700 << 20))", "this process may have 700 MB"),
        ("sys.modules['opensim'] = None", "not installed"),
        (
            "import importlib.abc as a\nclass Finder(a.MetaPathFinder):\n"
            "    def find_spec(self, name, *_):\n"
            "        if name == 'opensim': raise ImportError('libGL.so.1: cannot open shared object file')\n"
            "sys.meta_path.insert(0, Finder())",
            "is installed, but cannot be loaded (libGL.so.1: cannot open shared object file)",
        ),
    ],
)
def test_why_opensim_cannot_be_loaded_is_said(before: str, told: str) -> None:
    program = f"import sys\n{before}\nimport gluteal.engines.opensim.osim"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and told in done.stderr.splitlines()[-1], done.stderr


def test_a_model_in_other_units_is_refused() -> None:
    """Masses far from their joints, or far around themselves; what weighs nothing may have any inertia."""
    whole = ("torso", 40.0, 0.3, 1.5)
    check_segments("man.osim", [whole, ("patella", 1e-6, 0.0, 1e-3), ("box", 20.0, 1.0, 4.0)])
    for segment, words in (
        (("leg", 10.0, 200.0, 0.1), "the mass centre of leg is 200 m away from its origin"),
        (("leg", 10.0, 0.2, 1e5), "the inertia of leg is 1e+05 kg m^2, of 10 kg"),
    ):
        with pytest.raises(InputError, match=re.escape(f"man.osim: {words}, which no body has: its unit is another")):
            check_segments("man.osim", [whole, segment])

"""Every kind of part that OpenSim knows: used as its own inverse dynamics does, or left out by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.packages import needs
from tests.helpers.small_models import TIME, Change, body_of, own, run_inverse_dynamics, swing, write_model

from gluteal.engines import compute_geometry, compute_lines, compute_picture, load_body
from gluteal.engines.opensim.kinds import CONSTRAINTS, FORCES, JOINTS, PATHS, PartKind
from gluteal.errors import InputError
from gluteal.mechanics.body import Body

pytestmark = pytest.mark.opensim

ROOT = Path(__file__).parents[2]
TABLES: dict[str, tuple[tuple[str, ...], Mapping[str, PartKind]]] = {
    "forces": (("Force",), FORCES),
    "constraints": (("Constraint",), CONSTRAINTS),
    "joints": (("Joint",), JOINTS),
    "paths": (("AbstractGeometryPath", "AbstractPathPoint", "WrapObject", "PathWrap"), PATHS),
}


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine itself is tested here, not its cache."""
    monkeypatch.setenv("GLUTEAL_CACHE", "off")


@pytest.mark.parametrize("table", TABLES)
def test_every_kind_that_the_installed_opensim_knows_is_in_a_table(table: str) -> None:
    """Asked of its own registry; and the page lists it."""
    osim = needs("opensim")
    names = osim.ArrayStr()
    osim.OpenSimObject.getRegisteredTypenames(names)
    bases, known = TABLES[table]
    page = (ROOT / "docs" / "trials.md").read_text()
    found = []
    for name in (names.get(i) for i in range(names.getSize())):
        default = osim.OpenSimObject.getDefaultInstanceOfType(name)
        if any(getattr(osim, base).safeDownCast(default) is not None for base in bases):
            found.append(name)
            assert name in known, f"{name} is a kind that {table} of gluteal.engines.opensim.kinds lacks"
    assert len(found) > 3
    for name in known:
        assert f"`{name}`" in page, f"{name} is not in docs/trials.md"


# Forces


def on_path(osim: Any, model: Any, force: Any) -> Any:
    """A force with a path from thigh to shank."""
    path = force.updGeometryPath() if hasattr(force, "updGeometryPath") else None
    path = osim.GeometryPath.safeDownCast(force.updPath()) if path is None else path
    path.appendNewPathPoint("origin", body_of(model, "femur_r"), osim.Vec3(0.04, -0.1, 0.0))
    path.appendNewPathPoint("insertion", body_of(model, "tibia_r"), osim.Vec3(-0.05, -0.05, 0.0))
    return force


def blankevoort(osim: Any, model: Any) -> Any:
    """A ligament with a toe region and damping."""
    force = on_path(osim, model, osim.Blankevoort1991Ligament())
    force.set_linear_stiffness(2000.0)
    force.set_slack_length(0.25)
    return force


def ligament(osim: Any, model: Any) -> Any:
    """A ligament by its curve."""
    force = on_path(osim, model, osim.Ligament())
    force.setRestingLength(0.3)
    force.set_pcsa_force(200.0)
    return force


def path_formula(osim: Any, model: Any) -> Any:
    """A spring along a path, as a formula of its length."""
    force = on_path(osim, model, osim.ExpressionBasedPathForce())
    force.setExpression("300*(s-0.3)")
    return force


def bushing_formula(osim: Any, model: Any) -> Any:
    """A bushing by formulas."""
    ends = (body_of(model, name) for name in ("femur_r", "tibia_r"))
    force = osim.ExpressionBasedBushingForce("bushing", *ends)
    force.setMxExpression("theta_x*10")
    force.setMzExpression("theta_z*30")
    force.setFyExpression("delta_y*100")
    return force


def bushing_function(osim: Any, model: Any) -> Any:
    """A bushing by functions."""
    force = osim.FunctionBasedBushingForce()
    force.connectSocket_frame1(body_of(model, "femur_r"))
    force.connectSocket_frame2(body_of(model, "tibia_r"))
    force.set_m_z_theta_z_function(own(osim.LinearFunction(20.0, 0.0)))
    return force


def generalized(osim: Any, model: Any) -> Any:
    """A damped spring about the knee."""
    force = osim.SpringGeneralizedForce("knee_angle_r")
    force.setStiffness(30.0)
    force.setRestLength(0.1)
    force.setViscosity(2.0)
    return force


def prescribed(osim: Any, model: Any) -> Any:
    """A force that is a function of time, at a moving point, with a torque."""
    force = osim.PrescribedForce("push", body_of(model, "tibia_r"))
    line, constant = osim.LinearFunction, osim.Constant
    force.setForceFunctions(*map(own, (line(100.0, 5.0), constant(30.0), osim.Sine(10.0, 3.0, 0.0))))
    force.setPointFunctions(*map(own, (constant(0.1), line(0.2, 0.0), constant(0.0))))
    force.setTorqueFunctions(*map(own, (constant(1.0), constant(2.0), line(30.0, 0.0))))
    return force


SPRINGS: dict[str, Callable[[Any, Any], Any]] = {
    "Blankevoort1991Ligament": blankevoort,
    "BushingForce": lambda o, m: o.BushingForce(
        "bushing", body_of(m, "femur_r"), body_of(m, "tibia_r"), o.Vec3(50), o.Vec3(20), o.Vec3(1), o.Vec3(2)
    ),
    "CoordinateLimitForce": lambda o, m: o.CoordinateLimitForce("knee_angle_r", 5.0, 30.0, -5.0, 30.0, 0.1, 2.0),
    "ExpressionBasedBushingForce": bushing_formula,
    "ExpressionBasedCoordinateForce": lambda o, m: o.ExpressionBasedCoordinateForce("knee_angle_r", "-30*q-2*qdot"),
    "ExpressionBasedPathForce": path_formula,
    "ExpressionBasedPointToPointForce": lambda o, m: o.ExpressionBasedPointToPointForce(
        "femur_r", o.Vec3(0), "tibia_r", o.Vec3(0.1, -0.1, 0.0), "100*d+3*ddot"
    ),
    "FunctionBasedBushingForce": bushing_function,
    "Ligament": ligament,
    "PathSpring": lambda o, m: on_path(o, m, o.PathSpring("spring", 0.2, 500.0, 0.01)),
    "PointToPointSpring": lambda o, m: o.PointToPointSpring(
        body_of(m, "pelvis"), o.Vec3(0), body_of(m, "tibia_r"), o.Vec3(0.1, 0.0, 0.0), 300.0, 0.2
    ),
    "PrescribedForce": prescribed,
    "SpringGeneralizedForce": generalized,
}


def test_every_spring_of_the_table_is_tried() -> None:
    """A kind that is moved to the springs needs a case."""
    assert set(SPRINGS) == {name for name, kind in FORCES.items() if kind.fate == "spring"}


@pytest.mark.parametrize("kind", SPRINGS)
def test_a_spring_is_that_of_opensim_s_own_inverse_dynamics(tmp_path: Path, kind: str) -> None:
    """The joint moments with it, to 1e-5 N m; it does something, and is named. So does a switch."""

    def add(osim: Any, model: Any, *, on: bool = True) -> None:
        force = own(SPRINGS[kind](osim, model))
        force.setName("orthosis")
        force.set_appliesForce(on)
        model.addForce(force)

    path = write_model(tmp_path, add)
    body = load_body(path)
    found = compute_geometry(body, swing(body))
    assert found.spring_moment is not None and np.abs(found.spring_moment).max() > 0.5
    theirs = run_inverse_dynamics(path, body)
    np.testing.assert_allclose(found.joint_moment[1:-1], theirs[1:-1], atol=1e-5)
    assert any(f"orthosis ({kind})" in note and "taken off" in note for note in body.notes)
    off = load_body(write_model(tmp_path, lambda osim, model: add(osim, model, on=False)))
    assert f"Switched off in the model and left out: orthosis ({kind})." in off.notes


# Joints

JOINT = ("knee_r", (0.0, -0.4, 0.0), (0.1, 0.2, 0.3), (0.0, 0.02, 0.0), (0.2, 0.0, 0.0))
PLAIN = ("PinJoint", "SliderJoint", "UniversalJoint", "GimbalJoint", "BallJoint", "PlanarJoint", "FreeJoint")
KNEES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(PLAIN, ()),
    "EllipsoidJoint": ((0.1, 0.2, 0.15),),
    "ScapulothoracicJoint": ((0.1, 0.2, 0.15), (0.02, 0.03), 0.5),
}


def rate_of_energy(body: Body, frame: int) -> float:
    """d(kinetic + potential energy)/dt of `swing`, W, by a central difference."""
    energy = []
    for time in TIME[frame] + np.array([-1e-5, 1e-5]):
        moved = swing(body, np.array([time]))
        q, v, a = (x.values[0] for x in (moved.coordinates, moved.speed, moved.acceleration))
        value, speed, *_ = body.model.expand(q, v, a)
        energy.append(body.model.energy(value, speed))
    return float(np.diff(energy)[0] / 2e-5)


def assert_power(body: Body) -> None:
    """Power of the joint moments is the rate of energy, which no convention of a joint's speeds can change."""
    movement = swing(body)
    moment = compute_geometry(body, movement).joint_moment
    power = (moment * movement.speed.values).sum(axis=1)
    assert np.abs(power).max() > 1.0
    for frame in range(len(TIME)):
        assert power[frame] == pytest.approx(rate_of_energy(body, frame), abs=1e-4)


@pytest.mark.parametrize("kind", KNEES)
def test_joints_do_the_work_that_they_should(tmp_path: Path, kind: str) -> None:
    """Also those with quaternions, with speeds of their own, and with bodies that OpenSim puts between."""

    def knee(osim: Any, thigh: Any, shank: Any) -> Any:
        name, at, turned, inside, turn = JOINT
        vec = osim.Vec3
        more = [osim.Vec2(*x) if isinstance(x, tuple) and len(x) == 2 else x for x in KNEES[kind]]
        more = [vec(*x) if isinstance(x, tuple) else x for x in more]
        return getattr(osim, kind)(name, thigh, vec(*at), vec(*turned), shank, vec(*inside), vec(*turn), *more)

    body = load_body(write_model(tmp_path, lambda osim, model: None, knee=knee))
    assert_power(body)
    assert not any("doubtful" in note for note in body.notes)
    assert compute_lines(body, swing(body)).cuts  # the bodies between count nowhere


def test_a_joint_that_opensim_derives_wrongly_is_named(tmp_path: Path) -> None:
    """The speeds of a ConstantCurvatureJoint are not those of where it goes (OpenSim 4.6)."""

    def knee(osim: Any, thigh: Any, shank: Any) -> Any:
        zero = osim.Vec3(0.0)
        return osim.ConstantCurvatureJoint("spine", thigh, osim.Vec3(0, -0.4, 0), zero, shank, zero, zero, zero, 0.3)

    body = load_body(write_model(tmp_path, lambda osim, model: None, knee=knee))
    assert any("moments are doubtful: spine (ConstantCurvatureJoint)." in note for note in body.notes)
    power = (compute_geometry(body, swing(body)).joint_moment * swing(body).speed.values).sum(axis=1)
    assert max(abs(power[k] - rate_of_energy(body, k)) for k in range(len(TIME))) > 0.2


# Paths


def give_path(make: Callable[[Any], Any], *, points: bool) -> Change:
    """A second muscle over the knee with another kind of path."""

    def add(osim: Any, model: Any) -> None:
        muscle = own(osim.Millard2012EquilibriumMuscle())
        muscle.setName("other_r")
        muscle.setMaxIsometricForce(800.0)
        muscle.setOptimalFiberLength(0.1)
        muscle.setTendonSlackLength(0.2)
        muscle.set_path(own(make(osim)))
        model.addForce(muscle)
        if points:
            path = osim.Scholz2015GeometryPath.safeDownCast(muscle.updPath())
            path.appendPathPoint(body_of(model, "femur_r"), osim.Vec3(0.04, -0.1, 0.0))
            path.appendPathPoint(body_of(model, "tibia_r"), osim.Vec3(0.05, -0.1, 0.0))

    return add


def fit(osim: Any) -> Any:
    """A length that is a polynomial of the knee's angle."""
    path = osim.FunctionBasedPath()
    path.setCoordinatePaths(["/jointset/knee_r/knee_angle_r"])
    path.setLengthFunction(own(polynomial(0.3, 0.04, 0.01)(osim)))
    return path


def test_a_fitted_path_has_arms_but_no_line(tmp_path: Path) -> None:
    """Its arm is minus the slope of its length; joint loads are refused, the picture leaves it out, a note says so."""
    body = load_body(write_model(tmp_path, give_path(fit, points=False)))
    movement = swing(body)
    knee = movement.coordinates.values[:, -1]
    np.testing.assert_allclose(compute_geometry(body, movement).moment_arm[:, -1, 1], -(0.04 + 0.02 * knee), atol=1e-9)
    with pytest.raises(InputError, match="path of muscle 'other_r' is a fitted function"):
        compute_lines(body, movement)
    picture = compute_picture(body, movement, 0)
    assert picture.lines("other_r") == () and len(picture.lines("vasti_r")) == 1
    assert any("path of other_r is a fitted function" in note for note in body.notes)


def test_a_path_of_points_of_another_kind_has_lines(tmp_path: Path) -> None:
    """One that OpenSim wraps by itself pulls on the same two bodies."""
    change = give_path(lambda osim: osim.Scholz2015GeometryPath(), points=True)
    body = load_body(write_model(tmp_path, change))
    lines = compute_lines(body, swing(body))
    assert not any("fitted" in note for note in body.notes)
    pull = {cut.joint: np.linalg.norm(lines.muscle_force[:, j, :, 1], axis=1) for j, cut in enumerate(lines.cuts)}
    np.testing.assert_allclose(pull["knee"], 1.0, atol=1e-9)
    np.testing.assert_allclose(pull["hip"], 0.0, atol=1e-9)


# Constraints


def couple(function: Callable[[Any], Any], *sources: str, dependent: str = "knee_angle_r") -> Change:
    """A coupler of the knee to other coordinates."""

    def add(osim: Any, model: Any) -> None:
        names = osim.ArrayStr()
        for source in sources:
            names.append(source)
        coupler = own(osim.CoordinateCouplerConstraint())
        coupler.setName(f"to_{len(sources)}")
        coupler.setIndependentCoordinateNames(names)
        coupler.setDependentCoordinateName(dependent)
        coupler.setFunction(own(function(osim)))
        model.addConstraint(coupler)

    return add


def polynomial(*coefficients: float, of: int = 1, order: int = 2) -> Callable[[Any], Any]:
    """A polynomial whose second derivative OpenSim gives as the first."""
    return lambda osim: osim.MultivariatePolynomialFunction(
        osim.Vector.createFromMat(np.array(coefficients)), of, order
    )


@pytest.mark.parametrize(
    "change",
    [
        couple(lambda osim: osim.LinearFunction(0.5, 0.1), "hip_flexion_r"),
        couple(polynomial(0.1, 0.5, 0.3), "hip_flexion_r"),
        couple(polynomial(0.0, 0.5, 0.3, 0.2, 0.1, 0.4, of=2), "hip_flexion_r", "pelvis_tilt"),
    ],
    ids=["linear", "wrong second derivative", "of two coordinates"],
)
def test_coupled_coordinates_do_the_work_that_they_should(tmp_path: Path, change: Change) -> None:
    """A follower is none of the body's coordinates; its acceleration is the second derivative of where it goes."""
    body = load_body(write_model(tmp_path, change))
    assert "knee_angle_r" not in body.coordinate_names
    assert_power(body)


def test_two_couplers_of_one_coordinate_are_refused(tmp_path: Path) -> None:
    """One of them would be broken."""

    def both(osim: Any, model: Any) -> None:
        couple(lambda o: o.LinearFunction(0.5, 0.1), "hip_flexion_r")(osim, model)
        couple(polynomial(0.0, 0.5, 0.3, of=2, order=1), "hip_flexion_r", "pelvis_tilt")(osim, model)

    path = write_model(tmp_path, both)
    with pytest.raises(InputError, match=r"Two couplers of small.osim tie 'knee_angle_r' to other coordinates; remove"):
        load_body(path)


def test_loops_are_named(tmp_path: Path) -> None:
    """What a weld to the ground carries, nobody knows; one that is switched off carries nothing."""

    def weld(osim: Any, model: Any, *, on: bool = True) -> None:
        zero = osim.Vec3(0.0)
        shank = body_of(model, "tibia_r")
        glue = own(osim.WeldConstraint("glued", model.getGround(), zero, zero, shank, zero, zero))
        glue.set_isEnforced(on)
        model.addConstraint(glue)

    (note,) = [n for n in load_body(write_model(tmp_path, weld)).notes if "Constraints" in n]
    assert re.fullmatch(r"Constraints .* not part of the inverse dynamics, .*: glued \(WeldConstraint\)\.", note)
    off = load_body(write_model(tmp_path, lambda osim, model: weld(osim, model, on=False)))
    assert "Switched off in the model and left out: glued (WeldConstraint)." in off.notes

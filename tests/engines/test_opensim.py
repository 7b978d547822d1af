"""OpenSim as an engine: its laws, and stored results of OpenSim itself."""

from __future__ import annotations

import importlib
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.postures import posture, still
from tests.helpers.recorded_trials import write_optimised_window

from gluteal.engines import compute_geometry, compute_mechanics, compute_picture, load_body, segment_points
from gluteal.errors import InputError, MissingEngine
from gluteal.kernels.contact import friction_rays
from gluteal.kernels.recruitment import solve_frames
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.movement import ExternalLoad, Movement, Support
from gluteal.movements.trials import load_trial
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import solve_sharing
from gluteal.sto import load_table

pytestmark = pytest.mark.opensim

#: Model, muscles, independent coordinates: read from the files themselves, by counting.
MODELS = {
    "walk_rajagopal2016/subject_walk_scaled.osim": (80, 31),
    "walk_rajagopal2016/reduced_18muscles/subject_walk_armless_18musc.osim": (18, 23),
    "walk_uhlrich2022/Rajagopal_scaled_Sub1_gasAvoid.osim": (80, 23),
    "squat_sts_opencap_s4/manually_scaled.osim": (80, 33),
    "model_fbls_gluteal_plus_lumbar/FBLSmodel.osim": (324, 39),
    "walk_3p6kmh_lowerlimb/gait2392.osim": (92, 23),
    "lift_squat5kg_backmodel/lumbarModel_scaled.osim": (166, 39),
    "sprint_emg_ja1/optimized_scale_and_markers.osim": (80, 49),
}
WALK, TREADMILL, SPINE, SPRINT, GAIT = (list(MODELS)[i] for i in (0, 2, 4, 7, 5))


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine itself is tested here, not its cache."""
    monkeypatch.setenv("GLUTEAL_CACHE", "off")


@pytest.fixture(scope="module")
def bodies(data: Path) -> dict[str, Body]:
    """All models of the data folder."""
    return {name: load_body(data / name) for name in MODELS}


@pytest.fixture(scope="module")
def walk(data: Path) -> Mechanics:
    """The overground walking trial."""
    trial = load_trial(data / "walk_rajagopal2016")
    return compute_mechanics(trial.body, trial.movement)


@pytest.fixture(scope="module")
def treadmill(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Mechanics:
    """The window of the treadmill trial for which a static optimisation is stored."""
    trial = load_trial(write_optimised_window(data, tmp_path_factory.mktemp("trial")))
    return compute_mechanics(trial.body, trial.movement)


@pytest.mark.parametrize("name", MODELS)
def test_models_load_with_all_muscles_and_independent_coordinates(bodies: dict[str, Body], name: str) -> None:
    """Every muscle class is read; dependent coordinates are projected out; parameters name their file."""
    body = bodies[name]
    assert (len(body.muscle_names), len(body.coordinates)) == MODELS[name]
    assert not any("beta" in c or "IVD" in c for c in body.coordinate_names)
    assert set(body.muscles["source"].values) == {f"model file {Path(name).name}"}
    assert body.mass > 50
    translations = {c.name for c in body.coordinates if c.kind == "translation"}
    assert translations <= {"pelvis_tx", "pelvis_ty", "pelvis_tz", "Abs_t1", "Abs_t2"}


def test_coordinates_keep_their_locks_and_kinds(bodies: dict[str, Body]) -> None:
    """Locked joints stay marked; net trunk coordinates that OpenSim calls coupled are rotations."""
    body = bodies[SPINE]
    assert body.coordinate("subtalar_angle_r").locked
    assert not body.coordinate("hip_flexion_r").locked
    assert body.coordinate("flex_extension").kind == "rotation"


def test_engine_says_nothing(
    data: Path, capfd: pytest.CaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading and computing print nothing, missing bone meshes included, and leave no log file."""
    monkeypatch.chdir(tmp_path)
    body = load_body(data / GAIT)
    compute_geometry(body, still(body, posture(body, 0)))
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_body_travels_between_processes(bodies: dict[str, Body]) -> None:
    """A pickled body computes the same geometry."""
    body = bodies[GAIT]
    copy = pickle.loads(pickle.dumps(body))
    movement = still(body, posture(body, 1))
    np.testing.assert_array_equal(
        compute_geometry(copy, movement).moment_arm, compute_geometry(body, movement).moment_arm
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_moment_arms_are_central_differences_of_length(bodies: dict[str, Body], name: str) -> None:
    """-d(length)/d(coordinate), dependent coordinates following.

    Straight paths agree to the error of the difference (1e-6 m). OpenSim's wrapped paths are not exactly the
    shortest ones: 2 mm over cylinders, 10 mm over ellipsoids, but for the muscles that the notes name.
    """
    body = bodies[name]
    q, step = posture(body, 4), 1e-5
    frames = [q] + [q + s * e for e in step * np.eye(len(q)) for s in (1, -1)]
    geometry = compute_geometry(body, still(body, np.array(frames)))
    slope = (geometry.mtu_length[1::2] - geometry.mtu_length[2::2]) / (2 * step)
    error = np.abs(geometry.moment_arm[0] + slope).max(axis=0)
    muscles = [body.model.model.getMuscles().get(m) for m in body.muscle_names]
    wraps = [{w.getConcreteClassName() for w in wrapped_over(m)} for m in muscles]
    tolerance = np.array([1e-6 if not w else 2e-3 if w <= {"WrapCylinder"} else 1e-2 for w in wraps])
    named = np.array([any(f"{m} (" in note for note in body.notes) for m in body.muscle_names])
    assert not all(wraps)  # some paths are straight
    assert (error < tolerance)[~named].all()


def wrapped_over(muscle: Any) -> list[Any]:
    """The surfaces that a muscle's path may wrap over."""
    wraps = muscle.getGeometryPath().getWrapSet()
    return [wraps.get(i).getWrapObject() for i in range(wraps.getSize())]


@pytest.mark.parametrize("name", [WALK, SPINE, GAIT])
def test_moment_arms_are_opensims_own(bodies: dict[str, Body], name: str) -> None:
    """Equal to GeometryPath.computeMomentArm wherever a path crosses; exactly 0 elsewhere."""
    body, rng = bodies[name], np.random.default_rng(0)
    handle, q = body.model, posture(bodies[name], 5)
    arm = compute_geometry(body, still(body, q)).moment_arm[0]
    handle.place(handle.expand_posture(q))
    for k, m in rng.permutation(np.argwhere(handle.crossed))[:25]:
        theirs = handle.paths[m].computeMomentArm(handle.state, handle.coordinates[handle.free[k]])
        assert arm[k, m] == pytest.approx(theirs, abs=1e-12)
    assert (arm[~handle.crossed] == 0.0).all()


@pytest.mark.parametrize("name", [WALK, SPINE, SPRINT])
def test_power_of_joint_moments_is_the_rate_of_energy(bodies: dict[str, Body], name: str) -> None:
    """sum(moment * speed) = d(kinetic + potential energy)/dt without loads.

    Holds only with gravity, coupled coordinates and joints whose speeds are not rates of coordinates (the
    ellipsoid joints of the sprinter) all right. Tolerance: OpenSim itself misses 0.02 N m per (rad/s)^2 at
    knees with three rotating axes; its constant-curvature joints miss more and are kept still.
    """
    body, step = bodies[name], 1e-4
    rng = np.random.default_rng(2)
    q, v, a = posture(body, 6, 0.2), *rng.normal(size=(2, len(body.coordinates)))
    curved = [c.startswith(("lumbar", "thorax", "head")) for c in body.coordinate_names]
    v = np.where(curved, 0.0, v) if name == SPRINT else v
    handle, mass = body.model, body.mass

    def energy(t: float) -> float:
        value, speed, *_ = handle.expand(q + v * t + a * t**2 / 2, v + a * t, a)
        handle.place(value)
        handle.inverse_dynamics(speed, 0 * speed)
        matter = handle.matter
        height = matter.calcSystemMassCenterLocationInGround(handle.state).to_numpy()[1]
        g = -handle.model.getGravity().to_numpy()[1]
        return matter.calcKineticEnergy(handle.state) + mass * g * height

    movement = still(body, q)
    moving = Movement("m", "M", "trial", movement.coordinates, movement.speed + v, movement.acceleration + a)
    power = float(compute_geometry(body, moving).joint_moment[0] @ v)
    assert power == pytest.approx((energy(step) - energy(-step)) / (2 * step), rel=1e-4)


def test_support_rays_are_virtual_work(bodies: dict[str, Body]) -> None:
    """A ray's generalised force is its direction times d(point)/d(coordinate); none while inactive."""
    body, step = bodies[WALK], 1e-6
    q = posture(body, 7)
    where = ("calcn_r", (0.1, -0.02, 0.01))
    support = Support("heel", *where, normal=(0.0, 1.0, 0.0), friction=0.5, active=np.array([True, False]))
    geometry = compute_geometry(body, still(body, np.array([q, q]), supports=(support,)))
    rays = friction_rays(np.array(support.normal), support.friction)
    moved = [segment_points(body, q + s * e, [where])[0] for e in step * np.eye(len(q)) for s in (1, -1)]
    jacobian = (np.array(moved[::2]) - np.array(moved[1::2])) / (2 * step)
    np.testing.assert_allclose(geometry.support_arm[0], jacobian @ rays.T, atol=1e-8)
    assert (geometry.support_arm[1] == 0).all()
    assert geometry.ray_support == ("heel",) * 4
    np.testing.assert_array_equal(geometry.ray_direction, rays)


def test_measured_load_takes_over_what_a_support_would(bodies: dict[str, Body]) -> None:
    """Joint moments with a load are those without it, minus support arms times that force."""
    body, q = bodies[WALK], posture(bodies[WALK], 8)
    where = ("calcn_l", (0.05, 0.0, 0.0))
    support = Support("foot", *where, friction=0.7)
    free = compute_geometry(body, still(body, q, supports=(support,)))
    strength = np.array([100.0, 200.0, 50.0, 300.0])
    point = segment_points(body, q, [where])
    load = ExternalLoad("foot", where[0], (strength @ free.ray_direction)[None], point, np.zeros((1, 3)))
    loaded = compute_geometry(body, still(body, q, loads=(load,)))
    expected = free.joint_moment - free.support_arm @ strength
    np.testing.assert_allclose(loaded.joint_moment, expected, atol=1e-8)


def test_friction_rays_lie_on_the_cone() -> None:
    """Four unit vectors, each at atan(friction) from the normal, summing to a vector along it."""
    for normal in np.random.default_rng(0).normal(size=(10, 3)):
        n = normal / np.linalg.norm(normal)
        rays = friction_rays(normal, 0.6)
        np.testing.assert_allclose(np.linalg.norm(rays, axis=1), 1.0)
        np.testing.assert_allclose(rays @ n, 1 / np.hypot(1.0, 0.6))
        np.testing.assert_allclose(np.cross(rays.sum(axis=0), n), 0.0, atol=1e-12)


@pytest.mark.parametrize("part", ["load", "support"])
def test_unknown_segment_gets_the_close_names(bodies: dict[str, Body], part: str) -> None:
    """A load or support on a body that the model lacks is refused with names that come near."""
    body = bodies[WALK]
    q, zero = posture(body, 0), np.zeros((1, 3))
    parts = {
        "load": {"loads": (ExternalLoad("plate 1", "calcaneus_r", zero, zero, zero),)},
        "support": {"supports": (Support("plate 1", "calcaneus_r", (0.0, 0.0, 0.0)),)},
    }[part]
    with pytest.raises(InputError) as caught:
        compute_geometry(body, still(body, q, **parts))
    assert str(caught.value) == (
        f"{part.capitalize()} 'plate 1' acts on the body 'calcaneus_r', which the model "
        "subject_walk_scaled.osim does not have. Close names: calcn_r, talus_r, calcn_l, talus_l. "
        "Name one of its 22 bodies."
    )


def test_missing_and_broken_models_are_refused(tmp_path: Path) -> None:
    """No file, and a file that is no model."""
    with pytest.raises(InputError, match=r"There is no model file '.*nobody.osim'; give the path of an .osim file."):
        load_body(tmp_path / "nobody.osim")
    (tmp_path / "broken.osim").write_text("<OpenSimDocument Version='40000'><Model><oops></OpenSimDocument>")
    with pytest.raises(InputError, match=r"broken.osim cannot be read as XML \(mismatched tag: line 1, column \d+\)"):
        load_body(tmp_path / "broken.osim")
    (tmp_path / "cut.osim").write_text("<OpenSimDocument><Model/></OpenSimDocument>")
    with pytest.raises(InputError, match=r"OpenSim cannot read the model cut.osim: .* save it there once\."):
        load_body(tmp_path / "cut.osim")
    (tmp_path / "other.osim").write_text("<OpenSimDocument Version='40000'><Oops/></OpenSimDocument>")
    with pytest.raises(InputError, match=r"other.osim has no coordinates"):
        load_body(tmp_path / "other.osim")


def test_missing_engine_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the opensim package the message says how to install it."""
    monkeypatch.setitem(sys.modules, "opensim", None)
    monkeypatch.delitem(sys.modules, "gluteal.engines.opensim.engine", raising=False)
    monkeypatch.delitem(sys.modules, "gluteal.engines.opensim.osim", raising=False)
    with pytest.raises(MissingEngine, match=r"needs OpenSim.*pip install 'gluteal\[opensim\]'"):
        importlib.import_module("gluteal.engines.opensim.engine")


def test_picture_joins_feet_to_pelvis(bodies: dict[str, Body]) -> None:
    """Sticks meet at joint centres; paths end where the muscle's length says; supports are placed."""
    body, q = bodies[WALK], posture(bodies[WALK], 9)
    support = Support("heel", "calcn_r", (0.0, 0.0, 0.0))
    movement = still(body, q, supports=(support,))
    picture = compute_picture(body, movement, 0)
    assert picture.bones == ()
    assert picture.sticks.shape[1:] == (2, 3)
    hip, heel = segment_points(body, q, [("femur_r", (0.0, 0.0, 0.0)), ("calcn_r", (0.0, 0.0, 0.0))])
    starts, ends = picture.sticks.transpose(1, 0, 2)
    assert np.isclose(starts, hip).all(axis=1).any()
    assert np.isclose(ends, hip).all(axis=1).any()  # a stick from the pelvis ends where the thigh begins
    np.testing.assert_allclose(picture.supports["heel"], heel)
    length = dict(zip(body.muscle_names, compute_geometry(body, movement).mtu_length[0], strict=True))
    soleus = np.linalg.norm(np.diff(picture.muscles["soleus_r"], axis=0), axis=1).sum()
    assert soleus == pytest.approx(length["soleus_r"], abs=1e-9)  # a straight path


def stored_moments(table_path: Path, mechanics: Mechanics) -> dict[str, float]:
    """Root mean square difference of joint moments from a stored inverse dynamics, N m or N."""
    table = load_table(table_path)
    found = {}
    for name in mechanics.body.coordinate_names:
        for label in (f"{name}_moment", f"{name}_force"):
            if label in table.columns:
                stored = np.interp(mechanics.time, table.time, table.column(label))
                ours = mechanics.dataset["joint_moment"].sel(coordinate=name).values
                found[name] = float(np.sqrt(np.mean((ours - stored) ** 2)))
    return found


def test_joint_moments_are_opensims_treadmill(treadmill: Mechanics, data: Path) -> None:
    """results_id.sto (OpenSim 4.2's inverse dynamics tool at 6 Hz) to 0.1 N m and 0.1 N.

    All but the knees agree to 0.005; there ours include the patella, which follows the knee (0.06 N m).
    """
    error = stored_moments(data / "walk_uhlrich2022" / "results_id.sto", treadmill)
    assert len(error) == 23
    assert max(error.values()) < 0.1


def test_joint_moments_are_opensims_overground(walk: Mechanics, data: Path) -> None:
    """id_walk.sto (OpenSim's Moco example) to 1 N m in every leg joint; measured: 0.06 to 0.68 N m.

    The stored file was made from another version of the coordinates, so it cannot be met exactly.
    """
    error = stored_moments(data / "walk_rajagopal2016" / "id_walk.sto", walk)
    legs = {n: e for n, e in error.items() if n.startswith(("hip", "knee", "ankle"))}
    assert len(legs) == 10
    assert max(legs.values()) < 1.0


def test_partial_nerve_block_leaves_walking_possible_and_full_loss_does_not(walk: Mechanics) -> None:
    """46 % loss (a measured block) needs no reserve; full loss lacks 13-25 N m; gluteus maximus does little.

    Expected numbers: the project's own trial with another solver (Clarabel) and another implementation.
    """

    def solve(condition: Condition | None = None) -> tuple[dict[str, float], float]:
        solved = solve_sharing(walk, condition=condition)
        reserve = {
            str(c): float(r) for c, r in zip(solved.residual()["coordinate"].values, solved.residual(), strict=True)
        }
        return reserve, float(solved.dataset["effort"].sum())

    intact, effort = solve()
    assert max(intact.values()) < 0.1
    partial, _ = solve(Condition.block("superior gluteal", loss=0.46, side="r"))
    assert max(partial.values()) < 1.0
    full, _ = solve(Condition.block("superior gluteal", loss=1.0, side="r"))
    assert 13.0 < max(r for c, r in full.items() if c.startswith("hip") and c.endswith("_r")) < 25.0
    assert max(r for c, r in full.items() if c.endswith("_l")) < 0.1
    quiet, costly = solve(Condition.weaken("glmax", loss=1.0, side="r"))
    assert max(quiet.values()) < 1.0
    assert costly / effort < 1.1


def compare(ours: np.ndarray, stored: np.ndarray) -> tuple[float, float]:
    """Pooled root mean square difference (N) and correlation of muscle forces."""
    return float(np.sqrt(np.mean((ours - stored) ** 2))), float(np.corrcoef(ours.ravel(), stored.ravel())[0, 1])


def test_muscle_forces_agree_with_stored_static_optimisation(treadmill: Mechanics, data: Path) -> None:
    """Uhlrich et al. 2022 (compliant tendons, Millard curves, no force-velocity, passive forces).

    Our default (rigid tendons, De Groote-Fregly curves, force-velocity): pooled 76 N, r = 0.91, the
    difference sitting in the muscles of the calf with their long tendons. With the stored fibre lengths, the
    stored curves and no force-velocity the same solver comes to 12 N, r = 0.998: geometry, moments and
    recruitment agree, the muscle model makes the difference.
    """
    folder = data / "walk_uhlrich2022" / "results_SO"
    forces, states = load_table(folder / "results_forces.sto"), load_table(folder / "results_states.sto")
    body, names = treadmill.body, treadmill.body.muscle_names
    stored = np.stack([forces.column(m) for m in names], axis=1)
    error, correlation = compare(solve_sharing(treadmill).dataset["muscle_force"].values, stored)
    assert error < 85.0
    assert correlation > 0.9

    labels = {c.split("/")[-2]: c for c in states.columns if c.endswith("/fiber_length")}
    table = body.muscles
    optimal, strength = table["optimal_fiber_length"].values, table["max_isometric_force"].values
    length = np.stack([states.column(labels[m]) for m in names], axis=1) / optimal
    cosine = np.sqrt(1 - np.minimum(np.sin(table["pennation_angle"].values) / length, 0.995) ** 2)
    active, passive = millard_curves(body, length)
    active, passive = strength * active * cosine, strength * passive * cosine
    rows = treadmill.dataset["recruited"].values
    arm = treadmill.dataset["moment_arm"].values[:, rows]
    demand = treadmill.dataset["joint_moment"].values[:, rows] - np.einsum("tqm,tm->tq", arm, passive)
    ones = np.ones_like(active)
    solved = solve_frames(
        arm * active[:, None, :], np.zeros((*demand.shape, 0)), demand, 0 * ones, ones, ones, reserve_cost=1.0
    )
    error, correlation = compare(active * solved.activation + passive, stored)
    assert error < 20.0
    assert correlation > 0.995


def millard_curves(body: Body, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Active and passive force-length multipliers (T, M) of the model's own muscles."""
    import opensim as osim

    muscles = body.model.model.getMuscles()
    own = [osim.Millard2012EquilibriumMuscle.safeDownCast(muscles.get(m)) for m in body.muscle_names]
    curves = [(m.getActiveForceLengthCurve(), m.getFiberForceLengthCurve()) for m in own]
    active = [[c.calcValue(float(x)) for (c, _), x in zip(curves, row, strict=True)] for row in length]
    passive = [[c.calcValue(float(x)) for (_, c), x in zip(curves, row, strict=True)] for row in length]
    return np.array(active), np.array(passive)

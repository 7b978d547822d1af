"""The embedded body: parameters, symmetry, paths, and the targets that its corrections were made for."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.packages import needs

from gluteal.engines import compute_geometry, compute_mechanics, load_body
from gluteal.held_against.body import audit_body
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body
from gluteal.mechanics.movement import Movement
from gluteal.vocabulary import ROOT_COORDINATES

HIPS = ("hip_flexion", "hip_adduction", "hip_rotation")


@pytest.fixture(scope="module")
def myo() -> Body:
    return load_body("myo")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def still(body: Body, postures: np.ndarray) -> Movement:
    """A movement of unrelated postures (T, Q), rad, each held still."""
    values = xr.DataArray(
        postures,
        dims=("time", "coordinate"),
        coords={"time": np.arange(len(postures), dtype=float), "coordinate": list(body.coordinate_names)},
    )
    rest = xr.zeros_like(values)
    return Movement("postures", "Postures", "task", values, rest, rest)


def other_side(name: str) -> str:
    return name[:-2] + {"_r": "_l", "_l": "_r"}[name[-2:]]


def test_the_table_is_complete_and_physical(myo) -> None:
    assert len(myo.muscle_names) == 280  # 80 of the legs and 12 that they lacked, 210 of the trunk less 22 of psoas
    for column in MUSCLE_PARAMETERS:
        values = myo.muscles[column].values
        assert np.all(np.isfinite(values))
        if column == "passive_onset_strain":
            assert np.all(abs(values) <= 0.2)  # calibrated to within a fifth of the optimal length
        else:
            assert np.all(values >= 0) if column == "pennation_angle" else np.all(values > 0)
    assert all(myo.muscles["source"].values)


def test_both_sides_have_the_same_parameters(myo) -> None:
    names = list(myo.muscle_names)
    for column in MUSCLE_PARAMETERS:
        values = dict(zip(names, myo.muscles[column].values, strict=True))
        assert all(values[n] == values[other_side(n)] for n in names)


def test_both_sides_have_the_same_lengths_and_moment_arms(myo, rng) -> None:
    legs = [n for n in myo.coordinate_names if n.endswith("_r")]
    posture = np.zeros((6, len(myo.coordinates)))
    index = {n: k for k, n in enumerate(myo.coordinate_names)}
    for name in legs:
        low, high = myo.coordinate(name).range
        value = rng.uniform(max(low, -0.5), min(high, 1.5), 6)
        posture[:, index[name]] = posture[:, index[other_side(name)]] = value
    geometry = compute_geometry(myo, still(myo, posture))
    muscles = {n: k for k, n in enumerate(myo.muscle_names)}
    right = [k for n, k in muscles.items() if n.endswith("_r")]
    left = [muscles[other_side(n)] for n in muscles if n.endswith("_r")]
    # The trunk's sites are mirrored to the six digits of the model file.
    np.testing.assert_allclose(geometry.mtu_length[:, right], geometry.mtu_length[:, left], atol=1e-5)
    for name in legs:
        here, there = index[name], index[other_side(name)]
        np.testing.assert_allclose(
            geometry.moment_arm[:, here][:, right], geometry.moment_arm[:, there][:, left], atol=1e-6
        )


def test_moment_arms_are_minus_the_derivative_of_length(myo, rng) -> None:
    names = list(myo.coordinate_names)
    own = [k for k, n in enumerate(names) if n not in ROOT_COORDINATES]
    step = 1e-5
    base = np.zeros((4, len(names)))
    for k in own:
        low, high = myo.coordinates[k].range
        base[:, k] = rng.uniform(max(low, -0.35) + step, min(high, 0.9) - step, 4)
    arms = compute_geometry(myo, still(myo, base)).moment_arm
    for k in own:
        shift = np.zeros(len(names))
        shift[k] = step
        lengths = [compute_geometry(myo, still(myo, base + s * shift)).mtu_length for s in (1, -1)]
        # Truncation is below 1e-10; a wrapping surface entered within the step costs up to its curvature.
        np.testing.assert_allclose(arms[:, k], -(lengths[0] - lengths[1]) / (2 * step), atol=2e-6)


def test_no_muscle_jumps_in_the_hip_s_range(myo) -> None:
    """Lengths along hip flexion bend by less than 0.1 mm per degree squared; a jump is 1 mm and more."""
    flexion = np.radians(np.arange(-20.0, 111.0, 1.0))
    names = list(myo.coordinate_names)
    worst = {}
    for adduction in (-20.0, 0.0, 20.0):
        for rotation in (-20.0, 0.0, 20.0):
            posture = np.zeros((len(flexion), len(names)))
            for side in "rl":
                angles = (flexion, np.radians(adduction), np.radians(rotation))
                for hip, value in zip(HIPS, angles, strict=True):
                    posture[:, names.index(f"{hip}_{side}")] = value
            length = compute_geometry(myo, still(myo, posture)).mtu_length
            bend = np.abs(np.diff(length, 2, axis=0)).max(axis=0)
            for muscle, value in zip(myo.muscle_names, bend, strict=True):
                worst[muscle] = max(worst.get(muscle, 0.0), value)
    assert {m: v for m, v in worst.items() if v > 1e-4} == {}


def test_upright_trunk_is_passively_at_rest(myo) -> None:
    """Relaxed standing needs no passive muscle; the lumbar model's own parameters give 42 N m of flexion.

    What is left is psoas, whose passive force was calibrated about the hip (Silder et al. 2007): below 1 N m.
    """
    dataset = compute_mechanics(myo, still(myo, np.zeros((1, len(myo.coordinates))))).dataset
    lumbar = [c for c in myo.coordinate_names if c.startswith("lumbar_")]
    arm = dataset["moment_arm"].sel(coordinate=lumbar).isel(time=0)
    moment = (arm * dataset["passive_force"].isel(time=0)).sum("muscle")
    assert float(abs(moment).max()) < 1.0  # N m
    psoas = arm["muscle"].isin(["psoas_r", "psoas_l"])
    assert float(abs((arm * dataset["passive_force"].isel(time=0)).where(~psoas, 0.0).sum("muscle")).max()) < 0.1
    crossing = ((abs(arm) > 1e-4).any("coordinate") & ~psoas).values
    assert crossing.sum() == 186  # the two T1 slips of longissimus end on the rigid thorax and cross nothing
    # Six digits of length in the table, five of symmetry in the model.
    assert float(dataset["fiber_length"].isel(time=0).values[crossing].max()) < 1.0 + 1e-3


def test_trunk_strength_is_human(myo) -> None:
    """All extensors fully active upright: men reach about 200 N m, women two thirds (McNeill 1980)."""
    dataset = compute_mechanics(myo, still(myo, np.zeros((1, len(myo.coordinates))))).dataset
    moment = (dataset["moment_arm"] * dataset["active_capacity"]).isel(time=0).sel(coordinate="lumbar_extension")
    extension, flexion = float(moment.clip(min=0).sum()), -float(moment.clip(max=0).sum())
    assert 120 < extension < 300 and 80 < flexion < 220


def at_generic_size(model: Path, folder: Path) -> Path:
    """Undo the scaling of an OpenSim model: each segment back by the factors of its bone meshes."""
    osim = needs("opensim")
    osim.Logger.setLevelString("error")
    scaled = osim.Model(str(model))
    state = scaled.initSystem()
    factors = osim.ScaleSet()
    for k in range(scaled.getBodySet().getSize()):
        segment = scaled.getBodySet().get(k)
        mesh = segment.get_attached_geometry(0).get_scale_factors()
        scale = osim.Scale()
        scale.setSegmentName(segment.getName())
        scale.setScaleFactors(osim.Vec3(*[1.0 / mesh.get(i) for i in range(3)]))
        scale.setApply(True)
        factors.cloneAndAppend(scale)
    scaled.scale(state, factors, False)
    path = folder / "generic.osim"
    scaled.printToXML(str(path))
    return path


def test_hip_muscles_meet_the_targets_at_the_reference_s_generic_size(myo, data, tmp_path) -> None:
    """Moment arms within 10 % or 3 mm, capacity within 20 %, parameters within 10 %."""
    model = at_generic_size(data / "walk_rajagopal2016" / "subject_walk_scaled.osim", tmp_path)
    audit = audit_body(myo, load_body(model))
    assert len(audit.rows) > 500 and not audit.unmatched and not audit.renamed
    missed = [(r.muscle, r.quantity, r.hip_flexion_deg, r.ratio) for r in audit.rows if not r.within_target]
    assert missed == []


def test_knee_muscles_have_the_reference_s_moment_arms(myo, data, tmp_path) -> None:
    """Within 3 mm from 30 to 110 degrees; with its axis in the wrong place the knee was 8-16 mm off."""
    model = load_body(at_generic_size(data / "walk_rajagopal2016" / "subject_walk_scaled.osim", tmp_path))
    muscles = (
        "bflh_r",
        "bfsh_r",
        "semimem_r",
        "semiten_r",
        "recfem_r",
        "vasint_r",
        "vaslat_r",
        "vasmed_r",
        "gasmed_r",
    )
    arms = []
    for body in (myo, model):
        k = body.coordinate_names.index("knee_angle_r")
        posture = np.zeros((5, len(body.coordinates)))
        posture[:, k] = np.radians([30, 50, 70, 90, 110])
        index = [body.muscle_names.index(m) for m in muscles]
        arms.append(compute_geometry(body, still(body, posture)).moment_arm[:, k][:, index])
    np.testing.assert_allclose(arms[0], arms[1], atol=0.003)


@pytest.mark.opensim
def test_hip_muscles_against_the_scaled_reference(myo, data) -> None:
    """The subject's pelvis is 8-15 % larger: what is missed is known and listed in docs/body-myo.md."""
    audit = audit_body(myo, load_body(data / "walk_rajagopal2016" / "subject_walk_scaled.osim"))
    missed = {(r.muscle[:-2], r.quantity, r.hip_flexion_deg) for r in audit.failed}
    assert missed == {
        *((m, "active_capacity", a) for m in ("bflh", "semimem", "semiten") for a in (60.0, 90.0)),
        ("tfl", "active_capacity", 60.0),
    }

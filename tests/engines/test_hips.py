"""Published hips: what every path does over the whole range of the hip, and where the tables come from."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gluteal.engines import compute_geometry, compute_lines, compute_picture, load_body
from gluteal.engines.cache import computed_afresh
from gluteal.engines.mujoco.engine import compute_geometries, load, with_hip
from gluteal.engines.myo import hip_tendons
from gluteal.engines.myo.hips import OWN_HIP, PathWrap, added_muscles, hip_paths, hip_sources, hip_supplier
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement

HIPS = ("hip_flexion", "hip_adduction", "hip_rotation")
SCRIPT = Path(__file__).parents[2] / "docs" / "make_hips.py"


@pytest.fixture(scope="module")
def bodies() -> dict[str, Body]:
    return {hip: load_body("myo", hip=hip) for hip in hip_sources()}


def bent(body: Body, flexion: np.ndarray, adduction: float = 0.0, rotation: float = 0.0) -> Movement:
    """Both hips flexed by each of some angles (T,), degrees, and turned by the others; all else neutral."""
    names = list(body.coordinate_names)
    posture = np.zeros((len(flexion), len(names)))
    for side in "rl":
        for hip, angle in zip(HIPS, (flexion, adduction, rotation), strict=True):
            posture[:, names.index(f"{hip}_{side}")] = np.radians(angle)
    coords = {"time": np.arange(len(flexion), dtype=float), "coordinate": names}
    values = xr.DataArray(posture, dims=("time", "coordinate"), coords=coords)
    rest = xr.zeros_like(values)
    return Movement("postures", "Postures", "task", values, rest, rest)


def arms(bodies: dict[str, Body], coordinate: str, flexion: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Hip -> muscle -> arm at each flexion, mm, right side."""
    some = list(bodies.values())
    at = some[0].coordinate_names.index(f"{coordinate}_r")
    found = compute_geometries(some, bent(some[0], flexion))
    return {
        hip: {m: 1000.0 * g.moment_arm[:, at, i] for i, m in enumerate(body.muscle_names)}
        for (hip, body), g in zip(bodies.items(), found, strict=True)
    }


def test_no_path_of_any_source_jumps(bodies: dict[str, Body]) -> None:
    """Lengths along flexion bend by less than 0.1 mm per degree squared, ad- and abducted and turned by 20 degrees."""
    some = list(bodies.values())
    worst: dict[tuple[str, str], float] = {}
    fine = np.arange(-20.0, 111.0, 1.0)
    for adduction in (-20.0, 0.0, 20.0):
        for rotation in (-20.0, 0.0, 20.0):
            found = compute_geometries(some, bent(some[0], fine, adduction, rotation))
            for body, geometry in zip(some, found, strict=True):
                bend = np.abs(np.diff(geometry.mtu_length, 2, axis=0)).max(axis=0)
                for muscle, value in zip(body.muscle_names, bend, strict=True):
                    worst[body.name, muscle] = max(worst.get((body.name, muscle), 0.0), float(value))
    assert {key: value for key, value in worst.items() if value > 1e-4} == {}


def test_gluteus_maximus_never_becomes_a_flexor(bodies: dict[str, Body]) -> None:
    """In vivo it extends by 31 mm at 90 degrees (Nemeth and Ohlsen 1985); a straight line flexes by 28 there."""
    for hip, found in arms(bodies, "hip_flexion", np.arange(-20.0, 91.0, 10.0)).items():
        for part in ("glmax1_r", "glmax2_r", "glmax3_r"):
            assert found[part].max() < -5.0, (hip, part)
        assert np.mean([found[f"glmax{part}_r"][-1] for part in (1, 2, 3)]) < -15.0, hip


def test_rotation_arms_turn_with_flexion_where_nature_s_do(bodies: dict[str, Body]) -> None:
    """Piriformis and the back of gluteus medius turn the straight hip outward and the flexed one inward (Delp 1999,
    and both cadavers); quadratus femoris turns outward throughout; the front of gluteus medius gains inward turn.
    """
    for hip, found in arms(bodies, "hip_rotation", np.array([0.0, 60.0, 90.0])).items():
        for muscle in ("piri_r", "glmed3_r"):
            assert found[muscle][0] < -8.0 and found[muscle][2] > 10.0, (hip, muscle, found[muscle])
        assert (found["quadfem_r"] < -15.0).all(), hip
        assert found["glmed1_r"][1] > found["glmed1_r"][0] + 20.0, hip


def test_adductors_extend_the_flexed_hip_and_flexors_flex(bodies: dict[str, Body]) -> None:
    """Short adductors change from flexors to extensors as the hip flexes (Dostal and Andrews 1981, TLEM)."""
    for hip, found in arms(bodies, "hip_flexion", np.array([-15.0, 0.0, 30.0, 90.0])).items():
        assert found["addbrev_r"][0] > 10.0 and found["addbrev_r"][3] < -10.0, hip
        for muscle in ("psoas_r", "iliacus_r", "recfem_r", "sart_r", "tfl_r"):
            assert (found[muscle] > 5.0).all(), (hip, muscle, found[muscle])


def test_psoas_acts_on_the_spine_and_on_the_hip(bodies: dict[str, Body]) -> None:
    """One muscle from L1-L5 to the femur: 15 mm and more to either; the lumbar slips are gone."""
    for hip, body in bodies.items():
        geometry = compute_geometry(body, bent(body, np.zeros(1)))
        arm = geometry.moment_arm[0, :, body.muscle_names.index("psoas_r")]
        names = body.coordinate_names
        assert arm[names.index("hip_flexion_r")] > 0.015, hip
        assert abs(arm[names.index("lumbar_bending")]) > 0.015, hip
        assert not any(name.startswith("Ps_") for name in body.muscle_names)


def test_a_muscle_of_many_lines_is_their_mean(bodies: dict[str, Body]) -> None:
    """Twelve lines of gluteus medius, four a part; arms stay minus the derivative of length, the picture shows all."""
    body = bodies["tlem2"]
    step = 1e-5
    angles = (30.0 + np.degrees(d) for d in (step, -step, 0.0))
    here, there, base = (compute_geometry(body, bent(body, np.array([angle]))) for angle in angles)
    slope = -(here.mtu_length - there.mtu_length)[0] / (2.0 * step)
    sides = [body.coordinate_names.index(f"hip_flexion_{side}") for side in "rl"]
    np.testing.assert_allclose(base.moment_arm[0, sides].sum(axis=0), slope, atol=2e-6)
    picture = compute_picture(body, bent(body, np.zeros(1)), 0)
    lines = picture.lines("glmed1_r")
    assert len(lines) == 4 and sum(len(picture.lines(f"glmax{part}_r")) for part in (1, 2, 3)) == 12
    length = np.mean([np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in lines])
    straight = compute_geometry(body, bent(body, np.zeros(1)))
    assert straight.mtu_length[0, body.muscle_names.index("glmed1_r")] == pytest.approx(length, abs=1e-9)


def test_lines_pull_as_their_muscle_turns(bodies: dict[str, Body]) -> None:
    """Each line carries its share of the force: at the hip their moments are force times moment arm."""
    body = bodies["tlem2"]
    pose = bent(body, np.array([20.0]))
    lines, geometry = compute_lines(body, pose), compute_geometry(body, pose)
    cut = next(i for i, c in enumerate(lines.cuts) if (c.joint, c.side) == ("hip", "r"))
    at = body.coordinate_names.index("hip_flexion_r")
    for muscle in ("glmed2_r", "glmax1_r", "psoas_r", "addmagMid_r"):
        i = body.muscle_names.index(muscle)
        assert 0.5 < np.linalg.norm(lines.muscle_force[0, cut, :, i]) <= 1.0 + 1e-9, muscle
        about = lines.muscle_moment[0, cut, 2, i]  # the axis of flexion points right, as the world's third
        assert about == pytest.approx(geometry.moment_arm[0, at, i], abs=1e-6), muscle


def test_suppliers_are_said(bodies: dict[str, Body]) -> None:
    """Every muscle's source names whose path it takes; what the body lacks is in every hip."""
    for hip, body in bodies.items():
        for name, text in zip(body.muscle_names, body.muscles["source"].values, strict=True):
            supplier = hip_supplier(hip, name[:-2])
            if name[:-2] in added_muscles() or (supplier != OWN_HIP and name[:-2] in hip_paths(supplier)):
                assert hip_sources()[supplier].source in str(text), (hip, name)
        assert {f"{m}_{s}" for m in added_muscles() for s in "rl"} <= set(body.muscle_names)
        assert (body.muscles["tendon_slack_length"].values > 0.0).all()


def test_the_tables_are_what_the_script_makes(data: Path, tmp_path: Path) -> None:
    """From the published points, to the last digit; a moved point would show."""
    anatomy = data.parent / "anatomy"
    if not anatomy.is_dir():
        pytest.skip("the anatomical tables are not here")
    script = runpy.run_path(str(SCRIPT))
    (tmp_path / "engines" / "myo").mkdir(parents=True)
    (tmp_path / "sources" / "published").mkdir(parents=True)
    script["main"].__globals__["TABLES"] = tmp_path / "engines" / "myo"
    script["main"](anatomy, data / "walk_3p6kmh_lowerlimb" / "gait2392.osim")
    package = Path(__file__).parents[2] / "src" / "gluteal"
    for made in tmp_path.rglob("*.csv"):
        kept = package / made.relative_to(tmp_path)
        assert made.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), made.name
    assert len(list(tmp_path.rglob("*.csv"))) == 4


def test_a_planted_jump_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cylinder whose path may run before or behind makes the muscle leap over it, and become a flexor."""
    published = hip_tendons.hip_wraps

    def planted(hip: str) -> dict[str, PathWrap]:
        return {m: replace(wrap, outward=np.array([-1.0, 0.0, 0.0])) for m, wrap in published(hip).items()}

    monkeypatch.setattr(hip_tendons, "hip_wraps", planted)
    with computed_afresh():  # not the body as it is kept
        body = with_hip(load("myo"), "tlem2")
    found = compute_geometry(body, bent(body, np.arange(0.0, 111.0, 1.0), 20.0, 20.0))
    part = body.muscle_names.index("glmax1_r")
    assert np.abs(np.diff(found.mtu_length[:, part], 2)).max() > 1e-3
    assert found.moment_arm[-1, body.coordinate_names.index("hip_flexion_r"), part] > 0.0

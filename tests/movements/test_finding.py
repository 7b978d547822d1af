"""What a person would find in a folder is found: files, columns, units; what cannot be told is named."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.recorded_trials import GRF, IK, copy_treadmill, refusal

from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.loads import find_forces
from gluteal.movements.trials.tables import classify
from gluteal.sto import load_table, save_table

pytestmark = pytest.mark.opensim

#: Columns of the force table by plate: force, centre of pressure, torque.
PLATES = (
    ("ground_force_v", "ground_force_p", "ground_torque_"),
    ("1_ground_force_v", "1_ground_force_p", "1_ground_torque_"),
)


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """Two seconds of the treadmill trial, in a folder that a test may spoil."""
    return copy_treadmill(data, tmp_path / "trial")


@pytest.fixture
def right(folder: Path, body: Body) -> Movement:
    """The trial before anything is changed."""
    return load_trial(folder, body=body).movement


def rewrite(
    path: Path,
    *,
    names: Callable[[str], str] = str,
    values: Callable[[str, np.ndarray], object] | None = None,
    title: str = "Coordinates",
    header: str = "",
    degrees: bool | None = None,
    to: str | None = None,
) -> Path:
    """Write a table anew with other names, values (of the old names) or header."""
    table = load_table(path)
    changed = table.values.copy()
    for k, column in enumerate(table.columns if values else ()):
        assert values is not None
        changed[:, k] = values(column, changed[:, k])
    target = path.with_name(to or path.name)
    said = bool(table.in_degrees) if degrees is None else degrees
    save_table(target, table.time, [names(c) for c in table.columns], changed, name=title, in_degrees=said)
    if header:
        target.write_text(target.read_text().replace("endheader", f"{header}\nendheader"))
    return target


def same_loads(movement: Movement, other: Movement) -> bool:
    """Whether the loads act on the same segments with the same numbers."""
    return [x.segment for x in movement.loads] == [y.segment for y in other.loads] and all(
        np.array_equal(getattr(x, part), getattr(y, part))
        for x, y in zip(movement.loads, other.loads, strict=True)
        for part in ("force", "point", "torque")
    )


# Names of forces

STYLES = {
    "C3D by OpenSim": ("f{n}_{a}", "p{n}_{a}", "m{n}_{a}"),
    "C3D flattened": ("f{n}_{i}", "p{n}_{i}", "m{n}_{i}"),
    "numbered": ("ground_force{n}_v{a}", "ground_force{n}_p{a}", "ground_torque{n}_{a}"),
    "number in the middle": ("ground_force_{n}_v{a}", "ground_force_{n}_p{a}", "ground_force_{n}_m{a}"),
    "number first": ("{n}_ground_force_v{a}", "{n}_ground_force_p{a}", "{n}_ground_torque_{a}"),
    "moments": ("ground_force_{n}_v{a}", "ground_force_{n}_p{a}", "ground_moment_{n}_m{a}"),
    "plates": ("FP{n}_v{a}", "FP{n}_p{a}", "FP{n}_m{a}"),
    "plates in capitals": ("FP{n}_F{A}", "FP{n}_COP{A}", "FP{n}_T{A}"),
    "plates in words": ("FP{n}_Force_{A}", "FP{n}_CoP_{A}", "FP{n}_Moment_{A}"),
    "axis before the number": ("F{a}{n}", "P{a}{n}", "M{a}{n}"),
    "words with dots": ("Plate{n}.Force.{a}", "Plate{n}.Position.{a}", "Plate{n}.Free_Moment.{a}"),
}


def in_style(style: tuple[str, str, str]) -> Callable[[str], str]:
    """Return what renames the force table's columns."""
    new = {}
    for n, plate in enumerate(PLATES, start=1):
        for old, pattern in zip(plate, style, strict=True):
            for i, a in enumerate("xyz", start=1):
                new[old + a] = pattern.format(n=n, a=a, A=a.upper(), i=i)
    return new.__getitem__


@pytest.mark.parametrize("style", STYLES)
def test_forces_are_found_by_any_usual_name(folder: Path, body: Body, right: Movement, style: str) -> None:
    """Every number is that of the table with OpenSim's names; the feet are told as for those."""
    rewrite(folder / GRF, names=in_style(STYLES[style]))
    assert same_loads(load_trial(folder, body=body).movement, right)


@pytest.mark.parametrize(
    ("plate", "of"), [("f1_", "C3D by OpenSim"), ("Fx1", "axis before the number"), ("FP1", "plates")]
)
def test_a_prefix_names_any_of_them(folder: Path, body: Body, right: Movement, plate: str, of: str) -> None:
    """Case does not matter; a whole first name is as good as a beginning."""
    rewrite(folder / GRF, names=in_style(STYLES[of]))
    other = plate.lower().replace("1", "2")
    (folder / "trial.toml").write_text(f'forces = {{file = "{GRF}", calcn_r = "{plate}", calcn_l = "{other}"}}\n')
    movement = load_trial(folder, body=body).movement
    assert same_loads(movement, right) and movement.warnings == ()


FREE = ("kraft {n} {a}", "ort {n} {a}", "drall {n} {a}")


def test_free_names_are_given_in_the_trial_file(folder: Path, body: Body, right: Movement) -> None:
    """Without them the table is pointed at, with them every number is there; a wrong name gets the close ones."""
    rewrite(folder / GRF, names=in_style(FREE))
    assert (
        load_trial(folder, body=body)
        .movement.warnings[1]
        .startswith(f"If {GRF} holds the ground forces, name its columns in a TOML file: forces = ")
    )
    side = '{{force = ["kraft {n} x", "kraft {n} y", "kraft {n} z"], point = ["ort {n} x", "ort {n} y", "ort {n} z"], '
    side += 'torque = ["drall {n} x", "drall {n} y", "drall {n} z"]}}'
    text = f'forces = {{file = "{GRF}", calcn_r = {side.format(n=1)}, calcn_l = {side.format(n=2)}}}\n'
    (folder / "trial.toml").write_text(text)
    assert same_loads(load_trial(folder, body=body).movement, right)
    (folder / "trial.toml").write_text(text.replace('"ort 2 z"', '"ort 2 zz"'))
    assert refusal(folder, body).startswith(f"{GRF} has no column 'ort 2 zz'. Close names: ort 2 ")
    (folder / "trial.toml").write_text(text.replace('"ort 2 z"', "3"))
    assert "or the columns themselves as {force = [" in refusal(folder, body)


@pytest.mark.parametrize(
    "columns",
    [
        "hip_r_on_femur_r_in_ground_fx hip_r_on_femur_r_in_ground_fy hip_r_on_femur_r_in_ground_fz "
        "hip_r_on_femur_r_in_ground_px hip_r_on_femur_r_in_ground_py hip_r_on_femur_r_in_ground_pz",
        "pelvis_tx pelvis_ty pelvis_tz hip_flexion_r",
        "ground_force_vx ground_force_vy ground_force_vz",
        "ground_force_vx ground_force_vy ground_force_px ground_force_py",
        "LASI_x LASI_y LASI_z RASI_x RASI_y RASI_z",
    ],
    ids=["joint reactions", "a pelvis", "no point", "two axes", "markers"],
)
def test_what_only_looks_like_forces_is_none(columns: str) -> None:
    """A force has three axes and a point; what one body of a joint does to the other is not measured."""
    assert find_forces(columns.split()) == ()


def test_several_plates_under_one_foot(folder: Path, body: Body, right: Movement) -> None:
    """A list of beginnings; both halves of a force do what the whole did."""
    table = load_table(folder / GRF)
    old = dict(zip(table.columns, table.values.T, strict=True))
    values, columns = [], []
    for n, plate in enumerate((PLATES[0], PLATES[0], PLATES[1]), start=1):
        for stem, pattern in zip(plate, STYLES["plates"], strict=True):
            for a in "xyz":
                columns.append(pattern.format(n=n, a=a))
                values.append(old[stem + a] * (0.5 if n < 3 and "p{a}" not in pattern else 1.0))
    save_table(folder / GRF, table.time, columns, np.stack(values, axis=1))
    (folder / "trial.toml").write_text(f'forces = {{file = "{GRF}", calcn_r = ["FP1", "FP2"], calcn_l = "FP3"}}\n')
    loads = load_trial(folder, body=body).movement.loads
    assert [x.segment for x in loads] == ["calcn_r", "calcn_r", "calcn_l"]
    np.testing.assert_allclose(loads[0].force + loads[1].force, right.loads[0].force, atol=1e-12)


# Gaps and units of forces


@pytest.mark.parametrize("nothing", [np.nan, np.inf, 1e9], ids=["not a number", "infinite", "absurd"])
@pytest.mark.parametrize("parts", ["p", "pt"], ids=["point", "point and torque"])
def test_points_of_no_force_do_not_matter(
    folder: Path, body: Body, right: Movement, nothing: float, parts: str
) -> None:
    """While a foot is in the air, its centre of pressure may be anything; a gap under load is still refused."""
    table = load_table(folder / GRF)
    changed = table.values.copy()
    spoilt = 0
    for force, point, torque in PLATES:
        size = np.linalg.norm(np.stack([table.column(force + a) for a in "xyz"]), axis=0)
        for stem in (point, torque)[: len(parts)]:
            for a in "xyz":
                changed[size < 1.0, table.columns.index(stem + a)] = nothing if stem == point else np.nan
        spoilt += int((size < 1.0).sum())
    assert spoilt > 20
    save_table(folder / GRF, table.time, table.columns, changed)
    assert same_loads(load_trial(folder, body=body).movement, right)
    changed[np.argmax(table.column("ground_force_vy")), table.columns.index("ground_force_px")] = np.nan
    save_table(folder / GRF, table.time, table.columns, changed)
    assert "column 'ground_force_px': not a number at" in refusal(folder, body)


def test_a_gap_of_forces_outside_the_window_does_not_spread(folder: Path, body: Body) -> None:
    """Filtered forces end at the gap; nothing in the window is lost."""
    rewrite(
        folder / GRF, values=lambda c, v: np.where(np.arange(len(v)) > 85, np.nan, v) if c == "ground_force_vy" else v
    )
    (folder / "trial.toml").write_text("window = [0.3, 1.2]\nforce_filter_hz = 8\n")
    assert all(np.isfinite(load.force).all() for load in load_trial(folder, body=body).movement.loads)


def is_length(column: str) -> bool:
    """Whether a column of forces is a length, or a moment."""
    return "force_p" in column or "torque" in column


def test_points_in_millimetres_are_refused_or_converted(folder: Path, body: Body, right: Movement) -> None:
    """By size: refused, with the key; by the header or the key: converted, and told."""
    plain = (folder / GRF).read_text()
    rewrite(folder / GRF, values=lambda c, v: 1000 * v if is_length(c) else v)
    message = refusal(folder, body)
    assert message.startswith(f"The centre of pressure 'ground_force_px' of {GRF} is mostly about ")
    assert message.endswith('probably millimetres. Say force_lengths = "mm" (or "m", if right) in a TOML file.')
    millimetres = (folder / GRF).read_text()
    for header, key, why in (
        ("units=N, mm, Nmm", "", "its header says units=N, mm, Nmm"),
        ("Units=mm", "", "its header says units=mm"),
        ("", 'force_lengths = "mm"\n', "the trial file says so"),
    ):
        (folder / GRF).write_text(millimetres.replace("endheader", f"{header}\nendheader"))
        (folder / "trial.toml").write_text(key)
        movement = load_trial(folder, body=body).movement
        assert f"{GRF} was converted from mm and N mm to m and N m, because {why}." in movement.warnings
        for load, whole in zip(movement.loads, right.loads, strict=True):
            np.testing.assert_allclose(load.point, whole.point, atol=1e-9)
            np.testing.assert_allclose(load.torque, whole.torque, atol=1e-9)
    (folder / GRF).write_text(plain.replace("endheader", "units=m\nendheader"))
    (folder / "trial.toml").write_text('force_lengths = "m"\n')
    assert same_loads(load_trial(folder, body=body).movement, right)


# Coordinates


@pytest.mark.parametrize(
    "label",
    [
        "/jointset/somewhere/{}/value",
        "/jointset/somewhere/{}",
        "somewhere/{}/value",
        "{}/value",
        "/jointset/a/{}|value",
    ],
)
def test_labels_may_be_paths(folder: Path, body: Body, right: Movement, label: str) -> None:
    """All that OpenSim's versions and reporters wrote name the same coordinates."""
    rewrite(folder / IK, names=label.format)
    np.testing.assert_array_equal(load_trial(folder, body=body).movement.coordinates, right.coordinates)


def test_a_pelvis_in_millimetres_is_refused_or_converted(folder: Path, body: Body, right: Movement) -> None:
    """Found or named, the file is refused by its pelvis; the header or the key settles it."""
    rewrite(folder / IK, values=lambda c, v: 1000 * v if c.startswith("pelvis_t") and c != "pelvis_tilt" else v)
    assert 'If its lengths are millimetres, say coordinate_lengths = "mm" in a TOML file' in refusal(folder, body)
    assert f"{IK} has pelvis_ty at 108" in refusal(folder / IK, body)
    (folder / "trial.toml").write_text('coordinate_lengths = "mm"\n')
    movement = load_trial(folder, body=body).movement
    np.testing.assert_allclose(movement.coordinates, right.coordinates, atol=1e-9)
    assert f"Lengths of {IK} were converted from mm to m, because the trial file says so." in movement.warnings
    (folder / "trial.toml").unlink()
    rewrite(folder / IK, header="units=mm")
    np.testing.assert_allclose(load_trial(folder, body=body).movement.coordinates, right.coordinates, atol=1e-9)


@pytest.mark.parametrize("header", ["inDegrees=no", "", "inDegrees=perhaps"])
def test_small_angles_in_degrees_are_not_radians(folder: Path, body: Body, header: str) -> None:
    """Quiet standing in degrees stays below a full turn of radians: a joint's range tells."""

    def stand(column: str, value: np.ndarray) -> np.ndarray:
        if column.startswith("pelvis_t") and column != "pelvis_tilt":
            return np.full_like(value, value[0])
        size = 5.0 if "knee" in column else 4.0 if "hip" in column else 1.0
        return size + 0.3 * np.sin(np.linspace(0, 6, len(value)))

    rewrite(folder / IK, values=stand, degrees=False)
    text = (folder / IK).read_text()
    (folder / IK).write_text(text.replace("inDegrees=no\n", f"{header}\n"))
    (folder / "trial.toml").write_text('external_loads = "none"\n')
    message = refusal(folder, body)
    assert "about its angles, but " in message and " rad: they are probably degrees. Say degrees = true" in message
    (folder / "trial.toml").write_text('external_loads = "none"\ndegrees = true\n')
    knee = load_trial(folder, body=body).movement.coordinates.sel(coordinate="knee_angle_r")
    assert np.abs(knee - np.deg2rad(5.0)).max() < np.deg2rad(0.4)


# Which table is what

NOT_MOVEMENTS = {
    "speeds": ({"title": "Speeds", "to": "walk_Kinematics.sto"}, "speeds"),
    "speeds by name": ({"to": "walk_Kinematics_u.sto"}, "speeds"),
    "accelerations": ({"title": "Accelerations", "to": "walk_more.sto"}, "speeds"),
    "inverse dynamics": ({"title": "Inverse Dynamics Generalized Forces", "to": "walk_more.sto"}, "moments"),
    "moments by label": ({"names": "{}_moment".format, "to": "walk_more.sto"}, "moments"),
    "moments by name": ({"to": "walk_id.sto"}, "moments"),
    "moments by weight": ({"values": lambda c, v: 800 + v if c == "pelvis_ty" else v, "to": "more.sto"}, "too high"),
    "joint reactions": ({"names": "knee_on_tibia_in_ground_{}".format, "to": "walk_more.sto"}, "reactions"),
}


@pytest.mark.parametrize("case", NOT_MOVEMENTS)
def test_tables_of_other_things_are_not_taken_for_movements(
    folder: Path, body: Body, right: Movement, case: str
) -> None:
    """Beside the movement lies a table that OpenSim writes with much the same columns."""
    changes, kind = NOT_MOVEMENTS[case]
    other = rewrite(folder / IK, **changes)  # type: ignore[arg-type]
    trial = load_trial(folder, body=body)
    np.testing.assert_array_equal(trial.movement.coordinates, right.coordinates)
    assert trial.files.coordinates.name == IK and other.name in trial.files.ignored
    if case != "moments by name":
        assert classify(other, body.coordinate_names) == kind


def test_states_are_taken_where_there_is_nothing_better(folder: Path, body: Body, right: Movement) -> None:
    """A simulation's states hold the movement among much else; a table of coordinates goes first."""
    table = load_table(folder / IK)
    columns = [f"/jointset/j/{c}/value" for c in table.columns] + [f"/jointset/j/{c}/speed" for c in table.columns]
    columns += [f"/forceset/m{k}/activation" for k in range(60)]
    rest = np.zeros((len(table.time), len(columns) - len(table.columns)))
    save_table(folder / "states.sto", table.time, columns, np.hstack([table.values, rest]), in_degrees=True)
    assert load_trial(folder, body=body).files.coordinates.name == IK
    (folder / IK).unlink()
    trial = load_trial(folder, body=body)
    assert trial.files.coordinates.name == "states.sto"
    np.testing.assert_array_equal(trial.movement.coordinates, right.coordinates)


# Files by their names


EXTERNAL = """<OpenSimDocument Version="40000"><ExternalLoads name="x"><objects>
<ExternalForce name="right"><applied_to_body>calcn_r</applied_to_body>
<force_identifier>ground_force_v</force_identifier><point_identifier>ground_force_p</point_identifier>
</ExternalForce></objects><datafile>{data}</datafile></ExternalLoads></OpenSimDocument>"""


@pytest.mark.parametrize(
    "named",
    ["/Users/her/grf/{}", "C:\\Users\\him\\trial\\{}", "..\\Forces\\{}", "../elsewhere/{}", "not/here/{}"],
)
@pytest.mark.parametrize("place", [".", "grf", ".."], ids=["beside", "in a subfolder", "above"])
def test_a_data_file_is_found_by_its_name(folder: Path, body: Body, named: str, place: str) -> None:
    """The path is that of another machine, or the folder was moved; the file of that name is near, and this is told."""
    (folder / place).mkdir(exist_ok=True)
    shutil.move(folder / GRF, folder / place / "its.mot")
    (folder / "loads.xml").write_text(EXTERNAL.format(data=named.format("its.mot")))
    movement = load_trial(folder, body=body).movement
    assert movement.settings["loads"] == {"right": "calcn_r"}
    where = (Path(place) / "its.mot").as_posix()
    assert any(w.endswith(f"where nothing is; {where} was taken, which has the same name.") for w in movement.warnings)


def test_a_data_file_that_was_zipped_is_found(folder: Path, body: Body, right: Movement) -> None:
    """`grf.mot` is there as `grf.mot.gz`; of two candidates none is taken."""
    (folder / f"{GRF}.gz").write_bytes(gzip.compress((folder / GRF).read_bytes()))
    (folder / GRF).unlink()
    (folder / "loads.xml").write_text(EXTERNAL.format(data=GRF))
    (load,) = load_trial(folder, body=body).movement.loads
    np.testing.assert_array_equal(load.force, right.loads[0].force)
    shutil.copy(folder / f"{GRF}.gz", folder / f"{GRF.upper()}.gz")
    assert refusal(folder, body).startswith(f"There is no file {GRF} in ")


def test_emg_can_be_left_out(folder: Path, body: Body) -> None:
    """As loads can; a file that is called none would have to be named with its ending."""
    rewrite(folder / IK, names="emg {}".format, to="walk_emg.sto")
    assert load_trial(folder, body=body).movement.emg is not None
    (folder / "trial.toml").write_text('emg = "none"\n')
    assert load_trial(folder, body=body).movement.emg is None


def test_a_zipped_model_is_a_model(data: Path, tmp_path: Path) -> None:
    """Found in its folder, opened, and called like the plain one."""
    source = data / "walk_rajagopal2016"
    for name in ("coordinates.sto", "grf_walk.mot", "grf_walk.xml"):
        shutil.copy(source / name, tmp_path / name)
    model = (source / "subject_walk_scaled.osim").read_bytes()
    (tmp_path / "subject_walk_scaled.osim.gz").write_bytes(gzip.compress(model))
    trial, plain = load_trial(tmp_path), load_trial(source)
    assert (trial.body.name, trial.body.mass) == (plain.body.name, plain.body.mass)
    np.testing.assert_array_equal(trial.movement.coordinates, plain.movement.coordinates)
    assert same_loads(trial.movement, plain.movement)

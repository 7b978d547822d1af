"""The walk: its table, its symmetry, its residuals, and how near it comes to the measured ground force."""

from __future__ import annotations

import re
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gluteal
from gluteal.engines import compute_mechanics, segment_points
from gluteal.errors import InputError
from gluteal.held_against.walk import compare_walk
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import built_in_task, carry_on_feet, free_feet, list_walkers, load_task
from gluteal.movements.tasks.corrections import Residuals, compute_root_residual, write_corrections
from gluteal.movements.tasks.file import TaskFile, read_task_file
from gluteal.movements.tasks.gait_cycle import (
    EVEN,
    ODD,
    SPEED,
    Series,
    allowed,
    basis,
    correct_series,
    cycle_movement,
    evaluate,
    fit_series,
    read_corrections,
    read_cycle_table,
    task_series,
)
from gluteal.movements.tasks.measured_cycle import total_force
from gluteal.movements.tasks.residual_reduction import LIMITS, reduce_residuals
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import STANDARD_GRAVITY

#: The trials that carry the body's weight (two feet, 97 to 99 %); the other six carry 85 to 93 %.
CARRYING = [0, 1, 2, 3, 5]


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def task() -> TaskFile:
    return built_in_task("walk")


@pytest.fixture(scope="module")
def walk(body: Body) -> Movement:
    return load_task("walk", body)


@pytest.fixture(scope="module")
def solved(body: Body, walk: Movement) -> Solution:
    return solve_sharing(compute_mechanics(body, walk))


def corrections_path(task: TaskFile) -> Path:
    assert task.cycle is not None and task.cycle.corrections is not None
    return task.cycle.corrections


def table_path(task: TaskFile) -> Path:
    assert task.cycle is not None
    return task.cycle.table


def test_the_table_is_the_published_file(data: Path, task: TaskFile) -> None:
    """Mean and sd of the eleven trials, recomputed from Falisse et al. 2019's file, to five digits."""
    from scipy.io import loadmat

    file = data / "normative_gait" / "falisse2019_ExperimentalData.mat"
    raw = loadmat(file, squeeze_me=True, struct_as_record=False)["ExperimentalData"]
    curves = raw.Q.subject1.Qs
    names = [str(n) for n in curves.colheaders]
    table = read_cycle_table(table_path(task))
    for name in ("hip_flexion", "knee_angle", "pelvis_list", "lumbar_bending", "ankle_angle"):
        trials = curves.all[:, names.index(name), :] * (-1.0 if name == "knee_angle" else 1.0)
        np.testing.assert_allclose(table.columns[name], trials.mean(axis=1), rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(table.columns[f"{name}_sd"], trials.std(axis=1, ddof=1), rtol=1e-4, atol=1e-4)
    force, moments = raw.GRFs.subject1.all, raw.Torques.subject1
    np.testing.assert_allclose(
        table.columns["ground_force_y"], force[:, 1, CARRYING].mean(axis=1), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(
        table.columns["ground_force_y_sd"], force[:, 1].std(axis=1, ddof=1), rtol=1e-4, atol=1e-4
    )
    labels = [str(n) for n in moments.colheaders]
    for name in ("hip_flexion", "hip_rotation", "knee_angle", "ankle_angle"):
        trials = moments.all[:, labels.index(name), :] * (-1.0 if name == "knee_angle" else 1.0)
        mean, sd = trials[:, CARRYING].mean(axis=1), trials.std(axis=1, ddof=1)
        np.testing.assert_allclose(table.columns[f"{name}_moment"], mean, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(table.columns[f"{name}_moment_sd"], sd, rtol=1e-4, atol=1e-4)
    gluteus = [str(n) for n in raw.EMG.subject1.colheaders].index("Gluteus-medialis")
    trials = raw.EMG.subject1.all[:, gluteus]
    whole = trials[:, ~np.isnan(trials).any(axis=0)]
    np.testing.assert_allclose(table.columns["emg_gluteus_medius"], whole.mean(axis=1), rtol=1e-4, atol=1e-6)
    assert table.facts["stride_length_m"] == pytest.approx(raw.StrideLength.subject1.all.mean(), abs=1e-4)


def test_the_walk_is_periodic(walk: Movement) -> None:
    """First and last frame are the same posture one stride apart."""
    stride = walk.settings["speed_m_per_s"] * walk.settings["period_s"]
    change = walk.coordinates[-1] - walk.coordinates[0]
    assert float(change.sel(coordinate="pelvis_tx")) == pytest.approx(stride, abs=1e-9)
    rest = change.drop_sel(coordinate="pelvis_tx")
    assert float(abs(rest).max()) < 1e-9
    for moving in (walk.speed, walk.acceleration):
        np.testing.assert_allclose(moving.values[-1], moving.values[0], atol=1e-9)


def test_left_is_right_half_a_cycle_later(walk: Movement) -> None:
    half = (len(walk.time) - 1) // 2
    values = walk.coordinates
    for name in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "mtp_angle"):
        right, left = (values.sel(coordinate=f"{name}_{side}").values for side in "rl")
        np.testing.assert_allclose(left[half:], right[: half + 1], atol=1e-9)
    for name in (*ODD, *EVEN):
        curve = values.sel(coordinate=name).values
        if name == "pelvis_tx":
            curve = curve - walk.settings["speed_m_per_s"] * walk.time
        sign = -1.0 if name in ODD else 1.0
        np.testing.assert_allclose(curve[half:], sign * curve[: half + 1], atol=1e-9)


def test_loads_follow_half_a_cycle_later_too(walk: Movement) -> None:
    half = (len(walk.time) - 1) // 2
    right, left = walk.loads
    across = np.array([1.0, 1.0, -1.0])
    np.testing.assert_allclose(left.force[half:], right.force[: half + 1] * across, atol=0.05)
    step = np.array([0.5 * walk.settings["speed_m_per_s"] * walk.settings["period_s"], 0.0, 0.0])
    on = right.force[: half + 1, 1] > 100.0
    np.testing.assert_allclose((left.point[half:] - step)[on], (right.point[: half + 1] * across)[on], atol=1e-3)


def test_the_other_tables_are_made_from_the_recordings(data: Path, tmp_path: Path) -> None:
    """Written again from the recordings they are the same to the digits printed."""
    script = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "make_walks.py"))
    for recording in script["RECORDINGS"]:
        name = f"{recording.name.replace('-', '_')}.csv"
        script["write_table"](recording, data, tmp_path)
        stored = built_in_task(recording.name)
        assert (tmp_path / name).read_text() == table_path(stored).read_text()


def test_a_series_is_its_own_fit() -> None:
    """Fitting a curve made of allowed harmonics gives them back; derivatives match the formula."""
    phase = np.linspace(0.0, 1.0, 100)
    coefficients = np.array([0.3, 0.2, -0.1, 0.05, 0.02])
    fitted = np.linalg.lstsq(basis(phase, 2, 1.5), basis(phase, 2, 1.5) @ coefficients, rcond=None)[0]
    np.testing.assert_allclose(fitted, coefficients, atol=1e-12)
    omega = 2.0 * np.pi / 1.5
    speed = basis(phase, 2, 1.5, 1) @ np.array([0.0, 1.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(speed, -omega * np.sin(2.0 * np.pi * phase), atol=1e-12)


def test_symmetry_decides_which_harmonics_are_allowed() -> None:
    assert allowed("pelvis_list", 2).tolist() == [False, True, True, False, False]
    assert allowed("pelvis_ty", 2).tolist() == [True, False, False, True, True]
    assert allowed("knee_angle_r", 2).all()


def test_fit_stays_near_the_measured_curves(task: TaskFile) -> None:
    """Six harmonics leave less than half a degree of the leg's curves (root mean square)."""
    table = read_cycle_table(table_path(task))
    series = fit_series(table, 6)
    for name in ("hip_flexion", "hip_adduction", "knee_angle", "ankle_angle"):
        model = basis(table.phase, 6, series.period) @ series.coefficients[f"{name}_r"]
        miss = np.rad2deg(model) - table.columns[name]
        assert np.sqrt((miss**2).mean()) < 0.5


@pytest.mark.parametrize("name", list_walkers())
def test_every_walker_meets_its_person(body: Body, name: str) -> None:
    """All twelve leg moments within two standard deviations (at least 2 N m) of that person's, nothing from nowhere.

    The overground walk has one stride of each leg, hence narrow deviations: 96 % of the cycle is asked there.
    """
    found = compare_walk(compute_mechanics(body, load_task(name, body)))
    least = 0.96 if name == "walk-overground" else 1.0
    assert min(found.within().values()) >= least
    assert len(found.coordinates) >= 10
    assert max(found.pelvis_residual) < 0.5


def test_a_centre_of_pressure_in_the_wrong_place_is_seen(body: Body, walk: Movement) -> None:
    """Plant the fault that this walk once had: the force 5 cm further back at push-off."""
    right, left = walk.loads
    late = (walk.time > 0.4 * walk.time[-1]) & (right.force[:, 1] > 0.0)
    back = replace(right, point=right.point - np.where(late, 0.05, 0.0)[:, None] * np.array([1.0, 0.0, 0.0]))
    found = compare_walk(compute_mechanics(body, replace(walk, loads=(back, left))))
    assert found.within()["ankle_angle_r"] < 0.9
    assert found.within()["hip_flexion_r"] < 1.0


def test_the_centre_of_pressure_walks_forward(walk: Movement) -> None:
    """Never back by more than 4 mm between frames while the foot carries a tenth of the weight."""
    for load in walk.loads:
        on = load.force[:, 1] > 75.0
        steps = np.diff(load.point[:, 0])[on[:-1] & on[1:]]
        assert steps.min() > -0.004
        assert np.abs(load.torque[on, 1]).max() < 4.0  # free moment, N m; people at most 6
        np.testing.assert_allclose(load.torque[on][:, [0, 2]], 0.0, atol=1e-6)


def test_feet_carry_a_changed_walk(body: Body, walk: Movement) -> None:
    """Projected again, the unchanged walk is itself; contacts and other loads are kept apart."""
    again = carry_on_feet(body, walk)
    for old, new in zip(walk.loads, again.loads, strict=True):
        np.testing.assert_allclose(new.force, old.force, atol=1e-6)
    free = free_feet(walk)
    assert not free.loads and len(free.supports) == 20
    extra = replace(walk.loads[0], name="bag", segment="torso")
    assert [load.name for load in free_feet(replace(walk, loads=(*walk.loads, extra))).loads] == ["bag"]


def test_the_stored_numbers_are_reproduced(body: Body, walk: Movement, task: TaskFile) -> None:
    """The corrections file states residuals before and after for this body; evaluating again gives them.

    Numbers are printed to 0.1 N and 0.01 N; the tolerance is one digit more, for other linear algebra.
    """
    text = corrections_path(task).read_text()
    stated = [float(n) for n in re.findall(r"([\d.]+) N(?: m)?[,;.]", text)[:4]]
    before = compute_root_residual(body, cycle_movement(task, body, task_series(task, corrected=False)))
    after = compute_root_residual(body, free_feet(walk))
    assert stated[:2] == pytest.approx([before.force, before.moment], abs=0.2)
    assert stated[2:] == pytest.approx([after.force, after.moment], abs=0.05)
    assert before.force > 50.0  # so that the correction has something to show for


def test_corrections_stay_within_their_limits(task: TaskFile) -> None:
    phase = np.linspace(0.0, 1.0, 201)
    for name, values in read_corrections(corrections_path(task)).items():
        change = values if name == SPEED else basis(phase, (len(values) - 1) // 2, 1.0) @ values
        assert abs(change).max() <= LIMITS[name], name


@pytest.mark.slow
def test_reduction_descends_from_the_measured_curves(body: Body, task: TaskFile) -> None:
    """A few steps from scratch already take most of the residual away (the whole run takes two minutes)."""
    costs: list[float] = []
    found = reduce_residuals(task, body, steps=3, report=lambda _, cost: costs.append(cost))
    assert min(costs) < 0.1 * costs[0]
    assert set(found) == set(LIMITS)


def test_corrections_survive_writing(body: Body, task: TaskFile, tmp_path: Path) -> None:
    """Written and read again they are the same to the six digits printed."""
    stored = read_corrections(corrections_path(task))
    before, after = write_corrections(tmp_path / "again.csv", task, body, stored)
    again = read_corrections(tmp_path / "again.csv")
    for name, values in stored.items():
        np.testing.assert_allclose(again[name], values, atol=2e-8)
    assert after.force < before.force


def test_zero_corrections_change_nothing(body: Body, task: TaskFile) -> None:
    series = task_series(task, corrected=False)
    phase = np.linspace(0.0, 1.0, 5)
    same = correct_series(series, {"hip_flexion_r": np.zeros(3), SPEED: np.zeros(1)})
    for a, b in zip(evaluate(series, body, phase), evaluate(same, body, phase), strict=True):
        np.testing.assert_array_equal(a, b)


def test_muscles_carry_the_undisturbed_walk(solved: Solution) -> None:
    """No coordinate needs as much as a newton (metre) of reserve in any frame."""
    assert float(solved.residual().max()) < 1.0


def test_loaded_feet_are_on_the_floor(body: Body, walk: Movement) -> None:
    """Points that may carry load are within 6 cm of the floor, on average within 1 cm; nothing is more
    than 2 cm under it. The worst is the forefoot just before toe-off (the foot is stiff there).
    """
    heights, all_heights = [], []
    walk = free_feet(walk)
    for frame in range(len(walk.time)):
        where = segment_points(body, walk.coordinates.values[frame], [(s.segment, s.point) for s in walk.supports])[
            :, 1
        ]
        all_heights += where.tolist()
        heights += [h for s, h in zip(walk.supports, where, strict=True) if s.active is None or s.active[frame]]
    assert max(heights) < 0.06
    assert np.mean(np.abs(heights)) < 0.01
    assert min(all_heights) > -0.02


def test_ground_force_looks_like_the_measured_one(solved: Solution) -> None:
    """Under the right foot: within 0.02 body weights (root mean square), two peaks with a valley between."""
    comparison = compare_walk(solved.mechanics)
    assert max(comparison.rmse().values()) < 0.02
    peaks = comparison.peaks()
    for name in ("first peak", "second peak"):
        computed, measured = peaks[name]
        assert computed == pytest.approx(measured, abs=0.03)
        assert computed > peaks["valley"][0] + 0.2


def test_ground_force_carries_the_body_on_average(solved: Solution, task: TaskFile) -> None:
    """Over a whole cycle both feet carry one body weight: momentum comes back to where it was."""
    comparison = compare_walk(solved.mechanics)
    for up in (
        comparison.total[:-1, 1],
        total_force(read_cycle_table(table_path(task)), np.linspace(0, 1, 500, endpoint=False))[:, 1],
    ):
        assert up.mean() == pytest.approx(1.0, abs=0.01)


def test_comparison_is_for_walks(body: Body) -> None:
    with pytest.raises(InputError, match="walk-treadmill only, not for 'quiet-standing'"):
        compare_walk(compute_mechanics(body, load_task("quiet-standing", body)))


def test_residual_of_a_hanging_body_is_its_weight(body: Body) -> None:
    """Without any contact nothing is balanced: the residual force is the weight (laws, not numbers)."""
    import dataclasses

    standing = load_task("quiet-standing", body)
    never = tuple(dataclasses.replace(s, active=np.array([False])) for s in standing.supports)
    left: Residuals = compute_root_residual(body, dataclasses.replace(standing, supports=never))
    assert left.force == pytest.approx(body.mass * STANDARD_GRAVITY, rel=1e-6)


def test_a_bad_table_says_so(tmp_path: Path, body: Body) -> None:
    (tmp_path / "curves.csv").write_text("# period_s = 1\ncycle_percent,hip_flexion\n0,1\n100,1\n")
    task = tmp_path / "mine.toml"
    task.write_text(
        'name = "mine"\ntitle = "Mine"\ndescription = "x"\n[cycle]\ntable = "curves.csv"\n'
        '[[support]]\npoints = ["heel_medial_r"]\n'
    )
    with pytest.raises(InputError, match=r"Table curves\.csv: the header needs a line '# stride_length_m = number'"):
        load_task(task, body)
    task.write_text(task.read_text().replace("curves.csv", "nowhere.csv"))
    with pytest.raises(InputError, match=r"cycle\.table: there is no file 'nowhere\.csv' beside the task file"):
        read_task_file(task)


def test_series_is_frozen_data(task: TaskFile) -> None:
    assert isinstance(task_series(task), Series)


#: Envelopes of the recorded person, and the muscles of the body that lie under the electrode.
ELECTRODES = {
    "lateral_hamstrings": ("bflh", "bfsh"),
    "medial_hamstrings": ("semimem", "semiten"),
    "tibialis_anterior": ("tibant",),
    "gastrocnemius_lateralis": ("gaslat",),
    "gastrocnemius_medialis": ("gasmed",),
    "soleus": ("soleus",),
    "vastus_lateralis": ("vaslat",),
    "vastus_medialis": ("vasmed",),
    "gluteus_medius": ("glmed1", "glmed2", "glmed3"),
    "rectus_femoris": ("recfem",),
    "adductor_longus": ("addlong",),
    "tensor_fasciae_latae": ("tfl",),
    "peroneus_longus": ("perlong",),
    "peroneus_brevis": ("perbrev",),
}


def test_activity_that_was_not_fitted_follows_the_emg(solved: Solution, task: TaskFile) -> None:
    """80 ms after the envelope, fourteen muscles correlate by 0.60 in the mean (0.51 before moments were fitted)."""
    table = read_cycle_table(table_path(task))
    phase, body = np.linspace(0.0, 1.0, 51)[:-1], solved.mechanics.body
    force = body.muscles["max_isometric_force"]
    found = {}
    for label, parts in ELECTRODES.items():
        names = [f"{part}_r" for part in parts]
        activation = solved.activation.sel(muscle=names).weighted(force.sel(muscle=names)).mean("muscle").values[:-1]
        delayed = np.interp((phase - 0.08 / table.facts["period_s"]) % 1.0, table.phase, table.columns[f"emg_{label}"])
        found[label] = float(np.corrcoef(activation, delayed)[0, 1])
    assert np.mean(list(found.values())) > 0.58
    assert min(found[n] for n in ("soleus", "gluteus_medius", "medial_hamstrings", "vastus_lateralis")) > 0.85


@pytest.mark.parametrize("name", list_walkers())
def test_every_walker_walks_without_half_the_nerve_and_none_without_all(body: Body, name: str) -> None:
    """Pohl et al. 2015: people with a blocked superior gluteal nerve walked; without gluteus maximus all can."""
    mechanics = compute_mechanics(body, load_task(name, body))
    verdicts = [
        gluteal.simulate(
            body, mechanics.movement, condition=gluteal.Condition.block(nerve, loss=loss, side="r")
        ).verdict
        for nerve, loss in (("superior gluteal", 0.46), ("inferior gluteal", 1.0), ("superior gluteal", 1.0))
    ]
    assert verdicts == ["compensated", "compensated", "impossible"]

"""The walk: its table, its symmetry, its residuals, and how near it comes to the measured ground force."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import gluteal
from gluteal.engines import compute_mechanics, segment_points
from gluteal.errors import InputError
from gluteal.held_against.walk import compare_walk_ground_force
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import built_in_task, load_task
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
    measured_total_force,
    read_corrections,
    read_cycle_table,
    task_series,
)
from gluteal.movements.tasks.residual_reduction import (
    LIMITS,
    Residuals,
    compute_root_residual,
    reduce_residuals,
    write_corrections,
)
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import STANDARD_GRAVITY


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
    force = raw.GRFs.subject1.all
    np.testing.assert_allclose(table.columns["ground_force_y"], force[:, 1].mean(axis=1), rtol=1e-4, atol=1e-4)
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


def test_contacts_follow_half_a_cycle_later_too(walk: Movement) -> None:
    half = (len(walk.time) - 1) // 2
    by_name = {s.name: s for s in walk.supports}
    for name, support in by_name.items():
        if name.endswith("_r"):
            other = by_name[name[:-1] + "l"]
            assert support.active is not None and other.active is not None
            np.testing.assert_array_equal(support.active[: half + 1], other.active[half:])


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


def test_residuals_meet_the_limits(body: Body, walk: Movement) -> None:
    """OpenSim's limits are 10-25 N and 75 N m; the corrected walk stays far inside."""
    left = compute_root_residual(body, walk)
    assert left.force < 1.0
    assert left.moment < 1.0


def test_the_stored_numbers_are_reproduced(body: Body, walk: Movement, task: TaskFile) -> None:
    """The corrections file states residuals before and after for this body; evaluating again gives them.

    Numbers are printed to 0.1 N and 0.01 N; the tolerance is one digit more, for other linear algebra.
    """
    text = corrections_path(task).read_text()
    stated = [float(n) for n in re.findall(r"([\d.]+) N(?: m)?[,;.]", text)[:4]]
    before = compute_root_residual(body, cycle_movement(task, body, task_series(task, corrected=False)))
    after = compute_root_residual(body, walk)
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
    """Points that may carry load are within 4.5 cm of the floor, on average within 1 cm; nothing is more
    than 2 cm under it. The worst is the forefoot just before toe-off (the foot is stiff there).
    """
    heights, all_heights = [], []
    for frame in range(len(walk.time)):
        where = segment_points(body, walk.coordinates.values[frame], [(s.segment, s.point) for s in walk.supports])[
            :, 1
        ]
        all_heights += where.tolist()
        heights += [h for s, h in zip(walk.supports, where, strict=True) if s.active is None or s.active[frame]]
    assert max(heights) < 0.045
    assert np.mean(np.abs(heights)) < 0.01
    assert min(all_heights) > -0.02


def test_ground_force_looks_like_the_measured_one(solved: Solution) -> None:
    """Under the right foot: within 0.1 body weights (root mean square), two peaks with a valley between.

    The measured mean has peaks of 1.09 and 1.10 and a valley of 0.74 body weights.
    """
    comparison = compare_walk_ground_force(solved)
    assert comparison.rmse()["up"] < 0.1
    assert comparison.rmse()["forward"] < 0.05
    assert comparison.rmse()["right"] < 0.05
    peaks = comparison.peaks()
    for name in ("first peak", "second peak"):
        computed, measured = peaks[name]
        assert computed == pytest.approx(measured, abs=0.1)
        assert computed > peaks["valley"][0] + 0.2


def test_ground_force_carries_the_body_on_average(solved: Solution, task: TaskFile) -> None:
    """Over a whole cycle both feet carry one body weight: momentum comes back to where it was."""
    comparison = compare_walk_ground_force(solved)
    for up in (
        comparison.total[:-1, 1],
        measured_total_force(read_cycle_table(table_path(task)), np.linspace(0, 1, 500, endpoint=False))[:, 1],
    ):
        assert up.mean() == pytest.approx(1.0, abs=0.01)


def test_comparison_is_for_the_walk(body: Body) -> None:
    standing = solve_sharing(compute_mechanics(body, load_task("quiet-standing", body)))
    with pytest.raises(InputError, match="measured for the task 'walk' only, not for 'quiet-standing'"):
        compare_walk_ground_force(standing)


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

"""Tasks: they load, stand on their supports, balance, mirror, and refuse bad files in clear words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import nnls
from tests.helpers.task_files import STANDING, task_refusal

import gluteal
from gluteal.engines import centre_of_mass, compute_geometry, compute_mechanics, segment_points
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import is_task, list_tasks, load_task, mirror
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.movements.tasks.file import TaskFile, read_task_file
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

NAMES = {
    "anterior-pelvic-tilt",
    "back-extension-hold",
    "bend-and-return",
    "bridge",
    "bridge-hips-abducted",
    "bulgarian-split-squat",
    "clam",
    "deadlift",
    "fire-hydrant",
    "forward-bend",
    "forward-bend-from-the-spine",
    "hip-thrust",
    "lateral-band-walk",
    "lunge",
    "onto-one-leg",
    "prone-hip-extension",
    "prone-hip-extension-bent",
    "prone-leg-lift",
    "quadruped-hip-extension",
    "quiet-standing",
    "rise-from-chair",
    "romanian-deadlift",
    "side-lying-hip-abduction",
    "side-plank",
    "single-leg-bridge",
    "single-leg-deadlift",
    "single-leg-squat",
    "single-leg-stance",
    "single-leg-stance-posture",
    "sit-to-stand",
    "split-squat",
    "squat",
    "standing-hip-abduction",
    "step-down",
    "step-up",
    "walk",
    "walk-overground",
    "walk-slow",
    "walk-treadmill",
}
#: On loads in place of contacts; see test_walk.py.
WALKS = {name for name in NAMES if name.startswith("walk")}
MOTIONS = (
    *("squat", "sit-to-stand", "step-up", "bend-and-return", "single-leg-squat", "lunge", "hip-thrust"),
    *("romanian-deadlift", "deadlift", "split-squat", "bulgarian-split-squat", "step-down", "single-leg-deadlift"),
    *("rise-from-chair", "onto-one-leg", "prone-leg-lift"),
)


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def movements(body: Body) -> dict[str, Movement]:
    return {task.name: load_task(task.name, body) for task in list_tasks()}


def written(name: str) -> TaskFile:
    return read_task_file(next(task.path for task in list_tasks() if task.name == name))


def support_heights(body: Body, movement: Movement) -> list[tuple[str, float, float]]:
    """Name, time and height of every active support."""
    values = movement.coordinates.values
    result = []
    for frame, time in enumerate(movement.time):
        active = [s for s in movement.supports if s.active is None or s.active[frame]]
        points = segment_points(body, values[frame], [(s.segment, s.point) for s in active])
        result += [(s.name, float(time), float(p[1])) for s, p in zip(active, points, strict=True)]
    return result


def root_residual(body: Body, movement: Movement) -> float:
    """Largest part of the root rows, N or N m, that non-negative contact forces leave over."""
    geometry = compute_geometry(body, movement)
    rows = [body.coordinate_names.index(n) for n in ROOT_COORDINATES]
    return max(
        nnls(geometry.support_arm[t, rows], geometry.joint_moment[t, rows])[1] for t in range(len(movement.time))
    )


def test_every_task_is_there_and_says_what_it_is() -> None:
    found = {task.name: task for task in list_tasks()}
    assert set(found) == NAMES
    for name, task in found.items():
        assert task.path.stem == name
        assert task.title and len(task.description) > 20


@pytest.mark.parametrize("name", sorted(NAMES - WALKS))
def test_supports_lie_on_their_surfaces(body: Body, movements: dict[str, Movement], name: str) -> None:
    """Within the tolerance each file states, plus half of it between solved frames."""
    task = written(name)
    lines = {line.point: line for line in task.supports}
    for point, _, height in support_heights(body, movements[name]):
        line = lines[point]
        assert abs(height - task.surfaces[line.surface]) <= 1.5 * line.tolerance, point


@pytest.mark.parametrize("name", sorted(NAMES - WALKS))
def test_contacts_balance_the_whole_body(body: Body, movements: dict[str, Movement], name: str) -> None:
    """Unilateral contacts in their friction cones carry it: less than a thousandth of body weight is left."""
    assert root_residual(body, movements[name]) < 1e-3 * body.mass * STANDARD_GRAVITY


def test_a_body_leaning_too_far_cannot_be_balanced(body: Body, movements: dict[str, Movement]) -> None:
    """The check above can fail: with the foot supports of one side only, quiet standing tips over."""
    import dataclasses

    standing = movements["quiet-standing"]
    one_foot = tuple(s for s in standing.supports if s.name.endswith("_r"))
    assert root_residual(body, dataclasses.replace(standing, supports=one_foot)) > 10.0


@pytest.mark.parametrize("name", sorted(NAMES))
def test_speed_and_acceleration_are_derivatives(movements: dict[str, Movement], name: str) -> None:
    """Simpson's rule over two frames gives the change of the curve; postures do not move at all.

    Motions are cubic splines: the rule is exact for their speed inside a piece and, where a knot falls
    between, off by less than 1 % of the largest speed and 10 % of the largest acceleration (their slope
    jumps there). The walk's Fourier series stays below both.
    """
    movement = movements[name]
    if len(movement.time) == 1:
        assert not movement.speed.values.any() and not movement.acceleration.values.any()
        return
    step = movement.time[1] - movement.time[0]
    for lower, upper, share in (("coordinates", "speed", 0.01), ("speed", "acceleration", 0.1)):
        curve, slope = getattr(movement, lower).values, getattr(movement, upper).values
        integral = step / 3.0 * (slope[:-2] + 4.0 * slope[1:-1] + slope[2:])
        allowed = share * abs(slope).max(axis=0) * 2.0 * step
        assert (abs(curve[2:] - curve[:-2] - integral) <= allowed + 1e-9).all()


@pytest.fixture(scope="module")
def solved(body: Body, movements: dict[str, Movement]) -> dict[str, Solution]:
    return {n: solve_sharing(compute_mechanics(body, m)) for n, m in movements.items()}


def group_mean(result: Solution, group: str, side: str) -> float:
    """Largest mean activation of a group over time."""
    muscles = list(result.mechanics.body.resolve(group, side=side))
    return float(result.activation.sel(muscle=muscles).mean("muscle").max())


@pytest.mark.parametrize("name", sorted(NAMES))
def test_muscles_carry_every_undisturbed_task(solved: dict[str, Solution], name: str) -> None:
    """No frame needs as much as a newton (metre) of reserve: conditions start from a clean baseline."""
    assert float(solved[name].residual().max()) < 1.0


def test_quiet_standing_needs_next_to_nothing(body: Body, solved: dict[str, Solution]) -> None:
    """Below 15 % of activation in every group, as EMG of relaxed standing (below 10 % MVC) would have it."""
    for group in ("glmax", "glmed", "hamstrings", "quadriceps", "plantarflexors", "erector-spinae"):
        assert group_mean(solved["quiet-standing"], group, "r") < 0.15, group


def test_single_leg_stance_needs_the_abductors_of_that_leg(solved: dict[str, Solution]) -> None:
    result = solved["single-leg-stance"]
    assert 0.15 < group_mean(result, "glmed", "r") < 0.60
    assert group_mean(result, "glmed", "l") < 0.05


def test_side_lying_abduction_is_gluteus_medius_work(solved: dict[str, Solution]) -> None:
    result = solved["side-lying-hip-abduction"]
    assert group_mean(result, "glmed", "r") > 2.0 * group_mean(result, "glmax", "r")


def test_prone_hip_extension_uses_hamstrings_and_gluteus_maximus(solved: dict[str, Solution]) -> None:
    result = solved["prone-hip-extension"]
    assert group_mean(result, "hamstrings", "r") > group_mean(result, "glmax", "r") > 0.05
    assert group_mean(result, "hamstrings", "l") < 0.05


def test_a_forward_bend_is_held_by_back_and_hamstrings(solved: dict[str, Solution]) -> None:
    """They do more than any other group, and far more than upright."""
    bend, upright = solved["forward-bend"], solved["quiet-standing"]
    for group in ("erector-spinae", "hamstrings"):
        assert group_mean(bend, group, "r") > max(0.05, 3.0 * group_mean(upright, group, "r")), group
    assert group_mean(bend, "quadriceps", "r") < 0.05


@pytest.mark.parametrize("name", MOTIONS)
def test_feet_do_not_slide(body: Body, movements: dict[str, Movement], name: str) -> None:
    """Anchored points stay where they first touched: within 3 mm (splines between solved frames), or 8 mm
    for a foot that leaves, which the smooth motion moves a little before it is off.
    """
    task, movement = written(name), movements[name]
    for line in task.supports:
        if not line.anchored:
            continue
        point = contact_points()[line.point]
        frames = [k for k, t in enumerate(movement.time) if line.start <= t <= line.end]
        track = np.array(
            [segment_points(body, movement.coordinates.values[k], [(point.segment, point.point)])[0] for k in frames]
        )
        assert np.ptp(track[:, [0, 2]], axis=0).max() < (0.003 if np.isinf(line.end) else 0.008)


def test_centre_of_mass_is_where_the_file_wants_it(body: Body, movements: dict[str, Movement]) -> None:
    standing = movements["quiet-standing"]
    task = written("quiet-standing")
    forward = task.solve.centre_of_mass_forward
    assert forward is not None
    ends = [contact_points()[p] for p in forward]
    heel, toe = segment_points(body, standing.coordinates.values[0], [(p.segment, p.point) for p in ends])
    x = centre_of_mass(body, standing.coordinates.values[0])[0]
    assert (x - heel[0]) / (toe[0] - heel[0]) == pytest.approx(0.40, abs=0.01)


def test_mirroring_swaps_the_sides(body: Body, movements: dict[str, Movement]) -> None:
    """On a symmetric body the mirrored task asks the other side for the same, to a thousandth.

    The muscles' moment arms of the two sides agree to 0.1 mm in the model, joint moments better.
    """
    right, left = movements["single-leg-stance"], load_task("single-leg-stance", body, side="l")
    assert {s.name[:-1] + "l" for s in right.supports} == {s.name for s in left.supports}
    for coordinate in ("hip_adduction", "knee_angle", "hip_flexion"):
        for own, other in (("r", "l"), ("l", "r")):
            assert float(right.coordinates.sel(coordinate=f"{coordinate}_{own}")[0]) == pytest.approx(
                float(left.coordinates.sel(coordinate=f"{coordinate}_{other}")[0])
            )
    bending = "lumbar_bending"
    assert float(right.coordinates.sel(coordinate=bending)[0]) == pytest.approx(
        -float(left.coordinates.sel(coordinate=bending)[0])
    )
    moments = [
        dict(zip(body.coordinate_names, compute_geometry(body, m).joint_moment[0], strict=True)) for m in (right, left)
    ]
    for coordinate in ("hip_flexion", "hip_adduction", "knee_angle"):
        assert moments[0][f"{coordinate}_l"] == pytest.approx(moments[1][f"{coordinate}_r"], abs=0.05)


def test_mirroring_twice_changes_nothing(movements: dict[str, Movement]) -> None:
    movement = movements["step-up"]
    twice = mirror(mirror(movement))
    np.testing.assert_array_equal(twice.coordinates.values, movement.coordinates.values)
    assert twice.supports[0].point == movement.supports[0].point


def test_a_parameter_enters_as_the_file_says(body: Body) -> None:
    """Each degree of pelvic tilt tilts the pelvis by one and extends the lumbar spine by one."""
    movement = load_task("anterior-pelvic-tilt", body, tilt=10)
    values = dict(zip(body.coordinate_names, np.degrees(movement.coordinates.values[0]), strict=True))
    assert values["pelvis_tilt"] == pytest.approx(-10.0)
    assert values["lumbar_extension"] == pytest.approx(10.0)
    assert movement.settings["parameters"] == {"tilt": 10.0}


def test_pelvic_tilt_of_zero_is_quiet_standing(body: Body, movements: dict[str, Movement]) -> None:
    neutral = load_task("anterior-pelvic-tilt", body, tilt=0)
    np.testing.assert_allclose(neutral.coordinates.values, movements["quiet-standing"].coordinates.values, atol=1e-4)


def test_a_misspelt_task_gets_close_names(body: Body) -> None:
    with pytest.raises(UnknownName, match=r"There is no task 'single-leg-stanse'\. Close names: single-leg-stance"):
        load_task("single-leg-stanse", body)


def test_task_names_are_forgiving(body: Body) -> None:
    assert load_task("Quiet standing", body).name == "quiet-standing"


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"tilt": 90},
            "Parameter tilt of task 'anterior-pelvic-tilt' is 90; give a number from -15 to 30 deg.",
        ),
        ({"tlit": 5}, "has no parameter 'tlit'; it has tilt. Did you mean 'tilt'?"),
        ({"side": "l"}, "Task 'anterior-pelvic-tilt' is the same on both sides; leave side out."),
    ],
)
def test_bad_parameters_are_refused(body: Body, parameters: dict, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        load_task("anterior-pelvic-tilt", body, **parameters)
    assert sentence in str(caught.value)


def test_bad_side_is_refused(body: Body) -> None:
    with pytest.raises(InputError, match="side is 'left'; give 'r' or 'l'"):
        load_task("single-leg-stance", body, side="left")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "Mine"\n', "", "Task file mine.toml, title: is missing; give a title for figures."),
        ('"Mine"', "3", "Task file mine.toml, title: is 3; give a title for figures."),
        ("name =", "name ==", "Task file mine.toml is no TOML: "),
        ("[solve]", "[slove]", "Task file mine.toml, slove: is no known key; did you mean 'solve'?"),
        ('free = ["pelvis_ty"]', "free = 3", "solve.free: is 3; give a list of coordinates"),
        (
            "heel_medial_r",
            "hel_medial_r",
            "there is no contact point 'hel_medial_r'. Close names: heel_medial_r",
        ),
        (
            "hip_flexion_r",
            "hip_flex_r",
            "keyframe 1: the body 'myo' has no coordinate 'hip_flex_r'. Close names:",
        ),
        ("pelvis_ty", "pelvis_tt", "solve.free: the body 'myo' has no coordinate 'pelvis_tt'. Close names:"),
        (
            "flexion_r = 0",
            "flexion_r = 150",
            "hip_flexion_r is 150 deg at 0 s, outside the range of -30 to 120 deg",
        ),
        ("flexion_r = 0", 'flexion_r = "x"', "keyframe 1.hip_flexion_r: is 'x'; give a number"),
        (
            "hip_flexion_r = 0",
            "centre_of_mass_forward = 0.4",
            "solve.centre_of_mass_forward: is missing; give the two",
        ),
        (
            "[[support]]",
            '[[support]]\nsurface = "roof"',
            "support 1.surface: is 'roof'; [surfaces] has floor.",
        ),
        (
            "[[support]]",
            "[[support]]\nfriction = -1",
            "support 1.friction: is -1; give a coefficient of friction, above",
        ),
        ("[[support]]", "[[support]]\nnormal = [0, 0, 0]", "support 1.normal: has no length"),
        ('free = ["pelvis_ty"]', "", "cm below floor at 0 s, more than its tolerance of 0.3 cm"),
        (
            "[solve]",
            '[motion]\nduration = 2\n[solve]\nview = "side"',
            "solve.view: is no known key; known are free, centre_of_mass_forward, centre_of_mass_sideways.",
        ),
        (
            'name = "mine"',
            'name = "mine"\nview = "under"',
            "view: is 'under'; give one of side, front, back, top.",
        ),
    ],
)
def test_bad_files_say_what_is_wrong(body: Body, tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """File and field are named, and what would be right; STANDING itself loads (checked first)."""
    path = tmp_path / "mine.toml"
    path.write_text(STANDING)
    load_task(path, body)
    assert old in STANDING
    assert sentence in task_refusal(body, path, STANDING.replace(old, new, 1))


def test_keyframes_must_fill_the_duration(body: Body, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(STANDING + "[motion]\nduration = 2.0\n[[keyframe]]\ntime = 1.0\n")
    with pytest.raises(InputError, match=r"keyframe: times run from 0 to 1 s; they must run from 0 to"):
        load_task(path, body)


def test_a_missing_file_says_so(body: Body) -> None:
    with pytest.raises(InputError, match=r"There is no task file 'nowhere\.toml'"):
        load_task("nowhere.toml", body)


def test_what_is_a_task(tmp_path: Path) -> None:
    trial = tmp_path / "trial.toml"
    trial.write_text('model = "subject.osim"\n')
    task = tmp_path / "task.toml"
    task.write_text(STANDING)
    assert is_task("squat") and is_task("sqat") and is_task(task)
    assert not is_task(trial) and not is_task(tmp_path) and not is_task("subject.osim")

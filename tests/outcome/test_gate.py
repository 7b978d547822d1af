"""The gate before the verdict, on recordings with one thing made wrong on purpose, and on those recordings untouched.

Every planted fault must be called cannot be judged, or refused when it is read, with the right cause first; what is
untouched and sound must be judged. Which recordings are not sound, and why, stands in the README of each and below.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tests.helpers.spoiled_walks import (
    COORDINATES,
    FAULTS,
    FORCES,
    LEFT,
    LOADS,
    MODEL,
    RIGHT,
    off_the_plate,
    option,
    scale_muscles,
    text,
)
from tests.helpers.synthetic import make_mechanics

import gluteal
from gluteal import load_body, load_task, load_trial, simulate
from gluteal.cli import main
from gluteal.errors import GlutealError, InputError, NotJudged
from gluteal.mechanics.body import Coordinate
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.cause import Cause, order_causes
from gluteal.mechanics.ground import find_ground_faults, measure_mass
from gluteal.mechanics.movement import ExternalLoad, Support
from gluteal.movements.tasks import list_tasks
from gluteal.outcome.verdict import VERDICTS
from gluteal.simulate.people import same_people
from gluteal.simulate.runs import run_people
from gluteal.vocabulary import PLANAR_ROOT, ROOT_COORDINATES, STANDARD_GRAVITY


@pytest.fixture
def walk(data: Path, tmp_path: Path) -> Path:
    """Overground walking in a folder that may be spoiled; 50 frames a second are enough to see."""
    for name in (MODEL, COORDINATES, FORCES, LOADS):
        shutil.copyfile(data / "walk_rajagopal2016" / name, tmp_path / name)
    (tmp_path / "trial.toml").write_text("rate_hz = 50\n")
    return tmp_path


def judge_folder(folder: Path) -> tuple[str, str, gluteal.Outcome | None]:
    """Return kind and sentence of the first cause; "judged" where there is none."""
    try:
        trial = load_trial(folder)
        outcome = simulate(trial.body, trial.movement, condition=gluteal.Condition.weaken("glmax", loss=0.3))
    except NotJudged as error:
        assert isinstance(error.cause, Cause)
        return error.cause.kind, str(error), None
    except GlutealError as error:
        assert isinstance(error, InputError)
        return "refused", str(error), None
    if outcome.cause is None:
        assert outcome.verdict != "cannot-be-judged"
        return "judged", outcome.sentence, outcome
    assert outcome.verdict == "cannot-be-judged"
    return outcome.cause.kind, outcome.sentence, outcome


@pytest.mark.opensim
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_its_cause_named_first(walk: Path, name: str) -> None:
    """What was made wrong is what the first sentence says."""
    fault = FAULTS[name]
    fault.change(walk)
    kind, sentence, _ = judge_folder(walk)
    assert kind in fault.kind.split("|") or (kind == "refused" and fault.kind == "posture"), (kind, sentence)
    assert re.search(fault.words, sentence, re.IGNORECASE), sentence


# What is sound

#: Recordings that are judged as they are: folder, file, window.
SOUND = {
    "overground walking": ("walk_rajagopal2016", COORDINATES, None),
    "treadmill walking": ("walk_uhlrich2022", "results_ik.sto", (10.9, 13.1)),
    "squats": ("squat_sts_opencap_s4", "squats1_manual_scaling_ik.mot", None),
    # On its feet; while it sits, the chair carries what no plate measures.
    "sit-to-stand, standing": ("squat_sts_opencap_s4", "STS1_manual_scaling_ik.mot", (11.5, 13.2)),
}


def open_recording(data: Path, tmp_path: Path, folder: str, file: str, window: tuple[float, float] | None) -> Any:
    """Load a recording where it lies, with a window of its own, at 50 frames a second."""
    for path in (data / folder).iterdir():
        if path.is_file() and path.suffix != ".md":
            (tmp_path / path.name).symlink_to(path)
    lines = [f'coordinates = "{file}"', "rate_hz = 50"]
    if window is not None:
        lines.append(f"window = [{window[0]}, {window[1]}]")
    (tmp_path / "trial.toml").write_text("\n".join(lines))
    return load_trial(tmp_path)


@pytest.mark.opensim
@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_judged(data: Path, tmp_path: Path, name: str) -> None:
    """No false alarm."""
    trial = open_recording(data, tmp_path, *SOUND[name])
    outcome = simulate(trial.body, trial.movement, condition=gluteal.Condition.weaken("glmax", loss=0.3))
    assert outcome.findings == ()
    assert outcome.verdict in ("unchanged", "compensated")
    assert {c.name: c for c in outcome.checks}["mass"].passed


#: Recordings that are not: the kind of the first cause, and whether a piece of them could be judged.
UNSOUND = {
    "a chair that was not measured": (("squat_sts_opencap_s4", "STS1_manual_scaling_ik.mot", None), "support", True),
    "a model of another mass": (("walk_3p6kmh_lowerlimb", "ik.sto.gz", (10.0, 12.4)), "mass", False),
    "a sprint filtered like a walk": (("sprint_emg_ja1", "JA1Gait35_ik.mot", None), "filter", False),
    "muscles beyond their lengths": (("lift_squat5kg_backmodel", "ik.sto", (2.0, 24.0)), "muscle", True),
}


@pytest.mark.opensim
@pytest.mark.parametrize("name", UNSOUND)
def test_what_is_not_sound_is_not_judged(data: Path, tmp_path: Path, name: str) -> None:
    """Faults that came with the recordings: their READMEs name the chair and the mass."""
    recording, kind, piece = UNSOUND[name]
    trial = open_recording(data, tmp_path, *recording)
    outcome = simulate(trial.body, trial.movement)
    assert outcome.verdict == "cannot-be-judged" and outcome.cause is not None
    assert outcome.cause.kind == kind, outcome.sentence
    assert (outcome.cause.window is not None) == piece
    if kind == "mass":
        assert "but the ground forces carry 58.1 kg" in outcome.sentence  # 58.0 kg by its README


@pytest.mark.opensim
def test_the_window_that_is_offered_can_be_judged(walk: Path) -> None:
    """Who walks off the plates is judged as long as they are on them."""
    off_the_plate(walk)
    *_, outcome = judge_folder(walk)
    assert outcome is not None and outcome.cause is not None and outcome.cause.window is not None
    start, end = outcome.cause.window
    assert f"window = [{start:.6g}, {end:.6g}] in trial.toml" in outcome.sentence
    option(f"window = [{start}, {end}]")(walk)
    assert judge_folder(walk)[0] == "judged"


@pytest.mark.parametrize("name", [task.name for task in list_tasks()])
def test_every_task_is_judged(name: str) -> None:
    """No false alarm in a built-in task, and every check of its muscles passes."""
    body = load_body("myo")
    outcome = simulate(body, load_task(name, body))
    assert outcome.cause is None and outcome.verdict == "unchanged"
    about = {"fibre length", "passive force", "slack muscles", "passive moment"}
    assert {c.name for c in outcome.checks if c.passed} >= about


# Models whose muscles do not fit (ways in which scaling goes wrong)


@pytest.mark.opensim
@pytest.mark.parametrize(
    ("fibre", "tendon", "only"),
    [(1.0, 1.35, "soleus_r"), (1.0, 0.0, "soleus_r"), (0.88, 0.88, ""), (0.5, 1.0, "recfem")],
)
def test_the_muscle_that_does_not_fit_is_named(walk: Path, fibre: float, tendon: float, only: str) -> None:
    """By its name and its normalised fibre length: in the cause, or in a check that fails."""
    scale_muscles(fibre, tendon, only)(walk)
    _, sentence, outcome = judge_folder(walk)
    failed = [] if outcome is None else [c.sentence for c in outcome.checks if not c.passed]
    told = [s for s in (sentence, *failed) if re.search(r"\d\.\d\d of (its|their) optimal (fibre )?length", s)]
    assert told and any(only in s for s in told), (sentence, failed)
    if not only:
        assert re.search(r"so do \d\d other muscles", sentence), sentence


# Jumping and running, by their equations


def vertical(needed: np.ndarray, measured: np.ndarray) -> tuple[Mechanics, np.ndarray]:
    """A trial in which the body needs and the plate gives these vertical forces (T,), body weights, 100 a second."""
    plain = make_mechanics(frames=len(needed))
    root = tuple(Coordinate(name, "rotation", (-3.0, 3.0)) for name in ROOT_COORDINATES[:3])
    others = tuple(c for c in plain.body.coordinates if c.name not in ROOT_COORDINATES[:3])
    plain = replace(plain, body=replace(plain.body, coordinates=(*root, *others)))
    weight = plain.body.mass * STANDARD_GRAVITY
    time = np.arange(len(needed)) / 100.0
    force = np.zeros((len(needed), 3))
    force[:, 1] = weight * measured
    still = plain.movement.coordinates.assign_coords(time=time)
    load = ExternalLoad("plate", "calcn_r", force, 0.0 * force, 0.0 * force)
    movement = replace(plain.movement, kind="trial", supports=(), loads=(load,), coordinates=still)
    moment = np.zeros((len(needed), len(plain.body.coordinates)))
    moment[:, plain.body.coordinate_names.index("pelvis_ty")] = weight * (needed - measured)
    return replace(plain, movement=movement), moment


def test_a_drop_jump_is_judged_from_where_it_leaves_the_box() -> None:
    """On the box nothing is measured; in flight nothing is needed; on the plate both agree."""
    box, flight, landing = np.full(40, 1.0), np.zeros(25), np.linspace(2.5, 1.0, 60)
    mechanics, moment = vertical(np.concatenate([box, flight, landing]), np.concatenate([0.0 * box, flight, landing]))
    found = list(find_ground_faults(mechanics.body, mechanics.movement, moment))
    assert [cause.kind for cause in found] == ["support"]
    (cause,) = order_causes(found, mechanics.movement.time)
    assert cause.window == (0.4, 1.24)


def test_flight_needs_no_ground_and_running_tells_the_mass() -> None:
    """Half a sine of force, then flight: the impulse of the plates is the weight's, whatever the model weighs."""
    step = np.concatenate([np.pi * np.sin(np.pi * np.arange(20) / 20), np.zeros(20)])
    run = np.tile(step, 3)
    mechanics, moment = vertical(run, run)
    assert list(find_ground_faults(mechanics.body, mechanics.movement, moment)) == []
    mechanics, moment = vertical(run, run / 1.3)
    assert measure_mass(mechanics.body, mechanics.movement, moment) == pytest.approx(60.0 / 1.3)
    (cause,) = find_ground_faults(mechanics.body, mechanics.movement, moment)
    assert cause.kind == "mass" and "60.0 kg, but the ground forces carry 46.2 kg" in cause.what


def test_what_the_hands_push_or_carry_is_no_ground() -> None:
    """A cart that is pushed is no ground that pushes sideways, and a weight in the hand none that pulls down."""
    mechanics, moment = vertical(np.ones(100), np.zeros(100))
    push, zero = np.tile([60.0, 0.0, 0.0], (100, 1)), np.zeros((100, 3))
    cart = replace(mechanics.movement, loads=(ExternalLoad("cart", "hand_r", push, zero, zero),))
    standing = replace(cart, supports=(Support("sole", "calcn_r", (0.0, 0.0, 0.0)),))
    assert list(find_ground_faults(mechanics.body, standing, moment)) == []
    on_foot = replace(standing, loads=(replace(cart.loads[0], segment="calcn_r"),))
    assert [c.kind for c in find_ground_faults(mechanics.body, on_foot, moment)] == ["axes"]
    ankle = Coordinate("ankle_angle_r", "rotation", (-1.0, 1.0))
    body = replace(mechanics.body, coordinates=(*mechanics.body.coordinates, ankle))
    upright = xr.DataArray(
        np.zeros((100, 2)),
        dims=("time", "coordinate"),
        coords={"time": cart.time, "coordinate": ["pelvis_tilt", "pelvis_list"]},
    )
    held = ExternalLoad("weight", "hand_r", np.tile([0.0, -60.0, 0.0], (100, 1)), zero, zero)
    weight, more = replace(cart, coordinates=upright, loads=(held,)), np.concatenate([moment, zero[:, :1]], axis=1)
    (cause,) = find_ground_faults(body, weight, more)
    assert cause.kind == "support" and "no force of the ground is given" in cause.what


def test_the_clock_of_a_short_piece_is_looked_at() -> None:
    """A piece that is offered may be shorter than the longest shift that is looked for."""
    mechanics, moment = vertical(np.ones(26), np.full(26, 0.5))
    (cause,) = find_ground_faults(mechanics.body, mechanics.movement, moment)
    assert cause.kind == "mass"


def test_one_foot_that_carries_half_is_no_lighter_body() -> None:
    """Of somebody who stands on both, the forces of one foot are given; a body without legs is lighter."""
    mechanics, moment = vertical(np.ones(100), np.full(100, 0.48))
    assert [c.kind for c in find_ground_faults(mechanics.body, mechanics.movement, moment)] == ["mass"]
    ankles = tuple(Coordinate(f"ankle_angle_{side}", "rotation", (-1.0, 1.0)) for side in "rl")
    body = replace(mechanics.body, coordinates=(*mechanics.body.coordinates, *ankles))
    (cause,) = find_ground_faults(body, mechanics.movement, np.pad(moment, ((0, 0), (0, 2))))
    assert cause.kind == "support" and "only forces under the right foot are given, which carry 48 %" in cause.what


def test_a_body_that_moves_in_one_plane_needs_a_ground_too() -> None:
    """Models of legs in a plane have three coordinates of the pelvis, and forces with a sideways part."""
    mechanics, moment = vertical(np.ones(100), np.ones(100))
    names = mechanics.body.coordinate_names
    kept = [k for k, name in enumerate(names) if name not in set(ROOT_COORDINATES) - set(PLANAR_ROOT)]
    body = replace(mechanics.body, coordinates=tuple(mechanics.body.coordinates[k] for k in kept))
    (plate,) = mechanics.movement.loads
    aside = plate.force + np.array([0.0, 0.0, 60.0])
    for share, kinds in ((1.0, []), (0.7, ["mass"]), (-1.0, ["sign"])):
        movement = replace(mechanics.movement, loads=(replace(plate, force=share * plate.force + aside - plate.force),))
        short = moment.copy()
        short[:, names.index("pelvis_ty")] += (1.0 - share) * plate.force[:, 1]
        assert [c.kind for c in find_ground_faults(body, movement, short[:, kept])] == kinds


def test_a_clock_that_fits_best_beyond_what_is_looked_for_is_none() -> None:
    """Forces of a rhythm that is 12 % slower are another movement's, and 3 % are another clock's."""
    time = np.arange(200) / 100.0
    for rate, kind in ((1.03, "time"), (1.12, "residual")):
        middle = 1.0 + 0.6 * np.sin(2.0 * np.pi * 2.0 * (time - 1.0) * rate)
        mechanics, moment = vertical(1.0 + 0.6 * np.sin(2.0 * np.pi * 2.0 * (time - 1.0)), middle)
        assert [c.kind for c in find_ground_faults(mechanics.body, mechanics.movement, moment)] == [kind]


def test_a_piece_that_is_out_of_balance_by_itself_is_not_offered() -> None:
    """Moments that are too large on the whole are no matter of their worst frames."""
    mechanics, moment = vertical(np.ones(100), np.ones(100))
    turned = moment.copy()
    weight = mechanics.body.mass * STANDARD_GRAVITY
    turned[:, mechanics.body.coordinate_names.index("pelvis_list")] = 0.15 * weight * (-1.0) ** np.arange(100)
    turned[40:45, mechanics.body.coordinate_names.index("pelvis_list")] = 0.3 * weight
    (cause,) = order_causes(find_ground_faults(mechanics.body, mechanics.movement, turned), mechanics.movement.time)
    assert cause.kind == "residual" and cause.window is None and "in all frames" in cause.where
    turned[:40] = turned[45:] = moment[:40][:1]
    turned[40:60, mechanics.body.coordinate_names.index("pelvis_list")] = 0.3 * weight
    (cause,) = order_causes(find_ground_faults(mechanics.body, mechanics.movement, turned), mechanics.movement.time)
    assert cause.window == (0.0, 0.39) or cause.window == (0.6, 0.99)


# Doors


def test_people_on_no_ground_are_counted_as_such() -> None:
    """The verdict is one of its own, person by person: who is strong enough is judged."""
    mechanics = make_mechanics(demand=100.0)  # 90 N m are there; 12 N m may be missing
    people = same_people(mechanics.body)
    weak = replace(
        people,
        strength=np.concatenate([people.strength, 0.5 * people.strength]),
        **{name: np.repeat(getattr(people, name), 2, axis=0) for name in ("mass", "path_length", "moment_arm")},
    )
    (found,) = run_people(mechanics, weak, conditions=[gluteal.Condition()])
    assert [VERDICTS[int(v)] for v in found["verdict"]] == ["unchanged", "cannot-be-judged"]


def test_a_posture_that_no_joint_reaches_is_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """The dynamometer refuses it with exit code 4 and the range of the joint."""
    assert main(["strength", "hip extension", "--posture", "knee_angle=-170"]) == 4
    assert re.search(r"knee is at -2.97 rad \(-170 degrees\), outside the model's range", capsys.readouterr().err)


@pytest.mark.opensim
def test_the_commands_say_so_by_their_exit_code(walk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """4, in JSON and in words, in simulate and in tolerance; the page opens with it."""
    text(LOADS, (RIGHT, LEFT), (LEFT, RIGHT))(walk)
    page = walk / "page.html"
    assert main(["simulate", str(walk), "--weaken", "glmax=0.3", "--json", "--out", str(page)]) == 4
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "cannot-be-judged" and data["cause"]["kind"] == "feet"
    assert all(data["cause"][key] for key in ("what", "where", "next"))
    told = page.read_text()
    assert "Cannot be judged yet" in told and told.index("What to do next") < told.index("Where it happens")
    assert main(["simulate", str(walk)]) == 4
    assert "The forces of the two feet are exchanged" in " ".join(capsys.readouterr().out.split())
    assert main(["tolerance", str(walk), "glmed", "--json"]) == 4
    data = json.loads(capsys.readouterr().out)
    assert data["cause"]["kind"] == "feet" and data["targets"][0]["critical_loss"] is None

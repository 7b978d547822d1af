"""Walking experiments: they run, can fail, and the changed walks and taken-apart ground forces obey mechanics."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gluteal.engines import compute_mechanics, segment_points
from gluteal.errors import InputError
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.experiments.walking import changed as walking_changed
from gluteal.ledger.experiments.walking import common as walking_common
from gluteal.ledger.experiments.walking import (
    effort,
    everyday,
    ground,
    hip,
    nerve_block,
    posture,
    weakness,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Reading
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import free_feet
from gluteal.movements.tasks.foot_loads import FOOT_LOADS
from gluteal.nerves.condition import Condition
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import STANDARD_GRAVITY

MODULES = (nerve_block, weakness, everyday, ground, effort, posture, hip)
EXPERIMENTS = {e.key: e for m in MODULES for e in m.EXPERIMENTS}
PREDICTIONS = [p for m in MODULES for p in m.PREDICTIONS]
UNITS = {"1", "%", "N", "N m", "deg", "body weights"}


def values(readings: dict[str, Reading]) -> dict[str, float]:
    """Readings as a prediction takes them."""
    return {key: r.value for key, r in readings.items()}


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_readings_are_finite_and_sourced(experiment: Experiment, measured: dict[str, dict[str, Reading]]) -> None:
    """Numbers with a unit or a note why there is none; sources and replayed studies are in the ledger."""
    known = {s.key for s in load_evidence().studies}
    assert experiment.kind == "simulation"
    assert experiment.limits
    assert set(experiment.replays) <= known
    for reading in measured[experiment.key].values():
        assert math.isfinite(reading.value) or reading.note
        assert reading.unit in UNITS
        assert reading.published is None or reading.published.source in known


def test_the_walk_itself_needs_nothing_from_nowhere(bench: Bench) -> None:
    """Every reading here rests on it: the verdict's limits are 1 N m, the tolerance's 0.1 N m and 1 N."""
    assert float(bench.recruitment("walk").residual().max()) < 0.1


def within(bound: Bound) -> float:
    """A value well inside one bound, away from its edge."""
    if bound.low is None or bound.high is None:
        return float(bound.high) - 1.0 if bound.low is None else float(bound.low) + 1.0  # type: ignore[arg-type]
    return 0.5 * (bound.low + bound.high)


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=[f"{p.claim}: {p.experiment}" for p in PREDICTIONS])
def test_predictions_can_fail(prediction: Prediction, measured: dict[str, dict[str, Reading]]) -> None:
    """Claims allow a simulation, readings exist, and readings turned round turn the answer round."""
    claim = load_evidence().claim(prediction.claim)
    assert "simulation" in (claim.test, *claim.also)
    readings = values(measured[prediction.experiment])
    assert {c.reading for c in prediction.criteria} <= set(readings)
    assert all(c.why for c in prediction.criteria)
    supporting = {c.reading: within(c.supports) for c in prediction.criteria}
    contradicting = {c.reading: within(c.contradicts) for c in prediction.criteria}
    assert prediction.decide(readings | supporting) == "supports"
    assert prediction.decide(readings | contradicting) == "contradicts"
    assert prediction.decide(dict.fromkeys(readings, math.nan)) == "undecided"


def test_studies_that_cannot_be_repeated_are_known() -> None:
    """What is missing is said of studies of the ledger that no experiment here repeats."""
    missing = {key for m in MODULES for key in m.MISSING}
    assert missing <= {s.key for s in load_evidence().studies}
    assert not missing & {key for e in EXPERIMENTS.values() for key in e.replays}


# --- laws ------------------------------------------------------------------------------------------


def test_a_deeper_block_is_never_easier(measured: dict[str, dict[str, Reading]]) -> None:
    """Less capacity never lowers what is missing or what it costs, and supplied rotation never hurts."""
    block = values(measured["walk-abductor-block"])
    assert block["depth"] > 0.46
    assert block["any"] >= block["any-46-of-nerve"]
    assert block["effort"] > values(measured["walk-tendinopathy-weakness"])["effort"] > 1.0
    assert block["frontal-supplied"] <= block["frontal"] + 1e-6 <= block["frontal-rotation-first"] + 2e-6
    assert block["tolerated-frontal"] >= block["tolerated"]


def test_a_group_tolerates_no_more_than_its_parts(measured: dict[str, dict[str, Reading]]) -> None:
    """Losing more muscles at once needs at least as large a rest of them."""
    need = values(measured["walk-denervation"])
    assert need["all"] >= max(need["glmed"], need["glmax"], need["tfl"])
    daily = values(measured["everyday-without-glutes"])
    for task in everyday.EVERYDAY:
        assert daily[f"{task}-tolerated"] <= daily[f"{task}-maximus"] + 1e-6
        assert daily["tolerated"] <= daily[f"{task}-tolerated"]


def test_the_published_order_of_weaknesses_holds(measured: dict[str, dict[str, Reading]]) -> None:
    """Hip and knee extensors tolerate more than the three others (van der Krogt et al. 2012)."""
    assert values(measured["walk-weakness-ranking"])["gap"] > 0.0


def test_shares_of_the_abduction_moment(bench: Bench, measured: dict[str, dict[str, Reading]]) -> None:
    """The parts that are told lie within the whole; with all gluteals gone the walk lacks more than with two."""
    share = values(measured["walk-abduction-share"])
    assert share["gluteal"] == pytest.approx(share["medius-minimus"] + share["maximus"])
    assert share["gluteal"] + share["tensor"] <= 1.0
    assert share["missing"] > share["missing-medius"] > 1.0
    stance = walking_common.right_stance(bench.recruitment("walk"))
    alone = walking_common.right_single_support(bench.recruitment("walk"))
    assert np.all(stance[alone])
    assert 0.3 < alone.mean() < 0.45  # single support is some 38 % of a cycle (textbooks)


def test_changed_walks_need_little_from_nowhere(measured: dict[str, dict[str, Reading]]) -> None:
    """OpenSim's limit for residual moments holds for all, that for forces for all but the heaviest load."""
    keys = ("walk-pelvic-tilt", "walk-step-width", "walk-stride-hip-force", "walk-carried-load")
    found = {r.key: r.value for key in keys for r in measured[key].values() if "-residual-" in r.key}
    assert len(found) == 22
    for key, value in found.items():
        if key.endswith("moment"):
            assert value < 75.0, key
        else:
            assert value < (35.0 if "75" in key else 25.0), key


def test_random_weakness_is_repeatable(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its random numbers are the experiment's own: another one in between changes nothing."""
    monkeypatch.setattr(weakness, "PATTERNS", 3)
    [experiment] = [e for e in weakness.EXPERIMENTS if e.key == "walk-random-abductor-weakness"]
    once = [r.value for r in experiment.measure(bench)]
    bench.rng("something else").random(100)
    assert np.array_equal(once, [r.value for r in experiment.measure(bench)], equal_nan=True)


# --- the ground force taken apart --------------------------------------------------------------------


def on_contacts(bench: Bench) -> Solution:
    """The walk on unknown contacts, as the ground force is taken apart."""
    return solve_sharing(compute_mechanics(bench.body, free_feet(bench.movement("walk"))))


@pytest.mark.parametrize("contact", ["standing", "rolling"])
def test_the_parts_add_up_to_the_ground_force(bench: Bench, contact: ground.FootContact) -> None:
    """To rounding, in double and single support: muscles, weight, motion, reserves and the rest."""
    walk, frames = on_contacts(bench), np.array([2, 6, 15, 23, 27, 29])
    parts = ground.split_ground_force(walk, frames, contact)
    whole = compute_support_force(walk).isel(time=frames).sum("support").values
    assert np.abs(parts.sum("source").values - whole).max() < 1e-5


def test_twice_the_muscle_is_twice_its_part(bench: Bench) -> None:
    """The parts are linear: one muscle's doubled force doubles its part and leaves the others alone."""
    walk, frames = on_contacts(bench), np.array([10])
    force = walk.dataset["muscle_force"].copy(deep=True)
    force.loc[{"muscle": "glmed2_r"}] *= 2.0
    before = ground.split_ground_force(walk, frames, "standing")
    after = ground.split_ground_force(replace(walk, _found=walk.dataset.assign(muscle_force=force)), frames, "standing")
    assert np.abs(before.sel(source="glmed2_r")).max() > 1.0
    assert np.allclose(after.sel(source="glmed2_r"), 2.0 * before.sel(source="glmed2_r"))
    others = [s for s in before["source"].values if s != "glmed2_r"]
    assert np.allclose(after.sel(source=others), before.sel(source=others))


def test_the_mass_matrix_is_one(bench: Bench) -> None:
    """Symmetric, positive, with the body's mass against translation; the weight is mass times gravity."""
    inertia, weight = ground._inertia_and_weight(bench.mechanics("walk"), np.array([0, 20]))
    up = bench.body.coordinate_names.index("pelvis_ty")
    assert np.allclose(inertia, np.swapaxes(inertia, 1, 2), atol=1e-8)
    assert np.linalg.eigvalsh(inertia).min() > 0.0
    assert np.allclose(inertia[:, up, up], bench.body.mass)
    assert np.allclose(weight[:, up], bench.body.mass * STANDARD_GRAVITY)


def test_nothing_moves_in_quiet_standing(bench: Bench) -> None:
    """No motion, no part of it; weight and muscles carry the body."""
    parts = ground.split_ground_force(bench.recruitment("quiet-standing"), np.array([0]), "standing")
    assert np.abs(parts.sel(source="motion")).max() < 1e-9
    assert float(parts.sel(axis="up").sum()) == pytest.approx(bench.body.mass * STANDARD_GRAVITY, rel=1e-5)


# --- changed walks -------------------------------------------------------------------------------------


def points(bench: Bench, movement: Movement, *segments: str) -> np.ndarray:
    """World positions (T, N, 3) of segments' origins."""
    postures = movement.coordinates.sel(coordinate=list(bench.body.coordinate_names)).values
    return np.array([segment_points(bench.body, q, [(s, (0.0, 0.0, 0.0)) for s in segments]) for q in postures])


def test_added_curves_have_their_derivatives(bench: Bench) -> None:
    """Of a sine of two beats a cycle: its own derivatives, by formula."""
    walk = bench.movement("walk")
    beat = 4.0 * np.pi / walk.time[-1]
    changed = walking_changed.add_curves(walk, {"knee_angle_r": 0.1 * np.sin(beat * walk.time)})
    for name, expected in (
        ("coordinates", 0.1 * np.sin(beat * walk.time)),
        ("speed", 0.1 * beat * np.cos(beat * walk.time)),
        ("acceleration", -0.1 * beat**2 * np.sin(beat * walk.time)),
    ):
        added = (getattr(changed, name) - getattr(walk, name)).sel(coordinate="knee_angle_r").values
        assert np.allclose(added, expected, atol=1e-9), name
    assert np.array_equal(walk.speed, bench.movement("walk").speed)


def test_a_tilted_pelvis_leaves_the_legs_where_they_are(bench: Bench) -> None:
    """The middle of the hips stays exactly; knees and ankles to 1.5 cm, because list and rotation go with the tilt."""
    walk = bench.movement("walk")
    tilted = walking_changed.tilt_pelvis(bench.body, walk, forward=np.deg2rad(10.0))
    assert float((tilted.coordinates - walk.coordinates).sel(coordinate="pelvis_tilt").mean()) == pytest.approx(
        -np.deg2rad(10)
    )
    hips = points(bench, tilted, "femur_r", "femur_l") - points(bench, walk, "femur_r", "femur_l")
    assert np.abs(hips.mean(axis=1)).max() < 1e-3  # beats above the sixth are left out
    legs = ("tibia_r", "tibia_l", "talus_r", "talus_l")
    assert np.linalg.norm(points(bench, tilted, *legs) - points(bench, walk, *legs), axis=2).max() < 0.015


def test_wider_steps_are_as_much_wider_as_asked(bench: Bench) -> None:
    """Each ankle half of it to its own side, to a millimetre; no widening changes nothing."""
    walk, solved = bench.movement("walk"), bench.recruitment("walk")
    wide = walking_changed.widen_steps(bench.body, walk, solved, wider=0.08)
    moved = (points(bench, wide, "talus_r", "talus_l") - points(bench, walk, "talus_r", "talus_l"))[:, :, 2]
    assert np.allclose(moved, [0.04, -0.04], atol=1e-3)
    same = walking_changed.widen_steps(bench.body, walk, solved, wider=0.0)
    assert np.allclose(same.acceleration, walk.acceleration, atol=1e-9)


def test_a_longer_stride_swings_the_hip_further(bench: Bench) -> None:
    """The range of motion grows by the ratio; a ratio of 1 changes nothing."""
    walk = bench.movement("walk")
    longer = walking_changed.lengthen_stride(bench.body, walk, ratio=1.1)
    span = [float(np.ptp(m.coordinates.sel(coordinate="hip_flexion_r").values)) for m in (walk, longer)]
    assert span[1] / span[0] == pytest.approx(1.1, rel=1e-3)
    assert np.allclose(walking_changed.lengthen_stride(bench.body, walk, ratio=1.0).speed, walk.speed)


def test_the_ground_carries_the_load(bench: Bench) -> None:
    """Over a cycle the mean vertical force is body and load together: a periodic motion has no net acceleration."""
    loaded = walking_changed.carry(bench.body, bench.movement("walk"), mass=20.0)
    feet = [load for load in loaded.loads if load.name in FOOT_LOADS]
    assert len(feet) == 2
    upward = sum(load.force[:-1, 1] for load in feet)
    assert upward.mean() == pytest.approx((bench.body.mass + 20.0) * STANDARD_GRAVITY, rel=5e-3)


# --- strategies ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_equal_weights_are_the_least_effort(bench: Bench) -> None:
    """They give back the undisturbed solution; any other weights cost more effort."""
    walk = bench.recruitment("walk")
    count = len(bench.body.muscle_names)
    same = solve_sharing(walk.mechanics, weight=np.ones(count))
    assert np.allclose(same.activation, walk.activation, atol=1e-6)
    weight = 1.0 + 9.0 * bench.rng("weights").random(count)
    other = solve_sharing(walk.mechanics, weight=weight)
    assert float((other.activation**2).sum()) > float((walk.activation**2).sum())
    # Its effort and certificates are those of the weighted problem, in which it is the cheaper one.
    assert np.allclose(other.dataset["effort"], (weight * other.activation.values**2).sum(axis=1))
    assert other.certificate() < 1e-6
    assert float(other.dataset["effort"].sum()) < (weight * walk.activation.values**2).sum()
    by_frame = solve_sharing(walk.mechanics, weight=np.tile(weight, (len(walk.activation), 1)))
    assert np.array_equal(by_frame.activation, other.activation)


@pytest.mark.parametrize("weight", [np.ones(3), np.float64(1.0), "zero", "nan"])
def test_weights_that_cannot_be_are_refused(bench: Bench, weight: np.ndarray | str) -> None:
    """A sentence instead of a solution: a wrong shape, a muscle that costs nothing, no number."""
    mechanics = bench.mechanics("quiet-standing")
    if isinstance(weight, str):
        weight = np.where(np.arange(len(bench.body.muscle_names)) == 5, {"zero": 0.0, "nan": np.nan}[weight], 1.0)
    with pytest.raises(InputError, match="weight"):
        solve_sharing(mechanics, weight=weight)


def test_a_blocked_muscle_that_was_silent_saves_nothing(bench: Bench) -> None:
    """The motor units that a block takes still live: their resting heat is counted."""
    still = bench.recruitment("quiet-standing").activation.max("time")
    silent = [g for g, names in bench.body.groups.items() if float(still.sel(muscle=list(names)).max()) < 1e-9]
    assert silent
    outcome = bench.outcome("quiet-standing", Condition.weaken(silent[0], loss=0.5))
    assert outcome.metabolic_ratio < 1.0
    assert walking_common.cost_ratio(outcome) == pytest.approx(1.0, abs=1e-9)

"""Experiments on postures and exercises: they run, they can fail, and they obey what physics demands."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
import yaml
from scipy.optimize import nnls

from gluteal.engines import compute_geometry
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.experiments.postures import bending, bridging, pain, prone, squatting, stance, strategy
from gluteal.ledger.measures import (
    activation_of,
    hold,
    mean_force,
    missing_of_limit,
    moment_share,
    rank_correlation,
    shorten,
    thin,
)
from gluteal.ledger.prediction import Experiment, Prediction, Reading, Threshold
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import solve_sharing
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

MODULES = (stance, bending, bridging, prone, squatting, pain, strategy)
EXPERIMENTS: dict[str, Experiment] = {e.key: e for m in MODULES for e in m.EXPERIMENTS}
PREDICTIONS: tuple[Prediction, ...] = tuple(p for m in MODULES for p in m.PREDICTIONS)
#: Settings other than the defaults, which test_tasks.py carries.
NEW_TASKS: dict[str, tuple[dict[str, float], ...]] = {
    "bridge-hips-abducted": ({"abduction": 0.0}, {"abduction": 15.0}),
    "forward-bend-from-the-spine": ({"spine": -15.0}, {"spine": 15.0}),
    "single-leg-stance-posture": ({"drop": 10.0, "lean": 14.0}, {"drop": -10.0, "lean": -14.0}),
    "standing-hip-abduction": ({"abduction": 5.0}, {"abduction": 35.0}),
}


def numbers(of: dict[str, Reading]) -> dict[str, float]:
    return {key: reading.value for key, reading in of.items()}


# --- what every experiment and prediction must be ------------------------------------------------------


def test_keys_are_unique() -> None:
    assert len(EXPERIMENTS) == sum(len(m.EXPERIMENTS) for m in MODULES)
    pairs = [(p.claim, p.experiment) for p in PREDICTIONS]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("key", sorted(EXPERIMENTS))
def test_every_experiment_gives_finite_numbers_with_units(measured: dict[str, dict[str, Reading]], key: str) -> None:
    """No key twice, a unit on each, and where there is no number a note says why."""
    found = measured[key]
    assert found
    for reading in found.values():
        assert reading.unit and reading.label
        assert math.isfinite(reading.value) or reading.note, reading.key
        assert np.isscalar(reading.value) and not isinstance(reading.value, bool)


@pytest.mark.parametrize("key", ["stance-abductor-share", "prone-gmax-erector"])
def test_repeating_gives_the_same_numbers(bench: Bench, measured: dict[str, dict[str, Reading]], key: str) -> None:
    """Random people are those of the experiment, whatever was run before."""
    again = {r.key: r.value for r in EXPERIMENTS[key].measure(bench)}
    assert again == numbers(measured[key])


def test_published_values_name_studies_of_the_ledger(measured: dict[str, dict[str, Reading]]) -> None:
    known = {study.key for study in load_evidence().studies}
    cited = {r.published.source for key in EXPERIMENTS for r in measured[key].values() if r.published}
    replayed = {key for e in EXPERIMENTS.values() for key in e.replays}
    assert cited <= known and replayed <= known
    assert not {key for m in MODULES for key in m.MISSING} & replayed


def test_predictions_name_claims_and_readings_that_exist(measured: dict[str, dict[str, Reading]]) -> None:
    text = files("gluteal.ledger.evidence").joinpath("claims.yaml").read_text(encoding="utf-8")
    known = {claim["id"] for claim in yaml.safe_load(text)["claims"]}
    for prediction in PREDICTIONS:
        assert prediction.claim in known
        for criterion in prediction.criteria:
            assert criterion.reading in measured[prediction.experiment], (prediction.claim, criterion.reading)
            assert len(criterion.why) > 20


def inside(criterion: Threshold, which: str) -> float:
    """Return a value that lies within one bound of a criterion and not within the other."""
    bound, other = (
        (criterion.supports, criterion.contradicts)
        if which == "supports"
        else (criterion.contradicts, criterion.supports)
    )
    low = -1e6 if bound.low is None else bound.low
    high = 1e6 if bound.high is None else bound.high
    return next(v for v in (low, high, (low + high) / 2.0) if v not in other)


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=lambda p: f"{p.claim}-{p.experiment}")
def test_inverted_readings_flip_the_answer(prediction: Prediction) -> None:
    """Every prediction can come out either way."""
    for which in ("supports", "contradicts"):
        made = {c.reading: inside(c, which) for c in prediction.criteria}
        assert prediction.decide(made) == which


def test_the_answers_are_not_all_one(measured: dict[str, dict[str, Reading]]) -> None:
    """Bounds that let everything through would be no test; these told claims apart."""
    said = {p.decide(numbers(measured[p.experiment])) for p in PREDICTIONS}
    assert {"supports", "contradicts"} <= said


@pytest.mark.slow
def test_chance_does_not_decide(bench: Bench, measured: dict[str, dict[str, Reading]]) -> None:
    """Other random people, the same answer: of the experiments here that draw people and are judged."""
    for key in ("prone-and-upright", "stance-nerve-block"):
        said = [numbers(measured[key])]
        said += [{r.key: r.value for r in EXPERIMENTS[key].measure(replace(bench, seed=seed))} for seed in (1, 2)]
        for prediction in PREDICTIONS:
            if prediction.experiment == key:
                judged = {tuple(c.judge(values[c.reading]) for c in prediction.criteria) for values in said}
                assert len(judged) == 1, (prediction.claim, judged)


# --- laws ----------------------------------------------------------------------------------------------


def test_more_loss_never_costs_less(bench: Bench) -> None:
    effort = [
        float(
            solve_sharing(bench.mechanics("single-leg-stance"), condition=Condition.weaken("glmed", loss=loss)).dataset[
                "effort"
            ][0]
        )
        for loss in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    assert all(later >= sooner - 1e-6 for sooner, later in itertools.pairwise(effort))


def test_without_a_condition_nothing_is_missing(bench: Bench) -> None:
    assert missing_of_limit(bench.outcome("bridge", Condition()).deficits) == pytest.approx(0.0, abs=1e-9)


def test_shares_of_all_abductors_add_up(bench: Bench) -> None:
    """What turns the hip outwards is split among the muscles of that leg: all of them together are all of it."""
    solved = bench.recruitment("single-leg-stance")
    crossing = [m for m in bench.body.muscle_names if m.endswith("_r")]
    assert moment_share(solved, crossing, "hip_adduction_r", -1) == pytest.approx(1.0)


def test_unshortened_muscles_change_nothing(bench: Bench) -> None:
    before = bench.mechanics("squat")
    same = shorten(before, {"psoas_r": 0.0})
    for name in ("active_capacity", "passive_force", "fiber_length"):
        np.testing.assert_allclose(same.dataset[name], before.dataset[name], rtol=0, atol=1e-9)


def test_a_shorter_muscle_pulls_more_at_rest(bench: Bench) -> None:
    before = bench.mechanics("quiet-standing")
    tight = shorten(before, {"psoas_r": 0.03})
    passive = [m.dataset["passive_force"].sel(muscle="psoas_r").item() for m in (before, tight)]
    assert passive[1] > passive[0] + 1.0
    left = [m.dataset["passive_force"].sel(muscle="psoas_l").item() for m in (before, tight)]
    assert left[0] == left[1]


def test_the_tight_thigh_rests_where_it_was_asked_to(bench: Bench) -> None:
    """Definition of tightness: at rest, 10 degrees above the horizontal, passive pull equals the leg's weight."""
    from gluteal.engines import compute_mechanics

    pose = {"pelvis_tilt": 90.0, "hip_flexion_r": squatting.TIGHT, "knee_angle_r": 80.0}
    supine = compute_mechanics(bench.body, hold(bench.body, [pose]))
    tight = squatting._tightening(bench)
    weight = float(supine.dataset["joint_moment"].sel(coordinate="hip_flexion_r")[0])
    assert weight > 10.0  # the leg would fall
    assert abs(squatting._thomas(shorten(supine, tight))) < 0.01 * weight
    assert squatting._thomas(supine) < -0.5 * weight  # without tightness it does


def test_thinned_frames_are_the_same_frames(bench: Bench) -> None:
    whole = bench.recruitment("walk")
    part = solve_sharing(thin(bench.mechanics("walk"), 10))
    np.testing.assert_allclose(part.activation, whole.activation.isel(time=slice(None, None, 10)), atol=1e-5)


def test_activation_of_a_group_stays_between_its_muscles(bench: Bench) -> None:
    solved = bench.recruitment("single-leg-stance")
    muscles = solved.activation.sel(muscle=list(bench.body.resolve("glmed", side="r")))
    pooled = float(activation_of(solved, "glmed")[0])
    assert float(muscles.min()) <= pooled <= float(muscles.max())
    assert mean_force(solved, "glmed", "r") == pytest.approx(
        float(solved.dataset["muscle_force"].sel(muscle=list(bench.body.resolve("glmed", side="r"))).sum())
    )


def test_rank_correlation_knows_order_and_nothing() -> None:
    """Spearman of a monotonic pair is 1; of 2000 independent numbers its interval holds zero and is 0.09 wide."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal(2000)
    assert rank_correlation(x, np.exp(x)).value == pytest.approx(1.0)
    found = rank_correlation(x, rng.standard_normal(2000))
    assert found.low < 0.0 < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 / np.sqrt(1997), rel=0.02)
    assert math.isnan(rank_correlation(x[:3], x[:3]).low)


def test_moment_arms_agree_with_the_corrected_body(measured: dict[str, dict[str, Reading]]) -> None:
    """Hip straight: values of docs/body-myo.md, extension positive here, mm."""
    found = numbers(measured["gluteal-moment-arms"])
    for muscle, printed in (("glmax1", 49.1), ("glmax2", 62.6), ("glmed1", 10.6), ("glmed3", 26.2), ("glmin1", -8.1)):
        assert found[f"extension-{muscle}_r"] == pytest.approx(printed, abs=0.06)


def test_a_lean_over_the_leg_spares_the_abductors(measured: dict[str, dict[str, Reading]]) -> None:
    """The trunk's weight comes nearer to the hip; leaning away takes it further."""
    found = numbers(measured["stance-posture"])
    assert found["over"] < found["level"] < found["away"]


# --- the tasks made for them ---------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "settings"), [(t, s) for t, each in NEW_TASKS.items() for s in each])
def test_new_tasks_are_carried(bench: Bench, task: str, settings: dict[str, float]) -> None:
    """As every built-in task: contacts balance the body, and muscles need less than 1 N m of reserve."""
    movement = bench.movement(task, **settings)
    geometry = compute_geometry(bench.body, movement)
    rows = [bench.body.coordinate_names.index(n) for n in ROOT_COORDINATES]
    left = max(
        nnls(geometry.support_arm[t, rows], geometry.joint_moment[t, rows])[1] for t in range(len(movement.time))
    )
    assert left < 1e-3 * bench.body.mass * STANDARD_GRAVITY
    assert float(bench.recruitment(task, **settings).residual().max()) < 1.0

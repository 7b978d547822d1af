"""Bands of readings close on the reading without slack, and take the weight from what only the cheapest says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gluteal.ledger import run
from gluteal.ledger.bench import Bench
from gluteal.ledger.credibility import Credibility, NatureCheck
from gluteal.ledger.experiments import all_experiments, all_predictions
from gluteal.ledger.kept import keep_readings
from gluteal.ledger.measures import moment_share, peak_activation
from gluteal.ledger.prediction import BAND_SLACK, Bound, Prediction, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends, force_ends, keep_bands, load_band, share_band
from gluteal.ledger.run import ExperimentResult, says_in_bands
from gluteal.nerves.condition import Condition
from gluteal.sharing.bands import SLACKS, solve_bands
from gluteal.sharing.solution import solve_sharing

BENCH = Bench()
BANDED = {key: e for key, e in all_experiments().items() if e.bands is not None}
HALF = Threshold("share", Bound(low=0.5), Bound(high=0.25), "half")
PASSED = Credibility((NatureCheck("strength", "", "gluteal", 1.0, 0.5, 1.5, "1", ""),))


def test_the_slack_is_the_one_that_bands_are_told_by() -> None:
    """One tenth more than the least effort, here as in `gluteal bands`."""
    assert SLACKS[0] == BAND_SLACK


@pytest.mark.parametrize("key", BANDED)
def test_a_band_closes_on_its_reading(key: str) -> None:
    """Without slack, both ends are the reading, worked out by other code; with it, the reading lies between."""
    experiment = BANDED[key]
    assert experiment.bands is not None
    values = {r.key: r.value for r in keep_readings(experiment, BENCH)}
    closed, bands = experiment.bands(BENCH, 0.0), experiment.bands(BENCH, BAND_SLACK)
    assert bands and set(bands) == set(closed) <= set(values)
    for name, (low, high) in bands.items():
        assert closed[name] == pytest.approx((values[name], values[name]), rel=1e-3, abs=1e-4), name
        assert low - 1e-6 <= values[name] <= high + 1e-6, name
        assert high > low or name.startswith("rank"), name


#: Experiments that decide a claim by a reading without a band, and why there is none.
LEAST = "what is read is a least or a largest over all sharings: effort, what is missing, what is tolerated, strength"
POWER = "metabolic power is not linear in activations: its ends are not known exactly"
UNBANDED = {
    "walk-abductor-block": LEAST,
    "walk-weak-glutes": LEAST,
    "stance-adapts": LEAST,
    "stance-posture": LEAST,
    "half-the-gluteals": LEAST,
    "stance-nerve-block": LEAST,
    "stance-push": LEAST,
    "walk-pelvic-tilt": LEAST,
    "everyday-without-glutes": f"{LEAST}; {POWER}",
    "walk-adapts": f"{LEAST}; how far pelvis and trunk go, which a search over postures decides and no sharing",
    "walk-distal-or-proximal": POWER,
    "walk-weak-calves": POWER,
    "prone-and-upright": "correlations between 2000 people, each at the cheapest sharing",
    "gluteal-moment-arms": "geometry, no sharing",
}


def test_whoever_decides_by_a_sharing_has_bands() -> None:
    """Every experiment on the body that decides a claim has bands of what it decides by, or a reason stands here.

    Where the answer is foregone, or only published numbers are repeated, it has no weight with or without bands.
    """
    without = set()
    for predictions in all_predictions().values():
        for p in predictions:
            experiment = all_experiments()[p.experiment]
            if experiment.kind == "simulation" and experiment.bands is None and not p.foregone:
                without.add(p.experiment)
    assert without == set(UNBANDED), "give it bands, or the reason why it has none"


def test_bands_hold_under_a_dearer_drive() -> None:
    """A muscle held back counts 1 / (1 - D)^2: its bands are those of that problem, not of the undisturbed one."""
    outcome = BENCH.outcome("bridge", Condition.hold_back("glmax", share=0.2, side="r"))
    right = [outcome.mechanics.body.muscle_places[m] for m in outcome.mechanics.body.resolve("glmax", side="r")]
    dearer = outcome.changed.problem.weight / outcome.baseline.problem.weight
    assert np.broadcast_to(dearer, outcome.changed.activation.shape)[:, right] == pytest.approx(1.0 / 0.8**2)
    held, free = (activation_ends(s, "glmax") for s in (outcome.changed, outcome.baseline))
    assert held.low.mean() < float(peak_activation(outcome.changed, "glmax")) < held.high.mean()
    # What is dearer reaches less far up for the same slack.
    assert held.high.mean() < free.high.mean()


def test_the_weighted_sum_agrees_with_the_bands_of_groups() -> None:
    """Group means by `solve_ends` are those of `solve_bands`, which states its weights elsewhere."""
    stance = BENCH.recruitment("single-leg-stance")
    low, high = activation_ends(stance, "glmed")
    other = solve_bands(stance, slacks=[BAND_SLACK], groups=["glmed_r"], joints=False).activation.sel(group="glmed_r")
    assert np.stack([low, high], -1) == pytest.approx(other.values[0], abs=2e-4)


def test_another_sharing_that_costs_little_more_lies_within() -> None:
    """Gluteus medius counted dearer: a sharing of its own, up to 10 % dearer, inside every band."""
    whole = BENCH.recruitment("single-leg-stance")
    body = whole.mechanics.body
    dearer = np.where(np.isin(body.muscle_names, body.resolve("glmed")), 1.6, 1.0)
    other = solve_sharing(whole.mechanics, weight=dearer)
    cost = float((other.activation**2).sum() / (whole.activation**2).sum())
    assert 1.0 < cost <= 1.0 + BAND_SLACK
    band = activation_ends(whole, "glmed").peak()
    assert band.low < peak_activation(other, "glmed") < peak_activation(whole, "glmed") < band.high
    share = share_band(whole, ("glmed", "glmin"), "hip_adduction_r", -1)
    assert share.low < moment_share(other, ("glmed", "glmin"), "hip_adduction_r", -1) < share.high
    force = force_ends(whole, "glmed", "r").mean()
    own = other.dataset["muscle_force"].sel(muscle=list(body.resolve("glmed", side="r"))).sum("muscle")
    assert force.low < float(own.mean()) < force.high
    hip = load_band(whole, "hip_r")
    assert 2.0 < hip.low < hip.high < 5.0  # body weights, one-leg stance


def test_bands_compute() -> None:
    """Differences and ratios take both parts at their ends; where the divisor may be nothing there is no upper end."""
    band = ReadingBand(1.0, 2.0)
    assert band.minus(ReadingBand(0.5, 1.5)) == (-0.5, 1.5)
    assert band.over(ReadingBand(0.0, 4.0)) == (0.25, math.inf)
    assert band.over(ReadingBand(0.0, 4.0)).words("1") == "0.25 or more"
    assert band.times(100.0).words("%") == "100 to 200 %"


def test_only_a_whole_band_decides() -> None:
    """Inside a bound it says what the bound says; across one, or across both, nothing."""
    assert HALF.judge_band(ReadingBand(0.5, 0.9)) == "supports"
    assert HALF.judge_band(ReadingBand(0.1, 0.2)) == "contradicts"
    assert HALF.judge_band(ReadingBand(0.4, 0.9)) == HALF.judge_band(ReadingBand(0.1, 0.9)) == "undecided"
    assert says_in_bands(HALF, {"share": 0.6}, {"share": ReadingBand(0.4, 0.9)}) == "may"
    assert says_in_bands(HALF, {"share": 0.6}, {"share": ReadingBand(0.5, 0.9)}) == "every"
    assert says_in_bands(HALF, {"share": 0.4}, {"share": ReadingBand(0.5, 0.9)}) is None
    assert says_in_bands(HALF, {"share": 0.6}, {}) is None


def test_a_band_that_spans_no_change_takes_the_weight() -> None:
    """A rise of a tenth that near-optimal sharings turn round supports nothing; one that all show does."""
    rise = Prediction("a", "b", (Threshold("rise", Bound(low=0.05), Bound(high=0.0), "a rise"),))
    reading = Reading("rise", "rise of activation", 0.1, "1")
    experiment = replace(next(iter(BANDED.values())), independent=True)

    def tested(**bands: ReadingBand) -> run.Tested:
        return run.Tested(rise, ExperimentResult(experiment, (reading,), 0.0, PASSED, bands=bands))

    assert tested().credible
    assert tested(rise=ReadingBand(0.06, 0.2)).credible
    spans = tested(rise=ReadingBand(-0.1, 0.2))
    assert spans.answer == "supports" and not spans.credible
    assert spans.failed_check == (
        "only some near-optimal sharings give this answer: rise of activation is -0.1 to 0.2 in those that cost up to "
        "10 % more than the cheapest"
    )
    row = spans.to_json()
    assert row["criteria"][0]["near_optimal"] == "may"
    assert row["readings"][0]["band"] == {"low": -0.1, "high": 0.2, "slack": 0.1, "words": "-0.1 to 0.2"}


def test_bands_are_kept() -> None:
    """What is kept is what is computed, and an experiment without sharings has none."""
    experiment = BANDED["abduction-lying-standing"]
    assert experiment.bands is not None
    assert keep_bands(experiment, BENCH) == keep_bands(experiment, BENCH) == dict(experiment.bands(BENCH, BAND_SLACK))
    assert keep_bands(all_experiments()["palpating-examiners"], BENCH) == {}

"""Experiments on observers and recordings: they run, can fail, and use the numbers that the ledger prints."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from gluteal.emg.measure.healthy_onsets import PublishedOnset
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.experiments.recorded import observers, published_groups, recordings
from gluteal.ledger.experiments.recorded.drawn_people import (
    GLUTE,
    MEN,
    TEXTBOOK,
    WOMEN,
    draw_onsets,
    glute_lag,
    in_textbook_order,
    published_rows,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Reading, Threshold

EXPERIMENTS = {e.key: e for m in (observers, recordings) for e in m.EXPERIMENTS}
PREDICTIONS = [p for m in (observers, recordings) for p in m.PREDICTIONS]
NAMES = [f"{p.claim}: {p.experiment}" for p in PREDICTIONS]


def answer(prediction: Prediction, readings: dict[str, Reading]) -> str:
    """What a prediction says of readings."""
    return prediction.decide({k: r.value for k, r in readings.items()})


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_readings_are_finite_and_sourced(experiment: Experiment, measured: dict[str, dict[str, Reading]]) -> None:
    """Numbers are finite with a unit, shares between 0 and 1; sources are studies of the ledger."""
    known = {s.key for s in load_evidence().studies}
    assert experiment.kind == "emg"
    assert set(experiment.replays) <= known
    for reading in measured[experiment.key].values():
        assert math.isfinite(reading.value)
        assert type(reading.value) is float
        assert reading.unit in ("1", "ms", "% MVIC")
        if "share" in reading.key or reading.label.startswith(("Chance", "Healthy", "Share")):
            assert 0.0 <= reading.value <= 1.0, reading.key
        if reading.published is not None:
            assert reading.published.source in known


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=NAMES)
def test_predictions_can_fail(prediction: Prediction, measured: dict[str, dict[str, Reading]]) -> None:
    """Claims and readings exist, no value is on both sides, and values turned round turn the answer round."""
    claim = load_evidence().claim(prediction.claim)
    assert "emg" in (claim.test, *claim.also)
    readings = measured[prediction.experiment]
    for side, other in (("supports", "contradicts"), ("contradicts", "supports")):
        turned = {c.reading: _inside(getattr(c, side)) for c in prediction.criteria}
        assert prediction.decide(turned) == side
        assert other not in {c.judge(turned[c.reading]) for c in prediction.criteria}
    assert {c.reading for c in prediction.criteria} <= set(readings)
    for criterion in prediction.criteria:
        if readings[criterion.reading].unit == "1" and "ratio" not in criterion.reading:
            assert _within(criterion.supports, -1.0, 1.0), "a bound that no share can meet"
            assert _within(criterion.contradicts, -1.0, 1.0), "a bound that no share can meet"


def _inside(bound: Bound) -> float:
    values = [v for v in (bound.low, bound.high) if v is not None]
    return float(np.mean(values))


def _within(bound: Bound, low: float, high: float) -> bool:
    return (bound.low is None or bound.low < high) and (bound.high is None or bound.high > low)


def test_a_set_order_would_be_seen() -> None:
    """If healthy people started 200 ms apart in the textbook order, both criteria on the order would support it."""
    rows = [_row(m, 0.2 * i, 0.03) for i, m in enumerate(TEXTBOOK) if i]
    times = {m: v[:, 0] for m, v in draw_onsets(rows, np.random.default_rng(1), people=500).items()}
    [prediction] = [p for p in observers.PREDICTIONS if p.experiment == "textbook-order"]
    share = float(in_textbook_order(times).mean())
    assert prediction.criteria[0].judge(share) == "supports"


def test_a_useful_test_would_be_seen() -> None:
    """Were healthy people alike and gluteus maximus early, examiners would agree and lateness would stand out."""
    rows = [_row(GLUTE, -0.3, 0.15), *(_row(m, 0.05, 0.02) for m in TEXTBOOK[2:])]
    found = observers.examine(rows, np.random.default_rng(2), within=0.05, touch_ms=1.0)
    [prediction] = [p for p in observers.PREDICTIONS if p.experiment == "palpating-examiners"]
    assert {c.judge(found[c.reading]) for c in prediction.criteria} == {"contradicts"}


def _row(muscle: str, mean: float, sd: float) -> PublishedOnset:
    return PublishedOnset(muscle, "made up", "hamstring onset", mean, sd, 20, "", "", "made-up", "")


def test_drawn_people_have_the_published_spread() -> None:
    """Mean and spread as printed, and the correlation and share within people that were asked for."""
    rng = np.random.default_rng(3)
    row = next(r for r in published_rows(MEN) if r.muscle == GLUTE)
    times = draw_onsets(published_rows(MEN), rng, people=40_000, trials=2, correlation=0.5, within=0.3)
    glute, back = times[GLUTE], times[TEXTBOOK[2]]
    assert glute.mean() == pytest.approx(row.mean_s, abs=0.004)
    assert glute.std() == pytest.approx(row.sd_s, rel=0.02)
    assert np.corrcoef(glute[:, 0], glute[:, 1])[0, 1] == pytest.approx(0.7, abs=0.02)
    assert np.corrcoef(glute[:, 0], back[:, 0])[0, 1] == pytest.approx(0.5, abs=0.02)
    women = draw_onsets(published_rows(WOMEN), rng, people=10)
    first = np.minimum(women["medial hamstrings"], women["lateral hamstrings"])
    assert np.array_equal(women["hamstrings"], first)


def test_worse_touch_never_helps() -> None:
    """More error of touch: less agreement, more wrong calls; more variation within people: less agreement."""

    def examined(within: float, touch: float) -> dict[str, float]:
        return observers.examine(published_rows(MEN), np.random.default_rng(1), within=within, touch_ms=touch)

    by_touch = [examined(0.5, t)["examiner-kappa"] for t in (1.0, 40.0, 120.0, 400.0)]
    by_person = [examined(w, 40.0)["examiner-kappa"] for w in (0.05, 0.5, 0.95)]
    assert by_touch == sorted(by_touch, reverse=True)
    assert by_person == sorted(by_person, reverse=True)
    wrong = [examined(0.5, t)["touch-error"] for t in (1.0, 40.0, 400.0)]
    assert wrong == sorted(wrong)
    assert wrong[0] < 0.02


def test_touch_error_has_the_published_meaning() -> None:
    """At a gap of 40 ms, an examiner who is 75 % right at 40 ms is right in 75 % (two onsets, each with its error)."""
    error = 0.040 * observers.SIGMA_PER_75 / math.sqrt(2.0)
    rng = np.random.default_rng(4)
    first, second = error * rng.standard_normal((2, 200_000))
    assert np.mean(second + 0.040 > first) == pytest.approx(0.75, abs=0.005)


def test_lag_is_of_the_last_of_the_others() -> None:
    """Positive where gluteus maximus is last."""
    times = {m: np.array([t, t]) for m, t in zip(TEXTBOOK, (0.0, 0.1, 0.2, 0.3), strict=True)}
    assert glute_lag(times) == pytest.approx([-0.2, -0.2])
    assert in_textbook_order(times).all()
    assert not in_textbook_order({**times, GLUTE: np.array([0.4, 0.25])}).any()


def test_weak_share_is_the_normal_tail(measured: dict[str, dict[str, Reading]]) -> None:
    """33.8 against 39.5 (SD 6.6), as Powers 2017 prints them."""
    assert measured["usual-rules-on-healthy"]["weak-share"].value == pytest.approx(norm.cdf((33.8 - 39.5) / 6.6))


def test_latencies_are_those_of_the_ledger() -> None:
    """Beckman & Buchanan 1995 as the ledger prints them."""
    effects = {effect.outcome.split()[-1]: effect for effect in load_evidence().study("beckman1995").effects}
    for side, (loose, normal) in published_groups.LATENCY.items():
        assert (effects[side].mean_1, effects[side].mean_2) == (loose[0], normal[0])


def test_a_later_reflex_would_support(measured: dict[str, dict[str, Reading]]) -> None:
    """The published means swapped, the answer follows."""
    [prediction] = [p for p in PREDICTIONS if p.experiment == "ankle-reflex"]
    readings = measured["ankle-reflex"]
    assert answer(prediction, readings) == "contradicts"
    swapped = {k: replace(r, value=1.0 - r.value) if r.unit == "1" else r for k, r in readings.items()}
    assert answer(prediction, swapped) == "supports"


def test_no_difference_is_a_coin() -> None:
    """Two equal groups: a chance of one half; a group far below: certainty."""
    row = published_groups.find_spread("penney2014", "single-leg stance 30 s, gluteus_medius, no back pain")
    assert published_groups._less(row, row) == pytest.approx(0.5)
    assert published_groups._less(replace(row, mean=0.01 * row.mean, sd=0.01 * row.sd), row) > 0.99


def test_unloaded_walking_lies_on_the_line(measured: dict[str, dict[str, Reading]]) -> None:
    """20, 32, 45 % at 25, 50, 75 %: least squares by hand give an intercept of 7.33."""
    assert measured["level-in-gait"]["walking-unloaded"].value == pytest.approx(22.0 / 3.0)


def test_what_the_cue_does_is_more_than_a_second_trial(measured: dict[str, dict[str, Reading]]) -> None:
    """Late people are less late the next time by chance alone; the rest is the cue's."""
    readings = measured["one-sentence"]
    assert readings["cue-shift"].value == pytest.approx(-33.6)
    assert readings["late-then-not-uncued"].value > 0.2
    total = readings["late-then-not"].value - readings["late-then-not-uncued"].value
    assert readings["by-cue"].value == pytest.approx(total)


def test_emg_finds_an_order_that_is_there(measured: dict[str, dict[str, Reading]]) -> None:
    """The control of the experiments on order: EMG misses next to nothing."""
    readings = measured["order-by-emg"]
    assert readings["emg-error"].value < 10.0
    assert readings["emg-set-order"].value > 0.9
    assert readings["emg-missed"].value < 0.05


def test_what_is_missing_is_said_of_known_studies_and_claims() -> None:
    """Keys exist, and what is listed as missing is not also claimed to be replayed."""
    evidence = load_evidence()
    missing = {**observers.MISSING, **recordings.MISSING}
    assert set(missing) <= {s.key for s in evidence.studies}
    assert set(recordings.RECORDINGS_NEEDED) <= {c.id for c in evidence.claims}
    replayed = {key for e in EXPERIMENTS.values() for key in e.replays}
    assert not set(recordings.MISSING) & replayed


def test_another_seed_gives_other_numbers(measured: dict[str, dict[str, Reading]]) -> None:
    """People are drawn by the bench's seed."""
    for key in ("textbook-order", "palpating-examiners"):
        other = {r.key: r.value for r in EXPERIMENTS[key].measure(Bench(body=None, seed=1))}  # type: ignore[arg-type]
        assert other != {k: r.value for k, r in measured[key].items()}


def test_criteria_judge_gaps_as_undecided() -> None:
    """Between the bounds nothing is decided."""
    criterion = Threshold("x", Bound(low=0.95), Bound(high=0.5), "")
    assert [criterion.judge(v) for v in (0.96, 0.7, 0.4)] == ["supports", "undecided", "contradicts"]

"""The experiments on adapting a posture and a walk: what they read, and that their predictions follow the numbers."""

from __future__ import annotations

import pytest

from gluteal.ledger.credibility import CONTEXTS
from gluteal.ledger.experiments.postures.adaptation import EXPERIMENTS, PREDICTIONS
from gluteal.ledger.experiments.walking import adaptation as walking
from gluteal.ledger.prediction import Reading

SUBSTITUTES, FITTED = PREDICTIONS


@pytest.mark.ledger
def test_posture_stands_in_for_the_nerve(measured: dict[str, dict[str, Reading]]) -> None:
    """Held, a moment is missing; free, none is, with a lean over the leg; with passive tissue the free side drops."""
    found = {key: reading.value for key, reading in measured["stance-adapts"].items()}
    assert found["missing-held"] > 1.0 > found["missing-adapted"]
    assert found["lean"] > found["lean-weak"] > 0.0
    assert found["list"] > 0.0 > found["list-hanging"]


@pytest.mark.parametrize(("missing", "said"), [(0.1, "supports"), (3.0, "contradicts")])
def test_the_prediction_follows_the_number(missing: float, said: str) -> None:
    assert SUBSTITUTES.decide({"missing-adapted": missing}) == said


def test_what_was_fitted_to_a_study_is_no_evidence_for_it() -> None:
    assert FITTED.foregone
    assert FITTED.decide({"list-weak": -6.0}) == "contradicts"
    assert not SUBSTITUTES.foregone


@pytest.mark.ledger
def test_a_walk_that_looks_the_same_stands_in_for_half_of_the_strength(
    measured: dict[str, dict[str, Reading]],
) -> None:
    """Held, a moment is missing; free, none is, with changes that gait analysis does not tell; deeper, with more."""
    found = {key: reading.value for key, reading in measured["walk-adapts"].items()}
    assert found["missing-held"] > 1.0 > found["missing-adapted"]
    assert 0.5 < found["largest-change"] < walking.UNSEEN < found["lean-deep"]
    assert found["missing-held-deep"] > 1.0 > found["missing-deep"]
    assert found["list-deep"] > 0.0


@pytest.mark.parametrize(
    ("missing", "change", "said"),
    [
        (0.1, 1.0, "supports"),
        (0.1, 6.0, "supports"),  # between the bounds a change decides nothing
        (0.1, 9.0, "mixed"),
        (3.0, 9.0, "contradicts"),
    ],
)
def test_the_prediction_on_walking_follows_the_numbers(missing: float, change: float, said: str) -> None:
    unchanged, substitutes = walking.PREDICTIONS
    assert unchanged.decide({"missing-adapted": missing, "largest-change": change}) == said
    assert substitutes.decide({"missing-deep": missing}) == ("supports" if missing < 1.0 else "contradicts")


def test_both_are_held_against_strength() -> None:
    assert EXPERIMENTS[0].key in CONTEXTS
    assert walking.EXPERIMENTS[0].key in CONTEXTS

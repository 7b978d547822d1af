"""The experiment on adapting posture: what it reads, and that its predictions follow the numbers."""

from __future__ import annotations

import pytest

from gluteal.ledger.credibility import CONTEXTS
from gluteal.ledger.experiments.postures.adaptation import EXPERIMENTS, PREDICTIONS
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


def test_it_is_held_against_strength() -> None:
    assert EXPERIMENTS[0].key in CONTEXTS

"""Strategies where the posture may follow: load moves between joints, and plain least effort is never beaten."""

from __future__ import annotations

import numpy as np
import pytest

import gluteal
from gluteal import Condition
from gluteal.mechanics.body import Body
from gluteal.simulate.adapt.posture import Standing
from gluteal.simulate.adapt.record import Adaptation

pytestmark = pytest.mark.slow
STRENGTH = 16.0


@pytest.fixture(scope="module")
def found(body: Body) -> dict[str, Adaptation]:
    stance = gluteal.load_task("single-leg-stance", body)
    names = ("economical", "metabolic", "hip-sparing", "ankle-sparing", "joint-sparing")
    return {
        n: gluteal.adapt(body, stance, condition=Condition.strategy(n, strength=STRENGTH), band=False) for n in names
    }


def moment(adaptation: Adaptation, joint: str, part: str) -> float:
    rows = {(row.joint, row.side): row for row in adaptation.joint_moments}
    return float(getattr(rows[joint, "r"], part))


def test_held_no_strategy_moves_moments_and_free_it_does(found: dict[str, Adaptation]) -> None:
    """Held, muscles balance the same demand with whatever criterion; the supports' share differs by rounding.

    Free, the sign is what the words say: a spared hip gives to the ankle, a spared ankle takes from it.
    """
    for adaptation in found.values():
        for row in adaptation.joint_moments:
            assert row.fixed == pytest.approx(row.baseline, abs=0.2)
    hip, ankle = found["hip-sparing"], found["ankle-sparing"]
    assert moment(hip, "ankle", "adapted") > moment(hip, "ankle", "fixed") + 1.0
    assert moment(hip, "hip", "adapted") < moment(hip, "hip", "fixed")
    assert moment(ankle, "ankle", "adapted") < moment(ankle, "ankle", "fixed") - 0.3
    assert moment(ankle, "hip", "adapted") > moment(ankle, "hip", "fixed")


def test_economical_changes_nothing(found: dict[str, Adaptation]) -> None:
    assert not found["economical"].said_changes
    assert found["economical"].cost[0] == pytest.approx(found["economical"].cost[1], abs=1e-9)


def test_no_strategy_beats_plain_least_effort(found: dict[str, Adaptation], standing: Standing) -> None:
    """J without a condition is least at the usual posture: every strategy's posture costs at least that.

    Held, the same is so of the plain effort itself.
    """
    names = standing.stance.quantities
    weight = found["economical"].habit.weight
    search = standing.search(Condition(), weight, np.ones(len(names), bool))
    usual = search.measure(np.zeros(len(names)))[0]
    for adaptation in found.values():
        moved = adaptation.change.set_index("quantity")["sigma"]
        u = np.array([float(moved[name]) for name in names])
        assert search.measure(u)[0] >= usual - 1e-9
        plain = [float((s.activation.values**2).sum()) for s in (adaptation.fixed.baseline, adaptation.fixed.changed)]
        assert plain[1] >= plain[0] - 1e-9

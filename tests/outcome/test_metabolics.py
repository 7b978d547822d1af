"""Metabolic power: laws, and values worked out by hand from the published equations."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.synthetic import MUSCLES, make_mechanics

from gluteal.errors import InputError
from gluteal.nerves.condition import Condition
from gluteal.outcome.metabolics import (
    DENSITY,
    HELD_DECAY,
    MOVING_DECAY,
    RESTING_HEAT,
    compute_metabolic_power,
    compute_muscle_mass,
    muscle_power,
)
from gluteal.sharing.solution import solve_sharing

MASS, FORCE, LENGTH, SPEED = 0.2, 1000.0, 0.1, 1.0  # kg, N, m, m/s of maximal velocity


def power(activation: float, speed: float = 0.0, decay: float = MOVING_DECAY, slow: float = 0.5) -> float:
    """Power, W, of one muscle at optimal length; speed per maximal velocity, lengthening positive."""
    at = np.array([[activation]])
    shape = np.ones((1, 1))
    found = muscle_power(
        at, shape, SPEED * speed * shape, FORCE * shape, speed * shape, MASS * shape, np.array(slow), decay
    )
    return float(found[0, 0])


def test_full_isometric_contraction() -> None:
    """By hand: phi (40 f + 133 (1 - f)) + 74 f + 111 (1 - f) W/kg at full activation, f slow share."""
    for slow in (0.0, 0.3, 1.0):
        expected = 40 * slow + 133 * (1 - slow) + 74 * slow + 111 * (1 - slow)
        assert power(1.0, slow=slow) / MASS == pytest.approx(expected)
    # Long held, all fast or all slow: the heat of isometric human muscle by Umberger et al. 2003, eq. for
    # activation and maintenance, 1.28 (% fast) + 25 W/kg, is 25 to 153; the middle share is met within 15 %.
    assert power(1.0, decay=HELD_DECAY) / MASS == pytest.approx(1.28 * 50 + 25, rel=0.15)


def test_rest() -> None:
    """Without activation only resting heat is left, at any speed."""
    for speed in (-0.5, 0.0, 0.5):
        assert power(0.0, speed) == pytest.approx(RESTING_HEAT * MASS)


@pytest.mark.parametrize("speed", [-0.9, -0.3, 0.0])
def test_more_activation_costs_more(speed: float) -> None:
    """Isometric and shortening: power rises strictly with activation beyond the resting floor."""
    course = np.array([power(a, speed) for a in np.linspace(0.05, 1.0, 20)])
    assert np.all(np.diff(course) > 0.0)


def test_shortening_costs_and_lengthening_saves() -> None:
    """At equal activation shortening costs more than holding, holding more than lengthening (Fenn)."""
    assert power(0.5, -0.2) > power(0.5, 0.0) > power(0.5, 0.2) >= 0.0


def test_efficiency_of_shortening() -> None:
    """Work / energy peaks at a tenth to a third of the maximal velocity.

    Isolated muscle reaches 20 to 45 % (Barclay 2015, doi 10.1002/cphy.c140038), the model 56 %: models of its
    kind are too efficient, which docs/joint-loads.md states.
    """
    from gluteal.kernels.muscle import force_velocity

    speed = np.linspace(-0.95, -0.05, 40)
    work = -FORCE * force_velocity(speed) * SPEED * speed
    ratio = work / np.array([power(1.0, v) for v in speed])
    assert 0.2 < ratio.max() < 0.65
    assert 0.1 < -speed[ratio.argmax()] < 1 / 3


def test_mass_follows_from_volume() -> None:
    """Density * force / specific tension * fibre length, by hand."""
    body = make_mechanics().body
    mass = compute_muscle_mass(body, specific_tension=0.25e6)
    assert mass.sel(muscle="soleus_r").item() == pytest.approx(DENSITY * 3000.0 / 0.25e6 * 0.1)
    np.testing.assert_allclose(compute_muscle_mass(body), mass * 0.25 / 0.6)


def test_lost_muscle_consumes_nothing() -> None:
    """A muscle that is taken away costs nothing, not even rest; the others go on."""
    mechanics = make_mechanics()
    gone = Condition.weaken("glmed1_r", loss=1.0)
    changed = compute_metabolic_power(solve_sharing(mechanics, condition=gone))
    assert changed.dims == ("time", "muscle") and changed.attrs["units"] == "W"
    assert float(abs(changed.sel(muscle="glmed1_r")).max()) == 0.0
    assert np.all(changed.drop_sel(muscle="glmed1_r").values > 0.0)
    assert list(changed["muscle"].values) == list(MUSCLES)


def test_bad_settings_are_refused() -> None:
    """Shares outside 0 to 1, no tension, negative decay."""
    recruitment = solve_sharing(make_mechanics())
    with pytest.raises(InputError, match="within 0 and 1"):
        compute_metabolic_power(recruitment, slow_share=1.2)
    with pytest.raises(InputError, match="specific tension is 0; it must be above 0"):
        compute_metabolic_power(recruitment, specific_tension=0.0)
    with pytest.raises(InputError, match="decay is -1; it must be 0 or more"):
        compute_metabolic_power(recruitment, decay=-1.0)

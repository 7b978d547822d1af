"""The muscle kernel: published landmarks of the curves, laws, and OpenSim's curves for comparison."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.helpers.packages import needs

from gluteal.kernels.muscle import (
    active_force_length,
    force_velocity,
    passive_force_length,
    rigid_tendon_muscle,
)

# F0 N, L0 m, tendon m, pennation rad, vmax 1/s.
FORCE, OPTIMAL, SLACK, PENNATION, SPEED = 1000.0, 0.1, 0.2, 0.3, 10.0
# Fibre strain at which passive force starts, and at which it is full (De Groote et al. 2016).
PASSIVE = (0.0, 0.6)


def muscle(mtu_length, mtu_velocity=0.0, pennation=PENNATION):
    """One muscle over many frames."""
    length = np.atleast_2d(np.asarray(mtu_length, float)).T
    velocity = np.broadcast_to(np.atleast_2d(np.asarray(mtu_velocity, float)).T, length.shape)
    parameters = (np.array([v]) for v in (FORCE, OPTIMAL, SLACK, pennation, SPEED, *PASSIVE))
    return tuple(a[:, 0] for a in rigid_tendon_muscle(length, velocity, *parameters))


def test_curves_pass_through_their_published_landmarks():
    # De Groote et al. 2016: the curves are normalised so; kPE = 4 and e0 = 0.6 put passive force 1 at 1.6.
    # Their constants carry 16 digits, hence 1e-9 and not less.
    assert active_force_length(1.0) == pytest.approx(1.0, abs=1e-3)
    assert force_velocity(0.0) == pytest.approx(1.0, abs=1e-9)
    assert force_velocity(-1.0) == pytest.approx(0.0, abs=1e-9)
    assert passive_force_length(1.0, *PASSIVE) == 0.0
    assert passive_force_length(1.6, *PASSIVE) == pytest.approx(1.0, abs=1e-12)
    # Straight beyond: value and slope go on, and the slope, 4 / (0.6 (1 - e^-4)), no longer changes.
    beyond = passive_force_length(np.array([1.6 - 1e-6, 1.6, 1.6 + 1e-6, 2.0, 3.0]), *PASSIVE)
    slopes = np.diff(beyond)[[0, 1, 3]] / [1e-6, 1e-6, 1.0]
    np.testing.assert_allclose(slopes, 4.0 / 0.6 / (1.0 - np.exp(-4.0)), rtol=1e-5)
    assert 1.7 < force_velocity(1.0) < 1.8  # eccentric plateau, figure 1 of the paper


def test_curves_rise_and_fall_where_muscle_does():
    length = np.linspace(0.0, 2.5, 2001)
    active = active_force_length(length)
    assert np.all(active >= 0.0) and active.max() <= 1.002  # the published fit peaks at 1.0011
    assert length[np.argmax(active)] == pytest.approx(1.0, abs=0.02)
    assert np.all(np.diff(force_velocity(np.linspace(-3.0, 3.0, 2001))) >= 0.0)
    assert np.all(np.diff(passive_force_length(length, *PASSIVE)) >= 0.0)
    assert np.all(force_velocity(np.linspace(-5.0, -1.0, 100)) <= 1e-12)  # only pulls, however fast
    assert np.all(passive_force_length(length[length <= 1.0], *PASSIVE) == 0.0)


def test_passive_force_starts_and_is_full_where_a_muscle_says():
    """Calibrated muscles (Uhlrich et al. 2022) start late or early; the shape between is the same."""
    assert passive_force_length(1.1, 0.1, 0.8) == pytest.approx(0.0, abs=1e-15)
    assert passive_force_length(1.8, 0.1, 0.8) == pytest.approx(1.0, abs=1e-12)
    inner = np.linspace(0.0, 1.0, 11)
    np.testing.assert_allclose(
        passive_force_length(1.1 + 0.7 * inner, 0.1, 0.8),
        passive_force_length(1.0 + 0.6 * inner, *PASSIVE),
        atol=1e-12,
    )


def test_curves_agree_with_opensim():
    opensim = needs("opensim")
    reference = opensim.DeGrooteFregly2016Muscle()
    reference.set_passive_fiber_strain_at_one_norm_force(0.6)
    length, velocity = np.linspace(0.25, 1.75, 61), np.linspace(-1.0, 1.0, 61)
    # Same published constants: equal to rounding.
    active = [reference.calcActiveForceLengthMultiplier(v) for v in length]
    np.testing.assert_allclose(active_force_length(length), active, atol=1e-12)
    np.testing.assert_allclose(
        force_velocity(velocity), [reference.calcForceVelocityMultiplier(v) for v in velocity], atol=1e-12
    )
    # OpenSim's passive curve is shifted to vanish at 0.2 L0: (e - o) / (e^4 - o), o = exp(-4 * 0.8 / 0.6).
    # Undone, it is the published one, which is cut off at the optimal length here.
    shift = np.exp(-4.0 * 0.8 / 0.6)
    shifted = np.array([reference.calcPassiveForceMultiplier(v) for v in length])
    published = (shifted * (np.exp(4.0) - shift) + shift - 1.0) / np.expm1(4.0)
    within = length <= 1.6
    np.testing.assert_allclose(
        passive_force_length(length[within], *PASSIVE), np.maximum(published, 0.0)[within], atol=1e-12
    )
    # What the cut costs, of F0: (1 - o) / (e^4 - o) at the optimal length, less beside it up to 1.6 L0.
    apart = np.abs(shifted - passive_force_length(length, *PASSIVE))[length <= 1.6]
    assert apart.max() <= (1.0 - shift) / (np.exp(4.0) - shift) + 1e-12


def test_optimal_isometric_muscle_has_its_nominal_force():
    path = SLACK + OPTIMAL * np.cos(PENNATION)
    length, velocity, active, passive = muscle(path)
    assert length == pytest.approx(1.0, abs=1e-12) and velocity == 0.0
    assert active == pytest.approx(FORCE * np.cos(PENNATION), rel=1e-3)  # fl(1) = 1 to 1e-3
    assert passive == pytest.approx(0.0, abs=1e-9)


def test_slack_muscle_carries_nothing():
    length, velocity, active, passive = muscle([-1.0, 0.0, 0.1, SLACK], mtu_velocity=3.0)
    assert np.all(active == 0.0) and np.all(passive == 0.0) and np.all(velocity == 0.0)
    np.testing.assert_allclose(length, np.sin(PENNATION))  # the height of the muscle is left
    assert all(np.all(v == 0.0) for v in muscle([0.1, SLACK], 3.0, pennation=0.0))


def test_height_is_constant_and_fibers_move_with_the_path():
    path = np.linspace(0.21, 0.4, 400)
    length, _, active, passive = muscle(path)
    along = (path - SLACK) / OPTIMAL
    np.testing.assert_allclose(length**2 - along**2, np.sin(PENNATION) ** 2, atol=1e-12)
    # Force is the fibre's, times the cosine along / length.
    np.testing.assert_allclose(active, FORCE * active_force_length(length) * along / length, rtol=1e-12)
    np.testing.assert_allclose(passive, FORCE * passive_force_length(length, *PASSIVE) * along / length, rtol=1e-12)


def test_fiber_velocity_is_the_rate_of_fiber_length():
    path, speed, step = np.linspace(0.21, 0.4, 50), 0.35, 1e-6
    ahead, behind = muscle(path + speed * step)[0], muscle(path - speed * step)[0]
    # Central differences of a smooth function: error about step^2 plus rounding / step.
    np.testing.assert_allclose(muscle(path, speed)[1] * SPEED, (ahead - behind) / (2 * step), rtol=1e-7, atol=1e-8)


@given(
    arrays(float, (4, 3), elements=st.floats(-1.0, 2.0)),
    arrays(float, (4, 3), elements=st.floats(-10.0, 10.0)),
    arrays(float, 3, elements=st.floats(0.0, 1.5)),
)
def test_muscles_never_push(length, velocity, pennation):
    parameters = (np.full(3, v) for v in (FORCE, OPTIMAL, SLACK))
    _, _, active, passive = result = rigid_tendon_muscle(
        length, velocity, *parameters, pennation, *(np.full(3, v) for v in (SPEED, *PASSIVE))
    )
    assert not np.any(np.isnan(np.stack(result)))
    assert np.all(active >= 0.0) and np.all(passive >= 0.0)


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (2, -1.0, "max_isometric_force of muscle 0 is -1; it must be zero or positive"),
        (3, 0.0, "optimal_fiber_length of muscle 0 is 0; it must be positive"),
        (5, 1.6, r"pennation_angle of muscle 0 is 1.6; it must be within \[0, pi/2\)"),
        (6, 0.0, "max_contraction_velocity of muscle 0 is 0; it must be positive"),
        (8, -0.1, "passive_strain of muscle 0 is -0.1; it must be above passive_onset_strain"),
        (0, np.nan, "mtu_length of muscle 0 is nan in frame 0"),
        (1, np.inf, "mtu_velocity of muscle 0 is inf in frame 0"),
    ],
)
def test_impossible_parameters_are_refused(at, value, message):
    given_values = [0.3, 0.0, FORCE, OPTIMAL, SLACK, PENNATION, SPEED, *PASSIVE]
    given_values[at] = value
    shaped = [np.full((1, 1) if k < 2 else 1, v) for k, v in enumerate(given_values)]
    with pytest.raises(ValueError, match=message):
        rigid_tendon_muscle(*shaped)

"""Metabolic power against OpenSim's own probe of the same model, in one process, on one muscle."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.packages import needs

from gluteal.outcome.metabolics import ACTIVATION_HEAT, DENSITY, MAINTENANCE_HEAT, MOVING_DECAY, muscle_power

osim = needs("opensim")
pytestmark = pytest.mark.opensim

FORCE, LENGTH, SLACK, MASS, SLOW = 1000.0, 0.1, 0.2, 0.25, 0.4  # N, m, m, kg, 1
SPEED = 1.0  # m/s: ten optimal lengths per second


def make_model() -> tuple[object, object, object, object]:
    """A muscle with a stiff tendon and no passive force along a slider: De Groote's curves in both programs."""
    model = osim.Model()
    block = osim.Body("block", 1.0, osim.Vec3(0.0), osim.Inertia(1.0))
    model.addBody(block)
    zero = osim.Vec3(0.0)
    slider = osim.SliderJoint("slider", model.getGround(), zero, zero, block, zero, zero)
    model.addJoint(slider)
    muscle = osim.DeGrooteFregly2016Muscle()
    muscle.setName("muscle")
    muscle.set_max_isometric_force(FORCE)
    muscle.set_optimal_fiber_length(LENGTH)
    muscle.set_tendon_slack_length(SLACK)
    muscle.set_pennation_angle_at_optimal(0.0)
    muscle.set_max_contraction_velocity(SPEED / LENGTH)
    muscle.set_fiber_damping(0.0)
    for option in ("tendon_compliance", "activation_dynamics", "passive_fiber_force"):
        getattr(muscle, f"set_ignore_{option}")(True)
    muscle.addNewPathPoint("ground", model.updGround(), zero)
    muscle.addNewPathPoint("block", block, zero)
    model.addForce(muscle)
    probe = osim.Bhargava2004MuscleMetabolicsProbe(True, True, True, False, True)
    probe.set_use_force_dependent_shortening_prop_constant(True)
    probe.setOperation("value")
    model.addProbe(probe)
    probe.addMuscle("muscle", SLOW, *ACTIVATION_HEAT, *MAINTENANCE_HEAT, MASS)
    return model, model.initSystem(), slider.updCoordinate(), probe


def test_power_equals_opensims_probe() -> None:
    """200 random lengths, speeds and activations; tolerance: rounding of some 100 W."""
    model, state, coordinate, probe = make_model()
    rng = np.random.default_rng(1)
    length, speed, activation = rng.uniform((0.4, -0.95, 0.02), (1.7, 0.4, 1.0), (200, 3)).T
    expected = []
    for a, x, v in zip(activation, length, speed, strict=True):
        coordinate.setValue(state, SLACK + LENGTH * x, False)
        coordinate.setSpeedValue(state, SPEED * v)
        model.realizeVelocity(state)
        model.setControls(state, osim.Vector(1, float(a)))
        model.realizeDynamics(state)
        expected.append(probe.computeProbeInputs(state).get(0))
    column = (activation[:, None], length[:, None], SPEED * speed[:, None], np.array([FORCE]), speed[:, None])
    found = muscle_power(*column, np.array([MASS]), np.array(SLOW), MOVING_DECAY)[:, 0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert np.sum(found > 1.0) > 150  # most are not on the floor


def test_constants_are_opensims_defaults() -> None:
    """Heat rates and density as OpenSim's newer component of the model has them by default, said to be the paper's."""
    parameters = osim.Bhargava2004SmoothedMuscleMetabolics_MuscleParameters()
    kinds = ("activation", "maintenance")
    found = [[getattr(parameters, f"get_{k}_constant_{t}_twitch")() for t in ("slow", "fast")] for k in kinds]
    assert found == [list(ACTIVATION_HEAT), list(MAINTENANCE_HEAT)]
    assert parameters.get_density() == DENSITY

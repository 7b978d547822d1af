"""What a model shows when it is moved a little: which paths cross what, and where OpenSim contradicts itself."""

from __future__ import annotations

import numpy as np

from gluteal.engines.opensim.model import PROBE, OpenSimModel
from gluteal.engines.opensim.osim import list_parts, osim

#: Which paths a coordinate changes is found by steps of `PROBE` in this many random postures.
POSTURES = 5
#: A path whose length changes by less than this per unit of a coordinate does not cross it, m.
CROSSES = 1e-6
#: One-sided slopes of length that differ by more than this are on two sides of a kink, m.
KINK = 2e-3
#: Joints whose speeds OpenSim derives by formulas that hold: no need to look.
SURE = ("BallJoint", "FreeJoint", "GimbalJoint", "PinJoint", "PlanarJoint", "SliderJoint", "UniversalJoint")
#: Time over which energy is differenced, s, and speed of the joint meanwhile, rad/s or m/s.
TICK, SPEED = 1e-4, 1.0
#: A joint is told whose moments miss more than this share of the power that it takes at `SPEED`, and this power, W. Own
#: choice: in usual knees OpenSim misses 0.02 W, in joints of constant curvature as much as there is.
LOST_SHARE, LOST_POWER = 0.1, 0.1


def probe(opened: OpenSimModel) -> tuple[np.ndarray, np.ndarray]:
    """Return which paths change with which coordinate, and how far moment arms are from the change (Q, M)."""
    rng = np.random.default_rng(0)
    ends = [(c.getRangeMin(), c.getRangeMax()) for c in (opened.coordinates[i] for i in opened.free)]
    low, high = np.array([(max(a, -1.0), max(min(b, 1.0), max(a, -1.0))) for a, b in ends]).T
    slope = np.zeros((POSTURES, len(low), len(opened.paths)))
    gap = np.zeros_like(slope)
    for posture in range(POSTURES):
        q = rng.uniform(low, high)
        value, _, _, jacobian = opened.expand(q, np.zeros_like(q), np.zeros_like(q))
        opened.place(value)
        here, arms = opened.lengths(range(len(opened.paths))), opened.moment_arms(jacobian)
        for k, step in enumerate(PROBE * np.eye(len(q))):
            some = np.flatnonzero(arms[k])  # exactly 0 on every straight path that does not cross
            opened.place(opened.expand_posture(q + step))
            ahead = (opened.lengths(some) - here[some]) / PROBE
            opened.place(opened.expand_posture(q - step))
            behind = (here[some] - opened.lengths(some)) / PROBE
            slope[posture, k, some] = (ahead + behind) / 2
            smooth = np.abs(ahead - behind) < KINK  # or a path point switched on or off between the two
            gap[posture, k, some] = np.where(smooth, np.abs(arms[k, some] + slope[posture, k, some]), 0.0)
    crossed = np.abs(slope).max(axis=0) > CROSSES
    return crossed, np.where(crossed, gap.max(axis=0), 0.0)


def find_doubtful(opened: OpenSimModel) -> tuple[tuple[str, str], ...]:
    """Return name and kind of the joints whose speeds or accelerations OpenSim derives wrongly from their positions.

    Alone in motion, at a steady rate, a joint takes the power by which the energy of the body grows.
    """
    names = [c.getName() for c in opened.coordinates]
    found = []
    for part in list_parts(opened.model):
        joint = osim.Joint.safeDownCast(part)
        if joint is None or joint.getConcreteClassName() in SURE or not joint.numCoordinates():
            continue
        speed = np.zeros(len(names))
        speed[[names.index(joint.get_coordinates(i).getName()) for i in range(joint.numCoordinates())]] = SPEED
        value = np.array([c.getDefaultValue() for c in opened.coordinates]) + PROBE * speed
        ahead, behind = (opened.energy(value + step * speed, speed) for step in (TICK, -TICK))
        opened.place(value)
        needed = opened.inverse_dynamics(speed, np.zeros_like(speed)) * speed
        lost = abs((ahead - behind) / (2.0 * TICK) - needed.sum())
        if lost > LOST_POWER + LOST_SHARE * np.abs(needed).sum():
            found.append((joint.getName(), joint.getConcreteClassName()))
    return tuple(found)

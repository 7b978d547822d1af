"""Muscle force capacity: the curves of De Groote and Fregly with a rigid tendon.

The curves are those of De Groote, Kinney, Rao and Fregly (2016), Ann Biomed Eng 44:2922-2936,
doi 10.1007/s10439-016-1591-9, supplement, with the refined constants of OpenSim's
DeGrooteFregly2016Muscle (the printed ones are rounded to three digits, so that the curves miss
their landmarks, fv(0) = 1 and fv(-1) = 0, by up to 0.5 %).

With fibre length l (per optimal length) and fibre velocity v (per maximal velocity, lengthening
positive), the tendon of a rigid-tendon muscle carries

    F0 (a fl(l) fv(v) + fpe(l)) cos(alpha),

where the pennation angle alpha follows from the constant height of the muscle, h = L0 sin(alpha0):
the fibre's projection on the tendon is mtu_length - tendon_slack_length, its length the hypotenuse.

Three departures from the source. Because a muscle only pulls, force-velocity is zero, not negative,
when shortening beyond the maximal velocity, and passive force is zero, not negative, below the strain
at which it starts: 0 in the source, each muscle's own where a model was calibrated. (OpenSim instead
shifts the passive curve, so that it vanishes at 0.2 L0 and is 0.018 F0 at L0.) Beyond the strain at
which passive force reaches F0 the exponential would reach hundreds of F0 within reach of a badly
fitting model; there the curve goes on straight, as Millard et al. (2013), doi 10.1115/1.4023390, let
theirs do. Activation dynamics, tendon compliance and fibre damping are left out.
"""

from __future__ import annotations

import numpy as np

#: Three Gaussians b1 exp(-((l - b2) / (b3 + b4 l))^2 / 2); rows b1..b4 (supplement, section 1).
ACTIVE = (
    (0.8150671134243542, 1.055033428970575, 0.162384573599574, 0.063303448465465),
    (0.433004984392647, 0.716775413397760, -0.029947116970696, 0.200356847296188),
    (0.1, 1.0, 0.353553390593274, 0.0),
)
#: d1..d4 of d1 log(d2 v + d3 + sqrt((d2 v + d3)^2 + 1)) + d4 (supplement, section 1).
VELOCITY = (-0.3211346127989808, -8.149, -0.374, 0.8825327733249912)
#: Exponential shape factor of the passive curve.
PASSIVE_SHAPE = 4.0
#: Fibre strain at which passive force starts, and at which it reaches the maximal isometric force, where a
#: model does not say (De Groote et al. 2016: e0 = 0.6).
PASSIVE_ONSET, PASSIVE_STRAIN = 0.0, 0.6


def active_force_length(length: np.ndarray | float) -> np.ndarray:
    """Share of the maximal isometric force available at a fibre length (per optimal length)."""
    length = np.asarray(length, np.float64)
    total = np.zeros_like(length)
    # A width of zero, or one so small that the square overflows, is a curve that is zero there.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for b1, b2, b3, b4 in ACTIVE:
            width = b3 + b4 * length
            total += np.where(width != 0.0, b1 * np.exp(-0.5 * ((length - b2) / width) ** 2), 0.0)
    return total[()]


def force_velocity(velocity: np.ndarray | float) -> np.ndarray:
    """Force multiplier at a fibre velocity (per maximal velocity, lengthening positive), never negative."""
    d1, d2, d3, d4 = VELOCITY
    return np.maximum(d1 * np.arcsinh(d2 * np.asarray(velocity, np.float64) + d3) + d4, 0.0)


def passive_force_length(length: np.ndarray | float, onset: np.ndarray | float, full: np.ndarray | float) -> np.ndarray:
    """Passive force per maximal isometric force at a fibre length (per optimal length), never negative.

    It starts at the fibre strain `onset` and reaches one at the strain `full`.
    """
    strain = (np.asarray(length, np.float64) - 1.0 - onset) / (np.asarray(full, np.float64) - onset)
    curve = np.expm1(PASSIVE_SHAPE * np.minimum(strain, 1.0)) / np.expm1(PASSIVE_SHAPE)
    beyond = 1.0 + (strain - 1.0) * PASSIVE_SHAPE / -np.expm1(-PASSIVE_SHAPE)
    return np.where(strain > 1.0, beyond, np.maximum(curve, 0.0))[()]


def rigid_tendon_muscle(
    mtu_length: np.ndarray,
    mtu_velocity: np.ndarray,
    max_isometric_force: np.ndarray,
    optimal_fiber_length: np.ndarray,
    tendon_slack_length: np.ndarray,
    pennation_angle: np.ndarray,
    max_contraction_velocity: np.ndarray,
    passive_onset_strain: np.ndarray,
    passive_strain: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Compute fibre state and force capacity of muscles with rigid tendons.

    A path shorter than its tendon leaves the fibre slack: length h / L0, no velocity, no force.

    Parameters
    ----------
    mtu_length, mtu_velocity : (T, M) m, m/s, lengthening positive
    max_isometric_force : (M,) N
    optimal_fiber_length, tendon_slack_length : (M,) m
    pennation_angle : (M,) rad, at optimal fibre length
    max_contraction_velocity : (M,) optimal fibre lengths per second
    passive_onset_strain, passive_strain : (M,) 1
        Fibre strain at which passive force starts and at which it reaches the maximal isometric force.

    Returns
    -------
    fiber_length : (T, M) per optimal fibre length
    fiber_velocity : (T, M) per maximal velocity, lengthening positive
    active_capacity : (T, M) N, tendon force per unit of activation
    passive_force : (T, M) N, tendon force at zero activation

    Raises
    ------
    ValueError
        Where an optimal length or a maximal velocity is not positive, a force is negative or a
        pennation angle is outside [0, pi/2), passive force is full before it starts, or a path's
        length or velocity is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> at = lambda *x: np.array([x])
    >>> l, v, active, passive = rigid_tendon_muscle(
    ...     at(0.3, 0.19), at(0.0, 0.0), *np.repeat([[1e3, 0.1, 0.2, 0.0, 10.0, 0.0, 0.6]], 2, axis=0).T
    ... )
    >>> l.round(3), active.round(0)
    (array([[1., 0.]]), array([[1000.,    0.]]))
    """
    parameters = [
        np.asarray(p, np.float64)
        for p in (
            max_isometric_force,
            optimal_fiber_length,
            tendon_slack_length,
            pennation_angle,
            max_contraction_velocity,
            passive_onset_strain,
            passive_strain,
        )
    ]
    force, optimal, slack, pennation, speed, onset, full = parameters
    for name, values, good, should in (
        ("max_isometric_force", force, force >= 0.0, "zero or positive"),
        ("optimal_fiber_length", optimal, optimal > 0.0, "positive"),
        ("pennation_angle", pennation, (pennation >= 0.0) & (pennation < np.pi / 2), "within [0, pi/2)"),
        ("max_contraction_velocity", speed, speed > 0.0, "positive"),
        ("passive_strain", full, full > onset, "above passive_onset_strain"),
    ):
        if not np.all(good):
            at = int(np.flatnonzero(~good)[0])
            raise ValueError(f"{name} of muscle {at} is {values[at]:g}; it must be {should}.")
    paths = [np.asarray(p, np.float64) for p in (mtu_length, mtu_velocity)]
    for name, values in zip(("mtu_length", "mtu_velocity"), paths, strict=True):
        if not np.all(np.isfinite(values)):
            frame, muscle = np.argwhere(~np.isfinite(values))[0]
            raise ValueError(f"{name} of muscle {muscle} is {values[frame, muscle]} in frame {frame}.")
    length, velocity = paths
    along = np.maximum((length - slack) / optimal, 0.0)
    fiber = np.hypot(along, np.sin(pennation))
    cosine = np.divide(along, fiber, out=np.zeros_like(fiber), where=along > 0.0)
    rate = velocity * cosine / (speed * optimal)
    active = force * active_force_length(fiber) * force_velocity(rate) * cosine
    passive = force * passive_force_length(fiber, onset, full) * cosine
    return fiber, rate, active, passive

"""Changed walks: the built-in walk with another pelvic tilt, stride, step width or load, made in code.

No experiment by itself; the walking experiments take their changed movements from here. Only the motion (and the load)
is changed; the feet then carry it as near to the measured joint moments and foot forces as they can
(`gluteal.movements.tasks.carry_on_feet`). How much force from nowhere that needs, each experiment reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gluteal.engines import centre_of_mass, segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import ExternalLoad, Movement
from gluteal.movements.tasks import carry_on_feet
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

#: Harmonics kept of a change, as many as the walk itself has.
HARMONICS = 6
#: Step by which a slope is found, rad.
PROBE = 0.02
#: Towards which side z points.
SIDES = {"r": 1.0, "l": -1.0}
FEET = {"r": "right", "l": "left"}


def add_curves(movement: Movement, curves: Mapping[str, np.ndarray]) -> Movement:
    """Add periodic curves (T,), rad or m, to coordinates of a cyclic movement, with their derivatives."""
    arrays = [a.copy() for a in (movement.coordinates, movement.speed, movement.acceleration)]
    period = float(movement.time[-1] - movement.time[0])
    for name, curve in curves.items():
        for order, array in enumerate(arrays):
            array.loc[{"coordinate": name}] += _derivative(curve, period, order)
    position, speed, acceleration = arrays
    return replace(movement, coordinates=position, speed=speed, acceleration=acceleration)


def tilt_pelvis(body: Body, movement: Movement, *, forward: float) -> Movement:
    """Tilt the pelvis forward by an angle (rad) all through, legs and trunk staying where they are in the world."""
    lean = np.full(len(movement.time), forward)
    tilted = add_curves(
        movement,
        {"pelvis_tilt": -lean, "lumbar_extension": lean, "hip_flexion_r": lean, "hip_flexion_l": lean},
    )
    return carry_on_feet(body, _move_pelvis(tilted, _hips(body, movement) - _hips(body, tilted)))


def lengthen_stride(body: Body, movement: Movement, *, ratio: float) -> Movement:
    """Let hips, knees and ankles swing `ratio` times as far about their means, at the same cadence.

    Seen from the pelvis the feet then move `ratio` times as fast: it is a faster or slower walk. How fast the pelvis
    moves in the world plays no part in forces and is left as it is.
    """
    curves = {}
    for side in SIDES:
        for joint in ("hip_flexion", "knee_angle", "ankle_angle"):
            curve = movement.coordinates.sel(coordinate=f"{joint}_{side}").values
            curves[f"{joint}_{side}"] = (ratio - 1.0) * (curve - curve[:-1].mean())
    return carry_on_feet(body, add_curves(movement, curves))


def widen_steps(body: Body, movement: Movement, solved: Solution, *, wider: float) -> Movement:
    """Set the feet further apart by `wider` (m), and let the body sway as far as an inverted pendulum then must.

    The centre of pressure moves with the foot that carries; a body of height h follows it by
    d - (h / g) d'' = shift, harmonic by harmonic. `solved` is the undisturbed walk.
    """
    force = compute_support_force(solved).sel(axis="y")
    share = {
        side: force.sel(support=f"{name} foot").values / force.sum("support").values for side, name in FEET.items()
    }
    shift = 0.5 * wider * (share["r"] - share["l"])
    period = float(movement.time[-1] - movement.time[0])
    postures = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values
    height = float(np.mean([centre_of_mass(body, posture)[1] for posture in postures]))
    parts = np.fft.rfft(shift[:-1])
    beat = 2.0 * np.pi * np.arange(len(parts)) / period
    sway = np.fft.irfft(parts / (1.0 + height / STANDARD_GRAVITY * beat**2), len(shift) - 1)
    wanted = {side: _feet(body, movement, side) + 0.5 * wider * sign for side, sign in SIDES.items()}
    changed = add_curves(movement, {"pelvis_tz": np.append(sway, sway[0])})
    for _ in range(3):  # Newton's steps on the hips' adduction that puts each ankle where it belongs
        curves = {}
        for side in SIDES:
            name = f"hip_adduction_{side}"
            now = _feet(body, changed, side)
            moved = _feet(body, add_curves(changed, {name: np.full(len(now), PROBE)}), side)
            curves[name] = (wanted[side] - now) / (moved - now) * PROBE
        changed = add_curves(changed, curves)
    return carry_on_feet(body, changed)


def carry(body: Body, movement: Movement, *, mass: float) -> Movement:
    """Hang a load (kg) on the shoulders, as one carries two bags: half on each side."""
    period = float(movement.time[-1] - movement.time[0])
    loads = []
    for side in SIDES:
        point = _points(body, movement, f"humerus_{side}")
        forward = np.array([point[-1, 0] - point[0, 0], 0.0, 0.0]) * np.linspace(0, 1, len(point))[:, None]
        acceleration = np.stack([_derivative(c, period, 2) for c in (point - forward).T], axis=1)
        force = -0.5 * mass * (acceleration + np.array([0.0, STANDARD_GRAVITY, 0.0]))
        loads.append(ExternalLoad(f"load {side}", "torso", force, point, np.zeros_like(point)))
    return carry_on_feet(body, replace(movement, loads=(*movement.loads, *loads)), carried=mass)


def _derivative(curve: np.ndarray, period: float, order: int) -> np.ndarray:
    """Return the `order`-th time derivative (T,) of a periodic curve whose last value repeats the first."""
    parts = np.fft.rfft(curve[:-1])
    number = np.arange(len(parts))
    parts = np.where(number <= HARMONICS, parts * (2j * np.pi * number / period) ** order, 0.0)
    course = np.fft.irfft(parts, len(curve) - 1)
    return np.append(course, course[0])


def _points(body: Body, movement: Movement, segment: str) -> np.ndarray:
    where = [(segment, (0.0, 0.0, 0.0))]
    postures = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values
    return np.array([segment_points(body, posture, where)[0] for posture in postures])


def _hips(body: Body, movement: Movement) -> np.ndarray:
    return 0.5 * (_points(body, movement, "femur_r") + _points(body, movement, "femur_l"))


def _feet(body: Body, movement: Movement, side: str) -> np.ndarray:
    return _points(body, movement, f"talus_{side}")[:, 2]


def _move_pelvis(movement: Movement, shift: np.ndarray) -> Movement:
    return add_curves(movement, {name: shift[:, i] for i, name in enumerate(ROOT_COORDINATES[3:])})

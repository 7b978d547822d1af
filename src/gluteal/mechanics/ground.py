"""Do the forces of the ground fit the movement: one look at the balance of the whole body, before any muscle.

The pelvis's rows of inverse dynamics say what force the world must supply for the body to move as it does. What the
plates measured is set beside it, and where both differ the simplest fault that explains the difference is named:
another direction, another clock, another mass, plates that were left.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gluteal.mechanics.bearing import find_beside, find_gain, find_leaning, find_pushed_apart, find_turned, rms
from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import Cause, longest_window, say_time
from gluteal.mechanics.clocks import EXPLAINED, find_clock, find_tempo
from gluteal.mechanics.movement import Movement
from gluteal.vocabulary import PLANAR_ROOT, ROOT_COORDINATES, STANDARD_GRAVITY, is_foot, side_of
from gluteal.words import SIDES

#: Imbalance of forces at the pelvis, body weights: in one frame, and as root mean square over the movement.
FRAME_FORCE, MEAN_FORCE = 0.25, 0.15
#: Imbalance of moments at the pelvis, body weights times metres: in one frame, and as root mean square.
FRAME_MOMENT, MEAN_MOMENT = 0.20, 0.10
#: Share of frames beyond the limit for one frame that is let pass: impacts are short.
SPIKES = 0.10
#: A movement asks the world for a force where it needs more than this, body weights; less is flight.
CARRIED = 0.5
#: Below this share of what is needed, nothing was measured.
UNMEASURED = 0.2
#: The model's mass may differ from the mass that the ground forces carry by this share.
MASS_LIMIT = 0.10
#: Forces under one foot that carry less than this share of the body leave the other foot out.
ONE_FOOT = 0.75
#: Free torque over force, m: beyond this it is no friction under a foot but another unit.
LONGEST_TORQUE_ARM = 0.3
#: A pelvis tilted or listed by less than this is upright, rad.
UPRIGHT = np.pi / 3


def find_ground_faults(body: Body, movement: Movement, joint_moment: np.ndarray) -> Iterator[Cause]:
    """Yield what is wrong between the measured forces and a movement; joint_moment (T, Q), N m or N."""
    names = list(body.coordinate_names)
    if not all(c in names for c in PLANAR_ROOT) or movement.kind != "trial":
        return
    time, weight = movement.time, body.mass * STANDARD_GRAVITY
    still = np.zeros(len(time))  # a body in a plane needs nothing across it
    rest = np.stack([joint_moment[:, names.index(c)] if c in names else still for c in ROOT_COORDINATES], axis=1)
    if not movement.loads:
        if not movement.supports and _stands(body, movement):
            yield from _nothing_carries(time, rest[:, 4], weight)
        return
    measured = np.sum([load.force for load in movement.loads], axis=0)
    needed = rest[:, 3:] + measured  # across a plane what is measured is what is needed
    yield from _torques(movement)
    if not any(is_foot(load.segment) for load in movement.loads):  # what hands push or carry is no ground
        if movement.supports:
            return
        if measured[:, 1].sum() < UNMEASURED * needed[:, 1].sum() and _stands(body, movement):
            yield from _nothing_carries(time, rest[:, 4], weight)
            return
    size = np.abs(measured).sum(axis=0)
    if size[1] < max(size[0], size[2]):
        yield _axes("xyz"[int(size.argmax())])
        return
    if movement.supports:  # what they carry is solved for: the plates alone need not balance
        return
    up, down = measured[:, 1], needed[:, 1]
    off = np.linalg.norm(rest[:, 3:], axis=1) > FRAME_FORCE * weight
    tilted = np.linalg.norm(rest[:, :3], axis=1) > FRAME_MOMENT * weight
    strong = off.mean() > SPIKES or rms(rest[:, 3:]) > MEAN_FORCE * weight
    ratio = float((up * down).sum() / (down * down).sum()) if (down != 0.0).any() else 0.0
    impulse = float(up.sum() / down.sum()) if down.sum() != 0.0 else 0.0
    if up.sum() < 0.0:
        yield Cause(
            "sign",
            "the measured ground forces pull the body down",
            f"their mean vertical part is {up.mean():.0f} N; up is positive here",
            "turn the sign of the forces: OpenSim wants the force of the ground on the foot",
        )
        return
    if not UNMEASURED < ratio < 1.0 / UNMEASURED and rms(up - ratio * down) < EXPLAINED * rms(up):
        yield Cause(
            "units",
            f"the measured forces have the course that the movement needs, but {ratio:.3g} times its size: their unit "
            "is another one, such as kN or a percentage of body weight",
            f"up to {up.max():.3g} N are measured where the movement of a model of {body.mass:,.0f} kg needs "
            f"{down.max():.0f} N",
            "write the forces in N, and torques in N·m, and look at the masses of the model",
        )
        return
    explained = False
    fault = find_tempo(time, down, up, weight) or find_clock(time, down, up, weight, strong=strong)
    if fault is not None:
        explained = True
        yield fault
    empty = (down > CARRIED * weight) & (up < UNMEASURED * down)
    if not explained and empty.mean() > SPIKES:
        yield Cause(
            "support",
            "nothing that was measured carries the body",
            f"{say_time(time, empty)} the movement needs up to {down[empty].max():.0f} N from the ground, and "
            f"{up[empty].max():.0f} N are measured",
            "give the forces of every foot, or name what carries the body with supports in trial.toml",
            _keep_sound(time, ~off & ~tilted & ~empty, rest, weight),
        )
        explained = True
    if not explained:
        turned = find_leaning(time, rest[:, 3:], up) or find_turned(time, needed, measured, weight)
        turned = turned or find_pushed_apart(time, movement.loads, rest[:, 2], weight)
        found = [cause for cause in (turned, find_gain(time, movement.loads, down, up)) if cause is not None]
        explained = bool(found)
        yield from found
    sides = {side_of(load.segment) for load in movement.loads if is_foot(load.segment)}
    if not explained and impulse < ONE_FOOT and len(sides) == 1 and {f"ankle_angle_{s}" for s in "rl"} <= set(names):
        explained = True
        yield Cause(
            "support",
            f"only forces under the {SIDES[sides.pop()]}foot are given, which carry {100 * impulse:.0f} % of the body",
            "by the impulse of the ground over the whole movement",
            "give the forces of the other foot, or name what carries the rest with supports in trial.toml",
        )
    fits = rms(up - ratio * down) < EXPLAINED * rms(up - down)
    if not explained and abs(impulse - 1.0) > MASS_LIMIT and fits:
        explained = True
        yield Cause(
            "mass",
            f"the model has a mass of {body.mass:.1f} kg, but the ground forces carry {impulse * body.mass:.1f} kg",
            "by the impulse of the ground over the whole movement",
            f"scale the model to {impulse * body.mass:.1f} kg, or check unit, zero and calibration of the forces",
        )
    if not explained and (beside := find_beside(time, rest[:, :3], up)):
        explained = True
        yield beside
    if explained or not (strong or tilted.mean() > SPIKES or rms(rest[:, :3]) > MEAN_MOMENT * weight):
        return
    good = _keep_sound(time, ~off & ~tilted, rest, weight)
    force, moment = (float(np.linalg.norm(rest[:, part], axis=1).max()) for part in (slice(3, 6), slice(0, 3)))
    level = np.abs(measured[:, (0, 2)]).max() > 0.0
    yield Cause(
        "residual",
        "the movement and the measured forces do not balance"
        + ("" if level else ": they are vertical all the time, as of insoles and scales that measure nothing else"),
        f"up to {force:.0f} N and {moment:.0f} N·m are left at the pelvis, {say_time(time, ~good)}",
        "check that model, coordinates and forces belong to the same trial, clock and laboratory frame, and where the "
        "plates are in it",
        good,
    )


def measure_mass(body: Body, movement: Movement, joint_moment: np.ndarray) -> float:
    """Return the mass (kg) that the ground forces carry, by their impulse; nan where none were measured.

    mass = model mass * sum(F) / sum(m (g + a)), with the acceleration a of the centre of mass from inverse dynamics of
    all segments. It holds in flight and running too, as long as every contact is measured.
    """
    names = body.coordinate_names
    if not movement.loads or "pelvis_ty" not in names:
        return float("nan")
    up = np.sum([load.force[:, 1] for load in movement.loads], axis=0)
    need = joint_moment[:, names.index("pelvis_ty")] + up
    return float(body.mass * up.sum() / need.sum())


def _keep_sound(time: np.ndarray, good: np.ndarray, rest: np.ndarray, weight: float) -> np.ndarray:
    """Return the good frames (T,), none where their longest piece is too much out of balance (T, 6) by itself.

    What is too much on the whole, and would be without the worst frames, too, is no matter of some frames.
    """
    window = longest_window(time, good)
    if window is None:
        return good
    piece = rest[(time >= window[0] - 1e-6) & (time <= window[1] + 1e-6)]
    sound = rms(piece[:, 3:]) <= MEAN_FORCE * weight and rms(piece[:, :3]) <= MEAN_MOMENT * weight
    return good if sound else np.zeros_like(good)


def _nothing_carries(time: np.ndarray, need: np.ndarray, weight: float) -> Iterator[Cause]:
    """Yield the finding of somebody who stands on nothing."""
    bad = need > CARRIED * weight
    if bad.mean() > SPIKES:
        yield Cause(
            "support",
            "no force of the ground is given, and the movement is no flight",
            f"{say_time(time, bad)} the ground would have to carry up to {need.max():.0f} N",
            "give the ground forces, or name what carries the body with supports in trial.toml",
            ~bad,
        )


def _stands(body: Body, movement: Movement) -> bool:
    """Whether the body has legs and is upright, so that something under its feet carries it."""
    if not any(name.startswith("ankle_angle") for name in body.coordinate_names):
        return False
    angles = [name for name in ("pelvis_tilt", "pelvis_list") if name in body.coordinate_names]
    lean = movement.coordinates.sel(coordinate=angles).values
    return bool(np.abs(lean).max(axis=1).mean() < UPRIGHT)


def _torques(movement: Movement) -> Iterator[Cause]:
    """Yield loads whose free torque no foot can exert."""
    for load in movement.loads:
        size = np.linalg.norm(load.force, axis=1)
        on = size > CARRIED * size.max(initial=0.0)
        if not on.any() or size.max() == 0.0:
            continue
        arm = float(np.median(np.linalg.norm(load.free_torque[on], axis=1) / size[on]))
        if arm > LONGEST_TORQUE_ARM:
            yield Cause(
                "units",
                f"the free torque of load {load.name!r} is {arm:.3g} m times its force, which no foot can exert",
                f"up to {np.linalg.norm(load.free_torque[on], axis=1).max():.3g} N·m",
                "give torques in N·m about the centre of pressure (N·mm are a thousand times more), or leave them out",
            )


def _axes(axis: str) -> Cause:
    return Cause(
        "axes",
        f"the ground pushes mostly along {axis}, but up is y here",
        "mean size of the measured forces by axis",
        "turn the forces and their points into OpenSim's frame: x forward, y up, z to the right",
    )

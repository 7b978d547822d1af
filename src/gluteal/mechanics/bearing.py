"""Where the forces of the ground point, and how much each foot carries: turned axes, one plate of another gain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.mechanics.cause import Cause, say_time
from gluteal.mechanics.movement import ExternalLoad
from gluteal.vocabulary import is_foot, side_of

#: Level imbalance, root mean square, from which another sign is looked for, body weights, and the share of it that may
#: be left. Own choice between sound recordings (up to 0.046, no sign leaves less than 1.4 of it) and the same with one
#: axis turned round (0.075 and more, of which 0.1 to 0.45 are left).
OTHER_SIGN, SIGN_LEFT = 0.05, 0.5
#: Level forces that are needed, root mean square, from which their direction is known, body weights; from which angle
#: on another one is told, rad, and the share of the imbalance that may be left. Own choice: in sound recordings of
#: walking and rising from a chair the two differ by 0 to 3 degrees.
DIRECTED, OTHER_DIRECTION, TURN_LEFT = 0.06, np.deg2rad(12.0), 0.85
#: A foot carries above this, body weights. With which force, body weights, and how far off the line between the feet,
#: rad, the ground pushes them otherwise than inward, and for how long, s. Own choice: in sound recordings of walking,
#: squats and rising from a chair it pushes inward by 0.05 to 0.12, within 8 degrees of that line; not in one step that
#: was missed, whose feet both stand for 0.12 s.
BOTH_CARRY, LEAST_PUSH, OFF_LINE, LEAST_BOTH = 0.2, 0.02, np.deg2rad(45.0), 0.25
#: Less off that line counts, too, from the first on, rad, where the body is twisted about the vertical by more than the
#: second, body weights times metres. Own choice: sound recordings have 0.005 in a second and more, squats with forces
#: turned by 30 degrees 0.010.
OFF_TWISTED, TWISTED = np.deg2rad(15.0), 0.008
#: Forces that lean by more than this against what the movement needs, on average, rad, are of another vertical. Own
#: choice: 1 degree and less in five sound recordings; drag in a sprint is 3.
LEANING = np.deg2rad(4.0)
#: Forces that act this far from where they would balance the body, on average, m. Own choice: 0.003 to 0.04 in five
#: sound recordings, whose models have their masses where scaling puts them.
OFF_BALANCE = 0.055
#: Both are told where they leave less than this share of the imbalance, 1.
STEADY_LEFT = 0.6
#: Shorter pieces than these, s, may be off by as much more: in directions and rates, and in places. Own choice: pieces
#: of six sound recordings.
STEADY, BALANCED = 1.0, 1.5
#: Feet nearer to each other than this have no line between them, m. Own choice: the width of a foot.
BESIDE = 0.1
#: The gain of one foot's plate is off by more than this, 1, the other's by less than that, and what is left of the
#: imbalance. Own choice: in sound recordings both are within 0.005 of each other's.
OTHER_GAIN, SAME_GAIN, GAIN_LEFT = 0.1, 0.05, 0.6
#: Two feet that carry in turn can be told apart below this condition number. Own choice: walking has 1.1 to 1.3, squats
#: and rising from a chair 14 to 20.
IN_TURN = 4.0


def slack(time: np.ndarray, enough: float = STEADY) -> float:
    """Return by how much more a piece of a movement may be off than one that is long `enough`, s.

    >>> slack(np.array([0.0, 0.5])), slack(np.array([0.0, 2.0]))
    (2.0, 1.0)
    """
    return max(1.0, enough / max(float(time[-1] - time[0]), 1e-9))


def find_turned(time: np.ndarray, needed: np.ndarray, measured: np.ndarray, weight: float) -> Cause | None:
    """Return the finding of level forces (T, 3) N that fit the movement when they are turned about the vertical."""
    need, found = (force[:, 0] + 1j * force[:, 2] for force in (needed, measured))
    off, angle = rms(need - found), float(np.angle(np.vdot(found, need)))
    turned = f"is turned by {abs(np.rad2deg(angle)):.0f} degrees about the vertical"
    left = {turned: rms(need - found * np.exp(1j * angle))}
    if off > OTHER_SIGN * slack(time) * weight:
        left |= {"has the other sign along x": rms(need + found.conj())}
        left |= {"has the other sign along z": rms(need - found.conj())}
    best = min(left, key=lambda way: left[way])
    far = best == turned and abs(angle) > OTHER_DIRECTION * slack(time) and rms(need) > DIRECTED * weight
    if left[best] > off * (TURN_LEFT if far else SIGN_LEFT) or (best == turned and not far):
        return None
    return Cause(
        "axes",
        f"the level part of the ground forces fits the movement when it {best}: its axes are others",
        f"{off:.0f} N of it (root mean square) are out of balance as it is, {left[best]:.0f} N then",
        "write forces, points and torques in the frame of the coordinates: x forward, y up, z to the right",
    )


def find_leaning(time: np.ndarray, rest: np.ndarray, up: np.ndarray) -> Cause | None:
    """Return the finding of forces whose vertical is not that of the coordinates; `rest` (T, 3) and `up` (T,) in N.

    Over a step or a squat the body is pushed and stopped by no more than its own way asks for.
    """
    if up.sum() <= 0.0:
        return None
    level = rest[:, 0] + 1j * rest[:, 2]
    lean = level.sum() / up.sum()
    if np.arctan(abs(lean)) < LEANING * slack(time) or rms(level - lean * up) > STEADY_LEFT * rms(level):
        return None
    return Cause(
        "axes",
        f"the ground forces lean by {np.rad2deg(np.arctan(abs(lean))):.0f} degrees towards {_axis(-lean)}, against "
        "what the movement needs: their vertical is another one than that of the coordinates, or something pushes or "
        "pulls that was not measured",
        f"on average {abs(lean) * up.mean():.0f} N over {time[-1] - time[0]:.3g} s",
        "check the rotation between plates and coordinates (up is y in both), and whether hands or a harness held",
    )


def find_beside(time: np.ndarray, rest: np.ndarray, up: np.ndarray) -> Cause | None:
    """Return the finding of forces that act beside where they balance the body; `rest` (T, 3) N m, `up` (T,) N.

    Over a step or a squat the body does not fall over: the centre of pressure is, on average, where its way asks for.
    """
    if up.sum() <= 0.0:
        return None
    # The pelvis tilts about z, and lists about x: force times its way forward, and to the right.
    moment = 1j * rest[:, 1] - rest[:, 0]
    off = moment.sum() / up.sum()
    if abs(off) < OFF_BALANCE * slack(time, BALANCED) or rms(moment - off * up) > STEADY_LEFT * rms(moment):
        return None
    return Cause(
        "place",
        f"the ground forces act {100 * abs(off):.0f} cm too far towards {_axis(off)} to balance the body: the plates "
        "are elsewhere, or the masses of the model are",
        f"on average over {time[-1] - time[0]:.3g} s",
        "check where the plates are in the frame of the coordinates, what the person carried, and the masses of the "
        "model",
    )


def _axis(level: complex) -> str:
    """Name the axis that a level vector x + iz is nearest to."""
    part, name = (level.real, "x") if abs(level.real) > abs(level.imag) else (level.imag, "z")
    return f"{'+' if part > 0.0 else '-'}{name}"


def find_pushed_apart(
    time: np.ndarray, loads: Sequence[ExternalLoad], twist: np.ndarray, weight: float
) -> Cause | None:
    """Return the finding of a ground that does not push two standing feet towards each other: its forces are turned.

    Legs lean outward from below the centre of mass, along the line between the feet, and the ground pushes inward.
    These forces cancel, so that the balance of the whole body does not show their direction, but for the moment about
    the vertical that is left at the pelvis, `twist` (T,) N m.
    """
    feet = _feet(loads)
    if len(feet) != 2 or len(time) < 2:
        return None
    (first, here), (second, there) = feet.values()
    line = (here - there)[:, 0] + 1j * (here - there)[:, 2]
    both = (np.abs(line) > BESIDE) & (np.minimum(first[:, 1], second[:, 1]) > BOTH_CARRY * weight)
    if both.sum() * float(time[1] - time[0]) < LEAST_BOTH:
        return None
    push = (first - second)[both] / 2.0
    inward = -((push[:, 0] + 1j * push[:, 2]) * line[both].conj() / np.abs(line[both])).mean()
    angle = abs(float(np.angle(inward)))
    twisted = abs(twist.mean()) > TWISTED * weight * slack(time)
    if abs(inward) < LEAST_PUSH * weight or angle < (OFF_TWISTED if twisted else OFF_LINE):
        return None
    return Cause(
        "axes",
        "while both feet stand, the ground does not push them towards each other, as it does below everybody, but "
        f"{np.rad2deg(angle):.0f} degrees off that: the level part of the forces is turned",
        f"on average {abs(inward):.0f} N, {say_time(time, both)}",
        "check the signs and axes of the level forces (x forward, y up, z to the right), and which plate is under "
        "which foot",
    )


def find_gain(
    time: np.ndarray, loads: Sequence[ExternalLoad], needed: np.ndarray, measured: np.ndarray
) -> Cause | None:
    """Return the finding of one foot whose vertical force is a constant share of what the movement needs (T,) N."""
    feet = _feet(loads)
    if len(feet) != 2:
        return None
    up = np.stack([force[:, 1] for force, _ in feet.values()], axis=1)
    gain, _, rank, size = np.linalg.lstsq(up, needed, rcond=None)
    if rank < len(feet) or size[0] > IN_TURN * size[-1] or (gain <= 0.0).any():
        return None
    off = np.abs(gain - 1.0)
    worst = int(off.argmax())
    explained = rms(needed - up @ gain) < GAIN_LEFT * rms(needed - measured)
    if off[worst] < OTHER_GAIN * slack(time) or off[1 - worst] > SAME_GAIN or not explained:
        return None
    names = list(feet)
    return Cause(
        "units",
        f"the force under {names[worst]} is {1.0 / gain[worst]:.2f} times what the movement needs from it, while that "
        f"under {names[1 - worst]} fits",
        "vertical forces over the whole movement",
        "check gain, unit and zero of that plate, and whether the whole foot was on it",
    )


def _feet(loads: Sequence[ExternalLoad]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return force (T, 3) N and its place (T, 3) m under each foot by the name of its segment, of all its plates."""
    sides: dict[str, list[ExternalLoad]] = {}
    for load in loads:
        if is_foot(load.segment):
            sides.setdefault(side_of(load.segment) or load.segment, []).append(load)
    found = {}
    for plates in sides.values():
        force, point = (np.stack([getattr(x, name) for x in plates]) for name in ("force", "centre_of_pressure"))
        share = np.abs(force[..., 1:2])
        place = (share * point).sum(axis=0) / np.maximum(share.sum(axis=0), 1e-9)
        found[plates[0].segment] = (force.sum(axis=0), place)
    return found


def rms(array: np.ndarray) -> float:
    """Root mean square over time of a series (T,), real or complex, or of the length of vectors (T, 3)."""
    return float(np.sqrt((np.abs(array) ** 2).sum() / len(array)))

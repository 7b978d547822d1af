"""How an adapted walk differs from the usual one: every quantity over the stance of each foot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.engines import measure_segments
from gluteal.movements.tasks.foot_loads import FootBalance
from gluteal.simulate.adapt.legs import WalkingLimbs
from gluteal.simulate.adapt.record import QuantityChange
from gluteal.simulate.adapt.turns import segment_angles
from gluteal.words import SIDES

_JOINTS = ("hip_flexion", "hip_adduction", "hip_rotation")
_ACROSS = 2
_FOOT = "foot"


def measure_walk(limbs: WalkingLimbs, postures: np.ndarray) -> dict[str, np.ndarray]:
    """Return every quantity of a walk (T, Q) as a curve (T,), deg or mm; joints are those of the side `toward`.

    ``foot r`` and ``foot l`` are where the heel bones are across the line of walking.
    """
    place, across = limbs.body.coordinate_names.index, limbs.across
    poses = [measure_segments(limbs.body, q, ("torso", "calcn_r", "calcn_l")) for q in postures]
    tilt, lean, turn = np.rad2deg([segment_angles(p.rotation[0]) for p in poses]).T
    feet = 1000.0 * np.array([p.position[1:, _ACROSS] for p in poses])

    def angle(name: str) -> np.ndarray:
        return np.asarray(np.rad2deg(postures[:, place(name)]))

    return {
        "pelvic_tilt": -angle("pelvis_tilt"),
        "pelvic_list": across * angle("pelvis_list"),
        "pelvic_rotation": -across * angle("pelvis_rotation"),
        "pelvic_shift": 1000.0 * across * postures[:, place("pelvis_tz")],
        "pelvic_height": 1000.0 * postures[:, place("pelvis_ty")],
        **{f"{_FOOT} {side}": feet[:, i] for i, side in enumerate("rl")},
        "trunk_forward_lean": -tilt,
        "trunk_lean": across * lean,
        "trunk_rotation": -across * turn,
        **{name: angle(f"{name}_{limbs.toward}") for name in _JOINTS},
    }


def stance_frames(balance: FootBalance, side: str) -> np.ndarray:
    """Say in which frames a foot may push on the ground, (T,) bool."""
    return np.asarray(balance.active[:, balance.foot == side].any(axis=1))


def say_walk_changes(
    limbs: WalkingLimbs,
    balance: FootBalance,
    usual: np.ndarray,
    walked: np.ndarray,
    others: Sequence[np.ndarray] = (),
) -> tuple[QuantityChange, ...]:
    """Return the changes of every quantity, as a mean over each stance and where they are largest there.

    Parameters
    ----------
    usual, walked : (T, Q)
        Coordinates of the usual walk and of the adapted one.
    others : sequence of (T, Q)
        Walks adapted with other weights of habit, for the band.
    """
    walks = [measure_walk(limbs, q) for q in (usual, walked, *others)]
    changes = []
    for name in [n for n in walks[0] if not n.startswith(_FOOT)]:
        for side in (limbs.toward, "l" if limbs.toward == "r" else "r"):
            own, words = stance_frames(balance, side), f"{SIDES[side].strip()} stance"
            means = [float(walk[name][own].mean()) for walk in walks]
            changes.append(_compare(name, f"mean over {words}", means))
            at = int(np.where(own, np.abs(walks[1][name] - walks[0][name]), -1.0).argmax())
            changes.append(_compare(name, f"largest in {words}", [float(walk[name][at]) for walk in walks]))
    right, left = (stance_frames(balance, side) for side in "rl")
    apart = [float(walk[f"{_FOOT} r"][right].mean() - walk[f"{_FOOT} l"][left].mean()) for walk in walks]
    return (*changes, _compare("step_width", None, apart))


def _compare(name: str, phase: str | None, values: Sequence[float]) -> QuantityChange:
    """Return the change from the first value to the second; further ones are those of the habit's band."""
    before, after, *others = values
    ends = [value - before for value in (after, *others)]
    low, high = (min(ends), max(ends)) if others else (None, None)
    return QuantityChange(name, before, after, low, high, phase)

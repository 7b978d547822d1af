"""Coordinates that take the trunk and the feet where they are to be, by Newton's method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.engines import measure_segments
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.simulate.adapt.turns import solve_rows

#: A posture is found when no foot and no trunk is off by more than this, m or rad.
FOUND = 1e-12
#: The smallest miss that rounding may leave where Newton's method makes no more way, m or rad.
ROUNDING_MISS = 1e-10
#: Most Newton steps for one posture: own choice, 4 are usual.
MOST_STEPS = 30
#: Longest Newton step of a coordinate, rad or m: near a straight leg an unbounded one leaves for nowhere. Own choice.
LONGEST_STEP = 0.5


def meet_poses(
    body: Body,
    posture: np.ndarray,
    segments: Sequence[str],
    rotations: np.ndarray,
    places: np.ndarray,
    solved: np.ndarray,
    *,
    complaint: str,
    found: float = FOUND,
) -> tuple[np.ndarray, np.ndarray]:
    """Change some coordinates of a posture (Q,) until segments are where they are to be.

    Parameters
    ----------
    segments : sequence of str, (N,)
        The first need only be turned as asked, all others be at their place, too.
    rotations : (N, 3, 3)
        Axes in the world, as columns.
    places : (N - 1, 3) m
        Of all segments but the first.
    solved : (C,) indices
        Coordinates that may change.
    complaint : str
        What to say where they cannot be met, with ``{off}`` for the millimetres that are left.
    found : float
        Nothing may be off by more, m or rad.

    Returns
    -------
    posture : (Q,)
    rows : (3 N + 3 (N - 1), Q)
        Rotation vectors of the segments, and places of all but the first, per unit of each coordinate.

    Raises
    ------
    InputError
        Where they cannot be met.
    """
    posture, last = posture.copy(), np.inf
    for _ in range(MOST_STEPS):
        here = measure_segments(body, posture, segments)
        turned = rotations @ here.rotation.transpose(0, 2, 1)
        # The axis times the sine of the angle: zero where the rotation vector is, and the same to first order there.
        off = 0.5 * (turned - turned.transpose(0, 2, 1))[:, [2, 0, 1], [1, 2, 0]]
        miss = np.concatenate([off.ravel(), (places - here.position[1:]).ravel()])
        parts = (here.rotation_per, here.translation_per[1:])
        rows = np.concatenate([part.reshape(-1, len(posture)) for part in parts])
        worst = float(np.abs(miss).max())
        if worst <= found or (worst <= ROUNDING_MISS and worst >= last):
            return posture, rows
        last = worst
        step = solve_rows(rows[:, solved], miss)
        posture[solved] += step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), LONGEST_STEP))
    raise InputError(complaint.format(off=f"{1000.0 * last:.1f}"))

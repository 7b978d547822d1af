"""What standing feet do with what a posture leaves open: hardly twist, hardly push apart.

Where two feet stand, or a foot and something else carries too, forces between them that cancel move nothing, and least
effort would use them as no person does: in a squat it twists each foot against the floor with 19 N m. So three sums of
each foot's forces are weak rows (`gluteal.mechanics.movement.WeakRow`): the moment about the vertical, the forward
force, and the sideways force beyond a share of the vertical one. A foot that stands alone gets none: its forces follow
from the movement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gluteal.engines import segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement, Support, WeakRow
from gluteal.movements.tasks.file import Feet
from gluteal.vocabulary import STANDARD_GRAVITY, side_of

# Contact points of the sole, by how their names begin.
_SOLE = ("heel_", "sole_", "metatarsal_", "toe_")
#: A foot stands where it has at least so many of them on its surface: a single one has no breadth to twist with.
STANDS = 2


def hold_feet(body: Body, movement: Movement, feet: Feet) -> Movement:
    """Return the movement with the weak rows of its standing feet.

    Parameters
    ----------
    movement : Movement
        With unknown `supports`; T frames.
    feet : Feet
        How near to zero the sums usually are, see docs/tasks.md.
    """
    if feet.free:
        return movement
    soles = {side: [s for s in movement.supports if _is_sole(s) and side_of(s.segment) == side] for side in "rl"}
    rows = [row for side in "rl" for row in _rows(body, movement, side, soles[side], feet)]
    return replace(movement, weak_rows=tuple(rows))


def _is_sole(support: Support) -> bool:
    return support.name.startswith(_SOLE)


def _active(supports: Sequence[Support], frames: int) -> np.ndarray:
    """Return when each support may push, (T, S)."""
    always = np.ones(frames, bool)
    return np.array([always if s.active is None else s.active for s in supports]).reshape(-1, frames).T


def _rows(body: Body, movement: Movement, side: str, sole: Sequence[Support], feet: Feet) -> list[WeakRow]:
    others = [s for s in movement.supports if s not in sole]
    frames = len(movement.time)
    on = _active(sole, frames)
    asked = (on.sum(axis=1) >= STANDS) & _active(others, frames).any(axis=1)
    if not asked.any():
        return []
    on = on & asked[:, None]
    places = [(s.segment, s.point) for s in sole]
    order = list(body.coordinate_names)
    points = np.stack([segment_points(body, q, places) for q in movement.coordinates.sel(coordinate=order).values])
    middle = (points * on[:, :, None]).sum(axis=1) / np.maximum(on.sum(axis=1), 1)[:, None]
    arm = points - middle[:, None]
    weight = body.mass * STANDARD_GRAVITY
    ahead, up, right = np.eye(3)
    aside = (-1.0 if side == "r" else 1.0) * right - feet.inward * up

    def row(what: str, each: np.ndarray, deviation: float) -> WeakRow:
        part = np.where(on[:, :, None], each, 0.0)
        return WeakRow(f"{what} of foot_{side}", {s.name: part[:, i] for i, s in enumerate(sole)}, deviation)

    return [
        # The vertical part of r x f: z f_x - x f_z.
        row("free moment", arm[:, :, 2:] * ahead - arm[:, :, :1] * right, feet.free_moment),
        row("forward force", np.broadcast_to(ahead, points.shape), feet.horizontal_force * weight),
        row("sideways force", np.broadcast_to(aside, points.shape), feet.horizontal_force * weight),
    ]

"""What a criterion or a wish asks beside activations, as soft rows of the same quadratic problem.

The force in a joint is linear in activations and support forces, so its square over body weight is three rows; a floor
is a row that costs only where it falls short; a recorded channel is a row. Nothing here makes a movement impossible.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.errors import InputError
from gluteal.kernels.sharing import SoftRows
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.nerves.term import Wished
from gluteal.sharing.criterion import Criterion
from gluteal.vocabulary import STANDARD_GRAVITY, side_of


def make_soft_rows(
    criterion: Criterion, mechanics: Mechanics, left: np.ndarray, condition: Condition | None = None
) -> SoftRows | None:
    """Return what a criterion and a condition's wishes ask beside activations; None where they ask nothing.

    Parameters
    ----------
    left : (..., T, M) array
        Share of each muscle's capacity that the condition leaves, 1.

    Raises
    ------
    InputError
        Where the body has no such joint, or its engine knows no lines of action.
    UnknownName
        Where the body has no such muscle.
    """
    parts = [joint_rows(mechanics, kind, left, price) for kind, price in criterion.joints]
    asked = condition or Condition()
    # A strategy spares the joints that the body has; a criterion names those that it must have.
    cut = {c.joint for c in mechanics.lines.cuts} if asked.joint_prices else set()
    parts += [joint_rows(mechanics, kind, left, price) for kind, price in asked.joint_prices if kind in cut]
    frames, rays = len(mechanics.time), mechanics.dataset.sizes["ray"]
    wished = [
        *(Wished(m, f.value, f.price) for f in criterion.floors for m in _by_side(mechanics.body.resolve(f.target))),
        *asked.wishes(mechanics.body),
    ]
    for wish in wished:
        root = np.sqrt(wish.price)
        row = root * pooling_row(mechanics, wish.muscles)
        parts.append(_muscle_row(row, np.full(frames, root * wish.level), rays, one_sided=True))
    for channel in criterion.tracked:
        if channel.envelope.shape != (frames,):
            raise InputError(
                f"The envelope of {channel.name!r} has {channel.envelope.size} samples, the movement {frames} frames; "
                "give it at the frames."
            )
        root = np.sqrt(criterion.tracking_price)
        row = root * pooling_row(mechanics, channel.muscles)
        parts.append(_muscle_row(row, root * channel.gain * channel.envelope, rays, one_sided=False))
    return stack_soft_rows(parts) if parts else None


def joint_rows(mechanics: Mechanics, kind: str, left: np.ndarray, price: float) -> SoftRows:
    """Return three rows for each joint of a kind: its contact force in body weights, times the root of the price."""
    lines = mechanics.lines
    joints = [j for j, cut in enumerate(lines.cuts) if cut.joint == kind]
    if not joints:
        known = ", ".join(dict.fromkeys(cut.joint for cut in lines.cuts)) or "none"
        raise InputError(f"Body {mechanics.body.name!r} has no {kind} to cut through; it has: {known}.")
    return force_rows(mechanics, joints, left, price)


def force_rows(mechanics: Mechanics, joints: Sequence[int], left: np.ndarray, price: float) -> SoftRows:
    """Return the contact forces of some cuts in body weights, along the world's axes, times the root of the price.

    A a + S s - b is minus the force that the joint puts on the segments beyond it; rows are three for each joint.
    """
    data = mechanics.dataset.variables
    scale = np.sqrt(price) / (mechanics.body.mass * STANDARD_GRAVITY)
    # Neighbouring cuts are looked at where they are: a copy would take as long as the products.
    near = list(joints) == list(range(joints[0], joints[0] + len(joints)))
    cuts = slice(joints[0], joints[0] + len(joints)) if near else list(joints)
    pull, push = (p[:, cuts].reshape(len(p), 3 * len(joints), -1) for p in mechanics.pulls)
    needed = mechanics.lines.needed_force[..., cuts, :]
    passive = np.matmul(pull, data["passive_force"].values[..., None])[..., 0]
    capacity = scale * data["active_capacity"].values * left
    return SoftRows(
        A=pull * capacity[..., None, :],
        S=scale * push,
        b=scale * (needed.reshape(*needed.shape[:-2], -1) - passive),
        one_sided=np.zeros(3 * len(joints), bool),
    )


def pooling_row(mechanics: Mechanics, muscles: Sequence[str]) -> np.ndarray:
    """Return the shares by which some muscles' activations are pooled, by max_isometric_force, (..., muscle) 1."""
    body, force = mechanics.body, mechanics.dataset.variables["max_isometric_force"].values
    counted = np.zeros_like(force)
    columns = [body.muscle_places[m] for m in muscles]
    counted[..., columns] = force[..., columns]
    whole = counted.sum(axis=-1, keepdims=True)
    return np.asarray(counted / np.where(whole > 0.0, whole, 1.0))


def stack_soft_rows(parts: Sequence[SoftRows]) -> SoftRows:
    """Put rows below each other."""
    if len(parts) == 1:
        return parts[0]
    lead = np.broadcast_shapes(*(p.b.shape[:-1] for p in parts))

    def whole(arrays: Sequence[np.ndarray], axes: int) -> np.ndarray:
        spread = [np.broadcast_to(a, (*lead, *a.shape[a.ndim - axes :])) for a in arrays]
        return np.concatenate(spread, axis=-axes)

    return SoftRows(
        A=whole([p.A for p in parts], 2),
        S=whole([p.S for p in parts], 2),
        b=whole([p.b for p in parts], 1),
        one_sided=np.concatenate([p.one_sided for p in parts]),
    )


def _muscle_row(row: np.ndarray, aim: np.ndarray, rays: int, *, one_sided: bool) -> SoftRows:
    lead = (*row.shape[:-1], len(aim))
    return SoftRows(
        A=np.broadcast_to(row[..., None, None, :], (*lead, 1, row.shape[-1])),
        S=np.zeros((len(aim), 1, rays)),
        b=np.broadcast_to(aim[:, None], (*lead, 1)),
        one_sided=np.array([one_sided]),
    )


def _by_side(muscles: Sequence[str]) -> list[tuple[str, ...]]:
    sides = dict.fromkeys(side_of(m) for m in muscles)
    return [tuple(m for m in muscles if side_of(m) == side) for side in sides]

"""Angles that jump from one row to the next: full turns are undone, exchanged markers are refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.sto import Table
from gluteal.vocabulary import unsided

#: No joint moves by more than this between two rows, rad, faster than this, rad/s: kicking knees reach 30 rad/s, and
#: what markers that slip make of a sprinting ankle is 0.28 rad and 70 rad/s.
LARGEST_JUMP, FASTEST_JOINT = 0.4, 60.0
# Joints that are held to it; light ones (subtalar, wrists) are often told badly by markers, and ask little of a muscle.
_HELD = ("hip_", "knee_angle", "ankle_angle", "lumbar_")


def undo_turns(table: Table, names: Sequence[str], values: np.ndarray, warnings: list[str]) -> np.ndarray:
    """Return angles (T, N) rad without the full turns by which some programs keep them within half a turn."""
    done = values.copy()
    for k, name in enumerate(names):
        rows = np.flatnonzero(np.isfinite(values[:, k]))
        steps = np.abs(np.diff(values[rows, k]))
        turned = steps > np.pi
        if turned.any():
            done[rows, k] = np.unwrap(values[rows, k])
            at = table.time[rows[1:][turned][0]]
            warnings.append(f"{name} of {table.path.name} jumps by a full turn at {at:.6g} s; the turn was undone.")
    return done


def refuse_jumps(
    table: Table, body: Body, names: Sequence[str], values: np.ndarray, window: tuple[float, float]
) -> None:
    """Raise InputError where a joint of legs or trunk (T, N) rad jumps inside the `window` as no joint moves."""
    steps = np.abs(np.diff(values, axis=0))
    speed = steps / np.diff(table.time)[:, None]
    inside = (table.time[1:] >= window[0]) & (table.time[:-1] <= window[1])
    joints = [unsided(n).startswith(_HELD) and body.coordinate(n).kind == "rotation" for n in names]
    jumps = (steps > LARGEST_JUMP) & (speed > FASTEST_JOINT) & inside[:, None] & np.array(joints)
    if not jumps.any():
        return
    row, k = (int(x) for x in np.argwhere(jumps)[0])
    raise InputError(
        f"{names[k]} of {table.path.name} jumps by {np.rad2deg(steps[row, k]):.0f} degrees between "
        f"{table.time[row]:.6g} and {table.time[row + 1]:.6g} s ({int(jumps.sum())} such jumps), which no joint does: "
        "look for exchanged or missing markers there, or choose a time window without it."
    )

"""Coordinates that jump from one row to the next: full turns are undone, exchanged markers are refused."""

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
#: No pelvis moves by more than this between two rows, m, faster than this, m/s: sprinters reach 12.
LARGEST_LEAP, FASTEST_PELVIS = 0.1, 20.0
#: A coordinate that leaves its way for at most this time, s, by more than this, rad and m, and by more than so many
#: times what it usually does, jumped there and back. Own choice: sound recordings have up to 0.06 rad; 0.26 rad of the
#: pelvis for 10 ms is 30 N m at the back.
SPIKE_TIME, SPIKE_TURN, SPIKE_WAY, SPIKE_RATIO = 0.03, 0.1, 0.02, 8.0
#: What a coordinate usually does is more than 95 of 100 rows do, and rows that are looked at as one spike, at most.
USUAL, MOST_ROWS = 95, 30
# Joints that are held to it; light ones (subtalar, wrists) are often told badly by markers, and ask little of a muscle.
_HELD = ("hip_", "knee_angle", "ankle_angle", "lumbar_", "pelvis_")
# Feet are light, and sprinting ones told badly: what leaves them for a moment asks for little.
_HEAVY = ("hip_", "knee_angle", "lumbar_", "pelvis_")


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
    """Raise InputError where a joint of legs or trunk, or the pelvis, (T, N) rad or m, jumps inside the `window`."""
    steps = np.abs(np.diff(values, axis=0))
    speed = steps / np.diff(table.time)[:, None]
    inside = (table.time[1:] >= window[0]) & (table.time[:-1] <= window[1])
    turning = np.array([body.coordinate(n).kind == "rotation" for n in names])
    held = np.array([unsided(n).startswith(_HELD) for n in names])
    far = np.where(turning, LARGEST_JUMP, LARGEST_LEAP)
    jumps = (steps > far) & (speed > np.where(turning, FASTEST_JOINT, FASTEST_PELVIS)) & inside[:, None] & held
    if jumps.any():
        row, k = (int(x) for x in np.argwhere(jumps)[0])
        what = "joint" if turning[k] else "body"
        raise InputError(
            f"{names[k]} of {table.path.name} jumps by {_say(steps[row, k], turning[k])} between {table.time[row]:.6g} "
            f"and {table.time[row + 1]:.6g} s ({int(jumps.sum())} such jumps), which no {what} does: look for "
            "exchanged or missing markers there, or choose a time window without it."
        )
    heavy = np.flatnonzero([unsided(n).startswith(_HEAVY) for n in names])
    if spike := _find_spike(table.time, values[:, heavy], turning[heavy], window):
        row, count, k, size = spike
        raise InputError(
            f"{names[heavy[k]]} of {table.path.name} jumps away by {_say(size, turning[heavy[k]])} at "
            f"{table.time[row]:.6g} s and is back {table.time[row + count] - table.time[row - 1]:.3g} s later, which "
            "no body does: look for exchanged or missing markers there, or choose a time window without it."
        )


def _find_spike(
    time: np.ndarray, values: np.ndarray, turning: np.ndarray, window: tuple[float, float]
) -> tuple[int, int, int, float] | None:
    """Return first row, number of rows, column and size of the largest excursion there and back; None for none."""
    found: tuple[float, tuple[int, int, int, float]] | None = None
    step, least = float(np.median(np.diff(time))), np.where(turning, SPIKE_TURN, SPIKE_WAY)
    for count in range(1, min(MOST_ROWS, int(SPIKE_TIME / step + 1e-6), len(time) - 2) + 1):
        before, after = values[: -count - 1], values[count + 1 :]
        share = np.arange(1, count + 1) / (count + 1)
        parts = [values[i : len(values) - count + i - 1] for i in range(1, count + 1)]
        off = np.stack([part - before - x * (after - before) for x, part in zip(share, parts, strict=True)])
        one_way = (np.sign(off) == np.sign(off[0])).all(axis=0)
        size = np.where(one_way & np.isfinite(off).all(axis=0), np.abs(off).min(axis=0), 0.0)
        ratio = size / np.maximum(np.percentile(size, USUAL, axis=0), 1e-6)
        inside = (time[1:-count] >= window[0]) & (time[1:-count] <= window[1])
        hits = np.argwhere((size > least) & (ratio > SPIKE_RATIO) & inside[:, None])
        for row, k in hits:
            if found is None or size[row, k] * count > found[0]:
                found = (size[row, k] * count, (int(row) + 1, count, int(k), float(size[row, k])))
    return None if found is None else found[1]


def _say(size: float, turning: bool) -> str:
    """Say the size of a jump, rad or m."""
    return f"{np.rad2deg(size):.0f} degrees" if turning else f"{100 * size:.0f} cm"

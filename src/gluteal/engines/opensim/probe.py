"""What a model does when its coordinates are moved: which paths change, where a coordinate lives in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gluteal.engines.opensim.model import OpenSimModel

#: Step of a coordinate that shows what it changes, rad or m.
PROBE = 1e-2
#: Which paths a coordinate changes is found by such steps in this many random postures.
POSTURES = 5
#: A path whose length changes by less than this per unit of a coordinate does not cross it, m.
CROSSES = 1e-6
#: One-sided slopes of length that differ by more than this are on two sides of a kink, m.
KINK = 2e-3


def probe(opened: OpenSimModel) -> tuple[np.ndarray, np.ndarray]:
    """Return which paths change with which coordinate, and how far moment arms are from the change (Q, M)."""
    rng = np.random.default_rng(0)
    ends = [(c.getRangeMin(), c.getRangeMax()) for c in (opened.coordinates[i] for i in opened.free)]
    low, high = np.array([(max(a, -1.0), max(min(b, 1.0), max(a, -1.0))) for a, b in ends]).T
    slope = np.zeros((POSTURES, len(low), len(opened.paths)))
    gap = np.zeros_like(slope)
    for posture in range(POSTURES):
        q = rng.uniform(low, high)
        value, _, _, jacobian = opened.expand(q, np.zeros_like(q), np.zeros_like(q))
        opened.place(value)
        here, arms = opened.lengths(range(len(opened.paths))), opened.moment_arms(jacobian)
        for k, step in enumerate(PROBE * np.eye(len(q))):
            some = np.flatnonzero(arms[k])  # exactly 0 on every straight path that does not cross
            opened.place(opened.expand_posture(q + step))
            ahead = (opened.lengths(some) - here[some]) / PROBE
            opened.place(opened.expand_posture(q - step))
            behind = (here[some] - opened.lengths(some)) / PROBE
            slope[posture, k, some] = (ahead + behind) / 2
            smooth = np.abs(ahead - behind) < KINK  # or a path point switched on or off between the two
            gap[posture, k, some] = np.where(smooth, np.abs(arms[k, some] + slope[posture, k, some]), 0.0)
    crossed = np.abs(slope).max(axis=0) > CROSSES
    return crossed, np.where(crossed, gap.max(axis=0), 0.0)


def release(model: Any) -> frozenset[str]:
    """Unlock every coordinate so that it can be set; return the names of those that were fixed."""
    fixed = set()
    coordinates = model.updCoordinateSet()
    for i in range(coordinates.getSize()):
        c = coordinates.get(i)
        if c.get_locked() or c.get_prescribed():
            fixed.add(c.getName())
        c.set_locked(False)
        c.set_prescribed(False)
        c.set_clamped(False)
    return frozenset(fixed)


def find_slot(coordinate: Any, state: Any) -> int:
    """Return where a coordinate's value is in the state's Q (quaternion joints leave gaps)."""
    before, value = state.getQ().to_numpy().copy(), coordinate.getValue(state)
    coordinate.setValue(state, value + 0.1, False)
    slot = int(np.argmax(np.abs(state.getQ().to_numpy() - before)))
    coordinate.setValue(state, value, False)
    return slot

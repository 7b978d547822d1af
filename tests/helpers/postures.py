"""Postures of any body, and a movement that stands still in them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement


def posture(body: Body, seed: int, spread: float = 0.3) -> np.ndarray:
    """A random posture inside the ranges, near the default one."""
    rng = np.random.default_rng(seed)
    low, high = np.array([c.range for c in body.coordinates]).T
    default = np.array([c.default for c in body.coordinates])
    return np.clip(default + rng.uniform(-spread, spread, len(default)), low + 0.01, high - 0.01)


def still(body: Body, q: np.ndarray, **parts: object) -> Movement:
    """A movement of one frame, or (T, Q) frames, at rest."""
    q = np.atleast_2d(q)
    coords = {"time": np.arange(len(q)) * 0.01, "coordinate": list(body.coordinate_names)}
    value = xr.DataArray(q, dims=("time", "coordinate"), coords=coords)
    return Movement("still", "Still", "trial", value, 0 * value, 0 * value, **parts)  # type: ignore[arg-type]

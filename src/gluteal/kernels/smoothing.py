"""Low-pass filters and splines of measured curves: bare arrays, time first."""

from __future__ import annotations

import numpy as np
import scipy

from gluteal.kernels.butterworth import zero_lag_butter


def lowpass(values: np.ndarray, rate: float, cutoff: float) -> np.ndarray:
    """Filter (T, ...) without lag: Butterworth of third order, forward and backward, at `cutoff` (Hz).

    The same filter as OpenSim's inverse dynamics tool applies (Storage::lowpassIIR; "half amplitude" of
    `gluteal.kernels.butterworth`), so that moments can be compared. Ends are extended by point
    reflection over one period of the cut-off.
    """
    sos = zero_lag_butter(3, cutoff, "low", rate, left="half amplitude")
    pad = min(len(values) - 1, int(np.ceil(rate / cutoff)))
    return scipy.signal.sosfiltfilt(sos, values, axis=0, padtype="odd", padlen=pad)


def spline(time: np.ndarray, values: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Interpolate (T, ...) by a quintic spline; return value and two derivatives at `grid`, (N, ...) each."""
    start = time[0]  # large time stamps would cost digits
    degree = 5 if len(time) > 5 else (3 if len(time) > 3 else 1)
    curve = scipy.interpolate.make_interp_spline(time - start, values, k=degree, axis=0)
    at = grid - start
    return curve(at), curve(at, 1), curve(at, 2)


def is_uniform(time: np.ndarray, tolerance: float = 0.02) -> bool:
    """Whether no step differs from the median one by more than `tolerance` of it."""
    steps = np.diff(time)
    return bool(np.abs(steps / np.median(steps) - 1.0).max() <= tolerance)


def nearest_valid(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Replace rows of (T, ...) where `valid` (T,) is False by the nearest valid row in index."""
    if valid.all():
        return values
    where = np.flatnonzero(valid)
    rows = np.arange(len(values))
    after = np.searchsorted(where, rows)
    left = where[np.clip(after - 1, 0, len(where) - 1)]
    right = where[np.clip(after, 0, len(where) - 1)]
    return values[np.where(np.abs(rows - left) <= np.abs(right - rows), left, right)]

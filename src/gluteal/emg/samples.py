"""Whether an array is a signal that can be worked with; what it must be beyond that, each room says itself."""

from __future__ import annotations

import numpy as np

from gluteal.errors import InputError


def as_samples(signal: np.ndarray, rate: float) -> np.ndarray:
    """Return a signal as float64, (n,), or say in one sentence why it is none.

    Parameters
    ----------
    signal : (n,)
        Any unit; missing samples are NaN.
    rate : float
        Samples per second.

    Raises
    ------
    InputError
        Where signal or rate are no numbers, the signal is not one-dimensional, has under two samples or only missing
        ones, or the rate is not positive.
    """
    try:
        x = np.asarray(signal, dtype=float)
        hertz = float(rate)
    except (TypeError, ValueError) as error:
        raise InputError(f"Signal and rate must be numbers ({error}).") from error
    if not (np.isfinite(hertz) and hertz > 0.0):
        raise InputError(f"The rate is {rate!r} samples per second; it must be a positive number.")
    if x.ndim != 1:
        raise InputError(f"The signal has shape {x.shape}; give one channel at a time, shape (n,).")
    if x.size < 2 or not np.isfinite(x).any():
        raise InputError("The signal has no samples to work with; check the channel in the file.")
    return x

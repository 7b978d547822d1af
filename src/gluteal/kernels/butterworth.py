"""Butterworth filters run forwards and backwards, and what their corner means: both conventions, side by side.

A filter run twice attenuates twice. OpenSim and much of motion capture leave the corner of one pass as it is, so that
half of the amplitude is left there after both ("half amplitude", 6 dB down); signal processing and this package's EMG
move it, so that the result is 3 dB down exactly where the setting says ("half power"; Winter 2009, Biomechanics and
Motor Control of Human Movement, 4th ed., ch. 3). The same corner in Hz is therefore a stronger filter with OpenSim.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import scipy

#: What is left at the corner after both passes.
Corner = Literal["half power", "half amplitude"]
#: Samples filtered at a time: bounds the memory beyond input and output to some 10 MB.
_BLOCK = 1 << 18


@lru_cache(maxsize=256)
def zero_lag_butter(
    order: int, corner: float, kind: Literal["low", "high"], rate: float, *, left: Corner = "half power"
) -> np.ndarray:
    """Design one pass of a zero-lag Butterworth filter, as second-order sections.

    Parameters
    ----------
    order : int
        Of one pass.
    corner, rate : float
        Hz.
    left : "half power" | "half amplitude"
        What is left at `corner` after both passes. For "half power" the analogue corner is moved by
        (sqrt(2) - 1)^(1/(2 order)), so that each pass takes 1.5 dB there, on the frequency axis that the bilinear
        transform warps.
    """
    if left == "half power":
        corner = one_pass_corner(order, corner, kind, rate)
    return scipy.signal.butter(order, corner, kind, fs=rate, output="sos")


def one_pass_corner(order: int, corner: float, kind: Literal["low", "high"], rate: float) -> float:
    """Corner, Hz, of each of two passes that together leave half of the power at `corner`, Hz."""
    shift = (np.sqrt(2.0) - 1.0) ** (1.0 / (2.0 * order))
    warped = np.tan(np.pi * corner / rate) * (shift if kind == "high" else 1.0 / shift)
    return float(np.arctan(warped) * rate / np.pi)


def filter_zero_lag(x: np.ndarray, sos: np.ndarray) -> np.ndarray:
    """Run a filter forwards and backwards over a signal, (n,), a block at a time.

    Blocks overlap by as long as the filter needs to forget its start (from its slowest pole), so that the
    result is that of one pass over the whole.
    """
    slowest = float(np.abs(np.concatenate([np.roots(section[3:]) for section in sos])).max())
    # After this many samples the start is forgotten to 1e-14.
    overlap = int(np.ceil(np.log(1e-14) / np.log(slowest))) if slowest > 0.0 else 0
    block = max(_BLOCK, 2 * overlap)
    out = np.empty(x.size)
    for start in range(0, x.size, block):
        stop = min(start + block, x.size)
        first, last = max(0, start - overlap), min(x.size, stop + overlap)
        pad = min(3 * (2 * len(sos) + 1), last - first - 1)
        out[start:stop] = scipy.signal.sosfiltfilt(sos, x[first:last], padlen=pad)[start - first : stop - first]
    return out

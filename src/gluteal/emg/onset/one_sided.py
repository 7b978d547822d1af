"""Zero-lag filters made to look back: what they smeared to before a burst is put after it, and nothing else changed.

A zero-lag filter is a pass with time and one against it, G(z) G(1/z). The all-pass G(z) / G(1/z) makes two passes with
time of them. For a Butterworth filter, whose zeros are their own mirror images, it is the all-pass of G's poles
(Oppenheim and Schafer, Discrete-Time Signal Processing, section on all-pass systems, remembered): it looks back, is
stable and leaves every amplitude as it is.
"""

from __future__ import annotations

import numpy as np
import scipy

#: From this share of the rate on a band has no upper corner: it ends by itself there.
OPEN = 0.495


def band_passes(rate: float, zero_lag: tuple[float, float]) -> list[np.ndarray]:
    """One pass of the zero-lag Butterworth filters of a band, 4th order in all, as second-order sections each.

    The corners (low, high), Hz, are those of one pass, as people filter with scipy's `filtfilt`.
    """
    low, high = zero_lag
    sections = [scipy.signal.butter(2, low, "high", fs=rate, output="sos")]
    if high < OPEN * rate:
        sections.append(scipy.signal.butter(2, high, "low", fs=rate, output="sos"))
    return sections


def look_back(x: np.ndarray, rate: float, zero_lag: tuple[float, float] | None) -> np.ndarray:
    """A signal (n,) that has been through the zero-lag filter of a band as two passes with time would have left it."""
    if zero_lag is None:
        return x
    poles = np.concatenate(band_passes(rate, zero_lag))[:, 3:]
    return scipy.signal.sosfilt(np.concatenate([poles[:, ::-1], poles], axis=1), x)

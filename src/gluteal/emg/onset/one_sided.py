"""Zero-lag filters made to look back: what they smeared to before a burst is put after it, and nothing else changed.

A zero-lag filter is a pass with time and one against it, G(z) G(1/z). The all-pass G(z) / G(1/z) makes two passes with
time of them. For a Butterworth filter, whose zeros are their own mirror images, it is the all-pass of G's poles
(Oppenheim and Schafer, Discrete-Time Signal Processing, section on all-pass systems, remembered): it looks back, is
stable and leaves every amplitude as it is.
"""

from __future__ import annotations

import numpy as np
import scipy

from gluteal.kernels.butterworth import zero_lag_butter

#: From this share of the rate on a band has no upper corner: conditioning leaves it to the recorder's own filter.
OPEN = 0.475


def band_passes(rate: float, zero_lag: tuple[float, float]) -> list[np.ndarray]:
    """One pass of the zero-lag Butterworth filters of a band (low, high) in Hz, as second-order sections each.

    As `gluteal.emg.signal.conditioning` makes them, 4th order in all and 3 dB down at the corners after both passes.
    """
    low, high = zero_lag
    sections = [zero_lag_butter(2, low, "high", rate)]
    if high < OPEN * rate:
        sections.append(zero_lag_butter(2, high, "low", rate))
    return sections


def look_back(x: np.ndarray, rate: float, zero_lag: tuple[float, float] | None) -> np.ndarray:
    """A signal (n,) that has been through the zero-lag filter of a band as two passes with time would have left it."""
    if zero_lag is None:
        return x
    poles = np.concatenate(band_passes(rate, zero_lag))[:, 3:]
    return scipy.signal.sosfilt(np.concatenate([poles[:, ::-1], poles], axis=1), x)

"""Slow waves that no muscle makes, heart beats and movement of electrodes, and the high-pass that takes them out."""

from __future__ import annotations

import numpy as np
import scipy

#: Band of the QRS complex, Hz: it is filtered best around 17 Hz (Thakor, Webster and Tompkins 1984, IEEE Trans
#: Biomed Eng 31:702, abstract) and has little above 40. A muscle has most of its power above MUSCLE, Hz.
QRS, MUSCLE = (10.0, 40.0), 80.0
#: Height from which a wave counts, in standard deviations of the slow band at rest, for each time that the muscle's
#: power there is its quiet level; and the height from which it counts in any case, for each time that its amplitude
#: is. The slow part of a burst of muscle stays below both. The median correlation from which waves are alike. Own
#: choice: two such waves in none of 1000 simulated records without a heart, and in one of some 60 recorded channels of
#: walking, running and biceps curls (two, at the rhythm of the steps).
HEIGHT, TALL, ALIKE = 6.0, 12.0, 0.85
#: Shortest time between waves (180 beats a minute), half the stretch that is compared, and that of a level, s.
APART, HALF, LEVEL = 0.33, 0.040, 0.100
#: The quiet level of the muscle's power: this quantile.
QUIET = 0.2
#: Samples per second that show the slow band.
THINNED = 400.0
#: Corners tried, times the lowest one, and the power about the waves, over the quiet level, with which one will do, in
#: stretches of NEAR, s.
CORNERS, GONE, NEAR = (1.0, 1.5, 2.0, 3.0), 1.5, 0.050


def find_slow_waves(x: np.ndarray, rate: float) -> np.ndarray:
    """Samples of x (n,) at the tops of heart beats and the like, (waves,); none where there are not clearly any.

    A burst of a muscle raises its whole band; the QRS complex raises 10-40 Hz most and looks the same each time.
    """
    size = max(int(rate // THINNED), 1)
    n = x.size // size * size
    thinned = rate / size
    slow = x[:n].reshape(-1, size).mean(1)
    slow = scipy.signal.sosfiltfilt(scipy.signal.butter(2, QRS, "bandpass", fs=thinned, output="sos"), slow)
    fast = scipy.signal.sosfilt(scipy.signal.butter(2, MUSCLE, "highpass", fs=rate, output="sos"), x)[:n]
    level = scipy.ndimage.uniform_filter1d((fast * fast).reshape(-1, size).mean(1), max(round(LEVEL * thinned), 1))
    floor = float(np.quantile(level, QUIET))
    scale = 1.4826 * float(np.median(np.abs(slow[level <= 4 * floor])))
    if scale == 0 or floor == 0:
        return np.empty(0, int)
    ratio = np.maximum(level / floor, 1.0)
    least = np.minimum(HEIGHT * ratio, TALL * np.sqrt(ratio))
    apart, half = round(APART * thinned), round(HALF * thinned)
    found = [_alike(sign * slow / scale, least, apart, half) for sign in (1.0, -1.0)]
    return max(found, key=len) * size


def _alike(wave: np.ndarray, least: np.ndarray, apart: int, half: int) -> np.ndarray:
    """Peaks of the wave (n,) that reach the least height (n,), where two or more do and look alike."""
    peaks, _ = scipy.signal.find_peaks(wave, height=HEIGHT, distance=apart)
    peaks = peaks[(peaks >= half) & (peaks < wave.size - half)]
    peaks = peaks[wave[peaks] >= least[peaks]]
    if peaks.size < 2:
        return peaks[:0]
    # Beats are alike in height: what is far below the typical one is not one.
    peaks = peaks[wave[peaks] > 0.5 * np.median(wave[peaks])]
    shapes = wave[peaks[:, None] + np.arange(-half, half + 1)]
    others = shapes.sum(0) - shapes
    size = np.linalg.norm(shapes, axis=1) * np.linalg.norm(others, axis=1)
    alike = float(np.median((shapes * others).sum(1) / np.maximum(size, 1e-300)))
    return peaks if peaks.size >= 2 and alike >= ALIKE else peaks[:0]


def corner_without(x: np.ndarray, rate: float, waves: np.ndarray, lowest: float) -> float | None:
    """Lowest corner of a fourth-order high-pass, Hz, after which the waves do not stand out; None where all leave them.

    What stays at every corner is muscle, whose power goes on far above the heart's.
    """
    width = max(round(NEAR * rate), 1)
    for corner in (lowest * c for c in CORNERS if lowest * c <= 0.3 * rate):
        y = scipy.signal.sosfilt(scipy.signal.butter(4, corner, "highpass", fs=rate, output="sos"), x)
        level = scipy.ndimage.uniform_filter1d(y * y, width)
        # The quarter of the waves with the least muscle about them.
        if np.quantile(level[waves], 0.25) <= GONE * np.quantile(level[:: max(width // 10, 1)], QUIET):
            return corner
    return None

"""From a raw or conditioned EMG to power samples that are close to independent, in both directions of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy

from gluteal.emg.onset.heart import corner_without, find_slow_waves
from gluteal.emg.onset.one_sided import band_passes, look_back

#: Above this rate the signal is thinned: surface EMG has no power above some 500 Hz (Merletti and Farina 2016).
HIGHEST_RATE = 2500.0
#: Below it the band of surface EMG is gone.
LOWEST_RATE = 200.0
#: Order of the whitening filter; Bonato et al. 1998 and Staude 2001 whiten likewise, with orders of this size.
AR_ORDER = 6
#: Added to the autocovariance at lag zero: whitening must not lift bands without signal to full height.
#: Own choice: halves the loss on motor-unit signals and costs 5 % on white ones (docs/emg-onsets.md).
AR_RIDGE = 0.2
#: Power is never taken as lower than this share of the mean: digital silence has no logarithm.
FLOOR = 1e-7
#: Length over which the level counts as constant when the spectrum is estimated, s.
LOCAL = 0.1
#: Mirrored stretch before each end, s: ten time constants of a 20 Hz high-pass and more.
START_UP = 0.2
#: How long a burst that begins at once takes to reach its level after the filters, s.
SETTLED = 0.030
#: Length of a bin in the search for bursts, s.
BIN = 0.010


@dataclass(frozen=True)
class Power:
    """Power of the whitened signal.

    Attributes
    ----------
    forward : (n,)
        Filtered with time: nothing of a burst comes before its onset. For onsets.
    backward : (n,)
        Filtered against time, for offsets.
    rate : float
        Samples per second, of these.
    shape : float
        Gamma shape of a sample: how many independent values, halved, it is worth.
    skip : int
        Samples left out at the start, less than a bin. Bins of BIN s are counted from the strongest sample, so
        that a signal moved by whole samples has the same bins.
    slow_waves : int
        Heart beats and the like that were seen.
    high_pass : float
        Corner of the high-pass that was used, Hz.
    """

    forward: np.ndarray
    backward: np.ndarray
    rate: float
    shape: float
    skip: int
    slow_waves: int
    high_pass: float


def prepare_power(
    signal: np.ndarray,
    rate: float,
    *,
    high_pass: float,
    slow_high_pass: float,
    zero_lag: tuple[float, float] | None = None,
) -> Power:
    """Remove the mean, high-pass, whiten and square, once with and once against time.

    Filters that only look back keep an onset sharp; a zero-lag filter would smear it to earlier times, so the one that
    the signal has been through (its band `zero_lag`, Hz) is made to look back first.
    Where heart beats or the like are seen the high-pass is one of fourth order at `slow_high_pass`.
    """
    x = signal - signal.mean()
    thin = max(int(rate // (HIGHEST_RATE / 1.25)), 1) if rate > HIGHEST_RATE else 1
    if thin > 1:
        x, rate = scipy.signal.resample_poly(x, 1, thin), rate / thin
    # Filters start within a mirrored stretch, so that their start-up is not taken for a burst.
    lead = min(round(START_UP * rate), x.size - 1)
    waves = find_slow_waves(x, rate) if slow_high_pass > high_pass else np.empty(0, int)
    clean = corner_without(x, rate, waves, slow_high_pass) if waves.size else None
    corner, order, beats = (high_pass, 2, 0) if clean is None else (clean, 4, waves.size)
    sides = [
        _high_passed(look_back(np.pad(part, (lead, 0), "reflect"), rate, zero_lag), rate, corner, order)
        for part in (x, x[::-1])
    ]
    taps = whitening_filter(sides[0][lead:], rate)
    powers = [scipy.signal.lfilter(taps, [1.0], part)[lead:] ** 2 for part in sides]
    forward, backward = (p + FLOOR * p.mean() for p in powers)
    strongest, size = int(np.argmax(forward)), bin_size(rate)
    shape = gamma_shape(forward[strongest % (2 * size) :], 2 * size)
    skip = strongest % size
    return Power(forward[skip:], backward[::-1][skip:].copy(), rate, shape, skip, beats, corner)


def bin_size(rate: float) -> int:
    """Samples in a bin of about BIN s."""
    return max(round(BIN * rate), 1)


def _high_passed(x: np.ndarray, rate: float, high_pass: float, order: int) -> np.ndarray:
    if high_pass == 0:
        return x
    return scipy.signal.sosfilt(scipy.signal.butter(order, high_pass, "highpass", fs=rate, output="sos"), x)


@lru_cache(maxsize=64)
def step_spread(rate: float, zero_lag: tuple[float, float]) -> np.ndarray:
    """How the power of a burst that begins at once comes in after its onset, a share a sample, (SETTLED s,), sum 1.

    The squared response to a pulse of the zero-lag filter that looks back, the high-pass and the whitening of what they
    leave of white noise. Beside the mean course of 300 bursts of noise through `prepare_power`, white, band-limited or
    of a muscle's spectrum, 2 ms of it are off by 0.15 of the plateau at most.
    """
    x = np.zeros(round(SETTLED * rate))
    x[0] = 1.0
    for sections in band_passes(rate, zero_lag):
        x = scipy.signal.sosfilt(sections, scipy.signal.sosfilt(sections, x))
    x = _high_passed(x, rate, zero_lag[0], 2)
    squared = scipy.signal.lfilter(_prediction_error(x), [1.0], x) ** 2
    return squared / squared.sum()


def whitening_filter(x: np.ndarray, rate: float) -> np.ndarray:
    """Prediction-error filter of x (n,) after its level is made even, (AR_ORDER + 1,)."""
    # A running sum may leave less than nothing of a quiet stretch after a loud one.
    level = np.sqrt(np.maximum(scipy.ndimage.uniform_filter1d(x * x, max(round(LOCAL * rate), 1)), 0.0))
    z = np.divide(x, level, out=np.zeros_like(x), where=level > 0)
    return _prediction_error(z)


def _prediction_error(z: np.ndarray) -> np.ndarray:
    """Prediction-error filter by the Yule-Walker equations (Kay 1988, Modern Spectral Estimation, 7.3) with a ridge."""
    # Not the product of a linear algebra library, whose own threads wait for each other and round as they please.
    covariance = np.array([np.einsum("i,i", z[: z.size - k], z[k:]) for k in range(AR_ORDER + 1)])
    covariance[0] *= 1 + AR_RIDGE
    if covariance[0] == 0:
        return np.array([1.0])
    return np.r_[1.0, -scipy.linalg.solve_toeplitz(covariance[:-1], covariance[1:])]


def gamma_shape(power: np.ndarray, block: int) -> float:
    """Gamma shape per sample, from how much neighbouring blocks of `block` samples differ.

    For two gamma values a, b of shape k and one mean, E[((a - b) / (a + b))^2] = 1 / (2 k + 1), from the
    beta distribution of a / (a + b): the level drops out, so that bursts do not disturb, and
    heavy tails and what autocorrelation is left within a block are counted. The largest twentieth are left
    out, as they straddle steps of the level; the bias of this is part of the calibration.
    """
    n = power.size // block
    means = power[: n * block].reshape(n, block).mean(1)
    contrast = np.sort(block_contrast(means))
    kept = contrast[: max(int(0.95 * contrast.size), 1)]
    return float(np.clip((1 / max(kept.mean(), 1e-12) - 1) / 2 / block, 0.02, 0.5))


def block_contrast(means: np.ndarray) -> np.ndarray:
    """Squared contrast ((a - b) / (a + b))^2 of each block's mean power, (n,), and the next one's, (n - 1,)."""
    return ((means[1:] - means[:-1]) / (means[1:] + means[:-1])) ** 2

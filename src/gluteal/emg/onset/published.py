"""Published detectors, written from their papers: thresholds, likelihood ratio, change point.

Each takes power or amplitude at rest from `rest`, a pair of samples [first, last), and gives bursts as pairs of
samples; none of them states an error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy

from gluteal.emg.onset.prepare import whitening_filter
from gluteal.kernels.onset import laplace_split

Runs = list[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class HodgesBuiSettings:
    """Hodges and Bui 1996 (Electroencephalogr Clin Neurophysiol 101:511): one of their settings that agreed.

    Attributes
    ----------
    low_pass : float
        Corner of the smoothing of the rectified signal, Hz (theirs: 10, 50, 500).
    deviations : float
        Standard deviations over the mean at rest (theirs: 1, 2, 3).
    window : float
        How long the mean must stay above, s (theirs: 20, 50, 100 samples at 2 kHz).
    """

    low_pass: float = 50.0
    deviations: float = 3.0
    window: float = 0.025


@dataclass(frozen=True, kw_only=True)
class BonatoSettings:
    """Bonato, D'Alessio and Knaflitz 1998 (IEEE Trans Biomed Eng 45:287), section II.

    Attributes
    ----------
    false_alarm : float
        Probability that a group of `group` samples at rest passes.
    group, needed : int
        Samples in a group, and how many of them must pass the first threshold (m and r0).
    shortest : float
        Shortest burst and shortest gap, s.
    """

    false_alarm: float = 0.05
    group: int = 5
    needed: int = 1
    shortest: float = 0.030


@dataclass(frozen=True, kw_only=True)
class TeagerKaiserSettings:
    """Li, Zhou and Aruin 2007 (Ann Biomed Eng 35:1532); Solnik et al. 2008 (Acta Bioeng Biomech 10:65).

    Attributes
    ----------
    band : (float, float)
        Band-pass before the operator, Hz.
    low_pass : float
        Corner of the smoothing after it, Hz.
    deviations : float
        Standard deviations over the mean at rest.
    shortest : float
        How long the result must stay above, s.
    """

    band: tuple[float, float] = (30.0, 300.0)
    low_pass: float = 50.0
    deviations: float = 3.0
    shortest: float = 0.025


@dataclass(frozen=True, kw_only=True)
class StaudeSettings:
    """Approximated generalised likelihood ratio: Staude, Flachenecker, Daumer and Wolf 2001.

    EURASIP J Appl Signal Process 2001:67.

    Attributes
    ----------
    window : float
        Length of the sliding test window, s.
    threshold : float
        Log-likelihood ratio of a change of variance that raises the alarm.
    reach : float
        How far around the alarm the change is sought, s.
    """

    window: float = 0.050
    threshold: float = 15.0
    reach: float = 0.100


@dataclass(frozen=True, kw_only=True)
class LaplaceSettings:
    """Change point of a Laplace model by profile likelihood: Selvan 2018 (PMC6697092), with Teager-Kaiser.

    The paper places one onset; here each burst found by the method "rise" has its two edges placed so.

    Attributes
    ----------
    reach : float
        How far before the rough edge the change is sought, s.
    inside : float
        How far into the burst it is, at most, s.
    """

    reach: float = 0.40
    inside: float = 0.50


def _runs(active: np.ndarray, gap: int, shortest: int) -> Runs:
    """Runs of true in active (n,): gaps below `gap` samples closed, then runs below `shortest` dropped."""
    padded = np.r_[False, active, False]
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    joined: Runs = []
    for first, last in edges.tolist():
        if joined and first - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return [(a, b) for a, b in joined if b - a >= shortest]


def _smoothed(x: np.ndarray, rate: float, low_pass: float) -> np.ndarray:
    return scipy.signal.sosfiltfilt(scipy.signal.butter(2, low_pass, fs=rate, output="sos"), x)


def hodges_bui(x: np.ndarray, rate: float, rest: slice, settings: HodgesBuiSettings) -> Runs:
    """First sample from where the mean of a window of the smoothed rectified signal exceeds the threshold."""
    y = _smoothed(np.abs(x), rate, settings.low_pass)
    width = max(round(settings.window * rate), 1)
    # The window looks ahead: entry i is the mean of samples i to i + width - 1.
    mean = scipy.ndimage.uniform_filter1d(y, width, origin=-(width // 2))
    over = mean > y[rest].mean() + settings.deviations * y[rest].std()
    return _runs(over, width, width)


def bonato(x: np.ndarray, rate: float, rest: slice, settings: BonatoSettings) -> Runs:
    """Double threshold on the whitened signal, squared and summed in pairs (chi-squared, 2 degrees)."""
    e = scipy.signal.lfilter(whitening_filter(x, rate), [1.0], x)
    e = e / e[rest].std()
    pairs = e[: e.size // 2 * 2].reshape(-1, 2) ** 2 @ np.ones(2)
    passes = (
        scipy.ndimage.uniform_filter1d((pairs > _first_threshold(settings)).astype(float), settings.group)
        * settings.group
    )
    active = np.repeat(passes > settings.needed - 0.5, 2)
    least = round(settings.shortest * rate)
    return _runs(active, least, least)


def _first_threshold(settings: BonatoSettings) -> float:
    """Threshold of a pair such that the group passes at rest with the chosen probability (their Eq. 7)."""
    low, high = 0.0, 1.0
    for _ in range(60):
        p = 0.5 * (low + high)
        passes = sum(
            math.comb(settings.group, k) * p**k * (1 - p) ** (settings.group - k)
            for k in range(settings.needed, settings.group + 1)
        )
        low, high = (low, p) if passes > settings.false_alarm else (p, high)
    return -2 * math.log(max(low, 1e-300))


def teager_kaiser_energy(x: np.ndarray, rate: float, band: tuple[float, float]) -> np.ndarray:
    """x_i^2 - x_{i-1} x_{i+1} of the band-passed signal, (n,)."""
    sos = scipy.signal.butter(3, (band[0], min(band[1], 0.45 * rate)), "bandpass", fs=rate, output="sos")
    x = scipy.signal.sosfiltfilt(sos, x)
    out = np.zeros_like(x)
    out[1:-1] = x[1:-1] ** 2 - x[:-2] * x[2:]
    return out


def teager_kaiser(x: np.ndarray, rate: float, rest: slice, settings: TeagerKaiserSettings) -> Runs:
    """Threshold on the smoothed magnitude of the Teager-Kaiser energy."""
    y = _smoothed(np.abs(teager_kaiser_energy(x, rate, settings.band)), rate, settings.low_pass)
    least = round(settings.shortest * rate)
    return _runs(y > y[rest].mean() + settings.deviations * y[rest].std(), least, least)


def staude(x: np.ndarray, rate: float, rest: slice, settings: StaudeSettings) -> Runs:
    """Sliding likelihood-ratio test for a larger variance, then the most likely change near each alarm."""
    e = scipy.signal.lfilter(whitening_filter(x, rate), [1.0], x)
    y = (e / e[rest].std()) ** 2
    width, reach = max(round(settings.window * rate), 2), round(settings.reach * rate)
    ratio = np.maximum(scipy.ndimage.uniform_filter1d(y, width), 1.0)
    alarms = _runs(width / 2 * (ratio - 1 - np.log(ratio)) > settings.threshold, width, 1)
    out: Runs = []
    for first, last in alarms:
        middle = (first + last) // 2
        on = _change(y, max(first - reach, 0), min(first + reach, max(middle, first + 1)))
        end = min(last + reach, y.size)
        back = _change(y[::-1], y.size - end, y.size - max(last - reach, min(middle, last - 1)))
        out.append((on, y.size - back))
    return [(a, b) for a, b in out if b > a]


def _change(y: np.ndarray, start: int, stop: int) -> int:
    """Most likely sample of a change from variance 1 to a larger one within [start, stop)."""
    ahead = y[start:stop]
    count = np.arange(ahead.size, 0, -1)
    after = np.maximum(np.cumsum(ahead[::-1])[::-1] / count, 1.0)
    return start + int(np.argmax(count * (after - 1 - np.log(after))))


def laplace(x: np.ndarray, rate: float, rough: Runs, settings: LaplaceSettings) -> Runs:
    """Edges of rough bursts at the split of |Teager-Kaiser energy| of the greatest Laplace likelihood."""
    y = np.zeros_like(x)
    y[1:-1] = np.abs(x[1:-1] ** 2 - x[:-2] * x[2:])
    y += 1e-9 * y.mean()
    reach, inside = round(settings.reach * rate), round(settings.inside * rate)
    out: Runs = []
    for i, (first, last) in enumerate(rough):
        middle = (first + last) // 2
        before = (rough[i - 1][1] + first) // 2 if i else 0
        after = (last + rough[i + 1][0]) // 2 if i + 1 < len(rough) else y.size
        start, stop = max(first - reach, before), min(middle, first + inside)
        on = start + int(laplace_split(y[start:stop])) if first else 0
        end, begin = min(last + reach, after), max(middle, last - inside)
        off = end - int(laplace_split(y[begin:end][::-1])) if last < y.size else y.size
        out.append((on, off))
    return [(a, b) for a, b in out if b > a]

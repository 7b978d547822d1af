"""Where bursts are, roughly: segments of constant level, and which of them rise above rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gluteal.emg.onset.prepare import BIN, bin_size
from gluteal.kernels.onset import segment_levels

#: Longest segment, s; a longer one is cut, which changes nothing but time spent.
LONGEST = 10.0
#: Ends of a record that are not looked at on their own, s.
ENDS = 0.050
#: Cost of a segment in log-likelihood, and what a burst must gain, per record: a + b log(bins). Found by
#: simulation so that fewer than 2 % of records without a burst have one (docs/emg-onsets.md).
PENALTY = (2.0, 1.0)
CRITICAL = (7.0, 1.0)
#: Rest is at least this share of the record, and what is within this ratio of the quietest part.
REST_SHARE, REST_RATIO = 0.1, 1.3
#: Fewest bins far from bursts that give a better level of rest.
CALM_BINS = 20
#: Temper on the gamma shape, for what its estimate leaves out; found by simulation as above.
TEMPER = 0.8


@dataclass(frozen=True)
class Place:
    """A burst in bins: [first, last) and its mean power, and that of its strongest segment, over rest."""

    first: int
    last: int
    ratio: float
    peak_ratio: float
    gain: float


@dataclass(frozen=True)
class Places:
    """Rough bursts, rest power, and the size of a bin in samples."""

    places: tuple[Place, ...]
    rest: float
    size: int


def locate_bursts(
    power: np.ndarray,
    rate: float,
    shape: float,
    *,
    baseline: tuple[int, int] | None,
    shortest: float,
    smallest_db: float,
    max_bursts: int | None,
) -> Places:
    """Find bursts in power (n,): likelihood-ratio test against rest of every run of raised segments.

    Parameters
    ----------
    power : (n,)
    rate : float
        Samples per second.
    shape : float
        Gamma shape of a sample.
    baseline : (first, last) or None
        Samples known to be at rest; None takes the quietest segments.
    shortest : float
        Shortest burst and shortest gap, s.
    smallest_db : float
        A segment counts as raised from this level over rest, dB.
    max_bursts : int or None
        Keep only so many, those of the greatest gain in likelihood.
    """
    size = bin_size(rate)
    n = power.size // size
    y = power[: n * size].reshape(n, size).mean(1)
    # A zero-lag filter has its transients at the ends of a record: their level is that of what is next to them.
    end = min(round(ENDS / BIN), n // 4)
    if end:
        y[:end], y[-end:] = y[end : 2 * end].mean(), y[-2 * end : -end].mean()
    weight = TEMPER * shape * size
    least = max(round(shortest / BIN), 1)
    penalty = (PENALTY[0] + PENALTY[1] * np.log(n)) / weight
    cuts = segment_levels(y, least, penalty, round(LONGEST / BIN))
    sums = np.r_[0.0, np.cumsum(y)]
    lengths, level = np.diff(cuts), np.diff(sums[cuts]) / np.diff(cuts)
    critical = CRITICAL[0] + CRITICAL[1] * np.log(n)
    if baseline is None:
        rest, quiet = _rest(level, lengths, weight, critical)
    else:
        rest, quiet = float(power[slice(*baseline)].mean()), (baseline[1] - baseline[0]) / size
    raised = np.r_[False, level > rest * 10 ** (smallest_db / 10), False]
    edges = np.flatnonzero(raised[1:] != raised[:-1])
    found = []
    for i, j in zip(edges[::2], edges[1::2], strict=True):
        ratio = level[i:j] / rest
        bins = float(lengths[i:j].sum())
        mean = float(lengths[i:j] @ ratio) / bins
        # Two-sample likelihood ratio: rest is an estimate too, so that a quiet spell by chance does not
        # make a burst of all else.
        pooled = (bins * mean + quiet) / (bins + quiet)
        gain = weight * float(lengths[i:j] @ np.log(pooled / ratio) + quiet * np.log(pooled))
        if gain > critical + (j - i - 1) * PENALTY[0]:
            found.append(Place(int(cuts[i]), int(cuts[j]), mean, float(ratio.max()), gain))
    if max_bursts is not None:
        strongest = sorted(found, key=lambda p: -p.gain)[:max_bursts]
        found = sorted(strongest, key=lambda p: p.first)
    calm = rest if baseline is not None else _calm(y, found, rest)
    scale = rest / calm
    places = [replace(p, ratio=p.ratio * scale, peak_ratio=p.peak_ratio * scale) for p in found]
    return Places(tuple(places), calm, size)


def _calm(y: np.ndarray, found: list[Place], rest: float) -> float:
    """Mean power far from bursts: the middle half of each gap, so that soft flanks do not count as rest.

    What is at the ends of the record loses the quarter next to the burst.
    """
    firsts, lasts = [0, *(p.last for p in found)], [*(p.first for p in found), y.size]
    stretches = []
    for i, (a, b) in enumerate(zip(firsts, lasts, strict=True)):
        trim = (b - a) // 4
        stretches.append(y[a + (trim if i else 0) : b - (trim if i < len(found) else 0)])
    calm = np.concatenate(stretches)
    return float(calm.mean()) if calm.size >= CALM_BINS else rest


def _two_sample(level_a: float, bins_a: float, level_b: float, bins_b: float) -> float:
    """Log-likelihood ratio, per unit of gamma shape, that two stretches differ in mean power."""
    pooled = (level_a * bins_a + level_b * bins_b) / (bins_a + bins_b)
    return bins_a * np.log(pooled / level_a) + bins_b * np.log(pooled / level_b)


def _rest(level: np.ndarray, lengths: np.ndarray, weight: float, critical: float) -> tuple[float, float]:
    """Mean power at rest and the number of bins it is known from.

    The quietest segments up to a share of the record, then, in order of level, those that are close or
    cannot be told from what has been gathered.
    """
    order = np.argsort(level)
    total, bins = 0.0, 0.0
    for i in order:
        if bins >= REST_SHARE * lengths.sum():
            mean = total / bins
            apart = weight * _two_sample(mean, bins, level[i], lengths[i])
            if level[i] > REST_RATIO * mean and apart > critical:
                break
        total, bins = total + level[i] * lengths[i], bins + float(lengths[i])
    return total / bins, bins

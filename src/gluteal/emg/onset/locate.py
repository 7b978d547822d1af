"""Where bursts are, roughly: segments of constant level, and which of them rise above rest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice, pairwise

import numpy as np

from gluteal.emg.onset.edge import TEMPER
from gluteal.emg.onset.prepare import BIN, bin_size
from gluteal.emg.onset.segments import PENALTY, Segments, part_run, without_tone
from gluteal.kernels.onset import segment_levels

#: Longest segment, s; a longer one is cut, which changes nothing but time spent.
LONGEST = 10.0
#: Ends of a record that are not looked at on their own, s.
ENDS = 0.050
#: Rest is at least this share of the record, and what is within this ratio of the quietest part.
REST_SHARE, REST_RATIO = 0.1, 1.3
#: Fewest bins far from bursts that give a better level of rest.
CALM_BINS = 20


@dataclass(frozen=True)
class Place:
    """A burst in bins, [first, last).

    Attributes
    ----------
    ratio, peak : float
        Its mean power over rest, and the power of its strongest segment.
    gain : float
        In log-likelihood.
    before, after : float
        Power of what it rises from and falls to: rest, weak activity or a valley between two bursts.
    begins, ends : int
        Where the weak activity begins and ends that it grows out of; its own first and last bin where there is none.
    rest_before, rest_after : float
        Power before and after that.
    """

    first: int
    last: int
    ratio: float
    peak: float
    gain: float
    before: float
    after: float
    begins: int
    ends: int
    rest_before: float
    rest_after: float


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
    segments = Segments(level, lengths, weight, n)
    if baseline is None:
        rest, quiet = _rest(segments)
    else:
        rest, quiet = float(power[slice(*baseline)].mean()), (baseline[1] - baseline[0]) / size
    step = 10 ** (smallest_db / 10)
    raised = np.r_[False, level > step * rest, False]
    edges = np.flatnonzero(raised[1:] != raised[:-1])
    runs = [(i, j) for i, j in zip(edges[::2], edges[1::2], strict=True) if segments.differ(i, j, rest, quiet)]
    calm = rest if baseline is not None else _calm(y, [(cuts[i], cuts[j]) for i, j in runs], rest)
    found = []
    for i, j in runs:
        parts = [without_tone(segments, a, b) for a, b in part_run(segments, i, j, rest, step)]
        gaps = pairwise([i, *chain.from_iterable(parts), j])
        around = [_middle(y[cuts[a] : cuts[b]]).mean() if b > a else calm for a, b in islice(gaps, 0, None, 2)]
        for k, (a, b) in enumerate(parts):
            mean = float(lengths[a:b] @ level[a:b]) / float(lengths[a:b].sum())
            gain = segments.gain(a, b, rest, quiet)
            peak = float(level[a:b].max())
            before, after = float(around[k]), float(around[k + 1])
            outer = k == 0, k == len(parts) - 1
            found.append(
                Place(
                    first=int(cuts[a]),
                    last=int(cuts[b]),
                    ratio=mean / calm,
                    peak=peak,
                    gain=gain,
                    before=before,
                    after=after,
                    begins=int(cuts[i if outer[0] else a]),
                    ends=int(cuts[j if outer[1] else b]),
                    rest_before=calm if outer[0] else before,
                    rest_after=calm if outer[1] else after,
                )
            )
    if max_bursts is not None:
        strongest = sorted(found, key=lambda p: -p.gain)[:max_bursts]
        found = sorted(strongest, key=lambda p: p.first)
    return Places(tuple(found), calm, size)


def _calm(y: np.ndarray, runs: list[tuple[int, int]], rest: float) -> float:
    """Mean power far from the runs of bursts, in bins [first, last): the middle half of each gap.

    So soft flanks do not count as rest. What is at the ends of the record loses the quarter next to the burst.
    """
    firsts, lasts = [0, *(last for _, last in runs)], [*(first for first, _ in runs), y.size]
    stretches = []
    for i, (a, b) in enumerate(zip(firsts, lasts, strict=True)):
        trim = (b - a) // 4
        stretches.append(y[a + (trim if i else 0) : b - (trim if i < len(runs) else 0)])
    calm = np.concatenate(stretches)
    return float(calm.mean()) if calm.size >= CALM_BINS else rest


def _middle(x: np.ndarray) -> np.ndarray:
    """The middle half."""
    return x[x.size // 4 : x.size - x.size // 4]


def _rest(segments: Segments) -> tuple[float, float]:
    """Mean power at rest and the number of bins it is known from.

    The quietest segments up to a share of the record, then, in order of level, those that are close or
    cannot be told from what has been gathered.
    """
    level, lengths = segments.level, segments.lengths
    order = np.argsort(level)
    total, bins = 0.0, 0.0
    for i in order:
        if bins >= REST_SHARE * lengths.sum():
            mean = total / bins
            if level[i] > REST_RATIO * mean and segments.gain(i, i + 1, mean, bins) > segments.critical:
                break
        total, bins = total + level[i] * lengths[i], bins + float(lengths[i])
    return total / bins, bins

"""Average curves over gait cycles or repetitions, with named bands, and comparison of whole curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from math import comb
from typing import Any, Literal

import numpy as np
import scipy

from gluteal.errors import InputError

Band = Literal["sd", "bootstrap"]
CurveTest = Literal["maximum", "cluster"]


@dataclass(frozen=True)
class CurveAverage:
    """Cycles on one time base and their average.

    Attributes
    ----------
    percent : ndarray, (points,)
        0-100 % of the cycle.
    cycles : ndarray, (cycles, points)
        In `unit`.
    mean, low, high : ndarray, (points,)
        Mean and band.
    band : str
        What the band is, in words; part of every legend.
    durations_s : ndarray, (cycles,)
    skipped : int
        Cycles left out because samples are missing in them.
    unit : str
    """

    percent: np.ndarray = field(repr=False)
    cycles: np.ndarray = field(repr=False)
    mean: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    band: str
    durations_s: np.ndarray = field(repr=False)
    skipped: int
    unit: str


def average_cycles(
    envelope: np.ndarray,
    rate: float,
    spans: Sequence[tuple[float, float]],
    *,
    unit: str,
    points: int = 101,
    band: Band = "sd",
    draws: int = 2000,
    rng: np.random.Generator | None = None,
) -> CurveAverage:
    """Cut an envelope into cycles, stretch each to 0-100 % and average.

    Parameters
    ----------
    envelope : ndarray, (n,)
        In `unit`.
    rate : float
        Samples per second.
    spans : sequence of (start, end)
        Cycles, s from the first sample. `cycles_between` makes them from foot strikes.
    points : int
        Points per cycle; 101 is one per cent each.
    band : "sd" | "bootstrap"
        Mean -+ 1 standard deviation over cycles (where cycles lie), or the pointwise 95 % interval of the
        mean, from resampled cycles (percentile bootstrap, Efron & Tibshirani 1993, ch. 13).
    draws : int
        Bootstrap draws.
    rng : numpy Generator, optional
        Fixed seed by default.

    Raises
    ------
    InputError
        Where a cycle lies outside the recording or is empty, or no complete cycle is left; "bootstrap" needs
        three.
    """
    x = np.asarray(envelope, dtype=float)
    if x.ndim != 1 or x.size < 2 or not (np.isfinite(rate) and rate > 0.0) or points < 2:
        raise InputError("Cycles are cut from one signal of at least two samples at a positive rate.")
    last = (x.size - 1) / rate
    grid = np.linspace(0.0, 1.0, points)
    time = np.arange(x.size) / rate
    kept, durations = [], []
    for start, end in spans:
        if not (-0.5 / rate <= start < end <= last + 0.5 / rate):
            raise InputError(
                f"The cycle from {start:g} to {end:g} s does not lie inside the recording (0 to {last:.4g} s)."
            )
        curve = np.interp(start + grid * (end - start), time, x)
        if np.isfinite(curve).all():
            kept.append(curve)
            durations.append(end - start)
    skipped = len(spans) - len(kept)
    if not kept or (band == "bootstrap" and len(kept) < 3):
        raise InputError(
            f"There are {len(kept)} complete cycles; "
            f"{'a bootstrap needs at least 3' if kept else 'at least 1 is needed'}."
        )
    cycles = np.vstack(kept)
    mean = cycles.mean(axis=0)
    if band == "sd":
        sd = cycles.std(axis=0, ddof=1) if len(kept) > 1 else np.full(points, np.nan)
        low, high, words = mean - sd, mean + sd, f"mean ± 1 SD of {len(kept)} cycles"
    elif band == "bootstrap":
        low, high = _bootstrap_band(cycles, draws, rng or np.random.default_rng(20260104))
        words = f"pointwise 95 % bootstrap interval of the mean of {len(kept)} cycles"
    else:
        raise InputError(f"There is no band {band!r}; choose 'sd' or 'bootstrap'.")
    return CurveAverage(100.0 * grid, cycles, mean, low, high, words, np.array(durations), skipped, unit)


def cycles_between(events: Sequence[float], *, longest_s: float = 3.0) -> tuple[tuple[float, float], ...]:
    """Pair successive events (s) of one side into cycles; gaps above `longest_s` are no cycle but a pause."""
    times = sorted(float(t) for t in events)
    return tuple((a, b) for a, b in pairwise(times) if 0.0 < b - a <= longest_s)


def _bootstrap_band(cycles: np.ndarray, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n = cycles.shape[0]
    weight = rng.multinomial(n, np.full(n, 1.0 / n), size=draws) / n
    low, high = np.quantile(weight @ cycles, [0.025, 0.975], axis=0)
    return low, high


@dataclass(frozen=True)
class CurveDifference:
    """A part of the cycle in which two sets of curves differ: from, to (%), and probability by chance."""

    start_percent: float
    end_percent: float
    p: float


@dataclass(frozen=True)
class CurveComparison:
    """Result of comparing whole curves.

    Attributes
    ----------
    t : ndarray, (points,)
        Test statistic along the cycle; positive where the first is larger.
    threshold : float
        ``|t|`` above which a point is counted.
    differences : tuple of CurveDifference
        Empty where none was found.
    p : float
        Of the strongest difference along the whole cycle.
    method, settings, sentence
    """

    t: np.ndarray = field(repr=False)
    threshold: float
    differences: tuple[CurveDifference, ...]
    p: float
    method: CurveTest
    settings: dict[str, Any]
    sentence: str


def compare_curves(
    first: np.ndarray,
    second: np.ndarray,
    *,
    paired: bool = False,
    method: CurveTest = "maximum",
    alpha: float = 0.05,
    permutations: int = 2000,
    rng: np.random.Generator | None = None,
) -> CurveComparison:
    """Compare two sets of curves along the whole cycle, with one error rate for all of it.

    Parameters
    ----------
    first, second : ndarray, (curves, points)
        One row per person (or per cycle of one person, which then speaks for that person only).
    paired : bool
        Rows belong together: two sides or two days of the same people.
    method : "maximum" | "cluster"
        "maximum": permutation test on the largest ``|t|`` (Nichols & Holmes 2002, Hum Brain Mapp 15:1-25), says
        where points differ. "cluster": permutation test on the largest sum of ``|t|`` over a run of points beyond
        the pointwise threshold (Maris & Oostenveld 2007, J Neurosci Methods 164:177-190), finds weaker but
        longer differences and says little about where exactly they begin.
    alpha : float
        Error rate over the whole cycle.
    permutations : int
        Rearrangements drawn; all of them where fewer exist.
    rng : numpy Generator, optional
        Fixed seed by default.

    Raises
    ------
    InputError
        Where shapes do not fit, values are missing, or there are too few curves for any result at `alpha`.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    _check_curves(a, b, paired)
    settings: dict[str, Any] = {"paired": paired, "alpha": alpha, "curves": [len(a), len(b)]}
    if method not in ("maximum", "cluster"):
        raise InputError(f"There is no comparison {method!r}; choose 'maximum' or 'cluster'.")
    rows = a - b if paired else np.vstack((a, b))
    signs = _arrangements(len(a), len(b), paired, permutations, rng or np.random.default_rng(20260105))
    settings["permutations"] = len(signs)
    if 1.0 / len(signs) > alpha:
        raise InputError(
            f"{len(a)} and {len(b)} curves can be rearranged in {len(signs)} ways only, too few for an "
            "error rate of "
            f"{alpha:g}; record more repetitions or people."
        )
    t = _t(rows, signs, paired)
    freedom = len(a) - 1 if paired else len(a) + len(b) - 2
    if method == "maximum":
        top = np.abs(t).max(axis=1)
        threshold = float(np.quantile(top, 1.0 - alpha, method="higher"))
        # The first arrangement is the one observed; it counts among all (p is never 0).
        runs = _runs(np.abs(t[0]) > threshold)
        found = [(s, e, float(np.mean(top >= np.abs(t[0, s:e]).max() - 1e-12))) for s, e in runs]
        p = float(np.mean(top >= top[0] - 1e-12))
    else:
        threshold = float(scipy.stats.t.ppf(1.0 - alpha / 2.0, freedom))
        masses = np.array([max((_mass(row, s, e) for s, e in _signed_runs(row, threshold)), default=0.0) for row in t])
        found = [(s, e, float(np.mean(masses >= _mass(t[0], s, e) - 1e-12))) for s, e in _signed_runs(t[0], threshold)]
        p = float(np.mean(masses >= masses[0] - 1e-12))
        found = [f for f in found if f[2] <= alpha]
    return _comparison(t[0], threshold, found, p, method, settings)


def _comparison(
    t: np.ndarray,
    threshold: float,
    found: Sequence[tuple[int, int, float]],
    p: float,
    method: CurveTest,
    settings: dict[str, Any],
) -> CurveComparison:
    step = 100.0 / (t.size - 1)
    parts = tuple(CurveDifference(s * step, (e - 1) * step, q) for s, e, q in found)
    if parts:
        where = " and ".join(f"{d.start_percent:.0f}-{d.end_percent:.0f} %" for d in parts)
        words = (
            f"The curves differ at {where} of the cycle, more than chance explains (p = {min(d.p for d in parts):.3g})."
        )
    else:
        words = (
            f"No difference between the curves beyond chance was found (p = {p:.2g}); this does not "
            "show that they are equal."
        )
    return CurveComparison(t, threshold, parts, p, method, settings, words)


def _check_curves(a: np.ndarray, b: np.ndarray, paired: bool) -> None:
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or a.shape[1] < 2:
        raise InputError(
            f"Curves to compare need the same number of points; given shapes {a.shape} and {b.shape} (curves, points)."
        )
    if paired and a.shape != b.shape:
        raise InputError(f"Paired curves come in pairs; given {len(a)} and {len(b)}.")
    if min(len(a), len(b)) < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InputError("Each side needs at least two curves without gaps.")


def _arrangements(n: int, k: int, paired: bool, most: int, rng: np.random.Generator) -> np.ndarray:
    """Signs, (permutations, rows): the observed one first, then drawn ones, or all where they are few.

    Paired: sign of each difference. Unpaired: +1 first group, -1 second.
    """
    rows = n if paired else n + k
    observed = np.ones(rows) if paired else np.concatenate((np.ones(n), -np.ones(k)))
    total = 2**rows if paired else comb(rows, n)
    if total <= most:
        if paired:
            every = np.array(list(product((1.0, -1.0), repeat=rows)))
        else:
            chosen = np.array(list(combinations(range(rows), n)))
            every = -np.ones((total, rows))
            np.put_along_axis(every, chosen, 1.0, axis=1)
        others = every[~(every == observed).all(axis=1)]
    elif paired:
        others = rng.choice([-1.0, 1.0], size=(most - 1, rows))
    else:
        others = rng.permuted(np.tile(observed, (most - 1, 1)), axis=1)
    return np.vstack((observed, others))


def _t(rows: np.ndarray, signs: np.ndarray, paired: bool) -> np.ndarray:
    """Student's t at every point for every arrangement, (permutations, points)."""
    total_square = np.square(rows)
    if paired:
        n = rows.shape[0]
        mean = signs @ rows / n
        variance = (total_square.sum(axis=0) - n * np.square(mean)) / (n - 1)
        return mean / _not_zero(np.sqrt(np.clip(variance, 0.0, None) / n))
    rows = rows - rows.mean(axis=0)
    first = (signs > 0.0).astype(float)
    n, k = int(first[0].sum()), rows.shape[0] - int(first[0].sum())
    mean_first = first @ rows / n
    mean_second = -first @ rows / k
    within = np.square(rows).sum(axis=0) - n * np.square(mean_first) - k * np.square(mean_second)
    pooled = np.clip(within, 0.0, None) / (n + k - 2)
    return (mean_first - mean_second) / _not_zero(np.sqrt(pooled * (1.0 / n + 1.0 / k)))


def _not_zero(spread: np.ndarray) -> np.ndarray:
    """Points where nothing varies carry no information: their t becomes 0 instead of 0/0."""
    return np.where(spread > 1e-300, spread, np.inf)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _signed_runs(t: np.ndarray, threshold: float) -> list[tuple[int, int]]:
    """Runs beyond the threshold, positive and negative apart."""
    return sorted(_runs(t > threshold) + _runs(t < -threshold))


def _mass(t: np.ndarray, start: int, end: int) -> float:
    return float(np.abs(t[start:end]).sum())

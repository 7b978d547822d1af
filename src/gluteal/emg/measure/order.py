"""Who first? Onset relative to a reference, and the probability of each order instead of one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from gluteal.errors import InputError, UnknownName

#: Most muscles for which whole orders are counted: eight have 40 320 orders already.
MOST_MUSCLES = 8


@dataclass(frozen=True)
class RelativeOnset:
    """When one muscle starts, counted from a reference.

    Attributes
    ----------
    muscle : str
    mean_s : float
        Mean over repetitions, s; negative is before the reference.
    sd_s : float
        Spread over repetitions, s; nan with one.
    low_s, high_s : float
        95 % interval of the mean, s; nan with one repetition of unknown error.
    repetitions, missing : int
        Repetitions with both onsets, and without.
    reference : str
    open_s : float
        What of the interval is there because onsets have two answers (`Burst.onset_reach_s`), s; no number of
        repetitions takes it away.
    """

    muscle: str
    mean_s: float
    sd_s: float
    low_s: float
    high_s: float
    repetitions: int
    missing: int
    reference: str
    open_s: float = 0.0


@dataclass(frozen=True)
class OrderShare:
    """How probable one order is in a repetition: mean and 95 % interval, and in how many it was seen."""

    order: tuple[str, ...]
    probability: float
    low: float
    high: float
    observed: int


@dataclass(frozen=True)
class PairShare:
    """How probable it is that `first` starts before `second` in a repetition: mean and 95 % interval."""

    first: str
    second: str
    probability: float
    low: float
    high: float
    repetitions: int


@dataclass(frozen=True)
class Orders:
    """Probabilities of orders.

    Attributes
    ----------
    orders : tuple of OrderShare
        Those that onsets and their errors make possible, most probable first.
    pairs : tuple of PairShare
    repetitions : int
        With an onset of every muscle.
    incomplete : int
        Repetitions left out of `orders` because an onset is missing (they still count in `pairs`).
    sentence : str
        For people.
    settings : dict
    """

    orders: tuple[OrderShare, ...]
    pairs: tuple[PairShare, ...]
    repetitions: int
    incomplete: int
    sentence: str
    settings: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Agreement:
    """Kendall's coefficient of concordance between repetitions.

    Attributes
    ----------
    w, low, high : float
        0: each repetition has its own order; 1: all the same. 95 % interval by jackknife.
    p : float
        How often chance orders agree as much (permutation).
    repetitions, muscles : int
    sentence : str
    """

    w: float
    low: float
    high: float
    p: float
    repetitions: int
    muscles: int
    sentence: str


def measure_relative_onsets(
    onsets: Mapping[str, ArrayLike],
    onset_sd: Mapping[str, ArrayLike] | None = None,
    *,
    reference: str | ArrayLike,
    reference_name: str = "movement start",
    reach: Mapping[str, ArrayLike] | None = None,
) -> tuple[RelativeOnset, ...]:
    """Measure each muscle's onset relative to a reference muscle or to given times.

    Parameters
    ----------
    onsets : mapping of str to array (repetitions,)
        Onset of each muscle, s; NaN where none was found.
    onset_sd : mapping of str to array (repetitions,), optional
        Standard deviation of each onset, s. Needed for an interval from a single repetition only: with more,
        the spread between repetitions contains it.
    reference : str or array (repetitions,)
        A muscle of `onsets`, or times such as movement onset, s.
    reference_name : str
        What the times are, for the result.
    reach : mapping of str to array (repetitions, 2), optional
        How far an onset with two answers may lie before and after its time, s (`Burst.onset_reach_s`); zeros for one
        answer. The interval of the mean grows by its mean, because repetitions may share it.

    Raises
    ------
    InputError, UnknownName
        Where lengths differ or the reference is not among the muscles.
    """
    names, x, s = _table(onsets, onset_sd)
    if isinstance(reference, str):
        if reference not in names:
            raise UnknownName("muscle with onsets", reference, names, "the keys of `onsets`")
        zero, zero_sd, label = x[:, names.index(reference)], s[:, names.index(reference)], reference
    else:
        zero = np.asarray(reference, dtype=float)
        zero_sd, label = np.zeros(x.shape[0]), reference_name
        if zero.shape != (x.shape[0],):
            raise InputError(f"There are {x.shape[0]} repetitions but {zero.size} reference times; give one for each.")
    out = []
    for column, name in enumerate(names):
        if isinstance(reference, str) and name == reference:
            continue
        d = x[:, column] - zero
        known = np.isfinite(d)
        n = int(known.sum())
        mean = float(d[known].mean()) if n else float("nan")
        sd = float(d[known].std(ddof=1)) if n > 1 else float("nan")
        if n > 1:
            half = float(scipy.stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n))
        else:
            error = float(np.hypot(s[known, column], zero_sd[known])[0]) if n else 0.0
            # An error that nobody stated is not an error of zero.
            half = 1.96 * error if error > 0.0 else float("nan")
        earlier, later = _mean_reach(reach, name, known)
        if isinstance(reference, str):
            sooner, after = _mean_reach(reach, reference, known)
            earlier, later = earlier - after, later - sooner
        low, high = mean - half + earlier, mean + half + later
        out.append(RelativeOnset(name, mean, sd, low, high, n, int((~known).sum()), label, later - earlier))
    return tuple(out)


def _mean_reach(reach: Mapping[str, ArrayLike] | None, name: str, known: np.ndarray) -> tuple[float, float]:
    """Mean over repetitions of how far the onsets of a muscle may lie before and after, s."""
    if reach is None or name not in reach or not known.any():
        return 0.0, 0.0
    before, after = np.nan_to_num(np.asarray(reach[name], dtype=float)[known]).mean(axis=0)
    return float(before), float(after)


def compute_order_probabilities(
    onsets: Mapping[str, ArrayLike],
    onset_sd: Mapping[str, ArrayLike] | None = None,
    *,
    reach: Mapping[str, ArrayLike] | None = None,
    draws: int = 4000,
    rng: np.random.Generator | None = None,
) -> Orders:
    """Compute how probable each order of onset is in a repetition, with 95 % intervals.

    Each draw moves every onset by its own error (normal, `onset_sd`), counts the orders over repetitions, and
    draws their shares from a Dirichlet distribution with these counts and the prior 1/m! for each of the m!
    orders (Perks 1947, J Inst Actuar 73:285); pairs likewise with Jeffreys' prior. So neither a handful of
    repetitions nor onsets closer than their error give a certain order.

    Parameters
    ----------
    onsets, onset_sd
        As `measure_relative_onsets`. An unknown error (NaN) counts as none.
    reach : mapping, optional
        As `measure_relative_onsets`: an onset with two answers is drawn anywhere between them, the same way in all
        repetitions of a draw.
    draws : int
        Number of draws.
    rng : numpy Generator, optional
        Fixed seed by default, so that a report can be repeated.

    Raises
    ------
    InputError
        With fewer than two muscles, more than `MOST_MUSCLES`, or no repetition in which all were found.
    """
    generator = rng or np.random.default_rng(20260101)
    names, x, s = _table(onsets, onset_sd)
    r, m = x.shape
    if not 2 <= m <= MOST_MUSCLES:
        raise InputError(
            f"An order needs 2 to {MOST_MUSCLES} muscles; given {m}. Choose the ones the question is about."
        )
    complete = np.isfinite(x).all(axis=1)
    if not complete.any():
        raise InputError("There is no repetition in which every muscle has an onset; leave out the one that has none.")
    kept = np.flatnonzero(complete)
    base = m ** np.arange(m)
    none = np.zeros((r, 2))
    before_after = np.stack([np.nan_to_num(np.asarray((reach or {}).get(n, none), dtype=float)) for n in names], axis=1)
    open_ = np.ptp(before_after, axis=2) > 0.0
    codes = np.empty((draws, kept.size), dtype=np.int64)
    before = np.zeros((draws, m, m))
    block = max(1, 2_000_000 // (r * m * m))
    for start in range(0, draws, block):
        size = min(block, draws - start)
        # The tiny second term breaks exact ties by chance, never by the order of the names.
        z = x + s * generator.standard_normal((size, r, m)) + 1e-9 * generator.random((size, r, m))
        if open_.any():
            between = x + before_after[..., 0] + np.ptp(before_after, axis=2) * generator.random((size, 1, m))
            z = np.where(open_, between, z)
        codes[start : start + size] = np.argsort(z[:, kept], axis=2) @ base
        before[start : start + size] = (z[:, :, :, None] < z[:, :, None, :]).sum(axis=1)
    orders = _order_shares(codes, names, x[kept], m, generator)
    together = np.isfinite(x[:, :, None] + x[:, None, :]).sum(axis=0)
    pairs = []
    for a, b in combinations(range(m), 2):
        n = int(together[a, b])
        share = generator.beta(before[:, a, b] + 0.5, n - before[:, a, b] + 0.5)
        low, high = np.quantile(share, [0.025, 0.975])
        pairs.append(PairShare(names[a], names[b], float(share.mean()), float(low), float(high), n))
    settings = {
        "draws": draws,
        "prior": "Perks (1/m! per order), Jeffreys (pairs)",
        "onset_error_used": onset_sd is not None,
    }
    return Orders(orders, tuple(pairs), kept.size, r - kept.size, _sentence(orders[0], kept.size), settings)


def _order_shares(
    codes: np.ndarray, names: list[str], x: np.ndarray, m: int, rng: np.random.Generator
) -> tuple[OrderShare, ...]:
    """Draw shares of the orders that occur, all others lumped together."""
    known, index = np.unique(codes, return_inverse=True)
    index = index.reshape(codes.shape)
    draws = codes.shape[0]
    counts = np.zeros((draws, known.size))
    np.add.at(counts, (np.arange(draws)[:, None], index), 1.0)
    possible = factorial(m)
    weight = rng.standard_gamma(counts + 1.0 / possible)
    unseen = possible - known.size
    rest = rng.standard_gamma(unseen / possible, draws) if unseen else 0.0
    share = weight / (weight.sum(axis=1) + rest)[:, None]
    observed = np.argsort(x, axis=1, kind="stable") @ (m ** np.arange(m))
    out = []
    for column, code in enumerate(known):
        order = tuple(names[(int(code) // m**k) % m] for k in range(m))
        low, high = np.quantile(share[:, column], [0.025, 0.975])
        seen = int(np.count_nonzero(observed == code))
        out.append(OrderShare(order, float(share[:, column].mean()), float(low), float(high), seen))
    return tuple(sorted(out, key=lambda o: -o.probability))


def compute_agreement(
    onsets: Mapping[str, ArrayLike], *, permutations: int = 2000, rng: np.random.Generator | None = None
) -> Agreement:
    """Compute Kendall's W of the order of onset over repetitions.

    W follows from the mean Spearman correlation between repetitions, W = ((r - 1) rho + 1) / r (Kendall &
    Gibbons 1990, Rank Correlation Methods, ch. 6); its interval from the jackknife of rho, because a
    bootstrap repeats repetitions and so pretends agreement. Repetitions without an onset of every muscle are
    left out.

    Raises
    ------
    InputError
        With fewer than three complete repetitions or two muscles.
    """
    generator = rng or np.random.default_rng(20260102)
    _, x, _ = _table(onsets, None)
    x = x[np.isfinite(x).all(axis=1)]
    r, m = x.shape
    if r < 3 or m < 2:
        raise InputError(
            f"Agreement between repetitions needs at least 3 with every onset, of 2 muscles; given {r} of {m}."
        )
    ranks = scipy.stats.rankdata(x, axis=1)
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(ranks, axis=1, keepdims=True)
    unit = np.divide(ranks, norm, out=np.zeros_like(ranks), where=norm > 0.0)
    mean = _mean_correlation(unit)
    without = np.array([_mean_correlation(np.delete(unit, i, axis=0)) for i in range(r)])
    spread = np.sqrt((r - 1) / r * np.sum(np.square(without - without.mean())))
    half = float(scipy.stats.t.ppf(0.975, r - 1)) * spread
    chance = np.array([_mean_correlation(generator.permuted(unit, axis=1)) for _ in range(permutations)])
    p = float((1 + np.count_nonzero(chance >= mean - 1e-12)) / (permutations + 1))
    w, low, high = (float(np.clip(((r - 1) * v + 1) / r, 0.0, 1.0)) for v in (mean, mean - half, mean + half))
    words = (
        f"The order differed from repetition to repetition no less than by chance (Kendall's W = {w:.2f})."
        if p > 0.05
        else f"The repetitions share an order more than by chance (Kendall's W = {w:.2f}, 1 would be always the same)."
    )
    return Agreement(w, low, high, p, r, m, words)


def _mean_correlation(unit: np.ndarray) -> float:
    """Mean of the correlations between all pairs of unit rows (r, m)."""
    r = unit.shape[0]
    total = unit.sum(axis=0)
    return float((total @ total - np.sum(np.square(unit))) / (r * (r - 1)))


def _table(
    onsets: Mapping[str, ArrayLike], onset_sd: Mapping[str, ArrayLike] | None
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, onsets and their errors, (repetitions, muscles), s."""
    names = list(onsets)
    columns = [np.atleast_1d(np.asarray(onsets[n], dtype=float)) for n in names]
    if not columns or len({c.shape for c in columns}) > 1 or columns[0].ndim != 1 or columns[0].size == 0:
        raise InputError(
            "Every muscle needs the same number of repetitions (at least one); put NaN where no onset was found."
        )
    x = np.column_stack(columns)
    s = np.zeros_like(x)
    if onset_sd is not None:
        for column, name in enumerate(names):
            if name not in onset_sd:
                raise UnknownName("onset error for muscle", name, list(onset_sd), "the keys of `onset_sd`")
            error = np.atleast_1d(np.asarray(onset_sd[name], dtype=float))
            if error.shape != columns[0].shape or (error < 0.0).any():
                raise InputError(f"The onset errors of {name} must be as many as its onsets, none negative.")
            s[:, column] = np.nan_to_num(error)
    return names, x, s


def _sentence(first: OrderShare, repetitions: int) -> str:
    order = ", then ".join(first.order)
    count = "one repetition" if repetitions == 1 else f"{repetitions} repetitions"
    span = (
        f"in {100 * first.probability:.0f} % of repetitions (95 % interval {100 * first.low:.0f} to "
        f"{100 * first.high:.0f} %, from {count})"
    )
    if first.low > 0.5:
        return f"The usual order is {order}: {span}."
    return f"No single order is established; the most frequent, {order}, is expected {span}."

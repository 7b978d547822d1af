"""How well any detector could do on the gait recipe: estimators that are told the recipe.

`told_the_recipe` knows what no detector knows of a recording: that every burst is a truncated Gaussian, that all
bursts and both edges have the same one, and that this is one of the twelve of the benchmark, each as likely. It adds
up the evidence of all edges for each of the twelve and takes the median of the probability of each edge (Bayes' rule;
for the mean absolute error over the recipe nothing does better, as far as its likelihood is exact).

`told_everything` also knows that the bursts come every second to the sample, at one level, each a mirror image of
itself, so that all cycles make one estimate. Where even this errs, the signal does not say more.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from gluteal.emg.onset.edge import LEVELS, Rise
from gluteal.emg.onset.forms import Form, power_share
from gluteal.emg.onset.prepare import Power, step_spread
from gluteal.emg.onset.rise import RiseSettings, both_ways, locate, windows
from gluteal.kernels.onset import rise_likelihood

SIGMAS, ALPHAS = (0.05, 0.10, 0.15), (1.0, 1.5, 2.0, 2.4)
RECIPE = tuple(Form(s * a, float(np.exp(-0.5 * a * a))) for s, a in product(SIGMAS, ALPHAS))
#: Bin, s.
BIN = 0.002
#: The band of the filter that the signals have been through, Hz.
BAND = (10.0, 450.0)
#: What `told_everything` tries: levels beside the bursts' strongest segment, and centres of the burst in the cycle, s.
PEAKS, CENTRES = 2.0 ** np.linspace(-1.0, 1.0, 21), np.arange(0.450, 0.5501, 0.001)


def told_the_recipe(signal: np.ndarray, rate: float, rest: slice) -> np.ndarray:
    """Rows (onset, offset and four nan) of each burst, as the detectors of the benchmark give them."""
    power, places = locate(signal, rate, settings=RiseSettings(), baseline=None, max_bursts=None)
    sides = []
    for y, order in both_ways(power, places):
        starts, rises = windows(y, power.rate, places, order)
        sides.append((starts, [_chances(power, rise) for rise in rises]))
    if not places.places:
        return np.empty((0, 6))
    evidence = sum(np.log(chance.sum(1)) for _, chances in sides for chance in chances)
    weights = np.exp(evidence - evidence.max())
    onsets, against = (
        [start + _median(weights, chance, power.rate) for start, chance in zip(starts, chances, strict=True)]
        for starts, chances in sides
    )
    skipped, end = power.skip / power.rate, both_ways(power, places)[0][0].size / power.rate
    offsets = [end - time for time in against[::-1]]
    return np.array([(skipped + a, skipped + b, *[np.nan] * 4) for a, b in zip(onsets, offsets, strict=True)])


def told_everything(signal: np.ndarray, rate: float, rest: slice) -> np.ndarray:
    """The same, of bursts that are one burst repeated every second."""
    power, places = locate(signal, rate, settings=RiseSettings(), baseline=None, max_bursts=None)
    if not places.places:
        return np.empty((0, 6))
    cycle, size = round(power.rate), round(BIN * power.rate)
    whole = power.forward[cycle - power.skip :]
    cycles = whole.size // cycle
    bins = cycle // size
    folded = whole[: cycles * cycle].reshape(cycles, cycle)[:, : bins * size].reshape(cycles, bins, size).mean((0, 2))
    plateau = np.median([place.peak for place in places.places]) - places.rest
    late = step_spread(power.rate, BAND)
    away = np.arange(cycle) / power.rate - 0.5
    shifts = np.round((CENTRES - 0.5) * power.rate).astype(int)
    half = np.multiply.outer(SIGMAS, ALPHAS)
    likelihoods = np.empty((*half.shape, CENTRES.size))
    for i, j in np.ndindex(half.shape):
        burst = np.where(np.abs(away) <= half[i, j], np.exp(-((away / SIGMAS[i]) ** 2)), 0.0)
        burst = np.convolve(burst, late)[: burst.size]
        moved = np.array([np.roll(burst, shift) for shift in shifts])[:, : bins * size]
        mean = places.rest + plateau * PEAKS[:, None, None] * moved.reshape(CENTRES.size, bins, size).mean(2)
        likelihoods[i, j] = np.logaddexp.reduce(-cycles * size * power.shape * (np.log(mean) + folded / mean).sum(2))
    weights = np.exp(likelihoods - likelihoods.max())
    onset, offset = (_weighted_median(CENTRES + way * half[..., None], weights) for way in (-1, 1))
    starts = np.arange(signal.size // round(rate))
    return np.column_stack([starts + onset, starts + offset, *np.full((4, starts.size), np.nan)])


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, axis=None)
    total = np.cumsum(weights.ravel()[order])
    return float(values.ravel()[order][np.searchsorted(total, total[-1] / 2)])


def _chances(power: Power, rise: Rise) -> np.ndarray:
    """Likelihood of an onset at each bin under each form of the recipe, (forms, bins)."""
    size = round(BIN * power.rate)
    bins = rise.power.size // size
    y = rise.power[: bins * size].reshape(bins, size).mean(1)
    shares = [power_share(form, power.rate / size, None) for form in RECIPE]
    bounds = np.cumsum([0, *(s.size for s in shares)]).astype(np.int64)
    table = rise_likelihood(y, rise.rest, np.concatenate(shares), bounds, rise.plateau * LEVELS, 0, bins)
    table *= power.shape * size
    return np.exp(table - table.max()).sum(1) + 1e-300


def _median(weights: np.ndarray, chances: np.ndarray, rate: float) -> float:
    each = weights / weights.sum() @ (chances / chances.sum(1, keepdims=True))
    size = round(BIN * rate)
    total = np.r_[0.0, np.cumsum(each)]
    return float(np.interp(0.5 * total[-1], total, (np.arange(total.size) - 0.5) * size / rate))

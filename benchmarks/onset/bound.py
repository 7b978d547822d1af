"""How well any detector could do on the gait recipe: an estimator that is told the recipe.

It knows what no detector knows of a recording: that every burst is a truncated Gaussian, that all bursts and both
edges have the same one, and that this is one of the twelve of the benchmark, each as likely. It adds up the evidence
of all edges for each of the twelve and takes the median of the probability of each edge (Bayes' rule; for the mean
absolute error over the recipe nothing does better, as far as its likelihood is exact). Where even this errs, the
signal does not say more.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from gluteal.emg.onset.edge import LEVELS, Rise
from gluteal.emg.onset.forms import Form, power_share
from gluteal.emg.onset.prepare import Power
from gluteal.emg.onset.rise import RiseSettings, both_ways, locate, windows
from gluteal.kernels.onset import rise_likelihood

SIGMAS, ALPHAS = (0.05, 0.10, 0.15), (1.0, 1.5, 2.0, 2.4)
RECIPE = tuple(Form(s * a, float(np.exp(-0.5 * a * a))) for s, a in product(SIGMAS, ALPHAS))
#: Bin, s.
BIN = 0.002


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


def _chances(power: Power, rise: Rise) -> np.ndarray:
    """Likelihood of an onset at each bin under each form of the recipe, (forms, bins)."""
    size = round(BIN * power.rate)
    bins = rise.power.size // size
    y = rise.power[: bins * size].reshape(bins, size).mean(1)
    shares = [power_share(form, power.rate / size, None) for form in RECIPE]
    bounds = np.cumsum([0, *(s.size for s in shares)]).astype(np.int64)
    table = rise_likelihood(y, rise.rest, np.concatenate(shares), bounds, 0, rise.plateau * LEVELS, 0, bins)
    table *= power.shape * size
    return np.exp(table - table.max()).sum(1) + 1e-300


def _median(weights: np.ndarray, chances: np.ndarray, rate: float) -> float:
    each = weights / weights.sum() @ (chances / chances.sum(1, keepdims=True))
    size = round(BIN * rate)
    total = np.r_[0.0, np.cumsum(each)]
    return float(np.interp(0.5 * total[-1], total, (np.arange(total.size) - 0.5) * size / rate))

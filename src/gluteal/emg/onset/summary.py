"""From the probability of an onset at every sample to its estimate, deviation and interval."""

from __future__ import annotations

import numpy as np

from gluteal.emg.onset.edge import OnsetProbability
from gluteal.emg.onset.grain import FADE, USUAL_DB, graininess, outer_waits

#: Estimate, standard deviation and 95 % interval of an edge, s.
Edge = tuple[float, float, tuple[float, float]]

#: The estimate is that of a step where the probability of a step exceeds a limit by OVER, that of soft rises where
#: it does not reach the limit; in between it goes from one to the other. The limit goes from the first to the second
#: of STEP_FROM with the burst's level, by a logistic curve about MIDDLE_DB of scale LEVEL_WIDTH, dB. Weak bursts
#: cannot tell the kinds apart, and a step is the sharper guess; strong ones can. Found by simulation like the priors.
STEP_FROM, OVER, MIDDLE_DB, LEVEL_WIDTH = (0.10, 0.50), 0.10, 8.5, 1.0
#: Share of the probability before the estimate of a soft rise.
SOFT = 0.50
#: Tails outside the interval under the wide prior, and by what it is widened on each side: a share of itself, and
#: a time (s) for what neither the model's noise nor its forms have. Found by simulation.
TAILS, WIDENED, GRAIN = np.array([0.025, 0.037]), 0.015, 0.0003
#: Factor on the tails as the probability of a step goes from the first to the second value, where the interval is
#: narrow: there a step is sure, and the wide prior's soft rises only add length. Widths in s, all and none of it.
STEP_TAILS, STEP_SURE, STEP_NARROW = 1.8, (0.5, 0.9), (0.006, 0.010)
#: Tails outside the interval where bursts are grainy, under the wide prior and the wait for the outermost potential. Up
#: to STEEP times as much, and MIDDLE at most, is outside on the inner side as a step becomes sure (of an onset, of an
#: offset): a step shows at once, and the wide prior's soft rises add length there alone. Found on
#: `benchmarks.onset.tuning`.
OUTER_TAIL, INNER_TAILS, STEEP, MIDDLE = 0.030, (0.05, 0.135), (9.1, 27.0), 0.45
#: How the inner tail of an onset and of an offset, which is that of a plateau USUAL_DB over rest, changes with the
#: plateau's amplitude, as a power of it: over a quiet rest a drive is seen to rise before its first unit fires. Own
#: choice: on `benchmarks.onset.tuning` as many cells lie within 93 and 97 % or more.
INNER_POWER = (-1.0, 0.0)
#: Nearest that the inner end of a grainy interval comes to the estimate, s: what stands out first of a motor unit's
#: potential (about 4 ms between surface electrodes) may be its beginning or a later phase. Own choice: from 1 to 2 ms
#: the coverage is the same on `benchmarks.onset.tuning` and on envelopes, and this is the shorter.
FIRST_PHASE = 0.001
#: Largest standard deviation of an onset with one answer, as a share of that of a flat probability over its interval,
#: which says that there are two (`Burst.onset_reach_s`): what little lies far outside the interval is no second answer.
ONE_ANSWER = 0.99


def summarise_onset(
    chance: OnsetProbability, rate: float, level_db: float, interval: float = 0.0, *, offset: bool = False
) -> Edge:
    """Estimate, standard deviation and 95 % interval of an onset, s.

    `level_db` is the power the burst's strongest part adds, over rest. `interval`, s, is the mean time between the
    potentials that a burst is made of, 0 where it shows no grain: single ones may precede what stands out by an
    exponential time (`gluteal.emg.onset.grain.outer_waits`), and the interval is that of the first of them. `offset`
    says that power runs against time and that an offset is sought, which single ones follow.

    The estimate is the most likely time of a step where a step is likely enough, a quantile over the soft rises where
    it is not (STEP_FROM). A median over both would be early on steps and late on ramps. Deviation and interval are
    those of the wide prior.
    """
    # A candidate stands for half a sample on both sides.
    edges = (np.arange(chance.step.size + 1) - 0.5) / rate
    half = np.arange(-8, 9)
    sharp = float(np.argmax(np.convolve(chance.step, np.exp(-0.5 * (half / 1.5) ** 2), "same"))) / rate
    gentle = float(np.interp(SOFT, _total(chance.soft), edges))
    rising = 1 / (1 + np.exp(-(level_db - MIDDLE_DB) / LEVEL_WIDTH))
    limit = STEP_FROM[0] + (STEP_FROM[1] - STEP_FROM[0]) * rising
    step = float(chance.step.sum())
    share = min(max((step - limit) / OVER, 0.0), 1.0)
    estimate = float(share * sharp + (1 - share) * gentle)
    total = _total(chance.wide)
    low, high = np.interp((TAILS[0], 1 - TAILS[1]), total, edges)
    sure = np.interp(step, STEP_SURE, (0.0, 1.0)) * np.interp(high - low, STEP_NARROW, (1.0, 0.0))
    tails = TAILS * (1 + (STEP_TAILS - 1) * sure)
    low, high = np.interp((tails[0], 1 - tails[1]), total, edges)
    (outside, inside), waits = graininess(interval), outer_waits(chance.rise, level_db, offset=offset)
    if outside > 0.0:
        over = 10 ** ((level_db - USUAL_DB) / 20)
        inner = min(INNER_TAILS[offset] * over ** INNER_POWER[offset] * STEEP[offset] ** step, MIDDLE)
        first, last = _waited(chance, rate, waits, (OUTER_TAIL, 1.0 - inner))
        low += outside * (first - (FADE if offset else 0.0) - low)
        high += inside * (max(last, estimate + FIRST_PHASE) - high)
    margin = WIDENED * (high - low) + GRAIN
    low, high = low - margin, high + margin
    times = np.arange(chance.wide.size) / rate
    mean = chance.wide @ times
    stepped = float(chance.wide_step.sum())
    waited = outside * (stepped * waits[0] ** 2 + (1 - stepped) * waits[1] ** 2)
    deviation = np.sqrt(chance.wide @ (times - mean) ** 2 + 1 / 12 / rate**2 + waited)
    deviation = min(deviation, ONE_ANSWER * (high - low) / np.sqrt(12.0))
    return estimate, float(deviation), (min(float(low), estimate), max(float(high), estimate))


def _waited(
    chance: OnsetProbability, rate: float, waits: tuple[float, float], shares: tuple[float, float]
) -> np.ndarray:
    """Quantiles of an onset that precedes a step or a soft rise by an exponential time of these means, s."""
    reach = round(6.0 * max(waits) * rate)
    spread = np.zeros(chance.wide.size + reach)
    for part, wait in ((chance.wide_step, waits[0]), (np.maximum(chance.wide - chance.wide_step, 0.0), waits[1])):
        kernel = np.exp(-np.arange(reach + 1) / max(wait * rate, 1e-3))
        # Reversed: the time is subtracted.
        spread += np.convolve(part, kernel[::-1] / kernel.sum())
    edges = (np.arange(spread.size + 1) - 0.5 - reach) / rate
    return np.interp(shares, _total(spread), edges)


def _total(chance: np.ndarray) -> np.ndarray:
    """Probability up to each edge between samples, (n + 1,), from 0 to 1."""
    total = np.r_[0.0, np.cumsum(chance)]
    return total / max(total[-1], 1e-300)

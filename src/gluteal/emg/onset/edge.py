"""The onsets of bursts: probability at every sample, given that the rise may have any of many forms.

The power at a time is rest plus a burst that rises from zero; the rise is a step, a linear ramp of the
amplitude, or the flank of a truncated Gaussian that starts with a jump. Each form has a prior weight, the
burst's level five, the onset a uniform prior; their likelihoods are added up (Bayesian model averaging). A
step alone, as in change-point detectors, is late on soft bursts by design. Bursts of one recording tend to
rise alike: the weights of the forms are learned from the other bursts (empirical Bayes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import signal as sps

from gluteal.kernels.onset import rise_likelihood

#: Linear ramps, s, and flanks of a truncated Gaussian, s, by the jump they start with, each with its weight
#: within its kind. The range covers postural to slow voluntary bursts, rises of 10 to 300 ms, and truncation
#: at 1 to 2.4 sigma (Bonato et al. 1998). The weights are our own: a compromise that keeps steps sharp.
RAMPS = (
    *((0.010, 0.5), (0.020, 3), (0.035, 2), (0.050, 2.5), (0.075, 2)),
    *((0.100, 2), (0.140, 1), (0.200, 0.5), (0.280, 0.5)),
)
FLANKS = ((0.050, 1), (0.080, 3), (0.110, 1), (0.150, 1), (0.200, 1), (0.250, 1), (0.300, 0.3), (0.360, 0.2))
JUMPS = ((0.056, 0.15), (0.135, 0.3), (0.33, 2), (0.60, 1))
#: What the prior weights count for, in bursts, beside the other bursts of the recording.
PRIOR_BURSTS, ROUNDS = 5.0, 12
#: Levels of the plateau tried, relative to the strongest segment of the burst.
LEVELS = np.array([0.5, 0.7, 1.0, 1.4, 2.0])
#: Bin of the first pass, s; the second is at full resolution where the onset is known to within NARROW, s,
#: or the rise is no longer than SHORT, s.
COARSE, MIDDLE, NARROW, SHORT = 0.004, 0.002, 0.080, 0.010
#: Times, and forms and levels, of the first pass that hold less than this share are not looked at again.
NEGLIGIBLE, UNLIKELY = 1e-4, 1e-3
#: How far a zero-lag filter smears, s, before and after.
LEAD, TAIL = 0.030, 0.010
#: Below the first probability of a step the estimate is that of soft rises, from the second on that of a step,
#: in between it goes from one to the other. Own choice: at 0 dB, where the kinds cannot be told apart, it keeps
#: steps sharp at a small cost on ramps (docs/emg-onsets.md).
STEP_FROM, STEP_FULL = 0.15, 0.3


@dataclass(frozen=True)
class Form:
    """A form of rise: its length in s (0 is a step) and the amplitude it jumps to at once."""

    rise: float
    jump: float


FORMS = (
    Form(0.0, 1.0),
    *(Form(t, 0.0) for t, _ in RAMPS),
    *(Form(t, c) for t, _ in FLANKS for c, _ in JUMPS),
)
_RAMP = np.array([w for _, w in RAMPS])
_FLANK = np.outer([w for _, w in FLANKS], [w for _, w in JUMPS]).ravel()


def prior_weights(kinds: tuple[float, float, float]) -> np.ndarray:
    """Prior weight of each form, (forms,), sum 1, from those of steps, ramps and flanks."""
    step, ramp, flank = np.array(kinds) / sum(kinds)
    return np.r_[step, ramp * _RAMP / _RAMP.sum(), flank * _FLANK / _FLANK.sum()]


@dataclass(frozen=True)
class Rise:
    """Where one onset is sought.

    Attributes
    ----------
    power : (n,)
        From before the onset to the middle of the burst.
    plateau : float
        What the burst's strongest segment adds to rest.
    """

    power: np.ndarray
    plateau: float


@lru_cache(maxsize=1024)
def power_share(form: Form, rate: float, zero_lag: tuple[float, float] | None) -> np.ndarray:
    """Share of the plateau's power in each sample of a rise.

    `zero_lag` is the band of the zero-lag filter that the signal has been through: it spreads power by
    its squared impulse response, so that the rise starts LEAD earlier.
    """
    n = round(form.rise * rate)
    u = (np.arange(n) + 0.5) / max(n, 1)
    gain = u if form.jump == 0 else np.exp(np.log(form.jump) * (1 - u) ** 2)
    if zero_lag is None:
        return gain**2
    spread = _spread(rate, zero_lag)
    reach = spread.size // 2
    lead, tail = round(LEAD * rate), round(TAIL * rate)
    course = np.r_[np.zeros(reach + lead), gain**2, np.ones(tail + reach)]
    return np.convolve(course, spread, "valid")[: lead + n + tail]


@lru_cache(maxsize=64)
def _spread(rate: float, band: tuple[float, float]) -> np.ndarray:
    """Squared impulse response of a zero-lag Butterworth band-pass of 4th order in all, sum 1."""
    reach = round(0.060 * rate)
    pulse = np.zeros(2 * reach + 1)
    pulse[reach] = 1.0
    sos = sps.butter(2, (band[0], min(band[1], 0.45 * rate)), "bandpass", fs=rate, output="sos")
    squared = sps.sosfiltfilt(sos, pulse, padlen=0) ** 2
    return squared / squared.sum()


@lru_cache(maxsize=256)
def _stacked(
    forms: tuple[int, ...], rate: float, zero_lag: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of several forms one after the other, and where each begins."""
    parts = [power_share(FORMS[i], rate, zero_lag) for i in forms]
    return np.concatenate(parts), np.cumsum([0, *(p.size for p in parts)]).astype(np.int64)


class EdgeModel:
    """Probability of onsets in power of one rate, rest level and gamma shape.

    Parameters
    ----------
    rate : float
        Samples per second.
    rest : float
        Power at rest.
    shape : float
        Gamma shape of a sample.
    zero_lag : (low, high) in Hz or None
    kinds : (float, float, float)
        Prior weights of steps, ramps and flanks of a truncated Gaussian.
    """

    def __init__(
        self,
        rate: float,
        *,
        rest: float,
        shape: float,
        zero_lag: tuple[float, float] | None,
        kinds: tuple[float, float, float],
    ) -> None:
        self.rate, self.rest, self.shape, self.zero_lag = rate, rest, shape, zero_lag
        self.prior = prior_weights(kinds)
        self.coarse = max(round(COARSE * rate), 1)

    def probabilities(self, rises: Sequence[Rise]) -> list[np.ndarray]:
        """Probability that each burst starts at each sample, (2, n): as a step, as a soft rise."""
        if not rises:
            return []
        tables = [self._first_pass(rise) for rise in rises]
        weights = pooled_weights(self.prior, np.array([t.sum(2) for t in tables]))
        return [self._second_pass(*given) for given in zip(rises, tables, weights, strict=True)]

    def _table(
        self, power: np.ndarray, size: int, forms: tuple[int, ...], levels: np.ndarray, span: tuple[int, int]
    ) -> np.ndarray:
        """Log-likelihood (forms, levels, bins) of the onset at each bin of `size` samples in [first, stop)."""
        bins = power.size // size
        y = power[: bins * size].reshape(bins, size).mean(1)
        # A zero-lag filter smears by less than a wide bin.
        zero_lag = self.zero_lag if size == 1 else None
        shares, bounds = _stacked(forms, self.rate / size, zero_lag)
        lead = 0 if zero_lag is None else round(LEAD * self.rate)
        return (self.shape * size) * rise_likelihood(y, self.rest, shares, bounds, lead, levels, *span)

    def _first_pass(self, rise: Rise) -> np.ndarray:
        """Likelihood in wide bins, (forms, levels, bins), largest 1."""
        bins = rise.power.size // self.coarse
        every = tuple(range(len(FORMS)))
        table = self._table(rise.power, self.coarse, every, rise.plateau * LEVELS, (0, bins))
        # Forms that are ruled out must not set the scale: the others could vanish beside them.
        table[self.prior == 0] = -np.inf
        return np.exp(table - table.max())

    def _second_pass(self, rise: Rise, table: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Probability at full resolution where the first pass found some."""
        n, rate = rise.power.size, self.rate
        chance = table * weights[:, :, None]
        chance /= chance.sum()
        total = np.cumsum(chance.sum((0, 1)))
        # One bin of margin on each side: a bin's candidates are its edges.
        first = max(int(np.searchsorted(total, NEGLIGIBLE)) - 1, 0) * self.coarse
        stop = min((int(np.searchsorted(total, 1 - NEGLIGIBLE)) + 2) * self.coarse, n)
        narrow = (stop - first) / rate <= NARROW
        likely = chance.sum((0, 2)) > UNLIKELY
        kept = np.flatnonzero(chance.sum((1, 2)) > UNLIKELY)
        short = [i for i in kept if narrow or FORMS[i].rise <= SHORT]
        parts = []
        for size, forms in ((1, short), (max(round(MIDDLE * rate), 1), [i for i in kept if i not in short])):
            if forms:
                span = (first // size, min(-(-stop // size), n // size))
                part = self._table(rise.power, size, tuple(int(i) for i in forms), rise.plateau * LEVELS[likely], span)
                parts.append((size, forms, span[0], part))
        top = max(float(part.max()) for *_, part in parts)
        out = np.zeros((2, n))
        for size, forms, begin, part in parts:
            # Likelihoods are per sample: each sample of a bin has the bin's; half of them lie before its start.
            each = np.einsum("fl,flt->ft", weights[forms][:, likely], np.exp(part - top))
            where = max(begin * size - size // 2, 0)
            for kind in (0, 1):
                spread = np.repeat(each[[int(FORMS[i].rise > 0) == kind for i in forms]].sum(0), size)
                end = min(where + spread.size, n)
                out[kind, where:end] += spread[: end - where]
        return out / out.sum()


def pooled_weights(prior: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """Weights of forms and levels for each burst, (bursts, forms, levels), from the other bursts' evidence.

    Iterates: probability of each form and level for each burst; weights of a burst = mean of the prior
    (counted as PRIOR_BURSTS bursts) and of the other bursts' probabilities. A single burst keeps the prior.
    """
    count = evidence.shape[0]
    start = np.broadcast_to(prior[:, None] / evidence.shape[2], evidence.shape[1:])
    weights = np.tile(start, (count, 1, 1))
    for _ in range(ROUNDS if count > 1 else 0):
        chance = weights * evidence
        chance /= chance.sum((1, 2), keepdims=True)
        others = chance.sum(0) - chance
        weights = (PRIOR_BURSTS * start + others) / (PRIOR_BURSTS + count - 1)
    return weights


def summarise(probability: np.ndarray, rate: float) -> tuple[float, float, tuple[float, float]]:
    """Estimate, standard deviation and 95 % interval of an onset, s, from its probability (2, n).

    The estimate is the most likely time of a step where a step is likely enough, the median over the soft
    rises where it is not (STEP_FROM, STEP_FULL); deviation and interval are over both. A median over both
    would be early on steps and late on ramps.
    """
    step, soft = probability
    every = probability.sum(0)
    total = np.r_[0.0, np.cumsum(every)]
    # A candidate stands for half a sample on both sides.
    edges = (np.arange(total.size) - 0.5) / rate
    low, high = np.interp((0.025, 0.975), total, edges)
    half = np.arange(-8, 9)
    sharp = float(np.argmax(np.convolve(step, np.exp(-0.5 * (half / 1.5) ** 2), "same"))) / rate
    gentle = float(np.interp(0.5, np.r_[0.0, np.cumsum(soft) / max(soft.sum(), 1e-300)], edges))
    share = min(max((step.sum() - STEP_FROM) / (STEP_FULL - STEP_FROM), 0.0), 1.0)
    estimate = share * sharp + (1 - share) * gentle
    times = np.arange(every.size) / rate
    mean = every @ times
    deviation = np.sqrt(every @ (times - mean) ** 2 + 1 / 12 / rate**2)
    return estimate, float(deviation), (min(float(low), estimate), max(float(high), estimate))

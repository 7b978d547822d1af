"""The onsets of bursts: probability at every sample, given that the rise may have any of many forms.

The power at a time is rest plus a burst that rises from zero; the rise is a step, a linear ramp of the
amplitude, or the flank of a truncated Gaussian that starts with a jump. Each form has a prior weight, the
burst's level five, the onset a uniform prior; their likelihoods are added up (Bayesian model averaging). A
step alone, as in change-point detectors, is late on soft bursts by design. Bursts of one recording tend to
rise alike: the weights of the forms are learned from the other bursts (empirical Bayes).

There are two priors. LIKELY gives the estimate: rises as they are common. WIDE gives the interval: it is flat
enough over all lengths that the interval covers the onset of each form, not of the common ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.emg.onset.forms import FORMS, LEAD, Prior, stacked_shares
from gluteal.kernels.onset import rise_likelihood

#: Found by simulation, with seeds and records apart from those of the benchmark (docs/emg-onsets.md): LIKELY for
#: small errors over all forms with steps kept sharp, WIDE for the same coverage in each form.
LIKELY = Prior(kinds=(1.0, 1.0, 1.0), ramp=(0.06, 1.2), flank=(0.155, 0.75), cut=(1.42, 0.32))
WIDE = Prior(kinds=(0.76, 1.18, 1.08), ramp=(0.176, 2.2), flank=(0.17, 0.7), cut=(1.72, 0.35))
#: Probability that a burst does not rise as the others of the recording do.
OWN_FORM = 0.1
#: Levels of the plateau tried, relative to the strongest segment of the burst.
LEVELS = np.array([0.5, 0.7, 1.0, 1.4, 2.0])
#: Bin of the first pass, s; the second is at full resolution where the onset is known to within NARROW, s,
#: or the rise is no longer than SHORT, s.
COARSE, MIDDLE, NARROW, SHORT = 0.006, 0.002, 0.080, 0.010
#: Times, and forms and levels, of the first pass that hold less than this share are not looked at again.
NEGLIGIBLE, UNLIKELY = 1e-4, 1e-3


@dataclass(frozen=True)
class Rise:
    """Where one onset is sought.

    Attributes
    ----------
    power : (n,)
        From before the onset to the middle of the burst.
    rest : float
        Power before the onset.
    plateau : float
        What the burst's strongest segment adds to it.
    """

    power: np.ndarray
    rest: float
    plateau: float


@dataclass(frozen=True)
class Chance:
    """Probability that a burst starts at each sample, (n,): as a step and as a soft rise, and under WIDE."""

    step: np.ndarray
    soft: np.ndarray
    wide: np.ndarray


class EdgeModel:
    """Probability of onsets in power of one rate and gamma shape.

    Parameters
    ----------
    rate : float
        Samples per second.
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
        shape: float,
        zero_lag: tuple[float, float] | None,
        kinds: tuple[float, float, float],
    ) -> None:
        self.rate, self.shape, self.zero_lag = rate, shape, zero_lag
        self.priors = [prior.weights(kinds) for prior in (LIKELY, WIDE)]
        self.coarse = max(round(COARSE * rate), 1)

    def probabilities(self, rises: Sequence[Rise]) -> list[Chance]:
        """When each burst starts."""
        if not rises:
            return []
        tables = [self._first_pass(rise) for rise in rises]
        evidence = np.array([t.sum(2) for t in tables], float)
        weights = np.stack([pooled_weights(prior, evidence.mean(2)) for prior in self.priors], 1)
        return [self._second_pass(*given) for given in zip(rises, tables, weights, strict=True)]

    def _table(
        self, rise: Rise, size: int, forms: tuple[int, ...], levels: np.ndarray, span: tuple[int, int]
    ) -> np.ndarray:
        """Log-likelihood (forms, levels, bins) of the onset at each bin of `size` samples in [first, stop)."""
        bins = rise.power.size // size
        y = rise.power[: bins * size].reshape(bins, size).mean(1)
        # A zero-lag filter smears by less than a wide bin.
        zero_lag = self.zero_lag if size == 1 else None
        shares, bounds = stacked_shares(forms, self.rate / size, zero_lag)
        lead = 0 if zero_lag is None else round(LEAD * self.rate)
        plateaus = rise.plateau * levels
        return (self.shape * size) * rise_likelihood(y, rise.rest, shares, bounds, lead, plateaus, *span)

    def _first_pass(self, rise: Rise) -> np.ndarray:
        """Likelihood in wide bins, (forms, levels, bins), largest 1."""
        bins = rise.power.size // self.coarse
        every = tuple(range(len(FORMS)))
        table = self._table(rise, self.coarse, every, LEVELS, (0, bins))
        # Forms that are ruled out must not set the scale: the others could vanish beside them.
        table[self.priors[0] == 0] = -np.inf
        return np.exp((table - table.max()).astype(np.float32))

    def _second_pass(self, rise: Rise, table: np.ndarray, weights: np.ndarray) -> Chance:
        """Probability at full resolution where the first pass found some; weights (priors, forms)."""
        n, rate = rise.power.size, self.rate
        evidence = table.sum(2).astype(float)
        mixed = (weights / (weights @ evidence.sum(1))[:, None]).mean(0)
        chance = mixed[:, None] * evidence
        total = np.cumsum(np.einsum("f,ft->t", mixed.astype(np.float32), table.sum(1)))
        # One bin of margin on each side: a bin's candidates are its edges.
        first = max(int(np.searchsorted(total, NEGLIGIBLE)) - 1, 0) * self.coarse
        stop = min((int(np.searchsorted(total, 1 - NEGLIGIBLE)) + 2) * self.coarse, n)
        narrow = (stop - first) / rate <= NARROW
        likely = chance.sum(0) > UNLIKELY
        kept = np.flatnonzero(chance.sum(1) > UNLIKELY)
        short = [i for i in kept if narrow or FORMS[i].rise <= SHORT]
        parts = []
        for size, forms in ((1, short), (max(round(MIDDLE * rate), 1), [i for i in kept if i not in short])):
            if forms:
                span = (first // size, min(-(-stop // size), n // size))
                part = self._table(rise, size, tuple(int(i) for i in forms), LEVELS[likely], span)
                parts.append((size, forms, span[0], part))
        top = max(float(part.max()) for *_, part in parts)
        out = np.zeros((3, n))
        for size, forms, begin, part in parts:
            # Likelihoods are per sample: each sample of a bin has the bin's; half of them lie before its start.
            held = np.exp((part - top).astype(np.float32))
            each = weights[:, forms, None] * held.sum(1)
            where = max(begin * size - size // 2, 0)
            soft = np.array([FORMS[i].rise > 0 for i in forms])
            for row, chances in enumerate((each[0, ~soft], each[0, soft], each[1])):
                spread = np.repeat(chances.sum(0), size)
                end = min(where + spread.size, n)
                out[row, where:end] += spread[: end - where]
        step, soft = out[:2] / out[:2].sum()
        return Chance(step, soft, out[2] / out[2].sum())


def pooled_weights(prior: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """Weights of forms for each burst, (bursts, forms), from the other bursts' evidence (bursts, forms).

    A burst has the form that the recording's bursts have in common, or, with probability OWN_FORM, one of its
    own drawn from the prior. The common form comes from the prior or, as likely, is any of the forms at all: what
    many bursts agree on needs no prior. The weights of a burst are its form's distribution given the other bursts;
    a single burst keeps the prior.
    """
    if evidence.shape[0] == 1:
        return prior[None]
    any_form = (prior > 0) / np.count_nonzero(prior)
    own = evidence @ prior
    each = np.log((1 - OWN_FORM) * evidence + OWN_FORM * own[:, None])
    others = each.sum(0) - each
    with np.errstate(divide="ignore"):
        common = np.log((prior + any_form) / 2) + others
    common = np.exp(common - common.max(1, keepdims=True))
    common /= common.sum(1, keepdims=True)
    return (1 - OWN_FORM) * common + OWN_FORM * prior

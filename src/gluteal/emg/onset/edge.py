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

from gluteal.emg.onset.forms import FORMS, Prior, stacked_shares
from gluteal.kernels.onset import rise_likelihood

#: Found by simulation, with seeds and records apart from those of the benchmark (docs/emg-onsets.md): LIKELY for
#: small errors over all forms with steps kept sharp, WIDE for the same coverage in each form.
LIKELY = Prior(kinds=(1.0, 1.0, 1.0), ramp=(0.06, 1.2), flank=(0.155, 0.75), cut=(1.42, 0.32))
WIDE = Prior(kinds=(0.76, 1.18, 1.08), ramp=(0.176, 2.2), flank=(0.17, 0.7), cut=(1.72, 0.35))
#: Probability that a burst does not rise as the others of the recording do.
OWN_FORM = 0.1
#: Probability that the bursts of a recording fall as they rise, mirrored in time. Own choice.
MIRRORED = 0.5
#: Temper on the likelihoods that say when, for what the gamma shape leaves out; found by simulation as the priors.
#: The segments of `gluteal.emg.onset.locate` are weighed with it, too.
TEMPER = 0.8
#: Levels of the plateau tried, relative to the strongest segment of the burst.
LEVELS = np.array([0.5, 0.7, 1.0, 1.4, 2.0])
#: Bin of the first pass, s; the second is at full resolution where the onset is known to within NARROW, s,
#: or the rise is no longer than SHORT, s.
COARSE, MIDDLE, NARROW, SHORT = 0.006, 0.002, 0.080, 0.010
#: Forms that the first pass cannot tell apart, a step and what rises within two bins: a step within a bin looks like a
#: ramp. They are looked at together, or many strong bursts would agree on the ramp and be 3 ms early.
ALIKE = np.array([form.rise <= 2 * COARSE for form in FORMS])
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
class OnsetProbability:
    """Probability that a burst starts at each sample, (n,): as a step and as a soft rise, and under WIDE.

    `wide_step` is what steps hold of `wide`, (n,), and `rise` the mean length of a rise under WIDE, s.
    """

    step: np.ndarray
    soft: np.ndarray
    wide: np.ndarray
    wide_step: np.ndarray
    rise: float


@dataclass(frozen=True)
class Look:
    """What one pass sees of an onset.

    Attributes
    ----------
    chance : (forms, levels, bins)
        Tempered likelihood of an onset in each bin, largest 1.
    evidence : (forms,)
        Likelihood of each form, not tempered: what many bursts agree on must not be watered down.
    """

    chance: np.ndarray
    evidence: np.ndarray


@dataclass(frozen=True)
class Part:
    """Tempered likelihood (forms, bins) of some forms from bin `begin` of `size` samples on."""

    size: int
    forms: list[int]
    begin: int
    chance: np.ndarray


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

    def probabilities(
        self, onsets: Sequence[Rise], offsets: Sequence[Rise]
    ) -> tuple[list[OnsetProbability], list[OnsetProbability]]:
        """When each burst starts, and when it ends in power that runs against time.

        Wide bins say which forms are worth a close look; what that look adds to the evidence weighs them anew.
        """
        rises = [*onsets, *offsets]
        if not rises:
            return [], []
        looks = [self._first_pass(rise) for rise in rises]
        evidence = np.array([look.evidence for look in looks])
        weights = self._weights(evidence, len(onsets))
        parts = []
        for i, (rise, look) in enumerate(zip(rises, looks, strict=True)):
            found, sharper = self._second_pass(rise, look, weights[i])
            parts.append(found)
            kept = sharper > 0
            evidence[i, kept] = sharper[kept] * (evidence[i, kept].sum() / sharper.sum())
        weights = self._weights(evidence, len(onsets))
        chances = [self._mixed(*given) for given in zip(rises, parts, weights, strict=True)]
        return chances[: len(onsets)], chances[len(onsets) :]

    def _weights(self, evidence: np.ndarray, onsets: int) -> np.ndarray:
        """Weights of forms under both priors, (edges, priors, forms), of edges of which the first are onsets."""
        sides = evidence[:onsets], evidence[onsets:]
        both = [
            np.concatenate([pooled_weights(prior, sides[0], sides[1]), pooled_weights(prior, sides[1], sides[0])])
            for prior in self.priors
        ]
        return np.stack(both, 1)

    def _table(
        self, rise: Rise, size: int, forms: tuple[int, ...], levels: np.ndarray, span: tuple[int, int]
    ) -> np.ndarray:
        """Log-likelihood (forms, levels, bins) of the onset at each bin of `size` samples in [first, stop)."""
        bins = rise.power.size // size
        y = rise.power[: bins * size].reshape(bins, size).mean(1)
        # What the filters hold up is less than a wide bin.
        zero_lag = self.zero_lag if size == 1 else None
        shares, bounds = stacked_shares(forms, self.rate / size, zero_lag)
        plateaus = rise.plateau * levels
        return (self.shape * size) * rise_likelihood(y, rise.rest, shares, bounds, plateaus, *span)

    def _first_pass(self, rise: Rise) -> Look:
        """Every form in wide bins."""
        every = tuple(range(len(FORMS)))
        table = self._table(rise, self.coarse, every, LEVELS, (0, rise.power.size // self.coarse))
        # Forms that are ruled out must not set the scale: the others could vanish beside them.
        table[self.priors[0] == 0] = -np.inf
        table = (table - table.max()).astype(np.float32)
        return Look(np.exp(np.float32(TEMPER) * table), np.exp(table).sum((1, 2), dtype=float))

    def _second_pass(self, rise: Rise, look: Look, weights: np.ndarray) -> tuple[list[Part], np.ndarray]:
        """At full resolution where the first pass found some: likelihoods, and evidence (forms,), 0 if not looked at.

        `weights` (priors, forms).
        """
        n, rate = rise.power.size, self.rate
        worth = look.chance.sum(2, dtype=float)
        mixed = (weights / (weights @ worth.sum(1))[:, None]).mean(0)
        chance = mixed[:, None] * worth
        total = np.cumsum(np.einsum("f,ft->t", mixed.astype(np.float32), look.chance.sum(1)))
        # One bin of margin on each side: a bin's candidates are its edges.
        first = max(int(np.searchsorted(total, NEGLIGIBLE)) - 1, 0) * self.coarse
        stop = min((int(np.searchsorted(total, 1 - NEGLIGIBLE)) + 2) * self.coarse, n)
        narrow = (stop - first) / rate <= NARROW
        likely = chance.sum(0) > UNLIKELY
        worthy = chance.sum(1) > UNLIKELY
        kept = np.flatnonzero(worthy | (ALIKE & worthy[ALIKE].any()))
        short = [int(i) for i in kept if narrow or FORMS[i].rise <= SHORT]
        tables = []
        for size, forms in ((1, short), (max(round(MIDDLE * rate), 1), [int(i) for i in kept if i not in short])):
            if forms:
                span = (first // size, min(-(-stop // size), n // size))
                tables.append((size, forms, span[0], self._table(rise, size, tuple(forms), LEVELS[likely], span)))
        top = max(float(table.max()) for *_, table in tables)
        parts, evidence = [], np.zeros(len(FORMS))
        for size, forms, begin, table in tables:
            table = (table - top).astype(np.float32)
            parts.append(Part(size, forms, begin, np.exp(np.float32(TEMPER) * table).sum(1)))
            evidence[forms] = np.exp(table).sum((1, 2), dtype=float) * size
        return parts, evidence

    def _mixed(self, rise: Rise, parts: list[Part], weights: np.ndarray) -> OnsetProbability:
        """Probability at full resolution; weights (priors, forms)."""
        n = rise.power.size
        out = np.zeros((4, n))
        lengths = np.zeros(2)
        for part in parts:
            # Likelihoods are per sample: each sample of a bin has the bin's; half of them lie before its start.
            each = weights[:, part.forms, None] * part.chance
            where = max(part.begin * part.size - part.size // 2, 0)
            rises = np.array([FORMS[i].rise for i in part.forms])
            soft = rises > 0
            held = each[1].sum(1) * part.size
            lengths += held @ rises, held.sum()
            for row, chances in enumerate((each[0, ~soft], each[0, soft], each[1], each[1, ~soft])):
                spread = np.repeat(chances.sum(0), part.size)
                end = min(where + spread.size, n)
                out[row, where:end] += spread[: end - where]
        step, soft = out[:2] / out[:2].sum()
        wide, wide_step = out[2:] / out[2].sum()
        return OnsetProbability(step, soft, wide, wide_step, float(lengths[0] / lengths[1]))


def pooled_weights(prior: np.ndarray, evidence: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Weights of forms for each burst's edge, (bursts, forms), from all others of the recording.

    A burst has the form that the recording's bursts have in common or, with probability OWN_FORM, one of its
    own drawn from the prior. The common form comes from the prior or, as likely where there are several bursts, is
    any of the forms at all: what many bursts agree on needs no prior. The other side of the bursts has the same
    common form with probability MIRRORED, else one of its own. The weights of an edge are its form's distribution
    given all others; alone, it keeps the prior.

    Parameters
    ----------
    prior : (forms,)
    evidence : (bursts, forms)
        Likelihoods of these edges.
    mirrored : (others, forms)
        And of those on the other side.
    """

    def each(likelihood: np.ndarray) -> np.ndarray:
        return np.log((1 - OWN_FORM) * likelihood + OWN_FORM * (likelihood @ prior)[:, None])

    any_form = (prior > 0) / np.count_nonzero(prior)
    beforehand = prior if len(evidence) == 1 else (prior + any_form) / 2
    across = each(mirrored).sum(0)
    across = np.exp(across - across.max())
    here = each(evidence)
    with np.errstate(divide="ignore"):
        known = np.log(beforehand * (MIRRORED * across + (1 - MIRRORED) * (beforehand @ across)))
    common = known + here.sum(0) - here
    common = np.exp(common - common.max(1, keepdims=True))
    common /= common.sum(1, keepdims=True)
    return (1 - OWN_FORM) * common + OWN_FORM * prior

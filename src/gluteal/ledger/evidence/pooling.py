"""Effects added up: common and random effects, how much they differ, and where a further study would lie.

Which model depends on what there is, never on what comes out:

- two to four studies: a half-normal prior on the heterogeneity (`few_studies`), because t with one degree of freedom is
  12.7, and with two still 4.3, so that a third study that agrees would make two less certain;
- five or more, one effect each: restricted maximum likelihood, interval after Knapp and Hartung 2003
  (Stat Med 22:2693-2710) with the modification that never makes it narrower (Roever, Knapp and Friede 2015,
  doi 10.1186/s12874-015-0091-1, abstract read);
- several effects of the same people: three levels with a cluster-robust error (`multilevel`) where there are studies
  enough for it; else the effects of a study are merged to one that is no more precise than one of them.

Prediction interval: mean +- t(0.975; k - 2) sqrt(tau2 + se2), Higgins, Thompson and Spiegelhalter 2009 (J R Stat Soc A
172:137-159; from memory, not read at source), with the se of the interval above (Partlett and Riley 2017, Stat Med
36:301-317, their Hartung-Knapp form).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import scipy

from gluteal.errors import InputError
from gluteal.ledger.evidence.effect_sizes import RATIOS, Scaled, from_scale
from gluteal.ledger.evidence.effects import Measure
from gluteal.ledger.evidence.few_studies import pool_with_prior
from gluteal.ledger.evidence.multilevel import fit_levels

PoolingMethod = Literal["few studies with a prior", "random effects", "three levels"]
#: Half the width of a normal 95 % interval, in standard errors.
Z = float(scipy.special.ndtri(0.975))
#: Correlation of the errors of effects that were measured on the same people: sides of a body and muscles of one hip
#: go together to about this extent; own choice, and the cluster-robust error does not rest on it.
WITHIN_STUDY_CORRELATION = 0.6
#: Studies from which on the variance between them is estimated from them alone (Bender et al. 2018, Res Synth Methods
#: 9:382-392, call two to four very few; from memory).
LEAST_FOR_REML = 5
#: Satterthwaite's degrees of freedom below which a cluster-robust error is not to be trusted (Tipton 2015, Psychol
#: Methods 20:375; from memory): then every study's effects are merged to one.
LEAST_DF = 4.0
#: Scale of the half-normal prior on tau for logarithms of ratios (Röver 2021; from memory). Standardised differences
#: are logarithms of odds ratios by √3 / π, and Fisher's z is half a standardised difference: so are the scales.
TAU_SCALE = 0.5
TAU_SCALE_OF_SMD = TAU_SCALE * math.sqrt(3) / math.pi


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, as printed."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Pooled:
    """What several effects add up to.

    Attributes
    ----------
    k, effects : int
        Number of studies, and of effects.
    method : str
        Which model (`PoolingMethod`).
    fixed, random : Estimate
        Common effect (inverse variance, normal), and random effects by the method.
    prediction : tuple of float, or None
        Where the effect of a further study would lie with 95 %; None with fewer than three studies.
    tau2, within2, q, q_p, i2 : float
        Variance between studies and within them (pooling scale), Cochran's Q and its p value, and
        max(0, (Q - k + 1) / Q).
    se : float
        Standard error of the random effects mean, on the pooling scale.
    df : float
        Degrees of freedom of its interval; nan where it is a posterior.
    """

    k: int
    fixed: Estimate
    random: Estimate
    prediction: tuple[float, float] | None
    tau2: float
    q: float
    q_p: float
    i2: float
    se: float
    effects: int
    method: PoolingMethod
    within2: float
    df: float

    def excludes(self, value: float) -> bool:
        """Say whether the interval of the random effects leaves a value out."""
        return not self.random.low <= value <= self.random.high


def pool_effects(
    effects: Sequence[Scaled],
    *,
    studies: Sequence[str] | None = None,
    measure: Measure = "mean difference",
    tau_scale: float | None = None,
    correlation: float = WITHIN_STUDY_CORRELATION,
) -> Pooled:
    """Pool effects given on the pooling scale; the result is on the printed scale of `measure`.

    Parameters
    ----------
    studies : sequence of str, optional
        The study of each effect; by default each is a study of its own.
    tau_scale : float, optional
        Scale of the prior with few studies; by default `scale_of_tau`.
    correlation : float
        Of the errors of one study's effects.

    Raises
    ------
    InputError
        With effects of fewer than two studies.

    Examples
    --------
    >>> pooled = pool_effects([Scaled(0.0, 1.0), Scaled(0.0, 1.0), Scaled(0.0, 1.0)])
    >>> pooled.i2, round(pooled.fixed.high, 3), pooled.method
    (0.0, 1.132, 'few studies with a prior')
    """
    of = tuple(studies) if studies is not None else tuple(str(i) for i in range(len(effects)))
    if len(set(of)) < 2:
        raise InputError(f"Pooling needs the effects of at least two studies; {len(set(of))} was given.")
    return _pool(tuple(effects), of, measure, tau_scale, correlation)


def scale_of_tau(effects: Sequence[Scaled], measure: Measure, *, people: Sequence[int | None] = ()) -> float:
    """Return the scale of the prior on tau, in the effect's own unit.

    A difference in a unit of its own is taken as one in standard deviations of the people: two groups of n people in
    all differ with an error of twice their standard deviation over the root of n. Where `people` (one entry an effect)
    are not known, the mean of the errors stands for the scale itself.
    """
    if measure in RATIOS:
        return TAU_SCALE
    if measure == "standardised mean difference":
        return TAU_SCALE_OF_SMD
    if measure == "correlation":
        return TAU_SCALE_OF_SMD / 2
    known = [e.se * math.sqrt(n) / 2 for e, n in zip(effects, people, strict=False) if n]
    if known:
        return TAU_SCALE_OF_SMD * sum(known) / len(known)
    return sum(e.se for e in effects) / len(effects)


@lru_cache(maxsize=4096)
def _pool(
    effects: tuple[Scaled, ...],
    studies: tuple[str, ...],
    measure: Measure,
    tau_scale: float | None,
    correlation: float,
) -> Pooled:
    values, errors = np.array([e.value for e in effects]), np.array([e.se for e in effects])
    k = len(set(studies))
    one_each = tuple(_merge(effects, studies))
    weight = 1.0 / np.array([e.se for e in one_each]) ** 2
    merged = np.array([e.value for e in one_each])
    common, common_se = float(weight @ merged / weight.sum()), float(weight.sum() ** -0.5)
    q = float(weight @ (merged - common) ** 2)

    def printed(value: float, low: float, high: float) -> Estimate:
        return Estimate(*(from_scale(measure, v) for v in (value, low, high)))

    prediction: tuple[float, float] | None = None
    within2 = 0.0
    if k < LEAST_FOR_REML:
        scale = tau_scale or scale_of_tau(one_each, measure)
        found = pool_with_prior(merged.tolist(), [e.se for e in one_each], scale=scale)
        method: PoolingMethod = "few studies with a prior"
        mean, se, tau2, df = found.mean, found.sd, found.tau**2, float("nan")
        low, high = found.low, found.high
        if k > 2:
            prediction = (from_scale(measure, found.prediction[0]), from_scale(measure, found.prediction[1]))
    else:
        fit = fit_levels(tuple(values), tuple(errors**2), studies, correlation=correlation)
        if len(effects) > k and fit.robust_df >= LEAST_DF:
            method, df = "three levels", fit.robust_df
            se = max(fit.robust_se, fit.se)
        else:
            errors = np.array([e.se for e in one_each])
            fit = fit_levels(tuple(merged), tuple(errors**2), tuple(range(k)))
            method, df = "random effects", float(k - 1)
            spread = 1.0 / (errors**2 + fit.between)
            se = fit.se * math.sqrt(max(1.0, float(spread @ (merged - fit.mean) ** 2) / (k - 1)))
        mean, tau2, within2 = fit.mean, fit.between, fit.within
        half = float(scipy.special.stdtrit(df, 0.975)) * se
        low, high = mean - half, mean + half
        reach = float(scipy.special.stdtrit(k - 2, 0.975)) * math.sqrt(tau2 + within2 + se**2)
        prediction = (from_scale(measure, mean - reach), from_scale(measure, mean + reach))
    return Pooled(
        k=k,
        fixed=printed(common, common - Z * common_se, common + Z * common_se),
        random=printed(mean, low, high),
        prediction=prediction,
        tau2=tau2,
        q=q,
        q_p=float(scipy.special.chdtrc(k - 1, q)),
        i2=max(0.0, (q - k + 1) / q) if q > 0 else 0.0,
        se=se,
        effects=len(effects),
        method=method,
        within2=within2,
        df=df,
    )


def _merge(effects: Sequence[Scaled], studies: Sequence[str]) -> list[Scaled]:
    """Return one effect a study: its mean, no more precise than one of them."""
    merged = []
    for study in dict.fromkeys(studies):
        own = [e for e, of in zip(effects, studies, strict=True) if of == study]
        merged.append(Scaled(sum(e.value for e in own) / len(own), sum(e.se for e in own) / len(own)))
    return merged

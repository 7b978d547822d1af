"""Effects added up: fixed and random effects, how much they differ, and where a further study would lie.

Random effects: restricted maximum likelihood for the variance between studies, interval after Knapp and Hartung 2003
(Stat Med 22:2693-2710) with the modification that never makes it narrower (Roever, Knapp and Friede 2015,
doi 10.1186/s12874-015-0091-1, abstract read); by the library PyMARE. Prediction interval: mean +- t(0.975; k - 2)
sqrt(tau2 + se2), Higgins, Thompson and Spiegelhalter 2009 (J R Stat Soc A 172:137-159; from memory, not read at
source), with the se of the interval above (Partlett and Riley 2017, Stat Med 36:301-317, their Hartung-Knapp form).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy

from gluteal.errors import InputError
from gluteal.ledger.evidence.effect_sizes import Scaled, from_scale
from gluteal.ledger.evidence.records import Measure

#: Half the width of a normal 95 % interval, in standard errors.
Z = float(scipy.special.ndtri(0.975))


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
    k : int
        Number of studies.
    fixed, random : Estimate
        Fixed effect (inverse variance, normal), and random effects (REML, Hartung-Knapp, t with k - 1).
    prediction : tuple of float, or None
        Where the effect of a further study would lie with 95 %; None with fewer than three studies.
    tau2, q, q_p, i2 : float
        Variance between studies (pooling scale), Cochran's Q and its p value, and max(0, (Q - k + 1) / Q).
    se : float
        Standard error of the random effects mean (Hartung-Knapp), on the pooling scale.
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

    def excludes(self, value: float) -> bool:
        """Say whether the interval of the random effects leaves a value out."""
        return not self.random.low <= value <= self.random.high


def pool_effects(effects: Sequence[Scaled], *, measure: Measure = "mean difference") -> Pooled:
    """Pool effects given on the pooling scale; the result is on the printed scale of `measure`.

    Raises
    ------
    InputError
        With fewer than two effects.

    Examples
    --------
    >>> pooled = pool_effects([Scaled(0.0, 1.0), Scaled(0.0, 1.0), Scaled(0.0, 1.0)])
    >>> pooled.i2, round(pooled.fixed.high, 3)
    (0.0, 1.132)
    """
    if len(effects) < 2:
        raise InputError(f"Pooling needs the effects of at least two studies; {len(effects)} was given.")
    return _pool(tuple(effects), measure)


@lru_cache(maxsize=256)
def _pool(effects: tuple[Scaled, ...], measure: Measure) -> Pooled:
    # Imported here because it takes a second, and most claims have nothing to pool.
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator, WeightedLeastSquares

    k = len(effects)
    # The search for tau2 works on a scale of one, so that no unit of the effects is too small for it.
    unit = math.sqrt(sum(e.se**2 for e in effects) / k)
    data = Dataset([[e.value / unit] for e in effects], [[(e.se / unit) ** 2] for e in effects])
    fitted = VarianceBasedLikelihoodEstimator(
        method="REML", small_sample_correction="knapp-hartung-conservative"
    ).fit_dataset(data)
    random = fitted.summary()
    fixed = WeightedLeastSquares(small_sample_correction="wald").fit_dataset(data).summary()
    with np.errstate(divide="ignore", invalid="ignore"):  # equal effects: Q is 0
        spread = random.get_heterogeneity_stats()
    found = {name: float(value[0][0]) * unit for name, value in random.get_fe_stats().items() if name in ("est", "se")}
    tau2 = float(fitted.params_["tau2"].ravel()[0]) * unit**2
    q = float(spread["Q"].ravel()[0])

    def printed(value: float, half: float) -> Estimate:
        return Estimate(*(from_scale(measure, v) for v in (value, value - half, value + half)))

    fixed_value, fixed_se = (float(fixed.get_fe_stats()[name][0][0]) * unit for name in ("est", "se"))
    prediction = None
    if k > 2:
        half = float(scipy.special.stdtrit(k - 2, 0.975)) * math.sqrt(tau2 + found["se"] ** 2)
        prediction = (from_scale(measure, found["est"] - half), from_scale(measure, found["est"] + half))
    return Pooled(
        k=k,
        fixed=printed(fixed_value, Z * fixed_se),
        random=printed(found["est"], float(scipy.special.stdtrit(k - 1, 0.975)) * found["se"]),
        prediction=prediction,
        tau2=tau2,
        q=q,
        q_p=float(spread["p(Q)"].ravel()[0]),
        i2=max(0.0, (q - k + 1) / q) if q > 0 else 0.0,
        se=found["se"],
    )

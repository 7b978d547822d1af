"""Pooling equals what metafor and clubSandwich print, and what other libraries compute."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest, combine_pvalues, halfnorm, norm

from gluteal.ledger.evidence.directions import combine_one_sided, count_signs, one_sided
from gluteal.ledger.evidence.effect_sizes import Scaled
from gluteal.ledger.evidence.few_studies import pool_with_prior
from gluteal.ledger.evidence.multilevel import fit_levels
from gluteal.ledger.evidence.pooling import LEAST_DF, TAU_SCALE, pool_effects, scale_of_tau

# Schools with a modified calendar, in districts: standardised differences and their variances (Konstantopoulos 2011,
# Res Synth Methods 2:61-76, as metafor's dat.konstantopoulos2011 holds them).
SCHOOLS = {
    11: ((-0.18, 0.118), (-0.22, 0.118), (0.23, 0.144), (-0.30, 0.144)),
    12: ((0.13, 0.014), (-0.26, 0.014), (0.19, 0.015), (0.32, 0.024)),
    18: ((0.45, 0.023), (0.38, 0.043), (0.29, 0.012)),
    27: ((0.16, 0.020), (0.65, 0.004), (0.36, 0.004), (0.60, 0.007)),
    56: ((0.08, 0.019), (0.04, 0.007), (0.19, 0.005), (-0.06, 0.004)),
    58: (
        *((-0.18, 0.020), (0.00, 0.018), (0.00, 0.019), (-0.28, 0.022), (-0.04, 0.020), (-0.30, 0.021)),
        *((0.07, 0.006), (0.00, 0.007), (0.05, 0.007), (-0.08, 0.007), (-0.09, 0.007)),
    ),
    71: ((0.30, 0.015), (0.98, 0.011), (1.19, 0.010)),
    86: (
        *((-0.07, 0.001), (-0.05, 0.001), (-0.01, 0.001), (0.02, 0.001)),
        *((-0.03, 0.001), (0.00, 0.001), (0.01, 0.001), (-0.10, 0.001)),
    ),
    91: ((0.50, 0.010), (0.66, 0.011), (0.20, 0.010), (0.00, 0.009), (0.05, 0.013), (0.07, 0.013)),
    108: ((-0.52, 0.031), (0.70, 0.031), (-0.03, 0.030), (0.27, 0.030), (-0.34, 0.030)),
    644: ((0.12, 0.087), (0.61, 0.082), (0.04, 0.067), (-0.05, 0.067)),
}
VALUES, VARIANCES = zip(*(row for rows in SCHOOLS.values() for row in rows), strict=True)
DISTRICTS = [str(district) for district, rows in SCHOOLS.items() for _ in rows]


def test_three_levels_equal_metafor() -> None:
    """rma.mv(yi, vi, random = ~ 1 | district/school) as its documentation prints it."""
    fit = fit_levels(VALUES, VARIANCES, DISTRICTS)
    assert (round(fit.mean, 4), round(fit.se, 4)) == (0.1847, 0.0846)
    assert (round(fit.between, 4), round(fit.within, 4)) == (0.0651, 0.0327)


def test_cluster_robust_error_equals_clubsandwich() -> None:
    """robust(res, cluster = district, clubSandwich = TRUE): CR2 with Satterthwaite's degrees of freedom."""
    fit = fit_levels(VALUES, VARIANCES, DISTRICTS)
    assert (round(fit.robust_se, 4), round(fit.robust_df, 2)) == (0.0845, 9.86)
    assert round(fit.mean / fit.robust_se, 4) == 2.1870


def test_two_levels_equal_metafor() -> None:
    """rma(yi, vi) of the same schools, each by itself."""
    fit = fit_levels(VALUES, VARIANCES, range(len(VALUES)))
    assert (round(fit.mean, 3), round(fit.se, 3), round(fit.between, 3)) == (0.128, 0.044, 0.088)
    assert fit.within == 0


def test_the_pool_of_correlated_effects_is_never_narrower_than_either_error() -> None:
    """Three levels: the larger of both errors, t by Satterthwaite; correlated errors widen it."""
    effects = [Scaled(y, math.sqrt(v)) for y, v in zip(VALUES, VARIANCES, strict=True)]
    pooled = pool_effects(effects, studies=DISTRICTS, correlation=0.0)
    fit = fit_levels(VALUES, VARIANCES, DISTRICTS)
    assert pooled.method == "three levels" and (pooled.k, pooled.effects) == (11, 56)
    assert pooled.se == pytest.approx(max(fit.se, fit.robust_se))
    assert pooled.df == pytest.approx(fit.robust_df)


def test_few_studies_with_several_effects_are_merged() -> None:
    """A cluster-robust error of three studies is not to be trusted: one effect each, no more precise than one."""
    values, errors, studies = [0.1, 0.3, 0.5, 0.2, 0.0, 0.4], [0.02, 0.02, 0.2, 0.3, 0.4, 0.4], "aabcde"
    pooled = pool_effects([Scaled(v, e) for v, e in zip(values, errors, strict=True)], studies=studies)
    assert fit_levels(values, [e * e for e in errors], studies, correlation=0.6).robust_df < LEAST_DF
    alone = pool_effects([Scaled(0.2, 0.02), *(Scaled(v, e) for v, e in zip(values[2:], errors[2:], strict=True))])
    assert pooled.method == "random effects"
    assert (pooled.random, pooled.k) == (alone.random, 5)


def test_a_study_that_agrees_never_makes_the_rest_less_certain() -> None:
    """From two studies to eight of the same value and error the interval narrows, or is no wider by a twentieth."""
    widths = []
    for k in range(2, 9):
        found = pool_effects([Scaled(0.7, 0.2)] * k, measure="standardised mean difference").random
        widths.append(found.high - found.low)
    assert all(later <= 1.05 * earlier for earlier, later in pairwise(widths))


@pytest.mark.parametrize(
    ("values", "errors", "scale"),
    [((-0.7, -0.65), (0.3, 0.2), 0.5), ((0.2, 1.4), (0.25, 0.3), 0.28), ((0.0, 0.1, 2.0), (0.4, 0.4, 0.5), 0.5)],
)
def test_the_posterior_is_the_double_integral(
    values: tuple[float, ...], errors: tuple[float, ...], scale: float
) -> None:
    """Mean, variance and the mass of the interval on a grid of mean and heterogeneity."""
    found = pool_with_prior(values, errors, scale=scale)

    mean, tau = np.linspace(-9, 9, 6001)[:, None], np.linspace(0, 6 * scale, 401)[None, :]
    density = halfnorm.pdf(tau, scale=scale) * np.ones_like(mean)
    for y, e in zip(values, errors, strict=True):
        density = density * norm.pdf(y, mean, np.hypot(e, tau))
    of_mean = np.trapezoid(density, tau[0], axis=1)
    of_mean /= np.trapezoid(of_mean, mean[:, 0])

    def integral(weight: np.ndarray) -> float:
        return float(np.trapezoid(weight * of_mean, mean[:, 0]))

    x = mean[:, 0]
    assert found.mean == pytest.approx(integral(x), abs=1e-4)
    assert found.sd**2 == pytest.approx(integral((x - found.mean) ** 2), rel=1e-3)
    # The grid is 0.003 wide: an end of the interval falls between two points.
    assert integral((x >= found.low) & (x <= found.high)) == pytest.approx(0.95, abs=2e-3)


def test_two_studies_have_an_interval_one_can_use() -> None:
    """Wider than the common effect, and far from the 12.7 errors of a t with one degree of freedom."""
    effects = [Scaled(-0.81, 0.30), Scaled(-0.69, 0.23)]
    pooled = pool_effects(effects, measure="standardised mean difference")
    assert pooled.method == "few studies with a prior"
    assert pooled.random.low < pooled.fixed.low and pooled.random.high > pooled.fixed.high
    assert pooled.random.high < 0
    assert pool_effects(effects, tau_scale=1e-9).random.low == pytest.approx(pooled.fixed.low, abs=1e-6)


def test_the_prior_is_the_same_on_every_scale() -> None:
    """A logarithm of odds is a standardised difference by √3 / π; a difference in mm is one in its own spread."""
    by_odds = scale_of_tau([], "odds ratio")
    by_smd = scale_of_tau([], "standardised mean difference")
    assert by_odds == TAU_SCALE
    assert by_smd == pytest.approx(TAU_SCALE * math.sqrt(3) / math.pi)
    assert scale_of_tau([], "correlation") == pytest.approx(by_smd / 2)
    # 100 people in two groups with a standard deviation of 20 mm: the error of the difference is 4 mm.
    assert scale_of_tau([Scaled(5.0, 4.0)], "mean difference", people=[100]) == pytest.approx(20 * by_smd)


@pytest.mark.parametrize(("towards", "total"), [(0, 1), (3, 4), (9, 10), (10, 10), (7, 15)])
def test_the_sign_test_is_the_binomial(towards: int, total: int) -> None:
    """Exact p and Wilson's interval as scipy's statistics has them."""
    found, other = count_signs(towards, total), binomtest(towards, total)
    interval = other.proportion_ci(method="wilson")
    assert found.p == pytest.approx(other.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_p_values_are_combined_by_fisher() -> None:
    """As scipy's statistics does it, one-sided, each way."""
    towards = [one_sided(0.03, True), one_sided(0.2, True), one_sided(0.6, False)]
    assert combine_one_sided(towards) == pytest.approx(combine_pvalues(towards, method="fisher").pvalue)
    assert towards[2] == pytest.approx(0.7)

"""Pooling equals published results of metafor and other libraries; what must not be pooled is not, with the reason."""

from __future__ import annotations

import math
from typing import Any

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects, effectsize_smd
from tests.helpers import derived_effects
from tests.helpers.weighed import make_claim, make_effect, make_study, weigh

from gluteal.errors import InputError
from gluteal.ledger.evidence.effect_sizes import Scaled, from_scale, scale_effect, to_scale
from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.evidence.pooling import pool_effects
from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.summary import summarise_evidence
from gluteal.ledger.evidence.synthesis import Synthesis
from gluteal.show.figures.forest import plot_forest

matplotlib.use("Agg")

# Thirteen trials of the BCG vaccine (Colditz et al. 1994), as in metafor's dat.bcg: ill and well, treated and control.
BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)


def _log_risk_ratio(a: int, b: int, c: int, d: int) -> Scaled:
    return Scaled(math.log(a / (a + b) / (c / (c + d))), math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))


TRIALS = [_log_risk_ratio(*row) for row in BCG]


def _syntheses(*studies: Study) -> tuple[Synthesis, ...]:
    """Return the syntheses of a claim that states no band: effects of one kind are pooled as they are printed."""
    claim = make_claim().model_copy(update={"estimand": None})
    return weigh(*studies, claim=claim)[1].syntheses


def _effect(estimate: float = -0.5, **given: Any) -> Effect:
    return Effect.model_validate({"id": "s-1", "study": "s", **make_effect(estimate, **({"se": 1.0} | given))})


# ---------------------------------------------------------------- against published results and other libraries


def test_bcg_equals_metafor() -> None:
    """The documented example of metafor: rma(yi, vi, data=dat.bcg) with method "REML" and "EE", and test="knha"."""
    pooled = pool_effects(TRIALS)
    assert round(pooled.tau2, 4) == 0.3132
    assert round(pooled.random.value, 4) == -0.7145
    assert round(pooled.se, 4) == 0.1808
    assert (round(pooled.random.low, 4), round(pooled.random.high, 4)) == (-1.1084, -0.3206)
    assert (round(pooled.q, 4), pooled.k) == (152.2330, 13)
    assert (round(pooled.fixed.value, 4), round(pooled.fixed.low, 4), round(pooled.fixed.high, 4)) == (
        -0.4303,
        -0.5097,
        -0.3509,
    )
    # metafor prints I² of (Q - df) / Q with method "DL".
    assert round(100 * pooled.i2, 2) == 92.12
    # Without Hartung and Knapp metafor prints 0.1798 for the same tau².
    weights = 1 / (np.array([t.se for t in TRIALS]) ** 2 + pooled.tau2)
    assert round(1 / math.sqrt(weights.sum()), 4) == 0.1798


@pytest.mark.parametrize("number", [5, 6, 8, 13])
def test_pooling_equals_statsmodels_and_the_likelihood(number: int) -> None:
    """Another library for mean, error and Q; the restricted likelihood itself, minimised, for tau²."""
    value = np.array([t.value for t in TRIALS[:number]])
    variance = np.array([t.se**2 for t in TRIALS[:number]])

    def minus_log_likelihood(tau2: float) -> float:
        weight = 1 / (variance + tau2)
        mean = (weight * value).sum() / weight.sum()
        return float(-np.log(weight).sum() + np.log(weight.sum()) + (weight * (value - mean) ** 2).sum())

    pooled = pool_effects(TRIALS[:number])
    best = minimize_scalar(minus_log_likelihood, bounds=(0, 10), options={"xatol": 1e-12})
    assert minus_log_likelihood(pooled.tau2) <= best.fun + 1e-9
    equal = combine_effects(value, variance)
    assert pooled.fixed.value == pytest.approx(equal.mean_effect_fe, rel=1e-9)
    assert pooled.q == pytest.approx(equal.q, rel=1e-9)
    # With tau² added to the variances, statsmodels' fixed effect is the random effect, and its HKSJ error ours,
    # which is never below the one that takes the variances as known.
    random = combine_effects(value, variance + pooled.tau2)
    assert pooled.random.value == pytest.approx(random.mean_effect_fe, rel=1e-9)
    assert pooled.se == pytest.approx(max(random.sd_eff_w_fe_hksj, random.sd_eff_w_fe), rel=1e-7)


def test_prediction_interval_is_higgins_equation() -> None:
    """Higgins, Thompson and Spiegelhalter 2009: mean ± t(k - 2) sqrt(tau² + se²), with t(11; 0.975) = 2.20099."""
    pooled = pool_effects(TRIALS)
    half = 2.20099 * math.sqrt(pooled.tau2 + pooled.se**2)
    assert pooled.prediction == pytest.approx((pooled.random.value - half, pooled.random.value + half), rel=1e-5)
    assert pool_effects(TRIALS[:2]).prediction is None


def test_ratios_are_pooled_as_logarithms_from_their_intervals() -> None:
    """The same trials given as risk ratios with 95 % intervals, through the records."""
    studies = [
        make_study(
            f"trial{i}",
            make_effect(
                math.exp(t.value),
                None,
                measure="risk ratio",
                units="1",
                ci_low=math.exp(t.value - 1.959964 * t.se),
                ci_high=math.exp(t.value + 1.959964 * t.se),
            ),
        )
        for i, t in enumerate(TRIALS)
    ]
    (synthesis,) = _syntheses(*studies)
    assert synthesis.pooled is not None
    assert synthesis.pooled.random.value == pytest.approx(math.exp(-0.7145), abs=5e-5)
    assert synthesis.pooled.random.high == pytest.approx(math.exp(-0.3206), abs=5e-5)
    assert sum(row.weight or 0 for row in synthesis.rows) == pytest.approx(1)
    assert synthesis.to_json()["pooled"]["k"] == 13


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.1, 2)), min_size=2, max_size=6),
    st.floats(1e-4, 1e4),
    st.floats(-5, 5),
)
def test_pooling_does_not_depend_on_unit_order_or_origin(
    effects: list[tuple[float, float]], unit: float, shift: float
) -> None:
    """Another unit scales everything, another origin shifts it, another order changes nothing."""
    plain = pool_effects([Scaled(v, s) for v, s in effects])
    other = pool_effects([Scaled((v + shift) * unit, s * unit) for v, s in reversed(effects)])
    scale = max(1.0, abs(plain.random.value) + abs(shift))
    assert other.random.value / unit - shift == pytest.approx(plain.random.value, abs=2e-4 * scale)
    assert other.tau2 / unit**2 == pytest.approx(plain.tau2, rel=2e-3, abs=1e-5)
    assert plain.fixed.low < plain.fixed.value < plain.fixed.high
    assert plain.random.high - plain.random.low >= (plain.fixed.high - plain.fixed.low) * (1 - 1e-9)
    assert 0 <= plain.i2 < 1


def test_pooling_needs_two() -> None:
    """One effect is not pooled."""
    with pytest.raises(InputError, match="at least two studies; 1 was given"):
        pool_effects([Scaled(1, 1)])


# ---------------------------------------------------------------- what may be pooled


def test_only_the_same_thing_is_pooled_where_no_scale_is_stated() -> None:
    """Another outcome, contrast, measure, unit or time is another synthesis."""
    for other in (
        {"outcome": "disability"},
        {"contrast": "a minus c"},
        {"measure": "standardised mean difference"},
        {"units": "points"},
        {"timepoint": "6 months"},
    ):
        syntheses = _syntheses(make_study("s1"), make_study("s2", make_effect(**other)))
        assert [s.pooled for s in syntheses] == [None, None]
        assert all(s.why_not == "not pooled: one study only" for s in syntheses)
    (synthesis,) = _syntheses(make_study("s1"), make_study("s2"))
    assert synthesis.pooled is not None
    assert synthesis.why_not == ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"se": None}, "given without an error"),
        ({"se": None, "ci_low": -20.0, "ci_high": -20.0}, "no width"),
        ({"se": None, "ci_low": -21.0, "ci_high": 3.0}, "not centred"),
        ({"contradiction": "p and interval differ"}, "contradict one another"),
    ],
)
def test_effects_without_a_usable_error_are_left_out_with_the_reason(fields: dict[str, Any], reason: str) -> None:
    """They stay in the table, without a weight."""
    bad = make_study("bad", make_effect(-20.0, **fields))
    two = weigh(bad, make_study("s1"), make_study("s2"))[1].main
    assert two is not None and two.pooled is not None
    assert two.pooled.k == 2
    assert reason in two.rows[0].left_out
    assert two.rows[0].weight is None


def test_units_of_one_scale_are_one() -> None:
    """Points of 10 and mm of 100 are the same scale; an odds ratio and means are brought to standard deviations."""
    band = {"measure": "mean difference", "units": "mm of 100", "value": 15.0, "source": "cohen1988"}
    claim = make_claim(bands=[band])
    main = weigh(
        make_study("s1", make_effect(-2.0, 0.3, units="points 0-10")),
        make_study("s2", make_effect(-20.0, 3.0, units="mm on 0-100")),
        claim=claim,
    )[1].main
    assert main is not None and main.pooled is not None
    assert [row.value for row in main.rows] == pytest.approx([-20, -20])
    by_spread = make_claim(bands=[{"measure": "standardised mean difference", "value": 0.2, "source": "cohen1988"}])
    groups = {"mean_1": 40.0, "sd_1": 20.0, "mean_2": 60.0, "sd_2": 20.0, "n_1": 50, "n_2": 50}
    converted = weigh(
        make_study("s1", make_effect(-20.0, None, **groups)),
        make_study("s2", make_effect(0.25, 0.5, measure="odds ratio", units="1")),
        claim=by_spread,
    )[1].main
    assert converted is not None
    # Hedges g of one standard deviation with 98 degrees of freedom; ln 0.25 × √3 / π.
    assert [row.value for row in converted.rows] == pytest.approx([-0.9923, -0.7643], abs=1e-4)
    per_unit = make_effect(1.1, 0.03, measure="odds ratio", units="per % body weight")
    assert weigh(make_study("s1", per_unit), claim=by_spread)[1].main is None


def test_studies_taken_the_other_way_round_are_turned() -> None:
    """Healthy minus patient and patient minus healthy say the same; shown so that more speaks for the claim."""
    turned = make_effect(20.0)
    turned["claims"] = [{"claim": "a-claim", "sense": 1}]
    main = weigh(make_study("s1"), make_study("s2", turned))[1].main
    assert main is not None and main.pooled is not None
    assert [row.value for row in main.rows] == pytest.approx([20, 20])
    assert main.pooled.i2 == 0


# ---------------------------------------------------------------- scales, effect sizes and the data


@given(st.sampled_from(["odds ratio", "correlation", "mean difference"]), st.floats(0.01, 0.99))
def test_scales_turn_back(measure: str, value: float) -> None:
    """To the pooling scale and back."""
    assert from_scale(measure, to_scale(measure, value)) == pytest.approx(value)


def test_errors_on_the_pooling_scale() -> None:
    """A 95 % interval is 2 × 1.95996 errors wide; Fisher's z has the variance 1 / (n - 3)."""
    scaled = scale_effect(_effect(2.0, se=None, measure="odds ratio", ci_low=1.0, ci_high=4.0))
    assert isinstance(scaled, Scaled)
    assert (scaled.value, scaled.se) == pytest.approx((math.log(2), math.log(4) / (2 * 1.959964)))
    scaled = scale_effect(_effect(0.5, se=None, measure="correlation", n_total=28))
    assert scaled == Scaled(math.atanh(0.5), 0.2)
    ninety = scale_effect(_effect(0.0, se=None, ci_low=-1.644854, ci_high=1.644854, level=0.9))
    assert isinstance(ninety, Scaled)
    assert ninety.se == pytest.approx(1, rel=1e-6)


def test_standardised_difference_equals_statsmodels() -> None:
    """Hedges' g of the same groups by another library, which puts g where Borenstein puts d into the variance."""
    g, se = derived_effects.standardised_difference(5.8, 2.6, 21, 4.2, 2.3, 22)
    other, variance = effectsize_smd(5.8, 2.6, 21, 4.2, 2.3, 22)
    assert g == pytest.approx(other, rel=1e-3)
    assert se == pytest.approx(math.sqrt(variance), rel=0.02)


def test_effect_sizes_from_p_and_from_interval_agree() -> None:
    """A difference, the interval of its t test and the p of that test are the same information."""
    t, n1, n2 = 2.5, 20, 25
    from scipy.stats import t as student

    by_p = derived_effects.standardised_from_p(2 * student.sf(t, n1 + n2 - 2), 1, n1, n2)
    half = 3.0 / t * student.isf(0.025, n1 + n2 - 2)
    assert by_p == pytest.approx(derived_effects.standardised_from_interval(3.0, 3.0 - half, 3.0 + half, n1, n2))


def test_built_in_syntheses() -> None:
    """A review and later studies of hip abduction strength are pooled; what contradicts itself is not."""
    evidence = load_evidence()
    main = summarise_evidence(evidence, "lbp-hip-abductors-weaker").main
    assert main is not None and main.pooled is not None
    counted = {row.study for row in main.rows if not row.left_out}
    assert {"desousa2019", "pizol2023"} <= counted
    assert main.pooled.random.low > 0
    ankle = summarise_evidence(evidence, "weak-glutes-ankle-instability")
    assert all(row.weight is None for s in ankle.syntheses for row in s.rows if row.study == "kawaguchi2021")


# ---------------------------------------------------------------- the plot


def test_forest_plot_shows_every_study_the_band_and_the_pool() -> None:
    """Labels, the line of no effect, the band, the prediction, and grey for what is left out."""
    studies = [make_study(f"s{i}", make_effect(-10.0 * i)) for i in range(3)]
    synthesis = weigh(*studies, make_study("bad", make_effect(-2.0, se=None)))[1].main
    assert synthesis is not None
    axes = plot_forest(synthesis)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[:4] == ['"s0"', '"s1"', '"s2"', '"bad"']
    assert labels[4].startswith("few studies with a prior, I²")
    assert labels[-1] == "prediction for a further study"
    assert "mm" in axes.get_xlabel() and "left speaks for the claim" in axes.get_xlabel()
    assert len(axes.patches) == 3  # the band and two diamonds
    matplotlib.pyplot.close(axes.figure)


def test_forest_plot_of_ratios_is_logarithmic() -> None:
    """One study: no pool; drawn into the axes that are given."""
    ratio = make_effect(2.0, None, measure="odds ratio", units="1", ci_low=1.0, ci_high=4.0)
    (synthesis,) = _syntheses(make_study("s1", ratio))
    _, axes = matplotlib.pyplot.subplots()
    assert plot_forest(synthesis, ax=axes) is axes
    assert axes.get_xscale() == "log"
    assert synthesis.why_not == "not pooled: one study only"
    matplotlib.pyplot.close(axes.figure)

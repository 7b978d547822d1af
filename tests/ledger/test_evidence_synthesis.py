"""Pooling equals published results of metafor and other libraries; what must not be pooled is not, with the reason."""

from __future__ import annotations

import math

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects, effectsize_smd
from tests.helpers import derived_effects

from gluteal.errors import InputError
from gluteal.ledger.evidence.effect_sizes import Scaled, from_scale, scale_effect, to_scale
from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.pooling import pool_effects
from gluteal.ledger.evidence.records import Claim, Effect, Study, StudyFinding
from gluteal.ledger.evidence.synthesis import Synthesis, pooled_direction, synthesise
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
CLAIM = Claim(id="a-claim", topic="t", statement="s", test="literature")


def _effect(value: float = -0.5, **given: object) -> Effect:
    fields = {"outcome": "pain", "contrast": "a minus b", "measure": "mean difference", "units": "mm", "se": 1.0}
    return Effect.model_validate({**fields, "value": value, **given})


def _study(
    key: str,
    *effects: Effect,
    design: str = "randomised trial",
    contains: tuple[str, ...] | None = None,
    says: str = "supports",
) -> Study:
    finding = StudyFinding.model_validate(
        {
            "bears_on": {"a-claim": says},
            "outcome": "o",
            "units": "u",
            "numbers": {},
            "where": {"section": "s"},
            "effects": [e.model_dump() for e in effects],
        }
    )
    return Study(
        key=key,
        authors=None,
        year=None,
        title=key,
        journal=None,
        design=design,
        n={"total": 100},
        population="p",
        read="fulltext",
        findings=(finding,),
        contains=contains or (),
        contains_all=contains is not None,
    )


def _syntheses(*studies: Study) -> tuple[Synthesis, ...]:
    return synthesise(Evidence((CLAIM,), studies, ()), CLAIM)


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


@pytest.mark.parametrize("number", [2, 3, 5, 8, 13])
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
        _study(
            f"trial{i}",
            _effect(
                math.exp(t.value),
                se=None,
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


def test_only_the_same_thing_is_pooled() -> None:
    """Another outcome, contrast, measure, unit or time is another synthesis."""
    same = _effect()
    for other in (
        {"outcome": "disability"},
        {"contrast": "a minus c"},
        {"measure": "standardised mean difference"},
        {"units": "points"},
        {"timepoint": "6 months"},
    ):
        syntheses = _syntheses(_study("s1", same), _study("s2", _effect(**other)))
        assert [s.pooled for s in syntheses] == [None, None]
        assert all(s.why_not == "not pooled: one study only" for s in syntheses)
    (synthesis,) = _syntheses(_study("s1", same), _study("s2", same))
    assert synthesis.pooled is not None
    assert synthesis.why_not == ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"se": None}, "given without an error"),
        ({"se": None, "ci_low": -0.5, "ci_high": -0.5}, "no width"),
        ({"se": None, "ci_low": -0.6, "ci_high": 3.0}, "not centred"),
        ({"se": None, "measure": "correlation", "ci_low": -1.5, "ci_high": 0.5}, "leaves the range"),
    ],
)
def test_effects_without_a_usable_error_are_left_out_with_the_reason(fields: dict[str, object], reason: str) -> None:
    """They stay in the table, without a weight."""
    good = _effect(**{k: v for k, v in fields.items() if k == "measure"})
    (one,) = _syntheses(_study("bad", _effect(**fields)), _study("s1", good))
    assert one.pooled is None
    assert reason in one.why_not
    (two,) = _syntheses(_study("bad", _effect(**fields)), _study("s1", good), _study("s2", good))
    assert two.pooled is not None
    assert two.pooled.k == 2
    assert reason in two.rows[0].left_out
    assert two.rows[0].weight is None


def test_effects_of_the_same_people_count_once() -> None:
    """Two effects of one study are averaged as if they moved together: no more precise than one."""
    (alone,) = _syntheses(_study("s1", _effect(-1), _effect(1)))
    assert alone.pooled is None
    (synthesis,) = _syntheses(_study("s1", _effect(-1), _effect(1)), _study("s2", _effect(0)))
    assert synthesis.pooled == pool_effects([Scaled(0, 1), Scaled(0, 1)])


def test_a_review_is_not_pooled_with_studies_it_may_contain() -> None:
    """Unless the list of its studies is known and does not hold them."""
    effect = _effect()
    review = "systematic review and meta-analysis of randomised trials"
    (unknown,) = _syntheses(_study("r", effect, design=review), _study("s1", effect))
    assert unknown.pooled is None
    assert "may hold the same people" in unknown.why_not
    (holds,) = _syntheses(_study("r", effect, design=review, contains=("s1", "s9")), _study("s1", effect))
    assert holds.pooled is None
    (apart,) = _syntheses(_study("r", effect, design=review, contains=("s8", "s9")), _study("s1", effect))
    assert apart.pooled is not None
    (two,) = _syntheses(
        _study("r", effect, design=review, contains=("s1",)), _study("q", effect, design=review, contains=("s1",))
    )
    assert two.pooled is None
    part = _study("r", effect, design=review, contains=("s8",)).model_copy(update={"contains_all": False})
    (partly,) = _syntheses(part, _study("s1", effect))
    assert partly.pooled is None
    (enough,) = _syntheses(_study("r", effect, design=review), _study("s1", effect), _study("s2", effect))
    assert enough.pooled is not None
    assert enough.pooled.k == 2
    assert enough.rows[0].left_out == "a review that may contain the other studies"


def test_a_pooled_effect_says_what_its_studies_say() -> None:
    """The side on which studies exclude no effect decides; without such, or where they differ, nothing does."""
    strong = [_study(f"s{i}", _effect(-9.0)) for i in range(4)]
    assert pooled_direction(_syntheses(*strong)[0]) == "supports"
    against = [_study(f"s{i}", _effect(-9.0), says="contradicts") for i in range(4)]
    assert pooled_direction(_syntheses(*against)[0]) == "contradicts"
    assert pooled_direction(_syntheses(*strong[:2], *[_study(f"t{i}", _effect(9.0)) for i in range(2)])[0]) == "neutral"
    assert pooled_direction(_syntheses(*strong[:3], against[3])[0]) == "neutral"
    mean = [_study(f"s{i}", _effect(9.0, measure="mean")) for i in range(4)]
    assert pooled_direction(_syntheses(*mean)[0]) == "neutral"


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
    scaled = scale_effect(_effect(0.5, se=None, measure="correlation", n=28))
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


def _finding(key: str, number: int) -> tuple[StudyFinding, dict[str, int | None]]:
    study = load_evidence().study(key)
    return study.findings[number], study.n


def test_derived_effects_follow_from_the_printed_numbers() -> None:
    """Each effect whose value or error is derived is worked out again here, from `numbers` and `n`."""
    derived: list[tuple[Effect, tuple[float, float]]] = []
    finding, n = _finding("penney2014", 0)
    sizes = (n["lbp"], n["control"])
    for effect, side in zip(finding.effects, ("right", "left"), strict=True):
        low, high = finding.numbers[side]
        sign = 1 if low > high else -1
        derived.append((effect, derived_effects.standardised_from_p(finding.numbers[f"p_{side}"], sign, *sizes)))
    for key, number, first, second in (
        ("penney2014", 2, "rms_lbp", "rms_control"),
        ("notzel2011", 0, "lbp", "control"),
    ):
        finding, n = _finding(key, number)
        a, b = finding.numbers[first], finding.numbers[second]
        groups = (a["mean"], a["sd"], n["lbp"], b["mean"], b["sd"], n["control"])
        derived.append((finding.effects[0], derived_effects.standardised_difference(*groups)))
    finding, n = _finding("pizol2023", 0)
    for effect, side in zip(finding.effects, ("right", "left"), strict=True):
        number = finding.numbers[side]
        low, high = number["ci95"]
        derived.append(
            (effect, derived_effects.standardised_from_interval(-number["md"], -high, -low, n["lbp"], n["control"]))
        )
    finding, n = _finding("powers2017", 0)
    a, b = finding.numbers["injured"], finding.numbers["uninjured"]
    derived.append(
        (
            finding.effects[0],
            derived_effects.mean_difference(
                a["mean"], a["sd"], n["sprains"], b["mean"], b["sd"], n["total"] - n["sprains"]
            ),
        )
    )
    finding, n = _finding("massoudarab2011", 0)
    weak, others = round(0.66 * n["sij"]), round(0.34 * n["lbp_no_sij"])
    counts = (weak, n["sij"] - weak, others, n["lbp_no_sij"] - others)
    derived.append((finding.effects[0], derived_effects.log_odds_ratio(*counts)))
    finding, n = _finding("massoudarab2011", 1)
    a, b = finding.numbers["weak"], finding.numbers["not_weak"]
    derived.append(
        (
            finding.effects[0],
            derived_effects.mean_difference(a["mean"], a["sd"], weak, b["mean"], b["sd"], n["sij"] - weak),
        )
    )
    finding, n = _finding("willson2012", 0)
    derived.append((finding.effects[0], derived_effects.hedges_g(finding.numbers["es_peak"], n["women"], n["men"])))
    finding, n = _finding("suehiro2015", 0)
    for effect, position in zip(finding.effects, finding.numbers.values(), strict=True):
        derived.append((effect, (position["mean"], position["sd"] / math.sqrt(n["total"]))))
    finding, n = _finding("lewis2009", 0)
    number = finding.numbers["gluteus_maximus"]
    derived.append((finding.effects[0], (-number["mean"], number["sd"] / math.sqrt(n["total"]))))
    finding, n = _finding("henschke2008", 0)
    share = finding.numbers["recovered_pct"] / 100
    derived.append((finding.effects[0], (share, math.sqrt(share * (1 - share) / n["total"]))))
    for effect, (value, se) in derived:
        assert (effect.value, effect.se) == pytest.approx((value, se), rel=2e-3), effect
    # None with a derived error was forgotten.
    all_derived = [e for s in load_evidence().studies for f in s.findings for e in f.effects if e.se is not None]
    assert len(derived) == len(all_derived)


def test_printed_intervals_are_in_the_numbers() -> None:
    """An effect with an interval prints its three numbers in `numbers` too (or a tenth of them, where cm became mm)."""

    def leaves(node: object) -> set[float]:
        if isinstance(node, dict):
            return set().union(*(leaves(v) for v in node.values())) if node else set()
        if isinstance(node, list | tuple):
            return set().union(*(leaves(v) for v in node)) if node else set()
        return {float(node)} if isinstance(node, int | float) else set()

    for study in load_evidence().studies:
        for finding in study.findings:
            for effect in finding.effects:
                if effect.ci_low is not None:
                    unit = 0.1 if "times 10" in effect.derived else 1.0
                    wanted = {round(v * unit, 6) for v in (effect.value, effect.ci_low, effect.ci_high or 0)}
                    assert wanted <= leaves(finding.numbers), (study.key, effect)


def test_built_in_syntheses() -> None:
    """Two studies of hip abduction strength are pooled; an unlikely interval and a missing error are not."""
    evidence = load_evidence()
    right = synthesise(evidence, "lbp-hip-abductors-weaker")[0]
    assert right.pooled is not None
    assert [row.study for row in right.rows] == ["penney2014", "pizol2023"]
    assert right.pooled.fixed.high < 0 < right.pooled.random.high
    said = {s.title + s.contrast: s.why_not for s in synthesise(evidence, "weak-glutes-ankle-instability")}
    assert any("Kawaguchi 2021: its printed interval is not centred" in why for why in said.values())
    assert "without an error" in synthesise(evidence, "ankle-instability-delays-gmed")[0].why_not


# ---------------------------------------------------------------- the plot


def test_forest_plot_shows_every_study_and_the_pool() -> None:
    """Labels, the line of no effect, the prediction, and grey for what is left out."""
    studies = [_study(f"s{i}", _effect(-1.0 * i)) for i in range(3)]
    (synthesis,) = _syntheses(*studies, _study("bad", _effect(-2.0, se=None)))
    axes = plot_forest(synthesis)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[:4] == ['"s0"', '"s1"', '"s2"', '"bad"']
    assert labels[4].startswith("random effects, I²")
    assert labels[-1] == "prediction for a further study"
    assert "mm" in axes.get_xlabel()
    assert "a minus b" in axes.get_xlabel()
    matplotlib.pyplot.close(axes.figure)


def test_forest_plot_of_ratios_is_logarithmic_and_gives_the_reason() -> None:
    """One study: no pool, the reason below; drawn into the axes that are given."""
    ratio = _effect(2.0, se=None, measure="odds ratio", units="1", ci_low=1.0, ci_high=4.0)
    (synthesis,) = _syntheses(_study("s1", ratio))
    _, axes = matplotlib.pyplot.subplots()
    assert plot_forest(synthesis, ax=axes) is axes
    assert axes.get_xscale() == "log"
    assert any("Not pooled: one study only." in text.get_text() for text in axes.texts)
    matplotlib.pyplot.close(axes.figure)

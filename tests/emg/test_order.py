"""Order of onset as a probability: laws, coverage, and healthy people under the usual rules."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from gluteal.emg.measure.healthy_onsets import (
    RULES,
    compare_with_published,
    compute_false_calls,
    load_published_onsets,
)
from gluteal.emg.measure.order import compute_agreement, compute_order_probabilities, measure_relative_onsets
from gluteal.errors import InputError, UnknownName

CLEAR = {"hamstrings": np.arange(10.0), "glutes": np.arange(10.0) + 0.1, "back": np.arange(10.0) + 0.2}


def test_relative_onsets_by_hand() -> None:
    """Differences 10, 20, 30 ms: mean 20, SD 10, interval -+ t(2) 10/sqrt 3; the start of the clock cancels."""
    onsets = {"a": np.array([1.0, 2.0, 3.0, 4.0]), "b": np.array([1.01, 2.02, 3.03, np.nan])}
    (b,) = measure_relative_onsets(onsets, reference="a")
    assert (b.mean_s, b.sd_s) == pytest.approx((0.02, 0.01))
    assert b.high_s - b.mean_s == pytest.approx(4.303 * 0.01 / np.sqrt(3.0), rel=1e-3)
    assert (b.repetitions, b.missing, b.reference) == (3, 1, "a")
    (late,) = measure_relative_onsets({k: v + 50.0 for k, v in onsets.items()}, reference="a")
    assert late.mean_s == pytest.approx(b.mean_s)
    to_movement = measure_relative_onsets(onsets, reference=onsets["a"] - 0.005)
    assert [m.mean_s for m in to_movement] == pytest.approx([0.005, 0.025])


def test_one_repetition_takes_its_interval_from_the_detector() -> None:
    """sqrt(3^2 + 4^2) = 5 ms."""
    (b,) = measure_relative_onsets({"a": [1.0], "b": [1.1]}, {"a": [0.003], "b": [0.004]}, reference="a")
    assert (b.high_s - b.mean_s) == pytest.approx(1.96 * 0.005) and np.isnan(b.sd_s)
    (unknown,) = measure_relative_onsets({"a": [1.0], "b": [1.1]}, reference="a")
    assert np.isnan(unknown.low_s) and unknown.mean_s == pytest.approx(0.1)


def test_a_clear_order_is_probable_and_never_certain() -> None:
    """Ten of ten: Beta(10 + 1/6, 5/6) of the Dirichlet, mean 10.17/11; no draw can make it 1."""
    found = compute_order_probabilities(CLEAR)
    best = found.orders[0]
    assert best.order == ("hamstrings", "glutes", "back") and best.observed == 10
    exact = stats.beta(10.0 + 1.0 / 6.0, 5.0 / 6.0)
    # 4000 draws: SD of the mean 0.001, of the quantile 0.005.
    assert best.probability == pytest.approx(exact.mean(), abs=0.005)
    assert best.low == pytest.approx(exact.ppf(0.025), abs=0.02) and best.probability < 1.0
    assert found.sentence.startswith("The usual order is hamstrings, then glutes, then back")


def test_onsets_within_their_error_give_no_order() -> None:
    """2 ms apart with errors of 20 ms: both orders near one half, and the sentence says so."""
    onsets = {"a": np.zeros(6), "b": np.full(6, 0.002)}
    found = compute_order_probabilities(onsets, {k: np.full(6, 0.02) for k in onsets})
    assert all(0.3 < o.probability < 0.7 for o in found.orders) and len(found.orders) == 2
    assert found.sentence.startswith("No single order is established")
    assert sum(o.probability for o in found.orders) == pytest.approx(1.0)


def test_exact_ties_favour_nobody() -> None:
    """Equal onsets without error: each first in half of the draws, whatever the names."""
    found = compute_order_probabilities({"a": np.zeros(40), "b": np.zeros(40)})
    assert found.pairs[0].probability == pytest.approx(0.5, abs=0.02)


def test_names_and_clock_do_not_matter() -> None:
    """Renamed, reordered and shifted onsets give the same probabilities within the error of the draws."""
    rng = np.random.default_rng(0)
    x = {k: rng.normal(m, 0.05, 12) for k, m in (("a", 0.0), ("b", 0.03), ("c", 0.06))}
    one = {o.order: o.probability for o in compute_order_probabilities(x).orders}
    turned = {k: x[k] + 7.0 for k in ("c", "a", "b")}
    other = {o.order: o.probability for o in compute_order_probabilities(turned).orders}
    for order, probability in one.items():
        assert other.get(order, 0.0) == pytest.approx(probability, abs=0.01)


def test_intervals_cover() -> None:
    """Ten repetitions from a known distribution: intervals hold the true shares in 90-99 % of 200 sessions."""
    rng = np.random.default_rng(1)
    draws = {k: rng.normal(m, s, 200_000) for k, m, s in (("a", 0.0, 0.05), ("b", 0.04, 0.05), ("c", 0.08, 0.06))}
    x = np.column_stack(list(draws.values()))
    order = float(np.mean((x[:, 0] < x[:, 1]) & (x[:, 1] < x[:, 2])))
    pair = float(np.mean(x[:, 0] < x[:, 1]))
    hits = np.zeros(2)
    for i in range(200):
        found = compute_order_probabilities({k: v[10 * i : 10 * i + 10] for k, v in draws.items()}, draws=600)
        best = {o.order: o for o in found.orders}.get(("a", "b", "c"))
        hits[0] += best is not None and best.low <= order <= best.high
        hits[1] += found.pairs[0].low <= pair <= found.pairs[0].high
    assert (hits / 200 >= 0.90).all() and (hits / 200 <= 0.99).all()


def test_missing_onsets_still_count_in_pairs() -> None:
    """A repetition without the third muscle is left out of orders and kept for the pair."""
    onsets = {**CLEAR, "back": np.where(np.arange(10) < 4, np.nan, CLEAR["back"])}
    found = compute_order_probabilities(onsets)
    assert (found.repetitions, found.incomplete) == (6, 4)
    assert {(p.first, p.second): p.repetitions for p in found.pairs}["hamstrings", "glutes"] == 10


def test_agreement_limits() -> None:
    """Always the same order: W = 1. Textbook value by hand for three repetitions. Chance: p is not small."""
    assert compute_agreement(CLEAR).w == pytest.approx(1.0)
    # Ranks 123, 132, 213: rank sums 4, 6, 8... by hand (1+1+2, 2+3+1, 3+2+3) = 4, 6, 8; S = 8; W = 12 S / (9 x 24).
    hand = {"a": [1.0, 1.0, 2.0], "b": [2.0, 3.0, 1.0], "c": [3.0, 2.0, 3.0]}
    assert compute_agreement(hand).w == pytest.approx(12.0 * 8.0 / (9.0 * 24.0))
    rng = np.random.default_rng(2)
    low = sum(compute_agreement({k: rng.random(8) for k in "abc"}, permutations=200).p <= 0.05 for _ in range(200))
    # 5 % of 200 sessions, with binomial SD 3.1.
    assert low <= 20


def test_order_messages() -> None:
    """Each refusal is a sentence."""
    with pytest.raises(InputError, match="2 to 8 muscles; given 1"):
        compute_order_probabilities({"a": [1.0]})
    with pytest.raises(InputError, match="no repetition in which every muscle"):
        compute_order_probabilities({"a": [1.0, np.nan], "b": [np.nan, 1.0]})
    with pytest.raises(InputError, match="same number of repetitions"):
        compute_order_probabilities({"a": [1.0, 2.0], "b": [1.0]})
    with pytest.raises(UnknownName, match="hamstrings"):
        measure_relative_onsets(CLEAR, reference="hamstring")
    with pytest.raises(InputError, match="at least 3 with every onset"):
        compute_agreement({"a": [1.0, 2.0], "b": [1.0, 2.0]})


# ---------------------------------------------------------------- healthy people


def test_the_table_is_the_published_one() -> None:
    """Spot checks against the abstracts: Lewis & Sahrmann 2009, Suehiro et al. 2015, Lehman et al. 2004."""
    rows = {(p.key, p.muscle, p.condition): p for p in load_published_onsets()}
    assert len(rows) == 22 and all(p.source for p in rows.values())
    lewis = rows["lewis2009", "gluteus maximus", "no cue"]
    assert (lewis.mean_s, lewis.sd_s, lewis.n) == pytest.approx((-0.0115, 0.0819, 11))
    suehiro = rows["suehiro2015", "gluteus maximus", "knee flexed hip neutral"]
    assert (suehiro.mean_s, suehiro.sd_s, suehiro.n) == pytest.approx((0.1084, 0.1421, 21))
    assert rows["lehman2004", "gluteus maximus", "knee straight"].sd_s is None


def test_a_late_glute_is_common_among_healthy_people() -> None:
    """+200 ms after the hamstrings lies inside the published spread; limits are mean -+ t(20) SD sqrt(1 + 1/21)."""
    neutral = compare_with_published("gluteus maximus", 0.2, reference_event="hamstring onset")[0]
    assert neutral.position == "among" and "as among healthy people" in neutral.sentence
    assert neutral.high_s == pytest.approx(0.1084 + 2.086 * 0.1421 * np.sqrt(22.0 / 21.0), abs=1e-4)
    late = compare_with_published("gluteus maximus", 0.9, reference_event="hamstring onset")[0]
    assert late.position == "later"
    with pytest.raises(UnknownName, match="gluteus maximus"):
        compare_with_published("gluteus maximis", 0.1, reference_event="hamstring onset")


def test_how_often_rules_call_healthy_people_abnormal() -> None:
    """One muscle against a fixed event has a closed form: t with n - 1 degrees of freedom for a new person."""
    calls = {(c.rule, c.condition): c for c in compute_false_calls()}
    for rule, limit in (("glute-after-hamstrings-0ms", 0.0), ("glute-after-hamstrings-100ms", 0.1)):
        found = calls[rule, "knee flexed hip neutral"]
        exact = stats.t.sf((limit - 0.1084) / (0.1421 * np.sqrt(22.0 / 21.0)), 20)
        # 300 draws of the parameters: SD of the mean 0.005.
        assert found.share == pytest.approx(exact, abs=0.02)
        assert found.low < found.share < found.high
    # Wider margins call fewer people abnormal.
    margins = [calls[f"glute-after-hamstrings-{m}ms", "no cue"].share for m in (0, 20, 50, 100, 200)]
    assert margins == sorted(margins, reverse=True) and margins[0] > 0.9
    assert calls["not-textbook-order", "knee flexed hip neutral"].share > 0.9
    # A rule appears only where a study has all its muscles.
    assert ("glute-last", "no cue") not in calls
    assert {c.rule for c in calls.values()} == {r.name for r in RULES}


def test_the_page_tells_the_truth() -> None:
    """Examples of docs/emg-measures.md run, and its table of rules is what the function computes."""
    page = Path(__file__).parents[2] / "docs" / "emg-measures.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 0 and result.failed == 0
    text = page.read_text(encoding="utf-8")
    calls = compute_false_calls()
    columns = list(dict.fromkeys(c.condition for c in calls))
    for rule in RULES:
        shown = {c.condition: c for c in calls if c.rule == rule.name}
        cells = [
            f"{100 * shown[k].share:.0f} ({100 * shown[k].low:.0f}-{100 * shown[k].high:.0f})" if k in shown else "-"
            for k in columns
        ]
        assert f"| {rule.statement.rstrip('.')} | {' | '.join(cells)} |" in text

"""Reliability against published examples and by law; judgements in each of their three answers."""

from __future__ import annotations

import numpy as np
import pytest

from gluteal.emg.measure.judgement import judge_difference
from gluteal.emg.measure.reliability import (
    compute_bland_altman,
    compute_icc,
    compute_kappa,
    compute_measurement_error,
)
from gluteal.errors import InputError

#: Shrout & Fleiss 1979 (Psychol Bull 86:420-428), Table 2: six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)


def test_icc_of_the_published_example() -> None:
    """Estimates: Shrout & Fleiss 1979, Table 4. Intervals: pingouin 0.7.0 on that table."""
    expected = {
        "ICC(1,1)": (0.17, -0.13, 0.72),
        "ICC(2,1)": (0.29, 0.02, 0.76),
        "ICC(3,1)": (0.71, 0.34, 0.95),
        "ICC(1,4)": (0.44, -0.88, 0.91),
        "ICC(2,4)": (0.62, 0.07, 0.93),
        "ICC(3,4)": (0.91, 0.68, 0.99),
    }
    found = {i.shrout_fleiss: (i.value, i.low, i.high) for i in compute_icc(SHROUT_FLEISS)}
    assert set(found) == set(expected)
    for form, numbers in expected.items():
        # Half a unit of the last printed digit.
        assert found[form] == pytest.approx(numbers, abs=0.0051), form
    assert [i.form for i in compute_icc(SHROUT_FLEISS)][:3] == ["ICC(1)", "ICC(A,1)", "ICC(C,1)"]


def test_icc_laws() -> None:
    """A shift of one judge leaves consistency alone and lowers agreement; gain changes nothing; copies give 1."""
    rng = np.random.default_rng(0)
    x = rng.normal(0.0, 3.0, (12, 1)) + rng.standard_normal((12, 3))
    shifted = x + np.array([0.0, 0.0, 5.0])
    before, after = ({i.form: i for i in compute_icc(t)} for t in (x, shifted))
    assert after["ICC(C,1)"].value == pytest.approx(before["ICC(C,1)"].value)
    assert after["ICC(A,1)"].value < before["ICC(A,1)"].value
    scaled = {i.form: i for i in compute_icc(-7.0 * x + 3.0)}
    for form, icc in before.items():
        assert (scaled[form].value, scaled[form].low, scaled[form].high) == pytest.approx(
            (icc.value, icc.low, icc.high)
        )
        assert icc.low <= icc.value <= icc.high
    assert all(i.value == pytest.approx(1.0) for i in compute_icc(np.tile(x[:, :1], 3)))


def test_icc_interval_covers() -> None:
    """Known variances (4, 0.25, 1): the interval of ICC(A,1) holds 4/5.25 in 91-98 % of 500 draws."""
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(500):
        x = rng.normal(0, 2, (15, 1)) + rng.normal(0, 0.5, (1, 3)) + rng.standard_normal((15, 3))
        icc = compute_icc(x)[1]
        hits += icc.low <= 4.0 / 5.25 <= icc.high
    assert 0.91 <= hits / 500 <= 0.98


def test_mdc_formula_and_sem() -> None:
    """Two repeats: SEM (consistency) is the SD of the differences over sqrt 2; MDC95 = 1.96 sqrt 2 SEM."""
    rng = np.random.default_rng(3)
    x = rng.normal(50.0, 10.0, (20, 1)) + rng.normal(0.0, 2.0, (20, 2))
    error = compute_measurement_error(x, unit="ms", method="consistency")
    assert error.sem == pytest.approx(np.std(x[:, 1] - x[:, 0], ddof=1) / np.sqrt(2.0))
    assert error.mdc95 == pytest.approx(1.96 * np.sqrt(2.0) * error.sem)
    assert error.sem_low < 2.0 < error.sem_high
    # A systematic shift counts as error for agreement only.
    shifted = x + np.array([0.0, 8.0])
    assert compute_measurement_error(shifted, unit="ms", method="consistency").sem == pytest.approx(error.sem)
    assert compute_measurement_error(shifted, unit="ms").sem > 2.0 * error.sem


def test_mdc_holds_95_percent_of_chance_differences() -> None:
    """Of two measurements of unchanged people 94-96 % differ by less than MDC95 (20 000 people)."""
    rng = np.random.default_rng(4)
    x = rng.normal(0.0, 10.0, (20000, 1)) + rng.normal(0.0, 3.0, (20000, 2))
    mdc = compute_measurement_error(x, unit="ms").mdc95
    assert 0.94 <= np.mean(np.abs(x[:, 1] - x[:, 0]) <= mdc) <= 0.96


def test_bland_altman_by_hand() -> None:
    """Differences 1, 2, 3: bias 2, SD 1; limits 2 -+ 1.96; intervals from t(2) = 4.303 (tables)."""
    first = np.array([10.0, 20.0, 30.0])
    found = compute_bland_altman(first, first + np.array([1.0, 2.0, 3.0]), unit="ms")
    assert (found.bias, found.sd, found.lower, found.upper) == pytest.approx((2.0, 1.0, 0.04, 3.96))
    assert found.bias_high - found.bias == pytest.approx(4.303 / np.sqrt(3.0), abs=1e-3)
    half = 4.303 * np.sqrt(1.0 / 3.0 + 1.96**2 / 4.0)
    assert found.upper_interval == pytest.approx((3.96 - half, 3.96 + half), abs=1e-3)
    assert found.trend_p < 0.01
    with pytest.raises(InputError, match="at least three complete pairs"):
        compute_bland_altman(first[:2], first[:2], unit="ms")


def test_kappa_by_hand_and_against_statsmodels() -> None:
    """2 x 2 by hand: 0.7 observed, 0.5 expected. 3 x 3: statsmodels 0.15.0, cohens_kappa."""
    simple = compute_kappa(np.array([[20, 5], [10, 15]]))
    assert (simple.observed, simple.expected, simple.value) == pytest.approx((0.7, 0.5, 0.4))
    table = np.array([[44, 5, 1], [7, 20, 3], [9, 5, 6]])
    pinned = {
        "none": (0.491525, 0.350158, 0.632893),
        "linear": (0.473684, 0.322808, 0.624560),
        "quadratic": (0.454545, 0.270349, 0.638742),
    }
    for weights, numbers in pinned.items():
        found = compute_kappa(table, weights=weights)  # type: ignore[arg-type]
        # 1e-5: it takes 1.95996 where we take 1.96.
        assert (found.value, found.low, found.high) == pytest.approx(numbers, abs=1e-5)
    # The formula of Fleiss, Cohen & Everitt 1969 written out, which this function was before.
    formula = {
        "none": (0.49152542372881347, 0.35015560351386577, 0.6328952439437612),
        "linear": (0.47368421052631593, 0.3228055471805159, 0.624562873872116),
        "quadratic": (0.4545454545454547, 0.27034524690503164, 0.6387456621858778),
    }
    for weights, numbers in formula.items():
        found = compute_kappa(table, weights=weights)  # type: ignore[arg-type]
        assert (found.value, found.low, found.high) == pytest.approx(numbers, rel=1e-12)
    assert (found.observed, found.expected) == pytest.approx((0.85, 0.725))
    assert compute_kappa(np.diag([3, 4, 5])).value == pytest.approx(1.0)
    with pytest.raises(InputError, match="one and the same category"):
        compute_kappa(np.array([[5, 0], [0, 0]]))
    assert compute_kappa(np.array([[0, 5], [0, 0]])).value == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.ones((1, 3)), "at least 2 subjects by 2 repeats"),
        (np.ones((4, 3)), "All values are equal"),
        (np.array([[1.0, np.nan], [2.0, 3.0]]), "has gaps"),
    ],
)
def test_messages(table: np.ndarray, message: str) -> None:
    """What cannot be computed is said."""
    with pytest.raises(InputError, match=message):
        compute_icc(table)


# ---------------------------------------------------------------- judgement


def test_three_answers() -> None:
    """Beyond, within, and between the limits of an uncertain MDC; unknown error tells nothing."""
    assert judge_difference(30.0, 45.0, sem=4.0).verdict == "beyond measurement error"
    assert judge_difference(30.0, 40.0, sem=4.0).verdict == "within measurement error"
    assert judge_difference(30.0, 90.0, sem=None).verdict == "cannot tell"
    rng = np.random.default_rng(5)
    error = compute_measurement_error(rng.normal(0, 9, (8, 1)) + rng.normal(0, 4, (8, 2)), unit="ms")
    for difference, verdict in (
        (0.99 * error.mdc95_low, "within measurement error"),
        (error.mdc95, "cannot tell"),
        (1.01 * error.mdc95_high, "beyond measurement error"),
    ):
        judged = judge_difference(0.0, difference, sem=error)
        assert judged.verdict == verdict and judged.mdc95 == error.mdc95
        # Sides swapped: the same verdict.
        assert judge_difference(difference, 0.0, sem=error).verdict == verdict


def test_healthy_spread_is_a_second_question() -> None:
    """More than error and still as among healthy people, and the reverse."""
    usual = judge_difference(0.0, 20.0, sem=4.0, healthy_sd=15.0, unit="ms")
    assert (usual.verdict, usual.healthy) == ("beyond measurement error", "as among healthy people")
    assert usual.sentence == (
        "The difference (20 ms) is more than measurement error explains (11.1 ms), and no larger than "
        "among healthy "
        "people (-29.4 to 29.4 ms)."
    )
    rare = judge_difference(0.0, 20.0, sem=20.0, healthy_sd=5.0, unit="ms")
    assert (rare.verdict, rare.healthy) == ("within measurement error", "beyond 95 % of healthy people")
    missing = judge_difference(0.0, float("nan"), sem=4.0, what="The onset difference")
    assert missing.verdict == "cannot tell" and missing.sentence.startswith("The onset difference could not be")


def test_words_do_not_frighten() -> None:
    """No sentence of a judgement speaks of illness or defect."""
    for sem in (None, 1.0, 50.0):
        for sd in (None, 1.0, 50.0):
            sentence = judge_difference(0.0, 20.0, sem=sem, healthy_sd=sd).sentence.lower()
            assert not any(w in sentence for w in ("abnormal", "deficit", "dysfunction", "damage", "weak", "fail"))


def test_judgement_messages() -> None:
    """Units must agree; spreads are positive."""
    error = compute_measurement_error(SHROUT_FLEISS, unit="ms")
    with pytest.raises(InputError, match="in ms, the difference in %"):
        judge_difference(1.0, 2.0, sem=error, unit="%")
    with pytest.raises(InputError, match="not negative"):
        judge_difference(1.0, 2.0, sem=-1.0)
    with pytest.raises(InputError, match="positive standard deviation"):
        judge_difference(1.0, 2.0, sem=1.0, healthy_sd=0.0)

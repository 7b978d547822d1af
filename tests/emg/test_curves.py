"""Cycle averages and whole-curve tests: laws, error rate, power."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, stats

from gluteal.emg.measure.curves import average_cycles, compare_curves, cycles_between
from gluteal.errors import InputError

RATE = 1000.0


def smooth(count: int, rng: np.random.Generator, *, effect: float = 0.0) -> np.ndarray:
    """Gaussian curves of unit SD, as smooth as envelopes, with an effect between 40 and 60 %."""
    curves = ndimage.gaussian_filter1d(rng.standard_normal((count, 161)), 8.0, axis=1)[:, 30:131]
    curves /= np.sqrt(1.0 / (2.0 * np.sqrt(np.pi) * 8.0))
    curves[:, 40:60] += effect
    return curves


def test_cycles_of_different_length_fall_on_one_shape() -> None:
    """One sine per cycle whatever its length: no spread, and the shape itself."""
    strikes = np.array([0.0, 1.0, 2.2, 3.0])
    time = np.arange(3001) / RATE
    phase = np.interp(time, strikes, np.arange(4))
    found = average_cycles(np.sin(2 * np.pi * phase) + 1.0, RATE, cycles_between(strikes), unit="% MVIC")
    # 1e-4: straight lines between samples 1 ms apart, on a sine of 0.8 s.
    np.testing.assert_allclose(found.mean, np.sin(2 * np.pi * found.percent / 100.0) + 1.0, atol=1e-4)
    assert np.max(found.high - found.low) < 1e-3
    assert found.durations_s == pytest.approx([1.0, 1.2, 0.8])
    assert found.band == "mean ± 1 SD of 3 cycles" and found.unit == "% MVIC"


def test_bands_are_what_they_say() -> None:
    """Constants 1..9: SD band -+ 2.74; bootstrap band near -+ 1.96 x 2.58/3 (percentile, population SD)."""
    signal = np.repeat(np.arange(1.0, 10.0), 100)
    spans = [(0.1 * k, 0.1 * k + 0.099) for k in range(9)]
    sd = average_cycles(signal, RATE, spans, unit="1")
    assert sd.high[50] - sd.mean[50] == pytest.approx(np.std(np.arange(1, 10), ddof=1))
    boot = average_cycles(signal, RATE, spans, unit="1", band="bootstrap")
    assert boot.high[50] - boot.mean[50] == pytest.approx(1.96 * np.std(np.arange(1, 10)) / 3.0, rel=0.06)
    assert "bootstrap interval of the mean" in boot.band


def test_cycles_with_gaps_are_left_out_and_counted() -> None:
    """One of three cycles holds a missing sample."""
    signal = np.ones(3001)
    signal[1500] = np.nan
    found = average_cycles(signal, RATE, [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)], unit="1")
    assert found.skipped == 1 and found.cycles.shape == (2, 101)


def test_pauses_are_no_cycles() -> None:
    """A gap above the longest cycle separates bouts; events in any order."""
    assert cycles_between([2.0, 0.0, 1.0, 10.0, 11.0]) == ((0.0, 1.0), (1.0, 2.0), (10.0, 11.0))


def test_t_is_students() -> None:
    """Against scipy.stats, paired and unpaired, unequal numbers."""
    rng = np.random.default_rng(0)
    a, b = smooth(8, rng), smooth(11, rng, effect=1.0)
    np.testing.assert_allclose(compare_curves(a, b).t, stats.ttest_ind(a, b).statistic, rtol=1e-9)
    np.testing.assert_allclose(compare_curves(a, b[:8], paired=True).t, stats.ttest_rel(a, b[:8]).statistic, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["maximum", "cluster"])
@pytest.mark.parametrize("paired", [False, True])
def test_error_rate_and_power(method: str, paired: bool) -> None:
    """No effect: found in under 10 % of 150 (5 % with binomial SD 1.8 %); an effect of 2.5 SD in over 90 % of 30."""
    rng = np.random.default_rng(1)

    def share(effect: float, count: int) -> float:
        found = 0
        for _ in range(count):
            a, b = smooth(10, rng, effect=effect), smooth(10, rng)
            result = compare_curves(a, b, paired=paired, method=method, permutations=400)  # type: ignore[arg-type]
            found += bool(result.differences)
        return found / count

    assert share(0.0, 150) < 0.10
    assert share(2.5, 30) > 0.90


@pytest.mark.parametrize("method", ["maximum", "cluster"])
def test_where_the_difference_is(method: str) -> None:
    """The planted effect between 40 and 60 % is found there; swapped groups turn the sign and keep the place."""
    rng = np.random.default_rng(2)
    a, b = smooth(12, rng, effect=3.0), smooth(12, rng)
    found, swapped = compare_curves(a, b, method=method), compare_curves(b, a, method=method)  # type: ignore[arg-type]
    (part,) = found.differences
    assert 38.0 <= part.start_percent <= 44.0 and 55.0 <= part.end_percent <= 61.0 and part.p <= 0.01
    np.testing.assert_allclose(swapped.t, -found.t, rtol=1e-9)
    assert swapped.differences[0].start_percent == pytest.approx(part.start_percent, abs=2.0)
    assert found.sentence.startswith("The curves differ at 4")


def test_no_difference_is_not_called_equality() -> None:
    """The sentence keeps absence of evidence apart from evidence of absence."""
    rng = np.random.default_rng(3)
    found = compare_curves(smooth(6, rng), smooth(6, rng))
    assert found.differences == () and "does not show that they are equal" in found.sentence


def test_all_rearrangements_are_used_where_they_are_few() -> None:
    """4 + 4 curves: 70; 6 pairs: 64; a large group beside two curves is no trap: C(62, 2) = 1891."""
    rng = np.random.default_rng(4)
    x = smooth(60, rng)
    assert compare_curves(x[:4], x[4:8]).settings["permutations"] == 70
    assert compare_curves(x[:6], x[6:12], paired=True).settings["permutations"] == 64
    assert compare_curves(smooth(2, rng), x).settings["permutations"] == 1891


def test_messages() -> None:
    """Each refusal is a sentence."""
    rng = np.random.default_rng(6)
    x = smooth(4, rng)
    with pytest.raises(InputError, match="16 ways only"):
        compare_curves(x, x + rng.random(x.shape), paired=True)
    with pytest.raises(InputError, match="same number of points"):
        compare_curves(x, x[:, :50])
    with pytest.raises(InputError, match="at least two curves"):
        compare_curves(x[:1], x)
    with pytest.raises(InputError, match=r"The cycle from 0\.5 to 9 s"):
        average_cycles(np.ones(1000), RATE, [(0.5, 9.0)], unit="1")
    with pytest.raises(InputError, match="no band 'range'"):
        average_cycles(np.ones(1000), RATE, [(0.1, 0.5)], unit="1", band="range")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no comparison 'fields'; choose 'maximum' or 'cluster'"):
        compare_curves(x, x, method="fields")  # type: ignore[arg-type]

"""Amplitude in % of what it says, indices at their limits, and the fatigue file's slope."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gluteal.emg.measure.amplitude import (
    MVIC,
    OWN_MAXIMUM,
    compute_mvic,
    measure_amplitude,
    measure_asymmetry,
    measure_co_contraction,
    normalise,
)
from gluteal.emg.measure.endurance import fit_trend, measure_endurance
from gluteal.emg.read import load_recording
from gluteal.emg.signal.conditioning import Conditioned, condition_signal
from gluteal.errors import InputError
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

RATE = 1000.0


def noise(seconds: float, sd: float, seed: int) -> Conditioned:
    """White noise of a given SD, conditioned."""
    values = sd * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return condition_signal(values, RATE, unit="mV")


def constant(envelope: np.ndarray, like: Conditioned) -> Conditioned:
    """A known envelope with the settings of another."""
    return Conditioned(envelope, envelope, RATE, like.unit, like.settings)


# ---------------------------------------------------------------- % of what


def test_percent_mvic_is_linear_in_the_signal_and_blind_to_the_gain() -> None:
    """Half the signal is half the percentage; a common gain cancels."""
    trial, task = noise(5.0, 2.0, 0), noise(5.0, 1.0, 1)
    percent, unit = normalise(task, compute_mvic([trial]))
    half, _ = normalise(noise(5.0, 0.5, 1), compute_mvic([trial]))
    gained, _ = normalise(noise(5.0, 7.0, 1), compute_mvic([noise(5.0, 14.0, 0)]))
    np.testing.assert_allclose(half, percent / 2.0, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(gained, percent, rtol=1e-9, atol=1e-9)
    assert unit == MVIC


def test_the_reference_is_the_strongest_window_of_all_trials() -> None:
    """By hand: a plateau of 3 for 0.6 s in one of two trials, window 0.5 s; a single high sample does not count."""
    like = noise(1.0, 1.0, 0)
    first, second = np.ones(2000), np.ones(2000)
    first[500:1100] = 3.0
    second[700] = 50.0
    reference = compute_mvic([constant(first, like), constant(second, like)])
    assert reference.value == pytest.approx(3.0)
    # 2 %: the envelope of the trial without its high sample is filtered anew, and settles at the ends.
    assert reference.per_trial == pytest.approx((3.0, 1.0), rel=0.02)
    assert reference.trials == 2 and reference.window_s == 0.5


def test_one_reference_serves_every_trial() -> None:
    """Trials keep their differences: never each its own maximum."""
    reference = compute_mvic([noise(5.0, 2.0, 0)])
    weak, strong = (measure_amplitude(noise(5.0, sd, 3), reference=reference)[0] for sd in (0.5, 1.0))
    assert strong.mean == pytest.approx(2.0 * weak.mean) and strong.unit == weak.unit == MVIC


def test_without_a_reference_the_unit_says_so() -> None:
    """The maximum is 100 % of this recording, and the words say that."""
    (whole,) = measure_amplitude(noise(5.0, 1.0, 4))
    assert whole.peak == pytest.approx(100.0) and whole.unit == OWN_MAXIMUM == "% of this recording's maximum"
    (absolute,) = measure_amplitude(noise(5.0, 1.0, 4), absolute=True)
    assert absolute.unit == "mV" and absolute.integrated_unit == "mV s"


def test_different_conditioning_is_refused() -> None:
    """A percentage of something conditioned otherwise means nothing."""
    trial = np.random.default_rng(5).standard_normal(5000)
    reference = compute_mvic([condition_signal(trial, RATE, unit="mV", envelope="rms")])
    with pytest.raises(InputError, match=r"differs in envelope \(rms and lowpass\)"):
        normalise(noise(5.0, 1.0, 6), reference)
    with pytest.raises(InputError, match="differ: mV and counts"):
        normalise(condition_signal(trial, RATE, unit="counts"), compute_mvic([noise(5.0, 1.0, 0)]))


def test_peak_mean_and_integral_of_a_known_envelope() -> None:
    """A triangle from 0 to 2 and back in 2 s: peak 2, mean 1, integral 2; phases cut it in half."""
    time = np.arange(2001) / RATE
    triangle = constant(2.0 - 2.0 * np.abs(time - 1.0), noise(1.0, 1.0, 0))
    (whole,) = measure_amplitude(triangle, absolute=True)
    assert (whole.peak, whole.mean, whole.integrated) == pytest.approx((2.0, 1.0, 2.0))
    parts = measure_amplitude(triangle, absolute=True, phases={"rise": (0.0, 1.0), "fall": (1.0, 2.0)})
    assert [p.name for p in parts] == ["rise", "fall"]
    assert sum(p.integrated for p in parts) == pytest.approx(whole.integrated)


@pytest.mark.parametrize("span", [(-1.0, 0.5), (0.5, 9.0), (0.5, 0.5)])
def test_phases_outside_the_recording_are_refused(span: tuple[float, float]) -> None:
    """The message names the phase and the span there is."""
    with pytest.raises(InputError, match="The phase 'stance' from"):
        measure_amplitude(noise(5.0, 1.0, 7), phases={"stance": span})


def test_mvic_messages() -> None:
    """No trial, too short a trial, no signal."""
    with pytest.raises(InputError, match="name at least one MVIC trial"):
        compute_mvic([])
    with pytest.raises(InputError, match="less than the window"):
        compute_mvic([noise(0.3, 1.0, 8)])
    with pytest.raises(InputError, match="hold no signal"):
        compute_mvic([constant(np.zeros(1000), noise(1.0, 1.0, 0))])


# ---------------------------------------------------------------- two muscles, two sides


def test_co_contraction_limits_and_laws() -> None:
    """Equal muscles 100 %, alternating 0 %; order does not matter; only Rudolph's grows with strength."""
    a = np.array([0.0, 10.0, 20.0, 5.0])
    b = np.array([10.0, 10.0, 5.0, 0.0])
    same = measure_co_contraction(a, a, unit=MVIC)
    assert same.value == pytest.approx(100.0) and same.unit == "%"
    assert measure_co_contraction(a, np.array([3.0, 0.0, 0.0, 0.0]), unit=MVIC).value == 0.0
    # By hand: common area 0 + 10 + 5 + 0, total area 10 + 20 + 25 + 5.
    assert measure_co_contraction(a, b, unit=MVIC).value == pytest.approx(200.0 * 15.0 / 60.0)
    # By hand: 0, 1 x 20, 5/20 x 25, 0; mean of four.
    rudolph = measure_co_contraction(a, b, unit=MVIC, method="rudolph")
    assert rudolph.value == pytest.approx((20.0 + 6.25) / 4.0) and rudolph.unit == MVIC
    for method, grows in (("falconer-winter", 1.0), ("rudolph", 3.0)):
        one = measure_co_contraction(a, b, unit=MVIC, method=method)  # type: ignore[arg-type]
        thrice = measure_co_contraction(3.0 * b, 3.0 * a, unit=MVIC, method=method)  # type: ignore[arg-type]
        assert thrice.value == pytest.approx(grows * one.value)
    with pytest.raises(InputError, match="never negative"):
        measure_co_contraction(-a, b, unit=MVIC)


def test_asymmetry() -> None:
    """Sides swapped change the sign; one side alone is 200 %; equal sides 0."""
    assert measure_asymmetry(30.0, 20.0) == -measure_asymmetry(20.0, 30.0) == 40.0
    assert measure_asymmetry(5.0, 0.0) == 200.0 and measure_asymmetry(5.0, 5.0) == 0.0
    with pytest.raises(InputError, match="not both zero"):
        measure_asymmetry(0.0, 0.0)


# ---------------------------------------------------------------- endurance


def test_the_fatigue_file_falls_as_its_readme_says(data: Path) -> None:
    """README: 0.15 Hz per second, from about 75 to about 56 Hz."""
    channel = load_recording(data / "emg_biceps_bursts_fatigue" / "emg_fatigue.h5").channels[0]
    found = measure_endurance(channel.read(), channel.rate)
    trend = found.median_trend
    assert trend.slope == pytest.approx(-0.15, abs=0.02)
    assert trend.low < -0.15 < trend.high < 0.0
    # "About": to 2 Hz.
    assert (trend.start, trend.end) == pytest.approx((75.0, 56.0), abs=2.0)
    assert "fell from about" in found.sentence and found.mean_trend.high < 0.0


def test_median_and_mean_frequency_of_known_spectra() -> None:
    """White noise in 20-220 Hz: both 120 Hz, the middle of the band, steady."""
    n = 60000
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1.0 / RATE)
    spectrum[(frequency < 20.0) | (frequency > 220.0)] = 0.0
    found = measure_endurance(np.fft.irfft(spectrum, n), RATE)
    # 120 windows of some 100 independent bins over 200 Hz: SD of the mean below 1 Hz.
    assert found.median_frequency.mean() == pytest.approx(120.0, abs=2.0)
    assert found.mean_frequency.mean() == pytest.approx(120.0, abs=2.0)
    assert found.median_trend.low < 0.0 < found.median_trend.high
    assert "too little change" in found.sentence


def test_rest_between_repetitions_does_not_count() -> None:
    """Half of the windows at rest, in white noise of another spectrum, leave the course alone."""
    n = 40000
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1.0 / RATE)
    spectrum[(frequency < 40.0) | (frequency > 120.0)] = 0.0
    x = np.fft.irfft(spectrum, n)
    x /= x.std()
    rest = (np.arange(n) // 2000) % 2 == 1
    x[rest] = 0.02 * np.random.default_rng(2).standard_normal(int(rest.sum()))
    found = measure_endurance(x, RATE)
    assert found.settings["active_windows"] == 40
    assert found.median_frequency.mean() == pytest.approx(80.0, abs=3.0)


def test_scale_changes_no_frequency() -> None:
    """Median frequency knows no gain; the RMS does."""
    x = np.random.default_rng(3).standard_normal(20000)
    one, other = measure_endurance(x, RATE), measure_endurance(-40.0 * x, RATE)
    np.testing.assert_allclose(other.median_frequency, one.median_frequency, rtol=1e-9)
    np.testing.assert_allclose(other.rms, 40.0 * one.rms, rtol=1e-9)


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_the_slopes_interval_covers(correlation: float) -> None:
    """Lines with AR(1) noise, 30 values: the 95 % interval holds the true slope in 90-98 % of 600 draws."""
    rng = np.random.default_rng(4)
    time = np.arange(30.0)
    hits = 0
    for _ in range(600):
        kick = rng.standard_normal(60)
        value = np.zeros(60)
        for i in range(1, 60):
            value[i] = correlation * value[i - 1] + kick[i]
        trend = fit_trend(time, 0.1 * time + value[30:])
        hits += trend.low <= 0.1 <= trend.high
    assert 0.90 <= hits / 600 <= 0.98


def test_endurance_messages() -> None:
    """Too short, or silent."""
    with pytest.raises(InputError, match="at least 5 are needed"):
        measure_endurance(np.random.default_rng(5).standard_normal(1000), RATE)
    with pytest.raises(InputError, match="active in 0 windows only"):
        measure_endurance(np.zeros(10000), RATE)


# --- the maximal contraction as a measured object -----------------------------------------------------


def _contraction(seed: int = 1) -> np.ndarray:
    """Ten s of noise in 30-300 Hz, of standard deviation 0.1 mV from 3 to 8 s and a fiftieth of it else."""
    noise = filter_zero_lag(
        np.random.default_rng(seed).standard_normal(20_000), zero_lag_butter(2, 30.0, "high", 2000.0)
    )
    level = np.full(20_000, 0.002)
    level[6000:16_000] = 0.1
    return noise / noise.std() * level


def test_a_cable_spike_is_not_the_maximum() -> None:
    """20 ms of 20 mV in a contraction of 0.1 mV: the maximum stays as without it, and the place is named."""
    clean = _contraction()
    spiked = clean.copy()
    spiked[10_000:10_040] += 20.0
    plain, other = (compute_mvic([condition_signal(x, 2000.0, unit="mV")]) for x in (clean, spiked))
    assert other.value == pytest.approx(plain.value, rel=0.02) and plain.excluded_s == ()
    [(first, last)] = other.excluded_s
    assert first < 5.0 < last < 5.4
    # Planted: what counting it would have made of 100 %.
    assert condition_signal(spiked, 2000.0, unit="mV").envelope.max() > 10 * plain.value


def test_a_contraction_that_starts_and_ends_is_no_excursion() -> None:
    """Steps up and down, and short but real bursts of 0.3 s, stay."""
    x = _contraction(2)
    assert compute_mvic([condition_signal(x, 2000.0, unit="mV")]).excluded_s == ()
    x[10_000:10_600] *= 2.5
    assert compute_mvic([condition_signal(x, 2000.0, unit="mV")]).excluded_s == ()


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1e3), ("V", 1e-3), ("nV", 1e6)])
def test_units_of_voltage_are_converted(unit: str, factor: float) -> None:
    """A maximum in mV and a trial in another unit of voltage give the same percentages; counts are refused."""
    x = _contraction()
    reference = compute_mvic([condition_signal(x, 2000.0, unit="mV")])
    same, _ = normalise(condition_signal(x, 2000.0, unit="mV"), reference)
    other, words = normalise(condition_signal(factor * x, 2000.0, unit=unit), reference)
    np.testing.assert_allclose(other, same, rtol=1e-9, atol=1e-9)
    assert words == MVIC
    with pytest.raises(InputError, match="Units of the reference"):
        normalise(condition_signal(x, 2000.0, unit="counts"), reference)

"""Zero-lag filters made to look back: nothing stands before a burst, strong sharp bursts are timed to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from gluteal.emg.analysis.bursts import time_bursts
from gluteal.emg.onset.one_sided import band_passes, look_back
from gluteal.emg.onset.prepare import prepare_power, step_spread
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.quality import Quality
from gluteal.kernels.butterworth import filter_zero_lag

BAND = (20.0, 450.0)


def smeared(x: np.ndarray, rate: float) -> np.ndarray:
    for sections in band_passes(rate, BAND):
        x = filter_zero_lag(x, sections)
    return x


def bursts_of_noise(rate: float, db: float, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """White noise with bursts that are switched on and off, and their onsets and offsets, (count, 2), s."""
    x = rng.standard_normal(round((1.0 + 2.0 * count) * rate))
    first = np.round((0.8 + 2.0 * np.arange(count) + rng.uniform(0.0, 0.3, count)) * rate).astype(int)
    last = first + np.round(rng.uniform(0.4, 0.7, count) * rate).astype(int)
    for a, b in zip(first, last, strict=True):
        x[a:b] += 10 ** (db / 20) * rng.standard_normal(b - a)
    return x, np.column_stack([first, last]) / rate


@pytest.mark.parametrize("rate", [1000.0, 2000.0])
def test_nothing_comes_before_and_no_amplitude_changes(rate: float) -> None:
    """A pulse that a zero-lag band-pass spread to both sides: all of it is behind, of the same spectrum."""
    pulse = np.zeros(4001)
    pulse[2000] = 1.0
    both = smeared(pulse, rate)
    behind = look_back(both, rate, BAND)
    assert np.sum(both[:2000] ** 2) > 0.01 * np.sum(both**2), "the filter did not smear"
    assert np.sum(behind[:2000] ** 2) < 1e-12 * np.sum(behind**2)
    assert np.abs(np.fft.rfft(behind)) == pytest.approx(np.abs(np.fft.rfft(both)), abs=1e-9)
    assert look_back(both, rate, None) is both


@pytest.mark.parametrize("rate", [1000.0, 2000.0])
def test_the_course_of_a_step(rate: float) -> None:
    """The mean power of many bursts that begin at once comes in as the template says, and not before."""
    courses = []
    for seed in range(6):
        x, times = bursts_of_noise(rate, 25.0, np.random.default_rng(seed), 25)
        power = prepare_power(smeared(x, rate), rate, high_pass=20.0, slow_high_pass=0.0, zero_lag=BAND)
        for at in np.round(times[:, 0] * rate).astype(int) - power.skip:
            level = power.forward[at + round(0.1 * rate) : at + round(0.4 * rate)].mean()
            courses.append(power.forward[at - 20 : at + round(0.012 * rate)] / level)
    course, size = np.mean(courses, axis=0), round(0.002 * rate)
    got, expected = (x[: 6 * size].reshape(6, size).mean(1) for x in (course[20:], np.cumsum(step_spread(rate, BAND))))
    assert course[:20].max() < 0.02
    assert got == pytest.approx(expected, abs=0.2)
    assert got[0] < 0.6


@pytest.mark.parametrize(("rate", "db"), [(1000.0, 20.0), (1000.0, 30.0), (1500.0, 30.0), (2000.0, 30.0)])
def test_strong_sharp_bursts_are_timed_to_the_sample(rate: float, db: float) -> None:
    """Twelve edges a recording that agree: on a smeared form they were 3 to 6 ms early, on a short ramp 3."""
    errors, held = [], []
    for seed in range(4):
        x, times = bursts_of_noise(rate, db, np.random.default_rng([seed, round(rate)]), 6)
        found = time_bursts(condition_signal(x, rate, unit="V"), start=0.0, quality=Quality(True, ()))
        assert len(found) == 6
        for burst, (onset, offset) in zip(found, times, strict=True):
            errors += [burst.onset_s - onset, burst.offset_s - offset]
            held += [
                low <= at <= high
                for at, (low, high) in ((onset, burst.onset_interval_s), (offset, burst.offset_interval_s))
            ]
    assert np.median(np.abs(errors)) <= 1.01 / rate
    assert np.mean(held) >= 0.9

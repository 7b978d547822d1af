"""Mains hum is taken out without a trace of it before a burst, and without making the burst early."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import emg_bursts

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.onset import detect_bursts
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.hum import without_hum

RATE = 2000.0
ONSETS = (1.0, 3.0, 4.6)


def bursts(seed: int, level_db: float) -> tuple[np.ndarray, np.ndarray]:
    """Time and white noise of variance 1 with three bursts of 0.35 s, 6 s long."""
    rng = np.random.default_rng(seed)
    time = np.arange(12000) / RATE
    x = rng.standard_normal(time.size)
    for onset in ONSETS:
        inside = (time >= onset) & (time < onset + 0.35)
        x[inside] += 10 ** (level_db / 20) * rng.standard_normal(np.count_nonzero(inside))
    return time, x


def hum(time: np.ndarray, level_db: float, mains: float) -> np.ndarray:
    """Three lines of a mains frequency that is off a little, their amplitude swelling by a tenth."""
    swell = 10 ** (level_db / 20) * np.sqrt(2.0) * (1.0 + 0.1 * np.sin(0.6 * time))
    return swell * sum(a * np.sin(2 * np.pi * k * mains * time + k) for k, a in ((1, 1.0), (2, 0.3), (3, 0.5)))


@pytest.mark.parametrize("mains", [50.04, 59.96])
@pytest.mark.parametrize("level_db", [None, 10.0, 25.0])
@pytest.mark.parametrize("burst_db", [15.0, 30.0])
def test_a_notch_makes_no_burst_early(burst_db: float, level_db: float | None, mains: float) -> None:
    """A zero-lag notch of that width rings for 0.2 s: it made these onsets 10 and 59 ms early."""
    errors = []
    for seed in range(3):
        time, x = bursts(seed, burst_db)
        if level_db is not None:
            x = x + hum(time, level_db, mains)
        found = detect_bursts(condition_signal(x, RATE, unit="V", notch=round(mains, -1)).filtered, RATE)
        errors += [min((b.onset_s - onset for b in found), key=abs) for onset in ONSETS]
    assert np.abs(np.median(errors)) < 0.001 and np.abs(errors).max() < 0.008


def test_what_is_left_of_hum_is_far_under_the_noise() -> None:
    """Hum 25 dB over the noise leaves it as it was, to 1 % of its power, also beside a burst 30 dB over it."""
    time, x = bursts(7, 30.0)
    clean = without_hum(x + hum(time, 25.0, 50.03), RATE, [50.0, 100.0, 150.0], quality=30.0)
    quiet = (time > 0.7) & (time < 0.99) | (time > 1.36) & (time < 1.7)
    assert np.mean(np.square(clean - x)[quiet]) < 0.02
    assert np.mean(np.square(clean - x)[~quiet]) < 0.02 * np.mean(np.square(x))


def test_short_signals_and_no_lines_stay_as_they_are() -> None:
    """Nothing to fit: nothing is taken."""
    x = np.random.default_rng(1).standard_normal(15)
    np.testing.assert_array_equal(without_hum(x, RATE, [50.0], quality=30.0), x)
    np.testing.assert_array_equal(without_hum(x, RATE, [], quality=30.0), x)
    longer = np.random.default_rng(2).standard_normal(300)
    assert np.isfinite(without_hum(longer, RATE, [50.0], quality=30.0)).all()


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_that_wanders_moves_no_edge_of_a_recording(mains: float) -> None:
    """By a twentieth of a hertz within ten seconds, with odd harmonics, at a third of the bursts' amplitude."""
    times = np.array([1.5, 4.5, 7.5, 10.5])
    clock = np.arange(12_000) / emg_bursts.RATE
    phase = 2 * np.pi * (mains * clock + 0.05 / (2 * np.pi * 0.1) * np.sin(2 * np.pi * 0.1 * clock))
    wandering = 0.06 * (np.sin(phase) + 0.5 * np.sin(3 * phase + 1.0) + 0.3 * np.sin(5 * phase + 2.0))
    noisy = emg_bursts.emg(list(times), seed=6) + wandering
    [found] = analyse_session(
        emg_bursts.session(emg_bursts.trial(emg_bursts.channel(noisy, "gluteus maximus")))
    ).channels
    assert found.quality.has("hum") and found.bursts is not None and len(found.bursts) == 4
    for burst, onset in zip(found.bursts, times, strict=True):
        assert burst.onset_s == pytest.approx(onset, abs=0.006)
        assert burst.offset_s == pytest.approx(onset + 0.6, abs=0.006)

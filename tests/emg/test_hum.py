"""Mains hum is taken out without a trace of it before a burst, and without making the burst early."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import emg_bursts

from gluteal.emg.analysis.hidden import check_hidden
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.onset import detect_bursts
from gluteal.emg.onset.bursts import Burst
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.hum import without_hum
from gluteal.emg.signal.quality import assess_quality
from gluteal.errors import InputError

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
    clean = without_hum(x + hum(time, 25.0, 50.03), RATE, [50.0, 100.0, 150.0]).rest
    quiet = (time > 0.7) & (time < 0.99) | (time > 1.36) & (time < 1.7)
    assert np.mean(np.square(clean - x)[quiet]) < 0.02
    assert np.mean(np.square(clean - x)[~quiet]) < 0.02 * np.mean(np.square(x))


def test_short_signals_and_no_lines_stay_as_they_are() -> None:
    """Nothing to fit: nothing is taken."""
    x = np.random.default_rng(1).standard_normal(15)
    np.testing.assert_array_equal(without_hum(x, RATE, [50.0]).rest, x)
    np.testing.assert_array_equal(without_hum(x, RATE, []).rest, x)
    longer = np.random.default_rng(2).standard_normal(300)
    assert np.isfinite(without_hum(longer, RATE, [50.0]).rest).all()


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


LINES = [50.0 * k for k in range(1, 10)]


def changing(kind: str, time: np.ndarray, level_db: float) -> np.ndarray:
    """Hum with two harmonics that drifts by 0.4 Hz, fades to nothing every second, is switched, or jumps in phase."""
    amplitude, phase = np.ones(time.size), 2 * np.pi * 50.02 * time
    if kind == "drifts":
        phase = phase + 2 * np.pi * 0.2 * np.square(time - 3.0) / 6.0
    if kind == "swells":
        amplitude = 0.5 - 0.5 * np.cos(2 * np.pi * time)
    if kind == "is switched":
        amplitude = ((time > 0.4) & (time < 2.2) | (time > 2.71) & (time < 4.13)).astype(float)
    if kind == "jumps":
        phase = phase + 2.0 * (time > 2.2) - 1.3 * (time > 4.13)
    waves = sum(a * np.sin(k * phase + k) for k, a in ((1, 1.0), (3, 0.4), (5, 0.2)))
    return np.asarray(10 ** (level_db / 20) * np.sqrt(2.0) * amplitude * waves)


@pytest.mark.parametrize("kind", ["drifts", "swells", "is switched", "jumps"])
def test_hum_that_changes_leaves_less_than_the_noise(kind: str) -> None:
    """At 25 dB, in each 20 ms outside bursts; a notch leaves 20 to 1000 times the noise beside a change."""
    time, x = bursts(3, 20.0)
    found = without_hum(x + changing(kind, time, 25.0), RATE, LINES)
    quiet = np.all([(time < onset - 0.02) | (time > onset + 0.37) for onset in ONSETS], axis=0)
    left = np.where(quiet, np.square(found.rest - x), 0.0).reshape(-1, 40).mean(1)
    assert left.max() < 1.5 and left.mean() < 0.15 and found.left_s == ()


@pytest.mark.parametrize("kind", ["drifts", "swells", "is switched", "jumps"])
def test_hum_that_changes_moves_no_edge_and_makes_no_burst(kind: str) -> None:
    """Through the whole of the analysis, hum as strong as the bursts."""
    times = np.array([1.5, 4.5, 7.5, 10.5])
    clock = np.arange(12_000) / emg_bursts.RATE
    noisy = emg_bursts.emg(list(times), seed=6) + 0.008 * changing(kind, clock, 25.0)
    [found] = analyse_session(
        emg_bursts.session(emg_bursts.trial(emg_bursts.channel(noisy, "gluteus maximus")))
    ).channels
    assert found.quality.has("hum") and found.bursts is not None and len(found.bursts) == 4
    for burst, onset in zip(found.bursts, times, strict=True):
        assert burst.onset_s == pytest.approx(onset, abs=0.008)
        assert burst.offset_s == pytest.approx(onset + 0.6, abs=0.008)


def fading(time: np.ndarray, level_db: float, times_a_second: float) -> np.ndarray:
    """Hum with two harmonics that fades to nothing and back."""
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * times_a_second * time)
    waves = sum(a * np.sin(2 * np.pi * k * 50.03 * time + k) for k, a in ((1, 1.0), (3, 0.4), (5, 0.2)))
    return np.asarray(10 ** (level_db / 20) * np.sqrt(2.0) * swell * waves)


@pytest.mark.parametrize("level_db", [20.0, 30.0])
def test_hum_that_fades_every_second_makes_no_strong_burst_early(level_db: float) -> None:
    """The course kept straight on before a burst of 30 dB, which became up to 29 ms early; it is not even open now."""
    time, x = bursts(4, 30.0)
    made = condition_signal(x + fading(time, level_db, 1.0), RATE, unit="V", notch=50.0)
    found = detect_bursts(made.filtered, RATE)
    assert max(abs(min((b.onset_s - onset for b in found), key=abs)) for onset in ONSETS) < 0.006
    assert made.hum_bends_s == made.hum_left_s == ()


def test_hum_that_fades_too_fast_opens_the_edges() -> None:
    """Four times a second, 30 dB: bursts of 30 dB are up to 21 ms early, and the interval says so."""
    times = [1.5, 4.5, 7.5, 10.5]
    clock = np.arange(12_000) / emg_bursts.RATE
    noisy = emg_bursts.emg(times, seed=6) + 0.008 * fading(clock, 30.0, 4.0)
    [found] = analyse_session(
        emg_bursts.session(emg_bursts.trial(emg_bursts.channel(noisy, "gluteus maximus")))
    ).channels
    assert found.bursts is not None and found.bursts.settings["hum_opened"] == 8
    for burst, onset in zip(found.bursts, times, strict=True):
        low, high = burst.onset_interval_s
        assert low <= onset <= high and high - low >= 0.059


@pytest.mark.parametrize("exponent", [-1000, 1000])
def test_hum_is_taken_out_at_any_scale(exponent: int) -> None:
    """A power of two changes no digit: 1e-301 and 1e301 neither underflow nor overflow when they are squared."""
    time, x = bursts(1, 20.0)
    y = x + changing("is switched", time, 20.0)
    plain, scaled = without_hum(y, RATE, LINES), without_hum(np.ldexp(y, exponent), RATE, LINES)
    np.testing.assert_array_equal(np.ldexp(scaled.rest, -exponent), plain.rest)
    assert scaled.left_s == plain.left_s


def test_without_hum_nothing_is_taken() -> None:
    """To the last digit, in 20 signals of noise and bursts; no hum is seen in them either."""
    for seed in range(20):
        _, x = bursts(seed, 25.0)
        found = without_hum(x, RATE, LINES)
        np.testing.assert_array_equal(found.rest, x)
        assert not assess_quality(x, RATE, unit="V").has("hum")


def test_chance_makes_no_hum_of_a_second() -> None:
    """In the single window of so short a spectrum lines stand out by chance; hum is seen there, too."""
    wave = 0.05 * np.sin(2 * np.pi * 50.0 * np.arange(1000) / emg_bursts.RATE)
    for seed in (2, 7, 72):
        x = emg_bursts.emg([0.35], seconds=1.0, lasts=0.3, level=0.05, seed=seed)
        assert not assess_quality(x, emg_bursts.RATE, unit="mV").has("hum")
        assert assess_quality(x + wave, emg_bursts.RATE, unit="mV").has("hum")


def test_hum_on_for_a_blink_is_told() -> None:
    """60 ms of hum are too short to be followed: no burst, and the place is known."""
    time, x = bursts(2, 20.0)
    long = changing("drifts", time, 15.0) * ((time < 0.7) | (time > 5.2))
    blink = np.where((time > 2.3) & (time < 2.36), 8.0 * np.sin(2 * np.pi * 50.0 * time), 0.0)
    made = condition_signal(x + long + blink, RATE, unit="V", notch=50.0)
    assert any(start <= 2.34 and end >= 2.32 for start, end in made.hum_left_s)


def test_a_burst_of_hum_alone_is_left_out_and_an_edge_in_it_opens() -> None:
    """Spans reach 30 ms farther; what does not touch them stays as it is."""
    alone = Burst(onset_s=1.0, offset_s=1.1)
    edge = Burst(onset_s=2.0, offset_s=3.0, onset_sd_s=0.002, onset_interval_s=(1.995, 2.005))
    far = Burst(onset_s=5.0, offset_s=6.0)
    check = check_hidden([alone, edge, far], [(0.99, 1.08), (1.98, 2.06)])
    assert (check.changed["left_out"], check.changed["opened"]) == (1, 1) and check.bursts[1] == far
    opened = check.bursts[0]
    assert opened.onset_s == 2.0 and opened.onset_interval_s == pytest.approx((1.95, 2.09))
    assert opened.onset_reach_s == pytest.approx((-0.05, 0.09))


@pytest.mark.parametrize("notch", [0.0, -50.0, 15.9, float("nan"), float("inf")])
def test_a_notch_below_every_mains_is_refused(notch: float) -> None:
    """Railways have 16.7 Hz, and nothing has less; asked for a session it is said once, not of each channel."""
    signal = emg_bursts.emg([1.5, 4.5])
    with pytest.raises(
        InputError, match=r"A notch at .* Hz is no mains; give 50 or 60 Hz, or 16.7 Hz beside a railway"
    ):
        condition_signal(signal, emg_bursts.RATE, unit="mV", notch=notch)
    with pytest.raises(InputError, match="is no mains"):
        analyse_session(
            emg_bursts.session(emg_bursts.trial(emg_bursts.channel(signal, "gluteus maximus"))), notch=notch
        )
    assert condition_signal(signal, emg_bursts.RATE, unit="mV", notch=16.7).settings["notch_hz"][0] == 16.7

"""Filters do what their settings say: corners, no delay, linearity; memory and missing samples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from gluteal.emg.signal.conditioning import condition_signal
from gluteal.errors import InputError
from gluteal.kernels import butterworth
from gluteal.kernels.butterworth import zero_lag_butter

RATE = 2000.0


@pytest.mark.parametrize(
    ("corner", "kind", "rate"),
    [(20.0, "high", 2000.0), (450.0, "low", 2000.0), (450.0, "low", 1000.0), (6.0, "low", 1000.0)],
)
def test_both_passes_together_are_3_db_down_at_the_corner(corner: float, kind: str, rate: float) -> None:
    """Power halves exactly where the setting says, also close to half the rate."""
    sos = zero_lag_butter(2, corner, kind, rate)  # type: ignore[arg-type]
    _, once = signal.sosfreqz(sos, [corner], fs=rate)
    assert abs(once[0]) ** 4 == pytest.approx(0.5, rel=1e-9)


def test_nothing_is_shifted_in_time() -> None:
    """A symmetric pulse stays symmetric about its centre."""
    x = np.zeros(4001)
    x[2000] = 1.0
    made = condition_signal(x, RATE, unit="V")
    # To 1e-4: the ends of the slow filter's response are cut differently by the two passes.
    np.testing.assert_allclose(made.filtered, made.filtered[::-1], atol=1e-4)
    np.testing.assert_allclose(made.envelope, made.envelope[::-1], atol=1e-4)
    assert np.argmax(made.envelope) == 2000


def test_tones_inside_and_outside_the_band() -> None:
    """100 Hz passes untouched, 2 Hz and 800 Hz are gone."""
    time = np.arange(8000) / RATE
    inside = condition_signal(np.sin(2 * np.pi * 100 * time), RATE, unit="V").filtered[1000:-1000]
    assert inside.max() == pytest.approx(1.0, abs=0.01)
    for frequency in (2.0, 800.0):
        out = condition_signal(np.sin(2 * np.pi * frequency * time), RATE, unit="V").filtered[1000:-1000]
        assert np.abs(out).max() < 0.05


def test_the_notch_takes_mains_and_harmonics_and_little_else() -> None:
    """50 and 150 Hz fall below 1 %, 100 + 20 Hz stays above 95 %."""
    time = np.arange(20000) / RATE
    hum = np.sin(2 * np.pi * 50 * time) + np.sin(2 * np.pi * 150 * time)
    made = condition_signal(hum, RATE, unit="V", notch=50.0)
    assert np.abs(made.filtered[5000:-5000]).max() < 0.02
    assert made.settings["notch_hz"] == [50.0 * k for k in range(1, 10)]
    kept = condition_signal(np.sin(2 * np.pi * 120 * time), RATE, unit="V", notch=50.0).filtered[5000:-5000]
    assert kept.max() > 0.95


def test_scale_and_sign_carry_through() -> None:
    """Filtered and envelope scale with the signal; polarity does not touch the envelope."""
    x = np.random.default_rng(0).standard_normal(4000)
    one, other = condition_signal(x, RATE, unit="V"), condition_signal(-250.0 * x, RATE, unit="V")
    np.testing.assert_allclose(other.filtered, -250.0 * one.filtered, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(other.envelope, 250.0 * one.envelope, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("method", "factor"), [("lowpass", np.sqrt(2.0 / np.pi)), ("rms", 1.0)])
def test_the_envelope_of_gaussian_noise(method: str, factor: float) -> None:
    """Mean absolute value of a Gaussian is sqrt(2/pi) SD, its root mean square SD."""
    x = np.random.default_rng(1).standard_normal(60000)
    made = condition_signal(x, RATE, unit="V", envelope=method)  # type: ignore[arg-type]
    # 3 %: 30 s at 430 Hz bandwidth give some 25 000 independent values, RMS windows bias by 1/(4 x 43).
    assert np.mean(made.envelope) == pytest.approx(factor * made.filtered.std(), rel=0.03)
    assert made.envelope.min() >= 0.0


def test_blocks_equal_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long signal is filtered in blocks; the result is that of one pass, to rounding."""
    x = np.random.default_rng(2).standard_normal(60000) + 500.0
    whole = condition_signal(x, RATE, unit="V", notch=50.0)
    monkeypatch.setattr(butterworth, "_BLOCK", 7000)
    blocks = condition_signal(x, RATE, unit="V", notch=50.0)
    np.testing.assert_allclose(blocks.filtered, whole.filtered, atol=1e-10)
    np.testing.assert_allclose(blocks.envelope, whole.envelope, atol=1e-10)


def test_missing_samples_stay_missing_and_spoil_nothing_else() -> None:
    """A gap of 50 ms: NaN there, and elsewhere as without it beyond the reach of the filters."""
    x = np.random.default_rng(3).standard_normal(8000)
    holed = x.copy()
    holed[4000:4100] = np.nan
    made, full = condition_signal(holed, RATE, unit="V"), condition_signal(x, RATE, unit="V")
    assert np.isnan(made.filtered[4000:4100]).all() and np.isfinite(np.delete(made.envelope, range(4000, 4100))).all()
    np.testing.assert_allclose(made.filtered[:3000], full.filtered[:3000], atol=1e-6)
    assert "1.25 % of the samples are missing" in made.notes[0]


def test_a_low_rate_is_said() -> None:
    """450 Hz does not exist at 500 samples a second; the settings hold what was applied."""
    made = condition_signal(np.random.default_rng(4).standard_normal(1000), 500.0, unit="V")
    assert made.settings["band_hz"] == [20.0, None]
    assert made.notes == (
        "The recording has 500 samples a second: the band ends at 250 Hz by itself, the corner of 450 Hz was "
        "not applied.",
    )


def test_every_setting_is_in_the_result() -> None:
    """An ECG high-pass raises the lower corner; sources are kept beside the numbers."""
    made = condition_signal(np.random.default_rng(5).standard_normal(4000), RATE, unit="V", ecg_highpass=30.0)
    assert made.settings["band_hz"] == [30.0, 450.0] and made.settings["ecg_highpass_hz"] == 30.0
    assert made.settings["zero_lag"] is True and "Drake 2006" in made.settings["sources"]["ecg_highpass_hz"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"band": (100.0, 50.0)}, "band 100-50 Hz is empty"),
        ({"rate": 40.0}, "looks like an envelope"),
        ({"order": 3}, "must be an even number"),
        ({"notch": 60.0, "rate": 100.0}, "notch at 60 Hz is impossible"),
        ({"notch": 499.0}, "notch at 499 Hz is no mains"),
        ({"envelope_hz": 0.0}, "envelope of 0 Hz"),
        ({"envelope": "hilbert"}, "no envelope 'hilbert'"),
        ({"rate": float("nan")}, "must be a positive number"),
    ],
)
def test_messages(change: dict[str, object], message: str) -> None:
    """Impossible settings are refused in a sentence."""
    given: dict[str, object] = {"rate": RATE, "unit": "V"} | change
    with pytest.raises(InputError, match=message):
        condition_signal(np.random.default_rng(6).standard_normal(1000), given.pop("rate"), **given)  # type: ignore[arg-type]

"""Recordings that were resampled are timed at the rate at which they were sampled; others as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy
from tests.helpers import emg_bursts

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.read import load_recording
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.own_rate import find_own_rate
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter

TIMES = [2.0, 5.0, 8.0, 10.5]


@pytest.mark.parametrize(("own", "rate"), [(500.0, 2000.0), (1000.0, 2000.0), (1000.0, 1500.0), (1500.0, 2000.0)])
def test_a_resampled_recording_is_timed_at_its_own_rate(own: float, rate: float) -> None:
    """Through a Fourier transform, as scipy's and MATLAB's do it: onsets were up to 165 ms early on its waves."""
    rng = np.random.default_rng(round(own))
    x = 0.01 * rng.standard_normal(round(12.0 * own))
    for at in TIMES:
        x[round(at * own) : round((at + 0.7) * own)] *= 20.0
    more = scipy.signal.resample(x, round(12.0 * rate))
    made = replace(emg_bursts.channel(more, "gluteus maximus"), rate=rate)
    [found] = analyse_session(emg_bursts.session(emg_bursts.trial(made))).channels
    assert found.bursts is not None and found.bursts.settings["own_rate"] == own and found.bursts.rate == rate
    assert [b.onset_s for b in found.bursts] == pytest.approx(TIMES, abs=0.008)
    assert f"It holds nothing above {own / 2:g} Hz" in " ".join(found.notes)


@pytest.mark.parametrize("rate", [1000.0, 2000.0, 4000.0, 10000.0])
def test_filters_are_no_resampling(rate: float) -> None:
    """Of the recorder or of a person before, of any usual order, rounded or not."""
    x = np.random.default_rng(3).standard_normal(round(6 * rate))
    x[: round(3 * rate)] *= 0.05
    for order in (0, 2, 4):
        made = filter_zero_lag(x, zero_lag_butter(order, 450.0, "low", rate)) if order else x
        for step in (1e-9, 1e-3):
            y = condition_signal(np.round(made / step) * step, rate, unit="mV").filtered
            assert find_own_rate(y, rate) == rate


@pytest.mark.parametrize(
    "file", ["walk_rajagopal2016/emg_walk_raw.anc", "sprint_emg_ja1/JA1Gait35.c3d", "walk_emg_btk_gait/Gait.c3d"]
)
def test_real_recordings_are_timed_as_they_are(data: Path, file: str) -> None:
    for channel in load_recording(data / file).channels:
        y = condition_signal(channel.read(), channel.rate, unit=channel.unit).filtered
        assert find_own_rate(y, channel.rate) == channel.rate


@pytest.mark.parametrize("scale", [0.0, 1e-200, 1e200])
def test_what_has_no_spectrum_has_no_other_rate(scale: float) -> None:
    """Nothing, and what is too small or too large to be squared."""
    with np.errstate(all="ignore"):
        assert find_own_rate(scale * np.random.default_rng(1).standard_normal(4000), 1000.0) == 1000.0

"""Measured beside simulated: an envelope beside an activation, whatever its lag, scale and hum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial
from tests.helpers.synthetic import make_body

from gluteal.emg.analysis.run import analyse_session
from gluteal.errors import InputError
from gluteal.held_against.emg import above_rest, compare_with_activation, compare_with_trial


def bell(time: np.ndarray, centres: list[float]) -> np.ndarray:
    return sum(np.exp(-0.5 * ((time - c) / 0.12) ** 2) for c in centres)  # type: ignore[return-value]


@pytest.mark.parametrize("lag", [0.0, 0.05, -0.08])
def test_the_lag_of_the_simulation(lag: float) -> None:
    """An activation that follows the EMG's own envelope by a known lag is found at that lag.

    Within 20 ms, two frames: the envelope is made of noise with a correlation time of some 30 ms.
    """
    time, fine = np.arange(0.0, 6.0, 0.01), np.arange(6000) / RATE
    centres = [1.0, 2.5, 4.0, 5.0]
    raw = (bell(fine, centres) + 0.02) * emg([0.0], seconds=6.0, lasts=6.0, level=1.0)
    activation = xr.DataArray(
        np.column_stack([bell(time, [c + lag for c in centres])] * 6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    beside = compare_with_activation([channel(raw, "gluteus medius")], activation, make_body())
    (one,) = beside.muscles
    assert one.lag_s == pytest.approx(lag, abs=0.021)
    assert one.best_correlation > 0.9 and one.best_correlation >= one.correlation - 1e-12
    assert one.overlap > one.chance and set(one.parts) == {"glmed1_r"}


def test_beside_does_not_depend_on_scale_and_says_what_it_lacks() -> None:
    """Volts or microvolts, the numbers are the same; a muscle the body lacks is named, not dropped."""
    time = np.arange(0.0, 6.0, 0.01)
    raw = (bell(np.arange(6000) / RATE, [2.0, 4.0]) + 0.05) * emg([0.0], seconds=6.0, lasts=6.0, level=1.0)
    activation = xr.DataArray(
        np.column_stack([bell(time, [2.1, 4.2])] * 6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    stranger = channel(raw, "deltoid")
    a, b = (
        compare_with_activation([channel(s * raw, "soleus"), stranger], activation, make_body()) for s in (1.0, 1e6)
    )
    assert a.muscles[0].correlation == pytest.approx(b.muscles[0].correlation, rel=1e-9)
    assert a.muscles[0].overlap == b.muscles[0].overlap
    assert "deltoid" in a.left_out[0]
    with pytest.raises(InputError, match=r"less than 0.3 s in common"):
        compare_with_activation([channel(raw, "soleus")], activation.assign_coords(time=time + 100), make_body())


def test_beside_is_conditioned_as_in_the_session() -> None:
    """Mains hum that the session takes out is out of the envelope here, too, and the settings say how."""
    time, fine = np.arange(0.0, 6.0, 0.01), np.arange(6000) / RATE
    raw = (bell(fine, [2.0, 4.0]) + 0.05) * emg([0.0], seconds=6.0, lasts=6.0, level=1.0)
    humming = channel(raw + 0.25 * np.sin(2 * np.pi * 50 * fine), "soleus")
    (found,) = analyse_session(session(trial(humming))).channels
    assert found.quality.measures["mains"] == (50.0, "Hz") and found.settings["notch_hz"][0] == 50.0
    activation = xr.DataArray(
        np.column_stack([bell(time, [2.1, 4.2])] * 6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    without, with_ = (
        compare_with_activation([humming], activation, make_body(), conditioning=used)
        for used in (None, {humming.name: found.settings})
    )
    assert without.settings["envelope"] == "20-450 Hz, rectified, 6 Hz low-pass, no delay"
    assert with_.settings["envelope"] == "20-450 Hz, notch at 50 Hz, rectified, 6 Hz low-pass, no delay"
    assert with_.dataset["envelope"].min() < 0.5 * without.dataset["envelope"].min()


def test_no_usable_channel_is_said_before_the_simulation(tmp_path: Path) -> None:
    """Nothing to compare: the trial is not even read."""
    (tmp_path / "no_trial.toml").touch()
    with pytest.raises(InputError, match="No channel is good enough to be compared"):
        compare_with_trial([channel(np.zeros(100), "soleus")], tmp_path / "no_trial.toml", usable={})


def test_above_rest() -> None:
    """Rest is 0, the largest value 1, a flat course 0 throughout."""
    course = np.r_[np.full(50, 2.0), 6.0]
    np.testing.assert_allclose(above_rest(course)[[0, -1]], [0.0, 1.0])
    assert (above_rest(np.full(9, 3.0)) == 0.0).all()


@pytest.mark.opensim
def test_the_recorded_walk_beside_its_simulation(data: Path) -> None:
    """Calf and shin go with their simulation; every muscle of the recording is compared.

    r above 0.7 for soleus, gastrocnemius and tibialis anterior: the muscles whose joint has the fewest ways to share.
    """
    from gluteal.emg.read import load_recording

    folder = data / "walk_rajagopal2016"
    beside = compare_with_trial(load_recording(folder / "emg_walk_raw.anc", side="r").channels, folder)
    by_muscle = {m.muscle: m for m in beside.muscles}
    assert len(by_muscle) == 10 and beside.left_out == ()
    assert all(by_muscle[m].correlation > 0.7 for m in ("soleus", "gastrocnemius", "tibialis anterior"))
    assert beside.dataset["envelope"].shape == beside.dataset["activation"].shape == (10, beside.dataset.sizes["time"])

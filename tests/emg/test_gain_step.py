"""A gain that was changed in the middle is told, and takes the amplitude, not the timing; a tense muscle is no gain."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.onset.motor_units import Drive, contraction
from tests.helpers import emg_bursts

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.read import load_recording
from gluteal.emg.signal.gain_step import find_gain_step

RATE = 2000.0
STARTS = (2.0, 5.0, 8.0, 11.0)


def units(first: float, lasts: float, peak: float, level: float, rng: np.random.Generator) -> np.ndarray:
    """Motor units (28000,) of a contraction whose amplitude is `level`, of 14 s."""
    course = Drive("", 0.05, smooth=True).course(RATE, lasts - 0.1, peak)
    burst = contraction(course, RATE, rng, 100)[0]
    out, at = np.zeros(28_000), round(first * RATE) - 100
    part = burst[max(-at, 0) :][: out.size - max(at, 0)]
    out[max(at, 0) :][: part.size] = part * level / burst[200:-200].std()
    return out


def muscle(seed: int, snr_db: float = 20.0) -> np.ndarray:
    """Four contractions of motor units, mV, and the recorder's noise."""
    rng = np.random.default_rng(seed)
    noise = 0.2 * 10 ** (-snr_db / 20) * rng.standard_normal(28_000)
    return noise + sum(units(start, 0.8, 0.3, 0.2, rng) for start in STARTS)


@pytest.mark.parametrize("factor", [0.1, 0.5, 2.0, 4.0, 10.0])
def test_a_gain_that_changes_is_told(factor: float) -> None:
    """Its factor to 10 % and its time to two frames, on any offset; nothing where nothing changes."""
    for seed, snr_db in ((1, 10.0), (2, 20.0), (3, 30.0)):
        x = muscle(seed, snr_db)
        assert find_gain_step(x, RATE) is None
        x[13_000:] *= factor
        assert find_gain_step(x + 0.3, RATE) == (pytest.approx(factor, rel=0.1), pytest.approx(6.5, abs=0.5))


def test_a_tenser_muscle_or_noise_from_outside_is_no_gain() -> None:
    """Tone from some moment on, stronger contractions, and white noise that comes in: none changes all there is."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = muscle(seed)
        tense = units(0.0, 6.5, 0.05, 0.02, rng) + units(6.4, 7.6, 0.3, 0.08, rng)
        stronger = x + units(8.0, 0.8, 0.5, 0.8, rng) + units(11.0, 0.8, 0.5, 0.8, rng)
        noisy = x + 0.08 * rng.standard_normal(x.size) * (np.arange(x.size) > 13_000)
        for made in (x + tense, stronger, noisy):
            assert find_gain_step(made, RATE) is None


def test_no_amplitude_is_said_across_it_and_onsets_stay() -> None:
    """The fault names the factor and the time; bursts are those of the recording as it was."""
    plain = muscle(5)
    changed = plain.copy()
    changed[13_000:] *= 4.0
    before, after = (
        analyse_session(
            emg_bursts.session(
                emg_bursts.trial(replace(emg_bursts.channel(x, "gluteus maximus"), rate=RATE, length=x.size))
            )
        ).channels[0]
        for x in (plain, changed)
    )
    assert before.amplitude is not None and after.amplitude is None
    assert re.search(r"(3\.9|4) times stronger at about 6\.\d+ s, as where a gain", after.quality.faults[0].sentence)
    assert before.bursts is not None and after.bursts is not None
    assert [b.onset_s for b in after.bursts] == pytest.approx([b.onset_s for b in before.bursts], abs=0.002)


@pytest.mark.parametrize("file", ["walk_rajagopal2016/emg_walk_raw.anc", "sprint_emg_ja1/JA1Gait35.c3d"])
def test_real_recordings_have_one_gain(data: Path, file: str) -> None:
    """Also laid end to end to be long enough, forwards and backwards."""
    for channel in load_recording(data / file).channels:
        x = channel.read()
        x = np.nan_to_num(x - np.nanmean(x))
        long = np.concatenate([x, x[::-1]] * 6)
        assert find_gain_step(long, channel.rate) is None

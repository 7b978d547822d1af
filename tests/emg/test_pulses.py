"""A stimulator's pulses are told from a muscle, and hide it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import emg_bursts

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.signal.pulses import find_pulses
from gluteal.emg.signal.quality import band_passed

TIMES = [2.0, 5.0, 8.0, 10.5]


def pulses(seconds: float, rate: float, per_second: float, first: float, last: float) -> np.ndarray:
    """Pulses of a millisecond up and one down, of height 1."""
    out = np.zeros(round(seconds * rate))
    width = max(round(0.001 * rate), 1)
    for at in np.arange(first, last, 1.0 / per_second):
        i = round(at * rate)
        out[i : i + width] += 1.0
        out[i + width : i + 2 * width] -= 1.0
    return out


@pytest.mark.parametrize(("rate", "per_second"), [(1000.0, 20.0), (2000.0, 35.0), (2000.0, 11.1), (4000.0, 80.0)])
def test_pulses_at_one_rate_are_found(rate: float, per_second: float) -> None:
    """With their rate and place, to the window in which they are looked for; not in noise."""
    noise = np.random.default_rng(1).standard_normal(round(8.0 * rate))
    assert find_pulses(band_passed(noise, rate), rate)[1] == ()
    found, [(start, end)] = find_pulses(band_passed(noise + 20.0 * pulses(8.0, rate, per_second, 3.0, 5.0), rate), rate)
    assert found == pytest.approx(per_second, rel=0.03)
    assert 2.5 <= start <= 3.0 and 5.0 <= end <= 5.5


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_pulses_are_found_at_any_scale(scale: float) -> None:
    """A fourth power of either is no number."""
    made = np.random.default_rng(1).standard_normal(8000) + 20.0 * pulses(8.0, 1000.0, 20.0, 3.0, 5.0)
    assert find_pulses(scale * made, 1000.0)[1] == find_pulses(made, 1000.0)[1] != ()


def test_a_unit_that_fires_regularly_is_no_stimulator() -> None:
    """Ten times a second, each time alike, from one to the next a tenth more or less; and muscles of many units."""
    rng = np.random.default_rng(2)
    unit = np.diff(np.exp(-0.5 * np.square(np.linspace(-3.0, 3.0, 20))))
    train = np.zeros(16_000)
    for at in np.cumsum(0.1 * (1.0 + 0.12 * rng.standard_normal(75))):
        train[round(2000.0 * at) : round(2000.0 * at) + unit.size] += 60.0 * unit[: train.size - round(2000.0 * at)]
    assert find_pulses(band_passed(train + rng.standard_normal(train.size), 2000.0), 2000.0)[1] == ()
    muscle = emg_bursts.emg(TIMES, seed=4)
    assert find_pulses(band_passed(muscle, emg_bursts.RATE), emg_bursts.RATE)[1] == ()


def test_pulses_before_each_burst_make_no_muscle_early() -> None:
    """From half a second before to the end of every burst: the muscle is not seen, and nothing is said of it."""
    glute, biceps = emg_bursts.emg(TIMES, seed=5), emg_bursts.emg([t + 0.05 for t in TIMES], seed=6)
    for time in TIMES:
        glute += 2.0 * pulses(12.0, emg_bursts.RATE, 25.0, time - 0.5, time + 0.8)
    found = analyse_session(
        emg_bursts.session(
            emg_bursts.trial(emg_bursts.channel(glute, "gluteus maximus"), emg_bursts.channel(biceps, "biceps femoris"))
        )
    )
    assert found.channels[0].bursts is None
    assert not [f for f in found.findings if f.kind in ("order", "timing") and f.answer == "seen"]
    said = [f for f in found.findings if f.muscle == "gluteus maximus"]
    assert "not timed: All that stood out from rest was pulses of a stimulator" in said[0].sentence
    assert said[0].answer == "left out"
    assert any(f.sentence.startswith("Only right biceps femoris has an onset") for f in found.findings)

"""Electrode movement is told from the muscle over time: planted before bursts, and looked for in real walks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.onset.motor_units import DRIVES, make_recruited

from gluteal.emg.analysis.bursts import time_bursts
from gluteal.emg.onset import Bursts, detect_bursts
from gluteal.emg.onset.above import check_above
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.faults import Quality

RATE = 2000.0
STEP = DRIVES[0]


def wave(at: float, size: float, *, hertz: float = 30.0, length: float = 0.03) -> np.ndarray:
    """A slow wave about a time, s: what a cable that swings once leaves, without power above 60 Hz."""
    time = np.arange(round(3.0 * RATE)) / RATE - at
    return size * np.exp(-0.5 * (time / length) ** 2) * np.sin(2 * np.pi * hertz * time)


def timed(signal: np.ndarray) -> Bursts:
    conditioned = condition_signal(signal, RATE, unit="mV")
    return time_bursts(conditioned, start=0.0, quality=Quality(True, ()))


@pytest.mark.parametrize("seed", range(6))
def test_a_swing_before_the_burst_does_not_make_it_early(seed: int) -> None:
    """Without the check the swing is timed, 100 ms and more early; with it the truth lies in the interval or near."""
    record = make_recruited(np.random.default_rng([1, seed]), drive=STEP, snr_db=15.0)
    truth = float(record.onset[0])
    noisy = record.signal + wave(truth - 0.10, 8.0)
    conditioned = condition_signal(noisy, RATE, unit="mV")
    fooled = detect_bursts(conditioned.filtered, RATE, zero_lag=(20.0, 450.0))
    assert min(b.onset_s for b in fooled) < truth - 0.05, "the fault was not planted"
    [burst] = timed(noisy)
    assert abs(burst.onset_s - truth) < 0.02
    assert burst.onset_interval_s[0] > truth - 0.05


def test_a_swing_alone_is_no_burst() -> None:
    """Waves with nothing above 80 Hz leave no burst, and are counted."""
    rng = np.random.default_rng(3)
    found = timed(rng.standard_normal(round(3.0 * RATE)) + wave(1.0, 8.0) + wave(2.2, 6.0, hertz=25.0))
    assert len(found) == 0
    assert found.settings["left_out"] >= 1 or found.settings["slow_waves"] >= 2


def test_a_band_that_ends_below_80_hz_is_timed_as_it_is() -> None:
    """Nothing lies above; the bursts stay."""
    record = make_recruited(np.random.default_rng(4), drive=STEP, snr_db=15.0)
    conditioned = condition_signal(record.signal, RATE, unit="mV", band=(20.0, 70.0))
    found = time_bursts(conditioned, start=0.0, quality=Quality(True, ()))
    assert min(abs(b.onset_s - record.onset[0]) for b in found) < 0.03
    assert (found.settings["retimed"], found.settings["opened"], found.settings["left_out"]) == (0, 0, 0)


@pytest.mark.parametrize("drive", [DRIVES[0], DRIVES[2]], ids=lambda d: d.name)
def test_a_clean_burst_keeps_its_edges(drive: object) -> None:
    """Nothing is retimed or left out in motor-unit signals without movement, in all but few of 20."""
    changed = 0
    for seed in range(20):
        record = make_recruited(np.random.default_rng([2, seed]), drive=drive, snr_db=10.0)  # type: ignore[arg-type]
        bursts = detect_bursts(record.signal, RATE)
        check = check_above(record.signal, RATE, bursts.bursts, zero_lag=(20.0, 450.0))
        assert check.changed["left_out"] == 0
        changed += check.changed["retimed"]
    assert changed <= 2


def test_an_edge_with_two_answers_holds_both() -> None:
    """Where an edge is nearer above 80 Hz and no slow wave shows why, the interval reaches from one to the other."""
    record = make_recruited(np.random.default_rng(5), drive=STEP, snr_db=15.0)
    [burst] = detect_bursts(record.signal, RATE, max_bursts=1)
    at = burst.onset_s - 0.1
    # Weak activity with the burst's own spectrum before it: no wave, and too weak to be seen above 80 Hz.
    early = replace(burst, onset_s=at, onset_interval_s=(at - 0.005, at + 0.005), onset_sd_s=0.003)
    first, size = round(at * RATE), round(0.1 * RATE)
    later = record.signal[first + 4 * size : first + 5 * size]
    signal = record.signal.copy()
    signal[first : first + size] += 0.1 * later
    [opened] = check_above(signal, RATE, [early], zero_lag=(20.0, 450.0)).bursts
    assert opened.onset_interval_s[0] <= at and opened.onset_interval_s[1] >= burst.onset_s - 0.003
    assert opened.onset_sd_s > early.onset_sd_s

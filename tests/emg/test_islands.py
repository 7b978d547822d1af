"""Spikes, steps of the baseline and knocks before bursts: told from the muscle, or both answers are held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.onset.motor_units import DRIVES, make_recruited
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial

from gluteal.emg.analysis.bursts import time_bursts
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.measure.order import compute_order_probabilities, measure_relative_onsets
from gluteal.emg.onset import Bursts, detect_bursts
from gluteal.emg.onset.above import check_above
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.faults import Quality

TIMES = (1.5, 4.5, 7.5, 10.5)
BAND = (20.0, 450.0)
#: A burst's standard deviation, mV.
LEVEL = 0.2


def spikes(size: float, *, before: float = 0.1, length: float = 0.003) -> np.ndarray:
    """A pulse so many times a burst's standard deviation before every burst."""
    x = np.zeros(12_000)
    for at in TIMES:
        first = round((at - before) * RATE)
        x[first : first + round(length * RATE)] = size * LEVEL
    return x


def step(size: float) -> np.ndarray:
    """The baseline jumps before every burst and comes back within a second."""
    time = np.arange(12_000) / RATE
    jumps = (np.where(time > at - 0.1, np.exp(-np.clip(time - at + 0.1, 0.0, None)), 0.0) for at in TIMES)
    return size * LEVEL * np.sum(list(jumps), axis=0)


def knock(size: float) -> np.ndarray:
    """Soft tissue that rings at 40 Hz for some hundredths of a second, from one sample to the next."""
    time = np.arange(12_000) / RATE
    since = [np.clip(time - at + 0.12, 0.0, None) for at in TIMES]
    return size * LEVEL * np.sum([np.exp(-s / 0.03) * np.sin(2 * np.pi * 40.0 * s) for s in since], axis=0)


def timed(signal: np.ndarray, *, checked: bool = True) -> Bursts:
    conditioned = condition_signal(signal, RATE, unit="mV")
    if checked:
        return time_bursts(conditioned, start=0.0, quality=Quality(True, ()))
    return detect_bursts(conditioned.filtered, RATE, zero_lag=BAND)


@pytest.mark.parametrize("made", [lambda: spikes(12.0), lambda: step(20.0), lambda: knock(8.0)])
def test_what_stands_before_a_burst_is_told_from_it(made: Callable[[], np.ndarray]) -> None:
    """Without the check a burst is 50 ms and more early or gone; with it every one is there and within 20 ms."""
    signal = emg(list(TIMES), seed=4) + made()
    without = np.array([b.onset_s for b in timed(signal, checked=False)])
    wrong = [np.abs(without - at).min() > 0.05 for at in TIMES]
    assert sum(wrong) >= 2, "the fault was not planted"
    found = timed(signal)
    onsets = np.array([b.onset_s for b in found])
    assert [np.abs(onsets - at).min() < 0.02 for at in TIMES] == [True] * 4
    assert found.settings["retimed"] + found.settings["left_out"] >= 2


def test_a_spike_no_taller_than_the_muscle_leaves_two_answers() -> None:
    """It may be the first potential of a unit: the interval holds it and the burst, and no order is said from it."""
    hamstrings = channel(emg(list(TIMES), seed=1), "hamstrings")
    noisy = emg([t + 0.04 for t in TIMES], seed=2)
    noisy = noisy + np.roll(spikes(4.0), round(0.04 * RATE))
    found = analyse_session(session(trial(hamstrings, channel(noisy, "gluteus maximus"))), reference="hamstrings")
    bursts = found.channels[1].bursts
    assert bursts is not None and bursts.settings["opened"] >= 3
    for burst, at in zip(bursts, TIMES, strict=True):
        assert burst.onset_interval_s[0] - 0.010 < at + 0.04 < burst.onset_interval_s[1] + 0.010
    assert {f.answer for f in found.findings if f.kind in ("order", "timing")} == {"cannot tell"}
    [said] = [f.sentence for f in found.findings if f.kind == "recording"]
    assert "may lie at either of two times" in said and "movement was seen" not in said


@pytest.mark.parametrize("drive", [DRIVES[0], DRIVES[2]], ids=lambda d: d.name)
def test_a_clean_burst_keeps_its_edges(drive: object) -> None:
    """In motor-unit signals, whose first potentials stand alone at times, few edges are opened and fewer are moved."""
    changed = opened = 0
    for seed in range(20):
        record = make_recruited(np.random.default_rng([7, seed]), drive=drive, snr_db=15.0)  # type: ignore[arg-type]
        bursts = detect_bursts(record.signal, 2000.0)
        check = check_above(record.signal, 2000.0, bursts.bursts, zero_lag=BAND)
        assert check.changed["left_out"] == 0 and len(check.bursts) == len(bursts)
        changed, opened = changed + check.changed["retimed"], opened + check.changed["opened"]
    assert changed <= 1 and opened <= 6


def test_an_edge_that_was_not_recorded_is_not_counted() -> None:
    """A burst that is on when the recording begins has no onset that could be moved."""
    signal = emg([0.0, *TIMES[1:]], seed=5) + spikes(12.0)
    conditioned = condition_signal(signal, RATE, unit="mV")
    found = detect_bursts(conditioned.filtered, RATE, zero_lag=BAND).bursts
    cut = [replace(found[0], onset_s=float("nan"), onset_interval_s=(float("nan"),) * 2), *found[1:]]
    check = check_above(conditioned.filtered, RATE, cut, zero_lag=BAND)
    pairs = list(zip(cut, check.bursts, strict=True))
    edges = [(getattr(a, e), getattr(b, e)) for a, b in pairs for e in ("onset_s", "offset_s")]
    assert check.changed["retimed"] == sum(a != b for a, b in edges if np.isfinite(a)) > 0
    assert np.isnan(check.bursts[0].onset_s)


def test_two_answers_are_not_averaged_away() -> None:
    """Ten repetitions 50 ms after the reference, each of which may as well be 80 ms earlier: neither order is known."""
    onsets = {"a": np.arange(10.0), "b": np.arange(10.0) + 0.05}
    reach = {"b": np.tile([-0.08, 0.0], (10, 1))}
    errors = {name: np.full(10, 0.005) for name in onsets}
    [closed] = measure_relative_onsets(onsets, errors, reference="a")
    [opened] = measure_relative_onsets(onsets, errors, reference="a", reach=reach)
    assert closed.low_s > 0.0 > opened.low_s
    assert opened.high_s == pytest.approx(closed.high_s) and opened.open_s == pytest.approx(0.08)
    # Counted from it the sign turns, and the reach with it.
    [turned] = measure_relative_onsets(onsets, errors, reference="b", reach=reach)
    assert (turned.low_s, turned.high_s) == pytest.approx((-opened.high_s, -opened.low_s))
    assert compute_order_probabilities(onsets, errors).orders[0].low > 0.5
    assert compute_order_probabilities(onsets, errors, reach=reach).orders[0].low < 0.5


def test_an_onset_with_one_answer_has_no_reach() -> None:
    """A step found in noise has its probability in the middle of its interval."""
    [burst] = [b for b in timed(emg([1.5], seed=3)) if abs(b.onset_s - 1.5) < 0.1]
    assert burst.onset_reach_s == (0.0, 0.0)
    low, high = burst.onset_s - 0.1, burst.onset_s + 0.02
    opened = replace(burst, onset_interval_s=(low, high), onset_sd_s=(high - low) / np.sqrt(12.0))
    assert opened.onset_reach_s == pytest.approx((-0.1, 0.02))

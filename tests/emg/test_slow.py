"""Contractions that rise over half a second and more: timed where they begin, not where they leave the noise."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.onset.signals import SHAPES, make_record

from gluteal.emg.onset import detect_bursts, rise

RATE = 1000.0


def pushed(seconds: float, db: float, seed: int, *, jump: float = 0.0) -> tuple[np.ndarray, float, float]:
    """White noise and one contraction that grows from a share of its amplitude over some seconds; its two ends, s."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    flank = jump + (1.0 - jump) * (np.arange(n) + 0.5) / n
    course = np.r_[flank, np.ones(round(0.6 * RATE)), flank[::-1]]
    first = round(1.2 * RATE)
    x = rng.standard_normal(first + course.size + first)
    x[first : first + course.size] += 10 ** (db / 20) * course * rng.standard_normal(course.size)
    return x, first / RATE, (first + course.size) / RATE


def edges(seconds: float, db: float) -> tuple[np.ndarray, np.ndarray]:
    """Errors inwards, s, and whether the interval holds the truth, of both edges of eight contractions."""
    errors, held = [], []
    for seed in range(8):
        x, onset, offset = pushed(seconds, db, seed)
        [burst] = detect_bursts(x, RATE, zero_lag=None, max_bursts=1)
        errors += [burst.onset_s - onset, offset - burst.offset_s]
        held += [
            burst.onset_interval_s[0] <= onset <= burst.onset_interval_s[1],
            burst.offset_interval_s[0] <= offset <= burst.offset_interval_s[1],
        ]
    return np.array(errors), np.array(held)


@pytest.mark.parametrize(("seconds", "db"), [(1.0, 20.0), (2.0, 12.0), (2.0, 20.0)])
def test_slow_pushes_are_timed_where_they_begin(seconds: float, db: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a tenth of their length, inside the interval; late by more, and outside, without the slow ramps."""
    errors, held = edges(seconds, db)
    assert np.median(np.abs(errors)) < 0.06 * seconds and np.abs(np.median(errors)) < 0.04 * seconds
    assert held.mean() >= 0.8
    monkeypatch.setattr(rise, "find_slow", lambda *given: None)
    errors, held = edges(seconds, db)
    assert np.median(errors) > 0.08 * seconds and held.mean() < 0.5


@pytest.mark.parametrize("shape", ["step", "ramp 100 ms", "bell 100 ms"])
def test_faster_rises_are_left_alone(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of them changes, to the last bit."""
    records = [make_record(np.random.default_rng(seed), shape=SHAPES[shape], snr_db=12) for seed in range(6)]
    found = [detect_bursts(r.signal, r.rate).bursts for r in records]
    monkeypatch.setattr(rise, "find_slow", lambda *given: None)
    assert [detect_bursts(r.signal, r.rate).bursts for r in records] == found


def test_a_contraction_that_begins_at_once_and_grows_is_no_slow_ramp() -> None:
    """It jumps to half of its amplitude: the onset is the jump."""
    for seed in range(4):
        x, onset, _ = pushed(1.5, 20.0, seed, jump=0.5)
        [burst] = detect_bursts(x, RATE, zero_lag=None, max_bursts=1)
        assert burst.onset_s == pytest.approx(onset, abs=0.02)

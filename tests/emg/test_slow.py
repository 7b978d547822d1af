"""Contractions that rise over half a second and more: timed where they begin, not where they leave the noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from benchmarks.onset.motor_units import Drive, contraction
from benchmarks.onset.signals import MARGIN, SHAPES, conditioned, make_record

from gluteal.emg.onset import detect_bursts, rise

RATE = 1000.0


def pushed(seconds: float, db: float, seed: int, *, jump: float = 0.0, soft: bool = False) -> tuple[np.ndarray, ...]:
    """White noise and one contraction that grows from a share of its amplitude over some seconds; its two ends, s.

    It grows in a straight line, or, if `soft`, as a raised cosine.
    """
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    u = (np.arange(n) + 0.5) / n
    flank = jump + (1.0 - jump) * (0.5 - 0.5 * np.cos(np.pi * u) if soft else u)
    course = np.r_[flank, np.ones(round(0.6 * RATE)), flank[::-1]]
    first = round(1.2 * RATE)
    x = rng.standard_normal(first + course.size + first)
    x[first : first + course.size] += 10 ** (db / 20) * course * rng.standard_normal(course.size)
    return x, np.array([first, first + course.size]) / RATE


def recruited(seconds: float, db: float, seed: int, *, soft: bool = False) -> tuple[np.ndarray, ...]:
    """The same of motor units that a drive recruits; its first and last potential, s."""
    rng = np.random.default_rng(seed)
    course = Drive("slow", seconds, smooth=soft).course(RATE, 0.6, rng.uniform(0.1, 0.5))
    burst, first, last = contraction(course, RATE, rng, 50)
    half, margin = burst.size // 2, round((1.2 + MARGIN) * RATE)
    burst *= 10 ** (db / 20) / burst[half - 200 : half + 200].std()
    x = rng.standard_normal(burst.size + 2 * margin)
    x[margin : margin + burst.size] += burst
    return conditioned(x, RATE), np.array([first, last]) / RATE + 1.2


def edges(make: Callable[..., tuple[np.ndarray, ...]], *given: float, soft: bool) -> tuple[np.ndarray, np.ndarray]:
    """Errors inwards, s, and whether the interval holds the truth, of both edges of eight contractions."""
    errors, held = [], []
    for seed in range(8):
        x, (onset, offset) = make(*given, seed, soft=soft)
        [burst] = detect_bursts(x, RATE, zero_lag=None if make is pushed else (10.0, 450.0), max_bursts=1)
        errors += [burst.onset_s - onset, offset - burst.offset_s]
        held += [
            burst.onset_interval_s[0] <= onset <= burst.onset_interval_s[1],
            burst.offset_interval_s[0] <= offset <= burst.offset_interval_s[1],
        ]
    return np.array(errors), np.array(held)


@pytest.mark.parametrize(("seconds", "db"), [(1.0, 20.0), (2.0, 12.0), (2.0, 20.0)])
def test_slow_pushes_are_timed_where_they_begin(seconds: float, db: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a tenth of their length, inside the interval; late by more, and outside, without the slow rises."""
    errors, held = edges(pushed, seconds, db, soft=False)
    assert np.median(np.abs(errors)) < 0.08 * seconds
    assert held.mean() >= 0.8
    monkeypatch.setattr(rise, "with_slow_rise", lambda edge, *given, **named: edge)
    errors, held = edges(pushed, seconds, db, soft=False)
    assert np.median(errors) > 0.08 * seconds and held.mean() < 0.5


@pytest.mark.parametrize("make", [pushed, recruited])
@pytest.mark.parametrize(("seconds", "db"), [(1.0, 20.0), (2.0, 15.0), (4.0, 20.0)])
def test_soft_slow_pushes_are_held(make: Callable[..., tuple[np.ndarray, ...]], seconds: float, db: float) -> None:
    """What climbs out of the noise softly looks like weak activity before a burst; it is the foot of the rise."""
    _, held = edges(make, seconds, db, soft=True)
    assert held.mean() >= 0.8


@pytest.mark.parametrize("shape", ["step", "ramp 100 ms", "bell 100 ms"])
def test_faster_rises_are_left_alone(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of them changes, to the last bit."""
    records = [make_record(np.random.default_rng(seed), shape=SHAPES[shape], snr_db=12) for seed in range(6)]
    found = [detect_bursts(r.signal, r.rate).bursts for r in records]
    monkeypatch.setattr(rise, "with_slow_rise", lambda edge, *given, **named: edge)
    assert [detect_bursts(r.signal, r.rate).bursts for r in records] == found


def test_a_contraction_that_begins_at_once_and_grows_is_no_slow_ramp() -> None:
    """It jumps to half of its amplitude: the onset is the jump."""
    for seed in range(4):
        x, (onset, _) = pushed(1.5, 20.0, seed, jump=0.5)
        [burst] = detect_bursts(x, RATE, zero_lag=None, max_bursts=1)
        assert burst.onset_s == pytest.approx(onset, abs=0.02)


def test_weak_activity_before_a_burst_is_no_slow_rise() -> None:
    """Half a second at a fifth of the amplitude, then all at once: the burst begins where it is strong."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        level = np.r_[np.ones(1200), np.full(600, 2.0), np.full(1000, 10.0), np.ones(1200)]
        [burst] = detect_bursts(level * rng.standard_normal(level.size), RATE, zero_lag=None, max_bursts=1)
        low, high = burst.onset_interval_s
        assert burst.onset_s == pytest.approx(1.8, abs=0.01) and high - low < 0.05

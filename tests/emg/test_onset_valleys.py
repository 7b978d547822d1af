"""Bursts with a lull between them, and those without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.onset.signals import (
    conditioned,
    motor_unit_carrier,
)

from gluteal.emg.onset import detect_bursts
from gluteal.emg.read import load_recording
from gluteal.emg.signal.conditioning import condition_signal

RATE = 2000.0


def between(
    rng: np.random.Generator, *, valley_db: float, lull: float = 0.6, rise: float = 0.0, snr_db: float = 18.0
) -> np.ndarray:
    """Bursts of 1 s from 1.7 s and from 2.7 s + lull, (n,); in between the noise is `valley_db` higher than at rest."""
    time = np.arange(round(7 * RATE)) / RATE
    envelope = np.zeros(time.size)
    for first in (2.0, 3.0 + lull):
        up, down = ((time - first) / max(rise, 1e-9), (first + 1.0 - time) / max(rise, 1e-9))
        envelope = np.maximum(envelope, np.clip(np.minimum(up, down), 0.0, 1.0))
    tonic = np.sqrt(10 ** (valley_db / 10) - 1) * ((time >= 3.0 - rise) & (time < 3.0 + lull + rise))
    x = rng.standard_normal(time.size) + tonic * rng.standard_normal(time.size)
    return conditioned(x + 10 ** (snr_db / 20) * envelope * rng.standard_normal(time.size), RATE)


class TestValleys:
    """Two contractions between which the muscle does not come to rest are two bursts."""

    @pytest.mark.slow
    @pytest.mark.parametrize("rise", [0.0, 0.1])
    @pytest.mark.parametrize("valley_db", [0.0, 2.0, 5.0])
    def test_two_bursts_with_edges_at_the_valley(self, valley_db: float, rise: float) -> None:
        """Steps to 1 ms, ramps of 100 ms to 8 ms in the median; 40 edges, nine tenths of them inside the interval."""
        errors, inside = [], []
        for child in np.random.SeedSequence(71).spawn(20):
            first, second = detect_bursts(between(np.random.default_rng(child), valley_db=valley_db, rise=rise), RATE)
            errors += [second.onset_s - 3.3, first.offset_s - 2.7]
            inside += [
                second.onset_interval_s[0] <= 3.3 <= second.onset_interval_s[1],
                first.offset_interval_s[0] <= 2.7 <= first.offset_interval_s[1],
            ]
        assert np.median(np.abs(errors)) <= (0.001 if rise == 0 else 0.008) + 1e-9
        assert np.mean(inside) >= 0.85

    def test_what_is_no_valley(self) -> None:
        """A lull that is short, shallow, or nearer to the burst than to rest: one burst."""
        for kind in ({"valley_db": 2.0, "lull": 0.12}, {"valley_db": 10.0}, {"valley_db": 16.0, "snr_db": 27.0}):
            for child in np.random.SeedSequence(72).spawn(5):
                assert len(detect_bursts(between(np.random.default_rng(child), **kind), RATE)) == 1, kind

    def test_against_time_it_is_the_same(self) -> None:
        """Onsets become offsets: the valley belongs to the right side of each burst."""
        x = between(np.random.default_rng(5), valley_db=4.0)
        forth, back = detect_bursts(x, RATE), detect_bursts(x[::-1].copy(), RATE)
        mirrored = x.size / RATE - np.array([[b.offset_s, b.onset_s] for b in back])[::-1]
        assert np.array([[b.onset_s, b.offset_s] for b in forth]) == pytest.approx(mirrored, abs=0.004)

    @pytest.mark.parametrize("backward", [False, True])
    def test_a_low_stretch_at_an_end_of_the_record(self, backward: bool) -> None:
        """A record that begins (ends) 5 dB above its quietest moment, then a burst: its onset (offset) is known."""
        x = between(np.random.default_rng(7), valley_db=5.0)[round(3.0 * RATE) :]
        [burst] = detect_bursts(x[::-1].copy() if backward else x, RATE)
        assert (x.size / RATE - burst.offset_s if backward else burst.onset_s) == pytest.approx(0.3, abs=0.003)

    def test_the_strongest_of_two(self) -> None:
        """`max_bursts` counts the parts; what is not kept does not raise the level of rest."""
        x = between(np.random.default_rng(6), valley_db=4.0)
        every, [one] = detect_bursts(x, RATE), detect_bursts(x, RATE, max_bursts=1)
        assert min(abs(one.onset_s - b.onset_s) for b in every) < 0.001

    @pytest.mark.parametrize("snr", [6, 12, 20, 30])
    def test_a_steady_burst_is_one(self, snr: float) -> None:
        """5 s of motor units, at one level and at one that swings by 8 dB twice a second."""
        for child in np.random.SeedSequence(73).spawn(4):
            rng = np.random.default_rng(child)
            burst, time = motor_unit_carrier(12_000, RATE, rng)[1000:11_000], np.arange(10_000) / RATE
            for swing in (0.0, 4.0):
                x = rng.standard_normal(18_400)
                level = 10 ** ((snr + swing * np.sin(4 * np.pi * time)) / 20)
                x[4000:14_000] += level * burst / burst.std()
                assert len(detect_bursts(conditioned(x, RATE), RATE)) == 1

    def test_contractions_of_recordings(self, data: Path) -> None:
        """Counted on the picture: 9 in one file (its README says 8), 30 in the other (about 23), 5 strides of walking.

        In the fatigue file the rest between contractions is up to 5 dB above the quietest.
        """
        biceps = {}
        for name in ("emg_bursts", "emg_fatigue"):
            [channel] = load_recording(data / "emg_biceps_bursts_fatigue" / f"{name}.h5").channels
            signal = condition_signal(channel.read(), channel.rate, unit=channel.unit).filtered
            found = detect_bursts(signal, channel.rate)
            biceps[name] = [b for b in found if not b.offset_s - b.onset_s < 0.5]
        assert len(biceps["emg_bursts"]) == 9 and len(biceps["emg_fatigue"]) == 30
        assert max(b.offset_s - b.onset_s for b in biceps["emg_fatigue"] if b.onset_s == b.onset_s) < 4.5
        walk = load_recording(data / "walk_emg_btk_gait" / "Gait.c3d")
        for name in ("LBIC", "RBIC", "RISC", "LVAS", "RVAS"):
            channel = walk.channel(name)
            signal = condition_signal(channel.read(), channel.rate, unit=channel.unit).filtered
            # A stride is about 1 s; a burst that the recording cuts has no length.
            lasts = [b.offset_s - b.onset_s for b in detect_bursts(signal, channel.rate)]
            lasts = [last for last in lasts if np.isfinite(last)]
            assert len(lasts) >= 5 and max(lasts) < 0.8, name

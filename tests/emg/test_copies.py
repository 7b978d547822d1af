"""Copies of one signal, however they were changed on the way, and real muscles, which are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import signal
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.read import load_recording
from gluteal.emg.signal.screening import screen_channels

TIMES = (1.5, 4.5, 7.5, 10.5)
NOISE = np.random.default_rng(8).standard_normal(12_000)


def passed(x: np.ndarray, low: float, high: float) -> np.ndarray:
    return signal.sosfiltfilt(signal.butter(2, [low, high], "band", fs=RATE, output="sos"), x)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.copy(),
        lambda x: -2.0 * x + 1.0,
        lambda x: np.roll(x, 48),
        lambda x: np.roll(x, 200),
        lambda x: x + 0.05 * x.std() * NOISE,
        lambda x: passed(x, 30.0, 150.0),
        lambda x: passed(x, 100.0, 400.0),
        lambda x: x - np.roll(x, 2),
    ],
    ids=["exact", "inverted", "48 ms later", "200 ms later", "with noise", "30-150 Hz", "100-400 Hz", "differences"],
)
def test_a_copy_counts_in_no_statistic(change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Four muscles, one of them a copy: it has no onset, no side, no antagonist and no synergy."""
    x = emg(list(TIMES), seed=1)
    muscles = [
        channel(x, "biceps femoris"),
        channel(emg([t + 0.1 for t in TIMES], seed=2), "vastus lateralis"),
        channel(emg([t + 0.2 for t in TIMES], seed=3), "rectus femoris"),
        channel(change(x), "gluteus maximus"),
        channel(emg(list(TIMES), seed=4), "gluteus maximus", "l"),
    ]
    found = analyse_session(session(trial(*muscles)))
    assert [c.quality.usable for c in found.channels] == [True, True, True, False, True]
    assert all(r.muscle != "gluteus maximus" for o in found.order if o.side == "r" for r in o.relative)
    assert not found.synergies and not found.asymmetries
    assert all("gluteus maximus" not in (p.first, p.second) for p in found.antagonists)


def test_a_grid_of_one_muscle_is_told_in_one_sentence() -> None:
    """Sixteen electrodes over one signal: how many they are, and not their muscle sixteen times."""
    x, rng = emg(list(TIMES), seed=1), np.random.default_rng(3)
    grid = [
        channel(np.roll(x, k % 4) + 0.01 * rng.standard_normal(x.size), "biceps brachii", name=f"BB {k}")
        for k in range(16)
    ]
    found = analyse_session(session(trial(*grid)))
    [sentence] = [f.sentence for f in found.findings if f.answer == "left out"]
    assert sentence.startswith("15 channels of right biceps brachii were left out of the timing: Each is one signal")


@pytest.mark.parametrize(
    "file",
    ["walk_rajagopal2016/emg_walk_raw.anc", "sprint_emg_ja1/JA1Gait35.c3d", "walk_emg_btk_gait/Gait.c3d"],
)
def test_muscles_of_one_limb_are_no_copies(data: Path, file: str) -> None:
    """In real walks and a sprint nothing is taken for a copy, though muscles work together and lie close."""
    screened = screen_channels(load_recording(data / file).channels)
    assert not any(q.has("copy") for q in screened.by_channel.values())

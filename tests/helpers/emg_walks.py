"""Made-up EMG of walking: muscles that are on in a known part of every gait cycle."""

from __future__ import annotations

import numpy as np

from gluteal.emg.analysis.record import Analysis
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.demo import _noise
from gluteal.emg.session.file import Session, SessionRecording

RATE = 1000.0
#: Length of a made-up gait cycle, s, and how many there are.
STRIDE, STRIDES = 1.2, 12


def walking(on: tuple[float, float], *, level: float = 0.2, seed: int = 0, start: float = 0.0) -> np.ndarray:
    """EMG-like noise, mV, on from `on[0]` to `on[1]` of every cycle, 28 dB above rest."""
    rng = np.random.default_rng(seed)
    phase = (np.arange(round((STRIDE * STRIDES + 2.0) * RATE)) / RATE + start - 1.0) / STRIDE % 1.0
    return np.where((phase >= on[0]) & (phase < on[1]), level, level / 25.0) * _noise(phase.size, rng)


def channel(values: np.ndarray, muscle: str, side: str | None, start: float = 0.0) -> Channel:
    name = f"{muscle} {side}"
    return Channel(name, muscle, side, "mV", RATE, start, values.size, lambda: values)  # type: ignore[arg-type]


def trial(*channels: Channel, name: str = "walk", role: str = "trial", **words: str) -> SessionRecording:
    strikes = tuple(
        Event("Foot Strike", 1.0 + STRIDE * i, side)  # type: ignore[arg-type]
        for i in range(STRIDES + 1)
        for side in ("r", "l")
    )
    return SessionRecording(name, role, Recording(name, "made up", channels, strikes), words=words)  # type: ignore[arg-type]


def analyse(*recordings: SessionRecording) -> Analysis:
    return analyse_session(Session("test", recordings))


def maximum(*channels: Channel) -> SessionRecording:
    return trial(*channels, name="maximum", role="mvic")

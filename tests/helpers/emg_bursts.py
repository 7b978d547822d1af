"""Made-up EMG whose bursts start as steps at known times, and sessions of it."""

from __future__ import annotations

import numpy as np

from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.demo import _noise
from gluteal.emg.session.file import Session, SessionRecording

RATE = 1000.0


def emg(
    onsets: list[float], *, seconds: float = 12.0, lasts: float = 0.6, level: float = 0.2, seed: int = 0
) -> np.ndarray:
    """EMG-like noise (n,), mV, with bursts that start as steps at `onsets`, s, 28 dB above rest."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    envelope = np.full(n, level / 25.0)
    for onset in onsets:
        envelope[round(onset * RATE) : round((onset + lasts) * RATE)] = level
    return envelope * _noise(n, rng)


def channel(values: np.ndarray, muscle: str, side: str | None = "r", name: str | None = None) -> Channel:
    return Channel(name or f"{muscle} {side}", muscle, side, "mV", RATE, 0.0, values.size, lambda: values)  # type: ignore[arg-type]


def session(*recordings: SessionRecording) -> Session:
    return Session("test", recordings)


def trial(*channels: Channel, name: str = "a", events: tuple[Event, ...] = (), **more: object) -> SessionRecording:
    return SessionRecording(name, "trial", Recording(name, "made up", channels, events), **more)  # type: ignore[arg-type]

"""An EMG recording as every later step sees it: channels with units, rate, muscle and side; events.

Readers (`gluteal.emg.read`) make recordings; nothing after them knows a file format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gluteal.errors import UnknownName
from gluteal.vocabulary import Side


@dataclass(frozen=True)
class Channel:
    """One signal.

    Attributes
    ----------
    name : str
        As the file calls it.
    muscle : str or None
        Anatomical name ("gluteus medius"); None where the label could not be understood.
    side : "r" | "l" | None
    unit : str
        Of the samples ("V", "mV", "uV", "counts", "1"); never guessed.
    rate : float
        Samples per second.
    start : float
        Time of the first sample, s, on the recording's clock.
    length : int
        Number of samples.
    read : callable
        Returns the samples, (length,) float64, in `unit`. Called each time they are needed, so that an
        hour of sixteen channels is never in memory at once.
    """

    name: str
    muscle: str | None
    side: Side | None
    unit: str
    rate: float
    start: float
    length: int
    read: Callable[[], np.ndarray] = field(repr=False, compare=False)

    @property
    def duration(self) -> float:
        """Length of the signal, s."""
        return self.length / self.rate

    def time(self) -> np.ndarray:
        """Time of every sample, s."""
        return self.start + np.arange(self.length) / self.rate


@dataclass(frozen=True)
class Event:
    """Something that happened at a time: a foot strike, the start of a movement."""

    name: str
    time: float
    side: Side | None = None


@dataclass(frozen=True)
class LeftOut:
    """A signal of the file that was not taken for a muscle's, and why, for people."""

    channel: str
    why: str


@dataclass(frozen=True)
class Recording:
    """Channels and events of one file; `left_out` names every other signal that is in it."""

    name: str
    format: str
    channels: tuple[Channel, ...]
    events: tuple[Event, ...] = ()
    warnings: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    def channel(self, name: str) -> Channel:
        """Return a channel by its name in the file; raises UnknownName with close names."""
        for c in self.channels:
            if c.name == name:
                return c
        raise UnknownName("channel", name, [c.name for c in self.channels], "recording.channels")

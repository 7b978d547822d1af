"""Onset: when a muscle switched on and off, with the error of that time.

In: detectors over one channel, and the bursts they return. Out: files of recordings, sessions, statements about people.
"""

from gluteal.emg.onset.bursts import Burst, Bursts, load_bursts, save_bursts
from gluteal.emg.onset.detect import METHODS, detect_bursts
from gluteal.emg.onset.published import (
    BonatoSettings,
    HodgesBuiSettings,
    LaplaceSettings,
    StaudeSettings,
    TeagerKaiserSettings,
)
from gluteal.emg.onset.rise import RiseSettings

__all__ = [
    "METHODS",
    "BonatoSettings",
    "Burst",
    "Bursts",
    "HodgesBuiSettings",
    "LaplaceSettings",
    "RiseSettings",
    "StaudeSettings",
    "TeagerKaiserSettings",
    "detect_bursts",
    "load_bursts",
    "save_bursts",
]

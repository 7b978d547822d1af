"""A synthetic session with known onsets, for newcomers without a recording; said to be synthetic everywhere.

Prone hip extension of one leg: six repetitions, five muscles, a movement signal, a dead electrode and a maximal
contraction. What makes it is below in full: shaped noise times an envelope that rises in a straight line, on top of
noise. It is no proof of how well onsets are found (that is the benchmark's, docs/emg-onsets.md, with signals of many
forms); it only shows what the command does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal

from gluteal.errors import InputError
from gluteal.files import expand_user, read_kept, write_text

RATE = 1000.0
#: Repetitions: first movement start, s, and time from one to the next, s.
REPETITIONS, FIRST, APART = 6, 2.5, 4.0
MOVEMENT_LASTS, LIFT_LASTS = 1.6, 0.4
#: Name by which the folder is known to be a demo's, so that nothing else is ever overwritten.
TRUTH = "true_onsets.csv"
SESSION, TRIAL, MAXIMUM = "session.toml", "extension.csv", "maximum.csv"


@dataclass(frozen=True)
class _Muscle:
    """How a muscle works in the demo.

    `onset` s relative to the movement's start (the hamstrings and gluteus maximus as the healthy women of Lewis &
    Sahrmann 2009 without a cue, the back made up), `spread` s over repetitions, `level` of the burst in mV RMS,
    `strongest` in the maximal contraction.
    """

    channel: str
    onset: float
    spread: float
    rise: float
    level: float
    strongest: float


MUSCLES = (
    _Muscle("GMAX R", -0.012, 0.030, 0.060, 0.12, 0.40),
    _Muscle("MHAM R", -0.196, 0.025, 0.040, 0.20, 0.50),
    _Muscle("LHAM R", -0.100, 0.025, 0.040, 0.18, 0.50),
    _Muscle("ES R", -0.060, 0.030, 0.050, 0.10, 0.30),
    _Muscle("ES L", -0.040, 0.030, 0.050, 0.11, 0.30),
)
#: An electrode that fell off: the recorder's noise alone.
DEAD = "GMED R"
#: Noise of skin and recorder, mV RMS.
REST = 0.008
MVIC_LASTS = 5.0

_TOML = """# Synthetic: written by gluteal emg --demo, no person was measured.
title = "Prone hip extension, synthetic"

[subject]
id = "nobody (synthetic signals)"

[movement]
channel = "Hip angle"

[[recording]]
file = "extension.csv"
name = "extension"
task = "prone hip extension"

[[recording]]
file = "maximum.csv"
name = "maximum"
role = "mvic"
"""


def write_demo(folder: str | Path, *, rng: np.random.Generator | None = None) -> tuple[Path, dict[str, list[float]]]:
    """Write the synthetic session; return its TOML file and the true onsets by channel, s.

    The true onset is the first sample at which the muscle's envelope is not zero.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there. Files of an earlier demo in it stay as they are.
    rng : numpy Generator, optional
        Fixed seed by default: everybody sees the same demo.

    Raises
    ------
    InputError
        Where the folder holds something else or a file of the demo that was changed since, or cannot be written to.
    """
    folder = expand_user(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file; give the demo a folder of its own.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / TRUTH).is_file():
        raise InputError(f"The folder {str(folder)!r} holds other files; give the demo a folder of its own.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {str(folder)!r} cannot be made ({error.strerror}); choose another.") from error
    trial, maximum, truth = make_demo(rng or np.random.default_rng(20260106))
    rows = [{"channel": channel, "onset_s": onset} for channel, onsets in truth.items() for onset in onsets]
    texts = {
        TRUTH: pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"),
        TRIAL: trial.to_csv(index=False, float_format="%.5f", lineterminator="\n"),
        MAXIMUM: maximum.to_csv(index=False, float_format="%.5f", lineterminator="\n"),
        SESSION: _TOML,
    }
    there = {name for name in texts if os.path.lexists(folder / name)}
    for name in sorted(there):
        if read_kept(folder / name) != texts[name].encode():
            raise InputError(
                f"{name} in the folder {str(folder)!r} is not as the demo writes it, so it stays; give the demo "
                "another folder, or delete that one."
            )
    for name in texts.keys() - there:
        write_text(folder / name, texts[name])
    return folder / SESSION, truth


def make_demo(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, list[float]]]:
    """Make trial and maximal contraction, one column per channel with its unit, and the true onsets, s."""
    size = round((FIRST + REPETITIONS * APART) * RATE)
    time = np.arange(size) / RATE
    starts = FIRST + APART * np.arange(REPETITIONS) + rng.uniform(-0.2, 0.2, REPETITIONS)
    angle = 0.1 * rng.standard_normal(size)
    for start in starts:
        up = np.clip(np.minimum(time - start, start + MOVEMENT_LASTS - time) / LIFT_LASTS, 0.0, 1.0)
        angle += 12.0 * np.sin(0.5 * np.pi * up) ** 2
    columns: dict[str, np.ndarray] = {"time (s)": time, "Hip angle (deg)": angle}
    truth: dict[str, list[float]] = {}
    for muscle in MUSCLES:
        onsets = [round((s + muscle.onset + muscle.spread * rng.standard_normal()) * RATE) / RATE for s in starts]
        envelope = np.zeros(size)
        for onset, start in zip(onsets, starts, strict=True):
            off = start + MOVEMENT_LASTS + 0.1 * rng.standard_normal()
            rising = np.clip((time - onset + 1.0 / RATE) / muscle.rise, 0.0, 1.0)
            falling = np.clip((off - time) / 0.15, 0.0, 1.0)
            envelope = np.maximum(envelope, np.minimum(rising, falling))
        columns[f"{muscle.channel} (mV)"] = REST * _noise(size, rng) + muscle.level * envelope * _noise(size, rng)
        truth[muscle.channel] = onsets
    columns[f"{DEAD} (mV)"] = 0.002 * rng.standard_normal(size)
    return pd.DataFrame(columns), pd.DataFrame(_maximum(rng)), truth


def _maximum(rng: np.random.Generator) -> Mapping[str, np.ndarray]:
    size = round(MVIC_LASTS * RATE)
    time = np.arange(size) / RATE
    push = np.clip(np.minimum(time - 0.5, MVIC_LASTS - 0.5 - time) / 0.5, 0.0, 1.0)
    return {"time (s)": time} | {
        f"{m.channel} (mV)": REST * _noise(size, rng) + m.strongest * push * _noise(size, rng) for m in MUSCLES
    }


def _noise(size: int, rng: np.random.Generator) -> np.ndarray:
    """Noise with a spectrum like surface EMG's, most of it at 50-150 Hz, (size,), unit variance."""
    sos = signal.butter(1, (50.0, 150.0), "bandpass", fs=RATE, output="sos")
    x = signal.sosfilt(sos, rng.standard_normal(size + 500))[500:]
    return x / x.std()

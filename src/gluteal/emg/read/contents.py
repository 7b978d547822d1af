"""What every format's reader hands over, and the bounds that keep a hostile file from filling the memory."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.emg.recording import Event
from gluteal.errors import InputError
from gluteal.files import check_input

#: Unit of samples for which the file states none; a unit is never guessed.
UNKNOWN_UNIT = "unknown"
#: Unit of samples as the converter gave them, without a stated gain.
COUNTS = "counts"

#: Fastest sampling that any EMG system offers is some 30 kHz (intramuscular); above this a rate is a mistake.
HIGHEST_RATE = 1e6
#: Envelopes are kept at some samples a second; below this a rate is a mistake, or a time step in another unit.
LOWEST_RATE = 0.1
#: Step of a time of day or of years, as a share of a sample, from which times of neighbours blur (1): finer than any
#: onset is read; a clock that counts seconds since 1970 steps by 0.0005 of a sample at 2 kHz.
COARSEST_CLOCK = 0.01
#: Longest name of a channel, characters: makers write some tens, with a sensor and its number; figures with a label of
#: millions take minutes.
LONGEST_NAME = 500
#: High-density grids have some hundreds of channels.
MOST_CHANNELS = 4096
#: Largest file that is held in memory at once (formats whose library cannot read a part), bytes.
LARGEST_IN_MEMORY = 512 * 2**20

# What a terminal obeys, and what turns the order of letters round.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_UNITS = {
    "v": "V", "volt": "V", "volts": "V",
    "mv": "mV", "millivolt": "mV", "millivolts": "mV",
    "uv": "uV", "µv": "uV", "μv": "uV", "microvolt": "uV", "microvolts": "uV",
    "nv": "nV", "nanovolt": "nV", "nanovolts": "nV",
    "count": COUNTS, "counts": COUNTS, "adc": COUNTS, "adc counts": COUNTS, "lsb": COUNTS,
    "1": "1", "n.u.": "1", "a.u.": "a.u.", "au": "a.u.", "%": "%", "%mvc": "% MVIC", "% mvc": "% MVIC",
    "%mvic": "% MVIC", "% mvic": "% MVIC", "percent mvic": "% MVIC",
    "": UNKNOWN_UNIT, "n/a": UNKNOWN_UNIT, "na": UNKNOWN_UNIT, "unknown": UNKNOWN_UNIT,
}  # fmt: skip

#: Units an EMG channel can have; anything else (N, Nm, g, deg) is another kind of signal.
EMG_UNITS = ("V", "mV", "uV", "nV", COUNTS, "1", "a.u.", "%", "% MVIC", UNKNOWN_UNIT)


@dataclass(frozen=True)
class Signal:
    """One channel before anyone has thought about muscles.

    `emg` is what the format itself says about the kind: True, False, or None where it says nothing.
    `label` is what muscle and side are read from; `name` where it is None. `why` says for people why a signal is no EMG
    where the format says so.
    """

    name: str
    unit: str
    rate: float
    start: float
    length: int
    read: Callable[[], np.ndarray] = field(repr=False, compare=False)
    emg: bool | None = None
    label: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Contents:
    """Everything a reader found in one file."""

    format: str
    signals: tuple[Signal, ...]
    events: tuple[Event, ...] = ()
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    #: What is in the file and has no samples to give as a channel, with the reason: a column of words, a variable of
    #: another length.
    dropped: tuple[tuple[str, str], ...] = ()


def unit_of(text: str) -> str:
    """Return the unit a file states in the project's spelling; one that is not known stays as written.

    >>> unit_of("Volts"), unit_of("µV"), unit_of("Nmm"), unit_of(""), unit_of(".V")
    ('V', 'uV', 'Nmm', 'unknown', 'V')
    """
    # Some recorders write dots in front of a unit (".V"); none begins or ends with one but "n.u." and "a.u.".
    plain = " ".join(text.split())
    plain = plain.strip("[]() ") if plain[:1] in ("[", "(") else plain
    plain = plain if plain.lower() in _UNITS else plain.strip(".")
    return _UNITS.get(plain.lower(), plain)


def side_word(text: str) -> Any:
    """Return "r" or "l" for what files write about the side of an event, None for "general" and the like.

    >>> side_word("Right"), side_word("L"), side_word("General")
    ('r', 'l', None)
    """
    return {"r": "r", "l": "l", "right": "r", "left": "l"}.get(text.strip().lower())


def check_rate(path: Path, rate: float, what: str = "sampling rate") -> float:
    """Return a sampling rate (Hz) that can be one; InputError for those outside `LOWEST_RATE` to `HIGHEST_RATE`."""
    if not (math.isfinite(rate) and LOWEST_RATE <= rate <= HIGHEST_RATE):
        raise InputError(
            f"{path.name} states a {what} of {rate + 0.0:g} Hz, which no EMG system has; the file is damaged or is "
            "not what its ending says: export it again."
        )
    return float(rate)


def check_start(file: str, channel: str, start: float, rate: float) -> float:
    """Return the time of a channel's first sample (s); InputError where its samples could not be told apart by it."""
    if not (math.isfinite(start) and math.ulp(start) * rate < COARSEST_CLOCK):
        raise InputError(
            f"{file}: channel {channel!r} starts at {start:g} s, which no clock states; correct the start in the file, "
            "or export it again."
        )
    return start


def check_channel_count(path: Path, count: int) -> None:
    """Raise InputError where a file announces no channel or more than any system has."""
    if not 0 < count <= MOST_CHANNELS:
        raise InputError(
            f"{path.name} announces {count} channels; a recording has 1 to {MOST_CHANNELS}: export it again."
        )


def check_file(path: Path) -> int:
    """Return the size of a file, bytes; InputError where it is missing, a folder, unreadable or empty."""
    if path.is_dir():
        raise InputError(f"{path.name} is a folder; give the name of a recording in it.")
    try:
        size = check_input(path)
    except FileNotFoundError:
        raise InputError(f"There is no file {path.name} in {path.parent}; check the path.") from None
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}); check its permissions.") from error
    if size == 0:
        raise InputError(f"{path.name} is empty; copy or export it again.")
    return size


def check_in_memory(path: Path, size: int, instead: str) -> None:
    """Raise InputError where a file is too large for a format that must be read at once."""
    if size > LARGEST_IN_MEMORY:
        raise InputError(
            f"{path.name} has {size / 2**20:.0f} MB; this format is read at once, up to "
            f"{LARGEST_IN_MEMORY >> 20} MB: {instead}."
        )


def unique_names(names: list[str]) -> list[str]:
    r"""Return the names with a number behind each that repeats an earlier one; empty ones get "channel n".

    >>> unique_names(["EMG 1", "EMG\x9b1", "\u202e"])
    ['EMG 1', 'EMG 1 (2)', 'channel 3']
    """
    taken: set[str] = set()
    fresh: list[str] = []
    for i, given in enumerate(names):
        base = " ".join(_OBEYED.sub(" ", given).split()) or f"channel {i + 1}"
        name, k = base, 2
        while name in taken:
            name, k = f"{base} ({k})", k + 1
        taken.add(name)
        fresh.append(name)
    return fresh


def rate_of_times(path: Path, time: np.ndarray, stated: float | None = None) -> float:
    """Return the sampling rate (Hz) of time stamps (T,) s; InputError where they are uneven.

    Stamps are often rounded, so single steps may vary; the drift against an even clock may not exceed one
    sample and a half, or what they are rounded to. The rate is known only up to the rounding of first and last stamp:
    inside that interval the stated rate is taken, else the roundest number.
    """
    if time.size < 2:
        raise InputError(f"{path.name} has {time.size} samples; at least two are needed to know the sampling rate.")
    if not np.all(np.isfinite(time)):
        row = int(np.flatnonzero(~np.isfinite(time))[0]) + 1
        raise InputError(f"{path.name}: the time stamp of sample {row} is not a number; export it again.")
    span = float(time[-1] - time[0])
    step = span / (time.size - 1)
    if not step > 0:
        raise InputError(f"{path.name}: the time stamps do not increase; export the file again.")
    off = np.arange(time.size, dtype=float)  # in place: a day of stamps takes as much memory as can be had
    off *= step
    off += time[0]
    off -= time
    np.abs(off, out=off)
    quantum = _quantum(time)
    if float(off.max()) > 1.5 * step:
        if float(off.max()) > quantum:
            raise InputError(f"{path.name}: {_uneven(time)}")
        if quantum > ROUNDED * span:
            raise InputError(
                f"{path.name}: the times are rounded to {1e3 * quantum:g} ms, which does not tell the sampling rate; "
                "export them with more decimals, or leave the time out and say --rate."
            )
    rate = check_rate(path, 1.0 / step, "time step, and so a sampling rate,")
    slack = rate * quantum / span
    for round_number in (stated, *(round(rate / n) * n for n in _ROUND_RATES)):
        if round_number and abs(round_number - rate) <= slack:
            return float(round_number)
    return rate


def _uneven(time: np.ndarray) -> str:
    """Why time stamps (n,) s are no even clock, for people."""
    steps = np.diff(time)
    # Rounded stamps may stand still.
    back, longest, typical = int(np.argmin(steps)), int(np.argmax(steps)), float(np.median(steps[steps > 0.0]))
    goes_back = steps[back] < 0.0
    alone = goes_back and abs(back - longest) == 1  # a single stamp is wrong
    if goes_back and not alone:
        return (
            f"the time goes back from {time[back]:g} to {time[back + 1]:g} s (sample {back + 2}), as where two "
            "recordings stand in one file; save each for itself."
        )
    if steps[longest] > PAUSE * typical > 0.0 and not alone:
        return (
            f"the samples are not evenly spaced: {steps[longest] - typical:.3g} s are missing after {time[longest]:g} "
            "s; fill the gap with empty cells, or save what stands before and after it for itself."
        )
    off = np.abs(time - np.linspace(time[0], time[-1], time.size))
    return (
        f"the samples are not evenly spaced (around {time[int(off.argmax())]:g} s they are off by "
        f"{off.max() * 1e3:.3g} ms); export with a constant sampling rate."
    )


#: Most that stamps may be rounded to, as a share of the recording, where that is more than a sample. Own choice: the
#: rate is known to as much.
ROUNDED = 1e-3
#: Steps from which a step of the time is a pause. Own choice: single steps that are twice as long are jitter.
PAUSE = 3.0
#: Steps between sampling rates that devices have, Hz, the roundest first.
_ROUND_RATES = (1000, 500, 100, 50, 25, 10, 5, 1)


def _quantum(time: np.ndarray) -> float:
    """Return the step that time stamps are rounded to: the last decimal that is ever used, s."""
    some = time[:: max(1, time.size // 1000)]
    for digits in range(12):
        if np.allclose(np.round(some, digits), some, rtol=0.0, atol=10.0 ** (-digits - 3)):
            return 10.0**-digits
    return float(np.spacing(np.abs(time).max())) * time.size

"""MATLAB files as recorders write them: LabChart (all channels in one line) and Spike2 (one structure per channel)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from gluteal.emg.read.contents import UNKNOWN_UNIT, Contents, Signal, check_rate, unique_names, unit_of
from gluteal.errors import InputError

#: Names of the samples, the rate, the time between samples and the words in a structure of one channel.
_SAMPLES = ("values", "data", "emg", "signal", "samples", "y", "raw")
_RATES = (
    "fs",
    "rate",
    "samplerate",
    "samplingrate",
    "samplingfrequency",
    "samplefrequency",
    "frequency",
    "freq",
    "srate",
)
_STEPS = ("interval", "sampleinterval", "samplinginterval", "dt")
_TITLES = ("title", "name", "label", "muscle", "channel")
_UNITS = ("units", "unit")


class Variables(Protocol):
    """What a file or one structure of it holds, under plain names."""

    tables: dict[str, tuple[tuple[int, ...], Callable[[int, int], np.ndarray]]]
    numbers: dict[str, np.ndarray]
    texts: dict[str, list[str]]


def arrange_labchart(path: Path, found: Variables) -> Contents | None:
    """Return the channels of an export of LabChart, None where it is none.

    ``data`` holds everything in one line; ``datastart`` and ``dataend`` say where each channel and block stands.

    Raises
    ------
    InputError
        Places outside the line, or a rate that is none.
    """
    keys = ("datastart", "dataend", "samplerate")
    if "data" not in found.tables or not all(k in found.numbers for k in keys):
        return None
    (shape, read) = found.tables["data"]
    titles = found.texts.get("titles", [])
    first, last, rates = (np.atleast_1d(np.squeeze(found.numbers[k])) for k in keys)
    if len(shape) != 1 or not first.shape == last.shape == rates.shape:
        return None
    blocks = 1
    if first.ndim == 2 or (len(titles) == 1 and first.size > 1):
        wide = first.reshape(max(len(titles), 1), -1).shape
        first, last, rates = (a.reshape(wide) for a in (first, last, rates))
        blocks = wide[1]
        first, last, rates = first[:, 0], last[:, 0], rates[:, 0]
    units = found.texts.get("unittext", [])
    places = np.ravel(found.numbers.get("unittextmap", np.empty(0)))
    places = places.reshape(first.size, -1)[:, 0] if places.size and places.size % first.size == 0 else places
    names = unique_names([titles[i] if i < len(titles) else "" for i in range(first.size)])
    signals = []
    for i, name in enumerate(names):
        a, b = int(first[i]) - 1, int(last[i])
        if a < 0:
            continue  # LabChart writes -1 for a channel that was off in this block
        if not a < b <= shape[0]:
            raise InputError(
                f"{path.name} is a damaged export of LabChart: {name!r} lies outside its data; save it again."
            )
        k = int(places[i]) - 1 if i < places.size else -1
        unit = unit_of(units[k]) if 0 <= k < len(units) else UNKNOWN_UNIT
        signals.append(Signal(name, unit, check_rate(path, float(rates[i])), 0.0, b - a, _part(read, a, b)))
    note = f"{path.name} holds {blocks} blocks of LabChart; the first was read: save the others as files of their own."
    return Contents("MATLAB (LabChart)", tuple(signals), (), (note,) if blocks > 1 else ()) if signals else None


def _part(read: Callable[[int, int], np.ndarray], first: int, last: int) -> Callable[[], np.ndarray]:
    return lambda: read(0, 0)[first:last]


def arrange_structures(path: Path, groups: Mapping[str, Variables]) -> Contents | None:
    """Return the channels of a file with one structure per channel, each with its own rate; None where it has none.

    Raises
    ------
    InputError
        A rate that is none.
    """
    found = [(name, group, key) for name, group in groups.items() if (key := _samples(group)) and _rate(group)]
    if not found:
        return None
    names = unique_names([_text(group, _TITLES) or name for name, group, _ in found])
    signals = []
    for name, (_, group, key) in zip(names, found, strict=True):
        shape, read = group.tables[key]
        start = group.numbers.get("start", np.zeros(1))
        rate = check_rate(path, _rate(group) or 0.0)
        unit = unit_of(_text(group, _UNITS))
        signals.append(Signal(name, unit, rate, float(np.ravel(start)[0]), shape[0], _whole(read)))
    told = {name for name, _, _ in found}
    dropped = tuple((name, "it holds no samples with a rate") for name in groups if name not in told)
    return Contents("MATLAB", tuple(signals), (), (), {"variable": "a structure per channel"}, dropped=dropped)


def _whole(read: Callable[[int, int], np.ndarray]) -> Callable[[], np.ndarray]:
    return lambda: read(0, 0)


def _samples(group: Variables) -> str | None:
    return next(
        (n for n in _SAMPLES if n in group.tables and len(group.tables[n][0]) == 1 and group.tables[n][0][0] > 16), None
    )


def _rate(group: Variables) -> float | None:
    """Return the sampling rate that a structure states, Hz, as a rate or as the time between samples."""
    for names, turn in ((_RATES, False), (_STEPS, True)):
        value = next((np.ravel(group.numbers[n]) for n in names if n in group.numbers), np.empty(0))
        if value.size == 1 and float(value[0]) > 0.0:
            return 1.0 / float(value[0]) if turn else float(value[0])
    return None


def _text(group: Variables, names: Sequence[str]) -> str:
    return next((group.texts[n][0] for n in names if len(group.texts.get(n, ())) == 1), "")

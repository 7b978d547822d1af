"""MATLAB files: version 4 to 7 through SciPy, version 7.3 (HDF5) through h5py; variables are found by name.

There is no standard for EMG in MATLAB files. What is understood: one matrix or several vectors of samples, a
sampling rate or a time vector, and names and units, at the top or inside one structure.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gluteal.emg.read.contents import (
    LARGEST_IN_MEMORY,
    UNKNOWN_UNIT,
    Contents,
    Signal,
    check_channel_count,
    check_in_memory,
    check_rate,
    rate_of_times,
    unique_names,
    unit_of,
)
from gluteal.emg.read.frame import arrange_frame
from gluteal.emg.read.hdf5 import Item, check_numbers, describe_hdf5, read_column
from gluteal.emg.read.isolated import run_program
from gluteal.emg.read.library import describe_with
from gluteal.emg.read.mat_makers import arrange_labchart, arrange_structures
from gluteal.errors import InputError
from gluteal.files import TemporaryFolder, open_input

MAGIC = b"MATLAB "
#: Variables of up to this many numbers are settings, not samples.
_LEAST = 16
_COMPRESSED, _MATRIX = 15, 14
_RATES = (
    *("fs", "fsamp", "samplingrate", "samplerate", "samplingfrequency", "samplefrequency", "samplefreq", "sfreq"),
    *("freq", "frequency", "rate", "srate", "emgrate", "emgfs", "fsemg", "analograte", "sf"),
)
_TIMES = ("time", "times", "t", "timestamps", "timevector", "emgtime", "timeemg")
_NAMES = (
    *("labels", "label", "channels", "channelnames", "channellabels", "names", "muscles", "musclenames"),
    *("chnames", "description", "emglabels"),
)
_UNITS = ("units", "unit", "emgunits", "emgunit")
_DATA = ("emg", "data", "emgdata", "rawemg", "emgraw", "signal", "signals", "semg", "dataemg")


@dataclass
class _Found:
    """What a file holds, under plain names: tables (shape and how to read a line of them), numbers, texts."""

    tables: dict[str, tuple[tuple[int, ...], Callable[[int, int], np.ndarray]]] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    #: The same of every structure, by its name.
    groups: dict[str, _Found] = field(default_factory=dict)


def read_mat(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of a MATLAB file (version 5, 7 or 7.3); `rate`, Hz, is for one that states none.

    Raises
    ------
    InputError
        A damaged file, no samples, no sampling rate; the message lists the variables that the file has.
    """
    with open_input(path) as file:
        head = file.read(128)
    old = not h5py.is_hdf5(path)
    if old and head[:7] != MAGIC and not _is_version_4(head, size):
        raise InputError(f"{path.name} is no MATLAB file, whatever its ending says; save it again.")
    found = _Found()
    if old:
        check_in_memory(path, size, "save it with '-v7.3'")
        if head[:7] == MAGIC:
            _check_elements(path, size)
        _sort_old(path, found)
    else:
        for item in describe_hdf5(path):
            _sort_new(path, found, item)
    if not any(math.prod(shape) > _LEAST for shape, _ in found.tables.values()) and find_spec("matio") is not None:
        told, folder = describe_with("matlab", "matio", path, size, "MATLAB")
        if "columns" in told:
            return arrange_frame(path, told, folder, "MATLAB", rate=rate)
    return _arrange(path, found, rate)


def _is_version_4(head: bytes, size: int) -> bool:
    """Whether a file begins as one of version 4: type, rows, columns, imaginary part, length of the name."""
    if len(head) < 21:
        return False
    for order in "<>":
        kind, rows, columns, imaginary, name = struct.unpack(order + "5i", head[:20])
        precise = kind // 10 % 10
        if kind in range(5000) and kind // 100 % 10 == 0 and precise < 6 and kind % 10 < 3 and imaginary in (0, 1):
            held = rows * columns * (8, 4, 4, 2, 2, 1)[precise] * (1 + imaginary)
            if min(rows, columns) >= 0 and 1 < name <= 64 and 20 + name + held <= size:
                return True
    return False


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _sort_old(path: Path, found: _Found) -> None:
    """File the variables of a version 5 file under what they are; the samples wait in a temporary folder."""
    folder = TemporaryFolder()
    _sort_items(run_program("mat_describe.py", path, str(folder.path), kind="MATLAB"), folder, found)


def arrange_items(
    path: Path, items: Sequence[Mapping[str, Any]], folder: TemporaryFolder, kind: str, *, rate: float | None = None
) -> Contents:
    """Return the channels among variables that wait in a folder, whoever described them (`mat_describe.add_item`)."""
    found = _Found()
    _sort_items(items, folder, found)
    return replace(_arrange(path, found, rate), format=kind)


def _sort_items(items: Sequence[Mapping[str, Any]], folder: TemporaryFolder, found: _Found) -> None:
    for told in items:
        name = told["name"]
        plain = _plain(name)
        if told.get("group"):
            _sort_items([{**told, "group": ""}], folder, found.groups.setdefault(told["group"], _Found()))
        if "texts" in told:
            found.texts.setdefault(plain, told["texts"])
            continue
        found.spelled.setdefault(plain, name)
        if "numbers" in told:
            found.numbers.setdefault(plain, np.array(told["numbers"]))
        if "file" in told:
            found.tables.setdefault(plain, (tuple(told["shape"]), _old_reader(folder, told["file"])))


def _old_reader(folder: TemporaryFolder, file: str) -> Callable[[int, int], np.ndarray]:
    def read(index: int, axis: int) -> np.ndarray:
        array = np.load(folder.path / file, mmap_mode="r", allow_pickle=False)
        return np.array(array if array.ndim == 1 else np.take(array, index, axis=1 - axis), dtype=np.float64)

    return read


def _check_elements(path: Path, size: int) -> None:
    """Walk over the top elements of a version 5 file; InputError where one cannot be as long as it says."""
    held = 0
    with open_input(path) as file:
        head = file.read(128)
        if len(head) < 128 or head[126:128] not in (b"IM", b"MI"):
            raise InputError(f"{path.name} is a damaged MATLAB file (its header ends early); save it again.")
        order = "<" if head[126:128] == b"IM" else ">"
        at = 128
        while at + 8 <= size:
            file.seek(at)
            kind, length = struct.unpack(order + "2I", file.read(8))
            if kind not in (_COMPRESSED, _MATRIX) or at + 8 + length > size:
                raise InputError(f"{path.name} is a damaged MATLAB file (it was cut off or changed); save it again.")
            held += _expanded(path, file.read(length)) if kind == _COMPRESSED else length
            if held > LARGEST_IN_MEMORY:
                raise InputError(
                    f"{path.name} expands to more than {LARGEST_IN_MEMORY >> 20} MB; save it with '-v7.3'."
                )
            at += 8 + length


def _expanded(path: Path, packed: bytes) -> int:
    """Return how long a compressed element is, without holding it."""
    unpack = zlib.decompressobj()
    total = 0
    try:
        rest = packed
        while rest and total <= LARGEST_IN_MEMORY:
            total += len(unpack.decompress(rest, 2**20))
            rest = unpack.unconsumed_tail
    except zlib.error as error:
        raise InputError(f"{path.name} is a damaged MATLAB file ({error}); save it again.") from error
    return total


def _sort_new(path: Path, found: _Found, item: Item, *, inside: bool = False) -> None:
    """File a variable of a version 7.3 file, or a field of a structure in it, under what it is."""
    group, name = item.name.rsplit("/", 1)
    plain = _plain(name)
    if group and not inside and not item.group:
        _sort_new(path, found.groups.setdefault(group.strip("/"), _Found()), item, inside=True)
    if item.texts is not None:
        found.texts.setdefault(plain, list(item.texts))
    elif item.kind and item.kind in "iuf" and len(item.shape) in (1, 2) and all(item.shape):
        check_numbers(path, item)
        found.spelled.setdefault(plain, name)
        if item.numbers is not None:
            found.numbers.setdefault(plain, np.array(item.numbers))
        if math.prod(item.shape) > 1:
            # MATLAB stores column-major: the axes of a data set are those of the matrix, turned round.
            shape = tuple(n for n in reversed(item.shape) if n > 1)
            found.tables.setdefault(plain, (shape, _new_reader(path, item)))


def _new_reader(path: Path, item: Item) -> Callable[[int, int], np.ndarray]:
    def read(index: int, axis: int) -> np.ndarray:
        if 1 in item.shape or len(item.shape) == 1:
            return read_column(path, item, 0, int(np.argmax(item.shape)))
        return read_column(path, item, index, 1 - axis)

    return read


def _first(found: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((found[n] for n in names if n in found), None)


def _arrange(path: Path, found: _Found, given: float | None = None) -> Contents:
    """Make channels of what was found; what is none is dropped with the reason."""
    if (known := arrange_labchart(path, found)) is not None:
        return known
    several = [g for g in found.groups.values() if any(n in found.tables and n in g.tables for n in g.tables)]
    if len(several) > 1 and (known := arrange_structures(path, found.groups)) is not None and len(known.signals) > 1:
        return known
    names = _split_names(_first(found.texts, _NAMES) or [])
    units = _split_names(_first(found.texts, _UNITS) or [])
    table = next((n for n in _DATA if n in found.tables and len(found.tables[n][0]) == 2), None)
    aside = {*_TIMES, *_RATES}
    if table is None:
        matrices = [n for n, (shape, _) in found.tables.items() if len(shape) == 2 and n not in aside]
        table = matrices[0] if len(matrices) == 1 else None
    vectors = {n: s[0] for n, (s, _) in found.tables.items() if len(s) == 1 and n not in aside and s[0] > _LEAST}
    alike: list[str] = []
    if table is None and not vectors:
        has = ", ".join(sorted(found.spelled.values())[:8]) or "none"
        raise InputError(
            f"{path.name} holds no samples that could be found (variables with numbers: {has}); save a "
            "matrix 'emg', "
            "a number 'fs' in Hz and a cell array 'labels'. A table of MATLAB is read where mat-io is installed "
            "(pip install 'gluteal[formats]')."
        )
    lines: list[tuple[str, int, Callable[[], np.ndarray]]] = []
    if table is not None:
        (shape, read) = found.tables[table]
        axis = int(np.argmax(shape))
        timed = int(shape[1 - axis] > 1 and _is_time(read(0, axis)))
        count = shape[1 - axis] - timed
        names, units = (told[timed:] if len(told) == count + timed else told for told in (names, units))
        if names and len(names) != count:
            raise InputError(
                f"{path.name} holds {count} channels and {len(names)} names; save one name for each column of "
                f"{found.spelled[table]!r}."
            )
        lines = [(_name(names, i), shape[axis], _bound(read, i + timed, axis)) for i in range(count)]
        if timed:
            found.tables.setdefault(_TIMES[0], ((shape[axis],), lambda *_: read(0, axis)))
    else:
        longest = max(vectors.values())
        alike = [n for n, size in vectors.items() if size == longest]
        single = len(alike) == 1 and len(names) == 1
        lines = [(names[0] if single else found.spelled[n], longest, _bound(found.tables[n][1], 0, 0)) for n in alike]
    check_channel_count(path, len(lines))
    rate, start = _clock(path, found, lines[0][1], given)
    fresh = unique_names([name for name, _, _ in lines])
    signals = tuple(
        Signal(fresh[i], _unit(units, i), rate, start, length, read) for i, (_, length, read) in enumerate(lines)
    )
    used = {table} if table is not None else set(alike)
    what = f"the matrix {found.spelled[table]!r} was read" if table is not None else "it is not as long as the channels"
    dropped = tuple(
        (found.spelled[n], what)
        for n, (shape, _) in found.tables.items()
        if n not in used and n not in aside and math.prod(shape) > _LEAST
    )
    holders = [g for g, inner in found.groups.items() if used & inner.tables.keys()]
    dropped += tuple((g, f"only {holders[0]!r} was read; save one file per recording") for g in holders[1:])
    settings = {"variable": found.spelled.get(table or "", "several vectors")}
    return Contents("MATLAB", signals, (), (), settings, dropped=dropped)


def _bound(read: Callable[[int, int], np.ndarray], index: int, axis: int) -> Callable[[], np.ndarray]:
    return lambda: read(index, axis)


def _is_time(column: np.ndarray) -> bool:
    """Whether samples are the times of the others: they rise, and by the same step but for rounding."""
    steps = np.diff(column)
    return bool(column.size > 2 and np.all(steps > 0.0) and np.ptp(steps) < 0.5 * steps.mean())


def _split_names(texts: list[str]) -> list[str]:
    """Return names; some files keep them in one text, separated by commas."""
    if len(texts) == 1 and re.search(r"[,;]", texts[0]):
        return [t.strip() for t in re.split(r"[,;]", texts[0])]
    return texts


def _name(names: list[str], i: int) -> str:
    return names[i] if i < len(names) else ""


def _unit(units: list[str], i: int) -> str:
    if not units:
        return UNKNOWN_UNIT
    return unit_of(units[0] if len(units) == 1 else units[i] if i < len(units) else "")


def _clock(path: Path, found: _Found, length: int, given: float | None) -> tuple[float, float]:
    stated = _first(found.numbers, _RATES)
    rates = set(np.asarray(stated).tolist()) if stated is not None else set()
    if len(rates) == 1:
        return check_rate(path, rates.pop()), 0.0
    step = found.numbers.get("isi")
    if not rates and step is not None and step.size == 1 and float(step.flat[0]) > 0.0:
        # AcqKnowledge writes the time between samples, in milliseconds unless it says otherwise.
        scale = {"s": 1.0, "us": 1e-6}.get((found.texts.get("isiunits") or ["ms"])[0], 1e-3)
        return check_rate(path, 1.0 / (float(step.flat[0]) * scale)), 0.0
    if len(rates) > 1:
        raise InputError(f"{path.name} has channels of several sampling rates; save one file per rate.")
    for name in _TIMES:
        if name in found.tables and len(found.tables[name][0]) == 1 and found.tables[name][0][0] == length:
            time = found.tables[name][1](0, 0)
            rate = rate_of_times(path, time)
            return rate, float(time[0])
    if given is not None:
        return check_rate(path, given), 0.0
    raise InputError(
        f"{path.name} holds samples but neither a sampling rate nor a time vector of their length; save a number 'fs' "
        "in Hz, or a vector 'time' in s, or say the rate with --rate."
    )

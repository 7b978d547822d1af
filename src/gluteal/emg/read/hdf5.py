"""HDF5: OpenSignals recordings (PLUX); and the opening of any HDF5 file without trusting it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gluteal.emg.read.contents import (
    COUNTS,
    Contents,
    Signal,
    check_channel_count,
    check_rate,
    unique_names,
)
from gluteal.emg.read.isolated import damaged, run_program
from gluteal.errors import InputError
from gluteal.files import check_input

MAGIC = b"\x89HDF\r\n\x1a\n"
#: A packed recording grows less than this when it is unpacked, to the eight bytes a sample that it is analysed with.
MOST_EXPANSION = 100
#: Bytes of samples below which nothing is too large.
_SMALL = 8 * 2**20
_SAMPLE_BYTES = 8
#: Samples converted at a time.
PIECE = 2**20
#: Sensors of OpenSignals that are EMG or may be ("RAW" is what an unnamed sensor is called).
_EMG_SENSORS = ("EMG", "RAW", "CUSTOM", "")


@dataclass(frozen=True)
class Item:
    """A group or data set as `gluteal.emg.read.hdf5_describe` tells of it."""

    name: str
    group: bool
    attributes: Mapping[str, Any]
    shape: tuple[int, ...]
    kind: str
    type: str
    item_bytes: int
    chunked: bool
    texts: Sequence[str] | None
    numbers: Sequence[float] | None

    def text(self, name: str) -> str:
        """Return an attribute that is a text, empty where there is none."""
        value = self.attributes.get(name)
        return value.strip() if isinstance(value, str) else ""

    def values(self, name: str) -> list[float]:
        """Return an attribute that is numbers, empty where there is none."""
        value = self.attributes.get(name)
        return value if isinstance(value, list) else []


def describe_hdf5(path: Path) -> list[Item]:
    """Return what an HDF5 file holds, found out by a process of its own, see `hdf5_describe`.

    Raises
    ------
    InputError
        Where that process fails or does not end in time, samples are taken from other files, or all of them together
        are more than the file can hold.
    """
    told = run_program("hdf5_describe.py", path, kind="HDF5")
    for t in told:
        if t.get("elsewhere", False):
            raise InputError(
                f"{path.name}: {t['name']!r} takes its samples from another file, which is not opened; copy them into "
                "this one and save it again."
            )
    items = [
        Item(
            name=t["name"],
            group=t["group"],
            attributes=t["attributes"],
            shape=tuple(t.get("shape", ())),
            kind=t.get("kind", ""),
            type=t.get("type", ""),
            item_bytes=t.get("item_bytes", 0),
            chunked=t.get("chunked", False),
            texts=t.get("texts"),
            numbers=t.get("numbers"),
        )
        for t in told
    ]
    samples = sum(math.prod(item.shape) for item in items if item.kind and item.kind in "iuf")
    if samples * _SAMPLE_BYTES > _most_bytes(path):
        raise InputError(f"{path.name} announces {samples} samples, which the file does not hold; copy it again.")
    return items


def _most_bytes(path: Path) -> int:
    """Return how many bytes the samples of a file may take once they are numbers to compute with."""
    return max(MOST_EXPANSION * path.stat().st_size, _SMALL)


def read_column(path: Path, item: Item, index: int, axis: int) -> np.ndarray:
    """Return the numbers of a data set along an axis (length,), float64, converted piece by piece.

    Raises
    ------
    InputError
        Where the library cannot read them.
    """
    length = item.shape[axis]
    out = np.empty(length)
    check_input(path)  # still what was described
    try:
        with h5py.File(path, "r") as file:
            data = file[item.name]
            if data.external or data.is_virtual:
                raise ValueError("its samples lie in another file")  # changed since it was described
            for at in range(0, length, PIECE):
                span = slice(at, min(at + PIECE, length))
                if len(item.shape) == 1:
                    out[span] = data[span]
                else:
                    out[span] = data[span, index] if axis == 0 else data[index, span]
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise damaged(path, "HDF5", str(error)) from error
    return out


def check_numbers(path: Path, item: Item) -> None:
    """Raise InputError where a data set is no table of numbers, or announces what the file does not hold."""
    if item.kind not in "iuf" or len(item.shape) not in (1, 2):
        raise InputError(
            f"{path.name}: {item.name!r} holds {item.type} in {len(item.shape)} dimensions; samples are numbers in "
            "one or two: export the file again."
        )
    count = math.prod(item.shape)
    # What is packed is bounded for the whole file by `describe_hdf5`; the rest is there byte by byte.
    if count == 0 or (not item.chunked and count * item.item_bytes > path.stat().st_size):
        raise InputError(
            f"{path.name}: {item.name!r} announces {count} samples, which the file does not hold; copy it again."
        )


def read_opensignals(path: Path, size: int) -> Contents:
    """Return the channels of an OpenSignals file: one group per device, ``raw/channel_N`` in counts.

    PLUX publishes a transfer function per sensor, but neither gain nor supply voltage is stored in the file:
    the unit is counts. The stored resolution is compared with the counts.

    Raises
    ------
    InputError
        Another layout, no channel, wrong types, or more samples announced than stored.
    """
    items = {item.name: item for item in describe_hdf5(path)}
    devices = [i for i in items.values() if i.group and i.name.count("/") == 1 and f"{i.name}/raw" in items]
    if not devices:
        has = ", ".join(sorted({name.split("/")[1] for name in items})[:5]) or "nothing"
        raise InputError(
            f"{path.name} is an HDF5 file of another layout than OpenSignals or MATLAB 7.3 (it holds {has}); "
            "export it as EDF, CSV or MAT."
        )
    signals: list[Signal] = []
    notes: list[str] = []
    resolutions: dict[str, float | None] = {}
    for device in devices:
        rates = device.values("sampling rate")
        if not rates:
            raise InputError(f"{path.name}: the device {device.name!r} states no 'sampling rate'; export it again.")
        rate = check_rate(path, rates[0])
        bits = device.values("resolution")
        for i, item in enumerate(_channels(items, device)):
            check_numbers(path, item)
            name = item.text("label") or item.name.rsplit("/", 1)[1]
            sensor = item.text("sensor").upper()
            read = _reader(path, item)
            stated = bits[min(i, len(bits) - 1)] if bits else None
            resolutions[name] = stated
            notes += _check_resolution(path, read(), name, stated)
            emg = sensor in _EMG_SENSORS or "EMG" in sensor
            signals.append(Signal(name, COUNTS, rate, 0.0, item.shape[0], read, emg))
    check_channel_count(path, len(signals))
    fresh = unique_names([s.name for s in signals])
    named = tuple(Signal(**{**vars(s), "name": n}) for s, n in zip(signals, fresh, strict=True))
    settings = {"resolution_bits": resolutions, "devices": [d.name.strip("/") for d in devices]}
    return Contents("OpenSignals", named, (), tuple(notes), settings)


def _channels(items: Mapping[str, Item], device: Item) -> list[Item]:
    pattern = re.compile(re.escape(device.name) + r"/raw/channel_(\d{1,6})")
    found = [(int(m[1]), item) for name, item in items.items() if (m := pattern.fullmatch(name)) and not item.group]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _reader(path: Path, item: Item) -> Callable[[], np.ndarray]:
    return lambda: read_column(path, item, 0, 0)


def _check_resolution(path: Path, counts: np.ndarray, name: str, bits: float | None) -> list[str]:
    """Return a warning where counts are larger than the stored resolution allows."""
    top = float(counts.max())
    if bits is None or not 1 <= bits <= 32 or top < 2.0**bits:
        return []
    return [
        f"{path.name}: the stored resolution of {name} is {bits:g} bit, but its counts reach {top:g}; "
        "the resolution is wrong, so nothing was scaled by it."
    ]

"""Header and parameter section of a C3D file, every offset checked against the file before it is followed.

Layout: the C3D File Format User Guide (Motion Lab Systems, 2008), chapters 3 to 5. The widely used ezc3d loads
all markers with the analogue data, takes some eleven times the file's size in memory, and silently accepts files
that were cut off; it is the reference that the tests compare this reader with.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gluteal.errors import InputError

BLOCK = 512
MAGIC = 0x50
#: Processor byte: how numbers are stored. 85 is DEC (VAX) floating point, 86 big-endian.
INTEL, DEC, MIPS = 84, 85, 86
#: Parameter sections have at most 255 blocks.
MOST_PARAMETER_BYTES = 255 * BLOCK

_ITEM = {-1: 1, 1: 1, 2: 2, 4: 4}


@dataclass(frozen=True)
class Header:
    """Numbers of the first block, and the parameters by group and name, in capitals.

    A text parameter is a list of str, any other a flat float array.
    """

    processor: int
    points: int
    analog_per_frame: int
    first_frame: int
    last_frame: int
    scale: float
    data_block: int
    samples_per_frame: int
    frame_rate: float
    parameters: Mapping[str, Mapping[str, list[str] | np.ndarray]]

    def numbers(self, group: str, name: str) -> np.ndarray:
        """Return a numeric parameter with its continuations (SCALE, SCALE2, ...), flat (N,); empty without it."""
        found: list[np.ndarray] = []
        for suffix in ("", *map(str, range(2, 20))):
            value = self.parameters.get(group, {}).get(name + suffix)
            if not isinstance(value, np.ndarray):
                break
            found.append(value)
        return np.concatenate(found) if len(found) > 1 else found[0] if found else np.empty(0)

    def number(self, group: str, name: str, default: float) -> float:
        """Return the first value of a numeric parameter."""
        values = self.numbers(group, name)
        return float(values[0]) if values.size else default

    def texts(self, group: str, name: str) -> list[str]:
        """Return a text parameter with its continuations (LABELS, LABELS2, ...)."""
        found: list[str] = []
        for suffix in ("", *map(str, range(2, 20))):
            value = self.parameters.get(group, {}).get(name + suffix)
            if not isinstance(value, list):
                break
            found += value
        return found


def floats(raw: bytes | np.ndarray, processor: int) -> np.ndarray:
    """Return 32-bit floating-point numbers stored as `processor` does, as float64."""
    data = np.frombuffer(raw, dtype=np.uint8) if isinstance(raw, bytes) else raw
    if processor == MIPS:
        return data.view(">f4").astype(np.float64)
    if processor != DEC:
        return data.view("<f4").astype(np.float64)
    # VAX F: the two 16-bit words stand in the other order, and the exponent is biased by two more.
    words = data.view("<u2").reshape(-1, 2)
    bits = (words[:, 0].astype(np.uint32) << 16) | words[:, 1]
    return bits.view(np.float32).astype(np.float64) / 4.0


def read_c3d_header(path: Path, file: BinaryIO, size: int) -> Header:
    """Read and check header and parameters of a C3D file of `size` bytes.

    Raises
    ------
    InputError
        Wrong magic, parameter section outside the file, a parameter that runs over the end of it.
    """
    first = file.read(BLOCK)
    if len(first) < BLOCK or first[1] != MAGIC:
        raise InputError(
            f"{path.name} is no C3D file (its second byte is not 0x50), whatever its ending says; export it again."
        )
    start = (first[0] - 1) * BLOCK
    file.seek(max(start, 0))
    section = file.read(MOST_PARAMETER_BYTES)
    if start < 0 or len(section) < 8:
        raise broken(path, "its parameter section lies outside the file")
    processor = section[3]
    if processor not in (INTEL, DEC, MIPS):
        raise broken(path, f"its processor type is {processor} (84, 85 and 86 exist)")
    blocks = section[2]
    section = section[: max(blocks, 1) * BLOCK] if start + blocks * BLOCK <= size else section
    order = ">" if processor == MIPS else "<"
    points, analog, first_frame, last_frame, _ = struct.unpack_from(order + "5H", first, 2)
    data_block, per_frame = struct.unpack_from(order + "2H", first, 16)
    return Header(
        processor,
        points,
        analog,
        first_frame,
        last_frame,
        float(floats(first[12:16], processor)[0]),
        data_block,
        per_frame,
        float(floats(first[20:24], processor)[0]),
        _read_parameters(path, section, processor),
    )


def broken(path: Path, why: str) -> InputError:
    """Return the error of a C3D file that contradicts itself."""
    return InputError(f"{path.name} is a damaged C3D file: {why}; copy or export it again.")


def _read_parameters(path: Path, section: bytes, processor: int) -> dict[str, dict[str, list[str] | np.ndarray]]:
    order = ">" if processor == MIPS else "<"
    names: dict[int, str] = {}
    found: dict[int, dict[str, list[str] | np.ndarray]] = {}
    at = 4
    while at + 2 <= len(section):
        length, group = struct.unpack_from("bb", section, at)
        if length == 0 or group == 0:
            break
        name_end = at + 2 + abs(length)
        if name_end + 2 > len(section):
            raise broken(path, "a parameter's name runs over the end of the parameter section")
        name = section[at + 2 : name_end].decode("latin-1").strip().upper()
        (offset,) = struct.unpack_from(order + "H", section, name_end)
        if group < 0:
            names[-group] = name
        else:
            found.setdefault(group, {})[name] = _read_value(path, name, section, name_end + 2, processor)
        if offset == 0:
            break
        at = name_end + offset
    return {names[g]: values for g, values in found.items() if g in names}


def _read_value(path: Path, name: str, section: bytes, at: int, processor: int) -> list[str] | np.ndarray:
    if at + 2 > len(section):
        raise broken(path, f"its parameter {name!r} runs over the end of the parameter section")
    kind, depth = struct.unpack_from("bB", section, at)
    shape = list(section[at + 2 : at + 2 + depth])
    at += 2 + depth
    count = 1
    for n in shape:
        count *= n
    if kind not in _ITEM or len(shape) < depth or at + count * _ITEM[kind] > len(section):
        raise broken(path, f"its parameter {name!r} runs over the end of the parameter section")
    raw = section[at : at + count * _ITEM[kind]]
    if kind == -1:
        width = shape[0] if shape else 1
        if not width:
            return []
        return [raw[i : i + width].decode("latin-1").strip(" \0") for i in range(0, len(raw), width)]
    if kind == 4:
        return floats(raw, processor)
    if kind == 1:
        return np.frombuffer(raw, np.uint8).astype(float)
    return np.frombuffer(raw, ">i2" if processor == MIPS else "<i2").astype(float)

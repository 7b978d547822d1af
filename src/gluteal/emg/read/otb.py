"""OTBioLab+ archives (.otb+): a tar of sample files, each described by an XML file of its name.

The layout is that of the reader which OT Bioelettronica publishes for MATLAB (from memory): 16-bit numbers, all
channels of an instant together; the description has ``SampleFrequency`` and ``DeviceTotalChannels``, and its adapters
name their first channel.
What one count is depends on the device (its supply and amplifier), so samples stay counts: times and shares do not
need it. Newer ``.otb4`` archives are laid out otherwise.
"""

from __future__ import annotations

import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gluteal.emg.read.contents import (
    COUNTS,
    LARGEST_IN_MEMORY,
    Contents,
    Signal,
    check_channel_count,
    check_rate,
    unique_names,
)
from gluteal.errors import InputError
from gluteal.files import open_input

#: A description is some kilobytes; a larger one is something else.
LARGEST_DESCRIPTION = 2**20
#: Members of an archive that are looked at.
MOST_MEMBERS = 256
_WORD = 2
# Bytes read at a time.
_BLOCK = 2**22


def read_otb(path: Path, size: int) -> Contents:
    """Return the channels of an .otb+ archive, in counts; of several sample files, the first.

    Raises
    ------
    InputError
        A damaged archive, one without samples or description, or an ``.otb4``.
    """
    try:
        with open_input(path) as file, tarfile.open(fileobj=file, mode="r:") as archive:
            members = {m.name: m for _, m in zip(range(MOST_MEMBERS), archive, strict=False) if m.isfile()}
            samples = sorted(n for n in members if n.lower().endswith(".sig"))
            if not samples or f"{samples[0][:-4]}.xml" not in members:
                raise _damaged(path, "it has no sample file with a description; export an .otb4 as .otb+ or .mat")
            told = members[f"{samples[0][:-4]}.xml"]
            stream = archive.extractfile(told)
            text = stream.read(LARGEST_DESCRIPTION + 1) if stream is not None else b""
            data = members[samples[0]]
            start, length = data.offset_data, data.size
    except InputError:
        raise
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise _damaged(path, str(error)) from error
    device = _parse(path, text)
    count = _whole(path, device, "DeviceTotalChannels")
    check_channel_count(path, count)
    rate = check_rate(path, float(_whole(path, device, "SampleFrequency")))
    rows = length // (_WORD * count)
    if rows < 1 or start + length > size or start + length > start + LARGEST_IN_MEMORY * 8:
        raise _damaged(path, "its sample file is shorter or longer than it says")
    names = unique_names(_names(device, count))
    signals = tuple(
        Signal(names[i], COUNTS, rate, 0.0, rows, _reader(path, start, rows, count, i)) for i in range(count)
    )
    notes = [f"{path.name} does not say what one count of its converter is, so amplitudes are in counts."]
    if len(samples) > 1:
        notes.append(f"{path.name} holds {len(samples)} recordings; the first was read.")
    return Contents("OTB+", signals, (), tuple(notes), {"device": device.get("Name", "")})


def _parse(path: Path, text: bytes) -> ET.Element:
    # An entity that expands without end is refused before it is parsed.
    if len(text) > LARGEST_DESCRIPTION or b"<!" in text.replace(b"<!--", b""):
        raise _damaged(path, "its description is no plain XML")
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise _damaged(path, f"its description is no XML ({error})") from error
    return root if root.tag == "Device" else next(root.iter("Device"), root)


def _names(device: ET.Element, count: int) -> list[str]:
    """Return what each channel is called: muscle and side where the adapter says so, else its number."""
    names = [""] * count
    for adapter in device.iter("Adapter"):
        first = adapter.get("ChannelStartIndex", "")
        for channel in adapter.iter("Channel"):
            index = channel.get("Index", "")
            if first.isdecimal() and index.isdecimal() and int(first[:6]) + int(index[:6]) < count:
                words = [channel.get(k, "") for k in ("Side", "Muscle", "Prefix")]
                told = [w for w in words if w and w.lower() not in ("not defined", "undefined", "none", "-")]
                names[int(first) + int(index)] = " ".join(told) or channel.get("Description", "")
    return names


def _reader(path: Path, start: int, rows: int, count: int, i: int) -> Callable[[], np.ndarray]:
    def read() -> np.ndarray:
        values = np.empty(rows)
        at = 0
        # Read, not mapped: where a mapped file becomes shorter meanwhile, the system ends the program.
        with open_input(path) as file:
            file.seek(start)
            while at < rows:
                raw = file.read(min(rows - at, max(1, _BLOCK // (_WORD * count))) * _WORD * count)
                whole = len(raw) // (_WORD * count)
                if whole == 0:
                    raise _damaged(path, "it became shorter while it was read")
                part = np.frombuffer(raw, "<i2", whole * count).reshape(whole, count)
                values[at : at + whole] = part[:, i]
                at += whole
        return values

    return read


def _whole(path: Path, device: ET.Element, name: str) -> int:
    text = device.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise _damaged(path, f"{name} is {text[:20]!r}")
    return int(text)


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"{path.name} is no OTB+ archive that can be read ({' '.join(why.split())[:160]}).")

"""AcqKnowledge files (BIOPAC, .acq), by bioread: channels of their own rates, units, and markers."""

from __future__ import annotations

from pathlib import Path

from gluteal.emg.read.contents import Contents, Signal, check_channel_count, check_rate, unique_names, unit_of
from gluteal.emg.read.library import Columns, describe_with
from gluteal.emg.recording import Event


def read_acq(path: Path, size: int) -> Contents:
    """Return the channels and markers of an AcqKnowledge file.

    Raises
    ------
    MissingEngine
        Without bioread.
    InputError
        A damaged file.
    """
    told, folder = describe_with("acq", "bioread", path, size, "AcqKnowledge")
    columns = told["columns"]
    check_channel_count(path, len(columns))
    source = Columns(folder, columns)
    names = unique_names([c["name"] for c in columns])
    signals = tuple(
        Signal(names[i], unit_of(c["unit"]), check_rate(path, c["rate"]), 0.0, c["length"], source.reader(i))
        for i, c in enumerate(columns)
    )
    events = tuple(
        sorted((Event(" ".join(e["name"].split()), e["time"]) for e in told["events"]), key=lambda e: e.time)
    )
    return Contents("AcqKnowledge", signals, events)

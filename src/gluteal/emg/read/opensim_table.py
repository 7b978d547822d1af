"""OpenSim tables (.sto, .mot) of EMG, mostly envelopes that someone has already scaled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from gluteal.emg.read.contents import (
    UNKNOWN_UNIT,
    Contents,
    Signal,
    check_channel_count,
    check_in_memory,
    rate_of_times,
)
from gluteal.emg.read.text_rows import BLOCK, MOST_EXPANSION, open_text
from gluteal.errors import InputError
from gluteal.sto import Table, load_table

_DIMENSIONLESS = ("activation", "excitation")


def read_table(path: Path, size: int) -> Contents:
    """Return the columns of an OpenSim table.

    These tables state no unit. A column is dimensionless where its label says activation or excitation, or
    where every column has been scaled to a largest value of exactly 1; else its unit is unknown.

    Raises
    ------
    InputError
        As `gluteal.sto.load_table`, uneven time stamps, or a table too large to be held in memory.
    """
    check_in_memory(path, 4 * _text_size(path, size), "export the recording as CSV, C3D or EDF")
    table = load_table(path)
    check_channel_count(path, len(table.columns))
    rate = rate_of_times(path, table.time)
    tops = np.max(table.values, axis=0)
    scaled = bool(np.all(np.abs(tops - 1.0) < 1e-6))
    notes = list(table.warnings)
    if scaled or any(c.lower().endswith(_DIMENSIONLESS) for c in table.columns):
        notes.append(
            f"{path.name} holds envelopes, not raw EMG: timing read from them is that of the envelope, and "
            "they say "
            "nothing about frequency."
        )
    signals = tuple(
        Signal(
            name=name,
            unit="1" if scaled or name.lower().endswith(_DIMENSIONLESS) else UNKNOWN_UNIT,
            rate=rate,
            start=float(table.time[0]),
            length=table.time.size,
            read=_reader(table, i),
        )
        for i, name in enumerate(table.columns)
    )
    return Contents(
        "OpenSim table", signals, (), tuple(notes), {"envelope": scaled or len(notes) > len(table.warnings)}
    )


def _reader(table: Table, index: int) -> Callable[[], np.ndarray]:
    return lambda: table.values[:, index].copy()


def _text_size(path: Path, size: int) -> int:
    """Return the size of the text, unzipped where it is gzipped, without ever holding it."""
    if path.suffix.lower() != ".gz":
        return size
    total = 0
    try:
        with open_text(path) as file:
            while raw := file.read(BLOCK):
                total += len(raw)
                if total > 2 * BLOCK and total > MOST_EXPANSION * size:
                    raise InputError(
                        f"{path.name} grows more than {MOST_EXPANSION}-fold when unzipped; this is no recording."
                    )
    except (OSError, EOFError) as error:
        raise InputError(f"{path.name} is a broken gzip archive ({error}); copy it again.") from error
    return total

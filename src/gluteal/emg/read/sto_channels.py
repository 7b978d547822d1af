"""The channels of an OpenSim table (read by `gluteal.sto`): mostly envelopes that someone has already scaled."""

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
from gluteal.files import measure_text
from gluteal.sto import Table, load_table

_DIMENSIONLESS = ("activation", "excitation")


def read_sto_channels(path: Path, size: int) -> Contents:
    """Return the columns of an OpenSim table.

    These tables state no unit. A column is dimensionless where its label says activation or excitation, or
    where every column has been scaled to a largest value of exactly 1; else its unit is unknown.

    Raises
    ------
    InputError
        As `gluteal.sto.load_table`, uneven time stamps, or a table too large to be held in memory.
    """
    check_in_memory(path, 4 * measure_text(path), "export the recording as CSV, C3D or EDF")
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

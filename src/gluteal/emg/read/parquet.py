"""Parquet and Feather tables, by pyarrow: a column per channel, a time column or stamps, or a rate in the metadata."""

from __future__ import annotations

from pathlib import Path

from gluteal.emg.read.contents import Contents
from gluteal.emg.read.frame import arrange_frame
from gluteal.emg.read.library import describe_with

#: First bytes of a Parquet file.
MAGIC = b"PAR1"
#: First bytes of a Feather file, of version 2 and 1.
FEATHER = (b"ARROW1", b"FEA1")


def read_parquet(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of a Parquet table; `rate`, Hz, is for one that states none.

    Raises
    ------
    MissingEngine
        Without pyarrow.
    InputError
        A damaged file, no column of numbers, uneven or missing time.
    """
    told, folder = describe_with("parquet", "pyarrow", path, size, "Parquet")
    return arrange_frame(path, told, folder, "Parquet", rate=rate)


def read_feather(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of a Feather table; as `read_parquet`."""
    told, folder = describe_with("feather", "pyarrow", path, size, "Feather")
    return arrange_frame(path, told, folder, "Feather", rate=rate)

"""Tables without lines above them (Parquet, R, MATLAB): what the columns are stands in their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gluteal.emg.read.contents import Contents
from gluteal.emg.read.isolated import TemporaryFolder, damaged
from gluteal.emg.read.library import Columns
from gluteal.emg.read.text import arrange_table
from gluteal.emg.read.text_header import read_frame_header


def arrange_frame(path: Path, told: Mapping[str, Any], folder: TemporaryFolder, kind: str) -> Contents:
    """Return the channels of a table whose columns wait in a folder; errors as `arrange_table`."""
    try:
        rate = float(told["rate"]) if told.get("rate") is not None else None
    except ValueError:
        raise damaged(path, kind, f"its sampling rate is {told['rate']!r}") from None
    header = read_frame_header([c["name"] for c in told["columns"]], rate)
    return arrange_table(path, header, Columns(folder, told["columns"]), kind)

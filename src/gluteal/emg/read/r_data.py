"""R files (.RData, .rda, .rds), by rdata: a data frame, or matrices and vectors beside a rate."""

from __future__ import annotations

from pathlib import Path

from gluteal.emg.read.contents import Contents
from gluteal.emg.read.frame import arrange_frame
from gluteal.emg.read.library import describe_with
from gluteal.emg.read.mat import arrange_items


def read_r(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of an R file; `rate`, Hz, is for one that states none.

    Raises
    ------
    MissingEngine
        Without rdata.
    InputError
        A damaged file, no samples, no sampling rate.
    """
    told, folder = describe_with("r", "rdata", path, size, "R")
    if "columns" in told:
        return arrange_frame(path, told, folder, "R data", rate=rate)
    return arrange_items(path, told["items"], folder, "R data", rate=rate)

"""NumPy files (.npz, .npy): arrays by their names, understood as the variables of a MATLAB file are."""

from __future__ import annotations

from pathlib import Path

from gluteal.emg.read.contents import Contents
from gluteal.emg.read.library import describe_with
from gluteal.emg.read.mat import arrange_items

#: First bytes of one array.
MAGIC = b"\x93NUMPY"


def read_numpy(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of a NumPy file; `rate`, Hz, is for one that states none ("fs" in an .npz).

    Raises
    ------
    InputError
        A damaged file, pickled objects in it, no samples, no sampling rate.
    """
    told, folder = describe_with("numpy", "numpy", path, size, "NumPy")
    return arrange_items(path, told["items"], folder, "NumPy", rate=rate)

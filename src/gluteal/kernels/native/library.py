"""The library of the native kernels, loaded once, and only if it was built from the sources that are here."""

from __future__ import annotations

import os
from ctypes import CDLL, POINTER, addressof, c_char, c_char_p, c_double, c_int32, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.errors import GlutealError
from gluteal.kernels.native.build import LIBRARY, REBUILD, stamp_sources

_P, _INTEGER = c_void_p, c_int64
# Result and arguments of each function of kernel.c.
_FUNCTIONS = {
    "share_stamp": (c_char_p, []),
    "share_memory": (_INTEGER, [_P]),
    "share_check": (c_int32, [_P, c_int32, POINTER(_INTEGER)]),
    "share_solve": (None, [_P, _INTEGER, _INTEGER, _P]),
    "share_chunks": (None, [_P, _INTEGER, POINTER(_INTEGER), _P]),
    "share_judge": (None, [_P, _P]),
    "share_bound": (None, [_P, _P, _P, _P, _P]),
    "segment_levels": (_INTEGER, [_P, _INTEGER, _INTEGER, c_double, _INTEGER, _P, _P, _P]),
    "rise_likelihood": (None, [_P]),
    "rasterise": (None, [_P]),
}


class KernelError(GlutealError, ImportError):
    """The native kernels cannot be used: not built, built from other sources, or for another machine."""


class Kernels:
    """The functions of one library, with the types of their arguments.

    Parameters
    ----------
    path : Path
        The library.
    flavour : str
        ``"_base"`` or ``"_v3"`` for one of the instruction sets of a library for x86-64; empty for what the processor
        can do.

    Raises
    ------
    KernelError
        Where it cannot be loaded.
    """

    share_stamp: Any
    share_memory: Any
    share_check: Any
    share_solve: Any
    share_chunks: Any
    share_judge: Any
    share_bound: Any
    segment_levels: Any
    rise_likelihood: Any
    rasterise: Any

    def __init__(self, path: Path, flavour: str = "") -> None:
        try:
            library = CDLL(os.fspath(path))
        except OSError as error:
            raise KernelError(
                f"The native kernels cannot be loaded ({error}). Build them for this machine with: {REBUILD}"
            ) from error
        self.library = library
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name + flavour)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)


def as_doubles(values: np.ndarray) -> np.ndarray:
    """Return an array as the kernels read it: float64, contiguous, aligned; the same one where it is so already."""
    array = np.asarray(values, np.float64, order="C")
    return array if array.flags.aligned else array.copy()


def address(array: np.ndarray) -> int:
    """Return where a contiguous array begins in memory."""
    if array.size and array.flags.writeable:
        return addressof(c_char.from_buffer(array.data))  # a third of the time that NumPy's own way takes
    return array.ctypes.data


@cache
def load_kernels(path: Path = LIBRARY) -> Kernels:
    """Return the kernels of this installation.

    Raises
    ------
    KernelError
        Where the library is missing, cannot be loaded, or was built from other sources than those beside it.
    """
    if not path.is_file():
        raise KernelError(f"The native kernels are not built. Build them with: {REBUILD}")
    kernels = Kernels(path)
    here, built = stamp_sources(), kernels.share_stamp().decode()
    if here and here != built:
        raise KernelError(
            f"The native kernels were built from other sources than those beside them (stamp {built[:8] or 'none'}, "
            f"sources {here[:8]}). Build them anew with: {REBUILD}"
        )
    return kernels

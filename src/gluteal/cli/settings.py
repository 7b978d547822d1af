"""What the environment says to the programs under this one: left aside where harmless, else told by its name."""

from __future__ import annotations

import logging
import os
import stat
import sys
from pathlib import Path

from gluteal.errors import InputError
from gluteal.files import in_a_line

#: Columns of a terminal that texts are set for: below, no word fits and Rich does not end; above, padding alone takes
#: all memory.
NARROWEST, WIDEST = 20, 10_000
#: Latest time stamp that every system can turn into a date, s: the end of the year 9999.
_LAST_SECOND = 253_402_300_799
#: What is needed of a library whatever the environment says: figures are only written, bodies never drawn by MuJoCo.
_FIXED = {"MPLBACKEND": "agg", "MUJOCO_GL": "off"}
#: Files are read and written as files are; another driver of HDF5 loses them, or ends the process.
_LEFT_ASIDE = ("HDF5_DRIVER", "HDF5_DRIVER_CONFIG", "HDF5_VOL_CONNECTOR", "NUMPY_MADVISE_HUGEPAGE")
#: Where a program reads its settings -> the program, and where they stand.
_DASK = ("Dask", "its files (~/.config/dask, DASK_CONFIG) and variables DASK_...")
_READERS = {
    "dask.config": _DASK,
    "distributed.config": _DASK,
    "donfig.config_obj": ("Zarr", "its files (~/.config/zarr, ZARR_CONFIG) and variables ZARR_..."),
    "matplotlib": ("matplotlib", "the matplotlibrc of this folder, of MATPLOTLIBRC or of ~/.config/matplotlib"),
}
#: The module that holds these holds much else.
_OF_MATPLOTLIB = ("_open_file_or_url", "_rc_params_in_file")

_log = logging.getLogger(__name__)


def settle_environment() -> None:
    """Set the variables that other programs would stumble over, for this process and those it starts.

    Raises
    ------
    InputError
        Where settings that would be read are a pipe, which may never end.
    """
    os.environ.update(_FIXED)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its cache, which nothing here needs
    for name in _LEFT_ASIDE:
        os.environ.pop(name, None)
    _settle_width()
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch and not (epoch.isascii() and epoch.isdecimal() and len(epoch) < 16 and int(epoch) <= _LAST_SECOND):
        _log.warning("SOURCE_DATE_EPOCH is %r, not a number of seconds since 1970, and is left aside.", epoch[:40])
        del os.environ["SOURCE_DATE_EPOCH"]
    for place in ("matplotlibrc", *(os.environ.get(f"{n}") for n in ("MATPLOTLIBRC", "DASK_CONFIG", "ZARR_CONFIG"))):
        if place and _is_pipe(place):
            raise InputError(f"{place} is a pipe, and would be read for settings; correct that, or take it away.")


def blame_settings(error: BaseException | None) -> str | None:
    """Return a sentence where an error comes from another program's reading of its own settings; else None."""
    trace = error.__traceback__ if error is not None else None
    while error is not None and trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        program, where = _READERS.get(str(frame.f_globals.get("__name__")), ("", ""))
        if program and (program != "matplotlib" or frame.f_code.co_name in _OF_MATPLOTLIB):
            file = f" in {frame.f_locals['fname']}" if "fname" in frame.f_locals else ""
            return (
                f"{program} cannot use its own settings{file} ({in_a_line(error)}); correct {where}, or move them away."
            )
    return None


def _settle_width() -> None:
    """Let texts be set for a width that a terminal can have, whatever it or COLUMNS says."""
    for name in ("COLUMNS", "LINES"):
        given = os.environ.get(name, "")
        if not (given.isascii() and given.isdecimal() and given.strip("0")):
            os.environ.pop(name, None)
    # No more digits than count: int() refuses thousands of them.
    given = os.environ.get("COLUMNS", "").lstrip("0")[: len(str(WIDEST)) + 1]
    width = int(given) if given else _terminal_width()
    if given or 0 < width < NARROWEST:
        os.environ["COLUMNS"] = str(min(max(width, NARROWEST), WIDEST))


def _terminal_width() -> int:
    """The width of the terminal in columns, 0 where there is none or it does not say."""
    for stream in (sys.__stdin__, sys.__stderr__, sys.__stdout__):
        try:
            return os.get_terminal_size(stream.fileno()).columns if stream else 0
        except (OSError, ValueError):
            continue
    return 0


def _is_pipe(place: str) -> bool:
    try:
        return stat.S_ISFIFO(Path(place).stat().st_mode)
    except (OSError, ValueError):
        return False

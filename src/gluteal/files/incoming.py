"""The door in: every file a person names comes through here, so that what it may be is said once.

Regular files only (a pipe would wait for ever, a device has no end), of a bounded size, unzipped within bounds, and
remembered for the run: nothing that was read may be written over (`gluteal.files.outgoing`).
"""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from gluteal.errors import InputError

#: A gzipped table of numbers shrinks some fivefold; a file that grows more than this is no recording.
MOST_EXPANSION = 100
#: Bytes read at a time, and below which nothing is too large.
_BLOCK = 4 * 2**20
#: What a run has read, by device and number of the file, so that another name or a link of it is known, too; None
#: outside a run of the command line, where a program may do as it likes.
_TAKEN: ContextVar[dict[tuple[int, int], str] | None] = ContextVar("taken", default=None)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@contextmanager
def one_run() -> Iterator[None]:
    """Remember inside the block what is read, so that it is not written over."""
    token = _TAKEN.set({})
    try:
        yield
    finally:
        _TAKEN.reset(token)


def take_input(path: str | Path) -> Path:
    """Check that a name means a regular file that can be read, remember it, and return its path.

    Raises
    ------
    InputError
        Where there is no such file, it is a folder, a pipe, a socket or a device, or its name cannot be one.
    """
    try:
        found = Path(path).expanduser()
        known = found.stat()
    except FileNotFoundError:
        raise InputError(f"There is no file {Path(path).name} in {Path(path).parent}; check the path.") from None
    except (OSError, ValueError, RuntimeError) as error:  # names with a NUL, of a thousand letters, of no user
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)!r} cannot be read ({why}); check the path and its permissions.") from error
    for is_kind, words in _KINDS:
        if is_kind(known.st_mode):
            raise InputError(f"{found.name} is {words}, not a file; save what it gives as a file and name that.")
    taken = _TAKEN.get()
    if taken is not None:
        taken[known.st_dev, known.st_ino] = found.name
    return found


def taken_as(path: Path) -> str | None:
    """Return the name under which this run read a file, None where it did not."""
    taken = _TAKEN.get()
    if not taken:
        return None
    try:
        known = path.stat()
    except (OSError, ValueError):
        return None
    return taken.get((known.st_dev, known.st_ino))


def read_bytes(path: str | Path, most: int, kind: str) -> bytes:
    """Return the content of a file of at most `most` bytes; `kind` begins the sentence of a refusal ("Plan a.toml").

    Raises
    ------
    InputError
        As `take_input`; where it cannot be read, or is longer.
    """
    found = take_input(path)
    try:
        # Between looking and opening the file may become a pipe: then nothing waits for it.
        with os.fdopen(os.open(found, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InputError(f"{kind} cannot be read ({error.strerror}); check its path and permissions.") from error
    if len(content) > most:
        raise InputError(f"{kind} has more than {most / 1e6:g} MB, so it is not what its name says; check the path.")
    return content


def open_text(path: Path) -> gzip.GzipFile | BinaryIO:
    """Open a text file, unzipping on the way where it is gzipped; errors as `take_input`."""
    take_input(path)
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")


def measure_text(path: Path) -> int:
    """Return the bytes of a text file, unzipped where it is gzipped, without ever holding them.

    Raises
    ------
    InputError
        Where the archive is broken, or grows so much that it is no recording.
    """
    packed = path.stat().st_size
    total = 0
    try:
        with open_text(path) as file:
            if not isinstance(file, gzip.GzipFile):
                return packed
            while raw := file.read(_BLOCK):
                total += len(raw)
                if total > 2 * _BLOCK and total > MOST_EXPANSION * packed:
                    raise InputError(
                        f"{path.name} grows more than {MOST_EXPANSION}-fold when unzipped; this is no recording."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} is a broken gzip archive ({error}); copy it again.") from error
    return total

"""The door in: what a run reads is a regular file, opened here, and remembered so that nothing is written over it."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gluteal.errors import GlutealError, InputError
from gluteal.files.held import HeldFolder, swapped

#: A gzipped table of numbers shrinks some fivefold; a file that grows more than this is no recording.
MOST_EXPANSION = 100
# The largest text that is held at once, bytes; the largest models have some 20 MB.
MOST_TEXT = 256 * 2**20
# Bytes read at a time, and below which nothing is too large.
_BLOCK = 4 * 2**20
# Without O_NONBLOCK a pipe that nobody writes to would be waited for, for ever.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
# Characters of an error that a sentence quotes.
_LONGEST_REASON = 160


@dataclass(frozen=True)
class _Run:
    """What the command that is running has read and written: device and inode, and names without links.

    Both, because file systems of memory cards and of other machines give a file another inode when they look again.
    """

    read: set[tuple[int, int] | str] = field(default_factory=set)
    written: set[tuple[int, int] | str] = field(default_factory=set)
    # Name without links -> size in bytes and time of the last change, ns, when it was first opened.
    states: dict[str, tuple[int, int]] = field(default_factory=dict)
    # Names without links that the run is going to write.
    announced: set[str] = field(default_factory=set)
    # A name as it was given -> where it led when it was first looked at.
    places: dict[str, str] = field(default_factory=dict)
    folders: dict[str, HeldFolder] = field(default_factory=dict)


# None outside of a command.
_run: _Run | None = None


@contextmanager
def remembered_inputs() -> Iterator[None]:
    """While the block runs, remember which files are read and written: none of them is written over."""
    global _run
    before, run = _run, _Run()
    _run = run
    try:
        yield
    finally:
        _run = before
        for folder in run.folders.values():
            folder.close()


def is_input(path: Path, found: os.stat_result) -> bool:
    """Whether this file, without links in its name, was read in this run, by whatever name it was reached."""
    return _run is not None and not _run.read.isdisjoint(((found.st_dev, found.st_ino), str(path)))


def is_output(path: Path, found: os.stat_result) -> bool:
    """Whether this file, without links in its name, was written in this run, by whatever name it was reached."""
    return _run is not None and not _run.written.isdisjoint(((found.st_dev, found.st_ino), str(path)))


def remember_output(path: Path, found: os.stat_result) -> None:
    """Note that this file, without links in its name, was written in this run."""
    if _run is not None:
        _run.written.update(((found.st_dev, found.st_ino), str(path)))


def announce_output(path: Path) -> bool:
    """Note that this file, without links in its name, is going to be written; False where it was noted before."""
    if _run is None:
        return True
    known = len(_run.announced)
    _run.announced.add(str(path))
    return len(_run.announced) > known


def hold_place(path: Path, target: Path) -> None:
    """Hold the folder that a result goes to from its first look on, while a command runs.

    Parameters
    ----------
    path, target : Path
        The name that was given, and where it leads.

    Raises
    ------
    InputError
        Where it leads elsewhere than when this run first looked.
    OSError
        Where the folder cannot be looked into.
    """
    if _run is None:
        return
    for given, leads in ((path.parent, path.parent.resolve()), (path, target)):
        if _run.places.setdefault(str(given.absolute()), str(leads)) != str(leads):
            raise swapped(given)
    folder = str(target.parent)
    if folder not in _run.folders:
        _run.folders[folder] = HeldFolder(target.parent)
    _run.folders[folder].check()


def open_input(path: str | Path) -> BinaryIO:
    """Open a regular file for reading, and remember it as an input of this run.

    Parameters
    ----------
    path : str or Path
        A leading ``~`` is the reader's home.

    Raises
    ------
    InputError
        Where it is a pipe, a device or a socket, which may never end, no file can have that name, or this run opened
        it before and it changed since: what was read then does not go with what is in it now.
    OSError
        Where it is missing, a folder, or not allowed to be read: the caller knows what to say of it.
    """
    path = expand_user(path)
    try:
        handle = os.open(path, _READ)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise _no_regular_file(path) from error
        raise
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise _no_regular_file(path)
    try:  # some files of the system have nothing to give yet, though they look regular
        os.read(handle, 1)
        os.lseek(handle, 0, os.SEEK_SET)
    except BlockingIOError as error:
        os.close(handle)
        raise _no_regular_file(path) from error
    except OSError:  # whoever reads it will say so
        pass
    if _run is not None:
        name, state = os.path.realpath(path), (found.st_size, found.st_mtime_ns)
        _run.read.update(((found.st_dev, found.st_ino), name))
        if _run.states.setdefault(name, state) != state:
            os.close(handle)
            raise InputError(f"{path.name} changed while it was read; wait until it is written, then run again.")
    return os.fdopen(handle, "rb")


def check_there(path: Path, missing: str) -> None:
    """Raise InputError where no file has this name: `missing` where nothing has it, else what is there instead."""
    if path.is_file():
        return
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; give the name of a file in it.")
    if path.exists():
        raise _no_regular_file(path)
    if path.is_symlink():
        raise InputError(f"{str(path)!r} is a link to a file that is not there; give the name of the file itself.")
    raise InputError(missing)


def check_input(path: str | Path) -> int:
    """Return the size in bytes of a file that a library is going to open by its name; errors as `open_input`."""
    with open_input(path) as file:
        return os.fstat(file.fileno()).st_size


def read_bounded(path: str | Path, most: int) -> bytes:
    """Return a file's content, at most `most` + 1 bytes: one more is enough to refuse it; errors as `open_input`."""
    with open_input(path) as file:
        return file.read(most + 1)


def read_kept(path: Path, most: int | None = None) -> bytes | None:
    """Return a file that the program keeps for itself, or None where it is none to rely on.

    That is one that is missing, not readable, longer than `most` bytes, a link, a pipe or a device: what was put in its
    place by somebody else. It is no input of a run: the program may write it anew.
    """
    try:
        handle = os.open(path, _READ | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or (most is not None and found.st_size > most):
                return None
            return file.read()
    except OSError:
        return None


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Say of what goes wrong while a file's content is made sense of that it is that file: the last net of a door.

    Raises
    ------
    InputError
        In place of an error of numbers, texts or nesting that no check foresaw; other errors pass.
    """
    try:
        yield
    except GlutealError:
        raise
    except RecursionError as error:
        raise InputError(f"{Path(path).name} is nested too deeply to be read; correct it.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{Path(path).name} is packed, and broken or cut off ({in_a_line(error)}); copy or export it again."
        ) from error
    except (ValueError, ArithmeticError) as error:
        raise InputError(
            f"{Path(path).name} has something in it that cannot be used ({in_a_line(error)}); correct it, or export "
            "it again."
        ) from error


def in_a_line(error: BaseException) -> str:
    """Return what an error says, on one line and not longer than a sentence."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]}…"


def read_loosely(path: str | Path) -> str:
    """Return the text of a file up to `MOST_TEXT` bytes, those that are not UTF-8 replaced; errors as `read_whole`."""
    return read_whole(path).decode("utf-8-sig", errors="replace")


def read_whole(path: str | Path) -> bytes:
    """Return a file's content, up to `MOST_TEXT` bytes; errors as `open_input`, and InputError where it is longer."""
    content = read_bounded(path, MOST_TEXT)
    if len(content) > MOST_TEXT:
        raise InputError(f"{Path(path).name} has more than {MOST_TEXT >> 20} MB; name the file that was meant.")
    return content


def expand_user(path: str | Path) -> Path:
    """Return a path with ``~`` expanded; InputError where no file can have that name."""
    if "\0" in str(path):
        raise InputError(f"{str(path)!r} contains a zero byte, which no file name can; correct it.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise InputError(f"{str(path)!r}: this computer knows no such user; write the folder out.") from error


def _no_regular_file(path: Path) -> InputError:
    return InputError(f"{path.name} is a pipe or a device, not a file; save what it gives as a file and name that.")


def open_text(path: Path) -> gzip.GzipFile | BinaryIO:
    """Open a text file, unzipping on the way where it is gzipped."""
    file = open_input(path)
    zipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not zipped:
        return file
    unzipped = gzip.GzipFile(fileobj=file, mode="rb")
    # GzipFile closes a file of its own only: hand it this one.
    unzipped.myfileobj = file  # type: ignore[assignment]  # it needs close() alone
    return unzipped


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

"""A folder held while a run writes to it: nothing goes elsewhere where somebody swaps it for another, or for a link."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, final

from gluteal.errors import InputError

# Whether this system finds files from a folder that is held; elsewhere it is known by its number alone.
_BY_HANDLE = {os.open, os.mkdir, os.rename, os.stat, os.unlink} <= os.supports_dir_fd


@final
class HeldFolder:
    """A folder as it was when a run first named it.

    Parameters
    ----------
    path : Path
        Without links.

    Raises
    ------
    OSError
        Where it is missing or not allowed to be looked into.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        if _BY_HANDLE:
            # O_PATH: a folder may be written to without being allowed to be listed.
            flags = os.O_DIRECTORY | getattr(os, "O_PATH", os.O_RDONLY)
            with suppress(PermissionError):
                self._handle = os.open(path, flags)
        # While it is held its number stays its own, also where file systems make numbers up.
        self._found = path.stat() if self._handle is None else os.fstat(self._handle)

    def close(self) -> None:
        """Let go of it."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None

    def check(self) -> None:
        """Raise InputError where its name leads to another folder now."""
        try:
            same = os.path.samestat(self._found, self.path.lstat())
        except OSError:
            same = False
        if not same:
            raise swapped(self.path)

    def look(self, name: str) -> os.stat_result:
        """Return what is known of an entry, links not followed; errors as `os.stat`."""
        return os.stat(self._name(name), dir_fd=self._handle, follow_symlinks=False)

    def make_file(self, name: str, mode: int) -> BinaryIO:
        """Make a file that was not there, and open it; errors as `os.open`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self._name(name), flags, mode, dir_fd=self._handle), "w+b")

    def make_folder(self, name: str) -> Path:
        """Make a folder in it and return its path; errors as `os.mkdir`."""
        os.mkdir(self._name(name), dir_fd=self._handle)
        return self.path / name

    def rename(self, name: str, target: str) -> None:
        """Let an entry take the place of another, in one step on every system; errors as `os.replace`."""
        if self._handle is None:
            (self.path / name).replace(self.path / target)
        else:
            os.replace(name, target, src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def discard(self, name: str) -> None:
        """Remove an entry, whatever it is, where it is there."""
        with suppress(OSError):
            if stat.S_ISDIR(self.look(name).st_mode):
                shutil.rmtree(self._name(name), ignore_errors=True, dir_fd=self._handle)
            else:
                os.unlink(self._name(name), dir_fd=self._handle)

    def _name(self, name: str) -> str:
        return str(self.path / name) if self._handle is None else name


def swapped(path: Path) -> InputError:
    """Return what is said where the way to a result changed since the run began."""
    return InputError(
        f"{str(path)!r} is not what it was when this run began: it was moved, or swapped for another or a link, so "
        "nothing was written there. See who changes it, then run again."
    )

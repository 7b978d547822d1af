"""The door out: files are written whole or not at all, and never over an input of the same run."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import stat
import sys
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, TypeVar

from gluteal.errors import InputError
from gluteal.files.escaping import shown_text
from gluteal.files.held import HeldFolder, swapped
from gluteal.files.incoming import announce_output, expand_user, hold_place, is_input, is_output, remember_output

_Made = TypeVar("_Made")

# Age in s at which a temporary file of another computer counts as left behind; own choice: a day.
_STALE = 86_400.0
_LEFT = re.compile(r"\.?gluteal-(?P<host>[0-9a-f]{8})-(?P<process>\d{1,10})-[0-9a-f]{8}(\.[^.]+)?")


def check_target(path: str | Path, endings: Collection[str] = ()) -> Path:
    """Return the file that writing to `path` will replace, links followed.

    Raises
    ------
    InputError
        Where `path` is a folder, a device, read-only or an input of this run, its folder is missing, or its ending is
        not among `endings`.
    """
    target = expand_user(path)
    if endings and target.suffix.lower() not in endings:
        raise InputError(f"Cannot write {str(path)!r}: the ending must be one of {', '.join(endings)}.")
    try:
        if target.is_dir():
            raise InputError(f"{str(target)!r} is a folder; give the name of a file in it.")
        # A link keeps pointing where it did: its target is replaced, not the link.
        target = target.resolve()
        if not target.parent.is_dir():
            raise InputError(
                f"Cannot write {target.name}: the folder {str(target.parent)!r} does not exist; create it first."
            )
        hold_place(expand_user(path), target)
        found = target.stat() if target.exists() else None
    except (OSError, RuntimeError) as error:  # a name too long, links in a circle
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise InputError(f"Cannot write {target.name[:80]!r} ({why}); choose another name.") from error
    if found is not None:
        _check_replaceable(target, found)
    return target


def _check_replaceable(target: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"Cannot write {str(target)!r}: it is a pipe or a device; give the name of a file.")
    if is_input(target, found):
        raise InputError(
            f"Cannot write {str(target)!r}: this run reads it, and would write over it; choose another name."
        )
    if is_output(target, found):
        raise _twice(target)
    if not found.st_mode & 0o222:
        raise InputError(f"Cannot write {str(target)!r}: it is read-only; choose another name, or allow writing.")


def announce_target(path: str | Path, endings: Collection[str] = ()) -> None:
    """Find out before the work is done whether its result can be written.

    Raises
    ------
    InputError
        As `check_target`, and where another result of this run was announced by the same name.
    """
    target = check_target(path, endings)
    if not announce_output(target):
        raise _twice(target)


def _twice(target: Path) -> InputError:
    return InputError(f"Cannot write {str(target)!r} twice in one run; give each result a name of its own.")


@contextmanager
def written_whole(path: str | Path, *, lasting: bool = True) -> Iterator[BinaryIO]:
    """Give a temporary file, open; it takes the name `path` only when the block succeeds.

    Whatever had that name before stays as it was when the block fails, and no half file is left behind. The new file
    has the permissions of the one that it replaces. `lasting`: its content reaches the disk before its name does, which
    takes some hundredths of a second; what carries a digest of itself can do without.

    Raises
    ------
    InputError
        Where `check_target` refuses `path`, the place cannot be written to or is swapped for another meanwhile, or the
        disk is full.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with written_whole(target) as file:
    ...     _ = file.write(b"complete")
    >>> target.read_text(), len(list(target.parent.iterdir()))
    ('complete', 1)
    """
    target = check_target(path)
    with _put_in_place(target, lambda folder, name: _create(folder, name, target.name)) as file:
        try:
            yield file
            file.flush()
            found = os.fstat(file.fileno())
            if lasting:  # a power cut leaves the old file or the new one
                os.fsync(file.fileno())
            file.close()
        finally:
            with suppress(OSError):  # where the disk is full, what is left to write is thrown away
                file.close()
        # Again: the input may have been read, or the target made, since the first look.
        if check_target(path) != target:
            raise swapped(expand_user(path))
    remember_output(target, found)


@contextmanager
def folder_written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it takes the name `path` only when the block succeeds.

    Raises
    ------
    InputError
        Where something other than an empty folder has that name, the place cannot be written to, or the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "set"
    >>> with folder_written_whole(target) as temporary:
    ...     write_text(temporary / "a.txt", "complete")
    >>> [entry.name for entry in target.iterdir()], len(list(target.parent.iterdir()))
    (['a.txt'], 1)
    """
    target = check_new_folder(path)
    with _put_in_place(target, lambda folder, name: folder.make_folder(name)) as temporary:
        yield temporary
        if check_new_folder(path) != target:
            raise swapped(expand_user(path))
        if target.exists():
            target.rmdir()  # empty: not every system renames onto it


def check_new_folder(path: str | Path) -> Path:
    """Return the folder that filling `path` will make, links followed.

    Raises
    ------
    InputError
        Where it is there already and not empty, is a file, or no folder can have that name.
    """
    target = expand_user(path)
    try:
        target = target.resolve()
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise InputError(f"{target.name} is there already and not an empty folder; give the name of a new one.")
        if target.parent.is_dir():
            hold_place(expand_user(path), target)
    except (OSError, RuntimeError) as error:  # a name too long, links in a circle, not allowed to look
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise InputError(f"Cannot write {target.name[:80]!r} ({why}); choose another name.") from error
    return target


@contextmanager
def _put_in_place(target: Path, create: Callable[[HeldFolder, str], _Made]) -> Iterator[_Made]:
    """Give what `create` made beside `target`; after the block it is renamed to `target`, or goes where that fails."""
    sweep(target.parent)
    # The old ending stays last: some libraries choose the format by it.
    name = f".{name_temporary()}{target.suffix}"
    folder = None
    try:
        try:
            folder = HeldFolder(target.parent)
            made = create(folder, name)
        except OSError as error:
            raise InputError(
                f"Cannot write to the folder {str(target.parent)!r} ({error.strerror}); choose another one."
            ) from error
        try:
            yield made
            folder.check()
            folder.rename(name, target.name)
        except OSError as error:
            folder.check()
            raise InputError(
                f"Cannot write {target.name} in the folder {str(target.parent)!r} ({error.strerror or error}); what "
                "was there before is as it was. Make room, or choose another folder."
            ) from error
    finally:
        if folder is not None:
            folder.discard(name)
            folder.close()
        _discard(target.with_name(name))  # what a library wrote by name into a folder that was swapped in


def _create(folder: HeldFolder, name: str, target: str) -> BinaryIO:
    """Create the temporary file with the permissions and the owner of what it will replace."""
    try:
        old = folder.look(target)
    except FileNotFoundError:
        return folder.make_file(name, 0o666)
    file = folder.make_file(name, 0o600)
    with suppress(OSError, AttributeError):  # only an administrator gives files away
        os.fchown(file.fileno(), old.st_uid, old.st_gid)
    with suppress(AttributeError):  # Windows has but one, and what is read-only is not replaced
        os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
    return file


def name_temporary() -> str:
    """Return a name nobody else has, which says who made it: computer and process.

    So what a killed run left can be told from work that goes on.
    """
    return f"gluteal-{_here()}-{os.getpid()}-{secrets.token_hex(4)}"


@cache
def _here() -> str:
    """A short name of where numbers of processes mean anything: this computer since it started, and container."""
    told = socket.gethostname()
    if sys.platform == "linux":
        with suppress(OSError):
            told += Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
            told += str(Path("/proc/self/ns/pid").readlink())
    return f"{zlib.crc32(told.encode(errors='surrogateescape')):08x}"


def sweep(folder: Path) -> None:
    """Remove from a folder what runs that are no more left in it; never anybody else's."""
    with suppress(OSError):
        for entry in (*folder.glob(".gluteal-*"), *folder.glob("gluteal-*")):
            found = _LEFT.fullmatch(entry.name)
            if found and _is_left_behind(entry, found["host"], int(found["process"])):
                _discard(entry)


def _discard(entry: Path) -> None:
    with suppress(OSError):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _is_left_behind(entry: Path, host: str, process: int) -> bool:
    found = entry.lstat()
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return False
    if host != _here() or sys.platform == "win32":  # there, asking after a process ends it
        return time.time() - found.st_mtime > _STALE
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def write_bytes(path: str | Path, content: bytes, *, lasting: bool = True) -> None:
    """Write a file, whole or not at all; `lasting` and errors as `written_whole`."""
    with written_whole(path, lasting=lasting) as file:
        file.write(content)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file (UTF-8), whole or not at all; errors as `written_whole`.

    What UTF-8 has no sign for, a lone byte of a file's name, is written as its code; so is, in a page, what a
    terminal would obey and what turns the order of letters round.
    """
    if Path(path).suffix.lower() == ".html":
        text = shown_text(text)
    write_bytes(path, text.encode("utf-8", errors="backslashreplace"))

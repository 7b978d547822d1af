"""The door out: files are written whole or not at all, and never over an input of the same run."""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
import sys
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gluteal.errors import InputError
from gluteal.files.incoming import expand_user, is_input

# Age in s at which a temporary file of another computer counts as left behind; own choice: a day.
_STALE = 86_400.0
# Temporary names carry who writes: computer and process, so that what a killed run left can be told from work going on.
_HERE = f"{zlib.crc32(socket.gethostname().encode()):08x}"
_LEFT = re.compile(r"\.gluteal-(?P<host>[0-9a-f]{8})-(?P<process>\d{1,10})-[0-9a-f]{8}(\.[^.]+)?")


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
    if is_input(found):
        raise InputError(
            f"Cannot write {str(target)!r}: this run reads it, and would write over it; choose another name."
        )
    if not found.st_mode & 0o222:
        raise InputError(f"Cannot write {str(target)!r}: it is read-only; choose another name, or allow writing.")


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the name `path` only when the block succeeds.

    Whatever had that name before stays as it was when the block fails, and no half file is left behind. The new file
    has the permissions of the one that it replaces.

    Raises
    ------
    InputError
        Where `check_target` refuses `path`, the place cannot be written to, or the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with written_whole(target) as temporary:
    ...     _ = temporary.write_text("complete")
    >>> target.read_text(), len(list(target.parent.iterdir()))
    ('complete', 1)
    """
    target = check_target(path)
    _sweep(target.parent)
    # The old ending stays last: some libraries choose the format by it.
    name = f".gluteal-{_HERE}-{os.getpid()}-{secrets.token_hex(4)}{target.suffix}"
    temporary = target.with_name(name)
    try:
        try:
            _create(temporary, target)
        except OSError as error:
            raise InputError(
                f"Cannot write to the folder {str(target.parent)!r} ({error.strerror}); choose another one."
            ) from error
        try:
            yield temporary
            # Again: the input may have been read, or the target made, since the first look.
            check_target(target)
            os.replace(temporary, target)  # noqa: PTH105 - one atomic step on every system
        except OSError as error:
            raise InputError(
                f"Cannot write {target.name} in the folder {str(target.parent)!r} ({error.strerror or error}); what "
                "was there before is as it was. Make room, or choose another folder."
            ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _create(temporary: Path, target: Path) -> None:
    """Create the temporary file with the permissions and the owner of what it will replace."""
    try:
        old = target.stat()
    except FileNotFoundError:
        temporary.touch(exist_ok=False)
        return
    temporary.touch(mode=0o600, exist_ok=False)
    with suppress(OSError, AttributeError):  # only an administrator gives files away
        os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))


def _sweep(folder: Path) -> None:
    """Remove temporary files that a run which is no more left in a folder; never anybody else's."""
    with suppress(OSError):
        for entry in folder.glob(".gluteal-*"):
            found = _LEFT.fullmatch(entry.name)
            if found and _is_left_behind(entry, found["host"], int(found["process"])):
                with suppress(OSError):
                    entry.unlink()


def _is_left_behind(entry: Path, host: str, process: int) -> bool:
    if time.time() - entry.lstat().st_mtime > _STALE:
        return True
    if host != _HERE or sys.platform == "win32":  # there, asking after a process ends it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file, whole or not at all; errors as `written_whole`."""
    with written_whole(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file (UTF-8), whole or not at all; errors as `written_whole`."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")

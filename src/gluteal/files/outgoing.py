"""The door out: files are written whole or not at all, and never over what a run has read.

A file is made under a temporary name beside its target and renamed when complete. Whatever had the name before stays as
it was when something fails: an error, a full disk, an interruption.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gluteal.errors import InputError
from gluteal.files.incoming import taken_as

#: After so many seconds a temporary file of ours belongs to a run that was killed.
_LEFT_BEHIND = 3600.0


def check_target(path: str | Path, endings: Collection[str] = ()) -> Path:
    """Return the file that writing to `path` will replace, links followed.

    Raises
    ------
    InputError
        Where `path` is a folder, a device or a pipe, is read-only, was read by this run, its folder is missing, or its
        ending is not among `endings`.
    """
    try:
        target = Path(path).expanduser()
        if endings and target.suffix.lower() not in endings:
            raise InputError(f"Cannot write {str(path)!r}: the ending must be one of {', '.join(endings)}.")
        if target.is_dir():
            raise InputError(f"{str(target)!r} is a folder; give the name of a file in it.")
        # A link keeps pointing where it did: its target is replaced, not the link.
        target = target.resolve()
        there = target.exists()
    except (OSError, ValueError, RuntimeError) as error:  # names with a NUL, of a thousand letters, of no user
        raise InputError(f"Cannot write {str(path)!r} ({getattr(error, 'strerror', None) or error}).") from error
    if not target.parent.is_dir():
        raise InputError(
            f"Cannot write {target.name}: the folder {str(target.parent)!r} does not exist; create it first."
        )
    if not there:
        return target
    if not target.is_file():
        raise InputError(f"{str(target)!r} is a device or a pipe, which nothing here writes to; give another name.")
    read = taken_as(target)
    if read is not None:
        raise InputError(f"{target.name} was read by this very run ({read}); it is kept. Give the result another name.")
    if not os.access(target, os.W_OK) or not target.stat().st_mode & 0o222:
        raise InputError(f"{target.name} is read-only, so it is kept; give another name, or allow writing to it.")
    return target


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the name `path` only when the block succeeds.

    Whatever had that name before stays as it was when the block fails, and no half file is left behind. The new file
    may be read and written by whom the old one was.

    Raises
    ------
    InputError
        As `check_target`; where the place cannot be written to, or is full.

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
    _sweep(target)
    # The old ending stays last: some libraries choose the format by it.
    temporary = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
    try:
        temporary.touch(exist_ok=False)
        if target.exists():
            shutil.copymode(target, temporary)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise InputError(
            f"Cannot write to the folder {str(target.parent)!r} ({error.strerror}); choose another one."
        ) from error
    try:
        try:
            yield temporary
        except OSError as error:
            if error.filename not in (None, str(temporary)):
                raise
            raise InputError(
                f"Cannot write {target.name} ({error.strerror or error}); what was there is kept. Make room, or choose "
                "another folder."
            ) from error
        check_target(path)  # what was read while it was made, too
        os.replace(temporary, target)  # noqa: PTH105 - one atomic step on every system
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file (UTF-8), whole or not at all; errors as `written_whole`."""
    with written_whole(path) as temporary:
        # Names of files need not be text; what is none is shown as such.
        temporary.write_bytes(text.encode("utf-8", errors="replace"))


def _sweep(target: Path) -> None:
    """Remove temporary files of this very target that a killed run left behind."""
    ours = re.compile(rf"\.{re.escape(target.stem)}\.[0-9a-f]{{8}}{re.escape(target.suffix)}")
    with suppress(OSError):
        for entry in target.parent.iterdir():
            if ours.fullmatch(entry.name) and time.time() - entry.stat().st_mtime > _LEFT_BEHIND:
                entry.unlink(missing_ok=True)

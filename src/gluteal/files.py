"""Writing files whole or not at all: under a temporary name first, renamed when complete."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from gluteal.errors import InputError


def check_target(path: str | Path, endings: Collection[str] = ()) -> Path:
    """Return the file that writing to `path` will replace, links followed.

    Raises
    ------
    InputError
        Where `path` is a folder, its folder is missing, or its ending is not among `endings`.
    """
    target = Path(path).expanduser()
    if endings and target.suffix.lower() not in endings:
        raise InputError(f"Cannot write {str(path)!r}: the ending must be one of {', '.join(endings)}.")
    if target.is_dir():
        raise InputError(f"{str(target)!r} is a folder; give the name of a file in it.")
    # A link keeps pointing where it did: its target is replaced, not the link.
    target = target.resolve()
    if not target.parent.is_dir():
        raise InputError(
            f"Cannot write {target.name}: the folder {str(target.parent)!r} does not exist; create it first."
        )
    return target


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the name `path` only when the block succeeds.

    Whatever had that name before stays as it was when the block fails, and no half file is left behind.

    Raises
    ------
    InputError
        Where the folder is missing, `path` is a folder, or the place cannot be written to.

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
    # The old ending stays last: some libraries choose the format by it.
    temporary = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise InputError(
            f"Cannot write to the folder {str(target.parent)!r} ({error.strerror}); choose another one."
        ) from error
    try:
        yield temporary
        os.replace(temporary, target)  # noqa: PTH105 - one atomic step on every system
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file (UTF-8), whole or not at all; errors as `written_whole`."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read_table_text(package: str | None, name: str) -> str:
    """Return the text of a table that stands beside its room; `package` is the room's ``__package__``."""
    assert package is not None, "only modules of a package have tables beside them"
    return files(package).joinpath(name).read_text(encoding="utf-8")

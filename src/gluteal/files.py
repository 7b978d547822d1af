"""Files and what is put into them.

Files are written whole or not at all: under a temporary name first, renamed when complete. Small tables are read row
by row without their comments; values are made plain for JSON.
"""

from __future__ import annotations

import csv
import gzip
import math
import os
import secrets
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gluteal.errors import InputError

#: A gzipped table of numbers shrinks some fivefold; a file that grows more than this is no recording.
MOST_EXPANSION = 100
#: Bytes read at a time, and below which nothing is too large.
_BLOCK = 4 * 2**20


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


def open_text(path: Path) -> gzip.GzipFile | BinaryIO:
    """Open a text file, unzipping on the way where it is gzipped."""
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


def read_table_text(package: str | None, name: str) -> str:
    """Return the text of a table that stands beside its room; `package` is the room's ``__package__``."""
    assert package is not None, "only modules of a package have tables beside them"
    return files(package).joinpath(name).read_text(encoding="utf-8")


def without_comments(text: str) -> list[str]:
    """Return the lines of a table that are not comments, which begin with ``#``."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def read_rows(text: str) -> list[dict[str, str]]:
    r"""Read a table of comma-separated values whose first line names the columns; comments are left out.

    >>> read_rows("# where it comes from\nmuscle,n\npsoas,2\n")
    [{'muscle': 'psoas', 'n': '2'}]
    """
    return list(csv.DictReader(without_comments(text)))


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: NumPy and tuples gone, numbers that are none as None.

    >>> plain({"a": (np.float64(1.5), float("nan")), "b": np.arange(2)})
    {'a': [1.5, None], 'b': [0, 1]}
    """
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

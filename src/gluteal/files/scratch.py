"""Folders for what a run needs for a while; what a killed run left of them is swept by the next."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from gluteal.files.outgoing import name_temporary, sweep


class TemporaryFolder:
    """A temporary folder, only for this user, that goes when the last that holds it does.

    Examples
    --------
    >>> folder = TemporaryFolder()
    >>> path = folder.path
    >>> path.is_dir()
    True
    >>> del folder
    >>> path.exists()
    False
    """

    def __init__(self) -> None:
        place = Path(tempfile.gettempdir())
        sweep(place)
        self.path = place / name_temporary()
        self.path.mkdir(mode=0o700)
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

"""Optional packages: without one, a skip with a reason on a laptop and a failure in CI, where all are installed."""

from __future__ import annotations

import importlib
import os
import shutil
from types import ModuleType

import pytest

#: Package and the extra of the install line that brings it.
EXTRAS = {
    "opensim": "opensim",
    "zarr": "study",
    "dask": "study",
    "distributed": "study",
    "ziglang": "test",
    "playwright": "test",
}


def in_ci() -> bool:
    """Whether this run has promised to leave nothing out."""
    return bool(os.environ.get("CI"))


def needs(package: str) -> ModuleType:
    """Import an optional package and return it; without it, skip the test or module, or fail in CI."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        words = f"{package} cannot be imported ({error}); install it with: pip install '.[{EXTRAS[package]}]'"
        if in_ci():
            pytest.fail(f"{words}. CI leaves nothing out.", pytrace=False)
        pytest.skip(words, allow_module_level=True)


def needs_program(name: str, package: str, *, always: bool = True) -> str:
    """Return where a program is; without it, skip the test, or fail in CI unless it is one that CI may be without."""
    found = shutil.which(name)
    if found:
        return found
    words = f"{name} is not on the path; the system's package {package} brings it"
    if always and in_ci():
        pytest.fail(f"{words}. CI leaves nothing out.", pytrace=False)
    pytest.skip(words)

"""The package's extras: what each would add, and which of its packages are installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any


@dataclass(frozen=True)
class Extra:
    """An optional part: what it adds, for whom, and its packages; a test holds these to pyproject.toml."""

    adds: str
    packages: tuple[str, ...]
    developers: bool = False


EXTRAS: Mapping[str, Extra] = {
    "opensim": Extra("your own OpenSim models and recordings (gluteal trial, --body subject.osim)", ("opensim",)),
    "study": Extra(
        "studies on several machines, and results that end in .zarr (gluteal study --scheduler)",
        ("dask", "distributed", "zarr"),
    ),
    "formats": Extra(
        "EMG from AcqKnowledge, workbooks, Parquet, R and tables of MATLAB, and EMG written as BIDS (gluteal emg)",
        ("bioread", "edfio", "mat-io", "openpyxl", "pyarrow", "rdata"),
    ),
    "docs": Extra(
        "building the site (python -m docs.site, in a clone)",
        ("sphinx", "pydata-sphinx-theme", "myst-nb", "sphinx-gallery", "numpydoc", "sphinx-design"),
        developers=True,
    ),
    "benchmarks": Extra(
        "other people's solvers and onset detectors to measure against (in a clone)",
        ("clarabel", "proxsuite", "osqp", "neurokit2", "biosppy", "peakutils"),
        developers=True,
    ),
}


def list_extras() -> list[dict[str, Any]]:
    """Return every extra with what it adds, the versions of its packages (None: not installed) and the install line."""
    found = []
    for name, extra in EXTRAS.items():
        packages = {package: installed_version(package) for package in extra.packages}
        found.append(
            {
                "name": name,
                "adds": extra.adds,
                "developers": extra.developers,
                "complete": all(packages.values()),
                "packages": packages,
                "install": f"pip install 'gluteal[{name}]'",
            }
        )
    return found


def installed_version(name: str) -> str | None:
    """Return a package's version, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None

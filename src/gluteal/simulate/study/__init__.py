"""Studies: bodies or trials x movements x conditions x random people, on any number of processes or machines.

A plan is cut into units of work (some people of one case). Every finished unit is written beside the result,
under a temporary name first (`parts`); at the end the units are put together into one file and removed. A killed study
therefore resumes with the units that are missing, and ends bit for bit like one that ran through.

In: plans, units, where they run, the file they end in. Out: how one person is solved (`gluteal.simulate.runs`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xarray as xr

from gluteal.errors import InputError, MissingEngine, Unsolved
from gluteal.files import check_target, expand_user
from gluteal.simulate.study.parts import hold_parts, sweep_parts
from gluteal.simulate.study.plan import Case, StudySpec, load_plan
from gluteal.simulate.study.pool import iterate_units
from gluteal.simulate.study.result import ENDINGS, assemble_result, load_study, summarize_study, write_result
from gluteal.simulate.study.work import check_case, list_versions

__all__ = ["Case", "Plan", "load_plan", "load_study", "run_study", "summarize_study"]

#: Called with (units done, units in all) after each unit.
UnitProgress = Callable[[int, int], None]


def run_study(
    plan: StudySpec | str | Path,
    *,
    out: str | Path,
    scheduler: str | None = None,
    workers: int | None = None,
    resume: bool = False,
    progress: UnitProgress | None = None,
) -> xr.Dataset:
    """Run a study and write its result; returns it (see `load_study`).

    In a script, call this under ``if __name__ == "__main__":``; local processes start by importing it.

    Parameters
    ----------
    plan : Plan, str or Path
        `load_plan` or the path of a plan.
    out : str or Path
        Result, ``.nc`` (netCDF-4) or ``.zarr``. Work in progress is kept beside it in ``OUT.parts``.
    scheduler : str or None
        Address of a Dask scheduler ("tls://host:8786"); None starts processes on this machine, which are talked to
        through pipes: nothing listens.
    workers : int or None
        Local processes; None is one per core, 0 works in this process.
    resume : bool
        Go on where a killed run of the same plan ended; a finished one is returned as it is.
    progress : callable or None

    Raises
    ------
    InputError
        A bad plan; a result, half of one or another run that is in the way; a plan, model or version that changed
        since; a scheduler that does not answer; processes that are lost again and again.
    MissingEngine
        Where Dask (or Zarr) is needed and not installed.
    Unsolved
        Where the load sharing of somebody was not solved.
    """
    plan = plan if isinstance(plan, StudySpec) else load_plan(plan)
    target = _target(out)
    if scheduler is not None and workers is not None:
        raise InputError("Give either the address of a scheduler or a number of local workers, not both.")
    if workers is not None and workers < 0:
        raise InputError(f"{workers} workers cannot work; give 1 or more, or 0 to work in this process.")
    for case in plan.cases:
        check_case(plan, case)
    identity = {"plan": plan.fingerprint(), "versions": list_versions()}
    folder = target.with_name(f"{target.name}.parts")
    if target.exists():
        return _finished(target, folder, identity, plan, resume)
    with hold_parts(folder, identity, plan.units, resume=resume) as parts:
        if target.exists():  # another run ended since
            raise InputError(f"{target.name} exists already; choose another name or delete it first.")
        missing = parts.find_missing()
        done = len(plan.units) - len(missing)
        _tell(progress, done, len(plan.units))
        for unit, found in iterate_units(plan, missing, scheduler=scheduler, workers=workers):
            _check_found(found, identity)
            parts.store(unit, found["arrays"])
            done += 1
            _tell(progress, done, len(plan.units))
        write_result(assemble_result(plan, parts, identity), target)
        parts.remove()
    return load_study(target)


def _target(out: str | Path) -> Path:
    """Find out before any work whether the result can be written."""
    path = expand_user(out)
    if path.suffix.lower() == ".zarr" and find_spec("zarr") is None:
        raise MissingEngine("zarr", "study")
    if path.suffix.lower() == ".zarr" and path.is_dir():
        return path.resolve()
    return check_target(path, ENDINGS)


def _finished(target: Path, folder: Path, identity: dict[str, Any], plan: StudySpec, resume: bool) -> xr.Dataset:
    """Return a result that is already there, if it is this study's."""
    if not resume:
        raise InputError(f"{target.name} exists already; choose another name or delete it first.")
    dataset = load_study(target)
    if json.loads(dataset.attrs["identity"]) != identity:
        raise InputError(
            f"{target.name} was made by another plan or by other versions of the programs; choose another name."
        )
    sweep_parts(folder, identity, plan.units)
    return dataset


def _check_found(found: dict[str, Any], identity: dict[str, Any]) -> None:
    if "error" in found:
        raise (Unsolved if found["unsolved"] else InputError)(found["error"])
    if found["versions"] != identity["versions"]:
        raise InputError(
            f"A worker has {found['versions']} and this machine {identity['versions']}: install the same "
            "versions everywhere, then resume."
        )


def _tell(progress: UnitProgress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)

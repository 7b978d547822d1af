"""Studies: bodies or trials x movements x conditions x random people, on any number of processes or machines.

A plan is cut into units of work (some people of one case). Every finished unit is written beside the result,
under a temporary name first; at the end the units are put together into one file and removed. A killed study
therefore resumes with the units that are missing, and ends bit for bit like one that ran through.

In: plans, units, where they run, the file they end in. Out: how one person is solved (`gluteal.simulate.runs`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gluteal.errors import InputError, MissingEngine, Unsolved
from gluteal.files import check_target, write_text, written_whole
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
        Address of a Dask scheduler ("tcp://host:8786"); None starts processes on this machine.
    workers : int or None
        Local processes; None is one per core, 0 works in this process without Dask.
    resume : bool
        Go on where a killed run of the same plan ended; a finished one is returned as it is.
    progress : callable or None

    Raises
    ------
    InputError
        A bad plan; a result or half of one that is in the way; a plan, model or version that changed since;
        a scheduler that does not answer.
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
    parts = target.with_name(f"{target.name}.parts")
    if target.exists():
        return _finished(target, parts, identity, resume)
    _open_parts(parts, identity, resume)
    missing = [u for u in range(len(plan.units)) if not _part(parts, u).is_file()]
    done = len(plan.units) - len(missing)
    _tell(progress, done, len(plan.units))
    with _stoppable(parts):
        for unit, found in iterate_units(plan, missing, scheduler=scheduler, workers=workers):
            _check_found(found, identity)
            with written_whole(_part(parts, unit)) as temporary:
                np.savez(temporary, **found["arrays"])
            done += 1
            _tell(progress, done, len(plan.units))
    dataset = assemble_result(plan, [_part(parts, unit) for unit in range(len(plan.units))], identity)
    write_result(dataset, target)
    shutil.rmtree(parts)
    return load_study(target)


def _target(out: str | Path) -> Path:
    """Find out before any work whether the result can be written."""
    path = Path(out).expanduser()
    if path.suffix.lower() == ".zarr" and find_spec("zarr") is None:
        raise MissingEngine("zarr", "study")
    if path.suffix.lower() == ".zarr" and path.is_dir():
        return path.resolve()
    return check_target(path, ENDINGS)


def _finished(target: Path, parts: Path, identity: dict[str, Any], resume: bool) -> xr.Dataset:
    """Return a result that is already there, if it is this study's."""
    if not resume:
        raise InputError(f"{target.name} exists already; choose another name or delete it first.")
    dataset = load_study(target)
    if json.loads(dataset.attrs["identity"]) != identity:
        raise InputError(
            f"{target.name} was made by another plan or by other versions of the programs; choose another name."
        )
    # A kill after the last step can leave the parts behind.
    shutil.rmtree(parts, ignore_errors=True)
    return dataset


def _open_parts(parts: Path, identity: dict[str, Any], resume: bool) -> None:
    """Make or reopen the folder of finished units."""
    label = parts / "study.json"
    if label.is_file():
        if not resume:
            raise InputError(
                f"A run that did not finish is in {parts.name}: go on with --resume (resume=True), or delete "
                "that folder to start anew."
            )
        before = json.loads(label.read_text(encoding="utf-8"))
        if before != identity:
            changed = "the plan or a file it names" if before["plan"] != identity["plan"] else "a program"
            raise InputError(
                f"{parts.name} cannot be resumed: {changed} has changed since (see its study.json). Put it "
                "back, or delete that folder to start anew."
            )
        for left in parts.glob(".part-*"):  # half-written by a killed run
            left.unlink()
        return
    parts.mkdir(exist_ok=True)
    write_text(label, json.dumps(identity, indent=2, sort_keys=True))


def _check_found(found: dict[str, Any], identity: dict[str, Any]) -> None:
    if "error" in found:
        raise (Unsolved if found["unsolved"] else InputError)(found["error"])
    if found["versions"] != identity["versions"]:
        raise InputError(
            f"A worker has {found['versions']} and this machine {identity['versions']}: install the same "
            "versions everywhere, then resume."
        )


@contextmanager
def _stoppable(parts: Path) -> Iterator[None]:
    """Leave no empty folder behind where not one unit was finished."""
    try:
        yield
    except BaseException:
        if not any(parts.glob("part-*.npz")):
            shutil.rmtree(parts, ignore_errors=True)
        raise


def _part(parts: Path, unit: int) -> Path:
    return parts / f"part-{unit:06d}.npz"


def _tell(progress: UnitProgress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)

"""Where units are solved: in this process, in processes of this machine, or on a Dask cluster (`cluster`).

Processes of this machine are talked to through pipes; nothing listens on any port.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from gluteal.errors import InputError
from gluteal.simulate.study.cluster import iterate_on_cluster
from gluteal.simulate.study.plan import StudySpec
from gluteal.simulate.study.work import solve_unit

#: Processes lost one after the other, without a unit solved in between, that end a study.
MOST_LOSSES = 3
#: One numerical thread for each process: there is one process per core.
_ONE_THREAD = dict.fromkeys(("GLUTEAL_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

_log = logging.getLogger(__name__)


def iterate_units(
    plan: StudySpec, units: Sequence[int], *, scheduler: str | None, workers: int | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (unit, result of `solve_unit`) as they come.

    Raises
    ------
    InputError
        Where local processes are lost again and again, or a cluster does not do its part, see `iterate_on_cluster`.
    MissingEngine
        Where Dask is needed and not installed.
    """
    if not units:
        return
    if scheduler is not None:
        yield from iterate_on_cluster(plan, units, scheduler)
    elif workers == 0:
        for unit in units:
            yield unit, solve_unit(plan, plan.units[unit])
    else:
        yield from _in_processes(plan, units, min(workers or os.cpu_count() or 1, len(units)))


def _in_processes(plan: StudySpec, units: Sequence[int], count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Solve in processes of this machine; what a lost one was working on is solved again."""
    left = dict.fromkeys(units)
    losses = 0
    while left:
        try:
            for unit, found in _run_pool(plan, list(left), count):
                del left[unit]
                losses = 0
                yield unit, found
        except BrokenProcessPool as error:
            losses += 1
            if losses == MOST_LOSSES:
                raise InputError(
                    f"The processes of the study ended {losses} times before they solved anything; mostly memory ran "
                    "out: resume with fewer --workers or a smaller chunk (in a script, call run_study under "
                    'if __name__ == "__main__":).'
                ) from error
            _log.warning("A process of the study was lost; what it was working on is solved again.")


def _run_pool(plan: StudySpec, units: Sequence[int], count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Solve with one set of processes; raises BrokenProcessPool where one of them is lost."""
    # A fork of a process with threads of kernels or engines hangs: workers start afresh.
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_prepare_worker, initargs=(theirs,))
    waiting = iter(units)
    running: dict[Future[dict[str, Any]], int] = {}
    try:
        while True:
            # Two for each process, so that none waits and few results are held.
            while len(running) < 2 * count and (unit := next(waiting, None)) is not None:
                with _single_threaded():
                    running[pool.submit(solve_unit, plan, plan.units[unit])] = unit
            if not running:
                break
            # What was solved before a loss is kept: the loss is told after the others.
            done = sorted(wait(running, return_when=FIRST_COMPLETED).done, key=lambda f: f.exception() is not None)
            for future in done:
                yield running.pop(future), future.result()
        pool.shutdown()
    finally:
        ours.close()  # ends processes that still work: after an error, or where nobody waits for the rest
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _prepare_worker(lifeline: Connection) -> None:
    """Let a worker live as long as the other end of `lifeline` is held, however that process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears it and says so once
    threading.Thread(target=_follow, args=(lifeline,), daemon=True).start()


def _follow(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Give processes that start inside the block one numerical thread each; they read this on import."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

"""Where units are solved: in this process, in processes of this machine, or on any Dask cluster.

Processes of this machine are talked to through pipes; nothing listens on any port. A Dask scheduler runs whatever
anybody sends who reaches it: it is used only where its address is given, and encrypted where that begins with tls://.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import ssl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from gluteal.errors import InputError, MissingEngine
from gluteal.simulate.study.plan import StudySpec
from gluteal.simulate.study.work import solve_unit

if TYPE_CHECKING:
    from distributed import Client

#: How long a scheduler has to answer, s.
PATIENCE = 20
#: Processes lost one after the other, without a unit solved in between, that end a study.
MOST_LOSSES = 3
#: One numerical thread for each process: there is one process per core.
_ONE_THREAD = dict.fromkeys(("GLUTEAL_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_TLS = "tls://"

_log = logging.getLogger(__name__)


def iterate_units(
    plan: StudySpec, units: Sequence[int], *, scheduler: str | None, workers: int | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (unit, result of `solve_unit`) as they come.

    Raises
    ------
    InputError
        Where no scheduler answers, its certificates are not configured, or local processes are lost again and again.
    MissingEngine
        Where Dask is needed and not installed.
    """
    if not units:
        return
    if scheduler is not None:
        yield from _on_cluster(plan, units, scheduler)
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


def _on_cluster(plan: StudySpec, units: Sequence[int], scheduler: str) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from distributed import as_completed
    except ImportError as error:
        raise MissingEngine("dask", "study") from error
    with _connect(scheduler) as client:
        futures = {client.submit(solve_unit, plan, plan.units[unit], pure=False): unit for unit in units}
        for future, found in as_completed(list(futures), with_results=True):
            yield futures.pop(future), found
            future.release()


def _connect(scheduler: str) -> Client:
    """Connect to a scheduler, with the certificates of Dask's configuration where its address asks for them."""
    from distributed import Client
    from distributed.security import Security

    try:
        if scheduler.startswith(_TLS):
            security = Security(require_encryption=True)
            if security.get_connection_args("client").get("ssl_context") is None:
                raise InputError(
                    f"{scheduler!r} asks for TLS, but Dask's configuration names no certificates; set "
                    "distributed.comm.tls.ca-file and the cert and key of distributed.comm.tls.client "
                    "(docs/studies.md)."
                )
            return Client(scheduler, security=security, timeout=PATIENCE)
        client = Client(scheduler, timeout=PATIENCE)
    except InputError:  # a ValueError too
        raise
    except ssl.SSLError as error:
        raise InputError(
            f"The certificates for {scheduler!r} do not fit ({error.reason or error}); check those that "
            "distributed.comm.tls of Dask's configuration names."
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {scheduler!r}; start one with 'dask scheduler' and give "
            "the address it prints, such as tcp://host:8786."
        ) from error
    _log.warning(
        "%s is not encrypted, and whoever reaches it can run code there as you: keep it inside a network you trust, "
        "or use tls:// (docs/studies.md).",
        scheduler,
    )
    return client

"""Where units are solved: in this process, in processes of this machine, or on any Dask cluster."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from gluteal.errors import InputError, MissingEngine
from gluteal.simulate.study.plan import StudySpec
from gluteal.simulate.study.work import solve_unit

#: How long a scheduler has to answer, s.
PATIENCE = 20


def iterate_units(
    plan: StudySpec, units: Sequence[int], *, scheduler: str | None, workers: int | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (unit, result of `solve_unit`) as they come.

    Raises
    ------
    InputError
        Where no scheduler answers.
    MissingEngine
        Where Dask is needed and not installed.
    """
    if not units:
        return
    if scheduler is None and workers == 0:
        for unit in units:
            yield unit, solve_unit(plan, plan.units[unit])
        return
    try:
        import dask
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise MissingEngine("dask", "study") from error
    with ExitStack() as stack:
        if scheduler is None:
            count = min(workers or os.cpu_count() or 1, len(units))
            # A fork of a process with an engine's threads hangs: workers start afresh, one thread each.
            single = {"GLUTEAL_THREADS": "1", "OMP_NUM_THREADS": "1"}
            stack.enter_context(
                dask.config.set(
                    {
                        "distributed.worker.multiprocessing-method": "spawn",
                        "distributed.nanny.pre-spawn-environ": single,
                    }
                )
            )
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
            client = stack.enter_context(Client(stack.enter_context(cluster)))
        else:
            try:
                client = stack.enter_context(Client(scheduler, timeout=PATIENCE))
            except (OSError, ValueError) as error:
                raise InputError(
                    f"No Dask scheduler answers at {scheduler!r}; start one with 'dask scheduler' and give "
                    "the address it prints, such as tcp://host:8786."
                ) from error
        futures = {client.submit(solve_unit, plan, plan.units[unit], pure=False): unit for unit in units}
        for future, found in as_completed(list(futures), with_results=True):
            yield futures.pop(future), found
            future.release()

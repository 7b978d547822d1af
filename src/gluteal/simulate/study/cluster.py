"""Units of a study on a Dask cluster: nobody is waited for without end, and whoever is missing is named.

A Dask scheduler runs whatever anybody sends who reaches it: it is used only where its address is given, and encrypted
where that begins with tls://.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from gluteal.errors import InputError, MissingEngine
from gluteal.files import in_a_line
from gluteal.simulate.study.plan import StudySpec
from gluteal.simulate.study.work import solve_unit

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security

#: How long a scheduler has to answer, workers to come, and results not to come before both are asked after, s: a
#: scheduler answers within milliseconds, workers start within seconds, and a person waits no longer.
PATIENCE = 10.0
#: How long leaving a scheduler may take, s: nothing is lost where it is cut short.
_FAREWELL = 2.0
#: How often a scheduler without workers is asked again, s.
_AGAIN = 0.2
_TLS = "tls://"
_RESUME = "What is solved is kept: go on with --resume (resume=True)."

_log = logging.getLogger(__name__)


def iterate_on_cluster(plan: StudySpec, units: Sequence[int], scheduler: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (unit, result of `solve_unit`) as they come from a cluster.

    Raises
    ------
    InputError
        Where no scheduler answers at the address, or no longer, it has no workers for `PATIENCE` seconds, workers are
        lost again and again, or certificates do not fit.
    MissingEngine
        Where Dask is not installed.
    """
    try:
        from distributed import Future
    except ImportError as error:
        raise MissingEngine("dask", "study") from error
    security = _settle_security(scheduler)
    with _connected(scheduler, security) as client:
        news: SimpleQueue[Future] = SimpleQueue()
        left: dict[Future, int] = {}
        for unit in units:
            future = client.submit(solve_unit, plan, plan.units[unit], pure=False)
            left[future] = unit
            future.add_done_callback(news.put)
        while left:
            try:
                future = news.get(timeout=PATIENCE)
            except Empty:
                _ask(scheduler, security, "no longer")
                continue
            yield left.pop(future), _result(future, scheduler)
            future.release()


def _result(future: Any, scheduler: str) -> dict[str, Any]:
    """Return what a unit gave; a sentence where it was lost on the way."""
    from distributed import KilledWorker

    if future.cancelled():
        raise InputError(f"The Dask scheduler at {scheduler!r} went away; start it again. {_RESUME}")
    try:
        return future.result(timeout=PATIENCE)
    except KilledWorker as error:
        raise InputError(
            "Workers of the cluster ended again and again at the same unit; mostly memory ran out: give them more, or "
            f"the plan a smaller chunk. {_RESUME}"
        ) from error
    except (OSError, asyncio.CancelledError, TimeoutError) as error:
        raise InputError(f"The Dask scheduler at {scheduler!r} went away; start it again. {_RESUME}") from error
    except Exception as error:  # raised there, by a worker that cannot run this
        raise InputError(
            f"A worker of {scheduler!r} could not solve a unit ({type(error).__name__}: {in_a_line(error)}); install "
            f"the same versions everywhere. {_RESUME}"
        ) from error


@contextmanager
def _connected(scheduler: str, security: Security | None) -> Iterator[Client]:
    """Connect to a scheduler that has workers, and leave it in bounded time."""
    from distributed import Client

    _ask(scheduler, security, None)
    try:
        client = Client(scheduler, security=security, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _no_scheduler(scheduler) from error
    if security is None:
        _log.warning(
            "%s is not encrypted, and whoever reaches it can run code there as you: keep it inside a network you "
            "trust, or use tls:// (docs/studies.md).",
            scheduler,
        )
    spoken = logging.getLogger("distributed")
    before = spoken.level
    spoken.setLevel(logging.CRITICAL)  # of its own lost connections: they are told here
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=_FAREWELL)
        spoken.setLevel(before)


def _settle_security(scheduler: str) -> Security | None:
    """Return the certificates of Dask's configuration where an address asks for them."""
    if not scheduler.startswith(_TLS):
        return None
    from distributed.security import Security

    security = Security(require_encryption=True)
    try:
        context = security.get_connection_args("client").get("ssl_context")
    except (ssl.SSLError, OSError) as error:
        raise _no_fit(scheduler, error) from error
    if context is None:
        raise InputError(
            f"{scheduler!r} asks for TLS, but Dask's configuration names no certificates; set "
            "distributed.comm.tls.ca-file and the cert and key of distributed.comm.tls.client (docs/studies.md)."
        )
    return security


def _ask(scheduler: str, security: Security | None, again: str | None) -> None:
    """Return once a scheduler answers and has workers; InputError where it does not within `PATIENCE` each."""
    # In a thread: this one may have a loop of its own, in a notebook.
    with ThreadPoolExecutor(1) as thread:
        try:
            workers = thread.submit(asyncio.run, _count_workers(scheduler, security)).result()
        except ssl.SSLError as error:
            raise _no_fit(scheduler, error) from error
        except Exception as error:  # refused, silent, or another program that speaks another language
            if again:
                raise InputError(
                    f"The Dask scheduler at {scheduler!r} {again} answers; start it again. {_RESUME}"
                ) from error
            raise _no_scheduler(scheduler) from error
    if not workers:
        raise InputError(
            f"The Dask scheduler at {scheduler!r} has {f'{again} any' if again else 'no'} workers; start some with "
            f"'dask worker {scheduler}'.{f' {_RESUME}' if again else ''}"
        )


async def _count_workers(scheduler: str, security: Security | None) -> int:
    """Ask a scheduler for its workers until it has some, for `PATIENCE` seconds at most."""
    from distributed.comm import connect

    settings = security.get_connection_args("client") if security else {}
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    comm = await asyncio.wait_for(connect(scheduler, timeout=PATIENCE, **settings), PATIENCE)
    try:
        while True:
            await comm.write({"op": "identity", "reply": True})
            told = await asyncio.wait_for(comm.read(), PATIENCE)
            if told["workers"] or loop.time() > end:
                return len(told["workers"])
            await asyncio.sleep(_AGAIN)
    finally:
        comm.abort()


def _no_scheduler(scheduler: str) -> InputError:
    return InputError(
        f"No Dask scheduler answers at {scheduler!r}; start one with 'dask scheduler' and give the address it prints, "
        "such as tcp://host:8786."
    )


def _no_fit(scheduler: str, error: OSError) -> InputError:
    reason = getattr(error, "reason", None) or error
    return InputError(
        f"The certificates for {scheduler!r} do not fit ({reason}); check those that distributed.comm.tls of Dask's "
        "configuration names."
    )

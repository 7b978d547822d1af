"""Channels side by side in threads: filters and kernels let go of the interpreter while they work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gluteal.emg.recording import Channel

#: Most threads. Own choice: between the kernels there is Python, which runs in one thread at a time.
MOST_WORKERS = 4
#: Samples in work at once, and of the longest channel (two hours at 2 kHz): they bound the memory, to 1.7 GB.
MOST_SAMPLES = 2**24

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def count_workers(channels: Sequence[Channel], workers: int | None = None) -> int:
    """Return how many channels are worked on at once: `workers`, or as many as processors and memory allow."""
    if workers is not None:
        return max(workers, 1)
    longest = max((c.length for c in channels), default=1)
    return max(1, min(_processors(), MOST_WORKERS, MOST_SAMPLES // max(longest, 1)))


def map_threads(task: Callable[[_Item], _Result], items: Sequence[_Item], workers: int) -> Iterator[_Result]:
    """Yield task(item) of every item in their order; each thread has one item at a time.

    No task may depend on another, so that the number of threads changes nothing but the time. The first error ends it.
    """
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(task, items)


def _processors() -> int:
    """Processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells
        return os.cpu_count() or 1

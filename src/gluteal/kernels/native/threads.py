"""Frames over the processor's cores: threads of a pool take chunks in turn, by a counter that the kernel raises."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from ctypes import byref, c_int64
from functools import cache

import numpy as np

from gluteal.errors import InputError
from gluteal.kernels.native.library import Kernels

#: Entries of A and S below which one thread is done sooner than others are woken (some 0.2 ms).
FEW_ENTRIES = 50_000
#: Chunks that each thread finds, so that a slow one holds up nobody.
CHUNKS = 8
#: The environment's word on how many threads to use.
THREADS = "GLUTEAL_THREADS"

_own = threading.local()


def count_threads() -> int:
    """Return how many threads solve frames: what the environment says, else one per core.

    Raises
    ------
    InputError
        Where `GLUTEAL_THREADS` is no whole number from 1 on.
    """
    given = os.environ.get(THREADS)
    if given is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (given.isdecimal() and int(given) >= 1):
        raise InputError(f"{THREADS} is {given!r}; give a whole number of threads from 1 on, or unset it.")
    return int(given)


def scratch(size: int) -> int:
    """Return the address of `size` bytes of this thread's own, aligned to 64."""
    if size > getattr(_own, "size", -1):
        _own.memory = np.empty(size + 64, np.uint8)
        _own.size = size
        _own.address = -(-_own.memory.ctypes.data // 64) * 64
    return _own.address


def solve_chunks(kernels: Kernels, problem: bytes, frames: int, entries: int, least: int, keep: object) -> None:
    """Solve every frame of a packed problem.

    Parameters
    ----------
    kernels : Kernels
    problem : bytes
        As `share_solve` takes it.
    frames : int
    entries : int
        Of A and S, in all frames.
    least : int
        Frames that are worth a chunk.
    keep : object
        The arrays that `problem` points to: threads hold them until they are done.
    """
    memory = kernels.share_memory(problem)
    threads = count_threads() if entries >= FEW_ENTRIES and frames > least else 1
    if threads == 1:
        kernels.share_solve(problem, 0, frames, scratch(memory))
        return
    chunks = max(1, min(frames // least, CHUNKS * threads))
    chunk, following = -(-frames // chunks), c_int64(0)

    def work(_keep: object) -> None:
        kernels.share_chunks(problem, chunk, byref(following), scratch(memory))

    others = [_pool(threads).submit(work, keep) for _ in range(min(threads, chunks) - 1)]
    work(keep)
    for other in others:
        if not other.cancel():
            other.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads - 1, thread_name_prefix="gluteal")


# A process made by a fork has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)

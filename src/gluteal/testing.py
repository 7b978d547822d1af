"""Planting a fault: a solver that stops too early, so that anyone can see that nothing gets through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gluteal.kernels import recruitment


@contextmanager
def failing_solver() -> Iterator[None]:
    """Let the load-sharing solver stop after one step, in this process, while the block runs.

    Everything that rests on a solution raises `gluteal.Unsolved` then; if something does not, it concludes from what
    nobody solved. Other processes are not touched: run a study with ``workers=0``.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.load_task("single-leg-stance", body)
    >>> with failing_solver():  # doctest: +ELLIPSIS
    ...     gluteal.simulate(body, stance)
    Traceback (most recent call last):
    ...
    gluteal.errors.Unsolved: The load sharing of 'single-leg-stance' (nothing changed) was not solved in 1 of 1 ...
    """
    limit = recruitment.LIMIT
    recruitment.LIMIT = 1
    try:
        yield
    finally:
        recruitment.LIMIT = limit

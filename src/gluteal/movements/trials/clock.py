"""The clocks of a trial's tables: seconds, without gaps, and even where they only look uneven by their rounding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.cause import SHORTEST_WINDOW
from gluteal.sto import Table

#: A table with fewer rows per second says nothing of a movement: its clock counts something else, Hz.
LOWEST_RATE = 5.0
#: Rows may be missing for this long (and for this many times the usual step) before what is between counts as unknown,
#: s: half a period of the filter of walking's coordinates is 0.08 s.
LONGEST_GAP, GAP_STEPS = 0.05, 3.0


def check_clock(table: Table) -> None:
    """Raise InputError where a table's clock does not count seconds."""
    if table.rate >= LOWEST_RATE:
        return
    step = 1.0 / table.rate
    raise InputError(
        f"The time of {table.path.name} goes on by {step:.4g} from row to row ({table.time[0]:.6g} to "
        f"{table.time[-1]:.6g}); as seconds that is no recording of a movement: it is probably milliseconds or the "
        f"number of the frame. Write the time in seconds; at least {LOWEST_RATE:g} rows a second are needed."
    )


def find_gaps(table: Table) -> Iterator[tuple[float, float]]:
    """Yield the times (start, end) s between which rows of a table are missing."""
    steps = np.diff(table.time)
    for row in np.flatnonzero(steps > max(LONGEST_GAP, GAP_STEPS * float(np.median(steps)))):
        yield float(table.time[row]), float(table.time[row + 1])


def check_gaps(table: Table, window: tuple[float, float], *, trim: float) -> None:
    """Raise InputError where rows are missing inside the `window` (s); the longest piece without a gap is offered.

    `trim` is what the filter takes from a piece at each of its ends, s.
    """
    inside = [(a, b) for a, b in find_gaps(table) if a < window[1] and b > window[0]]
    if not inside:
        return
    edges = [window[0], *(t for a, b in inside for t in (a - trim, b + trim)), window[1]]
    start, end = max(zip(edges[::2], edges[1::2], strict=True), key=lambda piece: piece[1] - piece[0])
    offer = f": window = [{start:.6g}, {end:.6g}] in trial.toml" if end - start >= SHORTEST_WINDOW else ""
    (first, last), more = inside[0], f" ({len(inside)} such gaps)" if len(inside) > 1 else ""
    raise InputError(
        f"{table.path.name} has no rows between {first:.6g} and {last:.6g} s{more}; fill the gap in the file, or "
        f"choose a time window without it{offer}."
    )


def even_time(time: np.ndarray) -> np.ndarray:
    """Return the time (T,) s of an evenly sampled recording without the rounding of its stamps.

    Second derivatives take a rounding of 1e-7 s for an acceleration.

    >>> bool(np.ptp(np.diff(even_time(np.array([0.0, 0.333, 0.667, 1.0])))) < 1e-15)
    True
    """
    return np.linspace(time[0], time[-1], len(time))

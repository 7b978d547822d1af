"""The clocks of a trial's tables: seconds, without gaps, and even where they only look uneven by their rounding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.cause import SHORTEST_WINDOW
from gluteal.sto import Table

#: A table with fewer rows per second says nothing of a movement: its clock counts something else, Hz.
LOWEST_RATE = 5.0
#: Where a clock of per cent ends.
CYCLE = 100.0
#: Rows may be missing for this long (and for this many times the usual step) before what is between counts as unknown,
#: s: half a period of the filter of walking's coordinates is 0.08 s.
LONGEST_GAP, GAP_STEPS = 0.05, 3.0
#: Copies of one row fill a gap where more than this share of the coordinates jumps at one of their ends, 1, by more
#: than so many times what 95 of 100 of their steps are. Own choice: a gap of 0.3 s in a walk ends with 5 of them.
JUMPING, JUMP_STEPS, USUAL_STEP = 0.25, 3.0, 95.0
#: What a gap was filled with.
COPIES = "copies of one row"


def check_clock(table: Table) -> None:
    """Raise InputError where a table's clock does not count seconds."""
    if table.rate >= LOWEST_RATE:
        return
    step = 1.0 / table.rate
    if table.time[0] == 0.0 and table.time[-1] == CYCLE:
        raise InputError(
            f"The time of {table.path.name} goes from 0 to {CYCLE:g}: it is probably per cent of a cycle, as of curves "
            "that were normalised, and nothing can be computed without seconds. Write the per cent times the seconds "
            "that the cycle took, divided by 100."
        )
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


def drop_copies(table: Table) -> Table:
    """Return a table of coordinates without rows that fill a gap: copies of one row, or zeros, and then a jump.

    A warning tells them. Somebody who holds still leaves that posture as smoothly as he came to it.
    """
    steps = np.abs(np.diff(table.values, axis=0))
    moving = np.nan_to_num(steps).max(axis=0, initial=0.0) > 0.0
    if not moving.any() or len(steps) < 2:
        return table
    steps = steps[:, moving]
    same = (steps == 0.0).all(axis=1)
    usual = np.percentile(steps[~same], USUAL_STEP, axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(int)))
    keep, told = np.ones(len(table.time), bool), []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        if table.time[end] - table.time[first] < LONGEST_GAP:
            continue
        ends = [steps[row] for row in (first - 1, end) if 0 <= row < len(steps)]
        if max((float((jump > JUMP_STEPS * usual).mean()) for jump in ends), default=0.0) > JUMPING:
            keep[first : end + 1] = False
            told.append(f"{table.time[first]:.6g} to {table.time[end]:.6g} s")
    if not told:
        return table
    note = f"{table.path.name} has {COPIES} from {', '.join(told)}, and jumps there: a gap that was filled."
    kept = table.take(keep)
    return replace(kept, warnings=(*kept.warnings, note))


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
    nothing = f"only {COPIES}" if any(COPIES in note for note in table.warnings) else "no rows"
    raise InputError(
        f"{table.path.name} has {nothing} between {first:.6g} and {last:.6g} s{more}; fill the gap in the file, or "
        f"choose a time window without it{offer}."
    )


def even_time(time: np.ndarray) -> np.ndarray:
    """Return the time (T,) s of an evenly sampled recording without the rounding of its stamps.

    Second derivatives take a rounding of 1e-7 s for an acceleration.

    >>> bool(np.ptp(np.diff(even_time(np.array([0.0, 0.333, 0.667, 1.0])))) < 1e-15)
    True
    """
    return np.linspace(time[0], time[-1], len(time))

"""How a frame falls apart into blocks: problems of their own, with their entries side by side in memory.

A frame's matrix [A S] (Q x N: muscles, then rays) is mostly zero: a muscle crosses the coordinates of one or two
joints. Neighbouring rows that no column joins, such as those of the two legs of a measured walk, are blocks that
can be solved one by one. Within a block, columns are sorted by the first and the last row they cross, so that a
row has its entries in one stretch among muscles and one among rays, padded to what the processor takes at once.

The order follows from the frame's zeros alone, so a frame's solution does not depend on the frames before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from gluteal.kernels.columns import Columns

#: Stretches of a frame solved alone begin and end at multiples of this: what is left over is taken one number at
#: a time. Frames solved in lanes need none.
PAD = 8


class BlockLayout(NamedTuple):
    """How the rows and columns of a frame fall into blocks; `arrange` fills it.

    Block k has the rows from row[k] to row[k + 1] and the places from column[k] to column[k + 1]. At each place
    is the column order[place]; N is none, a column of zeros. Columns without an entry come after the last block.
    """

    low: np.ndarray  # (N,) first row of each column, Q without an entry
    high: np.ndarray  # (N,) last row of each column, -1 without an entry
    order: np.ndarray  # (N + 2 Q PAD,) uint64
    counts: np.ndarray  # (2,) blocks; places in use
    row: np.ndarray  # (Q + 1,)
    column: np.ndarray  # (Q + 1,)
    begin: np.ndarray  # (Q, 2) uint64, as in `Columns`, counted from the block's first place
    end: np.ndarray  # (Q, 2) uint64
    first: np.ndarray  # (Q,) counted from the block's first row
    parts: np.ndarray  # (Q,) 1 for a block without rays, else 2
    muscle: np.ndarray  # (2, Q, M) uint8, 1 where a frame with this layout has an entry; 1 where it has none
    ray: np.ndarray  # (2, Q, R) the same of rays
    pad: int


@njit(cache=True, nogil=True)
def make_layout(rows, muscles, rays, pad):  # type: ignore[no-untyped-def]
    """Return a layout that no frame has filled yet."""
    width = muscles + rays
    return BlockLayout(
        np.zeros(width, np.int64),
        np.zeros(width, np.int64),
        np.zeros(width + 2 * rows * pad, np.uint64),
        np.zeros(2, np.int64),
        np.zeros(rows + 1, np.int64),
        np.zeros(rows + 1, np.int64),
        np.zeros((rows, 2), np.uint64),
        np.zeros((rows, 2), np.uint64),
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.empty((2, rows, muscles), np.uint8),
        np.empty((2, rows, rays), np.uint8),
        pad,
    )


@njit(cache=True, nogil=True)
def arrange(A, S, t, layout):  # type: ignore[no-untyped-def]
    """Fill the layout for the matrix [A S] of frame t; a frame that fits has the layout of the one before."""
    if layout.counts[0] == 0 or misfits(A, t, layout.muscle) + misfits(S, t, layout.ray) > 0:
        muscles = A.shape[2]
        mark(A[t], layout.low[:muscles], layout.high[:muscles], layout.muscle)
        mark(S[t], layout.low[muscles:], layout.high[muscles:], layout.ray)
        _lay_out(layout, A.shape[1], muscles)


@njit(cache=True, nogil=True)
def mark(A, low, high, known):  # type: ignore[no-untyped-def]
    """Note the first and last row in which each column of A has an entry (a NaN is one), and what fits that."""
    low[:], high[:] = len(A), -1
    for q in range(len(A)):
        for c in range(len(low)):
            entry = A[q, c] != 0.0
            high[c] = q if entry else high[c]
            low[c] = min(low[c], q) if entry else low[c]
    for q in range(len(A)):
        for c in range(len(low)):
            known[0, q, c] = q == low[c] or q == high[c]
            known[1, q, c] = q < low[c] or q > high[c]


@njit(cache=True, nogil=True)
def misfits(A, t, known):  # type: ignore[no-untyped-def]
    """Count the entries of frame t that are zero and should not be, or the other way round."""
    count = 0
    for q in range(A.shape[1]):
        for c in range(A.shape[2]):
            entry, none = known[0, q, c], known[1, q, c]
            count += none if A[t, q, c] != 0.0 else entry
    return count


@njit(cache=True, nogil=True)
def _lay_out(layout, rows, muscles):  # type: ignore[no-untyped-def]
    """Fill the rest of the layout from low and high."""
    low, high, order = layout.low, layout.high, layout.order
    width = len(low)
    # A block ends where no column goes on to the next row.
    far, block = np.full(rows, -1), np.zeros(rows + 1, np.int64)
    for c in range(width):
        if low[c] < rows:
            far[low[c]] = max(far[low[c]], high[c])
    reach, count = -1, 0
    for q in range(rows):
        block[q] = count
        reach = max(reach, far[q], q)
        if reach == q:
            count += 1
            layout.row[count] = q + 1
    block[rows] = count
    key = np.empty(width, np.int64)
    for c in range(width):
        key[c] = ((block[low[c]] * 2 + (c >= muscles)) * (rows + 1) + low[c]) * (rows + 1) + high[c] + 1
    by_key = np.argsort(key, kind="mergesort")
    place, c = 0, 0
    order[:] = width
    for k in range(count + 1):
        if k > 0:
            layout.column[k] = place
        for part in range(2):
            found = 0
            while c < width and block[low[by_key[c]]] == k and (by_key[c] >= muscles) == (part == 1):
                order[place + found] = by_key[c]
                found += 1
                c += 1
            place += (found + layout.pad - 1) // layout.pad * layout.pad if k < count else found
            if k < count:
                layout.parts[k] = 2 if part == 1 and found > 0 else 1
    layout.counts[0], layout.counts[1] = count, place
    for k in range(count):
        _stretch(layout, k, muscles)


@njit(cache=True, nogil=True)
def _stretch(layout, k, muscles):  # type: ignore[no-untyped-def]
    """Fill begin, end and first of the rows of block k."""
    low, high = layout.low, layout.high
    base, top = layout.column[k], layout.row[k]
    begin, end = np.zeros((len(layout.first), 2), np.int64), np.zeros((len(layout.first), 2), np.int64)
    for q in range(top, layout.row[k + 1]):
        for place in range(base, layout.column[k + 1]):
            c = layout.order[place]
            if c < len(low) and low[c] <= q <= high[c]:
                part = 1 if c >= muscles else 0
                if end[q, part] == 0:
                    begin[q, part] = place - base
                end[q, part] = place - base + 1
        for part in range(2):
            layout.begin[q, part] = begin[q, part] // layout.pad * layout.pad
            layout.end[q, part] = (end[q, part] + layout.pad - 1) // layout.pad * layout.pad
        layout.first[q] = q - top
        for j in range(top, q):
            if (max(begin[q, 0], begin[j, 0]) < min(end[q, 0], end[j, 0])) or (
                max(begin[q, 1], begin[j, 1]) < min(end[q, 1], end[j, 1])
            ):
                layout.first[q] = j - top
                break


@njit(cache=True, nogil=True)
def pick_block(A, S, scale, layout, k, store):  # type: ignore[no-untyped-def]
    """Return block k of [A, scale S], kept in store (at least Q times the places)."""
    muscles = np.uint64(A.shape[1])
    width = np.uint64(A.shape[1] + S.shape[1])
    top, bottom, base = layout.row[k], layout.row[k + 1], layout.column[k]
    rows, places = bottom - top, layout.column[k + 1] - base
    order = layout.order[base : base + places]
    begin, end = layout.begin[top:bottom], layout.end[top:bottom]
    value = store[: rows * places].reshape(rows, places)
    for q in range(rows):
        for c in range(begin[q, 0], end[q, 0]):
            value[q, c] = A[top + q, order[c]] if order[c] < muscles else 0.0
        for c in range(begin[q, 1], end[q, 1]):
            value[q, c] = scale * S[top + q, order[c] - muscles] if order[c] < width else 0.0
    return Columns(value, begin, end, layout.first[top:bottom], layout.parts[k])

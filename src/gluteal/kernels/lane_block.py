"""A block of many frames: each goes into a lane, and out when it is solved.

A lane whose frame is solved takes the next one at once, so a slow frame holds up nobody.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from numba import njit

from gluteal.kernels.lane_newton import (
    BUSY,
    CARRIED,
    EXACT,
    SETTLED,
    STEEPEST,
    STEPS,
    advance,
    descend,
    lane_place,
    lane_spread,
    refresh,
)
from gluteal.kernels.lanes import WIDTH, fill_lanes, store


class LaneWorkspace(NamedTuple):
    """Arrays of lanes for one block; the stretches of the matrix's rows lie end to end, see `pack`."""

    value: np.ndarray  # (Q N, WIDTH)
    column: np.ndarray  # (9, N, WIDTH) lo, hi, gain, z, x, curvature, dz, x after a full step, scratch
    row: np.ndarray  # (6, Q, WIDTH) b, y, tail, d, gradient, reach
    H: np.ndarray  # (Q Q, WIDTH)
    state: np.ndarray  # (6, WIDTH)


@njit(cache=True, nogil=True)
def make_bench(rows, width):  # type: ignore[no-untyped-def]
    """Return room for the largest block of Q rows and N columns."""
    return LaneWorkspace(
        np.empty((rows * width, WIDTH)),
        np.empty((9, width, WIDTH)),
        np.empty((6, rows, WIDTH)),
        np.empty((rows * rows, WIDTH)),
        np.zeros((6, WIDTH)),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def solve_block(problem, costs, solution, limit, start, stop, layout, k, bench):  # type: ignore[no-untyped-def]
    """Solve block k of the frames from start to stop, which all have the zeros of the layout.

    Parameters
    ----------
    problem, costs, solution : as in `gluteal.kernels.recruitment`; activation, support, multiplier and iterations
        of the block are filled
    limit : int, most Newton steps
    layout : gluteal.kernels.blocks.Layout, without padding
    bench : LaneWorkspace
    """
    A, S, aim, lower, upper, weight = problem
    _, reserve_cost, support_cost, scale = costs
    activation, support, multiplier, iterations = solution[0], solution[1], solution[3], solution[7]
    top, bottom, left, right = layout.row[k], layout.row[k + 1], layout.column[k], layout.column[k + 1]
    begin, end, first = layout.begin[top:bottom], layout.end[top:bottom], layout.first[top:bottom]
    parts, order = layout.parts[k], layout.order[left:right]
    value, H, state = bench.value, bench.H, bench.state
    lo, hi, gain, z = bench.column[0], bench.column[1], bench.column[2], bench.column[3]
    x, curvature, dz, full, scratch = (
        bench.column[4],
        bench.column[5],
        bench.column[6],
        bench.column[7],
        bench.column[8],
    )
    b, y, tail = bench.row[0], bench.row[1], bench.row[2]
    d, gradient, reach = bench.row[3], bench.row[4], bench.row[5]
    ridge = 0.5 / reserve_cost
    frame = np.full(WIDTH, -1)
    state[BUSY] = 0.0
    rows, width = len(first), len(order)
    at = pack_rows(begin, end, parts)
    following, busy = start, 0
    if stop - start < WIDTH:
        clear(value, at, begin, end, parts, lo, hi, gain, z, b, y, tail, reach, width)
    while True:
        for lane in range(WIDTH):
            while frame[lane] < 0 and following < stop:
                steepest = bound(lower, upper, weight, support_cost, order, following, lo, hi, gain, z, lane)
                whole = enter(
                    A, S, scale, multiplier, at, begin, end, parts, order, top, following, value, y, z, reach, lane
                )
                if whole < inf:
                    for q in range(rows):
                        b[q, lane], tail[q, lane] = aim[following, top + q], 0.0
                    state[BUSY, lane], state[STEEPEST, lane] = 1.0, steepest
                    state[EXACT, lane], state[CARRIED, lane], state[STEPS, lane] = 0.0, 0.0, 0.0
                    frame[lane] = following
                    busy += 1
                else:
                    iterations[following] = -1
                following += 1
        if busy == 0:
            break
        refresh(value, at, begin, end, parts, width, y, tail, z, scratch, state)
        lane_place(lo, hi, gain, z, x, curvature, width)
        descend(value, at, begin, end, first, parts, b, x, y, curvature, ridge, scratch, gradient, H, d)
        lane_spread(value, at, begin, end, parts, width, d, dz)
        if advance(
            value,
            at,
            begin,
            end,
            parts,
            width,
            lo,
            hi,
            gain,
            z,
            dz,
            x,
            curvature,
            full,
            scratch,
            y,
            tail,
            d,
            gradient,
            reach,
            ridge,
            state,
            limit,
        ):
            for lane in range(WIDTH):
                t = frame[lane]
                if t < 0 or not (state[SETTLED, lane] > 0.0 or state[STEPS, lane] >= limit):
                    continue
                leave(full if state[SETTLED, lane] > 0.0 else x, order, t, scale, activation, support, lane)
                for q in range(rows):
                    multiplier[t, top + q] = y[q, lane]
                if iterations[t] >= 0:
                    iterations[t] = max(iterations[t], np.int64(state[STEPS, lane]))
                frame[lane], state[BUSY, lane] = -1, 0.0
                busy -= 1


@njit(cache=True, nogil=True)
def pack_rows(begin, end, parts):  # type: ignore[no-untyped-def]
    """Return where in `LaneWorkspace.value` column 0 of each row would be, by part: stretches lie end to end."""
    at, place = np.zeros((len(begin), 2), np.uint64), np.uint64(0)
    for q in range(len(begin)):
        for part in range(parts):
            # Below zero it wraps, and back again when a column is added.
            at[q, part] = place - begin[q, part]
            place += end[q, part] - begin[q, part]
    return at


@njit(cache=True, nogil=True)
def clear(value, at, begin, end, parts, lo, hi, gain, z, b, y, tail, reach, width):  # type: ignore[no-untyped-def]
    """Put zeros into all lanes: some stay without a frame."""
    zero = fill_lanes(0.0)
    for c in range(width):
        store(lo, c, zero)
        store(hi, c, zero)
        store(gain, c, zero)
        store(z, c, zero)
    for q in range(len(begin)):
        store(b, q, zero)
        store(y, q, zero)
        store(tail, q, zero)
        store(reach, q, zero)
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                store(value, at[q, part] + c, zero)


@njit(cache=True, nogil=True, error_model="numpy")
def bound(lower, upper, weight, support_cost, order, t, lo, hi, gain, z, lane):  # type: ignore[no-untyped-def]
    """Put the bounds and gains of frame t into a lane and its z to zero; return the largest gain."""
    muscles, steepest, c = np.uint64(lower.shape[1]), 0.0, np.uint64(0)
    while c < len(order) and order[c] < muscles:
        low, high = lower[t, order[c]], upper[t, order[c]]
        slope = 0.5 / weight[t, order[c]]
        slope = 0.0 if low == high else slope
        lo[c, lane], hi[c, lane], gain[c, lane], z[c, lane] = low, high, slope, 0.0
        steepest = slope if slope > steepest else steepest
        c += np.uint64(1)
    while c < len(order):
        slope = 0.5 / support_cost
        lo[c, lane], hi[c, lane], gain[c, lane], z[c, lane] = 0.0, inf, slope, 0.0
        steepest = slope if slope > steepest else steepest
        c += np.uint64(1)
    return steepest


@njit(cache=True, nogil=True, error_model="numpy")
def enter(A, S, scale, multiplier, at, begin, end, parts, order, top, t, value, y, z, reach, lane):  # type: ignore[no-untyped-def]
    """Put the matrix of frame t and its multipliers into a lane; return the sum of its sizes."""
    muscles, whole = np.uint64(A.shape[2]), 0.0
    for q in range(len(begin)):
        total, share = 0.0, multiplier[t, top + q]
        for c in range(begin[q, 0], end[q, 0]):
            entry = A[t, top + q, order[c]]
            value[at[q, 0] + c, lane] = entry
            total += abs(entry)
        if parts > 1:
            for c in range(begin[q, 1], end[q, 1]):
                entry = scale * S[t, top + q, order[c] - muscles]
                value[at[q, 1] + c, lane] = entry
                total += abs(entry)
        if share != 0.0:
            for part in range(parts):
                for c in range(begin[q, part], end[q, part]):
                    z[c, lane] += share * value[at[q, part] + c, lane]
        y[q, lane], reach[q, lane] = share, total
        whole += total
    return whole


@njit(cache=True, nogil=True, error_model="numpy")
def leave(x, order, t, scale, activation, support, lane):  # type: ignore[no-untyped-def]
    """Write out the variables of a lane."""
    muscles = np.uint64(activation.shape[1])
    for c in range(len(order)):
        if order[c] < muscles:
            activation[t, order[c]] = x[c, lane]
        else:
            support[t, order[c] - muscles] = scale * x[c, lane]

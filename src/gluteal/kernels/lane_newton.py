"""The method of `gluteal.kernels.dual_newton` for quadratic costs, on several frames at a time.

Frames with the same zeros take the same steps on other numbers, so each goes through them in a lane of its own
(`gluteal.kernels.lanes`; `gluteal.kernels.lane_block` puts frames in and takes them out). Variables, tests and
limits are those of `dual_newton`, where they are explained; f is 0. Row q of the matrix has its stretches from
begin[q] to end[q] and keeps column c of part p at value[at[q, p] + c].
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gluteal.kernels.dual_newton import EPS, KINK, NOISE, SLACK
from gluteal.kernels.lanes import (
    choose,
    fill_lanes,
    larger,
    load_lanes,
    multiply_add,
    product_error,
    root,
    size,
    smaller,
    some,
    store,
)

#: Rows of the state (6, WIDTH): whether a lane is taken, whether its multipliers are carried exactly, the rounding
#: that its z has gathered, the steps it has taken, its largest gain, and whether it is solved.
BUSY, EXACT, CARRIED, STEPS, STEEPEST, SETTLED = range(6)


@njit(cache=True, nogil=True, error_model="numpy")
def refresh(value, at, begin, end, parts, width, y, tail, z, scratch, state):  # type: ignore[no-untyped-def]
    """Compute z anew where it has gathered rounding, and in twice the precision where y is carried exactly."""
    carried, exact = load_lanes(state, CARRIED), load_lanes(state, EXACT) > fill_lanes(0.0)
    stale = carried > fill_lanes(0.1 * NOISE)
    if some(stale):
        lane_spread(value, at, begin, end, parts, width, y, scratch)
        for c in range(width):
            store(z, c, choose(stale, load_lanes(scratch, c), load_lanes(z, c)))
        store(state, CARRIED, choose(stale, fill_lanes(0.0), carried))
    if not some(exact):
        return
    for c in range(width):
        total, rest = fill_lanes(0.0), fill_lanes(0.0)
        for q in range(len(begin)):
            part = 0 if begin[q, 0] <= c < end[q, 0] else 1
            if not begin[q, part] <= c < end[q, part] or part >= parts:
                continue
            v, w = load_lanes(value, at[q, part] + np.uint64(c)), load_lanes(y, q)
            product = v * w
            error = product_error(v, w, product)
            # Sum and its rounding error, after Knuth.
            new = total + product
            half = new - total
            error = error + ((total - (new - half)) + (product - half))
            rest = rest + (error + v * load_lanes(tail, q))
            total = new
        store(z, c, choose(exact, total + rest, load_lanes(z, c)))


@njit(cache=True, nogil=True, error_model="numpy")
def lane_place(lo, hi, gain, z, x, curvature, width):  # type: ignore[no-untyped-def]
    """Fill x with the inner minimisers at z, and curvature with the gains of those inside their bounds."""
    zero = fill_lanes(0.0)
    for c in range(width):
        slope = load_lanes(gain, c)
        free = slope * load_lanes(z, c)
        best = smaller(larger(free, load_lanes(lo, c)), load_lanes(hi, c))
        store(x, c, best)
        store(curvature, c, choose(best == free, slope, zero))


@njit(cache=True, nogil=True, error_model="numpy")
def lane_spread(value, at, begin, end, parts, width, y, out):  # type: ignore[no-untyped-def]
    """Fill out with B^T y."""
    zero = fill_lanes(0.0)
    for c in range(width):
        store(out, c, zero)
    for q in range(len(begin)):
        share = load_lanes(y, q)
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                store(out, c, multiply_add(share, load_lanes(value, at[q, part] + c), load_lanes(out, c)))


@njit(cache=True, nogil=True, error_model="numpy")
def descend(value, at, begin, end, first, parts, b, x, y, curvature, ridge, scaled, gradient, H, d):  # type: ignore[no-untyped-def]
    """Fill gradient, the Cholesky factor H and Newton's direction d."""
    rows = len(first)
    least = fill_lanes(ridge)
    for q in range(rows):
        rest = load_lanes(b, q) - least * load_lanes(y, q)
        for part in range(parts):
            total = fill_lanes(0.0)
            for c in range(begin[q, part], end[q, part]):
                entry = load_lanes(value, at[q, part] + c)
                total = multiply_add(entry, load_lanes(x, c), total)
                store(scaled, c, load_lanes(curvature, c) * entry)
            rest = rest - total
        store(gradient, q, rest)
        for j in range(first[q], q + 1):
            total = least if j == q else fill_lanes(0.0)
            for part in range(parts):
                for c in range(max(begin[q, part], begin[j, part]), min(end[q, part], end[j, part])):
                    total = multiply_add(load_lanes(value, at[j, part] + c), load_lanes(scaled, c), total)
            store(H, q * rows + j, total)
    # Cholesky factor within the envelope, the diagonal inverted, and forward substitution along with it.
    for q in range(rows):
        pivot, entry = load_lanes(H, q * rows + q), load_lanes(gradient, q)
        for j in range(first[q], q):
            total = load_lanes(H, q * rows + j)
            for i in range(max(first[q], first[j]), j):
                total = total - load_lanes(H, q * rows + i) * load_lanes(H, j * rows + i)
            total = total * load_lanes(H, j * rows + j)
            store(H, q * rows + j, total)
            pivot = pivot - total * total
            entry = entry - total * load_lanes(d, j)
        # H is at least ridge I, so a smaller pivot is rounding.
        pivot = fill_lanes(1.0) / root(larger(pivot, least))
        store(H, q * rows + q, pivot)
        store(d, q, entry * pivot)
    for q in range(rows - 1, -1, -1):
        last = load_lanes(d, q) * load_lanes(H, q * rows + q)
        store(d, q, last)
        for j in range(first[q], q):
            store(d, j, load_lanes(d, j) - load_lanes(H, q * rows + j) * last)


@njit(cache=True, nogil=True, error_model="numpy")
def advance(  # type: ignore[no-untyped-def]
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
    """Take every lane one step along d; return whether any lane is through."""
    zero, one, kink, noise = fill_lanes(0.0), fill_lanes(1.0), fill_lanes(KINK), fill_lanes(NOISE)
    busy, exact = load_lanes(state, BUSY) > zero, load_lanes(state, EXACT) > zero
    # No term of B_c (y + d) is larger; where y is carried exactly, none of B_c d.
    largest, slope, bend = zero, zero, zero
    for q in range(len(begin)):
        step = load_lanes(d, q)
        largest = largest + load_lanes(reach, q) * (size(step) + choose(exact, zero, size(load_lanes(y, q))))
        slope = multiply_add(load_lanes(gradient, q), step, slope)
        bend = multiply_add(step, step, bend)
    bend = bend * fill_lanes(ridge)
    # No rounding error of B^T (y + d) is larger, times its gain.
    unsure = fill_lanes(8.0 * EPS) * largest * load_lanes(state, STEEPEST)
    taken, fall, off = zero, zero, zero
    for c in range(width):
        u, g, old = load_lanes(dz, c), load_lanes(gain, c), load_lanes(x, c)
        free = g * (load_lanes(z, c) + u)
        best = smaller(larger(free, load_lanes(lo, c)), load_lanes(hi, c))
        store(full, c, best)
        off = larger(size(best - choose(load_lanes(curvature, c) > zero, free, old)), off)
        taken = multiply_add(best - old, u, taken)
        fall = fall + choose(best == free, g * u * u, zero)
    must = busy & (off > kink + unsure)
    doubtful = busy & (off > kink) & (off <= kink + unsure)
    blurred = busy & (unsure >= noise)
    if some(doubtful | blurred):
        bound_rounding(value, at, begin, end, parts, width, y, d, exact, gain, scratch)
    if some(doubtful):
        must = must | (doubtful & lane_leaving(gain, z, dz, x, curvature, full, scratch, width))
    length = one
    if some(must):
        length = lane_search(must, lo, hi, gain, z, dz, x, slope, bend, taken, fall, width)
    settled = zero
    arrived = busy & (choose(must, one, zero) == zero)
    if some(arrived):
        change, blur = zero, zero
        if some(exact | blurred):
            for c in range(width):
                u, free = load_lanes(scratch, c), load_lanes(gain, c) * (load_lanes(z, c) + load_lanes(dz, c))
                # Rounding shows in variables inside their bounds, and in those it may have put on the bound.
                near = (free >= load_lanes(lo, c) - u) & (free <= load_lanes(hi, c) + u)
                blur = larger(choose(near, u, zero), blur)
                change = larger(size(load_lanes(curvature, c) * load_lanes(dz, c)), change)
        still = choose(exact, change, zero) < fill_lanes(1e-8)
        sharp = choose(exact, zero, smaller(unsure, choose(blurred, blur, unsure))) < noise
        settled = choose(arrived & still & sharp, one, zero)
        store(state, EXACT, choose(arrived, one - settled, load_lanes(state, EXACT)))
    for q in range(len(begin)):
        # The two-part multiplier y + tail (two-sum of Knuth).
        old = load_lanes(y, q)
        change = length * load_lanes(d, q) + load_lanes(tail, q)
        total = old + change
        part = total - old
        store(tail, q, (old - (total - part)) + (change - part))
        store(y, q, total)
    for c in range(width):
        store(z, c, multiply_add(length, load_lanes(dz, c), load_lanes(z, c)))
    steps = load_lanes(state, STEPS) + one
    store(state, CARRIED, load_lanes(state, CARRIED) + unsure)
    store(state, STEPS, steps)
    store(state, SETTLED, settled)
    return some((settled > zero) | (busy & (steps >= fill_lanes(float(limit)))))


@njit(cache=True, nogil=True, error_model="numpy")
def bound_rounding(value, at, begin, end, parts, width, y, d, exact, gain, out):  # type: ignore[no-untyped-def]
    """Fill out with bounds on the rounding errors of B^T (y + d), times the gains."""
    zero, unit = fill_lanes(0.0), fill_lanes(8.0 * EPS)
    for c in range(width):
        store(out, c, zero)
    for q in range(len(begin)):
        share = unit * (size(load_lanes(d, q)) + choose(exact, zero, size(load_lanes(y, q))))
        for part in range(parts):
            for c in range(begin[q, part], end[q, part]):
                store(out, c, multiply_add(share, size(load_lanes(value, at[q, part] + c)), load_lanes(out, c)))
    for c in range(width):
        store(out, c, load_lanes(out, c) * load_lanes(gain, c))


@njit(cache=True, nogil=True, error_model="numpy")
def lane_leaving(gain, z, dz, x, curvature, full, unsure, width):  # type: ignore[no-untyped-def]
    """Say in which lanes a full step takes a variable off the piece of g it was made for, beyond rounding of z."""
    zero, excess = fill_lanes(0.0), fill_lanes(-1.0)
    for c in range(width):
        free = load_lanes(gain, c) * (load_lanes(z, c) + load_lanes(dz, c))
        guess = choose(load_lanes(curvature, c) > zero, free, load_lanes(x, c))
        excess = larger(size(load_lanes(full, c) - guess) - load_lanes(unsure, c), excess)
    return excess > fill_lanes(KINK)


@njit(cache=True, nogil=True, error_model="numpy")
def lane_search(must, lo, hi, gain, z, dz, x, slope, bend, taken, fall, width):  # type: ignore[no-untyped-def]
    """Return the step length of the lanes that must search, 1 in the others; see `dual_newton.search`."""
    zero = fill_lanes(0.0)
    t, below, above = fill_lanes(1.0), zero, fill_lanes(1.0)
    value = slope - bend - taken
    seeking = must & (value < zero)
    for _ in range(60):
        seeking = seeking & (size(value) > fill_lanes(SLACK) * slope)
        if not some(seeking):
            break
        below = choose(value > zero, t, below)
        above = choose(value > zero, above, t)
        near = t + value / (bend + fall)
        # Roots lie on all scales: thousands of times shorter where d hardly meets any curvature.
        middle = choose(below > zero, root(below * above), fill_lanes(0.01) * above)
        t = choose(seeking, choose((below < near) & (near < above), near, middle), t)
        taken, fall = zero, zero
        for c in range(width):
            u, g = load_lanes(dz, c), load_lanes(gain, c)
            free = g * multiply_add(t, u, load_lanes(z, c))
            best = smaller(larger(free, load_lanes(lo, c)), load_lanes(hi, c))
            taken = multiply_add(best - load_lanes(x, c), u, taken)
            fall = fall + choose(best == free, g * u * u, zero)
        value = slope - bend * t - taken
    return t

"""Load sharing with quadratic costs: semismooth Newton on the dual, with an exact line search.

One frame is  minimise sum_c (h_c x_c^2 / 2 + f_c x_c) + K |r|^2  subject to  B x + r = b,
lo <= x <= hi; h = 2 w and f = 0 for muscles with exponent 2. Its dual, with z = B^T y - f,

    g(y) = b.y - |y|^2 / (4 K) + sum_c min_{lo <= x <= hi} (h_c x^2 / 2 - z_c x),

is strongly concave and piecewise quadratic in the Q multipliers alone. The inner minimum is at
x_c(y) = clip(z_c / h_c, lo_c, hi_c), so that

    grad g(y) = b - y / (2 K) - B x(y),
    -hess g(y) = I / (2 K) + sum_{c strictly inside its bounds} B_c B_c^T / h_c.

Newton's direction d solves the piece that y lies in. If y + d lies in the same piece, it is the solution.
Otherwise g is maximised along d (up to d itself): its slope is piecewise linear and falls, and its root is
bracketed. As the curvature of g is bounded from both sides, every step gains a fixed share of what is
left; there are finitely many pieces, so the right one is found after finitely many steps (Qi and Sun
1993, Math Program 58:353-367, for semismooth Newton; Hiriart-Urruty, Strodiot and Nguyen 1984, Appl
Math Optim 11:43-56, for the generalised second derivative).

Multipliers of a frame that cannot be balanced are as large as 2 K |r|, and z then is a small difference
of large terms. Where its rounding would show, y is carried as the unevaluated sum of two doubles and the
products with it are compensated (Ogita, Rump and Oishi 2005, SIAM J Sci Comput 26:1955-1988, Dot2), so
that the solution is as exact there as elsewhere.

Here one frame is solved at a time, for `gluteal.kernels.power`; `gluteal.kernels.lane_newton` takes the same steps on
several frames.
"""

from __future__ import annotations

from math import inf, sqrt

from numba import njit

from gluteal.kernels.columns import (
    SUM,
    assemble_hessian,
    balance,
    factorise,
    measure,
    spread_exactly,
    spread_rows,
    spread_size,
    substitute,
)

EPS = 2.220446049250313e-16
#: A variable this close to a bound counts as on either side of it (in units of the variable, about 1).
KINK = 1e-13
#: Rounding of x above which products with the multipliers are compensated.
NOISE = 1e-11
#: Share of the slope of g that is left where the search along a direction ends. The root within a piece is exact, so
#: little costs no more than much; with a hundredth left, steps of a millionth of d can go to and fro on a ridge.
SLACK = 1e-5


@njit(cache=True, nogil=True, error_model="numpy")
def solve_quadratic(B, b, lo, hi, gain, linear, ridge, limit, y, x, work, H):  # type: ignore[no-untyped-def]
    """Solve one frame.

    Parameters
    ----------
    B : Columns (Q x N)
    b : (Q,) N m
    lo, hi : (N,) bounds, lo <= hi
    gain : (N,) 1 / h; 0 for a variable with lo = hi
    linear : (N,) f
    ridge : float, 1 / (2 K)
    limit : int, most Newton steps
    y : (Q,) start of the multipliers, overwritten by the solution
    x : (N,) solution
    work : (7, max(N, Q)), H : (Q, Q) scratch

    Returns
    -------
    int
        Newton steps taken; `limit` if the final piece was not found, -1 if B is not finite.
    """
    value, begin, end, first, parts = B
    rows, width = value.shape
    z, curvature, dz, scratch = work[0][:width], work[1][:width], work[2][:width], work[3][:width]
    d, gradient, tail, reach = work[4][:rows], work[5][:rows], work[6][:rows], work[4][rows : 2 * rows]
    tail[:] = 0.0
    exactly = False
    if not measure(value, begin, end, parts, reach) < inf:
        return -1
    steepest = largest(gain)
    start_from(value, begin, end, parts, y, linear, z)
    carried = 0.0
    for step in range(1, limit + 1):
        if exactly:
            for c in range(width):
                z[c] = -linear[c]
            spread_exactly(value, begin, end, parts, y, tail, z, scratch)
        elif carried > 0.1 * NOISE:
            start_from(value, begin, end, parts, y, linear, z)
            carried = 0.0
        place(lo, hi, gain, z, x, curvature)
        balance(value, begin, end, parts, b, x, gradient)
        for q in range(rows):
            gradient[q] -= ridge * y[q]
            d[q] = gradient[q]
        assemble_hessian(value, begin, end, first, parts, curvature, ridge, scratch, H)
        factorise(first, ridge, H)
        substitute(first, H, d)
        # No term of B_c (y + d) is larger; where y is carried exactly, none of B_c d.
        size = 0.0
        for q in range(rows):
            size += reach[q] * (abs(d[q]) if exactly else abs(y[q]) + abs(d[q]))
        dz[:] = 0.0
        spread_rows(value, begin, end, parts, d, dz)
        # No rounding error of B^T (y + d) is larger, times its gain.
        unsure = 8.0 * EPS * size * steepest
        taken, fall, may, must = try_full(lo, hi, gain, z, dz, x, curvature, unsure)
        if must == 0 and may > 0:
            rounding(value, begin, end, parts, y, d, exactly, scratch)
            must = leaving(lo, hi, gain, z, dz, x, curvature, scratch)
        if must > 0:
            t = search(lo, hi, gain, z, dz, x, gradient, d, ridge, taken, fall)
            add(t, d, y, tail)
            for c in range(width):
                z[c] += t * dz[c]
            carried += unsure
            continue
        if exactly:
            change = 0.0
            for c in range(width):
                if curvature[c] != 0.0:
                    change = max(change, abs(gain[c] * dz[c]))
            settled = change < 1e-8
        else:
            settled = unsure < NOISE
            if not settled:
                # Rounding shows in variables inside their bounds, and in those it may have put on the bound.
                rounding(value, begin, end, parts, y, d, exactly, scratch)
                noise = 0.0
                for c in range(width):
                    unsure = scratch[c] * gain[c]
                    free = gain[c] * (z[c] + dz[c])
                    if free >= lo[c] - unsure and free <= hi[c] + unsure:
                        noise = max(noise, unsure)
                settled = noise < NOISE
            exactly = not settled
        add(1.0, d, y, tail)
        if settled:
            if exactly:
                for c in range(width):
                    z[c] += dz[c]
            else:
                start_from(value, begin, end, parts, y, linear, z)
            for c in range(width):
                if curvature[c] != 0.0:
                    x[c] = min(max(gain[c] * z[c], lo[c]), hi[c])
            return step
    return limit


@njit(cache=True, nogil=True)
def start_from(value, begin, end, parts, y, linear, z):  # type: ignore[no-untyped-def]
    """Fill z with B^T y - f."""
    for c in range(len(z)):
        z[c] = -linear[c]
    spread_rows(value, begin, end, parts, y, z)


@njit(cache=True, nogil=True)
def largest(gain):  # type: ignore[no-untyped-def]
    """Return the largest of the gains, 0 of none."""
    most = 0.0
    for c in range(len(gain)):
        most = gain[c] if gain[c] > most else most
    return most


@njit(cache=True, nogil=True)
def place(lo, hi, gain, z, x, curvature):  # type: ignore[no-untyped-def]
    """Fill x with the inner minimisers at z, and curvature with the gains of those inside their bounds."""
    for c in range(len(z)):
        free = gain[c] * z[c]
        best = lo[c] if free < lo[c] else free
        best = hi[c] if best > hi[c] else best
        x[c] = best
        curvature[c] = gain[c] if best == free else 0.0


@njit(cache=True, nogil=True)
def leaving(lo, hi, gain, z, dz, x, curvature, unsure):  # type: ignore[no-untyped-def]
    """Count the variables that a full step takes off the piece of g it was made for, beyond rounding of z."""
    count = 0
    for c in range(len(z)):
        free = gain[c] * (z[c] + dz[c])
        best = lo[c] if free < lo[c] else free
        best = hi[c] if best > hi[c] else best
        guess = free if curvature[c] != 0.0 else x[c]
        count += abs(best - guess) > KINK + gain[c] * unsure[c]
    return count


@njit(cache=True, nogil=True)
def rounding(value, begin, end, parts, y, d, exactly, out):  # type: ignore[no-untyped-def]
    """Fill out (N,) with bounds on the rounding errors of B^T (y + d)."""
    out[:] = 0.0
    spread_size(value, begin, end, parts, d, out)
    if not exactly:
        spread_size(value, begin, end, parts, y, out)
    for c in range(len(out)):
        out[c] *= 8.0 * EPS


@njit(cache=True, nogil=True)
def add(length, d, y, tail):  # type: ignore[no-untyped-def]
    """Add length * d to the two-part multiplier y + tail (two-sum of Knuth)."""
    for q in range(len(y)):
        change = length * d[q] + tail[q]
        total = y[q] + change
        part = total - y[q]
        tail[q] = (y[q] - (total - part)) + (change - part)
        y[q] = total


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUM)
def slope_at(t, lo, hi, gain, z, dz, x):  # type: ignore[no-untyped-def]
    """Return sum_c (x_c(t) - x_c(0)) dz_c and its slope in t."""
    value, fall = 0.0, 0.0
    for c in range(len(z)):
        free = gain[c] * (z[c] + t * dz[c])
        best = lo[c] if free < lo[c] else free
        best = hi[c] if best > hi[c] else best
        value += (best - x[c]) * dz[c]
        fall += gain[c] * dz[c] * dz[c] if best == free else 0.0
    return value, fall


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUM)
def try_full(lo, hi, gain, z, dz, x, curvature, unsure):  # type: ignore[no-untyped-def]
    """Return `slope_at` of the full step, and how many variables it takes off the piece of g it was made for.

    Two numbers: of those beyond `KINK`, and of those beyond any rounding of z.
    """
    value, fall = 0.0, 0.0
    may, must = 0.0, 0.0
    sure = KINK + unsure
    for c in range(len(z)):
        free = gain[c] * (z[c] + dz[c])
        best = lo[c] if free < lo[c] else free
        best = hi[c] if best > hi[c] else best
        off = abs(best - (free if curvature[c] != 0.0 else x[c]))
        may += 1.0 if off > KINK else 0.0
        must += 1.0 if off > sure else 0.0
        value += (best - x[c]) * dz[c]
        fall += gain[c] * dz[c] * dz[c] if best == free else 0.0
    return value, fall, may, must


@njit(cache=True, nogil=True, error_model="numpy")
def search(lo, hi, gain, z, dz, x, gradient, d, ridge, taken, fall):  # type: ignore[no-untyped-def]
    """Return the t, at most 1, that maximises g(y + t d): the root of its falling slope.

    A longer step would be better along d itself, but leaves the scale that d was made for: where one leg cannot
    do it, it throws the muscles from bound to bound.

    slope(t) = slope(0) - t |d|^2 / (2 K) - sum_c (x_c(t) - x_c(0)) dz_c; the sum at t = 1 and its slope are
    given as taken and fall. Newton's iteration on it, which is exact within a piece, kept inside the bracket by
    bisection of its logarithm.
    """
    slope, bend = 0.0, 0.0
    for q in range(len(d)):
        slope += gradient[q] * d[q]
        bend += ridge * d[q] * d[q]
    below, above, t = 0.0, 1.0, 1.0
    value = slope - bend - taken
    if value >= 0.0:
        return t
    for _ in range(60):
        if abs(value) <= SLACK * slope:
            break
        if value > 0.0:
            below = t
        else:
            above = t
        t += value / (bend + fall)
        if not below < t < above:
            # Roots lie on all scales: thousands of times shorter where d hardly meets any curvature.
            t = sqrt(below * above) if below > 0.0 else 0.01 * above
        taken, fall = slope_at(t, lo, hi, gain, z, dz, x)
        value = slope - bend * t - taken
    return t

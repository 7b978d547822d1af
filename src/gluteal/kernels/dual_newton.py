"""Load sharing with quadratic costs: semismooth Newton on the dual, with an exact line search.

One frame is  minimise sum_c (h_c x_c^2 / 2 + f_c x_c) + K |r|^2  subject to  B x + r = b,
lo <= x <= hi; h = 2 w and f = 0 for muscles with exponent 2. Its dual, with z = B^T y - f,

    g(y) = b.y - |y|^2 / (4 K) + sum_c min_{lo <= x <= hi} (h_c x^2 / 2 - z_c x),

is strongly concave and piecewise quadratic in the Q multipliers alone. The inner minimum is at
x_c(y) = clip(z_c / h_c, lo_c, hi_c), so that

    grad g(y) = b - y / (2 K) - B x(y),
    -hess g(y) = I / (2 K) + sum_{c strictly inside its bounds} B_c B_c^T / h_c.

Newton's direction d solves the piece that y lies in. If y + d lies in the same piece, it is the solution.
Otherwise g is maximised along d (up to twice d): its slope is piecewise linear and falls, and its root is
bracketed. As the curvature of g is bounded from both sides, every step gains a fixed share of what is
left; there are finitely many pieces, so the right one is found after finitely many steps (Qi and Sun
1993, Math Program 58:353-367, for semismooth Newton; Hiriart-Urruty, Strodiot and Nguyen 1984, Appl
Math Optim 11:43-56, for the generalised second derivative).

Multipliers of a frame that cannot be balanced are as large as 2 K |r|, and z then is a small difference
of large terms. Where its rounding would show, y is carried as the unevaluated sum of two doubles and the
products with it are compensated (Ogita, Rump and Oishi 2005, SIAM J Sci Comput 26:1955-1988, Dot2), so
that the solution is as exact there as elsewhere.
"""

from __future__ import annotations

from numba import njit

from gluteal.kernels.columns import (
    along,
    assemble,
    factorise,
    spread,
    spread_exactly,
    spread_size,
    substitute,
)

EPS = 2.220446049250313e-16
#: A variable this close to a bound counts as on either side of it (in units of the variable, about 1).
KINK = 1e-13
#: Rounding of x above which products with the multipliers are compensated.
NOISE = 1e-11
#: Longest step along a direction. Where one leg cannot do it, the best step for it may be thousands long and
#: throws the other leg's muscles from bound to bound.
LONGEST = 2.0


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
        Newton steps taken; `limit` if the final piece was not found.
    """
    rows, width = B.value.shape
    z, curvature, dz, scratch = work[0][:width], work[1][:width], work[2][:width], work[3][:width]
    d, gradient, tail = work[4][:rows], work[5][:rows], work[6][:rows]
    tail[:] = 0.0
    exactly = False
    for step in range(1, limit + 1):
        for c in range(width):
            z[c] = -linear[c]
        if exactly:
            spread_exactly(B, y, tail, z, scratch)
        else:
            spread(B, y, z)
        place(lo, hi, gain, z, x, curvature)
        for q in range(rows):
            gradient[q] = b[q] - ridge * y[q] - along(B, q, x)
            d[q] = gradient[q]
        assemble(B, curvature, ridge, scratch, H)
        factorise(B, ridge, H)
        substitute(B, H, d)
        dz[:] = 0.0
        spread(B, d, dz)
        scratch[:] = 0.0
        if leaving(lo, hi, gain, z, dz, x, curvature, scratch) > 0:
            rounding(B, y, d, exactly, scratch)
            if leaving(lo, hi, gain, z, dz, x, curvature, scratch) > 0:
                add(search(lo, hi, gain, z, dz, x, gradient, d, ridge), d, y, tail)
                continue
        if exactly:
            change = 0.0
            for c in range(width):
                if curvature[c] != 0.0:
                    change = max(change, abs(gain[c] * dz[c]))
            settled = change < 1e-8
        else:
            # Rounding shows in variables inside their bounds, and in those it may have put on the bound.
            rounding(B, y, d, exactly, scratch)
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
            for c in range(width):
                if curvature[c] != 0.0:
                    x[c] = min(max(gain[c] * (z[c] + dz[c]), lo[c]), hi[c])
            return step
    return limit


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
def rounding(B, y, d, exactly, out):  # type: ignore[no-untyped-def]
    """Fill out (N,) with bounds on the rounding errors of B^T (y + d)."""
    out[:] = 0.0
    spread_size(B, d, out)
    if not exactly:
        spread_size(B, y, out)
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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
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


@njit(cache=True, nogil=True, error_model="numpy")
def search(lo, hi, gain, z, dz, x, gradient, d, ridge):  # type: ignore[no-untyped-def]
    """Return the t, at most `LONGEST`, that maximises g(y + t d): the root of its falling slope.

    slope(t) = slope(0) - t |d|^2 / (2 K) - sum_c (x_c(t) - x_c(0)) dz_c. Newton's iteration on it, which
    is exact within a piece, kept inside the bracket by bisection.
    """
    slope, bend = 0.0, 0.0
    for q in range(len(d)):
        slope += gradient[q] * d[q]
        bend += ridge * d[q] * d[q]
    below, above, t = 0.0, -1.0, 1.0
    for _ in range(60):
        taken, fall = slope_at(t, lo, hi, gain, z, dz, x)
        value = slope - bend * t - taken
        if abs(value) <= 1e-6 * slope:
            break
        if value > 0.0:
            below = t
        else:
            above = t
        if t == LONGEST and value > 0.0:
            break
        t = min(t + value / (bend + fall), LONGEST)
        if above > 0.0 and not below < t < above:
            t = 0.5 * (below + above)
    return t

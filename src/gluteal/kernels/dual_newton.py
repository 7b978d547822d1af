"""Load sharing with quadratic costs: semismooth Newton on the dual, with an exact line search.

One frame is  minimise sum_c (h_c x_c^2 / 2 + f_c x_c) + K |r|^2  subject to  B x + r = b,
lo <= x <= hi; h = 2 w and f = 0 for muscles with exponent 2. Its dual, with z = B^T y - f,

    g(y) = b.y - |y|^2 / (4 K) + sum_c min_{lo <= x <= hi} (h_c x^2 / 2 - z_c x),

is strongly concave and piecewise quadratic in the Q multipliers alone. The inner minimum is at
x_c(y) = clip(z_c / h_c, lo_c, hi_c), so that

    grad g(y) = b - y / (2 K) - B x(y),
    -hess g(y) = I / (2 K) + sum_{c strictly inside its bounds} B_c B_c^T / h_c.

Newton's direction d solves the piece that y lies in. If y + d lies in the same piece, it is the solution.
Otherwise g is maximised exactly along d: its slope is piecewise linear and falls, and its root is
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

from gluteal.kernels.columns import assemble, factorise, gather, gather_exactly, scatter, substitute

EPS = 2.220446049250313e-16
#: A variable this close to a bound counts as on either side of it (in units of the variable, about 1).
KINK = 1e-13
#: Rounding of x above which products with the multipliers are compensated.
NOISE = 1e-11


@njit(cache=True, nogil=True, error_model="numpy")
def solve_quadratic(B, b, lo, hi, gain, linear, ridge, limit, y, x, work, H):  # type: ignore[no-untyped-def]
    """Solve one frame.

    Parameters
    ----------
    B : Columns (Q x N)
    b : (Q,) N m
    lo, hi : (N,) bounds, lo < hi
    gain : (N,) 1 / h
    linear : (N,) f
    ridge : float, 1 / (2 K)
    limit : int, most Newton steps
    y : (Q,) start of the multipliers, overwritten by the solution
    x : (N,) solution
    work : (6, max(N, Q)), H : (Q, Q) scratch

    Returns
    -------
    int
        Newton steps taken; `limit` if the final piece was not found.
    """
    rows = len(b)
    z, curvature, dz = work[0], work[1], work[2]
    d, gradient, tail = work[3][:rows], work[4][:rows], work[5][:rows]
    tail[:] = 0.0  # y + tail are the multipliers
    exactly = False
    for step in range(1, limit + 1):
        for q in range(rows):
            gradient[q] = b[q] - ridge * y[q]
        for c in range(B.width):
            if exactly:
                z[c] = gather_exactly(B, c, y, tail, -linear[c])
            else:
                z[c] = gather(B, c, y) - linear[c]
            free = gain[c] * z[c]
            x[c] = min(max(free, lo[c]), hi[c])
            curvature[c] = gain[c] if x[c] == free else 0.0
            scatter(B, c, -x[c], gradient)
        d[:] = gradient
        assemble(B, curvature, ridge, H)
        factorise(B, ridge, H)
        substitute(B, H, d)
        inside, change = True, 0.0
        for c in range(B.width):
            dz[c] = gather(B, c, d)
            free = gain[c] * (z[c] + dz[c])
            if curvature[c] != 0.0:
                miss = max(lo[c] - free, free - hi[c])
                change = max(change, abs(gain[c] * dz[c]))
            else:
                miss = free - lo[c] if x[c] == lo[c] else hi[c] - free
            if miss > KINK:
                inside = inside and miss <= KINK + rounding(B, c, y, d, gain[c], exactly)
        if not inside:
            add(search(B.width, lo, hi, gain, z, dz, x, gradient, d, ridge), d, y, tail)
            continue
        if exactly:
            settled = change < 1e-8
        else:
            # Rounding shows in variables inside their bounds, and in those it may have put on the bound.
            noise = 0.0
            for c in range(B.width):
                unsure = rounding(B, c, y, d, gain[c], exactly)
                free = gain[c] * (z[c] + dz[c])
                if free >= lo[c] - unsure and free <= hi[c] + unsure:
                    noise = max(noise, unsure)
            settled = noise < NOISE
            exactly = not settled
        add(1.0, d, y, tail)
        if settled:
            for c in range(B.width):
                if curvature[c] != 0.0:
                    x[c] = min(max(gain[c] * (z[c] + dz[c]), lo[c]), hi[c])
            return step
    return limit


@njit(cache=True, nogil=True)
def add(length, d, y, tail):  # type: ignore[no-untyped-def]
    """Add length * d to the two-part multiplier y + tail (two-sum of Knuth)."""
    for q in range(len(y)):
        change = length * d[q] + tail[q]
        total = y[q] + change
        part = total - y[q]
        tail[q] = (y[q] - (total - part)) + (change - part)
        y[q] = total


@njit(cache=True, nogil=True)
def rounding(B, c, y, d, gain, exactly):  # type: ignore[no-untyped-def]
    """Bound the rounding error of gain * B_c (y + d)."""
    total = 0.0
    for k in range(B.begin[c], B.begin[c + 1]):
        size = abs(d[B.row[k]]) if exactly else abs(y[B.row[k]]) + abs(d[B.row[k]])
        total += abs(B.value[k]) * size
    return 8.0 * EPS * gain * total


@njit(cache=True, nogil=True, error_model="numpy")
def search(count, lo, hi, gain, z, dz, x, gradient, d, ridge):  # type: ignore[no-untyped-def]
    """Return the t that maximises g(y + t d): the root of its falling, piecewise linear slope.

    slope(t) = slope(0) - t |d|^2 / (2 K) - sum_c (x_c(t) - x_c(0)) dz_c. Newton's iteration on it, which
    is exact within a piece, kept inside the bracket by bisection.
    """
    slope, bend = 0.0, 0.0
    for q in range(len(d)):
        slope += gradient[q] * d[q]
        bend += ridge * d[q] * d[q]
    below, above, t = 0.0, -1.0, 1.0
    for _ in range(60):
        value, fall = slope - bend * t, bend
        for c in range(count):
            free = gain[c] * (z[c] + t * dz[c])
            if free < lo[c]:
                free = lo[c]
            elif free > hi[c]:
                free = hi[c]
            else:
                fall += gain[c] * dz[c] * dz[c]
            value -= (free - x[c]) * dz[c]
        if abs(value) <= 1e-6 * slope:
            break
        if value > 0.0:
            below = t
        else:
            above = t
        t += value / fall
        if above > 0.0 and not below < t < above:
            t = 0.5 * (below + above)
    return t

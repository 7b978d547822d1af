"""Load sharing with an exponent p > 2: a sequence of quadratic problems.

Above 2 the dual's curvature has no bound: x(z) = (z / (p w))^(1 / (p - 1)) has infinite slope at z = 0,
where many muscles sit. So the primal cost w x^p is approximated instead, by a parabola about the current
x that has its gradient there and the slope

    h = (p w x^(p-1) - z) / (x - x(z)),    x(z) = clip((z / (p w))^(1 / (p - 1)), lo, hi),

the secant to the point that the current multipliers ask for. At the solution x = x(z) and h is the
second derivative; away from it a muscle with unchanged multipliers gets there in one step, also from or to
zero, where the second derivative vanishes. `gluteal.kernels.dual_newton` solves the quadratic problem
exactly, bounds included; the true cost, which is convex, is then minimised along the way there. (For the
convergence of such convex models with a line search: Tseng and Yun 2009, Math Program 117:387-423.)
"""

from __future__ import annotations

from numba import njit

from gluteal.kernels.columns import along, spread_columns
from gluteal.kernels.dual_newton import solve_quadratic

#: Gradient left over, per p w, at which the sequence ends.
TARGET = 1e-10
#: Smallest h, per p w. A flatter parabola, of a muscle that hardly works, only spoils the conditioning;
#: the gradients that this one is slow to settle are below 1e-7 p w.
FLATTEST = 1e-5
#: Where the first parabola touches x^p.
TOUCH = 0.5
#: Most quadratic problems per frame.
MOST = 100


@njit(cache=True, nogil=True, error_model="numpy")
def solve_power(B, b, lo, hi, weight, power, ridge, limit, y, x, work, H):  # type: ignore[no-untyped-def]
    """Solve one frame.

    Parameters
    ----------
    B : Columns (Q x N)
    b : (Q,) N m
    lo, hi : (N,) bounds, lo <= hi
    weight, power : (N,) w and p of each column
    ridge : float, 1 / (2 K)
    limit : int, most Newton steps of each quadratic problem
    y : (Q,) multipliers, start and solution
    x : (N,) solution
    work : (12, max(N, Q)), H : (Q, Q) scratch

    Returns
    -------
    int
        Newton steps taken, of all quadratic problems together.
    """
    rows, width = B.value.shape
    gain, linear, old = work[7][:width], work[8][:width], work[9][:width]
    rest, slack = work[10][:rows], work[11][:rows]
    z, change = work[0][:width], work[1][:width]
    for c in range(width):
        held = lo[c] == hi[c]
        gain[c] = 0.0 if held else 1.0 / (power[c] * weight[c] * TOUCH ** (power[c] - 2.0))
        linear[c] = 0.0
    steps = solve_quadratic(B, b, lo, hi, gain, linear, ridge, limit, y, x, work, H)
    for problem in range(MOST):
        z[:] = 0.0
        spread_columns(B, y, z)
        for c in range(width):
            old[c] = x[c]
            if lo[c] == hi[c]:
                continue
            p, full = power[c], power[c] * weight[c]
            steep = full * x[c] ** (p - 1.0)
            wish = min(max((max(z[c], 0.0) / full) ** (1.0 / (p - 1.0)), lo[c]), hi[c])
            if abs(wish - x[c]) > 1e-4 * (wish + x[c]):
                slope = full * (wish ** (p - 1.0) - x[c] ** (p - 1.0)) / (wish - x[c])
            else:
                slope = (p - 1.0) * full * (0.5 * (wish + x[c])) ** (p - 2.0)
            slope = max(slope, FLATTEST * full)
            gain[c] = 1.0 / slope
            linear[c] = steep - slope * x[c]
        steps += solve_quadratic(B, b, lo, hi, gain, linear, ridge, limit, y, x, work, H)
        left = 0.0
        for c in range(width):
            if lo[c] == hi[c]:
                continue
            full = power[c] * weight[c]
            model = linear[c] + x[c] / gain[c]
            left = max(left, abs(full * x[c] ** (power[c] - 1.0) - model) / full)
        if left <= TARGET or problem == MOST - 1:
            break
        for c in range(width):
            change[c] = old[c] - x[c]
        for q in range(rows):
            rest[q], slack[q] = b[q] - along(B, q, old), along(B, q, change)
        length = search_power(width, weight, power, ridge, old, x, rest, slack)
        for c in range(width):
            x[c] = old[c] + length * (x[c] - old[c])
    return steps


@njit(cache=True, nogil=True, error_model="numpy")
def search_power(count, weight, power, ridge, old, new, rest, slack):  # type: ignore[no-untyped-def]
    """Return the t in (0, 1] that minimises the true cost at old + t (new - old).

    The reserves there are rest + t slack. The slope of the cost along the way rises; the full step is
    kept unless the slope has turned clearly upwards by then, otherwise its root is bisected.
    """
    start = 0.0
    below, above, t = 0.0, 1.0, 0.0
    for trial in range(30):
        slope = 0.0
        for q in range(len(rest)):
            slope += (rest[q] + t * slack[q]) * slack[q] / ridge
        for c in range(count):
            change = new[c] - old[c]
            x = old[c] + t * change
            slope += power[c] * weight[c] * x ** (power[c] - 1.0) * change
        if trial == 0:
            start, t = slope, 1.0
            continue
        # No descent left but rounding: the full step is as good.
        if start >= 0.0:
            break
        if slope <= -0.1 * start:
            if t == 1.0 or slope >= 0.1 * start:
                break
            below = t
        else:
            above = t
        t = 0.5 * (below + above)
    return t

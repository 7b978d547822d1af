"""Optimality of a load-sharing solution, judged from the solution alone.

The problem, one frame at a time (see `gluteal.kernels.recruitment`):

    minimise  sum_m w_m a_m^p + eps sum_k (s_k / S0)^2 + K sum_q r_q^2
    subject to  A a + S s + r = b,   lo <= a <= hi,   s >= 0.

It is convex, so a point that satisfies the Karush-Kuhn-Tucker conditions is the solution. With the
multipliers y of the balance, the reduced gradients are

    d_m = p w_m a_m^(p-1) - (A^T y)_m,    e_k = 2 eps s_k / S0 - S0 (S^T y)_k,    y = 2 K r,

and the multipliers of the bounds are their positive and negative parts. Each is measured against the
gradient at full activation (or one body weight), plus 1e-8 of the terms that cancel in it,
`sigma_m = p w_m + 1e-8 |A|^T |y|`: a reserve of 50 N m has multipliers of 1e5, whose rounding alone
would otherwise be taken for an error.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Share of the cancelling terms of a gradient that counts as its scale.
CANCEL = 1e-8


_SUM = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_SUM)
def certify_frame(problem, costs, point, scratch):  # type: ignore[no-untyped-def]
    """Measure how far one frame's solution is from optimal; shapes as `solve_frames`, without T.

    Parameters
    ----------
    problem : A, S, b, lower, upper, weight
    costs : p, K, eps, S0
    point : activation, support, reserve, multiplier
    scratch : (2, M + R)

    Returns
    -------
    stationarity : float
        Largest of |a - clip(a - d / sigma, lo, hi)|, the same for s / S0 with the bound 0, and
        |r - y / (2 K)| / row. For an exponent of 2 it is the error of the activations.
    feasibility : float
        Largest of |A a + S s + r - b| / row, the excess of a over its bounds and of -s / S0 over 0;
        row = 1 N m + |b| + |A| |a| + |S| |s|.
    complementarity : float
        Largest of bound multiplier times distance to that bound, over sigma; distances of supports in
        units of S0 + s.
    """
    A, S, b, lower, upper, weight = problem
    exponent, reserve_cost, support_cost, support_scale = costs
    activation, support, reserve, multiplier = point
    # Comparisons pass over a NaN; a sum does not.
    total = activation.sum() + support.sum() + reserve.sum() + multiplier.sum()
    if not abs(total) < np.inf:
        return np.inf, np.inf, np.inf
    muscles, rays = len(activation), len(support)
    pull, pull_size = scratch[0, :muscles], scratch[1, :muscles]
    lift, lift_size = scratch[0, muscles : muscles + rays], scratch[1, muscles : muscles + rays]
    stationarity, feasibility = _balance(
        A, S, b, activation, support, reserve, multiplier, 0.5 / reserve_cost, pull, pull_size, lift, lift_size
    )
    still, within, apart = _judge_muscles(exponent, activation, lower, upper, weight, pull, pull_size)
    stationarity, feasibility, complementarity = max(stationarity, still), max(feasibility, within), apart
    for k in range(rays):
        s = support[k] / support_scale
        e = 2.0 * support_cost * s - support_scale * lift[k]
        e /= 2.0 * support_cost + CANCEL * support_scale * lift_size[k]
        stationarity = max(stationarity, abs(s - max(s - e, 0.0)))
        feasibility = max(feasibility, -s)
        # A negative multiplier has no bound to lean on: it counts in full.
        complementarity = max(complementarity, abs(e * s) / (1.0 + abs(s)) if e > 0.0 else -e)
    return stationarity, feasibility, complementarity


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_SUM)
def _balance(A, S, b, activation, support, reserve, multiplier, ridge, pull, pull_size, lift, lift_size):  # type: ignore[no-untyped-def]
    """Fill A^T y, |A|^T |y|, S^T y and |S|^T |y|; return the errors of r = y / (2 K) and of the balance."""
    pull[:], pull_size[:], lift[:], lift_size[:] = 0.0, 0.0, 0.0, 0.0
    stationarity, feasibility = 0.0, 0.0
    for q in range(len(b)):
        y = multiplier[q]
        total, size = reserve[q] - b[q], 1.0 + abs(b[q])
        for m in range(len(activation)):
            entry = A[q, m]
            force, price = entry * activation[m], entry * y
            total += force
            size += abs(force)
            pull[m] += price
            pull_size[m] += abs(price)
        for k in range(len(support)):
            entry = S[q, k]
            force, price = entry * support[k], entry * y
            total += force
            size += abs(force)
            lift[k] += price
            lift_size[k] += abs(price)
        feasibility = max(feasibility, abs(total) / size)
        stationarity = max(stationarity, abs(reserve[q] - ridge * y) / size)
    return stationarity, feasibility


@njit(cache=True, nogil=True, error_model="numpy", fastmath={*_SUM, "nnan"})
def _judge_muscles(exponent, activation, lower, upper, weight, pull, pull_size):  # type: ignore[no-untyped-def]
    """Return stationarity, excess over the bounds, and complementarity; nothing here may be NaN."""
    stationarity, feasibility, complementarity = 0.0, 0.0, 0.0
    square = exponent == 2.0
    for m in range(len(activation)):
        a, lo, hi = activation[m], lower[m], upper[m]
        full = exponent * weight[m]
        steep = full * (a if square else max(a, 0.0) ** (exponent - 1.0))
        d = (steep - pull[m]) / (full + CANCEL * pull_size[m])
        stationarity = max(stationarity, abs(a - min(max(a - d, lo), hi)))
        feasibility = max(feasibility, lo - a, a - hi)
        complementarity = max(complementarity, abs(d * (a - lo) if d > 0.0 else d * (hi - a)))
    return stationarity, feasibility, complementarity

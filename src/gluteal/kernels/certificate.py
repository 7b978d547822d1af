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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def certify_frame(problem, costs, point):  # type: ignore[no-untyped-def]
    """Measure how far one frame's solution is from optimal; shapes as `solve_frames`, without T.

    Parameters
    ----------
    problem : A, S, b, lower, upper, weight
    costs : p, K, eps, S0
    point : activation, support, reserve, multiplier

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
    rows, muscles = A.shape
    rays = S.shape[1]
    stationarity, feasibility, complementarity = 0.0, 0.0, 0.0
    pull, pull_size = np.zeros(muscles), np.zeros(muscles)
    lift, lift_size = np.zeros(rays), np.zeros(rays)
    for q in range(rows):
        y = multiplier[q]
        total, size = reserve[q] - b[q], 1.0 + abs(b[q])
        for m in range(muscles):
            entry = A[q, m]
            total += entry * activation[m]
            size += abs(entry * activation[m])
            pull[m] += entry * y
            pull_size[m] += abs(entry * y)
        for k in range(rays):
            entry = S[q, k]
            total += entry * support[k]
            size += abs(entry * support[k])
            lift[k] += entry * y
            lift_size[k] += abs(entry * y)
        feasibility = max(feasibility, abs(total) / size)
        stationarity = max(stationarity, abs(reserve[q] - 0.5 * y / reserve_cost) / size)
    for m in range(muscles):
        a, lo, hi = activation[m], lower[m], upper[m]
        full = exponent * weight[m]
        steep = full * (a if exponent == 2.0 else max(a, 0.0) ** (exponent - 1.0))
        d = (steep - pull[m]) / (full + CANCEL * pull_size[m])
        stationarity = max(stationarity, abs(a - min(max(a - d, lo), hi)))
        feasibility = max(feasibility, lo - a, a - hi)
        complementarity = max(complementarity, abs(d * (a - lo) if d > 0.0 else d * (hi - a)))
    for k in range(rays):
        s = support[k] / support_scale
        e = 2.0 * support_cost * s - support_scale * lift[k]
        e /= 2.0 * support_cost + CANCEL * support_scale * lift_size[k]
        stationarity = max(stationarity, abs(s - max(s - e, 0.0)))
        feasibility = max(feasibility, -s)
        # A negative multiplier has no bound to lean on: it counts in full.
        complementarity = max(complementarity, abs(e * s) / (1.0 + abs(s)) if e > 0.0 else -e)
    # Comparisons pass over a NaN; a sum does not.
    total = activation.sum() + support.sum() + reserve.sum() + multiplier.sum()
    if not abs(total) < np.inf:
        return np.inf, np.inf, np.inf
    return stationarity, feasibility, complementarity

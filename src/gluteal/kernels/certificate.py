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

from gluteal.kernels.columns import SUM

#: Share of the cancelling terms of a gradient that counts as its scale.
CANCEL = 1e-8


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUM)
def certify(problem, costs, point, start, stop, stationarity, feasibility, complementarity):  # type: ignore[no-untyped-def]
    """Measure how far the frames from start to stop are from optimal; shapes as `solve_frames`.

    Parameters
    ----------
    problem : A, S, b, lower, upper, weight
    costs : p, K, eps, S0
    point : activation, support, reserve, multiplier
    stationarity : (T,)
        Filled with the largest of |a - clip(a - d / sigma, lo, hi)|, the same for s / S0 with the bound 0, and
        |r - y / (2 K)| / row. For an exponent of 2 it is the error of the activations.
    feasibility : (T,)
        Largest of |A a + S s + r - b| / row, the excess of a over its bounds and of -s / S0 over 0;
        row = 1 N m + |b| + |A| |a| + |S| |s|.
    complementarity : (T,)
        Largest of bound multiplier times distance to that bound, over sigma; distances of supports in
        units of S0 + s.
    """
    # Functions of a frame take whole arrays and t: making a part of an array counts references.
    A, S, b, lower, upper, weight = problem
    exponent, reserve_cost, support_cost, scale = costs
    activation, support, reserve, multiplier = point
    muscles, rays = activation.shape[1], support.shape[1]
    scratch = np.empty((2, muscles + rays))
    pull, pull_size = scratch[0, :muscles], scratch[1, :muscles]
    lift, lift_size = scratch[0, muscles:], scratch[1, muscles:]
    for t in range(start, stop):
        # Comparisons pass over a NaN; a sum does not.
        total = _total(activation, t) + _total(support, t) + _total(reserve, t) + _total(multiplier, t)
        if not abs(total) < np.inf:
            stationarity[t], feasibility[t], complementarity[t] = np.inf, np.inf, np.inf
            continue
        still, within = _balance(
            A, S, b, activation, support, reserve, multiplier, t, 0.5 / reserve_cost, pull, pull_size, lift, lift_size
        )
        muscle = _judge_muscles(exponent, activation, lower, upper, weight, t, pull, pull_size)
        ray = _judge_rays(support_cost, scale, support, t, lift, lift_size)
        stationarity[t] = max(still, muscle[0], ray[0])
        feasibility[t] = max(within, muscle[1], ray[1])
        complementarity[t] = max(muscle[2], ray[2])


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUM)
def _total(values, t):  # type: ignore[no-untyped-def]
    """Return the sum of row t."""
    total = 0.0
    for m in range(values.shape[1]):
        total += values[t, m]
    return total


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUM)
def _balance(A, S, b, activation, support, reserve, multiplier, t, ridge, pull, pull_size, lift, lift_size):  # type: ignore[no-untyped-def]
    """Fill A^T y, |A|^T |y|, S^T y and |S|^T |y|; return the errors of r = y / (2 K) and of the balance."""
    pull[:], pull_size[:], lift[:], lift_size[:] = 0.0, 0.0, 0.0, 0.0
    stationarity, feasibility = 0.0, 0.0
    for q in range(b.shape[1]):
        y = multiplier[t, q]
        total, size = reserve[t, q] - b[t, q], 1.0 + abs(b[t, q])
        for m in range(len(pull)):
            entry = A[t, q, m]
            force, price = entry * activation[t, m], entry * y
            total += force
            size += abs(force)
            pull[m] += price
            pull_size[m] += abs(price)
        for k in range(len(lift)):
            entry = S[t, q, k]
            force, price = entry * support[t, k], entry * y
            total += force
            size += abs(force)
            lift[k] += price
            lift_size[k] += abs(price)
        feasibility = max(feasibility, abs(total) / size)
        stationarity = max(stationarity, abs(reserve[t, q] - ridge * y) / size)
    return stationarity, feasibility


@njit(cache=True, nogil=True, error_model="numpy", fastmath={*SUM, "nnan"})
def _judge_muscles(exponent, activation, lower, upper, weight, t, pull, pull_size):  # type: ignore[no-untyped-def]
    """Return stationarity, excess over the bounds, and complementarity; nothing here may be NaN."""
    stationarity, feasibility, complementarity = 0.0, 0.0, 0.0
    square = exponent == 2.0
    for m in range(len(pull)):
        a, lo, hi = activation[t, m], lower[t, m], upper[t, m]
        full = exponent * weight[t, m]
        steep = full * (a if square else max(a, 0.0) ** (exponent - 1.0))
        d = (steep - pull[m]) / (full + CANCEL * pull_size[m])
        stationarity = max(stationarity, abs(a - min(max(a - d, lo), hi)))
        feasibility = max(feasibility, lo - a, a - hi)
        complementarity = max(complementarity, abs(d * (a - lo) if d > 0.0 else d * (hi - a)))
    return stationarity, feasibility, complementarity


@njit(cache=True, nogil=True, error_model="numpy")
def _judge_rays(cost, scale, support, t, lift, lift_size):  # type: ignore[no-untyped-def]
    """Return the same of the supports."""
    stationarity, feasibility, complementarity = 0.0, 0.0, 0.0
    for k in range(len(lift)):
        s = support[t, k] / scale
        e = 2.0 * cost * s - scale * lift[k]
        e /= 2.0 * cost + CANCEL * scale * lift_size[k]
        stationarity = max(stationarity, abs(s - max(s - e, 0.0)))
        feasibility = max(feasibility, -s)
        # A negative multiplier has no bound to lean on: it counts in full.
        complementarity = max(complementarity, abs(e * s) / (1.0 + abs(s)) if e > 0.0 else -e)
    return stationarity, feasibility, complementarity

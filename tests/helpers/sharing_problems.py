"""Load-sharing problems for tests, harmless and built to break solvers, and what a solution costs."""

from __future__ import annotations

import numpy as np

from gluteal.kernels.recruitment import (
    RESERVE_COST,
    SUPPORT_COST,
    SUPPORT_SCALE,
)


def problem(rng, frames, rows, muscles, rays=0, demand=None):
    """Muscles that cross one to three coordinates; feasible with room, or `demand` N m whatever comes."""
    A = rng.normal(0.0, 40.0, (frames, rows, muscles))
    first, span = rng.integers(0, rows, muscles), rng.integers(1, 4, muscles)
    A *= (np.arange(rows)[:, None] - first) % rows < span
    S = rng.normal(0.0, 0.5, (frames, rows, rays))
    if demand is None:
        b = np.einsum("tqm,tm->tq", A, rng.uniform(0.0, 0.8, (frames, muscles)))
        b += np.einsum("tqr,tr->tq", S, rng.uniform(0.0, 300.0, (frames, rays)))
    else:
        b = rng.normal(0.0, demand, (frames, rows))
    upper = np.ones((frames, muscles))
    return A, S, b, np.zeros_like(upper), upper, rng.uniform(0.5, 2.0, upper.shape)


def hard_problem(rng, frames, rows, muscles, rays):
    """Everything that breaks solvers: twins, capacities of 1e-9 to 1e4 N, empty rows and columns, pinned
    and narrow bounds, up to 500 N m of demand.
    """
    capacity = 10.0 ** rng.uniform(-9.0, 4.0, (frames, 1, muscles))
    A = rng.normal(0.0, 0.05, (frames, rows, muscles)) * (rng.random((frames, rows, muscles)) < 0.5) * capacity
    twin = rng.integers(0, muscles, (2, max(1, muscles // 3)))
    A[:, :, twin[0]] = A[:, :, twin[1]] * (1.0 + rng.choice([0.0, 1e-15, 1e-9], twin[0].shape))
    A[:, :, rng.integers(0, muscles)] = 0.0
    A[::3, rng.integers(0, rows)] = 0.0
    S = rng.normal(0.0, 1.0, (frames, rows, rays)) * (rng.random((frames, rows, rays)) < 0.5)
    S[:, :, 1:2] = S[:, :, :1]
    b = rng.normal(0.0, 1.0, (frames, rows)) * 10.0 ** rng.uniform(-6.0, 2.7, (frames, 1))
    b[rng.random(b.shape) < 0.1] = 0.0
    lower = np.where(rng.random((frames, muscles)) < 0.2, rng.uniform(0.0, 0.5, (frames, muscles)), 0.0)
    width = rng.choice([0.0, 1e-12, 1e-3, 0.2, 1.0], (frames, muscles), p=[0.1, 0.05, 0.05, 0.1, 0.7])
    return A, S, b, lower, lower + width, 10.0 ** rng.uniform(-1.0, 1.0, lower.shape)


def weaker(given_problem, share):
    """The same problem with the muscles' capacities times `share` (M,)."""
    A, *rest = given_problem
    return (A * share, *rest)


def cost(given_problem, solution, exponent=2.0):
    """Value of the criterion, straight from its definition; and the muscles' part of it."""
    effort = np.sum(given_problem[5] * solution.activation**exponent, axis=1)
    support = SUPPORT_COST * np.sum((solution.support / SUPPORT_SCALE) ** 2, axis=1)
    return effort + support + RESERVE_COST * np.sum(solution.reserve**2, axis=1), effort

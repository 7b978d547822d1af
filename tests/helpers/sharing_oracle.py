"""Load sharing in NumPy alone, for tests: slow, plain, and written from the equations rather than from the kernel."""

from __future__ import annotations

import numpy as np

from gluteal.kernels.recruitment import RESERVE_COST, SUPPORT_COST

#: Most Newton steps, and most halvings of the search along each.
STEPS, HALVINGS = 300, 50


def solve_by_oracle(A, S, b, lower, upper, weight, *, exponent=2.0, support_scale=700.0):
    """Return activations (T, M), supports (T, R) and reserves (T, Q), all frames side by side.

    The dual of `gluteal.kernels.recruitment`, climbed by Newton's steps with the derivative of each x(z), dense and for
    all frames at once. Where the dual falls again before the end of a step, the top is found by bisection. Points and
    gradients are long doubles: the multipliers of a frame that cannot be met are large, and cancel.
    """
    A, S, b = (np.asarray(v, np.longdouble) for v in (A, S, b))
    frames, rows, muscles = A.shape
    B = np.concatenate([A, support_scale * S], axis=2)
    rays = B.shape[2] - muscles
    infinite = np.full((frames, rays), np.inf)
    lo = np.concatenate([lower, np.zeros((frames, rays))], axis=1)
    hi = np.concatenate([upper, infinite], axis=1)
    w = np.concatenate([weight, np.full((frames, rays), SUPPORT_COST)], axis=1)
    p = np.concatenate([np.full(muscles, exponent), np.full(rays, 2.0)])
    ridge = 0.5 / RESERVE_COST

    def place(y):
        """x(y), its derivative along z, and the dual's gradient."""
        z = np.einsum("tqc,tq->tc", B, y)
        # Below zero a free x is never wanted: no lower bound lies below zero.
        free = (np.maximum(z, 0.0) / (p * w)) ** (1.0 / (p - 1.0))
        x = np.clip(free, lo, hi)
        bend = p * (p - 1.0) * w * np.maximum(x, 1e-9) ** (p - 2.0)
        gain = np.where((free > lo) & (free < hi), 1.0 / bend, 0.0)
        return x, gain, b - ridge * y - np.einsum("tqc,tc->tq", B, x)

    y = np.zeros((frames, rows), np.longdouble)
    x, gain, slope = place(y)
    for _ in range(STEPS):
        H = np.einsum("tqc,tc,trc->tqr", B, gain, B) + ridge * np.eye(rows)
        d = np.linalg.solve(H.astype(float), slope[..., None].astype(float))[..., 0]
        if np.all((slope * d).sum(1) <= 1e-26):
            break
        low, high = np.zeros((2, frames))
        high += 1.0
        length = high.copy()
        for _ in range(HALVINGS):
            beyond = (place(y + length[:, None] * d)[2] * d).sum(1) < -1e-13 * (slope * d).sum(1)
            if not beyond.any() and np.all(length == 1.0):
                break
            high, low = np.where(beyond, length, high), np.where(beyond, low, length)
            length = np.where(low == 1.0, 1.0, 0.5 * (low + high))
        y = y + length[:, None] * d
        x, gain, slope = place(y)
    shares = x[:, :muscles], support_scale * x[:, muscles:], b - np.einsum("tqc,tc->tq", B, x)
    return tuple(v.astype(float) for v in shares)

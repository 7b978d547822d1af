"""Load sharing under activation dynamics as one problem of all frames, for tests: exact, and slow."""

from __future__ import annotations

import clarabel
import numpy as np
from scipy import sparse

from gluteal.kernels.recruitment import RESERVE_COST, SUPPORT_COST
from gluteal.nerves.dynamics import FALL, RISE
from gluteal.sharing.problem import SharingProblem


def solve_whole_course(problem: SharingProblem, *, rise: float = RISE, fall: float = FALL) -> np.ndarray:
    """Return the activations (time, muscle) of least effort over the whole course, by Clarabel.

    One quadratic program: effort of all frames, balance of each, bounds of each, and between neighbours
    a(t) e^(-dt/fall) <= a(t + dt) <= 1 - (1 - a(t)) e^(-dt/rise). The exponent is 2.
    """
    frames, rows, muscles = problem.A.shape
    rays = problem.S.shape[-1]
    size = muscles + rays + rows
    soft, cost, balance, demand = problem.soft, [], [], []
    weight = np.broadcast_to(problem.weight, (frames, muscles))
    for t in range(frames):
        at = (problem.A[t], problem.S[t] * problem.support_scale)
        off = sparse.csr_matrix(
            np.hstack([soft.A[t], soft.S[t] * problem.support_scale, np.zeros((len(soft.b[t]), rows))])
        )
        own = sparse.diags(np.concatenate([weight[t], np.full(rays, SUPPORT_COST), np.full(rows, RESERVE_COST)]))
        assert not soft.b[t].any() and not soft.one_sided.any()
        cost.append(2.0 * (own + off.T @ off))
        balance.append(sparse.hstack([sparse.csr_matrix(np.hstack(at)), sparse.eye(rows)]))
        demand.append(problem.b[t])
    pick = sparse.hstack([sparse.eye(muscles), sparse.csr_matrix((muscles, size - muscles))])
    each = sparse.block_diag([pick] * frames, format="csr")
    pushing = sparse.hstack([sparse.csr_matrix((rays, muscles)), sparse.eye(rays), sparse.csr_matrix((rays, rows))])
    step = np.diff(problem.mechanics.time[:frames])
    before, after = each[: (frames - 1) * muscles], each[muscles:]
    falls = sparse.diags(np.repeat(np.exp(-step / fall), muscles))
    rises = np.repeat(np.exp(-step / rise), muscles)
    share = problem.share
    inequality = [
        (-each, -share.floor.ravel()),
        (each, share.ceiling.ravel()),
        (-sparse.block_diag([pushing] * frames), np.zeros(frames * rays)),
        (falls @ before - after, np.zeros((frames - 1) * muscles)),
        (after - sparse.diags(rises) @ before, 1.0 - rises),
    ]
    A = sparse.vstack([sparse.block_diag(balance), *(left for left, _ in inequality)], format="csc")
    b = np.concatenate([*demand, *(right for _, right in inequality)])
    cones = [clarabel.ZeroConeT(frames * rows), clarabel.NonnegativeConeT(len(b) - frames * rows)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    P = sparse.triu(sparse.block_diag(cost), format="csc")
    found = clarabel.DefaultSolver(P, np.zeros(frames * size), A, b, cones, settings).solve()
    assert str(found.status) == "Solved", found.status
    return np.asarray(found.x).reshape(frames, size)[:, :muscles]

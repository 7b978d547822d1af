"""One frame, by every solver. Each is given the problem in the form it likes; only solving is timed.

A solver that cannot be imported is left out and named. Settings ask for what each solver calls accurate; the
table shows what that gave.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize, sparse

from benchmarks.recruitment.problems import Frames
from gluteal.kernels.recruitment import FrameSolutions, solve_frames

#: Name -> module it needs. Each has a function here that prepares a frame and returns what is timed.
OTHERS = {
    "ProxQP": "proxsuite",
    "Clarabel": "clarabel",
    "OSQP": "osqp",
    "SciPy lsq_linear": "scipy",
    "SciPy SLSQP": "scipy",
}
Prepared = Callable[[], np.ndarray]


def prepare_ours(frames: Frames, start: np.ndarray | None = None) -> Callable[[], FrameSolutions]:
    """Return what solves a batch with the library's kernel, from multipliers `start` or from scratch."""
    shape = len(frames), frames.A.shape[2]
    lower, upper, weight = np.zeros(shape), np.ones(shape), np.ones(shape)
    return lambda: solve_frames(
        frames.A,
        frames.S,
        frames.b,
        lower,
        upper,
        weight,
        reserve_cost=frames.reserve_cost,
        support_cost=frames.support_cost,
        support_scale=frames.support_scale,
        start=start,
    )


def time_ours(
    frames: Frames,
    *,
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
    start: np.ndarray | None = None,
) -> float:
    """Return the median seconds a frame of solving the whole batch `repeats` times, by `clock`."""
    solve = prepare_ours(frames, start)
    solve()
    taken = []
    for _ in range(repeats):
        begun = clock()
        solve()
        taken.append(clock() - begun)
    return float(np.median(taken)) / len(frames)


def available() -> list[str]:
    """Return the names of the other solvers that are installed."""
    return [name for name, module in OTHERS.items() if importlib.util.find_spec(module)]


def time_other(name: str, frames: Frames) -> tuple[np.ndarray, np.ndarray]:
    """Return processor seconds (T,) and activations (T, M) of another solver, frame by frame."""
    prepare = {
        "ProxQP": _proxqp,
        "Clarabel": _clarabel,
        "OSQP": _osqp,
        "SciPy lsq_linear": _lsq_linear,
        "SciPy SLSQP": _slsqp,
    }[name]
    seconds, activation = np.empty(len(frames)), np.empty((len(frames), frames.A.shape[2]))
    prepare(frames, 0)()
    for t in range(len(frames)):
        run = prepare(frames, t)
        start = time.process_time()
        x = run()
        seconds[t] = time.process_time() - start
        activation[t] = x[: frames.A.shape[2]]
    return seconds, activation


def _columns(frames: Frames, t: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return B (rays in body weights), cost, lower and upper bounds of activations and rays."""
    B = np.hstack([frames.A[t], frames.support_scale * frames.S[t]])
    muscles, rays = frames.A.shape[2], frames.S.shape[2]
    cost = np.concatenate([np.ones(muscles), np.full(rays, frames.support_cost)])
    upper = np.concatenate([np.ones(muscles), np.full(rays, np.inf)])
    return B, cost, np.zeros(muscles + rays), upper


def _program(frames: Frames, t: int) -> dict[str, Any]:
    """Return the quadratic program in (a, s, r) with its balance."""
    B, cost, lower, upper = _columns(frames, t)
    rows = len(B)
    free = np.full(rows, np.inf)
    return {
        "P": np.diag(2.0 * np.concatenate([cost, np.full(rows, frames.reserve_cost)])),
        "q": np.zeros(len(cost) + rows),
        "E": np.hstack([B, np.eye(rows)]),
        "b": frames.b[t],
        "lower": np.concatenate([lower, -free]),
        "upper": np.concatenate([upper, free]),
    }


def _proxqp(frames: Frames, t: int) -> Prepared:
    import proxsuite

    p = _program(frames, t)
    size = len(p["q"])
    big = 1e20
    lower, upper = np.maximum(p["lower"], -big), np.minimum(p["upper"], big)

    def run() -> np.ndarray:
        qp = proxsuite.proxqp.dense.QP(size, len(p["b"]), 0, True)
        qp.settings.eps_abs = 1e-8
        qp.settings.eps_rel = 0.0
        qp.init(p["P"], p["q"], p["E"], p["b"], None, None, None, lower, upper)
        qp.solve()
        return qp.results.x

    return run


def _clarabel(frames: Frames, t: int) -> Prepared:
    import clarabel

    p = _program(frames, t)
    size = len(p["q"])
    low, high = np.flatnonzero(np.isfinite(p["lower"])), np.flatnonzero(np.isfinite(p["upper"]))
    unit = sparse.identity(size, format="csc")
    P = sparse.csc_matrix(p["P"])
    G = sparse.vstack([sparse.csc_matrix(p["E"]), -unit[low], unit[high]], format="csc")
    h = np.concatenate([p["b"], -p["lower"][low], p["upper"][high]])
    cones = [clarabel.ZeroConeT(len(p["b"])), clarabel.NonnegativeConeT(len(low) + len(high))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False

    def run() -> np.ndarray:
        return np.array(clarabel.DefaultSolver(P, p["q"], G, h, cones, settings).solve().x)

    return run


def _osqp(frames: Frames, t: int) -> Prepared:
    import osqp

    p = _program(frames, t)
    P = sparse.csc_matrix(p["P"])
    G = sparse.vstack([sparse.csc_matrix(p["E"]), sparse.identity(len(p["q"]))], format="csc")
    lower, upper = np.concatenate([p["b"], p["lower"]]), np.concatenate([p["b"], p["upper"]])

    def run() -> np.ndarray:
        solver = osqp.OSQP()
        solver.setup(
            P,
            p["q"],
            G,
            lower,
            upper,
            eps_abs=1e-6,
            eps_rel=1e-6,
            max_iter=100_000,
            polishing=True,
            verbose=False,
        )
        return solver.solve().x

    return run


def _lsq_linear(frames: Frames, t: int) -> Prepared:
    # The same problem with the reserves put in: bounded least squares.
    B, cost, lower, upper = _columns(frames, t)
    steep = np.sqrt(frames.reserve_cost)
    F = np.vstack([steep * B, np.diag(np.sqrt(cost))])
    g = np.concatenate([steep * frames.b[t], np.zeros(len(cost))])

    def run() -> np.ndarray:
        return optimize.lsq_linear(F, g, bounds=(lower, upper), method="bvls", tol=1e-12).x

    return run


def _slsqp(frames: Frames, t: int) -> Prepared:
    B, cost, lower, upper = _columns(frames, t)
    K, b = frames.reserve_cost, frames.b[t]

    def value(x: np.ndarray) -> tuple[float, np.ndarray]:
        r = b - B @ x
        return float(cost @ x**2 + K * r @ r), 2.0 * cost * x - 2.0 * K * B.T @ r

    def run() -> np.ndarray:
        start = np.full(len(cost), 0.1)
        bounds = list(zip(lower, np.minimum(upper, 1e6), strict=True))
        options = {"maxiter": 1000, "ftol": 1e-10}
        return optimize.minimize(value, start, jac=True, bounds=bounds, method="SLSQP", options=options).x

    return run

"""Load sharing: which muscles carry the joint moments, exact on every frame.

For each time on its own, with activations a (M), forces along the support rays s (R) and reserve
moments r (Q),

    minimise  sum_m w_m a_m^p + eps sum_k (s_k / S0)^2 + K sum_q r_q^2
    subject to  A a + S s + r = b,   lo <= a <= hi,   s >= 0.

A is moment arm times active capacity, S the generalised force per newton along a ray, b the joint
moment minus that of the passive forces. K is steep: reserves appear where muscles and supports cannot
do it, and are the least deficit there; elsewhere r = y / (2 K) is below a millinewton metre or so. The small
eps makes the contact forces unique. The cost is strictly convex in a, s and r, so that every frame,
feasible or not, has exactly one solution.

Lagrange's multipliers y (Q) of the balance turn it around: the dual function

    g(y) = b.y - |y|^2 / (4 K) + sum_m min_{lo <= a <= hi} (w_m a^p - (A^T y)_m a)
                               + sum_k min_{s >= 0} (eps (s / S0)^2 - (S^T y)_k s)

is concave with gradient  b - y / (2 K) - A a(y) - S s(y),  where a(y) and s(y) are the inner minimisers,
each a formula in one number. There are few coordinates and many muscles, so the dual is small, and rows that
no muscle or ray joins, such as those of two legs, fall apart (`gluteal.kernels.blocks`).
`gluteal.kernels.dual_newton` says how it is climbed for p = 2, which `gluteal.kernels.lane_newton` does for
several frames at once; `gluteal.kernels.power` reduces p > 2 to a sequence of such problems, frame by frame; and
`gluteal.kernels.certificate` judges both from the result alone.

The criterion with p = 2 and 3: Crowninshield and Brand (1981), J Biomech 14:793-801; the reserves are
OpenSim's reserve actuators (Anderson and Pandy 2001, J Biomech 34:153-161, for static optimisation).
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np
from numba import get_num_threads, njit, prange

from gluteal.kernels.blocks import PAD, arrange, make_layout, misfits, pick_block
from gluteal.kernels.certificate import certify
from gluteal.kernels.columns import SUM
from gluteal.kernels.lane_block import make_bench, solve_block
from gluteal.kernels.lanes import WIDTH
from gluteal.kernels.power import solve_power

#: Cost of one (newton-metre)^2 or newton^2 of reserve. An effort gradient is at most about 1 per N m, so a
#: frame that muscles can meet leaves reserves of a few thousandths of a newton-metre at the most.
RESERVE_COST = 1e3
#: Cost of a support force of one `SUPPORT_SCALE` along a ray: small, so that muscles decide, but it makes the split of
#: a load over several contact points unique.
SUPPORT_COST = 1e-3
#: Force that support forces are measured against, N: the weight of 71 kg.
SUPPORT_SCALE = 700.0
#: A frame is solved when no part of its certificate is larger.
TOLERANCE = 1e-6
#: Most Newton steps per block (per quadratic problem, if p > 2); walking takes 4 on average.
LIMIT = 200

#: Most frames that are read, solved and judged in one go: few enough to stay in the processor's cache.
RUN = 128
#: Fewer frames than this are solved faster by one thread than it takes to wake the others.
FEW = 16

# Numba's cache looks at the date of each kernel's own file alone, and constants of other files are baked in: after a
# change to a kernel, remove kernels/__pycache__/*.nb?.

# Numba's fallback threading layer aborts the process when two threads enter a parallel kernel at once.
_one_at_a_time = Lock()


class FrameSolutions(NamedTuple):
    """Solutions of T frames and how far from optimal each is, see `certify_frames`."""

    activation: np.ndarray  # (T, M)
    support: np.ndarray  # (T, R) N
    reserve: np.ndarray  # (T, Q) N m
    multiplier: np.ndarray  # (T, Q) change of the cost per N m of demand
    stationarity: np.ndarray  # (T,)
    feasibility: np.ndarray  # (T,)
    complementarity: np.ndarray  # (T,)
    iterations: np.ndarray  # (T,) Newton steps, of the block that took most
    converged: np.ndarray  # (T,) bool: no part of the certificate above `TOLERANCE`, and not stopped at `LIMIT`


def solve_frames(
    A: np.ndarray,
    S: np.ndarray,
    b: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    weight: np.ndarray,
    *,
    exponent: float = 2.0,
    reserve_cost: float = RESERVE_COST,
    support_cost: float = SUPPORT_COST,
    support_scale: float = SUPPORT_SCALE,
    start: np.ndarray | None = None,
) -> FrameSolutions:
    """Share the load of every frame among muscles, supports and reserves.

    Frames do not know of each other: a frame's solution is the same in any batch.

    Parameters
    ----------
    A : (T, Q, M) N m
        Moment of each muscle at full activation: moment arm times active capacity.
    S : (T, Q, R) m or 1
        Generalised force per newton along each support ray; R may be 0.
    b : (T, Q) N m
        Moment that active forces, supports and reserves must supply.
    lower, upper : (T, M)
        Bounds of the activations, 0 <= lower <= upper, finite.
    weight : (T, M)
        Cost weights, positive.
    exponent : float
        p, at least 2.
    reserve_cost : float
        K, per (N m)^2.
    support_cost : float
        eps.
    support_scale : float
        S0, N, the body's weight.
    start : (T, Q), optional
        Multipliers to start from, such as those of a milder condition. They change the number of
        iterations, not the solution.

    Returns
    -------
    FrameSolutions

    Raises
    ------
    ValueError
        Where shapes disagree, a number is not finite, bounds cross or are negative, a weight or cost is
        not positive, or the exponent is below 2.

    Examples
    --------
    Two equal muscles share a moment of 30 N m; each can make 50.

    >>> import numpy as np
    >>> solution = solve_frames(
    ...     np.full((1, 1, 2), 50.0), np.zeros((1, 1, 0)), np.full((1, 1), 30.0),
    ...     np.zeros((1, 2)), np.ones((1, 2)), np.ones((1, 2)),
    ... )
    >>> solution.activation.round(4), solution.converged
    (array([[0.3, 0.3]]), array([ True]))
    """
    costs = _check_costs(exponent, reserve_cost, support_cost, support_scale)
    arrays = A, S, b, lower, upper, weight = _check_arrays(A, S, b, lower, upper, weight)
    if start is None:
        start = np.zeros_like(b)
    start = np.require(start, np.float64, ["C", "W"])
    if start.shape != b.shape or not np.all(np.isfinite(start)):
        raise ValueError(f"start must be finite multipliers of shape {b.shape}; its shape is {start.shape}.")
    frames, rows, muscles = A.shape
    solution = FrameSolutions(
        np.zeros((frames, muscles)),
        np.zeros((frames, S.shape[2])),
        np.zeros((frames, rows)),
        start.copy(),
        np.zeros(frames),
        np.zeros(frames),
        np.zeros(frames),
        np.zeros(frames, np.int64),
        np.zeros(frames, np.bool_),
    )
    if frames < FEW:
        _solve(arrays, costs, tuple(solution), LIMIT, 0, frames)
    else:
        with _one_at_a_time:
            # Squares fill lanes and make a layout for each chunk: shorter ones cost more than an idle thread.
            least = 2 * WIDTH if exponent == 2.0 else 1
            chunks = max(1, min(frames // least, 8 * get_num_threads()))
            _solve_parallel(arrays, costs, tuple(solution), LIMIT, chunks)
    if len(b) and solution.iterations.min() < 0:
        frame = int(np.argmin(solution.iterations))
        name = "S" if np.all(np.isfinite(A[frame])) else "A"
        raise ValueError(f"{name} is not finite in frame {frame}; check its moment arms and capacities.")
    if exponent == 2.0:  # of a power, `iterations` counts the steps of many squares
        np.logical_and(solution.converged, solution.iterations < LIMIT, out=solution.converged)
    return solution


def certify_frames(
    A: np.ndarray,
    S: np.ndarray,
    b: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    weight: np.ndarray,
    activation: np.ndarray,
    support: np.ndarray,
    reserve: np.ndarray,
    multiplier: np.ndarray,
    *,
    exponent: float = 2.0,
    reserve_cost: float = RESERVE_COST,
    support_cost: float = SUPPORT_COST,
    support_scale: float = SUPPORT_SCALE,
) -> np.ndarray:
    """Judge any solution, whoever made it: (T, 3) stationarity, feasibility and complementarity.

    The three are defined in `gluteal.kernels.certificate.certify`; zero is optimal, and below
    `TOLERANCE` counts as solved. Parameters as `solve_frames` takes and returns them.

    Raises
    ------
    ValueError
        As `solve_frames`. A point that is not finite is no error: it is not optimal.
    """
    costs = _check_costs(exponent, reserve_cost, support_cost, support_scale)
    arrays = _check_arrays(A, S, b, lower, upper, weight)
    for name, array in zip(("A", "S"), arrays, strict=False):
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} is not finite; check its moment arms and capacities.")
    points = [np.require(v, np.float64, ["C", "W"]) for v in (activation, support, reserve, multiplier)]
    result = np.empty((3, len(points[0])))
    certify(arrays, costs, tuple(points), 0, len(points[0]), *result)
    return result.T


def _check_costs(exponent: float, *costs: float) -> tuple[float, ...]:
    """Return the scalar settings as floats; raise ValueError where they make no problem."""
    if not (np.isfinite(exponent) and exponent >= 2.0):
        raise ValueError(f"exponent is {exponent:g}; it must be 2 or more.")
    for name, cost in zip(("reserve_cost", "support_cost", "support_scale"), costs, strict=True):
        if not (np.isfinite(cost) and cost > 0.0):
            raise ValueError(f"{name} is {cost:g}; it must be positive.")
    return (float(exponent), *(float(c) for c in costs))


def _check_arrays(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return A, S, b, lower, upper, weight as contiguous float64; raise ValueError on bad ones.

    Also writeable, as broadcast arrays are not: compiled code is made anew for each mixture of the two kinds.
    Whether A and S are finite is left to the kernel that solves, which reads them anyway.
    """
    A, S, b, lower, upper, weight = checked = tuple(np.require(a, np.float64, ["C", "W"]) for a in arrays)
    if A.ndim != 3:
        raise ValueError(f"A must be (time, coordinate, muscle); its shape is {A.shape}.")
    frames, rows, muscles = A.shape
    if S.ndim != 3 or S.shape[:2] != (frames, rows):
        raise ValueError(f"S must be ({frames}, {rows}, rays) to go with A; its shape is {S.shape}.")
    if b.shape != (frames, rows):
        raise ValueError(f"b must be {(frames, rows)} to go with A; its shape is {b.shape}.")
    for name, values in (("lower", lower), ("upper", upper), ("weight", weight)):
        if values.shape != (frames, muscles):
            raise ValueError(f"{name} must be {(frames, muscles)} to go with A; its shape is {values.shape}.")
    for name, values, good, should in (
        ("b", b, np.isfinite(b), "finite"),
        ("lower", lower, np.isfinite(lower) & (lower >= 0.0), "finite and not negative"),
        ("upper", upper, np.isfinite(upper) & (upper >= lower), "finite and at least the lower bound"),
        ("weight", weight, np.isfinite(weight) & (weight > 0.0), "finite and positive"),
    ):
        if not np.all(good):
            frame, entry = np.argwhere(~good)[0]
            raise ValueError(
                f"{name} is {values[frame, entry]:g} in frame {frame}, entry {entry}; it must be {should}."
            )
    return checked


@njit(cache=True, parallel=True)
def _solve_parallel(problem, costs, solution, limit, chunks):  # type: ignore[no-untyped-def]
    """Fill `solution`, the frames split into chunks that threads take in turn."""
    frames = len(problem[0])
    for chunk in prange(chunks):
        _solve(problem, costs, solution, limit, chunk * frames // chunks, (chunk + 1) * frames // chunks)


@njit(cache=True, nogil=True)
def _solve(problem, costs, solution, limit, start, stop):  # type: ignore[no-untyped-def]
    """Fill `solution`, arrays as in `FrameSolutions`, for the frames from start to stop."""
    if costs[0] == 2.0:
        _solve_squares(problem, costs, solution, limit, start, stop)
    else:
        _solve_powers(problem, costs, solution, limit, start, stop)


@njit(cache=True, nogil=True)
def _solve_squares(problem, costs, solution, limit, start, stop):  # type: ignore[no-untyped-def]
    """Fill `solution` for p = 2: frames that follow each other and have the same zeros, several at a time."""
    A, S = problem[0], problem[1]
    _, rows, muscles = A.shape
    rays = S.shape[2]
    layout, bench = make_layout(rows, muscles, rays, 1), make_bench(rows, muscles + rays)
    t = start
    while t < stop:
        arrange(A, S, t, layout)
        end = t + 1
        while end < min(stop, t + RUN) and misfits(A, end, layout.muscle) + misfits(S, end, layout.ray) == 0:
            end += 1
        for k in range(layout.counts[0]):
            solve_block(problem, costs, solution, limit, t, end, layout, k, bench)
        _finish(problem, costs, solution, t, end, layout)
        t = end


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_powers(problem, costs, solution, limit, start, stop):  # type: ignore[no-untyped-def]
    """Fill `solution` for p > 2, frame by frame."""
    A, S, b, lower, upper, weight = problem
    exponent, reserve_cost, support_cost, support_scale = costs
    activation, support, multiplier, iterations = solution[0], solution[1], solution[3], solution[7]
    _, rows, muscles = A.shape
    ridge = 0.5 / reserve_cost
    # Muscles and rays alike become columns of B; rays in units of S0.
    width = muscles + S.shape[2]
    layout = make_layout(rows, muscles, S.shape[2], PAD)
    order, counts, row, column = layout.order, layout.counts, layout.row, layout.column
    places = len(order)
    store, work, H = np.empty(rows * places), np.empty((12, max(places, 2 * rows))), np.zeros((rows, rows))
    lo, hi, cost, power, x = np.zeros((5, places))
    for t in range(start, stop):
        arrange(A, S, t, layout)
        for c in range(counts[1]):
            m = order[c]
            if m < muscles:
                lo[c], hi[c], cost[c], power[c] = lower[t, m], upper[t, m], weight[t, m], exponent
            elif m < width:
                lo[c], hi[c], cost[c], power[c] = 0.0, np.inf, support_cost, 2.0
            else:
                lo[c], hi[c], cost[c], power[c] = 0.0, 0.0, 1.0, 2.0
        for k in range(counts[0]):
            B = pick_block(A[t], S[t], support_scale, layout, k, store)
            top, bottom, left, right = row[k], row[k + 1], column[k], column[k + 1]
            steps = solve_power(
                B,
                b[t, top:bottom],
                lo[left:right],
                hi[left:right],
                cost[left:right],
                power[left:right],
                ridge,
                limit,
                multiplier[t, top:bottom],
                x[left:right],
                work,
                H,
            )
            iterations[t] = max(iterations[t], steps) if steps >= 0 and iterations[t] >= 0 else -1
        for c in range(column[counts[0]]):
            m = order[c]
            if m < muscles:
                activation[t, m] = x[c]
            elif m < width:
                support[t, m - np.uint64(muscles)] = support_scale * x[c]
        _finish(problem, costs, solution, t, t + 1, layout)


@njit(cache=True, nogil=True, error_model="numpy")
def _finish(problem, costs, solution, start, stop, layout):  # type: ignore[no-untyped-def]
    """Complete frames whose blocks are solved: muscles that cross nothing, reserves and certificates."""
    A, S, b, lower = problem[0], problem[1], problem[2], problem[3]
    activation, support, reserve, multiplier, stationarity, feasibility, complementarity, _, converged = solution
    # Columns that cross no row stay where they cost least.
    for c in range(layout.column[layout.counts[0]], layout.counts[1]):
        m = layout.order[c]
        if m < A.shape[2]:
            for t in range(start, stop):
                activation[t, m] = lower[t, m]
    for t in range(start, stop):
        missing(A, S, b, activation, support, t, reserve)
    point = activation, support, reserve, multiplier
    certify(problem, costs, point, start, stop, stationarity, feasibility, complementarity)
    for t in range(start, stop):
        converged[t] = max(stationarity[t], feasibility[t], complementarity[t]) <= TOLERANCE


@njit(cache=True, nogil=True, fastmath=SUM)
def missing(A, S, b, activation, support, t, reserve):  # type: ignore[no-untyped-def]
    """Fill the reserves of frame t with what is missing, by the balance itself and not by y / (2 K)."""
    for q in range(b.shape[1]):
        total = b[t, q]
        for m in range(A.shape[2]):
            total -= A[t, q, m] * activation[t, m]
        for k in range(S.shape[2]):
            total -= S[t, q, k] * support[t, k]
        reserve[t, q] = total

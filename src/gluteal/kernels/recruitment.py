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
no muscle or ray joins, such as those of two legs, fall apart. The loops are in C, in `gluteal.kernels.native`:
``dual_newton.h`` says how the dual is climbed for p = 2, which ``lane_newton.h`` does for several frames at once;
``power.h`` reduces p > 2 to a sequence of such problems, frame by frame; and ``certificate.h`` judges both from the
result alone. `certify_frames` says what a certificate is.

The criterion with p = 2 and 3: Crowninshield and Brand (1981), J Biomech 14:793-801; the reserves are
OpenSim's reserve actuators (Anderson and Pandy 2001, J Biomech 34:153-161, for static optimisation).
"""

from __future__ import annotations

from math import isfinite

import numpy as np

from gluteal.kernels.native.library import Kernels, as_doubles, load_kernels
from gluteal.kernels.native.problem import Costs, FrameSolutions, Given, make_room, pack_problem, refuse_wrong
from gluteal.kernels.native.threads import scratch, solve_chunks

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

#: A chunk of frames with p = 2 is worth a thread from this many on: they fill lanes, and make a layout for each chunk.
_LEAST_SQUARES = 8


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
    capacity: np.ndarray | None = None,
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
    capacity : (T, M), optional
        Share of each muscle's capacity that is there, a factor on the columns of A: a what-if then leaves A as it is.
        To the bit what A times it comes to, unless a share is 0: a column of zeros is laid out apart, which is another
        order of the same sums.
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
        not positive, a capacity is negative, or the exponent is below 2.

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
    given = _check_arrays(A, S, b, lower, upper, weight, capacity)
    return solve_checked(load_kernels(), given, costs, LIMIT, start)


def solve_checked(
    kernels: Kernels,
    given: Given,
    costs: Costs,
    limit: int,
    start: np.ndarray | None,
) -> FrameSolutions:
    """Solve by one library; arrays and costs as they leave the checks of `solve_frames`, which are made here in C.

    Raises
    ------
    ValueError
        As `solve_frames`.
    """
    A, S, solution = given.A, given.S, make_room(given)
    if start is not None:
        start = np.asarray(start, np.float64)
        if start.shape != given.b.shape:
            raise ValueError(f"start must be multipliers of shape {given.b.shape}; its shape is {start.shape}.")
        solution.multiplier[...] = start
    problem = pack_problem(given, costs, solution, limit)
    refuse_wrong(kernels, problem, given, solving=True)
    least = _LEAST_SQUARES if costs.exponent == 2.0 else 1
    solve_chunks(kernels, problem, len(A), A.size + S.size, least, (given, solution))
    if len(A) and solution.iterations.min() < 0:
        frame = int(np.argmin(solution.iterations))
        name = "S" if np.all(np.isfinite(A[frame])) else "A"
        raise ValueError(f"{name} is not finite in frame {frame}; check its moment arms and capacities.")
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
    capacity: np.ndarray | None = None,
) -> np.ndarray:
    """Judge any solution, whoever made it: (T, 3) stationarity, feasibility and complementarity.

    Zero is optimal, and below `TOLERANCE` counts as solved. Parameters as `solve_frames` takes and returns them.

    The problem is convex, so a point that satisfies the Karush-Kuhn-Tucker conditions is the solution. With the reduced
    gradients d of the muscles and e of the rays, each measured against sigma, the gradient at full activation (or one
    body weight) plus 1e-8 of the terms that cancel in it,

    - stationarity is the largest of |a - clip(a - d / sigma, lo, hi)|, the same for s / S0 with the bound 0, and
      |r - y / (2 K)| / row; for an exponent of 2 it is the error of the activations;
    - feasibility the largest of |A a + S s + r - b| / row, the excess of a over its bounds and of -s / S0 over 0, with
      row = 1 N m + |b| + |A| |a| + |S| |s|;
    - complementarity the largest of bound multiplier times distance to that bound, over sigma; distances of supports in
      units of S0 + s.

    Raises
    ------
    ValueError
        As `solve_frames`. A point that is not finite is no error: it is not optimal.
    """
    costs = _check_costs(exponent, reserve_cost, support_cost, support_scale)
    given = _check_arrays(A, S, b, lower, upper, weight, capacity)
    solution = make_room(given)
    for name, point in zip(FrameSolutions._fields, (activation, support, reserve, multiplier), strict=False):
        room = getattr(solution, name)
        if np.shape(point) != room.shape:
            raise ValueError(f"{name} must be {room.shape} to go with A and S; its shape is {np.shape(point)}.")
        room[...] = point
    kernels, problem = load_kernels(), pack_problem(given, costs, solution, LIMIT)
    refuse_wrong(kernels, problem, given, solving=False)
    kernels.share_judge(problem, scratch(kernels.share_memory(problem)))
    return np.stack([solution.stationarity, solution.feasibility, solution.complementarity], axis=1)


def _check_costs(exponent: float, reserve_cost: float, support_cost: float, support_scale: float) -> Costs:
    """Return the scalar settings; raise ValueError where they make no problem."""
    if not (isfinite(exponent) and exponent >= 2.0):
        raise ValueError(f"exponent is {exponent:g}; it must be 2 or more.")
    costs = Costs(exponent, reserve_cost, support_cost, support_scale, TOLERANCE)
    for name in ("reserve_cost", "support_cost", "support_scale"):
        cost = getattr(costs, name)
        if not (isfinite(cost) and cost > 0.0):
            raise ValueError(f"{name} is {cost:g}; it must be positive.")
    return costs


def _check_arrays(
    A: np.ndarray,
    S: np.ndarray,
    b: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    weight: np.ndarray,
    capacity: np.ndarray | None,
) -> Given:
    """Return the arrays as the kernel reads them, float64 and contiguous; raise ValueError where shapes disagree."""
    A, S, b, lower, upper, weight = (as_doubles(v) for v in (A, S, b, lower, upper, weight))
    if A.ndim != 3:
        raise ValueError(f"A must be (time, coordinate, muscle); its shape is {A.shape}.")
    frames, rows, muscles = A.shape
    if S.ndim != 3 or S.shape[:2] != (frames, rows):
        raise ValueError(f"S must be ({frames}, {rows}, rays) to go with A; its shape is {S.shape}.")
    if b.shape != (frames, rows):
        raise ValueError(f"b must be {(frames, rows)} to go with A; its shape is {b.shape}.")
    capacity = None if capacity is None else as_doubles(capacity)
    for name, values in (("lower", lower), ("upper", upper), ("weight", weight), ("capacity", capacity)):
        if values is not None and values.shape != (frames, muscles):
            raise ValueError(f"{name} must be {(frames, muscles)} to go with A; its shape is {values.shape}.")
    return Given(A, S, b, lower, upper, weight, capacity)

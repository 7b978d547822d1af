"""The largest loss that a frame tolerates: a linear program in one parameter, solved through its dual.

A loss leaves the share t = 1 - loss of the capacity of some muscles, the targets. A frame works where

    A x + S s = b,   lo_m t_m <= x_m <= hi_m t_m,   s >= 0

has a solution; t_m = t for targets and 1 for others, and x counts relative to the intact muscle. The smallest
such t is a linear program in (x, s, t). By separation of convex sets, t is too small exactly where some
direction y shows it:

    b.y > alpha(y) + t beta(y),   S^T y <= 0,

with alpha and beta the sums of max(lo_m (A^T y)_m, hi_m (A^T y)_m) over the other muscles and over the
targets: what muscles can do at most along y. So every y bounds t from below, t >= (b.y - alpha) / beta,
wherever it came from, and is the certificate of that bound.

The best y at a given t is the way from the nearest moment in reach to b. The bound from it is Newton's step
for the distance as a function of t. That distance is convex and falling, so the steps rise towards the
solution and never pass it; near it the distance is linear and a step is exact. (Linear programs as roots of
such a distance: Aravkin et al. 2019, Math Program 174:359-390.)

`gluteal.kernels.recruitment` finds that way as the reserve, up to a trace of effort that its finite reserve
cost leaves in it. Muscles and rays strictly inside their bounds lie in the nearest facet of what is in reach;
making y orthogonal to them removes the trace. Where a bound does not rise, a few steps of the method of
multipliers (Hestenes 1969, J Optim Theory Appl 4:303-320: ask for b plus all that was missing so far) either
find a solution without reserve, which proves that t is enough, or a better y.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gluteal.kernels.native.library import address, as_doubles, load_kernels
from gluteal.kernels.native.problem import Costs, Given, pack_problem
from gluteal.kernels.native.threads import scratch
from gluteal.kernels.recruitment import SUPPORT_COST, TOLERANCE, FrameSolutions, solve_frames

#: Cost of a reserve, per (N m)^2: steep, for little effort in the reserve; much steeper ones cost digits.
STEEPER_RESERVE_COST = 1e4
#: A solution that misses less than this is without reserve, N m (Euclidean, rows as scaled by the caller).
MET = 1e-5
#: Most Newton steps and steps of the method of multipliers together; a handful is usual.
LIMIT = 60
#: A rise of t that counts as one.
RISE = 1e-9


class ToleratedLosses(NamedTuple):
    """Largest tolerated loss of each of T frames.

    Attributes
    ----------
    loss : (T,)
        1 where a complete loss is tolerated. Never less than what is tolerated, by `direction`; and tolerated
        up to `remaining`.
    direction : (T, Q)
        Unit direction of the reserve that any larger loss needs; zero where there is none.
    remaining : (T,) N m
        Size of the reserve found at `loss`: at most `MET` where the loss is exact.
    """

    loss: np.ndarray
    direction: np.ndarray
    remaining: np.ndarray


def tolerate_frames(
    A: np.ndarray,
    S: np.ndarray,
    b: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    target: np.ndarray,
    *,
    support_scale: float,
) -> ToleratedLosses:
    """Return the largest loss of the target muscles that each frame tolerates.

    Every frame has to work undisturbed: take the moments of `lacking_frames` from b first.

    Parameters
    ----------
    A : (T, Q, M) N m, S : (T, Q, R), b : (T, Q) N m, lower, upper : (T, M)
        As `gluteal.kernels.recruitment.solve_frames` takes them, undisturbed.
    target : (M,) bool
        The muscles that lose strength together.
    support_scale : float
        Body weight, N.

    Raises
    ------
    ValueError
        As `solve_frames`.
    """
    search = _Search(A, S, b, lower, upper, target, support_scale)
    left, normal, missing = search.run(np.zeros(len(b)))
    return ToleratedLosses(1.0 - np.minimum(left, 1.0), normal, np.sqrt((missing**2).sum(axis=1)))


def lacking_frames(
    A: np.ndarray, S: np.ndarray, b: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, support_scale: float
) -> np.ndarray:
    """Return the reserve (T, Q) of every frame that is proven to need one, zero for the others, N m.

    Parameters as `tolerate_frames`.
    """
    search = _Search(A, S, b, lower, upper, np.ones(A.shape[2], bool), support_scale)
    left, _, missing = search.run(np.ones(len(b)))
    return np.where((left > 1.0)[:, None], missing, 0.0)


class _Search(NamedTuple):
    """The frames of one problem; arrays as `tolerate_frames`."""

    A: np.ndarray
    S: np.ndarray
    b: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    target: np.ndarray
    support_scale: float

    def run(self, left: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Raise t from `left` until a frame works or t is above 1; return t, y and what is missing."""
        shift, normal, missing = np.zeros((3, *self.b.shape))
        active = np.arange(len(left))
        for _ in range(LIMIT):
            bound, direction, reserve = self.step(active, left[active], shift[active])
            missing[active] = reserve - shift[active]
            rises = bound > left[active] + RISE
            left[active[rises]], normal[active[rises]] = bound[rises], direction[rises]
            shift[active] = np.where(rises[:, None], 0.0, reserve)
            # Not "greater", so that what is not a number never counts as met.
            unmet = ~((missing[active] ** 2).sum(axis=1) <= MET**2)
            active = active[unmet & (left[active] <= 1.0)]
            if not len(active):
                break
        return left, normal, missing

    def step(self, some: np.ndarray, left: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return bounds on t, the directions that prove them, and the reserves they were made of."""
        A, S, b, lower, upper = (array[some] for array in self[:5])
        part = solve_frames(
            A,
            S,
            b + shift,
            lower,
            upper,
            np.ones_like(lower),
            reserve_cost=STEEPER_RESERVE_COST,
            support_scale=self.support_scale,
            capacity=np.where(self.target, left[:, None], 1.0),
        )
        bound, direction = _bound_frames(self._replace(A=A, S=S, b=b, lower=lower, upper=upper), part)
        return bound, direction, part.reserve


def _bound_frames(search: _Search, part: FrameSolutions) -> tuple[np.ndarray, np.ndarray]:
    """Return the bound on t that each frame's reserve gives (T,), and its unit direction (T, Q); in ``tolerance.h``."""
    kernels, bound, direction = load_kernels(), np.empty(len(search.b)), np.empty(search.b.shape)
    arrays = [as_doubles(v) for v in (*search[:5], np.ones_like(search.lower))]
    target = np.ascontiguousarray(search.target, np.bool_)
    costs = Costs(2.0, STEEPER_RESERVE_COST, SUPPORT_COST, search.support_scale, TOLERANCE)
    problem = pack_problem(Given._make([*arrays, None]), costs, part, 0)
    memory = scratch(kernels.share_memory(problem))
    kernels.share_bound(problem, address(target), address(bound), address(direction), memory)
    return bound, direction

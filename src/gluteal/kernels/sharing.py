"""Load sharing with an answer that is determined, also where a movement cannot be done.

Where muscles and supports can supply what is asked, `gluteal.kernels.recruitment` finds the one cheapest way. Where
they cannot, its steep price of reserves (K = 1000) makes the least deficit, and a millionth of a moment arm then
decides who works: the multipliers y of the balance are 1e4 to 1e5, and an activation answers to A^T y. The deficit
itself stands (it is a projection), who works and where the ground pushes does not.

So such frames are solved once more, with reserves at the scale at which a newton-metre matters: the price K of every
row that cannot be met is lowered until a newton-metre that is missing is worth about `WORTH` at the margin. A muscle
that can supply more than 2 / `WORTH` N m still works as hard as it can; one that could add less is left alone. Rows
that can be met (|y| <= `WORTH`) keep their steep price, so that a leg that does its work is not touched by what the
other lacks. Since the multipliers are small then, inputs that are off by a share e move an activation by about |A|
WORTH e / 2: 5e-4 for the strongest muscle and a millionth. With y of the first stage, n its length,

    K_q = 1000 min(1, max((WORTH / |y_q|)^1.5, WORTH / n)),

so that rows which clearly lack something have one price, in whose metric the least deficit was found, and the price
falls from the steep one without a jump. (The power is our choice: with 1, rows that lack little and much trade up to 15
N m; with 2, a millionth moves an activation by 2.5e-3.)

What is missing at the least stays the answer of the first stage and is returned beside it.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from gluteal.kernels.recruitment import RESERVE_COST, SUPPORT_COST, solve_frames

#: What a newton-metre that is missing is worth, in effort; a muscle at full activation counts 1. Own choice, from ten
#: impossible movements: 1 leaves up to 3 N m more missing than the least, 10 leaves activations that a millionth in the
#: inputs moves by 2e-3; 3 leaves up to 1 N m more (of 33 to 77 missing), and moves of 8e-4.
WORTH = 3.0


class SoftRows(NamedTuple):
    """What should come near to b, at a price: the sum over P rows of (A a + S s - b)^2 is added to the cost.

    Rows that are ``one_sided`` cost only where they fall short of b.
    """

    A: np.ndarray  # (..., T, P, M)
    S: np.ndarray  # (..., T, P, R)
    b: np.ndarray  # (..., T, P)
    one_sided: np.ndarray  # (P,) bool


class SharedFrames(NamedTuple):
    """Solutions of T frames, as `gluteal.kernels.recruitment.FrameSolutions`, and the least deficit.

    ``least`` (T, Q) is the reserve of the first stage, ``multiplier`` (T, Q) its change of the cost per unit of
    demand, ``price`` (T, Q) the cost of a squared unit of reserve that the sharing was solved with. Certificates
    are the worse of both stages.
    """

    activation: np.ndarray  # (T, M)
    support: np.ndarray  # (T, R) N
    reserve: np.ndarray  # (T, Q) N m
    least: np.ndarray  # (T, Q) N m
    multiplier: np.ndarray  # (T, Q)
    price: np.ndarray  # (T, Q)
    stationarity: np.ndarray  # (T,)
    feasibility: np.ndarray  # (T,)
    complementarity: np.ndarray  # (T,)
    iterations: np.ndarray  # (T,) Newton steps of both stages
    converged: np.ndarray  # (T,) bool


def share_frames(
    A: np.ndarray,
    S: np.ndarray,
    b: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    weight: np.ndarray,
    *,
    exponent: float = 2.0,
    support_scale: float,
    soft: SoftRows | None = None,
    start: np.ndarray | None = None,
) -> SharedFrames:
    """Share the load of every frame; parameters and errors as `gluteal.kernels.recruitment.solve_frames`.

    Parameters
    ----------
    soft : SoftRows, optional
        What muscles and supports should come near to, at a price. To the solver they are rows whose reserve is cheap;
        they take no part in what is missing.

    Examples
    --------
    One muscle that can make 50 N m is asked for 80: it does what it can, and 30 are missing. A second one, that could
    add a tenth of a newton-metre, is hardly called for.

    >>> import numpy as np
    >>> found = share_frames(
    ...     np.array([[[50.0, 0.1]]]), np.zeros((1, 1, 0)), np.array([[80.0]]),
    ...     np.zeros((1, 2)), np.ones((1, 2)), np.ones((1, 2)), support_scale=700.0,
    ... )
    >>> found.least.round(2), found.activation.round(2)
    (array([[29.9]]), array([[1.  , 0.15]]))
    """
    solve = partial(
        solve_frames,
        exponent=exponent,
        reserve_cost=RESERVE_COST,
        support_cost=SUPPORT_COST,
        support_scale=support_scale,
    )
    rows, rays = b.shape[1], S.shape[2]
    if soft is not None and soft.b.shape[1]:
        A, S, b, start = append_soft(soft, A, S, b, start)
    whole = solve(A, S, b, lower, upper, weight, start=start)
    first = whole._replace(
        support=whole.support[:, :rays], reserve=whole.reserve[:, :rows], multiplier=whole.multiplier[:, :rows]
    )
    y = np.abs(first.multiplier)
    dear = np.flatnonzero(~(y.max(axis=1, initial=0.0) <= WORTH))
    price = np.full(y.shape, RESERVE_COST)
    if not len(dear):
        return SharedFrames(
            first.activation,
            first.support,
            first.reserve,
            first.reserve,
            first.multiplier,
            price,
            first.stationarity,
            first.feasibility,
            first.complementarity,
            first.iterations,
            first.converged,
        )
    y = y[dear]
    length = np.sqrt((y**2).sum(axis=1))[:, None]
    with np.errstate(divide="ignore"):
        share = WORTH / y
    # A root and a product are rounded alike everywhere; a power is not.
    price[dear] *= np.minimum(1.0, np.maximum(share * np.sqrt(share), WORTH / length))
    # The kernel knows one price for all rows; scaling a row by k scales its price by k squared.
    k = np.ones((len(dear), b.shape[1]))
    k[:, :rows] = np.sqrt(price[dear] / RESERVE_COST)
    again = solve(
        A[dear] * k[:, :, None],
        S[dear] * k[:, :, None],
        b[dear] * k,
        lower[dear],
        upper[dear],
        weight[dear],
        start=whole.multiplier[dear] * k,
    )

    def put(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        both = old.copy()
        both[dear] = new
        return both

    return SharedFrames(
        put(first.activation, again.activation),
        put(first.support, again.support[:, :rays]),
        put(first.reserve, (again.reserve / k)[:, :rows]),
        first.reserve,
        first.multiplier,
        price,
        put(first.stationarity, np.maximum(first.stationarity[dear], again.stationarity)),
        put(first.feasibility, np.maximum(first.feasibility[dear], again.feasibility)),
        put(first.complementarity, np.maximum(first.complementarity[dear], again.complementarity)),
        put(first.iterations, first.iterations[dear] + again.iterations),
        put(first.converged, first.converged[dear] & again.converged),
    )


class Appended(NamedTuple):
    """A problem whose last rows are soft ones."""

    A: np.ndarray
    S: np.ndarray
    b: np.ndarray
    start: np.ndarray | None


def append_soft(
    soft: SoftRows,
    A: np.ndarray,
    S: np.ndarray,
    b: np.ndarray,
    start: np.ndarray | None,
    reserve_cost: float = RESERVE_COST,
) -> Appended:
    """Put soft rows below those of the balance, so scaled that the kernel's price of reserves makes theirs 1.

    What a one-sided row has too much is taken by a ray of its own, which costs as good as nothing.
    """
    scale = 1.0 / np.sqrt(reserve_cost)
    (frames, count), (rows, rays) = soft.b.shape, S.shape[1:]
    taken = np.flatnonzero(soft.one_sided)

    def below(own: np.ndarray, other: np.ndarray, spare: int = 0) -> np.ndarray:
        whole = np.empty((frames, rows + count, own.shape[2] + spare))
        whole[:, :rows, : own.shape[2]] = own
        np.multiply(other, scale, out=whole[:, rows:, : own.shape[2]])
        whole[:, :, own.shape[2] :] = 0.0
        return whole

    everywhere = below(S, soft.S, len(taken))
    everywhere[:, rows + taken, rays + np.arange(len(taken))] = -scale
    return Appended(
        below(A, soft.A),
        everywhere,
        below(b[..., None], soft.b[..., None])[..., 0],
        None if start is None else np.concatenate([start, np.zeros((frames, count))], axis=1),
    )

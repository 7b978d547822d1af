"""How far a reading can go while load sharing stays near its optimum: exact, frame by frame.

A reading is linear in activations and supports: v = c a + d s. What the cheapest sharing with a given reading costs,
phi(v), is convex, piecewise quadratic, and least (phi*) at the optimum. All sharings that cost up to (1 + slack) phi*
therefore span an interval, whose ends are the two roots of phi(v) = (1 + slack) phi*.

A row that pulls the reading towards z with the price kappa (z - v)^2 makes the optimum one of those cheapest sharings,
whatever z; its slope is phi'(v) = 2 kappa (z - v). So one more row turns the problem into a point of the curve with its
slope, and Newton's method on sqrt(phi - phi*), which is nearly straight, finds each root in three or four solves that
start from each other's multipliers.

Reserves stay what they are in the optimum: a sharing that supplies less is not a cheaper way of doing the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gluteal.kernels.recruitment import SUPPORT_COST, solve_frames
from gluteal.kernels.sharing import SoftRows, append_soft

#: Price of a (newton-metre)^2 that is supplied otherwise than in the optimum: a hundred times that of
#: `gluteal.kernels.recruitment`, so that no end of a band is bought with it.
BALANCE_COST = 1e5
#: kappa: price of pulling a reading by 1.
PULL = 1e3
#: Where the first point of the curve is looked for, in readings.
FIRST_STEP = 0.03
#: An end is found when the cost there is so near, as a share of the slack, or when no more than so much of the reading
#: can be left to go, 1.
FOUND, STILL = 1e-4, 2e-5
#: Most points of the curve for one end.
POINTS = 60


class SharedOptimum(NamedTuple):
    """T solved frames of load sharing, and what made them; shapes as `gluteal.kernels.sharing.share_frames`.

    ``b`` is what the optimum supplied: what was asked, less its reserves.
    """

    A: np.ndarray
    S: np.ndarray
    b: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray
    soft: SoftRows
    activation: np.ndarray
    support: np.ndarray
    exponent: float
    support_scale: float

    def cost(self, activation: np.ndarray, support: np.ndarray) -> np.ndarray:
        """Return what sharings cost, (T,): activations, supports and soft rows."""
        off = np.einsum("tpm,tm->tp", self.soft.A, activation) + np.einsum("tpr,tr->tp", self.soft.S, support)
        off -= self.soft.b
        off = np.where(self.soft.one_sided, np.minimum(off, 0.0), off)
        return np.asarray(self.own_cost(activation, support) + (off**2).sum(axis=1))

    def own_cost(self, activation: np.ndarray, support: np.ndarray) -> np.ndarray:
        """Return what activations and supports cost by themselves, (T,)."""
        powers = activation**2 if self.exponent == 2.0 else np.maximum(activation, 0.0) ** self.exponent
        pushes = SUPPORT_COST * ((support / self.support_scale) ** 2).sum(axis=1)
        return np.asarray((self.weight * powers).sum(axis=1) + pushes)

    def take(self, rows: np.ndarray) -> SharedOptimum:
        """Return some of the frames."""
        soft = self.soft
        return self._replace(
            **{name: getattr(self, name)[rows] for name in _BY_FRAME},
            soft=SoftRows(soft.A[rows], soft.S[rows], soft.b[rows], soft.one_sided),
        )


_BY_FRAME = ("A", "S", "b", "lower", "upper", "weight", "activation", "support")


class NearOptimal:
    """Ends of readings near an optimum; made once for all readings of a movement.

    Examples
    --------
    Two equal muscles share 30 N m. If 44 % more than the least effort is allowed, the first may do between 0.1 and 0.5:
    a1 = 0.3 + x costs 2 (0.3^2 + x^2).

    >>> import numpy as np
    >>> nothing = SoftRows(np.zeros((1, 0, 2)), np.zeros((1, 0, 0)), np.zeros((1, 0)), np.zeros(0, bool))
    >>> optimum = SharedOptimum(
    ...     np.full((1, 1, 2), 50.0), np.zeros((1, 1, 0)), np.full((1, 1), 30.0), np.zeros((1, 2)), np.ones((1, 2)),
    ...     np.ones((1, 2)), nothing, np.full((1, 2), 0.3), np.zeros((1, 0)), 2.0, 700.0,
    ... )
    >>> low, high = NearOptimal(optimum).ends(np.array([[1.0, 0.0]]), None, [4.0 / 9.0])
    >>> low.round(3), high.round(3)
    (array([[0.1]]), array([[0.5]]))
    """

    def __init__(self, optimum: SharedOptimum) -> None:
        self._given = optimum
        A, S, b, _ = append_soft(optimum.soft, optimum.A, optimum.S, optimum.b, None, BALANCE_COST)
        frames = len(A)
        # The row of the reading is the last; it is written over for each.
        self._A = np.concatenate([A, np.zeros((frames, 1, A.shape[2]))], axis=1)
        self._S = np.concatenate([S, np.zeros((frames, 1, S.shape[2]))], axis=1)
        self._b = np.concatenate([b, np.zeros((frames, 1))], axis=1)
        self._rays = optimum.support.shape[1]
        self._least = optimum.cost(optimum.activation, optimum.support)
        self._start = self._take(np.arange(frames)).solve(None, None)[2]

    def ends(self, c: np.ndarray, d: np.ndarray | None, slacks: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and the largest of c a + d s near the optimum, each (slack, T).

        Parameters
        ----------
        c : (T, M), d : (T, R) or None
        slacks : sequence of float
            Rising; 0 is the optimum itself.

        Raises
        ------
        ArithmeticError
            Where a point of the curve was not solved, or an end not found.
        """
        given = self._given
        d = np.zeros(given.support.shape) if d is None else d
        here = (c * given.activation).sum(axis=1) + (d * given.support).sum(axis=1)
        scale = np.sqrt(PULL / BALANCE_COST)
        self._A[:, -1] = scale * c
        self._S[:, -1, : self._rays] = scale * d
        rising, falling = np.maximum(c, 0.0), np.minimum(c, 0.0)
        free = (d != 0.0).any(axis=1)
        ends = []
        for sign in (-1.0, 1.0):
            first, second = (given.lower, given.upper) if sign < 0.0 else (given.upper, given.lower)
            # No activation takes a reading further; supports know no such end.
            bound = np.where(free, sign * np.inf, (rising * first).sum(axis=1) + (falling * second).sum(axis=1))
            curve = _Curve(here, bound, here + sign * FIRST_STEP, self._start.copy(), sign)
            ends.append(np.array([self._find(c, d, curve, slack) for slack in slacks]))
        return ends[0], ends[1]

    def _find(self, c: np.ndarray, d: np.ndarray, curve: _Curve, slack: float) -> np.ndarray:
        """Find one end in every frame, (T,), and leave the curve where it was last looked at."""
        here, bound, aim, start, sign = curve
        wanted = np.sqrt(slack * self._least)
        end = here.copy()
        rows = np.flatnonzero((wanted > 0.0) & (np.abs(bound - here) > STILL))
        last_pulled, last_above = np.full((2, len(here)), np.inf)
        found = np.zeros(len(here), bool)
        # What the reading was pulled to, along the sign: the furthest that was too cheap, the nearest too dear.
        short, far = sign * here, np.full(len(here), np.inf)
        part = self._take(rows)
        for point in range(POINTS):
            if not len(rows):
                return end
            activation, support, start[rows], cost = part.solve(aim[rows], start[rows])
            value = (c[rows] * activation).sum(axis=1) + (d[rows] * support).sum(axis=1)
            slope = 2.0 * PULL * (aim[rows] - value)
            least, root = self._least[rows], wanted[rows]
            above = np.sqrt(np.maximum(cost - least, 0.0))
            # Newton on sqrt(phi - phi*); where the reading cannot move at all, its slope has nothing to say.
            with np.errstate(divide="ignore", invalid="ignore"):
                step = (root - above) * 2.0 * above / slope
                steeper = slope * np.where(above > 0.0, np.minimum(root / above, 10.0), 10.0)
            new = value + np.where(np.isfinite(step), step, 0.0)
            # The curve is convex: what is left to go is no more than its slope says.
            still = ~((root**2 - above**2) > STILL * np.abs(slope)) & (above <= root)
            ended = np.clip(sign * np.where(still, value, new), sign * here[rows], sign * bound[rows])
            end[rows] = np.where(found[rows], end[rows], sign * ended)
            found[rows] |= still | (np.abs(above**2 - root**2) <= FOUND * root**2)
            pulled = sign * aim[rows]
            short[rows] = np.where(above < root, np.maximum(short[rows], pulled), short[rows])
            far[rows] = np.where(above > root, np.minimum(far[rows], pulled), far[rows])
            with np.errstate(divide="ignore", invalid="ignore"):
                chord = (pulled - last_pulled[rows]) / (above - last_above[rows])
                # The second point on follows the chord of the pull, which also holds where the curve is a wall.
                next_ = np.where(chord > 0.0, pulled + (root - above) * chord, sign * (new + steeper / (2.0 * PULL)))
            # Where chords creep, what is between is halved and what is open doubled, every third time.
            doubled = pulled + 2.0 * np.abs(pulled - sign * value)
            middle = np.where(np.isfinite(far[rows]), (short[rows] + far[rows]) / 2.0, doubled)
            creeps = point % 3 == 2
            next_ = middle if creeps else np.where((next_ > short[rows]) & (next_ < far[rows]), next_, middle)
            last_pulled[rows], last_above[rows] = pulled, above
            aim[rows] = np.where(found[rows], aim[rows], sign * next_)
            if 2 * np.count_nonzero(~found[rows]) <= len(rows):
                rows = rows[~found[rows]]
                part = self._take(rows)
        raise ArithmeticError(f"the end of a near-optimal band was not found in {POINTS} steps")

    def _take(self, rows: np.ndarray) -> _Part:
        """Return the frames `rows`; all of them without a copy."""
        given, whole = self._given, len(rows) == len(self._A)
        arrays = (self._A, self._S, self._b) if whole else (self._A[rows], self._S[rows], self._b[rows])
        return _Part(given if whole else given.take(rows), *arrays)


class _Curve(NamedTuple):
    """Where one end of a reading is looked for, each (T,): the optimum, the utmost, the pull, the multipliers."""

    here: np.ndarray
    bound: np.ndarray
    aim: np.ndarray
    start: np.ndarray
    sign: float


class _Part(NamedTuple):
    """Some frames, with soft rows and the reading's row below the balance."""

    given: SharedOptimum
    A: np.ndarray
    S: np.ndarray
    b: np.ndarray

    def solve(self, aim: np.ndarray | None, start: np.ndarray | None) -> tuple[np.ndarray, ...]:
        """Return activations, supports, multipliers and cost of the cheapest sharing with the reading near `aim`.

        What is supplied otherwise than in the optimum costs, too, so that it cannot be bought.
        """
        given = self.given
        self.b[:, -1] = 0.0 if aim is None else np.sqrt(PULL / BALANCE_COST) * aim
        found = solve_frames(
            self.A,
            self.S,
            self.b,
            given.lower,
            given.upper,
            given.weight,
            exponent=given.exponent,
            reserve_cost=BALANCE_COST,
            support_cost=SUPPORT_COST,
            support_scale=given.support_scale,
            start=start,
        )
        if not found.converged.all():
            raise ArithmeticError("a point of the near-optimal curve was not solved")
        support = found.support[:, : given.support.shape[1]]
        cost = given.own_cost(found.activation, support) + BALANCE_COST * (found.reserve[:, :-1] ** 2).sum(axis=1)
        return found.activation, support, found.multiplier, cost

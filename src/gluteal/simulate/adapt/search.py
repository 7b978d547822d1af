"""The least costly posture: the outer problem over quantities, and how well it is solved.

    J(z) = V(q(z); condition) - g0 . u + habit |u|^2 + range,   u = (z - z0) / sigma,

with V of `gluteal.simulate.adapt.effort`, g0 = dV/du at the usual posture z0 without any condition, and `range` what
leaving a joint's range costs. Because g0 is taken off, the usual posture is exactly what costs least where nothing is
changed: whatever moves, moves because of the condition (an inverse-optimal habit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize

from gluteal.errors import InputError, Unsolved
from gluteal.simulate.adapt.effort import PostureEffort, SharedPosture
from gluteal.simulate.adapt.stance import PostureStance

#: What a joint that is one degree outside its range costs, effort; it grows with the square. Own choice: a tenth of a
#: degree then costs as much as a muscle at a third of its strength.
RANGE_PRICE = 10.0
#: The search stops where the gradient, per deviation of the habit, is below this, or where a step lowers the cost by
#: less than this share: own choice, a hundredth of a degree.
GRADIENT_ENOUGH, COST_ENOUGH = 1e-4, 1e-8
#: Most iterations of the search: own choice, 20 to 40 are usual.
MOST_ITERATIONS = 200
#: How often a search that gave up starts anew.
ATTEMPTS = 3
#: What a posture that feet cannot keep counts: more than any other, so that a line search turns back.
OUT_OF_REACH_COST = 1e6
#: Step for the check of the gradient, in deviations of the habit: small, as a muscle that reaches its ceiling within a
#: step bends the slope.
CHECK_STEP = 1e-5
#: Directions of that check.
CHECK_DIRECTIONS = 3
_DEGREE = np.pi / 180.0


@dataclass(frozen=True, eq=False)
class FoundPosture:
    """An end of the search: quantities as deviations `u` (n,), cost J, gradient (n,), the posture shared."""

    u: np.ndarray
    cost: float
    gradient: np.ndarray
    shared: SharedPosture
    evaluations: int
    converged: bool

    @property
    def outer(self) -> float:
        """Largest component of the projected gradient, per deviation."""
        return float(np.abs(self.gradient).max(initial=0.0))


@dataclass(eq=False)
class PostureSearch:
    """The outer problem of one condition.

    Attributes
    ----------
    effort : PostureEffort
        Under the condition.
    offset : (n,)
        g0.
    habit : float
        Weight of a squared deviation.
    free : (n,) bool
        Which quantities may move.
    demanded : (n,)
        What the others are held at, deviations from the usual posture.
    """

    stance: PostureStance
    effort: PostureEffort
    offset: np.ndarray
    habit: float
    free: np.ndarray
    demanded: np.ndarray
    evaluations: int = 0
    _near: SharedPosture | None = field(default=None, repr=False)

    def measure(self, u: np.ndarray) -> tuple[float, np.ndarray, SharedPosture]:
        """Return J, its gradient (n,) and the shared posture at u (n,).

        Raises
        ------
        InputError
            Where the feet cannot be kept.
        Unsolved
            Where the load sharing is not solved.
        """
        self.evaluations += 1
        near = self._near
        z = self.stance.start + self.stance.sigma * u
        posture, slopes = self.stance.find(z, None if near is None else near.posture)
        shared = self.effort.share(posture, None if near is None else near.start)
        self._near = shared
        low, high = self.stance.ranges
        over = (np.maximum(posture - high, 0.0) + np.minimum(posture - low, 0.0)) / _DEGREE
        cost = (
            shared.cost
            - float(self.offset @ u)
            + self.habit * float(u @ u)
            + RANGE_PRICE * float(np.nan_to_num(over) @ np.nan_to_num(over))
        )
        slope = self.effort.slope(shared) + 2.0 * RANGE_PRICE * np.nan_to_num(over) / _DEGREE
        gradient = (slope @ slopes) * self.stance.sigma - self.offset + 2.0 * self.habit * u
        return cost, gradient, shared

    def solve(self, start: np.ndarray, near: SharedPosture | None = None) -> FoundPosture:
        """Go downhill from `start` (n,) and return where it ends; errors as `measure`, of the start itself."""
        free, u = self.free, np.where(self.free, start, self.demanded)
        self._near, before = near, self.evaluations
        best: list[tuple[float, np.ndarray, np.ndarray, SharedPosture]] = []

        def keep(u: np.ndarray) -> tuple[float, np.ndarray]:
            cost, gradient, shared = self.measure(u)
            if not best or cost < best[0][0]:
                best[:] = [(cost, u.copy(), gradient, shared)]
            return cost, gradient

        keep(u)
        low, high = ((end - self.stance.start) / self.stance.sigma for end in self.stance.bounds)
        ends = list(zip(low[free], high[free], strict=True))

        def ask(part: np.ndarray) -> tuple[float, np.ndarray]:
            whole = u.copy()
            whole[free] = part
            try:
                cost, gradient = keep(whole)
            except (InputError, Unsolved):  # a step too far; what is kept was solved
                return OUT_OF_REACH_COST, np.zeros(int(free.sum()))
            return cost, gradient[free]

        settled = not free.any()
        for _ in range(ATTEMPTS if free.any() else 0):
            # A line search that gives up at a kink of the slope starts anew from the best posture so far.
            found = minimize(
                ask,
                np.clip(best[0][1][free], low[free], high[free]),
                jac=True,
                method="L-BFGS-B",
                bounds=ends,
                options={"maxiter": MOST_ITERATIONS, "gtol": GRADIENT_ENOUGH, "ftol": COST_ENOUGH, "maxcor": 20},
            )
            settled = bool(found.success)
            if settled:
                break
        cost, at, gradient, shared = best[0]
        inward = np.where(
            at <= low, np.minimum(gradient, 0.0), np.where(at >= high, np.maximum(gradient, 0.0), gradient)
        )
        return FoundPosture(
            at,
            cost,
            np.where(free, inward, 0.0),
            shared,
            self.evaluations - before,
            settled,
        )

    def check_gradient(self, u: np.ndarray, *, seed: int = 0) -> float:
        """Return the largest difference of the gradient from a central difference along random directions.

        As a share of 1 + the size of the difference.
        """
        rng = np.random.default_rng(seed)
        _, gradient, _ = self.measure(u)
        worst = 0.0
        for _ in range(CHECK_DIRECTIONS):
            along = rng.standard_normal(len(u)) * self.free
            along /= max(float(np.linalg.norm(along)), 1e-300)
            ahead, behind = (self.measure(u + sign * CHECK_STEP * along)[0] for sign in (1.0, -1.0))
            slope = (ahead - behind) / (2.0 * CHECK_STEP)
            worst = max(worst, abs(slope - float(gradient @ along)) / (1.0 + abs(slope)))
        return worst


def list_starts(stance: PostureStance, u: np.ndarray) -> Mapping[str, np.ndarray]:
    """Return postures to start from beside `u` (n,): the trunk over the standing leg, and away; the pelvis dropped."""
    starts = {}
    for name, quantity, degrees in (
        ("trunk over the standing leg", "trunk_lean", 10.0),
        ("trunk away from the standing leg", "trunk_lean", -5.0),
        ("pelvis dropped", "pelvic_list", -8.0),
    ):
        at = stance.quantities.index(quantity)
        moved = u.copy()
        moved[at] += degrees * _DEGREE / stance.sigma[at]
        starts[name] = moved
    return starts

"""The least costly walk: the outer problem over Fourier coefficients of what deviates, and how well it is solved.

    J(u) = mean V(q(u); condition) - g0 . u + habit mean |z / sigma|^2 + range

over the frames of one cycle, with V of `gluteal.simulate.adapt.cycle_cost`, z the deviations of pelvis, trunk and step
width from the usual walk, and g0 = d(mean V)/du there without any condition: taken off, so that the usual walk is
exactly what costs least where nothing is changed. Deviations have a mean and two harmonics, not the same on both sides;
the legs' follow from the feet, and their speeds and accelerations from the trigonometric curve through the frames.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import minimize

from gluteal.errors import InputError, Unsolved
from gluteal.movements.tasks.gait_cycle import basis
from gluteal.simulate.adapt.cycle_cost import CycleEffort, SharedCycle
from gluteal.simulate.adapt.legs import CYCLE_QUANTITIES, WalkingLimbs
from gluteal.simulate.adapt.quantities import count_deviations
from gluteal.simulate.adapt.search import CHECK_DIRECTIONS, OUT_OF_REACH_COST, RANGE_PRICE
from gluteal.vocabulary import ROOT_COORDINATES

#: Harmonics of a deviation.
DEVIATION_HARMONICS = 2
#: What one unit of the coefficients of mean, first and second harmonic is, deviations of the habit: accelerations grow
#: with the square of the harmonic, and a centimetre of sway at the second one is a tenth of body weight sideways.
COEFFICIENT_SCALES = (1.0, 0.5, 0.5, 0.2, 0.2)
#: The search stops where the gradient, per unit of a coefficient, is below this, or where a step lowers the cost by
#: less than this share: own choice.
CYCLE_GRADIENT_ENOUGH, CYCLE_COST_ENOUGH = 1e-3, 1e-5
#: Most iterations of one search, and how often one that gave up starts anew.
CYCLE_ITERATIONS, CYCLE_ATTEMPTS = 150, 2
#: It also stops where so many cycles lowered the cost by less than this share: forces under a foot that reach its edge
#: bend the slope, and the last thousandth of the cost takes as long as all before. Own choice.
SLOW_CYCLES, SLOW = 15, 5e-3
#: A search that ends with a larger gradient, per unit of a coefficient, did not stand still, whatever made it stop.
STILL = 1.0
#: Step for the check of the gradient, units of coefficients: small, as a force at the edge of a foot bends the slope.
CYCLE_CHECK_STEP = 1e-6
#: Progress is told every so many cycles.
PROGRESS = 10
_DEGREE = np.pi / 180.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FoundCycle:
    """An end of the search: coefficients `u` (n,), cost J, gradient (n,), deviations (T, 9), the cycle shared."""

    u: np.ndarray
    cost: float
    gradient: np.ndarray
    deviation: np.ndarray
    shared: SharedCycle
    converged: bool

    @property
    def outer(self) -> float:
        """Largest component of the gradient, per unit of a coefficient."""
        return float(np.abs(self.gradient).max(initial=0.0))


@dataclass(eq=False)
class CycleSearch:
    """The outer problem of one condition.

    Attributes
    ----------
    reference : (q, v, a), each (T, Q)
        The usual walk.
    offset : (n,)
        g0.
    habit : float
        Weight of a squared deviation.
    free : (9,) bool
        Which quantities may deviate, in the order of `CYCLE_QUANTITIES`.
    period : float
        s.
    held : (n,) or None
        Coefficients of quantities that are not free; None where they stay as usual.
    """

    limbs: WalkingLimbs
    reference: tuple[np.ndarray, np.ndarray, np.ndarray]
    effort: CycleEffort
    offset: np.ndarray
    habit: float
    free: np.ndarray
    period: float
    held: np.ndarray | None = None
    evaluations: int = 0
    _near: SharedCycle | None = field(default=None, repr=False)

    @cached_property
    def columns(self) -> np.ndarray:
        """Which quantity each coefficient belongs to, (n,): five each, one of the step width."""
        counts = [1 if name == "step_width" else len(COEFFICIENT_SCALES) for name in CYCLE_QUANTITIES]
        return np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def waves(self) -> np.ndarray:
        """Deviation, in sigmas, of a coefficient's quantity per unit of it, (T, n)."""
        frames = self.effort.frames
        each = basis(np.arange(frames) / frames, DEVIATION_HARMONICS, self.period) * np.array(COEFFICIENT_SCALES)
        parts = [each[:, :1] if name == "step_width" else each for name in CYCLE_QUANTITIES]
        return np.concatenate(parts, axis=1)

    @cached_property
    def rates(self) -> tuple[np.ndarray, np.ndarray]:
        """Matrices (T, T) that take the values of a periodic curve to its first and second derivatives."""
        return tuple(differentiate(self.effort.frames, self.period, order) for order in (1, 2))  # type: ignore[return-value]

    @cached_property
    def ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest value of every coordinate; wider where the usual walk goes further."""
        coordinates = self.limbs.body.coordinates
        low, high = np.array([c.range for c in coordinates]).T
        root = np.array([c.name in ROOT_COORDINATES for c in coordinates])
        usual = self.reference[0]
        return (
            np.where(root, -np.inf, np.minimum(low, usual.min(axis=0))),
            np.where(root, np.inf, np.maximum(high, usual.max(axis=0))),
        )

    def hold(self, asked: Mapping[str, float]) -> np.ndarray:
        """Return the coefficients (n,) of changes of quantities, deg or mm, that last the whole stride."""
        u = np.zeros(len(self.columns))
        for name, change in asked.items():
            u[int(np.argmax(self.columns == CYCLE_QUANTITIES.index(name)))] = count_deviations(name, change)
        return u

    def deviate(self, u: np.ndarray) -> np.ndarray:
        """Return the deviations (T, 9) of coefficients (n,), rad or m."""
        found = np.zeros((self.effort.frames, len(CYCLE_QUANTITIES)))
        for quantity in range(len(CYCLE_QUANTITIES)):
            own = self.columns == quantity
            found[:, quantity] = self.limbs.sigma[quantity] * (self.waves[:, own] @ u[own])
        return found

    def move_by(self, u: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return what `move` does, of coefficients (n,)."""
        return self.move(self.deviate(u))

    def move(self, deviation: np.ndarray, guess: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
        """Return coordinates, speeds, accelerations (T, Q) of deviations (T, 9), and d(coordinates)/d(deviations)."""
        q, v, a = self.reference
        found, slopes = self.limbs.find(deviation, guess)
        change = found - q
        return found, v + self.rates[0] @ change, a + self.rates[1] @ change, slopes

    def measure(self, u: np.ndarray, *, slope: bool = True) -> tuple[float, np.ndarray, np.ndarray, SharedCycle]:
        """Return J, its gradient (n,), the deviations (T, 9) and the shared cycle at u (n,).

        Raises
        ------
        InputError
            Where a foot cannot be kept on its path.
        Unsolved
            Where the load sharing is not solved.
        """
        self.evaluations += 1
        near, frames = self._near, self.effort.frames
        deviation = self.deviate(u)
        q, v, a, slopes = self.move(deviation, None if near is None else near.q)
        shared = self.effort.share(q, v, a, None if near is None else near.start)
        self._near = shared
        low, high = self.ranges
        over = np.nan_to_num((np.maximum(q - high, 0.0) + np.minimum(q - low, 0.0)) / _DEGREE)
        off = deviation / self.limbs.sigma
        cost = (
            float(shared.cost.mean())
            - float(self.offset @ u)
            + self.habit * float((off**2).sum()) / frames
            + RANGE_PRICE * float((over**2).sum()) / frames
        )
        if not slope:
            return cost, np.zeros_like(u), deviation, shared
        return cost, self._gradient(u, shared, slopes, off, over), deviation, shared

    def _gradient(
        self, u: np.ndarray, shared: SharedCycle, slopes: np.ndarray, off: np.ndarray, over: np.ndarray
    ) -> np.ndarray:
        by_q, by_v, by_a = self.effort.slope(shared)
        first, second = self.rates
        whole = by_q + 2.0 * RANGE_PRICE * over / _DEGREE + first.T @ by_v + second.T @ by_a
        by_deviation = np.einsum("tq,tqn->tn", whole, slopes) * self.limbs.sigma + 2.0 * self.habit * off
        gradient = (self.waves * by_deviation[:, self.columns]).sum(axis=0) / self.effort.frames
        return gradient - self.offset

    def solve(self, start: np.ndarray, near: SharedCycle | None = None) -> FoundCycle:
        """Go downhill from `start` (n,) and return where it ends; errors as `measure`, of the start itself."""
        moving = self.free[self.columns]
        u = np.where(moving, start, 0.0 if self.held is None else self.held)
        self._near = near
        best: list[tuple[float, np.ndarray, np.ndarray, np.ndarray, SharedCycle]] = []
        passed: list[float] = []

        def keep(u: np.ndarray) -> tuple[float, np.ndarray]:
            cost, gradient, deviation, shared = self.measure(u)
            if not best or cost < best[0][0]:
                best[:] = [(cost, u.copy(), gradient, deviation, shared)]
            passed.append(best[0][0])
            if self.evaluations % PROGRESS == 0:
                _log.info("%d cycles shared, least cost %.4g", self.evaluations, best[0][0])
            return cost, gradient

        keep(u)

        def ask(part: np.ndarray) -> tuple[float, np.ndarray]:
            whole = u.copy()
            whole[moving] = part
            try:
                cost, gradient = keep(whole)
            except (InputError, Unsolved):  # a step too far; what is kept was solved
                return OUT_OF_REACH_COST, np.zeros(int(moving.sum()))
            return cost, gradient[moving]

        def slow() -> bool:
            return len(passed) > SLOW_CYCLES and passed[-1 - SLOW_CYCLES] - passed[-1] < SLOW * passed[-1]

        def watch(_: np.ndarray) -> None:
            if slow():
                raise StopIteration

        settled = not moving.any() or float(np.abs(best[0][2][moving]).max()) < CYCLE_GRADIENT_ENOUGH
        for _ in range(0 if settled else CYCLE_ATTEMPTS):
            found = minimize(
                ask,
                best[0][1][moving],
                jac=True,
                method="L-BFGS-B",
                callback=watch,
                options={
                    "maxiter": CYCLE_ITERATIONS,
                    "gtol": CYCLE_GRADIENT_ENOUGH,
                    "ftol": CYCLE_COST_ENOUGH,
                    "maxcor": 30,
                },
            )
            settled = bool(found.success) or slow()
            if settled and float(np.abs(best[0][2][moving]).max()) < STILL:
                break
            passed.clear()  # on a slope still: the next attempt has forgotten how the cost bent on the way
        cost, at, gradient, deviation, shared = best[0]
        left = np.where(moving, gradient, 0.0)
        still = settled and float(np.abs(left).max(initial=0.0)) < STILL
        return FoundCycle(at, cost, left, deviation, shared, still)

    def check_gradient(self, u: np.ndarray, *, seed: int = 0) -> float:
        """Return the largest difference of the gradient from a central difference along random directions.

        As a share of 1 + the size of the difference.
        """
        rng, moving = np.random.default_rng(seed), self.free[self.columns]
        gradient = self.measure(u)[1]
        worst = 0.0
        for _ in range(CHECK_DIRECTIONS):
            along = rng.standard_normal(len(u)) * moving
            along /= max(float(np.linalg.norm(along)), 1e-300)
            ahead, behind = (self.measure(u + s * CYCLE_CHECK_STEP * along, slope=False)[0] for s in (1.0, -1.0))
            slope = (ahead - behind) / (2.0 * CYCLE_CHECK_STEP)
            worst = max(worst, abs(slope - float(gradient @ along)) / (1.0 + abs(slope)))
        return worst


def differentiate(frames: int, period: float, order: int) -> np.ndarray:
    """Return the matrix (T, T) that takes the values of a periodic curve at T frames to its derivative there.

    It is that of the trigonometric curve through the values; the highest wave of an even number of frames has no first
    derivative at the frames.
    """
    wave = np.fft.fftfreq(frames, 1.0 / frames)
    factor = (2.0j * np.pi * wave / period) ** order
    if order % 2 and frames % 2 == 0:
        factor[frames // 2] = 0.0
    return np.asarray(np.fft.ifft(factor[:, None] * np.fft.fft(np.eye(frames), axis=0), axis=0).real)

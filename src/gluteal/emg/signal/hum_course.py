"""The course of mains hum: amplitude and phase of every line, piecewise smooth between switches, frequency tracked.

Hum swells when a cable moves, drifts with the grid's frequency and jumps when a device beside is switched. Each line is
demodulated at the frequency of the moment, once a period; what is seen there is a smooth course plus what the muscle
has in that line, which is a lot in a burst and little beside it. How smooth is found by likelihood, line by line (an
integrated random walk, as of smoothing splines; Harvey 1989), and the course is parted where its parts do not continue
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import scipy

from gluteal.emg.signal.hum_smooth import ROUGHNESS, KnotGrid, difference_bands, smooth_line

#: A filter without delay, (n,) to (n,).
Passed = Callable[[np.ndarray], np.ndarray]

#: Periods over which power is averaged that says how quiet a moment is. Own choice: 60 ms at 50 Hz, under any burst.
QUIET = 3
#: How many times its own power a moment has at most from its neighbours. Own choice: chance makes it half of theirs.
BESIDE_BURST = 2.0
#: Least power of a moment as a share of the median: digital silence must not outweigh all else.
LEAST = 1e-3
#: Least power of a moment as a share of the signal's with its hum. Own choice: no recorder is quieter.
LEAST_OF_ALL = 1e-6
#: How far mains may be from its nominal frequency, Hz; European grids stay within 0.2 Hz (EN 50160; remembered), a
#: harmonic is off by as many times more.
WANDERS = 1.0
#: How long a stretch is in which the frequency is one, s (standard deviation of its weights). Own choice: grids drift
#: over seconds.
TRACKED = 0.5
#: Least sum of products of neighbours over their noise from which a line tells its frequency. Own choice.
TELLS = 6.0
#: Power of a line beside the strongest below which it tells no frequency. Own choice: it may be what the strong leave.
FAINT = 1e-3
#: What a switch must gain in log-likelihood, beyond the two degrees of freedom a line has in each of the four second
#: differences it spoils. Own choice: on steady hum and muscle none in a hundred recordings reaches it.
SWITCH_GAIN = 40.0
#: Least periods between two switches. Own choice: shorter pieces show no course.
PIECE = 6
#: Least periods between two switches found in one round. Own choice: beside a large one there seem to be more.
AROUND = 24
#: Most rounds in which switches are looked for and placed: the largest hide smaller ones.
ROUNDS = 7
#: Periods by which a switch is moved at most in a round, and below which it stays. Own choice.
PLACES, STAYS = 3.0, 0.1
#: How many times more uncertain the ends of a piece are, and those beside a switch not yet placed. Own choice.
HALF, UNSURE = 30.0, 1e6
#: Seconds of a wave whose middle tells what a filter leaves of it.
PROBE = 2.0
#: Least that a filter leaves of a line that is followed. Own choice: what is weaker is not worth dividing by.
LEAST_GAIN = 0.1
#: Periods on each side of a switch on which its moment is looked for. Own choice: what a band-pass smears lies within.
BESIDE = 10
#: Lines that tell a switch, the loudest. Own choice: what is weak says little and costs time.
TELLING = 4
#: Periods over which a course's bend is seen. Own choice: noise has little over three.
BENDS = 3
#: Second differences handled at once, which bounds the memory, and those on each side of them that count, too.
AT_ONCE, BESIDE_ROWS = 300, 100


@dataclass(frozen=True)
class HumCourse:
    """Hum of a signal and what it leaves, and how it was followed.

    Attributes
    ----------
    rest : (n,)
        The signal without its hum, in its unit.
    switches : tuple of int
        Samples at which a new piece of the course begins.
    at : (knots,)
        Moments in which lines were looked at, once a period, in samples.
    left : (lines, knots), complex
        What is left there of the lines that are loudest beside their noise.
    beside : (lines, 2, knots), complex
        The same half a mains frequency below and above each of them.
    power, fourth : (knots,)
        Mean square and mean fourth power of the rest.
    bend : (knots,)
        How far all courses bend within a period: the power of what they are beside a straight line through it.
    rate, period, used : float
        Samples per second; samples in a period of the mains; share of the band to half the rate that lines reach into.
    """

    rest: np.ndarray = field(repr=False)
    switches: tuple[int, ...]
    at: np.ndarray = field(repr=False)
    left: np.ndarray = field(repr=False)
    beside: np.ndarray = field(repr=False)
    power: np.ndarray = field(repr=False)
    fourth: np.ndarray = field(repr=False)
    bend: np.ndarray = field(repr=False)
    rate: float
    period: float
    used: float


def follow_hum(
    x: np.ndarray, rate: float, mains: float, orders: Sequence[int], *, passed: Passed | None = None
) -> HumCourse:
    """Follow mains hum through a signal.

    Parameters
    ----------
    x : (n,)
        Finite, without its mean, of a size whose square is a number.
    rate : float
        Samples per second.
    mains : float
        Nominal frequency, Hz.
    orders : sequence of int
        Of the harmonics that are followed; 1 is the mains itself.
    passed : callable, optional
        The filter without delay that the signal has been through, (n,) to (n,): it smears where hum switches.
    """
    period, orders = rate / mains, tuple(orders)
    filtered = _Filter(passed, rate, mains, orders)
    phase = np.arange(x.size) * (mains / rate)
    switches: tuple[int, ...] = ()
    off = np.zeros(x.size)
    work = _Work(x, period, phase, orders, switches, filtered)
    for _ in range(2):
        off = off + work.astray(rate, mains)
        phase = np.cumsum(mains + np.clip(off, -WANDERS, WANDERS)) / rate
        work = _Work(x, period, phase, orders, switches, filtered)
    work.smooth(2)
    for _ in range(ROUNDS):
        more = work.find_switches()
        if not more and not switches:
            break
        before = switches
        # Switches are placed anew where smaller ones beside them became known, until they stay.
        work = _Work(x, period, phase, orders, tuple(sorted({*switches, *more})), filtered)
        work.unsure = True
        work.smooth(2)
        switches = work.placed()
        off = off + work.astray(rate, mains)
        phase = np.cumsum(mains + np.clip(off, -WANDERS, WANDERS)) / rate
        work = _Work(x, period, phase, orders, switches, filtered)
        work.smooth(2)
        if len(before) == len(switches) and np.abs(np.subtract(before, switches)).max() <= STAYS * period:
            break
    work.smooth(2)
    return work.told(switches, rate)


class _Filter:
    """The filter a signal has been through, and what it leaves of every line."""

    def __init__(self, passed: Passed | None, rate: float, mains: float, orders: tuple[int, ...]) -> None:
        self.passed = passed if passed is not None else np.copy
        time = np.arange(round(PROBE * rate)) / rate
        middle = slice(time.size // 4, -(time.size // 4))
        self.gain = np.ones(len(orders))
        for i, order in enumerate(orders):
            wave = np.cos(2.0 * np.pi * order * mains * time)
            through = self.passed(wave)[middle]
            self.gain[i] = max(float(np.dot(through, wave[middle]) / np.dot(wave[middle], wave[middle])), LEAST_GAIN)


class _Work:
    """Courses of all lines for one phase and one set of switches."""

    def __init__(
        self,
        x: np.ndarray,
        period: float,
        phase: np.ndarray,
        orders: tuple[int, ...],
        switches: tuple[int, ...],
        filtered: _Filter,
    ) -> None:
        self.x, self.period, self.orders, self.switches, self.filtered = x, period, orders, switches, filtered
        self.grid = KnotGrid(x.size, period, switches)
        self.phase, self.turn = phase, np.exp(2j * np.pi * phase)
        self.course = np.zeros((len(orders), self.grid.at.size), dtype=complex)
        self.seen = self._demodulated(x)
        self.noise = np.ones(len(orders))
        self.roughness: list[float | None] = [None] * len(orders)
        self.unsure = False
        # At first hum is what three periods have in common.
        near = np.array([0.25, 0.5, 0.25])
        rough = np.array([scipy.ndimage.convolve1d(y, near, mode="nearest") for y in self.seen])
        self.rest = x - filtered.passed(self._hum(rough))
        self._weigh()

    def _turns(self) -> list[np.ndarray]:
        out, now, at = [], np.ones(self.x.size, dtype=complex), 0
        for order in self.orders:
            for _ in range(order - at):
                now = now * self.turn
            at = order
            out.append(now)
        return out

    def _demodulated(self, x: np.ndarray) -> np.ndarray:
        gains = 2.0 / self.filtered.gain
        return np.array([g * self.grid.mean(x * turn.conj()) for g, turn in zip(gains, self._turns(), strict=True)])

    def _hum(self, course: np.ndarray) -> np.ndarray:
        return sum(
            ((self.grid.spread(c) * turn).real for c, turn in zip(course, self._turns(), strict=True)),
            np.zeros(self.x.size),
        )

    def _weigh(self) -> None:
        """Power of the rest about each knot, the variance of what is seen there but for a factor a line."""
        here = self.grid.mean(np.square(self.rest))
        # Beside a burst it is as quiet as it is there.
        power = np.minimum(scipy.ndimage.uniform_filter1d(here, QUIET, mode="nearest"), BESIDE_BURST * here)
        least = max(LEAST * float(np.median(power)), LEAST_OF_ALL * float(np.mean(np.square(self.x))))
        self.power = np.maximum(power, least)

    def smooth(self, times: int) -> None:
        """Find the courses; what each leaves is what the others see."""
        for _ in range(times):
            self.seen = self.course + self._demodulated(self.rest if self.course.any() else self.x)
            variance = self.power.copy()
            # Half a triangle sees the other lines, too; beside a switch not yet placed it sees both sides of it.
            for piece in self.grid.pieces:
                variance[[piece.start, piece.stop - 1]] *= HALF
            if self.unsure:
                for piece in self.grid.pieces[:-1]:
                    variance[piece.stop - 2 : piece.stop + 2] *= UNSURE
            self.variance = variance
            for i, seen in enumerate(self.seen):
                found = smooth_line(seen, variance, self.grid.pieces, self.roughness[i])
                self.course[i], self.roughness[i], self.noise[i] = found
            self.rest = self.x - self.filtered.passed(self._hum(self.course))
            self._weigh()

    def told(self, switches: tuple[int, ...], rate: float) -> HumCourse:
        """What is known in the end."""
        lines, turns = self._loudest(), self._turns()
        half = np.exp(1j * np.pi * self.phase)
        left = np.array([2.0 * self.grid.mean(self.rest * turns[k].conj()) for k in lines])
        beside = np.array(
            [[2.0 * self.grid.mean(self.rest * turns[k].conj() * h) for h in (half, half.conj())] for k in lines]
        )
        used = min(2.0 * max(self.orders) / self.period, 1.0)
        power, fourth = (self.grid.mean(self.rest**k) for k in (2, 4))
        bend = np.zeros(power.size)
        for piece in (p for p in self.grid.pieces if p.stop - p.start > 2 * BENDS):
            c = self.course[:, piece]
            second = (c[:, 2 * BENDS :] - 2.0 * c[:, BENDS:-BENDS] + c[:, : -2 * BENDS]) / BENDS**2
            bend[piece] = np.pad(0.5 * np.sum(np.square(np.abs(second)), axis=0), BENDS, mode="edge")
        told = (left, beside, power, fourth, bend)
        return HumCourse(self.rest, switches, self.grid.at, *told, rate, self.period, used)

    def _loudest(self) -> np.ndarray:
        loud = np.mean(np.square(np.abs(self.course)), axis=1) / self.noise
        return np.argsort(loud)[::-1][:TELLING]

    def astray(self, rate: float, mains: float) -> np.ndarray:
        """How far the frequency is from that of the phase, Hz at every sample; 0 where nothing tells."""
        knots, wide = self.grid.at.size, TRACKED * rate / self.period
        total, weight = np.zeros(knots), np.zeros(knots)
        across = np.zeros(knots, dtype=bool)
        for piece in self.grid.pieces:
            across[piece.start] = across[piece.stop - 1] = True
        strengths = np.mean(np.square(np.abs(self.seen)), axis=1)
        for order, seen, much in zip(self.orders, self.seen, strengths, strict=True):
            if much < FAINT * strengths.max():
                continue
            # Beyond the neighbours noise is independent.
            product = np.zeros(knots, dtype=complex)
            noise = self.power * float(np.median(np.abs(np.diff(seen, 2)) ** 2 / self.power[1:-1])) / 3.0
            product[1:-1] = seen[2:] * seen[:-2].conj() / np.sqrt(noise[2:] * noise[:-2])
            product[across] = 0.0
            # A strong moment counts as far as it tells a direction.
            product /= 1.0 + np.abs(product) / 100.0
            summed = scipy.ndimage.gaussian_filter1d(product, wide, mode="constant")
            strength = np.abs(summed) * np.sqrt(2.0 * np.sqrt(np.pi) * wide)
            tells = np.where(strength > TELLS, order**2 * np.abs(summed), 0.0)
            total += tells * np.angle(summed) / (4.0 * np.pi * order) * mains
            weight += tells
        known = weight > 0.0
        if not known.any():
            return np.zeros(self.x.size)
        off = scipy.ndimage.gaussian_filter1d(total, wide) / np.maximum(
            scipy.ndimage.gaussian_filter1d(weight, wide), 1e-300
        )
        return np.interp(np.arange(self.x.size), self.grid.at[known], off[known])

    def find_switches(self) -> tuple[int, ...]:
        """Samples between knots at which the courses do not continue."""
        gains, places = [], []
        for piece in self.grid.pieces:
            found = self._gains(piece)
            gains.append(found)
            places.append(piece.start + np.arange(found.size))
        gain, place = np.concatenate(gains), np.concatenate(places)
        taken: list[int] = []
        for i in np.argsort(gain)[::-1]:
            if gain[i] <= SWITCH_GAIN:
                break
            if all(abs(place[i] - t) >= AROUND for t in taken):
                taken.append(int(place[i]))
        return tuple(round(float(self.grid.at[t] + self.grid.at[t + 1]) / 2.0) for t in taken)

    def _gains(self, piece: slice) -> np.ndarray:
        """Log-likelihood that a switch after each knot of a piece gains; -inf near its ends."""
        count = piece.stop - piece.start
        out = np.full(count, -np.inf)
        if count < 2 * PIECE:
            return out
        lines = self._loudest()
        rows, variance = count - 2, self.variance[piece]
        bands, base = difference_bands(variance), float(np.median(self.variance))
        out[PIECE : count - PIECE] = -4.0 * len(lines)
        for k in lines:
            full = bands.copy()
            full[0] += (self.roughness[k] or ROUGHNESS[0]) * base
            full *= self.noise[k]
            z = np.diff(self.seen[k, piece], 2)
            for low in range(0, rows, AT_ONCE):
                first, last = max(low - BESIDE_ROWS, 0), min(low + AT_ONCE + BESIDE_ROWS, rows)
                root = scipy.linalg.cholesky_banded(full[:, first:last], lower=True, check_finite=False)
                inverse = scipy.linalg.cho_solve_banded((root, True), np.eye(last - first), check_finite=False)
                u = inverse @ z[first:last]
                # The rows that a switch after knot b spoils are b - 2 to b + 1.
                after = np.arange(max(low, PIECE), min(low + AT_ONCE, count - PIECE))
                index = after[:, None] - 2 + np.arange(4) - first
                inside = (index >= 0).all(1) & (index < last - first).all(1)
                after, index = after[inside], index[inside]
                mine = u[index]
                block = inverse[index[:, :, None], index[:, None, :]]
                out[after] += np.sum(mine.conj() * np.linalg.solve(block, mine[..., None])[..., 0], axis=1).real
        return out

    def placed(self) -> tuple[int, ...]:
        """The switches moved to where the pieces on both sides explain the signal best."""
        turns, out = self._turns(), []
        reach, beside = round(PLACES * self.period), round(BESIDE * self.period)
        for i, at in enumerate(self.switches):
            before, after = self.grid.pieces[i], self.grid.pieces[i + 1]
            where = np.arange(max(at - beside, 0), min(at + beside, self.x.size))
            left = self._carried(before.stop - 2, where, turns)
            right = self._carried(after.start, where, turns)
            near = np.abs(where - at) <= beside // 2
            x, weight = self.x[where][near], 1.0 / np.interp(where[near], self.grid.at, self.power)
            cost = partial(self._cost, where=where, left=left, right=right, near=near, x=x, weight=weight)
            best, step = at, max(reach // 8, 1)
            tried = {t: cost(t) for t in range(at - reach, at + reach + 1, step)}
            while True:
                best = min(tried, key=tried.__getitem__)
                if step == 1:
                    break
                step = max(step // 3, 1)
                tried |= {t: cost(t) for t in range(best - 2 * step, best + 2 * step + 1, step)}
            out.append(int(np.clip(best, 1, self.x.size - 1)))
        return tuple(sorted(set(out)))

    def _cost(
        self,
        first: int,
        *,
        where: np.ndarray,
        left: np.ndarray,
        right: np.ndarray,
        near: np.ndarray,
        x: np.ndarray,
        weight: np.ndarray,
    ) -> float:
        """Weighed squares of what is left near a switch at a sample."""
        hum = self.filtered.passed(np.where(where < first, left, right))[near]
        return float(np.sum(weight * np.square(x - hum)))

    def _carried(self, knot: int, where: np.ndarray, turns: Sequence[np.ndarray]) -> np.ndarray:
        """Hum at samples on the straight line through a knot and the next."""
        share = (where - self.grid.at[knot]) / (self.grid.at[knot + 1] - self.grid.at[knot])
        return np.sum(
            [
                (((1.0 - share) * c[knot] + share * c[knot + 1]) * turn[where]).real
                for c, turn in zip(self.course, turns, strict=True)
            ],
            axis=0,
        )

"""Test signals from recruited motor units, apart from those the detector was tuned on.

In `benchmarks.onset.signals` a burst is an envelope times a stationary carrier. Here nothing is multiplied: a drive
recruits units by size and makes them fire faster, and each discharge adds the potential that its fibres leave in a pair
of electrodes. The signal is therefore grainy where it begins, and its amplitude follows the drive as recruitment makes
it, neither as a ramp nor as a bell.

Recruitment and rate: Fuglevand, Winter and Patla 1993 (J Neurophysiol 70:2470): thresholds and sizes in even steps of
the logarithm, rates that grow with the drive. Potentials: the action potential of Rosenfalck 1969, twice differentiated
along the fibre, travels both ways from the end plate to the tendons under two electrodes at some depth.

Truth: the start of the first potential of the burst, and the end of its last. What a potential spreads beyond 1 % of
its peak does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmarks.onset.signals import MARGIN, Record, conditioned

#: Units of the pool, their range of thresholds and of sizes (largest over smallest), and the drive that recruits all.
UNITS, THRESHOLDS, SIZES, ALL_RECRUITED = 120, 30.0, 40.0, 0.6
#: Rates at recruitment and at most, 1/s, their gain with the drive, and the variation of intervals.
LOWEST_RATE, HIGHEST_RATE, GAIN, VARIATION = 8.0, 35.0, 45.0, 0.2
#: Potentials of a muscle that are drawn from, so that making a record takes no time.
POTENTIALS = 60


@dataclass(frozen=True)
class Drive:
    """Excitation of a burst over time: rise and fall in s, straight ("ramp"), as a raised cosine, or at once."""

    name: str
    rise: float
    smooth: bool = False

    def course(self, rate: float, plateau: float, peak: float) -> np.ndarray:
        """Excitation, 0 to `peak`, from the first to the last sample above 0."""
        n = round(self.rise * rate)
        u = (np.arange(n) + 1.0) / max(n, 1)
        flank = 0.5 - 0.5 * np.cos(np.pi * u) if self.smooth else u
        return peak * np.r_[flank, np.ones(round(plateau * rate)), flank[::-1]]


DRIVES = (Drive("step", 0.0), Drive("ramp 50 ms", 0.05), Drive("ramp 100 ms", 0.1), Drive("ramp 200 ms", 0.2),
          Drive("cosine 150 ms", 0.15, smooth=True))  # fmt: skip


@lru_cache(maxsize=1 << 18)
def potential(rate: float, depth: float, speed: float, plate: float, half: float, gap: float) -> np.ndarray:
    """Potential of one unit between two electrodes, from its start to its end, peak 1.

    Lengths in m: `depth` of the fibres below the electrodes, `plate` the distance of the end plate from them, `half` of
    the fibre on each side of it, `gap` between the electrodes; `speed` in m/s.
    """
    step = 0.0005
    z = np.arange(-0.20, 0.20, step)
    # Rosenfalck 1969, z in mm behind the front.
    x = np.arange(0.0, 16.0, step * 1e3)
    inside = 96.0 * x**3 * np.exp(-x)
    source = np.gradient(np.gradient(inside, step), step)
    weight = sum(sign / np.hypot(z - plate - sign * gap / 2, depth) for sign in (1.0, -1.0))
    times = np.arange(0.0, half / speed + 0.005, 1.0 / rate / 4)
    course = np.zeros(times.size)
    for direction in (1.0, -1.0):
        front = speed * times[:, None] - np.arange(source.size) * step
        on = (front > 0.0) & (front < half)
        where = np.clip(np.round((direction * front + 0.20) / step).astype(int), 0, z.size - 1)
        course += (np.where(on, weight[where], 0.0) * source).sum(1)
    # The part that neither begins nor ends at once, as fibres of a unit are spread by some millimetres.
    spread = np.hanning(max(3, round(0.0015 * rate * 4)))
    course = np.convolve(course, spread / spread.sum())[::4]
    course = course / np.abs(course).max()
    strong = np.flatnonzero(np.abs(course) >= 0.01)
    return course[strong[0] : strong[-1] + 1]


def _potentials(rate: float, rng: np.random.Generator) -> list[np.ndarray]:
    gap = float(rng.choice([0.010, 0.020]))
    skin = rng.uniform(0.003, 0.012)
    return [
        potential(
            rate,
            round(skin + rng.uniform(0.0, 0.012), 3),
            round(rng.normal(4.0, 0.3), 1),
            round(rng.choice([-1.0, 1.0]) * rng.uniform(0.015, 0.04), 3),
            round(rng.uniform(0.05, 0.08), 2),
            gap,
        )
        for _ in range(POTENTIALS)
    ]


def contraction(drive: np.ndarray, rate: float, rng: np.random.Generator, lead: int) -> tuple[np.ndarray, int, int]:
    """Signal of a contraction with `lead` samples of nothing on each side; first and one-past-last sample of it."""
    shapes = _potentials(rate, rng)
    out = np.zeros(drive.size + 2 * lead)
    order = np.arange(1, UNITS + 1) / UNITS
    thresholds = ALL_RECRUITED * np.exp(np.log(THRESHOLDS) * (order - 1.0))
    sizes = np.exp(np.log(SIZES) * order) * rng.lognormal(0.0, 0.4, UNITS)
    first, last = out.size, 0
    for threshold, size in zip(thresholds, sizes, strict=True):
        on = drive > threshold
        if not on.any():
            continue
        fires = np.where(on, np.minimum(LOWEST_RATE + GAIN * (drive - threshold), HIGHEST_RATE), 0.0)
        phase = np.cumsum(fires) / rate
        gaps = np.maximum(rng.normal(1.0, VARIATION, int(phase[-1]) * 2 + 4), 0.2)
        # The first discharge comes within a fifth of an interval of recruitment.
        at = np.searchsorted(phase, np.cumsum(gaps) - gaps[0] + rng.uniform(0.0, 0.2))
        shape = size * rng.choice((-1.0, 1.0)) * shapes[int(rng.integers(POTENTIALS))]
        for k in at[at < drive.size]:
            begin = lead + int(k)
            end = min(begin + shape.size, out.size)
            out[begin:end] += shape[: end - begin]
            first, last = min(first, begin), max(last, end)
    return out, first, last


def make_recruited(
    rng: np.random.Generator, *, drive: Drive, snr_db: float, rate: float = 2000.0, plateau: float = 1.0
) -> Record:
    """Record of 3 s with one burst: noise of variance 1, the plateau's power `snr_db` over it.

    Rest is white noise through the same filter; the burst's onset and offset are those of its first and last potential.
    """
    margin, n = round(MARGIN * rate), round(3.0 * rate)
    x = rng.standard_normal(n + 2 * margin)
    course = drive.course(rate, plateau, rng.uniform(0.1, 0.5))
    lead = round(0.05 * rate)
    burst, first, last = contraction(course, rate, rng, lead)
    middle = burst[lead + course.size // 3 : lead + 2 * course.size // 3]
    burst *= 10 ** (snr_db / 20) / middle.std()
    begin = round(min(rng.uniform(0.8, 1.2) * rate, 2.7 * rate - course.size)) + margin - lead
    x[begin : begin + burst.size] += burst
    times = (np.array([first, last]) + begin - margin) / rate
    onset, offset = times[:1], times[1:]
    return Record(conditioned(x, rate), rate, onset, offset, onset, offset)

"""Recruited motor units to tune on, so that those of `benchmarks.onset.motor_units` stay unseen.

Another pool in every record: size, thresholds, sizes and rates are drawn, where the held-out generator has one pool
of Fuglevand et al. 1993. Potentials are Hermite functions of first and second order (by which Lo Conte et al. 1994
describe potentials; remembered) that die away slowly, not Rosenfalck's. Lengths and forms of rises, levels and seeds
are others, too.

    python -m benchmarks.onset.tuning            # coverage by cell, on which the interval's constants were found
"""

from __future__ import annotations

import numpy as np

from benchmarks.onset.signals import MARGIN, Record, conditioned
from gluteal.emg.onset import detect_bursts

#: Rises by name, as share of the peak drive over the share of the rise, and their lengths, s.
RISES = {
    "step": (lambda u: np.ones_like(u), 0.0),
    "ramp 35 ms": (lambda u: u, 0.035),
    "ramp 70 ms": (lambda u: u, 0.07),
    "ramp 140 ms": (lambda u: u, 0.14),
    "ramp 260 ms": (lambda u: u, 0.26),
    "sigmoid 120 ms": (lambda u: u * u * (3.0 - 2.0 * u), 0.12),
    "root 110 ms": (np.sqrt, 0.11),
}
LEVELS_DB = (5.0, 7.0, 9.0, 12.0, 17.0, 22.0)


def hermite(rate: float, width: float, order: int, tail: float = 0.0) -> np.ndarray:
    """Potential of one unit from its start to its end (1 % of its peak), peak 1; `width` in s.

    `tail`, s, is the time constant with which it dies away: potentials begin sharply and end slowly, as they run off
    the ends of fibres that are not equally long.
    """
    x = np.arange(-5.0, 5.0, 1.0 / rate / width)
    wave = (x if order == 1 else 1.0 - x * x) * np.exp(-0.5 * x * x)
    if tail:
        wave = np.convolve(wave, np.exp(-np.arange(0.0, 8.0 * tail, 1.0 / rate) / tail))
    wave = wave / np.abs(wave).max()
    strong = np.flatnonzero(np.abs(wave) >= 0.01)
    return wave[strong[0] : strong[-1] + 1]


def make_tuning(
    rng: np.random.Generator, *, rise: str, snr_db: float, rate: float = 2000.0, plateau: float = 0.9
) -> Record:
    """Record of 3 s with one burst of recruited units; truth and scaling as in `benchmarks.onset.motor_units`."""
    form, length = RISES[rise]
    n = round(length * rate)
    flank = form((np.arange(n) + 1.0) / max(n, 1))
    drive = rng.uniform(0.1, 0.6) * np.r_[flank, np.ones(round(plateau * rate)), flank[::-1]]
    units = int(rng.integers(50, 240))
    place = np.sort(rng.uniform(0.0, 1.0, units))
    thresholds = rng.uniform(0.4, 0.9) * np.exp(np.log(rng.uniform(15.0, 60.0)) * (place - 1.0))
    sizes = np.exp(np.log(rng.uniform(15.0, 80.0)) * place) * rng.lognormal(0.0, 0.5, units)
    lowest, highest, gain = rng.uniform(6.0, 11.0), rng.uniform(25.0, 45.0), rng.uniform(25.0, 60.0)
    variation, width = rng.uniform(0.1, 0.3), rng.uniform(0.0007, 0.0018)
    tail = rng.uniform(0.001, 0.004)
    shapes = [hermite(rate, width * rng.uniform(0.7, 1.4), int(rng.integers(1, 3)), tail) for _ in range(30)]
    lead = round(0.05 * rate)
    burst = np.zeros(drive.size + 2 * lead)
    first, last = burst.size, 0
    for threshold, size in zip(thresholds, sizes, strict=True):
        fires = np.where(drive > threshold, np.minimum(lowest + gain * (drive - threshold), highest), 0.0)
        phase = np.cumsum(fires) / rate
        gaps = np.maximum(rng.normal(1.0, variation, int(phase[-1]) * 2 + 4), 0.2)
        at = np.searchsorted(phase, np.cumsum(gaps) - gaps[0] + rng.uniform(0.0, 0.3))
        shape = size * rng.choice((-1.0, 1.0)) * shapes[int(rng.integers(30))]
        for k in at[at < drive.size]:
            begin = lead + int(k)
            end = min(begin + shape.size, burst.size)
            burst[begin:end] += shape[: end - begin]
            first, last = min(first, begin), max(last, end)
    burst *= 10 ** (snr_db / 20) / burst[lead + drive.size // 3 : lead + 2 * drive.size // 3].std()
    margin = round(MARGIN * rate)
    x = rng.standard_normal(round(3.0 * rate) + 2 * margin)
    begin = round(min(rng.uniform(0.7, 1.2) * rate, 2.7 * rate - drive.size)) + margin - lead
    x[begin : begin + burst.size] += burst
    times = (np.array([first, last]) + begin - margin) / rate
    return Record(conditioned(x, rate), rate, times[:1], times[1:], times[:1], times[1:])


def main() -> None:
    """Print the coverage of the 95 % interval by rise and level, 100 records a cell."""
    for rise in RISES:
        cells = []
        for level in LEVELS_DB:
            covered = []
            for seed in range(100):
                record = make_tuning(np.random.default_rng([101, seed]), rise=rise, snr_db=level)
                for burst in detect_bursts(record.signal, record.rate, max_bursts=1).bursts:
                    edges = ((burst.onset_interval_s, record.onset[0]), (burst.offset_interval_s, record.offset[0]))
                    covered += [low <= truth <= high for (low, high), truth in edges]
            cells.append(f"{100 * np.mean(covered):4.0f}")
        print(f"{rise:16}", *cells)


if __name__ == "__main__":
    main()

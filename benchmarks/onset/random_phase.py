"""A third way of making recruited units, written apart from the detector's other test signals: nothing is set on it.

A unit does not fire when it is recruited but at a random moment of its first interval, so that a burst may begin with
one potential of a small unit far ahead of the others: harder than what `benchmarks.onset.motor_units` makes, and as
simple simulators do it. Potentials are derivatives of a Gaussian or a windowed sine, of 5 to 10 ms on each side; ranges
of thresholds and sizes, rate of sampling and filter are drawn for each record. Truth as there.
"""

from __future__ import annotations

import numpy as np
from scipy import signal as sps

from benchmarks.onset.signals import MARGIN, Record

#: Rises by name, as share of the peak drive over the share of the rise, and their lengths, s.
RISES = {
    "step": (np.ones_like, 0.0),
    "ramp 50 ms": (lambda u: u, 0.05),
    "ramp 100 ms": (lambda u: u, 0.1),
    "ramp 200 ms": (lambda u: u, 0.2),
    "saturating 100 ms": (lambda u: (1.0 - np.exp(-3.0 * u)) / (1.0 - np.exp(-3.0)), 0.1),
    "cosine 100 ms": (lambda u: 0.5 - 0.5 * np.cos(np.pi * u), 0.1),
    "cosine 300 ms": (lambda u: 0.5 - 0.5 * np.cos(np.pi * u), 0.3),
}
LEVELS_DB = (6.0, 10.0, 15.0, 20.0)
UNITS, PLATEAU, SECONDS = 100, 0.8, 3.0
BANDS = ((20.0, 450.0), (10.0, 400.0), (20.0, 400.0))


def _potential(rate: float, rng: np.random.Generator) -> np.ndarray:
    """Potential of one unit, from its start to its end (1 % of its peak), peak 1."""
    half = rng.uniform(0.005, 0.010)
    t = np.arange(-half, half, 1.0 / rate)
    kind = int(rng.integers(3))
    width = half / (4.0 if kind else 3.0)
    wave = (t, 1.0 - (t / width) ** 2, np.sin(2.6 * np.pi * t / half))[kind] * np.exp(-0.5 * (t / width) ** 2)
    strong = np.flatnonzero(np.abs(wave) >= 0.01 * np.abs(wave).max())
    return wave[strong[0] : strong[-1] + 1] / np.abs(wave).max()


def make_random_phase(rng: np.random.Generator, *, rise: str, snr_db: float) -> Record:
    """Record of 3 s with one burst: noise of variance 1, the plateau's power `snr_db` over it, both filtered alike."""
    rate, band = float(rng.choice((1000.0, 2000.0))), BANDS[int(rng.integers(len(BANDS)))]
    form, length = RISES[rise]
    margin, n = round(MARGIN * rate), round(SECONDS * rate)
    flank = form((np.arange(round(length * rate)) + 1.0) / max(round(length * rate), 1))
    course = rng.uniform(0.1, 0.6) * np.r_[flank, np.ones(round(PLATEAU * rate)), flank[::-1]]
    begin = margin + round(rng.uniform(0.9, 1.3) * rate)
    drive = np.zeros(n + 2 * margin)
    drive[begin : begin + course.size] = course
    order = np.arange(1, UNITS + 1) / UNITS
    thresholds = 0.015 * rng.choice((15.0, 30.0, 60.0)) ** order
    sizes = rng.choice((30.0, 100.0)) ** (order * rng.uniform(0.5, 1.0)) * rng.lognormal(0.0, 0.3, UNITS)
    burst, first, last = np.zeros(drive.size), drive.size, 0
    for threshold, size, place in zip(thresholds, sizes, order, strict=True):
        fires = np.minimum(8.0 + 54.0 * (drive - threshold) / (1.0 - threshold), 35.0 + 10.0 * (1.0 - place))
        phase = np.cumsum(np.where(drive > threshold, fires, 0.0)) / rate
        wave, due = size * _potential(rate, rng), rng.uniform(0.0, 1.0)
        while due < phase[-1]:
            at = int(np.searchsorted(phase, due))
            end = min(at + wave.size, burst.size)
            burst[at:end] += wave[: end - at]
            first, last = min(first, at), max(last, end)
            due += max(0.3, rng.normal(1.0, 0.2))
    middle = slice(begin + flank.size + round(0.1 * rate), begin + course.size - flank.size - round(0.1 * rate))
    x = rng.standard_normal(drive.size) + 10 ** (snr_db / 20) * burst / burst[middle].std()
    x = sps.sosfiltfilt(sps.butter(2, band, "bandpass", fs=rate, output="sos"), x)[margin:-margin]
    onset, offset = (np.array([edge - margin]) / rate for edge in (first, last))
    return Record(x, rate, onset, offset, onset, offset)

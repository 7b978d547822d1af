"""What is said of sessions whose mains hum is not steady: `python -m benchmarks.onset.hum --seed 7919`.

A session is a recording of two muscles and six repetitions, 500 to 4000 samples a second: bursts of filtered noise or
of a motor-unit carrier, steps or ramps, 12 to 30 dB over white noise at rest, and one muscle 0 to 120 ms behind the
other. Each channel gets hum of 10 to 30 dB over that noise, with harmonics, of one kind. Counted are orders and delays
that `gluteal emg` marks as seen, how many of them are wrong, and channels that were refused.

Nothing is set on the seeds that the table of docs/emg-onsets.md is made of; they are named there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from scipy import signal as sps

from benchmarks.onset.signals import motor_unit_carrier
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.recording import Channel, Recording
from gluteal.emg.session.file import Session, SessionRecording

#: Repetitions, s between them, and s from the start to the first.
REPETITIONS, APART, FIRST = 6, 2.5, 1.5
#: The muscles' names; the second is the reference, because it is a hamstring.
MUSCLES = ("gluteus maximus", "biceps femoris")
#: A statement that is off by no more than this is not counted as wrong, s.
ALLOWED = 0.005
#: Harmonics and the range of each one's amplitude beside the fundamental's.
HARMONICS = ((1, 1.0, 1.0), (2, 0.0, 0.2), (3, 0.1, 0.5), (5, 0.0, 0.3), (7, 0.0, 0.15))

Course = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def steady(time: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Amplitude (1 on the whole) and phase beside that of a constant mains frequency, rad, both (n,)."""
    return np.ones(time.size), np.zeros(time.size)


def drifting(time: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Frequency that goes astray by 0.05 to 0.5 Hz over the recording, straight or back and forth."""
    by, length = rng.choice((-1.0, 1.0)) * np.exp(rng.uniform(np.log(0.05), np.log(0.5))), time[-1]
    if rng.random() < 0.5:
        off = by * (time / length - 0.5)
    else:
        off = 0.5 * by * np.sin(2.0 * np.pi * (rng.uniform(0.5, 2.0) * time / length + rng.random()))
    return np.ones(time.size), 2.0 * np.pi * np.cumsum(off) * (time[1] - time[0])


def swelling(time: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Amplitude that swells and fades within 0.5 to 2 s, to between half of it and nothing."""
    depth, period = rng.uniform(0.5, 1.0), rng.uniform(0.5, 2.0)
    return 1.0 - 0.5 * depth * (1.0 - np.cos(2.0 * np.pi * (time / period + rng.random()))), np.zeros(time.size)


def switching(time: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """On and off at two to eight moments."""
    at = np.sort(rng.uniform(0.3, time[-1] - 0.3, rng.integers(2, 9)))
    on = (np.searchsorted(at, time) + rng.integers(2)) % 2
    return on.astype(float), np.zeros(time.size)


def jumping(time: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Phase that jumps at one to five moments, by at least 0.5 rad."""
    at = np.sort(rng.uniform(0.3, time[-1] - 0.3, rng.integers(1, 6)))
    jumps = np.r_[0.0, np.cumsum(rng.choice((-1.0, 1.0), at.size) * rng.uniform(0.5, np.pi, at.size))]
    return np.ones(time.size), jumps[np.searchsorted(at, time)]


KINDS: dict[str, Course] = {f.__name__: f for f in (steady, drifting, swelling, switching, jumping)}


@dataclass(frozen=True)
class Counts:
    """What was said of sessions, and what of it was wrong."""

    sessions: int = 0
    refused: int = 0
    orders: int = 0
    wrong_orders: int = 0
    delays: int = 0
    wrong_delays: int = 0
    bursts: int = 0
    more_bursts: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Return both together."""
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


def make_hum(time: np.ndarray, rng: np.random.Generator, *, kind: str, level_db: float, mains: float) -> np.ndarray:
    """Hum (n,) of a kind, its power so many dB over one where it is on in full."""
    amplitude, phase = KINDS[kind](time, rng)
    phase = phase + 2.0 * np.pi * (mains + rng.uniform(-0.1, 0.1)) * time
    sizes = [(k, rng.uniform(low, high)) for k, low, high in HARMONICS if k * mains < 0.45 / (time[1] - time[0])]
    total = np.sqrt(sum(size**2 for _, size in sizes) / 2.0)
    waves = sum(size * np.sin(k * phase + rng.uniform(0.0, 2.0 * np.pi)) for k, size in sizes)
    return np.asarray(10 ** (level_db / 20) / total * amplitude * waves)


def make_muscle(time: np.ndarray, onsets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White noise of variance 1 at rest with a burst at each onset, (n,)."""
    rate = 1.0 / (time[1] - time[0])
    if rng.random() < 0.5:
        low, high = rng.uniform(25.0, 60.0), min(rng.uniform(150.0, 350.0), 0.4 * rate)
        sos = sps.butter(1, (low, high), "bandpass", fs=rate, output="sos")
        carrier = sps.sosfilt(sos, rng.standard_normal(time.size + round(rate)))[round(rate) :]
    else:
        carrier = motor_unit_carrier(time.size, rate, rng)
    rise = rng.choice((0.0, 0.03, 0.08))
    envelope = np.zeros(time.size)
    for onset in onsets:
        end = onset + rng.uniform(0.4, 0.9)
        up = (time - onset) / rise if rise else np.ones(time.size)
        inside = (time >= onset) & (time < end)
        envelope[inside] = np.clip(np.minimum(up, (end - time) / max(rise, 1e-9)), 0.0, 1.0)[inside]
    level = 10 ** (rng.uniform(12.0, 30.0) / 20)
    return rng.standard_normal(time.size) + level * envelope * carrier / carrier.std()


def make_session(seed: int, number: int, kind: str | None) -> tuple[Session, dict[str, np.ndarray]]:
    """Session of a seed and its true onsets by muscle, s; without a kind there is no hum."""
    rng = np.random.default_rng((seed, number))
    rate = float(rng.choice((500.0, 1000.0, 1926.0, 2000.0, 2148.0, 4000.0)))
    time = np.arange(round((FIRST + APART * REPETITIONS) * rate)) / rate
    starts = FIRST + APART * np.arange(REPETITIONS) + rng.uniform(-0.3, 0.3, REPETITIONS)
    mains, delay = float(rng.choice((50.0, 60.0))), rng.choice((0.0, 0.01, 0.03, 0.06, 0.12))
    later = rng.permutation(2) * delay
    truth, channels = {}, []
    for i, (muscle, behind) in enumerate(zip(MUSCLES, later, strict=True)):
        # Of their own, so that the muscles are the same whatever the hum.
        rng, other = (np.random.default_rng((seed, number, i, part)) for part in (0, 1))
        onsets = np.round((starts + behind + 0.005 * rng.standard_normal(REPETITIONS)) * rate) / rate
        values = make_muscle(time, onsets, rng)
        if kind is not None:
            values = values + make_hum(time, other, kind=kind, level_db=other.uniform(10.0, 30.0), mains=mains)
        read = partial(np.copy, 1e-5 * values)
        channels.append(Channel(muscle, muscle, "r", "V", rate, 0.0, time.size, read))
        truth[muscle] = onsets
    recording = Recording("made", "made up", tuple(channels), ())
    return Session("made", (SessionRecording("made", "trial", recording),)), truth


def judge(seed: int, number: int, kind: str | None) -> Counts:
    """Count what is said of one session."""
    session, truth = make_session(seed, number, kind)
    analysis = analyse_session(session, workers=1)
    refused = sum(c.bursts is None for c in analysis.channels)
    bursts = sum(len(c.bursts) for c in analysis.channels if c.bursts is not None)
    more = sum(max(len(c.bursts) - REPETITIONS, 0) for c in analysis.channels if c.bursts is not None)
    orders = wrong_orders = delays = wrong_delays = 0
    lag = truth[MUSCLES[0]] - truth[MUSCLES[1]]
    for order in analysis.order:
        if order.orders is not None and order.orders.orders[0].low > 0.5:
            orders += 1
            first = order.orders.orders[0].order[0] == MUSCLES[0]
            wrong_orders += bool(np.mean(lag < 0.0) < 0.5) if first else bool(np.mean(lag > 0.0) < 0.5)
        for one in order.relative:
            if np.isfinite(one.low_s) and not one.low_s < 0.0 < one.high_s:
                delays += 1
                true = float(lag.mean()) * (1.0 if one.muscle == MUSCLES[0] else -1.0)
                wrong_delays += not one.low_s - ALLOWED <= true <= one.high_s + ALLOWED
    return Counts(1, refused, orders, wrong_orders, delays, wrong_delays, bursts, more)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sessions", type=int, default=36, help="of each kind")
    parser.add_argument("--kinds", nargs="*", default=[*KINDS, "none"])
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    print("| hum | sessions | channels refused | orders seen, wrong | delays seen, wrong | bursts, too many |")
    print("| --- | --- | --- | --- | --- | --- |")
    with ProcessPoolExecutor(given.workers) as pool:
        for kind in given.kinds:
            ask = partial(judge, given.seed, kind=None if kind == "none" else kind)
            n = sum(pool.map(ask, range(given.sessions)), Counts())
            print(
                f"| {kind} | {n.sessions} | {n.refused} of {2 * n.sessions} | {n.orders}, {n.wrong_orders} "
                f"| {n.delays}, {n.wrong_delays} | {n.bursts}, {n.more_bursts} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

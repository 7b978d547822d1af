"""EMG-informed load sharing: the cheapest sharing that follows what was recorded.

An envelope of EMG is activation up to two unknowns. Its height depends on the electrode, so every channel has a gain;
and force follows the signal by the electromechanical delay, one for a recording, since all its channels went through
the same filters. The delay is the one at which the sharing that knows nothing of the recording agrees best with it; the
gains and the sharing then take turns (alternating least squares, see `fit_gain`) until the gains stand still. Every
step is the same quadratic problem with a soft row per channel.

What it is not: it says nothing new of muscles that no electrode saw, and it does not lower joint forces. So channels
can be held out, and how well they are met says how far to trust the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gluteal.emg.labels import read_labels
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.build import Mechanics
from gluteal.sharing.criterion import Criterion, TrackedChannel
from gluteal.sharing.soft import pooling_row
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import Side, side_of

#: What being off a channel by a whole activation costs, a fully active muscle being 1: own choice, at which recorded
#: and shared activation agree at about 0.9 while the effort rises by about a third.
TRACKING_PRICE = 30.0
#: Delays that are tried, s: force lags surface EMG by 30 to 120 ms, a filter may add to it or have taken it off. Own
#: choice.
DELAYS = tuple(round(0.01 * step, 2) for step in range(21))
#: Turns of gains and sharing, at the most, and the relative change of a gain at which they end: own choice.
TURNS, SETTLED = 20, 1e-3
#: Muscles that an electrode sees and bodies have in parts.
SEEN_TOGETHER = {
    "medial hamstrings": ("semimembranosus", "semitendinosus"),
    "lateral hamstrings": ("biceps femoris",),
}


@dataclass(frozen=True, eq=False)
class Recorded:
    """One channel of a movement's own recording, beside the muscles it sees.

    Attributes
    ----------
    name, muscle : str
    side : "r" | "l"
    muscles : tuple of str
        Of the body.
    time, envelope : (N,) arrays, s and 1
        The envelope over its largest value in the movement; what filters left below zero is zero.
    """

    name: str
    muscle: str
    side: Side
    muscles: tuple[str, ...]
    time: np.ndarray
    envelope: np.ndarray

    def at(self, frames: np.ndarray, delay: float) -> np.ndarray:
        """Return the envelope a delay before each frame, (frames,) 1."""
        return np.interp(frames - delay, self.time, self.envelope)

    def covers(self, frames: np.ndarray, delay: float) -> np.ndarray:
        """Return which frames were recorded a delay before, (frames,) bool; a sample's width more at both ends."""
        width = float(np.median(np.diff(self.time)))
        return (frames - delay >= self.time[0] - width) & (frames - delay <= self.time[-1] + width)


@dataclass(frozen=True, eq=False)
class TrackedEmg:
    """A criterion that follows EMG, and what was estimated for it.

    Attributes
    ----------
    criterion : Criterion
    solution : Solution
        Shared by it.
    plain : Solution
        Shared without knowing the recording.
    delay : float
        Of force behind EMG, s.
    channels, held_out : tuple of Recorded
        Followed, and kept aside.
    turns : int
    """

    criterion: Criterion
    solution: Solution
    plain: Solution
    delay: float
    channels: tuple[Recorded, ...]
    held_out: tuple[Recorded, ...]
    turns: int

    @property
    def effort_ratio(self) -> float:
        """Mean effort of the sharing that follows / of the cheapest, 1."""
        effort, least = (float(s.dataset["effort"].mean("time", skipna=False)) for s in (self.solution, self.plain))
        return effort / least if least > 0.0 else float("nan")

    @property
    def sentence(self) -> str:
        """What was estimated, and how well the recording is met, in one or two sentences."""
        rows = self.to_json()["channels"]

        def mean(key: str, held_out: bool) -> float:
            values = [r[key] for r in rows if r["held_out"] is held_out and r[key] is not None]
            return float(np.mean(values)) if values else float("nan")

        text = (
            f"{len(self.channels)} channels are followed {1000 * self.delay:.0f} ms behind the EMG at "
            f"{self.effort_ratio:.2f} times the least effort: r = {mean('correlation', False):.2f} on average instead "
            f"of {mean('correlation_plain', False):.2f}."
        )
        if self.held_out:
            text += (
                f" Of {len(self.held_out)} held out, r = {mean('correlation', True):.2f} instead of "
                f"{mean('correlation_plain', True):.2f}."
            )
        return text

    def to_json(self) -> dict[str, Any]:
        """Return delay, gains and agreement by channel, followed and held out."""
        gains = {c.name: c.gain for c in self.criterion.tracked}
        rows = []
        for channel in (*self.channels, *self.held_out):
            envelope = channel.at(self.plain.mechanics.time, self.delay)
            before, after = (correlate(envelope, pooled(s, channel.muscles)) for s in (self.plain, self.solution))
            rows.append(
                {
                    "channel": channel.name,
                    "muscle": channel.muscle,
                    "side": channel.side,
                    "held_out": channel.name not in gains,
                    "gain": gains.get(channel.name),
                    "correlation_plain": _number(before),
                    "correlation": _number(after),
                }
            )
        return {
            "delay_s": self.delay,
            "price": self.criterion.tracking_price,
            "turns": self.turns,
            "effort_ratio": _number(self.effort_ratio),
            "channels": rows,
        }


def list_recorded(mechanics: Mechanics) -> tuple[Recorded, ...]:
    """Return the channels of a movement's own EMG that see a muscle of its body; the side unsaid is the right.

    Raises
    ------
    InputError
        Where the movement has no EMG, or none that belongs to a muscle of the body.
    """
    table, body = mechanics.movement.emg, mechanics.body
    if table is None:
        raise InputError(
            f"The movement {mechanics.movement.name!r} was not recorded with EMG; name its table in the trial "
            "(emg = ...), or choose another criterion: effort, size, joint-sparing."
        )
    names = [str(n) for n in table["channel"].values]
    found = []
    for name, label, course in zip(names, read_labels(names), table.values.T, strict=True):
        envelope = np.maximum(course, 0.0)
        if label.muscle is None or not (np.isfinite(envelope).all() and envelope.max() > 0.0):
            continue
        side: Side = label.side or "r"
        try:
            parts = SEEN_TOGETHER.get(label.muscle, (label.muscle,))
            muscles = tuple(dict.fromkeys(m for part in parts for m in body.resolve(part, side=side)))
        except UnknownName:
            continue
        muscles = tuple(m for m in muscles if side_of(m) == side)
        if muscles:
            time = table["time_emg"].values
            found.append(Recorded(name, label.muscle, side, muscles, time, envelope / envelope.max()))
    if not found:
        raise InputError(
            f"No channel of {mechanics.movement.name!r} names a muscle of body {body.name!r}: {', '.join(names)}. "
            "Rename them after the muscles (gluteal list muscles)."
        )
    return tuple(found)


def pooled(solution: Solution, muscles: Sequence[str]) -> np.ndarray:
    """Return the activation an electrode over some muscles would see, (time,) 1: pooled by max_isometric_force."""
    return np.asarray(solution.activation.values @ pooling_row(solution.mechanics, muscles))


def correlate(a: np.ndarray, b: np.ndarray) -> float:
    """Return Pearson's r of two courses; nan where one does not change."""
    if np.ptp(a) <= 1e-9 or np.ptp(b) <= 1e-9:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def estimate_delay(plain: Solution, channels: Sequence[Recorded]) -> float:
    """Return the one delay of a recording, s, at which channels agree best with a sharing that knows nothing of them.

    Their mean correlation decides, of those of `DELAYS`.
    """
    time = plain.mechanics.time
    courses = [pooled(plain, c.muscles) for c in channels]

    def agreement(delay: float) -> float:
        seen = [c.covers(time, delay) for c in channels]
        each = [
            correlate(c.at(time, delay)[here], course[here])
            for c, course, here in zip(channels, courses, seen, strict=True)
            if np.count_nonzero(here) > 1
        ]
        known = [r for r in each if np.isfinite(r)]
        return float(np.mean(known)) if known else -np.inf

    return max(DELAYS, key=agreement)


def fit_gain(envelope: np.ndarray, activation: np.ndarray) -> float:
    """Return the ratio of root mean squares, activation per envelope, 1; 0 where the envelope is silent.

    The slope of least squares is this times their agreement: in turns with the sharing it shrinks the gain of a channel
    that disagrees until nothing of it is followed. This one says how high a channel stands, and nothing of its shape.
    """
    size = float(envelope @ envelope)
    return float(np.sqrt(activation @ activation / size)) if size > 0.0 else 0.0


def track_emg(
    mechanics: Mechanics,
    *,
    criterion: Criterion | None = None,
    channels: Sequence[Recorded] | None = None,
    price: float = TRACKING_PRICE,
    held_out: Sequence[str] = (),
) -> TrackedEmg:
    """Estimate delay and gains of a movement's own EMG, and make the criterion that follows it.

    Parameters
    ----------
    criterion : Criterion or None
        What counts beside the recording; None is sum(a^2).
    channels : sequence of Recorded or None
        None is the movement's own recording.
    price : float
        Of every channel.
    held_out : sequence of str
        Channels that are not followed, and take no part in estimating.

    Raises
    ------
    InputError
        As `list_recorded`; and where a channel held out is not in the recording, or none is left.
    Unsolved
        Where a frame is not solved.
    """
    every = tuple(list_recorded(mechanics) if channels is None else channels)
    if unknown := [name for name in held_out if name not in {c.name for c in every}]:
        raise InputError(f"The recording has no channel {unknown[0]!r}; it has: {', '.join(c.name for c in every)}.")
    kept = tuple(c for c in every if c.name not in held_out)
    if not kept:
        raise InputError("Every channel is held out; leave at least one to follow.")
    plain = solve_sharing(mechanics, criterion=criterion)
    delay = estimate_delay(plain, kept)
    envelopes = [c.at(mechanics.time, delay) for c in kept]
    gains = np.array([fit_gain(e, pooled(plain, c.muscles)) for e, c in zip(envelopes, kept, strict=True)])
    turns, solution, following = 0, plain, criterion or Criterion()
    while turns < TURNS:
        turns += 1
        tracked = tuple(
            TrackedChannel(c.name, c.muscles, e, float(g)) for c, e, g in zip(kept, envelopes, gains, strict=True)
        )
        following = replace(following, tracked=tracked, tracking_price=price, title="emg")
        solution = solve_sharing(mechanics, criterion=following)
        new = np.array([fit_gain(e, pooled(solution, c.muscles)) for e, c in zip(envelopes, kept, strict=True)])
        settled = np.all(np.abs(new - gains) <= SETTLED * np.maximum(np.abs(new), 1e-6))
        if settled:
            break
        gains = new
    return TrackedEmg(following, solution, plain, delay, kept, tuple(c for c in every if c not in kept), turns)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None

"""A solved movement beside the EMG that was recorded with it, compared like with like.

Force follows the signal, so at zero lag a shared activation and its recording look unlike where they agree. One delay
is estimated for a recording (`gluteal.simulate.emg_tracking.estimate_delay`) and stated; heights differ by a gain per
channel, stated too. And the cheapest sharing is one of many: what a recording contradicts is said by the share of
frames at which it lies outside what *any* sharing near the least effort can do (`gluteal.sharing.bands`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gluteal.errors import InputError
from gluteal.files import plain
from gluteal.sharing.bands import SLACKS, solve_bands
from gluteal.sharing.solution import Solution
from gluteal.simulate.emg_tracking import Recorded, correlate, estimate_delay, fit_gain, list_recorded, pooled
from gluteal.vocabulary import Side

#: How far outside a band a scaled envelope may lie and count as inside, activation 1: noise of an envelope. Own choice.
COVER_MARGIN = 0.02
#: Gains that are tried for a channel, as shares of that which gives both the same root mean square: an electrode's
#: height is unknown, but a channel that is turned down to nothing fits everywhere. Own choice.
GAIN_RANGE = tuple(round(0.5 + 0.1 * step, 1) for step in range(16))
#: Frames at which bands are looked for, evenly spaced.
BAND_FRAMES = 150
#: Fewest frames that a recording and a movement must have in common.
LEAST_FRAMES = 10


@dataclass(frozen=True)
class ChannelAgreement:
    """One channel beside the sharing.

    Attributes
    ----------
    channel, muscle : str
    side : "r" | "l"
    gain : float
        Activation per envelope (largest 1) that gives both the same root mean square, 1.
    correlation_zero_lag, correlation : float
        Pearson's r as the files have it, and at the recording's delay; nan where one does not change.
    rmse : float
        Root mean square difference at gain and delay, activation 1.
    covered : tuple of float
        Share of frames at which the scaled envelope lies in the band of each of `slacks`, at the best gain of
        `GAIN_RANGE`.
    """

    channel: str
    muscle: str
    side: Side
    gain: float
    correlation_zero_lag: float
    correlation: float
    rmse: float
    covered: tuple[float, ...]


@dataclass(frozen=True)
class RecordedAgreement:
    """A movement's recording beside its sharing.

    Attributes
    ----------
    name, criterion : str
    delay : float
        Of force behind EMG, one for the recording, s.
    slacks : tuple of float
        Of the bands.
    channels : tuple of ChannelAgreement
    pooled_correlation : float
        Of all channels end to end, each scaled by its gain, at the delay.
    """

    name: str
    criterion: str
    delay: float
    slacks: tuple[float, ...]
    channels: tuple[ChannelAgreement, ...]
    pooled_correlation: float
    courses: tuple[tuple[np.ndarray, np.ndarray], ...] = field(repr=False, compare=False, default=())

    @property
    def mean_correlation(self) -> float:
        """Mean over channels at the delay; channels that do not change are left out."""
        known = [c.correlation for c in self.channels if np.isfinite(c.correlation)]
        return float(np.mean(known)) if known else float("nan")

    @property
    def covered(self) -> tuple[float, ...]:
        """Share of all channels' frames inside the band of each slack."""
        return tuple(np.mean([c.covered for c in self.channels], axis=0).tolist())

    def to_json(self) -> dict[str, Any]:
        """Return everything but the curves as plain data."""
        return plain(
            {
                "movement": self.name,
                "criterion": self.criterion,
                "delay_s": self.delay,
                "slacks": self.slacks,
                "mean_correlation": self.mean_correlation,
                "pooled_correlation": self.pooled_correlation,
                "covered": self.covered,
                "channels": [asdict(c) for c in self.channels],
            }
        )


def compare_recorded(
    solution: Solution,
    *,
    channels: Sequence[Recorded] | None = None,
    delay: float | None = None,
    slacks: Sequence[float] = SLACKS,
) -> RecordedAgreement:
    """Set a solved movement beside the EMG recorded with it.

    Parameters
    ----------
    channels : sequence of Recorded or None
        None is the movement's own recording.
    delay : float or None
        Of force behind EMG, s; None is estimated.
    slacks : sequence of float
        Of the bands; none skips them.

    Raises
    ------
    InputError
        Where the movement was not recorded with EMG that belongs to its body.
    Unsolved
        Where a frame or an end of a band was not solved.
    """
    mechanics = solution.mechanics
    channels = list_recorded(mechanics) if channels is None else channels
    delay = estimate_delay(solution, channels) if delay is None else delay
    time, places = mechanics.time, mechanics.body.muscle_places
    seen = np.flatnonzero(np.all([c.covers(time, delay) for c in channels], axis=0))
    if len(seen) < LEAST_FRAMES:
        raise InputError(
            f"Recording and movement {mechanics.movement.name!r} have {len(seen)} frames in common at a delay of "
            f"{1000 * delay:.0f} ms; give the EMG of the same trial, on the same clock."
        )
    frames = seen[np.unique(np.linspace(0, len(seen) - 1, min(BAND_FRAMES, len(seen))).round().astype(int))]
    readings = {c.name: [places[m] for m in c.muscles] for c in channels}
    bands = None
    if slacks:
        bands = solve_bands(solution, slacks=slacks, groups=readings, joints=False, frames=frames).activation
    rows, courses = [], []
    for c in channels:
        envelope, activation = c.at(time, delay), pooled(solution, c.muscles)
        covered: tuple[float, ...] = ()
        course = activation[seen]
        gain = fit_gain(envelope[seen], course)
        if bands is not None:
            band = bands.sel(group=c.name).values
            covered = tuple(_cover(gain * envelope[frames], band[k]) for k in range(len(slacks)))
        rows.append(
            ChannelAgreement(
                channel=c.name,
                muscle=c.muscle,
                side=c.side,
                gain=gain,
                correlation_zero_lag=correlate(c.at(time, 0.0), activation),
                correlation=correlate(envelope[seen], course),
                rmse=float(np.sqrt(np.mean((gain * envelope[seen] - course) ** 2))),
                covered=covered,
            )
        )
        courses.append((gain * envelope[seen], course))
    return RecordedAgreement(
        name=mechanics.movement.name,
        criterion=solution.problem.criterion.name,
        delay=delay,
        slacks=tuple(slacks),
        channels=tuple(rows),
        pooled_correlation=correlate(*(np.concatenate([pair[i] for pair in courses]) for i in (0, 1))),
        courses=tuple(courses),
    )


def _cover(scaled: np.ndarray, band: np.ndarray) -> float:
    """Return the share of frames at which an envelope lies in a band (frame, end), at the gain that suits it best."""
    low, high = band[:, 0] - COVER_MARGIN, band[:, 1] + COVER_MARGIN
    return max(float(np.mean((k * scaled >= low) & (k * scaled <= high))) for k in GAIN_RANGE)

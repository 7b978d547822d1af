"""What repeats in a recording: movement starts, foot strikes, bursts of a reference muscle; onsets beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from gluteal.emg.conditioning import bridge_missing, checked_signal, filter_zero_lag, zero_lag_butter
from gluteal.emg.recording import Event
from gluteal.vocabulary import Side

#: Shares of a movement's range, all ours: a repetition reaches half of it, and the next begins after a return to a
#: quarter. It started where the signal left rest by five of rest's standard deviations, at least 1 and at most 10 %.
REACHED, RETURNED = 0.5, 0.25
NOISE, LEAST_STARTED, MOST_STARTED = 5.0, 0.01, 0.10
#: Corner of the low-pass of a movement signal, Hz (Winter 2009, section 3.4.4: human movement lies below 6-10 Hz).
MOVEMENT_HZ = 10.0
#: Farthest onset that still belongs to a repetition, s. Ours; half the way to the next repetition where that is less.
FARTHEST = 1.0
#: Two foot strikes of one side farther apart than this are no stride, s.
LONGEST_STRIDE = 3.0

_STRIKE = ("strike", "contact", "heel", "touch", "hs", "ic")
_NO_STRIKE = ("off", "toe")


def find_movement_starts(values: np.ndarray, rate: float, *, start: float = 0.0) -> tuple[float, ...]:
    """Find when each repetition of a movement started, from an angle, a position or the like.

    Rest is the median of the fifth of the range (5th to 95th percentile) at that end beside which more time is
    spent. A repetition reaches half of the range; it started when it last was at rest (`NOISE`).

    Parameters
    ----------
    values : ndarray, (n,)
        The signal, any unit.
    rate : float
        Samples per second.
    start : float
        Time of the first sample, s.

    Returns
    -------
    tuple of float
        s; none where the signal does not move.

    Raises
    ------
    InputError
        Where it is no signal.
    """
    x = checked_signal(values, rate)
    x = bridge_missing(x, ~np.isfinite(x))
    if rate > 2.5 * MOVEMENT_HZ:
        x = filter_zero_lag(x, zero_lag_butter(2, MOVEMENT_HZ, "low", rate))
    low, high = np.quantile(x, [0.05, 0.95])
    # What filtering leaves of a constant is rounding.
    if high - low <= 1e-9 * float(np.abs(x).max()):
        return ()
    share = (x - low) / (high - low)
    if np.count_nonzero(share < 0.2) < np.count_nonzero(share > 0.8):
        share = 1.0 - share
    quiet = share[share < 0.2]
    rest = float(np.median(quiet))
    # Normal noise has a standard deviation of 1.4826 median absolute deviations.
    noise = 1.4826 * float(np.median(np.abs(quiet - rest)))
    started = rest + float(np.clip(NOISE * noise, LEAST_STARTED, MOST_STARTED))
    found: list[float] = []
    moving = False
    for i in np.flatnonzero(np.diff((share > REACHED).astype(np.int8)) != 0):
        if share[i + 1] > REACHED and not moving:
            before = np.flatnonzero(share[: i + 1] < started)
            if before.size and (not found or start + before[-1] / rate > found[-1]):
                found.append(float(start + (before[-1] + 1) / rate))
            moving = True
        elif share[i + 1] <= REACHED:
            ahead = share[i + 1 :]
            back = np.flatnonzero(ahead < RETURNED)
            again = np.flatnonzero(ahead > REACHED)
            moving = not (back.size and (not again.size or back[0] < again[0]))
    return tuple(found)


def foot_strikes(events: Sequence[Event], side: Side | None) -> tuple[float, ...]:
    """Return the times of the foot strikes of a side, s; of either where events state none."""
    return tuple(sorted(e.time for e in events if is_strike(e) and e.side in (side, None)))


def is_strike(event: Event) -> bool:
    """Return whether an event is a foot reaching the ground.

    >>> is_strike(Event("Foot Strike", 1.0, "r")), is_strike(Event("Foot Off", 1.0, "r"))
    (True, False)
    """
    words = event.name.lower().replace("_", " ").replace("-", " ").split()
    if any(w in words for w in _NO_STRIKE):
        return False
    return any(w in words for w in _STRIKE) or "strike" in event.name.lower()


def movement_events(events: Sequence[Event]) -> tuple[str, tuple[float, ...]] | None:
    """Return the name and times of the event that repeats most and is no step; None where there is none."""
    others = [e for e in events if not is_strike(e) and not any(w in e.name.lower() for w in ("off", "toe"))]
    if not others:
        return None
    name, _ = Counter(e.name for e in others).most_common(1)[0]
    return name, tuple(sorted(e.time for e in others if e.name == name))


def match_onsets(
    onsets: Sequence[float], onset_sd: Sequence[float], references: Sequence[float], *, farthest: float = FARTHEST
) -> tuple[np.ndarray, np.ndarray]:
    """Return the onset nearest to each reference time and its standard deviation, (repetitions,), s; nan for none.

    An onset belongs to one repetition only: it must lie within `farthest` and nearer to this reference than to
    the next.
    """
    times = np.asarray(references, dtype=float)
    out, sd = np.full(times.size, np.nan), np.full(times.size, np.nan)
    pairs = [(t, s) for t, s in zip(onsets, onset_sd, strict=True) if np.isfinite(t)]
    for onset, error in pairs:
        i = int(np.argmin(np.abs(times - onset))) if times.size else 0
        if times.size == 0 or abs(onset - times[i]) > farthest:
            continue
        if not np.isfinite(out[i]) or abs(onset - times[i]) < abs(out[i] - times[i]):
            out[i], sd[i] = onset, error
    return out, sd

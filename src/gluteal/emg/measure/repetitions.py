"""What repeats in a recording: movement starts, foot strikes, bursts of a reference muscle; onsets beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from gluteal.emg.recording import Event
from gluteal.emg.samples import as_samples
from gluteal.emg.signal.conditioning import bridge_missing
from gluteal.kernels.butterworth import filter_zero_lag, zero_lag_butter
from gluteal.vocabulary import Side

#: Shares of a movement's range, all ours: a repetition reaches half of it, and the next begins after a return to a
#: quarter. It started where the signal left rest by five of rest's standard deviations, at least 1 and at most 10 %.
REACHED, RETURNED = 0.5, 0.25
NOISE, LEAST_STARTED, MOST_STARTED = 5.0, 0.01, 0.10
#: Corner of the low-pass of a movement signal, Hz (Winter 2009, section 3.4.4: human movement lies below 6-10 Hz).
MOVEMENT_HZ = 10.0
#: Farthest onset that still belongs to a repetition, s. Ours; half the way to the next repetition where that is less.
FARTHEST = 1.0
#: Length of the mean of unit vectors from which a muscle counts as starting once a cycle. Own choice: onsets evenly
#: over 0.6 of the cycle have a mean of half.
ONE_PHASE = 0.5
#: Two foot strikes of one side farther apart than this are no stride, s.
LONGEST_STRIDE = 3.0

#: Words of gait events: a part of the foot with what it does, and names that say it alone.
_LANDING, _STRIKE = {"heel", "foot"}, {"strike", "contact", "touch", "touchdown"}
_STRIKE_ALONE = {
    "strike",
    "hs",
    "ic",
    "rhs",
    "lhs",
    "ric",
    "lic",
    "heelstrike",
    "footstrike",
    "heelcontact",
    "footcontact",
}
_LEAVING, _OFF = {"heel", "foot", "toe"}, {"off", "rise", "lost"}
_OFF_ALONE = {"rto", "lto", "toeoff", "footoff", "heeloff"}


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
    x = as_samples(values, rate)
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
    resting, back, high = (np.flatnonzero(m) for m in (share < started, share < RETURNED, share > REACHED))
    found: list[float] = []
    for i in np.flatnonzero((share[1:] > REACHED) & (share[:-1] <= REACHED)).tolist():
        rest_at, was_high = _last(resting, i), _last(high, i)
        returned = was_high < 0 or _last(back, i) > was_high
        if rest_at >= 0 and returned and (not found or start + rest_at / rate > found[-1]):
            found.append(float(start + (rest_at + 1) / rate))
    return tuple(found)


def _last(at: np.ndarray, i: int) -> int:
    """The last of the rising indices `at` that is not after i; -1 for none."""
    k = int(np.searchsorted(at, i, "right"))
    return int(at[k - 1]) if k else -1


def foot_strikes(events: Sequence[Event], side: Side | None) -> tuple[float, ...]:
    """Return the times of the foot strikes of a side, s; of either where events state none."""
    return tuple(sorted(e.time for e in events if is_strike(e) and e.side in (side, None)))


def is_strike(event: Event) -> bool:
    """Return whether an event is a foot reaching the ground.

    >>> is_strike(Event("Foot Strike", 1.0, "r")), is_strike(Event("Foot Off", 1.0, "r"))
    (True, False)
    """
    return _step(event) == "strike"


def _step(event: Event) -> Literal["strike", "off"] | None:
    """Whether an event is a foot reaching or leaving the ground, by the whole words of its name; None for neither."""
    words = {w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", event.name)}
    if words & _OFF_ALONE or (words & _LEAVING and words & _OFF) or {"contact", "lost"} <= words:
        return "off"
    if words & _STRIKE_ALONE or (words & _LANDING and words & _STRIKE) or {"initial", "contact"} <= words:
        return "strike"
    return None


def movement_event(events: Sequence[Event]) -> str | None:
    """Return the name of the event that repeats most and is no step; None where there is none."""
    others = Counter(e.name for e in events if _step(e) is None)
    return others.most_common(1)[0][0] if others else None


def usual_phase(onsets: Sequence[np.ndarray], references: Sequence[np.ndarray]) -> float:
    """Where in the cycle of its reference a muscle usually starts, as a share of it from -0.5 to 0.5.

    The circular mean (Mardia and Jupp 2000, Directional Statistics, section 2.2, remembered) over trials; 0, beside the
    reference, where onsets are spread over the cycle.

    Parameters
    ----------
    onsets, references : sequences of (n,)
        Times in each trial, s, in order.
    """
    turns = [
        np.interp(on[(on >= at[0]) & (on < at[-1])], at, np.arange(at.size))
        for on, at in zip(onsets, references, strict=True)
        if at.size > 1
    ]
    found = np.concatenate(turns) if turns else np.empty(0)
    mean = np.exp(2j * np.pi * found).mean() if found.size else 0.0
    return float(np.angle(mean) / (2.0 * np.pi)) if abs(mean) > ONE_PHASE else 0.0


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

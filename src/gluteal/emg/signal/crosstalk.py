"""Hints that two channels carry one signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gluteal.emg.parallel import map_threads
from gluteal.emg.signal import artefacts as measure
from gluteal.emg.signal.copies import delayed_correlations, shares_through_a_filter
from gluteal.emg.signal.quality import band_passed
from gluteal.errors import InputError

#: Correlation from which two channels are one signal. Own choice: 90 % of the variance.
SAME = 0.95


@dataclass(frozen=True)
class Crosstalk:
    """Two channels that are, in part, one signal.

    Attributes
    ----------
    first, second : str
        Names of the channels.
    correlation : float
        Largest magnitude of the normalised cross-correlation of the band-passed signals, 0-1; of copies that are
        delayed or filtered that with the delay and the filter undone.
    shared_percent : float
        Its square: variance that one explains of the other, %.
    lag_s : float
        How much later the second follows the first, s.
    sentence : str
        For people.
    """

    first: str
    second: str
    correlation: float
    shared_percent: float
    lag_s: float
    sentence: str


def find_crosstalk(
    signals: Mapping[str, np.ndarray | Callable[[], np.ndarray]],
    rate: float,
    *,
    limit: float = 0.5,
    same: float = SAME,
    longest_lag_s: float = 0.010,
    mains_hz: tuple[float, ...] = (50.0, 60.0),
    longest_s: float = 60.0,
    workers: int = 1,
) -> tuple[Crosstalk, ...]:
    """List pairs of channels whose raw signals go together more than two muscles can.

    Two muscles active at the same time have alike envelopes but independent raw signals; a raw correlation
    means a shared source: spread through tissue, electrodes too close, or one cable in two inputs. Below
    `limit` no hint is given: raw correlation cannot prove that there is no crosstalk (Farina et al. 2002,
    Muscle Nerve 26:681-695: the shape changes on its way).

    Parameters
    ----------
    signals : mapping of str to ndarray (n,), or functions that return one
        Raw channels of one recording, one rate, one start.
    rate : float
        Samples per second.
    limit : float
        Least correlation reported. Ours: r = 0.5 is a quarter of the variance; channels of the test
        recordings stay below 0.4 (hamstrings beside biceps femoris).
    same : float
        From here on the two are called one signal.
    longest_lag_s : float
        Spread along muscle fibres at 4 m/s over 4 cm takes 10 ms.
    mains_hz : tuple of float
        Hum is common to all channels and is taken out first.
    longest_s : float
        Only the middle part of this length is compared, so that time and memory stay bounded.
    workers : int
        Threads.

    Raises
    ------
    InputError
        Where the channels differ in length.
    """

    def prepare(given: np.ndarray | Callable[[], np.ndarray]) -> tuple[int, np.ndarray | None]:
        x = np.asarray(given() if callable(given) else given, dtype=float)
        part = _middle(x, round(longest_s * rate))
        sound = np.isfinite(part).all() and np.ptp(part) > 0.0
        return x.size, _unit(part, rate, mains_hz) if sound else None

    read = dict(zip(signals, map_threads(prepare, list(signals.values()), workers), strict=True))
    if len({size for size, _ in read.values()}) > 1:
        raise InputError("Channels of different length cannot be compared; give channels of one recording.")
    prepared = {name: row for name, (_, row) in read.items() if row is not None}
    names = list(prepared)
    found: list[Crosstalk] = []
    if len(names) < 2:
        return ()
    rows = np.vstack(list(prepared.values()))
    strength, lags = _peak_correlations(rows, max(1, round(longest_lag_s * rate)))
    delayed, delays = delayed_correlations(rows, rate)
    filtered = np.sqrt(shares_through_a_filter(rows, rate))
    for a, b in combinations(range(len(names)), 2):
        r, first, second = float(strength[a, b]), names[a], names[b]
        how = ""
        if r < same and delayed[a, b] >= same:
            r, lags[a, b] = float(delayed[a, b]), delays[a, b]
            how = f", {1e3 * abs(lags[a, b]) / rate:.0f} ms apart"
        elif r < same and max(filtered[a, b], filtered[b, a]) >= same:
            r, how = float(max(filtered[a, b], filtered[b, a])), " through another filter"
        if r >= limit:
            shared = 100.0 * r * r
            words = (
                f"{first} and {second} are one signal{how} (r = {r:.2f}): look for one cable in two inputs."
                if r >= same
                else f"{first} and {second} share {shared:.0f} % of their signal; each may show the other muscle."
            )
            found.append(Crosstalk(first, second, r, shared, float(lags[a, b] / rate), words))
    return tuple(sorted(found, key=lambda c: -c.correlation))


def _middle(x: np.ndarray, most: int) -> np.ndarray:
    start = max(0, (x.size - most) // 2)
    return x[start : start + most]


def _unit(x: np.ndarray, rate: float, mains_hz: tuple[float, ...]) -> np.ndarray:
    """Band-passed, without hum, unit energy; single precision: the correlation needs no more."""
    y = band_passed(x, rate)
    for mains in mains_hz:
        if mains < 0.45 * rate:
            lines = measure.hum(*measure.spectrum(y, rate, length_s=2.0), rate, mains).lines
            y = measure.without_lines(y, rate, lines)
    norm = float(np.linalg.norm(y))
    return (y / norm if norm > 0.0 else y).astype(np.float32)


def _peak_correlations(rows: np.ndarray, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Largest |correlation| of all pairs of unit rows (c, n) within +-longest samples, and its lag.

    Both (c, c); the lag at [a, b] is by how many samples b follows a. All pairs at once, one product per lag.
    """
    count, n = rows.shape
    best = np.zeros((count, count))
    lags = np.zeros((count, count), dtype=int)
    for lag in range(min(longest, n - 1) + 1):
        later = np.abs(rows[:, : n - lag] @ rows[:, lag:].T)
        for value, shift in ((later, lag), (later.T, -lag)):
            better = value > best
            best[better] = value[better]
            lags[better] = shift
    return np.minimum(best, 1.0), lags

"""The default detector: bursts by likelihood ratio, each edge by its probability under rises of any form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gluteal.emg.onset.bursts import NAN, UNKNOWN, Burst
from gluteal.emg.onset.edge import EdgeModel, Rise
from gluteal.emg.onset.grain import potential_interval
from gluteal.emg.onset.locate import Place, Places, locate_bursts
from gluteal.emg.onset.prepare import Power, prepare_power
from gluteal.emg.onset.slow import with_slow_rise
from gluteal.emg.onset.summary import Edge, summarise_onset

#: How far around the rough edge the onset is sought, s: before, and into the burst.
BEFORE, AFTER = 0.35, 0.40
#: Most bursts that learn from each other.
GROUP = 40


@dataclass(frozen=True, kw_only=True)
class RiseSettings:
    """Settings of the method "rise".

    Attributes
    ----------
    high_pass : float
        Corner of the high-pass, Hz; 0 leaves it out. 20 Hz: De Luca et al. 2010, J Biomech 43:1573.
    slow_high_pass : float
        Corner, Hz, that takes the place of `high_pass` where heart beats or other slow waves that no muscle makes
        are seen; 0 never. Drake and Callaghan 2006, J Electromyogr Kinesiol 16:175, compare 20 to 60 Hz and find
        30 Hz best for amplitude; for finding bursts 30 Hz left one in a tenth of simulated records with a heart
        and without a burst, 45 Hz in none of 200. 60 Hz is a margin for sharper beats.
    zero_lag : (float, float) or None
        Corners of one pass of the zero-lag Butterworth filter (4th order in all) the signal has been through, Hz, the
        upper one half the rate where there is none; None where it is as recorded. Such a filter smears a burst to
        before its onset by some milliseconds, and is made to look back.
        20-450 Hz is the field's habit (De Luca et al. 2010).
    shortest_burst : float
        Shortest burst and shortest gap, s. 30 ms: Bonato et al. 1998, section II.
    smallest_db : float
        Lowest power of a burst over rest, dB. Own choice: 1 dB is a burst 6 dB under the noise.
    kinds : (float, float, float)
        How likely an edge is a step, a linear ramp, or the flank of a truncated Gaussian, before looking.
        Own choice; say (0, 0, 1) where bursts are known to be bell-shaped.
    """

    high_pass: float = 20.0
    slow_high_pass: float = 60.0
    zero_lag: tuple[float, float] | None = (20.0, 450.0)
    shortest_burst: float = 0.030
    smallest_db: float = 1.0
    kinds: tuple[float, float, float] = (0.34, 0.30, 0.36)


def locate(
    signal: np.ndarray,
    rate: float,
    *,
    settings: RiseSettings,
    baseline: tuple[float, float] | None,
    max_bursts: int | None,
) -> tuple[Power, Places]:
    """Power of the whitened signal and the rough places of its bursts."""
    power = prepare_power(
        signal, rate, high_pass=settings.high_pass, slow_high_pass=settings.slow_high_pass, zero_lag=settings.zero_lag
    )
    rest = None
    if baseline is not None:
        first, last = (max(round(t * power.rate) - power.skip, 0) for t in baseline)
        rest = (first, last)
    places = locate_bursts(
        power.forward,
        power.rate,
        power.shape,
        baseline=rest,
        shortest=settings.shortest_burst,
        smallest_db=settings.smallest_db,
        max_bursts=max_bursts,
    )
    return power, places


def detect(
    signal: np.ndarray,
    rate: float,
    *,
    settings: RiseSettings,
    baseline: tuple[float, float] | None,
    max_bursts: int | None,
) -> tuple[tuple[Burst, ...], dict[str, float]]:
    """Bursts of signal (n,), times from its first sample, and what the signal made of the settings.

    See `gluteal.emg.onset.detect_bursts`.
    """
    power, places = locate(signal, rate, settings=settings, baseline=baseline, max_bursts=max_bursts)
    sides = both_ways(power, places)
    onsets, offsets = _edges(sides, power, places, settings)
    skipped = power.skip / power.rate
    end = skipped + sides[0][0].size / power.rate
    bursts = tuple(
        Burst(
            onset_s=skipped + on[0],
            onset_sd_s=on[1],
            onset_interval_s=(skipped + on[2][0], skipped + on[2][1]),
            offset_s=end - off[0],
            offset_sd_s=off[1],
            offset_interval_s=(end - off[2][1], end - off[2][0]),
            level_db=float(10 * np.log10(place.ratio)),
        )
        for place, on, off in zip(places.places, onsets, offsets[::-1], strict=True)
    )
    return bursts, {"slow_waves": power.slow_waves, "high_pass_used": power.high_pass}


def both_ways(power: Power, places: Places) -> tuple[tuple[np.ndarray, Sequence[Place]], ...]:
    """Power and places with time, and against it, where bins are counted from the end."""
    bins = power.forward.size // places.size
    mirrored = [
        replace(
            p,
            first=bins - p.last,
            last=bins - p.first,
            before=p.after,
            after=p.before,
            begins=bins - p.ends,
            ends=bins - p.begins,
            rest_before=p.rest_after,
            rest_after=p.rest_before,
        )
        for p in places.places[::-1]
    ]
    stop = bins * places.size
    return (power.forward[:stop], places.places), (power.backward[:stop][::-1], mirrored)


def windows(y: np.ndarray, rate: float, places: Places, order: Sequence[Place]) -> tuple[list[float], list[Rise]]:
    """Where the onset of each place in y is sought: its start, s, and the power within."""
    starts, rises = [], []
    per_second = rate / places.size
    for i, place in enumerate(order):
        before = (order[i - 1].last + place.first) // 2 if i else 0
        start = max(before, place.first - round(BEFORE * per_second))
        stop = min((place.first + place.last + 1) // 2, place.first + round(AFTER * per_second))
        starts.append(start * places.size / rate)
        window = y[start * places.size : max(stop, place.first + 2) * places.size]
        rises.append(Rise(window, place.before, place.peak - place.before))
    return starts, rises


def _edges(
    sides: tuple[tuple[np.ndarray, Sequence[Place]], ...], power: Power, places: Places, settings: RiseSettings
) -> tuple[list[Edge], list[Edge]]:
    """Onset of each place with time, and against it, s; not known for one that starts with the power.

    Bursts learn their form from each other in groups, which bounds the memory and lets fatigue change it.
    """
    model = EdgeModel(power.rate, shape=power.shape, zero_lag=settings.zero_lag, kinds=settings.kinds)
    found = [windows(y, power.rate, places, order) for y, order in sides]
    binned = [y.reshape(-1, places.size).mean(1) for y, _ in sides]
    count, interval = len(places.places), potential_interval(power, places)
    out: tuple[list[Edge], list[Edge]] = ([(NAN, NAN, UNKNOWN)] * count, [(NAN, NAN, UNKNOWN)] * count)
    for group in np.array_split(np.arange(count), max(-(-count // GROUP), 1)):
        # The burst at the other end of the list has the same number against time.
        seen = [
            [int(i) for i in members if order[i].first > 0]
            for members, (_, order) in zip((group, count - 1 - group), sides, strict=True)
        ]
        rises = [[found[k][1][i] for i in seen[k]] for k in (0, 1)]
        for k, chances in enumerate(model.probabilities(*rises)):
            for i, rise, chance in zip(seen[k], rises[k], chances, strict=True):
                level = 10 * np.log10(rise.plateau / rise.rest)
                start = found[k][0][i]
                at, deviation, (low, high) = summarise_onset(chance, power.rate, level, interval, offset=k == 1)
                edge = start + at, deviation, (start + low, start + high)
                bin_s, shape = places.size / power.rate, power.shape * places.size
                out[k][i] = with_slow_rise(edge, binned[k], bin_s, sides[k][1], i, shape=shape, grain=interval)
    return out

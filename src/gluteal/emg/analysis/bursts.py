"""Bursts of one channel: gaps are left out, the filters it has been through are told to the detector."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from gluteal.emg.analysis.hidden import check_hidden
from gluteal.emg.onset import METHODS, Burst, Bursts, detect_bursts
from gluteal.emg.onset.above import check_above
from gluteal.emg.onset.bursts import CheckedBursts
from gluteal.emg.onset.rules import BurstRules, apply_rules
from gluteal.emg.signal.artefacts import runs
from gluteal.emg.signal.conditioning import Conditioned
from gluteal.emg.signal.faults import Quality
from gluteal.emg.signal.own_rate import find_own_rate, to_rate
from gluteal.errors import InputError, UnknownName

#: Shortest stretch between two gaps in which bursts are sought, s. Ours: rest and a burst must both fit.
SHORTEST_STRETCH = 1.0
#: Least rest beside an edge, s: the detector's own shortest gap (Bonato et al. 1998, section II). A burst that was
#: on when the stretch began has no onset in it.
LEAST_REST = 0.030
#: How long after a channel's end a burst set by hand may lie, s. Ours: more is a slip of unit or clock.
LATE = 1.0


def check_method(method: str) -> None:
    """Raise UnknownName with the onset detectors there are, unless this is one."""
    if method not in METHODS:
        raise UnknownName("onset method", method, METHODS, "gluteal emg --help")


def time_bursts(
    conditioned: Conditioned,
    *,
    start: float,
    quality: Quality,
    method: str = "rise",
    rules: BurstRules | None = None,
) -> Bursts:
    """Find the bursts of a conditioned channel, in each stretch between two gaps for itself.

    Parameters
    ----------
    conditioned : Conditioned
        The band-passed signal is what is searched; missing samples and dropouts that `quality` found are gaps.
    start : float
        Time of the first sample, s.
    quality : Quality
    method : str
        As `detect_bursts`.
    rules : BurstRules, optional
        Which bursts count; by default those of `BurstRules()`.

    Returns
    -------
    Bursts
        The edge of a burst that touches a gap is nan: it was not recorded.

    Raises
    ------
    InputError
        Where no stretch without a gap is long enough.
    """
    x, rate = conditioned.filtered, conditioned.rate
    settings: dict[str, Any] = {}
    if method == "rise":
        settings["zero_lag"] = conditioned.one_pass_hz
    pieces = _stretches(x, rate, quality)
    if not pieces:
        raise InputError(
            f"No stretch of {SHORTEST_STRETCH:g} s is free of gaps, so nothing can be timed; record it again."
        )
    first, last = max(pieces, key=lambda piece: piece[1] - piece[0])
    own = find_own_rate(x[first:last], rate)
    parts = [x[a:b] if own == rate else to_rate(x[a:b], rate, own) for a, b in pieces]
    if method == "rise" and own != rate:
        settings["zero_lag"] = (settings["zero_lag"][0], min(settings["zero_lag"][1], 0.5 * own))
    found = [detect_bursts(part, own, method=method, **settings) for part in parts]
    used = {**found[0].settings, "start": start}
    if own != rate:
        used["own_rate"] = own
    if method == "rise":
        checked = [
            check_above(samples, own, part.bursts, zero_lag=settings["zero_lag"])
            for part, samples in zip(found, parts, strict=True)
        ]
        found = [replace(part, bursts=c.bursts) for part, c in zip(found, checked, strict=True)]
        used |= _total(checked)
        pulses = [span for fault in quality.faults if fault.kind == "pulses" for span in fault.intervals_s]
        for name, hidden, bends in (
            ("hum", conditioned.hum_left_s, conditioned.hum_bends_s),
            ("pulses", pulses, ()),
            ("spikes", conditioned.bridged_s, ()),
        ):
            if hidden or bends:
                against = [
                    check_hidden(part.bursts, _from(a / rate, hidden), _from(a / rate, bends))
                    for part, (a, _) in zip(found, pieces, strict=True)
                ]
                found = [replace(part, bursts=c.bursts) for part, c in zip(found, against, strict=True)]
                used |= {f"{name}_{what}": count for what, count in _total(against).items()}
    bursts = [
        _without_cut_edges(burst.moved(start + a / rate), start + a / rate, start + b / rate)
        for part, (a, b) in zip(found, pieces, strict=True)
        for burst in part
    ]
    if "slow_waves" in used:
        used["slow_waves"] = sum(part.settings["slow_waves"] for part in found)
        used["high_pass_used"] = max(part.settings["high_pass_used"] for part in found)
    chosen = rules or BurstRules()
    used |= {"least_level": chosen.least_level, "least_duration": chosen.least_duration, "merge_gap": chosen.merge_gap}
    bursts = list(apply_rules(bursts, chosen))
    return Bursts(
        bursts=tuple(b for b in bursts if math.isfinite(b.onset_s) or math.isfinite(b.offset_s)),
        method=method,
        rate=rate,
        settings=used,
    )


def _from(start: float, spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans, s, on a clock that begins at a time, s."""
    return [(first - start, last - start) for first, last in spans]


def _total(checked: Sequence[CheckedBursts]) -> dict[str, int]:
    """What a check changed in all stretches."""
    return {name: sum(c.changed[name] for c in checked) for name in checked[0].changed}


def _stretches(x: np.ndarray, rate: float, quality: Quality) -> list[tuple[int, int]]:
    """First and one-past-last sample of every stretch without a gap that is long enough; all of a whole signal."""
    gap = ~np.isfinite(x)
    for fault in quality.faults:
        if fault.kind == "dropout":
            for first, last in fault.intervals_s:
                gap[round(first * rate) : round(last * rate)] = True
    if not gap.any():
        return [(0, x.size)]
    return [(int(a), int(b)) for a, b in runs(~gap) if b - a >= SHORTEST_STRETCH * rate]


def _without_cut_edges(burst: Burst, first: float, last: float) -> Burst:
    """Return a burst without the edges that lie at an end of the stretch from `first` to `last`, s."""
    nothing = (math.nan, math.nan)
    if burst.onset_s < first + LEAST_REST:
        burst = replace(burst, onset_s=math.nan, onset_sd_s=math.nan, onset_interval_s=nothing)
    if burst.offset_s > last - LEAST_REST:
        burst = replace(burst, offset_s=math.nan, offset_sd_s=math.nan, offset_interval_s=nothing)
    return burst


def check_corrections(corrections: Mapping[str, Bursts], known: Mapping[str, float]) -> None:
    """Refuse corrections of channels that are not there, later than `LATE` after a channel's end, or that overlap.

    Parameters
    ----------
    corrections : mapping of channel to Bursts
        From `gluteal.emg.onset.load_bursts`.
    known : mapping of channel to float
        Time at which every channel ends, s.

    Raises
    ------
    UnknownName, InputError
    """
    for name, bursts in corrections.items():
        if name not in known:
            raise UnknownName(
                "channel", name, list(known), "the column 'channel' that gluteal emg --save-onsets writes"
            )
        for burst in bursts:
            last = np.nanmax([burst.onset_s, burst.offset_s])
            if last > known[name] + LATE:
                raise InputError(
                    f"The corrections have a burst of {name!r} at {last:.6g} s, but that channel ends at "
                    f"{known[name]:.6g} s; give times in seconds on the recording's clock."
                )
        for first, second in pairwise(sorted(bursts, key=lambda b: b.onset_s if b.onset_s == b.onset_s else -math.inf)):
            if second.onset_s < first.offset_s:
                raise InputError(
                    f"The corrections have two bursts of {name!r} that overlap, {first.onset_s:.6g} to "
                    f"{first.offset_s:.6g} s and {second.onset_s:.6g} to {second.offset_s:.6g} s; end one before the "
                    "other begins."
                )

"""Edges of bursts held against what other channels carry there: a weak copy of a strong neighbour starts with it.

A neighbour at a tenth of its amplitude is little of what two channels share over a recording. But before the muscle
itself starts it is all there is, stands out from rest, and makes the muscle start with its neighbour. So where a burst
begins or ends while another channel is on, its first or last part is compared: muscles have signals of their own. If
the two are one signal there and the channel becomes much stronger inside, the interval of its edge holds both times.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gluteal.emg.analysis.record import ChannelAnalysis
from gluteal.emg.onset import Burst
from gluteal.emg.onset.bursts import EDGES, EdgeName

#: How far beside a burst an edge of another may be its signal's, s. Own choice: twice the spread along fibres, and the
#: error of an edge of 10 dB.
BESIDE = 0.025
#: Lengths of the first part of a burst that are compared, s, and the correlation from which it is one signal. Own
#: choice: chance reaches it in none of some thousand pairs of muscles; a copy 6 dB over noise has 0.9.
LENGTHS, ALIKE = (0.100, 0.050, 0.025), (0.70, 0.85, 0.95)
#: Longest delay of a copy, s: spread along muscle fibres at 4 m/s over 4 cm takes 10 ms.
DELAY = 0.010
#: How many times stronger the channel itself becomes later, as an amplitude, and the window in which this is seen, s.
#: Own choice: a muscle's own first part is as strong by then.
STRONGER, SEEN_IN = 2.0, 0.015


@dataclass(frozen=True)
class _Pair:
    """An edge of a channel, and the edge of another beside it."""

    channel: int
    burst: int
    edge: EdgeName
    other: int


def open_shared_edges(
    channels: Sequence[ChannelAnalysis], read: Callable[[ChannelAnalysis], np.ndarray]
) -> tuple[ChannelAnalysis, ...]:
    """Open the edges that a neighbour's signal made.

    Parameters
    ----------
    channels : sequence of ChannelAnalysis
        Of all recordings.
    read : callable
        The conditioned signal of a channel, (n,), NaN where it is missing.

    Returns
    -------
    tuple of ChannelAnalysis
        In their order; the settings of bursts count "shared_opened" edges and name the channels ("shared_with").
    """
    pairs = _pairs(channels)
    pieces = _pieces(channels, pairs, read)
    found: dict[int, dict[tuple[int, EdgeName], tuple[float, set[str]]]] = defaultdict(dict)
    for pair in pairs:
        key = (pair.channel, pair.burst, pair.edge)
        rate = channels[pair.channel].rate
        after = _own_after(pieces[(pair.channel, *key)], pieces[(pair.other, *key)], rate)
        if after is None:
            continue
        last, names = found[pair.channel].get((pair.burst, pair.edge), (0.0, set()))
        found[pair.channel][pair.burst, pair.edge] = (max(last, after), names | {channels[pair.other].words})
    return tuple(_opened(c, found[i]) if i in found else c for i, c in enumerate(channels))


def _pairs(channels: Sequence[ChannelAnalysis]) -> list[_Pair]:
    """Edges within, or beside an edge of, bursts of another channel of the same recording and rate."""
    found = []
    for i, one in enumerate(channels):
        reaches = {
            k: [_reach(b) for b in c.bursts or ()]
            for k, c in enumerate(channels)
            if k != i and _clock(c) == _clock(one)
        }
        for edge in EDGES:
            for j, burst in enumerate(one.bursts or ()):
                at = burst.onset_s if edge == "onset" else burst.offset_s
                if burst.onset_by_hand or burst.offset_by_hand or not math.isfinite(burst.onset_s + burst.offset_s):
                    continue
                beside = [k for k, spans in reaches.items() if any(a <= at <= b for a, b in spans)]
                found += [_Pair(i, j, edge, k) for k in beside]
    return found


def _clock(channel: ChannelAnalysis) -> tuple[str, float, float, float]:
    return channel.recording, channel.rate, channel.start, channel.duration


def _reach(burst: Burst) -> tuple[float, float]:
    """First and last time, s, at which an edge of another may be of this burst's signal."""
    first, last = burst.onset_s - BESIDE, burst.offset_s + BESIDE
    return (first if math.isfinite(first) else -math.inf, last if math.isfinite(last) else math.inf)


def _pieces(
    channels: Sequence[ChannelAnalysis], pairs: Sequence[_Pair], read: Callable[[ChannelAnalysis], np.ndarray]
) -> dict[tuple[int, int, int, EdgeName], np.ndarray]:
    """Every channel's samples from an edge on, as far as the burst reaches, backwards for its end."""
    wanted: dict[int, set[tuple[int, int, EdgeName]]] = defaultdict(set)
    for pair in pairs:
        for k in (pair.channel, pair.other):
            wanted[k].add((pair.channel, pair.burst, pair.edge))
    found = {}
    for k, keys in wanted.items():
        signal = read(channels[k])
        margin = round(DELAY * channels[k].rate)
        for i, j, edge in keys:
            burst = (channels[i].bursts or ())[j]
            first, last = (round((t - channels[k].start) * channels[k].rate) for t in (burst.onset_s, burst.offset_s))
            part = signal[max(first - margin, 0) : last + margin]
            found[k, i, j, edge] = part.copy() if edge == "onset" else part[::-1].copy()
    return found


def _own_after(mine: np.ndarray, other: np.ndarray, rate: float) -> float | None:
    """How long after an edge, s, a channel becomes stronger than what it shares with another there; None: no copy."""
    margin = round(DELAY * rate)
    # What is squared must neither underflow nor overflow.
    mine, other = (part / max(float(np.abs(part).max(initial=0.0)), np.finfo(float).tiny) for part in (mine, other))
    x, level = mine[margin:], None
    for length, least in zip(LENGTHS, ALIKE, strict=True):
        size = round(length * rate)
        if x.size >= 2 * size and np.isfinite(mine).all() and np.isfinite(other).all():
            part = x[:size]
            if _alike(part, other[: size + 2 * margin]) >= least:
                level = float(np.sqrt(np.mean(np.square(part))))
                break
    if level is None:
        return None
    window = max(round(SEEN_IN * rate), 2)
    power = np.convolve(np.square(x), np.ones(window) / window, "valid")
    stronger = np.flatnonzero(power > (STRONGER * level) ** 2)
    if not stronger.size:
        return None
    # One window may be as strong by chance; what follows is not.
    inside = x[stronger[0] : stronger[0] + round(LENGTHS[0] * rate)]
    if np.mean(np.square(inside)) < (STRONGER * level) ** 2:
        return None
    return float((stronger[0] + window) / rate)


def _alike(part: np.ndarray, other: np.ndarray) -> float:
    """Largest correlation of a part (m,) with a longer one (n,), at any delay, 0-1."""
    frames = np.lib.stride_tricks.sliding_window_view(other, part.size)
    norm = np.linalg.norm(frames, axis=1) * np.linalg.norm(part)
    return float(np.max(np.abs(frames @ part) / np.maximum(norm, 1e-300)))


def _opened(channel: ChannelAnalysis, found: dict[tuple[int, EdgeName], tuple[float, set[str]]]) -> ChannelAnalysis:
    """The channel with its edges opened over what it shares."""
    if channel.bursts is None:
        return channel
    bursts: list[Burst] = list(channel.bursts)
    names: set[str] = set()
    for (j, edge), (after, others) in found.items():
        at = bursts[j].onset_s if edge == "onset" else bursts[j].offset_s
        inner = at + after if edge == "onset" else at - after
        bursts[j] = bursts[j].opened(edge, min(at, inner), max(at, inner))
        names |= others
    settings = {**channel.bursts.settings, "shared_opened": len(found), "shared_with": sorted(names)}
    return replace(channel, bursts=replace(channel.bursts, bursts=tuple(bursts), settings=settings))

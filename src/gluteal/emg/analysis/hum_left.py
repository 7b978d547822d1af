"""Bursts held against the moments in which mains hum is left: such a moment looks like a burst, or moves its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gluteal.emg.onset.above import AboveCheck
from gluteal.emg.onset.bursts import Burst
from gluteal.emg.signal.hum_seen import join_spans

#: How far hum that is left reaches beyond where it is seen, s. Own choice: half of what it is seen in.
REACHES = 0.03


def check_hum_left(bursts: Sequence[Burst], left_s: Sequence[tuple[float, float]]) -> AboveCheck:
    """Hold bursts against spans, s on their clock, in which hum is left.

    Returns
    -------
    AboveCheck
        A burst within such spans is left out; an edge within one has an interval that reaches over the span.
    """
    kept: list[Burst] = []
    opened = 0
    spans = join_spans([(start - REACHES, end + REACHES) for start, end in left_s])
    for burst in bursts:
        if any(low <= burst.onset_s and burst.offset_s <= high for low, high in spans):
            continue
        new = burst
        for low, high in spans:
            for edge in ("onset", "offset"):
                if low <= getattr(burst, f"{edge}_s") <= high:
                    new = _opened(new, edge, low, high)
                    opened += 1
        kept.append(new)
    return AboveCheck(tuple(kept), 0, opened, len(bursts) - len(kept))


def _opened(burst: Burst, edge: str, low: float, high: float) -> Burst:
    """The burst with an edge that may lie anywhere in a span and in its own interval."""
    at, own = getattr(burst, f"{edge}_s"), getattr(burst, f"{edge}_interval_s")
    known = [v for v in (at, *own) if np.isfinite(v)]
    low, high = min(low, *known), max(high, *known)
    # A flat probability over the interval: its standard deviation is its length over the root of 12.
    deviation = float(np.nanmax([getattr(burst, f"{edge}_sd_s"), (high - low) / np.sqrt(12.0)]))
    if edge == "onset":
        return replace(burst, onset_sd_s=deviation, onset_interval_s=(low, high))
    return replace(burst, offset_sd_s=deviation, offset_interval_s=(low, high))

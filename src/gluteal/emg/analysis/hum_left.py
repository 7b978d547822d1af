"""Bursts held against the moments in which mains hum is left: such a moment looks like a burst, or moves its edge."""

from __future__ import annotations

from collections.abc import Sequence

from gluteal.emg.onset.bursts import EDGES, Burst, CheckedBursts
from gluteal.emg.signal.hum_seen import join_spans

#: How far hum that is left reaches beyond where it is seen, s. Own choice: half of what it is seen in.
REACHES = 0.03


def check_hum_left(bursts: Sequence[Burst], left_s: Sequence[tuple[float, float]]) -> CheckedBursts:
    """Hold bursts against spans, s on their clock, in which hum is left.

    Returns
    -------
    CheckedBursts
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
            for edge in EDGES:
                if low <= getattr(burst, f"{edge}_s") <= high:
                    new = new.opened(edge, low, high)
                    opened += 1
        kept.append(new)
    return CheckedBursts(tuple(kept), {"opened": opened, "left_out": len(bursts) - len(kept)})

"""Bursts held against moments that hide the muscle, mains hum or pulses, which look like a burst or move its edge."""

from __future__ import annotations

from collections.abc import Sequence

from gluteal.emg.onset.bursts import EDGES, Burst, CheckedBursts
from gluteal.emg.signal.hum_seen import join_spans

#: How far what hides a muscle reaches beyond where it is seen, and hum beside a burst where it bends, s. Own choice:
#: half of what hum is seen in; bursts are up to 21 ms early where hum of 30 dB swells four times a second.
REACHES = 0.03


def check_hidden(
    bursts: Sequence[Burst], hidden_s: Sequence[tuple[float, float]], bends_s: Sequence[tuple[float, float]] = ()
) -> CheckedBursts:
    """Hold bursts against spans, s on their clock, that hide the muscle, or in which hum changes too fast to be known.

    Returns
    -------
    CheckedBursts
        A burst within spans of `hidden_s` is left out; an edge within one has an interval that reaches over the span.
        An edge in one of `bends_s` has an interval that reaches `REACHES` beyond it.
    """
    kept: list[Burst] = []
    opened = 0
    spans = join_spans([(start - REACHES, end + REACHES) for start, end in hidden_s])
    for burst in bursts:
        if any(low <= burst.onset_s and burst.offset_s <= high for low, high in spans):
            continue
        new = burst
        for edge in EDGES:
            at = getattr(burst, f"{edge}_s")
            over = [span for span in spans if span[0] <= at <= span[1]]
            if any(low <= at <= high for low, high in bends_s):
                over.append((at - REACHES, at + REACHES))
            for low, high in over:
                new = new.opened(edge, low, high)
            opened += bool(over)
        kept.append(new)
    return CheckedBursts(tuple(kept), {"opened": opened, "left_out": len(bursts) - len(kept)})

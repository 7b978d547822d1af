"""Bursts held against moments that hide the muscle, mains hum or pulses, which look like a burst or move its edge."""

from __future__ import annotations

from collections.abc import Sequence

from gluteal.emg.onset.bursts import EDGES, Burst, CheckedBursts, join_bursts
from gluteal.emg.signal.hum_seen import join_spans

#: What hides a muscle, by its name in the settings of bursts.
HIDING = {
    "hum": "mains hum that changed too fast to be taken out",
    "pulses": "pulses of a stimulator",
    "spikes": "spikes that are no muscle's",
}
#: How far what hides a muscle reaches beyond where it is seen, and hum beside a burst where it bends, s. Own choice:
#: half of what hum is seen in; bursts are up to 21 ms early where hum of 30 dB swells four times a second.
REACHES = 0.03
#: Pause that what hides a muscle may make in a burst, s. Own choice: as long as a tall spike is bridged, and more.
SHORT_PAUSE = 0.1


def check_hidden(
    bursts: Sequence[Burst], hidden_s: Sequence[tuple[float, float]], bends_s: Sequence[tuple[float, float]] = ()
) -> CheckedBursts:
    """Hold bursts against spans, s on their clock, that hide the muscle, or in which hum changes too fast to be known.

    Returns
    -------
    CheckedBursts
        Bursts that a short pause in a span of `hidden_s` parts are one. A burst within such a span is left out, and an
        edge within one has an interval that reaches over it. An edge in one of `bends_s` has an interval that reaches
        `REACHES` beyond it.
    """
    kept: list[Burst] = []
    opened = 0
    spans = join_spans([(start - REACHES, end + REACHES) for start, end in hidden_s])
    joined = _joined(bursts, spans)
    for burst in joined:
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
    return CheckedBursts(tuple(kept), {"opened": opened, "left_out": len(joined) - len(kept)})


def _joined(bursts: Sequence[Burst], spans: Sequence[tuple[float, float]]) -> list[Burst]:
    """Bursts, two of them as one where a short pause between them lies within a span."""
    found: list[Burst] = []
    for burst in bursts:
        within = found and any(low <= found[-1].offset_s and burst.onset_s <= high for low, high in spans)
        if within and burst.onset_s - found[-1].offset_s < SHORT_PAUSE:
            found[-1] = join_bursts(found[-1], burst)
        else:
            found.append(burst)
    return found

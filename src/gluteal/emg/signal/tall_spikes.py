"""Spikes far taller than any muscle, taken out before filters smear them: a stimulus, a plug, a discharge.

The filters make 50 ms of a spike, and what is a hundred times as tall as a burst hides it then. Smaller ones are left
to `gluteal.emg.onset.islands`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: How many times taller than nearly all else (its quantile) a spike is. Own choice: units of a muscle that begin all at
#: once reach 2.6 times the peaks of its burst.
TALLER, ALL_ELSE = 8.0, 0.999
#: How long an amplifier takes at most to recover from it, s. Own choice: its high-pass of 10 Hz has by then.
RECOVERS = 0.06
#: How many times the median of all else is no rest. Own choice: of noise 4 in 1000 samples.
REST = 4.3
#: What is bridged beside it, s. Own choice.
BESIDE = 0.002


def without_tall_spikes(
    x: np.ndarray, rate: float, spans: Sequence[tuple[float, float]], *, even: bool = False
) -> tuple[np.ndarray, tuple[tuple[float, float], ...]]:
    """Return a signal with its tall spikes bridged by straight lines, and where they were.

    Parameters
    ----------
    x : (n,)
        Raw samples; NaN where they are missing.
    rate : float
        Samples per second.
    spans : sequence of (start, end)
        Where short spikes were found, s from the first sample.
    even : bool
        Whether they come at a constant rate: then they are no muscle's, however small they are.

    Returns
    -------
    x : (n,)
        The same array where no spike is tall.
    bridged : tuple of (start, end)
        s from the first sample.
    """
    if not spans:
        return x, ()
    from_middle = np.abs(x - np.nanmedian(x))
    others = np.isfinite(x)
    pieces = [slice(max(round(a * rate), 0), min(round((b + RECOVERS) * rate), x.size)) for a, b in spans]
    for piece in pieces:
        others[piece] = False
    if not others.any():
        return x, ()
    all_else = float(np.quantile(from_middle[others], ALL_ELSE))
    rest = float(np.median(from_middle[others]))
    margin, out, bridged = max(round(BESIDE * rate), 1), x, []
    for piece in pieces:
        above = np.flatnonzero(from_middle[piece] > (REST * rest if even else all_else))
        if not above.size or not (even or np.nanmax(from_middle[piece]) > TALLER * all_else):
            continue
        a = max(piece.start + int(above[0]) - margin, 0)
        # What comes back to rest is the amplifier; in a burst it is not told from the muscle.
        back = np.flatnonzero(from_middle[piece] > REST * rest)
        b = min(piece.start + int(max(above[-1], back[-1])) + margin, x.size - 1)
        out = out.copy() if out is x else out
        out[a : b + 1] = np.linspace(out[a], out[b], b - a + 1)
        bridged.append((a / rate, b / rate))
    return out, tuple(bridged)

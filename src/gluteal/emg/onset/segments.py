"""Segments of constant level: what tells them from rest, and the valleys that part a run of them into bursts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Cost of a segment in log-likelihood, and what a burst must gain, per record: a + b log(bins). Found by
#: simulation so that fewer than 2 % of records without a burst have one (docs/emg-onsets.md).
PENALTY = (2.0, 1.0)
CRITICAL = (7.0, 1.0)
#: A valley parts two bursts where its power is below that of the weaker one by this factor (10 dB, a third of its
#: amplitude), nearer to rest than to it in dB, and as long as so many bins of 10 ms. Own choice: a muscle between two
#: repetitions is seldom as quiet as in the quietest moment of a recording, and no steady burst sinks so far.
DEPTH, VALLEY_BINS = 10.0, 20
#: Weak activity that a contraction grows out of is tone where it is low (DEPTH) and flat for so many bins of 10 ms, and
#: the next segment is stronger by this factor (6 dB). Own choice: the soft flanks that the detector knows climb through
#: a third of their amplitude in steps, or faster.
TONE_BINS, TONE_STEP, TONE_FLAT = 15, 4.0, 2.0


@dataclass(frozen=True)
class Segments:
    """A record in segments.

    Attributes
    ----------
    level, lengths : (k,)
        Mean power, and length in bins.
    weight : float
        Gamma shape of a bin.
    bins : int
        Of the record.
    """

    level: np.ndarray
    lengths: np.ndarray
    weight: float
    bins: int

    @property
    def critical(self) -> float:
        """What a difference must gain in log-likelihood."""
        return CRITICAL[0] + CRITICAL[1] * float(np.log(self.bins))

    def gain(self, first: int, last: int, power: float, bins: float) -> float:
        """Log-likelihood that segments [first, last) gain over being of one power with `bins` bins of mean `power`.

        Two samples: rest is an estimate too, so that a quiet spell by chance does not make a burst of all else.
        """
        ratio, lengths = self.level[first:last] / power, self.lengths[first:last]
        own = float(lengths.sum())
        pooled = (float(lengths @ ratio) + bins) / (own + bins)
        return self.weight * float(lengths @ np.log(pooled / ratio) + bins * np.log(pooled))

    def differ(self, first: int, last: int, power: float, bins: float) -> bool:
        """Whether the gain is more than chance gives so many segments."""
        return self.gain(first, last, power, bins) > self.critical + (last - first - 1) * PENALTY[0]


def part_run(segments: Segments, first: int, last: int, rest: float, step: float) -> list[tuple[int, int]]:
    """Part segments [first, last), all above rest, at their valleys; the parts, as [first, last) of segments.

    `step` is the ratio by which a segment of a burst exceeds what lies beside it. What is beside a valley must differ
    from it beyond chance; at an end of the record nothing need be.
    """
    parts, left = [], [(first, last)]
    while left:
        a, b = left.pop()
        valley = _valley(segments, a, b, rest, step)
        if valley is None:
            parts.append((a, b))
        else:
            left += [side for side in ((valley[1], b), (a, valley[0])) if side[1] > side[0]]
    return parts


def without_tone(segments: Segments, first: int, last: int) -> tuple[int, int]:
    """Segments [first, last) of a burst without the weak, steady activity at its ends."""
    level, peak = segments.level, float(segments.level[first:last].max())
    begin, end = first, last
    for _ in range(2):
        tone = begin
        while tone < end - 1 and level[tone] <= TONE_FLAT * level[begin] and level[tone] * DEPTH <= peak:
            tone += 1
        lasts = float(segments.lengths[begin:tone].sum())
        if lasts >= TONE_BINS and level[tone] >= TONE_STEP * float(level[begin:tone].max()):
            begin = tone
    for _ in range(2):
        tone = end
        while tone > begin + 1 and level[tone - 1] <= TONE_FLAT * level[end - 1] and level[tone - 1] * DEPTH <= peak:
            tone -= 1
        lasts = float(segments.lengths[tone:end].sum())
        if lasts >= TONE_BINS and level[tone - 1] >= TONE_STEP * float(level[tone:end].max()):
            end = tone
    return begin, end


def _valley(segments: Segments, first: int, last: int, rest: float, step: float) -> tuple[int, int] | None:
    """The deepest valley within segments [first, last), as [first, last); None where there is none."""
    level = segments.level[first:last]
    before, after = np.maximum.accumulate(level), np.maximum.accumulate(level[::-1])[::-1]
    weaker = np.minimum(after if first == 0 else before, before if last == segments.level.size else after)
    low = _is_low(level, weaker, rest)
    for k in np.flatnonzero(low)[np.argsort(level[low], kind="stable")]:
        a, b = int(k), int(k) + 1
        while a > 0 and level[a - 1] <= step * level[k]:
            a -= 1
        while b < level.size and level[b] <= step * level[k]:
            b += 1
        lengths = segments.lengths[first + a : first + b]
        bins = float(lengths.sum())
        power = float(lengths @ level[a:b]) / bins
        sides = [side for side in ((first, first + a), (first + b, last)) if side[1] > side[0]]
        if bins >= VALLEY_BINS and all(
            _is_low(level[k], segments.level[slice(*side)].max(), rest) and segments.differ(*side, power, bins)
            for side in sides
        ):
            return first + a, first + b
    return None


def _is_low(level: np.ndarray, peak: np.ndarray | float, rest: float) -> np.ndarray:
    """Whether power is low enough beside a peak to be a valley."""
    return (level * DEPTH <= peak) & (level**2 <= rest * peak)

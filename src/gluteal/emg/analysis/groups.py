"""Muscles of one recording that rise and fall together: synergies of the whole recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gluteal.emg.measure.synergies import ENOUGH_TOGETHER, Synergies, compute_synergies
from gluteal.errors import InputError
from gluteal.vocabulary import Side
from gluteal.words import SIDES

if TYPE_CHECKING:
    from gluteal.emg.analysis.record import ChannelAnalysis

#: Weight from which a muscle is named as part of a synergy, share of the synergy's largest. Own choice.
NAMED_WEIGHT = 0.5


@dataclass(frozen=True)
class SynergyAnalysis:
    """Synergies of the muscles of one side in one recording."""

    recording: str
    side: Side | None
    synergies: Synergies
    sentence: str


def find_synergies(channels: Sequence[ChannelAnalysis]) -> tuple[SynergyAnalysis, ...]:
    """Find the synergies of every side of every recording with enough usable muscles; silent where there are not."""
    found = []
    able = [c for c in channels if c.quality.usable and c.course is not None and c.muscle is not None]
    for recording, side in dict.fromkeys((c.recording, c.side) for c in able):
        here = {str(c.muscle): c for c in able if (c.recording, c.side) == (recording, side)}
        courses = [c.course for c in here.values() if c.course is not None]
        start = max(c.first for c in courses)
        stop = min(c.first + c.values.size for c in courses)
        if stop <= start:
            continue
        try:
            synergies = compute_synergies(
                np.array([c.values[start - c.first : stop - c.first] for c in courses]), list(here)
            )
        except InputError:  # too few muscles, too short: nothing is said
            continue
        groups = (
            " + ".join(m for m, w in zip(synergies.muscles, row, strict=True) if w >= NAMED_WEIGHT)
            for row in synergies.weights
        )
        words = (
            f"{SIDES[side]}side, {len(here)} muscles" if side else f"{len(here)} muscles"
        ) + f" act as {synergies.count} group{'s' if synergies.count > 1 else ''} ({'; '.join(groups)}), which account "
        words += f"for {synergies.accounted_percent:.0f} % of their variation (at least {ENOUGH_TOGETHER:.0f} % asked)."
        found.append(SynergyAnalysis(recording, side, synergies, words[0].upper() + words[1:]))
    return tuple(found)

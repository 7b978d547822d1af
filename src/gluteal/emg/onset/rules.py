"""Which of the bursts found are contractions: rules a person may set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gluteal.emg.onset.bursts import Burst, join_bursts
from gluteal.errors import InputError


@dataclass(frozen=True, kw_only=True)
class BurstRules:
    """What a burst must be to count.

    Attributes
    ----------
    least_level : float
        Share, 0 to 1, of the amplitude over rest of the channel's strongest burst. 5 %: own choice, after the habit of
        gait analysis to leave out what is under 5 % of a maximum.
    least_duration : float
        s. 30 ms: Bonato et al. 1998, section II; the detector finds nothing shorter.
    merge_gap : float
        Bursts with a shorter pause between them are one, s. 30 ms: the same.
    """

    least_level: float = 0.05
    least_duration: float = 0.030
    merge_gap: float = 0.030

    def __post_init__(self) -> None:
        """Refuse what is no share or no time."""
        if not 0.0 <= self.least_level < 1.0:
            raise InputError(f"The least level is {self.least_level:g}; give a share from 0 to below 1, such as 0.05.")
        for name, value in (("least duration", self.least_duration), ("gap to merge", self.merge_gap)):
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"The {name} is {value:g} s; give seconds from 0.")


def apply_rules(bursts: Sequence[Burst], rules: BurstRules) -> tuple[Burst, ...]:
    """Return the bursts that count, those with a short pause between them as one.

    A burst of which the recording shows one end only is never too short.
    """
    merged: list[Burst] = []
    for burst in bursts:
        if merged and burst.onset_s - merged[-1].offset_s < rules.merge_gap:
            merged[-1] = join_bursts(merged[-1], burst)
        else:
            merged.append(burst)
    strongest = max((_amplitude(b) for b in merged), default=0.0)
    return tuple(
        b
        for b in merged
        if not b.offset_s - b.onset_s < rules.least_duration and _amplitude(b) >= rules.least_level * strongest
    )


def _amplitude(burst: Burst) -> float:
    """Amplitude over rest, in amplitudes of rest."""
    return math.sqrt(max(10.0 ** (burst.level_db / 10.0) - 1.0, 0.0)) if math.isfinite(burst.level_db) else math.inf

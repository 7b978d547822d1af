"""How results are said in plain language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gluteal.vocabulary import Side, side_of, unsided

SIDES: Mapping[Side | None, str] = {"r": "right ", "l": "left ", None: ""}
#: What a verdict never means; part of every report.
FIXED = "The movement is held fixed: this says nothing about how the person might move instead."


class Missing(Protocol):
    """What can be missing: `gluteal.outcome.verdict.Deficit`."""

    @property
    def coordinate(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def peak(self) -> float: ...
    @property
    def fraction_of_demand(self) -> float: ...
    @property
    def missing(self) -> bool: ...


def coordinate_words(name: str) -> str:
    """Say a coordinate in words.

    >>> coordinate_words("hip_adduction_r"), coordinate_words("lumbar_extension")
    ('right hip adduction', 'lumbar extension')
    >>> coordinate_words("mtp_angle_l")
    'left toe joint'
    """
    bare = unsided(name).removesuffix("_angle")
    return SIDES[side_of(name)] + ("toe joint" if bare == "mtp" else bare.replace("_", " "))


def list_words(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> list_words(["psoas"]), list_words(["psoas", "iliacus", "sartorius"])
    ('psoas', 'psoas, iliacus and sartorius')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def deficit_words(deficit: Missing) -> str:
    """Say how much is missing ("12.5 N·m")."""
    return f"{deficit.peak:.3g} {deficit.unit.replace(' ', '·')}"


#: How a deficit is said: the first with its verb, another beside it, and its share of what is asked.
MISSING_FIRST, MISSING_OTHER = "{amount} are missing for {where}", "{amount} for {where}"
MISSING_SHARE_OF = " ({percent} % of what the movement asks there)"


def missing_words(deficits: Sequence[Missing], first: Missing) -> str:
    """Say what is missing: `first`, the one that decides, and the largest other of its kind."""
    rest = [d for d in deficits if d.missing and d.unit == first.unit and d is not first]
    parts: list[str] = []
    for deficit in (first, *rest[:1]):
        text = MISSING_OTHER if parts else MISSING_FIRST
        words = text.format(amount=deficit_words(deficit), where=coordinate_words(deficit.coordinate))
        if deficit.fraction_of_demand <= 1.0:
            words += MISSING_SHARE_OF.format(percent=f"{100 * deficit.fraction_of_demand:.0f}")
        parts.append(words)
    return list_words(parts)

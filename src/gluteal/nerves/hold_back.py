"""Holding back: a reflex takes a share of a muscle's drive, at most and below it.

Two readings of the same inhibition D, 0..1. The `ceiling` says that the strongest drive falls: activation <= 1 - D. The
`price` says that any drive gets dearer: its weight in the effort is divided by (1 - D)^2, so that others are preferred.
A ceiling alone changes nothing in what people do at a third of their strength; the price alone leaves strength as it
was. Both hold unless the target says which: ``glmax:ceiling``, ``glmax:price``.

With squares in the effort the price shares load just as a muscle does that has lost D of its motor units, and the
muscle's signal tells both apart: inhibited it falls, weakened it rises (docs/pain.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.errors import InputError
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics

#: What of an inhibition may be looked at alone.
READINGS = ("ceiling", "price")
_READING_WORDS = {"": "", "ceiling": " (strongest drive only)", "price": " (dearer drive only)"}


def split_reading(target: str) -> tuple[str, str]:
    """Part a target from the reading asked for; empty where both hold. Raises InputError for one that is none.

    >>> split_reading("glmax:price"), split_reading("hip")
    (('glmax', 'price'), ('hip', ''))
    """
    name, colon, reading = target.partition(":")
    if colon and reading not in READINGS:
        raise InputError(
            f"{target!r}: after the colon stands {reading!r}; write {name}:ceiling, {name}:price, or {name} for both."
        )
    return name, reading


def say_reading(target: str) -> str:
    """Say which reading a target asks for; nothing where both hold."""
    return _READING_WORDS[split_reading(target)[1]]


def hold_share_back(inhibition: float | np.ndarray, reading: str) -> Share:
    """Return what a share of drive held back leaves of muscles: nothing is said where it is 0."""
    import numpy as np

    left = 1.0 - np.asarray(inhibition, float)
    if (left == 1.0).all():
        return Share()
    whole = np.ones_like(left)
    # Full inhibition has no price: the ceiling says it all, and alone it stays out of reach by a factor of a million.
    return Share(
        ceiling=whole if reading == "price" else left,
        # A product and a quotient are rounded alike everywhere; a power is not.
        reluctance=whole if reading == "ceiling" else 1.0 / np.maximum(left, 1e-3) ** 2,
    )


@final
@dataclass(frozen=True)
class HoldBack(Term):
    """A share of a muscle's drive is held back, by a reflex.

    >>> HoldBack("glmax", 0.3, "r").describe()
    '30 % of the drive to the right gluteus maximus held back'
    >>> HoldBack("vasti:price", 0.3).describe()
    '30 % of the drive to the vasti held back (dearer drive only)'
    """

    kind = "hold-back"
    value_range = ValueRange(0.0, 1.0, "share held back", "between 0 (none) and 1 (all)")
    sentence = "{percent} of the drive to the {where} held back"
    option = TermOption(
        "hold-back", "M=SHARE", "a reflex holds this share of the drive back, at most and below.", "glmax=0.3"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        split_reading(self.target)

    def describe(self) -> str:
        """Say the term in words."""
        return super().describe() + say_reading(self.target)

    @property
    def where(self) -> str:
        """The muscles in words, with their side."""
        return self.words_of(split_reading(self.target)[0])

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return the muscles acted on; errors as every term's."""
        return body.resolve(split_reading(self.target)[0], side=self.side)

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return ceiling and reluctance."""
        return hold_share_back(self.value, split_reading(self.target)[1])

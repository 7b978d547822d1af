"""A wish: a muscle is to work at a level, as far as the movement allows.

A squeeze (`gluteal.nerves.squeeze`) must hold: where other muscles cannot undo it, the movement is impossible. Whoever
tightens a muscle on purpose stops short of that. A wish costs price (level - activation)^2 as long as it is not met,
where activation is the mean over the muscles of a group and side, weighted by their strength, as an electrode over them
would see it; so nothing becomes impossible by it, and a report says how far it was met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange, Wished
from gluteal.vocabulary import side_of

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics

#: What missing a wish by full activation costs; a fully active muscle counts 1: own choice. A muscle that no other has
#: to undo comes within a hundredth of the wish, and a newton-metre that is missing stays dearer.
WISH_PRICE = 100.0


@final
@dataclass(frozen=True)
class Wish(Term):
    """Muscles are wished to work at a level or above it; they do as far as the movement allows.

    >>> Wish("glmax", 0.3, "r").describe()
    'right gluteus maximus wished to work at 30 % or more'
    """

    kind = "wish"
    sentence = "{where} wished to work at {percent} or more"
    value_range = ValueRange(0.0, 1.0, "wish", "between 0 and 1, a share of full activation")
    option = TermOption("wish", "M=LEVEL", "activation is to reach it as far as the movement allows.", "glmax=0.3")

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return everything: a wish takes nothing away."""
        return Share()

    def wishes(self, body: Body) -> tuple[Wished, ...]:
        """Return a wish for each side."""
        muscles = self.resolve(body)
        sides = dict.fromkeys(side_of(m) for m in muscles)
        return tuple(Wished(tuple(m for m in muscles if side_of(m) == s), self.value, WISH_PRICE) for s in sides)

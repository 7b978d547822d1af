"""Weakness: motor units are gone (atrophy, strength loss)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.nerves.share import Share
from gluteal.nerves.term import LOSS, Term, TermOption

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.build import Mechanics


@final
@dataclass(frozen=True)
class Weaken(Term):
    """A share of the motor units is gone.

    Capacity is multiplied by (1 - value) and activation counts relative to what is left; passive force stays.

    >>> Weaken("glmax", 0.5, "r").describe()
    '50 % of the right gluteus maximus gone'
    """

    kind = "weaken"
    sentence = "{percent} of the {where} gone"
    value_range = LOSS
    option = TermOption("weaken", "M=LOSS", "share (0..1) of the motor units of a muscle or group gone.", "glmax=0.5")
    takes_capacity = True

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return what the motor units left can do."""
        import numpy as np

        return Share(capacity=np.array(1.0 - self.value))

"""Inhibition: drive is held back (a sore or swollen joint)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.build import Mechanics


@final
@dataclass(frozen=True)
class Inhibit(Term):
    """Activation stays at or below the value.

    >>> Inhibit("vasti", 0.3).describe(), Inhibit("vasti", 0.0).describe()
    ('vasti held at or below 30 % activation', 'vasti switched off')
    """

    kind = "inhibit"
    sentence = "{where} held at or below {percent} activation"
    sentence_at_zero = "{where} switched off"
    value_range = ValueRange(0.0, 1.0, "ceiling", "between 0 and 1, a share of full activation")
    option = TermOption("inhibit", "M=CEILING", "activation stays at or below it.", "vasti=0.3")

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return the ceiling."""
        import numpy as np

        return Share(ceiling=np.array(self.value))

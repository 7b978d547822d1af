"""Squeezing: a muscle is contracted on purpose."""

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
class Squeeze(Term):
    """Activation stays at or above the value.

    >>> Squeeze("glmax", 0.2).describe()
    'gluteus maximus squeezed to at least 20 % activation'
    """

    kind = "squeeze"
    sentence = "{where} squeezed to at least {percent} activation"
    value_range = ValueRange(0.0, 1.0, "floor", "between 0 and 1, a share of full activation")
    option = TermOption("squeeze", "M=FLOOR", "activation stays at or above it.", "glmax=0.2")

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return the floor."""
        import numpy as np

        return Share(floor=np.array(self.value))

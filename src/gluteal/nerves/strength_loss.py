"""Strength loss: a share of a movement's strength is lost, as a dynamometer would measure it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, final

from gluteal.errors import InputError
from gluteal.nerves.term import LOSS, Term, TermOption

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics


@final
@dataclass(frozen=True)
class StrengthLoss(Term):
    """A share of a movement's strength on the virtual dynamometer is lost.

    The target is a movement. How deep a block does that only a body on the dynamometer can say, so it has to be
    turned into a `block` or `weaken` before anything else (`gluteal.simulate.dynamometer.settle_strength_loss`).

    >>> StrengthLoss("hip abduction", 0.46, "r").describe()
    '46 % of right hip abduction strength lost'
    """

    kind = "strength-loss"
    sentence = "{percent} of {where} strength lost"
    value_range = LOSS
    option = TermOption(
        "strength-loss", "MOVEMENT=LOSS", "the block that costs this share of its strength.", "'hip abduction'=0.46"
    )

    def resolve(self, body: Body) -> NoReturn:
        """Raise InputError: which muscles lose it is not settled yet."""
        raise InputError(
            f"{self.describe()}: turn it into a nerve block or weakness first "
            "(gluteal.settle_strength_loss), or use gluteal.simulate, which does."
        )

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> NoReturn:
        """Raise InputError, as `resolve` does."""
        self.resolve(mechanics.body)

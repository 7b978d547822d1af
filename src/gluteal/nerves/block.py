"""Nerve block: the motor units of a nerve's muscles are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.errors import InputError
from gluteal.nerves.share import Share
from gluteal.nerves.term import LOSS, Term, TermOption

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics


@final
@dataclass(frozen=True)
class Block(Term):
    """A share of the motor units of a nerve's muscles is gone; what is left works as in `weaken`.

    >>> Block("superior gluteal", 0.52, "r").describe()
    '52 % of the right superior gluteal nerve blocked'
    """

    kind = "block"
    sentence = "{percent} of the {where} blocked"
    value_range = LOSS
    option = TermOption("nerve", "N=LOSS", "share (0..1) of a nerve's muscles blocked.", "'superior gluteal'=0.52")
    takes_capacity = True

    @property
    def where(self) -> str:
        """The nerve in words, with its side."""
        return super().where + ("" if self.target.endswith("nerve") else " nerve")

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return the nerve's muscles; raises UnknownName, or InputError where the target is no nerve."""
        nerves = body.nerves
        wanted = self.target.lower().replace("-", " ").replace("_", " ")
        muscles = super().resolve(body)  # raises with close names if unknown
        if not any(wanted in (n, n.removesuffix(" nerve")) for n in nerves):
            raise InputError(
                f"{self.target!r} is not a nerve but stands for {len(muscles)} muscles; "
                f"to take their strength away use weaken. Nerves: {', '.join(nerves)}."
            )
        return muscles

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return what the motor units left can do."""
        import numpy as np

        return Share(capacity=np.array(1.0 - self.value))

"""Where terms are found: by their kind, in the order in which options, plans and lists show them."""

from __future__ import annotations

from gluteal.errors import UnknownName
from gluteal.nerves.block import Block
from gluteal.nerves.delay import Delay
from gluteal.nerves.effusion import Effusion
from gluteal.nerves.hold_back import HoldBack
from gluteal.nerves.inhibit import Inhibit
from gluteal.nerves.pain import Pain
from gluteal.nerves.squeeze import Squeeze
from gluteal.nerves.strategy import Strategy
from gluteal.nerves.strength_loss import StrengthLoss
from gluteal.nerves.term import Term
from gluteal.nerves.tiring import Fatigue
from gluteal.nerves.weaken import Weaken
from gluteal.nerves.wish import Wish

TERMS: dict[str, type[Term]] = {
    term.kind: term
    for term in (
        Weaken,
        Inhibit,
        Squeeze,
        Delay,
        Block,
        StrengthLoss,
        Fatigue,
        Pain,
        Effusion,
        HoldBack,
        Wish,
        Strategy,
    )
}


def find_term(kind: str) -> type[Term]:
    """Return the term of a kind; raises UnknownName.

    >>> find_term("block")("superior gluteal", 0.52).describe()
    '52 % of the superior gluteal nerve blocked'
    """
    if kind not in TERMS:
        raise UnknownName("term", kind, TERMS, "gluteal list terms")
    return TERMS[kind]

"""After "not possible exactly as it is": the next thing to ask is what the person could do instead."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

#: What is said, with the command that answers it.
OFFER = "Nobody has to do it exactly like this. What the person could do instead, and what it buys: {command}"
# Options of `gluteal simulate` that `gluteal adapt` has not, with how many words follow.
_LEFT_OUT = {"--spread": 1, "--ensemble": 0, "--no-ensemble": 0, "--out": 1, "--adapt": 0, "--hold-out": 1}


def say_offer(arguments: Sequence[str]) -> str:
    """Return the sentence that offers adaptation, from the arguments that `gluteal simulate` was given.

    >>> say_offer(["simulate", "single-leg-stance", "--weaken", "glmed=1", "--out", "a.html"])[-48:]
    'gluteal adapt single-leg-stance --weaken glmed=1'
    """
    kept: list[str] = []
    skip = 0
    for word in arguments[1:]:
        name, equals, _ = word.partition("=")
        if skip:
            skip -= 1
        elif name in _LEFT_OUT:
            skip = 0 if equals else _LEFT_OUT[name]
        else:
            kept.append(word)
    return OFFER.format(command=shlex.join(["gluteal", "adapt", *kept]))

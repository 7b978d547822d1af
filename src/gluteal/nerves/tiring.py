"""Fatigue as a condition: the state after a hold or so many repetitions of the movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, final

from gluteal.errors import InputError
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics

#: What a target of ``fatigue`` may be, and its words.
TARGETS = {"hold": "fatigue after a hold of {value} s", "cycles": "fatigue after {value} repetitions"}


@final
@dataclass(frozen=True)
class Fatigue(Term):
    """The movement was held for so many seconds (``hold``), or done so many times (``cycles``), before.

    How tired which muscle is only load sharing over that time can say, so it has to be settled on a movement first
    (`gluteal.simulate.endurance.settle_fatigue`). It acts on all muscles, and so on none in particular.

    >>> Fatigue("hold", 60).describe(), Fatigue("cycles", 20).describe()
    ('fatigue after a hold of 60 s', 'fatigue after 20 repetitions')
    """

    kind = "fatigue"
    value_range = ValueRange(0.0, 1e5, "time or number", "between 0 and 100000")
    option = TermOption("fatigue", "hold=SECONDS or cycles=N", "tired by that much of the movement.", "hold=60")
    names_muscles = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target not in TARGETS:
            raise InputError(f"fatigue {self.target!r}: give hold=SECONDS for a posture or cycles=N for a motion.")

    def describe(self) -> str:
        """Say the fatigue in words."""
        return TARGETS[self.target].format(value=f"{self.value:g}")

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return all muscles."""
        return body.muscle_names

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> NoReturn:
        """Raise InputError: who is how tired is not settled yet."""
        raise InputError(
            f"{self.describe()}: settle it on a movement first (gluteal.settle_fatigue), or use gluteal.simulate, "
            "which does."
        )


@final
@dataclass(frozen=True)
class Tired(Term):
    """Settled fatigue: what each muscle can still do at most; in words and JSON the `Fatigue` that it came from.

    Attributes
    ----------
    ceiling : (..., 1, muscle) array
        1 - MF, in the body's order.
    """

    ceiling: np.ndarray | None = field(default=None, compare=False)

    kind = Fatigue.kind
    value_range = Fatigue.value_range
    option = Fatigue.option
    names_muscles = False

    def describe(self) -> str:
        """Say the fatigue in words."""
        return TARGETS[self.target].format(value=f"{self.value:g}")

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return all muscles."""
        return body.muscle_names

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return the ceiling."""
        assert self.ceiling is not None
        return Share(ceiling=self.ceiling[..., list(columns)])

    def to_json(self) -> dict[str, Any]:
        """Return the term as plain data, without the state."""
        return Fatigue(self.target, self.value, self.side).to_json()

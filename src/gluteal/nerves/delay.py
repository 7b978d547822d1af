"""Delay: a muscle trails the course that it would have undisturbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.errors import InputError
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.build import Mechanics


@final
@dataclass(frozen=True)
class Delay(Term):
    """Activation stays at or below what it would have been so many seconds earlier, undisturbed.

    >>> Delay("glmed", 0.05, "l").describe()
    'left gluteus medius delayed by 50 ms'
    """

    kind = "delay"
    sentence = "{where} delayed by {milliseconds} ms"
    value_range = ValueRange(0.0, 10.0, "delay", "between 0 and 10 seconds")
    option = TermOption("delay", "M=SECONDS", "activation trails its undisturbed course.", "glmax=0.05")
    needs_undisturbed = True

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return the ceiling that the muscle's own earlier course sets.

        A cyclic movement wraps around; before the start of any other the first frame is held. Leading dimensions of
        `undisturbed` stay: everybody trails the own course.

        Raises
        ------
        InputError
            Where the movement has one frame only, or the undisturbed activation is not given.
        """
        import numpy as np

        time, movement = mechanics.time, mechanics.movement
        if len(time) < 2:
            raise InputError(
                f"{self.describe()}: {movement.name!r} is one posture without a course over time; "
                "use a movement such as walk, or inhibit instead of delay."
            )
        if undisturbed is None:
            raise InputError(f"{self.describe()}: a delay needs the undisturbed activation.")
        earlier = time - self.value
        if movement.settings.get("cyclic"):
            earlier = time[0] + np.mod(earlier - time[0], time[-1] - time[0])
        own = undisturbed[..., columns]
        return Share(ceiling=np.apply_along_axis(lambda course: np.interp(earlier, time, course), -2, own))

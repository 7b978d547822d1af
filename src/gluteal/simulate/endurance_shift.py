"""A posture held by someone who may shift: does adapting the posture delay failure?

In: a posture that may adapt (`gluteal.adapt`), how often it may. Out: how long it is held so, beside held still.

Every so many seconds, and when it fails, the posture becomes the one of least effort for the muscles as tired as they
are then; from there it is held on. It ends where no posture helps, or after `gluteal.simulate.endurance.LONGEST`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.engines import compute_mechanics
from gluteal.errors import NotJudged
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.nerves.tiring import Tired
from gluteal.simulate.adapt.posture import adapt
from gluteal.simulate.endurance import LONGEST, Hold, compute_endurance

#: How often the posture may shift, s: own choice, about as often as people who stand do.
EVERY = 60.0
#: How often it shifts at the most: own choice, more than anybody would.
MOST_SHIFTS = 60
#: What a shift must still buy, s: own choice.
WORTHWHILE = 1.0
#: Changes of a quantity that are worth naming, deg or mm: own choice, below any laboratory's error.
NAMED = 0.05


@dataclass(frozen=True, eq=False)
class ShiftingHold:
    """A posture held still, and held by someone who may shift.

    Attributes
    ----------
    still : Hold
    seconds : float
        When it fails with shifting (or was last able to, after `MOST_SHIFTS`); infinite where not within an hour.
    shifts : tuple of (seconds, mapping)
        When the posture shifted, and by how much from the usual one, deg or mm by quantity.
    """

    still: Hold
    seconds: float
    shifts: tuple[tuple[float, dict[str, float]], ...]

    @property
    def sentence(self) -> str:
        """What shifting buys, in plain language."""
        times = (self.still.seconds, self.seconds)
        still, shifted = (f"{s:.0f} s" if np.isfinite(s) else "more than an hour" for s in times)
        most = self.shifts[-1][1] if self.shifts else {}
        moved = sorted(most.items(), key=lambda item: -abs(item[1]))[:3]
        how = ", ".join(f"{name.replace('_', ' ')} {value:+.1f}" for name, value in moved)
        where = f" (in the end {how}; degrees or mm)" if how else ""
        return f"{self.still.mechanics.movement.title}: held still {still}, shifting {shifted}{where}."


def compute_shifting_hold(
    body: Body,
    movement: Movement,
    *,
    condition: Condition | None = None,
    every: float = EVERY,
    most: int = MOST_SHIFTS,
) -> ShiftingHold:
    """Hold a posture with and without shifting; errors as `gluteal.compute_endurance` and `gluteal.adapt`.

    Parameters
    ----------
    every : float
        How often the posture may shift, s; it always may when it fails.
    most : int
        How many shifts are tried.
    """
    condition = condition or Condition()
    still = compute_endurance(body, movement, condition=condition)
    mechanics, passed = compute_mechanics(body, movement), 0.0
    held: Hold | None = None
    shifts: list[tuple[float, dict[str, float]]] = []
    while True:
        held = compute_endurance(body, movement, condition=condition, mechanics=mechanics, rested=held, until=every)
        passed += min(held.seconds, every)
        if passed >= LONGEST:
            return ShiftingHold(still, float("inf"), tuple(shifts))
        stuck = shifts and held.seconds < WORTHWHILE
        if stuck or len(shifts) == most:
            break
        tired = Tired("hold", passed, ceiling=1.0 - held.fatigued[-1][None])
        try:
            found = adapt(body, movement, condition=Condition((*condition.effects, tired)))
        except NotJudged:
            break
        if found.adapted.verdict == "impossible":
            break
        mechanics = found.adapted.changed.mechanics
        moved = {c.quantity: c.after - c.before for c in found.changes}
        shifts.append((passed, {name: value for name, value in moved.items() if abs(value) > NAMED}))
    return ShiftingHold(still, passed, tuple(shifts))

"""Delay: a muscle starts later than it would undisturbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.errors import InputError
from gluteal.nerves.dynamics import build_up, fade
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.build import Mechanics

#: Activation above which a muscle counts as started, 1: own choice, a twentieth of full activation, as in the verdict.
STARTED = 0.05


@final
@dataclass(frozen=True)
class Delay(Term):
    """No excitation until so many seconds after the undisturbed start; then activation dynamics.

    The start is that of the target on each side: the first frame in which one of its muscles exceeds `STARTED`
    undisturbed. Until the delay is over, all of them only fade. In a cycle there is no first start: there, activation
    stays at or below what it would have been so many seconds earlier.

    >>> Delay("glmed", 0.05, "l").describe()
    'left gluteus medius delayed by 50 ms'
    """

    kind = "delay"
    sentence = "{where} delayed by {milliseconds} ms"
    value_range = ValueRange(0.0, 10.0, "delay", "between 0 and 10 seconds")
    option = TermOption("delay", "M=SECONDS", "it starts so much later than undisturbed.", "glmax=0.05")
    idle_on_dynamometer = "A late start changes nothing here: a dynamometer waits for the largest pull."
    needs_undisturbed = True

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return the ceiling that the late start sets; a delay of 0 outside a cycle sets none.

        Leading dimensions of `undisturbed` stay: everybody starts late after the own start.

        Raises
        ------
        InputError
            Where the movement has one frame only, the undisturbed activation is not given, or the target works already
            in the first frame, or never.
        """
        import numpy as np

        time, movement = mechanics.time, mechanics.movement
        if len(time) < 2:
            raise InputError(
                f"{self.describe()}: {movement.name!r} is one posture without a course over time; "
                "use a movement such as prone-leg-lift, or inhibit instead."
            )
        if undisturbed is None:
            raise InputError(f"{self.describe()}: a delay needs the undisturbed activation.")
        own = undisturbed[..., columns]
        if movement.settings.get("cyclic"):
            earlier = time[0] + np.mod(time - self.value - time[0], time[-1] - time[0])
            return Share(ceiling=np.apply_along_axis(lambda course: np.interp(earlier, time, course), -2, own))
        if self.value == 0.0:
            return Share()
        every = mechanics.body.sides()
        sides = np.array([str(every[c]) for c in columns])
        ceiling = np.ones(own.shape)
        started = np.zeros(own.shape[:-2], bool)
        for side in np.unique(sides):
            mine = np.flatnonzero(sides == side)
            onset = self._find_onset(mechanics, own[..., mine])
            started |= np.isfinite(onset)
            ceiling[..., mine] = _late_ceiling(time, onset + self.value, own[..., :1, mine])
        if not started.any():
            raise InputError(
                f"{self.describe()}: undisturbed, {movement.name!r} never calls for it above {100 * STARTED:g} % "
                "activation, so there is no start to delay; name a muscle that works in it."
            )
        return Share(ceiling=ceiling)

    def _find_onset(self, mechanics: Mechanics, course: np.ndarray) -> np.ndarray:
        """Return when the first of some muscles starts, (...) s; infinite where none does."""
        import numpy as np

        active = np.asarray((course > STARTED).any(axis=-1))
        if active[..., 0].any():
            percent = f"{100 * float(course[..., 0, :].max()):.0f}"
            raise InputError(
                f"{self.describe()}: in the first frame of {mechanics.movement.name!r} it already works, undisturbed "
                f"at {percent} % activation, so there is no start to delay; use a movement that starts from rest, such "
                "as prone-leg-lift or rise-from-chair, or name a muscle that is silent at first."
            )
        first = mechanics.time[active.argmax(axis=-1)]
        return np.asarray(np.where(active.any(axis=-1), first, np.inf))


def _late_ceiling(time: np.ndarray, until: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the most that muscles silent until a time may do, (..., time, muscle), 1.

    `first` (..., 1, muscle) is what they do in the first frame: it fades, and after `until` (...) builds up. Where that
    is infinite they have no start that could be late, and everything is left.
    """
    import numpy as np

    end = until[..., None, None]
    begins = np.where(np.isfinite(end), end, time[0])
    t = time[:, None]
    silent = fade(first, np.minimum(t, begins) - time[0])
    late = build_up(silent, np.maximum(t - begins, 0.0))
    return np.asarray(np.where(np.isfinite(end), np.where(t <= begins, silent, late), 1.0))

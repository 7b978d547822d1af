"""Conditions: any number of terms at once, independent of any body; and what they leave of a body's muscles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Self

import numpy as np

from gluteal.errors import InputError
from gluteal.nerves.block import Block
from gluteal.nerves.delay import Delay
from gluteal.nerves.effusion import Effusion
from gluteal.nerves.hold_back import HoldBack
from gluteal.nerves.inhibit import Inhibit
from gluteal.nerves.pain import Pain
from gluteal.nerves.registry import find_term
from gluteal.nerves.share import Share
from gluteal.nerves.squeeze import Squeeze
from gluteal.nerves.strategy import USUAL_STRENGTH, Strategy
from gluteal.nerves.strength_loss import StrengthLoss
from gluteal.nerves.term import Term, Wished
from gluteal.nerves.tiring import Fatigue
from gluteal.nerves.weaken import Weaken
from gluteal.nerves.wish import Wish
from gluteal.vocabulary import Sides

if TYPE_CHECKING:
    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics


@dataclass(frozen=True)
class Condition:
    """Any number of terms at once. Empty, it changes nothing.

    >>> (Condition.weaken("glmax", loss=1.0, side="r") & Condition.inhibit("vasti", ceiling=0.3)).name
    '100 % of the right gluteus maximus gone, vasti held at or below 30 % activation'
    """

    effects: tuple[Term, ...] = ()

    @classmethod
    def of(cls, kind: str, target: str, value: float, *, side: Sides = "both") -> Self:
        """Make a condition of one term by its kind (`gluteal list terms`); raises UnknownName.

        >>> Condition.of("squeeze", "glmax", 0.2).name
        'gluteus maximus squeezed to at least 20 % activation'
        """
        return cls((find_term(kind)(target, value, side),))

    @classmethod
    def weaken(cls, *targets: str, loss: float, side: Sides = "both") -> Self:
        """Take a share of the motor units away (atrophy, strength loss)."""
        return cls(tuple(Weaken(t, loss, side) for t in targets))

    @classmethod
    def block(cls, *nerves: str, loss: float, side: Sides = "both") -> Self:
        """Take a share of the motor units of a nerve's muscles away."""
        return cls(tuple(Block(n, loss, side) for n in nerves))

    @classmethod
    def inhibit(cls, *targets: str, ceiling: float, side: Sides = "both") -> Self:
        """Hold the drive back: activation stays at or below `ceiling`."""
        return cls(tuple(Inhibit(t, ceiling, side) for t in targets))

    @classmethod
    def squeeze(cls, *targets: str, floor: float, side: Sides = "both") -> Self:
        """Contract on purpose: activation stays at or above `floor`."""
        return cls(tuple(Squeeze(t, floor, side) for t in targets))

    @classmethod
    def delay(cls, *targets: str, seconds: float, side: Sides = "both") -> Self:
        """Let a muscle start `seconds` later than it would undisturbed."""
        return cls(tuple(Delay(t, seconds, side) for t in targets))

    @classmethod
    def strength_loss(cls, *movements: str, loss: float, side: Sides = "both") -> Self:
        """Lose a share of a movement's strength, as a dynamometer would measure it."""
        return cls(tuple(StrengthLoss(m, loss, side) for m in movements))

    @classmethod
    def fatigue(cls, *, hold: float | None = None, cycles: int | None = None) -> Self:
        """Tire the muscles by holding the posture for seconds, or doing the motion so many times, before."""
        asked = {"hold": hold, "cycles": cycles}
        return cls(tuple(Fatigue(name, float(value)) for name, value in asked.items() if value is not None))

    @classmethod
    def hold_back(cls, *targets: str, share: float, side: Sides = "both") -> Self:
        """Let a reflex hold a share of the drive back: less at most, and dearer below that."""
        return cls(tuple(HoldBack(t, share, side) for t in targets))

    @classmethod
    def pain(cls, *joints: str, points: float, side: Sides = "both") -> Self:
        """Let a joint hurt, 0 (not at all) to 10: it holds back the muscles around it."""
        return cls(tuple(Pain(j, points, side) for j in joints))

    @classmethod
    def effusion(cls, *joints: str, ml: float, side: Sides = "both") -> Self:
        """Put fluid into a joint, ml: it holds back the muscles around it."""
        return cls(tuple(Effusion(j, ml, side) for j in joints))

    @classmethod
    def wish(cls, *targets: str, level: float, side: Sides = "both") -> Self:
        """Wish for a level of activation, which is reached as far as the movement allows."""
        return cls(tuple(Wish(t, level, side) for t in targets))

    @classmethod
    def strategy(cls, name: str, *, strength: float = USUAL_STRENGTH, side: Sides = "both") -> Self:
        """Share load by another strategy, such as ``"hip-sparing"`` (`gluteal.nerves.strategy`)."""
        return cls((Strategy(name, strength, side),))

    def __and__(self, other: Condition) -> Condition:
        return Condition(self.effects + other.effects)

    def __bool__(self) -> bool:
        return bool(self.effects)

    @property
    def name(self) -> str:
        """The condition in words."""
        return ", ".join(t.describe() for t in self.effects) if self.effects else "nothing changed"

    @property
    def needs_undisturbed(self) -> bool:
        """Whether a term reads the undisturbed course of activation."""
        return any(t.needs_undisturbed for t in self.effects)

    @property
    def takes_capacity(self) -> bool:
        """Whether every term takes motor units away and does nothing else."""
        return all(t.takes_capacity for t in self.effects)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of its terms beside any result, each once."""
        return tuple(dict.fromkeys(t.remark for t in self.effects if t.remark))

    def wishes(self, body: Body) -> tuple[Wished, ...]:
        """Return what muscles are to do as far as the movement allows, in the order of the terms."""
        return tuple(w for t in self.effects for w in t.wishes(body))

    @property
    def joint_prices(self) -> tuple[tuple[str, float], ...]:
        """What (contact force / body weight)^2 costs, by kind of joint, in the order of the terms."""
        return tuple(priced for t in self.effects for priced in t.joint_prices)

    def affected(self, body: Body) -> frozenset[str]:
        """Names of the muscles acted on directly."""
        return frozenset(m for t in self.effects if t.names_muscles for m in t.resolve(body))


def assemble(condition: Condition, mechanics: Mechanics, undisturbed: np.ndarray | None = None) -> Share:
    """Return what a condition leaves of every muscle in every frame.

    Terms on the same muscle combine: losses multiply what is left, the lowest ceiling and the highest floor hold,
    prices multiply, and of several joints that hold drive back the strongest counts.

    Parameters
    ----------
    undisturbed : (..., time, muscle) or None
        Activation without the condition, 1; needed where `Condition.needs_undisturbed`.

    Returns
    -------
    Share
        Each (..., time, muscle), or a number where no term says anything of it; leading dimensions are those that a
        term takes from `undisturbed`.

    Raises
    ------
    UnknownName, InputError
        Where a target is not in the body, a floor exceeds a ceiling, a delay meets a movement of one frame, or a
        strength loss has not been settled.
    """
    names, place = mechanics.body.muscle_names, mechanics.body.muscle_places
    shape = (mechanics.dataset.sizes["time"], len(names))
    placed = []
    for term in condition.effects:
        columns = [place[name] for name in term.resolve(mechanics.body)]
        placed.append(term.share(mechanics, columns, undisturbed).place(columns, shape))
    share = reduce(Share.stack, placed) if placed else Share()
    crossed = share.floor > share.ceiling
    if crossed.any():
        lowest, highest = np.broadcast_arrays(share.floor, share.ceiling)
        first = tuple(np.argwhere(crossed)[0])
        raise InputError(
            f"The condition asks {names[first[-1]]} for at least {lowest[first]:.3g} and at most "
            f"{highest[first]:.3g} activation; lower the floor or raise the ceiling."
        )
    return share

"""Conditions: what is taken from, held back in, or asked of muscles. Composable, independent of any body.

Each effect is a pure function from muscle-wise bounds and capacities to new ones (`apply_condition`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from gluteal.anatomy import group_words
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.vocabulary import Side

Kind = Literal["weaken", "block", "inhibit", "squeeze", "delay", "strength-loss"]
Sides = Side | Literal["both"]

_RANGES: Mapping[Kind, tuple[float, float, str]] = {
    "weaken": (0.0, 1.0, "loss must lie between 0 (none) and 1 (all)"),
    "block": (0.0, 1.0, "loss must lie between 0 (none) and 1 (all)"),
    "strength-loss": (0.0, 1.0, "loss must lie between 0 (none) and 1 (all)"),
    "inhibit": (0.0, 1.0, "ceiling must lie between 0 and 1, a share of full activation"),
    "squeeze": (0.0, 1.0, "floor must lie between 0 and 1, a share of full activation"),
    "delay": (0.0, 10.0, "delay must lie between 0 and 10 seconds"),
}
_SIDE_WORDS = {"r": "right ", "l": "left ", "both": ""}


@dataclass(frozen=True)
class Effect:
    """One thing done to one target.

    Attributes
    ----------
    kind : str
        ``weaken`` and ``block``: share of motor units gone; capacity is multiplied by (1 - value) and
        activation counts relative to what is left. ``inhibit``: largest activation allowed. ``squeeze``:
        smallest activation. ``delay``: seconds by which the muscle trails its undisturbed course.
        ``strength-loss``: share of a movement's strength on the virtual dynamometer; it has to be turned
        into a ``block`` first (`gluteal.simulate.dynamometer.settle_strength_loss`).
    target : str
        Muscle, group, nerve, anatomical name, or movement.
    value : float
        Share (0..1) or seconds.
    """

    kind: Kind
    target: str
    value: float
    side: Sides = "both"

    def __post_init__(self) -> None:
        low, high, rule = _RANGES[self.kind]
        if not (math.isfinite(self.value) and low <= self.value <= high):
            raise InputError(f"{self.kind} {self.target!r} = {self.value:g} is out of range: the {rule}.")

    def describe(self) -> str:
        """Say the effect in words.

        >>> Effect("block", "superior gluteal nerve", 0.52, "r").describe()
        '52 % of the right superior gluteal nerve blocked'
        """
        where = f"{_SIDE_WORDS[self.side]}{group_words(self.target)}"
        if self.kind == "block" and not self.target.endswith("nerve"):
            where += " nerve"
        share = f"{100 * self.value:.3g} %"
        return {
            "weaken": f"{share} of the {where} gone",
            "block": f"{share} of the {where} blocked",
            "inhibit": f"{where} held at or below {share} activation" if self.value else f"{where} switched off",
            "squeeze": f"{where} squeezed to at least {share} activation",
            "delay": f"{where} delayed by {1000 * self.value:.3g} ms",
            "strength-loss": f"{share} of {where} strength lost",
        }[self.kind]

    def to_json(self) -> dict[str, Any]:
        """Return the effect as plain data."""
        return {"kind": self.kind, "target": self.target, "value": self.value, "side": self.side}


@dataclass(frozen=True)
class Condition:
    """Any number of effects at once. Empty, it changes nothing.

    >>> (Condition.weaken("glmax", loss=1.0, side="r") & Condition.inhibit("vasti", ceiling=0.3)).name
    '100 % of the right gluteus maximus gone, vasti held at or below 30 % activation'
    """

    effects: tuple[Effect, ...] = ()

    @classmethod
    def weaken(cls, *targets: str, loss: float, side: Sides = "both") -> Self:
        """Take a share of the motor units away (atrophy, strength loss)."""
        return cls(tuple(Effect("weaken", t, loss, side) for t in targets))

    @classmethod
    def block(cls, *nerves: str, loss: float, side: Sides = "both") -> Self:
        """Take a share of the motor units of a nerve's muscles away."""
        return cls(tuple(Effect("block", n, loss, side) for n in nerves))

    @classmethod
    def inhibit(cls, *targets: str, ceiling: float, side: Sides = "both") -> Self:
        """Hold the drive back: activation stays at or below `ceiling`."""
        return cls(tuple(Effect("inhibit", t, ceiling, side) for t in targets))

    @classmethod
    def squeeze(cls, *targets: str, floor: float, side: Sides = "both") -> Self:
        """Contract on purpose: activation stays at or above `floor`."""
        return cls(tuple(Effect("squeeze", t, floor, side) for t in targets))

    @classmethod
    def delay(cls, *targets: str, seconds: float, side: Sides = "both") -> Self:
        """Let a muscle be active only as much as it would have been `seconds` earlier, undisturbed."""
        return cls(tuple(Effect("delay", t, seconds, side) for t in targets))

    @classmethod
    def strength_loss(cls, *movements: str, loss: float, side: Sides = "both") -> Self:
        """Lose a share of a movement's strength, as a dynamometer would measure it."""
        return cls(tuple(Effect("strength-loss", m, loss, side) for m in movements))

    def __and__(self, other: Condition) -> Condition:
        return Condition(self.effects + other.effects)

    def __bool__(self) -> bool:
        return bool(self.effects)

    @property
    def name(self) -> str:
        """The condition in words."""
        return ", ".join(e.describe() for e in self.effects) if self.effects else "nothing changed"

    def affected(self, body: Body) -> frozenset[str]:
        """Names of the muscles acted on directly."""
        return frozenset(m for e in self.effects for m in resolve_target(e, body))


@dataclass(frozen=True)
class Limits:
    """What a condition leaves: bounds on activation and the share of capacity left, each (time, muscle)."""

    lower: np.ndarray
    upper: np.ndarray
    capacity: np.ndarray


def resolve_target(effect: Effect, body: Body) -> tuple[str, ...]:
    """Return the muscles an effect acts on; raises UnknownName, or InputError for a wrong side."""
    if effect.kind == "block":
        nerves = body.nerves
        wanted = effect.target.lower().replace("-", " ").replace("_", " ")
        if not any(wanted in (n, n.removesuffix(" nerve")) for n in nerves):
            muscles = body.resolve(effect.target, side=effect.side)  # raises with close names if unknown
            raise InputError(
                f"{effect.target!r} is not a nerve but stands for {len(muscles)} muscles; "
                f"to take their strength away use weaken. Nerves: {', '.join(nerves)}."
            )
    return body.resolve(effect.target, side=effect.side)


def apply_condition(
    condition: Condition, body: Body, movement: Movement, undisturbed: np.ndarray | None = None
) -> Limits:
    """Turn a condition into bounds and capacities.

    Effects on the same muscle combine: losses multiply what is left, the lowest ceiling and the highest
    floor hold.

    Parameters
    ----------
    undisturbed : (time, muscle) or None
        Activation without the condition; needed by ``delay`` only.

    Raises
    ------
    InputError
        Where a floor exceeds a ceiling, a delay meets a movement of one frame, or a strength loss has not
        been settled.
    """
    shape = (len(movement.time), len(body.muscle_names))
    lower, upper, capacity = np.zeros(shape), np.ones(shape), np.ones(shape)
    if not condition:
        return Limits(lower, upper, capacity)
    index = {m: i for i, m in enumerate(body.muscle_names)}
    for effect in condition.effects:
        if effect.kind == "strength-loss":
            raise InputError(
                f"{effect.describe()}: turn it into a nerve block or weakness first "
                "(gluteal.settle_strength_loss), or use gluteal.simulate, which does."
            )
        columns = [index[m] for m in resolve_target(effect, body)]
        if effect.kind in ("weaken", "block"):
            capacity[:, columns] *= 1.0 - effect.value
        elif effect.kind == "inhibit":
            upper[:, columns] = np.minimum(upper[:, columns], effect.value)
        elif effect.kind == "squeeze":
            lower[:, columns] = np.maximum(lower[:, columns], effect.value)
        else:
            late = _delayed(effect, movement, undisturbed)
            upper[:, columns] = np.minimum(upper[:, columns], late[:, columns])
    crossed = np.argwhere(lower > upper)
    if len(crossed):
        t, m = crossed[0]
        raise InputError(
            f"The condition asks {body.muscle_names[m]} for at least {lower[t, m]:.3g} and at most "
            f"{upper[t, m]:.3g} activation; lower the floor or raise the ceiling."
        )
    return Limits(lower, upper, capacity)


def _delayed(effect: Effect, movement: Movement, undisturbed: np.ndarray | None) -> np.ndarray:
    """Activation as it would have been `effect.value` seconds earlier.

    A cyclic movement wraps around; before the start of any other the first frame is held.
    """
    time = movement.time
    if len(time) < 2:
        raise InputError(
            f"{effect.describe()}: {movement.name!r} is one posture without a course over time; "
            "use a movement such as walk, or inhibit instead of delay."
        )
    if undisturbed is None:
        raise InputError(f"{effect.describe()}: a delay needs the undisturbed activation.")
    earlier = time - effect.value
    if movement.settings.get("cyclic"):
        earlier = time[0] + np.mod(earlier - time[0], time[-1] - time[0])
    return np.stack([np.interp(earlier, time, column) for column in undisturbed.T], axis=1)

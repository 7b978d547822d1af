"""What moves when a person adapts, by its clinical name: unit, habit, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gluteal.errors import InputError, UnknownName

#: Largest change that may be demanded, deg and mm: own choice, beyond anything a person who stands or walks does.
MOST_DEMANDED, MOST_DEMANDED_MM = 60.0, 300.0
#: One deviation of the pelvis's height in a walk, mm: four times the 2.6 mm by which it differs from one stride to the
#: next at the same phase in two recorded walkers, as the other deviations are two to six times theirs.
PELVIC_HEIGHT_SIGMA = 10.0


@dataclass(frozen=True)
class PostureQuantity:
    """One quantity of a posture or of a walk, in the world or at a joint.

    Attributes
    ----------
    name : str
        As in JSON (``trunk_lean``).
    unit : "deg" or "mm"
    sigma : float
        What the habit counts as one deviation, in `unit`.
    more, less : str
        Words of a change above and below zero, with ``{amount}`` and, where sides matter, ``{toward}`` and ``{away}``.
    meaning : str
        Zero and sign.
    """

    name: str
    unit: Literal["deg", "mm"]
    sigma: float
    more: str
    less: str
    meaning: str

    def say(self, value: float, toward: str) -> str:
        """Say a change in words.

        >>> posture_quantity("trunk_lean").say(6.6, "r")
        'the trunk leans 6.6° further to the right'
        """
        words = {"r": "right", "l": "left"}
        away = {"r": "left", "l": "right"}[toward]
        amount = f"{abs(value):.1f}°" if self.unit == "deg" else f"{abs(value):.0f} mm"
        return (self.more if value >= 0.0 else self.less).format(amount=amount, toward=words[toward], away=away)


def _joint(name: str, sigma: float, joint: str, more: str, less: str, *, of_free: bool = False) -> PostureQuantity:
    side = "{away}" if of_free else "{toward}"
    return PostureQuantity(
        name,
        "deg",
        sigma,
        f"the {side} {joint} is {{amount}} more {more}",
        f"the {side} {joint} is {{amount}} more {less}",
        f"{more} is positive; of the {'free' if of_free else 'standing'} side",
    )


#: Every quantity by its name. Sigmas are an own choice in the size of what healthy people's trunk, pelvis and joints
#: differ by from one stance to the next; only their ratios matter, since the habit's weight is fitted.
POSTURE_QUANTITIES: Mapping[str, PostureQuantity] = {
    q.name: q
    for q in (
        PostureQuantity(
            "trunk_lean",
            "deg",
            5.0,
            "the trunk leans {amount} further to the {toward}",
            "the trunk leans {amount} less to the {toward}",
            "the trunk's lean in the world in the frontal plane, towards the standing side positive",
        ),
        PostureQuantity(
            "trunk_forward_lean",
            "deg",
            5.0,
            "the trunk leans {amount} further forward",
            "the trunk leans {amount} further back",
            "the trunk's lean in the world in the sagittal plane, forward positive",
        ),
        PostureQuantity(
            "trunk_rotation",
            "deg",
            5.0,
            "the trunk turns {amount} to the {toward}",
            "the trunk turns {amount} to the {away}",
            "the trunk's turn in the world, towards the standing side positive",
        ),
        PostureQuantity(
            "pelvic_list",
            "deg",
            3.0,
            "the {away} side of the pelvis is {amount} higher",
            "the {away} side of the pelvis drops {amount}",
            "the pelvis in the frontal plane, the free side up positive",
        ),
        PostureQuantity(
            "pelvic_tilt",
            "deg",
            4.0,
            "the pelvis is tilted {amount} further forward",
            "the pelvis is tilted {amount} further back",
            "the pelvis in the sagittal plane, anterior tilt positive",
        ),
        PostureQuantity(
            "pelvic_rotation",
            "deg",
            4.0,
            "the pelvis turns {amount} to the {toward}",
            "the pelvis turns {amount} to the {away}",
            "the pelvis about the vertical, towards the standing side positive",
        ),
        PostureQuantity(
            "pelvic_shift",
            "mm",
            20.0,
            "the pelvis is {amount} further to the {toward}",
            "the pelvis is {amount} further to the {away}",
            "the pelvis's place across, towards the standing side positive",
        ),
        PostureQuantity(
            "pelvic_height",
            "mm",
            PELVIC_HEIGHT_SIGMA,
            "the pelvis is {amount} higher",
            "the pelvis is {amount} lower",
            "the pelvis's height, up positive; of a walk",
        ),
        PostureQuantity(
            "step_width",
            "mm",
            20.0,
            "the feet are {amount} further apart",
            "the feet are {amount} closer",
            "distance of the feet across the line of walking",
        ),
        _joint("hip_flexion", 8.0, "hip", "flexed", "extended"),
        _joint("hip_adduction", 5.0, "hip", "adducted", "abducted"),
        _joint("hip_rotation", 5.0, "hip", "turned inward", "turned outward"),
        _joint("knee_flexion", 5.0, "knee", "bent", "straight"),
        _joint("ankle_dorsiflexion", 4.0, "ankle", "dorsiflexed", "plantarflexed"),
        _joint("subtalar_inversion", 4.0, "heel", "inverted", "everted"),
        _joint("free_hip_flexion", 8.0, "hip", "flexed", "extended", of_free=True),
        _joint("free_hip_adduction", 5.0, "hip", "adducted", "abducted", of_free=True),
        _joint("free_hip_rotation", 5.0, "hip", "turned inward", "turned outward", of_free=True),
        _joint("free_knee_flexion", 8.0, "knee", "bent", "straight", of_free=True),
    )
}


def posture_quantity(name: str) -> PostureQuantity:
    """Return a quantity by name; blank, ``-`` and ``_`` are alike. Raises UnknownName."""
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key not in POSTURE_QUANTITIES:
        raise UnknownName("quantity", name, list(POSTURE_QUANTITIES), "docs/adapt.md")
    return POSTURE_QUANTITIES[key]


def count_deviations(name: str, change: float) -> float:
    """Return a change that is asked for, deg or mm, as deviations of the habit.

    Raises UnknownName for a quantity that is none, InputError for a change that nobody who stands or walks makes.

    >>> count_deviations("trunk_lean", 10.0), count_deviations("step_width", -40.0)
    (2.0, -2.0)
    """
    quantity = posture_quantity(name)
    most, unit = (MOST_DEMANDED, "degrees") if quantity.unit == "deg" else (MOST_DEMANDED_MM, "millimetres")
    if not abs(change) <= most:
        raise InputError(f"The demand on {name} is {change:g}; give a change from -{most:g} to {most:g} {unit}.")
    return change / quantity.sigma

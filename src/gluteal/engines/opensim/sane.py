"""What OpenSim computes of a model is held against what any body can have, before anything is built on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement

# Own choice, far above whatever a body has and far below where squares overflow: m, N m, kg.
_LARGEST = 1e12
_MOST_MASS = 1e6
# No part of a body has its mass centre this far from its joint, or its mass this far from that centre, m; parts with
# less than this share of the whole mass may be anywhere, as massless ones of models have any inertia. Own choice.
_WIDEST, _HEAVY = 3.0, 0.01
# What a muscle's numbers may be, far beyond any muscle; own choice, which keeps their quotients finite.
_MUSCLE = {
    "max_isometric_force": (0.0, 1e7, "N"),
    "optimal_fiber_length": (1e-6, 1e3, "m"),
    "tendon_slack_length": (0.0, 1e3, "m"),
    "max_contraction_velocity": (1e-6, 1e6, "fibre lengths per s"),
    "pennation_angle": (0.0, 1.57, "rad"),
    "passive_onset_strain": (-1.0, 1e3, "optimal lengths"),  # fibres may resist before they are at their optimum
    "passive_strain": (1e-6, 1e3, "optimal lengths"),
}
# Array -> what it is for people, and whose: muscles or coordinates along the axis after time.
_MEANING = {
    "mtu_length": ("the length of", "muscle"),
    "moment_arm": ("the moment arms at", "coordinate"),
    "joint_moment": ("the joint moment of", "coordinate"),
    "support_arm": ("what supports do at", "coordinate"),
    "spring_moment": ("the moment of springs at", "coordinate"),
}


def check_mass(name: str, mass: float) -> None:
    """Raise InputError where a model's mass, kg, is none; `name` is its file."""
    if not np.isfinite(mass):
        raise InputError(f"{name} has a mass that is no finite number; correct the masses of its bodies.")
    if not 0.0 <= mass <= _MOST_MASS:
        raise InputError(f"{name} has a mass of {mass:g} kg, which no body has; correct the masses of its bodies.")


def check_segments(name: str, segments: Sequence[tuple[str, float, float, float]]) -> None:
    """Raise InputError where mass centre or inertia of a segment has another unit; `name` is the model's file.

    `segments` has names, masses in kg, distances of mass centres in m, and largest moments of inertia in kg m^2.
    """
    whole = sum(mass for _, mass, _, _ in segments)
    for segment, mass, away, inertia in segments:
        if mass > _HEAVY * whole and away > _WIDEST:
            what, unit = f"mass centre of {segment} is {away:.3g} m away from its origin", "m"
        elif inertia > whole * _WIDEST**2 > 0.0:
            what, unit = f"inertia of {segment} is {inertia:.3g} kg m^2, of {mass:.3g} kg", "kg m^2"
        else:
            continue
        raise InputError(
            f"{name}: the {what}, which no body has: its unit is another one, as in a model in millimetres. Write it "
            f"in {unit}."
        )


def check_muscles(name: str, muscles: Sequence[str], parameters: Mapping[str, Sequence[float]]) -> None:
    """Raise InputError where a number of a muscle is none that a muscle can have; `name` is the model's file."""
    for column, (least, most, unit) in _MUSCLE.items():
        for muscle, value in zip(muscles, parameters[column], strict=True):
            if not least <= value <= most:
                raise InputError(
                    f"{name}: the {column} of {muscle} is {value:g} {unit}, which no muscle has; correct it "
                    f"({least:g} to {most:g} {unit}), or switch the muscle off there (appliesForce)."
                )


def check_arrays(body: Body, movement: Movement, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise InputError where a length, arm or moment of `Geometry` is not finite or absurdly large."""
    for name, (words, whose) in _MEANING.items():
        bad = np.argwhere(~(np.abs(arrays[name]) <= _LARGEST))
        if not len(bad):
            continue
        frame, row = int(bad[0][0]), int(bad[0][1])
        value = float(arrays[name][tuple(bad[0])])
        labels = body.muscle_names if whose == "muscle" else body.coordinate_names
        raise InputError(
            f"{body.model.path.name}: {words} {labels[row]} is {value:g} at {float(movement.time[frame]):g} s, "
            "which no body has; look in the model for a position, mass centre, inertia or angle that is no finite "
            "number or far too large, and correct it."
        )


def say_reason(error: RuntimeError) -> str:
    """Return OpenSim's own words as a sentence, without the place in its code.

    >>> say_reason(RuntimeError("std::exception in 'void f()': No such thing"))
    'No such thing.'
    """
    words = " ".join(str(error).split())
    words = re.sub(r"^std::exception in '.*?': ", "", words)[:300].rstrip()
    return words if words.endswith(".") else f"{words}."


@contextmanager
def translated(body: Body) -> Iterator[None]:
    """Turn an error of OpenSim itself into an InputError that names the model."""
    try:
        yield
    except RuntimeError as error:
        raise InputError(
            f"OpenSim cannot compute {body.model.path.name} in this movement: {say_reason(error)} Look at the model in "
            "the OpenSim application in the postures of the movement."
        ) from error

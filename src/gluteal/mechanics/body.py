"""A musculoskeletal body, frozen: coordinates, muscles with sourced parameters, mass.

Engines build bodies (see `gluteal.engines.load_body`); this module knows none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import xarray as xr

from gluteal import anatomy
from gluteal.errors import InputError, UnknownName
from gluteal.vocabulary import Side, Sides, side_of

#: Columns of the muscle table, with units. All floats along dimension ``muscle``.
MUSCLE_PARAMETERS = {
    "max_isometric_force": "N",
    "optimal_fiber_length": "m",
    "tendon_slack_length": "m",
    "pennation_angle": "rad",  # at optimal fibre length
    "max_contraction_velocity": "1/s",  # optimal fibre lengths per second
    "passive_onset_strain": "1",  # fibre strain at which passive force starts
    "passive_strain": "1",  # fibre strain at which it reaches the maximal isometric force
}


@dataclass(frozen=True)
class Coordinate:
    """One independent degree of freedom.

    `range` is in rad or m. `kind` says whether forces along it are moments (N m) or forces (N).
    """

    name: str
    kind: Literal["rotation", "translation"]
    range: tuple[float, float]
    default: float = 0.0
    locked: bool = False

    @property
    def unit(self) -> str:
        """Unit of the generalised force."""
        return "N m" if self.kind == "rotation" else "N"


@dataclass(frozen=True)
class SidedGroup:
    """A muscle group on one side (None: in the middle); `rows` are its muscles' places in the body."""

    group: str
    side: Side | None
    rows: tuple[int, ...]

    @property
    def label(self) -> str:
        """Name with its side ("glmed_r")."""
        return f"{self.group}_{self.side}" if self.side else self.group


@dataclass(frozen=True)
class Body:
    """A body as every later step sees it.

    Attributes
    ----------
    muscles : xr.Dataset
        Along ``muscle``: `MUSCLE_PARAMETERS` (floats) and ``source`` (str, where each row comes from).
    coordinates : tuple of Coordinate
        Independent coordinates in the engine's order; coupled ones are projected out.
    model : object
        The engine's own handle. Only the engine's backend may touch it.
    """

    name: str
    engine: Literal["mujoco", "opensim"]
    mass: float  # kg
    coordinates: tuple[Coordinate, ...]
    muscles: xr.Dataset
    source: str
    notes: tuple[str, ...] = ()
    model: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        for column in MUSCLE_PARAMETERS:
            values = self.muscles[column].values
            if not np.all(np.isfinite(values)):
                bad = self.muscle_names[int(np.flatnonzero(~np.isfinite(values))[0])]
                raise InputError(f"Muscle {bad!r} of body {self.name!r} has no finite {column}.")

    @cached_property
    def muscle_names(self) -> tuple[str, ...]:
        """Muscle names in the body's order."""
        return tuple(str(m) for m in self.muscles["muscle"].values)

    @cached_property
    def muscle_places(self) -> Mapping[str, int]:
        """Place of each muscle in the body's order."""
        return {name: i for i, name in enumerate(self.muscle_names)}

    @cached_property
    def coordinate_names(self) -> tuple[str, ...]:
        """Independent coordinates in the engine's order."""
        return tuple(c.name for c in self.coordinates)

    def coordinate(self, name: str) -> Coordinate:
        """Return one coordinate by name; raises UnknownName."""
        for c in self.coordinates:
            if c.name == name:
                return c
        raise UnknownName("coordinate", name, self.coordinate_names, "body.coordinate_names")

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Muscle groups present in this body: group -> muscle names of both sides."""
        return anatomy.groups_of(self.muscle_names)

    @cached_property
    def sided_groups(self) -> tuple[SidedGroup, ...]:
        """Groups by side, in the order of `groups`, right before left before neither."""
        place = self.muscle_places
        sides: tuple[Side | None, ...] = ("r", "l", None)
        found = (
            SidedGroup(group, side, tuple(place[m] for m in muscles if side_of(m) == side))
            for group, muscles in self.groups.items()
            for side in sides
        )
        return tuple(g for g in found if g.rows)

    @property
    def nerves(self) -> Mapping[str, tuple[str, ...]]:
        """Nerves present in this body: nerve -> muscle names of both sides."""
        return anatomy.nerves_of(self.muscle_names)

    def resolve(self, name: str, *, side: Sides = "both") -> tuple[str, ...]:
        """Return the muscles meant by a muscle, group, nerve or anatomical name.

        A muscle named with its side ignores `side`. Raises UnknownName with close names, or
        InputError where the name exists but not on that side.
        """
        return anatomy.resolve(name, self.muscle_names, side=side)

    def sides(self) -> tuple[Side | None, ...]:
        """Side of each muscle, in the body's order."""
        return tuple(side_of(m) for m in self.muscle_names)


def make_muscle_table(names: Sequence[str], parameters: Mapping[str, np.ndarray], source: Sequence[str]) -> xr.Dataset:
    """Build the muscle table of a body from columns of equal length; units as `MUSCLE_PARAMETERS`."""
    data = {
        column: ("muscle", np.asarray(parameters[column], float), {"units": units})
        for column, units in MUSCLE_PARAMETERS.items()
    }
    return xr.Dataset({**data, "source": ("muscle", list(source))}, coords={"muscle": list(names)})


def check_muscles_there(body: Body) -> None:
    """Raise InputError where a body has no muscles, in which nothing can be weakened."""
    if not body.muscle_names:
        raise InputError(
            f"The body {body.name!r} has no muscles, so that nothing can be asked of them: give the model as it was "
            "before they were taken out, or one that has them."
        )

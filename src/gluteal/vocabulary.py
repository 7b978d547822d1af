"""Names, dimensions, units and signs: the one table everything else reads.

World frame: X forward (anterior), Y up, Z to the right, right-handed, as OpenSim and the ISB use it.
Coordinates carry OpenSim's names (``hip_flexion_r``), angles in radians, lengths in metres, forces in
newtons. Flexion, adduction and internal rotation of the hip, flexion of the knee, dorsiflexion,
and extension of the lumbar spine are positive; pelvic tilt is positive backwards (posterior).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import xarray as xr

Side = Literal["r", "l"]

#: The six coordinates of the pelvis in the world: no muscle moves them, only supports do.
ROOT_COORDINATES = (
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
)

#: Standard gravity, m/s^2 (CGPM 1901).
STANDARD_GRAVITY = 9.80665


@dataclass(frozen=True)
class Term:
    """One quantity: its unit, its dimensions and what it means."""

    units: str
    dims: tuple[str, ...]
    meaning: str


TERMS = {
    "coordinate_value": Term("rad or m", ("time", "coordinate"), "joint angle or translation"),
    "coordinate_speed": Term("rad/s or m/s", ("time", "coordinate"), "rate of coordinate_value"),
    "joint_moment": Term(
        "N m or N",
        ("time", "coordinate"),
        "generalised force that muscles, unmeasured supports and reserves must supply together",
    ),
    "moment_arm": Term("m", ("time", "coordinate", "muscle"), "-d(mtu_length)/d(coordinate)"),
    "max_isometric_force": Term("N", ("muscle",), "largest active force at optimal fibre length"),
    "mtu_length": Term("m", ("time", "muscle"), "length of the muscle-tendon path"),
    "mtu_velocity": Term("m/s", ("time", "muscle"), "rate of mtu_length, lengthening positive"),
    "fiber_length": Term("1", ("time", "muscle"), "fibre length / optimal fibre length"),
    "fiber_velocity": Term("1", ("time", "muscle"), "fibre velocity / maximal, lengthening positive"),
    "active_capacity": Term("N", ("time", "muscle"), "tendon force per unit of activation"),
    "passive_force": Term("N", ("time", "muscle"), "tendon force at zero activation"),
    "support_arm": Term("m or 1", ("time", "coordinate", "ray"), "generalised force per newton along a support ray"),
    "activation": Term("1", ("time", "muscle"), "muscle activation, share of what is left of the muscle"),
    "muscle_force": Term("N", ("time", "muscle"), "tendon force, active and passive"),
    "reserve_moment": Term("N m or N", ("time", "coordinate"), "what muscles and supports cannot supply"),
    "least_reserve": Term(
        "N m or N", ("time", "coordinate"), "what is missing however muscles and supports share: the least reserve there is"
    ),
    "multiplier": Term(
        "1/(N m) or 1/N", ("time", "coordinate"), "change of the effort and of what reserves cost per unit of demand"
    ),
    "support_force": Term("N", ("time", "ray"), "force along a support ray"),
    "joint_force": Term(
        "N", ("time", "joint", "axis"), "contact force on the segment `on`, along the axes of segment `frame`"
    ),
    "world_force": Term("N", ("time", "joint", "axis"), "contact force on the segment `on`, world axes"),
    "joint_load": Term("N", ("time", "joint"), "size of the contact force"),
    "anterior_force": Term(
        "N", ("time", "joint"), "contact force of the thigh on the pelvis, forward along the pelvis's x"
    ),
    "metabolic_power": Term("W", ("time", "muscle"), "rate of metabolic energy of a muscle, heat and work"),
    "effort": Term("1", ("time",), "sum of weighted activations to the exponent"),
    "stationarity": Term("1", ("time",), "largest violation of the Karush-Kuhn-Tucker stationarity"),
    "feasibility": Term("1", ("time",), "largest violation of equations and bounds, relative"),
    "complementarity": Term("1", ("time",), "largest product of multiplier and slack"),
}


def describe(array: xr.DataArray, name: str) -> xr.DataArray:
    """Return `array` under a name of the vocabulary, with its unit and meaning attached."""
    term = TERMS[name]
    return array.rename(name).assign_attrs(units=term.units, long_name=term.meaning)


def side_of(name: str) -> Side | None:
    """Return the side that a muscle's or coordinate's name states, or None.

    >>> side_of("glmed1_r"), side_of("lumbar_extension")
    ('r', None)
    """
    for side in ("r", "l"):
        if name.endswith(f"_{side}") or f"_{side}_" in name:
            return side
    return None


def unsided(name: str) -> str:
    """Return a name without its side.

    >>> unsided("glmed1_r")
    'glmed1'
    """
    side = side_of(name)
    if side is None:
        return name
    return name[:-2] if name.endswith(f"_{side}") else name.replace(f"_{side}_", "_", 1)

"""Names, dimensions, units and signs: the one table everything else reads.

World frame: X forward (anterior), Y up, Z to the right, right-handed, as OpenSim and the ISB use it.
Coordinates carry OpenSim's names (``hip_flexion_r``), angles in radians, lengths in metres, forces in
newtons. Flexion, adduction and internal rotation of the hip, flexion of the knee, dorsiflexion,
and extension of the lumbar spine are positive; pelvic tilt is positive backwards (posterior).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import xarray as xr

Side = Literal["r", "l"]
Sides = Literal["r", "l", "both"]
#: What a person may answer to "which side?".
SIDE_CHOICES: tuple[Sides, ...] = ("r", "l", "both")

#: The six coordinates of the pelvis in the world: no muscle moves them, only supports do.
ROOT_COORDINATES = (
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
)
#: Those of a body that moves in one plane, forward and up.
PLANAR_ROOT = ("pelvis_tilt", "pelvis_tx", "pelvis_ty")

#: Standard gravity, m/s^2 (CGPM 1901).
STANDARD_GRAVITY = 9.80665

# How models call the segments of a foot, in the common languages.
_FOOT = re.compile(
    r"calc|talus|tarsus|toe|foot|feet|mtp|shoe|(?:^|[_\W])(?:fuss|fuß|pied?e?|pes|pé|voet|stopa|ayak)(?:[_\W\d]|$)"
)


@dataclass(frozen=True)
class Quantity:
    """One quantity: its unit, its dimensions and what it means."""

    units: str
    dims: tuple[str, ...]
    meaning: str


QUANTITIES = {
    "coordinate_value": Quantity("rad or m", ("time", "coordinate"), "joint angle or translation"),
    "coordinate_speed": Quantity("rad/s or m/s", ("time", "coordinate"), "rate of coordinate_value"),
    "joint_moment": Quantity(
        "N m or N",
        ("time", "coordinate"),
        "generalised force that muscles, unmeasured supports and reserves must supply together",
    ),
    "spring_moment": Quantity(
        "N m or N",
        ("time", "coordinate"),
        "generalised force of the model's own springs, ligaments and limits, taken off joint_moment",
    ),
    "moment_arm": Quantity("m", ("time", "coordinate", "muscle"), "-d(mtu_length)/d(coordinate)"),
    "max_isometric_force": Quantity("N", ("muscle",), "largest active force at optimal fibre length"),
    "mtu_length": Quantity("m", ("time", "muscle"), "length of the muscle-tendon path"),
    "mtu_velocity": Quantity("m/s", ("time", "muscle"), "rate of mtu_length, lengthening positive"),
    "fiber_length": Quantity("1", ("time", "muscle"), "fibre length / optimal fibre length"),
    "fiber_velocity": Quantity("1", ("time", "muscle"), "fibre velocity / maximal, lengthening positive"),
    "active_capacity": Quantity("N", ("time", "muscle"), "tendon force per unit of activation"),
    "passive_force": Quantity("N", ("time", "muscle"), "tendon force at zero activation"),
    "support_arm": Quantity(
        "m or 1", ("time", "coordinate", "ray"), "generalised force per newton along a support ray"
    ),
    "activation": Quantity("1", ("time", "muscle"), "muscle activation, share of what is left of the muscle"),
    "muscle_force": Quantity("N", ("time", "muscle"), "tendon force, active and passive"),
    "reserve_moment": Quantity("N m or N", ("time", "coordinate"), "what muscles and supports cannot supply"),
    "least_reserve": Quantity(
        "N m or N",
        ("time", "coordinate"),
        "what is missing however muscles and supports share: the least reserve there is",
    ),
    "multiplier": Quantity(
        "1/(N m) or 1/N", ("time", "coordinate"), "change of the effort and of what reserves cost per unit of demand"
    ),
    "support_force": Quantity("N", ("time", "ray"), "force along a support ray"),
    "joint_force": Quantity(
        "N", ("time", "joint", "axis"), "contact force on the segment `on`, along the axes of segment `frame`"
    ),
    "world_force": Quantity("N", ("time", "joint", "axis"), "contact force on the segment `on`, world axes"),
    "joint_load": Quantity("N", ("time", "joint"), "size of the contact force"),
    "anterior_force": Quantity(
        "N", ("time", "joint"), "contact force of the thigh on the pelvis, forward along the pelvis's x"
    ),
    "metabolic_power": Quantity("W", ("time", "muscle"), "rate of metabolic energy of a muscle, heat and work"),
    "effort": Quantity("1", ("time",), "sum of weighted activations to the exponent"),
    "stationarity": Quantity("1", ("time",), "largest violation of the Karush-Kuhn-Tucker stationarity"),
    "feasibility": Quantity("1", ("time",), "largest violation of equations and bounds, relative"),
    "complementarity": Quantity("1", ("time",), "largest product of multiplier and slack"),
}


def describe(array: xr.DataArray, name: str) -> xr.DataArray:
    """Return `array` under a name of the vocabulary, with its unit and meaning attached."""
    quantity = QUANTITIES[name]
    return array.rename(name).assign_attrs(units=quantity.units, long_name=quantity.meaning)


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


def is_foot(segment: str) -> bool:
    """Return whether a segment is a foot or a part of one, by its name.

    >>> is_foot("calcn_r"), is_foot("/bodyset/Foot_L"), is_foot("pie_derecho"), is_foot("hand_r")
    (True, True, True, False)
    """
    return bool(_FOOT.search(segment.lower()))

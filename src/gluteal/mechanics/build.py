"""Mechanics: one labelled dataset per body and movement, whatever engine made it.

Engines deliver geometry and moments (`Geometry`); force capacities come from the one muscle kernel,
fed by the body's own parameter table. Everything after this module is arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import cast

import numpy as np
import xarray as xr
from xarray.indexes import Index, PandasIndex

from gluteal.errors import InputError
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body
from gluteal.mechanics.movement import Movement
from gluteal.vocabulary import QUANTITIES, ROOT_COORDINATES, Side

#: A muscle with a smaller moment arm than this about a coordinate does not cross it, m.
CROSSES = 1e-4

#: Moment arms below this are rounding of the engine, m; exact zeros let the solver skip them. At 1000 N it
#: is a thousandth of a newton-metre.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Geometry:
    """What an engine computes, as bare arrays over all independent coordinates (Q) of the body.

    Attributes
    ----------
    mtu_length : (T, M) m
    moment_arm : (T, Q, M) m, minus the derivative of length with respect to the coordinate
    joint_moment : (T, Q) N m or N
        Inverse dynamics minus measured loads: what muscles, unknown supports and residuals must supply.
    support_arm : (T, Q, R)
        Generalised force per newton along each support ray; R = 0 without unknown supports.
    ray_support : (R,) str, name of the support of each ray
    ray_direction : (R, 3) world directions of the rays
    """

    mtu_length: np.ndarray
    moment_arm: np.ndarray
    joint_moment: np.ndarray
    support_arm: np.ndarray
    ray_support: tuple[str, ...] = ()
    ray_direction: np.ndarray | None = None


@dataclass(frozen=True)
class Cut:
    """A cut through a joint that parts the body in two, and how the force in the joint is told.

    Attributes
    ----------
    joint : "hip", "knee", "ankle" or "lumbosacral"
    side : "r", "l" or None
    beyond : names of all segments beyond the joint, seen from the pelvis; the first one is at the joint,
        and its origin is the joint's centre
    on : the segment on which the reported force acts, at this side of the joint or beyond
    frame : the segment along whose axes it is expressed
    """

    joint: str
    side: Side | None
    beyond: tuple[str, ...]
    on: str
    frame: str


@dataclass(frozen=True)
class Lines:
    """What crosses the cuts through J joints, as bare arrays in the world frame.

    Forces act on the segments beyond the cut; moments are taken about the joint's centre.

    Attributes
    ----------
    centre : (T, J, 3) m
    rotation : (T, J, 3, 3)
        Columns are the axes of each cut's frame in the world.
    needed_force, needed_moment : (T, J, 3) N, N m
        What the motion of the segments beyond needs, gravity and measured loads taken off: muscles, unknown
        supports and the joint supply it together.
    muscle_force, muscle_moment : (T, J, 3, M) per newton of tension: 1 and m
    support_force, support_moment : (T, J, 3, R) per newton along a support ray: 1 and m
    """

    cuts: tuple[Cut, ...]
    centre: np.ndarray
    rotation: np.ndarray
    needed_force: np.ndarray
    needed_moment: np.ndarray
    muscle_force: np.ndarray
    muscle_moment: np.ndarray
    support_force: np.ndarray
    support_moment: np.ndarray


@dataclass(frozen=True)
class Mechanics:
    """A body doing a movement, in labelled arrays.

    `dataset` holds the quantities of `gluteal.vocabulary.QUANTITIES` from ``joint_moment`` to ``support_arm``,
    over dimensions ``time``, ``coordinate``, ``muscle``, ``ray``, and the boolean ``recruited``
    (coordinate,): the rows that the muscles (and unknown supports) have to balance.
    """

    body: Body
    movement: Movement
    dataset: xr.Dataset
    seconds: float  # what computing it took
    find_lines: Callable[[Body, Movement], Lines] | None = None

    @cached_property
    def lines(self) -> Lines:
        """Lines of action across the joints; the engine computes them when they are first asked for."""
        if self.find_lines is None:
            raise InputError("These mechanics come from no engine: muscles' lines of action are unknown.")
        return self.find_lines(self.body, self.movement)

    @property
    def time(self) -> np.ndarray:
        """Time of the frames, s."""
        return self.dataset["time"].values


def build_mechanics(
    body: Body,
    movement: Movement,
    geometry: Geometry,
    *,
    seconds: float,
    find_lines: Callable[[Body, Movement], Lines] | None = None,
) -> Mechanics:
    """Label an engine's geometry and add the muscles' force capacities.

    Muscle velocity is -sum(moment_arm * coordinate_speed): exact, no differencing of lengths.
    """
    geometry = replace(geometry, moment_arm=np.where(abs(geometry.moment_arm) < ROUNDING, 0.0, geometry.moment_arm))
    speed = in_order(movement.speed, body.coordinate_names)
    mtu_velocity = -np.einsum("tqm,tq->tm", geometry.moment_arm, speed)
    table = body.muscles.variables
    fiber_length, fiber_velocity, active, passive = rigid_tendon_muscle(
        geometry.mtu_length,
        mtu_velocity,
        *(table[column].values for column in MUSCLE_PARAMETERS),
    )
    values = {
        "coordinate_value": in_order(movement.coordinates, body.coordinate_names),
        "coordinate_speed": speed,
        "joint_moment": geometry.joint_moment,
        "moment_arm": geometry.moment_arm,
        "mtu_length": geometry.mtu_length,
        "mtu_velocity": mtu_velocity,
        "fiber_length": fiber_length,
        "fiber_velocity": fiber_velocity,
        "active_capacity": active,
        "passive_force": passive,
        "support_arm": geometry.support_arm,
    }
    variables = {name: quantity_variable(array, name) for name, array in values.items()}
    variables["recruited"] = ("coordinate",), recruited(body, movement, geometry), {}
    coords = label_axes(
        time=movement.coordinates.xindexes["time"],
        coordinate=_name_index("coordinate", body.coordinate_names),
        muscle=body.muscles.xindexes["muscle"],
        ray=_number_index("ray", geometry.support_arm.shape[2]),
        ray_support=geometry.ray_support,
    )
    return Mechanics(body, movement, xr.Dataset(variables, coords=coords), seconds, find_lines)


def in_order(array: xr.DataArray, names: tuple[str, ...]) -> np.ndarray:
    """Return values (time, coordinate) with the coordinates in the order of `names`, as they are if they are."""
    if array.get_index("coordinate").equals(_name_index("coordinate", names).index):
        return array.values
    return array.sel(coordinate=list(names)).values


def quantity_variable(array: np.ndarray, name: str) -> tuple[tuple[str, ...], np.ndarray, dict[str, str]]:
    """Attach the vocabulary's dimensions, unit and meaning to a bare array, as `xr.Dataset` takes them.

    Variables of one dataset share its labels: labelling each first, and aligning them then, takes longer than
    computing them.
    """
    quantity = QUANTITIES[name]
    return quantity.dims, array, {"units": quantity.units, "long_name": quantity.meaning}


@lru_cache(maxsize=64)
def label_axes(
    *, time: Index, coordinate: Index, muscle: Index, ray: Index, ray_support: tuple[str, ...] | None = None
) -> xr.Coordinates:
    """Return a dataset's labels from the indexes of its dimensions, and the names of the rays' supports.

    They are made once for the same indexes: movements are solved again and again, and datasets share labels, which
    nobody can write to.
    """
    indexes = {"time": time, "coordinate": coordinate, "muscle": muscle, "ray": ray}
    variables: dict[str, xr.Variable] = {dim: index.create_variables()[dim] for dim, index in indexes.items()}
    if ray_support is not None:
        names = np.array(ray_support, dtype=np.str_)
        names.flags.writeable = False
        variables["ray_support"] = xr.Variable("ray", names)
    return xr.Coordinates(variables, indexes=indexes)


@lru_cache(maxsize=64)
def take_labels(index: PandasIndex, chosen: tuple[int, ...]) -> PandasIndex:
    """Return the index of some of a dimension's labels."""
    return cast(PandasIndex, index.isel({index.dim: np.array(chosen, dtype=int)}))


@lru_cache(maxsize=64)
def _name_index(dim: str, names: tuple[str, ...]) -> PandasIndex:
    """Return the index of a dimension labelled with names; bodies are few and movements many."""
    return PandasIndex(np.array(names, dtype=np.str_), dim)


@lru_cache(maxsize=64)
def _number_index(dim: str, count: int) -> PandasIndex:
    """Return the index of a dimension that is only counted."""
    return PandasIndex(np.arange(count), dim)


def recruited(body: Body, movement: Movement, geometry: Geometry) -> np.ndarray:
    """Say which coordinates muscles must balance: those a muscle crosses, not locked, not excluded.

    The pelvis's six count only where supports are unknown; with measured loads their imbalance is the
    residual of the measurement, reported apart.
    """
    crossed = np.abs(geometry.moment_arm).max(axis=(0, 2)) > CROSSES
    root = np.array([name in ROOT_COORDINATES for name in body.coordinate_names])
    crossed = np.where(root, bool(movement.supports), crossed)
    open_ = [not c.locked and c.name not in movement.excluded for c in body.coordinates]
    return crossed & np.array(open_)

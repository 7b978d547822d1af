"""Mechanics: one labelled dataset per body and movement, whatever engine made it, for one person or many.

Engines deliver geometry and moments (`Geometry`); force capacities come from the one muscle kernel,
fed by the body's own parameter table. Everything after this module is arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import xarray as xr

from gluteal.errors import InputError
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body, check_muscles_there
from gluteal.mechanics.cause import Cause, order_causes
from gluteal.mechanics.geometry import Geometry, Lines
from gluteal.mechanics.ground import find_ground_faults
from gluteal.mechanics.labels import in_order, label_axes, name_index, number_index, quantity_variable
from gluteal.mechanics.movement import Movement
from gluteal.mechanics.muscle_state import find_muscle_faults
from gluteal.vocabulary import ROOT_COORDINATES, unsided

#: A muscle with a smaller moment arm than this about a coordinate does not cross it, m.
CROSSES = 1e-4

#: Pull along an axis below this, per newton of tension, is rounding of the engine: left in, it would join the legs to
#: one problem and triple the time.
ROUNDING_PULL = 1e-4

# Coordinates of the legs: a muscle that crosses one is a leg's muscle.
_LEG = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle")


class RecruitedRows(NamedTuple):
    """The moment balance over the recruited coordinates (Q), as bare arrays.

    Attributes
    ----------
    rows : (Q,) int, which coordinates they are
    at_root : (Q,) bool, whether they are the pelvis's
    moment_arm : (..., T, Q, M) m
    support_arm : (T, Q, R) m or 1
    demand : (..., T, Q) N m or N
        joint_moment minus that of the passive forces: what active forces, supports and reserves must supply.
    """

    rows: np.ndarray
    at_root: np.ndarray
    moment_arm: np.ndarray
    support_arm: np.ndarray
    demand: np.ndarray


@dataclass(frozen=True)
class Mechanics:
    """A body doing a movement, in labelled arrays.

    `dataset` holds the quantities of `gluteal.vocabulary.QUANTITIES` from ``joint_moment`` to ``support_arm``,
    over dimensions ``time``, ``coordinate``, ``muscle``, ``ray``, and the boolean ``recruited``
    (coordinate,): the rows that the muscles (and unknown supports) have to balance. Of many people
    (`alter_mechanics`), what differs between them has a first dimension ``person``.

    `findings` is what speaks against judging it before any load is shared, the cause first: of the measurement, of the
    ground's forces, of the muscles' lengths. Of many people it is that of the body they are drawn from.
    """

    body: Body
    movement: Movement
    dataset: xr.Dataset
    seconds: float  # what computing it took
    find_lines: Callable[[Body, Movement], Lines] | None = None
    findings: tuple[Cause, ...] = ()

    @cached_property
    def lines(self) -> Lines:
        """Lines of action across the joints; the engine computes them when they are first asked for."""
        if self.find_lines is None:
            raise InputError("These mechanics come from no engine: muscles' lines of action are unknown.")
        return self.find_lines(self.body, self.movement)

    @cached_property
    def pulls(self) -> tuple[np.ndarray, np.ndarray]:
        """`Lines.muscle_force` and `support_force` without the engine's rounding, (T, J, 3, M) and (T, J, 3, R)."""
        lines = self.lines
        muscle, support = (
            np.where(np.abs(v) < ROUNDING_PULL, 0.0, v) for v in (lines.muscle_force, lines.support_force)
        )
        return muscle, support

    @cached_property
    def leg_muscles(self) -> np.ndarray:
        """Which muscles cross a hip, knee or ankle, (muscle,) bool; all, where the body has no legs.

        Bodies differ in how many trunk muscles they have; a price beside activations means the same in all of them
        only if activations are counted against the same muscles.
        """
        leg = [unsided(str(name)) in _LEG for name in self.dataset["coordinate"].values]
        arm = np.abs(self.dataset["moment_arm"].values[..., leg, :])
        crosses = (arm > CROSSES).any(axis=tuple(range(arm.ndim - 1)))
        return crosses if crosses.any() else np.ones(arm.shape[-1], bool)

    @cached_property
    def balance(self) -> RecruitedRows:
        """The moment balance that every load sharing of this movement starts from."""
        data = self.dataset.variables
        rows = np.flatnonzero(data["recruited"].values)
        arm = data["moment_arm"].values[..., rows, :]
        # The sum runs along one axis, whose order does not depend on how many people there are.
        passive = (arm * data["passive_force"].values[..., None, :]).sum(axis=-1)
        moment = data["joint_moment"].values[..., rows]
        at_root = np.array([name in ROOT_COORDINATES for name in data["coordinate"].values[rows]], bool)
        return RecruitedRows(rows, at_root, arm, data["support_arm"].values[..., rows, :], moment - passive)

    @cached_property
    def weak_arm(self) -> np.ndarray:
        """What a newton along each support ray adds to each of the movement's weak rows, (T, W, R), in deviations."""
        data, rows = self.dataset.variables, self.movement.weak_rows
        arm = np.zeros((len(self.time), len(rows), self.dataset.sizes["ray"]))
        if not rows:
            return arm
        # A newton along a ray does on the pelvis's translations what the ray's direction says.
        names = data["coordinate"].values.tolist()
        direction = data["support_arm"].values[..., [names.index(name) for name in ROOT_COORDINATES[3:]], :]
        of_ray = data["ray_support"].values.astype(str)
        for w, row in enumerate(rows):
            for name, part in row.per_force.items():
                own = of_ray == name
                arm[:, w, own] = np.einsum("ta,tar->tr", part, direction[:, :, own]) / row.deviation
        return arm

    @property
    def time(self) -> np.ndarray:
        """Time of the frames, s."""
        return np.asarray(self.dataset.variables["time"].values)


def build_mechanics(
    body: Body,
    movement: Movement,
    geometry: Geometry,
    *,
    seconds: float,
    find_lines: Callable[[Body, Movement], Lines] | None = None,
) -> Mechanics:
    """Label an engine's geometry and add the muscles' force capacities; InputError where the body has none."""
    check_muscles_there(body)
    moment_arm = geometry.exact_arm
    speed = in_order(movement.speed, body.coordinate_names)
    values = {
        "coordinate_value": in_order(movement.coordinates, body.coordinate_names),
        "coordinate_speed": speed,
        "joint_moment": geometry.joint_moment,
        "spring_moment": geometry.joint_moment * 0.0 if geometry.spring_moment is None else geometry.spring_moment,
        "moment_arm": moment_arm,
        "support_arm": geometry.support_arm,
        **_muscle_values(body.muscles, geometry.mtu_length, moment_arm, speed),
    }
    variables = {name: quantity_variable(array, name) for name, array in values.items()}
    variables["recruited"] = ("coordinate",), recruited(body, movement, geometry), {}
    coords = label_axes(
        time=movement.coordinates.xindexes["time"],
        coordinate=name_index("coordinate", body.coordinate_names),
        muscle=body.muscles.xindexes["muscle"],
        ray=number_index("ray", geometry.support_arm.shape[2]),
        ray_support=geometry.ray_support,
    )
    dataset = xr.Dataset(variables, coords=coords)
    faults = [
        *movement.findings,
        *find_ground_faults(body, movement, geometry.joint_moment),
        *find_muscle_faults(body.muscles, movement, dataset, body.mass),
    ]
    findings = order_causes(faults, movement.time)
    return Mechanics(body, movement, dataset, seconds, find_lines, findings)


def alter_mechanics(
    mechanics: Mechanics,
    *,
    muscles: xr.Dataset | None = None,
    strength: np.ndarray | None = None,
    joint_moment: np.ndarray | None = None,
    moment_arm: np.ndarray | None = None,
    mtu_length: np.ndarray | None = None,
) -> Mechanics:
    """Return the mechanics of other muscles, or of P people, in the same movement.

    What is not given stays. Muscle velocity, fibre state, capacity and passive force follow from it by the muscle
    kernel. An array with a first axis of P people gives everything that depends on it the dimension ``person``.

    Parameters
    ----------
    muscles : xr.Dataset
        Another table of muscles, as `gluteal.mechanics.body.make_muscle_table` makes them.
    strength : (P, muscle) array
        max_isometric_force / the table's, 1.
    joint_moment : (P, time, coordinate) array, N m or N
    moment_arm : (P, time, coordinate, muscle) array, m
    mtu_length : (P, time, muscle) array, m
    """
    data = mechanics.dataset
    body = mechanics.body if muscles is None else replace(mechanics.body, muscles=muscles)
    new: dict[str, np.ndarray] = {}
    if joint_moment is not None:
        new["joint_moment"] = joint_moment
    if moment_arm is not None:
        new["moment_arm"] = moment_arm
    arm = data["moment_arm"].values if moment_arm is None else moment_arm
    length = data["mtu_length"].values if mtu_length is None else mtu_length
    new |= _muscle_values(body.muscles, length, arm, data["coordinate_speed"].values)
    if strength is not None:
        new["max_isometric_force"] = strength * new["max_isometric_force"]
        for name in ("active_capacity", "passive_force"):
            new[name] = strength[:, None] * new[name]
    dataset = data.assign({name: quantity_variable(array, name) for name, array in new.items()})
    return replace(mechanics, body=body, dataset=dataset)


def _muscle_values(
    muscles: xr.Dataset, length: np.ndarray, moment_arm: np.ndarray, speed: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what the muscle kernel makes of paths (..., T, M), moment arms (..., T, Q, M) and speeds (T, Q).

    Muscle velocity is -sum(moment_arm * coordinate_speed): exact, no differencing of lengths. The sum runs along
    one axis, in an order that does not depend on how many people there are.
    """
    velocity = np.broadcast_to(-(moment_arm * speed[:, :, None]).sum(axis=-2), length.shape)
    table = muscles.variables
    flat = (-1, length.shape[-1])
    found = rigid_tendon_muscle(
        length.reshape(flat), velocity.reshape(flat), *(table[column].values for column in MUSCLE_PARAMETERS)
    )
    names = ("fiber_length", "fiber_velocity", "active_capacity", "passive_force")
    return {
        "max_isometric_force": table["max_isometric_force"].values,
        "mtu_length": length,
        "mtu_velocity": velocity,
        **{name: array.reshape(length.shape) for name, array in zip(names, found, strict=True)},
    }


def recruited(body: Body, movement: Movement, geometry: Geometry) -> np.ndarray:
    """Say which coordinates muscles must balance: those a muscle crosses, not locked, not excluded.

    The pelvis's six count only where supports are unknown; with measured loads their imbalance is the
    residual of the measurement, reported apart.
    """
    crossed = geometry.largest_arm > CROSSES
    root = np.array([name in ROOT_COORDINATES for name in body.coordinate_names])
    crossed = np.where(root, bool(movement.supports), crossed)
    open_ = [not c.locked and c.name not in movement.excluded for c in body.coordinates]
    return crossed & np.array(open_)

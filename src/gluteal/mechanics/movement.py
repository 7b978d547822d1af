"""What a body is asked to do: coordinates over time, and where it touches the world.

A *task* is built in or written by the user as a TOML file (see `gluteal.movements.tasks`); a *trial* is measured
(see `gluteal.movements.trials`). Both end as a `Movement`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from gluteal.mechanics.cause import Cause

#: From where pictures show a movement.
View = Literal["side", "front", "back", "top"]


@dataclass(frozen=True)
class Support:
    """A point where the body may push on the world: unilateral, inside a friction cone.

    Attributes
    ----------
    name : str
        As reported ("right heel").
    segment : str
        Body segment, by OpenSim's names (``calcn_r``, ``pelvis``, ``torso``).
    point : (x, y, z)
        In the segment's frame, m.
    normal : (x, y, z)
        Unit vector in the world frame along which the world pushes back.
    friction : float
        Coefficient of friction of the cone, 1.
    active : None or ndarray of bool (time,)
        When the support may act; None is always.
    """

    name: str
    segment: str
    point: tuple[float, float, float]
    normal: tuple[float, float, float] = (0.0, 1.0, 0.0)
    friction: float = 0.8
    active: np.ndarray | None = None


@dataclass(frozen=True)
class ExternalLoad:
    """A measured force on a segment, in the world frame.

    `force` (time, 3) N, `point` (time, 3) m where the force acts, `torque` (time, 3) N m about that point.
    """

    name: str
    segment: str
    force: np.ndarray
    point: np.ndarray
    torque: np.ndarray

    @property
    def centre_of_pressure(self) -> np.ndarray:
        """Where the force acts without tilting, at the height of `point` (time, 3) m: `point` where the torque is free.

        Programs also write a wrench about the laboratory's or the plate's origin; `torque` then is no free torque.
        """
        up = np.where(self.force[:, 1] != 0.0, self.force[:, 1], np.inf)
        level = np.stack([self.torque[:, 2] / up, np.zeros(len(up)), -self.torque[:, 0] / up], axis=1)
        return np.asarray(self.point + level)

    @property
    def free_torque(self) -> np.ndarray:
        """Torque (time, 3) N m about the `centre_of_pressure`: upright where there is any force upward."""
        return np.asarray(self.torque - np.cross(self.centre_of_pressure - self.point, self.force))


@dataclass(frozen=True)
class WeakRow:
    """What people's contacts usually leave near zero, where the movement does not say: a sum of support forces.

    The sum is ``sum over supports of per_force . force``. Load sharing pays its square in deviations, and no more: it
    makes nothing impossible.

    Attributes
    ----------
    name : str
        As reported ("free moment of foot_r").
    per_force : mapping of support name -> (time, 3)
        What a newton along x, y and z at that support adds; zero where nothing is asked.
    deviation : float
        What counts as one, in the unit of the sum: N m or N.
    """

    name: str
    per_force: Mapping[str, np.ndarray]
    deviation: float


@dataclass(frozen=True)
class Movement:
    """A movement, resolved for a body: ready for mechanics.

    Attributes
    ----------
    coordinates : xr.DataArray (time, coordinate)
        Every independent coordinate of the body, rad or m.
    speed, acceleration : xr.DataArray (time, coordinate)
        Derivatives of `coordinates` (from splines or a stated filter), per second and second squared.
    supports : tuple of Support
        Unknown contacts; empty where loads were measured.
    loads : tuple of ExternalLoad
        Measured contacts; empty where none were.
    weak_rows : tuple of WeakRow
        What the supports usually do with what the movement leaves open.
    excluded : mapping of coordinate -> reason
        Coordinates whose moment balance is not asked of the muscles (a toe joint without its own load).
    view : "side" | "front" | "back" | "top"
        From where a picture shows it best.
    settings : mapping
        Everything that shaped the numbers: filter, window, corrections. Ends in every report.
    findings : tuple of Cause
        What reading it found against judging it.
    emg : xr.DataArray (time_emg, channel) or None
    """

    name: str
    title: str
    kind: Literal["task", "trial"]
    coordinates: xr.DataArray
    speed: xr.DataArray
    acceleration: xr.DataArray
    supports: tuple[Support, ...] = ()
    loads: tuple[ExternalLoad, ...] = ()
    weak_rows: tuple[WeakRow, ...] = ()
    excluded: Mapping[str, str] = field(default_factory=dict)
    view: View = "side"
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    findings: tuple[Cause, ...] = ()
    emg: xr.DataArray | None = None

    @property
    def time(self) -> np.ndarray:
        """Time of the frames, s."""
        return self.coordinates["time"].values

    @property
    def measured(self) -> bool:
        """Whether ground forces were measured (and are applied) instead of unknown."""
        return bool(self.loads)

    def take(self, frames: slice) -> Movement:
        """Return some frames; their speeds and accelerations stay those of the whole."""
        return replace(
            self,
            coordinates=self.coordinates.isel(time=frames),
            speed=self.speed.isel(time=frames),
            acceleration=self.acceleration.isel(time=frames),
            supports=tuple(s if s.active is None else replace(s, active=s.active[frames]) for s in self.supports),
            loads=tuple(
                replace(load, force=load.force[frames], point=load.point[frames], torque=load.torque[frames])
                for load in self.loads
            ),
            weak_rows=tuple(
                replace(row, per_force={name: part[frames] for name, part in row.per_force.items()})
                for row in self.weak_rows
            ),
        )


#: Coordinates that change sign when left and right are exchanged.
_MIRRORED_SIGN = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")


def mirror(movement: Movement) -> Movement:
    """Exchange left and right of a movement, about the plane Z = 0.

    Coordinates swap sides, those about or along the plane change sign, supports and loads go to the other
    side. Excluded coordinates swap too; EMG is dropped, because it was recorded on a side.
    """

    def other(name: str) -> str:
        swapped = {"_r": "_l", "_l": "_r"}.get(name[-2:])
        return name[:-2] + swapped if swapped else name

    def words(name: str) -> str:
        return " ".join({"right": "left", "left": "right"}.get(w, w) for w in other(name).split(" "))

    def flip(array: xr.DataArray) -> xr.DataArray:
        names = [str(c) for c in array["coordinate"].values]
        sign = np.array([-1.0 if n in _MIRRORED_SIGN else 1.0 for n in names])
        return array.copy(data=array.sel(coordinate=[other(n) for n in names]).values * sign)

    settings = {k: v for k, v in movement.settings.items() if k != "mirrored"}
    across = np.array([1.0, 1.0, -1.0])

    def turn(vector: tuple[float, float, float]) -> tuple[float, float, float]:
        return (vector[0], vector[1], -vector[2])

    return replace(
        movement,
        coordinates=flip(movement.coordinates),
        speed=flip(movement.speed),
        acceleration=flip(movement.acceleration),
        supports=tuple(
            replace(s, name=words(s.name), segment=other(s.segment), point=turn(s.point), normal=turn(s.normal))
            for s in movement.supports
        ),
        loads=tuple(
            # A moment is an axial vector: mirrored, it keeps its component along the normal of the mirror.
            replace(
                load,
                name=words(load.name),
                segment=other(load.segment),
                force=load.force * across,
                point=load.point * across,
                torque=load.torque * -across,
            )
            for load in movement.loads
        ),
        # What the mirrored force at the mirrored support adds is what the force added.
        weak_rows=tuple(
            replace(
                row,
                name=words(row.name),
                per_force={words(name): part * across for name, part in row.per_force.items()},
            )
            for row in movement.weak_rows
        ),
        excluded={other(c): reason for c, reason in movement.excluded.items()},
        settings=settings if movement.settings.get("mirrored") else {**settings, "mirrored": True},
        emg=None,
    )

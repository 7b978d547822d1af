"""Which force under each foot carries a movement and comes nearest to what was measured: contacts turned into loads.

While one foot stands alone its force follows from the movement; while both stand, six of twelve components are free,
and least effort would choose them as no person does. Here the measured joint moments and foot forces choose, without
muscles: in each frame contact forces f >= 0 along the friction rays of the soles minimise

    |(tau - S f - M) / sd|^2 + |(R f - F) / sd|^2     with the pelvis's six rows of tau - S f held at zero,

M the measured moments of the legs, F the forces under the feet. The result is one load per foot, which replaces the
contacts: a what-if changes muscles, not the ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gluteal.engines import compute_geometry, segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import ExternalLoad, Movement
from gluteal.movements.tasks.measured_cycle import MeasuredCycle
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY, side_of

#: Weight of the pelvis's rows beside the measured ones, per N and N m: what is left there is rounding.
_HELD = 1e3
#: Below this share of body weight a centre of pressure says nothing; the load then acts under the middle of the sole.
_LEAST_LOAD = 0.02
#: Names of the loads that stand for contacts, right and left.
FOOT_LOADS = ("right foot", "left foot")
_PARTS = ("force", "point", "torque")


def project_loads(body: Body, movement: Movement, measured: MeasuredCycle) -> Movement:
    """Return the movement with one load per foot in place of its contacts.

    Parameters
    ----------
    body : Body
    movement : Movement
        With contacts (`supports`) under both feet, and T frames; loads that it has stay.
    measured : MeasuredCycle
        Joint moments and foot forces of the same T frames.

    Returns
    -------
    Movement
        `loads` hold force (T, 3) N, centre of pressure on the floor (T, 3) m and the moment about it (T, 3) N m of
        each foot, on its ``calcn`` segment; `supports` are empty. ``settings["largest_pelvis_residual"]`` is what the
        contacts could not carry, N and N m.
    """
    return place_foot_loads(movement, find_loads(body, movement, measured))


def place_foot_loads(movement: Movement, found: Mapping[str, np.ndarray]) -> Movement:
    """Return the movement with what `find_loads` found in place of its contacts."""
    loads = tuple(
        ExternalLoad(name=name, segment=f"calcn_{foot}", **{part: found[f"{part}_{foot}"] for part in _PARTS})
        for name, foot in zip(FOOT_LOADS, "rl", strict=True)
    )
    force, moment = found["residual"].tolist()
    return replace(
        movement,
        supports=(),
        loads=(*movement.loads, *loads),
        settings={**movement.settings, "largest_pelvis_residual": {"force_n": force, "moment_nm": moment}},
    )


def find_loads(body: Body, movement: Movement, measured: MeasuredCycle) -> dict[str, np.ndarray]:
    """Return ``force_r``, ``point_r``, ``torque_r`` and the same of the left foot, (T, 3), as `project_loads`.

    ``residual`` is what the contacts could not carry, N and N m.
    """
    geometry = compute_geometry(body, movement)
    assert geometry.ray_direction is not None
    balance = balance_feet(body, movement, measured, geometry)
    support = {s.name: s for s in movement.supports}
    rays = [support[n] for n in geometry.ray_support]
    force = np.zeros((len(movement.time), len(rays)))
    left = np.zeros((len(movement.time), 6))
    for t in range(len(movement.time)):
        arm, asked = geometry.support_arm[t], geometry.joint_moment[t]
        force[t] = balance.carry(t, asked, arm)
        left[t] = asked[balance.root] - arm[balance.root] @ force[t]
    found = {"residual": np.array([np.abs(left[:, 3:]).max(), np.abs(left[:, :3]).max()])}
    for foot in "rl":
        parts = _sum_rays(body, movement, rays, force, geometry.ray_direction, foot)
        found |= {f"{part}_{foot}": values for part, values in zip(_PARTS, parts, strict=True)}
    return found


@dataclass(frozen=True, eq=False)
class FootBalance:
    """What chooses the forces under the feet: rows of least squares in newtons along R friction rays.

    Attributes
    ----------
    root, legs : (6,), (M,) int
        Coordinates of the pelvis, held, and those whose moments were measured.
    active : (T, R) bool
        Which rays may push.
    foot : (R,) "r" or "l"
    direction : (R, 3)
    """

    measured: MeasuredCycle
    root: np.ndarray
    legs: np.ndarray
    active: np.ndarray
    foot: np.ndarray
    direction: np.ndarray

    def rows(self, t: int, asked: np.ndarray, arm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return rows (N, R) and targets (N,) of a frame that asks for (Q,) with d(asked)/d(force) (Q, R).

        The first rows are those of `root` and `legs`, in `units`.
        """
        measured, root, legs = self.measured, self.root, self.legs
        rows, targets = [_HELD * arm[root], arm[legs] / measured.moment_sd[t][:, None]], [_HELD * asked[root]]
        targets.append((asked[legs] - measured.moment[t]) / measured.moment_sd[t])
        for i, foot in enumerate("rl"):
            unit = measured.force_sd[t, i]
            rows.append(np.where(self.foot == foot, self.direction.T, 0.0) / unit[:, None])
            targets.append(measured.force[t, i] / unit)
        return np.concatenate(rows), np.concatenate(targets)

    def units(self, t: int) -> np.ndarray:
        """Return what the first rows of a frame are measured in, (6 + M,) N m or N."""
        return np.concatenate([np.full(len(self.root), 1.0 / _HELD), self.measured.moment_sd[t]])

    def carry(self, t: int, asked: np.ndarray, arm: np.ndarray) -> np.ndarray:
        """Return the forces (R,) N that come nearest in a frame; arguments as `rows`."""
        import scipy  # a third of a second, and the built-in walks are kept

        rows, targets = self.rows(t, asked, arm)
        on, force = self.active[t], np.zeros(arm.shape[1])
        force[on], _ = scipy.optimize.nnls(rows[:, on], targets, maxiter=3000)
        return force


def balance_feet(body: Body, movement: Movement, measured: MeasuredCycle, geometry: Geometry) -> FootBalance:
    """Return what chooses the forces under the feet of a movement with contacts; arguments as `project_loads`."""
    names = body.coordinate_names
    support = {s.name: s for s in movement.supports}
    rays = [support[n] for n in geometry.ray_support]
    assert geometry.ray_direction is not None
    always = np.ones(len(movement.time), bool)
    return FootBalance(
        measured=measured,
        root=np.array([names.index(n) for n in ROOT_COORDINATES]),
        legs=np.array([names.index(n) for n in measured.coordinates]),
        active=np.array([always if s.active is None else np.asarray(s.active, bool) for s in rays]).T,
        foot=np.array([side_of(s.segment) for s in rays]),
        direction=geometry.ray_direction,
    )


def _sum_rays(
    body: Body, movement: Movement, rays: list, size: np.ndarray, direction: np.ndarray, foot: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum the forces of one foot's rays about its centre of pressure: `_PARTS`."""
    own = [r for r, s in enumerate(rays) if side_of(s.segment) == foot]
    places = [(rays[r].segment, rays[r].point) for r in own]
    positions = np.stack([segment_points(body, q, places) for q in movement.coordinates.values])  # (T, R, 3)
    floor = float(movement.settings["surfaces_m"].get("floor", 0.0))
    forces = size[:, own, None] * direction[own]  # (T, R, 3)
    total = forces.sum(axis=1)
    origin = positions.mean(axis=1)
    origin[:, 1] = floor
    moment = np.cross(positions - origin[:, None], forces).sum(axis=1)
    weight = body.mass * STANDARD_GRAVITY
    loaded = total[:, 1] > _LEAST_LOAD * weight
    shift = np.zeros_like(origin)
    shift[loaded, 0] = moment[loaded, 2] / total[loaded, 1]
    shift[loaded, 2] = -moment[loaded, 0] / total[loaded, 1]
    return total, origin + shift, moment - np.cross(shift, total)

"""An OpenSim model made ready for geometry and dynamics: what it computes in one posture.

With x all coordinates, q the independent ones and J = dx/dq, generalised forces map as J^T tau and moment
arms are taken along the columns of J.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.engines.opensim.couplers import Coupler
from gluteal.engines.opensim.forces import ModelForces
from gluteal.engines.opensim.graft import Graft
from gluteal.engines.opensim.osim import osim
from gluteal.errors import InputError, close_names

#: Step of a coordinate that shows what it changes, rad or m.
PROBE = 1e-2

ZERO = osim.SpatialVec(osim.Vec3(0.0), osim.Vec3(0.0))


@dataclass(frozen=True)
class OpenSimModel:
    """A model with one working state, and where each coordinate lives in it.

    Attributes
    ----------
    coordinates : tuple of opensim.Coordinate
        All C coordinates, in the model's order.
    locked : frozenset of str
        Coordinates that the file locks or prescribes; here they are free to be set.
    slots : (C,) int
        Where each coordinate's value is in the state's Q.
    free : (Q,) int
        The independent coordinates among all.
    mobilised : int
        Bodies as Simbody counts them: ground, the model's own, and those that OpenSim puts into joints.
    muscles : tuple of M opensim.Muscle
        Wherever in the model they are.
    paths : tuple of M paths
    forces : ModelForces
        Springs, ligaments and other forces that are no muscles.
    crossed : (Q, M) bool
        Which paths change with which independent coordinate.
    gap : (Q, M) m
        Largest difference found between a moment arm and minus the derivative of length.
    graft : Graft or None
        The published hip that was put onto the model.
    doubtful : tuple of (name, kind)
        Joints whose speeds OpenSim derives wrongly.
    """

    path: Path
    model: Any
    state: Any
    coordinates: tuple[Any, ...]
    locked: frozenset[str]
    slots: np.ndarray
    free: np.ndarray
    couplers: tuple[Coupler, ...]
    mobilised: int
    muscles: tuple[Any, ...]
    paths: tuple[Any, ...]
    forces: ModelForces
    solver: Any
    crossed: np.ndarray
    gap: np.ndarray
    graft: Graft | None = None
    doubtful: tuple[tuple[str, str], ...] = ()

    @property
    def matter(self) -> Any:
        """Simbody's matter subsystem."""
        return self.model.getMatterSubsystem()

    def expand(
        self, q: np.ndarray, v: np.ndarray, a: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return values, speeds, accelerations (C,) of all coordinates and d(all)/d(independent) (C, Q)."""
        count = len(self.coordinates)
        value, speed, acceleration = np.zeros(count), np.zeros(count), np.zeros(count)
        jacobian = np.zeros((count, len(self.free)))
        value[self.free], speed[self.free], acceleration[self.free] = q, v, a
        jacobian[self.free, np.arange(len(self.free))] = 1.0
        for c in self.couplers:
            sources = list(c.sources)
            x, rate = value[sources], speed[sources]
            slope = c.slope(x)
            value[c.dependent] = c.value(x)
            speed[c.dependent] = slope @ rate
            acceleration[c.dependent] = slope @ acceleration[sources] + rate @ c.bend(x) @ rate
            jacobian[c.dependent] = slope @ jacobian[sources]
        return value, speed, acceleration, jacobian

    def expand_posture(self, q: np.ndarray) -> np.ndarray:
        """Return the values (C,) of all coordinates for a posture (Q,)."""
        return self.expand(q, np.zeros_like(q), np.zeros_like(q))[0]

    def place(self, value: np.ndarray) -> None:
        """Set all coordinates (C,) and compute positions."""
        self.state.setQ(self._in_slots(value))
        self.model.realizePosition(self.state)

    def lengths(self, muscles: np.ndarray | range) -> np.ndarray:
        """Return path lengths, m, of the muscles with these indices in the placed posture."""
        return np.array([self.paths[m].getLength(self.state) for m in muscles])

    def inverse_dynamics(self, speed: np.ndarray, acceleration: np.ndarray) -> np.ndarray:
        """Return the generalised forces (C,) that a motion needs against inertia and gravity, unloaded."""
        tau = self.solver.solve(self.state, self._move(speed, acceleration))
        return self._to_coordinates(tau)

    def energy(self, value: np.ndarray, speed: np.ndarray) -> float:
        """Return kinetic and potential energy, J, at values and speeds (C,) of all coordinates."""
        self.place(value)
        self.state.setU(osim.Vector.createFromMat(self._to_speeds(speed)))
        self.model.realizeVelocity(self.state)
        weight = self.model.getTotalMass(self.state) * self.model.getGravity().to_numpy()
        centre = self.model.calcMassCenterPosition(self.state).to_numpy()
        return float(self.model.calcKineticEnergy(self.state) - weight @ centre)

    def spring_forces(self, time: float, speed: np.ndarray) -> np.ndarray:
        """Return the generalised forces (C,) of the model's springs in the placed posture at a time, s.

        Each spring is what inverse dynamics at rest changes by when it is switched on.
        """
        if not self.forces.springs:
            return np.zeros(len(self.coordinates))
        still = np.zeros_like(speed)
        self.state.setTime(time)
        without = self.inverse_dynamics(speed, still)
        for spring in self.forces.springs:
            spring.setAppliesForce(self.state, True)
        try:
            self.model.realizePosition(self.state)
            return np.asarray(without - self.inverse_dynamics(speed, still))
        finally:
            for spring in self.forces.springs:
                spring.setAppliesForce(self.state, False)
            self.model.realizePosition(self.state)

    def _move(self, speed: np.ndarray, acceleration: np.ndarray) -> Any:
        """Set the speeds of the placed posture and return the derivatives of the state's own speeds."""
        u = self._to_speeds(speed)
        self.state.setU(osim.Vector.createFromMat(u))
        self.model.realizeVelocity(self.state)
        bias = osim.Vector()
        self.matter.multiplyByNDot(self.state, False, osim.Vector.createFromMat(u), bias)
        return osim.Vector.createFromMat(self._to_speeds(acceleration - bias.to_numpy()[self.slots]))

    def needed_wrenches(self, speed: np.ndarray, acceleration: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return force (B, 3) and moment about its origin (B, 3), world, that each body needs to move so.

        Newton and Euler for each body alone, gravity taken off.
        """
        matter, bodies = self.matter, self.model.getBodySet()
        spatial = osim.VectorOfSpatialVec(self.mobilised, ZERO)
        matter.calcBodyAccelerationFromUDot(self.state, self._move(speed, acceleration), spatial)
        gravity = self.model.getGravity().to_numpy()
        force, moment = np.zeros((bodies.getSize(), 3)), np.zeros((bodies.getSize(), 3))
        for i in range(bodies.getSize()):
            body = bodies.get(i)
            rotation = self.rotation(body)
            both = spatial.get(body.getMobilizedBodyIndex())
            turn, linear = both.get(0).to_numpy(), both.get(1).to_numpy()
            spin = body.getAngularVelocityInGround(self.state).to_numpy()
            arm = rotation @ body.getMassCenter().to_numpy()
            at_centre = linear + np.cross(turn, arm) + np.cross(spin, np.cross(spin, arm))
            principal, product = (v.to_numpy() for v in _inertia(body))
            inertia = np.diag(principal)
            inertia[[0, 0, 1], [1, 2, 2]] = inertia[[1, 2, 2], [0, 0, 1]] = product
            inertia = rotation @ inertia @ rotation.T
            force[i] = body.getMass() * (at_centre - gravity)
            moment[i] = inertia @ turn + np.cross(spin, inertia @ spin) + np.cross(arm, force[i])
        return force, moment

    def rotation(self, body: Any) -> np.ndarray:
        """Return the rotation (3, 3) of a body: its axes in the world as columns."""
        r = body.getTransformInGround(self.state).R()
        return np.array([[r.get(i, j) for j in range(3)] for i in range(3)])

    def tension_wrenches(self, muscle: int) -> tuple[np.ndarray, np.ndarray]:
        """Return force (B, 3) and moment about its origin (B, 3), world, on each body of 1 N of tension."""
        on_bodies = osim.VectorOfSpatialVec(self.mobilised, ZERO)
        on_joints = osim.Vector(self.state.getNU(), 0.0)
        self.paths[muscle].addInEquivalentForces(self.state, 1.0, on_bodies, on_joints)
        bodies = self.model.getBodySet()
        pairs = [on_bodies.get(bodies.get(i).getMobilizedBodyIndex()) for i in range(bodies.getSize())]
        moment, force = (np.array([p.get(k).to_numpy() for p in pairs]) for k in (0, 1))
        return force, moment

    def body_force(self, body: Any, point: np.ndarray, force: np.ndarray, torque: np.ndarray) -> np.ndarray:
        """Return the generalised force (C,) of a force and torque on a segment, all in the world frame."""
        zero = osim.Vec3(0.0)
        forces = osim.VectorOfSpatialVec(self.mobilised, osim.SpatialVec(zero, zero))
        moment = torque + np.cross(point - body.getPositionInGround(self.state).to_numpy(), force)
        wrench = osim.SpatialVec(osim.Vec3(*moment.tolist()), osim.Vec3(*force.tolist()))
        forces.set(body.getMobilizedBodyIndex(), wrench)
        out = osim.Vector()
        self.matter.multiplyBySystemJacobianTranspose(self.state, forces, out)
        return self._to_coordinates(out)

    @property
    def segment_names(self) -> tuple[str, ...]:
        """Names of the model's bodies."""
        bodies = self.model.getBodySet()
        return tuple(bodies.get(i).getName() for i in range(bodies.getSize()))

    def segment(self, name: str, user: str) -> Any:
        """Return a body of the model by name, or a frame by path; raises InputError with the close names."""
        bodies = self.model.getBodySet()
        if bodies.contains(name):
            return bodies.get(name)
        if "/" in name and self.model.hasComponent(name):
            frame = osim.PhysicalFrame.safeDownCast(self.model.getComponent(name))
            if frame is not None:
                return frame
        names = self.segment_names
        near = close_names(name, names)
        hint = f" Close names: {', '.join(near)}." if near else ""
        raise InputError(
            f"{user} acts on the body {name!r}, which the model {self.path.name} does not have.{hint} "
            f"Name one of its {len(names)} bodies."
        )

    def to_world(self, body: Any, point: tuple[float, float, float]) -> np.ndarray:
        """Return the world position (3,) of a point fixed in a segment."""
        return body.findStationLocationInGround(self.state, osim.Vec3(*map(float, point))).to_numpy()

    def is_rotation(self, position: int) -> bool:
        """Whether independent coordinate number `position` turns a segment when it moves."""
        kind = self.coordinates[self.free[position]].getMotionType()
        if kind in (osim.Coordinate.Rotational, osim.Coordinate.Translational):
            return kind == osim.Coordinate.Rotational
        zero = np.zeros(len(self.free))
        value, speed, *_ = self.expand(zero, np.eye(len(zero))[position], zero)
        self.place(value)
        self.state.setU(osim.Vector.createFromMat(self._to_speeds(speed)))
        self.model.realizeVelocity(self.state)
        bodies = self.model.getBodySet()
        spin = [bodies.get(i).getAngularVelocityInGround(self.state).to_numpy() for i in range(bodies.getSize())]
        return bool(np.abs(spin).max() > PROBE)

    def moment_arms(self, jacobian: np.ndarray) -> np.ndarray:
        """Return moment arms (Q, M), m, in the placed posture: generalised forces of a tension of 1 N.

        The tension acts on every segment that the path touches, wrapping surfaces and moving points
        included, as in OpenSim's own moment arms. Coordinates that a path does not cross get exactly 0.
        """
        zero = osim.SpatialVec(osim.Vec3(0.0), osim.Vec3(0.0))
        arms = np.empty((len(self.coordinates), len(self.paths)))
        out = osim.Vector()
        for m, path in enumerate(self.paths):
            on_bodies = osim.VectorOfSpatialVec(self.mobilised, zero)
            on_joints = osim.Vector(self.state.getNU(), 0.0)
            path.addInEquivalentForces(self.state, 1.0, on_bodies, on_joints)
            self.matter.multiplyBySystemJacobianTranspose(self.state, on_bodies, out)
            arms[:, m] = self._to_coordinates(osim.Vector.createFromMat(out.to_numpy() + on_joints.to_numpy()))
        return np.where(self.crossed, jacobian.T @ arms, 0.0)

    def _in_slots(self, value: np.ndarray) -> Any:
        full = np.zeros(self.state.getNQ())
        full[self.slots] = value
        return osim.Vector.createFromMat(full)

    def _to_speeds(self, rate: np.ndarray) -> np.ndarray:
        """Rates of coordinates (C,) as the state's speeds: N^-1 rate; N is 1 but for ball and free joints."""
        out = osim.Vector()
        self.matter.multiplyByNInv(self.state, False, self._in_slots(rate), out)
        return out.to_numpy()

    def _to_coordinates(self, forces: Any) -> np.ndarray:
        """Forces conjugate to the state's speeds as generalised forces of coordinates (C,): N^-T forces."""
        out = osim.Vector()
        self.matter.multiplyByNInv(self.state, True, forces, out)
        return out.to_numpy()[self.slots]


def _inertia(body: Any) -> tuple[Any, Any]:
    """Moments and products of inertia about the mass centre, in the body's axes."""
    inertia = body.getInertia()
    return inertia.getMoments(), inertia.getProducts()

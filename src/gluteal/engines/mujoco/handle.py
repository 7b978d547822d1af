"""The engine's side of the embedded body: the compiled model, how its joints follow coordinates, and its paths."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

import mujoco
import numpy as np

from gluteal.engines.myo.kept import load_with_bones

#: Names of the leg's segments begin so.
LEG_SEGMENTS = ("femur", "patella", "tibia", "talus", "calcn", "toes")


@dataclass(frozen=True)
class Handle:
    """The engine's side of the body: compiled model and the coupling of its joints.

    Joint i has the value sum(poly[i, k] * q^k) of the coordinate q it follows, `follows[i]`.
    """

    model: mujoco.MjModel
    follows: np.ndarray
    poly: np.ndarray
    coordinates: int
    segments: dict[str, int]
    tendons: np.ndarray  # (M,) which path of the model each muscle of the body takes
    scratch: threading.local = field(default_factory=threading.local, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @contextmanager
    def own_paths(self) -> Iterator[None]:
        """Have the engine follow this body's paths only: those of other hips in the model would cost as much again.

        The model is shared by all bodies, so one at a time.
        """
        with self.lock:
            counts = self.model.tendon_num.copy()
            others = np.ones(len(counts), bool)
            others[self.tendons] = False
            self.model.tendon_num[others] = 0
            try:
                yield
            finally:
                self.model.tendon_num[:] = counts

    def expand(
        self, q: np.ndarray, v: np.ndarray, a: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return joint positions, speeds, accelerations (..., nv) and slopes d(joint)/d(coordinate) (..., nv)."""
        k = np.arange(self.poly.shape[1])
        power = q[..., self.follows, None] ** k
        slope = np.sum(k[1:] * self.poly[:, 1:] * power[..., :-1], axis=-1)
        bend = np.sum(k[2:] * (k[2:] - 1) * self.poly[:, 2:] * power[..., :-2], axis=-1)
        rate = v[..., self.follows]
        value = np.sum(self.poly * power, axis=-1)
        return value, slope * rate, slope * a[..., self.follows] + bend * rate**2, slope

    def jacobian(self, slope: np.ndarray) -> np.ndarray:
        """Return d(joints)/d(coordinates) (nv, Q) from the joints' slopes (nv,)."""
        jacobian = np.zeros((len(slope), self.coordinates))
        jacobian[np.arange(len(slope)), self.follows] = slope
        return jacobian

    def with_bones(self) -> Handle:
        """Return the same body with surfaces to draw."""
        return replace(self, model=load_with_bones(), scratch=threading.local())

    @cached_property
    def paths(self) -> dict[str, int]:
        """Every path of the model by its name, also those of other hips."""
        return {self.model.tendon(t).name: t for t in range(self.model.ntendon)}

    @cached_property
    def rest_lengths(self) -> np.ndarray:
        """Length of every path with all coordinates at zero, m."""
        zero, data = np.zeros(self.coordinates), mujoco.MjData(self.model)
        place_frame(self, data, zero, zero, zero)
        return np.array(data.ten_length)

    @cached_property
    def at_leg(self) -> np.ndarray:
        """Whether each path of the model touches a thigh, shank or foot, (paths,) bool."""
        model = self.model
        names = [model.body(b).name.startswith(LEG_SEGMENTS) for b in range(model.nbody)]
        # A wrap that is no site touches nothing by itself.
        site = model.wrap_type == mujoco.mjtWrap.mjWRAP_SITE
        touches = np.zeros(model.nwrap, bool)
        touches[site] = np.array(names)[model.site_bodyid[model.wrap_objid[site]]]
        return np.array([touches[a : a + n].any() for a, n in zip(model.tendon_adr, model.tendon_num, strict=True)])

    def data(self) -> mujoco.MjData:
        """Return the engine's state that this thread keeps: making one takes longer than a posture."""
        if not hasattr(self.scratch, "data"):
            self.scratch.data = mujoco.MjData(self.model)
        data: mujoco.MjData = self.scratch.data
        return data


def place_frame(handle: Handle, data: mujoco.MjData, q: np.ndarray, v: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Set one frame and compute positions and tendons; return d(joints)/d(coordinates)."""
    return place_joints(handle, data, *handle.expand(q, v, a))


def place_joints(
    handle: Handle,
    data: mujoco.MjData,
    position: np.ndarray,
    speed: np.ndarray,
    acceleration: np.ndarray,
    slope: np.ndarray,
) -> np.ndarray:
    """Set one frame of joints (nv,) as `Handle.expand` gives them, and compute as `place_frame`."""
    model = handle.model
    data.qpos[:], data.qvel[:], data.qacc[:] = position, speed, acceleration
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    mujoco.mj_tendon(model, data)
    mujoco.mj_comVel(model, data)
    return handle.jacobian(slope)

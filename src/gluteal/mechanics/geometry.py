"""What an engine has to say about a body doing a movement: bare arrays, and which joints are cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gluteal.vocabulary import Side

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
        Inverse dynamics minus measured loads and springs: what muscles, unknown supports and residuals must supply.
    support_arm : (T, Q, R)
        Generalised force per newton along each support ray; R = 0 without unknown supports.
    ray_support : (R,) str, name of the support of each ray
    ray_direction : (R, 3) world directions of the rays
    spring_moment : (T, Q) N m or N, what springs of the model supply already; None where it has none
    """

    mtu_length: np.ndarray
    moment_arm: np.ndarray
    joint_moment: np.ndarray
    support_arm: np.ndarray
    ray_support: tuple[str, ...] = ()
    ray_direction: np.ndarray | None = None
    spring_moment: np.ndarray | None = None

    @cached_property
    def exact_arm(self) -> np.ndarray:
        """`moment_arm` without the engine's rounding: what is less than `ROUNDING` is no arm."""
        return np.where(np.abs(self.moment_arm) < ROUNDING, 0.0, self.moment_arm)

    @cached_property
    def largest_arm(self) -> np.ndarray:
        """Largest size of any muscle's moment arm at each coordinate, (Q,) m."""
        return np.asarray(np.abs(self.moment_arm).max(axis=(0, 2)))


@dataclass(frozen=True)
class SegmentMotion:
    """Where segments (N) are in one posture, and how they move with its coordinates (Q), in the world.

    Attributes
    ----------
    position : (N, 3) m, of each segment's origin
    rotation : (N, 3, 3)
        Columns are the segment's axes.
    translation_per : (N, 3, Q) m per rad or m
    rotation_per : (N, 3, Q)
        Rotation vector per unit of each coordinate.
    """

    position: np.ndarray
    rotation: np.ndarray
    translation_per: np.ndarray
    rotation_per: np.ndarray


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

"""Every kind of part of an OpenSim model that has a say in what muscles have to do, and what becomes of it here.

A kind that is in no table, of a later OpenSim or a plug-in, is left out by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

#: What becomes of a part.
Fate = Literal["muscle", "spring", "used", "left out", "refused"]


class PartKind(NamedTuple):
    """What becomes of a part, and how or why."""

    fate: Fate
    why: str


_MUSCLE = PartKind("muscle", "its force is solved for")
_SPRING = PartKind("spring", "follows from the movement and is taken off the joint moments")
_MOTOR = PartKind("left out", "its control is not known from a movement")
_CONTACT = PartKind("left out", "the force of the ground is measured, or solved for")
_EXTERNAL = PartKind("left out", "external forces are read from the trial's own files")
_USED = PartKind("used", "as OpenSim computes it")
_LOOP = PartKind("left out", "is not part of the inverse dynamics")
UNKNOWN = PartKind("left out", "this kind of force is not known here")

#: Class of a force -> what becomes of it.
FORCES: Mapping[str, PartKind] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "DeGrooteFregly2016Muscle",
                "Delp1990Muscle_Deprecated",
                "MeyerFregly2016Muscle",
                "Millard2012AccelerationMuscle",
                "Millard2012EquilibriumMuscle",
                "RigidTendonMuscle",
                "Schutte1993Muscle_Deprecated",
                "Thelen2003Muscle",
                "Thelen2003Muscle_Deprecated",
            ),
            _MUSCLE,
        ),
        **dict.fromkeys(
            (
                "Blankevoort1991Ligament",
                "BushingForce",
                "CoordinateLimitForce",
                "ExpressionBasedBushingForce",
                "ExpressionBasedCoordinateForce",
                "ExpressionBasedPathForce",
                "ExpressionBasedPointToPointForce",
                "FunctionBasedBushingForce",
                "Ligament",
                "PathSpring",
                "PointToPointSpring",
                "PrescribedForce",
                "SpringGeneralizedForce",
            ),
            _SPRING,
        ),
        **dict.fromkeys(
            (
                "ActivationCoordinateActuator",
                "BodyActuator",
                "ClutchedPathSpring",
                "CoordinateActuator",
                "McKibbenActuator",
                "PathActuator",
                "PointActuator",
                "PointToPointActuator",
                "TorqueActuator",
            ),
            _MOTOR,
        ),
        **dict.fromkeys(
            (
                "ElasticFoundationForce",
                "ExponentialContactForce",
                "HuntCrossleyForce",
                "MeyerFregly2016Force",
                "Smith2018ArticularContactForce",
                "SmoothSphereHalfSpaceForce",
            ),
            _CONTACT,
        ),
        "ExternalForce": _EXTERNAL,
    }
)

#: Class of a constraint -> what becomes of it.
CONSTRAINTS: Mapping[str, PartKind] = MappingProxyType(
    {
        "CoordinateCouplerConstraint": PartKind("used", "its coordinate follows the others and is none of its own"),
        **dict.fromkeys(
            (
                "ConstantDistanceConstraint",
                "PointConstraint",
                "PointOnLineConstraint",
                "RollingOnSurfaceConstraint",
                "WeldConstraint",
            ),
            _LOOP,
        ),
    }
)

#: Class of a joint -> what becomes of it.
JOINTS: Mapping[str, PartKind] = MappingProxyType(
    dict.fromkeys(
        (
            "BallJoint",
            "ConstantCurvatureJoint",
            "CustomJoint",
            "EllipsoidJoint",
            "FreeJoint",
            "GimbalJoint",
            "PinJoint",
            "PlanarJoint",
            "ScapulothoracicJoint",
            "SliderJoint",
            "UniversalJoint",
            "WeldJoint",
        ),
        _USED,
    )
)

#: Class of a path, of a point on it, or of a surface that it wraps over -> what becomes of it.
PATHS: Mapping[str, PartKind] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "ConditionalPathPoint",
                "GeometryPath",
                "MovingPathPoint",
                "PathPoint",
                "PathWrap",
                "Scholz2015GeometryPath",
                "Scholz2015GeometryPathObstacle",
                "Scholz2015GeometryPathPoint",
                "WrapCylinder",
                "WrapEllipsoid",
                "WrapSphere",
                "WrapTorus",
            ),
            _USED,
        ),
        "FunctionBasedPath": PartKind(
            "used", "for lengths and moment arms; joint loads, which need points, are refused"
        ),
    }
)

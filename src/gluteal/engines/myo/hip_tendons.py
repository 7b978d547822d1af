"""Tendons of the published hips, added to the embedded model before it is compiled.

A muscle of several lines is one tendon with as many branches (MuJoCo's pulleys): its length is the mean of theirs, so
its moment arm is the mean of theirs, and each line carries its share of the force. Psoas is such a muscle everywhere:
its lines come from the first to the fifth lumbar vertebra, as the lumbar slips of the embedded model do, weighted by
the slips' strength, and go over the brim of the pelvis to the femur. So it acts on the spine and on the hip at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from gluteal.engines.myo.corrections import SIDE_SITE
from gluteal.engines.myo.hips import (
    LUMBAR_SLIPS,
    OWN_HIP,
    PathPoint,
    PathWrap,
    hip_paths,
    hip_sources,
    hip_wraps,
    path_name,
)
from gluteal.vocabulary import Side

_SIDES: tuple[Side, Side] = ("r", "l")
_MIRROR = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True)
class _Element:
    """One element of a tendon's path: a site, or a wrapping surface with the site beside it."""

    name: str
    beside: str | None = None  # of a wrapping surface
    surface: bool = False


def add_hip_paths(spec: mujoco.MjSpec, strength: Mapping[str, float]) -> None:
    """Add a tendon for every muscle of every published hip to a model that is not compiled yet, both sides.

    Parameters
    ----------
    strength : mapping of muscle -> N
        Maximal isometric force of the body's muscles: the shares of the lumbar slips.
    """
    for side in _SIDES:
        slips = _lumbar_slips(spec, side, strength)
        own = _own_path(spec, "psoas", side)
        _add_tendon(spec, path_name("psoas", side, OWN_HIP), [(start + own[1:], share) for start, share in slips])
        for hip in hip_sources():
            for muscle, lines in hip_paths(hip).items():
                wrap = _add_wrap(spec, muscle, side, hip)
                branches = [
                    (_begin(spec, muscle, side, points, i, hip, wrap), 1.0 / len(lines))
                    for i, points in enumerate(lines, start=1)
                ]
                if muscle == "psoas":
                    (line, _), *_ = branches
                    branches = [(start + line, share) for start, share in slips]
                _add_tendon(spec, path_name(muscle, side, hip), branches)


def _begin(
    spec: mujoco.MjSpec,
    muscle: str,
    side: Side,
    points: Sequence[PathPoint],
    line: int,
    hip: str,
    wrap: tuple[_Element, ...],
) -> list[_Element]:
    """Return the elements of one line, its sites added: what it borrows of the body's path above and below, too."""
    elements: list[_Element] = []
    for i, point in enumerate(points, start=1):
        body, origin = _segment(spec, point.segment, side)
        name = f"{path_name(muscle, side, hip)}-L{line}P{i}"
        body.add_site(name=name, pos=origin + _mirrored(point.position, side))
        if wrap and point.segment == "femur" and points[i - 2].segment == "pelvis":
            elements += wrap
        elements.append(_Element(name))
    if points[0].role != "origin" and muscle != "psoas":
        elements = _own_path(spec, muscle, side)[:1] + elements
    if points[-1].role != "insertion":
        elements += _below_pelvis(spec, muscle, side)
    return elements


def _add_tendon(spec: mujoco.MjSpec, name: str, branches: Sequence[tuple[Sequence[_Element], float]]) -> None:
    tendon = spec.add_tendon(name=name)
    for elements, share in branches:
        if len(branches) > 1:
            tendon.wrap_pulley(1.0 / share)
        for element in elements:
            if element.surface:
                tendon.wrap_geom(element.name, element.beside)
            else:
                tendon.wrap_site(element.name)


def _add_wrap(spec: mujoco.MjSpec, muscle: str, side: Side, hip: str) -> tuple[_Element, ...]:
    """Add a muscle's wrapping cylinder and the site beside it; nothing where it runs around none."""
    wrap: PathWrap | None = hip_wraps(hip).get(muscle)
    if wrap is None:
        return ()
    body, origin = _segment(spec, wrap.segment, side)
    quaternion = np.empty(4)
    mujoco.mju_quatZ2Vec(quaternion, _mirrored(wrap.axis, side))
    name, beside = f"{path_name(muscle, side, hip)}-wrap", f"{path_name(muscle, side, hip)}-side"
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=origin + _mirrored(wrap.position, side),
        quat=quaternion,
        size=[wrap.radius, 0.05, 0.0],  # MuJoCo wraps around it as if it had no ends
        contype=0,
        conaffinity=0,
        mass=0.0,
        group=3,
    )
    body.add_site(name=beside, pos=origin + _mirrored(wrap.position + SIDE_SITE * wrap.radius * wrap.outward, side))
    return (_Element(name, beside, surface=True),)


def _segment(spec: mujoco.MjSpec, segment: str, side: Side) -> tuple[Any, np.ndarray]:
    """Return a segment and the hip's centre in it."""
    femur = spec.body(f"femur_{side}")
    return (spec.body("pelvis"), np.array(femur.pos)) if segment == "pelvis" else (femur, np.zeros(3))


def _own_path(spec: mujoco.MjSpec, muscle: str, side: Side) -> list[_Element]:
    """Return the elements of the body's own path of a muscle."""
    return [
        _Element(wrap.target.name, wrap.sidesite.name if wrap.sidesite is not None else "", surface=True)
        if wrap.type != mujoco.mjtWrap.mjWRAP_SITE
        else _Element(wrap.target.name)
        for wrap in spec.tendon(f"{muscle}_{side}_tendon").path
    ]


def _below_pelvis(spec: mujoco.MjSpec, muscle: str, side: Side) -> list[_Element]:
    """Return what the body's own path of a muscle does after it has left the pelvis."""
    wraps = list(spec.tendon(f"{muscle}_{side}_tendon").path)
    last = max(i for i, wrap in enumerate(wraps) if wrap.target.parent.name == "pelvis")
    return _own_path(spec, muscle, side)[last + 1 :]


def _lumbar_slips(spec: mujoco.MjSpec, side: Side, strength: Mapping[str, float]) -> list[tuple[list[_Element], float]]:
    """Return the lumbar slips of psoas, from the vertebra to the brim, and each one's share of the muscle."""
    names = [name for name in strength if name.startswith(LUMBAR_SLIPS) and name.endswith(f"_{side}")]
    whole = sum(strength[name] for name in names)
    return [(_own_path(spec, name[:-2], side), strength[name] / whole) for name in names]


def _mirrored(vector: np.ndarray, side: Side) -> np.ndarray:
    return vector if side == "r" else vector * _MIRROR

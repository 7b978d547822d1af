"""From forces on segments to forces across cuts: the part of lines of action that all engines share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.geometry import Cut, Lines

_SIDES = ("r", "l")
#: Where the trunk may start, above pelvis or sacrum, by the names that models use.
_LOWEST_OF_TRUNK = ("lumbar5", "lumbar_body", "torso")
#: Joint -> its segment beyond, the segment on which its force is reported, and in whose frame.
_LEG = {
    "hip": ("femur", "pelvis"),
    "knee": ("tibia", "tibia"),
    "ankle": ("talus", "talus"),
}


@dataclass(frozen=True)
class Wrenches:
    """Forces on the B segments of one frame, world axes, moments about the world's origin.

    Attributes
    ----------
    origin : (B, 3) m; rotation : (B, 3, 3)
    force, moment : (B, 3) needed by motion, gravity and measured loads taken off
    on, muscle : (K,) int; tension_force, tension_moment : (K, 3)
        Contribution k of 1 N in a muscle to the force on a segment.
    support_on : (R,) int; support_force, support_moment : (R, 3)
        Of 1 N along each ray.
    """

    origin: np.ndarray
    rotation: np.ndarray
    force: np.ndarray
    moment: np.ndarray
    on: np.ndarray
    muscle: np.ndarray
    tension_force: np.ndarray
    tension_moment: np.ndarray
    support_on: np.ndarray
    support_force: np.ndarray
    support_moment: np.ndarray


def find_cuts(parents: Mapping[str, str]) -> tuple[Cut, ...]:
    """Return the cuts through hips, knees, ankles and lumbosacral joint of a tree of segments.

    The patella stays on the thigh's side, so that the patellar ligament pulls on the shank across the cut.
    """
    cuts = []
    for joint, (segment, on) in _LEG.items():
        for side in _SIDES:
            first = f"{segment}_{side}"
            if first in parents:
                on_name = on if on == "pelvis" else f"{on}_{side}"
                beyond = _below(first, parents)
                if joint == "knee":
                    beyond = tuple(b for b in beyond if not b.startswith("patella"))
                cuts.append(Cut(joint, "r" if side == "r" else "l", beyond, on_name, on_name))
    for first in _LOWEST_OF_TRUNK:
        if parents.get(first) in ("pelvis", "sacrum") and "pelvis" in parents:
            cuts.append(Cut("lumbosacral", None, _below(first, parents), "pelvis", "pelvis"))
            break
    return tuple(cuts)


def cut_lines(
    cuts: Sequence[Cut], segments: Sequence[str], muscles: int, rays: int, frames: Iterator[Wrenches]
) -> Lines:
    """Sum the forces on the segments beyond every cut, frame by frame.

    Raises InputError for a cut through a segment that the body lacks.
    """
    index = {name: i for i, name in enumerate(segments)}
    unknown = {s for c in cuts for s in (*c.beyond, c.on, c.frame)} - set(index)
    if unknown:
        raise InputError(f"A cut names the segment {min(unknown)!r}, which the body does not have.")
    beyond = np.zeros((len(cuts), len(segments)))
    for j, cut in enumerate(cuts):
        beyond[j, [index[s] for s in cut.beyond]] = 1.0
    first = [index[c.beyond[0]] for c in cuts]
    axes = [index[c.frame] for c in cuts]
    rows = []
    for w in frames:
        centre = w.origin[first]
        shift = np.swapaxes(_cross_matrix(centre), 1, 2)  # -centre x
        force, moment = beyond @ w.force, beyond @ w.moment
        pull = np.zeros((2, len(cuts), muscles, 3))
        for j in range(len(cuts)):
            some = beyond[j, w.on] > 0.0
            np.add.at(pull[0, j], w.muscle[some], w.tension_force[some])
            np.add.at(pull[1, j], w.muscle[some], w.tension_moment[some])
        held = beyond[:, w.support_on][:, :, None]
        push, twist = held * w.support_force, held * w.support_moment
        pulls, pushes = np.swapaxes(pull, 2, 3), np.swapaxes(push, 1, 2)
        rows.append(
            (
                centre,
                w.rotation[axes],
                force,
                moment + np.einsum("jab,jb->ja", shift, force),
                pulls[0],
                pulls[1] + shift @ pulls[0],
                pushes,
                np.swapaxes(twist, 1, 2) + shift @ pushes,
            )
        )
    return Lines(tuple(cuts), *(np.stack(column) for column in zip(*rows, strict=True)))


def _below(first: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return a segment and all it carries, itself first."""
    found = [first]
    for segment in found:
        found += [child for child, parent in parents.items() if parent == segment]
    return tuple(found)


def _cross_matrix(vector: np.ndarray) -> np.ndarray:
    """Return (J, 3, 3) matrices that take the cross product with (J, 3) vectors."""
    x, y, z = vector.T
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)

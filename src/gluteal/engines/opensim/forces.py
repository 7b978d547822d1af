"""Forces of an OpenSim model beside its muscles: which are taken off the joint moments, and which are left out.

Springs, ligaments, bushings and limit forces follow from the movement alone, so OpenSim computes them. What needs a
control, or a contact with the ground that was measured already cannot be known from a movement: it
is left out, and every report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gluteal.engines.opensim.contents import ModelContents
from gluteal.engines.opensim.kinds import CONSTRAINTS, FORCES, UNKNOWN
from gluteal.engines.opensim.osim import list_parts, osim


@dataclass(frozen=True)
class ModelForces:
    """Forces of a model that are no muscles, and its constraints.

    Attributes
    ----------
    springs : tuple
        Those that the movement alone determines; taken off the joint moments.
    left_out : tuple of (name, kind, reason)
        Those that it does not.
    off : tuple of (name, kind)
        Those, and the constraints, that the model switches off.
    loops : tuple of (name, kind)
        Constraints that inverse dynamics leaves out.
    strange : tuple of (name, kind)
        Parts of kinds that OpenSim does not know and skips.
    controllers : tuple of (name, kind)
        What would steer muscles and motors.
    """

    springs: tuple[Any, ...]
    left_out: tuple[tuple[str, str, str], ...]
    off: tuple[tuple[str, str], ...] = field(default=())
    loops: tuple[tuple[str, str], ...] = field(default=())
    strange: tuple[tuple[str, str], ...] = field(default=())
    controllers: tuple[tuple[str, str], ...] = field(default=())


def sort_forces(model: Any, contents: ModelContents) -> ModelForces:
    """Sort the forces of a model that are no muscles, and its constraints, by `gluteal.engines.opensim.kinds`."""
    springs, off, loops, controllers = [], [], [], []
    left_out = [(name, "ExternalForce", FORCES["ExternalForce"].why) for name in contents.external]
    for component in list_parts(model):
        force, constraint = osim.Force.safeDownCast(component), osim.Constraint.safeDownCast(component)
        named = (component.getName(), component.getConcreteClassName())
        if force is not None and osim.Muscle.safeDownCast(component) is None:
            kind = FORCES.get(named[1], UNKNOWN)
            if not force.get_appliesForce():
                off.append(named)
            elif kind.fate == "spring":
                springs.append(force)
            else:
                left_out.append((*named, kind.why))
        elif constraint is not None and not constraint.get_isEnforced():
            off.append(named)
        elif constraint is not None and CONSTRAINTS.get(named[1], UNKNOWN).fate == "left out":
            loops.append(named)
        elif osim.Controller.safeDownCast(component) is not None:
            controllers.append(named)
    return ModelForces(tuple(springs), tuple(left_out), tuple(off), tuple(loops), contents.strange, tuple(controllers))


def say_forces(forces: ModelForces, disabled: list[str]) -> Iterator[str]:
    """Say which forces of the model are used, which are left out, and which muscles are switched off: all by name."""
    if disabled:
        yield (
            f"{len(disabled)} muscles are switched off in the model (appliesForce is false) and carry nothing: "
            f"{', '.join(disabled)}."
        )
    if forces.springs:
        named = [(s.getName(), s.getConcreteClassName()) for s in forces.springs]
        yield (
            f"Forces of the model that the movement determines are taken off the joint moments: {list_named(named)}. "
            "Joint contact forces leave them out."
        )
    for reason in dict.fromkeys(reason for *_, reason in forces.left_out):
        named = [(name, kind) for name, kind, why in forces.left_out if why == reason]
        yield f"Forces of the model are left out, as {reason}: {list_named(named)}."
    if forces.off:
        yield f"Switched off in the model and left out: {list_named(forces.off)}."
    if forces.loops:
        yield (
            f"Constraints of the model are not part of the inverse dynamics, so that what they carry is not known: "
            f"{list_named(forces.loops)}."
        )
    if forces.strange:
        yield f"Parts of the model are left out, as OpenSim does not know their kind: {list_named(forces.strange)}."
    if forces.controllers:
        yield f"Controllers of the model are left out, as activations are solved for: {list_named(forces.controllers)}."


def list_named(named: Sequence[tuple[str, str]]) -> str:
    """List names by their kind.

    >>> list_named([("brace", "BushingForce"), ("acl", "Ligament"), ("pcl", "Ligament")])
    'brace (BushingForce); acl, pcl (Ligament)'
    """
    by_kind: dict[str, list[str]] = {}
    for name, kind in named:
        by_kind.setdefault(kind, []).append(name)
    return "; ".join(f"{', '.join(names)} ({kind})" for kind, names in by_kind.items())

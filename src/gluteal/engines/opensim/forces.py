"""Forces of an OpenSim model beside its muscles: which are taken off the joint moments, and which are left out.

Springs, ligaments, bushings and limit forces follow from the movement alone, so OpenSim computes them. What needs a
control, or a contact with the ground that was measured already cannot be known from a movement: it
is left out, and every report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

#: Forces between surfaces, by their class: the ground's push was measured, or is an unknown of the load sharing.
_CONTACTS = (
    "HuntCrossleyForce",
    "ElasticFoundationForce",
    "SmoothSphereHalfSpaceForce",
    "ExponentialContactForce",
    "MeyerFregly2016Force",
    "Smith2018ArticularContactForce",
)


@dataclass(frozen=True)
class ModelForces:
    """Forces of a model that are no muscles.

    Attributes
    ----------
    springs : tuple
        Those that the movement alone determines; taken off the joint moments.
    left_out : tuple of (name, kind, reason)
        Those that it does not.
    """

    springs: tuple[Any, ...]
    left_out: tuple[tuple[str, str, str], ...]


def sort_forces(osim: Any, model: Any) -> ModelForces:
    """Sort the applied forces of a model that are no muscles."""
    springs, left_out = [], []
    for component in model.getComponentsList():
        force = osim.Force.safeDownCast(component)
        if force is None or osim.Muscle.safeDownCast(component) is not None or not force.get_appliesForce():
            continue
        reason = _why_unknown(osim, component)
        if reason:
            left_out.append((force.getName(), force.getConcreteClassName(), reason))
        else:
            springs.append(force)
    return ModelForces(tuple(springs), tuple(left_out))


def _why_unknown(osim: Any, component: Any) -> str:
    """Say why a movement does not determine a force; empty where it does."""
    if osim.Actuator.safeDownCast(component) is not None:
        return "its control is not known from a movement"
    if osim.ExternalForce.safeDownCast(component) is not None:
        return "external forces are read from the trial's own files"
    if component.getConcreteClassName() in _CONTACTS:
        return "the force of the ground is measured, or solved for"
    return ""


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
            f"Forces of the model that the movement determines are taken off the joint moments: {_list(named)}. Joint "
            "contact forces leave them out."
        )
    for reason in dict.fromkeys(reason for *_, reason in forces.left_out):
        named = [(name, kind) for name, kind, why in forces.left_out if why == reason]
        yield f"Forces of the model are left out, as {reason}: {_list(named)}."


def _list(named: Sequence[tuple[str, str]]) -> str:
    """List names by their kind.

    >>> _list([("brace", "BushingForce"), ("acl", "Ligament"), ("pcl", "Ligament")])
    'brace (BushingForce); acl, pcl (Ligament)'
    """
    by_kind: dict[str, list[str]] = {}
    for name, kind in named:
        by_kind.setdefault(kind, []).append(name)
    return "; ".join(f"{', '.join(names)} ({kind})" for kind, names in by_kind.items())

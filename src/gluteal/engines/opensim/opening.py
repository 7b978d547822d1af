"""Opening an OpenSim model: coordinates freed, forces off and sorted, couplers and the paths' coordinates found."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.engines.opensim.contents import look_into
from gluteal.engines.opensim.couplers import find_couplers
from gluteal.engines.opensim.forces import sort_forces
from gluteal.engines.opensim.graft import graft_hip
from gluteal.engines.opensim.model import OpenSimModel
from gluteal.engines.opensim.osim import list_parts, osim
from gluteal.engines.opensim.probing import find_doubtful, probe
from gluteal.engines.opensim.sane import check_mass, check_segments, say_reason
from gluteal.errors import InputError
from gluteal.files import TemporaryFolder, check_there, write_text
from gluteal.sto.rows import read_text


def open_model(path: Path, hip: str | None = None) -> OpenSimModel:
    """Read a model, graft a hip onto it, free its coordinates, switch its forces off, find its couplers.

    Raises InputError.
    """
    check_there(path, f"There is no model file {str(path)!r}; give the path of an .osim file.")
    contents = look_into(path)
    try:
        with openable(path, contents.text) as plain:
            model = osim.Model(str(plain))
        model.finalizeFromProperties()
        locked = release(model)
        grafted = None if hip is None else graft_hip(osim, model, hip)
        state = model.initSystem()
    except RuntimeError as error:
        raise InputError(
            f"OpenSim cannot read the model {path.name}: {say_reason(error)} "
            "Check that it opens in the OpenSim application, and save it there once."
        ) from error
    for component in list_parts(model):
        force = osim.Force.safeDownCast(component)
        if force is not None:
            force.setAppliesForce(state, False)
    coordinates = tuple(model.getCoordinateSet().get(i) for i in range(model.getCoordinateSet().getSize()))
    couplers = find_couplers(model, [c.getName() for c in coordinates], path)
    if not coordinates:
        raise InputError(f"{path.name} has no coordinates, so nothing in it can move; give a model with joints.")
    check_mass(path.name, model.getTotalMass(state))
    check_segments(path.name, [_weigh(body) for body in model.getBodyList()])
    followers = {c.dependent for c in couplers}
    muscles = find_muscles(model, path)
    shape = (len(coordinates) - len(followers), len(muscles))
    opened = OpenSimModel(
        path=path,
        model=model,
        state=state,
        coordinates=coordinates,
        locked=locked,
        slots=np.array([find_slot(c, state) for c in coordinates]),
        free=np.array([i for i in range(len(coordinates)) if i not in followers]),
        couplers=couplers,
        mobilised=count_mobilised(model, state),
        muscles=muscles,
        paths=tuple(m.getPath() for m in muscles),
        forces=sort_forces(model, contents),
        solver=osim.InverseDynamicsSolver(model),
        crossed=np.ones(shape, bool),
        gap=np.zeros(shape),
        graft=grafted,
    )
    check_springs(opened)
    crossed, gap = probe(opened)
    return replace(opened, crossed=crossed, gap=gap, doubtful=find_doubtful(opened))


def check_springs(opened: OpenSimModel) -> None:
    """Raise InputError where OpenSim cannot compute a spring of the model, as for a formula with unknown letters."""
    still = np.zeros(len(opened.coordinates))
    opened.place(np.array([c.getDefaultValue() for c in opened.coordinates]))
    for spring in opened.forces.springs:
        alone = replace(opened, forces=replace(opened.forces, springs=(spring,)))
        try:
            alone.spring_forces(0.0, still)
        except RuntimeError as error:
            raise InputError(
                f"OpenSim cannot compute the {spring.getConcreteClassName()} {spring.getName()!r} of "
                f"{opened.path.name}: {say_reason(error)} Correct it in the model, or switch it off (appliesForce)."
            ) from error


@contextmanager
def openable(path: Path, text: str | None) -> Iterator[Path]:
    """Give a model as a plain file for OpenSim; another `text`, or one in a .gz, lies in a folder for so long."""
    if text is None and path.suffix.lower() != ".gz":
        yield path
        return
    folder = TemporaryFolder()
    plain = folder.path / path.name.removesuffix(path.suffix if path.suffix.lower() == ".gz" else "")
    write_text(plain, read_text(path) if text is None else text)
    yield plain


def release(model: Any) -> frozenset[str]:
    """Unlock every coordinate so that it can be set; return the names of those that were fixed."""
    fixed = set()
    coordinates = model.updCoordinateSet()
    for i in range(coordinates.getSize()):
        c = coordinates.get(i)
        if c.get_locked() or c.get_prescribed():
            fixed.add(c.getName())
        c.set_locked(False)
        c.set_prescribed(False)
        c.set_clamped(False)
    return frozenset(fixed)


def find_slot(coordinate: Any, state: Any) -> int:
    """Return where a coordinate's value is in the state's Q (quaternion joints leave gaps)."""
    before, value = state.getQ().to_numpy().copy(), coordinate.getValue(state)
    coordinate.setValue(state, value + 0.1, False)
    slot = int(np.argmax(np.abs(state.getQ().to_numpy() - before)))
    coordinate.setValue(state, value, False)
    return slot


def find_muscles(model: Any, path: Path) -> tuple[Any, ...]:
    """Return the muscles of a model, those of its ForceSet first; raises InputError for two of one name."""
    first = [model.getMuscles().get(i) for i in range(model.getMuscles().getSize())]
    known = {m.getAbsolutePathString() for m in first}
    found = (osim.Muscle.safeDownCast(component) for component in list_parts(model))
    every = (*first, *(m for m in found if m is not None and m.getAbsolutePathString() not in known))
    names = [m.getName() for m in every]
    if twin := next((name for i, name in enumerate(names) if name in names[:i]), ""):
        raise InputError(f"{path.name} has two muscles called {twin!r}; call them differently.")
    return every


def count_mobilised(model: Any, state: Any) -> int:
    """Return the number of bodies that Simbody moves, ground included; some joints have bodies of their own."""
    moving = osim.VectorOfSpatialVec()
    model.realizePosition(state)
    matter = model.getMatterSubsystem()
    matter.multiplyBySystemJacobian(state, osim.Vector(state.getNU(), 0.0), moving)
    return len(moving)


def _reduce(opened: OpenSimModel) -> tuple[Any, tuple[Path, str | None]]:
    """Let a model travel between processes as the path of the file, and the hip grafted onto it."""
    return open_model, (opened.path, None if opened.graft is None else opened.graft.hip)


copyreg.pickle(OpenSimModel, _reduce)


def _weigh(body: Any) -> tuple[str, float, float, float]:
    """Return name, mass (kg), distance of the mass centre (m) and largest moment of inertia (kg m^2) of a segment."""
    centre, inertia = body.get_mass_center(), body.get_inertia()
    away = float(np.linalg.norm([centre.get(i) for i in range(3)]))
    return body.getName(), float(body.get_mass()), away, max(abs(inertia.get(i)) for i in range(3))

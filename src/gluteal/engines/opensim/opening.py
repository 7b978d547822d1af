"""Opening an OpenSim model: coordinates freed, forces off and sorted, couplers and the paths' coordinates found."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.engines.opensim.forces import sort_forces
from gluteal.engines.opensim.graft import graft_hip
from gluteal.engines.opensim.model import PROBE, Coupler, OpenSimModel, osim
from gluteal.engines.opensim.sane import check_mass
from gluteal.errors import InputError
from gluteal.files import TemporaryFolder, check_xml, write_text
from gluteal.sto import read_text

#: Which paths a coordinate changes is found by steps of `PROBE` in this many random postures.
POSTURES = 5
#: A path whose length changes by less than this per unit of a coordinate does not cross it, m.
CROSSES = 1e-6
#: One-sided slopes of length that differ by more than this are on two sides of a kink, m.
KINK = 2e-3


def open_model(path: Path, hip: str | None = None) -> OpenSimModel:
    """Read a model, graft a hip onto it, free its coordinates, switch its forces off, find its couplers.

    Raises InputError.
    """
    if not path.is_file():
        raise InputError(f"There is no model file {str(path)!r}; give the path of an .osim file.")
    check_xml(path)  # before OpenSim, which ends the process where elements are nested without end
    try:
        with unzipped(path) as plain:
            model = osim.Model(str(plain))
        model.finalizeFromProperties()
        locked = release(model)
        grafted = None if hip is None else graft_hip(osim, model, hip)
        state = model.initSystem()
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"OpenSim cannot read the model {path.name}: {reason[:300]} "
            "Check that it opens in the OpenSim application, and save it there once."
        ) from error
    for component in model.getComponentsList():
        force = osim.Force.safeDownCast(component)
        if force is not None:
            force.setAppliesForce(state, False)
    coordinates = tuple(model.getCoordinateSet().get(i) for i in range(model.getCoordinateSet().getSize()))
    couplers = find_couplers(model, [c.getName() for c in coordinates], path)
    if not coordinates:
        raise InputError(f"{path.name} has no coordinates, so nothing in it can move; give a model with joints.")
    check_mass(path.name, model.getTotalMass(state))
    followers = {c.dependent for c in couplers}
    muscles = model.getMuscles()
    shape = (len(coordinates) - len(followers), muscles.getSize())
    opened = OpenSimModel(
        path=path,
        model=model,
        state=state,
        coordinates=coordinates,
        locked=locked,
        slots=np.array([find_slot(c, state) for c in coordinates]),
        free=np.array([i for i in range(len(coordinates)) if i not in followers]),
        couplers=couplers,
        paths=tuple(muscles.get(i).getPath() for i in range(muscles.getSize())),
        forces=sort_forces(osim, model),
        solver=osim.InverseDynamicsSolver(model),
        crossed=np.ones(shape, bool),
        gap=np.zeros(shape),
        graft=grafted,
    )
    crossed, gap = probe(opened)
    return replace(opened, crossed=crossed, gap=gap)


@contextmanager
def unzipped(path: Path) -> Iterator[Path]:
    """Give a model as the plain file that OpenSim can read; one in a .gz lies in a folder of its own for so long."""
    if path.suffix.lower() != ".gz":
        yield path
        return
    folder = TemporaryFolder()
    plain = folder.path / path.name[: -len(".gz")]
    write_text(plain, read_text(path))
    yield plain


def probe(opened: OpenSimModel) -> tuple[np.ndarray, np.ndarray]:
    """Return which paths change with which coordinate, and how far moment arms are from the change (Q, M)."""
    rng = np.random.default_rng(0)
    ends = [(c.getRangeMin(), c.getRangeMax()) for c in (opened.coordinates[i] for i in opened.free)]
    low, high = np.array([(max(a, -1.0), max(min(b, 1.0), max(a, -1.0))) for a, b in ends]).T
    slope = np.zeros((POSTURES, len(low), len(opened.paths)))
    gap = np.zeros_like(slope)
    for posture in range(POSTURES):
        q = rng.uniform(low, high)
        value, _, _, jacobian = opened.expand(q, np.zeros_like(q), np.zeros_like(q))
        opened.place(value)
        here, arms = opened.lengths(range(len(opened.paths))), opened.moment_arms(jacobian)
        for k, step in enumerate(PROBE * np.eye(len(q))):
            some = np.flatnonzero(arms[k])  # exactly 0 on every straight path that does not cross
            opened.place(opened.expand_posture(q + step))
            ahead = (opened.lengths(some) - here[some]) / PROBE
            opened.place(opened.expand_posture(q - step))
            behind = (here[some] - opened.lengths(some)) / PROBE
            slope[posture, k, some] = (ahead + behind) / 2
            smooth = np.abs(ahead - behind) < KINK  # or a path point switched on or off between the two
            gap[posture, k, some] = np.where(smooth, np.abs(arms[k, some] + slope[posture, k, some]), 0.0)
    crossed = np.abs(slope).max(axis=0) > CROSSES
    return crossed, np.where(crossed, gap.max(axis=0), 0.0)


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


def find_couplers(model: Any, names: list[str], path: Path) -> tuple[Coupler, ...]:
    """Return the enforced coordinate couplers, each after the one it depends on."""
    found = []
    for i in range(model.getConstraintSet().getSize()):
        c = osim.CoordinateCouplerConstraint.safeDownCast(model.getConstraintSet().get(i))
        if c is None or not c.get_isEnforced():
            continue
        sources = c.getIndependentCoordinateNames()
        if sources.size() != 1:
            raise InputError(
                f"The coupler {c.getName()!r} in {path.name} ties {c.getDependentCoordinateName()!r} to "
                f"{sources.size()} coordinates; only couplers of one are understood: replace it in the model."
            )
        scale = float(c.getPropertyByName("scale_factor").toString())
        dependent = names.index(c.getDependentCoordinateName())
        found.append(Coupler(dependent, names.index(sources.get(0)), c.getFunction(), scale))
    ordered: list[Coupler] = []
    while found:
        waiting = {c.dependent for c in found}
        ready = [c for c in found if c.source not in waiting]
        if not ready:
            raise InputError(f"The couplers of {path.name} form a circle; remove one of them from the model.")
        ordered += ready
        found = [c for c in found if c.source in waiting]
    return tuple(ordered)


def _reduce(opened: OpenSimModel) -> tuple[Any, tuple[Path, str | None]]:
    """Let a model travel between processes as the path of the file, and the hip grafted onto it."""
    return open_model, (opened.path, None if opened.graft is None else opened.graft.hip)


copyreg.pickle(OpenSimModel, _reduce)

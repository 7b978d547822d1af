"""Engines: the only place that knows MuJoCo or OpenSim by name. Each is imported when asked for.

An engine is a module with six functions: ``load(name)`` -> Body, ``compute_geometry(body, movement)``
-> Geometry, ``compute_lines(body, movement, cuts)`` -> Lines, ``compute_picture(body, movement, frame)`` ->
Picture, and for one posture ``segment_points(body, coordinates, points)`` and ``centre_of_mass(body,
coordinates)``.

In: geometry and its cache. Out: muscle force, conditions, verdicts.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics, build_mechanics
from gluteal.mechanics.geometry import Cut, Geometry, Lines
from gluteal.mechanics.movement import Movement
from gluteal.mechanics.picture import Picture

_log = logging.getLogger(__name__)
_MODULES = {"mujoco": "gluteal.engines.mujoco.engine", "opensim": "gluteal.engines.opensim.engine"}


def load_body(name: str | Path = "myo") -> Body:
    """Load a body: ``"myo"``, the embedded default, or the path of an OpenSim model (``.osim``, ``.osim.gz``).

    Raises
    ------
    InputError
        Where the name is neither, or the file is absent or unreadable.
    MissingEngine
        Where the file needs OpenSim and it is not installed.
    """
    if str(name) == "myo":
        return _load_myo()
    path = Path(name)
    if not path.name.lower().endswith((".osim", ".osim.gz")):
        raise InputError(f"The body {str(name)!r} is neither 'myo' nor an OpenSim model file (.osim).")
    if not path.is_file():
        raise InputError(f"There is no model file {str(path)!r}; give the path of an .osim file.")
    return _load("opensim", path)


def compute_geometry(body: Body, movement: Movement) -> Geometry:
    """Ask the body's engine for lengths, moment arms, joint moments and support directions."""
    return _engine(body.engine).compute_geometry(body, movement)


def compute_mechanics(body: Body, movement: Movement) -> Mechanics:
    """Do the engine's work once: everything recruitment needs, as labelled arrays.

    Returns a `Mechanics` whose dataset follows `gluteal.vocabulary.QUANTITIES`.
    """
    start = time.perf_counter()
    geometry = compute_geometry(body, movement)
    seconds = time.perf_counter() - start
    _log.info("mechanics of %s, %d frames, in %.2f s", movement.name, len(movement.time), seconds)
    return build_mechanics(body, movement, geometry, seconds=seconds, find_lines=compute_lines)


def compute_lines(body: Body, movement: Movement, cuts: Sequence[Cut] | None = None) -> Lines:
    """Ask the body's engine for what crosses its joints: muscles' lines of action, loads, inertia.

    Parameters
    ----------
    cuts : sequence of Cut or None
        Where to cut; None cuts through hips, knees, ankles and the lumbosacral joint.

    Raises InputError where a muscle's path has a length only and no line of action.
    """
    return _engine(body.engine).compute_lines(body, movement, cuts)


def compute_picture(body: Body, movement: Movement, frame: int) -> Picture:
    """Ask the body's engine what to draw in one frame."""
    return _engine(body.engine).compute_picture(body, movement, frame)


def segment_points(
    body: Body, coordinates: np.ndarray, points: Sequence[tuple[str, tuple[float, float, float]]]
) -> np.ndarray:
    """Return the world positions (N, 3), m, of points fixed in segments, for one posture (Q,).

    Raises InputError for a segment the body lacks.
    """
    return _engine(body.engine).segment_points(body, coordinates, points)


def centre_of_mass(body: Body, coordinates: np.ndarray) -> np.ndarray:
    """Return the whole body's centre of mass in the world (3,), m, for one posture (Q,)."""
    return _engine(body.engine).centre_of_mass(body, coordinates)


@lru_cache(maxsize=1)
def _load_myo() -> Body:
    return _load("mujoco", "myo")


def _load(engine: str, name: str | Path) -> Body:
    start = time.perf_counter()
    body: Body = _engine(engine).load(name)
    seconds = time.perf_counter() - start
    _log.info("body %s, %d muscles, loaded by %s in %.2f s", body.name, len(body.muscle_names), engine, seconds)
    return body


def _engine(name: str) -> ModuleType:
    return importlib.import_module(_MODULES[name])

"""Engines: the only place that knows MuJoCo or OpenSim by name. Each is imported when asked for.

An engine is a module with eight functions: ``load(name)`` -> Body, ``compute_geometry(body, movement)`` -> Geometry,
``compute_lines(body, movement, cuts)`` -> Lines, ``compute_picture(body, movement, frame)`` -> Picture,
``compute_moving_picture(body, movement)`` -> MovingPicture, ``segment_names(body)``, and for one posture
``segment_points(body, coordinates, points)`` and ``centre_of_mass(body, coordinates)``.

In: geometry and its cache. Out: muscle force, conditions, verdicts.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np

from gluteal.engines.myo.hip_parameters import Fibres, LegStrength, variant_suffix
from gluteal.engines.myo.hips import OWN_HIP, hip_sources
from gluteal.errors import InputError, UnknownName
from gluteal.files import check_there, reading
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics, build_mechanics
from gluteal.mechanics.geometry import Cut, Geometry, Lines, SegmentMotion
from gluteal.mechanics.movement import Movement, Support
from gluteal.mechanics.picture import MovingPicture, Picture

_log = logging.getLogger(__name__)
FIBRES: tuple[Fibres, ...] = ("model", "dissected")
#: Strengths of the legs among the published variants: as modelled, and fitted to dynamometers and walking together.
STRENGTHS: tuple[LegStrength, ...] = (1.0, "fitted")
_MODULES = {"mujoco": "gluteal.engines.mujoco.engine", "opensim": "gluteal.engines.opensim.engine"}


def load_body(
    name: str | Path = "myo", *, hip: str | None = None, fibres: Fibres = "model", strength: LegStrength = 1.0
) -> Body:
    """Load a body: ``"myo"``, the embedded default, or the path of an OpenSim model (``.osim``, ``.osim.gz``).

    A variant goes by its name, too: ``"myo-dostal1981-dissected-fitted"``.

    Parameters
    ----------
    hip : str, optional
        Take every muscle that crosses the hip from a published table (on an OpenSim model all but psoas, iliacus and
        gluteus maximus, brought to it by landmarks; `Body.notes` lists what was grafted):
        ``"dostal1981"``, ``"tlem2"``, ``"tlem2.1"``, ``"delp1990"``, ``"rajagopal2016"``, ``"uhlrich2022"``.
    fibres : "model" or "dissected"
        With `hip`: fibre lengths of piriformis and gluteus minimus as modelled, or of sarcomere-normalised dissections.
    strength : float or "fitted"
        With `hip`: factor on the strength of all muscles of the legs, or each group's own, fitted to people.

    Raises
    ------
    InputError
        Where the name is neither, or the file is absent or unreadable, or has no hips by OpenSim's usual names.
    UnknownName
        No such hip.
    MissingEngine
        Where the file needs OpenSim and it is not installed.
    """
    if str(name).startswith("myo-"):
        return _load_named(str(name))
    if str(name) == "myo":
        return _load_representative() if hip is None else _load_myo_with_hip(hip, fibres, strength)
    path = Path(name)
    if not path.name.lower().endswith((".osim", ".osim.gz")):
        raise InputError(f"The body {str(name)!r} is neither 'myo' nor an OpenSim model file (.osim).")
    check_there(path, f"There is no model file {str(path)!r}; give the path of an .osim file.")
    if hip is not None and hip not in hip_sources():
        raise UnknownName("hip", hip, list(hip_sources()), "docs/body-myo.md")
    if fibres != "model" or strength != 1.0:
        raise InputError("Fibres and strength can be chosen for the body 'myo' only; an OpenSim model has its own.")
    with reading(path):
        return _load("opensim", path, hip)


def load_bodies(name: str = "myo") -> tuple[Body, ...]:
    """Load the bodies among which a verdict has to hold: six published hips, two sets of fibres, two strengths.

    Returns
    -------
    tuple of 24 Body
        Names say which is which (``"myo-dostal1981-dissected-fitted"``). They share bones, masses and all other paths,
        so what they agree on is not thereby true; where they disagree, the answer hangs on what is not known.

    Raises
    ------
    InputError
        Another body than ``"myo"``.
    """
    if name != "myo":
        raise InputError(f"Published variants exist of the embedded body, 'myo', only; got {name!r}.")
    return tuple(
        load_body(name, hip=hip, fibres=fibres, strength=strength)
        for hip in hip_sources()
        for fibres in FIBRES
        for strength in STRENGTHS
    )


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


def compute_bodies(bodies: Sequence[Body], movement: Movement) -> Iterator[Mechanics]:
    """Do a movement with several variants of the embedded body (`load_bodies`): the engine's work once for all.

    Raises
    ------
    InputError
        Where they are not variants of one body.
    """
    start = time.perf_counter()
    geometries = _engine("mujoco").compute_geometries(bodies, movement)
    seconds = (time.perf_counter() - start) / len(bodies)
    for body, geometry in zip(bodies, geometries, strict=True):
        yield build_mechanics(body, movement, geometry, seconds=seconds, find_lines=compute_lines)


def embedded_body_key() -> bytes:
    """Return what differs where anything that makes the embedded body does, for keys of what is computed of it."""
    return str(importlib.import_module("gluteal.engines.myo.kept").body_key()).encode()


def body_lineage(body: Body) -> str:
    """Return what a variant of the embedded body descends from ("dostal", "tlem", "delp"); its own legs are Delp's."""
    named = [hip for hip in hip_sources() if f"-{hip}-" in f"{body.name}-"]
    return hip_sources()[named[0]].lineage if named else "delp"


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


def compute_moving_picture(body: Body, movement: Movement) -> MovingPicture:
    """Ask the body's engine what to draw over a whole movement."""
    return _engine(body.engine).compute_moving_picture(body, movement)


def segment_names(body: Body) -> tuple[str, ...]:
    """Return the names of all segments of a body."""
    names: tuple[str, ...] = _engine(body.engine).segment_names(body)
    return names


def segment_points(
    body: Body, coordinates: np.ndarray, points: Sequence[tuple[str, tuple[float, float, float]]]
) -> np.ndarray:
    """Return the world positions (N, 3), m, of points fixed in segments, for one posture (Q,).

    Raises InputError for a segment the body lacks.
    """
    return _engine(body.engine).segment_points(body, coordinates, points)


def name_segment(body: Body, frame: str) -> str:
    """Return the segment that a frame is fixed in: itself, or for the path of an OpenSim frame the body below it.

    Raises InputError where an OpenSim model has no such frame, or the body is none of OpenSim's.
    """
    if "/" not in frame:
        return frame
    if body.engine != "opensim":
        raise InputError(
            f"{frame!r} is a frame of an OpenSim model; the body {body.name!r} has segments alone: name one."
        )
    return str(_engine(body.engine).base_segment(body, frame))


def measure_postures(body: Body, postures: np.ndarray, supports: Sequence[Support]) -> Geometry:
    """Compute the geometry of postures (T, Q) held still, as bare arrays in the body's order of coordinates.

    The same numbers as `compute_geometry`, without labels. Raises InputError for a body that is not embedded.
    """
    geometry: Geometry = _postures_of(body).bare_postures(body, postures, supports)
    return geometry


def measure_motions(
    body: Body, q: np.ndarray, v: np.ndarray, a: np.ndarray, supports: Sequence[Support], *, muscles: bool = True
) -> Geometry:
    """Compute the geometry of frames in motion: coordinates, speeds and accelerations (T, Q), as bare arrays.

    The same numbers as `compute_geometry`; without `muscles` their lengths and arms are left out. Raises InputError for
    a body that is not embedded.
    """
    geometry: Geometry = _postures_of(body).bare_motions(body, q, v, a, supports, muscles=muscles)
    return geometry


def measure_segments(body: Body, posture: np.ndarray, segments: Sequence[str]) -> SegmentMotion:
    """Return where segments are in one posture (Q,), and how they move with its coordinates.

    Raises InputError for a segment the body lacks, or a body that is not embedded.
    """
    motion: SegmentMotion = _postures_of(body).bare_segments(body, posture, segments)
    return motion


def fix_masses(body: Body, masses: Sequence[tuple[str, tuple[float, float, float], float]]) -> Body:
    """Return the embedded body with point masses fixed to segments: (segment, point in its frame m, kg) each.

    It weighs and moves so; its muscles stay. Raises InputError for a segment the body lacks, or a body that is not
    embedded.
    """
    _postures_of(body)
    loaded: Body = importlib.import_module("gluteal.engines.mujoco.loaded").with_masses(body, masses)
    return loaded


def centre_of_mass(body: Body, coordinates: np.ndarray) -> np.ndarray:
    """Return the whole body's centre of mass in the world (3,), m, for one posture (Q,)."""
    return _engine(body.engine).centre_of_mass(body, coordinates)


def _load_named(name: str) -> Body:
    """Load a variant by its name, as `load_bodies` gives it."""
    known = {
        f"myo{variant_suffix(hip, fibres, strength)}": (hip, fibres, strength)
        for hip in hip_sources()
        for fibres in FIBRES
        for strength in STRENGTHS
    }
    if name not in known:
        raise UnknownName("body", name, list(known), "gluteal.load_bodies()")
    return _load_myo_with_hip(*known[name])


@lru_cache(maxsize=32)
def _load_myo_with_hip(hip: str, fibres: Fibres, strength: LegStrength) -> Body:
    variant: Body = _engine("mujoco").with_hip(_load_myo(), hip, fibres=fibres, strength=strength)
    return variant


@lru_cache(maxsize=1)
def _load_representative() -> Body:
    """The body for pictures and speed: the hip whose legs are the embedded model's own, as modelled."""
    return replace(_load_myo_with_hip(OWN_HIP, "model", 1.0), name="myo")


@lru_cache(maxsize=1)
def _load_myo() -> Body:
    return _load("mujoco", "myo")


def _load(engine: str, name: str | Path, hip: str | None = None) -> Body:
    start = time.perf_counter()
    body: Body = _engine(engine).load(name) if hip is None else _engine(engine).load(name, hip)
    seconds = time.perf_counter() - start
    _log.info("body %s, %d muscles, loaded by %s in %.2f s", body.name, len(body.muscle_names), engine, seconds)
    return body


def _postures_of(body: Body) -> ModuleType:
    if body.engine != "mujoco":
        raise InputError(
            f"Postures are moved through on the embedded body only; {body.name!r} is an OpenSim model. Use --body myo."
        )
    return importlib.import_module("gluteal.engines.mujoco.postures")


def _engine(name: str) -> ModuleType:
    return importlib.import_module(_MODULES[name])

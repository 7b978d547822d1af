"""Built-in tasks and tasks from users' files: load them and resolve them for a body.

In: task files, their placement on supports, cycles and their corrections. Out: conditions, measured data, verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from gluteal.engines import embedded_body_key, load_body
from gluteal.engines.cache import make_key, remember
from gluteal.errors import InputError, UnknownName, close_names
from gluteal.files import check_there, read_loosely, read_whole, reading
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement, Support, mirror
from gluteal.movements.tasks.carried import carry_loads
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.movements.tasks.feet import hold_feet
from gluteal.movements.tasks.file import OPTIONAL, TARGETS, TaskFile, read_task_file
from gluteal.movements.tasks.foot_loads import FOOT_LOADS, find_loads, place_foot_loads, project_loads
from gluteal.movements.tasks.gait_cycle import cycle_movement, phase_supports, read_cycle_table
from gluteal.movements.tasks.measured_cycle import MeasuredCycle, has_mechanics, measured_cycle
from gluteal.movements.tasks.placement import place_on_supports
from gluteal.movements.tasks.resolved import task_movement
from gluteal.schema import refusal
from gluteal.vocabulary import ROOT_COORDINATES, unsided

#: A movement's curves, each the derivative of the one before.
CURVES = ("coordinates", "speed", "acceleration")
#: Rooms whose text makes a placed task.
_PLACING = ("engines", "kernels", "mechanics", "movements", "files", "schema.py", "vocabulary.py")


@dataclass(frozen=True)
class TaskInfo:
    """One line of the list of tasks."""

    name: str
    title: str
    description: str
    path: Path


def list_tasks() -> tuple[TaskInfo, ...]:
    """Return the built-in tasks, in alphabetical order of their names."""
    found = (read_task_file(path) for path in sorted(_folder().glob("*.toml")))
    return tuple(sorted((TaskInfo(t.name, t.title, t.description, t.path) for t in found), key=lambda t: t.name))


def load_task(name_or_path: str | Path, body: Body | None = None, **parameters: float | str) -> Movement:
    """Load a task and resolve it for a body: postures on their supports, ready for mechanics.

    Parameters
    ----------
    name_or_path : str or Path
        A built-in task (`list_tasks`) or a task file ending in ``.toml`` (format: docs/tasks.md).
    body : Body, optional
        The embedded body where absent.
    **parameters
        The task's own parameters by name (numbers, in the unit the file states) and, for tasks of one
        side, ``side="l"`` to mirror them.

    Returns
    -------
    Movement
        Coordinates (time, coordinate) in rad and m, with speed and acceleration of the same spline, zero
        in postures. `settings` records parameters, surfaces and how well the supports lie on them.

    Raises
    ------
    UnknownName
        No such built-in task.
    InputError
        A bad file, a coordinate or parameter that does not exist or is out of range, supports that cannot
        be reached.
    """
    body = load_body() if body is None else body
    task = read_task_file(_find(name_or_path))
    side, chosen = _choose(task, parameters)
    with reading(task.path):
        movement = _cycle_on_feet(task, body) if task.cycle else _posture_movement(task, body, chosen)
    settings = {"task_file": task.path.name, "parameters": chosen, **movement.settings}
    if task.sided:
        settings["side"] = side
    movement = replace(movement, settings=settings)
    return mirror(movement) if side == "l" else movement


@cache
def list_walkers() -> tuple[str, ...]:
    """Return the names of the built-in recorded walks, the default first.

    >>> list_walkers()
    ('walk', 'walk-overground', 'walk-slow', 'walk-treadmill')
    """
    return tuple(info.name for info in list_tasks() if read_task_file(info.path).cycle is not None)


def free_feet(movement: Movement) -> Movement:
    """Return a built-in walk, changed or not, with unknown contacts in place of the loads under its feet.

    Raises
    ------
    UnknownName
        Where the movement is no built-in task.
    """
    task = built_in_task(movement.name)
    assert task.cycle is not None
    phase = np.linspace(0.0, 1.0, len(movement.time))
    others = tuple(load for load in movement.loads if load.name not in FOOT_LOADS)
    return replace(movement, supports=phase_supports(task, phase), loads=others)


def carry_on_feet(body: Body, movement: Movement, *, carried: float = 0.0) -> Movement:
    """Let the feet carry a built-in walk whose curves or other loads were changed: new loads under them.

    They come as near to the measured joint moments and foot forces as the changed walk allows, as in `load_task`.

    Parameters
    ----------
    carried : float
        Mass of what the body carries, kg: the measured values grow with it.

    Raises
    ------
    UnknownName
        Where the movement is no built-in task.
    """
    measured = _measured(built_in_task(movement.name), movement, body.mass + carried)
    return project_loads(body, free_feet(movement), measured)


def measured_walk(body: Body, movement: Movement) -> MeasuredCycle:
    """Return what was measured in a built-in walk at its frames, for the mass of a body; raises UnknownName."""
    return _measured(built_in_task(movement.name), movement, body.mass)


def measured_deviation(body: Body, movement: Movement, coordinate: str, frame: int) -> float:
    """Return the standard deviation of the measured moment of a built-in walk at one frame, N m; nan elsewhere."""
    if movement.name not in list_walkers():
        return float("nan")
    measured = _measured(built_in_task(movement.name), movement, body.mass)
    if coordinate not in measured.coordinates:
        return float("nan")
    return float(measured.moment_sd[frame, measured.coordinates.index(coordinate)])


def _measured(task: TaskFile, movement: Movement, mass: float) -> MeasuredCycle:
    """Return what was measured in a walk at the movement's frames, for `mass` kg."""
    assert task.cycle is not None
    return measured_cycle(read_cycle_table(task.cycle.table), mass, np.linspace(0.0, 1.0, len(movement.time)))


@cache
def built_in_task(name: str) -> TaskFile:
    """Return a built-in task as written; raises UnknownName."""
    return read_task_file(_find(name))


def is_task(name: str | Path) -> bool:
    """Say whether a name means a task: a built-in name, or a TOML file with supports in it.

    A name that is no file or folder at all counts as a (misspelt) task, so that close names are offered.
    """
    path = Path(name)
    if path.is_dir() or (path.suffix and path.suffix.lower() != ".toml"):
        return False
    if path.is_file():
        return "[[support]]" in read_loosely(path)
    return not path.suffix


def _folder() -> Path:
    return Path(str(files(__package__).joinpath("library")))


def _find(name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    if text.lower().endswith(".toml"):
        check_there(Path(text), f"There is no task file {text!r}; give its path, or the name of a built-in task.")
        return Path(text)
    known = [path.stem for path in sorted(_folder().glob("*.toml"))]
    plain = text.strip().lower().replace("_", "-").replace(" ", "-")
    if plain not in known:
        raise UnknownName("task", text, known, "gluteal list tasks")
    return _folder() / f"{plain}.toml"


def _choose(task: TaskFile, given: dict[str, float | str]) -> tuple[str, dict[str, float]]:
    """Check the parameters that were given; return the side and all numbers."""
    side = str(given.get("side", "r"))
    if side not in ("r", "l"):
        raise InputError(f"side is {side!r}; give 'r' or 'l'.")
    if "side" in given and not task.sided:
        raise InputError(f"Task {task.name!r} is the same on both sides; leave side out.")
    known = task.parameters
    for name in given:
        if name != "side" and name not in known:
            near = close_names(name, tuple(known))
            have = f"it has {', '.join(known)}" if known else "it has none"
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise InputError(f"Task {task.name!r} has no parameter {name!r}; {have}.{hint}")
    chosen = {}
    for name, p in known.items():
        value = given.get(name, p.default)
        if isinstance(value, str) or not p.range[0] <= value <= p.range[1]:
            raise InputError(
                f"Parameter {name} of task {task.name!r} is {value!r}; "
                f"give a number from {p.range[0]:g} to {p.range[1]:g} {p.unit}."
            )
        chosen[name] = float(value)
    return side, chosen


def _cycle_on_feet(task: TaskFile, body: Body) -> Movement:
    """Return one cycle of a periodic task, carried as measured where its table holds moments and forces."""
    assert task.cycle is not None
    movement = cycle_movement(task, body)
    if not has_mechanics(read_cycle_table(task.cycle.table)):
        return movement
    measured = _measured(task, movement, body.mass)
    if task.path.parent != _folder() or body is not load_body("myo"):
        return project_loads(body, movement, measured)
    key = make_key([b"foot loads", embedded_body_key(), read_whole(task.path)], rooms=_PLACING)
    return place_foot_loads(movement, remember(key, lambda: find_loads(body, movement, measured)))


def _posture_movement(task: TaskFile, body: Body, chosen: dict[str, float]) -> Movement:
    task, warnings = _fit_to_body(task.with_loads(chosen), body)
    placed = _place_embedded(task, body, chosen) if body.engine == "mujoco" else _place(task, body, chosen)
    frames, curves, motion = placed["time"], [placed[name] for name in CURVES], task.motion
    still = motion is None or motion.quasi_static
    if still:
        curves[1:] = np.zeros_like(curves[0]), np.zeros_like(curves[0])
    movement = task_movement(
        task,
        body,
        frames,
        curves,
        supports=_make_supports(task, frames),
        settings={
            "quasi_static": still,
            "surfaces_m": dict(task.surfaces),
            "largest_support_miss_m": float(np.nanmax(np.abs(placed["miss"]), initial=0.0)),
        },
        warnings=warnings,
    )
    return hold_feet(body, carry_loads(body, movement, task), task.feet)


def _place_embedded(task: TaskFile, body: Body, chosen: dict[str, float]) -> Mapping[str, np.ndarray]:
    """Do `_place` on the embedded body; a built-in task as it comes, which depends on no user, is kept."""
    own = task.path.parent != _folder() or chosen != {name: p.default for name, p in task.parameters.items()}
    if own or body is not load_body("myo"):
        return _place(task, body, chosen)
    key = make_key([b"task", embedded_body_key(), read_whole(task.path)], rooms=_PLACING)
    return remember(key, lambda: _place(task, body, chosen))


def _place(task: TaskFile, body: Body, chosen: dict[str, float]) -> dict[str, np.ndarray]:
    """Put a task's postures on their supports.

    Returns ``time`` (T,) s, the `CURVES` (T, Q), and ``miss``, how far supports are from their surfaces, m.
    """
    from scipy.interpolate import CubicSpline

    time, table, targets = _keyframe_values(task, body, chosen)
    placed = place_on_supports(body, task, time, table, targets)
    motion = task.motion
    if motion is None:
        return {"time": time, **dict.fromkeys(CURVES, placed.values), "miss": placed.miss}
    nodes = np.linspace(0.0, motion.duration, motion.nodes)
    between = CubicSpline(time, placed.values, bc_type="clamped")(nodes)
    placed = place_on_supports(body, task, nodes, between, {}, anchors=placed.anchors)
    frames = np.linspace(0.0, motion.duration, motion.frames)
    curve = CubicSpline(nodes, placed.values, bc_type="clamped")
    curves = {name: curve(frames, order) for order, name in enumerate(CURVES)}
    return {"time": frames, **curves, "miss": placed.miss}


def _fit_to_body(task: TaskFile, body: Body) -> tuple[TaskFile, tuple[str, ...]]:
    """Return the task without the optional coordinates the body lacks, and a warning; refuse others."""
    absent: dict[str, str] = {c: where for c, where in task.coordinates if c not in body.coordinate_names}
    for name, where in absent.items():
        if unsided(name) not in OPTIONAL:
            near = close_names(name, body.coordinate_names)
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise refusal(task.label, where, f"the body {body.name!r} has no coordinate {name!r}.{hint}")
    if not absent:
        return task, ()

    return task.without(set(absent)), (f"The body {body.name!r} has no {', '.join(absent)}; the task goes without.",)


def _keyframe_values(
    task: TaskFile, body: Body, chosen: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return times (N,), values (N, Q) in rad and m, and balance targets (N,) of the keyframes."""
    names = body.coordinate_names
    added = {c: factor * chosen[n] for n, p in task.parameters.items() for c, factor in p.adds.items()}
    rows = [k.values for k in task.keyframe]
    times = np.array([k.time for k in task.keyframe])
    table = np.zeros((len(times), len(names)))
    for i, (time, row) in enumerate(zip(times, rows, strict=True)):
        for name in {**row, **added}:
            if name in TARGETS:
                continue
            coordinate = body.coordinate(name)
            value = row.get(name, 0.0) + added.get(name, 0.0)
            low, high = coordinate.range
            scale, unit = (np.pi / 180.0, "deg") if coordinate.kind == "rotation" else (1.0, "m")
            if name not in ROOT_COORDINATES and not low - 1e-9 <= value * scale <= high + 1e-9:
                raise refusal(
                    task.label,
                    f"keyframe {i + 1}",
                    f"{name} is {value:g} {unit} at {time:g} s, outside the range of {low / scale:.0f} to "
                    f"{high / scale:.0f} {unit}.",
                )
            table[i, names.index(name)] = value * scale
    for key in TARGETS:
        if getattr(task.solve, key) is None and any(key in row for row in rows):
            told = "is missing; give the two contact points it is measured between."
            raise refusal(task.label, f"solve.{key}", told)
    targets = {k: np.array([row.get(k, np.nan) for row in rows]) for k in TARGETS}
    return times, table, targets


def _make_supports(task: TaskFile, time: np.ndarray) -> tuple[Support, ...]:
    table = contact_points()
    result = []
    for line in task.supports:
        point = table[line.point]
        active = (time >= line.start - 1e-9) & (time <= line.end + 1e-9)
        result.append(
            Support(
                name=point.name,
                segment=point.segment,
                point=point.point,
                normal=line.normal,
                friction=line.friction,
                active=None if active.all() else active,
            )
        )
    return tuple(result)

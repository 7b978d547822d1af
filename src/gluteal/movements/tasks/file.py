"""Read a task file (TOML) and say clearly what is wrong with it. The format is described in docs/tasks.md."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gluteal.errors import InputError, close_names
from gluteal.movements.tasks.contact_points import contact_points

VIEWS = ("side", "front", "back", "top")
#: Values of a keyframe that are no coordinates: where the centre of mass should be, see `Balance`.
TARGETS = ("centre_of_mass_forward", "centre_of_mass_sideways")


#: Joints of the foot that a simpler body may lack: a task then goes without them, and says so.
OPTIONAL = ("subtalar_angle", "mtp_angle")
_TOP_FIELDS = (
    *("name", "title", "description", "view", "sided", "motion", "cycle"),
    *("keyframe", "parameters", "surfaces", "support", "solve", "excluded"),
)


@dataclass(frozen=True)
class Parameter:
    """A number the user may choose: `value` units add `adds[coordinate] * value` degrees (or metres)."""

    name: str
    default: float
    range: tuple[float, float]
    unit: str
    text: str
    adds: Mapping[str, float]


@dataclass(frozen=True)
class SupportLine:
    """One contact point of a task, see `gluteal.mechanics.movement.Support`.

    `start` and `end` (s, inclusive) bound when it may act; `tolerance` (m) is how far it may be off its
    surface; `anchored` points do not slide.
    """

    point: str
    surface: str
    friction: float
    normal: tuple[float, float, float]
    start: float
    end: float
    tolerance: float
    anchored: bool


@dataclass(frozen=True)
class Cycle:
    """Periodic curves from a table, see `gluteal.movements.tasks.gait_cycle`."""

    table: Path
    corrections: Path | None
    harmonics: int
    frames: int


@dataclass(frozen=True)
class TaskFile:
    """A task as written, checked for everything that needs no body. Angles in degrees, lengths in metres."""

    path: Path
    name: str
    title: str
    description: str
    view: str
    sided: bool
    duration: float
    frames: int
    nodes: int
    quasi_static: bool
    keyframes: tuple[tuple[float, Mapping[str, float]], ...] = ()
    parameters: tuple[Parameter, ...] = ()
    surfaces: Mapping[str, float] = field(default_factory=dict)
    supports: tuple[SupportLine, ...] = ()
    free: tuple[tuple[str, ...], ...] = ()
    forward: tuple[str, str] | None = None
    sideways: tuple[str, str] | None = None
    cycle: Cycle | None = None
    excluded: Mapping[str, str] = field(default_factory=dict)

    @property
    def coordinates(self) -> tuple[tuple[str, str], ...]:
        """Every coordinate the file names, with the field that names it."""
        named = [(c, f"keyframe {i + 1}") for i, (_, values) in enumerate(self.keyframes) for c in values]
        named += [(c, f"parameters.{p.name}.adds") for p in self.parameters for c in p.adds]
        named += [(c, "solve.free") for group in self.free for c in group]
        named += [(c, "excluded") for c in self.excluded]
        return tuple((c, where) for c, where in named if c not in TARGETS)


class _Reader:
    """Takes typed values out of a TOML table; every refusal names the file and the field."""

    def __init__(self, path: Path, table: Mapping[str, Any], where: str = "") -> None:
        self.path, self.table, self.where = path, dict(table), where

    def refuse(self, key: str, problem: str) -> InputError:
        name = f"{self.where}.{key}" if self.where else key
        return InputError(f"Task file {self.path.name}, {name}: {problem}")

    def take(self, key: str, kind: type | tuple[type, ...], what: str, default: Any = ...) -> Any:
        if key not in self.table:
            if default is ...:
                raise self.refuse(key, f"is missing; give {what}.")
            return default
        value = self.table.pop(key)
        wrong_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or wrong_bool:
            raise self.refuse(key, f"is {value!r}; give {what}.")
        return value

    def number(self, key: str, what: str, default: Any = ..., low: float | None = None) -> Any:
        value = self.take(key, (int, float), what, default)
        if low is not None and value is not default and value <= low:
            raise self.refuse(key, f"is {value!r}; give {what}, above {low:g}.")
        return value

    def numbers(self, key: str, count: int, what: str, default: Any = ...) -> tuple[float, ...]:
        value = self.take(key, (list, tuple), what, default)
        if len(value) != count or not all(isinstance(v, int | float) for v in value):
            raise self.refuse(key, f"is {value!r}; give {what}.")
        return tuple(float(v) for v in value)

    def done(self, known: Sequence[str]) -> None:
        for key in self.table:
            near = close_names(key, known)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known are {', '.join(known)}."
            raise self.refuse(key, f"is no known field.{hint}")


def read_task_file(path: Path) -> TaskFile:
    """Read and check one task file.

    Raises
    ------
    InputError
        Unreadable TOML, a missing, unknown or wrongly typed field, an unknown contact point; the message
        names the file, the field and what would be right. What depends on the body (coordinates and their
        ranges) is checked by `gluteal.movements.tasks.load_task`.
    """
    try:
        top = _Reader(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"The task file {str(path)!r} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"Task file {path.name} is no valid TOML: {error}.") from error
    name = top.take("name", str, "the task's name in one word, like 'my-squat'")
    title = top.take("title", str, "a title for figures")
    description = top.take("description", str, "one line that says what the task is")
    view = top.take("view", str, f"one of {', '.join(VIEWS)}", "side")
    if view not in VIEWS:
        raise top.refuse("view", f"is {view!r}; give one of {', '.join(VIEWS)}.")
    sided = top.take("sided", bool, "true where the task may be mirrored with side = 'l'", False)
    motion = _Reader(path, top.take("motion", dict, "a table"), "motion") if "motion" in top.table else None
    cycle = _cycle(path, top.take("cycle", dict, "a table")) if "cycle" in top.table else None
    duration, frames, nodes, quasi_static = 0.0, 1, 1, True
    if motion:
        duration = float(motion.number("duration", "seconds", low=0.0))
        frames = motion.take("frames", int, "how many frames", 51)
        nodes = motion.take("nodes", int, "at how many times the supports are solved for", 13)
        quasi_static = motion.take("quasi_static", bool, "true or false", False)
        for key, count in (("frames", frames), ("nodes", nodes)):
            if count < 3:
                raise motion.refuse(key, f"is {count}; give 3 or more.")
        motion.done(("duration", "frames", "nodes", "quasi_static"))
    surfaces = {
        key: float(_Reader(path, {key: value}, "surfaces").number(key, "a height in metres"))
        for key, value in top.take("surfaces", dict, "a table of heights in metres", {"floor": 0.0}).items()
    }
    solve = _Reader(path, top.take("solve", dict, "a table", {}), "solve")
    free = _free(solve)
    forward, sideways = (_pair(solve, target) for target in TARGETS)
    solve.done(("free", *TARGETS))
    task = TaskFile(
        path=path,
        name=name,
        title=title,
        description=description,
        view=view,
        sided=sided,
        duration=duration,
        frames=frames,
        nodes=nodes,
        quasi_static=quasi_static,
        keyframes=_keyframes(top, duration) if cycle is None else (),
        parameters=_parameters(top),
        surfaces=surfaces,
        supports=_supports(top, surfaces),
        free=free,
        forward=forward,
        sideways=sideways,
        cycle=cycle,
        excluded=_texts(top, "excluded"),
    )
    top.done(_TOP_FIELDS)
    return task


def _cycle(path: Path, table: Mapping[str, Any]) -> Cycle:
    reader = _Reader(path, table, "cycle")
    found: list[Path | None] = []
    for key, default in (("table", ...), ("corrections", None)):
        given = reader.take(key, str, "the name of a .csv file beside the task file", default)
        if given is not None and not (path.parent / given).is_file():
            raise reader.refuse(key, f"there is no file {given!r} beside the task file.")
        found.append(None if given is None else path.parent / given)
    harmonics = reader.take("harmonics", int, "the number of harmonics to keep", 6)
    frames = reader.take("frames", int, "an odd number of frames", 51)
    if harmonics < 1:
        raise reader.refuse("harmonics", f"is {harmonics}; give 1 or more.")
    if frames % 2 == 0 or frames < 11:
        # Half a cycle is then a whole number of frames.
        raise reader.refuse("frames", f"is {frames}; give an odd number above 10.")
    reader.done(("table", "corrections", "harmonics", "frames"))
    assert found[0] is not None
    return Cycle(found[0], found[1], harmonics, frames)


def _keyframes(top: _Reader, duration: float) -> tuple[tuple[float, Mapping[str, float]], ...]:
    rows = top.take("keyframe", list, "at least one [[keyframe]] with angles in degrees")
    result: list[tuple[float, Mapping[str, float]]] = []
    for i, row in enumerate(rows):
        reader = _Reader(top.path, row, f"keyframe {i + 1}")
        time = float(reader.number("time", "seconds", 0.0))
        if result and time <= result[-1][0]:
            raise reader.refuse("time", f"is {time:g} s, not after {result[-1][0]:g} s of the one before.")
        what = "a number (degrees or metres)"
        values = {key: float(reader.number(key, what)) for key in list(reader.table)}
        result.append((time, values))
    if len(result) == 1 and duration > 0.0:
        raise top.refuse("keyframe", "a motion needs two or more; leave [motion] out for a posture held still.")
    if len(result) > 1 and (result[0][0] != 0.0 or abs(result[-1][0] - duration) > 1e-9):
        raise top.refuse(
            "keyframe",
            f"times run from {result[0][0]:g} to {result[-1][0]:g} s; "
            f"they must run from 0 to motion.duration ({duration:g} s).",
        )
    return tuple(result)


def _parameters(top: _Reader) -> tuple[Parameter, ...]:
    result = []
    for name, table in top.take("parameters", dict, "tables like [parameters.tilt]", {}).items():
        reader = _Reader(top.path, table, f"parameters.{name}")
        low, high = reader.numbers("range", 2, "two numbers, lowest and highest")
        adds = reader.take("adds", dict, "a table coordinate = degrees per unit of the parameter")
        adder = _Reader(top.path, adds, f"parameters.{name}.adds")
        result.append(
            Parameter(
                name=name,
                default=float(reader.number("default", "the value used unless another is asked for")),
                range=(low, high),
                unit=reader.take("unit", str, "the unit, like 'deg'"),
                text=reader.take("text", str, "one line that says what it changes"),
                adds={key: float(adder.number(key, "a number")) for key in list(adder.table)},
            )
        )
        reader.done(("default", "range", "unit", "text", "adds"))
    return tuple(result)


def _supports(top: _Reader, surfaces: Mapping[str, float]) -> tuple[SupportLine, ...]:
    known = contact_points()
    result = []
    for i, row in enumerate(top.take("support", list, "at least one [[support]]")):
        reader = _Reader(top.path, row, f"support {i + 1}")
        points = reader.take("points", list, "a list of contact points, like ['heel_medial_r']")
        for point in points:
            if point not in known:
                near = close_names(str(point), tuple(known))
                hint = f" Close names: {', '.join(near)}." if near else ""
                problem = f"there is no contact point {point!r}.{hint} See docs/tasks.md."
                raise reader.refuse("points", problem)
        surface = reader.take("surface", str, f"one of {', '.join(surfaces)}", "floor")
        if surface not in surfaces:
            raise reader.refuse("surface", f"is {surface!r}; [surfaces] has {', '.join(surfaces)}.")
        normal = reader.numbers("normal", 3, "a vector like [0, 1, 0]", (0.0, 1.0, 0.0))
        length = sum(n * n for n in normal) ** 0.5
        if length == 0.0:
            raise reader.refuse("normal", "has no length; give a vector like [0, 1, 0].")
        common = {
            "surface": surface,
            "friction": float(reader.number("friction", "a coefficient of friction", 0.8, low=0.0)),
            "normal": tuple(n / length for n in normal),
            "start": float(reader.number("from", "seconds", -1.0)),
            "end": float(reader.number("until", "seconds", float("inf"))),
            "tolerance": float(reader.number("tolerance", "metres", 0.003, low=0.0)),
            "anchored": reader.take("anchored", bool, "true or false", False),
        }
        reader.done(("points", "surface", "friction", "normal", "from", "until", "tolerance", "anchored"))
        result += [SupportLine(point=p, **common) for p in points]
    return tuple(result)


def _free(solve: _Reader) -> tuple[tuple[str, ...], ...]:
    groups = []
    for entry in solve.take("free", list, "a list of coordinates, or of lists that move together", []):
        group = [entry] if isinstance(entry, str) else entry
        if not isinstance(group, list) or not all(isinstance(c, str) for c in group):
            raise solve.refuse("free", f"has {entry!r}; give coordinate names, or lists of them.")
        groups.append(tuple(group))
    return tuple(groups)


def _pair(solve: _Reader, key: str) -> tuple[str, str] | None:
    value = solve.take(key, list, "two contact points, like ['heel_medial_r', 'toe_1_r']", None)
    if value is None:
        return None
    if len(value) != 2 or any(p not in contact_points() for p in value):
        raise solve.refuse(key, f"is {value!r}; give two contact points, like ['heel_medial_r', 'toe_1_r'].")
    return value[0], value[1]


def _texts(top: _Reader, key: str) -> Mapping[str, str]:
    table = top.take(key, dict, "a table coordinate = 'reason'", {})
    reader = _Reader(top.path, table, key)
    return {name: reader.take(name, str, "the reason, in words") for name in list(reader.table)}

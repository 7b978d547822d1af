"""What a task file (TOML) may hold; the format is described in docs/tasks.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from gluteal.errors import close_names
from gluteal.mechanics.movement import View
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.schema import Flag, Number, Record, Text, Whole, fault, load_toml

#: Values of a keyframe that are no coordinates: where the centre of mass should be, see `Balance`.
TARGETS = ("centre_of_mass_forward", "centre_of_mass_sideways")
#: Joints of the foot that a simpler body may lack: a task then goes without them, and says so.
OPTIONAL = ("subtalar_angle", "mtp_angle")

#: Deviation of the moment of a foot about the vertical, N m, where a task says nothing else (uhlrich2023: one person's
#: squats and rises from a chair stayed below 3.4).
FREE_MOMENT = 3.0
#: Deviation of each horizontal force under a foot, body weights (uhlrich2023: one person's squats, forward).
HORIZONTAL_FORCE = 0.03
#: Heaviest weight, kg, and strongest band, N, that a file may ask for: beyond them a unit was mistaken; own choice.
MOST_WEIGHT, MOST_PULL = 500.0, 1000.0

_PAIR = "two contact points, like ['heel_medial_r', 'toe_1_r']"
_FREE = "a list of coordinates, or of lists that move together"
_VECTOR = "a vector like [0, 1, 0]"


def _known_point(name: str) -> str:
    known = contact_points()
    if name not in known:
        near = close_names(name, tuple(known))
        hint = f" Close names: {', '.join(near)}." if near else ""
        raise ValueError(f"there is no contact point {name!r}.{hint} See docs/tasks.md.")
    return name


def _beside(name: Path, info: ValidationInfo) -> Path:
    assert info.context is not None
    found = Path(info.context["path"]).parent / name
    if not found.is_file():
        raise ValueError(f"there is no file {str(name)!r} beside the task file.")
    return found


Point = Annotated[str, AfterValidator(_known_point)]
FileBeside = Annotated[Path, AfterValidator(_beside)]
_HEIGHT = "a height in metres, within 100 of the ground"
Height = Annotated[Number, Field(ge=-100, le=100, description=_HEIGHT)]
CoordinateValue = Annotated[Number, Field(description="a number (degrees or metres)")]


class Motion(Record):
    """A task that moves; without it a posture is held still."""

    duration: Number = Field(gt=0, description="a number of seconds, above 0")
    frames: Whole = Field(default=51, ge=3, le=10_000, description="how many frames, 3 to 10000")
    nodes: Whole = Field(
        default=13, ge=3, le=1000, description="at how many times the supports are solved for, 3 to 1000"
    )
    quasi_static: Flag = Field(default=False, description="true or false")


class Cycle(Record):
    """Periodic curves from a table, see `gluteal.movements.tasks.gait_cycle`."""

    table: FileBeside = Field(description="the name of a .csv file beside the task file")
    corrections: FileBeside | None = Field(default=None, description="the name of a .csv file beside the task file")
    harmonics: Whole = Field(default=6, ge=1, le=100, description="the number of harmonics to keep, 1 to 100")
    # Half a cycle is then a whole number of frames.
    frames: Whole = Field(default=51, ge=11, le=9999, description="an odd number of frames, 11 to 9999")

    @field_validator("frames")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"is {value}; give an odd number of frames, 11 to 9999.")
        return value


class Keyframe(Record, extra="allow"):
    """Coordinates at one time, by name: angles in degrees, lengths in metres."""

    __pydantic_extra__: dict[str, CoordinateValue] = Field(init=False)
    time: Number = Field(default=0.0, description="a number of seconds")

    @property
    def values(self) -> dict[str, float]:
        """Coordinate (or one of `TARGETS`) -> value."""
        return dict(self.__pydantic_extra__)


class Parameter(Record):
    """A number the user may choose: `value` units add `adds[coordinate] * value` degrees (or metres)."""

    default: Number = Field(description="the number used unless another is asked for")
    range: tuple[Number, Number] = Field(description="two numbers, lowest and highest")
    unit: Text = Field(description="the unit, like 'deg'")
    text: Text = Field(description="one line that says what it changes")
    adds: dict[str, Number] = Field(default={}, description="a number: degrees (or metres) of the coordinate per unit")
    loads: dict[str, Number] = Field(
        default={}, description="a number: kilograms of the weight (or newtons of the band) of that name per unit"
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Parameter:
        if not self.adds and not self.loads:
            raise fault("adds", "is missing; give what changes per unit: coordinates here, or weights in loads.")
        return self


class Contact(Record):
    """Contact points that may carry the body, on one surface and for one time."""

    points: tuple[Point, ...] = Field(description="a list of contact points, like ['heel_medial_r']")
    surface: Text = Field(default="floor", description="the name of a surface")
    friction: Number = Field(default=0.8, gt=0, description="a coefficient of friction, above 0")
    normal: tuple[Number, Number, Number] = Field(default=(0.0, 1.0, 0.0), description=_VECTOR)
    start: Number = Field(default=-1.0, alias="from", description="a number of seconds (walk: a share of the cycle)")
    end: Number | None = Field(
        default=None, alias="until", description="a number of seconds (walk: a share of the cycle)"
    )
    tolerance: Number = Field(default=0.003, gt=0, le=0.1, description="a number of metres, above 0 and at most 0.1")
    anchored: Flag = Field(default=False, description="true or false")

    @field_validator("normal")
    @classmethod
    def _unit_vector(cls, normal: tuple[float, float, float]) -> tuple[float, ...]:
        length = sum(n * n for n in normal) ** 0.5
        if length == 0.0:
            raise ValueError(f"has no length; give {_VECTOR}.")
        return tuple(n / length for n in normal)


class Feet(Record):
    """How near to zero forces between standing feet usually are, see `gluteal.movements.tasks.feet`."""

    free_moment: Number = Field(default=FREE_MOMENT, gt=0, description="a number of newton-metres, above 0")
    horizontal_force: Number = Field(default=HORIZONTAL_FORCE, gt=0, description="a share of body weight, above 0")
    inward: Number = Field(default=0.0, ge=-1, le=1, description="a share of the vertical force, -1 to 1")
    free: Flag = Field(default=False, description="true or false")


class Weight(Record):
    """A mass that hangs on contact points in equal parts: it weighs and resists being sped up."""

    name: Text = Field(description="a name in words, like 'bar'")
    points: tuple[Point, ...] = Field(min_length=1, description="a list of contact points, like ['asis_r', 'asis_l']")
    mass: Number = Field(ge=0, le=MOST_WEIGHT, description=f"a number of kilograms, 0 to {MOST_WEIGHT:g}")


class ElasticBand(Record):
    """An elastic band between two contact points: it pulls them together, equally hard all the time."""

    name: Text = Field(description="a name in words, like 'band'")
    between: tuple[Point, Point] = Field(description="two contact points, like ['knee_lateral_r', 'knee_lateral_l']")
    force: Number = Field(ge=0, le=MOST_PULL, description=f"a number of newtons, 0 to {MOST_PULL:g}")


class Solve(Record):
    """What may move so that the body stands on its supports, and how its balance is measured."""

    free: tuple[str | tuple[str, ...], ...] = Field(default=(), description=_FREE)
    centre_of_mass_forward: tuple[Point, Point] | None = Field(default=None, description=_PAIR)
    centre_of_mass_sideways: tuple[Point, Point] | None = Field(default=None, description=_PAIR)


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


class TaskFile(Record):
    """A task as written, checked for everything that needs no body. Angles in degrees, lengths in metres."""

    name: Text = Field(description="the task's name in one word, like 'my-squat'")
    title: Text = Field(description="a title for figures")
    description: Text = Field(description="one line that says what the task is")
    view: View = Field(default="side", description="one of side, front, back, top")
    sided: Flag = Field(default=False, description="true where the task may be mirrored with side = 'l', else false")
    motion: Motion | None = Field(default=None, description="a table [motion]")
    cycle: Cycle | None = Field(default=None, description="a table [cycle]")
    keyframe: tuple[Keyframe, ...] = Field(default=(), description="at least one [[keyframe]] with angles in degrees")
    parameters: dict[str, Parameter] = Field(default={}, description="tables like [parameters.tilt]")
    surfaces: dict[str, Height] = Field(default={"floor": 0.0}, description=_HEIGHT)
    support: tuple[Contact, ...] = Field(description="at least one [[support]]")
    weight: tuple[Weight, ...] = Field(default=(), description="tables [[weight]]")
    band: tuple[ElasticBand, ...] = Field(default=(), description="tables [[band]]")
    feet: Feet = Field(default=Feet(), description="a table [feet]")
    solve: Solve = Field(default=Solve(), description="a table [solve]")
    excluded: dict[str, Text] = Field(default={}, description="the reason, in words")
    _path: Path = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Keep where the file is."""
        self._path = context["path"]

    @model_validator(mode="after")
    def _holds_together(self) -> TaskFile:
        for i, contact in enumerate(self.support):
            if contact.surface not in self.surfaces:
                told = f"is {contact.surface!r}; [surfaces] has {', '.join(self.surfaces)}."
                raise fault(f"support {i + 1}.surface", told)
        self._check_loads()
        if self.cycle is not None:
            if self.keyframe:
                raise fault("keyframe", "a task has either [[keyframe]] or [cycle]; leave one of them out.")
            return self
        if not self.keyframe:
            raise fault("keyframe", "is missing; give at least one [[keyframe]] with angles in degrees.")
        times = [k.time for k in self.keyframe]
        for i, (before, time) in enumerate(pairwise(times)):
            if time <= before:
                raise fault(f"keyframe {i + 2}.time", f"is {time:g} s, not after {before:g} s of the one before.")
        if len(times) == 1 and self.duration > 0.0:
            raise fault("keyframe", "a motion needs two or more; leave [motion] out for a posture held still.")
        if len(times) > 1 and (times[0] != 0.0 or abs(times[-1] - self.duration) > 1e-9):
            raise fault(
                "keyframe",
                f"times run from {times[0]:g} to {times[-1]:g} s; "
                f"they must run from 0 to motion.duration ({self.duration:g} s).",
            )
        return self

    def _check_loads(self) -> None:
        """Refuse two loads of one name, loads of a cycle, and a parameter of a load that is not there."""
        names = [*(w.name for w in self.weight), *(b.name for b in self.band)]
        if self.cycle is not None and names:
            raise fault("weight" if self.weight else "band", "a [cycle] carries no weights or bands; leave them out.")
        for i, name in enumerate(names):
            if name in names[:i]:
                raise fault("weight" if self.weight else "band", f"there are two loads {name!r}; give each its name.")
        for parameter, p in self.parameters.items():
            for name in p.loads:
                if name not in names:
                    have = f"the file has {', '.join(names)}" if names else "the file has none"
                    raise fault(f"parameters.{parameter}.loads", f"there is no load {name!r}; {have}.")

    def with_loads(self, chosen: Mapping[str, float]) -> TaskFile:
        """Return the task with the weights and bands that its parameters ask for."""
        added: dict[str, float] = {}
        for name, p in self.parameters.items():
            for load, factor in p.loads.items():
                added[load] = added.get(load, 0.0) + factor * chosen[name]
        if not added:
            return self
        weights = tuple(w.model_copy(update={"mass": max(w.mass + added.get(w.name, 0.0), 0.0)}) for w in self.weight)
        bands = tuple(b.model_copy(update={"force": max(b.force + added.get(b.name, 0.0), 0.0)}) for b in self.band)
        return self.model_copy(update={"weight": weights, "band": bands})

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._path

    @property
    def label(self) -> str:
        """What begins a sentence about the file."""
        return f"{KIND} {self.path.name}"

    @property
    def duration(self) -> float:
        """How long it lasts, s; 0 for a posture held still."""
        return self.motion.duration if self.motion else 0.0

    @property
    def free(self) -> tuple[tuple[str, ...], ...]:
        """Groups of coordinates that move together until the supports are reached."""
        return tuple((entry,) if isinstance(entry, str) else entry for entry in self.solve.free)

    @cached_property
    def supports(self) -> tuple[SupportLine, ...]:
        """Every contact point by itself."""
        return tuple(
            SupportLine(
                point,
                c.surface,
                c.friction,
                c.normal,
                c.start,
                math.inf if c.end is None else c.end,
                c.tolerance,
                c.anchored,
            )
            for c in self.support
            for point in c.points
        )

    @property
    def coordinates(self) -> tuple[tuple[str, str], ...]:
        """Every coordinate the file names, with the field that names it."""
        named = [(c, f"keyframe {i + 1}") for i, row in enumerate(self.keyframe) for c in row.values]
        named += [(c, f"parameters.{name}.adds") for name, p in self.parameters.items() for c in p.adds]
        named += [(c, "solve.free") for group in self.free for c in group]
        named += [(c, "excluded") for c in self.excluded]
        return tuple((c, where) for c, where in named if c not in TARGETS)

    def without(self, absent: set[str]) -> TaskFile:
        """Return the task without some coordinates."""

        def kept(values: dict[str, Any]) -> dict[str, Any]:
            return {c: v for c, v in values.items() if c not in absent}

        groups = (tuple(c for c in group if c not in absent) for group in self.free)
        return self.model_copy(
            update={
                "keyframe": tuple(Keyframe(time=row.time, **kept(row.values)) for row in self.keyframe),
                "parameters": {
                    name: p.model_copy(update={"adds": kept(p.adds)}) for name, p in self.parameters.items()
                },
                "solve": self.solve.model_copy(update={"free": tuple(group for group in groups if group)}),
                "excluded": kept(self.excluded),
            }
        )


KIND = "Task file"


def read_task_file(path: Path) -> TaskFile:
    """Read and check one task file.

    Raises
    ------
    InputError
        Unreadable TOML, a missing, unknown or wrongly typed field, an unknown contact point; the message
        names the file, the field and what would be right. What depends on the body (coordinates and their
        ranges) is checked by `gluteal.movements.tasks.load_task`.
    """
    return load_toml(path, TaskFile, KIND)

"""The plan of a study: a TOML file that says which bodies do what, under which conditions, how many people.

Format and an example: docs/studies.md. Every refusal names the file, the key and the remedy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, final, overload

from pydantic import Field, model_validator

from gluteal.errors import GlutealError, InputError, close_names
from gluteal.files import check_there, expand_user, read_loosely, read_whole, reading
from gluteal.movements.tasks import list_tasks
from gluteal.movements.trials.discovery import find_trial
from gluteal.nerves.condition import Condition
from gluteal.nerves.registry import TERMS
from gluteal.schema import Flag, Number, Record, Text, Whole, fault, load_toml, refusal, unknown_key
from gluteal.sharing.criterion import Criterion, list_criteria
from gluteal.simulate.criteria import find_criterion
from gluteal.simulate.people import Scatter
from gluteal.vocabulary import Sides

#: People per chunk, the unit of work that a kill can cost.
CHUNK = 250
#: Most people in a chunk: all of them are in the memory of one process. Own choice: about 1 GB with 300 muscles.
MOST_CHUNK = 5_000
#: Most rows of a result (cases x conditions x criteria x people), which is put together in memory. Own choice: 1 GB.
MOST_ROWS = 10_000_000
#: Most rows where each holds every muscle. Own choice: 3 GB with 300 muscles.
MOST_ROWS_WITH_MUSCLES = 1_000_000
#: Most units, a file each. Own choice: what a folder holds without trouble.
MOST_UNITS = 100_000
#: Seeds are below this: they are stored with the result as a whole number of 64 bits.
SEED_LIMIT = 2**63
KIND = "Plan"
#: Tables that an external-loads file can name.
_TABLES = (".mot", ".sto")
_SCATTER = "a number, zero or more"
_EXPONENTS = "a list of numbers, 2 or more"
_NAMED = 'a list such as ["size", "joint-sparing"], or paths of .toml files'
_WEIGHTING = "a list of true and false"
Effects = Annotated[
    dict[str, Annotated[Number, Field(description="a number")]],
    Field(description="a table such as { glmed = 0.5 }"),
]
_SET = 'numbers, or texts such as side, in a table such as { side = "l" }'


class ScatterTable(Record):
    """How much people differ, see `gluteal.simulate.people.Scatter`; what is left out keeps its sourced default."""

    strength: Number | None = Field(default=None, ge=0, description=_SCATTER)
    muscle: Number | None = Field(default=None, ge=0, description=_SCATTER)
    mass: Number | None = Field(default=None, ge=0, description=_SCATTER)
    mass_exponent: Number | None = Field(default=None, ge=0, description=_SCATTER)
    path: Number | None = Field(default=None, ge=0, description=_SCATTER)


class CriteriaTable(Record):
    """Criteria of load sharing: every exponent with every weighting, then those by name or file."""

    exponents: tuple[Annotated[Number, Field(ge=2)], ...] = Field(default=(2.0,), min_length=1, description=_EXPONENTS)
    volume_weighting: tuple[Flag, ...] = Field(default=(False,), min_length=1, description=_WEIGHTING)
    named: tuple[Text, ...] = Field(default=(), description=_NAMED)


class MovementTable(Record):
    """One movement: a task or a trial."""

    task: Text | None = Field(default=None, description="the name of a task or its .toml file")
    trial: Text | None = Field(default=None, description="the folder or .toml file of a trial")
    name: Text | None = Field(default=None, description="a name")
    set_: dict[str, Number | Text] = Field(default={}, alias="set", description=_SET)

    @model_validator(mode="after")
    def _one_of_two(self) -> MovementTable:
        if (self.task is None) == (self.trial is None):
            raise fault("task", "give either task or trial, one of them.")
        if self.trial is not None and self.set_:
            raise fault("set", "belongs to tasks; a trial is what was measured, so leave it out.")
        return self


class ConditionTable(Record, extra="allow"):
    """A condition: terms by their kind, which `gluteal.nerves.registry` knows."""

    __pydantic_extra__: dict[str, Effects] = Field(init=False)
    name: Text | None = Field(default=None, description="a name")
    side: Sides = Field(default="both", description='"r", "l" or "both"')

    @model_validator(mode="before")
    @classmethod
    def _known_kinds(cls, table: Any) -> Any:
        known = ("name", "side", *TERMS)
        for key in table if isinstance(table, dict) else ():
            if key not in known:
                raise fault(key, unknown_key(key, known))
        return table

    @property
    def effects(self) -> dict[str, dict[str, float]]:
        """Kind -> target -> value."""
        return dict(self.__pydantic_extra__)


class PlanFile(Record):
    """What a plan may hold; docs/studies.md explains the keys."""

    name: Text | None = Field(default=None, description="a short name of the study")
    seed: Whole = Field(ge=0, description="a whole number, so that the same people are drawn again")
    people: Whole = Field(default=0, ge=0, description="how many random people, 0 (the body alone) or more")
    chunk: Whole = Field(default=CHUNK, ge=1, description="how many people make one unit of work, 1 or more")
    muscles: Flag = Field(default=True, description="true or false")
    bodies: tuple[Text, ...] = Field(default=("myo",), description='a list such as ["myo", "subject.osim"]')
    scatter: ScatterTable = Field(default=ScatterTable(), description="a table [scatter]")
    criteria: CriteriaTable = Field(default=CriteriaTable(), description="a table [criteria]")
    movement: tuple[MovementTable, ...] = Field(
        min_length=1,
        description='at least one [[movement]] with task = "single-leg-stance" or trial = "folder"',
    )
    condition: tuple[ConditionTable, ...] = Field(
        min_length=1,
        description='at least one [[condition]] with an effect such as block = { "superior gluteal" = 0.52 }',
    )


@dataclass(frozen=True)
class Case:
    """One movement by one body; a trial brings its own body, then `body` is None.

    `body` and `movement` are names or absolute paths.
    """

    name: str
    body: str | None
    movement: str
    settings: Mapping[str, float | str] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """Return the files that body and movement are read from; none for what is built in."""
        if self.body is not None:
            return [path for path in (Path(self.body), Path(self.movement)) if path.is_file()]
        path = Path(self.movement)
        named = find_trial(path)
        files = {named.source, named.model, named.coordinates, named.external_loads, named.forces}
        if named.external_loads is not None:
            # An external-loads file names a table that lies beside it.
            files |= {p for p in named.external_loads.parent.iterdir() if p.suffix.lower() in _TABLES}
        return sorted(p for p in files if p is not None and p.is_file())


@final
@dataclass(frozen=True)
class Units(Sequence[tuple[int, int, int]]):
    """Units of work, (case, first person, past the last person), made when asked for.

    >>> list(Units(cases=1, people=4, chunk=3))
    [(0, 0, 3), (0, 3, 5)]
    """

    cases: int
    people: int
    chunk: int

    @property
    def per_case(self) -> int:
        """How many units a case has; person 0 is the body itself."""
        return -(-(self.people + 1) // self.chunk)

    def __len__(self) -> int:
        return self.cases * self.per_case

    @overload
    def __getitem__(self, index: int) -> tuple[int, int, int]: ...

    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, int, int]]: ...

    def __getitem__(self, index: int | slice) -> tuple[int, int, int] | list[tuple[int, int, int]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        case, number = divmod(range(len(self))[index], self.per_case)
        first = number * self.chunk
        return case, first, min(first + self.chunk, self.people + 1)


@dataclass(frozen=True)
class StudySpec:
    """A study, checked and with every path made absolute.

    Attributes
    ----------
    people : int
        Random people beside the body itself, who is person 0.
    chunk : int
        People per unit of work.
    muscles : bool
        Whether the result holds every muscle, beside groups.
    conditions : tuple of (name, Condition)
    """

    path: Path
    text: str
    name: str
    seed: int
    people: int
    chunk: int
    muscles: bool
    scatter: Scatter
    criteria: tuple[Criterion, ...]
    cases: tuple[Case, ...]
    conditions: tuple[tuple[str, Condition], ...]

    @property
    def units(self) -> Units:
        """Units of work: (case, first person, past the last person)."""
        return Units(len(self.cases), self.people, self.chunk)

    def fingerprint(self) -> str:
        """Return a hash of everything the numbers depend on except the program: plan, models, recordings."""
        digest = hashlib.sha256(self.text.encode())
        for case in self.cases:
            for path in case.files():
                digest.update(path.name.encode())
                digest.update(read_whole(path))
        return digest.hexdigest()


def load_plan(path: str | Path) -> StudySpec:
    """Read and check the plan of a study.

    Raises
    ------
    InputError
        Where the file is missing, no TOML, or has a key or value that cannot be used: file, key, remedy.
    """
    path = expand_user(path)
    check_there(path, f"There is no plan {str(path)!r}; give the path of a TOML file (see docs/studies.md).")
    with reading(path):
        return _make_plan(path)


def _make_plan(path: Path) -> StudySpec:
    label = f"{KIND} {path.name}"
    plan = load_toml(path, PlanFile, KIND)
    _check_sizes(label, plan)
    try:
        scatter = Scatter(**plan.scatter.model_dump(exclude_none=True))
    except InputError as error:
        raise refusal(label, "scatter", str(error)) from error
    return StudySpec(
        path=path.resolve(),
        text=read_loosely(path),
        name=plan.name or path.stem,
        seed=plan.seed,
        people=plan.people,
        chunk=plan.chunk,
        muscles=plan.muscles,
        scatter=scatter,
        criteria=_criteria(label, plan.criteria, path.resolve().parent),
        cases=tuple(_cases(label, plan, path.resolve().parent)),
        conditions=tuple(_conditions(label, plan.condition)),
    )


def _criteria(label: str, table: CriteriaTable, folder: Path) -> tuple[Criterion, ...]:
    """Return the criteria, each once; files are looked for beside the plan."""
    found = list(list_criteria(table.exponents, table.volume_weighting))
    for name in table.named:
        try:
            found.append(find_criterion(folder / name if name.lower().endswith(".toml") else name))
        except GlutealError as error:
            raise refusal(label, "criteria.named", str(error)) from error
    return tuple({c.name: c for c in found}.values())


def _check_sizes(label: str, plan: PlanFile) -> None:
    """Refuse what no machine could hold, before anything is made of it."""
    if plan.seed >= SEED_LIMIT:
        raise refusal(label, "seed", f"has {len(str(plan.seed))} digits; give a whole number below 2^63.")
    if plan.chunk > MOST_CHUNK:
        raise refusal(label, "chunk", f"is {_short(plan.chunk)}; give at most {MOST_CHUNK:,}, who are solved at once.")
    cases = sum(1 if row.trial is not None else max(len(plan.bodies), 1) for row in plan.movement)
    criteria = len(plan.criteria.exponents) * len(plan.criteria.volume_weighting) + len(plan.criteria.named)
    per_person = cases * len(plan.condition) * criteria
    rows = per_person * (plan.people + 1)
    most = MOST_ROWS_WITH_MUSCLES if plan.muscles else MOST_ROWS
    if rows > most:
        saving = f" (muscles = false allows {MOST_ROWS:,})" if plan.muscles else ""
        raise refusal(
            label,
            "people",
            f"is {_short(plan.people)}, which with {per_person:,} combinations of movement, condition and criterion "
            f"makes {_short(rows)} rows; one study holds {most:,}{saving}: ask for fewer people, or divide the plan.",
        )
    if (units := len(Units(cases, plan.people, plan.chunk))) > MOST_UNITS:
        raise refusal(
            label, "chunk", f"is {plan.chunk}, which makes {units:,} units of work; give more people to each unit."
        )


def _short(number: int) -> str:
    """Write a whole number of any length."""
    return f"{number:,}" if number < 10**15 else f"a number of {len(str(number))} digits"


def _cases(label: str, plan: PlanFile, folder: Path) -> Iterator[Case]:
    known = [task.name for task in list_tasks()]
    paths = [_body(label, name, folder) for name in plan.bodies]
    seen: set[str] = set()
    for i, row in enumerate(plan.movement):
        place = f"movement {i + 1}"
        if row.trial is not None:
            path = folder / expand_user(row.trial)
            if not path.exists():
                raise _not_there(label, f"{place}.trial", row.trial)
            found = [Case(row.name or path.stem, None, str(path.resolve()))]
        else:
            if not paths:
                raise refusal(label, "bodies", "is empty, but a task needs a body; give at least one.")
            assert row.task is not None
            movement = _task(label, f"{place}.task", row.task, folder, known)
            base = row.name or Path(row.task).stem
            names = [base] if len(paths) == 1 else [f"{base}, {Path(body).stem}" for body in paths]
            found = [Case(name, body, movement, row.set_) for name, body in zip(names, paths, strict=True)]
        for case in found:
            if case.name in seen:
                told = f"{case.name!r} is there twice; give each movement its own name."
                raise refusal(label, f"{place}.name", told)
            seen.add(case.name)
            yield case


def _not_there(label: str, place: str, name: str) -> InputError:
    return refusal(label, place, f"there is no file or folder {name!r}; give a path, from the plan's folder.")


def _body(label: str, name: str, folder: Path) -> str:
    if name == "myo":
        return "myo"
    if not name.lower().endswith(".osim"):
        raise refusal(label, "bodies", f'holds {name!r}; give "myo" or OpenSim models (.osim).')
    path = folder / expand_user(name)
    if not path.is_file():
        raise _not_there(label, "bodies", name)
    return str(path.resolve())


def _task(label: str, place: str, task: str, folder: Path, known: list[str]) -> str:
    if task.endswith(".toml"):
        path = folder / expand_user(task)
        if not path.is_file():
            raise _not_there(label, place, task)
        return str(path.resolve())
    if task not in known:
        near = close_names(task, known)
        hint = f"did you mean {near[0]!r}?" if near else "gluteal list tasks names them."
        raise refusal(label, place, f"there is no task {task!r}; {hint}")
    return task


def _conditions(label: str, rows: tuple[ConditionTable, ...]) -> Iterator[tuple[str, Condition]]:
    seen: set[str] = set()
    for i, row in enumerate(rows):
        place = f"condition {i + 1}"
        effects = []
        for kind, term in TERMS.items():
            for target, value in row.effects.get(kind, {}).items():
                try:
                    effects.append(term(target, value, row.side))
                except InputError as error:
                    raise refusal(label, f"{place}.{kind}.{target}", str(error)) from error
        condition = Condition(tuple(effects))
        if not effects:
            told = f"no effect is given; give at least one of {', '.join(TERMS)}."
            raise refusal(label, f"{place}.weaken", told)
        if (name := row.name or condition.name) in seen:
            raise refusal(label, f"{place}.name", f"{name!r} is there twice; give each condition its own name.")
        seen.add(name)
        yield name, condition

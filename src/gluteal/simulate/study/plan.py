"""The plan of a study: a TOML file that says which bodies do what, under which conditions, how many people.

Format and an example: docs/studies.md. Every refusal names the file, the key and the remedy.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gluteal.errors import InputError, close_names
from gluteal.movements.tasks import list_tasks
from gluteal.movements.trials.discovery import find_trial
from gluteal.nerves.condition import Condition
from gluteal.nerves.registry import TERMS
from gluteal.sharing.criterion import Criterion, list_criteria
from gluteal.simulate.people import Scatter
from gluteal.vocabulary import SIDE_CHOICES

#: People per chunk, the unit of work that a kill can cost.
CHUNK = 250
#: Tables that an external-loads file can name.
_TABLES = (".mot", ".sto")
_TOP = (
    "name",
    "seed",
    "people",
    "chunk",
    "muscles",
    "bodies",
    "scatter",
    "criteria",
    "movement",
    "condition",
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
    def units(self) -> tuple[tuple[int, int, int], ...]:
        """Units of work: (case, first person, past the last person)."""
        starts = range(0, self.people + 1, self.chunk)
        return tuple(
            (case, first, min(first + self.chunk, self.people + 1))
            for case in range(len(self.cases))
            for first in starts
        )

    def fingerprint(self) -> str:
        """Return a hash of everything the numbers depend on except the program: plan, models, recordings."""
        digest = hashlib.sha256(self.text.encode())
        for case in self.cases:
            for path in case.files():
                digest.update(path.name.encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()


def load_plan(path: str | Path) -> StudySpec:
    """Read and check the plan of a study.

    Raises
    ------
    InputError
        Where the file is missing, no TOML, or has a key or value that cannot be used: file, key, remedy.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError(f"There is no plan {str(path)!r}; give the path of a TOML file (see docs/studies.md).")
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"Plan {path.name} is not TOML: {error}.") from error
    top = _Keys(path, table)
    name = top.take("name", str, "a short name of the study", path.stem)
    seed = top.whole("seed", "a whole number, so that the same people are drawn again")
    people = top.whole("people", "how many random people (0: the body alone)", 0)
    chunk = top.whole("chunk", "how many people make one unit of work", CHUNK, least=1)
    muscles = top.take("muscles", bool, "true or false", True)
    scatter = _scatter(top.table_of("scatter"))
    criteria = _criteria(top.table_of("criteria"))
    bodies = top.take("bodies", list, 'a list such as ["myo", "subject.osim"]', ["myo"])
    cases = tuple(_cases(top, bodies))
    conditions = tuple(_conditions(top))
    top.done(_TOP)
    return StudySpec(path.resolve(), text, name, seed, people, chunk, muscles, scatter, criteria, cases, conditions)


class _Keys:
    """Takes values out of a TOML table; every refusal names the file and the key."""

    def __init__(self, path: Path, table: Mapping[str, Any], where: str = "") -> None:
        self.path, self.table, self.where = path, dict(table), where

    def refuse(self, key: str, problem: str) -> InputError:
        return InputError(f"Plan {self.path.name}, {self.where}{key}: {problem}")

    def take(self, key: str, kind: type | tuple[type, ...], what: str, default: Any = ...) -> Any:
        if key not in self.table:
            if default is ...:
                raise self.refuse(key, f"is missing; give {what}.")
            return default
        value = self.table.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.refuse(key, f"is {value!r}; give {what}.")
        return value

    def whole(self, key: str, what: str, default: Any = ..., least: int = 0) -> int:
        value = int(self.take(key, int, what, default))
        if value < least:
            raise self.refuse(key, f"is {value}; give {what}, {least} or more.")
        return value

    def table_of(self, key: str) -> _Keys:
        table = self.take(key, dict, f"a table [{key}]", {})
        return _Keys(self.path, table, f"{self.where}{key}.")

    def tables(self, key: str, example: str) -> list[_Keys]:
        rows = self.take(key, list, f"at least one [[{key}]] with {example}")
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise self.refuse(key, f"is {rows!r}; give at least one [[{key}]] with {example}.")
        return [_Keys(self.path, row, f"{key}[{i + 1}].") for i, row in enumerate(rows)]

    def done(self, known: Sequence[str]) -> None:
        for key in self.table:
            near = close_names(key, known)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
            raise self.refuse(key, f"is no known key; {hint}")


def _scatter(keys: _Keys) -> Scatter:
    names = [f.name for f in fields(Scatter)]
    given = {n: keys.take(n, (int, float), "a number, zero or more", None) for n in names}
    keys.done(names)
    for name, value in given.items():
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise keys.refuse(name, f"is {value!r}; give a number, zero or more.")
    return Scatter(**{n: float(v) for n, v in given.items() if v is not None})


def _criteria(keys: _Keys) -> tuple[Criterion, ...]:
    exponents = keys.take("exponents", list, "a list of numbers, 2 or more", [2])
    weighting = keys.take("volume_weighting", list, "a list of true and false", [False])
    keys.done(["exponents", "volume_weighting"])
    for p in exponents or [None]:
        if isinstance(p, bool) or not isinstance(p, int | float) or not 2 <= p < math.inf:
            raise keys.refuse("exponents", f"holds {p!r}; give a list of numbers, 2 or more.")
    if not weighting or not all(isinstance(v, bool) for v in weighting):
        raise keys.refuse("volume_weighting", f"is {weighting!r}; give a list of true and false.")
    return list_criteria(exponents, weighting)


def _cases(top: _Keys, bodies: list[Any]) -> Iterator[Case]:
    folder = top.path.resolve().parent
    known = [task.name for task in list_tasks()]
    paths = [_body(top, name, folder) for name in bodies]
    seen: set[str] = set()
    for keys in top.tables("movement", 'task = "single-leg-stance" or trial = "folder"'):
        task = keys.take("task", str, "the name of a task or its .toml file", None)
        trial = keys.take("trial", str, "the folder or .toml file of a trial", None)
        name = keys.take("name", str, "a name", None)
        settings = keys.take("set", dict, 'a table such as { side = "l" }', {})
        if (task is None) == (trial is None):
            raise keys.refuse("task", "give either task or trial, one of them.")
        if trial is not None and settings:
            raise keys.refuse("set", "belongs to tasks; a trial is what was measured, so leave it out.")
        keys.done(["task", "trial", "name", "set"])
        for value in settings.values():
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise keys.refuse("set", f"holds {value!r}; give numbers, or texts such as side.")
        if trial is not None:
            path = folder / Path(trial).expanduser()
            if not path.exists():
                raise keys.refuse("trial", f"there is no {trial!r}; give a path, from the plan's folder.")
            found = [Case(name or path.stem, None, str(path.resolve()))]
        else:
            if not paths:
                raise top.refuse("bodies", "is empty, but a task needs a body; give at least one.")
            movement = _task(keys, task, folder, known)
            base = name or Path(task).stem
            found = [Case(base if len(paths) == 1 else f"{base}, {Path(b).stem}", b, movement, settings) for b in paths]
        for case in found:
            if case.name in seen:
                raise keys.refuse("name", f"{case.name!r} is there twice; give each movement its own name.")
            seen.add(case.name)
            yield case


def _body(top: _Keys, name: Any, folder: Path) -> str:
    if name == "myo":
        return "myo"
    if not (isinstance(name, str) and name.lower().endswith(".osim")):
        raise top.refuse("bodies", f'holds {name!r}; give "myo" or OpenSim models (.osim).')
    path = folder / Path(name).expanduser()
    if not path.is_file():
        raise top.refuse("bodies", f"there is no {name!r}; give a path, from the plan's folder.")
    return str(path.resolve())


def _task(keys: _Keys, task: str, folder: Path, known: list[str]) -> str:
    if task.endswith(".toml"):
        path = folder / Path(task).expanduser()
        if not path.is_file():
            raise keys.refuse("task", f"there is no {task!r}; give a path, from the plan's folder.")
        return str(path.resolve())
    if task not in known:
        near = close_names(task, known)
        hint = f"did you mean {near[0]!r}?" if near else "gluteal list tasks names them."
        raise keys.refuse("task", f"there is no task {task!r}; {hint}")
    return task


def _conditions(top: _Keys) -> Iterator[tuple[str, Condition]]:
    seen: set[str] = set()
    for keys in top.tables("condition", 'an effect such as block = { "superior gluteal" = 0.52 }'):
        name = keys.take("name", str, "a name", None)
        side = keys.take("side", str, '"r", "l" or "both"', "both")
        if side not in SIDE_CHOICES:
            raise keys.refuse("side", f'is {side!r}; give "r", "l" or "both".')
        effects = []
        for kind, term in TERMS.items():
            table = keys.take(kind, dict, "a table such as { glmed = 0.5 }", {})
            for target, value in table.items():
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise keys.refuse(f"{kind}.{target}", f"is {value!r}; give a number.")
                try:
                    effects.append(term(target, float(value), side))
                except InputError as error:
                    raise keys.refuse(f"{kind}.{target}", str(error)) from error
        keys.done(["name", "side", *TERMS])
        condition = Condition(tuple(effects))
        if not effects:
            raise keys.refuse("weaken", f"no effect is given; give at least one of {', '.join(TERMS)}.")
        if (name := name or condition.name) in seen:
            raise keys.refuse("name", f"{name!r} is there twice; give each condition its own name.")
        seen.add(name)
        yield name, condition

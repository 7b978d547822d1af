"""Parameters: each number with its source, the same in its table and in the module that uses it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gluteal
from gluteal.emg.onset.published import (
    BonatoSettings,
    HodgesBuiSettings,
    LaplaceSettings,
    StaudeSettings,
    TeagerKaiserSettings,
)
from gluteal.emg.onset.rise import RiseSettings
from gluteal.emg.signal.quality_limits import Limits
from gluteal.errors import InputError, UnknownName
from gluteal.ledger.evidence.causal_worlds import Assumptions
from gluteal.simulate.people import SCATTER, Scatter
from gluteal.sources.bibliography import OWN, READ_DEPTHS, UNREAD, find_reference
from gluteal.sources.parameter import Sourced, find_parameters, load_parameters, make_parameter, parameter_rooms

PACKAGE = Path(gluteal.__file__).parent
DECLARED = {name: parameter for room in parameter_rooms() for name, parameter in load_parameters(room).items()}
GOOD: Sourced[float] = Sourced(
    value=0.1, units="1", meaning="reserve over moment", source="hicks2015", locator="Table 3", read="memory"
)
#: Comments that say where a number comes from, or that nobody else chose it.
SAYS_SOURCE = re.compile(
    r"[A-Z][\w'-]+[^.;:]{0,40}\b(19|20)\d\d\b"
    r"|\b[Oo]wn choice\b|\b[Oo]urs\b|from memory|\bnot read|[Ff]ound by simulation"
)


def find_attribute(name: str) -> Any:
    """Return what a declared name means: a constant, an item of it, a field's or an argument's default."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(["gluteal", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = _step(found, part)
        return found
    raise AssertionError(f"{name}: there is no such module")


def _step(found: Any, part: str) -> Any:
    if isinstance(found, Mapping):
        return found[part]
    if inspect.isfunction(found):
        return inspect.signature(found).parameters[part].default
    if inspect.isclass(found) and dataclasses.is_dataclass(found):
        (field,) = (f for f in dataclasses.fields(found) if f.name == part)
        made = field.default_factory
        return field.default if made is dataclasses.MISSING else made()
    return getattr(found, part)


def numbers(value: Any) -> Any:
    """Return a value as nested tuples of floats; TypeError or ValueError where it is something else."""
    if isinstance(value, Sourced):
        value = value.value
    if isinstance(value, str | bytes | bool):
        raise TypeError("text is no number")
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(numbers(part) for part in value)
    return float(value)


@pytest.mark.parametrize("name", DECLARED)
def test_the_declared_value_is_the_one_in_use(name: str) -> None:
    """No number changes without its source: table and module are written separately and compared."""
    assert numbers(find_attribute(name)) == numbers(DECLARED[name].value)


@pytest.mark.parametrize("name", DECLARED)
def test_no_number_is_read_deeper_than_its_source(name: str) -> None:
    parameter = DECLARED[name]
    if parameter.read != "own" and parameter.read not in UNREAD:
        depths = [READ_DEPTHS.index(find_reference(k).read) for k in parameter.keys if k != OWN]
        assert READ_DEPTHS.index(parameter.read) >= min(depths)


def constants_with_comment() -> Iterator[tuple[str, str]]:
    """Yield (name below gluteal, comment) of every ALL_CAPS constant of a module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(text).body:
            if not isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            first = node.lineno - 1
            while first and lines[first - 1].startswith("#:"):
                first -= 1
            comment = " ".join(line.removeprefix("#:").strip() for line in lines[first : node.lineno - 1])
            for name in names:
                if isinstance(name, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z0-9_]*", name.id):
                    yield f"{module}.{name.id}", comment


def test_constants_that_name_a_source_are_declared() -> None:
    """A number whose comment names a publication, memory or a choice of ours stands in a table of parameters."""
    missing = []
    for name, comment in constants_with_comment():
        if not SAYS_SOURCE.search(comment):
            continue
        try:
            numbers(find_attribute(name))
        except (TypeError, ValueError):
            continue
        if not any(known == name or known.startswith(f"{name}.") for known in DECLARED):
            missing.append(name)
    assert not missing, f"declare in sources/parameters: {', '.join(missing)}"


@pytest.mark.parametrize(
    "settings",
    [
        Limits,
        RiseSettings,
        HodgesBuiSettings,
        BonatoSettings,
        TeagerKaiserSettings,
        StaudeSettings,
        LaplaceSettings,
        Assumptions,
    ],
)
def test_every_setting_is_declared(settings: Any) -> None:
    head = f"{settings.__module__}.{settings.__name__}".removeprefix("gluteal.")
    assert set(find_parameters(head)) == {field.name for field in dataclasses.fields(settings)}


def test_the_scatter_of_people_is_its_table() -> None:
    assert set(SCATTER) == {field.name for field in dataclasses.fields(Scatter)}
    assert SCATTER["mass"].cited == (
        "Rothwell 2019, methods, participants; part named read. 79.8 (SD 10.9) kg in 18 active men."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": "Hicks et al. 2015, Table 3"}, "is not one or more keys of the bibliography"),
        ({"source": "hicks2014"}, r"There is no source 'hicks2014'\. Close names: hicks2015"),
        ({"locator": " "}, r"The parameter 'reserve over moment' \(hicks2015\) has no locator; write, for example"),
        ({"units": ""}, 'has no units; write, for example, "N m", or "1" for a pure number'),
        ({"meaning": ""}, "has no meaning"),
        ({"value": float("nan")}, "must be a finite number, or several"),
        ({"value": True}, "must be a finite number"),
        ({"value": ()}, "must be a finite number"),
        ({"value": (1.0, "two")}, "must be a finite number"),
        ({"uncertainty": -1.0}, "must be 0 or more"),
        ({"read": "skimmed"}, "was read is 'skimmed'; write one of fulltext, part"),
        ({"read": "own"}, "'own' belongs to a source that is 'gluteal' alone"),
        ({"source": "gluteal", "note": "rounding"}, "'own' belongs to a source that is 'gluteal' alone"),
        ({"source": "gluteal", "read": "own"}, "is a choice of our own without a reason; say why in 'note'"),
    ],
)
def test_a_parameter_without_its_source_cannot_be_written(changed: dict[str, Any], said: str) -> None:
    with pytest.raises((InputError, UnknownName), match=said):
        replace(GOOD, **changed)


def test_a_row_names_itself_and_what_is_missing() -> None:
    row = {"value": 1.0, "units": "N", "meaning": "a force", "source": "gluteal", "note": "rounding"}
    assert make_parameter("a.B", row).read == "own"
    with pytest.raises(InputError, match=r"Parameter 'a\.B' has no 'units'; add it"):
        make_parameter("a.B", {k: v for k, v in row.items() if k != "units"})
    with pytest.raises(InputError, match=r"Parameter 'a\.B': there is no field 'unit'"):
        make_parameter("a.B", row | {"unit": "N"})
    with pytest.raises(InputError, match=r"Parameter 'a\.B': The source 'Raabe 2016' is not one or more keys"):
        make_parameter("a.B", row | {"source": "Raabe 2016", "locator": "model", "read": "code"})


def test_a_room_without_parameters() -> None:
    with pytest.raises(UnknownName, match="There is no table of parameters 'outcomes'"):
        load_parameters("outcomes")

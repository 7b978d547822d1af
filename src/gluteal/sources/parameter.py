"""Parameters: a value with unit, source, place in the source, how far that was read, and its uncertainty.

Most parameters stand as plain numbers where they are used, because kernels see nothing but numbers. The tables
``parameters/<room>.toml`` (or ``<room>-<part>.toml``) declare them: each row bears the name of the module's attribute,
and the tests compare both, so that no number changes without its source. Whoever wants a parameter with its source
takes it from here.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from gluteal.errors import InputError, UnknownName
from gluteal.sources.bibliography import OWN, READ_DEPTH_WORDS, READ_DEPTHS, ReadDepth, cite, split_keys

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Sourced(Generic[V]):
    """A value that says where it comes from.

    Attributes
    ----------
    value : float, or nested tuples of float
    units : str
        "1" for a pure number.
    meaning : str
        What it is, in a phrase.
    source : str
        One or more keys of the bibliography joined by ``;``. `gluteal` is a choice of this project.
    locator : str
        Where in the source ("Table 2", "Eq. 7").
    read : ReadDepth
        How far the source was read for this number.
    uncertainty : float, optional
        Standard deviation or standard error of the value as printed, in `units`.
    note : str
        How the value follows from the source; for a choice of our own, why.

    Raises
    ------
    InputError
        Where a field is missing or has not this form: prose for a source, a value without a unit.
    UnknownName
        Where the bibliography does not know a key.

    Examples
    --------
    >>> mass = Sourced(value=0.137, units="1", meaning="coefficient of variation of body mass", source="rothwell2019",
    ...                locator="methods", read="part", note="79.8 (SD 10.9) kg, 18 active men")
    >>> mass.cited
    'Rothwell 2019, methods; part named read. 79.8 (SD 10.9) kg, 18 active men'
    """

    value: V
    units: str
    meaning: str
    source: str
    locator: str
    read: ReadDepth
    uncertainty: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Check every field."""
        for name in ("units", "meaning", "locator"):
            if not str(getattr(self, name)).strip():
                example = {"units": '"N m", or "1" for a pure number', "locator": '"Table 2" or "abstract"'}
                raise InputError(
                    f"The parameter {self.meaning!r} ({self.source}) has no {name}; write, for example, "
                    f"{example.get(name, 'what the number is')}."
                )
        if not _is_number(self.value):
            raise InputError(
                f"The value of {self.meaning!r} is {self.value!r}; it must be a finite number, or several of them."
            )
        if self.uncertainty is not None and not (_is_number(self.uncertainty) and self.uncertainty >= 0.0):
            raise InputError(f"The uncertainty of {self.meaning!r} is {self.uncertainty!r}; it must be 0 or more.")
        if self.read not in READ_DEPTHS:
            raise InputError(
                f"How far the source of {self.meaning!r} was read is {self.read!r}; write one of "
                f"{', '.join(READ_DEPTHS)}."
            )
        keys = split_keys(self.source)
        if OWN in keys and not self.note.strip():
            raise InputError(f"{self.meaning!r} is a choice of our own without a reason; say why in 'note'.")
        if (self.read == "own") != (keys == (OWN,)):
            raise InputError(
                f"{self.meaning!r}: 'own' belongs to a source that is {OWN!r} alone; it is {self.source!r}, read "
                f"{self.read!r}."
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the sources."""
        return split_keys(self.source)

    @property
    def cited(self) -> str:
        """Source, place, how far it was read and what is to be said of it, in a line."""
        if self.read == "own":
            return f"Own choice: {self.note}"
        head = f"{cite(self.keys)}, {self.locator}; {READ_DEPTH_WORDS[self.read]}"
        return f"{head}. {self.note}" if self.note else head


def _is_number(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(_is_number(part) for part in value)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def make_parameter(name: str, row: Mapping[str, Any]) -> Sourced[Any]:
    """Return one row of a table as a parameter; a choice of our own needs neither `locator` nor `read`.

    Raises
    ------
    InputError
        Where a field is missing, not known, or not of the form of `Sourced`; the message names the row.
    """
    row = dict(row)
    if row.get("source") == OWN:
        row = {"locator": "note", "read": "own"} | row
    known = [f.name for f in fields(Sourced)]
    if extra := sorted(set(row) - set(known)):
        raise InputError(f"Parameter {name!r}: there is no field {extra[0]!r}; the fields are {', '.join(known)}.")
    if missing := [n for n in known if n not in row and n not in ("uncertainty", "note")]:
        raise InputError(f"Parameter {name!r} has no {missing[0]!r}; add it.")
    try:
        return Sourced(**{**row, "value": _frozen(row["value"])})
    except InputError as error:
        raise InputError(f"Parameter {name!r}: {error}") from error


@cache
def load_parameters(room: str) -> Mapping[str, Sourced[Any]]:
    """Return the declared parameters of a room, by the names of their attributes below `gluteal`.

    Raises
    ------
    UnknownName
        Where the room declares none.

    Examples
    --------
    >>> load_parameters("outcome")["outcome.checks.RESERVE_LIMIT"].value
    0.1
    """
    if room not in parameter_rooms():
        raise UnknownName("table of parameters", room, parameter_rooms(), "gluteal sources")
    found: dict[str, Sourced[Any]] = {}
    for file in _files():
        if _room(file.name) == room:
            rows = tomllib.loads(file.read_text(encoding="utf-8"))
            if twice := sorted(set(rows) & set(found)):
                raise InputError(f"{file.name}: the parameter {twice[0]!r} is declared twice; keep one of them.")
            found |= {name: make_parameter(name, row) for name, row in rows.items()}
    return MappingProxyType(found)


def find_parameters(prefix: str) -> Mapping[str, Sourced[Any]]:
    """Return the parameters below an attribute (``simulate.people.SCATTER``) by the last part of their names."""
    head = f"{prefix}."
    found = load_parameters(prefix.partition(".")[0])
    return MappingProxyType({n.removeprefix(head): p for n, p in found.items() if n.startswith(head)})


@cache
def parameter_rooms() -> tuple[str, ...]:
    """Return the rooms that declare parameters, in alphabetical order."""
    return tuple(dict.fromkeys(_room(file.name) for file in _files()))


def _files() -> list[Traversable]:
    assert __package__ is not None, "the tables stand beside this module"
    folder = files(__package__).joinpath("parameters")
    return sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)


def _room(name: str) -> str:
    """Return the room of a file: ``emg`` of ``emg-onset.toml``."""
    return name.removesuffix(".toml").partition("-")[0]

"""Which muscle is what: anatomical names, groups and nerves of the muscles that models name.

One data table (``muscles.csv``) knows the names of Rajagopal-type models, gait2392 and the lumbar
models; ``nerves.csv`` knows how nerves branch. Every row states its source, and its note says where
authors differ about a group. A muscle that no row describes belongs to no group and no nerve.

In: names and what they stand for. Out: bodies, forces, anything with a number that a result depends on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache

from gluteal.errors import InputError, UnknownName
from gluteal.files import read_table_text
from gluteal.vocabulary import Sides, side_of, unsided

#: Primary group of a muscle that no row of the table describes.
UNGROUPED = "other"

_SIDES: Mapping[str, str] = {"r": "right", "l": "left"}


@dataclass(frozen=True)
class Anatomy:
    """One row of the table.

    Attributes
    ----------
    patterns : tuple of str
        Model names without side, lower case, `-` and `.` written as `_`; ``*`` stands for anything.
    name : str
        Anatomical name ("gluteus medius").
    part : str
        Part of the muscle ("anterior"), empty where the row is the whole muscle.
    group : str
        Primary group, one per muscle, for tables.
    groups : tuple of str
        Every group the muscle belongs to, the primary one first.
    nerves : tuple of str
        Nerves that supply it directly; `Nerve.part_of` leads to the trunks.
    source, note : str
        Where name, groups and nerve come from, and where authors differ.
    """

    patterns: tuple[str, ...]
    name: str
    part: str
    group: str
    groups: tuple[str, ...]
    nerves: tuple[str, ...]
    source: str
    note: str


@dataclass(frozen=True)
class Nerve:
    """A nerve, its other names, the nerve it branches from, its roots, and the source of all that."""

    name: str
    also_called: tuple[str, ...]
    part_of: str
    roots: str
    source: str


def _plain(name: str) -> str:
    """Write a name so that case, '-', '.', '_' and blanks do not matter."""
    return "_".join(name.lower().replace("-", " ").replace(".", " ").replace("_", " ").split())


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _read(table: str) -> list[dict[str, str]]:
    text = read_table_text(__package__, table)
    return list(csv.DictReader(text.splitlines()))


@cache
def muscle_rows() -> tuple[Anatomy, ...]:
    """Return the table of muscles, in its order."""
    return tuple(
        Anatomy(
            patterns=tuple(row["pattern"].split("|")),
            name=row["anatomical_name"],
            part=row["part"],
            group=row["group"],
            groups=(row["group"], *(g for g in _split(row["groups"]) if g != row["group"])),
            nerves=_split(row["nerves"]),
            source=row["source"],
            note=row["note"],
        )
        for row in _read("muscles.csv")
    )


@cache
def nerve_rows() -> tuple[Nerve, ...]:
    """Return the table of nerves, in its order."""
    return tuple(
        Nerve(row["nerve"], _split(row["also_called"]), row["part_of"], row["roots"], row["source"])
        for row in _read("nerves.csv")
    )


@cache
def row_of(muscle: str) -> Anatomy | None:
    """Return the table's row for a model's muscle name, with or without side, or None.

    >>> row_of("glut_med1_l").part
    'anterior'
    """
    plain = _plain(unsided(muscle))
    # Lai 2017 marks the knee muscles whose paths reach 140 degrees of flexion ("gaslat140").
    plain = plain.removesuffix("140")
    for row in muscle_rows():
        if any(fnmatchcase(plain, pattern) for pattern in row.patterns):
            return row
    return None


def anatomical_name(muscle: str) -> str:
    """Return the anatomical name of a model's muscle; the model's own name where the table has none.

    >>> anatomical_name("bifemlh_r"), anatomical_name("glmed2_l")
    ('biceps femoris long head', 'gluteus medius')
    """
    row = row_of(muscle)
    return row.name if row else unsided(muscle)


def group_of(muscle: str) -> str:
    """Return the primary group of a muscle, "other" where the table has none.

    >>> group_of("glmed1_r"), group_of("LTpT_R10_l")
    ('glmed', 'longissimus')
    """
    row = row_of(muscle)
    return row.group if row else UNGROUPED


@cache
def group_words(group: str) -> str:
    """Say a group in words: the anatomical name where its muscles share one, else the group's own.

    >>> group_words("glmax"), group_words("hip-abductors"), group_words("hamstrings")
    ('gluteus maximus', 'hip abductors', 'hamstrings')
    """
    names = {row.name for row in muscle_rows() if row.group == group}
    return names.pop() if len(names) == 1 else group.replace("-", " ")


def groups_of(muscle_names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the groups present among `muscle_names`: group -> muscles of both sides, in the order given.

    Groups come in alphabetical order.
    """
    found: dict[str, list[str]] = {}
    for muscle in muscle_names:
        row = row_of(muscle)
        for group in row.groups if row else ():
            found.setdefault(group, []).append(muscle)
    return {group: tuple(found[group]) for group in sorted(found)}


def nerves_of(muscle_names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the nerves present among `muscle_names`: nerve -> muscles of both sides, in the order given.

    A trunk holds the muscles of its branches: the sciatic nerve those of tibial and common peroneal.
    """
    return dict(_nerves_of(tuple(muscle_names)))


@lru_cache(maxsize=64)
def _nerves_of(muscle_names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return what `nerves_of` does; made once for a body, whose conditions ask again and again."""
    parent = {nerve.name: nerve.part_of for nerve in nerve_rows()}
    found: dict[str, list[str]] = {}
    for muscle in muscle_names:
        row = row_of(muscle)
        supply: list[str] = []
        for nerve in row.nerves if row else ():
            while nerve and nerve not in supply:
                supply.append(nerve)
                nerve = parent[nerve]
        for nerve in supply:
            found.setdefault(nerve, []).append(muscle)
    return {nerve: tuple(found[nerve]) for nerve in parent if nerve in found}


def resolve(name: str, muscle_names: Sequence[str], *, side: Sides = "both") -> tuple[str, ...]:
    """Return the muscles meant by a muscle, group, nerve or anatomical name.

    Case does not matter, and ``-``, ``_``, ``.`` and blank are alike. A name that states its side
    (``glmed1_r``, ``hamstrings_l``) ignores `side`. "superior gluteal" and "superior gluteal nerve" are the
    same.

    Parameters
    ----------
    name : str
        What the user wrote.
    muscle_names : sequence of str
        The muscles of the body; the answer keeps their order.
    side : "both" | "r" | "l"
        Which side, where the name does not say.

    Raises
    ------
    UnknownName
        No muscle, group, nerve or anatomical name of this body is called so.
    InputError
        The name exists, but not on that side.

    Examples
    --------
    >>> resolve("superior gluteal", ["glmed1_r", "tfl_r", "soleus_r", "tfl_l"], side="r")
    ('glmed1_r', 'tfl_r')
    """
    return _resolve(name, tuple(muscle_names), side)


@lru_cache(maxsize=1024)
def _resolve(name: str, muscle_names: tuple[str, ...], side: Sides) -> tuple[str, ...]:
    """Return what `resolve` does; made once for a name and a body."""
    meanings = _meanings(muscle_names)
    plain = _plain(name)
    if plain in meanings and plain in {_plain(m) for m in muscle_names}:
        return meanings[plain]  # one muscle, named with its side where it has one
    wanted: str = side
    if plain not in meanings and plain[-2:] in ("_r", "_l"):
        plain, wanted = plain[:-2], plain[-1]
    if plain not in meanings:
        raise UnknownName("muscle, group or nerve", name, _known(muscle_names), "gluteal list muscles")
    meant = meanings[plain]
    chosen = tuple(m for m in meant if wanted == "both" or side_of(m) in (wanted, None))
    if not chosen:
        raise InputError(
            f"{name!r} has no muscle on the {_SIDES[wanted]} side of this body. "
            f"It means {', '.join(meant[:6])}{', …' if len(meant) > 6 else ''}; choose the other side."
        )
    return chosen


@cache
def _meanings(muscle_names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return every plain name that means something in this body; the first meaning of a name wins."""
    meanings: dict[str, tuple[str, ...]] = {_plain(m): (m,) for m in muscle_names}
    by_name: dict[str, list[str]] = {}
    for muscle in muscle_names:
        row = row_of(muscle)
        for key in {unsided(muscle), *((row.name, f"{row.name} {row.part}".strip()) if row else ())}:
            by_name.setdefault(_plain(key), []).append(muscle)
    for group, muscles in groups_of(muscle_names).items():
        meanings.setdefault(_plain(group), muscles)
    called = {nerve.name: (nerve.name, *nerve.also_called) for nerve in nerve_rows()}
    for nerve, muscles in nerves_of(muscle_names).items():
        for alias in called[nerve]:
            meanings.setdefault(_plain(alias), muscles)
            meanings.setdefault(_plain(alias.removesuffix(" nerve")), muscles)
    for key, members in by_name.items():
        meanings.setdefault(key, tuple(members))
    return meanings


@cache
def _known(muscle_names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a person may write for this body, for the hint in an error."""
    names = [
        *groups_of(muscle_names),
        *nerves_of(muscle_names),
        *map(anatomical_name, muscle_names),
        *map(unsided, muscle_names),
        *muscle_names,
    ]
    return tuple(dict.fromkeys(names))

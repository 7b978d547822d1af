"""Every number of the house with its source, as rows: which numbers depend on a study, which were never read?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gluteal.errors import UnknownName
from gluteal.sources.bibliography import (
    READ_DEPTH_WORDS,
    READ_DEPTHS,
    UNREAD,
    BibliographyEntry,
    ReadDepth,
    cite,
    find_reference,
    load_bibliography,
    split_keys,
)
from gluteal.sources.parameter import Sourced, load_parameters, parameter_rooms
from gluteal.sources.tables import TABLES, read_number_table, weakest_depth


def list_sources(text: str = "", *, unread: bool = False) -> list[dict[str, Any]]:
    """Return parameters, then tables, as rows of plain data.

    Parameters
    ----------
    text : str
        Only what has it, whatever its case, in a name, meaning, note, or in key, authors or title of a source. Of a
        table it counts the rows that have it.
    unread : bool
        Only numbers that nobody saw at their source: quoted elsewhere, from memory, or not read.

    Returns
    -------
    list of dict
        ``kind`` ("parameter" or "table"), ``name``, ``value`` (of a table: its rows), ``units``, ``meaning``,
        ``source`` (short citation), ``locator``, ``read`` (of a table: the least of its rows), ``uncertainty``,
        ``note``, ``keys``, ``links``.

    Raises
    ------
    UnknownName
        Where neither a number nor the bibliography has the text.

    Examples
    --------
    >>> [row["name"] for row in list_sources("rothwell2019") if row["kind"] == "parameter"]
    ['ledger.measures.CLEAR_RISE', 'simulate.people.SCATTER.mass']
    """
    wanted = text.strip().casefold()
    rows = [row for row in _parameter_rows() if _has(wanted, row) and not (unread and row["read"] not in UNREAD)]
    rows += [row for path in TABLES if (row := _table_row(path, wanted, unread))]
    if wanted and not rows and not any(wanted in _words(entry) for entry in load_bibliography().values()):
        raise UnknownName("number or source with the text", text, load_bibliography(), "gluteal sources")
    return rows


def count_depths(rows: Sequence[Mapping[str, Any]]) -> dict[ReadDepth, int]:
    """Return how many parameters of a listing were read how far, in the order of `READ_DEPTHS`."""
    found = Counter(row["read"] for row in rows if row["kind"] == "parameter")
    return {depth: found[depth] for depth in READ_DEPTHS if found[depth]}


def say_counts(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence how many parameters and tables a listing has, and how far their sources were read."""
    if not rows:
        return "No parameter, and no row of a table."
    tables = [row["value"] for row in rows if row["kind"] == "table"]
    depths = "; ".join(f"{READ_DEPTH_WORDS[depth]}: {count}" for depth, count in count_depths(rows).items())
    held = f" ({depths})" if depths else ""
    return (
        f"{_counted(len(rows) - len(tables), 'parameter')}{held}, and {_counted(sum(tables), 'row')} of "
        f"{_counted(len(tables), 'table')}."
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _parameter_rows() -> Iterator[dict[str, Any]]:
    for room in parameter_rooms():
        for name, parameter in load_parameters(room).items():
            yield _parameter_row(name, parameter)


def _parameter_row(name: str, parameter: Sourced[Any]) -> dict[str, Any]:
    return {
        "kind": "parameter",
        "name": name,
        "value": _listed(parameter.value),
        "units": parameter.units,
        "meaning": parameter.meaning,
        "source": cite(parameter.keys),
        "locator": "" if parameter.read == "own" else parameter.locator,
        "read": parameter.read,
        "uncertainty": parameter.uncertainty,
        "note": parameter.note,
        **_found(parameter.keys),
    }


def _table_row(path: str, wanted: str, unread: bool) -> dict[str, Any] | None:
    """Return a table's row, of those of its rows that are wanted; None where there is none."""
    about = TABLES[path].about
    rows = [row for row in read_number_table(path) if not unread or _depth(row) in UNREAD]
    if wanted not in f"{path} {about}".casefold():
        rows = [row for row in rows if any(wanted in _words(find_reference(k)) for k in split_keys(row["source"]))]
    if not rows:
        return None
    keys = tuple(dict.fromkeys(key for row in rows for key in split_keys(row["source"])))
    depths = Counter(_depth(row) for row in rows)
    whole = len(read_number_table(path))
    told = "; ".join(f"{READ_DEPTH_WORDS[depth]}: {depths[depth]}" for depth in READ_DEPTHS if depths[depth])
    return {
        "kind": "table",
        "name": path,
        "value": len(rows),
        "units": "rows",
        "meaning": about,
        "source": cite(keys),
        "locator": "each row",
        "read": max((d for d in depths if d != "own"), key=READ_DEPTHS.index, default="own"),
        "uncertainty": None,
        "note": f"{'' if len(rows) == whole else f'Of {whole} rows. '}Rows by how far read: {told}",
        **_found(keys),
    }


def _depth(row: Mapping[str, str]) -> ReadDepth:
    own: Any = row.get("read")
    return own or weakest_depth(row["source"])


def _found(keys: Sequence[str]) -> dict[str, list[str]]:
    return {"keys": list(keys), "links": [link for key in keys if (link := find_reference(key).link)]}


def _has(wanted: str, row: Mapping[str, Any]) -> bool:
    own = " ".join(str(row[name]) for name in ("name", "meaning", "note")).casefold()
    return wanted in own or any(wanted in _words(find_reference(key)) for key in row["keys"])


def _words(entry: BibliographyEntry) -> str:
    return f"{entry.key} {entry.authors or ''} {entry.called} {entry.name}".casefold()


def _listed(value: Any) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value

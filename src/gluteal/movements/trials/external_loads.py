"""OpenSim's external-loads file: which columns of which table act on what, in which frames."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath
from typing import NamedTuple
from xml.etree import ElementTree

from gluteal.errors import InputError
from gluteal.files import check_xml, read_whole
from gluteal.movements.trials.loads import GROUND, LoadColumns


class DescribedLoads(NamedTuple):
    """What an external-loads file says: its table (None where it names none), its loads, and what is to be told of it.

    `notes` has a sentence on a table that was found by its name elsewhere, and on each load that is left out.
    """

    table: Path | None
    loads: tuple[LoadColumns, ...]
    notes: tuple[str, ...] = ()


def read_external_loads(path: Path) -> DescribedLoads:
    """Read an OpenSim external-loads file; a table that is not where it says is looked for by `find_named`.

    Forces and points may be in the frame of any segment (`force_expressed_in_body`, `point_expressed_in_body`); a force
    without a point acts at the origin of its segment, and a torque may be alone.

    Raises
    ------
    InputError
        The file is no external-loads file, or a load has neither force nor torque, or no segment where it takes one.
    """
    try:
        check_xml(path)
        root = ElementTree.fromstring(read_whole(path))
    except InputError:
        raise
    except (ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise InputError(f"{path.name} cannot be read as XML ({error}); export it again.") from error
    loads = root if root.tag == "ExternalLoads" else root.find(".//ExternalLoads")
    if loads is None:
        raise InputError(f"{path.name} holds no <ExternalLoads>; give an OpenSim external-loads file.")
    found: list[LoadColumns] = []
    notes: list[str] = []
    for number, node in enumerate(loads.iter("ExternalForce"), start=1):
        name = node.get("name") or f"load {number}"
        if text(node, "appliesForce", "true").lower() == "false" or text(node, "isDisabled", "false").lower() == "true":
            notes.append(f"Load {name!r} is switched off in {path.name} and was left out.")
            continue
        load = _read_force(node, name, path)
        if load.segment == GROUND:
            notes.append(f"Load {name!r} in {path.name} acts on the ground, where it moves nothing: it was left out.")
        else:
            found.append(load)
    data = text(loads, "datafile", "")
    if not data:
        return DescribedLoads(None, tuple(found), tuple(notes))
    table, moved = find_named(path.parent, data)
    if moved:
        where = Path(os.path.relpath(table, path.parent)).as_posix()
        notes.append(
            f"{path.name} names its data file {data!r}, where nothing is; {where} was taken, which has the same name."
        )
    return DescribedLoads(table, tuple(found), tuple(notes))


def _read_force(node: ElementTree.Element, name: str, path: Path) -> LoadColumns:
    """Read one ExternalForce; raises InputError where it says too little."""
    force, point, torque = (text(node, f"{what}_identifier", "") or None for what in ("force", "point", "torque"))
    if not force and not torque:
        raise InputError(
            f"Load {name!r} in {path.name} names neither a force_identifier nor a torque_identifier: say how the "
            "columns of its force begin, or switch it off (appliesForce)."
        )
    segment = base_name(text(node, "applied_to_body", ""))
    frames = [base_name(text(node, f"{what}_expressed_in_body", GROUND)) for what in ("force", "point")]
    load = LoadColumns(name, segment, force, point if force else None, torque, *frames)
    if not segment and not load.in_ground:
        raise InputError(
            f"Load {name!r} in {path.name} names no body in applied_to_body, which can only be told of a force with a "
            "point, both in the frame of the ground: say on which body it acts."
        )
    return load


def find_named(folder: Path, named: str) -> tuple[Path, bool]:
    """Return the file that another one names, from its `folder`, and whether it had to be looked for.

    People move folders, and programs write the paths of the machine they ran on. Where nothing is at the path, the one
    file of the same name (or that name with .gz) is taken from the folder, its subfolders or the folder above; where
    there is none or more than one, the path stays as it was named.
    """
    said = folder / named
    if said.exists():
        return said, False
    name = PureWindowsPath(named).name.lower()
    for place in (folder, *sorted(p for p in folder.iterdir() if p.is_dir()), folder.parent):
        found = [p for p in sorted(place.iterdir()) if p.name.lower() in (name, f"{name}.gz")] if name else []
        if len(found) == 1:
            return found[0], True
    return said, False


def text(node: ElementTree.Element, tag: str, default: str) -> str:
    """Return the stripped text of a child element, `default` where it is missing, empty, or OpenSim's word for that."""
    said = (node.findtext(tag) or "").strip()
    return default if said.lower() in ("", "unassigned") else said


def base_name(path: str) -> str:
    """Return the name of a body that a file may give with its path in the model; the path of any other frame stays.

    >>> base_name("/bodyset/calcn_r"), base_name("/ground"), base_name("/jointset/ankle_r/calcn_r_offset")
    ('calcn_r', 'ground', '/jointset/ankle_r/calcn_r_offset')
    """
    folder, _, name = path.rpartition("/")
    return name if folder.strip("./") in ("", "bodyset") else path

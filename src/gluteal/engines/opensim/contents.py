"""What a model file holds that OpenSim cannot open, or skips without a word: told before it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from gluteal.engines.opensim.osim import osim
from gluteal.errors import InputError
from gluteal.files import check_input, check_xml
from gluteal.sto.rows import read_text

#: Lists of a model whose every part OpenSim has to know, or it does not open the model.
SETS = (
    "ForceSet",
    "ConstraintSet",
    "JointSet",
    "ControllerSet",
    "WrapObjectSet",
    "PathPointSet",
    "PathWrapSet",
    "ProbeSet",
    "ContactGeometrySet",
)
#: External forces, which belong to a recording: without their table OpenSim does not open the model.
EXTERNAL = ("ExternalForce", "ExternalLoads")
#: What names the pictures of bones, which nothing here is computed from: OpenSim would open them, whatever they are.
MESHES = ("mesh_file", "geometry_file", "geometry_files")


class ModelContents(NamedTuple):
    """A model's text without external forces and names of meshes where it has any, else None.

    Then the names of these forces, and names and kinds of the parts of unknown kinds.
    """

    text: str | None
    external: tuple[str, ...]
    strange: tuple[tuple[str, str], ...]


def look_into(path: Path) -> ModelContents:
    """Look into a model file.

    Raises
    ------
    InputError
        The file is no XML, two muscles or bodies have one name, or OpenSim does not know the kind of a part that it
        cannot do without.
    """
    check_xml(path)  # before OpenSim, which ends the process where elements are nested without end
    try:
        root = ElementTree.fromstring(read_text(path))
    except (ElementTree.ParseError, ValueError):  # a letter that is none: OpenSim reads it, or says what it is
        return ModelContents(None, (), ())
    for name, kind, where in _find_strange(root):
        if where in SETS:
            raise InputError(
                f"{path.name} has in its {where} the {kind} {name!r}, a kind that OpenSim {osim.GetVersion()[:3]} does "
                "not know, as of a plug-in or another version: replace it in the model, or take it out."
            )
    for name, where in _find_twins(root):
        raise InputError(
            f"{path.name} has two parts called {name!r} in its {where}; OpenSim would give one of them another name, "
            "by which nobody knows it: call them differently."
        )
    strange = tuple((name, kind) for name, kind, _ in _find_strange(root))
    external = tuple(node.get("name", "") for node in root.iter("ExternalForce"))
    changed = False
    for parent in list(root.iter()):
        for node in [n for n in parent if n.tag in EXTERNAL]:
            parent.remove(node)
            changed = True
    for node in root.iter():
        if node.tag in MESHES and node.text:
            node.text, changed = "", True
        elif node.tag.lower().endswith(("file", "filename")) and node.text and node.text.strip():
            _check_named(path, node.text.strip())
    return ModelContents(ElementTree.tostring(root, encoding="unicode") if changed else None, external, strange)


def _check_named(model: Path, name: str) -> None:
    """Raise InputError where a file that OpenSim will open is a pipe or a device, which may never end."""
    with suppress(OSError):  # not there, or not to be read: OpenSim says so
        check_input(model.parent / name)


def _find_strange(root: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    """Yield name, kind and list of the parts whose kind OpenSim does not know."""
    for parent in root.iter():
        for group in (node for node in parent if node.tag in ("objects", "components")):
            where = parent.tag if group.tag == "objects" else group.tag
            if where in SETS or where == "components":
                for part in group:
                    if osim.OpenSimObject.getDefaultInstanceOfType(part.tag) is None:
                        yield part.get("name", ""), part.tag, where


def _find_twins(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Yield name and list of muscles and of bodies that have the same name as one before them."""
    for where in ("ForceSet", "BodySet"):
        for group in (objects for listed in root.iter(where) for objects in listed.findall("objects")):
            seen = set()
            for part in group:
                kind = osim.OpenSimObject.getDefaultInstanceOfType(part.tag)
                if where == "ForceSet" and osim.Muscle.safeDownCast(kind) is None:
                    continue
                if part.get("name") in seen:
                    yield str(part.get("name")), where
                seen.add(part.get("name"))

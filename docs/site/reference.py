"""The reference of the Python interface: everything that the package exports, and the rooms it stands in."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterable
from types import ModuleType

from docs.site.places import MADE, ROOT

import gluteal

#: Exported names by what one does with them, in the order of a study; a new export comes under the last.
GROUPS = {
    "Bodies and movements": ("load_body", "load_bodies", "list_tasks", "load_task", "load_trial", "describe_trial"),
    "Experiments": ("simulate", "Condition", "Outcome", "simulate_ensemble", "compute_strength", "solve_tolerance"),
    "EMG": ("load_recording", "load_session", "detect_bursts", "analyse_session", "measure_reliability"),
    "Evidence": ("load_evidence", "compile_ledger", "run_experiments", "plan_study", "load_references"),
}


def make_reference() -> None:
    """Make the page that lists all exports, whose pages autosummary makes, and the one of the rooms."""
    names = [name for name in gluteal.__all__ if name != "__version__"]
    left = [name for name in names if not any(name in group for group in GROUPS.values())]
    parts = [_table(title, group) for title, group in {**GROUPS, "Everything else": left}.items()]
    opening = (
        "# Python\n\nEverything that the package exports, as `gluteal.NAME`; the rest may change without notice.\n"
        "The rooms behind it are [in the house](rooms.md).\n\n```{toctree}\n:hidden:\n\nrooms\n```\n\n"
    )
    (MADE / "reference.md").write_text(opening + "\n".join(parts), encoding="utf-8")
    (MADE / "rooms.md").write_text(_rooms(), encoding="utf-8")


def _table(title: str, names: Iterable[str]) -> str:
    listed = "\n".join(f"   {_place(name)}" for name in names)
    return f"## {title}\n\n```{{eval-rst}}\n.. autosummary::\n   :toctree: api\n\n{listed}\n```\n"


def _place(name: str) -> str:
    """Return where Sphinx finds an export: a room that can be called is described by its function."""
    is_room = isinstance(getattr(gluteal, name), ModuleType)
    return f"gluteal.{gluteal._HOME[name]}.{name}" if is_room else f"gluteal.{name}"


def _rooms() -> str:
    """Return what each room is, from top to bottom, as it says itself."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(rule["layers"] for rule in contracts if rule["name"] == "data flows one way")
    text = "# Rooms\n\nWhat each room of the package is, by its own words, from top to bottom.\n"
    for floor in floors:
        for room in floor.split(" | "):
            first, _, more = (importlib.import_module(f"gluteal.{room}").__doc__ or "").strip().partition("\n\n")
            more = more.split("\n\n>>>")[0].split("\n\n")[0]
            text += f"\n## `gluteal.{room}`\n\n{first}\n\n{more}\n"
    return text

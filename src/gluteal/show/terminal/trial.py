"""What was found of a measured trial, on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from gluteal.movements.trials.description import TrialDescription
from gluteal.show.parts import say_part
from gluteal.show.terminal.outcome import show_rows


def show_trial(console: Console, found: TrialDescription) -> None:
    """Print what was found and why, the loads, what was left aside, and what is doubtful."""
    console.print(Text(f"Trial {found.files.source.resolve().name}", style="bold"))
    show_rows(console, [{"key": f.key, "value": say_found(f.value), "": f.how, "why": f.why} for f in found.findings])
    if found.model_mass is not None:
        console.print(f"The model's bodies weigh {found.model_mass:.1f} kg together.", highlight=False)
    if found.loads:
        console.print(Text(f"Forces of {found.table.name if found.table else 'the table'}", style="bold"))
        show_rows(
            console,
            [{"force": load.name, "acts on": _say_segment(load.segment), "": load.how} for load in found.loads],
        )
    if found.files.ignored:
        console.print(Text("Left aside", style="bold"))
        show_rows(console, [{"file": name, "why": why} for name, why in found.files.ignored.items()])
    for warning in found.warnings:
        console.print(Text(f"! {warning}", style="yellow"))


def _say_segment(name: str | None) -> str:
    """Say a segment in words, and as the trial's file calls it."""
    if not name:
        return "not told"
    return name if (words := say_part(name)) == name else f"{words} ({name})"


def say_found(value: Any) -> str:
    """Write what was found for a key of a trial's file: files by their names, "-" for nothing.

    >>> say_found([0.1, 2.0]), say_found({"file": "a/b.sto", "scale": 2}), say_found(None)
    ('0.1, 2', 'file: b.sto, scale: 2', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, Path):
        return value.name
    if isinstance(value, dict):
        return ", ".join(f"{k}: {Path(v).name if k == 'file' else say_found(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(say_found, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)

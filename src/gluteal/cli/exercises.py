"""The command `gluteal exercises`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.options import Fresh, Json, Out
from gluteal.cli.output import (
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
    write_rows,
)

if TYPE_CHECKING:
    from gluteal.ledger.atlas.build import Atlas, AtlasEntry
    from gluteal.ledger.bench import Bench


@app.command(name="exercises", help_epilogue="Example: gluteal exercises glmed --equipment band --ceiling 4")
def exercises_command(
    group: Annotated[
        str | None, Parameter(help="Muscle or group to order them for; none: gluteus maximus and medius.")
    ] = None,
    /,
    *,
    equipment: Annotated[
        list[str] | None,
        Parameter(
            negative=(),
            help="What is at hand, such as band or bench,barbell; none: nothing. What needs more is left out.",
        ),
    ] = None,
    position: Annotated[
        list[str] | None, Parameter(negative=(), help="Lying, all fours, plank, sitting or standing. Repeatable.")
    ] = None,
    level: Annotated[list[str] | None, Parameter(negative=(), help="Gentle, moderate or hard. Repeatable.")] = None,
    ceiling: Annotated[
        float | None, Parameter(help="Largest computed load at hips and low back, body weights.")
    ] = None,
    fresh: Fresh = False,
    json_: Json = False,
    out: Out = None,
) -> int:
    """List exercises from gentle to hard: published EMG first, what simulation adds, and what joints carry.

    Examples: gluteal exercises; gluteal exercises glmed --equipment none --level gentle.
    """
    check_targets(out)
    filters: dict[str, Any] = {
        "equipment": None if equipment is None else _several(equipment),
        "positions": _several(position or []),
        "levels": _several(level or []),
        "ceiling_bw": ceiling,
    }
    with show_progress("Doing the exercises"):
        from gluteal.ledger.atlas.build import build_atlas, select_exercises
        from gluteal.ledger.atlas.rows import list_entries
        from gluteal.ledger.bench import Bench

        bench = Bench()
        atlas = select_exercises(build_atlas(bench, group, kept=not fresh), **filters)
        rows = list_entries(atlas)
    for path in out or []:
        _write(path, atlas, bench, kept=not fresh)
    if json_:
        print_json(rows)
    else:
        from gluteal.show.terminal.exercises import show_atlas

        show_atlas(standard_output(), atlas)
    say_written(out)
    return DONE


def _several(given: list[str]) -> list[str]:
    """Return words that were given one by one or joined by commas."""
    return [word.strip().lower() for text in given for word in text.split(",") if word.strip()]


def _write(path: Path, atlas: Atlas, bench: Bench, *, kept: bool) -> None:
    if path.suffix.lower() == ".html":
        with show_progress("Drawing the exercises"):
            from gluteal.ledger.atlas.poses import list_posed
            from gluteal.show.pages.exercises import draw_exercises, save_atlas

            save_atlas(path, atlas, draw_exercises(bench, list_posed(atlas), kept=kept), command=command_line())
    else:
        write_rows([path], [_flat(atlas, entry) for entry in atlas.entries], "Exercises")


def _flat(atlas: Atlas, entry: AtlasEntry) -> dict[str, Any]:
    """Return a row for a table in a file, units in its headings."""
    exercise = entry.exercise
    row: dict[str, Any] = {
        "exercise": exercise.title,
        "level": exercise.level,
        "position": exercise.position,
        "equipment": ", ".join(exercise.equipment),
        "leg": exercise.legs,
    }
    for group, name in atlas.groups.items():
        emg, check = entry.published[group], entry.check[group]
        row |= {
            f"{name}: published EMG, %": None if emg is None else round(100 * emg.value, 1),
            f"{name}: of": None if emg is None else emg.basis,
            f"{name}: lowest, %": None if emg is None else round(100 * emg.low, 1),
            f"{name}: highest, %": None if emg is None else round(100 * emg.high, 1),
            f"{name}: studies": None if emg is None else emg.studies,
            f"{name}: reviews": None if emg is None else emg.reviews,
            f"{name}: sources": None if emg is None else "; ".join(dict.fromkeys(r.source for r in emg.rows)),
            f"{name}: simulated, %": round(100 * check.compared, 1) if check and check.credible else None,
            f"{name}: check": None if check is None else check.sentence,
        }
    return row | {
        "hip, body weights": entry.hip_load,
        "knee, body weights": entry.knee_load,
        "low back, body weights": entry.back_load,
    }

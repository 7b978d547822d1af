"""The command `gluteal exercises`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.options import Fresh, Json, Out
from gluteal.cli.output import check_targets, print_json, say_written, show_progress, standard_output, write_rows

_LEGEND = "Peak activation and published EMG in %, largest loads in body weights."
#: Column of the table -> heading in a terminal, which has little room, heading on a page, and factor.
_COLUMNS = {
    "title": ("exercise", "exercise", 1.0),
    "activation": ("activation", "peak activation, %", 100.0),
    "emg": ("EMG", "published EMG, %", 100.0),
    "glmax_peak": ("glmax", "gluteus maximus, %", 100.0),
    "glmax_emg": ("EMG", "its EMG, %", 100.0),
    "glmed_peak": ("glmed", "gluteus medius, %", 100.0),
    "glmed_emg": ("EMG ", "its EMG, % ", 100.0),
    "hip_load": ("hip", "hip, body weights", 1.0),
    "back_load": ("back", "low back, body weights", 1.0),
}


@app.command(name="exercises", help_epilogue="Example: gluteal exercises glmed --ceiling 4")
def exercises_command(
    muscle: Annotated[
        str | None, Parameter(help="Muscle or group for which to order them, from less to more work; none: a table.")
    ] = None,
    /,
    *,
    ceiling: Annotated[
        float | None, Parameter(help="Largest load at hips and low back, body weights; only with a muscle.")
    ] = None,
    fresh: Fresh = False,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Compare exercises by how much the gluteals work in them and what hips and low back carry.

    Examples: gluteal exercises; gluteal exercises glmed --ceiling 3.
    """
    from gluteal.errors import InputError

    check_targets(out)
    if ceiling is not None and muscle is None:
        raise InputError("--ceiling orders exercises for a muscle; name one, for example: gluteal exercises glmed.")
    with show_progress("Doing the exercises"):
        from gluteal.ledger.bench import Bench
        from gluteal.ledger.exercises import LOAD_NOTE, exercise_table, rank_exercises

        bench = Bench()
        if muscle is None:
            table = exercise_table(bench, kept=not fresh)
            rows: list[dict[Any, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
            sentence = LOAD_NOTE
        else:
            ladder = rank_exercises(bench, muscle, ceiling_bw=ceiling, kept=not fresh)
            rows = [asdict(rung) for rung in ladder.rungs]
            sentence = ladder.sentence
    title = "Exercises" if muscle is None else f"Exercises for {muscle}"
    for path in out or []:
        page = path.suffix.lower() == ".html"
        write_rows([path], [_page_row(row) for row in rows] if page else rows, title, f"{_LEGEND} {sentence}")
    if json_:
        print_json(rows)
    else:
        from gluteal.show.terminal.outcome import show_rows

        show_rows(standard_output(), [_words(row) for row in rows])
        standard_output().print(_LEGEND, style="dim")
        for fault in dict.fromkeys(filter(None, (row["fault"] for row in rows))):
            names = " and ".join(row["title"].lower() for row in rows if row["fault"] == fault)
            standard_output().print(f"Known fault, {names}: {fault}.", style="yellow", highlight=False)
        standard_output().print(sentence, highlight=False)
    say_written(out)
    return DONE


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row for a terminal."""
    return {name: _cell(row[key], factor) for key, (name, _, factor) in _COLUMNS.items() if key in row}


def _page_row(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row for a page, units in its headings."""
    cells = {name: _cell(row[key], factor) for key, (_, name, factor) in _COLUMNS.items() if key in row}
    return {**cells, "known fault": row["fault"]}


def _cell(value: Any, factor: float) -> str:
    if value is None:
        return "–"
    return f"{factor * value:.{0 if factor > 1.0 else 1}f}" if isinstance(value, float) else str(value)

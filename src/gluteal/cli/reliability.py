"""The command `gluteal reliability`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from gluteal.cli import DONE, app
from gluteal.cli.options import OUTPUT, Json
from gluteal.cli.output import check_targets, command_line, print_json, say_written, show_progress, standard_output

ENDINGS = (".html", ".csv")
_TABLE = Group("What the table holds", sort_key=1)


@app.command(name="reliability", help_epilogue="Example: gluteal reliability onsets.csv --unit ms")
def reliability_command(
    table: Annotated[
        Path,
        Parameter(help="CSV with columns subject, session and value, or one row a subject and one column a session."),
    ],
    /,
    *,
    subject: Annotated[str | None, Parameter(group=_TABLE, help="Column of subjects, if not called so.")] = None,
    session: Annotated[
        str | None, Parameter(group=_TABLE, help="Column of sessions, days, trials or raters, if not called so.")
    ] = None,
    value: Annotated[str | None, Parameter(group=_TABLE, help="Column of values, if not called so.")] = None,
    unit: Annotated[str, Parameter(group=_TABLE, help="Unit of the values.")] = "",
    categories: Annotated[
        str | None,
        Parameter(group=_TABLE, help="Values are categories of two raters: their names in order, such as none,mild."),
    ] = None,
    json_: Json = False,
    out: Annotated[list[Path] | None, Parameter(group=OUTPUT, help="Write an .html or .csv file. Repeatable.")] = None,
) -> int:
    """Say how repeatable a measurement is, and which change is more than its error."""
    from gluteal.files import csv_text, write_text

    check_targets(out, ENDINGS)
    with show_progress("Reading and computing"):
        from gluteal.emg.measure.repeated import measure_reliability
        from gluteal.emg.measure.repeated_file import load_repeated

        names = tuple(name.strip() for name in categories.split(",")) if categories is not None else ()
        measures = load_repeated(table, subject=subject, session=session, value=value, unit=unit, categories=names)
        found = measure_reliability(measures)
    for path in out or []:
        with show_progress(f"Writing {path.name}"):
            if path.suffix.lower() == ".html":
                from gluteal.show.pages.reliability import save_reliability

                save_reliability(path, found, command=command_line())
            else:
                write_text(path, csv_text(found.to_table()))
    if json_:
        print_json(found.to_json())
    else:
        from gluteal.show.terminal.outcome import show_rows

        show_rows(standard_output(), found.to_rows())
        for sentence in found.sentences:
            standard_output().print(f"· {sentence}", highlight=False, markup=False)
    say_written(out)
    return DONE

"""The command `gluteal reliability`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Group, Parameter

from gluteal.cli import DONE, Json, _command_line, _print_json, _progress, _say_written, _stdout

ENDINGS = (".html", ".csv")
_TABLE = Group("What the table holds", sort_key=1)
_OUTPUT = Group("Output", sort_key=2)


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(
        reliability_command, name="reliability", help_epilogue="Example: gluteal reliability onsets.csv --unit ms"
    )


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
    out: Annotated[list[Path] | None, Parameter(group=_OUTPUT, help="Write an .html or .csv file. Repeatable.")] = None,
) -> int:
    """Say how repeatable a measurement is, and which change is more than its error."""
    from gluteal.files import check_target, write_text

    for path in out or []:
        check_target(path, ENDINGS)
    with _progress("Reading and computing"):
        from gluteal.emg.measure.repeated import measure_reliability
        from gluteal.emg.measure.repeated_file import load_repeated

        names = tuple(name.strip() for name in categories.split(",")) if categories is not None else ()
        measures = load_repeated(table, subject=subject, session=session, value=value, unit=unit, categories=names)
        found = measure_reliability(measures)
    for path in out or []:
        with _progress(f"Writing {path.name}"):
            if path.suffix.lower() == ".html":
                from gluteal.show.pages.reliability import save_reliability

                save_reliability(path, found, command=_command_line())
            else:
                write_text(path, found.to_table().to_csv(index=False, lineterminator="\n"))
    if json_:
        _print_json(found.to_json())
    else:
        from gluteal.show.terminal.outcome import show_rows

        show_rows(_stdout(), found.to_rows())
        for sentence in found.sentences:
            _stdout().print(f"· {sentence}", highlight=False, markup=False)
    _say_written(out)
    return DONE

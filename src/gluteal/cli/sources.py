"""The command `gluteal sources`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.options import Json, Out
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
    from gluteal.show.pages.report import Report


@app.command(name="sources", help_epilogue="Example: gluteal sources raabe2016")
def sources_command(
    text: Annotated[
        str, Parameter(help="Only numbers with it in name, meaning or source: a room, a study's key, an author.")
    ] = "",
    /,
    *,
    unread: Annotated[bool, Parameter(help="Only numbers that nobody read at their source.")] = False,
    json_: Json = False,
    out: Out = None,
) -> int:
    """List every number with its source, the place in it, and how far that was read.

    Examples: gluteal sources; gluteal sources raabe2016; gluteal sources outcome --unread.
    """
    check_targets(out)
    with show_progress("Reading"):
        from gluteal.show.terminal.sources import say_value, show_sources
        from gluteal.sources.listing import list_sources, say_counts

        rows = list_sources(text, unread=unread)
    sentence = say_counts(rows)
    title = f"Sources: {text}" if text else "Sources of every number"

    def page() -> Report:
        from gluteal.show.pages.sources import report_sources

        return report_sources(text, rows, command=command_line())

    write_rows(out, [{**row, "value": say_value(row["value"])} for row in rows], title, report=page)
    if json_:
        print_json(rows)
    else:
        show_sources(standard_output(), rows)
        standard_output().print(sentence, highlight=False)
    say_written(out)
    return DONE

"""The command `gluteal sources`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from gluteal.cli import DONE, Json, Out, _check_targets, _print_json, _progress, _save, _say_written, _stdout


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(sources, help_epilogue="Example: gluteal sources raabe2016")


def sources(
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
    _check_targets(out)
    with _progress("Reading"):
        from gluteal.show.terminal.sources import say_value, show_sources
        from gluteal.sources.listing import list_sources, say_counts

        rows = list_sources(text, unread=unread)
    sentence = say_counts(rows)
    title = f"Sources: {text}" if text else "Sources of every number"
    _save(out, [{**row, "value": say_value(row["value"])} for row in rows], title, sentence)
    if json_:
        _print_json(rows)
    else:
        show_sources(_stdout(), rows)
        _stdout().print(sentence, highlight=False)
    _say_written(out)
    return DONE

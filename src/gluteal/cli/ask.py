"""The command `gluteal ask`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import CANNOT_JUDGE, COMMANDS, DONE, app
from gluteal.cli.options import Json, ReportOut
from gluteal.cli.output import check_targets, command_line, print_json, say_written, standard_output

if TYPE_CHECKING:
    from gluteal.ledger.ask.known import Known


@app.command(name="ask", help_epilogue='Example: gluteal ask "do my glutes matter when I walk?"')
def ask_command(
    *words: Annotated[str, Parameter(help="The question, in your own words.")],
    json_: Json = False,
    out: ReportOut = None,
) -> int:
    """Find the claims nearest to a question, with their plain answers, and what to read or try next.

    Nothing is sent anywhere. Exits with 4 where nothing in the ledger is near to the question.
    """
    from gluteal.ledger.ask.answer import answer_question

    check_targets(out, (".html",))
    answers = answer_question(" ".join(words), _list_commands())
    for path in out or []:
        from gluteal.show.pages.asked import report_answers
        from gluteal.show.pages.report import write_report

        write_report(path, report_answers(answers, command=command_line()))
    if json_:
        print_json(answers.to_json())
    else:
        from gluteal.show.terminal.ask import show_answers

        show_answers(standard_output(), answers)
    say_written(out)
    return DONE if answers.found else CANNOT_JUDGE


def _list_commands() -> list[Known]:
    """Return every command with the first line of its help."""
    import importlib

    from gluteal.ledger.ask.known import Known

    for module in COMMANDS:
        importlib.import_module(f"gluteal.cli.{module}")
    names = [name for name in app if not name.startswith("-") and name != "ask"]
    return [Known("command", name, (app[name].help or "").strip().partition("\n")[0], name) for name in names]

"""The command `gluteal trial`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from gluteal.cli import BAD_INPUT, DONE, app
from gluteal.cli.inputs import find_body
from gluteal.cli.options import OUTPUT, BodyName, Json, ReportOut
from gluteal.cli.output import (
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
)
from gluteal.errors import InputError
from gluteal.files import expand_user


@app.command(name="trial", help_epilogue="Example: gluteal trial recordings/walk --write walk.toml")
def trial_command(
    folder: Annotated[Path, Parameter(help="A folder, a table of coordinates (.mot, .sto), or a trial's .toml file.")],
    /,
    *,
    body: BodyName = None,
    write: Annotated[
        Path | None, Parameter(group=OUTPUT, help="Write a .toml file that repeats exactly what was found.")
    ] = None,
    json_: Json = False,
    out: ReportOut = None,
) -> int:
    """Say what a measured trial is made of: what was found, what guessed and why, what left aside."""
    check_targets(out, (".html",))
    target = _check_new(write) if write else None
    if not expand_user(folder).exists():
        raise InputError(f"There is no folder or file {str(folder)!r}; check the path.")
    with show_progress("Looking"):
        from gluteal.movements.trials.description import describe_trial

        found = describe_trial(folder, body=None if body is None else find_body(body), try_out=True)
    if target:
        from gluteal.files import write_text

        write_text(target, found.to_toml(target.parent))
    for path in out or []:
        from gluteal.show.pages.report import write_report
        from gluteal.show.pages.trial import report_trial

        write_report(path, report_trial(found, command=command_line()))
    if json_:
        print_json(found.to_json())
    else:
        from gluteal.show.terminal.trial import show_trial

        show_trial(standard_output(), found)
    say_written([*([target] if target else []), *(out or [])])
    for problem in found.problems:
        print(f"gluteal: {problem}", file=sys.stderr)
    return BAD_INPUT if found.problems else DONE


def _check_new(path: Path) -> Path:
    """Return where to write; a file that is there was written by somebody, perhaps by hand, and stays."""
    from gluteal.files import check_target

    target = check_target(path, (".toml",))
    if target.exists():
        raise InputError(f"There already is a file {str(path)!r}; give another name, or delete it first.")
    return target

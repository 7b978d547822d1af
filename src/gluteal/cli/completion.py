"""The command `gluteal --install-completion`."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.output import say_written
from gluteal.errors import InputError

Shell = Literal["bash", "zsh", "fish"]


@app.command(
    name="--install-completion",
    group="Setup",
    help_epilogue="Example: gluteal --install-completion --shell bash",
)
def completion_command(
    *, shell: Annotated[Shell | None, Parameter(help="Which shell (default: the one this runs in).")] = None
) -> int:
    """Let your shell complete commands and options (bash, zsh or fish; from the next shell on)."""
    from cyclopts.completion.detect import ShellDetectionError

    try:
        say_written([app.install_completion(shell=shell)])
    except ShellDetectionError:
        raise InputError(
            "Which shell this is cannot be seen; name it, for example: gluteal --install-completion --shell bash."
        ) from None
    return DONE

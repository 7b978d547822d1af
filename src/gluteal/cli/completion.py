"""The command `gluteal --install-completion`."""

from __future__ import annotations

import os
from pathlib import Path
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
    from cyclopts.completion.detect import ShellDetectionError, detect_shell

    unseen = InputError(
        "Which shell this is cannot be seen; name it, for example: gluteal --install-completion --shell bash."
    )
    try:
        chosen = shell or detect_shell()
    except ShellDetectionError:
        raise unseen from None
    if chosen == "powershell":
        raise unseen
    say_written([_install(chosen)])
    return DONE


def _install(shell: Shell) -> Path:
    """Write what completes commands, and the line that a shell reads when it starts; return the former's file."""
    from cyclopts.completion.install import get_default_completion_path

    from gluteal.files import check_target, read_kept, write_bytes, write_text

    try:
        home, place = Path.home(), get_default_completion_path(shell, app.name[0])
    except RuntimeError as error:
        raise InputError("You have no home folder, where shells look for such a file; set HOME.") from error
    if shell == "fish" or (shell == "zsh" and not place.is_relative_to(home / ".zsh")):  # it looks there by itself
        write_text(place, app.generate_completion(shell=shell))
        return place
    # Both before any is written.
    check_target(place)
    start = check_target(home / f".{shell}rc")
    before = read_kept(start) if start.exists() else b""
    if before is None:
        raise InputError(f"{str(start)!r} cannot be read, so nothing was added to it; check its permissions.")
    write_text(place, app.generate_completion(shell=shell))
    if shell == "bash":
        line = os.fsencode(f'[ -f "{place}" ] && . "{place}"\n')
        after = (
            before + (b"" if before.endswith(b"\n") or not before else b"\n") + b"# Load gluteal completion\n" + line
        )
    else:  # before compinit is called
        line = os.fsencode(f"fpath=({place.parent} $fpath)\n")
        after = b"# gluteal completions\n" + line + before
    if line not in before:
        write_bytes(start, after)
    return place

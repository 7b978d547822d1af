"""The command line: parse, call, print. Everything here can be done in Python with the same names.

In: every room below. Out: computing. One file per command; `options`, `condition` and `inputs` hold what commands
read, `output` what they print and write, `stopping` how a run is ended from outside.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from gluteal import __version__
from gluteal.cli.options import Verbose, as_written
from gluteal.cli.output import ARGUMENTS, spoken
from gluteal.cli.settings import blame_settings, settle_environment
from gluteal.cli.stopping import stop_code, tidy_when_stopped
from gluteal.errors import GlutealError, NotJudged, Unsolved
from gluteal.files import remembered_inputs, short_sentence, terminal_text

# How a run ends, as its exit code.
DONE = 0
OUR_ERROR = 1
BAD_INPUT = 2  # or bad usage
SCIENTIFIC_NO = 3  # the movement is impossible, the claim is contradicted
CANNOT_JUDGE = 4
#: What the shell reports for a program stopped by Ctrl-C, or by a reader that went away.
INTERRUPTED, PIPE_CLOSED = 130, 141

_NO_MEMORY = "this needs more memory than there is; close other programs, or give a shorter or smaller file."

#: Modules with a command each.
COMMANDS = (
    "adapt",
    "ask",
    "claims",
    "completion",
    "delays",
    "doctor",
    "emg",
    "endurance",
    "exercises",
    "listing",
    "plan",
    "reliability",
    "see",
    "simulate",
    "sources",
    "strength",
    "study",
    "tolerance",
    "trial",
)
#: Where a command's module is not called as it is.
_MODULES = {"list": "listing"}
#: The parser hands everything back: what to print and how to end is decided here.
_HANDED_BACK: dict[str, Any] = {"exit_on_error": False, "print_error": False, "result_action": "return_value"}

app = App(
    name="gluteal",
    help="Weaken, block, inhibit or delay a muscle; see who takes over and whether the movement still works.",
    version=__version__,
    default_parameter=Parameter(negative=(), consume_multiple=False, converter=as_written),
    help_epilogue='Example: gluteal simulate single-leg-stance --nerve "superior gluteal"=0.52 --side r',
    suppress_keyboard_interrupt=False,
)
# The app around it, which takes the options of every command, does not inherit this.
app.meta.suppress_keyboard_interrupt = False


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    verbose: Verbose = False,
) -> Any:
    """Take the options of every command, then run the one that was asked for."""
    with spoken(verbose):
        return app(tokens, **_HANDED_BACK)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `arguments` default to those of the process."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    ARGUMENTS[:] = tokens
    _prepare_streams()
    try:
        settle_environment()
        _register_commands(tokens[0] if tokens else "")
        with remembered_inputs(), tidy_when_stopped():
            result = app.meta(tokens, **_HANDED_BACK)
            sys.stdout.flush()
        return result if isinstance(result, int) else DONE
    except UnusedCliTokensError as error:
        words = ", ".join(map(repr, error.unused_tokens or ()))
        return _fail(f"{words} is more than this command takes. See gluteal --help.", BAD_INPUT)
    except CycloptsError as error:
        return _fail(f"{error} See gluteal --help.", BAD_INPUT)
    except NotJudged as error:
        return _fail(f"this cannot be judged yet. {error}", CANNOT_JUDGE)
    except Unsolved as error:
        return _fail(str(error), OUR_ERROR)
    except GlutealError as error:
        return _fail(blame_settings(error.__cause__) or str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _fail("stopped.", INTERRUPTED)
    except BrokenPipeError:
        # The reader went away; give the interpreter's last flush somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except SystemExit as error:
        if (ended := stop_code()) is not None:
            return _fail("stopped.", ended)
        if error.code != 1:
            raise
        return PIPE_CLOSED  # the reader of a help text went away
    except MemoryError:
        return _fail(_NO_MEMORY, BAD_INPUT)
    except OSError as error:
        # Other programs wrap what the system said in words of their own, without its number.
        told = error.__cause__ if error.errno is None else error
        if not isinstance(told, OSError) or told.errno is None:
            return _fail_ours(error)
        where = f"{told.filename}: " if told.filename else ""
        return _fail(f"{where}{told.strerror}; check that file or folder, and the room on its disk.", BAD_INPUT)
    except Exception as error:
        if isinstance(error, ImportError) and "failed to map segment" in str(error):
            return _fail(_NO_MEMORY, BAD_INPUT)
        if said := blame_settings(error):
            return _fail(said, BAD_INPUT)
        ended = stop_code()
        return _fail_ours(error) if ended is None else _fail("stopped.", ended)


def _fail_ours(error: Exception) -> int:
    if os.environ.get("GLUTEAL_DEBUG"):
        traceback.print_exc()
    return _fail(
        f"this is our mistake, not yours ({type(error).__name__}: {error}). Please report it with the "
        "command line to the project's issue tracker; GLUTEAL_DEBUG=1 shows where it happened.",
        OUR_ERROR,
    )


def _register_commands(word: str) -> None:
    """Import the module of a command, which adds its own to `app`; all of them where the word is none."""
    module = _MODULES.get(word, word)
    for name in (module,) if module in COMMANDS else COMMANDS:
        importlib.import_module(f"gluteal.cli.{name}")


def _fail(sentence: str, code: int) -> int:
    with suppress(OSError):
        print(terminal_text(short_sentence(f"gluteal: {sentence}")), file=sys.stderr)
    return code


def _prepare_streams() -> None:
    """Let every sentence be printed: a closed stream swallows it, one that lacks a character shows its code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - while the process lives
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

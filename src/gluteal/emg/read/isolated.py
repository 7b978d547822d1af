"""Libraries that trust their files, run in a process of their own: a damaged file ends that one only."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from gluteal.errors import InputError

#: Looking into a recording takes a second, on a busy machine some; one that takes this long (s) is damaged.
LONGEST_LOOK = 60.0
# The last line of a Python error that says something of the file; of others (AttributeError) only programmers know
# what they mean.
_RAISED = re.compile(r"([\w.]+\.)?(?:(?!Attribute|Type|Key|Index|Name|Recursion|Assertion|System)\w+): (.+)")
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run_program(program: str, path: Path, *arguments: str, kind: str) -> Any:
    """Run a program beside this module on a file, and return the JSON it prints.

    Parameters
    ----------
    program : str
        File name of the program.
    path : Path
        The recording, its first argument.
    *arguments : str
        Further arguments.
    kind : str
        What the recording should be ("HDF5"), for messages.

    Raises
    ------
    InputError
        Where the program fails, is ended by the system, or does not end in time.
    """
    command = [sys.executable, str(Path(__file__).with_name(program)), str(path.resolve()), *arguments]
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_LOOK, env=environment, check=True)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{path.name} is very large or damaged: looking into it as {kind} took more than {LONGEST_LOOK:g} s. "
            "Export it in parts, or as EDF or CSV."
        ) from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raised = _RAISED.fullmatch(lines[-1]) if lines and error.returncode > 0 else None
        raise damaged(path, kind, raised[2] if raised else "the library that reads it broke off") from error
    except ValueError as error:
        raise damaged(path, kind, "its names are not readable") from error


def damaged(path: Path, kind: str, why: str) -> InputError:
    """Return the error of a file that its library could not read."""
    return InputError(f"{path.name} is a damaged {kind} file ({' '.join(why.split())[:160]}); save it again.")

"""Compile every kernel once, in one process, into the cache beside them; run as a program.

Processes that compile side by side link each other's half-filled cache, and what is inlined where then differs between
them: the same problem gives other last digits, and tests that compare bits fail on a first run only.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import gluteal

KERNELS = Path(gluteal.__file__).parent / "kernels" / "__pycache__"
STANCE = ("single-leg-stance", "--nerve", "superior gluteal=1")
COMMANDS = (
    ("simulate", *STANCE, "--spread", "20", "--out", "report.html"),
    ("simulate", *STANCE, "--exponent", "3"),
    ("tolerance", "single-leg-stance", "glmed"),
    ("strength", "hip abduction"),
    ("emg", "--demo"),
)


def compile_if_cold() -> None:
    """Fill the cache where it is empty, in a process of its own."""
    if not any(KERNELS.glob("*.nbi")):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(Path(__file__).resolve())], cwd=folder, check=True)


if __name__ == "__main__":
    from gluteal.cli import main

    for command in COMMANDS:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main([*command, "--json"])

"""The command `gluteal emg` as tests run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gluteal.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Return code, output and words of the command."""
    code = main(["emg", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def result(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    """Return the JSON of a run that succeeds."""
    code, out, err = run(capsys, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)

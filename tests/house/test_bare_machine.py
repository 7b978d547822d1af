"""Installed where nothing can be written, run by somebody without a home: answers come all the same."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gluteal

#: Somebody whom no list of users knows, as in a container that was given a number.
NOBODY = 54321
_RUN = "import sys; from gluteal.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the package in which nothing can be written, without byte code."""
    folder = tmp_path_factory.mktemp("installed")
    package = folder / "gluteal"
    shutil.copytree(Path(gluteal.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (package, *package.rglob("*")):
        path.chmod(0o555 if path.is_dir() or path.suffix in (".so", ".dylib") else 0o444)
    yield folder
    for path in (package, *package.rglob("*")):
        path.chmod(stat.S_IRWXU)


def as_stranger() -> list[str]:
    """Return what runs a command as `NOBODY`, who may read this machine's Python and write nowhere.

    Somebody who is not root is a stranger already: to the copy, which is read-only, and without a home.
    """
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv (util-linux) to become somebody else")
    may = [f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *may]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="users have numbers on POSIX alone")
@pytest.mark.parametrize("spoilt", [False, True], ids=["as shipped", "its answers spoilt"])
def test_a_stranger_without_a_home_gets_answers(spoilt: bool, read_only: Path) -> None:
    """No home, no cache, no byte code, an unknown user; also where the answers that came with it are unreadable."""
    archive = read_only / "gluteal" / "engines" / "answers.zip"
    kept = archive.read_bytes()
    if spoilt:
        archive.chmod(0o644)
        archive.write_bytes(b"PK spoilt")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(read_only), "HOME": "/nonexistent"}
    try:
        done = subprocess.run(
            [*as_stranger(), sys.executable, "-c", _RUN, "simulate", "single-leg-stance", "--json"],
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=300,
        )
    finally:
        if spoilt:
            archive.write_bytes(kept)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "unchanged"
    assert not list((read_only / "gluteal").rglob("__pycache__"))

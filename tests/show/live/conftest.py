"""What the tests of the live page share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.browser import run_browser
from tests.helpers.packages import in_ci, needs_program

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, offline in every page that `tests.helpers.browser.opened` opens."""
    yield from run_browser()


@pytest.fixture(scope="session")
def axe(web: Path) -> str:
    """The rules that every page keeps."""
    return (web / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of web/ with the packages of its lock file."""
    npm = needs_program("npm", "npm")
    folder = tmp_path_factory.mktemp("web") / "web"
    shutil.copytree(ROOT / "web", folder, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True
    )
    if done.returncode and not in_ci():
        pytest.skip("npm could not install the packages of web/package-lock.json")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def contract(web: Path) -> Path:
    """The solver of the page as a program for Node."""
    out = web / "contract.mjs"
    subprocess.run(["npm", "run", "--silent", "contract", "--", f"--outfile={out}"], cwd=web, check=True)
    return out

"""What the tests of the live page share."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.helpers.packages import in_ci, needs_program

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
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

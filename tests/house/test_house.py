"""The house itself: lint, types, layers, packages, and one line that sets all of it up."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.helpers.packages import EXTRAS, needs

import gluteal

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        pytest.param(["-m", "mypy"], marks=pytest.mark.slow),
        ["-c", "from importlinter.cli import lint_imports_command as f; f()"],
    ],
    ids=["lint", "format", "types", "layers"],
)
def test_the_house_is_clean(command: list[str]) -> None:
    """Lint, formatting, types and the layer contract hold; the output says what does not."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ci_runs_the_readme_line() -> None:
    """CI sets up and tests with the very line the README gives to people."""
    lines = re.findall(r"^(python3 -m venv .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    test_lines = [line for line in lines if line.endswith("pytest")]
    assert len(test_lines) == 1
    assert test_lines[0] in (ROOT / ".ci" / "run").read_text().splitlines()


def test_the_version_stands_in_one_place() -> None:
    """The package says it; what is installed was built with it, and nobody keeps a copy by hand."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "version" in project["dynamic"] and "version" not in project
    assert version("gluteal") == gluteal.__version__
    assert not re.search(r"^version:", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)


@pytest.mark.parametrize("package", EXTRAS)
def test_a_missing_package_is_a_skip_on_a_laptop_and_a_failure_in_ci(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words name the install line, whose extra exists and brings the package."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert any(re.match(rf"{package}\b", line) for line in extras[EXTRAS[package]])
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=rf"install it with: pip install '\.\[{EXTRAS[package]}\]'"):
        needs(package)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"{package} cannot be imported .* CI leaves nothing out"):
        needs(package)


def test_no_test_skips_a_missing_package_by_itself() -> None:
    """Every test that can do without a package asks `needs`, which fails in CI."""
    word = "import" + "orskip"
    assert [p.name for p in sorted((ROOT / "tests").rglob("*.py")) if word in p.read_text(encoding="utf-8")] == []


def test_no_machine_path_in_the_tree() -> None:
    """Nothing in the repository names a path of the machine it was written on."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout
    pattern = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:work|root|home)/")
    named = [
        f
        for f in files.split("\0")
        if f.endswith((".py", ".md", ".toml", ".yaml", ".csv", ".cff", "run"))
        and (ROOT / f).is_file()
        and pattern.search((ROOT / f).read_text(errors="ignore"))
    ]
    assert named == []


#: Most lines of a file that a person writes: it is read at one sitting. Own choice.
MOST_LINES = 400


def find_long_files(root: Path) -> list[str]:
    """Files of text for machines, below the folders that people write in, that are longer than `MOST_LINES`."""
    return [
        path.relative_to(root).as_posix()
        for folder in ("src", "docs", "benchmarks", "tests")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in (".py", ".c", ".h", ".css") and len(path.read_text("utf-8").splitlines()) > MOST_LINES
    ]


def test_no_file_is_long(tmp_path: Path) -> None:
    """A file of more than 400 lines is two; one planted is seen."""
    assert find_long_files(ROOT) == []
    for name, lines in (("long.py", MOST_LINES + 1), ("whole.c", MOST_LINES), ("long.md", 999)):
        (tmp_path / "tests" / "deep").mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / "deep" / name).write_text("a\n" * lines)
    assert find_long_files(tmp_path) == ["tests/deep/long.py"]

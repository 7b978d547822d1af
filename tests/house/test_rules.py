"""The rules of the house can fail: each rule of imports is broken on purpose in a copy, and names are counted."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from runpy import run_path

import pytest

import gluteal

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "gluteal"
RULES = {
    rule["name"] for rule in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

#: Rule, and the files that break it: path in the package, and its only line.
BREAKS = [
    ("data flows one way", {"attic.py": ""}),
    ("data flows one way", {"outcome/planted.py": "import gluteal.show.pages.outcome"}),
    ("data flows one way", {"ledger/evidence/planted.py": "import gluteal.cli"}),
    (
        "no circles between siblings",
        {"kernels/one.py": "import gluteal.kernels.two", "kernels/two.py": "import gluteal.kernels.one"},
    ),
    ("only engines name an engine", {"movements/planted.py": "import mujoco"}),
    ("only engines name an engine", {"held_against/planted.py": "import opensim"}),
    ("kernels see neither labels nor files", {"kernels/planted.py": "import xarray"}),
    ("a recording flows one way", {"emg/read/planted.py": "import gluteal.emg.analysis.run"}),
    ("the ledger flows one way", {"ledger/evidence/planted.py": "import gluteal.ledger.run"}),
    (
        "measuring, weighing and moving know nothing of one another",
        {"emg/read/planted.py": "import gluteal.mechanics.body"},
    ),
    (
        "measuring, weighing and moving know nothing of one another",
        {"ledger/evidence/planted.py": "import gluteal.sharing.problem"},
    ),
]

#: Names that several modules may share, with the reason.
SHARED = {
    # An engine is a module with these functions; `engines` hands each call to the body's own.
    "load": "engine",
    "compute_geometry": "engine",
    "compute_lines": "engine",
    "compute_picture": "engine",
    "compute_moving_picture": "engine",
    "segment_names": "engine",
    "segment_points": "engine",
    "centre_of_mass": "engine",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its rules in a folder of their own."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(SOURCE, folder / "src" / "gluteal", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def check_rules(folder: Path) -> tuple[int, str]:
    """Return import-linter's exit code and words for the package in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as f; f()"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("rule", "files"), BREAKS, ids=lambda given: given if isinstance(given, str) else ", ".join(given)
)
def test_each_rule_of_imports_can_be_broken(copy: Path, rule: str, files: dict[str, str]) -> None:
    """The planted import is refused by the rule that stands for it; the copy is clean without it."""
    planted = [copy / "src" / "gluteal" / name for name in files]
    for path, line in zip(planted, files.values(), strict=True):
        path.write_text(f'"""Planted."""\n{line}\n')
    code, words = check_rules(copy)
    for path in planted:
        path.unlink()
    assert code == 1 and f"{rule} BROKEN" in words, words


def test_the_copy_is_clean(copy: Path) -> None:
    """What the planted imports break is whole without them."""
    code, words = check_rules(copy)
    assert code == 0 and f"{len(RULES)} kept, 0 broken" in words, words


def test_every_rule_of_imports_is_broken_once() -> None:
    """A new rule comes with an import that breaks it."""
    assert {rule for rule, _ in BREAKS} == RULES


def find_twins(folder: Path) -> dict[str, list[str]]:
    """Public functions, classes and names of types that two or more modules of a package define under one name."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
            if isinstance(node, ast.Assign):
                # A name of a type is written as a class is: `Sides = Literal[...]`, unlike a constant.
                names = [
                    t.id for t in node.targets if isinstance(t, ast.Name) and t.id[0].isupper() and not t.id.isupper()
                ]
            for name in names:
                if not name.startswith("_"):
                    found[name].append(path.relative_to(folder).as_posix())
    return {name: places for name, places in found.items() if len(places) > 1}


def without(twins: dict[str, list[str]], names: Iterable[str]) -> dict[str, list[str]]:
    """Leave out the names that may be shared."""
    return {name: places for name, places in twins.items() if name not in set(names)}


def test_one_name_means_one_thing() -> None:
    """No two public functions or classes of the package share a name, and no exception outlives its use."""
    twins = find_twins(SOURCE)
    assert without(twins, SHARED) == {}
    assert set(SHARED) <= set(twins)


def test_a_twin_is_found(tmp_path: Path) -> None:
    """The count sees what it is for."""
    (tmp_path / "one.py").write_text("def measure(): ...\ndef _own(): ...\nSide = int\nMOST = 1\n")
    (tmp_path / "two.py").write_text("class measure: ...\ndef _own(): ...\nclass Side: ...\nMOST = 2\n")
    assert find_twins(tmp_path) == {"measure": ["one.py", "two.py"], "Side": ["one.py", "two.py"]}


def test_public_names_are_things_to_call() -> None:
    """Each name of `gluteal` can be used whatever was imported before: none is hidden by a room of the same name."""
    for _ in range(2):
        for name in set(gluteal.__all__) - {"__version__"}:
            assert callable(getattr(gluteal, name)), name


def test_the_drawing_shows_the_house_that_is_there() -> None:
    """docs/pictures/house.svg is what its generator draws from the import rules; every room has its row."""
    drawn = run_path(str(ROOT / "docs" / "make_house.py"))
    assert (ROOT / "docs" / "pictures" / "house.svg").read_text(encoding="utf-8") == drawn["draw"]()
    rooms = {room for floor in drawn["floors"]() for room in floor}
    here = {p.stem for p in (ROOT / "src" / "gluteal").iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert rooms == here - {"__init__"}


def test_every_room_says_what_may_not_enter() -> None:
    """The first words of a room: what lives there, and what stays out."""
    silent = [
        str(p.relative_to(SOURCE).parent)
        for p in SOURCE.rglob("__init__.py")
        if not {"In:", "Out:"} <= set((ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))) or "").split())
    ]
    # The front door, and parts of a room that are one topic of its experiments.
    assert set(silent) <= {".", *(f"ledger/experiments/{topic}" for topic in ("postures", "recorded", "walking"))}

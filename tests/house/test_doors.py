"""Every capability has a door: whatever is public is used by the package, exported, or a command."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import gluteal

SOURCE = Path(gluteal.__file__).parent
#: Public functions whose only callers stand outside the package, each with its reason.
ELSEWHERE = {
    "json_schemas": "docs/make_schemas.py, run by a test",
    "check_rows": "the tests, which hold every table of parameters to one schema",
    "certify_frames": "judges solutions of other solvers, with which the tests hold ours to theirs",
    "keep_texts": "docs/make_answers.py",
    "keep_foretold": "docs/make_answers.py",
    "review_studies": "docs/make_study_tables.py, run by a test",
}


def unused(source: Path, exported: set[str]) -> set[str]:
    """Return the public top-level functions under `source` that are named nowhere but where they are defined.

    A name counts as used where it is read or imported anywhere in the package, so that only what is certainly dead is
    found: a function whose name means something else elsewhere is not.
    """
    defined: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                # One that is registered by its decorator is a command.
                defined[node.name] += not node.decorator_list or _is_cached(node)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                named[node.id] += 1
            elif isinstance(node, ast.Attribute):
                named[node.attr] += 1
    return {name for name, count in defined.items() if count and not named[name] and name not in exported}


def _is_cached(node: ast.FunctionDef) -> bool:
    return all("cache" in ast.unparse(d) or "jit" in ast.unparse(d) for d in node.decorator_list)


def test_every_public_function_has_a_door() -> None:
    """Called or handed on somewhere in the package, exported by it, or a command; else listed above with its reason."""
    dead = unused(SOURCE, {*gluteal.__all__, *gluteal.pain.__all__})
    assert dead - set(ELSEWHERE) == set(), "give each a door (a command, an export, a caller), or take it out"
    assert set(ELSEWHERE) <= dead, "these have a door by now; take them off the list"


def test_the_search_finds_a_planted_one(tmp_path: Path) -> None:
    """A function nobody calls is found; one called by another, exported, cached or private is not."""
    (tmp_path / "a.py").write_text(
        "from functools import cache\n"
        "def called(): return 1\n"
        "def exported(): return called()\n"
        "def dead(): return 2\n"
        "@cache\n"
        "def dead_and_cached(): return 3\n"
        "@app.command\n"
        "def command(): return 4\n"
        "def _private(): return 5\n",
        encoding="utf-8",
    )
    (tmp_path / "b.py").write_text("from a import dead\n", encoding="utf-8")
    assert unused(tmp_path, {"exported"}) == {"dead", "dead_and_cached"}

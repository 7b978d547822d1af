"""The pages tell the truth: names, paths, links and commands on them exist, and the code that they show runs."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from cyclopts import CycloptsError, MissingArgumentError

import gluteal
from gluteal.cli import COMMANDS, app
from gluteal.emg.session.demo import write_demo
from gluteal.ledger.evidence.load import load_evidence

ROOT = Path(__file__).parents[2]
PAGES = [f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY", "RELEASING", "CODE_OF_CONDUCT")]
#: Folders of pages that people write.
FOLDERS = ("docs", "docs/learn", "docs/guides", "docs/notebooks")
PAGES += sorted(f"{folder}/{page.name}" for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))
#: Where a path on a page may start, beside the folder of the page itself.
STARTS = (ROOT, ROOT / "src", ROOT / "src" / "gluteal")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def quoted(text: str) -> Iterator[str]:
    """What stands in single back-quotes outside of blocks of code, over the ends of lines."""
    for found in re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)):
        yield " ".join(found.split())


def blocks(text: str, *languages: str) -> list[str]:
    """Blocks of code in these languages, an empty one for none."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [code for language, code in found if language in languages]


def exists(name: str) -> bool:
    """Whether a dotted name is a module or stands in one."""
    here: Any = None
    parts = name.split(".")
    for i, part in enumerate(parts):
        if here is not None and hasattr(here, part):
            here = getattr(here, part)
            continue
        try:
            here = importlib.import_module(".".join(parts[: i + 1]))
        except ModuleNotFoundError:
            return False
    return True


def missing_names(text: str) -> set[str]:
    """Dotted names of the package, anywhere in the text, and what its code imports, that are not there."""
    named = set(re.findall(r"(?<![\w./-])gluteal(?:\.\w+)+", text))
    for module, names in re.findall(r"^(?:>>> )? *from (gluteal[\w.]*) import ([\w, ]+)", text, re.MULTILINE):
        named |= {f"{module}.{name.strip()}" for name in names.split(",")}
    named |= set(re.findall(r"(?<=python -m )[\w.]+(?=[ `\n])", text)) - {"venv", "pytest", "pip", "build"}
    return {name for name in named if not exists(name)}


def missing_paths(text: str) -> set[str]:
    """Paths in back-quotes whose first folder is one of the repository or package, and that are not there."""
    folders = {child.name for start in STARTS for child in start.iterdir() if child.is_dir()}
    paths = {p for p in quoted(text) if re.fullmatch(r"[\w.*/-]+/[\w.*/-]*", p) and p.split("/")[0] in folders}
    return {p for p in paths if not any(list(start.glob(p.rstrip("/"))) for start in STARTS)}


def missing_links(page: str, text: str) -> set[str]:
    """Links to files, and to headings in them, that are not there.

    Pages of claims are made by the build of the site, which holds every link of them to its target; here the claim has
    to be one.
    """
    lost, claims = set(), {"index", *(claim.id for claim in load_evidence().claims)}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        name, _, heading = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        if path.parent.resolve() == ROOT / "docs" / "claims" and path.stem in claims:
            continue
        if not path.exists() or (heading and heading not in anchors(path.read_text(encoding="utf-8"))):
            lost.add(target)
    return lost


def anchors(text: str) -> set[str]:
    """What a link may name in a page: its headings, in lower case, spaces as dashes."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def command_of(line: str) -> str | None:
    """What follows `gluteal` in a line that calls it."""
    found = re.match(r"\s*(?:\.venv/bin/)?gluteal (.+)", line)
    return found[1] if found else None


def wrong_commands(text: str) -> dict[str, str]:
    """Commands that the command line does not take, with what it says of them; in a sentence one may be cut short."""
    lines = {line: False for code in blocks(text, "", "sh") for line in re.split(r"\n|&&", code)}
    lines |= dict.fromkeys(quoted(text), True)
    wrong = {}
    for line, in_a_sentence in lines.items():
        if command := command_of(line):
            try:
                app.parse_args(shlex.split(command, comments=True), exit_on_error=False, print_error=False)
            except MissingArgumentError as error:
                if not in_a_sentence:
                    wrong[command] = str(error)
            except CycloptsError as error:
                wrong[command] = str(error)
    return wrong


def benchmark_options() -> set[str]:
    """Options of the benchmarks, which are commands of their own."""
    scripts = (path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").rglob("*.py"))
    return {name for script in scripts for name in re.findall(r'add_argument\(\s*"(--[\w-]+)"', script)}


def wrong_options(text: str) -> set[str]:
    """Options in back-quotes by themselves, as `--json`, that neither a command nor a benchmark takes."""
    known = {"--verbose", *(name for name in app if name.startswith("--")), *benchmark_options()}
    for name in app:
        if not name.startswith("-"):
            known |= {n for argument in app[name].assemble_argument_collection() for n in argument.names}
    return {q for q in quoted(text) if (m := re.match(r"--[\w-]+", q)) and m[0] not in known}


@pytest.fixture(scope="module", autouse=True)
def _commands() -> None:
    for name in COMMANDS:
        importlib.import_module(f"gluteal.cli.{name}")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    """Names of the package, paths, links, and commands with their options."""
    text = read(page)
    assert missing_names(text) == set()
    assert missing_paths(text) == set()
    assert missing_links(page, text) == set()
    assert wrong_commands(text) == {}
    assert wrong_options(text) == set()


def test_the_pages_name_much() -> None:
    """The searches find what they are for: on all pages together there is a lot of each."""
    text = "\n".join(map(read, PAGES))
    assert len(set(re.findall(r"gluteal(?:\.\w+)+", text))) > 40
    assert sum(command_of(line) is not None for line in quoted(text)) > 30


@pytest.mark.parametrize(
    ("find", "planted"),
    [
        (missing_names, "as `gluteal.solve_recruitment` poses it"),
        (missing_names, "from gluteal.simulate.uncertainty import compute_spread\n"),
        (missing_names, "`python -m benchmarks.lost`"),
        (missing_paths, "see `tests/lost.py`"),
        (missing_paths, "in `anatomy/lost.csv`"),
        (lambda text: missing_links("README.md", text), "[sources](docs/lost.md)"),
        (lambda text: missing_links("docs/tasks.md", text), "[the file](#the-lost-file)"),
        (wrong_commands, "`gluteal simulate walk\n--lost`"),
        (wrong_commands, "```sh\ngluteal lost walk  # a command\n```\n"),
        (wrong_commands, "```sh\ngluteal simulate --json\n```\n"),
        (wrong_options, "with `--lost 3`"),
    ],
)
def test_what_is_stale_is_found(find: Callable[[str], object], planted: str) -> None:
    """Each search finds one that is planted."""
    assert find(planted)


# --- code ---------------------------------------------------------------------------------------------

#: Pages whose code a test of their own room runs, beside what else it holds them to.
ELSEWHERE = {
    "CONTRIBUTING.md": "tests/house/test_contributing.py",
    "docs/emg-measures.md": "tests/emg/test_order.py",
    "docs/ledger.md": "tests/ledger/test_ledger.py",
    "docs/studies.md": "tests/simulate/test_study.py",
    "docs/study-planning.md": "tests/ledger/test_planning.py",
    "docs/trials.md": "tests/movements/test_describing.py",
}


def give_outcome() -> dict[str, Any]:
    body = gluteal.load_body("myo")
    block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
    return {"gluteal": gluteal, "body": body, "stance": gluteal.load_task("single-leg-stance", body), "block": block}


def give_recording() -> dict[str, Any]:
    """Two seconds at 2 kHz with a burst from 0.8 s on."""
    emg = np.random.default_rng(1).standard_normal(4000)
    emg[1600:2400] *= 20.0
    return {"emg": emg}


def give_session() -> dict[str, Any]:
    write_demo(Path.cwd())
    return {}


def give_evidence() -> dict[str, Any]:
    (example,) = blocks(read("docs/evidence.md"), "yaml")
    Path("mine.yaml").write_text(example, encoding="utf-8")
    Path("library.bib").write_text("@article{roe2024, title = {Made up}, author = {Roe, J}, year = 2024}", "utf-8")
    return {}


def give_task() -> dict[str, Any]:
    (example,) = blocks(read("docs/tasks.md"), "toml")
    Path("my-squat.toml").write_text(example, encoding="utf-8")
    return {}


#: What a page's code asks its reader to have at hand.
GIVEN: dict[str, Callable[[], dict[str, Any]]] = {
    "docs/adapt.md": dict,
    "docs/adapt-walk.md": dict,
    "docs/causes.md": dict,
    "docs/certificates.md": dict,
    "docs/learn/ten-minutes.md": dict,
    "docs/guides/virtual-nerve-block.md": dict,
    "docs/delay.md": dict,
    "docs/fatigue.md": dict,
    "docs/emg-onsets.md": give_recording,
    "docs/emg.md": give_session,
    "docs/evidence.md": give_evidence,
    "docs/exercises.md": dict,
    "docs/joint-loads.md": give_outcome,
    "docs/pain.md": dict,
    "docs/strategy.md": dict,
    "docs/reports.md": dict,
    "docs/tasks.md": give_task,
    "docs/tolerance.md": dict,
}
#: Pages whose code shows what it prints.
PRINTED = ("README.md", "docs/sources.md")


@pytest.mark.slow
@pytest.mark.parametrize("page", GIVEN)
def test_the_code_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, with what the page says one has."""
    monkeypatch.chdir(tmp_path)
    names = GIVEN[page]()
    for code in blocks(read(page), "python"):
        exec(compile(code, page, "exec"), names)
    plt.close("all")


@pytest.mark.parametrize("page", PRINTED)
def test_the_code_of_a_page_prints_what_it_says(page: str) -> None:
    """The very output shown."""
    result = doctest.testfile(str(ROOT / page), module_relative=False)
    assert result.attempted > 0 and result.failed == 0


def test_the_code_of_every_page_is_run() -> None:
    """Here or in a test that reads the page."""
    coded = {page for page in PAGES if re.search(r"^ *```(python|pycon)$", read(page), re.MULTILINE)}
    assert coded == {*GIVEN, *PRINTED, *ELSEWHERE}
    assert all(Path(page).name in (ROOT / test).read_text(encoding="utf-8") for page, test in ELSEWHERE.items())

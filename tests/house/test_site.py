"""The site: every page has its place, links lead to pages, faults are found, and what first pages say is so."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from docs.site import contents, links
from docs.site.links import ROOT_PAGES, lead_links, list_own_pages
from docs.site.writing import check_pages, markdown, raw_html
from paper.make_figures import HERE as PAPER

import gluteal
from gluteal.cli import COMMANDS, app, main
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.nature import compare_with_nature
from gluteal.ledger.run import Ledger
from gluteal.show.pages.claim_entry import VERDICT_WORDS
from gluteal.sources.bibliography import find_reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


# --- how it is put together ---------------------------------------------------------------------------


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(contents, "MADE", tmp_path)
    return tmp_path


def test_every_page_has_one_place(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page of docs stands under one heading; one that nobody put there appears under the last."""
    new = DOCS / "entirely-new.md"
    monkeypatch.setattr(contents, "list_own_pages", lambda: [*list_own_pages(), new])
    contents.make_contents()
    pages = {path.stem: path.read_text() for path in made.glob("*.md")}
    listed = re.findall(r"^\.\./([\w-]+)$", "\n".join(pages.values()), re.MULTILINE)
    assert sorted(listed) == sorted(p.stem for p in [*list_own_pages(), new])
    last = tomllib.loads(contents.TABLE.read_text(encoding="utf-8"))["heading"][-1]["name"]
    assert "\n../entirely-new\n" in pages[last]


def test_every_heading_is_on_the_first_page() -> None:
    """Nothing that the site holds is left out of its contents."""
    tree = read("docs/index.md").split("```{toctree}")[1]
    names = [heading["name"] for heading in tomllib.loads(contents.TABLE.read_text(encoding="utf-8"))["heading"]]
    assert {f"made/{name}" for name in names} <= set(tree.split())
    for folder in ("learn", "guides"):
        listed = read(f"docs/{folder}/index.md").split()
        assert {page.stem for page in (DOCS / folder).glob("*.md")} - {"index"} <= set(listed)


@pytest.mark.parametrize(
    ("place", "link", "led"),
    [
        ("docs/guides/add-a-task", "../../CONTRIBUTING.md#add-a-task", "../made/contributing.md#add-a-task"),
        ("docs/trust", "../SECURITY.md", "made/security.md"),
        ("docs/learn/index", "../tasks.md", "../tasks.md"),
        ("docs/trust", "https://example.org/a.md", "https://example.org/a.md"),
        ("docs/trust", "#here", "#here"),
    ],
)
def test_links_are_led_to_pages_of_the_site(place: str, link: str, led: str) -> None:
    assert lead_links(f"a [word]({link}) more", place) == f"a [word]({led}) more"


def test_a_file_that_is_no_page_is_told_by_its_name() -> None:
    """The repository is not part of the site; its licence is named, not linked."""
    assert lead_links("[LICENSE](../LICENSE)", "docs/trust") == "LICENSE"
    text = lead_links("[the ledger](docs/ledger.md)", "docs/made/contributing", "CONTRIBUTING.md")
    assert text == "[the ledger](../ledger.md)"
    assert all((ROOT / name).exists() for name in ROOT_PAGES)


def test_a_page_without_heading_gets_one() -> None:
    source = ["| a |\n"]
    links.mend_links(None, "benchmarks-results", source)
    assert source[0].startswith("# The stored run of the benchmarks\n\n| a |")


def test_words_stay_words() -> None:
    """What stands in a claim is no markup of the page."""
    assert markdown("a_b * [x] <i> 2|3 $5") == r"a\_b \* \[x\] \<i\> 2\|3 \$5"
    assert raw_html("<p>x</p>").splitlines()[1] == "<p>x</p>"


def test_broken_links_of_a_built_site_are_found(tmp_path: Path) -> None:
    """A page that is not there, a place that is not on it, a picture; not what is fine."""
    (tmp_path / "a.html").write_text(
        '<p id="top"><a href="b.html#here">b</a> <a href="#top">t</a> <a href="https://example.org">o</a></p>'
    )
    (tmp_path / "b.html").write_text('<h1 id="here"></h1><a href="a.html#lost">l</a><img src="lost.png">')
    (tmp_path / "c.html").write_text('<a href="lost.html">l</a>')
    faults = check_pages(tmp_path)
    assert len(faults) == 3
    assert faults == [
        "b.html: a.html#lost: the page has no such place",
        "b.html: lost.png is not there",
        "c.html: lost.html is not there",
    ]


def test_anything_that_a_page_would_fetch_is_found(tmp_path: Path) -> None:
    """Scripts, styles and pictures of elsewhere are faults; links to elsewhere are not."""
    (tmp_path / "a.html").write_text(
        '<link rel="stylesheet" href="https://example.org/a.css"><script src="//example.org/a.js"></script>'
        '<img src="https://example.org/a.png"><a href="https://example.org">fine</a>'
        '<link rel="author" href="https://example.org">'
    )
    assert [fault.split()[1] for fault in check_pages(tmp_path)] == [
        "//example.org/a.js",
        "https://example.org/a.css",
        "https://example.org/a.png",
    ]


def test_commands_have_a_page_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what its help says, and its example as code."""
    commands = importlib.import_module("docs.site.commands")
    monkeypatch.setattr(commands, "MADE", tmp_path)
    commands.make_command_pages()
    names = {name for name in app if not name.startswith("-")}
    assert {page.stem for page in (tmp_path / "commands").glob("*.md")} == names and len(names) >= len(COMMANDS)
    page = (tmp_path / "commands" / "tolerance.md").read_text()
    assert page.startswith("# `gluteal tolerance`\n") and "\ngluteal tolerance walk glmed hip-extensors\n" in page
    assert "\ngluteal tolerance [OPTIONS] MOVEMENT [ARGS...]\n" in page
    assert "## Arguments" in page and "`--side CHOICE`" in page


def test_every_export_is_in_the_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = importlib.import_module("docs.site.reference")
    monkeypatch.setattr(reference, "MADE", tmp_path)
    reference.make_reference()
    listed = re.findall(r"^   gluteal\.(?:[\w.]+\.)?(\w+)$", (tmp_path / "reference.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(set(gluteal.__all__) - {"__version__"})


@pytest.fixture(scope="module")
def claim_pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ledger]:
    """The pages of the claims as the build makes them, experiments and all."""
    claims, folder = importlib.import_module("docs.site.claims"), tmp_path_factory.mktemp("claims")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "CLAIMS", folder)
        return folder, claims.make_claim_pages()


@pytest.mark.slow
def test_the_page_beside_nature_names_a_source_for_every_number(
    claim_pages: tuple[Path, Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Study or mere reference: each row says where the published number stands, and how the two compare."""
    nature = importlib.import_module("docs.site.nature")
    monkeypatch.setattr(nature, "MADE", tmp_path)
    _, ledger = claim_pages
    nature.make_nature_page(ledger)
    rows = re.findall(r"^\| (?!quantity)(.*) \|$", (tmp_path / "nature.md").read_text(encoding="utf-8"), re.MULTILINE)
    compared = [row for row in compare_with_nature(ledger.results.values()) if row.difference is not None]
    assert len(rows) == len(compared) > 50
    studies = {study.key for study in ledger.evidence.studies}
    sources = {row.published.source for row in compared}
    assert sources & studies and sources - studies, "both kinds are among them"
    for cells in (re.split(r"(?<!\\) \| ", row) for row in rows):
        assert len(cells) == 5 and all(cells), cells


@pytest.mark.slow
def test_every_claim_has_a_page_that_begins_with_its_plain_answer(claim_pages: tuple[Path, Ledger]) -> None:
    """And none shows a name of the program's inside."""
    folder, ledger = claim_pages
    assert {p.stem for p in folder.glob("*.md")} == {c.id for c in load_evidence().claims} | {"index"}
    for entry in ledger.entries:
        text = (folder / f"{entry.claim.id}.md").read_text(encoding="utf-8")
        head = text.split("## ")[0]
        assert head.startswith(f"# {markdown(entry.claim.statement)}\n")
        assert VERDICT_WORDS[entry.verdict.verdict] in head and f"**{markdown(entry.plain.sentence)}**" in head
        words = re.sub(r"```sh.*?```|<svg.*?</svg>|<[^>]*>|\]\([^)]*\)", "", text, flags=re.DOTALL)
        assert re.findall(r"\b[a-z]+_[a-z_]+\b", words) == [], entry.claim.id


# --- what first pages say -------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    assert len(read("README.md").splitlines()) < 100


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_numbers_of_the_first_answer_are_computed(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A walk without either muscle, and what share of the nerve can go, on all published bodies."""
    assert main(["tolerance", "walk", "glmed", "glmax", "superior gluteal", "--json"]) == 0
    found = {t["name"]: t for t in json.loads(capsys.readouterr().out)["targets"]}
    assert found["glmed"]["critical_loss"] is None and found["glmax"]["critical_loss"] is None
    nerve = found["superior gluteal"]
    text = " ".join(read(page).split())
    assert f"{100 * nerve['critical_loss']:.0f} % can go" in text
    span = nerve["ensemble"]
    assert f"({100 * span['low']:.0f} to {100 * span['high']:.0f} % by {span['bodies']} published anatomies)" in text


@pytest.mark.slow
def test_the_class_sheet_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The verdicts and strengths that its teacher is told."""
    sheet = read("docs/learn/nerve-block-class.md")
    lines = re.findall(r"^gluteal (simulate single-leg-stance .*)$", sheet, re.MULTILINE)
    verdicts = []
    for line in lines:
        main([*shlex.split(line), "--json"])
        verdicts.append(json.loads(capsys.readouterr().out)["verdict"])
    assert verdicts == ["compensated", "compensated", "disputed", "impossible"]
    moments = []
    for block in ([], ["--nerve", "superior gluteal=0.46", "--side", "r"]):
        assert main(["strength", "hip abduction", *block, "--json"]) == 0
        moments.append(json.loads(capsys.readouterr().out)["moment_nm"])
    assert f"{moments[1]:.0f} of {moments[0]:.0f} N·m, {moments[1] / moments[0]:.0%}".replace("%", " %") in sheet


def test_three_steps_are_three(capsys: pytest.CaptureFixture[str]) -> None:
    """The way in the browser: each link of it stands on the page before; the question asked finds an answer."""
    first, second = read("docs/index.md"), read("docs/try.md")
    assert "Do my glutes matter when I walk?" in first and ":link: try" in first and "(try.md)" in first
    assert "live.html" in second
    (row,) = [line for line in read("docs/learn/three-steps.md").splitlines() if line.startswith("| in a terminal")]
    commands = re.findall(r"`([^`]+)`", row)
    assert len(commands) == 3
    assert main(["ask", re.findall(r'"(.*)"', commands[1])[0]]) == 0
    assert "glutes-quiet-in-walking" in capsys.readouterr().out
    assert commands[2] in read("README.md")


def test_notebooks_run_in_a_hosted_service() -> None:
    """The first code installs what is needed and is not run here; outputs are never stored."""
    notebooks = sorted((DOCS / "notebooks").glob("*.ipynb"))
    assert len(notebooks) >= 3
    for path in notebooks:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert "".join(code[0]["source"]) == "%pip install -q gluteal"
        assert code[0]["metadata"]["tags"] == ["skip-execution"]
        assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
        assert path.name in read("docs/notebooks/index.md")


def test_ci_builds_the_site_with_the_line_that_pages_give() -> None:
    ci = read(".ci/run")
    for part in ('.venv/bin/pip install -q -e ".[docs]"', ".venv/bin/python -m docs.site"):
        assert part in ci and part in read("docs/guides/write-a-page.md") and part in read("CONTRIBUTING.md")


# --- the paper ------------------------------------------------------------------------------------------


def test_the_paper_cites_what_is_in_the_bibliography() -> None:
    """Each key has an entry; year and DOI are those of the package's own bibliography."""
    cited = set(re.findall(r"(?<!\w)@([a-z]+\d{4}\w*)", read("paper/paper.md")))
    entries = dict(re.findall(r"^@article\{(\w+),\n(.*?)^\}", read("paper/paper.bib"), re.MULTILINE | re.DOTALL))
    assert cited == set(entries) and len(cited) > 8
    for key, entry in entries.items():
        known = find_reference(key)
        assert f"year = {{{known.year}}}" in entry
        assert (f"doi = {{{known.doi}}}" in entry) if known.doi else ("doi" not in entry)


def test_the_figures_of_the_paper_are_there() -> None:
    for name in re.findall(r"\]\((\w+\.png)\)", read("paper/paper.md")):
        assert (PAPER / name).read_bytes().startswith(b"\x89PNG")

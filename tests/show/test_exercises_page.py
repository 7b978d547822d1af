"""The page of the exercise atlas: the same data as the JSON, small, closed, usable on a phone, without identifiers."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.packages import needs, needs_program

from gluteal.ledger.atlas.build import Atlas, build_atlas, select_exercises
from gluteal.ledger.atlas.poses import list_posed
from gluteal.ledger.atlas.rows import list_entries
from gluteal.ledger.bench import Bench
from gluteal.show.pages.exercises import draw_exercises, render_atlas

pytestmark = pytest.mark.slow
#: A page that is mailed and opened on a phone, bytes.
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def atlas(bench: Bench) -> Atlas:
    return build_atlas(bench)


@pytest.fixture(scope="module")
def page(bench: Bench, atlas: Atlas) -> str:
    return render_atlas(atlas, draw_exercises(bench, list_posed(atlas)), command="gluteal exercises")


def texts(page: str) -> str:
    """What a person reads: no scripts, styles, tags or attributes."""
    bare = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare))


def test_it_holds_what_the_json_holds(atlas: Atlas, page: str) -> None:
    cards = re.findall(r'<li class="card".*?</li>\n(?=<li class="card"|</ul>)', page, flags=re.DOTALL)
    rows = list_entries(atlas)
    assert len(cards) == len(rows)
    for card, row in zip(cards, rows, strict=True):
        assert row["title"] in texts(card) and row["how_to"].replace("'", "&#39;") in card
        for group, name in atlas.groups.items():
            emg = row["published"][group]
            part = texts(card)
            if emg is not None:
                assert f"{name.capitalize()}: {100 * emg['value']:.0f} %" in part.replace("  ", " ")
        assert card.count("<s style") == sum(v is not None for v in row["simulated"].values())


def test_trust_comes_first(atlas: Atlas, page: str) -> None:
    assert page.index("Simulated activation is not shown to order") < page.index('<li class="card"')


def test_it_is_small_and_asks_nobody(page: str) -> None:
    """Below two megabytes; pictures are embedded; links to sources are all that leads away."""
    assert len(page.encode()) < MOST_BYTES
    assert not re.findall(r'(?:src|srcset|action)="(?!data:)', page) and "<link" not in page and "@import" not in page
    assert page.count("data:image/png;base64,") >= 20


def test_only_its_own_scripts_may_run(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy and policy[1].startswith("default-src 'none'")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert len(scripts) >= 2
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy[1]
    assert "script-src" in policy[1] and "unsafe-inline" not in policy[1].split("script-src")[1].split(";")[0]


def test_no_raw_identifier(atlas: Atlas, page: str) -> None:
    """Neither names of groups, muscles and tasks nor those of files and fields."""
    words = texts(page.split('<section class="repeat">')[0])
    names = {"glmax", "glmed", "glmin", "gluteus_", "hip_load", ".csv", ".md", "MVIC", "None", "boren"}
    names |= {e.exercise.task for e in atlas.entries if e.exercise.task and e.exercise.task.count("-") > 1}
    assert not [name for name in names if name in words]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    needs("playwright")
    from playwright import sync_api

    program = needs_program("chromium", "chromium", always=False)
    with sync_api.sync_playwright() as play:
        running = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, page: str, tmp_path: Path) -> Iterator[Any]:
    file = tmp_path / "atlas.html"
    file.write_text(page, encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    tab = context.new_page()
    faults: list[str] = []
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(file.as_uri())
    yield tab
    assert faults == []
    context.close()


def seen(tab: Any) -> list[str]:
    return tab.eval_on_selector_all(".card:not([hidden]) h2", "heads => heads.map(h => h.textContent)")


def test_filters_are_those_of_the_command(atlas: Atlas, opened: Any) -> None:
    """On a phone, offline: what the page leaves is what the package selects."""
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen(opened) == [e.exercise.title for e in atlas.entries]
    opened.select_option("#level", "gentle")
    opened.fill("#ceiling", "3")
    wanted = [e.exercise.title for e in select_exercises(atlas, levels=["gentle"], ceiling_bw=3.0).entries]
    assert seen(opened) == wanted and 0 < len(wanted) < sum(e.exercise.level == "gentle" for e in atlas.entries)
    opened.click("button[type=reset]")
    # A function: the page's policy refuses an expression, which is evaluated anew at every look.
    opened.wait_for_function(
        "n => document.getElementById('count').textContent.startsWith(`${n} of`)", arg=len(atlas.entries)
    )
    opened.uncheck("input.item[value=barbell]")
    assert "Back squat" not in seen(opened) and "Bridge" in seen(opened)


def test_order_by_a_muscle_puts_means_before_peaks(atlas: Atlas, opened: Any) -> None:
    opened.select_option("#order", "m1")
    order = {title: i for i, title in enumerate(seen(opened))}
    known = [(e.exercise.title, emg) for e in atlas.entries if (emg := e.published["glmed"]) is not None]
    means = sorted((emg.value, order[title]) for title, emg in known if emg.basis != "peak")
    places = [place for _, place in means]
    assert all(a < b for (v, a), (w, b) in itertools.pairwise(means) if v < w)
    assert max(places) < min(order[title] for title, emg in known if emg.basis == "peak")

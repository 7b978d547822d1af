"""What people take home from the page: a picture, an animation, numbers, a link, paper; and a page without WebGL."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.browser import launch, opened, said

from gluteal.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home") / "body.html"
    line = ["see", "prone-leg-lift", "--weaken", "glmax=0.5", "--side", "r", "--out", str(path)]
    assert main(line) == 0
    return path


@pytest.fixture(scope="module")
def flat_browser(browser: Any) -> Iterator[Any]:
    """A browser that cannot draw in three dimensions."""
    yield from launch(browser.browser_type, "--disable-3d-apis")


def save(page: Any, button: str, folder: Path) -> Path:
    with page.expect_download(timeout=30_000) as waiting:
        page.evaluate(f"document.getElementById('{button}').click()")
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def test_a_picture_numbers_and_a_link(browser: Any, file: Path, tmp_path: Path) -> None:
    with opened(browser, file, accept_downloads=True, permissions=["clipboard-read", "clipboard-write"]) as page:
        said(page)
        picture = save(page, "savepicture", tmp_path)
        assert picture.suffix == ".png" and picture.read_bytes()[:4] == b"\x89PNG"
        assert picture.stat().st_size > 20_000  # a body, and no empty sheet
        rows = list(csv.reader(save(page, "savedata", tmp_path).read_text(encoding="utf-8").splitlines()))
        assert rows[0][0] == "muscle" and len(rows) > 40
        glmax = next(row for row in rows if row[0] == "right gluteus maximus")
        assert all(0.0 <= float(x) <= 1.0 for x in glmax[1:3]) and float(glmax[4]) >= 0.0
        page.evaluate("document.getElementById('savelink').click()")
        page.wait_for_function("() => document.getElementById('saved').textContent.startsWith('The link')")
        assert "c=weaken%3Aglmax%3Ar%3A0.5" in page.url


def test_an_animation(browser: Any, file: Path, tmp_path: Path) -> None:
    with opened(browser, file, accept_downloads=True) as page:
        said(page)
        film = save(page, "savefilm", tmp_path)
        assert film.suffix == ".webm" and film.read_bytes()[:4] == b"\x1aE\xdf\xa3"


def test_on_paper_everything_is_there_and_nothing_is_cut_off(browser: Any, file: Path) -> None:
    with opened(browser, file) as page:
        said(page)
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.is_visible("#sentence") and page.is_visible("#table") and not page.is_visible("#timebox")
        cut = "[...document.querySelectorAll('.scroll')].some(e => e.scrollHeight > e.clientHeight + 1)"
        assert not page.evaluate(cut)


def test_without_webgl_the_picture_stays_and_the_numbers_move(flat_browser: Any, file: Path) -> None:
    with opened(flat_browser, file, quiet=False) as page:
        before = said(page)
        assert page.is_visible("#static") and not page.is_visible("#canvas")
        page.focus("#term0value")
        page.keyboard.press("End")
        assert said(page) != before
        assert page.locator("#table tbody tr").count() > 3

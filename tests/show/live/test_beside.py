"""Two bodies side by side, numbers that do not lie on one another, and the bands of the opening change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.browser import opened

import gluteal

pytestmark = pytest.mark.slow

BLOCK = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
# Pairs of labels that cover one another.
COVERED = """(() => {
  const boxes = [...document.querySelectorAll('#labels span')].map(s => s.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
})()"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Standing on both legs, beside standing on one, under the same block."""
    body = gluteal.load_body("myo")
    one, both = (
        gluteal.simulate(body, gluteal.load_task(name, body), condition=BLOCK)
        for name in ("single-leg-stance", "quiet-standing")
    )
    path = tmp_path_factory.mktemp("beside") / "body.html"
    both.to_live(path, beside=one)
    return path


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Any]:
    with opened(browser, file, forced_colors="active") as page:
        page.wait_for_timeout(500)
        yield page


def test_both_postures_are_drawn_and_named(page: Any) -> None:
    assert page.locator("#captions").is_hidden()
    alone = page.evaluate("document.getElementById('canvas').toDataURL()")
    page.click("#beside")
    page.wait_for_timeout(800)
    assert page.inner_text("#captionleft") == "Single-leg stance, held as it was"
    assert page.inner_text("#captionright") == "Quiet standing"
    assert page.evaluate("document.getElementById('canvas').toDataURL()") != alone
    assert "beside=yes" in page.evaluate("location.hash")


def test_no_number_lies_on_another(page: Any) -> None:
    for view in ("right", "front"):
        page.click(f"button[data-view={view}]")
        page.wait_for_timeout(600)
        assert page.locator("#labels span").count() > 4
        assert page.evaluate(COVERED) == 0, view


def test_bands_stand_for_the_opening_change_alone(page: Any) -> None:
    assert page.locator("#bandstable tbody tr").count() > 3
    assert page.locator("#bands").is_visible()
    page.focus("#term0value")
    page.keyboard.press("End")
    page.wait_for_timeout(500)
    assert page.locator("#bands").is_hidden()


def test_forced_colours_keep_the_mark_of_the_tolerance(page: Any) -> None:
    page.wait_for_selector(".gauge b", state="attached", timeout=20_000)
    mark = page.evaluate("getComputedStyle(document.querySelector('.gauge b')).backgroundColor")
    stage = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert mark != stage and page.evaluate("matchMedia('(forced-colors: active)').matches")

"""The page in a browser: offline from disk, by keyboard, restored from a link, with files nobody should trust."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.helpers.browser import find_violations, opened, said
from tests.helpers.containers import unpack_container

import gluteal
from gluteal.cli import main
from gluteal.show.live.container import pack_container

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[3]
WORDS = {"unchanged": "Undisturbed", "compensated": "Still works", "impossible": "Not possible exactly as it is"}
MARKUP = "<img src=x onerror=alert(1)>"
BLOCK = "c=block:superior gluteal nerve:r:0.5"
ALL_KINDS = f"{BLOCK}&c=pain:hip:price:r:4&c=strategy:hip-sparing:both:2&c=fatigue:cycles:both:2"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a posture and a walk."""
    path = tmp_path_factory.mktemp("live") / "body.html"
    line = ["see", "single-leg-stance", "--nerve", "superior gluteal=0.52", "--side", "r", "--with", "walk"]
    assert main([*line, "--out", str(path)]) == 0
    return path


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Page]:
    with opened(browser, file) as page:
        yield page


def test_the_slider_moves_verdict_numbers_and_colours(page: Page) -> None:
    assert "52 % of the right superior gluteal nerve blocked" in said(page)
    assert page.inner_text("#word") == "Still works"
    before = page.inner_text("#table tbody")
    colour = page.evaluate("getComputedStyle(document.querySelector('#table .swatch')).backgroundColor")
    page.focus("#term0value")
    for _ in range(3):
        page.keyboard.press("PageUp")
    assert "52 %" not in said(page)
    assert page.inner_text("#table tbody") != before
    page.keyboard.press("End")
    assert "not possible exactly as it is" in said(page)
    assert page.inner_text("#word") == "Not possible exactly as it is"
    assert page.evaluate("getComputedStyle(document.querySelector('#table .swatch')).backgroundColor") != colour
    page.keyboard.press("Home")
    assert "goes on as before" in said(page)
    assert page.get_attribute("#term0value", "aria-valuetext") == "0 %"


def test_a_page_opens_where_most_changes_beside_what_people_did(browser: Any, file: Path, page: Page) -> None:
    """However the target was spelt: "superior gluteal" is the nerve that was blocked in people."""
    assert page.inner_text("#people").startswith("What people did: In nine healthy men")
    told = re.search(r'<p id="sentence">(.*?)</p>', file.read_text(encoding="utf-8"))
    assert told and page.inner_text("#sentence") == unescape(told[1])  # as Python said it, who must and who may
    body = gluteal.load_body("myo")
    mechanics = gluteal.compute_mechanics(body, gluteal.load_task("walk", body))
    block = gluteal.Condition.block("superior gluteal", loss=0.46, side="r")
    now, before = (gluteal.solve_sharing(mechanics, condition=c).activation.values for c in (block, None))
    with opened(browser, file, "task=walk&c=block:superior gluteal:r:0.46") as walk:
        assert walk.inner_text("#people").startswith("What people did: Eight healthy men")
        assert walk.input_value("#time") == str(abs(now - before).sum(axis=1).argmax())


def test_a_link_restores_everything(browser: Any, file: Path) -> None:
    with opened(browser, file, f"task=walk&{BLOCK}&frame=12&look=activity&view=back&m=right gluteus medius") as page:
        assert page.input_value("#task") == "walk"
        assert "50 %" in said(page) and "walking" in page.inner_text("#sentence")
        assert page.input_value("#time") == "12"
        assert page.is_checked("input[name=look][value=activity]")
        assert page.get_attribute(".views button[data-view=back]", "aria-pressed") == "true"
        assert page.locator("#curves svg").count() == 1
        page.keyboard.press(".")
        page.wait_for_timeout(400)
        assert "frame=13" in page.url


def test_an_address_that_makes_no_sense_is_left_out(browser: Any, file: Path) -> None:
    wrong = "task=nowhere&c=block:<img src=x>:r:0.5&c=weaken:glmed:r:9&c=a:b&frame=1e9&view=<b>"
    with opened(browser, file, wrong) as page:
        assert page.inner_text("#title") == "Single-leg stance"
        assert page.locator("img[src=x]").count() == 0


def test_scrubbing_shows_where_it_fails(browser: Any, file: Path) -> None:
    with opened(browser, file, "task=walk&c=block:superior gluteal nerve:r:1") as page:
        assert "not possible" in said(page)
        assert re.match(r"Not possible in \d+ of 51 frames", page.get_attribute("#strip", "aria-label") or "")
        page.focus("#time")
        page.keyboard.press("Home")
        assert page.input_value("#time") == "0"
        page.keyboard.press("ArrowRight")
        assert page.input_value("#time") == "1"


def test_every_tour_can_be_taken(page: Page) -> None:
    tours = page.evaluate("JSON.parse(document.getElementById('tours').textContent)")
    assert tours
    for tour in tours:
        page.select_option("#tour", tour["id"])
        for step in tour["steps"]:
            page.wait_for_function("say => document.getElementById('say').textContent === say", arg=step["say"])
            words = [WORDS[step["expect"]["verdict"]], "Goes on as before"]
            page.wait_for_function("words => words.includes(document.getElementById('word').textContent)", arg=words)
            if not page.is_disabled("#forth"):
                page.click("#forth")


def test_it_is_usable_by_everyone(browser: Any, file: Path, axe: str) -> None:
    """No violation of axe's rules in light, dark and on a phone; nothing scrolls sideways at 360 pixels."""
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360)):
        settings = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
        with opened(browser, file, f"task=walk&{ALL_KINDS}", **settings) as page:
            said(page)
            assert find_violations(page, axe) == [], (scheme, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def scene_of(file: Path) -> bytes:
    import base64

    text = file.read_text(encoding="utf-8")
    found = re.search(r'class="scene" data-name="single-leg-stance"[^>]*>([^<]+)<', text)
    assert found
    return gzip.decompress(base64.b64decode(found[1]))


def bad_files(good: bytes) -> dict[str, bytes]:
    """Files that are no scenes, each wrong in one way."""
    header, arrays = unpack_container(good)
    cut = {**arrays, "demand": arrays["demand"][:, :3]}
    nan = {**arrays, "capacity": arrays["capacity"] * float("nan")}
    far = {**arrays, "arm_column": arrays["arm_column"] + 60000}
    return {
        "empty": b"",
        "text": b"hello, this is no scene",
        "cut off": good[: len(good) // 2],
        "header only": good[:200],
        "huge header": good[:8] + (2**31).to_bytes(4, "little") + good[12:],
        "other format": pack_container({**header, "schema": 99}, arrays),
        "wrong shape": pack_container(header, cut),
        "no numbers": pack_container(header, nan),
        "index out of reach": pack_container(header, far),
        "names as markup": pack_container(
            {**header, "task": {**header["task"], "title": "<img src=x onerror=alert(1)>"}}, arrays
        ),
        "damaged zip": gzip.compress(good)[:-500],
        "a bomb": gzip.compress(b"\0" * (300 * 2**20), 9),
    }


def test_hostile_files_get_a_sentence_and_nothing_is_lost(page: Page, file: Path, tmp_path: Path) -> None:
    good = scene_of(file)
    for name, data in bad_files(good).items():
        bad = tmp_path / "bad.gluteal"
        bad.write_bytes(data)
        page.evaluate("document.getElementById('saved').textContent = ''")
        page.set_input_files("#file", str(bad))
        page.wait_for_function("() => document.getElementById('saved').textContent !== ''")
        if name == "names as markup":
            assert page.inner_text("#title") == MARKUP
            assert page.locator("img[src=x]").count() == 0
            page.select_option("#task", "single-leg-stance")
            continue
        words = page.text_content("#saved") or ""
        assert words.endswith(".") and words != "Opened.", name
        assert page.inner_text("#title") == "Single-leg stance"
    (tmp_path / "good.gluteal").write_bytes(gzip.compress(good))
    page.set_input_files("#file", str(tmp_path / "good.gluteal"))
    page.wait_for_function("() => document.getElementById('saved').textContent === 'Opened.'")


def test_without_scripts_there_is_a_picture_and_the_verdict(browser: Any, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert "52 % of the right superior gluteal nerve blocked" in page.inner_text("#sentence")
    assert page.is_visible("#static")
    context.close()


def test_the_page_keeps_nothing_and_asks_for_nothing(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    own = (ROOT / "web" / "src").glob("*.ts")
    words = (
        "innerHTML",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "fetch(",
        "XMLHttpRequest",
        "eval(",
        "outerHTML",
    )
    assert [(p.name, w) for p in own for w in words if w in p.read_text(encoding="utf-8")] == []
    assert "connect-src &#39;none&#39;" in text or "connect-src 'none'" in text
    json.loads(text.split('id="facts">')[1].split("</script>")[0])


def test_wrong_use_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["see", "single-leg-stance", "--out", str(tmp_path / "body.txt")]) == 2
    assert main(["see", "single-leg-dance", "--out", str(tmp_path / "body.html")]) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error and list(tmp_path.iterdir()) == []

"""Late, sore, tired and adapted in the browser: controls, postures to choose from, and files dropped on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.browser import opened, said

import gluteal
from gluteal.cli import main

pytestmark = pytest.mark.slow

BLOCK = ["--nerve", "superior gluteal=0.9", "--side", "r"]
# What is shown of a page of somebody else's: nothing.
FOREIGN = '<!doctype html><title>x</title><img src=x onerror="document.title=1"><script>document.title=2</script>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with both postures, one with a movement from rest, a scene file and a report."""
    path = tmp_path_factory.mktemp("effects")
    assert main(["see", "single-leg-stance", *BLOCK, "--adapt", "--out", str(path / "both.html")]) == 0
    line = ["see", "prone-leg-lift", "--delay", "glmax=0.05", "--side", "r", "--with", "single-leg-stance"]
    assert main([*line, "--out", str(path / "lift.html")]) == 0
    assert main(["see", "walk", "--out", str(path / "walk.gluteal")]) == 0
    assert main(["adapt", "single-leg-stance", *BLOCK, "--out", str(path / "adapt.html")]) == 0
    return path


def test_a_delay_opens_and_its_slider_solves(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "lift.html") as page:
        before = said(page)
        assert not page.is_visible("#posture")  # nothing adapted here
        assert "right gluteus maximus delayed by 50 ms" in before
        assert "muscles that come and go only so fast" in before
        page.focus("#term0value")
        page.keyboard.press("PageUp")
        assert page.get_attribute("#term0value", "aria-valuetext") not in ("50 ms", None)
        assert "delayed by 50 ms" not in said(page)
        kinds = page.eval_on_selector_all("#term0kind option", "all => all.map(o => o.value)")
        assert {"delay", "pain", "effusion", "hold-back", "wish", "strategy", "fatigue", "squeeze"} <= set(kinds)


def test_every_kind_can_be_chosen_and_says_its_own_sentence(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "lift.html", "task=single-leg-stance&c=block:superior gluteal nerve:r:0.5") as page:
        seen = {said(page)}
        kinds = page.eval_on_selector_all("#term0kind option", "all => all.map(o => o.value)")
        assert "delay" not in kinds  # of one posture there is nothing late
        for kind in kinds:
            page.select_option("#term0kind", kind)
            sentence = said(page)
            assert page.locator("#sentence.problem").count() == 0, (kind, sentence)
            seen.add(sentence)
        assert len(seen) >= len(kinds)
        page.select_option("#term0kind", "hold-back")
        page.select_option("#term0reading", "price")
        assert "(dearer drive only)" in said(page)
        assert ":price:" in page.url.replace("%3A", ":")
        assert page.locator("#sentence abbr[title]").count() > 0


def test_a_link_to_what_cannot_be_asked_says_so_beside_the_undisturbed_body(browser: Any, folder: Path) -> None:
    both = "task=single-leg-stance&c=squeeze:glmed:r:0.6&c=inhibit:glmed:r:0.2"
    with opened(browser, folder / "lift.html", both) as page:
        assert page.inner_text("#word") == "This cannot be asked."
        assert page.inner_text("#shape") == "" and page.get_attribute("#verdict", "class") == "verdict"
        page.wait_for_function("() => document.querySelectorAll('#labels span').length > 3")
        assert page.locator("#loads tbody tr").count() > 3
        page.locator("#term1value").fill("0.7")
        assert "squeezed to at least 60 %" in said(page)
        assert page.locator("#sentence.problem").count() == 0


def test_time_held_is_a_slider_that_says_when_it_fails(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "lift.html", "task=single-leg-stance&c=fatigue:hold:both:60") as page:
        body = gluteal.load_body("myo")
        known = gluteal.compute_endurance(body, gluteal.load_task("single-leg-stance", body)).sentence
        page.wait_for_function("text => document.getElementById('term0hold').textContent === text", arg=known)
        page.focus("#term0value")
        page.keyboard.press("End")
        assert "not possible exactly as it is" in said(page)
        page.click("text=watch it tire")
        page.wait_for_function("() => Number(document.getElementById('term0value').value) > 20")
        page.click("text=stop")


def test_the_posture_as_demanded_and_as_a_person_would(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "both.html") as page:
        assert page.is_checked("#postureadapted") and page.inner_text("#word") == "Still works"
        assert re.search(r"the trunk leans \d", page.inner_text("#instead"))
        drawn = page.evaluate("document.getElementById('canvas').toDataURL()")
        page.check("#postureheld")
        page.wait_for_function("() => document.getElementById('word').textContent !== 'Still works'")
        assert "not possible exactly as it is" in said(page)
        page.wait_for_timeout(500)
        assert page.evaluate("document.getElementById('canvas').toDataURL()") != drawn
        assert page.evaluate("document.activeElement.id") == "postureheld"
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.getElementById('word').textContent === 'Still works'")
    with opened(browser, folder / "adapt.html", live=False) as page:
        page.click("#live-start")
        frame = page.frame_locator("#live-stage iframe")
        frame.locator("html[data-ready=yes]").wait_for(timeout=90_000)
        assert frame.locator("#posture").is_visible()


def open_file(page: Any, file: Path) -> str:
    page.evaluate("document.getElementById('saved').textContent = ''")
    page.set_input_files("#file", str(file))
    page.wait_for_function("() => document.getElementById('saved').textContent !== ''")
    return str(page.text_content("#saved"))


def test_a_scene_a_page_and_a_report_open(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "both.html") as page:
        assert open_file(page, folder / "walk.gluteal") == "Opened."
        assert page.inner_text("#title") == "Walking"
        assert open_file(page, folder / "lift.html") == "Opened."
        assert "prone" in page.inner_text("#title").lower()
        assert open_file(page, folder / "adapt.html") == "Opened."
        assert "90 %" in said(page)
        page.evaluate(
            """async () => {
              const to = new DataTransfer();
              to.items.add(new File(['nothing'], 'walk.c3d'));
              document.getElementById('saved').textContent = '';
              document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: to, bubbles: true, cancelable: true}));
            }"""
        )
        page.wait_for_function("() => document.getElementById('saved').textContent !== ''")
        assert "gluteal see FOLDER" in page.text_content("#saved")


def test_what_is_no_scene_gets_its_own_sentence(browser: Any, folder: Path, tmp_path: Path) -> None:
    page_text = (folder / "both.html").read_text(encoding="utf-8")
    bad = {
        "result.nc": (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "holds numbers"),
        "old.bin": (b"CDF\x01" + b"\0" * 100, "holds numbers"),
        "run.trc": (b"PathFileType", "gluteal see FOLDER"),
        "foreign.html": (FOREIGN.encode(), "no body in motion"),
        "damaged.html": (re.sub(r'(data-beside="[^"]*">)', r"\1AAAA", page_text).encode(), "damaged"),
        "no base.html": (re.sub(r'(data-beside="[^"]*">)', r"\1%%%", page_text).encode(), "damaged"),
        "many.html": (b"<!doctype html>" + b'<script class="scene">AA</script>' * 101, "more than 100"),
        "notes.txt": (b"no scene", "no scene"),
    }
    with opened(browser, folder / "both.html") as page:
        title = page.inner_text("#title")
        for name, (data, words) in bad.items():
            (tmp_path / name).write_bytes(data)
            said_of = open_file(page, tmp_path / name)
            assert words in said_of and said_of.endswith("."), (name, said_of)
            assert page.inner_text("#title") == title and page.title() not in ("1", "2")


def test_a_scene_file_holds_one_movement(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = ["see", "single-leg-stance", "--out", str(tmp_path / "one.gluteal")]
    assert main([*line, "--with", "walk"]) == 2
    assert "one movement" in capsys.readouterr().err and not list(tmp_path.iterdir())

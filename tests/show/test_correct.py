"""The page of corrections: it asks for nothing, works by keyboard and mouse, and its file is read back."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.helpers.browser import opened, run_browser
from tests.helpers.packages import needs_program

from gluteal.cli import main
from gluteal.emg.analysis.corrections import LEFT_OUT_HEAD, load_left_out
from gluteal.emg.onset import load_bursts
from gluteal.emg.session.demo import write_demo
from gluteal.errors import InputError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=3000", "--dump-dom"),
)
#: By keyboard: the first onset 5 ms later, twice. By mouse: the end of the second burst half a second later. Then a
#: channel, a burst and a repetition go, and the last change but one is undone and made again.
DRIVE = """
const press = (c, b, end, key, more) => rows[c].list.querySelector(`[data-burst="${b}"][data-end="${end}"]`)
  .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
press(0, 0, 0, "ArrowRight"); press(0, 0, 0, "ArrowRight");
const canvas = rows[0].canvas, wide = canvas.clientWidth, ch = data.channels[0], box = canvas.getBoundingClientRect();
const x = t => box.left + (t - ch.start) / (ch.end - ch.start) * wide;
const at = t => ({ clientX: x(t), clientY: box.top + 20, bubbles: true, pointerId: 1 });
canvas.setPointerCapture = () => {};
const old = state[0].bursts[1].offset;
canvas.dispatchEvent(new PointerEvent("pointerdown", at(old)));
canvas.dispatchEvent(new PointerEvent("pointermove", at(old + 0.5)));
canvas.dispatchEvent(new PointerEvent("pointerup", at(old + 0.5)));
rows[1].box.click();
press(2, 5, 0, "Delete");
press(2, 3, 0, "Delete", { shiftKey: true });
document.getElementById("undo").click();
press(2, 3, 0, "Delete", { shiftKey: true });
const out = document.createElement("pre"); out.id = "csv"; out.textContent = csv(); document.body.append(out);
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The session of the demo and its page."""
    folder = tmp_path_factory.mktemp("correct")
    session, _ = write_demo(folder / "demo")
    assert main(["emg", str(session), "--correct", str(folder / "page.html")]) == 0
    return session, folder / "page.html"


def dom(path: Path, profile: Path) -> str:
    """Open a page and return what became of it; no profile of the person is touched."""
    program = needs_program("chromium", "chromium", always=False)
    command = [program, *FLAGS, f"--user-data-dir={profile}", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout


def test_the_page_asks_for_nothing(page: tuple[Path, Path]) -> None:
    """The policy lets only the script inside run, by its hash; nothing is fetched, sent or kept."""
    text = page[1].read_text(encoding="utf-8")
    script = text.rsplit("<script>", 1)[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', text)[0])
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}';" in policy
    for word in (
        "http:",
        "https:",
        "fetch(",
        "XMLHttpRequest",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "cookie",
    ):
        assert word not in text, word


def test_a_browser_builds_it_under_its_own_policy(page: tuple[Path, Path], tmp_path: Path) -> None:
    """Six channels, each with its bursts as buttons; a script that is not the page's own does not run."""
    found = dom(page[1], tmp_path / "profile")
    data = json.loads(page[1].read_text().split('id="data">')[1].split("</script>")[0])
    assert found.count("<canvas") == len(data["channels"]) > 4
    assert found.count('data-end="0"') == sum(len(c["bursts"]) for c in data["channels"])
    strange = tmp_path / "strange.html"
    strange.write_text(page[1].read_text().replace("</body>", "<script>document.title = 'ran'</script></body>"))
    assert "<title>ran" not in dom(strange, tmp_path / "profile")


def test_corrections_by_keyboard_and_mouse_are_read_back(
    page: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, original = page
    text = original.read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(DRIVE.encode()).digest()).decode()
    driven = tmp_path / "driven.html"
    text = re.sub(r"(script-src )", rf"\1&#39;sha256-{allowed}&#39; ", text, count=1)
    driven.write_text(text.replace("</body>", f"<script>{DRIVE}</script></body>"), encoding="utf-8")
    found = dom(driven, tmp_path / "profile")
    file = tmp_path / "corrections.csv"
    file.write_text(html.unescape(found.split('<pre id="csv">')[1].split("</pre>")[0]), encoding="utf-8")

    channels = json.loads(original.read_text().split('id="data">')[1].split("</script>")[0])["channels"]
    first, second, third = channels[:3]
    bursts = load_bursts(file)
    assert load_left_out(file) == (second["key"],) and second["key"] not in bursts
    moved = bursts[first["key"]]
    assert moved[0].onset_s == pytest.approx(first["bursts"][0]["onset"] + 0.010, abs=1e-6) and moved[0].onset_by_hand
    assert not moved[0].offset_by_hand and moved[0].offset_s == first["bursts"][0]["offset"]
    # The mouse is right to half a pixel of some thousandths of the recording.
    assert moved[1].offset_s == pytest.approx(first["bursts"][1]["offset"] + 0.5, abs=0.03) and moved[1].offset_by_hand
    assert len(moved) == len(first["bursts"]) - 1 and len(bursts[third["key"]]) == len(third["bursts"]) - 2

    capsys.readouterr()
    assert main(["emg", str(session), "--corrections", str(file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    told = result["settings"]["corrections"]
    assert told["file"] == "corrections.csv" and told["left_out"] == [second["key"]]
    assert [o["why"] for o in result["left_out"] if o["channel"] == second["key"]] == ["left out by hand"]
    [channel] = [c for c in result["channels"] if c["key"] == first["key"]]
    assert channel["onsets_s"] == [b.onset_s for b in moved]


def test_wrong_corrections_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session, _ = write_demo(tmp_path / "demo")
    file = tmp_path / "c.csv"
    file.write_text(f'{LEFT_OUT_HEAD}{{"channel": "GMAX"}}\nchannel,onset_s,offset_s\n')
    assert main(["emg", str(session), "--corrections", str(file)]) == 2
    assert "There is no channel 'GMAX'. Close names: GMAX R" in capsys.readouterr().err
    file.write_text(f"{LEFT_OUT_HEAD}nonsense\nchannel,onset_s,offset_s\n")
    with pytest.raises(InputError, match="line 1: the channel left out is damaged"):
        load_left_out(file)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from run_browser()


def test_a_slip_of_the_hand_does_no_harm(page: tuple[Path, Path], tmp_path: Path, browser: Browser) -> None:
    """A click moves nothing, an edge stops at its neighbour, an added burst finds room, undoing keeps one's place."""
    with opened(browser, page[1], live=False, accept_downloads=True) as shown:
        canvas = shown.locator("canvas").nth(1)
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        start, end, first, last, second = shown.evaluate(
            "[data.channels[1].start, data.channels[1].end, state[1].bursts[0].onset, state[1].bursts[0].offset, "
            "state[1].bursts[1].onset]"
        )

        def x(time: float) -> float:
            return float(box["x"] + (time - start) / (end - start) * box["width"])

        shown.mouse.click(x(first), box["y"] + 30)
        assert shown.evaluate("before.length") == 0 and shown.locator("#undo").is_disabled()
        shown.mouse.move(x(second), box["y"] + 30)
        shown.mouse.down()
        shown.mouse.move(x(first), box["y"] + 30, steps=3)
        shown.mouse.up()
        assert shown.evaluate("state[1].bursts[1].onset") == last
        shown.evaluate(f"add(1, {(first + last) / 2})")
        edges = shown.evaluate("state[1].bursts.flatMap(b => [b.onset, b.offset])")
        assert edges == sorted(edges)
        shown.locator('[data-burst="1"][data-end="0"]').first.focus()
        shown.keyboard.press("ArrowRight")
        shown.keyboard.press("Control+z")
        assert shown.evaluate("document.activeElement.dataset.burst") == "1"
        unnamed = (
            "[...document.querySelectorAll('li button')].filter(b => !b.getAttribute('aria-label').includes('burst'))"
        )
        assert shown.evaluate(f"{unnamed}.length") == 0
        asked: list[str] = []
        shown.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        shown.evaluate("location.reload()")
        shown.wait_for_timeout(200)
        assert asked == ["beforeunload"] and shown.evaluate("before.length") > 0
        with shown.expect_download() as download:
            shown.click("#save")
        download.value.save_as(tmp_path / "c.csv")
    assert main(["emg", str(page[0]), "--corrections", str(tmp_path / "c.csv"), "--json"]) == 0


def test_bursts_that_overlap_are_refused(
    page: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.csv"
    file.write_text("channel,onset_s,offset_s\nGMAX R,1.0,3.0\nGMAX R,2.5,4.0\n")
    assert main(["emg", str(page[0]), "--corrections", str(file)]) == 2
    assert "two bursts of 'GMAX R' that overlap, 1 to 3 s and 2.5 to 4 s" in capsys.readouterr().err

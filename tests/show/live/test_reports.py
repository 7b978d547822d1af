"""Every report as people meet it: in words, with its limits, on wide and narrow screens, in the dark, and on paper."""

from __future__ import annotations

import importlib
import json
import re
from contextlib import chdir
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import pytest
from tests.helpers.browser import find_violations, opened
from tests.helpers.page_text import raw_names
from tests.helpers.plans import stance_plan

from gluteal.cli import COMMANDS as MODULES
from gluteal.cli import app, main
from gluteal.cli.listing import Listing
from gluteal.engines import load_body
from gluteal.show.pages.report import Report, ReportHead, render_report

pytestmark = pytest.mark.slow

Scheme: TypeAlias = Literal["light", "dark"]

BLOCK = ["--nerve", "superior gluteal=0.52", "--side", "r"]
SESSIONS = "subject,session,value\n" + "\n".join(
    f"{who},{day},{100 + 7 * i + 3 * day * (i % 3)}" for i, who in enumerate("abcdefgh") for day in (1, 2, 3)
)
HEADER = "walk\nversion=1\nnRows=51\nnColumns=3\ninDegrees=yes\nendheader\ntime\thip_flexion_r\thip_flexion_l\n"
COORDINATES = HEADER + "".join(f"{i / 25}\t{i}\t{-i}\n" for i in range(51))
#: Report -> the command that writes it, without --out.
COMMANDS = {
    "simulate": ["simulate", "single-leg-stance", *BLOCK],
    "impossible": ["simulate", "single-leg-stance", "--nerve", "superior gluteal=1", "--side", "r", "--no-ensemble"],
    "tolerance": ["tolerance", "single-leg-stance", "hip-abductors", "glmed", "--no-ensemble"],
    "strength": ["strength", "hip abduction", "--no-ensemble"],
    "endurance": ["endurance", "single-leg-bridge", "--rest", "180"],
    "delays": ["delays", "prone-leg-lift", "glmax", "--by", "0.05", "0.1"],
    "plan": ["plan", "--effect", "50", "--spread", "60", "--sem", "55", "--trials", "10"],
    "causes": ["plan", "--causes", "--people", "40"],
    "study": ["study", "{folder}/plan.toml", "--workers", "0", "--out", "{folder}/result.nc"],
    "reliability": ["reliability", "{folder}/sessions.csv", "--unit", "ms"],
    "emg": ["emg", "--demo"],
    "claims": ["claims"],
    "claim": ["claims", "abductor-block-leaves-gait-unchanged"],
    "exercises": ["exercises"],
    "adapt": ["adapt", "single-leg-stance", "--nerve", "superior gluteal=0.8", "--side", "r"],
    "ask": ["ask", "do weak glutes cause back pain?"],
    "ask-nothing": ["ask", "how do I bake sourdough bread"],
    "trial": ["trial", "{folder}/trial.toml", "--body", "myo"],
    "doctor": ["doctor"],
    "sources": ["sources"],
    "sources-of-one": ["sources", "raabe2016"],
    **{f"list-{what}": ["list", what] for what in get_args(Listing)},
}
#: Commands whose page is no report: the live page by itself, and the page on which onsets are corrected.
OTHER_PAGES = frozenset({"see", "app"})
#: Exit codes of those that have nothing to tell.
ENDS = {"ask-nothing": (4,)}
#: Those with a movement, and so with the live page in them.
MOVING = ("simulate", "impossible", "tolerance", "study", "adapt")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every report, written by its command."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "plan.toml").write_text(stance_plan(people=6), encoding="utf-8")
    (folder / "sessions.csv").write_text(SESSIONS, encoding="utf-8")
    (folder / "walk.mot").write_text(COORDINATES, encoding="utf-8")
    moved = HEADER.split("\n")[-2].split("\t")
    hold = [name for name in load_body("myo").coordinate_names if name not in moved]
    trial = f'coordinates = "walk.mot"\nhold = {json.dumps(hold)}\n'
    (folder / "trial.toml").write_text(trial, encoding="utf-8")
    made = {}
    for name, line in COMMANDS.items():
        made[name] = folder / f"{name}.html"
        words = [word.format(folder=folder) for word in line]
        with chdir(folder):  # the demonstration writes its recordings where it is
            assert main([*words, "--out", str(made[name])]) in (0, 3, *ENDS.get(name, ())), name
    return made


def test_no_page_speaks_in_the_programs_own_names(pages: dict[str, Path]) -> None:
    found = {name: raw_names(path.read_text(encoding="utf-8")) for name, path in pages.items()}
    assert {name: names for name, names in found.items() if names} == {}


def test_a_raw_name_is_found_and_a_command_may_hold_one() -> None:
    assert raw_names('<p>the <b>glmed1_r</b></p><svg><text>hip_flexion_r</text></svg><img alt="tfl">') == [
        "glmed1_r",
        "hip_flexion_r",
        "tfl",
    ]
    assert raw_names("<pre>gluteal tolerance walk glmed1_r</pre><script>a_b</script>") == []


def test_every_report_answers_first_and_states_its_limits(pages: dict[str, Path]) -> None:
    for name, path in pages.items():
        html = path.read_text(encoding="utf-8")
        places = [html.find(text) for text in ('class="say"', "How sure?", 'id="limits"', "How to repeat this")]
        assert -1 not in places and places == sorted(places), (name, places)
        assert f"gluteal {COMMANDS[name][0]}" in html, name
        if not name.startswith("claim"):  # which is a list of answers, no answer
            assert places[0] < html.find("For the person") < places[2], name


def test_every_command_has_its_page_here() -> None:
    """Whoever adds a command adds its page to the list above, or says that it has none."""
    for module in MODULES:
        importlib.import_module(f"gluteal.cli.{module}")
    names = {name for name in app if not name.startswith("-")}
    assert names - OTHER_PAGES == {line[0] for line in COMMANDS.values()}


def test_a_report_without_a_limit_cannot_be_made() -> None:
    answer = ReportHead(over="", title="Everything is certain", sentence="It is.", certainty="Entirely.")
    with pytest.raises(ValueError, match="“Everything is certain” states no limit"):
        Report(answer=answer, limits=())
    assert "nobody knows" in render_report(Report(answer=answer, limits=("What it means nobody knows.",)))


def test_every_screen_and_paper(pages: dict[str, Path], browser: Any, axe: str) -> None:
    """No request, no error, nothing sideways or cut off, no violation of axe's rules.

    The rules are asked of a wide light screen and of a narrow dark one. Where the same shows on both, everything was
    looked at in either light and in either width; where not, they are asked of the other two as well.
    """
    for name, path in pages.items():
        shown = set()
        with opened(browser, path, live=False, bypass_csp=True) as page:
            for width, scheme in SCREENS:
                turn(page, width, scheme)
                shown.add(page.evaluate(SHOWN))
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width, scheme)
                assert page.evaluate(CUT_OFF) == [], (name, width, scheme)
                if width == 1280:
                    page.emulate_media(media="print")
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, "print")
                    hidden = page.evaluate("[...document.querySelectorAll('.live')].every(e => !e.offsetParent)")
                    assert hidden, (name, "print")
                    assert page.evaluate(CONTROLS) == [], (name, "print")
                    if name == "claims":  # all that the page is about, though each is folded on the screen
                        assert page.evaluate(PRINTED_CLAIMS), (name, "print")
                    page.emulate_media(media="screen")
            page.evaluate(HOLLOW)
            for width, scheme in SCREENS if len(shown) > 1 else SCREENS[:2]:
                turn(page, width, scheme)
                assert find_violations(page, axe) == [], (name, width, scheme)


def turn(page: Any, width: int, scheme: Scheme) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)


def test_axe_looks_at_no_shape_of_a_drawing(browser: Any, axe: str) -> None:
    """So that drawings may be emptied before it is asked, which takes most of its time."""
    page = browser.new_page()
    pale = '<svg role="img" aria-label="a drawing"><text y="20" style="fill: #eee">pale</text></svg>'
    page.set_content(f'<html lang="en"><title>x</title><main><h1>x</h1><p style="color: #eee">pale</p>{pale}</main>')
    assert find_violations(page, axe) == [("color-contrast", ['<p style="color: #eee">pale</p>'])]
    page.evaluate(HOLLOW)
    assert page.locator("svg *").count() == 0
    assert find_violations(page, axe) == [("color-contrast", ['<p style="color: #eee">pale</p>'])]
    page.close()


SCREENS: tuple[tuple[int, Scheme], ...] = ((1280, "light"), (360, "dark"), (1280, "dark"), (390, "light"))
# Empties the drawings in which nothing can be pressed or reached by keyboard.
HOLLOW = """[...document.querySelectorAll('svg[role=img]')]
  .filter(s => !s.querySelector('a, [tabindex], [role]')).forEach(s => s.replaceChildren())"""
# Which elements show, a digit each.
SHOWN = "[...document.body.querySelectorAll('*')].map(e => Number(e.checkVisibility())).join('')"
# What can be typed into or pressed, and still shows.
CONTROLS = """[...document.querySelectorAll('input, select, button, textarea')]
  .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 60))"""
PRINTED_CLAIMS = """(claims => claims.length > 90 && claims.every(c => c.querySelector('summary').checkVisibility()))(
  [...document.querySelectorAll('details.claim')])"""

# Tables wider than what shows them, where nothing lets one scroll to the rest.
CUT_OFF = """[...document.querySelectorAll('table')].filter(t => {
  const box = t.parentElement, wide = t.scrollWidth > box.clientWidth + 1;
  return t.offsetParent && wide && !/auto|scroll/.test(getComputedStyle(box).overflowX);
}).map(t => t.textContent.trim().slice(0, 60))"""


def test_a_cut_off_table_is_found(browser: Any) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 400})
    page.set_content('<div style="overflow:hidden;width:90px"><table><td style="min-width:300px">wide</table></div>')
    assert page.evaluate(CUT_OFF) == ["wide"]
    page.close()


def test_what_makes_no_sense_on_paper_is_found(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<style>@media print { .hidden { display: none } }</style><button>press</button>")
    page.emulate_media(media="print")
    assert page.evaluate(CONTROLS) == ["<button>press</button>"]
    page.set_content('<style>@media print { .hidden { display: none } }</style><p class="hidden"><input></p>')
    assert page.evaluate(CONTROLS) == [] and not page.evaluate(PRINTED_CLAIMS)
    page.close()


def test_the_live_page_starts_when_asked(pages: dict[str, Path], browser: Any) -> None:
    """Under the policy of the page around it, offline: a picture, the same sentence, a slider that solves."""
    for name in MOVING:
        with opened(browser, pages[name], live=False) as page:
            assert page.locator("iframe").count() == 0  # nothing runs before it is asked for
            page.click("#live-start")
            frame = page.frame_locator("#live-stage iframe")
            frame.locator("html[data-ready=yes]").wait_for(timeout=90_000)
            page.wait_for_timeout(500)
            before = frame.locator("#sentence").inner_text()
            assert frame.locator("#static").count() == 0 and frame.locator("#savelink").is_hidden()
            frame.locator("#term0value").focus()
            page.keyboard.press("Home")
            page.wait_for_timeout(600)
            assert frame.locator("#sentence").inner_text() != before, name


def test_pages_stay_of_a_size_to_be_mailed(pages: dict[str, Path]) -> None:
    """A posture with its live page is below 2 MB; mail takes 10 and more."""
    for name, path in pages.items():
        most = 4e6 if name.startswith("claim") else 2e6
        assert path.stat().st_size < most, (name, path.stat().st_size)


def test_no_policy_lets_a_request_out(pages: dict[str, Path]) -> None:
    for name, path in pages.items():
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', path.read_text(encoding="utf-8"))
        assert policy, name
        assert "default-src 'none'" in policy[1] and "connect-src 'none'" in policy[1], name
        assert "script-src 'sha256-" in policy[1] and "'unsafe-inline'" not in policy[1].split("style-src")[0], name

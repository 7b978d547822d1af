"""A browser for tests of pages: Debian's Chromium, offline, drawing in software."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.helpers.packages import needs, needs_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType, Page

_FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: What a page may ask for: itself, and what it made.
_OWN = ("file:", "data:", "blob:", "about:")


def run_browser() -> Iterator[Browser]:
    """Run Chromium as long as a fixture needs it; skip where it or playwright is missing."""
    needs("playwright")
    from playwright import sync_api

    needs_program("chromium", "chromium", always=False)
    with sync_api.sync_playwright() as play:
        yield from launch(play.chromium)


def launch(kind: BrowserType, *flags: str) -> Iterator[Browser]:
    """Run one more browser of a kind that runs already (``browser.browser_type``), with further flags."""
    program = needs_program("chromium", "chromium", always=False)
    running = kind.launch(executable_path=program, args=[*_FLAGS, *flags])
    yield running
    running.close()


@contextmanager
def opened(
    browser: Browser, file: Path, address: str = "", *, live: bool = True, quiet: bool = True, **settings: Any
) -> Iterator[Page]:
    """Open a page offline; an error in it, or a request beyond the file, fails the test.

    Parameters
    ----------
    live : bool
        Whether it is a live page, which says when it is ready.
    quiet : bool
        Whether the browser may have nothing to complain about in its console.
    settings
        Of the browser's context, such as ``color_scheme``.
    """
    options = {"offline": True, "viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **settings}
    context = browser.new_context(**options)
    page = context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    if quiet:
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri() + (f"#{address}" if address else ""))
    if live:
        page.wait_for_selector("html[data-ready=yes]", timeout=90_000)
    yield page
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(_OWN)] == []


def find_violations(page: Page, axe: str) -> list[tuple[str, list[str]]]:
    """Return what breaks axe's rules: rule and the first elements."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    return [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found]


def said(page: Page) -> str:
    """Return a live page's sentence, once the slider rests."""
    page.wait_for_selector("#spoken[aria-busy=false]")
    return page.inner_text("#sentence")

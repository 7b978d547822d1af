"""How fast the live page answers: ``python -m benchmarks.live_page`` (needs playwright and the system's Chromium).

Moves the slider of the walk through sixty positions and prints the median time from the input to solved and written
numbers, in processor time of the page's thread, for several changes; and to the picture, by the clock, drawn in
software.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from gluteal.cli import main as gluteal

# One move of the slider; drawing waits for a frame that never comes, so that only solving and writing are measured.
MOVE = """value => {
  window.requestAnimationFrame = () => 0;
  const slider = document.getElementById("term0value");
  slider.value = String(value);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
DRAW = """async () => {
  const slider = document.getElementById("term0value"), took = [];
  for (let i = 0; i < 30; i++) {
    slider.value = String(0.3 + i * 0.01);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    took.push(performance.now() - start);
  }
  return took;
}"""
#: What is measured: name, the terms of the address.
MOVES = {
    "a block": "c=block:superior gluteal nerve:r:0.3",
    "pain": "c=pain:hip:r:3",
    "a wish": "c=wish:glmax:r:0.1",
    "joints spared": "c=strategy:joint-sparing:both:3",
    "a delay, swept": "c=delay:glmax:r:0.03",
}


def measure_moves(page: Page) -> float:
    """Return the median processor time of the page's thread from an input to written numbers, warm, ms."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def passed() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return float(next(m["value"] for m in found if m["name"] == "ScriptDuration"))

    slider = page.locator("#term0value")
    high, value = (float(slider.get_attribute(name) or 0) for name in ("max", "value"))
    took = []
    for k in range(60):
        before = passed()
        page.evaluate(MOVE, value + 0.5 * k / 60 * (high - value))
        took.append(1000 * (passed() - before))
    return statistics.median(took[10:])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = Path(folder) / "body.html"
        gluteal(["see", "walk", "--nerve", "superior gluteal=0.5", "--side", "r", "--out", str(path)])
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        print(f"page of one walk: {path.stat().st_size / 1e6:.2f} MB")
        for name, address in MOVES.items():
            page = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}).new_page()
            page.goto(f"{path.as_uri()}#task=walk&{address}")
            page.wait_for_selector("html[data-ready=yes]", timeout=120_000)
            page.wait_for_timeout(2000)
            if name == "a block":
                drawn = page.evaluate(DRAW)
                print(f"input to picture, software rendering: median {statistics.median(drawn):.0f} ms of the clock")
            print(f"{name}: input to solved and written numbers {measure_moves(page):.1f} ms of processor time")
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()

"""How fast the live page answers: ``python -m benchmarks.live_page`` (needs playwright and the system's Chromium).

Moves the slider of the walk through sixty positions and prints the median time from the input to solved and written
numbers, and to the picture; with software rendering where there is no graphics card, which it says.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from gluteal.cli import main as gluteal

MOVE = """async () => {
  const slider = document.getElementById("term0value"), took = [], drawn = [];
  for (let i = 0; i < 60; i++) {
    slider.value = String(0.3 + i * 0.01);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    took.push(performance.now() - start);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    drawn.push(performance.now() - start);
  }
  return [took, drawn];
}"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = Path(folder) / "body.html"
        gluteal(["see", "walk", "--nerve", "superior gluteal=0.5", "--side", "r", "--out", str(path)])
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        page = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}).new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=120_000)
        page.wait_for_timeout(2000)
        took, drawn = page.evaluate(MOVE)
        print(f"page of one walk: {path.stat().st_size / 1e6:.2f} MB")
        print(f"input to solved and written numbers: median {statistics.median(took):.1f} ms, most {max(took):.1f} ms")
        print(f"input to picture, software rendering: median {statistics.median(drawn):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()

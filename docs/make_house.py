"""Draw the house: rooms from top to bottom, and the way of one condition through them (docs/pictures/house.svg).

Run ``python docs/make_house.py``; the floors are read from the import rules in pyproject.toml, so that the picture
cannot show a house that is not there. A test compares.
"""

from __future__ import annotations

import html
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = Path(__file__).parent / "pictures" / "house.svg"
#: What one condition meets in each room on its way down, and what comes back up.
WAY = {
    "cli": ("--nerve “superior gluteal”=0.52 becomes a Block", "exit code"),
    "show": ("", "one page: answer, picture, tables"),
    "ledger": ("", "with other rooms’ outcomes: a claim’s verdict"),
    "held_against": ("", "beside what people did"),
    "simulate": ("settles a strength loss; undisturbed, then changed", "Outcome"),
    "movements": ("a task or trial becomes a Movement", "Movement"),
    "engines": ("MuJoCo or OpenSim: lengths, moment arms, moments", "Geometry"),
    "outcome": ("", "comparison, the one verdict, checks, joint loads"),
    "sharing": ("build_sharing: A, S, b, bounds, weights", "Solution, sealed"),
    "nerves": ("assemble: floor, ceiling, capacity, price", "Share"),
    "mechanics": ("frozen nouns with labels", "Mechanics"),
    "emg": ("", "(on its own: recording to findings)"),
    "anatomy": ("“superior gluteal” is seven muscles", "names"),
    "testing": ("", "(a solver that fails, for anyone to plant)"),
    "kernels": ("share_frames: activations, reserves, certificates", "bare arrays"),
    "vocabulary": ("units, dimensions, signs", "errors that say what to do"),
}
ROW, WIDTH, LEFT, MIDDLE = 34, 980, 244, 614


def floors() -> list[list[str]]:
    """Return the rooms of each floor, top first, as the import rules state them."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(c["layers"] for c in rules["contracts"] if c.get("containers") == ["gluteal"])
    return [layer.split(" | ") for layer in layers]


def draw() -> str:
    """Return the drawing as SVG; light and dark by the reader's setting."""
    rows = floors()
    height = ROW * len(rows) + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="Rooms of the house from top to bottom, and what one condition meets in each">',
        "<style>text{font:13px system-ui,sans-serif;fill:#1d2733}.r{font-weight:600}.q{fill:#5b6b7b}"
        ".b{fill:#eef2f6;stroke:#c3ccd6}.w{stroke:#d9541e;fill:none;stroke-width:2}.u{stroke:#2f76b5}"
        "@media(prefers-color-scheme:dark){text{fill:#e6ebf0}.q{fill:#9fb0c0}.b{fill:#1f2933;stroke:#3c4a58}}</style>",
        '<defs><marker id="d" viewBox="0 0 8 8" refX="4" refY="7" markerWidth="7" markerHeight="7" orient="0">'
        '<path d="M0 0 4 8 8 0z" fill="#d9541e"/></marker>'
        '<marker id="u" viewBox="0 0 8 8" refX="4" refY="1" markerWidth="7" markerHeight="7" orient="0">'
        '<path d="M0 8 4 0 8 8z" fill="#2f76b5"/></marker></defs>',
        f'<text x="{LEFT}" y="20" class="q">what a condition meets on its way down</text>',
        f'<text x="{MIDDLE + 24}" y="20" class="q">what comes back up</text>',
    ]
    for i, names in enumerate(rows):
        y = 34 + ROW * i
        down, up = next((WAY[n] for n in names if n in WAY), ("", ""))
        parts.append(f'<rect x="8" y="{y}" width="{WIDTH - 16}" height="{ROW - 6}" rx="5" class="b"/>')
        parts.append(f'<text x="18" y="{y + 19}" class="r">{html.escape(", ".join(names))}</text>')
        parts.append(f'<text x="{LEFT + 14}" y="{y + 19}">{html.escape(down)}</text>')
        parts.append(f'<text x="{MIDDLE + 24}" y="{y + 19}">{html.escape(up)}</text>')
    bottom = 34 + ROW * len(rows) - 14
    parts.append(f'<path class="w" marker-end="url(#d)" d="M{LEFT} 40V{bottom}"/>')
    parts.append(f'<path class="w u" marker-end="url(#u)" d="M{MIDDLE + 10} {bottom}V42"/>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")

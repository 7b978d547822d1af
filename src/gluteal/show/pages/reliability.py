"""How repeatable a measurement is, in one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes

from gluteal.emg.measure.repeated import PairAgreement, Reliability
from gluteal.files import write_text
from gluteal.show.figures.reliability import plot_bland_altman
from gluteal.show.pages.page import STYLE, inline_axes, render_page

#: Pictures of more pairs of sessions would make a page nobody scrolls through.
MOST_PAIRS = 6


def save_reliability(path: str | Path, found: Reliability, *, command: str | None = None) -> None:
    """Write the page, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_reliability(found, command=command))


def render_reliability(found: Reliability, *, command: str | None = None) -> str:
    """Return the page as one HTML text; `command` is the command line that repeats it, shown as such."""

    def draw(pair: PairAgreement) -> Callable[[Axes], Axes]:
        return lambda ax: plot_bland_altman(found.measures, pair, ax=ax)

    with mpl.rc_context(STYLE):
        pictures = [(p, inline_axes(draw(p))) for p in found.pairs[:MOST_PAIRS]]
    return render_page(
        "reliability.html.j2",
        found=found,
        rows=found.to_rows(),
        pictures=pictures,
        more=len(found.pairs) - len(pictures),
        command=command,
    )

"""Figures within a page: as SVG that takes the page's font and colour, or as an embedded picture."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Stands for the colour of the page's text in a figure; replaced by `currentColor` in the SVG.
_INK = "#2a2f36"
#: matplotlib settings under which figures for `inline` and `inline_axes` are drawn.
STYLE: Any = {
    "svg.fonttype": "none",
    # A label of somebody's channel may hold a $; it is no formula.
    "text.parse_math": False,
    "svg.hashsalt": "gluteal",
    "font.size": 10.0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    **dict.fromkeys(
        (
            "text.color",
            "axes.labelcolor",
            "axes.edgecolor",
            "axes.titlecolor",
            "xtick.color",
            "ytick.color",
        ),
        _INK,
    ),
}

#: The same for a figure in a file of its own.
PICTURE: Any = {"svg.fonttype": "none", "text.parse_math": False}


@contextmanager
def own_style(style: Any = STYLE) -> Iterator[None]:
    """Draw with these settings of matplotlib and else its own while the block runs.

    A ``matplotlibrc`` is read from the folder a person stands in, which may be somebody else's: it could ask for LaTeX.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        yield


def inline_axes(draw: Callable[[Axes], Axes], *, size: tuple[float, float] = (6.4, 4.0)) -> Markup:
    """Draw into the axes of a new figure of `size` (inches) and return it as `inline` does."""
    # A bare Figure: no window system is asked, and nothing has to be closed.
    figure = Figure(figsize=size, layout="constrained")
    draw(figure.subplots())
    return inline(figure)


def inline(figure: Figure) -> Markup:
    """Return a figure as inline SVG that takes the page's font and text colour."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", bbox_inches="tight", pad_inches=0.05, metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg [^>]*?)width="[\d.]+pt" height="[\d.]+pt"', r"\1", text, count=1)
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    return Markup(text.replace("<svg ", '<svg role="img" aria-label="Drawing, told in words by its caption" ', 1))


def embedded_png(figure: Figure) -> Markup:
    """Return a figure as the address of an embedded PNG."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=150, transparent=True, bbox_inches="tight", pad_inches=0.05)
    return Markup("data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii"))

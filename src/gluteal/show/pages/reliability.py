"""How repeatable a measurement is, in one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes

from gluteal.emg.measure.repeated import PairAgreement, Reliability
from gluteal.files import write_text
from gluteal.show.figures.reliability import plot_bland_altman
from gluteal.show.pages.page import inline_axes, own_style, render_page
from gluteal.show.pages.report import ReportHead

#: Pictures of more pairs of sessions would make a page nobody scrolls through.
MOST_PAIRS = 6
#: The form of the ICC that the first sentence tells of: one measurement, shifts between sessions counting as error.
_HEADLINE = "ICC(A,1)"


_LIMITS = (
    "These numbers hold for people and circumstances like those of the table: among people who differ less, the same "
    "measurement has a lower ICC.",
    "Repeatable is not the same as right: a scale that is always wrong by the same amount is perfectly repeatable.",
)
_PERSON = (
    "When something is measured twice, the two numbers differ a little. This page says by how much, so that nobody "
    "takes chance for a change.",
)


def save_reliability(path: str | Path, found: Reliability, *, command: str | None = None) -> None:
    """Write the page, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_reliability(found, command=command))


def render_reliability(found: Reliability, *, command: str | None = None) -> str:
    """Return the page as one HTML text; `command` is the command line that repeats it, shown as such."""

    def draw(pair: PairAgreement) -> Callable[[Axes], Axes]:
        return lambda ax: plot_bland_altman(found.measures, pair, ax=ax)

    with own_style():
        pictures = [(p, inline_axes(draw(p))) for p in found.pairs[:MOST_PAIRS]]
    return render_page(
        "reliability.html.j2",
        answer=_answer(found),
        limits=_LIMITS,
        found=found,
        rows=found.to_rows(),
        pictures=pictures,
        more=len(found.pairs) - len(pictures),
        command=command,
    )


def _answer(found: Reliability) -> ReportHead:
    """Return the head: what the first sentences say, and on how many people it rests."""
    measures = found.measures
    sessions = "raters" if measures.categories else "sessions"
    rows = found.to_rows()
    row = next((row for row in rows if row["item"] == _HEADLINE), rows[0])
    name = row["item"] if row["item"].startswith(row["measure"]) else f"{row['measure']}, {row['item']}"
    unit = f" {row['unit']}" if row["unit"] and row["unit"] != "1" else ""
    return ReportHead(
        over=f"Repeated measurements · {len(measures.subjects)} subjects, {len(measures.sessions)} {sessions}",
        title=f"How repeatable: {measures.name}",
        sentence=" ".join(found.sentences[:2]),
        number=f"{row['value']:.3g}{unit}",
        number_words=f"{name}; 95 % interval {row['low']:.3g} to {row['high']:.3g}",
        certainty=f"It rests on {len(measures.subjects)} subjects; the intervals say how far that carries.",
        person=_PERSON,
    )

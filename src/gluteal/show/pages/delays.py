"""What late starts cost in one HTML file, beside how much the starts of healthy people scatter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
from markupsafe import Markup
from matplotlib.axes import Axes

from gluteal.anatomy import group_words
from gluteal.files import written_whole
from gluteal.outcome.sentences import title_within
from gluteal.show.figures.delays import PANELS, plot_late_starts
from gluteal.show.figures.inline import PICTURE, inline_axes, own_style
from gluteal.show.pages.names import label_group
from gluteal.show.pages.report import KIND_WORDS, Grid, Report, ReportHead, write_report
from gluteal.show.parts import say_part
from gluteal.simulate.delays import EARLY, SCATTER, LateRow, LateStarts
from gluteal.sources.bibliography import cite
from gluteal.words import SIDES

_CAPTIONS = {
    "effort": "Effort of all muscles beyond the undisturbed movement. Rings: not possible exactly this way.",
    "hip": f"Force in the hip, mean of the first {1000 * EARLY:.0f} ms of the movement.",
    "missing": "The largest moment that muscles can no longer supply.",
}
#: A moment below this, N·m, is 0 as printed: its curve would draw what the solver rounds.
_LEAST_MISSING = 0.05
_LIMITS = (
    "The movement is held exactly as it is; a person whose muscle starts late moves a little differently.",
    "Late means that the muscle gets no drive before: activation then rises as fast as muscles can. Tendons are stiff "
    "here, so the delay between an electrical signal and its force is not in it.",
    "The undisturbed order is that of least effort, not of a person.",
)


def save_delays(path: str | Path, late: LateStarts, *, body: str, command: str | None = None) -> None:
    """Write the page; parameters as `report_delays`, errors as `gluteal.files.written_whole`."""
    write_report(path, report_delays(late, body=body, command=command))


def report_delays(late: LateStarts, *, body: str, command: str | None = None) -> Report:
    """Return the report on late starts.

    Parameters
    ----------
    late : LateStarts
        From `gluteal.compute_late_starts`.
    body : str
        What was moved, and where it is from.
    command : str, optional
        The command line that repeats it.
    """
    alone = [row for row in late.rows if len(row.targets) == 1 and row.seconds <= EARLY]
    possible = [row for row in alone if row.verdict != "impossible"]
    first = max(possible, key=lambda row: row.seconds, default=None)
    return Report(
        answer=ReportHead(
            over=f"{late.title} · {SIDES[late.side].strip()} side, muscles that start late",
            title=f"Does it matter when a muscle starts late in {title_within(late.title)}?",
            sentence=late.sentence,
            number="" if first is None else f"{100 * (first.effort_ratio - 1):+.1f} % effort",
            number_words="" if first is None else f"with {first.name} {1000 * first.seconds:.0f} ms late",
            certainty=f"Starts of gluteus maximus scatter by {1000 * late.scatter:.0f} ms in healthy people "
            f"(standard deviation; {cite(SCATTER)}). Load sharing by least effort says who takes over; people may "
            "choose otherwise.",
            person=(
                "Muscles of people who are well start in different orders, and differently each time. A muscle that "
                "starts a little late is no fault.",
                *KIND_WORDS,
            ),
        ),
        figures=_panels(late),
        grids=_grids(late),
        limits=_LIMITS,
        settings={
            "body": body,
            "first start, undisturbed": f"{late.onset:.2f} s",
            "hip force, undisturbed": f"{late.early_hip_bw:.2f} × body weight at first, {late.peak_hip_bw:.2f} at most",
        },
        command=command,
    )


def save_delay_picture(path: Path, late: LateStarts) -> None:
    """Save the panels side by side as a picture; errors as `gluteal.files.written_whole`."""
    with own_style(PICTURE), written_whole(path) as file:
        figure, axes = plt.subplots(1, len(PANELS), figsize=(5.4 * len(PANELS), 4.0), layout="constrained")
        for ax, name in zip(axes, PANELS, strict=True):
            plot_late_starts(late, name, ax=ax)
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=150)
        plt.close(figure)


def _panels(late: LateStarts) -> list[tuple[Markup, str]]:
    def panel(name: str) -> Callable[[Axes], Axes]:
        return lambda ax: plot_late_starts(late, name, ax=ax)

    lacking = any(row.missing >= _LEAST_MISSING for row in late.rows)
    with own_style():
        return [(inline_axes(panel(name)), _CAPTIONS[name]) for name in PANELS if lacking or name != "missing"]


def _grids(late: LateStarts) -> list[Grid]:
    grids = [
        Grid(
            title="Every late start",
            columns=(
                "late",
                "by (ms)",
                "exactly this way",
                "effort (%)",
                "hip force at first (× body weight)",
                "at most (× body weight)",
                "missing",
                "who does more at first",
            ),
            rows=[_row(row) for row in late.rows],
            note=f"Effort and hip force beside the undisturbed movement under the same activation dynamics; at first: "
            f"mean of {1000 * EARLY:.0f} ms.",
        )
    ]
    if late.refused:
        rows = [(label_group(name, late.side), sentence) for name, sentence in late.refused.items()]
        grids.append(Grid(title="Left out", columns=("muscle", "why"), rows=rows))
    return grids


def _row(row: LateRow) -> tuple[object, ...]:
    missing = f"{row.missing:.1f} N·m for {say_part(row.coordinate)}"
    return (
        row.name,
        f"{1000 * row.seconds:.0f}",
        "not possible" if row.verdict == "impossible" else "possible",
        f"{100 * (row.effort_ratio - 1):+.1f}",
        f"{row.early_hip_bw:.2f}",
        f"{row.peak_hip_bw:.2f}",
        missing if row.verdict == "impossible" else "–",
        ", ".join(f"{group_words(name)} +{100 * change:.0f} points" for name, change in row.helpers) or "–",
    )

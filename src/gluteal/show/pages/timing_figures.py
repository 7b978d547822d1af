"""Figures of late starts and of endurance above their tables, each with its caption."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from markupsafe import Markup
from matplotlib.axes import Axes

from gluteal.files import written_whole
from gluteal.show.figures.delays import PANELS, plot_late_starts
from gluteal.show.figures.endurance import plot_hold, plot_hold_time
from gluteal.show.pages.page import STYLE, inline_axes
from gluteal.simulate.delays import EARLY, LateStarts
from gluteal.simulate.endurance import Hold

_CAPTIONS = {
    "effort": "Effort of all muscles beyond the undisturbed movement. Rings: not possible exactly this way.",
    "hip": f"Force in the hip, mean of the first {1000 * EARLY:.0f} ms of the movement.",
    "missing": "The largest moment that muscles can no longer supply.",
}


def draw_delays(late: LateStarts) -> list[tuple[Markup, str]]:
    """Draw effort, early hip force and missing moment over the delay."""

    def panel(name: str) -> Callable[[Axes], Axes]:
        return lambda ax: plot_late_starts(late, name, ax=ax)

    with mpl.rc_context(STYLE):
        return [(inline_axes(panel(name)), _CAPTIONS[name]) for name in PANELS]


def save_delays(path: Path, late: LateStarts) -> None:
    """Save the panels side by side as a picture; errors as `gluteal.files.written_whole`."""
    with mpl.rc_context({"svg.fonttype": "none", "text.parse_math": False}), written_whole(path) as temporary:
        figure, axes = plt.subplots(1, len(PANELS), figsize=(5.4 * len(PANELS), 4.0), layout="constrained")
        for ax, name in zip(axes, PANELS, strict=True):
            plot_late_starts(late, name, ax=ax)
        figure.savefig(temporary, format=path.suffix[1:].lower(), dpi=150)
        plt.close(figure)


def draw_hold(hold: Hold) -> list[tuple[Markup, str]]:
    """Draw who takes over while a posture is held, and what the rates rest on."""
    taken = "Groups that change most: who gives way as it tires, and who takes over. It ends where it fails."
    rests = "The rates beside people: how long one muscle gives a share of its strength (hips: rates of all joints)."
    with mpl.rc_context(STYLE):
        return [
            (inline_axes(lambda ax: plot_hold(hold, ax=ax)), taken),
            (inline_axes(lambda ax: plot_hold_time(ax=ax)), rests),
        ]

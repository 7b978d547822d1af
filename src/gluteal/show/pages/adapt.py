"""What the person could do instead, in one HTML file, with both bodies."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from gluteal.engines import compute_picture
from gluteal.errors import GlutealError
from gluteal.files import write_text
from gluteal.mechanics.picture import Picture
from gluteal.sharing.solution import Solution
from gluteal.show.figures.adapt import plot_adaptation_curve, plot_changes
from gluteal.show.figures.body import View, plot_body
from gluteal.show.live.embed import LiveBlock, live_block
from gluteal.show.live.page import stand_beside
from gluteal.show.pages.outcome import second_view
from gluteal.show.pages.page import STYLE, embedded_png, inline_axes, render_page
from gluteal.simulate.adapt.curve import AdaptationCurve
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.record import Adaptation

#: Panels of a curve.
_PANELS = ("trunk_lean", "pelvic_list", "missing")


def save_adaptation(
    adaptation: Adaptation,
    path: str | Path,
    *,
    command: str | None = None,
    curve: AdaptationCurve | None = None,
) -> None:
    """Write the page of an adaptation, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_adaptation(adaptation, command=command, curve=curve))


def render_adaptation(
    adaptation: Adaptation, *, command: str | None = None, curve: AdaptationCurve | None = None
) -> str:
    """Return the page as one HTML text.

    Parameters
    ----------
    command : str, optional
        The command line that repeats it, shown as such.
    curve : AdaptationCurve, optional
        The same from no loss to the whole, drawn with its bands.
    """
    with mpl.rc_context(STYLE):
        figures = {"changes": inline_axes(lambda ax: plot_changes(adaptation, ax=ax))}
        panels = []
        if curve is not None:
            for name in _PANELS:
                panels.append(inline_axes(lambda ax, name=name: plot_adaptation_curve(curve, name, ax=ax)))  # type: ignore[misc]
        pictures = draw_both_bodies(adaptation)
    meaning = {c.quantity: posture_quantity(c.quantity).meaning for c in adaptation.changes}
    return render_page(
        "adapt.html.j2",
        found=adaptation,
        bought=adaptation.bought,
        figures=figures,
        panels=panels,
        pictures=pictures,
        meaning=meaning,
        curve=curve,
        command=command,
        live=(live := _live(adaptation)),
        scripts=() if live is None else ("live.js",),
    )


def _live(adaptation: Adaptation) -> LiveBlock | None:
    """Return the live page with both postures; None where the criterion or the engine has none."""
    try:
        adapted, held = stand_beside(adaptation)
        return live_block(adapted, beside=held, instead=adaptation.sentences)
    except GlutealError:
        return None


def render_instead(adaptation: Adaptation) -> Markup:
    """Return what the person could do instead as a part of another page."""
    with mpl.rc_context(STYLE):
        changes = inline_axes(lambda ax: plot_changes(adaptation, ax=ax))
        pictures = draw_both_bodies(adaptation)
    return Markup(render_page("adapt_part.html.j2", found=adaptation, changes=changes, pictures=pictures))


def draw_both_bodies(adaptation: Adaptation) -> list[tuple[str, Markup]]:
    """Return (caption, PNG as data address) of the body held fixed and adapted, from two sides.

    Of a walk it is the frame where most is missing if it is held fixed.
    """
    body = adaptation.fixed.mechanics.body
    frame = int(np.abs(adaptation.movement.time - adaptation.fixed.deficit.time).argmin())
    pairs: tuple[tuple[str, Solution], ...] = (
        ("held as it was", adaptation.fixed.changed),
        ("adapted", adaptation.adapted.changed),
    )
    pictures: list[tuple[str, Picture, dict[str, float]]] = []
    for name, solution in pairs:
        activation = solution.activation.values[frame].tolist()
        picture = compute_picture(body, solution.mechanics.movement, frame)
        pictures.append((name, picture, dict(zip(body.muscle_names, activation, strict=True))))
    first: View = adaptation.movement.view
    views = (first, second_view(pictures[0][1], first))
    drawn = []
    for view in views:
        for name, picture, values in pictures:
            figure = Figure(figsize=(3.6, 6.0), layout="constrained")
            axes = figure.subplots()
            plot_body(picture, view=view, side=adaptation.toward, muscle_values=values, pixels_per_metre=560.0, ax=axes)
            where = "the side" if view == "side" else "above" if view == "top" else f"the {view}"
            drawn.append((f"{name}, from {where}", embedded_png(figure)))
    return drawn

"""Still pictures of the body for pages, in the frame that tells most."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from gluteal.engines import compute_picture
from gluteal.errors import GlutealError
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import load_task
from gluteal.outcome.record import Outcome
from gluteal.show.figures.body import plot_body
from gluteal.show.figures.inline import embedded_png, own_style
from gluteal.vocabulary import Side, side_of

# Every muscle as if it worked so hard, so that all are seen.
_SHOWN = 0.5


def draw_state(outcome: Outcome, frame: int, *, alt: str) -> Markup:
    """Draw the body under its condition, muscles by their activation; empty where the engine draws none.

    Parameters
    ----------
    frame : int
        Of the movement.
    alt : str
        What the picture shows, for who does not see it.
    """
    body, movement = outcome.mechanics.body, outcome.mechanics.movement
    try:
        picture = compute_picture(body, movement, frame)
    except GlutealError:
        return Markup("")
    side: Side = "l" if {side_of(m) for m in outcome.condition.affected(body)} == {"l"} else "r"
    activation = outcome.changed.activation.to_numpy()[frame]
    values = dict(zip(body.muscle_names, activation.tolist(), strict=True))
    with own_style():
        figure = Figure(figsize=(3.6, 6.0), layout="constrained")
        ax = figure.subplots()
        plot_body(picture, view=movement.view, side=side, muscle_values=values, pixels_per_metre=420.0, ax=ax)
        address = embedded_png(figure)
    return Markup('<div class="bodies"><img src="{}" alt="{}"></div>').format(address, alt)


def draw_standing(body: Body, *, alt: str) -> Markup:
    """Draw a body standing still, from behind; empty where it cannot stand, or the engine draws none."""
    try:
        picture = compute_picture(body, load_task("quiet-standing", body), 0)
    except GlutealError:
        return Markup("")
    with own_style():
        figure = Figure(figsize=(3.0, 6.0), layout="constrained")
        values = dict.fromkeys(body.muscle_names, _SHOWN)
        options: dict[str, Any] = {"muscle_values": values, "pixels_per_metre": 420.0, "colorbar": False}
        plot_body(picture, view="back", side="r", ax=figure.subplots(), **options)
        address = embedded_png(figure)
    return Markup('<div class="bodies"><img class="small" src="{}" alt="{}"></div>').format(address, alt)

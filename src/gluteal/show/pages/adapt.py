"""What the person could do instead, in one HTML file: the answer, both bodies, what moves, what it buys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from gluteal.engines import compute_picture
from gluteal.errors import GlutealError
from gluteal.mechanics.picture import Picture
from gluteal.outcome.sentences import VERDICT_WORDS, title_first, title_within
from gluteal.sharing.solution import Solution
from gluteal.show.figures.adapt import plot_adaptation_curve, plot_changes
from gluteal.show.figures.body import View, plot_body
from gluteal.show.live.embed import LiveBlock, live_block
from gluteal.show.live.page import stand_beside
from gluteal.show.pages.names import say_within
from gluteal.show.pages.outcome import second_view
from gluteal.show.pages.page import embedded_png, inline_axes, number_words, own_style, render_page
from gluteal.show.pages.report import (
    KIND_WORDS,
    Grid,
    Report,
    ReportHead,
    list_people_facts,
    write_report,
)
from gluteal.show.parts import label_muscles, say_name
from gluteal.simulate.adapt.curve import AdaptationCurve
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.record import Adaptation
from gluteal.simulate.adapt.sentences import NOT_FORETOLD

#: Panels of a curve.
_PANELS = ("trunk_lean", "pelvic_list", "missing")
_NEGLIGIBLE_NM = 0.01
_KIND = {
    "impossible": "In the calculation even another way of doing it would ask for more than is left. People also slow "
    "down, hold on or rest, and that is not calculated here.",
    "cannot-be-judged": "The calculation could not be trusted this time, so there is nothing to tell yet. That is "
    "about the calculation, not about you.",
}
_ABLE = (
    "Bodies find another way. In the calculation {within} still works, done a little differently; people do that all "
    "the time without noticing."
)
_SAME = "In the calculation {within} goes on as it is: there is nothing that would have to be done differently."
_LIMITS = (
    NOT_FORETOLD,
    "Only what is listed under “What moves” was free to change. A person has more ways: a hand on the wall, a slower "
    "pace, a rest.",
)


def save_adaptation(
    adaptation: Adaptation,
    path: str | Path,
    *,
    command: str | None = None,
    curve: AdaptationCurve | None = None,
) -> None:
    """Write the page of an adaptation, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_report(path, report_adaptation(adaptation, command=command, curve=curve), live=_live(adaptation))


def report_adaptation(
    adaptation: Adaptation, *, command: str | None = None, curve: AdaptationCurve | None = None
) -> Report:
    """Return the report on an adaptation.

    Parameters
    ----------
    adaptation : Adaptation
        From `gluteal.adapt`.
    command : str, optional
        The command line that repeats it, shown as such.
    curve : AdaptationCurve, optional
        The same from no loss to the whole, drawn with its bands.
    """
    labels = label_muscles(adaptation.fixed.mechanics.body.muscle_names)
    found = adaptation.certificate
    tried = f"{found.evaluations} {'cycles' if adaptation.cyclic else 'postures'}"
    stopped = "" if found.converged else "; the search did not stand still"
    return Report(
        answer=_answer(adaptation, curve),
        figures=_figures(adaptation, curve),
        grids=[grid for grid in _grids(adaptation) if grid.rows],
        limits=(*_LIMITS, *(say_within(note, labels) for note in adaptation.notes)),
        settings={
            "body": f"{adaptation.fixed.mechanics.body.name}, {adaptation.fixed.mechanics.body.source}",
            "movement": adaptation.movement.title,
            "condition": adaptation.condition.name,
            **({"also different": adaptation.alteration} if adaptation.alteration else {}),
            "weight of habit": _say_habit(adaptation),
            "residual of the load sharing": f"{found.inner:.1e}",
            "largest gradient left, per deviation": f"{found.outer:.1e} after {tried}{stopped}",
            "gradient against central differences": f"{found.gradient:.1e}",
        },
        command=command,
        footer="This is a computer model’s answer to a “what instead”.",
    )


def _answer(adaptation: Adaptation, curve: AdaptationCurve | None) -> ReportHead:
    verdict = "cannot-be-judged" if adaptation.fixed.cause is not None else adaptation.verdict
    words = VERDICT_WORDS[verdict]
    title, bought = adaptation.movement.title, adaptation.bought
    name = " and ".join(
        filter(None, (adaptation.condition.name if adaptation.condition else "", adaptation.alteration))
    )
    sentences = [s for s in adaptation.sentences if s != NOT_FORETOLD]
    effort, held, now = bought.effort
    number, about = "", ""
    if verdict != "cannot-be-judged" and effort > 0.0:
        number = f"× {now / effort:.3g}"
        about = f"the undisturbed effort, done like this; × {held / effort:.3g} held exactly as it was"
    kind = _KIND.get(verdict, _ABLE if adaptation.said_changes else _SAME)
    kept = "fitted to people" if adaptation.habit.fitted else "given"
    sure = (
        f"One body, by least cost. How strongly a person keeps to the usual way was {kept}, not measured; the lines in "
        "the picture of changes span what a weaker and a stronger habit would say."
    )
    return ReportHead(
        over=f"{title} · what the person could do instead · body “{adaptation.fixed.mechanics.body.name}”",
        title=f"{name[0].upper()}{name[1:]}" if name else f"{title_first(title)}, undisturbed",
        sentence=" ".join(sentences),
        number=number,
        number_words=about,
        certainty=f"{sure} {curve.sentence}" if curve is not None else sure,
        badge=f"{words[0].upper()}{words[1:]}",
        tone=verdict,
        people=list_people_facts(adaptation.movement.name, adaptation.condition),
        person=(kind.format(within=title_within(title)), *KIND_WORDS),
    )


def _say_habit(adaptation: Adaptation) -> str:
    habit = adaptation.habit
    low, high = (number_words(end, 2) for end in habit.band)
    return f"{number_words(habit.weight)}; band {low} to {high}"


def _figures(adaptation: Adaptation, curve: AdaptationCurve | None) -> list[tuple[Markup, str]]:
    drawn = [
        Markup(
            '<figure><img src="{}" alt="Body {}, muscles coloured by activation"><figcaption>{}</figcaption></figure>'
        ).format(image, name, name)
        for name, image in draw_both_bodies(adaptation)
    ]
    pictures = Markup('<div class="bodies four">{}</div>').format(Markup("").join(drawn))
    told = "Both bodies, muscles by their activation under the condition, counted against what is left of them."
    figures = [(pictures, told)]
    with own_style():
        changes = inline_axes(lambda ax: plot_changes(adaptation, ax=ax))
        caption = "Change of each angle; dark lines span what any weight of habit in its band says."
        figures.append((changes, caption))
        if curve is not None:
            for name in _PANELS:
                panel = inline_axes(lambda ax, name=name: plot_adaptation_curve(curve, name, ax=ax))  # type: ignore[misc]
                figures.append((panel, "From no loss to the whole: the chosen weight of habit and its band."))
    return figures


def _grids(adaptation: Adaptation) -> Sequence[Grid]:
    bought = adaptation.bought
    margin = [
        (f"centre of pressure inside the edge of the foot ({unit})", None, *pair)
        for unit, pair in [("mm", adaptation.margin_mm)]
    ]
    loads = [
        (
            f"{say_within(f'{joint}_{side}' if side else joint, {})}, peak contact force (body weights)",
            before,
            held,
            now,
        )
        for joint, side, before, held, now in bought.joint_loads
    ]
    return (
        Grid(
            title="What moves",
            columns=("what", "before", "after", "change", "unit", "in deviations of habit", "band", "counted"),
            rows=[
                (
                    say_name(c.quantity) + (f", {c.phase}" if c.phase else ""),
                    round(c.before, 1),
                    round(c.after, 1),
                    f"{c.value:+.1f}",
                    "°" if c.unit == "deg" else c.unit,
                    f"{c.sigma:+.2f}",
                    None if c.low is None or c.high is None else f"{c.low:+.1f} to {c.high:+.1f}",
                    posture_quantity(c.quantity).meaning,
                )
                for c in adaptation.changes
            ],
        ),
        Grid(
            title="What it buys",
            columns=("what", "undisturbed", "held as it was", "adapted"),
            rows=[
                ("effort (1)", *bought.effort),
                ("missing moment (N·m)", None, *(0.0 if m < _NEGLIGIBLE_NM else m for m in bought.missing)),
                *margin,
                *loads,
            ],
        ),
        Grid(
            title="Where the search ended",
            columns=("cost", "away from the best (deviations)", "started from"),
            rows=[(b.cost, b.distance, ", ".join(map(say_name, b.starts))) for b in adaptation.basins],
            folded=True,
        ),
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
    with own_style():
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
            with own_style():
                figure = Figure(figsize=(3.6, 6.0), layout="constrained")
                axes = figure.subplots()
                plot_body(
                    picture, view=view, side=adaptation.toward, muscle_values=values, pixels_per_metre=560.0, ax=axes
                )
                where = "the side" if view == "side" else "above" if view == "top" else f"the {view}"
                drawn.append((f"{name}, from {where}", embedded_png(figure)))
    return drawn

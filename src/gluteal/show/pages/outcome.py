"""A report in one HTML file: no request to anywhere, light and dark, for screen and paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from markupsafe import Markup
from matplotlib.figure import Figure

from gluteal.anatomy import group_words
from gluteal.engines import compute_picture
from gluteal.errors import GlutealError
from gluteal.files import csv_text, write_netcdf, write_text
from gluteal.held_against.joint_moments import say_moments_outside
from gluteal.mechanics.picture import Picture
from gluteal.outcome.record import Outcome
from gluteal.outcome.supports import body_part, compute_support_force
from gluteal.outcome.verdict import MOVEMENT_RULE
from gluteal.show.figures import outcome as plot
from gluteal.show.figures.bands import plot_bands
from gluteal.show.figures.body import View, plot_body
from gluteal.show.figures.spread import plot_spread
from gluteal.show.live.embed import LiveBlock, live_block
from gluteal.show.pages.names import say_settings, say_within
from gluteal.show.pages.outcome_answer import answer_outcome
from gluteal.show.pages.page import embedded_png, inline, inline_axes, own_style, render_page
from gluteal.show.parts import label_muscles, say_name, say_part
from gluteal.simulate.ensemble import Ensemble
from gluteal.simulate.people import SCATTER
from gluteal.simulate.spread import STATISTIC, Spread
from gluteal.vocabulary import Side, side_of
from gluteal.words import FIXED

#: A body lower than this share of its length lies.
_LYING = 0.6
_SIDE_WORDS: Mapping[str, str] = {"r": "right", "l": "left"}
_FROM: Mapping[Side, str] = {"r": "from the right", "l": "from the left"}


def save_page(
    outcome: Outcome,
    path: str | Path,
    *,
    command: str | None = None,
    spread: Spread | None = None,
    ensemble: Ensemble | None = None,
    instead: Markup | None = None,
) -> None:
    """Write the page of an outcome, one HTML file; parameters as `render_outcome`.

    Raises
    ------
    InputError
        Where the file cannot be written.
    """
    write_text(path, render_outcome(outcome, command=command, spread=spread, ensemble=ensemble, instead=instead))


def render_outcome(
    outcome: Outcome,
    *,
    command: str | None = None,
    spread: Spread | None = None,
    ensemble: Ensemble | None = None,
    instead: Markup | None = None,
) -> str:
    """Return the report on an outcome as one HTML text.

    Parameters
    ----------
    outcome : Outcome
        From `gluteal.simulate`.
    command : str, optional
        The command line that repeats it, shown as such.
    spread : Spread, optional
        The same experiment over criteria and random people (`gluteal.compute_spread`): the figures get bands,
        and a section says what is sure.
    ensemble : Ensemble, optional
        What all published bodies (and walkers) say (`gluteal.simulate_ensemble`): the headline follows it.
    instead : Markup, optional
        A section on what the person could do instead (`gluteal.show.pages.adapt.render_instead`).
    """
    body, movement = outcome.mechanics.body, outcome.mechanics.movement
    frames = len(outcome.mechanics.time)
    worst = outcome.deficit
    live = _live(outcome, ensemble)
    with own_style():
        # The live page shows every other view.
        pictures, frame = _draw_pictures(outcome, most=3 if live is None else 2)
        figures = {
            "compensation": inline_axes(lambda ax: plot.plot_compensation(outcome, spread=spread, ax=ax)),
            "levels": inline_axes(lambda ax: plot.plot_levels(outcome, spread=spread, ax=ax)),
            "deficit": inline_axes(lambda ax: plot.plot_deficit(outcome, ax=ax)),
        }
        if outcome.bands is not None:
            bands = outcome.bands
            figures["bands"] = inline_axes(lambda ax: plot_bands(bands, ax=ax))
        if len(outcome.supports):
            figures["supports"] = inline_axes(lambda ax: plot.plot_supports(outcome, ax=ax))
        if outcome.joint_loads:
            figures["joint_loads"] = inline_axes(lambda ax: plot.plot_joint_loads(outcome, ax=ax))
        if spread is not None:
            figures["spread"] = inline_axes(lambda ax: plot_spread(spread, ax=ax))
        if frames > 1:
            figure = Figure()
            plot.plot_activations(outcome, figure=figure)
            figures["activation"] = inline(figure)
    labels = label_muscles(body.muscle_names)
    return render_page(
        "outcome.html.j2",
        outcome=outcome,
        body=body,
        movement=movement,
        frames=frames,
        answer=answer_outcome(outcome, spread=spread, ensemble=ensemble),
        limits=[say_within(s, labels) for s in _list_limits(outcome)],
        live=live,
        scripts=() if live is None else ("live.js",),
        ensemble=ensemble,
        instead=instead,
        outside=say_moments_outside(outcome.baseline),
        worst=worst,
        worst_words=say_part(worst.coordinate),
        deficits=[(say_part(d.coordinate), d) for d in outcome.deficits],
        pictures=pictures,
        picture_time=float(outcome.mechanics.time[frame]),
        figures=figures,
        groups=outcome.groups.to_dict("records"),
        muscles=outcome.muscles.to_dict("records"),
        labels=labels,
        group=lambda name: say_name(group_words(name)),
        say=say_name,
        part=say_part,
        plainly=lambda text: say_within(text, labels),
        side=lambda side: _SIDE_WORDS.get(side, ""),
        joint_loads=outcome.joint_loads,
        bands=outcome.bands,
        metabolic=outcome.mean_metabolic_power,
        settings=say_settings(outcome),
        command=command,
        spread=None if spread is None else _spread_rows(spread),
    )


def _live(outcome: Outcome, ensemble: Ensemble | None) -> LiveBlock | None:
    """Return the live page of the outcome; None where the criterion or the engine has none, or nothing is solved."""
    try:
        return live_block(outcome, ensemble=ensemble)
    except GlutealError:
        return None


def _list_limits(outcome: Outcome) -> list[str]:
    """Return what the report does not say, in sentences."""
    return [
        f"{FIXED} “Impossible” means that this movement is not possible in exactly this way; it never means that a "
        "person cannot move.",
        "Activations share the load with the least effort. People also move by habit, caution and comfort; measured "
        "activation can differ.",
        f"The rule of the verdict: {MOVEMENT_RULE}",
        *([outcome.baseline_sentence] if outcome.baseline_sentence else []),
        *(f"Not in this report: {reason}." for reason in outcome.not_computed.values()),
    ]


def _spread_rows(spread: Spread) -> dict[str, Any]:
    """Return what the report says of a spread: sentences, and rows of its tables."""
    numbers = spread.numbers.to_dict("records")
    first = str(spread.nominal["criterion"].to_numpy()[0])
    return {
        "sentence": spread.sentence,
        "statistic": STATISTIC,
        "who": spread.who,
        "verdicts": spread.verdicts.to_dict("records"),
        "numbers": numbers,
        "effort": next(n for n in numbers if n["quantity"] == "effort_ratio" and n["criterion"] == first),
        "compensation": spread.compensation[spread.compensation[["gains", "loses"]].max(axis=1) > 0.0].to_dict(
            "records"
        ),
        "stability": spread.rank_stability,
        "scatter": [(name, SCATTER[name], value) for name, value in spread.scatter.to_json().items()],
    }


def write_table(path: str | Path, rows: Sequence[Mapping[str, Any]], *, title: str) -> None:
    """Write a table by the ending of `path`: .csv, else .nc.

    Lists become texts, joined by "; ". Errors as `gluteal.files.written_whole`.
    """
    flat = [{k: _flat(v) for k, v in row.items()} for row in rows]
    frame = pd.DataFrame(flat)
    match Path(path).suffix.lower():
        case ".csv":
            write_text(path, csv_text(frame))
        case _:
            dataset = xr.Dataset.from_dataframe(frame.rename_axis("row"))
            write_netcdf(path, dataset.assign_attrs(title=title))


def choose_frame(outcome: Outcome) -> int:
    """Return the frame worth a picture: of the deficit if impossible, else of the largest change."""
    if outcome.verdict == "impossible":
        return int(np.argmin(np.abs(outcome.mechanics.time - outcome.deficit.time)))
    before, after = (r.dataset["activation"].to_numpy() for r in (outcome.baseline, outcome.changed))
    return int(np.argmax(((after - before) ** 2).sum(axis=1)))


def second_view(picture: Picture, first: View) -> View:
    """Return the view that shows most of what `first` hides: from above where the body lies."""
    points = np.concatenate([v for v, _ in picture.bones] + [picture.sticks.reshape(-1, 3)])
    size = np.ptp(points, axis=0)
    if size[1] < _LYING * max(size[0], size[2]):
        return "side" if first == "top" else "top"
    return "back" if first == "side" else "side"


def _draw_pictures(outcome: Outcome, *, most: int = 3) -> tuple[list[tuple[str, Markup]], int]:
    """Return (view, PNG as data address) of views coloured by the change of activation, and the frame."""
    body, movement = outcome.mechanics.body, outcome.mechanics.movement
    frame = choose_frame(outcome)
    picture = compute_picture(body, movement, frame)
    if not movement.measured:
        force = compute_support_force(outcome.changed)[frame]
        loaded = [str(n) for n in force["support"].to_numpy() if float(np.abs(force.sel(support=n)).max()) > 1.0]
        part = {s.name: body_part(s.segment) for s in movement.supports}
        picture = replace(picture, supports={n: p for n, p in picture.supports.items() if part[n] in loaded})
    before, after = (r.dataset["activation"].to_numpy()[frame] for r in (outcome.baseline, outcome.changed))
    change = dict(zip(body.muscle_names, (after - before).tolist(), strict=True))
    acted_on = {side_of(m) for m in outcome.condition.affected(body)}
    side: Side = "l" if acted_on == {"l"} else "r"
    largest = max(map(abs, change.values()))
    focus = [m for m, value in change.items() if abs(value) > max(0.25 * largest, 0.01)]
    first, second = movement.view, second_view(picture, movement.view)
    close_up: dict[str, Any] = {"focus": focus, "pixels_per_metre": 1500.0, "colorbar": True}
    whole: dict[str, Any] = {"pixels_per_metre": 560.0, "colorbar": not focus}
    drawn = []
    views = ((first, whole), *([(first, close_up)] if focus else []), (second, whole))
    for view, options in views[:most]:
        figure = Figure(figsize=(3.6, 6.0), layout="constrained")
        ax = figure.subplots()
        plot_body(picture, view=view, side=side, muscle_values=change, signed=True, ax=ax, **options)
        where = {"side": _FROM[side], "top": "from above"}.get(view, f"from the {view}")
        drawn.append((f"{where}, close up" if options is close_up else where, embedded_png(figure)))
    return drawn, frame


def _flat(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value

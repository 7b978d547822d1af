"""How long something is held or repeated in one HTML file, beside how long people do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup

from gluteal.engines.myo.hips import hip_sources
from gluteal.outcome.sentences import title_first, title_within
from gluteal.show.figures.endurance import plot_hold, plot_hold_time
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.pages.names import label_group
from gluteal.show.pages.report import KIND_WORDS, Grid, Report, ReportHead, write_report
from gluteal.show.parts import say_part
from gluteal.simulate.endurance import LONGEST, STEP, Hold
from gluteal.simulate.endurance_band import HoldBand

# Groups that stand in the open; a page of eighty rows says nothing.
_MOST_GROUPS = 12
_LIMITS = (
    "Muscles tire by rates measured at other joints (ankle, knee, trunk, arm); nobody has published rates of the hip, "
    "so it has those of all joints together.",
    "A muscle twice as strong holds about four times as long: an error of the model's strength counts squared.",
    "It ends where the posture is no longer possible exactly this way. People shift, lean and rest a moment, and stop "
    "for pain, boredom or will; none of that is in it.",
    "When it fails hardly depends on how the load is shared; who takes over does.",
)


def save_endurance(
    path: str | Path,
    hold: Hold,
    *,
    people: Sequence[str] = (),
    band: HoldBand | None = None,
    again: tuple[float, Hold] | None = None,
    command: str | None = None,
) -> None:
    """Write the page; parameters as `report_endurance`, errors as `gluteal.files.written_whole`."""
    write_report(path, report_endurance(hold, people=people, band=band, again=again, command=command))


def report_endurance(
    hold: Hold,
    *,
    people: Sequence[str] = (),
    band: HoldBand | None = None,
    again: tuple[float, Hold] | None = None,
    command: str | None = None,
) -> Report:
    """Return the report on a hold.

    Parameters
    ----------
    hold : Hold
        From `gluteal.compute_endurance`.
    people : sequence of str
        How long people hold it, a sentence each with its source.
    band : HoldBand, optional
        The same on every published body.
    again : (float, Hold), optional
        Seconds of rest, and how long it is held after them.
    command : str, optional
        The command line that repeats it.
    """
    movement = hold.mechanics.movement
    doing = "repeated" if hold.period else "held"
    condition = f" · {hold.condition.name}" if hold.condition else ""
    answer = ReportHead(
        over=f"{movement.title}, {doing} until it tires{condition} · body “{hold.mechanics.body.name}”",
        title=f"How long can it be {doing}: {title_within(movement.title)}?",
        sentence=hold.sentence,
        number=_seconds(hold.seconds),
        number_words=_number_words(hold),
        certainty=_certainty(band, people),
        badge="Does not tire here" if not np.isfinite(hold.seconds) else "",
        people=tuple(people),
        person=(
            f"This tells how long a model of the body can go on. {title_first(movement.title)} lasts very differently "
            "in people who are well, and it grows with practice; it is no target.",
            *KIND_WORDS,
        ),
    )
    return Report(
        answer=answer,
        figures=_figures(hold),
        grids=_grids(hold, band, again),
        limits=_LIMITS,
        settings={
            "body": f"{hold.mechanics.body.name}, {hold.mechanics.body.source}",
            "condition": hold.condition.name or "none",
            "between two load sharings": f"{STEP if not hold.period else max(STEP, hold.period):g} s",
            "longest time tried": f"{LONGEST / 60:g} min",
        },
        command=command,
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if np.isfinite(seconds) else f"over {LONGEST / 60:g} min"


def _number_words(hold: Hold) -> str:
    if hold.coordinate is None:
        return "no muscle of this model gives out before"
    often = f" ({hold.repetitions:.0f} repetitions)" if hold.repetitions is not None else ""
    return f"until tired muscles lack strength for {say_part(hold.coordinate)}{often}"


def _certainty(band: HoldBand | None, people: Sequence[str]) -> str:
    told = "This is one body." if band is None else band.sentence
    return told if people else f"{told} How long people go on was not found for this."


def _figures(hold: Hold) -> list[tuple[Markup, str]]:
    taken = "Groups that change most: who gives way as it tires, and who takes over. It ends where it fails."
    rests = "The rates beside people: how long one muscle gives a share of its strength (hips: rates of all joints)."
    with own_style():
        return [
            (inline_axes(lambda ax: plot_hold(hold, ax=ax)), taken),
            (inline_axes(lambda ax: plot_hold_time(ax=ax)), rests),
        ]


def _grids(hold: Hold, band: HoldBand | None, again: tuple[float, Hold] | None) -> list[Grid]:
    groups = [
        (label_group(row["name"], row["side"]), *(100.0 * row[key] for key in ("fresh", "tired", "change", "fatigued")))
        for row in hold.groups.to_dict("records")
    ]
    columns = ("muscles", "fresh (%)", "at the end (%)", "change (points)", "share that is tired (%)")
    note = "Mean activation of the group, of what a rested muscle can do; most change first."
    most, rest_of = groups[:_MOST_GROUPS], groups[_MOST_GROUPS:]
    grids = [
        Grid(title="Who gives way, who takes over", columns=columns, rows=most, note=note),
        Grid(title="All other muscles", columns=columns, rows=rest_of, folded=True),
    ]
    if again is not None:
        rest, later = again
        rows = [("rested before", _seconds(hold.seconds)), (f"after {rest:g} s of rest", _seconds(later.seconds))]
        grids.insert(0, Grid(title="Once more after a rest", columns=("when", "lasts"), rows=rows))
    if band is not None:
        grids.append(_bodies(band))
    return grids


def _bodies(band: HoldBand) -> Grid:
    def place(seconds: float, where: str | None) -> tuple[str, str]:
        if np.isnan(seconds):
            return "cannot be judged", "–"
        return _seconds(seconds), "–" if where is None else say_part(where)

    rows = [(_body_words(name), *place(seconds, where)) for name, seconds, where in band.holds]
    return Grid(
        title="Every published body",
        columns=("body", "lasts", "what is missing then"),
        rows=rows,
        note="Hips from published tables, with two sets of fibre lengths and two strengths each.",
        folded=True,
    )


def _body_words(name: str) -> str:
    """Say a variant of the embedded body.

    >>> _body_words("myo-dostal1981-dissected-fitted")
    'hip of Dostal 1981, dissected fibres, fitted strength'
    """
    _, hip, *traits = name.split("-")
    said = {"dissected": "dissected fibres", "fitted": "fitted strength"}
    return ", ".join([f"hip of {hip_sources()[hip].source.split(';')[0]}", *(said[t] for t in traits)])

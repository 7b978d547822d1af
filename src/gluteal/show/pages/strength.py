"""A reading of the virtual dynamometer in one HTML file, beside the strength of people who were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gluteal.held_against.strength import span_words
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.figures.strength import plot_strength
from gluteal.show.pages.names import label_group
from gluteal.show.pages.report import KIND_WORDS, Grid, Report, ReportHead, write_report
from gluteal.show.parts import label_muscles
from gluteal.simulate.dynamometer import Strength
from gluteal.simulate.ensemble_range import EnsembleRange
from gluteal.sources.bibliography import cite
from gluteal.words import coordinate_words

_MOMENT = "moment_nm_per_kg"
_LIMITS = (
    "A dynamometer of the model: straps hold every other joint, weight and passive tissue are tared, and every muscle "
    "that helps works at its largest. People rarely get all out of their muscles, and a pad placed elsewhere reads "
    "another force.",
    "It is the strength of one body in one posture, not of a person; people of the same mass differ by half and more.",
    "Where the model is stronger than people, everything it tolerates is tolerated too well.",
)


def save_strength(
    path: str | Path,
    reading: Strength,
    published: Sequence[Mapping[str, Any]],
    *,
    over: EnsembleRange | None = None,
    command: str | None = None,
) -> None:
    """Write the page; parameters as `report_strength`, errors as `gluteal.files.written_whole`."""
    write_report(path, report_strength(reading, published, over=over, command=command))


def report_strength(
    reading: Strength,
    published: Sequence[Mapping[str, Any]],
    *,
    over: EnsembleRange | None = None,
    command: str | None = None,
) -> Report:
    """Return the report on a reading.

    Parameters
    ----------
    reading : Strength
        From `gluteal.compute_strength`.
    published : sequence of mapping
        From `gluteal.held_against.strength.compare_strength`.
    over : EnsembleRange, optional
        The same reading on every published body, N m/kg.
    command : str, optional
        The command line that repeats it.
    """
    what = label_group(reading.movement.name, reading.side)
    moments = [row for row in published if row["quantity"] == _MOMENT]
    condition = f", {reading.condition.name}" if reading.condition else ""
    answer = ReportHead(
        over=f"Virtual dynamometer{condition}",
        title=f"How strong is {what}?",
        sentence=_say(reading, moments, what),
        number=f"{reading.moment:.0f} N·m",
        number_words=f"{reading.moment_per_mass:.2f} N·m/kg; {reading.force_body_weights:.2f} × body weight at a pad "
        f"{100 * reading.lever_arm:.0f} cm from the joint",
        certainty=_certainty(moments, over),
        tone="unchanged" if not moments or 0.75 < _ratio(moments) < 1.33 else "compensated",
        person=(
            f"This tells how strong a model of the body is at {what}. It is no target and no norm: strength differs "
            "widely between people who are well.",
            *KIND_WORDS,
        ),
    )
    grids = [_muscles(reading)]
    if published:
        grids.insert(0, _beside(published))
    return Report(
        answer=answer,
        figures=_figures(reading, moments, over),
        grids=grids,
        limits=(*reading.notes, *_LIMITS, f"Posture and pad: {reading.movement.cited}"),
        settings={
            "posture (degrees)": ", ".join(f"{coordinate_words(c)} {a:g}" for c, a in reading.movement.posture.items())
            or "neutral",
            "body mass": f"{reading.body_mass:.1f} kg",
            "condition": reading.condition.name,
        },
        command=command,
    )


def _ratio(moments: Sequence[Mapping[str, Any]]) -> float:
    """Return the reading over the middle of everything measured, 1."""
    low = min(row["published_low"] for row in moments)
    high = max(row["published_high"] for row in moments)
    return float(2.0 * moments[0]["computed"] / (low + high))


def _say(reading: Strength, moments: Sequence[Mapping[str, Any]], what: str) -> str:
    head = f"This body’s {what} is {reading.moment:.0f} N·m, or {reading.moment_per_mass:.2f} N·m per kilogram"
    if not moments:
        return f"{head}; no published strength was measured in a way that compares."
    low = min(row["published_low"] for row in moments)
    high = max(row["published_high"] for row in moments)
    inside = low <= reading.moment_per_mass <= high
    place = (
        "inside what people were measured at"
        if inside
        else f"{span_words(reading.moment_per_mass / high, reading.moment_per_mass / low, digits=1)} times what people "
        "were measured at"
    )
    return f"{head}: {place} ({span_words(low, high)} N·m per kilogram)."


def _certainty(moments: Sequence[Mapping[str, Any]], over: EnsembleRange | None) -> str:
    told = []
    if moments:
        ratio = _ratio(moments)
        groups = len({row["source"] for row in moments})
        told.append(
            f"The model is {ratio:.1f} times as strong as the middle of {groups} "
            f"{'study' if groups == 1 else 'studies'}; read its number by that."
        )
    else:
        told.append("How far the model is from people is not known for this movement.")
    if over is not None:
        told.append(over.say(lambda moment: f"{moment:.2f} N·m/kg"))
    return " ".join(told)


def _beside(published: Sequence[Mapping[str, Any]]) -> Grid:
    rows = [
        (
            f"{cite(row['source'])}: {row['group']}",
            row["n"],
            f"{span_words(row['published_low'], row['published_high'])} {row['unit']}",
            f"{row['computed']:.2f}",
            f"× {row['ratio']:.2f}",
            "–"
            if row["lever_arm_m"] is None
            else f"{100 * row['lever_arm_m']:.0f} cm" + ("" if row["pad_known"] else ", theirs not known"),
        )
        for row in published
    ]
    return Grid(
        title="How far the model is from people",
        columns=("measured by, in", "people", "measured", "model, same unit", "model over measured", "pad from joint"),
        rows=rows,
        note="A ratio of 1 is agreement. Postures and instructions differ between studies; a force depends on the pad.",
    )


def _muscles(reading: Strength) -> Grid:
    labels = label_muscles(reading.by_muscle)
    return Grid(
        title="Which muscles make it",
        columns=("muscle", "moment (N·m)", "share (%)"),
        rows=[(labels[m], value, 100.0 * value / reading.moment) for m, value in reading.by_muscle.items()],
        note="Each at its largest activation in this posture, times its lever.",
        folded=len(labels) > 16,
    )


def _figures(
    reading: Strength, moments: Sequence[Mapping[str, Any]], over: EnsembleRange | None
) -> list[tuple[Any, str]]:
    if not moments and over is None:
        return []
    rows = [
        {"name": f"{cite(r['source'])}, {r['group']}", "low": r["published_low"], "high": r["published_high"]}
        for r in moments
    ]
    bodies = None if over is None else (over.low, over.high)
    with own_style():
        figure = inline_axes(
            lambda ax: plot_strength(reading.moment_per_mass, rows, bodies=bodies, ax=ax),
            size=(7.6, 1.3 + 0.34 * max(len(rows), 1)),
        )
    return [(figure, "The reading beside people who were measured in newton-metres per kilogram.")]

"""What names can be used, as a page: each in plain words beside what is typed for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from gluteal.anatomy import group_words
from gluteal.mechanics.body import Body
from gluteal.show.figures.counts import plot_counts
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.pages.body_pictures import draw_standing
from gluteal.show.pages.cells import plain_cell, type_cell
from gluteal.show.pages.report import Grid, Report, ReportHead
from gluteal.show.parts import label_muscles, say_name
from gluteal.words import coordinate_words, list_words

_Row = Mapping[str, Any]

_PARAMETERS = (
    "muscle",
    "largest isometric force (N)",
    "optimal fibre length (mm)",
    "tendon slack length (mm)",
    "pennation angle (°)",
    "fastest shortening (fibre lengths/s)",
    "stretch where passive force starts (%)",
    "stretch at the largest passive force (%)",
    "source",
)

_PERSON = (
    "This is a list of what can be asked, no answer to anything yet.",
    "What is typed stands in this type: the words beside it say what it means.",
)


@dataclass(frozen=True)
class _Kind:
    """How one listing is told: its title, sentence and limit, the heads of its columns, and a row in words."""

    title: str
    sentence: str
    certainty: str
    limit: str
    columns: tuple[str, ...]
    say: Callable[[Sequence[_Row]], list[tuple[Any, ...]]]


def report_list(what: str, rows: Sequence[_Row], *, body: Body | None = None, command: str | None = None) -> Report:
    """Return the page of a listing.

    Parameters
    ----------
    what : str
        "tasks", "muscles", "groups", "nerves", "movements", "claims" or "terms".
    rows : sequence of mapping
        As `gluteal list WHAT --json` prints them.
    body : Body, optional
        Whose muscles, groups or nerves they are: it is drawn.
    command : str, optional
        The command line that repeats it.
    """
    kind = _KINDS[what]
    figures: list[tuple[Markup, str]] = []
    if body is not None and (picture := draw_standing(body, alt="The standing body with its muscles, from behind")):
        figures.append((picture, f"The body “{body.name}” with its {len(body.muscle_names)} muscles, from behind."))
    if what == "claims":
        topics = Counter(say_name(str(row["topic"])) for row in rows)
        with own_style():
            bars = inline_axes(lambda ax: plot_counts(dict(topics.most_common()), unit="claims", ax=ax))
        figures.append((bars, "Claims by topic."))
    return Report(
        answer=ReportHead(
            over="What names can be used" if body is None else f"What names can be used · body “{body.name}”",
            title=kind.title,
            sentence=kind.sentence.format(count=len(rows)),
            number=str(len(rows)),
            number_words=f"{what} to choose from",
            certainty=kind.certainty,
            person=_PERSON,
        ),
        figures=figures,
        grids=(
            Grid(title="All of them", columns=kind.columns, rows=kind.say(rows)),
            *(
                [Grid(title="Their numbers", columns=_PARAMETERS, rows=_parameters(rows), folded=True)]
                if what == "muscles"
                else []
            ),
        ),
        limits=(kind.limit,),
        settings={} if body is None else {"body": f"{body.name}, {body.source}"},
        command=command,
        footer="This is a list of names.",
    )


def _tasks(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    return [(row["title"], plain_cell(row["description"]), type_cell(row["name"])) for row in rows]


def _claims(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    return [(row["statement"], say_name(row["topic"]), type_cell(row["name"])) for row in rows]


def _movements(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    return [
        (
            row["name"],
            coordinate_words(row["coordinate"]),
            "; ".join(f"{coordinate_words(name)} {angle}°" for name, angle in map(_posture, row["posture_deg"]))
            or "upright",
            say_name(row["blocked_through"] or "") or None,
            row["source"],
        )
        for row in rows
    ]


def _posture(text: str) -> tuple[str, str]:
    name, _, angle = text.rpartition(" ")
    return name, angle


def _terms(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    return [(plain_cell(row["does"]), say_name(row["name"]), row["value"], type_cell(row["option"])) for row in rows]


def _muscles(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    labels = label_muscles(row["name"] for row in rows)
    return [
        (
            labels[row["name"]],
            type_cell(row["name"]),
            say_name(group_words(row["group"])) if row["group"] else None,
            list_words([say_name(nerve) for nerve in row["nerves"]]) if row["nerves"] else None,
        )
        for row in rows
    ]


def _parameters(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    labels = label_muscles(row["name"] for row in rows)
    return [
        (
            labels[row["name"]],
            row["max_isometric_force"],
            1000.0 * row["optimal_fiber_length"],
            1000.0 * row["tendon_slack_length"],
            float(np.degrees(row["pennation_angle"])),
            row["max_contraction_velocity"],
            100.0 * row["passive_onset_strain"],
            100.0 * row["passive_strain"],
            plain_cell(row["source"]),
        )
        for row in rows
    ]


def _groups(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    return [
        (say_name(group_words(row["name"])), type_cell(row["name"]), len(row["muscles"]), _members(row["muscles"]))
        for row in rows
    ]


def _nerves(rows: Sequence[_Row]) -> list[tuple[Any, ...]]:
    return [
        (
            f"{say_name(row['name'])} nerve",
            type_cell(row["name"]),
            row["roots"],
            _members(row["muscles"]),
            row["source"],
        )
        for row in rows
    ]


def _members(names: Sequence[str]) -> str:
    """Say muscles once where both sides have them, parts of one muscle together."""
    words = dict.fromkeys(
        label.removeprefix("right ").removeprefix("left ").partition(",")[0].partition(" (")[0]
        for label in label_muscles(names).values()
    )
    return list_words(list(words))


_KINDS: Mapping[str, _Kind] = {
    "tasks": _Kind(
        "Movements that are built in",
        "{count} postures and movements can be asked about without any recording of your own.",
        "Each is balanced on its supports; what is said of it stands in its own report.",
        "A movement here is one way of doing it. People do it in many ways, and every report holds this one fixed.",
        ("movement", "what it is", "to type"),
        _tasks,
    ),
    "claims": _Kind(
        "Claims that are weighed",
        "{count} statements about glutes are weighed by a stated rule, each with a plain answer of its own.",
        "How sure an answer is stands with the answer; here are the statements alone.",
        "These are statements as people make them, not findings: many do not hold.",
        ("claim", "topic", "to type"),
        _claims,
    ),
    "movements": _Kind(
        "Movements of the virtual dynamometer",
        "In {count} directions the largest moment of the muscles can be computed.",
        "The postures are those of published tests, named beside each.",
        "A computed strength is the body’s at full activation; “gluteal strength” sets it beside that of people.",
        ("movement, and to type (in quotes)", "turns about", "posture", "lost through the nerve", "posture from"),
        _movements,
    ),
    "terms": _Kind(
        "What can be done to a muscle or a nerve",
        "{count} things can be changed about a muscle or a nerve, alone or together.",
        "Each is one stated rule, no fit to a person.",
        "A term says what is taken away, not what pain, caution or learning would do besides.",
        ("what it does", "called", "value", "to type"),
        _terms,
    ),
    "muscles": _Kind(
        "Muscles of the body",
        "The body has {count} muscles; each can be named by itself.",
        "Every row of numbers has its source; bodies of people differ from it and from one another.",
        "Numbers of a model’s muscle are no measurement of anybody.",
        (
            "muscle",
            "to type",
            "group",
            "nerve",
        ),
        _muscles,
    ),
    "groups": _Kind(
        "Groups of muscles",
        "{count} groups can be named as one.",
        "Authors group muscles differently; these are the groups of this body.",
        "A group is a name for several muscles: they need not work together.",
        ("group", "to type", "muscles of both sides", "which"),
        _groups,
    ),
    "nerves": _Kind(
        "Nerves and what they reach",
        "{count} nerves can be blocked, each with all its muscles.",
        "Textbook anatomy, named beside each; nerves of people vary.",
        "Only muscles of this body are listed; a nerve reaches skin and other muscles, too.",
        ("nerve", "to type", "roots", "its muscles here", "source"),
        _nerves,
    ),
}

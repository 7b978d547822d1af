"""The words of a scene: what the page says of body, movement and condition, and by which rule it judges."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import Colormap, to_hex

from gluteal import anatomy, words
from gluteal.errors import GlutealError
from gluteal.kernels import recruitment, sharing, tolerance
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.nerves.registry import find_term
from gluteal.outcome import tables, verdict
from gluteal.outcome.bands import LEADERS_NAMED
from gluteal.outcome.gate import collect_causes
from gluteal.outcome.sentences import SENTENCES, VERDICT_WORDS, title_first, title_within
from gluteal.sharing.problem import SharingProblem
from gluteal.sharing.solution import DETERMINED, PERTURBATION, Solution
from gluteal.sharing.tolerance import BASELINE_FORCE, BASELINE_MOMENT, COMPLETE
from gluteal.show.figures.body import ACTIVITY, CHANGE
from gluteal.show.live.scene_terms import describe_effects, describe_terms, plain_term
from gluteal.simulate.dynamometer import compute_strength, strength_movements
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY, Side, Sides, side_of

_SIDES: tuple[Side, ...] = ("r", "l")
_RULE = {
    "missing_share": verdict.MISSING_SHARE,
    "missing_moment": verdict.MISSING_MOMENT,
    "missing_force": verdict.MISSING_FORCE,
    "changed_activation": verdict.CHANGED_ACTIVATION,
    "changed_effort": verdict.CHANGED_EFFORT,
    "changed_force": tables.CHANGED_FORCE,
    "most_named": LEADERS_NAMED,
    "perturbation": PERTURBATION,
    "determined": DETERMINED,
    "tolerance": recruitment.TOLERANCE,
    "words": verdict.MOVEMENT_RULE,
}
_SEARCH = {
    "reserve": tolerance.STEEPER_RESERVE_COST,
    "met": tolerance.MET,
    "limit": tolerance.LIMIT,
    "rise": tolerance.RISE,
    "complete": COMPLETE,
    "lacking_moment": BASELINE_MOMENT,
    "lacking_force": BASELINE_FORCE,
}
_SENTENCES = {
    **SENTENCES,
    "missing first": words.MISSING_FIRST,
    "missing other": words.MISSING_OTHER,
    "missing share": words.MISSING_SHARE_OF,
    "no condition": Condition().name,
}
#: The change of activation that gets the strongest colour, 1.
CHANGE_LIMIT = 0.5
#: From resting to fully active on a dark page, where more has to be lighter: always further from the background.
_ACTIVITY_DARK = ["#5d5a5c", "#75525b", "#8c4a5a", "#b14d4d", "#d0553f", "#e6783e", "#f59a3d", "#fbc66a", "#fff0a0"]


def describe_scene(problem: SharingProblem, baseline: Solution, condition: Condition) -> dict[str, Any]:
    """Return everything of a scene that is no array, as plain data.

    Parameters
    ----------
    problem, baseline
        The undisturbed problem and its solution.
    condition : Condition
        What the page opens with, settled.
    """
    mechanics = problem.mechanics
    return {
        "task": _describe_task(mechanics, baseline),
        "body": _describe_body(mechanics.body),
        "coordinates": [_describe_coordinate(mechanics.body, name) for name in problem.coordinates],
        "terms": describe_terms(),
        "effects": describe_effects(mechanics),
        "targets": _list_targets(mechanics.body),
        "strength": _list_strengths(mechanics.body),
        "opening": [plain_term(term) for term in condition.effects],
        "rule": _RULE,
        "costs": _describe_costs(problem),
        "search": _SEARCH,
        "sentences": _SENTENCES,
        "verdicts": dict(VERDICT_WORDS),
        "colours": {
            "activity": _hexes(ACTIVITY),
            "activity_dark": _ACTIVITY_DARK,
            "change": _hexes(CHANGE),
            "change_limit": CHANGE_LIMIT,
        },
    }


def _hexes(colours: Colormap) -> list[str]:
    return [to_hex(colours(x)) for x in np.linspace(0.0, 1.0, 9)]


def _describe_costs(problem: SharingProblem) -> dict[str, float]:
    """Return what the kernel is called with."""
    return {
        "exponent": problem.criterion.exponent,
        "reserve": recruitment.RESERVE_COST,
        "support": recruitment.SUPPORT_COST,
        "support_scale": problem.support_scale,
        "worth": sharing.WORTH,
        "limit": recruitment.LIMIT,
    }


def _describe_task(mechanics: Mechanics, baseline: Solution) -> dict[str, Any]:
    movement, causes = mechanics.movement, collect_causes(baseline)
    return {
        "name": movement.name,
        "title": movement.title,
        "title_first": title_first(movement.title),
        "title_within": title_within(movement.title),
        "kind": movement.kind,
        "cyclic": bool(movement.settings.get("cyclic")),
        "view": movement.view,
        "time": [float(t) for t in mechanics.time],
        "cause": causes[0].sentence if causes else None,
    }


def _describe_body(body: Body) -> dict[str, Any]:
    return {
        "name": body.name,
        "source": body.source,
        "mass": body.mass,
        "weight": body.mass * STANDARD_GRAVITY,
        "muscles": [
            {"name": name, "label": tables.label_muscle(name), "side": side_of(name), "group": anatomy.group_of(name)}
            for name in body.muscle_names
        ],
        "groups": [
            {
                "name": group.group,
                "side": group.side,
                "label": words.SIDES[group.side] + anatomy.group_words(group.group),
                "rows": list(group.rows),
            }
            for group in body.sided_groups
        ],
    }


def _describe_coordinate(body: Body, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "words": words.coordinate_words(name),
        "unit": body.coordinate(name).unit.replace(" ", "·"),
        "turns": body.coordinate(name).unit == "N m",
        "root": name in ROOT_COORDINATES,
    }


def _list_targets(body: Body) -> list[dict[str, Any]]:
    """Return what a term may name: nerves, groups, anatomical muscles; with their columns by side."""
    named = [("nerve", n) for n in body.nerves] + [("group", g) for g in body.groups]
    named += [("muscle", m) for m in dict.fromkeys(anatomy.anatomical_name(m) for m in body.muscle_names)]
    found = []
    for kind, name in named:
        sides: tuple[Sides, ...] = ("r", "l", "both")
        rows = {side: _columns(body, name, side) for side in sides}
        if any(rows.values()):
            # A nerve is said as the term says it, with the word behind its name.
            where = find_term("block" if kind == "nerve" else "weaken")(name, 0.0).where
            found.append({"kind": kind, "name": name, "words": where, "rows": rows})
    return found


def _columns(body: Body, name: str, side: Sides) -> list[int]:
    try:
        return [body.muscle_places[m] for m in body.resolve(name, side=side)]
    except GlutealError:
        return []


def _list_strengths(body: Body) -> list[dict[str, Any]]:
    """Return what a loss of strength comes to: the share of each movement's strength that its block can take away."""
    found = []
    for name, row in strength_movements().items():
        shares: dict[str, float] = {}
        sides: tuple[Side, ...] = _SIDES if row.sided else ("r",)
        for side in sides:
            try:
                reading = compute_strength(body, name, side=side)
                blocked = set(body.resolve(row.block, side=side if row.sided else "both"))
            except GlutealError:  # the body has no such coordinate or muscles
                continue
            shares[side] = sum(v for m, v in reading.by_muscle.items() if m in blocked) / reading.moment
        if shares:
            found.append({"name": name, "block": row.block, "sided": row.sided, "share": shares})
    return found

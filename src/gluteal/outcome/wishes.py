"""Wishes: how far what muscles were wished to do was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.anatomy import group_words
from gluteal.outcome.compare import pool_activation
from gluteal.vocabulary import side_of
from gluteal.words import SIDES

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome

#: How far a wish was met, with names in braces as in `gluteal.outcome.sentences`.
WISH_SENTENCE = (
    "The {name}, wished to work at {asked} % or more, does at {mean} % on average and never below {least} % "
    "(undisturbed {before} %)."
)


def list_wishes(outcome: Outcome) -> list[dict[str, Any]]:
    """Return a row for each wish and side: what was wished, and the pooled activation that was reached, 1.

    Keys are ``name`` (in words), ``side``, ``asked``, ``baseline_mean``, ``mean`` and ``least`` over time.
    """
    body = outcome.mechanics.body
    rows = []
    for term in outcome.condition.effects:
        for wish in term.wishes(body):
            columns = [body.muscle_places[m] for m in wish.muscles]
            before, after = (
                pool_activation(s, s.activation.values, columns) for s in (outcome.baseline, outcome.changed)
            )
            side = side_of(wish.muscles[0])
            rows.append(
                {
                    "name": SIDES[side] + group_words(term.target),
                    "side": side,
                    "asked": wish.level,
                    "baseline_mean": float(before.mean()),
                    "mean": float(after.mean()),
                    "least": float(after.min()),
                }
            )
    return rows


def say_wishes(outcome: Outcome) -> str:
    """Say how far each wish was met, a sentence each; nothing where none was wished."""
    numbers = {"asked": "asked", "mean": "mean", "least": "least", "before": "baseline_mean"}
    return " ".join(
        WISH_SENTENCE.format(name=row["name"], **{name: f"{100 * row[key]:.0f}" for name, key in numbers.items()})
        for row in list_wishes(outcome)
    )

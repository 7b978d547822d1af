"""What an outcome means, in plain language, with its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluteal.outcome.verdict import CHANGED_ACTIVATION
from gluteal.words import FIXED, coordinate_words, deficit_words, list_words, missing_words

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome


def say_outcome(outcome: Outcome) -> str:
    """Say the verdict in plain language, with its limits."""
    if outcome.cause is not None:
        return f"This cannot be judged yet. {outcome.cause.sentence}"
    title = outcome.mechanics.movement.title
    title = title[0].lower() + title[1:] if title[1:2].islower() else title
    start = f"With {outcome.condition.name}, {title}" if outcome.condition else title[0].upper() + title[1:]
    if outcome.verdict == "impossible":
        core = f"{start} is not possible exactly as it is: {missing_words(outcome.deficits, outcome.deficit)}"
    elif not outcome.condition:
        core = f"{start} is compared with itself: nothing is changed"
    elif outcome.verdict == "unchanged":
        core = f"{start}, held exactly as it is, goes on as before: no other muscle changes noticeably"
    else:
        core = f"{start}, held exactly as it is, still works"
        more = outcome.compensators
        # A few newtons of a large muscle are no news; the rule's own threshold says what is.
        noticeable = more["peak"] - more["baseline_peak"] > CHANGED_ACTIVATION
        names = list(more["muscle"][noticeable].head(3))
        if names:
            core += f": {list_words(names)} {'does' if len(names) == 1 else 'do'} more"
        core += _say_remainder(outcome)
    return " ".join(filter(None, [f"{core}.", say_baseline(outcome), FIXED]))


def say_baseline(outcome: Outcome) -> str:
    """Say what to know where the undisturbed movement itself asks too much of the model; else nothing."""
    if outcome.baseline_ok or outcome.cause is not None:  # the cause says it
        return ""
    d = outcome.baseline_deficit
    return (
        f"Even undisturbed, the model lacks {deficit_words(d)} for {coordinate_words(d.coordinate)}; the "
        "verdict compares with that, so read it with caution."
    )


def _say_remainder(outcome: Outcome) -> str:
    """Say how hard the strongest of the weakened muscles works with what is left of it; or nothing."""
    working = outcome.acted_on[outcome.acted_on["peak"] - outcome.acted_on["baseline_peak"] > CHANGED_ACTIVATION]
    if not outcome.condition.takes_capacity or working.empty:
        return ""
    row = working.iloc[int(working["baseline_force"].to_numpy().argmax())]
    return (
        f". What is left of the {row['muscle']} works at up to {100 * row['peak']:.0f} % of its strength "
        f"instead of {100 * row['baseline_peak']:.0f} %"
    )

"""What an outcome means, in plain language, with its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluteal.outcome.bands import TOGETHER, list_leaders
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
        core += _say_others(outcome)
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


def _say_others(outcome: Outcome) -> str:
    """Say which other muscles must do more, and, where none must, which may; or nothing.

    The cheapest sharing names muscles whether or not they are needed; only what all sharings near it have in common is
    a finding.
    """
    words = band_words(outcome)
    leaders = list_leaders(outcome.compensators)
    must = [n for n in leaders if words.get(n) == "must"]
    may = [n for n in leaders if words.get(n, "may") == "may"]
    if must:
        return f": {list_words(must)} must do more"
    if words.get(TOGETHER) == "must":
        return f": {list_words(leaders)} together must do more, though none of them by itself"
    if may:
        return f": no single other muscle has to do more; {list_words(may)} may"
    return ""


def band_words(outcome: Outcome) -> dict[str, str]:
    """Return anatomical muscle -> must, may or does not; empty where there are no bands."""
    if outcome.bands is None or outcome.bands.muscles.empty:
        return {}
    table = outcome.bands.muscles
    return dict(zip(table["name"], table["word"], strict=True))


def _say_remainder(outcome: Outcome) -> str:
    """Say how hard the strongest of the weakened muscles works with what is left of it; or nothing."""
    working = outcome.acted_on[outcome.acted_on["peak"] - outcome.acted_on["baseline_peak"] > CHANGED_ACTIVATION]
    if not outcome.condition.takes_capacity or working.empty:
        return ""
    words = band_words(outcome)
    certain = working[[words.get(name) == "must" for name in working["muscle"]]]
    row = (working if certain.empty else certain).sort_values("baseline_force", kind="stable").iloc[-1]
    start = f". What is left of the {row['muscle']}"
    if certain.empty:
        return (
            f"{start} may work at up to {100 * row['peak']:.0f} % of its strength instead of "
            f"{100 * row['baseline_peak']:.0f} %, or leave it to others"
        )
    assert outcome.bands is not None
    band = outcome.bands.muscles.set_index("name").loc[row["muscle"]]
    return (
        f"{start} must work harder: at {100 * band['low']:.0f} to {100 * band['high']:.0f} % of its strength instead "
        f"of {100 * band['baseline_low']:.0f} to {100 * band['baseline_high']:.0f} %"
    )

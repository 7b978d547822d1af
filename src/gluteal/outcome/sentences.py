"""What an outcome means, in plain language, with its limits.

The words are templates with names in braces (`SENTENCES`), so that the live page, which solves in the browser, says
them too and has none of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gluteal.outcome.verdict import CHANGED_ACTIVATION
from gluteal.words import FIXED, coordinate_words, deficit_words, list_words, missing_words

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome


#: The verdict in a few words; "disputed" is that of many bodies (`gluteal.simulate.ensemble`).
VERDICT_WORDS: Mapping[str, str] = {
    "unchanged": "goes on as before",
    "compensated": "still works",
    "impossible": "not possible exactly as it is",
    "cannot-be-judged": "cannot be judged yet",
    "disputed": "disputed: it depends on whose anatomy, and on who walks",
}
#: Muscles that do more which a sentence names.
MOST_NAMED = 3
#: What is said of an outcome; ``start`` stands for the first, or for the movement's title alone.
SENTENCES: Mapping[str, str] = {
    "start": "With {condition}, {title}",
    "cannot-be-judged": "This cannot be judged yet. {cause}",
    "impossible": "{start} is not possible exactly as it is: {missing}",
    "nothing": "{start} is compared with itself: nothing is changed",
    "unchanged": "{start}, held exactly as it is, goes on as before: no other muscle changes noticeably",
    "compensated": "{start}, held exactly as it is, still works",
    "one does more": ": {who} does more",
    "many do more": ": {who} do more",
    "remainder": (
        ". What is left of the {muscle} works at up to {percent} % of its strength instead of {percent_before} %"
    ),
    "baseline": (
        "Even undisturbed, the model lacks {amount} for {where}; the verdict compares with that, so read it with "
        "caution."
    ),
    "fixed": FIXED,
}


def title_within(title: str) -> str:
    """Return a movement's title as it stands within a sentence.

    >>> title_within("Walking"), title_within("S2S of a trial")
    ('walking', 'S2S of a trial')
    """
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def title_first(title: str) -> str:
    """Return a movement's title as it begins a sentence."""
    inner = title_within(title)
    return inner[0].upper() + inner[1:]


def say_outcome(outcome: Outcome) -> str:
    """Say the verdict in plain language, with its limits."""
    say = {name: text.format for name, text in SENTENCES.items()}
    if outcome.cause is not None:
        return say["cannot-be-judged"](cause=outcome.cause.sentence)
    title = outcome.mechanics.movement.title
    start = title_first(title)
    if outcome.condition:
        start = say["start"](condition=outcome.condition.name, title=title_within(title))
    if outcome.verdict == "impossible":
        core = say["impossible"](start=start, missing=missing_words(outcome.deficits, outcome.deficit))
    elif not outcome.condition:
        core = say["nothing"](start=start)
    elif outcome.verdict == "unchanged":
        core = say["unchanged"](start=start)
    else:
        core = say["compensated"](start=start)
        more = outcome.compensators
        # A few newtons of a large muscle are no news; the rule's own threshold says what is.
        noticeable = more["peak"] - more["baseline_peak"] > CHANGED_ACTIVATION
        names = list(more["muscle"][noticeable].head(MOST_NAMED))
        if names:
            core += say["one does more" if len(names) == 1 else "many do more"](who=list_words(names))
        core += _say_remainder(outcome)
    return " ".join(filter(None, [f"{core}.", say_baseline(outcome), FIXED]))


def say_baseline(outcome: Outcome) -> str:
    """Say what to know where the undisturbed movement itself asks too much of the model; else nothing."""
    if outcome.baseline_ok or outcome.cause is not None:  # the cause says it
        return ""
    d = outcome.baseline_deficit
    return SENTENCES["baseline"].format(amount=deficit_words(d), where=coordinate_words(d.coordinate))


def _say_remainder(outcome: Outcome) -> str:
    """Say how hard the strongest of the weakened muscles works with what is left of it; or nothing."""
    working = outcome.acted_on[outcome.acted_on["peak"] - outcome.acted_on["baseline_peak"] > CHANGED_ACTIVATION]
    if not outcome.condition.takes_capacity or working.empty:
        return ""
    row = working.iloc[int(working["baseline_force"].to_numpy().argmax())]
    return SENTENCES["remainder"].format(
        muscle=row["muscle"],
        percent=f"{100 * row['peak']:.0f}",
        percent_before=f"{100 * row['baseline_peak']:.0f}",
    )

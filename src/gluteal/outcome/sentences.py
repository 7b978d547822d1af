"""What an outcome means, in plain language, with its limits.

The words are templates with names in braces (`SENTENCES`), so that the live page, which solves in the browser, says
them too and has none of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gluteal.outcome.bands import TOGETHER, list_leaders
from gluteal.outcome.verdict import CHANGED_ACTIVATION
from gluteal.outcome.wishes import say_wishes
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
#: What is said of an outcome; ``start`` stands for the first, or for the movement's title alone.
SENTENCES: Mapping[str, str] = {
    "start": "With {condition}, {title}",
    "cannot-be-judged": "This cannot be judged yet. {cause}",
    "impossible": "{start} is not possible exactly as it is: {missing}",
    "nothing": "{start} is compared with itself: nothing is changed",
    "unchanged": "{start}, held exactly as it is, goes on as before: no other muscle changes noticeably",
    "compensated": "{start}, held exactly as it is, still works",
    "must": ": {who} must do more",
    "together must": ": {who} together must do more, though none of them by itself",
    "may": ": no single other muscle has to do more; {who} may",
    # Where nobody worked out the bands: what the one cheapest sharing does.
    "least effort": ": with the least effort, {who} would do more",
    "remainder": (
        ". What is left of the {muscle} would work at up to {percent} % of its strength instead of {percent_before} %"
    ),
    "remainder may": (
        ". What is left of the {muscle} may work at up to {percent} % of its strength instead of {percent_before} %, "
        "or leave it to others"
    ),
    "remainder must": (
        ". What is left of the {muscle} must work harder: at {percent} % of its strength instead of {percent_before} %"
    ),
    "baseline": (
        "Even undisturbed, the model lacks {amount} for {where}; the verdict compares with that, so read it with "
        "caution."
    ),
    "dynamics": "Both, with the delay and without, were shared with muscles that come and go only so fast.",
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


def say_outcome(outcome: Outcome, *, bands: bool = True) -> str:
    """Say the verdict in plain language, with its limits.

    Parameters
    ----------
    bands : bool
        False says who does more with the least effort, and not who must or may: as the live page does.
    """
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
        core += _say_others(outcome, bands)
        core += _say_remainder(outcome, bands)
    swept = say["dynamics"]() if outcome.changed.problem.swept else ""
    remarks = outcome.condition.remarks
    said = [f"{core}.", say_wishes(outcome), say_baseline(outcome), swept, *remarks, FIXED]
    return " ".join(filter(None, said))


def say_baseline(outcome: Outcome) -> str:
    """Say what to know where the undisturbed movement itself asks too much of the model; else nothing."""
    if outcome.baseline_ok or outcome.cause is not None:  # the cause says it
        return ""
    d = outcome.baseline_deficit
    return SENTENCES["baseline"].format(amount=deficit_words(d), where=coordinate_words(d.coordinate))


def _say_others(outcome: Outcome, bands: bool) -> str:
    """Say which other muscles must do more, and, where none must, which may; or nothing.

    The cheapest sharing names muscles whether or not they are needed; only what all sharings near it have in common is
    a finding.
    """
    leaders = list_leaders(outcome.compensators)
    words = band_words(outcome, leaders) if bands else {}
    must = [n for n in leaders if words.get(n) == "must"]
    may = [n for n in leaders if words.get(n, "may") == "may"]
    if must:
        return SENTENCES["must"].format(who=list_words(must))
    if words and band_words(outcome, [TOGETHER]).get(TOGETHER) == "must":
        return SENTENCES["together must"].format(who=list_words(leaders))
    if may:
        return SENTENCES["may" if words else "least effort"].format(who=list_words(may))
    return ""


def band_words(outcome: Outcome, names: Sequence[str]) -> dict[str, str]:
    """Return anatomical muscle -> must, may or does not, of those named that change; empty where no band was found."""
    return {name: row["word"] for name, row in outcome.spoken_bands.find(names).items()}


def _say_remainder(outcome: Outcome, bands: bool) -> str:
    """Say how hard the strongest of the weakened muscles works with what is left of it; or nothing."""
    working = outcome.acted_on[outcome.acted_on["peak"] - outcome.acted_on["baseline_peak"] > CHANGED_ACTIVATION]
    if not outcome.condition.takes_capacity or working.empty:
        return ""
    strongest = working.sort_values("baseline_force", kind="stable").iloc[::-1].to_dict("records")
    found = False
    for row in strongest if bands else ():
        band = outcome.spoken_bands.find([row["muscle"]]).get(row["muscle"])
        found = band is not None
        if band is None:
            break
        if band["word"] == "must":
            return SENTENCES["remainder must"].format(
                muscle=row["muscle"],
                percent=f"{100 * band['low']:.0f} to {100 * band['high']:.0f}",
                percent_before=f"{100 * band['baseline_low']:.0f} to {100 * band['baseline_high']:.0f}",
            )
    row = strongest[0]
    return SENTENCES["remainder may" if found else "remainder"].format(
        muscle=row["muscle"], percent=f"{100 * row['peak']:.0f}", percent_before=f"{100 * row['baseline_peak']:.0f}"
    )

"""What an adaptation means, in plain and kind language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluteal.outcome.sentences import title_within
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.words import coordinate_words, deficit_words, list_words

if TYPE_CHECKING:
    from gluteal.simulate.adapt.record import Adaptation

#: What adapting does not say.
NOT_FORETOLD = (
    "This is the least costly way in this model, not a prediction of what a person will do: people learn, are used "
    "to their own way, and may prefer another."
)


def say_adaptation(adaptation: Adaptation) -> list[str]:
    """Return the sentences: what changes, what that buys, what this does not say."""
    title = adaptation.movement.title
    given = [adaptation.condition.name] if adaptation.condition else []
    given += [adaptation.alteration] if adaptation.alteration else []
    start = f"With {' and '.join(given)}, " if given else "Undisturbed, "
    if adaptation.fixed.cause is not None:
        return [f"This cannot be judged yet. {adaptation.fixed.cause.sentence}"]
    said = [
        posture_quantity(c.quantity).say(c.value, adaptation.toward) + (f" ({c.phase})" if c.phase else "")
        for c in adaptation.said_changes[:4]
    ]
    where = title_within(title)
    if not said:
        first = f"{start}{where} stays as it is: moving otherwise buys less than keeping to the usual way."
    else:
        able = "can be done like this" if adaptation.verdict != "impossible" else "comes nearest like this"
        first = f"{start}{where} {able}: {list_words(said)}."
    return [first[0].upper() + first[1:], *_say_bought(adaptation), NOT_FORETOLD]


def _say_bought(adaptation: Adaptation) -> list[str]:
    fixed, adapted = adaptation.fixed.deficit, adaptation.adapted.deficit
    words = []
    if adaptation.adapted.verdict == "impossible":
        words.append(
            f"Even like this, {deficit_words(adapted)} are missing for {coordinate_words(adapted.coordinate)}."
        )
    elif adaptation.fixed.verdict == "impossible":
        words.append(f"Held exactly as it was, {deficit_words(fixed)} would be missing; like this, nothing is.")
    before, held, now = adaptation.bought.effort
    if before > 0.0 and now < 0.99 * held and adaptation.said_changes:
        words.append(f"It takes {now / before:.2g} times the undisturbed effort instead of {held / before:.2g} times.")
    return words

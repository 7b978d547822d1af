"""The head of a report on a simulation: the answer, its number, how sure it is, and what people did."""

from __future__ import annotations

from gluteal.outcome.record import Outcome
from gluteal.outcome.sentences import VERDICT_WORDS, title_first, title_within
from gluteal.show.pages.names import say_within
from gluteal.show.pages.report import KIND_WORDS, ReportHead, list_people_facts
from gluteal.show.parts import say_name
from gluteal.simulate.ensemble import Ensemble
from gluteal.simulate.spread import Spread
from gluteal.words import deficit_words

_KIND = {
    "unchanged": "{first} goes on as before with this change, in the calculation. Nothing else works much harder.",
    "compensated": "{first} still works with this change, in the calculation: other muscles share the work. That is "
    "what muscles do, all the time.",
    "impossible": "Done in exactly the same way, {within} would ask for more than is left. People do not do things in "
    "exactly the same way: they lean, step wider, slow down or hold on, and that is not calculated here.",
    "cannot-be-judged": "The calculation could not be trusted this time, so there is nothing to tell yet. That is "
    "about the calculation, not about you.",
    "disputed": "Whether {within} still works in exactly the same way depends on how a body is built. Bodies differ; "
    "so do the answers.",
}


def answer_outcome(outcome: Outcome, *, spread: Spread | None = None, ensemble: Ensemble | None = None) -> ReportHead:
    """Return the head of the report; parameters as `gluteal.show.pages.outcome.render_outcome`."""
    movement = outcome.mechanics.movement
    verdict = outcome.verdict if ensemble is None else ensemble.join(outcome.verdict)
    words = VERDICT_WORDS[verdict]
    sentence = outcome.sentence
    if outcome.cause:
        sure = "That it cannot be judged is certain; what the condition would do is not said here at all."
    elif ensemble is None:
        sure = "One body by least effort. Published anatomies of the hip differ, and so may their answers."
    elif verdict == "disputed":
        sentence, sure = ensemble.sentence, f"The published bodies disagree. The one shown below: {outcome.sentence}"
    else:
        sure = ensemble.sentence
    if spread is not None:
        sure += f" {spread.sentence}"
    number, number_words = _number(outcome, spread)
    kind = "cannot-be-judged" if outcome.cause else verdict
    return ReportHead(
        over=f"{movement.title} · body “{say_name(outcome.mechanics.body.name)}”",
        title=f"{outcome.condition.name[0].upper()}{outcome.condition.name[1:]}",
        sentence=say_within(sentence, {}),
        number=number,
        number_words=number_words,
        certainty=say_within(sure, {}),
        badge=f"{words[0].upper()}{words[1:]}",
        tone=outcome.verdict if verdict == outcome.verdict else "compensated",
        people=list_people_facts(movement.name, outcome.condition),
        person=(
            _KIND[kind].format(first=title_first(movement.title), within=title_within(movement.title)),
            *KIND_WORDS,
        ),
    )


def _number(outcome: Outcome, spread: Spread | None) -> tuple[str, str]:
    """Return the number that carries the verdict: what is missing if it is not possible, else the effort."""
    if outcome.verdict == "impossible":
        return deficit_words(outcome.deficit), "are missing where it fails"
    if outcome.verdict == "cannot-be-judged":
        return "", ""
    among = ""
    if spread is not None:
        row = spread.numbers[spread.numbers["quantity"] == "effort_ratio"].iloc[0]
        among = f", {row['low']:.2g} to {row['high']:.2g} in nine of ten people"
    return f"× {outcome.effort_ratio:.3g}", f"the effort of the undisturbed movement{among}"

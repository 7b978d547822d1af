"""What is nearest to a question, as a page."""

from __future__ import annotations

from typing import Any

from gluteal.ledger.ask.answer import EXAMPLES, Answers, claim_command, task_command
from gluteal.ledger.ask.known import Known
from gluteal.show.pages.cells import plain_cell, type_cell
from gluteal.show.pages.report import Grid, Report, ReportHead

_LIMITS = (
    "Each answer is to the claim, as it is written there, not to the question: a claim may say the opposite of what "
    "was asked.",
    "The search compares words. It knows nothing of you, sends nothing anywhere, and can miss what is there.",
    "An answer is about people on average. It decides nothing about one person, and it is no advice.",
)
_UNSURE = "Not at all: nothing that could be weighed answers this."
_PERSON = (
    "If something hurts or worries you, talk to somebody who can examine you.",
    "No answer here means that a body is broken.",
)


def report_answers(answers: Answers, *, command: str | None = None) -> Report:
    """Return the page of what was found, or of what could be asked instead."""
    claims = [hit.known for hit in answers.of("claim")]
    further = [
        *(("read", hit.known.title, type_cell(hit.known.name)) for hit in answers.of("page")),
        *(("try", hit.known.title, type_cell(task_command(hit.known))) for hit in answers.of("task")),
        *(("use", plain_cell(h.known.title), type_cell(f"gluteal {h.known.name}")) for h in answers.of("command")),
    ]
    if not answers.found:
        further = [("ask", example, type_cell(f'gluteal ask "{example}"')) for example in EXAMPLES]
    grids = (
        Grid(
            title="Claims that are near, the nearest first",
            columns=("claim", "plain answer", "in numbers", "how sure", "what would change it", "the whole of it"),
            rows=[_claim_row(claim) for claim in claims],
        ),
        Grid(title="What to read, try or use", columns=("do", "what", "how"), rows=further),
    )
    return Report(
        answer=_answer(answers, claims),
        grids=[grid for grid in grids if grid.rows],
        limits=_LIMITS,
        command=command,
        footer="Answers follow from a stated rule, and change with what becomes known.",
    )


def _answer(answers: Answers, claims: list[Known]) -> ReportHead:
    if not claims:
        unknown = ", ".join(answers.asked.unknown)
        nothing = "Nothing found: the ledger has claims about gluteal muscles, hips and back, none near to this."
        return ReportHead(
            over="A question in your own words",
            title=answers.question,
            sentence=nothing if not answers.found else "No claim is near to this; below is what there is to try.",
            certainty=f"Not understood: {unknown}." if unknown else "The words are known, what they ask is not here.",
            person=_PERSON,
        )
    first = claims[0]
    return ReportHead(
        over="A question in your own words",
        title=answers.question,
        sentence=f"The nearest claim: “{first.title.rstrip('.')}.” The answer to that: {first.answer['plain']}",
        number=str(len(claims)),
        number_words="near claims, each with its plain answer below" if len(claims) > 1 else "near claim",
        certainty=first.answer["certainty_words"] or _UNSURE,
        person=_PERSON,
    )


def _claim_row(claim: Known) -> tuple[Any, ...]:
    told = claim.answer
    return (
        claim.title,
        told["plain"],
        told["number"] or None,
        told["certainty_words"] or None,
        told["would_change"] or None,
        type_cell(claim_command(claim)),
    )

"""The ledger as one HTML page that a lay person can browse: filter, open a claim, see why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.rule import CLAIM_RULE
from gluteal.ledger.exercises import LOAD_NOTE, correlate_with_published
from gluteal.ledger.experiments import all_experiments, missing_replays
from gluteal.ledger.nature import BesideNature, compare_with_nature
from gluteal.ledger.prediction import value_words
from gluteal.ledger.run import Entry, Ledger, tally
from gluteal.ledger.words import (
    published_words,
)
from gluteal.show.pages.claim_entry import VERDICT_WORDS, describe_entry, source_of
from gluteal.show.pages.page import own_style, render_page
from gluteal.show.pages.report import ReportHead
from gluteal.words import list_words

_OPENING = (
    "Articles about “sleeping” glutes contradict one another. Here every statement stands by itself: a plain answer "
    "first, with the number that carries it, how sure one can be, and what would change it. Open a claim to see the "
    "studies, and where an experiment was made on a model of the body, whether the model has earned to speak."
)
_LIMITS = (
    "A verdict is about people on average. It decides nothing about one person, and it is no advice.",
    "It rests on what was found and how far it was read; beside every study stands whether its whole text was read. "
    "New studies change it.",
    "A model speaks only where its experiment passed the check against nature that stands beside it.",
)
_MUSCLES = {"glmax": "gluteus maximus", "glmed": "gluteus medius"}


def render_ledger(ledger: Ledger, *, exercises: pd.DataFrame | None = None, command: str | None = None) -> str:
    """Return the ledger as one HTML text.

    Parameters
    ----------
    ledger : Ledger
        From `gluteal.ledger.run.compile_ledger`, with or without results of experiments.
    exercises : pd.DataFrame, optional
        From `gluteal.ledger.exercises.exercise_table`.
    command : str, optional
        The command line that repeats it, shown as such.
    """
    evidence = ledger.evidence
    # A page with one claim tells of its own studies alone.
    about = {line.study.key for line in ledger.entries[0].evidence.lines} if len(ledger.entries) == 1 else None
    compared = compare_with_nature(ledger.results.values())
    with own_style():
        entries = [describe_entry(entry, evidence) for entry in ledger.entries]
    return render_page(
        "ledger.html.j2",
        answer=_answer(ledger),
        limits=_LIMITS,
        scripts=("ledger.js",),
        entries=entries,
        tally=[(word, count, VERDICT_WORDS[word]) for word, count in tally(ledger).items()],
        topics=list(dict.fromkeys(e.claim.topic for e in ledger.entries)),
        articles={a.key: a for a in evidence.articles},
        checks=[_check(c, evidence) for c in evidence.citation_checks if about is None or c.study in about],
        replays=[_replay(s) for s in evidence.studies if s.simulate is not None and (about is None or s.key in about)],
        nature=[_comparison(c, evidence) for c in compared if c.difference is not None],
        nature_in_words=[_comparison(c, evidence) for c in compared if c.difference is None],
        nature_words=_nature_words(compared),
        exercises=None if exercises is None else _exercises(exercises),
        rule=CLAIM_RULE.split("\n\n"),
        command=command,
    )


def _answer(ledger: Ledger) -> ReportHead:
    """Return the head: how many statements hold, and how sure that is."""
    if len(ledger.entries) == 1:
        return _one(ledger.entries[0])
    counts = tally(ledger)
    told = [f"{count} {VERDICT_WORDS[word]}" for word, count in counts.items() if count]
    sure = [e.verdict.certainty for e in ledger.entries if e.verdict.certainty]
    levels = [f"{sure.count(level)} {level}" for level in ("high", "moderate", "low", "very low") if level in sure]
    return ReportHead(
        over="gluteal · the ledger",
        title=f"Are your glutes asleep? {len(ledger.entries)} claims, weighed",
        sentence=_OPENING,
        number=f"{len(ledger.entries)} claims",
        number_words=list_words(told),
        certainty=f"Certainty of those that have an answer: {list_words(levels)}." if levels else "Nothing is certain.",
    )


def _one(entry: Entry) -> ReportHead:
    """Return the head of a page with one claim: the claim, and its plain answer."""
    plain = entry.plain
    return ReportHead(
        over="gluteal · a claim, weighed",
        title=entry.claim.statement,
        sentence=" ".join(filter(None, (plain.sentence, plain.number))),
        certainty=plain.certainty or "Nothing that could be weighed answers this.",
        badge=VERDICT_WORDS[entry.verdict.verdict].capitalize(),
        tone=entry.verdict.verdict,
        person=(
            "This is about people on average, and about what is known of them. One person may be unlike the average.",
            "If something hurts or worries you, talk to somebody who can examine you.",
        ),
    )


def _replay(study: Study) -> dict[str, Any]:
    """A published experiment, and by which experiments it is repeated or what is missing."""
    replay = study.simulate
    if replay is None:
        raise ValueError("only what could be replayed is listed")
    done = [e.title for e in all_experiments().values() if study.key in e.replays]
    return {
        "source": study.name,
        "link": study.link,
        "task": replay.task,
        "published": replay.published,
        "done": "; ".join(done) or "not repeated",
        "missing": missing_replays().get(study.key, ""),
    }


def _check(check: Any, evidence: Evidence) -> dict[str, Any]:
    study = evidence.study(check.study)
    return {
        "article": evidence.article(check.article).title,
        "about": check.about,
        "problem": check.problem,
        "source": study.name,
        "link": study.link,
    }


def _comparison(compared: BesideNature, evidence: Evidence) -> dict[str, Any]:
    unit = compared.reading.unit
    return {
        "label": f"{compared.title.removesuffix('?')}: {compared.reading.label}",
        "value_words": value_words(compared.reading.value, unit),
        "published_words": published_words(compared.published, unit),
        **source_of(compared.published.source, evidence),
        "sentence": compared.sentence,
    }


def _exercises(table: pd.DataFrame) -> dict[str, Any]:
    """Return rows and sentences of the table of exercises."""
    ranks = {words: correlate_with_published(table, muscle) for muscle, words in _MUSCLES.items()}
    return {
        "rows": table.sort_values("glmax_peak").to_dict("records"),
        "ranks": [
            f"Over {r.n} exercises whose EMG is published, simulated activation of {words} ranks them with a Spearman "
            f"correlation of {r.value:.2f} (95 % interval {r.low:.2f} to {r.high:.2f})."
            for words, r in ranks.items()
        ],
        "note": LOAD_NOTE,
    }


def _nature_words(compared: Sequence[BesideNature]) -> str:
    agree = sum(c.agreement == "agrees" for c in compared)
    loosely = sum(c.agreement == "agrees" and c.one_sided for c in compared)
    differ = sum(c.agreement == "differs" for c in compared)
    return (
        f"{agree - loosely} agree in size (inside the published range, or within a quarter of the value where none is "
        f"printed), {loosely} lie on the published side of a limit or a direction, which is little to agree with, "
        f"{differ} do not agree, and {len(compared) - agree - differ} were published in words only. Where it differs, "
        "the model is wrong or does something else than people did."
    )

"""The ledger as one HTML page that a lay person can browse: filter, open a claim, see why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from markupsafe import Markup

from gluteal.ledger.evidence.lines import Line
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.synthesis import Synthesis
from gluteal.ledger.evidence.verdict import CLAIM_RULE
from gluteal.ledger.exercises import LOAD_NOTE, correlate_with_published
from gluteal.ledger.experiments import all_experiments, missing_replays
from gluteal.ledger.experiments.recorded.recordings import RECORDINGS_NEEDED
from gluteal.ledger.nature import BesideNature, compare_with_nature
from gluteal.ledger.prediction import value_words
from gluteal.ledger.run import Entry, Ledger, Tested, tally
from gluteal.ledger.words import (
    READ_WORDS,
    design_words,
    effect_words,
    published_words,
)
from gluteal.show.figures.forest import forest_size, plot_forest
from gluteal.show.pages.page import STYLE, inline_axes, render_page

_OPENING = (
    "Articles about “sleeping” glutes contradict one another. Here every statement stands by itself, with the "
    "studies that bear on it, an experiment on a model of the body where one can be made, and a verdict that follows "
    "from a stated rule. Open a claim to see why."
)
_MUSCLES = {"glmax": "gluteus maximus", "glmed": "gluteus medius"}
_NEEDED = "What would settle it is a recording the ledger has not: {}. gluteal emg reads yours."
_NOT_RUN = "There is an experiment for this claim; it was not run for this page."


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
    compared = compare_with_nature(ledger.results.values())
    with mpl.rc_context(STYLE):
        entries = [_entry(entry, evidence) for entry in ledger.entries]
    return render_page(
        "ledger.html.j2",
        opening=_OPENING,
        entries=entries,
        tally=list(tally(ledger).items()),
        topics=list(dict.fromkeys(e.claim.topic for e in ledger.entries)),
        articles={a.key: a for a in evidence.articles},
        checks=[_check(c, evidence) for c in evidence.citation_checks],
        replays=[_replay(s) for s in evidence.studies if s.simulate is not None],
        nature=[_comparison(c, evidence) for c in compared if c.difference is not None],
        nature_in_words=[_comparison(c, evidence) for c in compared if c.difference is None],
        nature_words=_nature_words(compared),
        exercises=None if exercises is None else _exercises(exercises),
        rule=CLAIM_RULE.split("\n\n"),
        command=command,
    )


def _entry(entry: Entry, evidence: Evidence) -> dict[str, Any]:
    claim, found = entry.claim, entry.evidence
    stances = [f"{key}:{stance}" for key, stance in claim.articles.items()]
    if {"asserts", "denies"} <= set(claim.articles.values()):
        stances.append("disputed")
    line = [
        claim.topic.replace("-", " "),
        f"certainty {entry.verdict.certainty}" if entry.verdict.certainty else "",
        f"studies: {len(found.studies_for)} for, {len(found.studies_against)} against, "
        + (f"{len(found.studies_mixed)} both ways, " if found.studies_mixed else "")
        + f"{len(found.studies_neutral)} neither",
        f"experiment {entry.result}" if entry.result else "",
    ]
    pooled = [s for s in found.syntheses if s.pooled is not None]
    return {
        "claim": claim,
        "verdict": entry.verdict,
        "stances": " ".join(stances),
        "line": " · ".join(filter(None, line)),
        "articles": [
            (f"{evidence.article(key).title} ({evidence.article(key).author})", stance, key in claim.implied)
            for key, stance in claim.articles.items()
        ],
        "tests": [_test(t, evidence) for t in entry.tested],
        "waiting": _waiting(entry),
        "forests": [_forest(s) for s in pooled],
        "unpooled": [f"{s.title}, {s.contrast}: {s.why_not}." for s in found.syntheses if s.why_not],
        "studies": [row for line in found.lines for row in _study_rows(line, found.lines, claim.id, evidence)],
    }


def _waiting(entry: Entry) -> str:
    """Say why no experiment stands at a claim, or what more it would take."""
    if entry.predictions and not entry.tested:
        return _NOT_RUN
    needed = RECORDINGS_NEEDED.get(entry.claim.id)
    return _NEEDED.format(needed[0].lower() + needed[1:]) if needed else ""


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


def _study_rows(line: Line, lines: Sequence[Line], claim: str, evidence: Evidence) -> list[dict[str, Any]]:
    """Return a row a study; those of a pooled line that stand by themselves below are left to their own rows."""
    alone = {other.studies[0] for other in lines if len(other.studies) == 1}
    rows = []
    for key in line.studies if len(line.studies) == 1 else [k for k in line.studies if k not in alone]:
        study = evidence.study(key)
        rows.append(
            {
                "name": study.name,
                "link": study.link,
                "read": READ_WORDS[study.read],
                "design": design_words(study),
                "findings": [effect_words(e) for e in study.effects if e.link(claim) is not None],
                "direction": line.says,
                "certainty": line.rating.level,
                "part_of": line.part_of,
                "downgrades": "; ".join(
                    [f"{line.rating.design} starts {line.rating.start}", *(d.reason for d in line.rating.downgrades)]
                ),
            }
        )
    return rows


def _test(tested: Tested, evidence: Evidence) -> dict[str, Any]:
    data = tested.to_json()
    criteria = [
        {**c, "value_words": value_words(float("nan") if c["value"] is None else c["value"], c["unit"])}
        for c in data["criteria"]
    ]
    readings = []
    for reading in tested.result.readings:
        published = reading.published
        readings.append(
            {
                "label": reading.label,
                "value_words": value_words(reading.value, reading.unit),
                "published_words": published_words(published, reading.unit) if published else "",
                **_source(published.source if published else None, evidence),
                "note": reading.note,
            }
        )
    return {
        **data,
        "title": data["title"] if data["title"].endswith("?") else f"{data['title']}.",
        "method": tested.result.experiment.method,
        "recomputed": not tested.result.experiment.independent,
        "answer_words": f"{tested.answer} the claim" if tested.answer.endswith("s") else tested.answer,
        "criteria": criteria,
        "readings": readings,
    }


def _forest(synthesis: Synthesis) -> tuple[Markup, str]:
    pooled = synthesis.pooled
    if pooled is None:
        raise ValueError("only what is pooled is drawn")
    r = pooled.random
    words = (
        f"{pooled.k} studies put together: {r.value:.3g} {synthesis.units} (95 % interval {r.low:.3g} to {r.high:.3g}, "
        f"random effects with Hartung-Knapp's interval; I² {pooled.i2:.0%})."
    )
    return inline_axes(lambda ax: plot_forest(synthesis, ax=ax), size=forest_size(synthesis)), words


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
        **_source(compared.published.source, evidence),
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


def _source(key: str | None, evidence: Evidence) -> dict[str, Any]:
    if key is None:
        return {"source": None, "link": None}
    study = evidence.study(key)
    return {"source": study.name, "link": study.link}


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

"""Running experiments, and compiling claims, evidence and what the experiments said into the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from gluteal.errors import UnknownName
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.points import ClaimPoint, collect_points
from gluteal.ledger.evidence.records import Answer, Claim
from gluteal.ledger.evidence.stability import Stability, measure_stability
from gluteal.ledger.evidence.summary import EvidenceSummary, summarise_evidence
from gluteal.ledger.evidence.verdict import ClaimVerdict, VerdictWord, judge_claim
from gluteal.ledger.foretold import foretold_experiments
from gluteal.ledger.plain import PlainAnswer, answer_plainly, estimate_json
from gluteal.ledger.prediction import BAND_SLACK, Experiment, Prediction, Reading, ReadingBand, Threshold

if TYPE_CHECKING:
    # What runs experiments is imported where it runs them: what studies say needs none of it.
    from gluteal.ledger.bench import Bench
    from gluteal.ledger.bodies import BodyReadings
    from gluteal.ledger.credibility import Credibility


@dataclass(frozen=True)
class ExperimentResult:
    """What an experiment measured, how long it took, s, whether it may speak on claims, and what else could be so.

    `bodies` is None where the published bodies were not asked; `bands` are the readings' ends among near-optimal
    sharings, by their keys.
    """

    experiment: Experiment
    readings: tuple[Reading, ...]
    seconds: float
    credibility: Credibility
    bodies: BodyReadings | None = None
    bands: Mapping[str, ReadingBand] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, float]:
        """Reading's key -> value."""
        return {r.key: r.value for r in self.readings}


@dataclass(frozen=True)
class Tested:
    """A claim's prediction beside what came out."""

    prediction: Prediction
    result: ExperimentResult

    @property
    def answer(self) -> Answer:
        """What the readings say of the claim."""
        return self.prediction.decide(self.result.values)

    @property
    def failed_check(self) -> str | None:
        """Why the answer has no weight, in a sentence; None where it counts."""
        if not self.result.experiment.independent:
            return "it only recomputes studies that stand in the ledger anyway"
        why = self.prediction.foregone or self.result.credibility.failed_check or self._lost_in_bands
        bodies = self.result.bodies
        if why is None and bodies is not None and not bodies.agree(self.prediction, self.answer):
            return f"the published bodies disagree: {bodies.sentence(self.prediction, self.answer)}"
        return why

    @property
    def _lost_in_bands(self) -> str | None:
        """Where only the cheapest sharing gives the answer: which reading says something else in others."""
        values, bands = self.result.values, self.result.bands
        if self.prediction.decide(values, bands) == self.answer:
            return None
        turned = next(c for c in self.prediction.criteria if says_in_bands(c, values, bands) == "may")
        reading = next(r for r in self.result.readings if r.key == turned.reading)
        return (
            f"only some near-optimal sharings give this answer: {reading.label} is "
            f"{bands[turned.reading].words(reading.unit)} in those that cost up to {100 * BAND_SLACK:.0f} % more than "
            "the cheapest"
        )

    @property
    def credible(self) -> bool:
        """Whether the answer counts."""
        return self.failed_check is None

    def to_json(self) -> dict[str, Any]:
        """Return prediction, readings and answer as plain data; a value that is not a number becomes None."""
        by_key = {r.key: r for r in self.result.readings}
        return {
            "experiment": self.result.experiment.key,
            "title": self.result.experiment.title,
            "answer": self.answer,
            "credible": self.credible,
            "failed_check": self.failed_check,
            "checks": [check.to_json() for check in self.result.credibility.checks],
            "replays": list(self.result.experiment.replays),
            "criteria": [
                {
                    "reading": c.reading,
                    "label": by_key[c.reading].label,
                    "value": _finite(by_key[c.reading].value),
                    "unit": by_key[c.reading].unit,
                    "supports_if": c.supports.words(by_key[c.reading].unit),
                    "contradicts_if": c.contradicts.words(by_key[c.reading].unit),
                    "says": c.judge(by_key[c.reading].value),
                    "near_optimal": says_in_bands(c, self.result.values, self.result.bands),
                    "why": c.why,
                }
                for c in self.prediction.criteria
            ],
            "readings": [reading_row(r, self.result.bands.get(r.key)) for r in self.result.readings],
            "bodies": None if self.result.bodies is None else self.result.bodies.to_json(self.prediction, self.answer),
            "limits": " ".join(filter(None, [self.prediction.limits, self.result.experiment.limits])),
            "seconds": self.result.seconds,
        }


@dataclass(frozen=True)
class Entry:
    """One claim with everything the ledger knows about it.

    `foretold` are the experiments that make a prediction about it; `tested` the predictions whose experiment was run.
    """

    claim: Claim
    evidence: EvidenceSummary
    foretold: tuple[str, ...]
    tested: tuple[Tested, ...]
    verdict: ClaimVerdict
    points: tuple[ClaimPoint, ...]

    @cached_property
    def stability(self) -> Stability:
        """What the verdict of the studies hangs on; computed when it is asked for."""
        return measure_stability(self.claim, self.points)

    @cached_property
    def plain(self) -> PlainAnswer:
        """The verdict for everybody."""
        return answer_plainly(self.claim, self.verdict, self.evidence, self.stability)

    @property
    def result(self) -> Answer | None:
        """What all experiments that were run say together, None where none was run."""
        said = {t.answer for t in self.tested} - {"undecided"}
        if not self.tested:
            return None
        if not said:
            return "undecided"
        return said.pop() if len(said) == 1 else "mixed"

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return {
            "id": self.claim.id,
            "statement": self.claim.statement,
            "plain": self.plain.sentence,
            "number": self.plain.number,
            "certainty_words": self.plain.certainty,
            "would_change": self.plain.would_change,
            "kind": self.claim.kind,
            "topic": self.claim.topic,
            "articles": dict(self.claim.articles),
            "verdict": self.verdict.verdict,
            "certainty": self.verdict.certainty,
            "basis": self.verdict.basis,
            "rule": self.verdict.sentence,
            "estimate": estimate_json(self.evidence),
            "grade": None if self.verdict.rating is None else self.verdict.rating.to_json(),
            "stability": self.stability.to_json(),
            "quotation": None if self.claim.quotation is None else self.claim.quotation.model_dump(),
            "evidence": self.evidence.to_json(),
            "experiment": None
            if self.result is None
            else {
                "result": self.result,
                "credible": any(t.credible for t in self.tested),
                "failed_check": next((t.failed_check for t in self.tested if not t.credible), None),
                "tests": [t.to_json() for t in self.tested],
            },
        }


@dataclass(frozen=True)
class Ledger:
    """All entries, with the evidence and the results they were made of; `results` is empty where none was run."""

    evidence: Evidence
    entries: tuple[Entry, ...]
    results: Mapping[str, ExperimentResult]


def experiments_for(claims: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of the experiments that claims make predictions for, each once, in their order."""
    from gluteal.ledger.experiments import all_experiments

    foretold = foretold_experiments()
    wanted = {key for claim in claims for key in foretold.get(claim, ())}
    return tuple(key for key in all_experiments() if key in wanted)


def run_experiments(
    keys: Iterable[str],
    *,
    bench: Bench | None = None,
    progress: Callable[[str], None] | None = None,
    kept: bool = False,
    bodies: bool = False,
) -> dict[str, ExperimentResult]:
    """Run experiments by their keys, one after the other on one bench.

    Parameters
    ----------
    progress : callable, optional
        Told the title of each experiment before it starts.
    kept : bool
        Read what came with the package, or was measured before, where it fits (`gluteal.ledger.kept`).
    bodies : bool
        Ask all published bodies as well, minutes an experiment; without, only what is kept of them is read.

    Raises
    ------
    UnknownName
        Where there is no such experiment.
    """
    from gluteal.ledger.bench import Bench
    from gluteal.ledger.bodies import find_bodies, keep_bodies, measure_bodies
    from gluteal.ledger.credibility import check_against_people, keep_credibility
    from gluteal.ledger.experiments import all_experiments
    from gluteal.ledger.kept import keep_readings
    from gluteal.ledger.reading_bands import keep_bands, measure_bands

    known = all_experiments()
    bench = bench or Bench()
    results = {}
    for key in keys:
        if key not in known:
            raise UnknownName("experiment", key, known, "gluteal claims --json --run")
        if progress:
            progress(known[key].title)
        start = time.perf_counter()
        readings = keep_readings(known[key], bench) if kept else tuple(known[key].measure(bench))
        held = keep_credibility if kept else check_against_people
        credibility = held(known[key], readings, bench)
        bands = (keep_bands if kept else measure_bands)(known[key], bench)
        others = None
        if known[key].kind == "simulation":
            ask = (keep_bodies if kept else measure_bodies) if bodies else find_bodies if kept else None
            others = None if ask is None else ask(known[key], bench)
        results[key] = ExperimentResult(known[key], readings, time.perf_counter() - start, credibility, others, bands)
    return results


def compile_ledger(
    evidence: Evidence, claims: Iterable[str] | None = None, *, results: Mapping[str, ExperimentResult] | None = None
) -> Ledger:
    """Put claims, their evidence and the results of experiments together, and judge each claim by the rule.

    Parameters
    ----------
    claims : iterable of str, optional
        Ids; default all.
    results : mapping of experiment's key -> Result, optional
        From `run_experiments`; predictions whose experiment is not among them count as not tested.

    Raises
    ------
    UnknownName
        Where there is no such claim.
    """
    results = results or {}
    predictions = _predictions() if results else {}
    foretold = foretold_experiments()
    entries = []
    for claim in evidence.claims if claims is None else [evidence.claim(c) for c in claims]:
        made = predictions.get(claim.id, ())
        tested = tuple(Tested(p, results[p.experiment]) for p in made if p.experiment in results)
        points = collect_points(evidence, claim)
        summary = summarise_evidence(evidence, claim)
        verdict = judge_claim(claim, summary, [t.answer for t in tested if t.credible])
        entries.append(Entry(claim, summary, foretold.get(claim.id, ()), tested, verdict, points))
    return Ledger(evidence, tuple(entries), results)


def _predictions() -> Mapping[str, tuple[Prediction, ...]]:
    from gluteal.ledger.experiments import all_predictions

    return all_predictions()


def says_in_bands(
    criterion: Threshold, values: Mapping[str, float], bands: Mapping[str, ReadingBand]
) -> Literal["every", "may"] | None:
    """Return whether every near-optimal sharing says of a criterion what the cheapest does, or it only may.

    None where the cheapest decides nothing, or the reading has no band.
    """
    said = criterion.judge(values[criterion.reading])
    if said == "undecided" or criterion.reading not in bands:
        return None
    return "every" if criterion.judge_band(bands[criterion.reading]) == said else "may"


def reading_row(reading: Reading, band: ReadingBand | None = None) -> dict[str, Any]:
    """Return a reading as plain data, with its ends among near-optimal sharings."""
    published = reading.published
    return {
        "key": reading.key,
        "label": reading.label,
        "value": _finite(reading.value),
        "unit": reading.unit,
        "published": None
        if published is None
        else {
            "source": published.source,
            "value": published.value,
            "low": published.low,
            "high": published.high,
            "words": published.words,
        },
        "note": reading.note,
        "band": None
        if band is None
        else {
            "low": _finite(band.low),
            "high": _finite(band.high),
            "slack": BAND_SLACK,
            "words": band.words(reading.unit),
        },
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def tally(ledger: Ledger) -> dict[str, int]:
    """Return how many claims have each verdict, in the verdicts' usual order; verdicts nobody has are left out."""
    found = [entry.verdict.verdict for entry in ledger.entries]
    return {verdict: found.count(verdict) for verdict in get_args(VerdictWord) if verdict in found}

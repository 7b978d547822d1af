"""The ledger: experiments that can fail, verdicts that follow, and a page that shows both."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import pytest

from gluteal.errors import UnknownName
from gluteal.ledger.bench import Bench
from gluteal.ledger.credibility import Credibility, NatureCheck
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.evidence.records import Answer
from gluteal.ledger.experiments import all_experiments, all_predictions, missing_replays
from gluteal.ledger.experiments.recorded import recordings
from gluteal.ledger.nature import compare_with_nature
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold, value_words
from gluteal.ledger.run import ExperimentResult, Ledger, compile_ledger, experiments_for, run_experiments, tally
from gluteal.ledger.words import effect_words, published_words
from gluteal.show.pages.ledger import render_ledger
from gluteal.sources.bibliography import find_reference, split_keys

EVIDENCE = load_evidence()
DISPUTED = [c.id for c in EVIDENCE.claims if {"asserts", "denies"} <= set(c.articles.values())]


@pytest.fixture(scope="module")
def ledger(results: dict[str, ExperimentResult]) -> Ledger:
    """All experiments run, all claims judged."""
    return compile_ledger(EVIDENCE, results=results)


# --- the house of experiments ---------------------------------------------------------------------------


def test_every_experiment_is_named_once_and_used_or_a_replay() -> None:
    """Keys are unique; an experiment either tests a claim or repeats a study, or it has no reason to be there."""
    used = {p.experiment for predictions in all_predictions().values() for p in predictions}
    for key, experiment in all_experiments().items():
        assert key == experiment.key
        assert key in used or experiment.replays or "control" in experiment.title.lower() + experiment.method.lower()
        assert experiment.method.strip().endswith((".", "?")) and experiment.limits.strip()


def test_predictions_name_claims_and_experiments_that_exist() -> None:
    """A misspelt id would leave a claim silently untested."""
    known = {c.id for c in EVIDENCE.claims}
    for claim, predictions in all_predictions().items():
        assert claim in known
        assert all(p.experiment in all_experiments() and p.criteria for p in predictions)


def test_every_replayable_study_is_repeated_or_says_what_is_missing() -> None:
    """No published experiment that could be replayed is silently left out."""
    repeated = {study for e in all_experiments().values() for study in e.replays} | set(missing_replays())
    assert {s.key for s in EVIDENCE.studies if s.simulate is not None} <= repeated


def test_every_claim_with_a_runnable_test_has_an_experiment_or_a_recording_that_is_named() -> None:
    """Claims that simulation or EMG should settle are settled by one, or the ledger says what it would take."""
    for claim in EVIDENCE.claims:
        if claim.test in ("simulation", "emg"):
            assert claim.id in all_predictions() or claim.id in recordings.RECORDINGS_NEEDED, claim.id


# --- running -------------------------------------------------------------------------------------------


def test_every_criterion_finds_its_reading(ledger: Ledger) -> None:
    """Readings have a label, a unit and a finite value, or a note that says why not."""
    for result in ledger.results.values():
        assert len(result.values) == len(result.readings), result.experiment.key
        for reading in result.readings:
            assert reading.label and reading.unit
            assert math.isfinite(reading.value) or reading.note, (result.experiment.key, reading.key)
    for entry in ledger.entries:
        for tested in entry.tested:
            assert {c.reading for c in tested.prediction.criteria} <= set(tested.result.values)


def test_published_values_name_a_study_or_a_reference(ledger: Ledger) -> None:
    """Every published number beside a reading has a source that can be looked up."""
    keys = {s.key for s in EVIDENCE.studies}
    published = [r.published for result in ledger.results.values() for r in result.readings if r.published]
    assert len(published) > 20
    for key in {key for p in published for key in split_keys(p.source)} - keys:
        assert find_reference(key).called  # a reference that no claim rests on


def test_disputed_claims_have_a_verdict_with_its_reason(ledger: Ledger) -> None:
    """What the articles contradict each other on is judged, and the sentence says why."""
    by_id = {e.claim.id: e for e in ledger.entries}
    assert len(DISPUTED) >= 7
    for claim in DISPUTED:
        verdict = by_id[claim].verdict
        assert len(verdict.sentence) > 40 and verdict.steps
        assert by_id[claim].plain.sentence and by_id[claim].plain.would_change


def test_turning_an_experiment_round_turns_its_answer(ledger: Ledger) -> None:
    """For every prediction there are values that support the claim and values that contradict it."""
    for entry in ledger.entries:
        for tested in entry.tested:
            for way in ("supports", "contradicts"):
                values = tested.result.values | {
                    c.reading: _inside(getattr(c, way), getattr(c, _OTHER[way])) for c in tested.prediction.criteria
                }
                assert tested.prediction.decide(values) == way, (entry.claim.id, tested.prediction.experiment)


_OTHER = {"supports": "contradicts", "contradicts": "supports"}


def _inside(bound: Bound, other: Bound) -> float:
    """Return a value inside one bound and outside the other."""
    ends = [e for e in (bound.low, bound.high) if e is not None]
    tried = [*ends, sum(ends) / len(ends), *(e + s * 10.0**k for e in ends for s in (-1, 1) for k in range(-3, 6))]
    return next(v for v in tried if v in bound and v not in other)


def test_no_verdict_is_moved_by_a_model_that_fails_its_own_check(ledger: Ledger) -> None:
    """Over all claims: with and without the experiments that failed a check the verdict is the same."""
    tested = [e for e in ledger.entries if e.tested]
    assert len(tested) > 15
    moved = []
    for entry in tested:
        credible = {t.prediction.experiment: t.result for t in entry.tested if t.credible}
        if compile_ledger_of(entry, credible).verdict != entry.verdict:
            moved.append(entry.claim.id)
    assert moved == []
    failing = [t for e in tested for t in e.tested if not t.credible]
    assert failing and all(t.failed_check for t in failing)


def test_no_verdict_of_an_experiment_on_people_is_moved_by_the_model(ledger: Ledger) -> None:
    """Where people were measured in an experiment, the model may say what it likes."""
    for entry in ledger.entries:
        if entry.verdict.basis == "model":
            designs = {line.rating.design for line in entry.evidence.lines if any(not p.indirect for p in line.points)}
            assert not designs & {"experiment", "random trial"}, entry.claim.id
            assert entry.verdict.certainty == "very low"


def test_a_planted_failing_check_greys_the_reading(ledger: Ledger) -> None:
    """An experiment that speaks on a claim nobody measured loses its voice with one failed check, and is greyed."""
    evidence = dataclasses.replace(
        EVIDENCE, studies=tuple(s.model_copy(update={"effects": ()}) for s in EVIDENCE.studies)
    )
    (key,) = (k for k, r in ledger.results.items() if k == "textbook-order")
    result = ledger.results[key]
    claim = "prone-extension-fixed-firing-order"
    check = NatureCheck("order", "prone", "suehiro2015", 1.0, 0.5, 1.5, "1", "planted")

    def entry_with(*checks: NatureCheck):  # type: ignore[no-untyped-def]
        credible = dataclasses.replace(result, credibility=Credibility(checks))
        return compile_ledger(evidence, [claim], results={key: credible})

    passed = entry_with(check)
    assert passed.entries[0].verdict.basis == "model"
    assert passed.entries[0].verdict.verdict == "contradicted"
    assert 'class="noweight"' not in render_ledger(passed)
    failed = entry_with(check, dataclasses.replace(check, computed=2.0))
    (entry,) = failed.entries
    assert entry.verdict.verdict == "untested"
    assert entry.to_json()["experiment"]["credible"] is False
    assert "2, people 0.5 to 1.5" in entry.to_json()["experiment"]["failed_check"]
    page = render_ledger(failed)
    assert 'class="noweight"' in page and "It has no weight." in page


def test_turning_a_credible_experiment_round_turns_its_verdict(ledger: Ledger) -> None:
    """Where the model alone decides, readings turned round turn the word: the check can fail."""
    evidence = dataclasses.replace(
        EVIDENCE, studies=tuple(s.model_copy(update={"effects": ()}) for s in EVIDENCE.studies)
    )
    sound = Credibility((NatureCheck("q", "t", "suehiro2015", 1.0, 0.5, 1.5, "1", "planted"),))
    turned = 0
    for entry in ledger.entries:
        for tested in entry.tested:
            if tested.prediction.foregone or not tested.result.experiment.independent:
                continue
            words = []
            for way in ("supports", "contradicts"):
                values = {
                    c.reading: _inside(getattr(c, way), getattr(c, _OTHER[way])) for c in tested.prediction.criteria
                }
                readings = tuple(
                    dataclasses.replace(r, value=values.get(r.key, r.value)) for r in tested.result.readings
                )
                # Without bands, which are those of the readings before.
                result = dataclasses.replace(tested.result, readings=readings, credibility=sound, bands={})
                results = {tested.prediction.experiment: result}
                words.append(compile_ledger(evidence, [entry.claim.id], results=results).entries[0].verdict.verdict)
            assert words == ["supported", "contradicted"], entry.claim.id
            turned += 1
    assert turned > 15


def test_foregone_answers_count_for_nothing(ledger: Ledger) -> None:
    """A squeeze could only have come out dearer: shown, without weight."""
    (entry,) = (e for e in ledger.entries if e.claim.id == "conscious-glute-squeeze-backfires")
    assert entry.tested and all("constraint on least effort" in (t.failed_check or "") for t in entry.tested)
    assert entry.verdict.basis != "model"


def compile_ledger_of(entry, results):  # type: ignore[no-untyped-def]
    """Judge one claim anew with other results."""
    return compile_ledger(EVIDENCE, [entry.claim.id], results=results).entries[0]


def test_results_do_not_depend_on_what_ran_before(ledger: Ledger) -> None:
    """An experiment that draws people gives the same numbers alone as in a full run."""
    alone = run_experiments(["textbook-order"], bench=Bench())
    assert alone["textbook-order"].values == ledger.results["textbook-order"].values


def test_experiments_that_only_recompute_studies_are_not_counted_twice(ledger: Ledger) -> None:
    """The verdict on a claim is that of its studies where its only experiment consists of their numbers."""
    (entry,) = (e for e in ledger.entries if e.claim.id == "ankle-instability-delays-gmed")
    assert entry.tested and not entry.tested[0].result.experiment.independent
    assert entry.verdict == compile_ledger_of(entry, {}).verdict


def test_unknown_experiment_is_refused() -> None:
    """A wrong key gets one sentence."""
    with pytest.raises(UnknownName, match="There is no experiment 'walk-abductor-blok'"):
        run_experiments(["walk-abductor-blok"], bench=Bench())


# --- predictions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"a": 0.5, "b": 0.5}, "supports"),
        ({"a": 3.0, "b": 3.0}, "contradicts"),
        ({"a": 0.5, "b": 3.0}, "mixed"),
        ({"a": 1.5, "b": 1.5}, "undecided"),
        ({"a": 1.5, "b": 3.0}, "contradicts"),
        ({"a": math.nan, "b": 0.5}, "supports"),
        ({"a": math.nan, "b": math.nan}, "undecided"),
    ],
)
def test_what_readings_say(values: dict[str, float], answer: Answer) -> None:
    """Both ways is mixed, between the bounds decides nothing, and neither does what is not a number."""
    criteria = tuple(Threshold(key, Bound(high=1.0), Bound(low=2.0), "example") for key in ("a", "b"))
    assert Prediction("claim", "experiment", criteria).decide(values) == answer


def test_bounds_in_words() -> None:
    """A lay person reads the bound, not code."""
    assert Bound(high=1.0).words("N m") == "at most 1 N·m"
    assert Bound(low=0.25).words("1") == "at least 0.25"
    assert Bound(2.0, 3.0).words("ms") == "2 to 3 ms"


# --- beside nature ----------------------------------------------------------------------------------------


def _result(value: float, published: Published) -> ExperimentResult:
    reading = Reading("x", "a force", value, "N", published)
    experiment = Experiment("e", "E", "Method.", "simulation", (), "Limits.", lambda bench: [reading])
    return ExperimentResult(experiment, (reading,), 0.0, Credibility(()))


@pytest.mark.parametrize(
    ("value", "published", "agreement", "difference", "words"),
    [
        (10.0, Published("pohl2015", value=8.0), "agrees", 2.0, "agrees"),
        (10.2, Published("pohl2015", value=8.0), "differs", 2.2, "too high by 2.2 N (1.3 times)"),
        (10.0, Published("pohl2015", low=8.0, high=12.0), "agrees", 0.0, "agrees"),
        (7.0, Published("pohl2015", low=8.0, high=12.0), "differs", -1.0, "too low by 1 N"),
        (7.0, Published("pohl2015", words="little"), "not comparable", None, "words only: little"),
        (7.0, Published("pohl2015", high=8.0), "agrees", 0.0, "on the published side"),
        (4567.0, Published("pohl2015", value=1.0), "differs", 4566.0, "too high by 4566 N"),
    ],
)
def test_comparing_with_nature(
    value: float, published: Published, agreement: str, difference: float | None, words: str
) -> None:
    """Inside the range, or within a quarter where there is none, agrees; the rest is said plainly."""
    (row,) = compare_with_nature([_result(value, published)])
    assert row.agreement == agreement and words in row.sentence
    assert row.difference == (None if difference is None else pytest.approx(difference))


def test_a_difference_of_percentages_is_in_points() -> None:
    """50 % against 20 to 40 % is 10 percentage points too high, not 10 %."""
    published = Published("pohl2015", low=20.0, high=40.0)
    result = _result(50.0, published)
    reading = dataclasses.replace(result.readings[0], unit="%")
    (row,) = compare_with_nature([dataclasses.replace(result, readings=(reading,))])
    assert "too high by 10 percentage points" in row.sentence


# --- the page -------------------------------------------------------------------------------------------


def test_the_page_shows_every_claim_with_verdict_source_and_experiment(ledger: Ledger) -> None:
    """One file, no request to anywhere but links a person follows; every part is there."""
    page = render_ledger(ledger, command="gluteal claims --run")
    for entry in ledger.entries:
        assert f'id="{entry.claim.id}"' in page
    assert page.count('<details class="claim') == len(EVIDENCE.claims)
    for part in ('id="nature"', 'id="sources"', 'id="rule"', 'id="replays"', "<svg"):
        assert part in page
    assert not re.search(r'(?:src|href)="(?!https?://|#|data:)', page)
    assert not re.search(r'<(?:script|img|link)[^>]+(?:src|href)="http', page)
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).split()


def test_no_article_is_named_by_a_file(ledger: Ledger) -> None:
    """The page names articles by their titles."""
    assert not re.search(r"\d{3}_[0-9a-f]{16}", render_ledger(ledger))


def test_words_for_people() -> None:
    """Values, ranges and findings are written with their units."""
    assert value_words(1234.5, "N") == "1234 N"
    assert published_words(Published("x", low=1.0, high=2.0), "N m") == "1 to 2 N·m"
    assert published_words(Published("x", value=0.238, words="median"), "1") == "0.238; median"
    assert published_words(Published("x", low=0.3, high=0.3), "body weights") == "0.3 body weights"
    pain = effect_words(EVIDENCE.study("dejesus2020").effects[0])
    assert pain.startswith("pain (") and "-5.4" in pain and "-8.9 to -1.8" in pain


def test_no_power_of_ten_and_no_short_name_on_the_page(ledger: Ledger) -> None:
    """A lay reader meets neither 2.2e-05 nor md, sd or pct in front of a number."""
    text = re.sub(r"<svg.*?</svg>|<script.*?</script>|<[^>]*>", " ", render_ledger(ledger), flags=re.DOTALL)
    assert not re.findall(r"\d(?:\.\d+)?e[-+]\d+", text)
    assert not re.findall(r"\b(?:md|sd|pct|ci95|lbp|gmax|gmed) -?\d", text)
    assert "?." not in text


# --- what is counted --------------------------------------------------------------------------------------


def test_tally_counts_every_claim(ledger: Ledger) -> None:
    """No claim is lost."""
    assert sum(tally(ledger).values()) == len(EVIDENCE.claims)


def test_experiments_for_a_claim_are_listed_once() -> None:
    """Two claims that share an experiment run it once."""
    shared = experiments_for(["abductor-block-leaves-gait-unchanged", "body-substitutes-for-weak-glutes"])
    assert len(shared) == len(set(shared)) >= 2


def test_the_example_of_the_docs_runs() -> None:
    """The page that shows how an experiment is written shows one that works."""
    text = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    readings = names["experiment"].measure(names["Bench"]())
    assert names["prediction"].decide({r.key: r.value for r in readings}) == "supports"

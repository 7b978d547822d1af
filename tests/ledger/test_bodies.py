"""Experiments over the published bodies: one witness a lineage, agreement asked for, nothing computed unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gluteal.cli import main
from gluteal.engines import load_bodies
from gluteal.ledger import bodies, run
from gluteal.ledger.bench import Bench
from gluteal.ledger.bodies import BodyReading, BodyReadings, find_bodies, keep_bodies, measure_bodies
from gluteal.ledger.credibility import Credibility, NatureCheck
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Reading, Threshold
from gluteal.ledger.run import ExperimentResult

PREDICTION = Prediction("a-claim", "an-experiment", (Threshold("x", Bound(low=1.0), Bound(high=0.5), "own choice"),))
PASSED = Credibility((NatureCheck("x", "", "someone2000", 1.0, 0.5, 1.5, "1", "own choice"),))


def make_experiment(measure: object) -> Experiment:
    return Experiment("an-experiment", "A title", "A method.", "simulation", (), "", measure)  # type: ignore[arg-type]


def strength_of_glmed(bench: Bench) -> list[Reading]:
    names = list(bench.body.resolve("glmed", side="r"))
    force = bench.body.muscles["max_isometric_force"].sel(muscle=names).sum()
    return [Reading("x", "strength of gluteus medius", float(force), "N")]


def readings(*values: tuple[str, float | None]) -> BodyReadings:
    """One reading a body: its lineage and value; None could not be measured."""
    return BodyReadings(
        "an-experiment",
        tuple(
            BodyReading(f"body {n}", lineage, "walk", {} if value is None else {"x": value}, "" if value else "stuck")
            for n, (lineage, value) in enumerate(values)
        ),
    )


def test_every_lineage_is_one_witness() -> None:
    """Six revisions of one model that agree are one of two witnesses."""
    held = readings(*[("delp", 2.0)] * 6, ("tlem", 0.1))
    assert held.share(PREDICTION, "supports") == pytest.approx(0.5)
    assert not held.agree(PREDICTION, "supports")
    held = readings(("delp", 2.0), ("tlem", 2.0), ("dostal", 2.0), ("dostal", None))
    assert held.share(PREDICTION, "supports") == pytest.approx((1 + 1 + 0.5) / 3)
    assert held.to_json(PREDICTION, "supports") == {
        "bodies": 4, "walkers": 1, "share": pytest.approx(2.5 / 3), "agree": True,
        "answers": {"supports": 3, "not judged": 1},
        "sentence": "3 of 4 readings (4 bodies) say the same",
    }  # fmt: skip


def test_an_answer_on_which_bodies_disagree_has_no_weight() -> None:
    experiment = make_experiment(strength_of_glmed)
    result = ExperimentResult(experiment, (Reading("x", "x", 2.0, "1"),), 0.0, PASSED)
    assert run.Tested(PREDICTION, result).credible
    split = replace(result, bodies=readings(("delp", 2.0), ("tlem", 0.1)))
    assert run.Tested(PREDICTION, split).failed_check == (
        "the published bodies disagree: 1 of 2 readings (2 bodies) say the same"
    )
    one = replace(result, bodies=readings(("delp", 2.0), ("tlem", 3.0)))
    assert run.Tested(PREDICTION, one).credible
    assert run.Tested(PREDICTION, one).to_json()["bodies"]["share"] == 1.0


def test_all_published_bodies_are_asked_and_what_fails_is_kept_as_such() -> None:
    held = measure_bodies(make_experiment(strength_of_glmed), Bench())
    assert [r.body for r in held.readings] == [body.name for body in load_bodies()]
    assert len({r.values["x"] for r in held.readings}) > 1
    assert {r.lineage for r in held.readings} == {"dostal", "tlem", "delp"}

    def unknown(bench: Bench) -> list[Reading]:
        bench.body.resolve("wing", side="r")
        return []

    failed = measure_bodies(make_experiment(unknown), Bench())
    assert all("wing" in r.why for r in failed.readings)
    assert {r.decide(PREDICTION) for r in failed.readings} == {"not judged"}


def test_what_walks_walks_with_every_walker(monkeypatch: pytest.MonkeyPatch) -> None:
    def lasting(bench: Bench) -> list[Reading]:
        return [Reading("x", "how long it lasts", float(bench.movement("walk").time[-1]), "s")]

    monkeypatch.setattr(bodies, "load_bodies", lambda: load_bodies()[:1])
    held = measure_bodies(make_experiment(lasting), Bench())
    assert [r.walker for r in held.readings] == ["walk", "walk-overground", "walk-slow", "walk-treadmill"]
    assert len({r.values["x"] for r in held.readings}) > 1


def test_nothing_is_computed_unasked(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLUTEAL_CACHE", str(tmp_path))
    experiment, bench = make_experiment(strength_of_glmed), Bench()
    assert find_bodies(experiment, bench) is None
    kept = keep_bodies(experiment, bench)
    assert find_bodies(experiment, bench) == kept == measure_bodies(experiment, bench)


def test_bodies_without_run_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "--bodies"]) == 2
    assert "--bodies asks the published bodies to do the experiments; write --run --bodies." in capsys.readouterr().err

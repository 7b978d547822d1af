"""Every step of every tour is solved, and its sentence held against what comes out."""

from __future__ import annotations

from functools import cache

import pytest

import gluteal
from gluteal.cli.see import APP_TASKS
from gluteal.ledger.evidence.load import load_evidence
from gluteal.mechanics.build import Mechanics
from gluteal.outcome.record import Outcome
from gluteal.show.live.tours import Step, Tour, list_facts, list_tours, read_tours

TOURS = {tour.id: tour for tour in read_tours().tour}


@cache
def mechanics(task: str) -> Mechanics:
    body = gluteal.load_body("myo")
    return gluteal.compute_mechanics(body, gluteal.load_task(task, body))


def solve(step: Step) -> Outcome:
    done = mechanics(step.task)
    return gluteal.simulate(done.body, done.movement, condition=step.condition(), mechanics=done)


def test_there_are_twelve_and_the_app_has_what_they_need() -> None:
    assert len(TOURS) >= 12
    assert len(list_tours(APP_TASKS)) == len(TOURS)
    assert list_tours(["walk"]) != []
    assert all("single-leg-stance" not in {s["task"] for s in t["steps"]} for t in list_tours(["walk"]))


@pytest.mark.parametrize("tour", TOURS.values(), ids=TOURS)
def test_a_tour_shows_what_it_says(tour: Tour) -> None:
    for step in tour.steps:
        outcome, wanted = solve(step), step.expect
        assert outcome.verdict == wanted.verdict, (step.say, outcome.sentence)
        assert 0 <= step.frame < len(outcome.mechanics.time)
        more = set(outcome.compensators["muscle"])
        assert set(wanted.more) <= more, step.say
        peak = outcome.changes.set_index("muscle")["peak"]
        for quiet in wanted.quiet:
            assert peak[quiet.muscle] < quiet.below, step.say
        for busy in wanted.busy:
            assert peak[busy.muscle] > busy.above, step.say
        if wanted.effort:
            assert wanted.effort[0] <= outcome.effort_ratio <= wanted.effort[1], step.say


def test_tours_are_about_claims_of_the_ledger() -> None:
    known = {claim.id for claim in load_evidence().claims}
    assert {tour.claim for tour in TOURS.values()} <= known


def test_what_people_did_has_a_source_and_says_how_far_it_was_read() -> None:
    assert all("read" in fact["source"] or "memory" in fact["source"] for fact in list_facts())

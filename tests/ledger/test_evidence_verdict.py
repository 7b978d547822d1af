"""Verdicts: where the interval lies against the band, how certain the body of evidence is, and what it hangs on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.weighed import make_claim, make_effect, make_study, weigh

from gluteal.ledger.evidence.causal_weight import CHANCE_RIGHT, can_tell_cause, classify_study
from gluteal.ledger.evidence.causes import compute_cause_designs
from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.points import collect_points
from gluteal.ledger.evidence.position import PositionForm, place_interval
from gluteal.ledger.evidence.records import count_people
from gluteal.ledger.evidence.rule import CLAIM_RULE, ClaimRule, lowered, rule_text, worst
from gluteal.ledger.evidence.stability import PERTURBED, measure_stability
from gluteal.ledger.evidence.summary import summarise_evidence
from gluteal.ledger.evidence.verdict import judge_claim

# ---------------------------------------------------------------- where the interval lies


@pytest.mark.parametrize(
    ("form", "low", "value", "high", "word"),
    [
        ("difference", 11, 20, 29, "supported"),
        ("difference", 1, 12, 23, "supported"),
        ("difference", 1, 8, 15, "insufficient"),
        ("difference", -3, 2, 7, "too-small"),
        ("difference", 1, 4, 7, "too-small"),
        ("difference", -30, 2, 34, "insufficient"),
        ("difference", -23, -12, -1, "contradicted"),
        ("equivalence", -3, 2, 7, "supported"),
        ("equivalence", 1, 12, 23, "contradicted"),
        ("equivalence", -23, -12, -1, "contradicted"),
        ("equivalence", -30, 2, 34, "insufficient"),
        ("no worse", -9, 4, 40, "supported"),
        ("no worse", -40, -20, -1, "contradicted"),
        ("no worse", -11, 4, 40, "insufficient"),
        ("level", 1, 4, 7, "supported"),
        ("level", -7, -4, -1, "contradicted"),
        ("level", -4, 1, 6, "too-small"),
        ("level", -40, 1, 60, "insufficient"),
    ],
)
def test_where_an_interval_lies(form: PositionForm, low: float, value: float, high: float, word: str) -> None:
    """Against a smallest difference of 10, for every form a claim can have."""
    assert place_interval(low, value, high, band=10, form=form) == word


@given(st.floats(-50, 50), st.floats(0.1, 60), st.floats(1, 30))
def test_an_outcome_turned_round_turns_the_word(value: float, half: float, band: float) -> None:
    """Supported and contradicted change places, or become open where only one side was asked for."""
    word = place_interval(value - half, value, value + half, band=band)
    turned = place_interval(-value - half, -value, -value + half, band=band)
    if word == "supported":
        assert turned == "contradicted"
    elif word in ("too-small",):
        assert turned == word
    elif word == "contradicted":
        assert turned in ("supported", "insufficient")


@given(st.floats(-50, 50), st.floats(0.1, 60), st.floats(1, 30))
def test_a_narrower_interval_never_turns_a_word_round(value: float, half: float, band: float) -> None:
    """More people of the same kind make an open question decided, not a decided one the opposite."""
    wide = place_interval(value - half, value, value + half, band=band)
    narrow = place_interval(value - half / 2, value, value + half / 2, band=band)
    assert {wide, narrow} != {"supported", "contradicted"}


def test_not_significant_is_no_direction() -> None:
    """A wide interval around nothing leaves the claim open; a narrow one inside the band says too small to matter."""
    wide, _ = weigh(make_study("s1", make_effect(-1.0, 12.0, p="0.93")))
    narrow, _ = weigh(make_study("s1", make_effect(-1.0, 3.0, p="0.74")))
    assert (wide.verdict, narrow.verdict) == ("insufficient", "too-small")
    bare, _ = weigh(make_study("s1", make_effect(None, None, kind="p-only", p="0.93", found="none shown")))
    assert bare.verdict == "insufficient"


def test_turning_every_outcome_flips_the_verdict() -> None:
    """The same studies with their signs turned: supported becomes contradicted."""
    values = (-20.0, -18.0, -25.0)
    towards, _ = weigh(*(make_study(f"s{i}", make_effect(v)) for i, v in enumerate(values)))
    against, _ = weigh(*(make_study(f"s{i}", make_effect(-v)) for i, v in enumerate(values)))
    assert (towards.verdict, against.verdict) == ("supported", "contradicted")
    assert towards.certainty == against.certainty == "high"


def test_every_built_in_verdict_by_size_follows_its_outcome_turned_round() -> None:
    """Turned in the data, every claim that a size supports is contradicted, and the other way round."""
    evidence = load_evidence()
    seen = 0
    for claim in evidence.claims:
        before = judge_claim(claim, summarise_evidence(evidence, claim))
        if before.basis != "size" or before.verdict not in ("supported", "contradicted"):
            continue
        after = judge_claim(claim, summarise_evidence(_turned(evidence, claim.id), claim))
        form = claim.estimand.form if claim.estimand else "difference"
        if form in ("difference", "level"):
            seen += 1
            assert after.verdict != before.verdict, claim.id
            assert before.verdict == "contradicted" or after.verdict == "contradicted", claim.id
    assert seen > 10


def _turned(evidence: Evidence, claim: str) -> Evidence:
    """Return the evidence with every sense on a claim turned round."""
    studies = []
    for study in evidence.studies:
        effects = tuple(
            effect.model_copy(
                update={
                    "claims": tuple(
                        link.model_copy(update={"sense": -link.sense}) if link.claim == claim else link
                        for link in effect.claims
                    )
                }
            )
            for effect in study.effects
        )
        studies.append(study.model_copy(update={"effects": effects}))
    return Evidence(evidence.claims, tuple(studies), evidence.articles, evidence.citation_checks)


# ---------------------------------------------------------------- directions without sizes


def test_directions_are_put_together_where_no_size_is_printed() -> None:
    """Two studies with p 0.04 (at most 0.045) one way are seen; one each way contradict; a size beside them decides."""
    one = make_effect(None, None, kind="p-only", p="0.04", found="negative")
    other = make_effect(None, None, kind="p-only", p="0.04", found="positive")
    both, summary = weigh(make_study("s1", one), make_study("s2", one))
    assert (both.verdict, both.basis, both.certainty) == ("supported", "direction", "low")
    assert summary.directions is not None and summary.directions.p_for == pytest.approx(0.00435, abs=1e-5)
    split, _ = weigh(make_study("s1", one), make_study("s2", other))
    assert split.verdict == "inconsistent"
    sized, _ = weigh(make_study("s1", one), make_study("s2", make_effect(-1.0, 3.0)))
    assert (sized.verdict, sized.basis) == ("too-small", "size")


def test_a_direction_never_shows_that_nothing_matters() -> None:
    """A claim of no difference needs a size; what stands in for the thing decides nothing without one."""
    one = make_effect(None, None, kind="p-only", p="0.01", found="negative")
    equal, _ = weigh(make_study("s1", one), claim=make_claim(form="equivalence"))
    assert equal.verdict == "insufficient"
    indirect = make_effect(None, None, kind="p-only", p="0.01", found="negative", indirect="another joint")
    stand_in, _ = weigh(make_study("s1", indirect))
    assert (stand_in.verdict, stand_in.basis) == ("insufficient", "stand-ins")


def test_no_built_in_direction_comes_from_a_result_that_is_not_significant() -> None:
    """What is printed as not significant without a number speaks for neither side of any claim."""
    evidence = load_evidence()
    for claim in evidence.claims:
        for point in collect_points(evidence, claim):
            if point.effect.found == "none shown" and point.effect.estimate is None:
                assert (point.sign, point.says) == (0, 0), point.effect.id


# ---------------------------------------------------------------- disagreement, overlap, indirectness


def test_studies_beyond_the_band_on_both_sides_are_inconsistent() -> None:
    """By intervals of their own; one study that says both is not two that disagree."""
    split, _ = weigh(*(make_study(f"s{i}", make_effect(v)) for i, v in enumerate((-40.0, -35.0, 40.0, 35.0))))
    assert split.verdict == "inconsistent"
    alone, _ = weigh(make_study("s1", make_effect(-40.0), make_effect(40.0)))
    assert alone.verdict != "inconsistent"


def test_a_review_and_its_studies_are_never_pooled_together() -> None:
    """The side with more studies stays; what came after the review is not in it."""
    review = {"timing": "review", "allocation": "none", "review_of": "trials", "n": {"studies": 5, "total": 500}}
    _, summary = weigh(make_study("r", **review), make_study("s1"), make_study("s2"))
    assert summary.main is not None
    left_out = {row.study for row in summary.main.rows if row.left_out}
    assert left_out == {"s1", "s2"} and summary.main.pooled is None
    _, later = weigh(make_study("r", **review), make_study("s1", year=2021))
    assert later.main is not None and later.main.pooled is not None
    small = review | {"n": {"studies": 2}}
    _, more = weigh(make_study("r", **small), *(make_study(f"s{i}") for i in range(3)))
    assert more.main is not None
    assert {row.study for row in more.main.rows if row.left_out} == {"r"}


def test_the_same_result_twice_is_pooled_once() -> None:
    """Effects with one mark: the one in the claim's measure stays, of two studies that with more people."""
    first = make_effect(overlap="cohort", n_total=50)
    second = make_effect(-10.0, overlap="cohort", n_total=80)
    _, summary = weigh(make_study("s1", first), make_study("s2", second))
    assert summary.main is not None
    assert [row.study for row in summary.main.rows if row.left_out] == ["s1"]


def test_a_contradiction_in_print_is_shown_and_not_pooled() -> None:
    """It stands in the table with its reason and carries no weight."""
    verdict, summary = weigh(make_study("s1", make_effect(contradiction="p and interval differ")))
    assert verdict.verdict == "insufficient"
    assert all(row.weight is None for s in summary.syntheses for row in s.rows)


def test_direct_effects_go_before_indirect_ones() -> None:
    """An indirect effect counts only where there is no direct one, and costs a level."""
    indirect = make_study("s2", make_effect(30.0, indirect="the other hip"))
    both, _ = weigh(make_study("s1"), indirect)
    assert both.verdict == "supported"
    alone, _ = weigh(indirect)
    assert (alone.verdict, alone.certainty) == ("contradicted", "moderate")


# ---------------------------------------------------------------- certainty


def test_each_reason_lowers_the_certainty_and_is_named() -> None:
    """GRADE's reasons one at a time, from fields."""
    sound = make_study("s1")
    assert weigh(sound)[0].certainty == "high"
    unjudged, _ = weigh(make_study("s1", risk_of_bias=None))
    assert unjudged.certainty == "moderate" and "risk of bias (1)" in unjudged.steps[-1]
    across, _ = weigh(make_study("s1", make_effect(-12.0, 4.0)))
    assert across.certainty == "moderate" and "imprecision (1)" in across.steps[-1]
    groups, _ = weigh(make_study("s1", allocation="none", timing="cross-sectional"))
    assert groups.certainty == "moderate"
    values = (-2.0, -45.0, -30.0, -55.0, -8.0, -40.0)
    apart, _ = weigh(*(make_study(f"s{i}", make_effect(v, 1.0)) for i, v in enumerate(values)))
    assert apart.verdict == "supported" and "inconsistency (1)" in apart.steps[-1]


def test_small_studies_that_show_more_are_seen() -> None:
    """Ten studies whose effect grows with their error: Egger's test."""
    steep = [
        make_study(f"s{i}", make_effect(-12.0 - 2.5 * se - 0.3 * (i % 3), se)) for i, se in enumerate(range(1, 11))
    ]
    level = [make_study(f"s{i}", make_effect(-20.0 - 0.3 * (i % 3), se)) for i, se in enumerate(range(1, 11))]
    assert "publication bias (1)" in weigh(*steep)[0].steps[-1]
    assert "publication bias" not in weigh(*level)[0].steps[-1]


def test_causes_need_a_design_that_can_tell() -> None:
    """Looking once has no weight on a claim about causes, however large; a trial has."""
    claim = make_claim("causal")
    once = make_study("s1", allocation="none", timing="cross-sectional", n={"total": 5000})
    verdict, summary = weigh(once, claim=claim)
    assert (verdict.verdict, verdict.basis) == ("insufficient", "no design")
    assert summary.lines[0].why_no_weight == "a comparison cannot tell what causes what"
    assert weigh(make_study("s2"), claim=claim)[0].verdict == "supported"
    assert weigh(once, claim=make_claim())[0].verdict == "supported"


@pytest.mark.slow
def test_what_designs_can_tell_is_what_simulated_studies_show() -> None:
    """The chances that decide which designs count are those of studies in worlds whose truth is known."""
    found = compute_cause_designs(people=(40, 200, 1000), studies=300)
    right: dict[str, list[float]] = {}
    for d in found.discriminations():
        right.setdefault(d.design.name, []).append(d.right)
    best = {name: max(values) for name, values in right.items()}
    limits = ClaimRule().least_right
    once = next(v for k, v in best.items() if k.startswith("cross-sectional"))
    assert once == pytest.approx(CHANCE_RIGHT["comparison"], abs=0.05) and once < limits + 0.05
    assert max(v for k, v in best.items() if "induced" in k or "injury" in k) > 0.9


def test_designs_come_from_fields() -> None:
    """The words of a design do not matter; every study of the data has a class."""
    assert classify_study(make_study("s", design="looked at it")) == "random trial"
    crossed = make_study("s", allocation="none", comparison="within")
    assert classify_study(crossed) == "experiment" and can_tell_cause(crossed, ClaimRule())
    unknown = [s.key for s in load_evidence().studies if classify_study(s) == "not stated" and s.effects]
    assert len(unknown) <= 0.1 * len(load_evidence().studies), unknown


@pytest.mark.parametrize(
    ("n", "people"),
    [
        ({"injured": 30, "uninjured": 30}, 60),
        ({"internships": 50}, 50),
        ({"cohorts_followed": 3, "Studies": 4, "runners": 40}, 40),
        ({"runners": 40, "injuries": 12}, 40),
        ({"total": 161, "injured": 25}, 161),
        ({"total": None, "injured": 25}, None),
        ({"hip_pain": 35, "control": None}, None),
        ({"pain_n": 20, "disability_n": 30}, 30),
        ({"hips": 36}, None),
        ({}, None),
    ],
)
def test_keys_say_by_whole_words_whether_they_count_people(n: dict[str, int | None], people: int | None) -> None:
    """What a word contains does not matter, and a total is taken alone."""
    assert count_people(make_study("s").model_copy(update={"n": n})) == people


def test_levels() -> None:
    """Never below the lowest."""
    assert lowered("high", 1) == "moderate"
    assert lowered("low", 9) == "very low"
    assert worst("high", "low") == "low"


# ---------------------------------------------------------------- what a verdict hangs on


def test_leaving_out_the_one_study_and_moving_the_band_are_told() -> None:
    """A verdict that hangs on one study says so, and one that hangs on the band as well."""
    claim = make_claim()
    studies = (make_study("s1", make_effect(-15.0, 3.0)),)
    evidence = Evidence((claim,), studies, ())
    found = measure_stability(claim, collect_points(evidence, claim))
    assert dict(found.without) == {"s1": "untested"}
    assert found.perturbed["twice the smallest difference"] == "insufficient"
    assert found.rules == len(PERTURBED)
    firm = Evidence((claim,), tuple(make_study(f"s{i}", make_effect(-40.0, 2.0)) for i in range(4)), ())
    steady = measure_stability(claim, collect_points(firm, claim))
    assert not steady.without and not steady.perturbed


# ---------------------------------------------------------------- documents, the model, words


def test_a_quotation_is_judged_as_one() -> None:
    """Accurate, minor and major; no certainty, because it is a fact about a text."""
    for judgement, word in (("accurate", "supported"), ("minor", "supported"), ("major", "contradicted")):
        claim = make_claim().model_copy(
            update={"kind": "documentary", "estimand": None, "quotation": _quotation(judgement)}
        )
        verdict, _ = weigh(make_study("s1"), claim=claim)
        assert (verdict.verdict, verdict.certainty, verdict.basis) == (word, None, "quotation")


def _quotation(judgement: str):  # type: ignore[no-untyped-def]
    from gluteal.ledger.evidence.records import Quotation

    return Quotation.model_validate({"judgement": judgement, "why": "the page says so"})


def test_the_model_decides_only_what_no_experiment_on_people_bears_on() -> None:
    """And then at very low certainty; it never moves what people decided, nor outranks their experiment."""
    claim = make_claim()
    open_, summary = weigh(make_study("s1", make_effect(-1.0, 12.0), allocation="none", timing="cross-sectional"))
    assert open_.verdict == "insufficient"
    by_model = judge_claim(claim, summary, ["supports"])
    assert (by_model.verdict, by_model.certainty, by_model.basis) == ("supported", "very low", "model")
    assert judge_claim(claim, summary, ["undecided"]).verdict == "insufficient"
    assert judge_claim(claim, summary, ["supports", "contradicts"]).verdict == "insufficient"
    _, trial = weigh(make_study("s1", make_effect(-1.0, 12.0)))
    assert judge_claim(claim, trial, ["supports"]).verdict == "insufficient"
    decided, firm = weigh(make_study("s1"))
    assert judge_claim(claim, firm, ["contradicts"]) == decided


def test_the_rule_in_words_is_made_of_its_numbers_and_is_in_the_docs() -> None:
    """What is printed is what is done."""
    assert rule_text(ClaimRule()) == CLAIM_RULE
    for other in (ClaimRule(correlation=0.9), ClaimRule(chance=0.01), ClaimRule(least_right=0.7)):
        assert rule_text(other) != CLAIM_RULE
    docs = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert CLAIM_RULE in docs


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-60, 60), st.floats(1, 20)), min_size=1, max_size=5), st.randoms())
def test_the_order_of_studies_does_not_matter(effects: list[tuple[float, float]], shuffle) -> None:  # type: ignore[no-untyped-def]
    """Nor does it matter which is named first."""
    studies = [make_study(f"s{i}", make_effect(v, se)) for i, (v, se) in enumerate(effects)]
    mixed = list(studies)
    shuffle.shuffle(mixed)
    first, second = weigh(*studies)[0], weigh(*mixed)[0]
    assert (first.verdict, first.certainty) == (second.verdict, second.certainty)


def test_summary_counts_each_study_once() -> None:
    """For, against, both ways and open are all studies on the claim, and every study has one line."""
    evidence = load_evidence()
    for claim in evidence.claims:
        summary = summarise_evidence(evidence, claim)
        keys = [key for says in ("supports", "contradicts", "mixed", "neutral") for key in summary.keys(says)]  # type: ignore[arg-type]
        assert sorted(keys) == sorted({p.study.key for p in collect_points(evidence, claim)})
        json.dumps(summary.to_json(), allow_nan=False)


def test_inconsistent_is_rare() -> None:
    """At most one claim in ten: it is no dustbin."""
    evidence = load_evidence()
    words = [judge_claim(c, summarise_evidence(evidence, c)).verdict for c in evidence.claims]
    assert words.count("inconsistent") <= len(words) / 10

"""Certainty and verdict: the published rule, that it can fail, and that it never moves the wrong way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from gluteal.ledger.evidence.lines import Line
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower, TTestPower

from gluteal.ledger.evidence.certainty import Rating, classify_design, count_people, rate_pooled, rate_study
from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.records import Answer, Claim, ExperimentKind, Study, StudyFinding
from gluteal.ledger.evidence.rule import CLAIM_RULE, LEVELS, ClaimRule, Level, best, lowered, rule_text
from gluteal.ledger.evidence.verdict import ClaimVerdict, judge_claim, summarise_evidence

ANSWERS: tuple[Answer, ...] = ("supports", "contradicts", "mixed", "undecided")
TURNED: dict[str, Answer] = {
    "supports": "contradicts",
    "contradicts": "supports",
    "mixed": "mixed",
    "undecided": "undecided",
}
OPPOSITE = {"supported": "contradicted", "contradicted": "supported"}
# How far a verdict is towards the claim; where nothing speaks it is towards neither side.
TOWARDS = {"contradicted": -1, "mixed": 0, "untested": 0, "untestable": 0, "supported": 1}


def _claim(test: ExperimentKind = "simulation") -> Claim:
    return Claim(id="a-claim", topic="t", statement="s", test=test)


def _line(says: str, level: Level = "low", name: str = "Doe 2011") -> Line:
    return Line(name, (name,), says, Rating(level, level, "experiment"), ("o",))  # type: ignore[arg-type]


def _study(design: str = "randomised trial", *, n: object = 100, read: str = "fulltext", **finding: object) -> Study:
    return Study.model_validate(
        {
            "key": "s1",
            "authors": None,
            "year": None,
            "title": "t",
            "journal": None,
            "design": design,
            "n": n if isinstance(n, dict) else {"total": n},
            "population": "p",
            "read": read,
            "findings": [
                {
                    "bears_on": {"a-claim": "supports"},
                    "outcome": "o",
                    "units": "u",
                    "numbers": {},
                    "where": {"section": "s"},
                    **finding,
                }
            ],
        }
    )


def _rating(study: Study, claim: Claim | None = None, rule: ClaimRule | None = None) -> Rating:
    return rate_study(study, claim or _claim(), study.findings, rule=rule)


# ---------------------------------------------------------------- certainty


def test_every_design_in_the_data_is_classified() -> None:
    """A design that the table does not know would start at very low without anybody noticing."""
    unknown = [s.design for s in load_evidence().studies if classify_design(s.design) == "unknown"]
    assert unknown == []


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ("randomised trial, 12-month follow-up", "randomised trial"),
        ("randomised crossover", "randomised trial"),
        ("not randomised, two groups", "comparison"),
        ("systematic review and meta-analysis of randomised trials", "randomised review"),
        ("systematic review of case-control studies, no meta-analysis", "observational review"),
        ("meta-analysis", "review"),
        ("narrative review", "narrative"),
        ("case-control EMG (not a systematic review, although called one)", "comparison"),
        ("cohort at screening", "comparison"),
        ("prospective cohort, one year", "cohort"),
        ("within-subject before/after, nerve block", "experiment"),
        ("before/after fatigue", "before and after"),
        ("case series, no control", "case"),
        ("musculoskeletal simulation of measured gait", "simulation"),
        ("looked at it", "unknown"),
    ],
)
def test_design_words(design: str, expected: str) -> None:
    """The first word of the table that is found decides; brackets explain and do not count."""
    assert classify_design(design) == expected


def test_unknown_designs_are_flagged() -> None:
    """The rating says that the design is not in the table."""
    rating = _rating(_study("looked at it"))
    assert rating.level == "very low"
    assert any("not in the table of designs" in d.reason for d in rating.downgrades)


@pytest.mark.parametrize(
    ("key", "people"),
    [
        ("pohl2015", 8),
        ("freeman2013", 21),
        ("penney2014", 43),
        ("nadler2001", 163),
        ("powers2017", 210),
        ("smith2014", 2359),
        ("dejesus2020", 309),
        ("cooperstein2016", None),
        ("levine1990", 14),
        ("barker2014", None),
        ("mapham_trendelenburg2020", 18),
        ("phe_review2021", 257 + 88 + 69),
    ],
)
def test_people_are_counted_once(key: str, people: int | None) -> None:
    """Groups are added, totals taken as they are; studies, limbs, and people counted again as injured are not added."""
    assert count_people(load_evidence().study(key)) == people


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
    assert count_people(_study().model_copy(update={"n": n})) == people


def test_limits_of_imprecision_are_where_a_large_difference_is_seen_in_four_cases_of_five() -> None:
    """Cohen's d 0.8, power 0.8, two-sided 5 %: 26 people a group, 15 who are their own control (statsmodels)."""
    rule = ClaimRule()
    a_group = TTestIndPower().solve_power(effect_size=0.8, power=0.8, alpha=0.05)
    assert rule.people_two_groups == 2 * -(-a_group // 1)
    assert rule.people_one_group == -(-TTestPower().solve_power(effect_size=0.8, power=0.8, alpha=0.05) // 1)


@pytest.mark.parametrize(
    ("study", "level", "kinds"),
    [
        (_study(), "high", []),
        (_study(read="abstract"), "moderate", ["reading"]),
        (_study(read="secondary"), "low", ["reading"]),
        (_study(n=51), "moderate", ["imprecision"]),
        (_study(n={"total": None}), "moderate", ["imprecision"]),
        (_study(indirect={"a-claim": "the knee, not the hip"}), "moderate", ["indirectness"]),
        (
            _study(read="abstract", n=20, indirect={"a-claim": "x"}),
            "very low",
            ["reading", "imprecision", "indirectness"],
        ),
        (_study("crossover", n=15), "moderate", []),
        (_study("crossover", n=14), "low", ["imprecision"]),
        (_study("case-control", n=80), "low", []),
        (_study("musculoskeletal simulation", n=1), "low", []),
    ],
)
def test_each_downgrade_is_counted_and_named(study: Study, level: Level, kinds: list[str]) -> None:
    """Start of the design, less one or two levels for each reason, and never below very low."""
    rating = _rating(study)
    assert rating.level == level
    assert [d.kind for d in rating.downgrades] == kinds
    assert all(d.reason for d in rating.downgrades)
    assert json.loads(json.dumps(rating.to_json()))["level"] == level


def test_a_model_is_indirect_where_the_claim_is_about_people() -> None:
    """A simulation speaks directly only to a claim that simulation can test."""
    study = _study("musculoskeletal simulation", n=1)
    assert _rating(study, _claim("literature")).level == "very low"
    also = Claim(id="a-claim", topic="t", statement="s", test="literature", also=("simulation",))
    assert _rating(study, also).level == "low"


def test_pooled_studies_are_as_certain_as_the_best_with_all_their_people() -> None:
    """Two trials of 30 are 60 people; heterogeneity above the limit costs a level."""
    rating = _rating(_study(n=30))
    assert rating.level == "moderate"
    assert rate_pooled([rating, rating], [30, 30], 0.0).level == "high"
    assert rate_pooled([rating, rating], [30, None], 0.0).level == "moderate"
    uneven = rate_pooled([rating, rating], [30, 30], 0.6)
    assert uneven.level == "moderate"
    assert uneven.downgrades[-1].kind == "inconsistency"


def test_levels() -> None:
    """Lowering stops at the lowest; the best of some is the highest."""
    assert [lowered("high", k) for k in range(5)] == [*LEVELS, "very low"]
    assert best("very low", "moderate", "low") == "moderate"


# ---------------------------------------------------------------- the rule, step by step


@pytest.mark.parametrize(
    ("lines", "verdict", "certainty"),
    [
        ([], "untested", None),
        ([_line("neutral", "high")], "untested", None),
        ([_line("supports", "low")], "supported", "low"),
        ([_line("contradicts", "moderate"), *[_line("supports", "low")] * 9], "contradicted", "moderate"),
        ([_line("supports"), _line("contradicts")], "mixed", "low"),
        ([_line("supports")] * 2 + [_line("contradicts")], "mixed", "low"),
        ([_line("supports")] * 3 + [_line("contradicts")], "mixed", "low"),
        ([_line("supports")] * 4 + [_line("contradicts")], "supported", "very low"),
        ([_line("mixed", "high"), _line("supports", "low")], "mixed", "high"),
    ],
)
def test_the_strongest_lines_decide(lines: list[Line], verdict: str, certainty: str | None) -> None:
    """A majority is not enough, and the number of weaker studies does not count."""
    judged = judge_claim(_claim(), lines)
    assert (judged.verdict, judged.certainty) == (verdict, certainty)


@pytest.mark.parametrize(
    ("test", "level", "says", "answers", "verdict", "certainty"),
    [
        ("simulation", None, None, ["supports"], "supported", "low"),
        ("emg", None, None, ["contradicts"], "contradicted", "low"),
        ("literature", None, None, ["contradicts"], "contradicted", "very low"),
        ("literature", None, None, ["undecided"], "untested", None),
        ("simulation", None, None, ["supports", "contradicts"], "mixed", "low"),
        ("simulation", "very low", "supports", ["supports"], "supported", "low"),
        ("simulation", "high", "supports", ["contradicts"], "mixed", "high"),
        ("literature", "low", "supports", ["contradicts"], "mixed", "low"),
        ("literature", "moderate", "supports", ["contradicts"], "supported", "moderate"),
        ("simulation", "low", "supports", ["mixed"], "mixed", "low"),
        ("simulation", "very low", "mixed", ["contradicts"], "contradicted", "very low"),
        ("simulation", "low", "mixed", ["contradicts"], "mixed", "low"),
        ("simulation", "low", "supports", ["undecided"], "supported", "low"),
        ("none", "high", "supports", ["supports"], "untestable", None),
    ],
)
def test_evidence_and_experiment_together(
    test: ExperimentKind,
    level: Level | None,
    says: str | None,
    answers: list[Answer],
    verdict: str,
    certainty: str | None,
) -> None:
    """Every case of step 4 and 5."""
    lines = [_line(says, level)] if says and level else []
    judged = judge_claim(_claim(test), lines, answers)
    assert (judged.verdict, judged.certainty) == (verdict, certainty)
    assert judged.sentence.startswith(verdict.capitalize())
    assert judged.sentence.count(". ") == 0
    assert all(step[0].isupper() and step.endswith(".") for step in judged.steps)


def _judged(
    claim: Claim, lines: Sequence[Line], answers: Sequence[Answer], rule: ClaimRule | None = None
) -> ClaimVerdict:
    return judge_claim(claim, lines, answers, rule=rule)


def _check_turning(
    claim: Claim, lines: Sequence[Line], answers: Sequence[Answer], rule: ClaimRule | None = None
) -> None:
    """Turning every answer towards the claim never moves the verdict away from it, nor the other way round."""
    for place, answer in enumerate(answers):
        if answer != "contradicts":
            continue
        for better in ANSWERS:
            turned = [*answers[:place], better, *answers[place + 1 :]]
            before, after = _judged(claim, lines, answers, rule), _judged(claim, lines, turned, rule)
            assert TOWARDS[after.verdict] >= TOWARDS[before.verdict], (before, after)
    both = _judged(claim, lines, answers, rule), _judged(claim, lines, [TURNED[a] for a in answers], rule)
    speaks = any(line.says != "neutral" for line in lines)
    if not speaks and claim.test != "none" and both[0].verdict in OPPOSITE:
        assert both[1].verdict == OPPOSITE[both[0].verdict]


@pytest.mark.parametrize("claim", load_evidence().claims, ids=lambda c: c.id)
def test_turning_an_experiment_never_moves_a_verdict_the_wrong_way(claim: Claim) -> None:
    """Over all claims, with what their studies say, and all answers of one and of two experiments."""
    lines = summarise_evidence(load_evidence(), claim).lines
    for number in (1, 2):
        for answers in itertools.product(ANSWERS, repeat=number):
            _check_turning(claim, lines, answers)
            _check_turning(claim, [], answers)


LINES = st.lists(
    st.builds(_line, st.sampled_from(["supports", "contradicts", "mixed", "neutral"]), st.sampled_from(LEVELS)),
    max_size=6,
)
KINDS = st.sampled_from(["simulation", "emg", "literature", "none"])


@settings(max_examples=300, deadline=None)
@given(KINDS, LINES, st.lists(st.sampled_from(ANSWERS), max_size=3), st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_the_rule_is_monotone_whatever_its_levels(
    test: ExperimentKind, lines: list[Line], answers: list[Answer], direct: Level, reach: Level
) -> None:
    """Not only with the published numbers."""
    rule = ClaimRule(direct_level=direct, indirect_level=direct, direct_unsettles=reach, indirect_unsettles=reach)
    _check_turning(_claim(test), lines, answers, rule)


@settings(max_examples=300, deadline=None)
@given(KINDS, LINES, st.lists(st.sampled_from(ANSWERS), max_size=3))
def test_the_rule_is_even_handed(test: ExperimentKind, lines: list[Line], answers: list[Answer]) -> None:
    """Turning everything round, studies and experiments, turns the verdict round and leaves its certainty."""
    plain = _judged(_claim(test), lines, answers)
    turned_lines = [replace(line, says=TURNED.get(line.says, line.says)) for line in lines]
    turned = _judged(_claim(test), turned_lines, [TURNED[a] for a in answers])
    assert turned.verdict == OPPOSITE.get(plain.verdict, plain.verdict)
    assert turned.certainty == plain.certainty


@settings(max_examples=200, deadline=None)
@given(KINDS, LINES, st.lists(st.sampled_from(ANSWERS), max_size=3), st.randoms())
def test_the_order_of_lines_and_answers_does_not_matter(
    test: ExperimentKind, lines: list[Line], answers: list[Answer], random: object
) -> None:
    """Verdict and certainty are those of the set."""
    plain = _judged(_claim(test), lines, answers)
    mixed_lines, mixed_answers = list(lines), list(answers)
    random.shuffle(mixed_lines)  # type: ignore[attr-defined]
    random.shuffle(mixed_answers)  # type: ignore[attr-defined]
    other = _judged(_claim(test), mixed_lines, mixed_answers)
    assert (other.verdict, other.certainty) == (plain.verdict, plain.certainty)


# ---------------------------------------------------------------- the rule's numbers and words


def _verdicts(rule: ClaimRule | None, answer: Answer = "contradicts") -> list[tuple[str, str | None]]:
    evidence = load_evidence()
    judged = [
        judge_claim(c, summarise_evidence(evidence, c, rule=rule).lines, [answer], rule=rule) for c in evidence.claims
    ]
    return [(j.verdict, j.certainty) for j in judged]


@pytest.mark.parametrize(
    "other",
    [
        ClaimRule(agreement=0.5),
        ClaimRule(direct_level="high"),
        ClaimRule(indirect_level="moderate"),
        ClaimRule(direct_unsettles="very low"),
        ClaimRule(indirect_unsettles="high"),
        ClaimRule(people_two_groups=1, people_one_group=1),
        ClaimRule(read_down={"fulltext": 0, "abstract": 0, "secondary": 0, "none": 0}),
        ClaimRule(start=dict.fromkeys(ClaimRule().start, "high")),
    ],
    ids=[
        "agreement",
        "direct_level",
        "indirect_level",
        "direct_unsettles",
        "indirect_unsettles",
        "people",
        "read_down",
        "start",
    ],
)
def test_another_rule_gives_other_verdicts(other: ClaimRule) -> None:
    """Each number of the rule acts on the verdicts of the built-in claims."""
    assert _verdicts(other) != _verdicts(None)


def test_inconsistency_acts_on_pooled_lines() -> None:
    """The one number that no built-in claim depends on."""
    rating = _rating(_study())
    assert rate_pooled([rating], [100], 0.4).level == "high"
    assert rate_pooled([rating], [100], 0.4, rule=ClaimRule(inconsistency_i2=0.3)).level == "moderate"


def test_the_rule_in_words_is_made_of_its_numbers_and_is_in_the_docs() -> None:
    """What is printed is what is done."""
    assert rule_text(ClaimRule()) == CLAIM_RULE
    assert rule_text(ClaimRule(agreement=0.9)) != CLAIM_RULE
    for number in ("52", "15", "75%", "50%"):
        assert number in CLAIM_RULE
    docs = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert CLAIM_RULE in docs


# ---------------------------------------------------------------- summaries


def test_summary_counts_each_study_once() -> None:
    """For, against, mixed and neutral are all studies on the claim, and every study has one line."""
    evidence = load_evidence()
    for claim in evidence.claims:
        summary = summarise_evidence(evidence, claim)
        groups = (summary.studies_for, summary.studies_against, summary.studies_mixed, summary.studies_neutral)
        keys = [key for group in groups for key in group]
        assert sorted(keys) == sorted({s.key for s, _ in evidence.findings_on(claim)})
        assert sorted(line.studies[0] for line in summary.lines if len(line.studies) == 1) == sorted(keys)
        json.dumps(summary.to_json(), allow_nan=False)


def test_every_claim_the_articles_contradict_each_other_on_has_a_verdict_with_its_reason() -> None:
    """From the studies alone; untested is said in words too."""
    evidence = load_evidence()
    disputed = [claim for claim in evidence.claims if {"asserts", "denies"} <= set(claim.articles.values())]
    assert len(disputed) == 12
    for claim in disputed:
        judged = judge_claim(claim, summarise_evidence(evidence, claim).lines)
        assert judged.verdict in ("supported", "contradicted", "mixed", "untested")
        assert len(judged.sentence) > 40


def _with(*findings: dict[str, object], contains: tuple[str, ...] = ()) -> Evidence:
    """Return evidence of one study a finding; a finding's "study" names its study."""
    studies: dict[str, dict[str, object]] = {}
    for given_ in findings:
        fields = dict(given_)
        key = str(fields.pop("study"))
        study = studies.setdefault(key, {**_study().model_dump(), "key": key, "findings": []})
        base = _study().findings[0].model_dump()
        study["findings"] = [*study["findings"], StudyFinding.model_validate({**base, **fields})]  # type: ignore[misc]
    made = tuple(Study.model_validate(s) for s in studies.values())
    made = (made[0].model_copy(update={"contains": contains}), *made[1:])
    return Evidence((_claim(),), made, ())


def test_direct_findings_of_a_study_go_before_indirect_ones() -> None:
    """A study's direction is that of what it measured of the claim itself."""
    indirect = {"study": "a", "bears_on": {"a-claim": "contradicts"}, "indirect": {"a-claim": "another joint"}}
    (line,) = summarise_evidence(_with({"study": "a"}, indirect), "a-claim").lines
    assert (line.says, line.rating.level) == ("supports", "high")
    (line,) = summarise_evidence(_with(indirect), "a-claim").lines
    assert (line.says, line.rating.level) == ("contradicts", "moderate")
    (line,) = summarise_evidence(
        _with({"study": "a"}, {"study": "a", "bears_on": {"a-claim": "contradicts"}}), "a-claim"
    ).lines
    assert line.says == "mixed"


def test_a_study_inside_a_review_does_not_speak_beside_it() -> None:
    """Where the review is known to contain it."""
    evidence = _with({"study": "review"}, {"study": "a"}, {"study": "b"}, contains=("a",))
    lines = summarise_evidence(evidence, "a-claim").lines
    assert [(line.studies, line.speaks) for line in lines] == [(("review",), True), (("b",), True), (("a",), False)]
    neutral = _with({"study": "review", "bears_on": {"a-claim": "neutral"}}, {"study": "a"}, contains=("a",))
    assert [line.studies for line in summarise_evidence(neutral, "a-claim").lines if line.speaks] == [("a",)]


def test_pooled_studies_are_one_line() -> None:
    """Four trials with a clear effect stand as one line; their people are added up."""
    effect = {"outcome": "pain", "contrast": "c", "measure": "mean difference", "units": "mm", "value": -9.0, "se": 1.0}
    evidence = _with(*({"study": name, "effects": [effect]} for name in "abcd"))
    summary = summarise_evidence(evidence, "a-claim")
    line, *parts = summary.lines
    assert [part.part_of for part in parts] == [line.name] * 4
    assert (line.says, line.studies, line.rating.level) == ("supports", ("a", "b", "c", "d"), "high")
    assert line.name.endswith("pooled")

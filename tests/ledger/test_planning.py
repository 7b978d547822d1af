"""Study planning: textbook sizes, laws, and published numbers that stay those of the tables."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from docs.make_study_tables import tell_delays, tell_losses, tell_reviewed
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import InputError, UnknownName
from gluteal.ledger.evidence.load import load_evidence
from gluteal.ledger.evidence.planning import (
    GROUP_DESIGNS,
    MOST_PEOPLE,
    StudyDesign,
    compute_power,
    find_detectable_effect,
    plan_study,
    sem_from_icc,
    true_spread,
)
from gluteal.ledger.evidence.study_review import find_spread, load_spreads, review_studies

DOCS = Path(__file__).parents[2] / "docs"
SD = StudyDesign(spread=1.0, unit="SD")
KINDS = [StudyDesign(spread=1.0, unit="SD", kind=kind, correlation=0.5, incidence=0.3) for kind in GROUP_DESIGNS]


@pytest.mark.parametrize(("effect", "each"), [(0.2, 393), (0.5, 64), (0.8, 26)])
def test_two_groups_equal_cohens_table(effect: float, each: int) -> None:
    """Small, medium and large effect at 80 %: Cohen 1992 (Psychol Bull 112:155-159, Table 2), who rounds 393.4 down."""
    assert plan_study(SD, effect).people == pytest.approx(2 * each, abs=2 if each == 393 else 0)


def test_a_paired_study_equals_the_textbook() -> None:
    """A difference of half its standard deviation needs 34 pairs (G*Power 3's t test of matched pairs)."""
    paired = StudyDesign(spread=1.0, unit="SD", kind="paired", correlation=0.5)
    assert paired.scale == pytest.approx(1.0)
    assert plan_study(paired, 0.5).people == 34


@pytest.mark.parametrize("design", KINDS, ids=GROUP_DESIGNS)
def test_power_equals_simulated_studies(design: StudyDesign) -> None:
    """4000 studies simulated from the definition of each kind; 0.03 is four standard errors of a share."""
    from scipy import stats

    rng, people, effect, sem, trials = np.random.default_rng(4), 60, 0.6, 0.9, 3
    noisy = StudyDesign(
        spread=1.0, unit="SD", sem=sem, trials=trials, kind=design.kind, correlation=0.5, incidence=design.incidence
    )
    first, second = noisy.split(people)

    def measure(true: np.ndarray) -> np.ndarray:
        errors = sem * rng.standard_normal((*true.shape, trials))
        return np.asarray((true[..., None] + errors).mean(axis=-1))

    if design.kind == "paired":
        shared = math.sqrt(0.5) * rng.standard_normal((4000, first))
        one, two = (shared + math.sqrt(0.5) * rng.standard_normal((4000, first)) for _ in range(2))
        p = stats.ttest_rel(measure(one + effect), measure(two), axis=1).pvalue
    else:
        one, two = rng.standard_normal((4000, first)) + effect, rng.standard_normal((4000, second))
        p = stats.ttest_ind(measure(one), measure(two), axis=1).pvalue
    assert compute_power(noisy, effect, people).power == pytest.approx(np.mean(p < 0.05), abs=0.03)


@pytest.mark.parametrize("design", KINDS, ids=GROUP_DESIGNS)
def test_plan_and_inverse_agree(design: StudyDesign) -> None:
    """The effect that the planned study can see is at most the one planned for, and the power is reached, not more."""
    plan = plan_study(design, 0.4)
    assert plan.power >= 0.8
    assert find_detectable_effect(design, plan.people).effect <= 0.4 + 1e-9
    assert compute_power(design, 0.4, plan.people - 4).power < 0.8


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.05, 3.0),
    st.integers(8, 500),
    st.sampled_from(GROUP_DESIGNS),
    st.floats(0.0, 3.0),
    st.integers(1, 20),
)
def test_laws_of_power(effect: float, people: int, kind: str, sem: float, trials: int) -> None:
    """More effect and people, never less power; more error, never more; its sign and the unit do not matter."""
    design = StudyDesign(spread=1.0, unit="SD", kind=kind, sem=sem, trials=trials, incidence=0.3)  # type: ignore[arg-type]
    base = compute_power(design, effect, people).power
    assert 0.05 - 1e-9 <= base <= 1.0
    assert compute_power(design, 1.2 * effect, people).power >= base - 1e-9
    assert compute_power(design, effect, 2 * people).power >= base - 1e-9
    noisier = StudyDesign(spread=1.0, unit="SD", kind=kind, sem=sem + 0.5, trials=trials, incidence=0.3)  # type: ignore[arg-type]
    assert compute_power(noisier, effect, people).power <= base + 1e-9
    assert compute_power(design, -effect, people).power == base
    in_ms = StudyDesign(spread=80.0, unit="ms", kind=kind, sem=80.0 * sem, trials=trials, incidence=0.3)  # type: ignore[arg-type]
    assert compute_power(in_ms, 80.0 * effect, people).power == pytest.approx(base, abs=1e-9)


def test_error_attenuates_by_the_reliability() -> None:
    """People needed grow by one over the reliability: twice at 0.5 (within one person a group)."""
    noisy = StudyDesign(spread=1.0, unit="SD", sem=1.0)
    assert noisy.reliability == pytest.approx(0.5)
    assert plan_study(noisy, 0.2).people == pytest.approx(2 * plan_study(SD, 0.2).people, abs=4)
    assert StudyDesign(spread=1.0, unit="SD", sem=1.0, trials=10**6).met_spread == pytest.approx(1.0, abs=1e-6)


def test_no_effect_gives_alpha_and_certainty_gives_one() -> None:
    """Without an effect the power is alpha; a huge one is always seen."""
    assert compute_power(SD, 0.0, 100).power == pytest.approx(0.05)
    assert compute_power(SD, 50.0, MOST_PEOPLE).power == 1.0


def test_the_error_is_taken_out_of_a_published_spread() -> None:
    """Taking the error out and meeting it again gives the published spread."""
    sem = sem_from_icc(142.1, 0.55)
    spread = true_spread(142.1, sem=sem, trials=1)
    assert StudyDesign(spread=spread, sem=sem, unit="ms").met_spread == pytest.approx(142.1)
    assert StudyDesign(spread=spread, sem=sem, unit="ms").reliability == pytest.approx(0.55)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"spread": 0.0}, "spread is 0.0; give a positive standard deviation."),
        ({"spread": 1.0, "sem": -1.0}, "sem is -1.0; give an error of measurement from 0."),
        ({"spread": 1.0, "trials": 0}, "trials is 0; give a whole number from 1."),
        ({"spread": 1.0, "alpha": 1.0}, "alpha is 1.0; give a probability between 0 and 1."),
        ({"spread": 1.0, "correlation": 1.0}, "correlation is 1.0; give a number from -1 to below 1."),
        ({"spread": 1.0, "incidence": 0.0}, "incidence is 0.0; give a share between 0 and 1."),
        ({"spread": 1.0, "ratio": math.inf}, "ratio is inf; give a positive number."),
        ({"spread": 1.0, "unit": " "}, "unit is ' '; give the unit of effect, spread and error, such as ms."),
    ],
)
def test_bad_designs_are_refused(given: dict[str, float], says: str) -> None:
    """Each number has one sentence."""
    with pytest.raises(InputError, match=re.escape(says)):
        StudyDesign(**{"unit": "ms", **given})  # type: ignore[arg-type]


def test_bad_questions_are_refused() -> None:
    """Unknown kinds, impossible sizes and effects, each with what would be right."""
    with pytest.raises(UnknownName, match="There is no study design 'pairs'"):
        StudyDesign(spread=1.0, unit="ms", kind="pairs")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="not 0"):
        plan_study(SD, 0.0)
    with pytest.raises(InputError, match=f"More than {MOST_PEOPLE} people would be needed to see 0.001 SD"):
        plan_study(SD, 0.001)
    with pytest.raises(InputError, match=r"power is 1\.0"):
        plan_study(SD, 0.5, power=1.0)
    with pytest.raises(InputError, match="reached by luck alone"):
        find_detectable_effect(SD, 40, power=0.05)
    with pytest.raises(InputError, match="a whole number; given 1"):
        compute_power(SD, 0.5, 1)
    with pytest.raises(InputError, match="fewer than two"):
        compute_power(StudyDesign(spread=1.0, unit="SD", kind="cohort", incidence=0.1), 0.5, 12)
    with pytest.raises(InputError, match="finite number; given nan"):
        compute_power(SD, math.nan, 12)
    with pytest.raises(InputError, match="alone explains a spread of 5"):
        true_spread(5.0, sem=6.0, trials=1)
    with pytest.raises(InputError, match=r"between 0 and 1; given 1\.2"):
        sem_from_icc(5.0, 1.2)


def test_sentences_say_who_and_what() -> None:
    """Every kind says how many people, the difference with its unit, and the chance."""
    said = [plan_study(design, 0.5).sentence for design in KINDS]
    assert said[0].startswith("A study of 64 and 64 people sees a true difference of 0.5 SD with a chance of 80 %")
    assert "34 people measured twice" in said[1]
    assert "people followed," in said[2]


def test_spreads_are_those_of_the_tables() -> None:
    """Lewis 2009 and Powers 2017 as printed; every source is a study of the ledger."""
    assert find_spread("lewis2009", "gluteus maximus, no cue").sd == 81.9
    assert find_spread("powers2017", "hip abduction isometric, male soccer players not sprained").n == 185
    assert {s.source for s in load_spreads()} <= {s.key for s in load_evidence().studies}
    with pytest.raises(UnknownName, match="no study with a spread 'lewis2010'"):
        find_spread("lewis2010", "")
    with pytest.raises(UnknownName, match="no spread of lewis2009 'gluteus maximus'"):
        find_spread("lewis2009", "gluteus maximus")


def test_reviewed_studies_have_the_people_of_the_ledger() -> None:
    """Claims exist, and numbers of people, together or group by group, are those that the ledger prints."""
    evidence = load_evidence()
    for row in review_studies():
        study, plan = evidence.study(row.study), row.detectable
        printed = {n for n in study.n.values() if n}
        first, second = plan.design.split(plan.people)
        # Of cohorts the ledger has the number followed, or the women of it, and cases in the findings.
        known = printed | {a + b for a in printed for b in printed if a != b}
        assert plan.people in known or {first, second} <= printed, row.study
        assert evidence.claim(row.claim).id == row.claim
        assert plan.power == pytest.approx(0.8, abs=1e-6)
        if row.reported is not None and row.reported.effect < plan.effect:
            assert row.reported.power < 0.8


def test_reviewed_spreads_are_published() -> None:
    """A study in units of something has a published spread behind it, the others are in SD."""
    for row in review_studies():
        assert (row.detectable.design.unit == "SD") == (row.spread_from == "in units of the spread itself")


def test_the_page_runs_and_shows_computed_tables() -> None:
    """The example on the page gives what it says, and the tables are those that the code makes now."""
    page = (DOCS / "study-planning.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    lines = [line.split("#") for line in code[1].splitlines() if "  # " in line]
    names: dict[str, object] = {}
    exec(code[1], names)
    values = [eval(said[0], names) for said in lines[1:]]
    assert [float(said[1].split()[0]) for said in lines[1:]] == [pytest.approx(v, abs=0.5) for v in values]  # type: ignore[arg-type]
    assert len(lines) > 1
    for table in (tell_delays(), tell_losses(), tell_reviewed()):
        assert table in page


def test_power_is_that_of_statsmodels() -> None:
    """Paired, equal and unequal groups, small and large: the same t test, to rounding."""
    from statsmodels.stats.power import TTestIndPower, TTestPower

    for people in (8, 20, 100, 3000):
        for effect in (0.0, 0.2, 0.8, 1.5):
            paired = StudyDesign(spread=1.0, unit="SD", kind="paired", correlation=0.5)
            first, second = paired.split(people)
            found = compute_power(paired, effect, people).power
            size = effect / paired.scale
            assert found == pytest.approx(min(1.0, TTestPower().power(size, first, 0.05)), abs=1e-12)
            groups = StudyDesign(spread=1.0, unit="SD", ratio=2.0)
            first, second = groups.split(people)
            found = compute_power(groups, effect, people).power
            expected = TTestIndPower().power(effect / groups.scale, first, 0.05, second / first)
            assert found == pytest.approx(min(1.0, expected), abs=1e-12)

"""The table of exercises, its comparison with published EMG, and the ladder from easy to hard."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import InputError, UnknownName
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import (
    EXERCISES,
    FAULTS,
    IDLE,
    MATCHES,
    correlate_with_published,
    exercise_table,
    published_activation,
    rank_exercises,
)
from gluteal.movements.tasks import list_tasks
from gluteal.sources.published import load_published

pytestmark = pytest.mark.slow

BROKEN_BODY_WORDS = ("broken", "weak", "dysfunction", "amnesia", "asleep", "damage", "wrong", "must", "should")


@pytest.fixture(scope="module")
def table(bench: Bench) -> pd.DataFrame:
    return exercise_table(bench)


def test_exercises_are_built_in_tasks() -> None:
    known = {task.name for task in list_tasks()}
    assert set(EXERCISES) <= known and len(set(EXERCISES)) == len(EXERCISES)
    assert {match.task for match in MATCHES} <= set(EXERCISES) and set(FAULTS) <= set(EXERCISES)


def test_matches_name_rows_of_the_published_table() -> None:
    printed = set(load_published("exercise_emg")["exercise"])
    for match in MATCHES:
        assert match.exercise in printed
        assert match.why or match.matches == "yes", match.exercise


def test_no_model_is_taken_for_a_measurement() -> None:
    """Rows of the table that were simulated themselves are not matched."""
    published = load_published("exercise_emg")
    simulated = set(published.loc[published["population"] == "model", "exercise"])
    assert simulated and not simulated & {match.exercise for match in MATCHES}


def test_published_values_are_those_printed() -> None:
    medius = published_activation("glmed")
    lying = medius[medius["task"] == "side-lying-hip-abduction"]
    assert lying["emg"].tolist() == pytest.approx([0.81, (0.42 + 0.81) / 2])
    assert lying["source"].tolist() == ["distefano2009", "ijspt2014range"]
    assert "42 to 81" in lying["printed"].iloc[1]
    assert set(published_activation("glmed", roughly=False)["matches"]) == {"yes"}


def test_a_muscle_without_published_values_is_refused() -> None:
    with pytest.raises(InputError, match=r"no published EMG for 'soleus'.*glmax, glmed"):
        published_activation("soleus")


def test_table_is_whole(table: pd.DataFrame) -> None:
    assert tuple(table["task"]) == EXERCISES
    for muscle in ("glmax", "glmed"):
        peak, mean = table[f"{muscle}_peak"], table[f"{muscle}_mean"]
        assert ((mean >= 0.0) & (mean <= peak + 1e-12) & (peak <= 1.0)).all()
    assert (table[["hip_load", "back_load"]] > 0.0).all().all()
    assert table["glmed_emg"].notna().sum() == published_activation("glmed")["task"].nunique()


def test_correlation_is_that_of_scipy(table: pd.DataFrame) -> None:
    """Recomputed by ranks alone: Pearson's correlation of ranks is Spearman's."""
    rows = table[table["glmed_emg"].notna()]
    expected = rows["glmed_peak"].rank().corr(rows["glmed_emg"].rank())
    found = correlate_with_published(table, "glmed")
    assert found.value == pytest.approx(expected)
    assert found.n == len(rows)
    assert found.low < found.value < found.high


def test_turning_the_published_order_round_turns_the_correlation(table: pd.DataFrame) -> None:
    turned = table.assign(glmed_peak=-table["glmed_peak"])
    assert correlate_with_published(turned, "glmed").value == pytest.approx(
        -correlate_with_published(table, "glmed").value
    )


def test_ladder_climbs_and_splits_all_exercises(bench: Bench, table: pd.DataFrame) -> None:
    ladder = rank_exercises(bench, "glmed", ceiling_bw=3.0)
    steps = [rung.activation for rung in ladder.rungs]
    assert steps == sorted(steps) and min(steps) >= IDLE
    assert all(max(r.hip_load, r.back_load) <= 3.0 for r in (*ladder.rungs, *ladder.idle))
    assert all(max(r.hip_load, r.back_load) > 3.0 for r in ladder.above)
    every = [r.task for r in (*ladder.rungs, *ladder.above, *ladder.idle)]
    assert sorted(every) == sorted(EXERCISES)
    assert {r.task: r.activation for r in ladder.rungs} == pytest.approx(
        {r.task: table.set_index("task").loc[r.task, "glmed_peak"] for r in ladder.rungs}
    )


def test_a_lower_ceiling_never_adds_an_exercise(bench: Bench) -> None:
    kept = [{r.task for r in rank_exercises(bench, "glmax", ceiling_bw=c).rungs} for c in (10.0, 4.0, 3.0, 2.0, 1.0)]
    assert all(lower <= higher for higher, lower in itertools.pairwise(kept))
    assert kept[0] == {r.task for r in rank_exercises(bench, "glmax").rungs}


def test_words_offer_options_and_call_nobody_broken(bench: Bench) -> None:
    for ceiling in (None, 3.0, 0.2):
        words = rank_exercises(bench, "gluteus medius", ceiling_bw=ceiling).sentence
        assert not [w for w in BROKEN_BODY_WORDS if w in words.lower()]
    assert "No exercise here works" in rank_exercises(bench, "glmed", ceiling_bw=0.2).sentence
    assert rank_exercises(bench, "glmed", ceiling_bw=3.0).sentence.startswith("Options for glmed with at most 3 body")


@pytest.mark.parametrize("ceiling", [0.0, -1.0, np.nan, np.inf])
def test_a_ceiling_that_is_no_load_is_refused(bench: Bench, ceiling: float) -> None:
    with pytest.raises(InputError, match="give a positive number"):
        rank_exercises(bench, "glmed", ceiling_bw=ceiling)


def test_an_unknown_muscle_is_refused(bench: Bench) -> None:
    with pytest.raises(UnknownName, match="glmedd"):
        rank_exercises(bench, "glmedd")

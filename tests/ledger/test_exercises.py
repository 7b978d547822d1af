"""The table of exercises and its comparison with published EMG."""

from __future__ import annotations

import pandas as pd
import pytest

from gluteal.errors import InputError
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import (
    EXERCISES,
    FAULTS,
    MATCHES,
    correlate_with_published,
    exercise_table,
    published_activation,
)
from gluteal.movements.tasks import list_tasks
from gluteal.sources.published import load_published

pytestmark = pytest.mark.slow


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

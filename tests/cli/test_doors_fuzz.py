"""Damaged files and odd values at every door of the command line: a sentence or a result, and nothing changed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from benchmarks.fuzz import NAMES, Totals, attack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("door", NAMES)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_every_door_answers(door: str, tmp_path: Path, seed: int) -> None:
    totals = Totals()
    attack(door, tmp_path, random.Random(seed), totals)
    assert totals.broken == []
    assert totals.lost == 0

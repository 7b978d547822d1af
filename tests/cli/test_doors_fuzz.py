"""Damaged files and odd values at every door of the command line: a sentence or a result, and nothing changed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from benchmarks.fuzz import NAMES, Totals, attack
from benchmarks.fuzz_seeds import doors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.cli import main


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("door", doors())
def test_every_seed_computes(door: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A seed that is refused whole would have its damage refused for the same reason, and show nothing.
    whole = doors()[door]
    for name, content in whole.files.items():
        (tmp_path / name).write_bytes(content)
    assert main(whole.arguments(tmp_path)) == 0, capsys.readouterr().err


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

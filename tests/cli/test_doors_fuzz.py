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


#: Doors of hand-written files, and where an error that nobody foresaw is planted behind each.
BEHIND = {
    "plan": "gluteal.simulate.study.plan.Scatter",
    "session": "gluteal.emg.session.file.Session",
    "reliability": "gluteal.emg.measure.repeated_file.RepeatedMeasures",
    "criterion": "gluteal.simulate.criteria.SoftFloor",
}


@pytest.mark.parametrize("door", BEHIND)
def test_what_no_check_foresaw_is_said_of_the_file(
    door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("an odd number")

    monkeypatch.setattr(BEHIND[door], fail)
    chosen = doors()[door]
    for name, content in chosen.files.items():
        (tmp_path / name).write_bytes(content)
    assert main(chosen.arguments(tmp_path)) == 2
    said = capsys.readouterr().err
    assert next(iter(chosen.files)) in said and "cannot be used (an odd number); correct it" in said

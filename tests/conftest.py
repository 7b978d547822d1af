"""Fixtures shared by the suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments import all_experiments
from gluteal.ledger.prediction import Reading
from gluteal.ledger.run import ExperimentResult, run_experiments
from tests.helpers.packages import in_ci


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of real recordings; skipped where it is absent, an error where CI promises it."""
    folder = Path(os.environ.get("GLUTEAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        if in_ci():
            pytest.fail(f"GLUTEAL_DATA points to {folder}, which does not exist; CI needs the recordings.")
        pytest.skip(f"No recordings at {folder}: set GLUTEAL_DATA to run this test.")
    return folder


@pytest.fixture(scope="session")
def bench() -> Bench:
    """One bench for all experiments, so that mechanics are computed once."""
    return Bench()


@pytest.fixture(scope="session")
def results(bench: Bench) -> dict[str, ExperimentResult]:
    """Every experiment of the ledger, run once."""
    return run_experiments(all_experiments(), bench=bench)


@pytest.fixture(scope="session")
def measured(results: dict[str, ExperimentResult]) -> dict[str, dict[str, Reading]]:
    """The readings of every experiment by their keys."""
    for key, result in results.items():
        assert len(result.values) == len(result.readings), f"two readings of {key} have one key"
    return {key: {r.key: r for r in result.readings} for key, result in results.items()}

"""Readings that came with the package are those of a run of today."""

from __future__ import annotations

import numpy as np
import pytest

from gluteal.engines import cache
from gluteal.ledger import kept
from gluteal.ledger.bench import Bench
from gluteal.ledger.run import ExperimentResult


def test_kept_readings_are_those_measured(
    results: dict[str, ExperimentResult], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reading of every experiment: names, words and published values the same, numbers to another BLAS."""
    monkeypatch.setattr(kept, "remember", lambda key, compute: cache.read_shipped(key) or pytest.skip("not of today"))
    for result in results.values():
        found = kept.keep_readings(result.experiment, bench)
        assert [(r.key, r.label, r.unit, r.published) for r in found] == [
            (r.key, r.label, r.unit, r.published) for r in result.readings
        ]
        np.testing.assert_allclose(
            [r.value for r in found], [r.value for r in result.readings], rtol=1e-6, atol=1e-9, err_msg=found[0].key
        )

"""What tests of measured trials share; a file with another body has a fixture of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.helpers.recorded_trials import MODEL, TREADMILL

from gluteal.engines import load_body
from gluteal.mechanics.body import Body


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the treadmill trial, loaded once."""
    return load_body(data / TREADMILL / MODEL)

"""What tests of measured trials share; a file with another body has a fixture of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.helpers.recorded_trials import MODEL, TREADMILL, copy_walk

from gluteal.engines import load_body
from gluteal.mechanics.body import Body


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the treadmill trial, loaded once."""
    return load_body(data / TREADMILL / MODEL)


@pytest.fixture
def walk(data: Path, tmp_path: Path) -> Path:
    """The overground walk in a folder of its own, without its model: 200 rows a second, 25 frames a second."""
    return copy_walk(data, tmp_path / "walk")

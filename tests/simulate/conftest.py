"""What the tests of adaptation share: the embedded body, and how it stands on one leg."""

from __future__ import annotations

import pytest

import gluteal
from gluteal.mechanics.body import Body
from gluteal.simulate.adapt.posture import Standing, stand


@pytest.fixture(scope="session")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="session")
def standing(body: Body) -> Standing:
    return stand(body, gluteal.load_task("single-leg-stance", body))

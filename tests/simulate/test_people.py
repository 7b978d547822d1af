"""Random people: their scatter is what was asked for, and the same stream gives the same person."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.synthetic import make_body

import gluteal
import gluteal.simulate.people
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.simulate.people import SCATTER, People, Scatter, draw_from, draw_people, same_people


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def crowd(body: Body) -> People:
    return draw_people(body, 2000, rng=np.random.default_rng(11))


def variation(values: np.ndarray) -> np.ndarray:
    return values.std(axis=0) / values.mean(axis=0)


def test_mass_and_strength_scatter_as_stated(crowd: People) -> None:
    """Coefficients of variation are those of the table; strength has three independent sources.

    For log-normal factors, 1 + cv^2 of a product is the product of the 1 + cv^2. 2000 people know a
    coefficient of variation to about 2 % (standard error), muscles are averaged.
    """
    s = Scatter()
    assert variation(crowd.mass) == pytest.approx(s.mass, rel=0.08)
    assert np.median(crowd.mass) == pytest.approx(1.0, abs=0.02)
    by_mass = np.log1p(s.mass**2) * s.mass_exponent**2
    expected = np.sqrt((1 + s.strength**2) * (1 + s.muscle**2) * np.exp(by_mass) - 1)
    assert variation(crowd.strength).mean() == pytest.approx(expected, rel=0.08)
    assert crowd.path_length.std() == pytest.approx(s.path, rel=0.05)
    assert crowd.moment_arm.std() == pytest.approx(s.path, rel=0.05)


def test_heavier_people_are_stronger_but_less_than_in_proportion(body: Body) -> None:
    """With mass as the only scatter, strength is mass to the stated power, exactly."""
    only_mass = Scatter(strength=0.0, muscle=0.0, path=0.0)
    people = draw_people(body, 5, rng=np.random.default_rng(2), scatter=only_mass)
    np.testing.assert_allclose(people.strength[:, 0], people.mass**0.66, rtol=1e-12)
    assert not people.moment_arm.any()


def test_parts_of_a_muscle_share_their_factor_and_sides_do_not(body: Body, crowd: People) -> None:
    i = [body.muscle_names.index(m) for m in ("glmed1_r", "glmed3_r", "glmed1_l")]
    np.testing.assert_array_equal(crowd.strength[:, i[0]], crowd.strength[:, i[1]])
    np.testing.assert_array_equal(crowd.moment_arm[:, :, i[0]], crowd.moment_arm[:, :, i[1]])
    right, left = np.log(crowd.strength[:, i[0]]), np.log(crowd.strength[:, i[2]])
    # Common strength makes sides alike; their own parts do not: the correlation is well below one.
    assert 0.2 < np.corrcoef(right, left)[0, 1] < 0.7


def test_one_stream_is_one_person_on_every_body(body: Body) -> None:
    """Mass does not depend on how many muscles the body has; nor on who else is drawn."""
    seeds = np.random.SeedSequence(5).spawn(3)
    on_myo = draw_from(body, [np.random.default_rng(s) for s in seeds])
    on_six = draw_from(make_body(), [np.random.default_rng(s) for s in seeds])
    alone = draw_from(body, [np.random.default_rng(seeds[2])])
    np.testing.assert_array_equal(on_myo.mass, on_six.mass)
    np.testing.assert_array_equal(on_myo.moment_arm[2:], alone.moment_arm)


def test_no_scatter_is_the_body_itself(body: Body) -> None:
    nobody = Scatter(strength=0.0, muscle=0.0, mass=0.0, path=0.0)
    drawn, same = draw_people(body, 2, rng=np.random.default_rng(1), scatter=nobody), same_people(body, 2)
    for name in ("mass", "strength", "path_length", "moment_arm"):
        np.testing.assert_array_equal(getattr(drawn, name), getattr(same, name))


def test_every_scatter_has_a_source_and_says_what_was_read() -> None:
    for name, row in SCATTER.items():
        assert "read" in row.cited, name
        assert getattr(Scatter(), name) == row.value


@pytest.mark.parametrize("value", [-0.1, float("nan")])
def test_impossible_scatter_is_refused(value: float) -> None:
    with pytest.raises(InputError, match=r"The scatter 'mass' is .*; it must be zero or positive"):
        Scatter(mass=value)


def test_negative_number_of_people_is_refused(body: Body) -> None:
    with pytest.raises(InputError, match="-1 people cannot be drawn; ask for zero or more"):
        draw_people(body, -1, rng=np.random.default_rng(1))

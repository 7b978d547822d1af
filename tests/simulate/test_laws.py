"""Laws that hold whatever the numbers: on the embedded body, in single-leg stance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import xarray as xr

import gluteal
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import QUANTITIES


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@pytest.fixture(scope="module")
def stance(body: Body) -> Mechanics:
    return gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))


@pytest.fixture(scope="module")
def intact(stance: Mechanics) -> Solution:
    return solve_sharing(stance)


def demand_and_supply(result: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Joint moments, and what muscles (active and passive), supports and reserves give, recruited rows."""
    data = result.mechanics.dataset
    rows = data["recruited"].values
    arm, support = data["moment_arm"].values[:, rows], data["support_arm"].values[:, rows]
    given = np.einsum("tqm,tm->tq", arm, result.dataset["muscle_force"].values)
    given += np.einsum("tqr,tr->tq", support, result.dataset["support_force"].values)
    return data["joint_moment"].values[:, rows], given + result.dataset["reserve_moment"].values


def test_an_empty_condition_changes_nothing(stance: Mechanics, intact: Solution) -> None:
    again = solve_sharing(stance, condition=Condition())
    np.testing.assert_array_equal(again.activation.values, intact.activation.values)


def test_full_inhibition_leaves_passive_force_only(stance: Mechanics) -> None:
    result = solve_sharing(stance, condition=Condition.inhibit("glmed", ceiling=0.0, side="r"))
    glmed = list(stance.body.resolve("glmed", side="r"))
    assert float(abs(result.activation.sel(muscle=glmed)).max()) == 0.0
    np.testing.assert_array_equal(
        result.dataset["muscle_force"].sel(muscle=glmed).values,
        stance.dataset["passive_force"].sel(muscle=glmed).values,
    )


@pytest.mark.parametrize("loss", [0.0, 0.5, 1.0])
def test_moments_balance(stance: Mechanics, loss: float) -> None:
    """Muscles, supports and reserves add up to the joint moments, feasible or not."""
    condition = Condition.weaken("glmed", "glmin", "tfl", loss=loss, side="r")
    demand, supply = demand_and_supply(solve_sharing(stance, condition=condition))
    # 1e-6 N m: forces of 1e3 N with 1e-10 relative rounding leave far less.
    np.testing.assert_allclose(supply, demand, atol=1e-6)


def test_scaling_moments_and_capacities_leaves_activation(stance: Mechanics, intact: Solution) -> None:
    """Twice the load on twice the muscle needs the same activation; reserves double with the scale."""
    data = stance.dataset.copy()
    for name in ("joint_moment", "active_capacity", "passive_force"):
        data[name] = 2.0 * data[name]
    result = solve_sharing(dataclasses.replace(stance, dataset=data))
    # The prices of reserves and of supports do not scale along; they move activation by less than this.
    np.testing.assert_allclose(result.activation.values, intact.activation.values, atol=2e-3)


def test_effort_never_falls_as_capacity_shrinks(stance: Mechanics) -> None:
    """A weaker body has fewer ways to meet the same moments: effort can only rise, and then what is missing."""
    efforts, missing = [], []
    for loss in np.linspace(0.0, 1.0, 11):
        weak = Condition.weaken("glmed", "glmin", "tfl", loss=float(loss), side="r")
        result = solve_sharing(stance, condition=weak)
        efforts.append(float(result.dataset["effort"].sum("time")))
        missing.append(float((result.dataset["least_reserve"] ** 2).sum() ** 0.5))
    assert missing[0] < 0.01 < missing[-1]
    assert np.all(np.diff(missing) >= -1e-6)
    possible = [effort for effort, lack in zip(efforts, missing, strict=True) if lack < 0.01]
    assert len(possible) > 3 and np.all(np.diff(possible) >= -1e-6 * efforts[0])


def test_mirrored_movement_swaps_sides(body: Body, intact: Solution) -> None:
    """The body is symmetric, so standing on the other leg gives the other side's numbers."""
    other = solve_sharing(gluteal.compute_mechanics(body, gluteal.mirror(gluteal.load_task("single-leg-stance", body))))
    swapped = [m[:-1] + {"r": "l", "l": "r"}[m[-1]] for m in body.muscle_names]
    np.testing.assert_allclose(other.activation.sel(muscle=swapped).values, intact.activation.values, atol=1e-4)


def test_every_frame_has_a_certificate(intact: Solution) -> None:
    assert intact.certificate() < 1e-6


def test_a_planted_error_is_caught(intact: Solution) -> None:
    """Raise one activation by hand: the moments no longer balance, and the law above would fail."""
    data = intact.dataset.copy()
    force = data["muscle_force"].copy()
    force.loc[{"muscle": "glmed1_r"}] += 100.0
    demand, supply = demand_and_supply(dataclasses.replace(intact, _found=data.assign(muscle_force=force)))
    assert np.abs(supply - demand).max() > 1.0


def test_every_quantity_keeps_its_unit_and_labels(stance: Mechanics, intact: Solution) -> None:
    """The datasets are labelled in one go; nothing may be lost on the way."""
    names = list(stance.body.muscle_names)
    for dataset in (stance.dataset, intact.dataset):
        for name, array in dataset.items():
            if name in QUANTITIES:
                quantity = QUANTITIES[str(name)]
                assert array.dims == quantity.dims
                assert array.attrs == {"units": quantity.units, "long_name": quantity.meaning}
        assert list(dataset["muscle"].values) == names
        assert dataset["time"].values.tolist() == stance.movement.time.tolist()
    rows = stance.dataset["recruited"].values
    assert list(intact.dataset["coordinate"].values) == list(stance.dataset["coordinate"].values[rows])
    assert list(stance.dataset["coordinate"].values) == list(stance.body.coordinate_names)
    supports = [s.name for s in stance.movement.supports for _ in range(4)]
    assert list(stance.dataset["ray_support"].values) == supports


def test_the_order_of_a_movement_s_coordinates_does_not_matter(body: Body, stance: Mechanics) -> None:
    movement = stance.movement
    backwards = dataclasses.replace(
        movement,
        **{name: getattr(movement, name)[:, ::-1] for name in ("coordinates", "speed", "acceleration")},
    )
    xr.testing.assert_identical(gluteal.compute_mechanics(body, backwards).dataset, stance.dataset)


def test_mechanics_of_one_movement_do_not_depend_on_those_before(body: Body, stance: Mechanics) -> None:
    """The engine keeps its state between movements; none of it may show."""
    gluteal.compute_mechanics(body, gluteal.load_task("squat", body))
    xr.testing.assert_identical(gluteal.compute_mechanics(body, stance.movement).dataset, stance.dataset)

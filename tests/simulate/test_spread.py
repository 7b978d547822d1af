"""Spread over people and criteria: the body itself is `simulate`, everybody else an outcome of their own."""

from __future__ import annotations

import dataclasses
import json

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from tests.helpers.synthetic import make_mechanics

import gluteal
import gluteal.simulate.spread
from gluteal.errors import InputError, UnknownName
from gluteal.kernels.muscle import rigid_tendon_muscle
from gluteal.mechanics.body import MUSCLE_PARAMETERS
from gluteal.mechanics.build import CROSSES, Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.compare import CONDITIONS
from gluteal.outcome.record import Outcome
from gluteal.outcome.verdict import VERDICT_COLUMNS
from gluteal.sharing.criterion import Criterion
from gluteal.show.figures.spread import plot_spread
from gluteal.simulate.endurance import solve_settled
from gluteal.simulate.people import People, Scatter, draw_people, same_people
from gluteal.simulate.runs import run_people
from gluteal.simulate.spread import STATISTIC, VERDICTS, Spread, compute_spread

BLOCK = Condition.block("superior gluteal", loss=0.52, side="r")


@pytest.fixture(scope="module")
def stance() -> Mechanics:
    body = gluteal.load_body("myo")
    return gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))


@pytest.fixture(scope="module")
def spread(stance: Mechanics) -> Spread:
    return compute_spread(stance, BLOCK, people=12, exponents=(2, 3), rng=np.random.default_rng(3))


def person_mechanics(mechanics: Mechanics, people: People, i: int) -> Mechanics:
    """Build one person's mechanics the long way: a dataset of their own."""
    data, table = mechanics.dataset.copy(deep=True), mechanics.body.muscles
    arm = data["moment_arm"].values
    arm += np.where(np.abs(arm).max(axis=0) > CROSSES, people.moment_arm[i], 0.0)
    length = data["mtu_length"].values + people.path_length[i]
    velocity = -np.einsum("tqm,tq->tm", arm, data["coordinate_speed"].values)
    _, _, active, passive = rigid_tendon_muscle(length, velocity, *(table[c].values for c in MUSCLE_PARAMETERS))
    data["active_capacity"].values[:] = people.strength[i] * active
    data["passive_force"].values[:] = people.strength[i] * passive
    data["joint_moment"].values[:] *= people.mass[i]
    return dataclasses.replace(mechanics, dataset=data)


def outcome_of(mechanics: Mechanics, condition: Condition, exponent: float = 2.0) -> Outcome:
    return Outcome(*solve_settled(mechanics, [condition], criterion=Criterion(exponent))[0])


def assert_same(dataset, outcome: Outcome) -> None:  # type: ignore[no-untyped-def]
    # 1e-9: the same arrays through the same kernel, summed in another order.
    assert VERDICTS[int(dataset["verdict"])] == outcome.verdict
    assert float(dataset["effort_ratio"]) == pytest.approx(outcome.effort_ratio, rel=1e-9)
    assert float(dataset["deficit"]) == pytest.approx(outcome.deficit.peak, rel=1e-9, abs=1e-12)
    assert dataset["coordinate"].values[int(dataset["deficit_coordinate"])] == outcome.deficit.coordinate
    assert bool(dataset["baseline_ok"]) == outcome.baseline_ok
    for prefix, condition in zip(("baseline_", ""), CONDITIONS, strict=True):
        for name in ("peak", "force"):
            here = dataset[name].sel(condition=condition).values
            np.testing.assert_allclose(here, outcome.muscles[f"{prefix}{name}"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("exponent", [2.0, 3.5])
def test_the_body_itself_is_what_simulate_says(stance: Mechanics, exponent: float) -> None:
    criterion = Criterion(exponent)
    found = run_people(stance, same_people(stance.body), conditions=[BLOCK], criterion=criterion)[0]
    expected = outcome_of(stance, BLOCK, exponent)
    assert_same(found.isel(person=0), expected)
    groups = expected.groups
    names = [f"{n}_{s}" if s in ("r", "l") else n for n, s in zip(groups["name"], groups["side"], strict=True)]
    for condition, theirs in zip(CONDITIONS, ("baseline_peak", "peak"), strict=True):
        here = found["group_peak"].isel(person=0).sel(group=names, condition=condition).values
        np.testing.assert_allclose(here, groups[theirs], rtol=1e-9, atol=1e-12)


def test_everybody_is_an_outcome_of_their_own(stance: Mechanics) -> None:
    """Each of the batch equals `Outcome` of mechanics built for that person alone; one is made too weak."""
    people = draw_people(stance.body, 4, rng=np.random.default_rng(8))
    people.strength[3] *= 0.45
    found = run_people(stance, people, conditions=[BLOCK])[0]
    for i in range(4):
        assert_same(found.isel(person=i), outcome_of(person_mechanics(stance, people, i), BLOCK))
    assert VERDICTS[int(found["verdict"][3])] == "impossible"


def test_a_delay_follows_each_persons_own_course() -> None:
    mechanics = make_mechanics(40.0, frames=5)
    data = mechanics.dataset.copy(deep=True)
    data["joint_moment"].values[:2] = 0.0  # at rest at first
    mechanics = dataclasses.replace(mechanics, dataset=data)
    delay = Condition.delay("glmed", seconds=0.1, side="r")
    people = draw_people(mechanics.body, 3, rng=np.random.default_rng(1))
    found = run_people(mechanics, people, conditions=[delay])[0]
    for i in range(3):
        assert_same(found.isel(person=i), outcome_of(person_mechanics(mechanics, people, i), delay))


def test_each_person_tires_by_the_own_load() -> None:
    mechanics = make_mechanics(40.0, frames=1)
    tired = Condition.fatigue(hold=60.0)
    people = draw_people(mechanics.body, 3, rng=np.random.default_rng(1))
    found = run_people(mechanics, people, conditions=[tired])[0]
    for i in range(3):
        assert_same(found.isel(person=i), outcome_of(person_mechanics(mechanics, people, i), tired))
    assert len(set(found["effort_ratio"].values.tolist())) == 3


def test_mass_and_strength_in_proportion_change_nothing() -> None:
    """Twice as heavy and twice as strong: the same activations (the prices of reserves move them by 1e-3)."""
    mechanics = make_mechanics(40.0)
    same = same_people(mechanics.body, 2)
    same.mass[1], same.strength[1] = 2.0, 2.0
    found = run_people(mechanics, same, conditions=[Condition.weaken("glmed", loss=0.3)])[0]
    one, two = (found.isel(person=i) for i in (0, 1))
    np.testing.assert_allclose(two["peak"], one["peak"], atol=1e-3)
    np.testing.assert_allclose(two["force"], 2 * one["force"], rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("by_volume", [False, True])
def test_volume_weighting_is_the_textbook_solution(by_volume: bool) -> None:
    """Least sum w a^2 with sum c a = b has a proportional to c / w (Lagrange); c = arm F0, w ~ F0 L0.

    Moments 50, 20 and 20 N m at full activation: unweighted 50 : 20 : 20; by volume 50/1000 : 20/500 :
    20/1000, since all fibres have one length.
    """
    mechanics = make_mechanics(20.0, frames=1)
    criterion = Criterion(2.0, by_volume)
    found = run_people(mechanics, same_people(mechanics.body), conditions=[Condition()], criterion=criterion)[0].isel(
        person=0
    )
    a = found["peak"].sel(muscle=["glmed1_r", "tfl_r", "glmax1_r"], condition="baseline").values
    expected = np.array([0.05, 0.04, 0.02]) if by_volume else np.array([50.0, 20.0, 20.0])
    # 1e-4: what the reserve takes of the moment.
    np.testing.assert_allclose(a / a[0], expected / expected[0], rtol=1e-4)
    assert a @ [50.0, 20.0, 20.0] == pytest.approx(20.0, rel=1e-3)


def test_batches_do_not_matter(stance: Mechanics, monkeypatch: pytest.MonkeyPatch) -> None:
    people = draw_people(stance.body, 5, rng=np.random.default_rng(4))
    whole = run_people(stance, people, conditions=[BLOCK])[0]
    monkeypatch.setattr("gluteal.simulate.runs.BATCH_BYTES", 1.0)
    assert run_people(stance, people, conditions=[BLOCK])[0].identical(whole)


def test_a_seed_is_a_result(stance: Mechanics) -> None:
    first, again, other = (
        compute_spread(
            stance,
            BLOCK,
            people=3,
            exponents=(2,),
            volume_weighting=(False,),
            rng=np.random.default_rng(seed),
        )
        for seed in (1, 1, 2)
    )
    assert first.dataset.identical(again.dataset)
    assert not first.dataset.equals(other.dataset)


def test_tables_hold_together(spread: Spread) -> None:
    assert list(spread.verdicts["criterion"]) == [
        "all",
        "p = 2",
        "p = 3",
        "p = 2, by volume",
        "p = 3, by volume",
    ]
    np.testing.assert_allclose(spread.verdicts[list(VERDICT_COLUMNS.values())].sum(axis=1), 1.0)
    for table in (spread.numbers, spread.compensation):
        assert (table["low"] <= table["median"]).all() and (table["median"] <= table["high"]).all()
        assert (table["criteria_low"] <= table["nominal"]).all()
        assert (table["nominal"] <= table["criteria_high"]).all()
    assert (spread.compensation["median"].diff().dropna() <= 0).all()
    assert spread.certificate < 1e-6
    data = json.loads(json.dumps(spread.to_json(), allow_nan=False))
    assert data["people"] == 12 and data["statistic"] == STATISTIC
    assert "random people and 4 criteria" in spread.sentence
    assert "gluteus medius" not in " ".join(spread.compensation["muscle"][spread.compensation["side"] == "r"])


def test_band_is_the_percentile_of_the_runs(spread: Spread) -> None:
    row = spread.numbers.set_index(["quantity", "criterion"]).loc[("effort_ratio", "p = 3")]
    runs = spread.dataset["effort_ratio"].sel(criterion="p = 3").values
    assert len(runs) == 12
    assert row["low"] == np.percentile(runs, 5) and row["high"] == np.percentile(runs, 95)


def test_equal_people_agree_completely(stance: Mechanics) -> None:
    """Without scatter and with one criterion every run is the body: no band, full concordance."""
    nobody = Scatter(strength=0.0, muscle=0.0, mass=0.0, path=0.0)
    found = compute_spread(
        stance,
        BLOCK,
        people=4,
        exponents=(2,),
        volume_weighting=(False,),
        scatter=nobody,
        rng=np.random.default_rng(1),
    )
    table = found.compensation
    np.testing.assert_array_equal(table["low"], table["high"])
    stability = found.rank_stability
    assert stability["muscles"] >= 5
    for name in ("concordance", "with_nominal", "same_leader"):
        assert stability[name] == pytest.approx(1.0)


def test_random_people_agree_less(spread: Spread) -> None:
    assert 0.0 < spread.rank_stability["concordance"] < 0.9


def test_nobody_drawn_is_the_spread_over_criteria(stance: Mechanics) -> None:
    found = compute_spread(stance, BLOCK, people=0, rng=np.random.default_rng(1))
    assert found.runs.sizes["run"] == 8
    assert "the body itself and 8 criteria" in found.sentence
    row = found.numbers.iloc[0]
    assert row["criteria_low"] < row["criteria_high"]
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize("quantity", ["force", "activation"])
def test_bands_name_their_statistic(spread: Spread, quantity: str) -> None:
    ax = plot_spread(spread, quantity=quantity, most=6)  # type: ignore[arg-type]
    label = ax.get_xlabel()
    assert "5th to 95th percentile" in label and "12 random people and 4 criteria" in label
    assert len(ax.get_yticklabels()) == 6
    matplotlib.pyplot.close("all")


def test_bad_input_is_refused_before_any_work(stance: Mechanics) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match=r"The exponent is 1\.5; it must be 2 or more"):
        compute_spread(stance, BLOCK, exponents=(1.5,), rng=rng)
    with pytest.raises(InputError, match="There is no criterion: give at least one exponent"):
        compute_spread(stance, BLOCK, exponents=(), rng=rng)
    with pytest.raises(InputError, match="-2 people cannot be drawn"):
        compute_spread(stance, BLOCK, people=-2, rng=rng)
    with pytest.raises(UnknownName, match="glutmax"):
        compute_spread(stance, Condition.weaken("glutmax", loss=0.5), rng=rng)

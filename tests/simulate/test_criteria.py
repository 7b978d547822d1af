"""Criteria by name and file, and EMG that is followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.synthetic import make_mechanics

import gluteal
from gluteal.errors import GlutealError, InputError, UnknownName
from gluteal.mechanics.build import Mechanics
from gluteal.sharing.criterion import Criterion, SoftFloor, TrackedChannel
from gluteal.simulate.criteria import CRITERIA, find_criterion
from gluteal.simulate.emg_tracking import Recorded, list_recorded, pooled, track_emg


@pytest.fixture(scope="module")
def walk() -> Mechanics:
    body = gluteal.load_body("myo")
    return gluteal.compute_mechanics(body, gluteal.load_task("walk", body))


def test_effort_is_what_it_was(walk: Mechanics) -> None:
    by_name = gluteal.solve_sharing(walk, criterion=find_criterion("effort"))
    np.testing.assert_array_equal(by_name.activation.values, gluteal.solve_sharing(walk).activation.values)


def test_a_muscle_in_two_halves_counts_by_size_as_one(walk: Mechanics) -> None:
    """Weights add up to the same whatever the number of parts, as they are the parts' strengths."""
    force = walk.dataset["max_isometric_force"].values
    weight = find_criterion("size").weight(walk)
    np.testing.assert_allclose(weight / force, weight[0] / force[0])
    assert weight[walk.leg_muscles].mean() == pytest.approx(1.0)


def test_joint_sparing_takes_a_price() -> None:
    assert find_criterion("joint-sparing=0.1") == replace(CRITERIA["joint-sparing"], title="joint-sparing=0.1")
    assert find_criterion("Joint sparing=0.50").joints == (("hip", 0.5),)
    for wrong in ("joint-sparing=", "joint-sparing=0", "joint-sparing=nan", "joint-sparing=inf", "joint-sparing=much"):
        with pytest.raises(InputError, match=r"give a number above 0, as in joint-sparing=0\.5"):
            find_criterion(wrong)
    with pytest.raises(UnknownName):
        find_criterion("effort=2")


def test_prices_and_exponents_that_swallow_all_else_are_refused() -> None:
    """Beyond them moments are left undone, or numbers end: "cannot be judged" would blame the movement."""
    for price in (1e6, 1e100, 1e308):
        with pytest.raises(InputError, match="give a number above 0 and up to 10000, or leave it out"):
            find_criterion(f"joint-sparing={price}")
        with pytest.raises(InputError, match="up to 10000"):
            Criterion(floors=(SoftFloor("glmax", 0.1, price),))
    with pytest.raises(InputError, match=r"The exponent is 1e\+20; give 1e\+06 at most"):
        Criterion(exponent=1e20)
    assert find_criterion("joint-sparing=1e4").joints == (("hip", 1e4),)


def test_joint_sparing_spares_the_hip(walk: Mechanics) -> None:
    """The priced sum of squares falls, frame by frame, below that of the same weights without the price."""
    loads = [gluteal.compute_joint_loads(gluteal.solve_sharing(walk, criterion=CRITERIA[c])) for c in CRITERIA]
    hips = [(load["joint_load"].sel(joint=["hip_r", "hip_l"]) ** 2).sum("joint") for load in loads]
    assert (hips[2] <= hips[1] + 1e-6).all() and float(hips[2].max()) < 0.95 * float(hips[0].max())


def test_a_floor_holds_back_silence_and_costs_nothing_above() -> None:
    """Soleus is idle; a price of 1 on falling short of 0.1 lifts it to w a = 1 (0.1 - a): a = 0.05."""
    mechanics = make_mechanics()
    for floor, expected in ((0.1, 0.05), (0.0, 0.0)):
        criterion = Criterion(floors=(SoftFloor("soleus_r", floor, 1.0),))
        activation = gluteal.solve_sharing(mechanics, criterion=criterion).activation
        crosses = np.abs(mechanics.dataset["moment_arm"].sel(muscle="soleus_r")).max()
        if float(crosses) == 0.0:
            np.testing.assert_allclose(activation.sel(muscle="soleus_r"), expected, atol=1e-6)
    plain = gluteal.solve_sharing(mechanics).activation
    high = plain.sel(muscle="glmed1_r").min().item()
    kept = Criterion(floors=(SoftFloor("glmed1_r", 0.5 * high, 10.0),))
    np.testing.assert_allclose(gluteal.solve_sharing(mechanics, criterion=kept).activation, plain, atol=1e-6)


def test_a_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('weighting = "size"\njoint_force = { hip = 0.1 }\n')
    assert replace(find_criterion(path), title="joint-sparing") == CRITERIA["joint-sparing"]
    path.write_text('[[floor]]\ntarget = "glmed"\nvalue = 0.02\nprice = 1.0\n')
    assert find_criterion(str(path)).floors == (SoftFloor("glmed", 0.02, 1.0),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exponent = 1", "exponent"),
        ('weighting = "mass"', "weighting"),
        ("joint_force = { hip = -1 }", "hip"),
        ("joint_force = { shoulder = 1 }", "shoulder"),
        ('[[floor]]\ntarget = "glmed"\nvalue = 2\nprice = 1', "value"),
        ("hip = 0.1", "hip"),
        ("exponent =", "TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_its_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        find_criterion(path)


def test_names_that_are_none() -> None:
    with pytest.raises(UnknownName, match="joint-sparing"):
        find_criterion("joint-saving")
    with pytest.raises(InputError, match="no criterion"):
        find_criterion("nowhere.toml")
    with pytest.raises(InputError, match="recorded"):
        find_criterion("emg")
    with pytest.raises(InputError, match="not by both"):
        Criterion(volume_weighting=True, size_weighting=True)
    with pytest.raises(InputError, match="price"):
        Criterion(joints=(("hip", 0.0),))
    with pytest.raises(InputError, match="shoulder"):
        Criterion(joints=(("shoulder", 1.0),))


def test_a_joint_that_a_body_lacks(walk: Mechanics) -> None:
    """The synthetic body has no lines of action, and says so."""
    with pytest.raises(GlutealError, match="lines of action"):
        gluteal.solve_sharing(make_mechanics(), criterion=CRITERIA["joint-sparing"])


# --- EMG ----------------------------------------------------------------------------------------------


def planted(walk: Mechanics, delay: float) -> tuple[Mechanics, xr.DataArray]:
    """Return the walk with a recording of what a joint-sparing sharing does, so much earlier, at unequal gains."""
    hidden = gluteal.solve_sharing(walk, criterion=CRITERIA["joint-sparing"])
    names = ["gluteus medius r", "rectus femoris r", "soleus r", "tensor fasciae latae r"]
    groups = ["glmed_r", "recfem_r", "soleus_r", "tfl_r"]
    rows = {g.label: [walk.body.muscle_names[i] for i in g.rows] for g in walk.body.sided_groups}
    courses = np.stack([pooled(hidden, rows[g]) for g in groups], axis=1)
    table = xr.DataArray(
        courses * [0.5, 3.0, 1.0, 20.0],
        dims=("time_emg", "channel"),
        coords={"time_emg": walk.time - delay, "channel": names},
    )
    return replace(walk, movement=replace(walk.movement, emg=table)), hidden.activation


@pytest.mark.parametrize("delay", [0.0, 0.08])
def test_a_planted_recording_is_followed(walk: Mechanics, delay: float) -> None:
    """Every channel at 0.9 or better, and nearer to who did it than the cheapest sharing is."""
    recorded, hidden = planted(walk, delay)
    found = track_emg(recorded)
    assert found.delay == pytest.approx(delay, abs=0.031)
    rows = found.to_json()["channels"]
    assert min(r["correlation"] for r in rows) > 0.9
    assert np.mean([r["correlation"] for r in rows]) > np.mean([r["correlation_plain"] for r in rows])
    tfl = {"muscle": "tfl_r"}
    off = [float(abs(s.activation.sel(tfl) - hidden.sel(tfl)).mean()) for s in (found.solution, found.plain)]
    assert off[0] < off[1]
    assert found.effort_ratio > 1.0
    assert "channels are followed" in found.sentence


def test_a_channel_held_out_takes_no_part(walk: Mechanics) -> None:
    recorded, _ = planted(walk, 0.05)
    found = track_emg(recorded, held_out=["soleus r"])
    table = recorded.movement.emg
    assert table is not None
    noise = table.copy(data=np.where(table["channel"] == "soleus r", table.values[::-1], table.values))
    other = track_emg(replace(recorded, movement=replace(recorded.movement, emg=noise)), held_out=["soleus r"])
    np.testing.assert_array_equal(found.solution.activation, other.solution.activation)
    assert [c["held_out"] for c in found.to_json()["channels"]] == [False, False, False, True]
    with pytest.raises(InputError, match="no channel 'elbow'"):
        track_emg(recorded, held_out=["elbow"])
    with pytest.raises(InputError, match="Every channel"):
        track_emg(recorded, held_out=[str(n) for n in table["channel"].values])


def test_without_emg_there_is_nothing_to_follow(walk: Mechanics) -> None:
    with pytest.raises(InputError, match="was not recorded with EMG"):
        list_recorded(walk)
    short = TrackedChannel("x", ("soleus_r",), np.ones(3), 1.0)
    with pytest.raises(InputError, match="3 samples"):
        gluteal.solve_sharing(walk, criterion=Criterion(tracked=(short,), tracking_price=1.0))


def test_a_recording_covers_what_it_covers() -> None:
    time = np.linspace(0.0, 1.0, 101)
    channel = Recorded("x", "soleus", "r", ("soleus_r",), time, np.ones(101))
    assert channel.covers(np.array([0.0, 0.2, 1.1, 1.3]), 0.1).tolist() == [False, True, True, False]

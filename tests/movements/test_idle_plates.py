"""A plate that carries nobody within the window of a trial is left out by name; what it shows there is not judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from gluteal.engines import load_body
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.trials import load_trial
from gluteal.movements.trials.footing import leave_out_idle
from gluteal.movements.trials.loads import LoadColumns
from gluteal.sto import Table, load_table, save_table

pytestmark = pytest.mark.opensim

#: The right foot is in the air, s.
WINDOW = "window = [1.05, 1.40]\nrate_hz = 25\n"


@pytest.fixture(scope="module")
def body(data: Path) -> Body:
    """The model of the overground walk, loaded once."""
    return load_body(data / "walk_rajagopal2016" / "subject_walk_scaled.osim")


def walk(
    data: Path, folder: Path, body: Body, words: str, *, noise: float = 12.0, loads: bool = True, both: bool = False
) -> Movement:
    """The walk whose right plate (or both) shows `noise` (N) 5 m away while that foot is in the air."""
    folder.mkdir()
    for name in ("coordinates.sto", "grf_walk.mot"):
        table = load_table(data / "walk_rajagopal2016" / name)
        values = table.values.copy()
        if name == "grf_walk.mot":
            idle = (table.time > 1.03) & (table.time < 1.41)
            for axis, force, place in zip("xyz", (0.0, noise, 0.0), (5.0, 0.0, 0.0), strict=True):
                for side in "rl" if both else "r":
                    values[idle, table.columns.index(f"ground_force_{side}_v{axis}")] = force
                    values[idle, table.columns.index(f"ground_force_{side}_p{axis}")] = place
                    values[idle, table.columns.index(f"ground_torque_{side}_{axis}")] = 0.0
        save_table(folder / name, table.time[::5], table.columns, values[::5])
    if loads:
        shutil.copyfile(data / "walk_rajagopal2016" / "grf_walk.xml", folder / "grf_walk.xml")
    (folder / "trial.toml").write_text(words)
    return load_trial(folder, body=body).movement


@pytest.mark.parametrize("loads", [True, False], ids=["feet named", "feet told by the point"])
def test_a_plate_without_a_foot_in_the_window_is_left_out_by_name(
    data: Path, tmp_path: Path, body: Body, loads: bool
) -> None:
    movement = walk(data, tmp_path / "walk", body, WINDOW, loads=loads)
    assert [load.segment for load in movement.loads] == ["calcn_l"]
    [told] = [w for w in movement.warnings if "carries nobody" in w]
    assert "grf_walk.mot: load" in told and "from 1.05 to 1.37 s (at most 12 N) and was left out." in told
    assert not [f for f in movement.findings if f.kind == "place"]


def test_a_plate_that_carries_is_kept_and_judged(data: Path, tmp_path: Path, body: Body) -> None:
    """The same noise above 20 N is a force, and a window in which the foot stands has both plates."""
    movement = walk(data, tmp_path / "loud", body, WINDOW, noise=60.0)
    assert {load.segment for load in movement.loads} == {"calcn_r", "calcn_l"}
    assert [f for f in movement.findings if f.kind == "place"]
    whole = walk(data, tmp_path / "whole", body, WINDOW.replace("1.40", "1.60"))
    assert {load.segment for load in whole.loads} == {"calcn_r", "calcn_l"}


def test_where_nobody_is_carried_the_named_feet_stay(data: Path, tmp_path: Path, body: Body) -> None:
    """In flight what was measured is that nothing carries; that is not the same as no forces at all."""
    movement = walk(data, tmp_path / "flight", body, WINDOW, both=True)
    assert len(movement.loads) == 2
    assert max(float(np.linalg.norm(load.force, axis=1).max()) for load in movement.loads) <= 20.0


@pytest.mark.parametrize("name", ["calcn_r", "talus_l", "tarsus_r", "Foot_R", "mtp_l", "shoe_r", "hand_r", "tibia_l"])
def test_what_a_foot_is_called_is_one_decision(name: str) -> None:
    """The noise of a plate is left out, and its point does not matter, under any name of a foot; a hand is none."""
    time, values = np.arange(10) / 100.0, np.full((10, 12), 5.0)
    values[:, 6:] = 500.0
    labels = tuple(f"{v}{a}" for v in ("f", "p", "g", "q") for a in "xyz")
    table = Table(Path("grf.mot"), {}, labels, time, values, np.arange(10))
    small, other = LoadColumns("small", name, "f", "p", None), LoadColumns("other", "calcn_l", "g", "q", None)
    foot = name not in ("hand_r", "tibia_l")
    assert small.under_foot == foot
    assert leave_out_idle(table, (small, other), (0.0, 0.09), []) == ((other,) if foot else (small, other))

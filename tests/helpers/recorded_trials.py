"""Recorded trials as tests use them: a piece of the treadmill walk that may be spoilt, and how a trial is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.movements.trials import load_trial
from gluteal.sto import Table, load_table, save_table
from tests.helpers import spoiled_walks as walks

#: Coordinates and forces of the treadmill walk.
TREADMILL, IK, GRF = "walk_uhlrich2022", "results_ik.sto", "walking_baseline1_forces.mot"
MODEL = "Rajagopal_scaled_Sub1_gasAvoid.osim"


def copy_treadmill(data: Path, place: Path) -> Path:
    """Return the folder with two seconds of the treadmill trial, whose forces no file gives to a foot."""
    place.mkdir(exist_ok=True)
    for name in (IK, GRF):
        table = load_table(data / TREADMILL / name)
        degrees = bool(table.in_degrees)
        save_table(place / name, table.time[:101], table.columns, table.values[:101], in_degrees=degrees)
    return place


def copy_walk(data: Path, place: Path) -> Path:
    """Return the folder with the overground walk without its model: 200 rows a second, 25 frames a second."""
    place.mkdir(exist_ok=True)
    for name, step in ((walks.COORDINATES, 5), (walks.FORCES, 10)):
        table = load_table(data / "walk_rajagopal2016" / name)
        save_table(place / name, table.time[::step], table.columns, table.values[::step])
    shutil.copyfile(data / "walk_rajagopal2016" / walks.LOADS, place / walks.LOADS)
    (place / "trial.toml").write_text("rate_hz = 25\n")
    return place


def rewrite(path: Path, change: Callable[[Table], tuple[np.ndarray, np.ndarray]], *, degrees: bool = False) -> None:
    """Write a table with other times and values."""
    table = load_table(path)
    time, values = change(table)
    save_table(path, time, table.columns, values, in_degrees=degrees)


def write_optimised_window(data: Path, place: Path) -> Path:
    """Return the trial file of the treadmill's window for which results of OpenSim are stored."""
    folder, file = data / TREADMILL, place / "trial.toml"
    file.write_text(
        f'model = "{folder}/{MODEL}"\ncoordinates = "{folder}/{IK}"\nforces.file = "{folder}/{GRF}"\n'
        'forces.calcn_r = "ground_"\nforces.calcn_l = "1_ground_"\nwindow = [10.9, 11.7]\nrate_hz = 50\n'
    )
    return file


def refusal(path: Path, body: Body | None) -> str:
    """Return the message with which a trial is refused."""
    with pytest.raises(InputError) as caught:
        load_trial(path, body=body)
    return str(caught.value)


def spoil(path: Path, column: str, values: object, *, rows: slice = slice(None)) -> None:
    """Overwrite a column of a table."""
    table = load_table(path)
    changed = table.values.copy()
    changed[rows, table.columns.index(column)] = values
    save_table(path, table.time, table.columns, changed, in_degrees=bool(table.in_degrees))

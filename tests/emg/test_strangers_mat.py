"""MATLAB, NumPy and Feather files as people have them; SciPy, NumPy and pandas write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.io

from gluteal.emg.read.load import load_recording, name_channels, read_contents
from gluteal.errors import InputError

RNG = np.random.default_rng(11)
A, B = RNG.normal(size=(2, 900))
BOTH = np.column_stack([A, B])
NAMES = np.array(["R Glut Max", "R Glut Med"], dtype=object)
MUSCLES = [("gluteus maximus", "r"), ("gluteus medius", "r")]
UNKNOWN: list[tuple[str | None, str | None]] = [(None, None), (None, None)]


def cells(*values: Any) -> np.ndarray:
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return held


def spike2(title: str, values: np.ndarray) -> dict[str, Any]:
    return {"title": title, "units": "mV", "interval": 0.001, "start": 0.0, "length": values.size, "values": values}


LABCHART = {
    "data": np.concatenate([A, B])[None], "datastart": np.array([[1.0], [901.0]]),
    "dataend": np.array([[900.0], [1800.0]]),
    "samplerate": np.full((2, 1), 1000.0), "titles": np.array(["R Glut Max", "R Glut Med"]),
    "unittext": np.array(["mV"]), "unittextmap": np.ones((2, 1)),
}  # fmt: skip
RECORDS = np.array([("R Glut Max", A, 1000.0), ("R Glut Med", B, 1000.0)], [("name", "O"), ("data", "O"), ("fs", "O")])
#: What is in the file, unit, muscles, what is left out.
CASES: dict[str, tuple[dict[str, Any], str, list[tuple[str | None, str | None]], list[str]]] = {
    "LabChart": (LABCHART, "mV", MUSCLES, []),
    "Spike2": ({"t_Ch1": spike2("R Glut Max", A), "t_Ch2": spike2("R Glut Med", B)}, "mV", MUSCLES, []),
    "AcqKnowledge": ({"data": BOTH, "isi": 1.0, "isi_units": "ms", "labels": NAMES, "units": "mV"}, "mV", MUSCLES, []),
    "an array of structures": ({"ch": RECORDS}, "unknown", MUSCLES, []),
    "cells": ({"emg": cells(A, B), "fs": 1000.0, "labels": NAMES}, "unknown", MUSCLES, []),
    "deep": ({"s": {"id": "S1", "t": {"emg": {"data": BOTH, "fs": 1e3, "labels": NAMES}}}}, "unknown", MUSCLES, []),
    "another rate": ({"emg": BOTH, "fs": 1000.0, "force": A[:90]}, "unknown", UNKNOWN, ["force"]),
    "a shorter vector": ({"RGMAX": A, "RGMED": B, "angle": A[:90], "fs": 1000.0}, "unknown", MUSCLES, ["angle"]),
    "two trials": ({"t1": {"emg": BOTH, "fs": 1e3}, "t2": {"emg": 2.0 * BOTH, "fs": 1e3}}, "unknown", UNKNOWN, ["t2"]),
}


@pytest.mark.parametrize("name", CASES)
def test_matlab_is_read_as_written_down(tmp_path: Path, name: str) -> None:
    held, unit, muscles, rest = CASES[name]
    scipy.io.savemat(tmp_path / "a.mat", held)
    check(tmp_path / "a.mat", unit, muscles, rest)


def check(path: Path, unit: str, muscles: list[tuple[str | None, str | None]], rest: list[str]) -> None:
    recording = load_recording(path)
    assert [(c.muscle, c.side) for c in recording.channels] == muscles
    assert {(c.unit, c.rate) for c in recording.channels} == {(unit, 1000.0)}
    assert [o.channel for o in recording.left_out] == rest
    for channel, known in zip(recording.channels, (A, B), strict=True):
        np.testing.assert_array_equal(channel.read(), known)


def test_version_4_is_read_and_what_is_none_is_refused(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"emg": BOTH, "fs": 1000.0}, format="4")
    check(tmp_path / "a.mat", "unknown", UNKNOWN, [])
    (tmp_path / "b.mat").write_bytes((tmp_path / "a.mat").read_bytes()[:200])
    with pytest.raises(InputError, match=r"b\.mat is no MATLAB file"):
        load_recording(tmp_path / "b.mat")


def test_a_channel_outside_the_line_is_refused(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {**LABCHART, "dataend": np.array([[900.0], [1801.0]])})
    with pytest.raises(InputError, match="'R Glut Med' lies outside its data"):
        load_recording(tmp_path / "a.mat")


def test_numpy_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", emg=BOTH, fs=1000.0, labels=["R Glut Max", "R Glut Med"])
    check(tmp_path / "a.npz", "unknown", MUSCLES, [])
    np.save(tmp_path / "a.npy", BOTH)
    with pytest.raises(InputError, match="neither a sampling rate nor a time vector"):
        load_recording(tmp_path / "a.npy")
    recording = name_channels(read_contents(tmp_path / "a.npy", rate=1000.0))
    np.testing.assert_array_equal(recording.channels[1].read(), B)
    np.save(tmp_path / "b.npy", cells("a", {}), allow_pickle=True)
    with pytest.raises(InputError, match=r"b\.npy is a damaged NumPy file"):
        load_recording(tmp_path / "b.npy")


@pytest.mark.parametrize("ending", ["feather", "parquet"])
def test_columns_of_words_in_tables_are_told(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"time (s)": np.arange(900) / 1e3, "R Glut Max (mV)": A, "R Glut Med (mV)": B, "note": "x"})
    path = tmp_path / f"a.{ending}"
    (frame.to_feather if ending == "feather" else frame.to_parquet)(path)
    check(path, "mV", MUSCLES, ["note"])

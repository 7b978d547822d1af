"""A study's result in Zarr, made by somebody else: it shows and runs nothing but what a study wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.packages import needs

from gluteal.errors import InputError
from gluteal.simulate.study import load_study
from gluteal.simulate.study.result import write_result


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: (p / "a/0").unlink() or (p / "a/0").symlink_to("/etc/hostname"), "'a/0' lies in another file"),
        (lambda p: (p / "a/0").unlink() or os.mkfifo(p / "a/0"), "'a/0' lies in another file"),
        (lambda p: say(p, filters=[{"id": "pickle"}]), "a is packed in a way that no study is"),
        (lambda p: say(p, compressor={"id": "pickle"}), "a is packed in a way that no study is"),
        (lambda p: say(p, shape=[10**12]), "announces 8000000000000 bytes of numbers; no study is that large"),
        (lambda p: say(p, shape=["x"]), "cannot be read as netCDF or Zarr"),
        (lambda p: (p / "zarr.json").write_text("{}"), "it is of another version of Zarr"),
    ],
)
def test_a_zarr_result_is_only_itself(tmp_path: Path, change: Callable[[Path], object], words: str) -> None:
    """Nothing is read from elsewhere, waited for, run, or unpacked without end."""
    path = tmp_path / "a.zarr"
    needs("zarr")
    write_result(xr.Dataset({"a": ("x", np.arange(3.0))}, attrs={"format": "gluteal study 1"}), path)
    assert load_study(path)["a"].values.tolist() == [0.0, 1.0, 2.0]
    change(path)
    with pytest.raises(InputError, match=words):
        load_study(path)


def say(path: Path, **what: object) -> None:
    told = json.loads((path / "a/.zarray").read_text())
    (path / "a/.zarray").write_text(json.dumps({**told, **what}))

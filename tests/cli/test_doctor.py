"""`gluteal doctor`: what is installed, and what each extra would add."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from gluteal.cli import extras, main
from gluteal.cli.extras import EXTRAS, list_extras

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def test_every_extra_is_told_with_its_packages() -> None:
    """As pyproject.toml has them: all but the sum of others and what only the tests ask for."""
    optional = PROJECT["optional-dependencies"]
    assert set(EXTRAS) == set(optional) - {"all", "test"}
    for name, extra in EXTRAS.items():
        listed = {re.match(r"[\w-]+", line)[0] for line in optional[name]}  # type: ignore[index]
        assert set(extra.packages) == listed, name


def test_an_extra_that_lacks_a_package_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Users' extras give the line; one that only developers need says that it is not needed."""

    def version(name: str) -> str:
        if name in ("opensim", "zarr", "sphinx"):
            raise PackageNotFoundError
        return "1.0"

    monkeypatch.setattr(extras, "version", version)
    found = {row["name"]: row for row in list_extras()}
    assert not found["opensim"]["complete"] and found["opensim"]["packages"] == {"opensim": None}
    assert found["study"]["packages"] == {"dask": "1.0", "distributed": "1.0", "zarr": None}
    assert found["formats"]["complete"]
    assert main(["doctor"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "Extra opensim: not installed: pip install 'gluteal[opensim]' adds your own OpenSim models" in words
    assert "Extra study: not installed (lacks zarr): pip install 'gluteal[study]'" in words
    assert "Extra formats: installed" in words and "Extra docs: not needed to use the package" in words


def test_every_package_of_the_core_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    named = {re.match(r"[\w-]+", line)[0] for line in PROJECT["dependencies"]}  # type: ignore[index]
    assert named <= {*found["packages"], *found["engines"]}

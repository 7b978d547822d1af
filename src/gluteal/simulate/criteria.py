"""Criteria by name, or from a file: what `--criterion` and ``criterion=`` take.

`effort` is the sum of squared activations; `size` weighs each by the muscle's strength, so that drawing a muscle in
more parts changes nothing; `joint-sparing` adds a light price on the force in the hips, or the price that follows it,
as in ``joint-sparing=0.5``; `emg` follows what was recorded (`gluteal.simulate.emg_tracking`). What each does to forces
and to agreement with EMG: docs/load-sharing.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from gluteal.errors import InputError, UnknownName
from gluteal.files import check_there, expand_user, reading
from gluteal.schema import Number, Record, Text, load_toml
from gluteal.sharing.criterion import Criterion, SoftFloor

#: Price of (hip force / body weight)^2 in `joint-sparing`; a fully active leg muscle of mean strength counts 1. Own
#: choice: of 0.1, 0.3 and 1 the lightest, which moves hip force and leaves agreement with EMG where it was.
HIP_PRICE = 0.1
#: The criterion that needs a recording.
EMG = "emg"

_SPARING = "joint-sparing"

#: Criteria that need nothing but a body and a movement.
CRITERIA: Mapping[str, Criterion] = {
    "effort": Criterion(),
    "size": Criterion(size_weighting=True, title="size"),
    _SPARING: Criterion(size_weighting=True, joints=(("hip", HIP_PRICE),), title=_SPARING),
}


class JointPrices(Record):
    """What (force / body weight)^2 in a joint costs; both sides."""

    hip: Number | None = Field(default=None, gt=0, description="a price above 0")
    knee: Number | None = Field(default=None, gt=0, description="a price above 0")
    ankle: Number | None = Field(default=None, gt=0, description="a price above 0")
    lumbosacral: Number | None = Field(default=None, gt=0, description="a price above 0")


class FloorTable(Record):
    """Muscles that should not fall silent."""

    target: Text = Field(description="a muscle, group, nerve or anatomical name")
    value: Number = Field(ge=0, le=1, description="an activation from 0 to 1")
    price: Number = Field(gt=0, description="a price above 0; a fully active muscle counts 1")


class CriterionFile(Record):
    """A criterion of one's own; docs/load-sharing.md explains the keys."""

    name: Text | None = Field(default=None, description="a name")
    exponent: Number = Field(default=2.0, ge=2, description="a number, 2 or more")
    weighting: Literal["none", "volume", "size"] = Field(default="none", description='"none", "volume" or "size"')
    joint_force: JointPrices = Field(default=JointPrices(), description="a table such as { hip = 0.1 }")
    floor: tuple[FloorTable, ...] = Field(default=(), description="tables [[floor]] with target, value and price")


def find_criterion(name: str | Path | Criterion | None, exponent: float | None = None) -> Criterion:
    """Return a criterion by name, or as its file says.

    Parameters
    ----------
    name : str, Path, Criterion or None
        ``"effort"`` (also None), ``"size"``, ``"joint-sparing"`` (with a price of its own: ``"joint-sparing=0.5"``), or
        the path of a TOML file.
    exponent : float or None
        Replaces the criterion's own.

    Raises
    ------
    UnknownName
        Where it is neither.
    InputError
        Where the file or the price cannot be used, or the exponent is below 2; and for ``"emg"``, which needs a
        recorded movement (`gluteal.simulate` makes it).

    Examples
    --------
    >>> find_criterion("joint-sparing").name
    'p = 2, by size, 0.1 (hip force / body weight)^2'
    """
    found = name if isinstance(name, Criterion) else _by_name("effort" if name is None else name)
    return found if exponent is None else replace(found, exponent=exponent)


def _by_name(name: str | Path) -> Criterion:
    key = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    if key in CRITERIA:
        return CRITERIA[key]
    if key == EMG:
        raise InputError("Following EMG needs a movement that was recorded with it; ask gluteal.simulate for it.")
    kind, priced, price = key.partition("=")
    if priced and kind == _SPARING:
        return _spare_hips(price)
    path = expand_user(name)
    if path.suffix.lower() == ".toml" or path.exists():
        return load_criterion(path)
    raise UnknownName(
        "criterion", str(name), [*CRITERIA, EMG], "gluteal simulate --help; your own is the path of a .toml"
    )


def _spare_hips(price: str) -> Criterion:
    try:
        value = float(price)
    except ValueError:
        value = float("nan")
    if not 0.0 < value < float("inf"):
        raise InputError(f"The price of hip force is {price!r}; give a number above 0, as in {_SPARING}=0.5.")
    return replace(CRITERIA[_SPARING], joints=(("hip", value),), title=f"{_SPARING}={value:g}")


def load_criterion(path: str | Path) -> Criterion:
    """Read a criterion from a TOML file; raises InputError where it cannot be used: file, key, remedy."""
    path = expand_user(path)
    check_there(path, f"There is no criterion {str(path)!r}; give {', '.join(CRITERIA)} or the path of a TOML file.")
    with reading(path):
        read = load_toml(path, CriterionFile, "Criterion")
        if not read.model_fields_set:
            known = ", ".join(CriterionFile.model_fields)
            raise InputError(f"Criterion {path.name} says nothing; give at least one of {known}.")
        prices = read.joint_force.model_dump(exclude_none=True)
        return Criterion(
            exponent=read.exponent,
            volume_weighting=read.weighting == "volume",
            size_weighting=read.weighting == "size",
            joints=tuple(prices.items()),
            floors=tuple(SoftFloor(f.target, f.value, f.price) for f in read.floor),
            title=read.name or path.stem,
        )

"""Labels on bare arrays: the vocabulary's dimensions, units and meanings, made once and shared."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
import xarray as xr
from xarray.indexes import Index, PandasIndex

from gluteal.vocabulary import QUANTITIES


def in_order(array: xr.DataArray, names: tuple[str, ...]) -> np.ndarray:
    """Return values (time, coordinate) with the coordinates in the order of `names`, as they are if they are."""
    if array.get_index("coordinate").equals(name_index("coordinate", names).index):
        return array.values
    return array.sel(coordinate=list(names)).values


def quantity_variable(array: np.ndarray, name: str) -> tuple[tuple[str, ...], np.ndarray, dict[str, str]]:
    """Attach the vocabulary's dimensions, unit and meaning to a bare array, as `xr.Dataset` takes them.

    A first axis beyond the vocabulary's is ``person``. Variables of one dataset share its labels: labelling each first,
    and aligning them then, takes longer than computing them.
    """
    quantity = QUANTITIES[name]
    dims = quantity.dims if array.ndim == len(quantity.dims) else ("person", *quantity.dims)
    return dims, array, {"units": quantity.units, "long_name": quantity.meaning}


@lru_cache(maxsize=64)
def label_axes(
    *, time: Index, coordinate: Index, muscle: Index, ray: Index, ray_support: tuple[str, ...] | None = None
) -> xr.Coordinates:
    """Return a dataset's labels from the indexes of its dimensions, and the names of the rays' supports.

    They are made once for the same indexes: movements are solved again and again, and datasets share labels, which
    nobody can write to.
    """
    indexes = {"time": time, "coordinate": coordinate, "muscle": muscle, "ray": ray}
    variables: dict[str, xr.Variable] = {dim: index.create_variables()[dim] for dim, index in indexes.items()}
    if ray_support is not None:
        names = np.array(ray_support, dtype=np.str_)
        names.flags.writeable = False
        variables["ray_support"] = xr.Variable("ray", names)
    return xr.Coordinates(variables, indexes=indexes)


@lru_cache(maxsize=64)
def take_labels(index: PandasIndex, chosen: tuple[int, ...]) -> PandasIndex:
    """Return the index of some of a dimension's labels."""
    return cast(PandasIndex, index.isel({index.dim: np.array(chosen, dtype=int)}))


@lru_cache(maxsize=64)
def name_index(dim: str, names: tuple[str, ...]) -> PandasIndex:
    """Return the index of a dimension labelled with names; bodies are few and movements many."""
    return PandasIndex(np.array(names, dtype=np.str_), dim)


@lru_cache(maxsize=64)
def number_index(dim: str, count: int) -> PandasIndex:
    """Return the index of a dimension that is only counted."""
    return PandasIndex(np.arange(count), dim)

"""Labelled numbers as netCDF-4, made in memory: where the disk fills up, HDF5 ends the process that writes to it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.files.outgoing import write_bytes

if TYPE_CHECKING:
    import xarray as xr


def write_netcdf(path: str | Path, dataset: xr.Dataset, *, encoding: Mapping[str, Any] | None = None) -> None:
    """Write a dataset, whole or not at all; errors as `gluteal.files.written_whole`.

    Examples
    --------
    >>> import tempfile
    >>> import xarray as xr
    >>> path = Path(tempfile.mkdtemp()) / "a.nc"
    >>> write_netcdf(path, xr.Dataset({"force": ("time", [1.0, 2.0])}))
    >>> xr.load_dataset(path, engine="h5netcdf")["force"].values.tolist()
    [1.0, 2.0]
    """
    import h5netcdf
    import xarray as xr

    image = io.BytesIO()
    with h5netcdf.File(image, "w") as file:
        dataset.dump_to_store(xr.backends.H5NetCDFStore(file), encoding=dict(encoding or {}))
    write_bytes(path, image.getvalue())

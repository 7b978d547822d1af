"""The result of a study: one labelled dataset in one netCDF or Zarr file, with everything that made it."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr

from gluteal.errors import InputError
from gluteal.files import expand_user, folder_written_whole, open_input, read_whole, write_netcdf
from gluteal.outcome.verdict import MOVEMENT_RULE, VERDICT_COLUMNS
from gluteal.simulate.people import SCATTER
from gluteal.simulate.spread import PERCENTILES, VERDICTS
from gluteal.simulate.study.parts import Parts
from gluteal.simulate.study.plan import StudySpec
from gluteal.simulate.study.work import UNDISTURBED

ENDINGS = (".nc", ".zarr")
#: Bytes of all variables of a result, unpacked. Own choice: twice what `plan.MOST_ROWS_WITH_MUSCLES` makes.
LARGEST_RESULT = 8 * 2**30
_FORMAT = "gluteal study 1"
# How the parts of a Zarr result are packed: those that run code when they unpack (pickle) are none of them.
_PACKED = {"blosc", "zlib", "zstd", "vlen-utf8"}
_LAST_DIM = {
    "baseline_peak": "muscle",
    "peak": "muscle",
    "baseline_force": "muscle",
    "force": "muscle",
    "group_baseline_peak": "group",
    "group_peak": "group",
}
_MEANING = {
    "mass": ("1", "body mass / the body's own"),
    "verdict": ("1", f"{', '.join(f'{i} {v}' for i, v in enumerate(VERDICTS))}"),
    "effort_ratio": ("1", "mean effort under the condition / undisturbed"),
    "deficit": ("N m or N", "largest reserve of the deciding coordinate under the condition"),
    "deficit_coordinate": ("1", "that coordinate, index into coordinate"),
    "baseline_ok": ("1", "whether the undisturbed movement needs no reserve above the verdict's limit"),
    "certificate": ("1", "largest Karush-Kuhn-Tucker residual"),
    "baseline_peak": ("1", "peak activation, undisturbed"),
    "peak": ("1", "peak activation under the condition"),
    "baseline_force": ("N", "mean force, undisturbed"),
    "force": ("N", "mean force under the condition"),
    "group_baseline_peak": ("1", "peak of the group's pooled activation, undisturbed"),
    "group_peak": ("1", "peak of the group's pooled activation under the condition"),
}


def assemble_result(plan: StudySpec, parts: Parts, identity: dict[str, Any]) -> xr.Dataset:
    """Put the stored units of a plan, in its order, into one dataset.

    Dimensions case, condition, criterion, person, muscle, group; muscles, groups and coordinates are the
    union over bodies, nan where a body has none of that name.
    """
    found: dict[str, dict[str, None]] = {name: {} for name in ("muscle", "group", "coordinate")}
    for number in range(len(plan.units)):
        part = _stored(parts, number)
        for name, known in found.items():
            known.update(dict.fromkeys(part[name].tolist()))
    labels = {name: np.array(list(known), dtype=object) for name, known in found.items()}
    at = {name: {n: i for i, n in enumerate(values)} for name, values in labels.items()}
    sizes = {
        "case": len(plan.cases),
        "condition": len(plan.conditions),
        "criterion": len(plan.criteria),
        "person": plan.people + 1,
        "muscle": len(labels["muscle"]),
        "group": len(labels["group"]),
    }
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for number, (case, first, last) in enumerate(plan.units):
        part = _stored(parts, number)
        here = {name: [at[name][str(n)] for n in part[name]] for name in labels}
        part["deficit_coordinate"] = np.array(here["coordinate"], np.int16)[part["deficit_coordinate"]]
        for name, values in part.items():
            if name in labels:
                continue
            dims = _dims(name)
            if name not in variables:
                missing = np.nan if values.dtype.kind == "f" else -1 if values.dtype.kind == "i" else False
                shape = tuple(sizes[d] for d in dims)
                variables[name] = (dims, np.full(shape, missing, values.dtype))
            array = variables[name][1][case]
            if dims[-1] in here:
                array[..., first:last, here[dims[-1]]] = values
            else:
                array[..., first:last] = values
    dataset = xr.Dataset(variables, coords=_coords(plan, labels))
    for name, (units, meaning) in _MEANING.items():
        if name in dataset:
            dataset[name].attrs.update(units=units, long_name=meaning)
    return dataset.assign_attrs(_provenance(plan, identity))


def _stored(parts: Parts, number: int) -> dict[str, np.ndarray]:
    found = parts.load(number)
    if found is None:
        raise InputError(f"{parts.path(number).name} was changed while the study ran; go on with --resume.")
    return found


def write_result(dataset: xr.Dataset, target: Path) -> None:
    """Write a dataset whole or not at all, as netCDF-4 or Zarr by the ending."""
    if target.suffix.lower() == ".nc":
        packed = {str(name): {"zlib": True, "complevel": 4} for name in dataset.data_vars}
        write_netcdf(target, dataset, encoding=packed)
        return
    with folder_written_whole(target) as folder:
        dataset.to_zarr(folder, mode="w", zarr_format=2, consolidated=True)


def load_study(path: str | Path) -> xr.Dataset:
    """Load the result of a study.

    Returns
    -------
    xr.Dataset
        ``verdict`` (index into `gluteal.simulate.spread.VERDICTS`), ``effort_ratio``, ``deficit``, ... over case,
        condition, criterion and person (0 is the body itself, from 1 on random people); activations and
        forces also over muscle and group. Attributes: plan, seed, versions, scatter, rule.

    Raises
    ------
    InputError
        Where there is no such file, or it is no study.
    """
    path = expand_user(path)
    if not path.exists():
        raise InputError(f"There is no study {str(path)!r}; give the .nc or .zarr that gluteal study wrote.")
    try:
        if path.is_dir():
            _check_zarr(path)
            # What stands together in .zmetadata is not asked: it may say other things than the parts.
            dataset = xr.load_dataset(path, engine="zarr", consolidated=False)
        else:
            _check_netcdf(path)
            dataset = xr.load_dataset(path, engine="h5netcdf")
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path.name} cannot be read as netCDF or Zarr ({error}).") from error
    if dataset.attrs.get("format") != _FORMAT:
        raise InputError(f"{path.name} is not the result of a study; give the file that gluteal study wrote.")
    return dataset


def _check_netcdf(path: Path) -> None:
    """Raise InputError where variables lie in other files, or are larger than any study's."""
    total = 0
    with open_input(path) as opened, h5py.File(opened, "r") as file:
        # The first name for which something is returned; an error out of there is lost.
        linked = file.visititems_links(lambda name, link: None if isinstance(link, h5py.HardLink) else name)
        if linked is not None:
            raise _elsewhere(path, linked)

        def look(name: str, item: h5py.Group | h5py.Dataset) -> None:
            nonlocal total
            if isinstance(item, h5py.Dataset):
                total += int(item.size or 0) * item.dtype.itemsize
                if item.external or item.is_virtual:
                    raise _elsewhere(path, name)

        file.visititems(look)
    _check_size(path, total)


def _check_zarr(path: Path) -> None:
    """Raise InputError where parts lie elsewhere, are packed as nothing here packs them, or are larger than any."""
    total = 0
    for folder, folders, files in os.walk(path):
        for entry in (Path(folder) / name for name in (*folders, *files)):
            if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
                raise _elsewhere(path, entry.relative_to(path).as_posix())
            if entry.name == ".zarray":
                told = json.loads(read_whole(entry))
                total += math.prod(told["shape"]) * (np.dtype(told["dtype"]).itemsize or 1)
                packed = {made["id"] for made in (told["compressor"], *(told["filters"] or ())) if made}
                if told["zarr_format"] != 2 or not packed <= _PACKED:
                    raise ValueError(f"{entry.parent.name} is packed in a way that no study is")
            elif entry.name == "zarr.json":
                raise ValueError("it is of another version of Zarr than studies are")
    _check_size(path, total)


def _elsewhere(path: Path, name: str) -> InputError:
    return InputError(
        f"{path.name}: {name!r} lies in another file, which is not opened; give the file that gluteal study wrote."
    )


def _check_size(path: Path, total: int) -> None:
    if total > LARGEST_RESULT:
        raise InputError(f"{path.name} announces {total} bytes of numbers; no study is that large: run it again.")


def summarize_study(study: xr.Dataset) -> pd.DataFrame:
    """Return one row per case, condition and criterion.

    people (random people, or 1 for the body itself where none were drawn); shares of verdicts (1);
    effort_ratio and deficit as median, low and high (5th to 95th percentile over people); nominal_verdict
    and nominal_effort_ratio of the body itself.
    """
    rows = []
    people = study.isel(person=slice(1, None)) if study.sizes["person"] > 1 else study
    low, middle, high = PERCENTILES
    for case in range(study.sizes["case"]):
        for condition in range(study.sizes["condition"]):
            for criterion in range(study.sizes["criterion"]):
                index = {"case": case, "condition": condition, "criterion": criterion}
                part, own = people.isel(index), study.isel(index).isel(person=0)
                verdict = part["verdict"].to_numpy()
                row: dict[str, Any] = {name: str(part[name].to_numpy()) for name in index}
                row["people"] = people.sizes["person"]
                row |= {VERDICT_COLUMNS[v]: float(np.mean(verdict == i)) for i, v in enumerate(VERDICTS)}
                for name in ("effort_ratio", "deficit"):
                    values = np.percentile(part[name].to_numpy(), (middle, low, high))
                    row |= dict(zip((name, f"{name}_low", f"{name}_high"), map(float, values), strict=True))
                row["nominal_verdict"] = VERDICTS[int(own["verdict"])]
                row["nominal_effort_ratio"] = float(own["effort_ratio"])
                rows.append(row)
    return pd.DataFrame(rows)


def _dims(name: str) -> tuple[str, ...]:
    if name == "mass":
        return ("case", "person")
    start = ("case", "criterion") if name in UNDISTURBED else ("case", "condition", "criterion")
    last = (_LAST_DIM[name],) if name in _LAST_DIM else ()
    return (*start, "person", *last)


def _coords(plan: StudySpec, labels: dict[str, np.ndarray]) -> dict[str, Any]:
    def names(values: list[str]) -> np.ndarray:
        return np.array(values, dtype=object)

    return {
        "case": names([c.name for c in plan.cases]),
        "body": ("case", names([Path(c.body).name if c.body else "of the trial" for c in plan.cases])),
        "movement": ("case", names([Path(c.movement).name for c in plan.cases])),
        "condition": names([name for name, _ in plan.conditions]),
        "criterion": names([c.name for c in plan.criteria]),
        "person": np.arange(plan.people + 1),
        **labels,
    }


def _provenance(plan: StudySpec, identity: dict[str, Any]) -> dict[str, str | int]:
    """Everything that made the numbers, and nothing that differs from run to run: no date, no durations."""
    return {
        "format": _FORMAT,
        "title": plan.name,
        "plan": plan.text,
        "identity": json.dumps(identity, sort_keys=True),
        "versions": json.dumps(identity["versions"], sort_keys=True),
        "seed": plan.seed,
        "randomness": "person i: numpy SeedSequence(seed, spawn_key=(i,)), PCG64; person 0 is the body",
        "scatter": json.dumps(plan.scatter.to_json(), sort_keys=True),
        "scatter_sources": json.dumps({n: s.cited for n, s in SCATTER.items()}, sort_keys=True),
        "conditions": json.dumps({n: [e.to_json() for e in c.effects] for n, c in plan.conditions}),
        "rule": MOVEMENT_RULE,
    }

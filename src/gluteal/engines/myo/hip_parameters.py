"""Strength, fibres and tendons of the muscles of a published hip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np
import xarray as xr

from gluteal.engines.myo.hips import LUMBAR_SLIPS, OWN_HIP, added_muscles, hip_sources, hip_supplier, path_name
from gluteal.files import read_rows, read_table_text
from gluteal.mechanics.body import MUSCLE_PARAMETERS, make_muscle_table
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import Side

Fibres = Literal["model", "dissected"]
#: How strong the legs are: a factor on every muscle, or as `fitted_strength` says.
LegStrength = float | Literal["fitted"]

#: Least length of a tendon, of the fibre's: a path shorter than its fibres gets shorter fibres, at equal volume.
_LEAST_TENDON = 0.02
_SIDES: tuple[Side, Side] = ("r", "l")


def variant_suffix(hip: str, fibres: Fibres, strength: LegStrength) -> str:
    """Return what a variant's name adds to the body's.

    >>> variant_suffix("dostal1981", "dissected", "fitted"), variant_suffix("tlem2", "model", 0.75)
    ('-dostal1981-dissected-fitted', '-tlem2-x0.75')
    """
    size = f"-{strength}" if isinstance(strength, str) else "" if strength == 1.0 else f"-x{strength:g}"
    return f"-{hip}{'-dissected' if fibres == 'dissected' else ''}{size}"


@cache
def dissected_fibres() -> Mapping[str, float]:
    """Return muscle -> optimal fibre length, m, of sarcomere-normalised dissections (``hip_fibres.csv``)."""
    rows = read_rows(read_table_text(__package__, "hip_fibres.csv"))
    return MappingProxyType({row["muscle"]: float(row["optimal_fiber_length_m"]) for row in rows})


@cache
def fitted_strength() -> Mapping[str, float]:
    """Return muscle (a name without side; its numbered parts are meant, too) -> factor on its maximal force.

    Fitted to dynamometers and to walking together (``leg_strength.csv``, by docs/fit_strength.py); what is not listed
    stays as modelled.
    """
    rows = read_rows(read_table_text(__package__, "leg_strength.csv"))
    return MappingProxyType({muscle: float(row["factor"]) for row in rows for muscle in row["muscles"].split(";")})


def scale_strength(names: Sequence[str], legs: np.ndarray, strength: LegStrength) -> np.ndarray:
    """Return the factor on the maximal force of every muscle (M,): of the legs as asked for, 1 of all others."""
    if strength == "fitted":
        known = fitted_strength()
        bare = [name[:-2] for name in names]
        found = [known.get(name, known.get(name.rstrip("0123456789"), 1.0)) for name in bare]
        return np.where(legs, found, 1.0)
    return np.where(legs, strength, 1.0)


def hip_muscles(
    table: xr.Dataset, hip: str, lengths: Mapping[str, float], neutral: Mapping[str, float], *, fibres: Fibres
) -> xr.Dataset:
    """Return the muscle table of a body with a published hip.

    Tendons of muscles whose path moved are as long as leaves the fibre, in the neutral posture, where it was; muscles
    that the body lacks are added, their fibres at their row's share of the optimal length there; the lumbar slips of
    psoas become the one muscle from the lumbar vertebrae to the femur.

    Parameters
    ----------
    table : xr.Dataset
        Of the body without.
    lengths, neutral : mapping of tendon's name -> m
        Length in the neutral posture of every path of the hips, and of the body's own muscles.
    fibres : "model" or "dissected"
        Fibre lengths as the model has them, or as `dissected_fibres`, at equal volume.
    """
    whole_names, whole_sources = table["muscle"].values.tolist(), table["source"].values.tolist()
    kept = [i for i, name in enumerate(whole_names) if not name.startswith(LUMBAR_SLIPS)]
    names, source = [whole_names[i] for i in kept], [whole_sources[i] for i in kept]
    columns = {column: table[column].values[kept].astype(float) for column in MUSCLE_PARAMETERS}
    force, fibre, slack = (columns[c] for c in ("max_isometric_force", "optimal_fiber_length", "tendon_slack_length"))
    for i, name in enumerate(names):
        bare, side = name[:-2], _side(name)
        supplier = hip_supplier(hip, bare)
        length = lengths.get(path_name(bare, side, supplier))
        wanted = dissected_fibres().get(bare) if fibres == "dissected" else None
        if length is None and wanted is None:
            continue
        angle = np.sin(columns["pennation_angle"][i])
        relative = np.hypot((neutral[name] - slack[i]) / fibre[i], angle)  # fibre over optimal length, rigid tendon
        if wanted is not None:
            force[i] *= fibre[i] / wanted
            fibre[i] = wanted
        along = np.sqrt(max(relative**2 - angle**2, 0.0))
        length = neutral[name] if length is None else length
        if fibre[i] * (along + _LEAST_TENDON) > length:
            shorter = length / (along + _LEAST_TENDON)
            force[i] *= fibre[i] / shorter
            fibre[i] = shorter
        slack[i] = length - fibre[i] * along
        source[i] += f"; path: {hip_sources()[supplier].source}" if supplier != OWN_HIP or bare == "psoas" else ""
    added: list[str] = []
    extra: dict[str, list[float]] = {column: [] for column in MUSCLE_PARAMETERS}
    for side in _SIDES:
        for muscle, row in added_muscles().items():
            supplier = hip_supplier(hip, muscle)
            length = lengths[path_name(muscle, side, supplier)]
            optimal, angle = float(row["optimal_fiber_length_m"]), float(row["pennation_angle_rad"])
            along = float(row["neutral_fibre"]) * np.cos(angle)
            whole_fibre = min(optimal, length / (along + _LEAST_TENDON))
            values = {
                "max_isometric_force": float(row["max_isometric_force_N"]) * optimal / whole_fibre,
                "optimal_fiber_length": whole_fibre,
                "tendon_slack_length": length - along * whole_fibre,
                "pennation_angle": angle,
                "max_contraction_velocity": float(columns["max_contraction_velocity"][0]),
                "passive_onset_strain": 0.0,
                "passive_strain": float(columns["passive_strain"][0]),
            }
            added.append(f"{muscle}_{side}")
            source.append(f"{cite(row['source'])}, {row['locator']}; path: {hip_sources()[supplier].source}")
            for column in MUSCLE_PARAMETERS:
                extra[column].append(values[column])
    whole = {column: np.append(columns[column], extra[column]) for column in MUSCLE_PARAMETERS}
    return make_muscle_table([*names, *added], whole, source)


def _side(name: str) -> Side:
    return "r" if name.endswith("_r") else "l"

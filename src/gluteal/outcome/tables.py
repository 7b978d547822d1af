"""Tables of an outcome: views of what `gluteal.outcome.compare` found, one row per muscle, group or support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gluteal import anatomy
from gluteal.mechanics.build import Mechanics
from gluteal.outcome.compare import pool_activation
from gluteal.outcome.supports import compute_support_force
from gluteal.outcome.verdict import Deficit
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import ROOT_COORDINATES, side_of
from gluteal.words import SIDES

#: A muscle does more, or less, when its mean force changes by at least this much, N.
CHANGED_FORCE = 1.0
CHANGE_COLUMNS = [
    "muscle",
    "side",
    "group",
    "parts",
    "baseline_force",
    "force",
    "change",
    "baseline_peak",
    "peak",
]


def list_deficits(compared: xr.Dataset, mechanics: Mechanics, condition: int) -> tuple[Deficit, ...]:
    """Return the deficit of every recruited coordinate, undisturbed (0) or under the condition (1).

    Joints first, then the pelvis's rotations (balance), then its translations; the largest first in each.
    """
    found = []
    for q, name in enumerate(map(str, compared["coordinate"].to_numpy())):
        peak, demand = float(compared["missing"].values[condition, q]), float(compared["demand"].values[q])
        found.append(
            Deficit(
                coordinate=name,
                unit=mechanics.body.coordinate(name).unit,
                peak=peak,
                time=float(mechanics.time[int(compared["missing_frame"].values[condition, q])]),
                fraction_of_demand=peak / demand if demand > 0 else float("nan"),
                beyond_baseline=float(compared["rise"].values[q]) if condition else 0.0,
                limit=float(compared["limit"].values[q]),
            )
        )
    return tuple(sorted(found, key=lambda d: (d.unit != "N m", d.coordinate in ROOT_COORDINATES, -d.peak)))


def tabulate_muscles(compared: xr.Dataset, acted_on: frozenset[str]) -> pd.DataFrame:
    """Return every muscle: name, group, side, activation (baseline_peak, baseline_mean, peak, mean, 1).

    Then mean force (baseline_force, force, N) and whether the condition acts on it (acted_on).
    """
    names = [str(m) for m in compared["muscle"].to_numpy()]
    columns: dict[str, Any] = {
        "name": names,
        "group": [anatomy.group_of(n) for n in names],
        "side": [side_of(n) for n in names],
    }
    for variables in (("peak", "mean"), ("force",)):
        for i, prefix in enumerate(("baseline_", "")):
            columns |= {f"{prefix}{name}": compared[name].values[i] for name in variables}
    columns["acted_on"] = [n in acted_on for n in names]
    return pd.DataFrame(columns)


def tabulate_groups(compared: xr.Dataset, mechanics: Mechanics) -> pd.DataFrame:
    """Return every group by side: name, side, activation as in `tabulate_muscles`.

    A group's activation is the mean over its muscles, weighted by max_isometric_force, at each time;
    peak and mean are over time.
    """
    groups = mechanics.body.sided_groups
    columns: dict[str, Any] = {"name": [g.group for g in groups], "side": [g.side for g in groups]}
    for i, prefix in enumerate(("baseline_", "")):
        columns |= {f"{prefix}{name}": compared[f"group_{name}"].values[i] for name in ("peak", "mean")}
    return pd.DataFrame(columns)


def label_muscle(name: str) -> str:
    """Say a muscle of the model by its side and anatomical name.

    >>> label_muscle("glmed1_r")
    'right gluteus medius'
    """
    return SIDES[side_of(name)] + anatomy.anatomical_name(name)


def pool_muscles(table: pd.DataFrame, solutions: Sequence[Solution]) -> pd.DataFrame:
    """Pool rows of `tabulate_muscles` to anatomical muscles by side, ranked by the change of their mean force.

    muscle ("right piriformis"), side, group, parts (how many muscles of the model), mean force (baseline_force,
    force, change, N), pooled peak activation (baseline_peak, peak, 1), of the undisturbed solution and the changed one.
    """
    label = [label_muscle(n) for n in table["name"]]
    activation = [s.activation.values for s in solutions]
    rows = []
    for muscle, part in table.groupby(np.array(label), sort=True):
        members = [int(i) for i in part.index]
        before, after = float(part["baseline_force"].sum()), float(part["force"].sum())
        peaks = [float(pool_activation(s, a, members).max()) for s, a in zip(solutions, activation, strict=True)]
        rows.append(
            {
                "muscle": str(muscle),
                "side": part["side"].iloc[0],
                "group": part["group"].iloc[0],
                "parts": len(members),
                "baseline_force": before,
                "force": after,
                "change": after - before,
                "baseline_peak": peaks[0],
                "peak": peaks[1],
            }
        )
    frame = pd.DataFrame(rows, columns=CHANGE_COLUMNS)
    return frame.sort_values("change", ascending=False, kind="stable").reset_index(drop=True)


def tabulate_supports(solutions: Sequence[Solution]) -> pd.DataFrame:
    """Return where the world carries the body: name, force_n, baseline_force_n, peak_n (size of the force, N).

    Means over time and the peak, of measured loads as measured, of unknown supports as solved; one row per part of the
    body (`gluteal.outcome.supports`).
    """
    force = [compute_support_force(s) for s in solutions]
    before, after = (np.linalg.norm(f.to_numpy(), axis=2) for f in force)
    return pd.DataFrame(
        {
            "name": [str(n) for n in force[-1]["support"].to_numpy()],
            "force_n": after.mean(axis=0),
            "baseline_force_n": before.mean(axis=0),
            "peak_n": after.max(axis=0),
        }
    )


def list_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, None for everything that is missing."""
    plain = table.astype(object).where(table.notna(), None)
    return [dict(zip(table.columns, row, strict=True)) for row in plain.to_numpy().tolist()]

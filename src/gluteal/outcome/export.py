"""What an outcome hands over: one labelled dataset, plain data by published names, files."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from gluteal import anatomy
from gluteal.files import csv_text, write_netcdf, write_text
from gluteal.kernels.sharing import RESERVE_COST, SUPPORT_COST, WORTH
from gluteal.nerves.dynamics import FALL, RISE
from gluteal.outcome.compare import CONDITIONS, compute_net_moment
from gluteal.outcome.tables import list_records
from gluteal.outcome.verdict import MOVEMENT_RULE
from gluteal.outcome.wishes import list_wishes

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome


def join_solutions(outcome: Outcome) -> xr.Dataset:
    """Join both solutions along ``condition``, with demand and provenance."""
    both = xr.concat(
        [outcome.baseline.dataset, outcome.changed.dataset], pd.Index(CONDITIONS, name="condition"), join="exact"
    )
    data, rows = outcome.mechanics.dataset, both["coordinate"]
    both["joint_moment"] = data["joint_moment"].sel(coordinate=rows)
    both["net_moment"] = (
        ("time", "coordinate"),
        compute_net_moment(outcome.baseline),
        {"units": "N m or N", "long_name": "moment asked of muscles and reserves, after the baseline's supports"},
    )
    groups = [anatomy.group_of(str(m)) for m in both["muscle"].to_numpy()]
    both = both.assign_coords(muscle_group=("muscle", groups), ray_support=data["ray_support"])
    return both.assign_attrs({k: _text(v) for k, v in list_provenance(outcome).items()})


def list_provenance(outcome: Outcome) -> dict[str, Any]:
    """List what made the numbers: version, body, movement, condition, settings."""
    body, movement = outcome.mechanics.body, outcome.mechanics.movement
    return {
        "program": f"gluteal {version('gluteal')}",
        "body": body.name,
        "body_source": body.source,
        "engine": body.engine,
        "movement": movement.name,
        "movement_settings": dict(movement.settings),
        "condition": outcome.condition.name,
        "effects": [e.to_json() for e in outcome.condition.effects],
        "criterion": outcome.changed.problem.criterion.name,
        "exponent": outcome.changed.problem.criterion.exponent,
        "activation_dynamics_s": [RISE, FALL] if outcome.changed.problem.swept else None,
        "reserve_cost": RESERVE_COST,
        "reserve_worth": WORTH,
        "support_cost": SUPPORT_COST,
        "verdict": outcome.verdict,
        "rule": MOVEMENT_RULE,
    }


def make_json(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain data, by its published field names; null is "no number"."""
    body, time = outcome.mechanics.body, outcome.mechanics.time
    before, after = outcome.mean_metabolic_power
    columns = ["name", "group", "side", "baseline_peak", "baseline_mean", "peak", "mean"]
    forces = ["baseline_force", "force", "acted_on"]
    return {
        "task": outcome.mechanics.movement.name,
        "body": {
            "name": body.name,
            "engine": body.engine,
            "muscles": len(body.muscle_names),
            "mass_kg": body.mass,
        },
        "condition": {
            "name": outcome.condition.name,
            "effects": [e.to_json() for e in outcome.condition.effects],
        },
        "wishes": list_wishes(outcome),
        "frames": len(time),
        "window_s": [float(time[0]), float(time[-1])],
        "criterion": outcome.changed.problem.criterion.name,
        "verdict": outcome.verdict,
        "cause": None if outcome.cause is None else outcome.cause.to_json(),
        "findings": [f.to_json() for f in outcome.findings],
        "sentence": outcome.sentence,
        "rule": MOVEMENT_RULE,
        "baseline_ok": outcome.baseline_ok,
        "deficit": outcome.deficit.to_json(),
        "baseline_deficit": outcome.baseline_deficit.to_json(),
        "deficits": [d.to_json() for d in outcome.deficits],
        "effort_ratio": _number(outcome.effort_ratio),
        "metabolic_ratio": _number(outcome.metabolic_ratio),
        "metabolic": {
            "model": "Bhargava et al. 2004, muscles only, without the rest of the body at rest",
            "baseline_w": before,
            "w": after,
            "baseline_w_per_kg": before / body.mass,
            "w_per_kg": after / body.mass,
        },
        "muscles": list_records(outcome.muscles[columns + forces]),
        "groups": list_records(outcome.groups),
        "compensators": list_records(outcome.compensators),
        "relieved": list_records(outcome.relieved),
        "not_determined": list(outcome.not_determined),
        "bands": None if outcome.bands is None else outcome.bands.to_json(),
        "joint_loads": outcome.joint_loads,
        "supports": list_records(outcome.supports),
        "checks": [c.to_json() for c in outcome.checks],
        "not_computed": outcome.not_computed,
        "warnings": list(outcome.mechanics.movement.warnings),
        "notes": list(body.notes),
        "provenance": json.loads(json.dumps(outcome.provenance, default=_plain)),
        "endurance": None,
        "timing": {
            "mechanics_s": outcome.mechanics.seconds,
            "solve_s": outcome.baseline.seconds + outcome.changed.seconds,
        },
    }


def save_csv(outcome: Outcome, path: str | Path) -> None:
    """Write the table of muscles, one row each; errors as `gluteal.files.written_whole`."""
    write_text(path, csv_text(outcome.muscles))


def save_netcdf(outcome: Outcome, path: str | Path) -> None:
    """Write the joined solutions, metabolic power and joint loads as netCDF-4; errors as `written_whole`."""
    dataset = outcome.dataset.assign(metabolic_power=outcome.metabolic_power)
    if outcome.joint_forces is not None:
        dataset = dataset.merge(outcome.joint_forces, join="exact", combine_attrs="override")
    write_netcdf(path, dataset)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _text(value: Any) -> str | float | int:
    """Return a value as netCDF and JSON can hold it."""
    return value if isinstance(value, str | int | float) else json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)

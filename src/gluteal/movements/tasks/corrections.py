"""The corrections of the built-in walks: made, written beside the tasks, and what they leave at the pelvis.

``python -m gluteal.movements.tasks.corrections`` finds them anew for the embedded body (half a minute a walk).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gluteal.engines import compute_geometry, load_body
from gluteal.files import write_text
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import built_in_task, list_walkers
from gluteal.movements.tasks.file import TaskFile
from gluteal.movements.tasks.gait_cycle import correct_series, cycle_movement, task_series
from gluteal.movements.tasks.residual_reduction import HARMONICS, ROOT_SCALE, fit_contacts, reduce_residuals
from gluteal.vocabulary import ROOT_COORDINATES


@dataclass(frozen=True)
class Residuals:
    """What contacts cannot supply, (time, 6) in the order of `ROOT_COORDINATES`, N m and N."""

    values: np.ndarray

    @property
    def force(self) -> float:
        """Largest residual force, N."""
        return float(np.linalg.norm(self.values[:, 3:], axis=1).max())

    @property
    def moment(self) -> float:
        """Largest residual moment, N m."""
        return float(np.linalg.norm(self.values[:, :3], axis=1).max())


def compute_root_residual(body: Body, movement: Movement) -> Residuals:
    """Return the part of the root rows that no allowed contact force balances, per frame.

    Contact forces f >= 0 along the friction rays minimise the scaled difference (see `SCALES`).
    """
    geometry = compute_geometry(body, movement)
    rows = [body.coordinate_names.index(n) for n in ROOT_COORDINATES]
    result = [
        fit_contacts(geometry.joint_moment[t, rows] / ROOT_SCALE, geometry.support_arm[t, rows] / ROOT_SCALE[:, None])[
            0
        ]
        * ROOT_SCALE
        for t in range(len(movement.time))
    ]
    return Residuals(np.array(result))


def write_corrections(
    path: Path, task: TaskFile, body: Body, corrections: Mapping[str, np.ndarray]
) -> tuple[Residuals, Residuals]:
    """Write a corrections file with its origin and effect; return the residuals before and after."""
    series = task_series(task, corrected=False)
    before = compute_root_residual(body, cycle_movement(task, body, series))
    after = compute_root_residual(body, cycle_movement(task, body, correct_series(series, corrections)))
    lines = [
        f"# Corrections of task {task.name!r}, written by python -m gluteal.movements.tasks.corrections.",
        f"# Body: {body.source}; {body.mass:.2f} kg.",
        f"# Largest residual before: {before.force:.1f} N, {before.moment:.1f} N m; "
        f"after: {after.force:.2f} N, {after.moment:.2f} N m.",
        "# Added to the curves: mean, then cosine and sine of each harmonic; speed to the walking speed.",
    ]
    waves = [f"{wave}{k}" for k in range(1, HARMONICS + 1) for wave in ("cos", "sin")]
    lines.append(",".join(["curve", "unit", "mean", *waves]))
    for name, values in corrections.items():
        unit = {"speed": "m/s", "pelvis_tx": "m", "pelvis_ty": "m", "pelvis_tz": "m"}.get(name, "deg")
        shown = np.rad2deg(values) if unit == "deg" else values
        lines.append(",".join([name, unit, *(f"{v:.6f}" for v in shown)]))
    write_text(path, "\n".join(lines) + "\n")
    return before, after


def refit_corrections(names: Sequence[str] = ()) -> None:
    """Find the corrections of the built-in walks (or some of them) for the embedded body; store them beside."""
    body = load_body("myo")

    def report(count: int, cost: float) -> None:
        print(f"evaluation {count}: cost {cost:.2f}", file=sys.stderr, flush=True)

    for name in names or list_walkers():
        task = built_in_task(name)
        assert task.cycle is not None and task.cycle.corrections is not None
        before, after = write_corrections(
            task.cycle.corrections, task, body, reduce_residuals(task, body, report=report)
        )
        print(f"{name}: before {before.force:.2f} N, {before.moment:.2f} N m")
        print(f"{name}: after  {after.force:.2f} N, {after.moment:.2f} N m; written to {task.cycle.corrections.name}")


if __name__ == "__main__":
    refit_corrections(sys.argv[1:])

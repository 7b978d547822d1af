"""How long a built-in posture is held on every published body, and by people.

In: a task and a condition. Out: a band of holding times. The bodies differ in the strength of their hips, and a muscle
that is twice as strong holds about four times as long, so one body's seconds mean little by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gluteal.engines import compute_bodies, load_bodies, load_body
from gluteal.errors import NotJudged
from gluteal.movements.tasks import load_task
from gluteal.nerves.condition import Condition
from gluteal.sharing.criterion import Criterion
from gluteal.simulate.endurance import compute_endurance
from gluteal.sources.published import load_published


@dataclass(frozen=True)
class HoldBand:
    """Holding times of bodies, (body, seconds, coordinate); infinite where not within an hour, nan where not judged."""

    task: str
    holds: tuple[tuple[str, float, str | None], ...]

    @property
    def judged(self) -> np.ndarray:
        """Seconds of the bodies that can be judged, the shortest first."""
        seconds = np.array([s for _, s, _ in self.holds])
        return np.sort(seconds[~np.isnan(seconds)])

    @property
    def sentence(self) -> str:
        """The band in plain language."""
        found = self.judged
        if not len(found):
            return "No published body can be judged in this posture."
        low, middle, high = (_say(s) for s in (found[0], np.quantile(found, 0.5, method="lower"), found[-1]))
        return (
            f"Published bodies ({len(found)} of {len(self.holds)} judged) hold from {low} to {high}, half of them up "
            f"to {middle}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the band by its published names; null is "not within an hour" or "not judged"."""
        found = self.judged
        finite = [float(s) if np.isfinite(s) else None for s in (found[[0, -1]] if len(found) else [np.nan, np.nan])]
        return {
            "bodies": len(self.holds),
            "judged": len(found),
            "low_s": finite[0],
            "high_s": finite[1],
            "holds": [
                {"body": name, "seconds": s if np.isfinite(s) else None, "coordinate": where, "judged": not np.isnan(s)}
                for name, s, where in self.holds
            ],
        }


def compute_hold_band(
    task: str,
    *,
    condition: Condition | None = None,
    criterion: Criterion | None = None,
    **settings: float | str,
) -> HoldBand:
    """Hold a built-in task on every published body; errors as `gluteal.compute_endurance` but for `NotJudged`.

    Parameters
    ----------
    **settings
        The task's own parameters, as `gluteal.load_task`.
    """
    movement = load_task(task, load_body("myo"), **settings)
    holds: list[tuple[str, float, str | None]] = []
    for mechanics in compute_bodies(load_bodies(), movement):
        try:
            hold = compute_endurance(
                mechanics.body, movement, condition=condition, criterion=criterion, mechanics=mechanics
            )
        except NotJudged:
            holds.append((mechanics.body.name, float("nan"), None))
        else:
            holds.append((mechanics.body.name, hold.seconds, hold.coordinate))
    return HoldBand(task, tuple(holds))


def list_holding_times(task: str) -> list[dict[str, Any]]:
    """Return how long people hold the posture of a task: rows of ``endurance_times``, as plain data.

    >>> [row["holding_s"] for row in list_holding_times("back-extension-hold")]
    [113.0, 158.0]
    """
    table = load_published("endurance_times")
    kept = table[table["task"] == task].drop(columns=["task", "locator"])
    return [
        {str(key): None if value != value else value for key, value in row.items()}
        for row in kept.astype({"holding_s": float, "sd_s": float}).to_dict("records")
    ]


def _say(seconds: float) -> str:
    return f"{seconds:.0f} s" if np.isfinite(seconds) else "more than an hour"

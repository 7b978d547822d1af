"""How the hip forces of simulated movements compare with published ones, measured in implants mostly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import xarray as xr

from gluteal.files import read_rows, read_table_text


@dataclass(frozen=True)
class PublishedHipForce:
    """A published peak hip contact force.

    `peak` in body weights, `sd` or None, of `n` people; `movement` is the built-in task that comes nearest to
    `task`, or None; `source` is the key of the publication.
    """

    task: str
    peak: float
    sd: float | None
    n: int
    statistic: str
    method: str
    source: str
    movement: str | None


@cache
def published_hip_forces() -> tuple[PublishedHipForce, ...]:
    """Return the rows of ``hip_contact_force.csv``.

    >>> published_hip_forces()[0].peak, published_hip_forces()[0].source
    (2.38, 'bergmann2001')
    """
    text = read_table_text("gluteal.sources.published", "hip_contact_force.csv")
    return tuple(
        PublishedHipForce(
            task=row["task"],
            peak=float(row["peak_pct_bw"]) / 100.0,
            sd=float(row["sd"]) / 100.0 if row["sd"] else None,
            n=int(row["n"]),
            statistic=row["statistic"],
            method=row["method"],
            source=row["source"],
            movement=row["movement"] or None,
        )
        for row in read_rows(text)
    )


def compare_hip_force(loads: Mapping[str, xr.Dataset]) -> list[dict[str, Any]]:
    """Set every published hip force beside the simulated movement that comes nearest.

    Parameters
    ----------
    loads : mapping of built-in task name -> result of `gluteal.outcome.joint_loads.compute_joint_loads`

    Returns
    -------
    list of dict
        ``task``, ``source``, ``published_bw`` (body weights), ``movement``, ``computed_bw`` (the larger peak
        of both hips) and ``difference_bw``; the last three are None where no simulated movement compares.
    """
    rows = []
    for published in published_hip_forces():
        computed = None
        if published.movement is not None and published.movement in loads:
            found = loads[published.movement]
            hips = found["joint_load"].sel(joint=found["kind"] == "hip")
            computed = float(hips.max(skipna=False)) / float(found.attrs["body_weight_N"])
        rows.append(
            {
                "task": published.task,
                "source": published.source,
                "published_bw": published.peak,
                "movement": published.movement if computed is not None else None,
                "computed_bw": computed,
                "difference_bw": None if computed is None else computed - published.peak,
            }
        )
    return rows

"""Exercises: how much the gluteals work in them, simulated beside published, and what hips and back carry.

A simulated activation is a share of full activation; published EMG is a share of a maximal voluntary contraction
of the same muscle. They are no more than alike: order is compared, not size. Where an exercise of a study
matches a built-in task is written down row by row in `MATCHES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from gluteal.errors import InputError
from gluteal.ledger.bench import Bench, need_ground
from gluteal.ledger.kept import KeptArrays, keep_arrays
from gluteal.ledger.measures import Rank, peak_load, rank_correlation, weigh_activation
from gluteal.movements.tasks import list_tasks
from gluteal.sources.published import load_published
from gluteal.vocabulary import Side, side_of

#: Built-in tasks that people do as exercises; the right leg is the one that works.
EXERCISES = (
    "bend-and-return",
    "bridge",
    "bridge-hips-abducted",
    "bulgarian-split-squat",
    "clam",
    "deadlift",
    "fire-hydrant",
    "hip-thrust",
    "lateral-band-walk",
    "lunge",
    "prone-hip-extension",
    "prone-hip-extension-bent",
    "quadruped-hip-extension",
    "romanian-deadlift",
    "side-lying-hip-abduction",
    "side-plank",
    "single-leg-bridge",
    "single-leg-deadlift",
    "single-leg-squat",
    "single-leg-stance",
    "sit-to-stand",
    "split-squat",
    "squat",
    "standing-hip-abduction",
    "step-down",
    "step-up",
)
#: Body group -> name in the table of published EMG.
PUBLISHED_MUSCLES = {"glmax": "gluteus_maximus", "glmed": "gluteus_medius"}
Statistic = Literal["peak", "mean"]
SIDE: Side = "r"
#: What to know before reading a load.
LOAD_NOTE = (
    "Computed hip loads are 1.3 to 2.3 times those measured in implants; read them as a comparison between exercises."
)
#: Exercises in which the embedded body is known to be wrong about the gluteals.
FAULTS = {
    "clam": (
        "the body lacks deep outward rotators and opens the knee with piriformis at full activation, where people "
        "use gluteus medius and maximus"
    ),
    "prone-hip-extension": "the leg is turned out by 15 degrees, without which the body does not use gluteus maximus",
    "prone-hip-extension-bent": (
        "the leg is turned out by 15 degrees, without which the body does not use gluteus maximus"
    ),
}


@dataclass(frozen=True)
class Match:
    """A row name of ``exercise_emg`` and the built-in task that is the same exercise, or roughly so."""

    task: str
    exercise: str
    matches: Literal["yes", "roughly"]
    why: str = ""


MATCHES: tuple[Match, ...] = (
    Match("bridge", "bridge two legs", "yes"),
    Match("single-leg-bridge", "bridge one leg", "yes"),
    Match("single-leg-bridge", "single-leg bridge", "yes"),
    Match("clam", "side-lying clam", "yes"),
    Match("clam", "clam (hip flexion angle A)", "roughly", "its hip flexion angle was not read; 45 degrees here"),
    Match("clam", "clam (hip flexion angle B)", "roughly", "its hip flexion angle was not read; 45 degrees here"),
    Match("side-lying-hip-abduction", "side-lying hip abduction", "yes"),
    Match("prone-hip-extension", "prone hip extension", "yes"),
    Match("standing-hip-abduction", "standing hip abduction", "roughly", "which leg was measured is not known"),
    Match("step-up", "forward step-up body weight", "yes"),
    Match("single-leg-squat", "single-limb squat", "roughly", "its depth was not read; 60 degrees of the knee here"),
    Match("single-leg-squat", "modified single-leg squat", "roughly", "how it was modified was not read"),
    Match("lunge", "lunge", "roughly", "a step forward in the study, feet in place here"),
)


def published_activation(muscle: str, *, roughly: bool = True) -> pd.DataFrame:
    """Return published EMG of a muscle in exercises that are built-in tasks.

    Parameters
    ----------
    muscle : str
        ``"glmax"`` or ``"glmed"``.
    roughly : bool
        Also rows that match an exercise only roughly.

    Returns
    -------
    pd.DataFrame
        task, exercise, matches, why; emg (share of a maximal voluntary contraction, 1; the middle of a range
        where only that was printed), printed (how), source (key of a study).

    Raises
    ------
    InputError
        For a muscle without published values.

    Examples
    --------
    >>> table = published_activation("glmax", roughly=False)
    >>> table.loc[table["task"] == "bridge", ["emg", "source"]].to_numpy().tolist()
    [[0.25, 'ijspt2014range']]
    """
    if muscle not in PUBLISHED_MUSCLES:
        raise InputError(
            f"There is no published EMG for {muscle!r} in the table; give one of {', '.join(PUBLISHED_MUSCLES)}."
        )
    table = load_published("exercise_emg")
    table = table[table["muscle"] == PUBLISHED_MUSCLES[muscle]]
    rows = []
    for match in MATCHES:
        if match.matches == "roughly" and not roughly:
            continue
        for _, row in table[table["exercise"] == match.exercise].iterrows():
            single = np.isfinite(row["pct_mvic_mean"])
            middle = row["pct_mvic_mean"] if single else (row["range_low"] + row["range_high"]) / 2.0
            printed = "" if single else f"middle of {row['range_low']:g} to {row['range_high']:g} %"
            rows.append(
                {
                    "task": match.task,
                    "exercise": match.exercise,
                    "matches": match.matches,
                    "why": match.why,
                    "emg": middle / 100.0,
                    "printed": printed or f"{row['pct_mvic_mean']:g} % ({row['statistic']})",
                    "source": row["source"],
                }
            )
    return pd.DataFrame(rows, columns=["task", "exercise", "matches", "why", "emg", "printed", "source"])


@dataclass(frozen=True)
class Drill:
    """One exercise as the body did it: `activation` (time, muscle) of all but the other leg's muscles, 1.

    `hardest` is the frame of most effort, and `held` the activation of all muscles in it, (muscle,) 1.
    `hip_load` is that of the more loaded hip, `knee_load` of the more loaded knee and `back_load` that of the
    lumbosacral joint, largest over time, body weights.
    """

    activation: xr.DataArray
    hardest: int
    held: xr.DataArray
    hip_load: float
    knee_load: float
    back_load: float


def do_exercises(bench: Bench, *, kept: bool = False) -> dict[str, Drill]:
    """Do every exercise, undisturbed; by its task's name.

    Parameters
    ----------
    kept : bool
        Read what came with the package, or was done before, where it fits (`gluteal.ledger.kept`).
    """
    names = [m for m in bench.body.muscle_names if side_of(m) in (SIDE, None)]
    arrays = keep_arrays("exercises", bench, lambda: _drills(bench, names)) if kept else _drills(bench, names)
    return {
        task: Drill(
            xr.DataArray(arrays[f"{task} activation"], dims=("time", "muscle"), coords={"muscle": names}),
            int(arrays[f"{task} hardest"]),
            xr.DataArray(arrays[f"{task} held"], dims="muscle", coords={"muscle": list(bench.body.muscle_names)}),
            *arrays[f"{task} loads"].tolist(),
        )
        for task in EXERCISES
    }


def _drills(bench: Bench, names: list[str]) -> KeptArrays:
    found: dict[str, np.ndarray] = {}
    for task in EXERCISES:
        done = need_ground(bench.recruitment(task))
        found[f"{task} activation"] = done.activation.sel(muscle=names).to_numpy()
        hardest = int(np.argmax(done.dataset["effort"].to_numpy()))
        found[f"{task} hardest"] = np.array(hardest)
        everything = done.activation.sel(muscle=list(bench.body.muscle_names))
        found[f"{task} held"] = everything.isel(time=hardest).to_numpy()
        found[f"{task} loads"] = np.array(_loads(bench.loads(task)))
    return found


def exercise_table(bench: Bench, *, kept: bool = False) -> pd.DataFrame:
    """Return every exercise with what the gluteals of the working leg do in it, and what joints carry.

    Parameters
    ----------
    kept : bool
        As `do_exercises`.

    Returns
    -------
    pd.DataFrame
        task, title; glmax_peak, glmax_mean, glmed_peak, glmed_mean (activation over time, 1); glmax_emg,
        glmed_emg (mean of the published values that match, 1, nan where there is none); hip_load (of the more
        loaded hip) and back_load (lumbosacral), largest over time, body weights; fault (what is known to be wrong).
    """
    titles = {task.name: task.title for task in list_tasks()}
    published = {m: published_activation(m).groupby("task")["emg"].mean() for m in PUBLISHED_MUSCLES}
    rows = []
    for task, drill in do_exercises(bench, kept=kept).items():
        row: dict[str, str | float] = {"task": task, "title": titles[task]}
        for muscle in PUBLISHED_MUSCLES:
            row |= _activation(bench, drill, muscle)
            row[f"{muscle}_emg"] = float(published[muscle].get(task, np.nan))
        loads = {"hip_load": drill.hip_load, "back_load": drill.back_load}
        rows.append(row | loads | {"fault": FAULTS.get(task, "")})
    return pd.DataFrame(rows)


def correlate_with_published(
    table: pd.DataFrame, muscle: str, *, statistic: Statistic = "peak", roughly: bool = True
) -> Rank:
    """Return Spearman's rank correlation of simulated activation with published EMG, over matched exercises.

    Parameters
    ----------
    table : pd.DataFrame
        From `exercise_table`.
    muscle : str
        ``"glmax"`` or ``"glmed"``.
    statistic : "peak" | "mean"
        Of the simulated activation over time.
    roughly : bool
        Also exercises that match only roughly.
    """
    emg = published_activation(muscle, roughly=roughly).groupby("task")["emg"].mean()
    simulated = table.set_index("task")[f"{muscle}_{statistic}"].loc[emg.index]
    return rank_correlation(simulated.to_numpy(), emg.to_numpy())


def _activation(bench: Bench, drill: Drill, muscle: str) -> dict[str, float]:
    """Return peak and mean activation of the working leg's muscle, by column name."""
    course = weigh_activation(bench.body, drill.activation, muscle, SIDE)
    return {f"{muscle}_peak": float(course.max(skipna=False)), f"{muscle}_mean": float(course.mean(skipna=False))}


def _loads(loads: xr.Dataset) -> tuple[float, float, float]:
    """Return the largest load of the more loaded hip, of such a knee, and of the lumbosacral joint, body weights."""
    hip, knee = (max(peak_load(loads, f"{joint}_{side}") for side in "rl") for joint in ("hip", "knee"))
    return hip, knee, peak_load(loads, "lumbosacral")

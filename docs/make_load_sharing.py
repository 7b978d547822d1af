"""Write the computed tables of ``docs/load-sharing.md``: criteria beside recorded EMG, hip force and exercises.

Run from anywhere, with the folder of recordings in ``GLUTEAL_DATA``: ``python docs/make_load_sharing.py``. A table
stands between the two lines that name it (``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left
alone.

The split was named before the first run: `TRAINING` is the one recording on which the light price on hip force was
chosen once; nothing was chosen on `HELD_OUT`. Every recording in the folder that has EMG is named; `NOT_JUDGED` and
`LEFT_OUT` say which take no part in the means.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.marks import fill, render_table

os.environ["GLUTEAL_THREADS"] = "1"  # times are those of one thread

import numpy as np

from gluteal import (
    Condition,
    add_passive_tissue,
    compute_joint_loads,
    compute_mechanics,
    load_body,
    load_recording,
    load_task,
    load_trial,
    simulate,
    solve_sharing,
)
from gluteal.emg.labels import muscle_of
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.held_against.recorded import RecordedAgreement, compare_recorded
from gluteal.ledger.exercises import EXERCISES, published_activation
from gluteal.ledger.measures import peak_activation, rank_correlation
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import built_in_task
from gluteal.movements.tasks.gait_cycle import read_cycle_table
from gluteal.sharing.criterion import Criterion, SoftFloor
from gluteal.sharing.least_force import solve_least_force
from gluteal.simulate.criteria import CRITERIA
from gluteal.simulate.emg_tracking import SEEN_TOGETHER, Recorded, list_recorded, track_emg
from gluteal.simulate.passive_tissue import passive_tissues
from gluteal.vocabulary import STANDARD_GRAVITY

PAGE = Path(__file__).parent / "load-sharing.md"
TRAINING = ("walk_rajagopal2016",)
HELD_OUT = ("walk_uhlrich2022", "walk_3p6kmh_lowerlimb", "walk")
#: Set beside their recordings like the others, and kept out of every mean: `gluteal` itself refuses to judge them.
NOT_JUDGED = ("sprint_emg_ja1", "lift_squat5kg_backmodel")
LEFT_OUT = {
    "walk_rajagopal2016/reduced_18muscles": "the same steps of the same person",
    "walk_emg_btk_gait": "no model of the person",
    "walk_c3d_partly_dead_emg": "no model of the person; one side of the EMG is dead",
    "emg_biceps_bursts_fatigue": "an elbow, without a model",
}
#: Resamplings of a bootstrap, and its seed.
RESAMPLINGS, SEED = 2000, 1
#: From so many stances on, a mean of peaks gets an interval.
MANY_STANCES = 10
ROWS: dict[str, Criterion] = {
    "effort: sum a^2": CRITERIA["effort"],
    "sum a^3": Criterion(3.0),
    "sum a^5": Criterion(5.0),
    "volume a^2": Criterion(volume_weighting=True),
    "size": CRITERIA["size"],
    "sum a^2 + 0.1 hip": Criterion(joints=(("hip", 0.1),)),
    "joint-sparing: size + 0.1 hip": CRITERIA["joint-sparing"],
    "size + 0.3 hip": Criterion(size_weighting=True, joints=(("hip", 0.3),)),
    "size + 0.5 hip": Criterion(size_weighting=True, joints=(("hip", 0.5),)),
    "joint-sparing + 0.1 knee": Criterion(size_weighting=True, joints=(("hip", 0.1), ("knee", 0.1))),
    "floors of 0.05, hip muscles": Criterion(
        floors=tuple(SoftFloor(g, 0.05, 1.0) for g in ("glmed", "glmax", "hip-adductors", "hip-flexors", "hamstrings"))
    ),
}
_CUT_OFF_HZ = 20.0


@dataclass(frozen=True, eq=False)
class Bench:
    """A recording: its mechanics and channels."""

    name: str
    mechanics: Mechanics
    channels: tuple[Recorded, ...]


@cache
def read(name: str) -> Bench:
    """Return one recording, by its folder or, for the built-in walk, its task."""
    data = Path(os.environ["GLUTEAL_DATA"])
    if name == "walk":
        body = load_body("myo")
        mechanics = compute_mechanics(body, load_task("walk", body))
        return Bench(name, mechanics, walk_channels(mechanics))
    if name.startswith("sprint"):
        return read_sprint(data / name)
    trial = load_trial(data / name)
    mechanics = compute_mechanics(trial.body, trial.movement)
    return Bench(name, mechanics, list_recorded(mechanics))


def walk_channels(mechanics: Mechanics) -> tuple[Recorded, ...]:
    """Return the EMG of the person whose walk the built-in one is: means of eleven cycles, right leg, repeated."""
    task = built_in_task("walk")
    assert task.cycle is not None
    table = read_cycle_table(task.cycle.table)
    times = mechanics.time
    period = times[-1] - times[0]
    found = []
    for column in [c for c in table.columns if c.startswith("emg_") and not c.endswith("_sd")]:
        muscle = muscle_of(column.removeprefix("emg_").replace("_", " ")).muscle
        if muscle is None:
            continue
        body = mechanics.body
        muscles = [m for part in SEEN_TOGETHER.get(muscle, (muscle,)) for m in body.resolve(part, side="r")]
        course = table.columns[column]
        phase = np.linspace(-1.0, 1.0, 2 * len(course) - 1)
        whole = np.concatenate([course[:-1], course])
        found.append(Recorded(column, muscle, "r", tuple(muscles), times[0] + phase * period, whole / whole.max()))
    return tuple(found)


def read_sprint(folder: Path) -> Bench:
    """Return the sprint: raw EMG, conditioned as `gluteal emg` does; coordinates filtered at 20 Hz."""
    with tempfile.TemporaryDirectory() as room:
        plan = Path(room) / "trial.toml"
        plan.write_text(
            f'model = "{folder / "optimized_scale_and_markers.osim"}"\n'
            f'coordinates = "{folder / "JA1Gait35_ik.mot"}"\n'
            f'external_loads = "{folder / "JA1Gait35_external_forces.xml"}"\n'
            f"filter_hz = {_CUT_OFF_HZ}\n"
        )
        trial = load_trial(plan)
    mechanics = compute_mechanics(trial.body, trial.movement)
    found = []
    for channel in load_recording(folder / "JA1Gait35.c3d").channels:
        if channel.muscle is None or channel.name == "AddMagnus":  # saturated
            continue
        made = condition_signal(channel.read(), channel.rate, unit=channel.unit)
        envelope = np.maximum(made.envelope, 0.0)
        parts = SEEN_TOGETHER.get(channel.muscle, (channel.muscle,))
        muscles = tuple(m for part in parts for m in trial.body.resolve(part, side="r"))
        found.append(
            Recorded(
                channel.name, channel.muscle, "r", muscles, channel.time() - channel.start, envelope / envelope.max()
            )
        )
    return Bench("sprint_emg_ja1", mechanics, tuple(found))


@dataclass(frozen=True, eq=False)
class Solved:
    """One recording under one criterion."""

    agreement: RecordedAgreement
    peaks: np.ndarray  # (stance, 2) hip force, body weights


@cache
def solve(recording: str, row: str) -> Solved:
    """Share a recording's load by a criterion and set it beside the EMG; without bands."""
    bench = read(recording)
    solution = solve_sharing(bench.mechanics, criterion=ROWS[row])
    loads = compute_joint_loads(solution)
    hips = {str(j)[-1]: loads["joint_load"].sel(joint=j).values for j in loads["joint"].values if "hip" in str(j)}
    force = {side: values / loads.attrs["body_weight_N"] for side, values in hips.items()}
    return Solved(compare_recorded(solution, channels=bench.channels, slacks=()), stance_peaks(bench.mechanics, force))


@cache
def bound(recording: str) -> np.ndarray:
    """Return the peaks of the least possible hip force, (stance, 2)."""
    mechanics = read(recording).mechanics
    least = solve_least_force(solve_sharing(mechanics))
    return stance_peaks(mechanics, {side: least.sel(joint=f"hip_{side}").values for side in "rl"})


def stance_peaks(mechanics: Mechanics, force: dict[str, np.ndarray]) -> np.ndarray:
    """Return the largest hip force in the first and second half of each complete stance, (stance, 2)."""
    weight = mechanics.body.mass * STANDARD_GRAVITY
    found = []
    for side, course in force.items():
        up = sum(load.force[:, 1] for load in mechanics.movement.loads if load.segment.endswith(f"_{side}")) / weight
        stands = np.concatenate([[False], up > 0.05, [False]])
        starts, ends = np.flatnonzero(~stands[:-1] & stands[1:]), np.flatnonzero(stands[:-1] & ~stands[1:])
        for start, end in zip(starts, ends, strict=True):
            whole = end < len(up) and (start > 0 or up[0] < 0.3)
            if whole and mechanics.time[end - 1] - mechanics.time[start] > 0.4:
                middle = (start + end) // 2
                found.append((course[start:middle].max(), course[middle:end].max()))
    return np.array(found)


def correlations(recordings: tuple[str, ...], row: str) -> list[np.ndarray]:
    """Return r of every channel at its recording's delay, by recording."""
    found = [np.array([c.correlation for c in solve(name, row).agreement.channels]) for name in recordings]
    return [np.where(np.isfinite(r), r, 0.0) for r in found]  # a muscle that stays silent agrees with nothing


def bootstrap(groups: list[np.ndarray]) -> tuple[float, float, float]:
    """Return the mean over recordings of the mean over channels, and its 95 % interval: channels drawn anew."""
    rng = np.random.default_rng(SEED)
    draws = [np.mean([g[rng.integers(len(g), size=len(g))].mean() for g in groups]) for _ in range(RESAMPLINGS)]
    return (float(np.mean([g.mean() for g in groups])), *map(float, np.percentile(draws, [2.5, 97.5])))


def pair(peaks: np.ndarray) -> str:
    """Write mean first and second peaks, and of many stances half the 95 % interval of each mean."""
    text = "/".join(f"{v:.2f}" for v in peaks.mean(axis=0))
    if len(peaks) < MANY_STANCES:
        return text
    rng = np.random.default_rng(SEED)
    means = [peaks[rng.integers(len(peaks), size=len(peaks))].mean(axis=0) for _ in range(RESAMPLINGS)]
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return f"{text} ± {'/'.join(f'{v:.2f}' for v in (high - low) / 2)}"


def criteria_table() -> str:
    """Return the table of criteria."""
    lines = []
    walks = (*TRAINING, *HELD_OUT)
    plain = correlations(HELD_OUT, next(iter(ROWS)))
    for row, criterion in ROWS.items():
        trained, held = bootstrap(correlations(TRAINING, row)), correlations(HELD_OUT, row)
        mean, low, high = bootstrap(held)
        gain = bootstrap([a - b for a, b in zip(held, plain, strict=True)])
        peaks = np.array([solve(name, row).peaks.mean(axis=0) for name in walks])
        ranks = [rank_exercises(criterion, muscle) for muscle in ("glmed", "glmax")]
        by_muscle = [muscle_r(name, row, "gluteus medius") for name in ("walk_rajagopal2016", "walk")]
        lines.append(
            [
                row,
                pair(peaks),
                *(pair(solve(name, row).peaks) for name in walks),
                f"{trained[0]:.2f} ({trained[1]:.2f} to {trained[2]:.2f})",
                f"{mean:.2f} ({low:.2f} to {high:.2f})",
                f"{gain[0]:+.3f} ({gain[1]:+.3f} to {gain[2]:+.3f})",
                "/".join(f"{r:.2f}" for r in by_muscle),
                "/".join(f"{r:.2f}" for r in ranks),
                f"{time_beside_effort(criterion):.1f}",
            ]
        )
    least = [bound(name).mean(axis=0) for name in walks]
    lines.append(["least possible", pair(np.array(least)), *(pair(bound(n)) for n in walks), *[""] * 6])
    head = ["criterion", "hip, mean", "rajagopal", "uhlrich", "3.6 km/h", "built-in", "r, training", "r, held out"]
    return render_table([*head, "held out, against effort", "gluteus medius", "exercises", "time"], lines)


def muscle_r(recording: str, row: str, muscle: str) -> float:
    """Return r of one muscle's channel at the recording's delay; nan where none was recorded."""
    return next((c.correlation for c in solve(recording, row).agreement.channels if c.muscle == muscle), float("nan"))


@cache
def rank_exercises(criterion: Criterion, muscle: str) -> float:
    """Return Spearman's correlation of simulated peaks with published EMG over built-in exercises."""
    emg = published_activation(muscle).groupby("task")["emg"].mean()
    emg = emg[[task for task in emg.index if task in EXERCISES]]
    simulated = [peak_activation(solve_sharing(of_task(t), criterion=criterion), muscle) for t in emg.index]
    return rank_correlation(np.array(simulated), emg.to_numpy()).value


@cache
def of_task(task: str) -> Mechanics:
    """Return a built-in exercise on the default body."""
    body = load_body("myo")
    return compute_mechanics(body, load_task(task, body))


def time_beside_effort(criterion: Criterion) -> float:
    """Return the processor time of sharing the built-in walk / that by effort, median of pairs taken in turns."""
    mechanics = read("walk").mechanics

    def seconds(asked: Criterion) -> float:
        start = time.process_time()
        for _ in range(5):
            solve_sharing(mechanics, criterion=asked)
        return time.process_time() - start

    seconds(criterion)
    return float(np.median([seconds(criterion) / seconds(CRITERIA["effort"]) for _ in range(9)]))


def recordings_table() -> str:
    """Return the table of recordings: agreement of three sharings, and what bands cover."""
    lines = []
    for name in (*TRAINING, *HELD_OUT, *NOT_JUDGED):
        bench = read(name)
        plain_solution = solve_sharing(bench.mechanics)
        plain = compare_recorded(plain_solution, channels=bench.channels)
        cells = ["", "", ""]
        if name not in NOT_JUDGED:
            sparing = solve(name, "joint-sparing: size + 0.1 hip").agreement
            tracked = track_emg(bench.mechanics, channels=bench.channels)
            informed = compare_recorded(tracked.solution, channels=bench.channels, delay=tracked.delay, slacks=())
            cells = [
                f"{sparing.mean_correlation:.2f}",
                f"{informed.mean_correlation:.2f}",
                f"{tracked.effort_ratio:.2f}",
            ]
        zero = np.nanmean([c.correlation_zero_lag for c in plain.channels])
        lines.append(
            [
                name,
                "training" if name in TRAINING else "not judged" if name in NOT_JUDGED else "held out",
                str(len(plain.channels)),
                f"{1000 * plain.delay:.0f}",
                f"{zero:.2f}",
                f"{plain.mean_correlation:.2f}",
                f"{plain.pooled_correlation:.2f}",
                *cells,
                *(f"{100 * share:.0f}" for share in plain.covered),
            ]
        )
    head = [
        "recording",
        "part",
        "channels",
        "delay (ms)",
        "r, no lag",
        "r",
        "r, pooled",
        "joint-sparing",
        "following EMG",
    ]
    return render_table([*head, "its effort", "in the 10 % band (%)", "in the 30 % band (%)"], lines)


def muscles_table() -> str:
    """Return r by muscle on every recording that is judged: cheapest, joint-sparing, and which of both peaks higher."""
    lines = []
    for name in (*TRAINING, *HELD_OUT):
        first, second = (solve(name, row).agreement for row in ("effort: sum a^2", "joint-sparing: size + 0.1 hip"))
        for a, b in zip(first.channels, second.channels, strict=True):
            course = [
                next(c[1] for c, ch in zip(x.courses, x.channels, strict=True) if ch == y).max()
                for x, y in ((first, a), (second, b))
            ]
            lines.append(
                [name, a.muscle, f"{a.correlation:.2f}", f"{b.correlation:.2f}", *(f"{v:.2f}" for v in course)]
            )
    return render_table(
        ["recording", "muscle", "r, effort", "r, joint-sparing", "peak, effort", "peak, joint-sparing"], lines
    )


def passive_table() -> str:
    """Return what passive tissue does to agreement, hip force, and to standing on one leg with half of a nerve."""
    body = load_body("myo")
    stance = load_task("single-leg-stance", body)
    block = Condition.block("superior gluteal", loss=0.52, side="r")
    lines = []
    for tissues in ((), ("hip-capsule",), ("iliotibial-band",), passive_tissues()):
        cells = [" and ".join(tissues) or "none"]
        for name in (*TRAINING, "walk"):
            bench = read(name)
            solution = solve_sharing(add_passive_tissue(bench.mechanics, *tissues))
            loads = compute_joint_loads(solution)
            hips = {side: loads["joint_load"].sel(joint=f"hip_{side}").values for side in "rl"}
            force = {side: values / loads.attrs["body_weight_N"] for side, values in hips.items()}
            agreement = compare_recorded(solution, channels=bench.channels, slacks=())
            medius = next(c.correlation for c in agreement.channels if c.muscle == "gluteus medius")
            iliacus = float(solution.activation.sel(muscle="iliacus_r").max())
            cells += [
                f"{agreement.mean_correlation:.2f}",
                f"{medius:.2f}",
                f"{iliacus:.2f}",
                pair(stance_peaks(bench.mechanics, force)),
            ]
        outcome = simulate(body, stance, condition=block, passive=tissues)
        cells += [f"{outcome.effort_ratio:.2f}", f"{outcome.joint_loads[0]['baseline_peak_bw']:.2f}"]
        lines.append(cells)
    each = ["r", "gluteus medius", "peak iliacus", "hip"]
    head = ["tissue", *(f"rajagopal: {c}" for c in each), *(f"built-in: {c}" for c in each)]
    return render_table([*head, "stance, 52 % of the nerve: effort ×", "stance: hip"], lines)


TABLES: dict[str, Callable[[], str]] = {
    "criteria": criteria_table,
    "recordings": recordings_table,
    "muscles": muscles_table,
    "passive": passive_table,
}

if __name__ == "__main__":
    fill(PAGE, {title: make() for title, make in TABLES.items()})

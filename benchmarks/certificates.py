"""Certificates of every frame: each muscle group weakened in steps, in every built-in task and every recording.

    python -m benchmarks.certificates DATA                          # all frames, all losses; minutes
    python -m benchmarks.certificates DATA --out docs/certificates.md
    python -m benchmarks.certificates DATA --every 20               # every 20th frame of the recordings

DATA is the folder of recordings. A certificate is the largest part of `gluteal.kernels.certificate.certify`:
stationarity, feasibility or complementarity, judged from the solution alone. Of frames that cannot be done it is that
of the first of the two problems of `gluteal.kernels.sharing`, the steeper one.
"""

from __future__ import annotations

import argparse
import sys
import time as clock
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import gluteal
from benchmarks.recruitment.problems import make_frames
from gluteal.files import write_text
from gluteal.kernels.recruitment import TOLERANCE, solve_frames
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import list_tasks
from gluteal.movements.trials import load_trial

LOSSES = tuple(np.linspace(0.0, 1.0, 11).round(1))
#: The recordings of the data folder that hold a movement, by name.
TRIALS = {
    "walk_rajagopal2016": "walk_rajagopal2016",
    "walk_rajagopal2016, 18 muscles": "walk_rajagopal2016/reduced_18muscles",
    "walk_uhlrich2022": "walk_uhlrich2022",
    "walk_3p6kmh_lowerlimb": "walk_3p6kmh_lowerlimb",
    "squat_sts_opencap_s4, squats": "squat_sts_opencap_s4/squats1_manual_scaling_ik.mot",
    "squat_sts_opencap_s4, sit-to-stand": "squat_sts_opencap_s4/STS1_manual_scaling_ik.mot",
    "sprint_emg_ja1": "sprint_emg_ja1",
    "lift_squat5kg_backmodel": "lift_squat5kg_backmodel",
}
#: Largest array of one batch, bytes.
BATCH_BYTES = 64e6
#: The line below which the table stands in the docs.
MARK = "<!-- table -->"
PARTS = ("stationarity", "feasibility", "complementarity")


@dataclass(frozen=True)
class Row:
    """The worst certificates of one movement under all its conditions.

    `worst` are the three parts' largest values, `where` group, side, loss and frame of the largest of them;
    `slowest` is the largest number of Newton steps; `violations` counts solved problems above the tolerance.
    """

    movement: str
    muscles: int
    frames: int
    conditions: int
    worst: tuple[float, float, float]
    where: str
    slowest: int
    violations: int
    seconds: float

    @property
    def problems(self) -> int:
        """Frames times conditions."""
        return self.frames * self.conditions


@dataclass(frozen=True)
class Case:
    """A group weakened on one side or both: which muscles (M,) it hits, and how much is lost."""

    name: str
    hit: np.ndarray
    loss: float


def list_cases(mechanics: Mechanics, losses: Sequence[float] = LOSSES) -> list[Case]:
    """Return the undisturbed movement and every group of the body, right and on both sides, at each loss."""
    body = mechanics.body
    names = np.array(body.muscle_names)
    cases = [Case("undisturbed", np.zeros(len(names), bool), 0.0)] if 0.0 in losses else []
    for group in body.groups:
        right, both = (np.isin(names, body.resolve(group, side=side)) for side in ("r", "both"))  # type: ignore[arg-type]
        targets = [(f"{group}, right", right)] + ([(f"{group}, both", both)] if (both != right).any() else [])
        cases += [Case(f"{name}, loss {x:g}", hit, x) for name, hit in targets for x in losses if x > 0.0]
    return cases


def sweep(name: str, mechanics: Mechanics, losses: Sequence[float] = LOSSES) -> Row:
    """Solve every frame of a movement under every case, and keep the worst certificates."""
    start = clock.perf_counter()
    posed = make_frames(name, mechanics)
    A, S, b = posed.A, posed.S, posed.b
    frames, muscles = len(b), A.shape[2]
    cases = list_cases(mechanics, losses)
    worst, where, slowest, violations = np.zeros(3), "", 0, 0
    step = max(1, int(BATCH_BYTES / A.nbytes))
    for first in range(0, len(cases), step):
        batch = cases[first : first + step]
        left = np.array([np.where(case.hit, 1.0 - case.loss, 1.0) for case in batch])
        shape = (len(batch) * frames, muscles)
        solution = solve_frames(
            (A * left[:, None, None]).reshape(shape[0], *A.shape[1:]),
            np.tile(S, (len(batch), 1, 1)),
            np.tile(b, (len(batch), 1)),
            np.zeros(shape),
            np.ones(shape),
            np.ones(shape),
            reserve_cost=posed.reserve_cost,
            support_cost=posed.support_cost,
            support_scale=posed.support_scale,
        )
        parts = np.array([getattr(solution, part) for part in PARTS])
        each = parts.max(axis=0)
        top = int(np.argmax(each))  # a NaN is the largest of all
        if not each[top] <= worst.max():
            case, frame = batch[top // frames], top % frames
            where = f"{case.name}, {mechanics.time[frame]:.3f} s"
        worst = np.maximum(worst, parts.max(axis=1))
        slowest = max(slowest, int(solution.iterations.max()))
        violations += int(np.sum(~(each <= TOLERANCE)))
    return Row(
        name,
        muscles,
        frames,
        len(cases),
        (float(worst[0]), float(worst[1]), float(worst[2])),
        where,
        slowest,
        violations,
        clock.perf_counter() - start,
    )


def load_movements(data: Path | None, *, every: int = 1) -> Iterator[tuple[str, Mechanics]]:
    """Give the mechanics of every built-in task and, from `data`, of every `every`-th frame of each recording."""
    body = gluteal.load_body("myo")
    for task in list_tasks():
        yield task.name, gluteal.compute_mechanics(body, gluteal.load_task(task.name, body))
    if data is None:
        return
    for name, path in TRIALS.items():
        trial = load_trial(data / path)
        yield name, gluteal.compute_mechanics(trial.body, trial.movement.take(slice(None, None, every)))


def render(rows: Sequence[Row], *, losses: Sequence[float] = LOSSES) -> str:
    """Return the rows as a Markdown table, with the sum below."""
    lines = [
        "| movement | muscles | frames | conditions | stationarity | feasibility | complementarity | steps | > 1e-6 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        parts = " | ".join(f"{part:.1e}" for part in row.worst)
        lines.append(
            f"| {row.movement} | {row.muscles} | {row.frames} | {row.conditions} | {parts} "
            f"| {row.slowest} | {row.violations} |"
        )
    worst = max(rows, key=lambda row: max(row.worst))
    lines += [
        "",
        f"{sum(row.problems for row in rows):,} problems, losses {', '.join(f'{x:g}' for x in losses)}; "
        f"{sum(row.violations for row in rows)} above {TOLERANCE:.0e}. The worst, {max(worst.worst):.1e}: "
        f"{worst.movement}, {worst.where}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the sweep; exit with 1 where a certificate is above the tolerance."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.certificates", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of recordings")
    parser.add_argument("--every", type=int, default=1, help="keep every so many frames of the recordings")
    parser.add_argument("--out", type=Path, help=f"put the table into this file, below its line {MARK}")
    options = parser.parse_args()
    if options.out and MARK not in options.out.read_text(encoding="utf-8"):
        parser.error(f"{options.out} has no line {MARK}")
    rows = []
    for name, mechanics in load_movements(options.data, every=options.every):
        row = sweep(name, mechanics)
        rows.append(row)
        worst = f"{max(row.worst):.1e} ({row.where})"
        print(f"{name}: {worst}, {row.problems} problems, {row.seconds:.1f} s", file=sys.stderr)
    table = render(rows)
    if options.out:
        text = options.out.read_text(encoding="utf-8")
        head, mark, _ = text.partition(f"{MARK}\n")
        write_text(options.out, f"{head}{mark}\n{table}")
    print(table)
    return 1 if any(row.violations for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())

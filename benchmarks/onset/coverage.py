"""How often the 95 % interval of "rise" holds the truth, edge by edge, on bursts of recruited motor units.

python -m benchmarks.onset.coverage --seed 314159                # the held-out generator, docs/onset-coverage.csv
python -m benchmarks.onset.coverage --generator tuning --seed 104729     # the generator to tune on; prints only
python -m benchmarks.onset.coverage --generator random-phase --seed 3    # a third and harder one; prints only

Three generators: `benchmarks.onset.motor_units` judges and nothing is set on it; `benchmarks.onset.tuning` is the one
on which constants are found; `benchmarks.onset.random_phase` says how much depends on how units are made. A seed is
used for one judgement and named in docs/emg-onsets.md before it is run.

A cell is a drive at a level. It is off where its coverage differs from 95 % beyond chance: exact binomial, two-sided,
Holm's correction over all cells. Onset and offset of a record count as two.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import scipy
from docs.marks import render_table

from benchmarks.onset import random_phase
from benchmarks.onset.motor_units import DRIVES, make_recruited
from benchmarks.onset.signals import Record
from benchmarks.onset.tuning import LEVELS_DB, RISES, make_tuning
from gluteal.emg.onset import detect_bursts

ROOT = Path(__file__).parents[2]
#: Levels of the held-out generator's cells, dB.
HELD_OUT_DB = (6.0, 8.0, 10.0, 15.0, 20.0)
#: What an interval promises, the bounds a cell should lie in, and the level of the test of a cell, all as shares.
PROMISED, BOUNDS, ALPHA = 0.95, (0.93, 0.97), 0.05


@dataclass(frozen=True)
class Edge:
    """One true edge and what was said about it, s; outward is early for an onset and late for an offset.

    Attributes
    ----------
    outward : bool
        Whether the truth lies outside the interval on its outer side.
    inward : bool
        Whether it lies outside on its inner side.
    error, width : float
        Estimate minus truth, positive inward; length of the interval.
    """

    side: str
    outward: bool
    inward: bool
    error: float
    width: float

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return not (self.outward or self.inward)


@dataclass(frozen=True)
class CellCoverage:
    """Edges of one cell, and how many had no interval because the burst was not found or runs off the record."""

    drive: str
    snr_db: float
    edges: tuple[Edge, ...]
    missed: int

    def share(self, side: str | None = None) -> float:
        """Coverage over the edges of a side, or of both."""
        return float(np.mean([e.covered for e in self.edges if side in (None, e.side)]))

    @property
    def chance(self) -> float:
        """How often chance makes a true 95 % differ by as much: exact binomial, two-sided."""
        held = sum(e.covered for e in self.edges)
        return float(scipy.stats.binomtest(held, len(self.edges), PROMISED).pvalue)

    def row(self) -> dict[str, object]:
        """Scores by name; times in ms, shares in %."""
        onsets, offsets = ([e for e in self.edges if e.side == side] for side in ("onset", "offset"))
        return {
            "drive": self.drive,
            "snr_db": self.snr_db,
            "edges": len(self.edges),
            "missed": self.missed,
            "median_ms": 1e3 * float(np.median([abs(e.error) for e in self.edges])),
            "interval_ms": 1e3 * float(np.median([e.width for e in self.edges])),
            "coverage_percent": 100 * self.share(),
            "onset_coverage_percent": 100 * self.share("onset"),
            "offset_coverage_percent": 100 * self.share("offset"),
            "onset_outward_percent": 100 * float(np.mean([e.outward for e in onsets])),
            "onset_inward_percent": 100 * float(np.mean([e.inward for e in onsets])),
            "offset_outward_percent": 100 * float(np.mean([e.outward for e in offsets])),
            "offset_inward_percent": 100 * float(np.mean([e.inward for e in offsets])),
            "chance": self.chance,
        }


def edges_of(record: Record) -> list[Edge]:
    """Both edges of a record with one burst, none where it was not found or an end of it has no interval."""
    found = detect_bursts(record.signal, record.rate, max_bursts=1).bursts
    if not found:
        return []
    burst, out = found[0], []
    for side, at, (low, high), truth, sign in (
        ("onset", burst.onset_s, burst.onset_interval_s, float(record.onset[0]), 1.0),
        ("offset", burst.offset_s, burst.offset_interval_s, float(record.offset[0]), -1.0),
    ):
        if np.isfinite([at, low, high]).all():
            before, after = truth < low, truth > high
            outward, inward = (before, after) if side == "onset" else (after, before)
            out.append(Edge(side, bool(outward), bool(inward), sign * (at - truth), high - low))
    return out


def _held_out(rng: np.random.Generator, *, rise: str, snr_db: float) -> Record:
    return make_recruited(rng, drive=next(d for d in DRIVES if d.name == rise), snr_db=snr_db)


#: How each generator makes a record of a rise and a level, and its rises and levels, dB.
GENERATORS: dict[str, tuple[Callable[..., Record], Sequence[str], Sequence[float]]] = {
    "held-out": (_held_out, [d.name for d in DRIVES], HELD_OUT_DB),
    "tuning": (make_tuning, list(RISES), LEVELS_DB),
    "random-phase": (random_phase.make_random_phase, list(random_phase.RISES), random_phase.LEVELS_DB),
}


def cell_of(task: tuple[str, int, int, int, int]) -> CellCoverage:
    """One cell: name of the generator, seed, records, number of the rise and of the level."""
    name, seed, count, i, j = task
    make, rises, levels = GENERATORS[name]
    rngs = (np.random.default_rng([seed, i, j, k]) for k in range(count))
    return gathered(rises[i], levels[j], (make(rng, rise=rises[i], snr_db=levels[j]) for rng in rngs))


def gathered(drive: str, snr_db: float, records: Iterable[Record]) -> CellCoverage:
    """Coverage over records with one burst each."""
    found = [edges_of(record) for record in records]
    edges = tuple(edge for both in found for edge in both)
    return CellCoverage(drive, snr_db, edges, 2 * len(found) - len(edges))


def off(cells: Sequence[CellCoverage]) -> list[CellCoverage]:
    """Cells that differ from 95 % beyond chance, by Holm's step-down correction over all of them."""
    out: list[CellCoverage] = []
    for i, cell in enumerate(sorted(cells, key=lambda c: c.chance)):
        if cell.chance > ALPHA / (len(cells) - i):
            break
        out.append(cell)
    return out


def write_csv(path: Path, cells: Iterable[CellCoverage]) -> None:
    """Write a row a cell, numbers to four digits."""
    rows = [cell.row() for cell in cells]
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)


def table(cells: Sequence[CellCoverage]) -> str:
    """Drives down, levels across: median error in ms, coverage in % and that of onsets and offsets, markdown."""
    drives, snrs = (list(dict.fromkeys(getattr(c, name) for c in cells)) for name in ("drive", "snr_db"))
    at = {(c.drive, c.snr_db): c.row() for c in cells}
    lines = [[drive, *(_entry(at[drive, snr]) for snr in snrs)] for drive in drives]
    return render_table(["drive", *(f"{s:g} dB" for s in snrs)], lines)


def _entry(row: dict[str, object]) -> str:
    both, onset, offset = (row[f"{side}coverage_percent"] for side in ("", "onset_", "offset_"))
    return f"{row['median_ms']:.1f} / **{both:.1f}** ({onset:.0f}, {offset:.0f})"


def sentence(cells: Sequence[CellCoverage]) -> str:
    """How many cells lie in their bounds, and which differ from 95 % beyond chance."""
    shares = [cell.share() for cell in cells]
    inside = sum(BOUNDS[0] <= share <= BOUNDS[1] for share in shares)
    edges = np.concatenate([[e.covered for e in c.edges] for c in cells])
    beyond = ", ".join(f"{c.drive} at {c.snr_db:g} dB ({100 * c.share():.1f} %)" for c in off(cells))
    return (
        f"{100 * edges.mean():.1f} % over {edges.size} edges; {inside} of {len(cells)} cells within "
        f"{100 * BOUNDS[0]:.0f} and {100 * BOUNDS[1]:.0f} %, all within {100 * min(shares):.1f} and "
        f"{100 * max(shares):.1f} %. Off 95 % beyond chance: {beyond or 'none'}."
    )


def main() -> None:
    """Run one generator with one seed and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onset.coverage", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--records", type=int, default=1000, help="a cell")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--generator", choices=list(GENERATORS), default="held-out", help="the others write nothing")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "onset-coverage.csv")
    given = parser.parse_args()
    sides = GENERATORS[given.generator][1:]
    tasks = [(given.generator, given.seed, given.records, i, j) for i, j in product(*map(range, map(len, sides)))]
    cells = []
    with ProcessPoolExecutor(given.workers) as pool:
        for cell in pool.map(cell_of, tasks):
            cells.append(cell)
            print(*cell.row().values(), sep=", ", file=sys.stderr, flush=True)
    if given.generator == "held-out":
        write_csv(given.out, cells)
    print(table(cells), sentence(cells), sep="\n\n")


if __name__ == "__main__":
    main()

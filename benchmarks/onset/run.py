"""Run the benchmark of onset detection and write its table and picture.

python -m benchmarks.onset            # all cells, some minutes; writes docs/onset-benchmark.csv and the picture
python -m benchmarks.onset --quick    # a few cells, seconds; prints, writes nothing
python -m benchmarks.onset --only rise    # all cells, one detector; the others keep their rows of the CSV (a record
                                          # depends on its cell and the cell's place among all, so theirs would
                                          # come out the same as long as the cells are those of the CSV)
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.onset.detectors import GAIT_ONLY, OURS, RIVALS, Detector, rivals_installed
from benchmarks.onset.score import Tally
from benchmarks.onset.signals import (
    BACKGROUNDS,
    BELLS,
    CARRIERS,
    GAIT_RECORDS,
    MARGIN,
    OFF_PRIOR,
    RAMPS,
    SHAPES,
    STEP,
    UNEQUAL,
    Record,
    background,
    carrier,
    conditioned,
    make_gait,
    make_record,
)

ROOT = Path(__file__).parents[2]
SNRS = (-3, 0, 3, 6, 8, 10, 15, 20, 30)


@dataclass(frozen=True)
class Cell:
    """One kind of record and how many of them; `shape` of a gait cell is "sigma alpha"."""

    table: str
    shape: str
    snr_db: float
    carrier: str = "gaussian"
    background: str = "none"
    rate: float = 2000.0
    bursts: int = 1
    records: int = 100
    detectors: str = "ours"

    def record(self, rng: np.random.Generator) -> Record:
        """One record of this kind."""
        if self.table == "gait":
            sigma, alpha = (float(v) for v in self.shape.split())
            return make_gait(rng, sigma=sigma, alpha=alpha, snr_db=self.snr_db, carrier_kind=self.carrier)
        if self.bursts == 0:
            n = round((self.snr_db + 2 * MARGIN) * self.rate)
            x = carrier(self.carrier, n, self.rate, rng) + background(self.background, n, self.rate, rng)
            none = np.empty(0)
            return Record(conditioned(x, self.rate), self.rate, none, none, none, none)
        return make_record(
            rng,
            shape=SHAPES[self.shape],
            snr_db=self.snr_db,
            carrier_kind=self.carrier,
            background_kind=self.background,
            rate=self.rate,
            bursts=self.bursts,
        )

    def chosen(self) -> dict[str, Detector]:
        """Detectors that are run."""
        if self.detectors == "rivals":
            return RIVALS
        return {**OURS, **GAIT_ONLY} if self.table == "gait" else OURS


def cells() -> list[Cell]:
    """All cells of the full run."""
    out = [Cell("shape", s, snr, carrier=c) for c in CARRIERS for s in _EQUAL for snr in SNRS]
    out += [Cell("shape", s, snr) for s in OFF_PRIOR for snr in SNRS]
    for background_kind in BACKGROUNDS[1:]:
        out += [Cell("background", s, snr, background=background_kind) for s in _FEW for snr in (6, 10, 20)]
    out += [Cell("rate", s, snr, rate=1000.0) for s in _FEW for snr in (6, 10, 20)]
    out += [Cell("bursts", s, snr, bursts=k) for k in (2, 3) for s in _FEW for snr in (6, 10, 20)]
    # Of a record without a burst, snr_db holds the duration in s.
    out += [
        Cell("no burst", "-", d, carrier=c, background=b, rate=r, bursts=0, records=n)
        for c, b, r, d, n in (
            *((c, "none", 2000.0, 3.0, 1000) for c in CARRIERS),
            *(("gaussian", b, 2000.0, 3.0, 1000) for b in BACKGROUNDS[1:]),
            ("gaussian", "none", 1000.0, 3.0, 1000),
            ("gaussian", "none", 2000.0, 10.0, 300),
            ("gaussian", "none", 2000.0, 60.0, 60),
        )
    ]
    out += [
        Cell("gait", f"{s} {a}", snr, records=GAIT_RECORDS)
        for s in (0.05, 0.10, 0.15)
        for a in (1.0, 1.5, 2.0, 2.4)
        for snr in (8, 10, 15, 20, 25, 30)
    ]
    out += [Cell("unequal", s.name, snr, bursts=k) for k in (1, 3) for s in UNEQUAL for snr in (6, 10, 20)]
    if rivals_installed():
        out += [Cell("shape", s, snr, records=20, detectors="rivals") for s in _FEW for snr in (6, 10, 20, 30)]
        out += [Cell("no burst", "-", 3.0, bursts=0, records=20, detectors="rivals")]
    return out


_FEW = (STEP.name, RAMPS[2].name, BELLS[1].name)
_EQUAL = tuple(s for s, shape in SHAPES.items() if s not in OFF_PRIOR and shape.fall is None)


def quick_cells() -> list[Cell]:
    """A few cells that take seconds."""
    out = [Cell("shape", s, snr, records=30) for s in _FEW for snr in (0, 6, 10, 20)]
    out += [Cell("no burst", "-", 3.0, bursts=0, records=100)]
    return [*out, *(Cell("gait", "0.1 1.5", snr, records=2) for snr in (8, 15))]


def run_cell(numbered: tuple[int, Cell, frozenset[str]]) -> list[dict[str, object]]:
    """Scores in one cell of the detectors named, or of every; all see the same records.

    They depend on the cell and its number, its place among all cells.
    """
    number, cell, only = numbered
    detectors = {name: detector for name, detector in cell.chosen().items() if not only or name in only}
    if not detectors:
        return []
    tallies = {name: Tally() for name in detectors}
    spent = dict.fromkeys(tallies, 0.0)
    for seed in np.random.SeedSequence([2026, number]).spawn(cell.records):
        record = cell.record(np.random.default_rng(seed))
        # Known rest: before the first possible onset; in gait from the start to before a burst can be.
        rest = slice(0, round((0.1 if cell.table == "gait" else 0.7) * cell.rate))
        for name, detector in detectors.items():
            started = time.process_time()
            rows = detector(record.signal, record.rate, rest)
            spent[name] += time.process_time() - started
            tallies[name].add(record, rows)
    what = {k: getattr(cell, k) for k in ("table", "shape", "snr_db", "carrier", "background", "rate", "bursts")}
    return [
        {**what, "detector": n, **t.row(), "ms_per_record": 1e3 * spent[n] / cell.records} for n, t in tallies.items()
    ]


def run(chosen: list[Cell], workers: int, only: frozenset[str] = frozenset()) -> list[dict[str, object]]:
    """Scores of all cells, in their order."""
    with ProcessPoolExecutor(workers) as pool:
        rows = []
        numbered = [(i, cell, only) for i, cell in enumerate(chosen)]
        for i, done in enumerate(pool.map(run_cell, numbered, chunksize=1), 1):
            rows += done
            if sys.stderr.isatty():
                print(f"\r{i} of {len(chosen)} cells", end="", file=sys.stderr)
    return rows


def merged(path: Path, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows of the CSV at path, cell by cell, with the new ones in place of those of the same cell and detector.

    Times stay those of the run that measured all detectors: those of two runs cannot be set side by side.
    """
    old = _read_csv(path)
    by_cell = {cell_key(row): {} for row in old}  # type: dict[tuple[object, ...], dict[object, dict[str, object]]]
    for row in [*old, *({k: _number(f"{v:.4g}" if isinstance(v, float) else v) for k, v in r.items()} for r in rows)]:
        known = by_cell.setdefault(cell_key(row), {})
        time = known.get(row["detector"], row)["ms_per_record"]
        known[row["detector"]] = {**row, "ms_per_record": time}
    return [row for cell in by_cell.values() for row in cell.values()]


def _read_csv(path: Path) -> list[dict[str, object]]:
    with path.open(newline="") as file:
        return [{k: _number(v) for k, v in row.items()} for row in csv.DictReader(file)]


def check_cells(path: Path) -> None:
    """End the program where the cells of the CSV at path are not those of `cells()`, in their order.

    The rivals' cells come last and may be missing on either side: no other cell's records depend on them.
    """
    there = list(dict.fromkeys(cell_key(row) for row in _read_csv(path) if row["detector"] not in RIVALS))
    if there != [cell_key(vars(cell)) for cell in cells() if cell.detectors != "rivals"]:
        raise SystemExit(
            f"The cells of {path.name} are not those of benchmarks/onset/run.py, so its records cannot be made again; "
            "run all detectors, without --only."
        )


def cell_key(row: dict[str, object]) -> tuple[object, ...]:
    """What tells cells apart; the rivals of other packages see fewer records, in cells of their own."""
    return (*(row[k] for k in ("table", "shape", "snr_db", "carrier", "background", "rate", "bursts", "records")),)


def _number(text: object) -> object:
    """A cell of the CSV as what it was."""
    try:
        value = float(str(text))
    except ValueError:
        return text
    return int(value) if str(text).lstrip("-").isdigit() else value


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    """Write all scores, numbers to four digits."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()})


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onset", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few cells; prints, writes nothing")
    parser.add_argument("--only", action="append", default=[], help="detector to run again; the others keep theirs")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    known = [*OURS, *GAIT_ONLY, *RIVALS]
    for name in given.only:
        if name not in known:
            parser.error(f"no detector is called {name!r}; there are: {'; '.join(known)}")
    table = ROOT / "docs" / "onset-benchmark.csv"
    if given.only and not given.quick:
        check_cells(table)
    started = time.perf_counter()
    rows = run(quick_cells() if given.quick else cells(), given.workers, frozenset(given.only))
    from benchmarks.onset.tables import plot, print_rows, write_tables

    if given.quick:
        print_rows(rows)
    else:
        rows = merged(table, rows) if given.only else rows
        write_csv(table, rows)
        write_tables(ROOT / "docs" / "emg-onsets.md", rows)
        plot(rows, ROOT / "docs" / "pictures" / "emg-onsets.png")
        if not rivals_installed():
            print("NeuroKit2 and BioSPPy are not installed: pip install 'gluteal[benchmarks]'.", file=sys.stderr)
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)

"""Tables and picture of the benchmark for docs/emg-onsets.md."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from docs.marks import put, render_table

from benchmarks.onset.detectors import ALL_KNOWN, BELLS_KNOWN, RECIPE_KNOWN
from benchmarks.onset.score import WIDTHS
from benchmarks.onset.signals import CARRIERS, GAIT_RECORDS, OFF_PRIOR, SHAPES

Row = dict[str, object]
#: A rival counts as the best in a cell only where its events can be used at all.
USABLE_F1 = 0.9
#: Errors this close are equal: one sample at 2 kHz, ms.
EQUAL = 0.5
#: What a 95 % interval should cover in each cell, %.
LEAST, MOST = 90, 98
#: Tables of records with bursts whose edges are scored one by one.
SCORED = ("shape", "background", "rate", "bursts", "unequal")


def number(row: Row, key: str) -> float:
    """Value of a score."""
    return float(row[key])  # type: ignore[arg-type]


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[k] for k in ("table", "shape", "snr_db", "carrier", "background", "rate", "bursts"))


def by_cell(rows: Iterable[Row], table: str) -> dict[tuple[object, ...], dict[str, Row]]:
    """Rows of a table by cell, then by detector."""
    out: dict[tuple[object, ...], dict[str, Row]] = {}
    for row in rows:
        if row["table"] == table:
            out.setdefault(_key(row), {})[str(row["detector"])] = row
    return out


def best_rival(cell: dict[str, Row]) -> Row | None:
    """Row of the smallest median error among the others that find the bursts and little else."""
    others = [r for n, r in cell.items() if n not in ("rise", BELLS_KNOWN) and number(r, "f1") >= USABLE_F1]
    return min(others, key=lambda r: number(r, "median_ms"), default=None)


def lost(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Ours and the rival in cells where a usable rival has a smaller median error."""
    out = []
    for table in SCORED:
        for cell in by_cell(rows, table).values():
            rival = best_rival(cell)
            if "rise" in cell and rival and number(cell["rise"], "median_ms") > number(rival, "median_ms") + EQUAL:
                out.append((cell["rise"], rival))
    return out


def _text(value: float) -> str:
    return "-" if math.isnan(value) else "miss" if math.isinf(value) else f"{value:.1f}"


def _table(head: list[str], body: Iterable[list[str]]) -> str:
    return render_table(head, body) + "\n"


def _grid(rows: list[Row], carrier: str, entry: Callable[[dict[str, Row]], str]) -> str:
    """Shapes down, SNR across; each entry from the cell's rows by detector."""
    cells = {k: v for k, v in by_cell(rows, "shape").items() if k[3] == carrier and "rise" in v}
    snrs = sorted({float(str(k[2])) for k in cells})
    shapes = [s for s in SHAPES if any(k[1] == s for k in cells)]
    at = {(str(k[1]), float(str(k[2]))): v for k, v in cells.items()}
    body = [[s, *(entry(at[s, snr]) for snr in snrs)] for s in shapes]
    return _table(["envelope", *(f"{s:g} dB" for s in snrs)], body)


def _ours_and_best(cell: dict[str, Row]) -> str:
    ours, rival = cell["rise"], best_rival(cell)
    text = f"**{_text(number(ours, 'median_ms'))}**"
    if gross := number(ours, "gross_percent"):
        text += f" ({gross:.0f} %)"
    return f"{text} / {_text(number(rival, 'median_ms')) if rival else '-'}"


def _name(row: Row) -> str:
    parts = [str(row["shape"]), f"{number(row, 'snr_db'):g} dB", str(row["carrier"])]
    parts += [str(row["background"])] * (row["background"] != "none")
    parts += ["1 kHz"] * (row["rate"] == 1000.0) + [f"{row['bursts']} bursts"] * (row["bursts"] != 1)
    return ", ".join(parts)


def sections(rows: list[Row]) -> str:
    """All tables as markdown."""
    out = [_targets(rows), "### Error of onset and offset, Gaussian carrier\n\n"
           "Median absolute error in ms, 100 records a cell: **rise** (share of gross errors, where there are "
           "any) / best published method of this package that "
           f"finds the bursts (F1 from {USABLE_F1}).\n", _grid(rows, "gaussian", _ours_and_best)]  # fmt: skip
    for carrier in CARRIERS[1:]:
        out += [f"### The same, {carrier} carrier\n", _grid(rows, carrier, _ours_and_best)]
    out += ["### Bias / SD / 95th percentile of the absolute error of rise, ms, Gaussian carrier\n\nPositive bias: "
            "onsets late, offsets early.\n",
            _grid(rows, "gaussian", lambda c: " / ".join(
                _text(number(c["rise"], k)) for k in ("bias_ms", "sd_ms", "p95_ms")))]  # fmt: skip
    for carrier in CARRIERS:
        out += [f"### Coverage of the 95 % interval in %, and its median width in ms, {carrier} carrier\n",
                _grid(rows, carrier, lambda c: f"{number(c['rise'], 'coverage_percent'):.0f} "
                      f"({number(c['rise'], 'interval_ms'):.0f})")]  # fmt: skip
    out += ["### Against the time of 10 % of the peak\n\nMedian absolute error of rise in ms when the true onset is "
            "taken where the envelope reaches 10 % of its peak.\n",
            _grid(rows, "gaussian", lambda c: _text(number(c["rise"], "median_to_tenth_ms")))]  # fmt: skip
    out += [
        _everyone(rows),
        _conditions(rows),
        _alarms(rows),
        _gait(rows),
        _calibration(rows),
        _uncovered(rows),
        _losses(rows),
    ]
    return "\n".join(out)


def _targets(rows: list[Row]) -> str:
    """What the project set out to reach, beside what was measured."""
    shape = [r for r in rows if r["table"] == "shape" and r["detector"] == "rise"]

    def worst(name: str, snr: float, key: str, carriers: tuple[str, ...] = CARRIERS) -> str:
        at = [r for r in shape if r["shape"] == name and number(r, "snr_db") >= snr and r["carrier"] in carriers]
        return " / ".join(f"{max(number(r, key) for r in at if r['carrier'] == c):.1f}" for c in carriers)

    def soft(name: str) -> str:
        at = {number(r, "snr_db"): r for r in shape if r["shape"] == name and r["carrier"] == "gaussian"}
        return ", ".join(f"{number(at[d], 'median_ms'):.1f} at {d:g} dB" for d in (6.0, 8.0, 10.0))

    cover = [number(r, "coverage_percent") for r in shape]
    alarms = {
        f"{r['carrier']}, {r['background']}": number(r, "alarmed_percent")
        for r in rows
        if r["table"] == "no burst" and r["detector"] == "rise"
    }
    worst_alarm = max(alarms, key=lambda k: alarms[k])

    def mean(snr: float, key: str, detector: str = "rise") -> float:
        at = [number(r, key) for r in rows if (r["table"], r["detector"], r["snr_db"]) == ("gait", detector, snr)]
        return sum(at) / len(at)

    gait_snrs = sorted({number(r, "snr_db") for r in rows if r["table"] == "gait"})

    def bias(snr: float, detector: str = "rise") -> float:
        return mean(snr, "mean_abs_bias_ms", detector)

    def by_snr(detector: str) -> str:
        return ", ".join(f"{bias(d, detector):.1f} at {d:g} dB" for d in (8, 10, 15, 20))

    by_width = "{:.1f} to {:.1f}".format(*(f(c for *_, c in widths(rows)) for f in (min, max)))
    within = sum(LEAST <= c <= MOST for c in cover)
    body = [
        ["steps from 6 dB: median, ms", "1.5", worst("step", 6, "median_ms")],
        ["steps from 6 dB: gross errors, %", "0", worst("step", 6, "gross_percent")],
        ["50 ms ramps from 10 dB: median, ms", "9", worst("ramp 50 ms", 10, "median_ms")],
        ["100 ms ramp, Gaussian: median, ms", "under 55 at 6, 44 at 10 dB", soft("ramp 100 ms")],
        ["bell of sigma 100 ms, Gaussian: median, ms", "under 31 at 6, 16 at 10 dB", soft("bell 100 ms")],
        ["gait, mean absolute bias, ms, over 8 to 30 dB", "6", f"{sum(map(bias, gait_snrs)) / len(gait_snrs):.1f}"],
        ["the same by SNR", "6 in each", by_snr("rise")],
        ["an estimator told the recipe (below)", "", by_snr(RECIPE_KNOWN)],
        ["one told the recipe and its period (below)", "", by_snr(ALL_KNOWN)],
        ["gait, F1 over samples", "0.91 from 8 dB", f"{mean(8, 'f1_samples'):.3f} at 8 dB"],
        ["95 % interval covers, %", "90-98", f"{sum(cover) / len(cover):.1f} over all; {min(cover):.0f} to "
         f"{max(cover):.0f} by cell, {within} of {len(cover)} cells within 90-98"],
        ["the same, by width of the interval (below)", "90-98", by_width],
        ["false alarms, % of records", "2", f"at most {alarms[worst_alarm]:.1f} ({worst_alarm})"],
    ]  # fmt: skip
    return (
        "### Targets\n\nThree numbers are for the Gaussian, Laplacian and motor-unit carrier, "
        "each at its worst SNR.\n\n" + _table(["what", "target", "measured"], body)
    )


def _everyone(rows: list[Row]) -> str:
    cells = {k: v for k, v in by_cell(rows, "shape").items() if k[3] == "gaussian"}
    chosen = [(s, snr) for s in ("step", "ramp 100 ms", "bell 100 ms") for snr in (6, 10, 20)]
    names = list(dict.fromkeys(n for (_, s, snr, *_), v in cells.items() if (s, snr) in chosen for n in v))
    at = {(s, snr): v for (_, s, snr, *_), v in cells.items()}
    body = []
    for name in names:
        entries = [
            f"{_text(number(r, 'median_ms'))} / {number(r, 'gross_percent'):.0f} / {number(r, 'f1'):.2f}"
            if (r := at[c].get(name))
            else "-"
            for c in chosen
        ]
        times = [number(at[c][name], "ms_per_record") / number(at[c]["rise"], "ms_per_record") for c in chosen
                 if name in at[c]]  # fmt: skip
        body.append([name, *entries, f"{sum(times) / len(times):.2g}"])
    head = ["detector", *(f"{s}, {snr} dB" for s, snr in chosen), "processor time over that of rise"]
    mean = sum(number(at[c]["rise"], "ms_per_record") for c in chosen) / len(chosen)
    return ("### Every detector: median absolute error in ms / gross errors in % / F1\n\n100 records a cell, 20 for "
            "NeuroKit2 and BioSPPy (the same kinds, other seeds). Processor time is of the same run: rise takes "
            f"{mean:.0f} ms for a record of 3 s at 2 kHz.\n\n" + _table(head, body))  # fmt: skip


def _conditions(rows: list[Row]) -> str:
    body = []
    for table in SCORED[1:]:
        for cell in by_cell(rows, table).values():
            ours, rival = cell["rise"], best_rival(cell)
            scores = [f"{number(ours, k):.3g}" for k in ("median_ms", "gross_percent", "f1", "coverage_percent")]
            theirs = f"{number(rival, 'median_ms'):.3g} ({rival['detector']})" if rival else "-"
            body.append([_name(ours), *scores, theirs])
    head = ["cell", "median, ms", "gross, %", "F1", "coverage, %", "best usable rival, ms"]
    return "### Backgrounds, 1 kHz, several bursts, unequal sides: rise\n\n" + _table(head, body)


def _alarms(rows: list[Row]) -> str:
    cells = by_cell(rows, "no burst")
    names = list(dict.fromkeys(n for v in cells.values() for n in v))
    body = []
    for cell in cells.values():
        first = next(iter(cell.values()))
        what = f"{number(first, 'snr_db'):g} s, {first['carrier']}, {first['background']}, {first['rate']:g} Hz"
        entries = [f"{number(cell[n], 'alarmed_percent'):.1f}" if n in cell else "-" for n in names]
        body.append([f"{what} ({first['records']})", *entries])
    return "### Records without a burst in which one is found, %\n\n" + _table(["record (number)", *names], body)


def _gait(rows: list[Row]) -> str:
    cells = by_cell(rows, "gait")
    snrs = sorted({float(str(k[2])) for k in cells})
    names = list(dict.fromkeys(n for v in cells.values() for n in v))
    body = []
    for name in names:
        for label, keep in (("all", (1.0, 1.5, 2.0, 2.4)), ("cut at 1 and 1.5 sigma", (1.0, 1.5))):
            entries = []
            for snr in snrs:
                at = [v[name] for k, v in cells.items() if k[2] == snr and float(str(k[1]).split()[1]) in keep]
                mean = {k: sum(number(r, k) for r in at) / len(at) for k in ("mean_abs_bias_ms", "f1_samples",
                                                                          "coverage_percent")}  # fmt: skip
                cover = "" if math.isnan(mean["coverage_percent"]) else f" / {mean['coverage_percent']:.0f}"
                entries.append(f"{mean['mean_abs_bias_ms']:.1f} / {mean['f1_samples']:.3f}{cover}")
            body.append([name, label, *entries])
    return ("### Cyclic gait: mean absolute bias in ms / F1 over samples / coverage in %\n\n20 cycles of 1 s, bells of "
            f"sigma 50, 100 and 150 ms cut at 1, 1.5, 2 and 2.4 sigma, {GAIT_RECORDS} records each; a bias is the mean "
            "signed error of a record's onsets, or of its offsets. The rows called bound are about what the "
            "signal allows at best: estimators that are told that all bursts are one of these twelve bells, the same "
            "one at all 40 edges; the last also that it recurs to the sample (benchmarks/onset/bound.py).\n\n"
            + _table(["detector", "bells", *(f"{s:g} dB" for s in snrs)], body))  # fmt: skip


def widths(rows: list[Row]) -> list[tuple[str, int, float]]:
    """Range of widths in ms, number of edges in all tables with intervals of such widths, and % of them covered."""
    ours = [r for r in rows if r["detector"] == "rise" and r["table"] in (*SCORED, "gait")]
    out = []
    for a, b in pairwise([*WIDTHS, None]):
        edges, covered = (sum(number(r, f"{what}_from_{a}_ms") for r in ours) for what in ("edges", "covered"))
        out.append((f"{a} to {b}" if b else f"{a} and more", int(edges), 100 * covered / edges if edges else math.nan))
    return out


def _calibration(rows: list[Row]) -> str:
    body = [[name, f"{edges}", f"{covered:.1f}"] for name, edges, covered in widths(rows)]
    return ("### What an interval of a given width covers\n\nOver all records with bursts of all tables. The width is "
            "what the reader of an interval sees; which shape the burst had nobody knows.\n\n"
            + _table(["width of the 95 % interval, ms", "edges", "covered, %"], body))  # fmt: skip


def _uncovered(rows: list[Row]) -> str:
    ours = [r for r in rows if r["detector"] == "rise" and r["table"] in SCORED]
    body = [
        [_name(r), f"{number(r, 'coverage_percent'):.1f}", f"{number(r, 'gross_percent'):.0f}"]
        for r in ours
        if not LEAST <= number(r, "coverage_percent") <= MOST
    ]
    head = f"### Cells where the interval covers less than {LEAST} or more than {MOST} %"
    return (f"{head}: {len(body)} of {len(ours)}\n\n"
            "Of 200 edges a cell (fewer where bursts are missed), for which 95 % has a standard error of 1.5 %.\n\n"
            + _table(["cell", "covered, %", "gross errors, %"], body))  # fmt: skip


def _losses(rows: list[Row]) -> str:
    body = [
        [_name(ours), _text(number(ours, "median_ms")), _text(number(rival, "median_ms")), str(rival["detector"])]
        for ours, rival in lost(rows)
    ]
    total = sum(len(by_cell(rows, t)) for t in SCORED)
    return (f"### Cells where a usable rival has a smaller median error: {len(body)} of {total}\n\n"
            + _table(["cell", "rise, ms", "rival, ms", "rival"], body))  # fmt: skip


def write_tables(path: Path, rows: list[Row]) -> None:
    """Put the tables between the marks of the page."""
    text = path.read_text()
    path.write_text(put(text, "benchmark", sections(rows).strip()))


def print_rows(rows: list[Row]) -> None:
    """Print the main scores."""
    for row in rows:
        print(
            f"{row['table']:<10}{row['shape']:<14}{row['snr_db']:>5} {row['detector']:<40}"
            f"median {number(row, 'median_ms'):6.1f} ms  gross {number(row, 'gross_percent'):4.0f} %  "
            f"F1 {number(row, 'f1'):5.2f}  coverage {number(row, 'coverage_percent'):4.0f} %  "
            f"alarmed {number(row, 'alarmed_percent'):4.0f} %"
        )


def plot(rows: list[Row], path: Path) -> None:
    """Median error over SNR of every method of the package, one panel per envelope, and coverage."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shapes = [s for s, shape in SHAPES.items() if s not in OFF_PRIOR and shape.fall is None]
    cells = {(k[1], k[2]): v for k, v in by_cell(rows, "shape").items() if k[3] == "gaussian" and "rise" in v}
    fig, axes = plt.subplots(3, 3, figsize=(11, 9), layout="constrained")
    for ax, shape in zip(axes.flat, shapes, strict=False):
        snrs = sorted(snr for s, snr in cells if s == shape)
        for name in next(iter(cells.values())):
            values = [number(cells[shape, snr][name], "median_ms") for snr in snrs]
            style = {"lw": 2.5, "color": "black", "zorder": 5} if name == "rise" else {"lw": 1.2, "alpha": 0.9}
            ax.plot(snrs, values, label=name, **style)
        ax.set(title=shape, yscale="log", ylim=(0.3, 600), xlabel="SNR, dB", ylabel="median |error|, ms")
    ax = axes.flat[len(shapes)]
    for shape in shapes:
        snrs = sorted(snr for s, snr in cells if s == shape)
        ax.plot(snrs, [number(cells[shape, snr]["rise"], "coverage_percent") for snr in snrs], label=shape, lw=1)
    ax.axhspan(90, 98, color="0.9")
    ax.set(title="coverage of rise's 95 % interval", ylim=(70, 101), xlabel="SNR, dB", ylabel="%")
    ax.legend(fontsize=6, ncols=2)
    axes.flat[0].legend(fontsize=7)
    fig.savefig(path, dpi=110)
    plt.close(fig)

"""Write the computed tables and pictures of ``docs/delay.md`` and ``docs/fatigue.md``.

Run from anywhere: ``python docs/make_timing.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import matplotlib
from docs.marks import fill, render_table

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from gluteal import compute_hold_band, compute_late_starts, compute_mechanics, find_criterion, load_body, load_task
from gluteal.anatomy import group_words
from gluteal.mechanics.build import Mechanics, alter_mechanics
from gluteal.nerves.fatigue import find_fatigue_rates, hold_time, list_fatigue_rates, people_hold
from gluteal.show.figures.endurance import plot_hold_time
from gluteal.show.pages.delays import save_delay_picture
from gluteal.simulate.endurance import Hold, compute_endurance
from gluteal.simulate.endurance_band import list_holding_times
from gluteal.words import SIDES, coordinate_words

HERE = Path(__file__).parent
LATE = {
    "prone-leg-lift": (),
    "rise-from-chair": ("glmax", "hamstrings", "vasti"),
    "onto-one-leg": ("glmed", "glmin", "tfl"),
}
HOLDS = (
    "bridge",
    "single-leg-bridge",
    "back-extension-hold",
    "prone-hip-extension",
    "side-lying-hip-abduction",
    "single-leg-stance",
    "forward-bend",
)
LOADS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
STRENGTHS = (0.5, 0.75, 1.0, 1.25)
RESTS = (0.0, 3.0, 6.0, 9.0, 60.0)  # minutes


def write_table(page: str, name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Put a table between its marks."""
    fill(HERE / page, {name: render_table(head, rows)})


def mechanics_of(task: str) -> Mechanics:
    """Return a built-in task on the embedded body."""
    body = load_body("myo")
    return compute_mechanics(body, load_task(task, body))


def tell_late_starts() -> None:
    """Write what late starts cost, and draw those of the lifted leg."""
    rows = []
    for task, targets in LATE.items():
        late = compute_late_starts(mechanics_of(task), *targets)
        if task == "prone-leg-lift":
            save_delay_picture(HERE / "pictures" / "late-starts.png", late)
        rows.append((f"`{task}`", "nothing", "", "", f"{late.early_hip_bw:.2f}", f"{late.peak_hip_bw:.2f}", "", ""))
        for row in late.rows:
            rows.append(
                (
                    "",
                    row.name,
                    f"{1000 * row.seconds:.0f}",
                    f"{100 * (row.effort_ratio - 1):+.1f} %",
                    f"{row.early_hip_bw:.2f}",
                    f"{row.peak_hip_bw:.2f}",
                    f"{row.missing:.1f}" if row.verdict == "impossible" else "",
                    ", ".join(group_words(n) for n, _ in row.helpers[:2]),
                )
            )
    head = ("movement", "late", "ms", "effort", "hip, first 150 ms", "hip, peak", "missing, N·m", "does more at first")
    write_table("delay.md", "late starts", head, rows)


def tell_curve() -> None:
    """Write the model beside people's holding times by region and load, and draw the general one."""
    rows = []
    for rates in list_fatigue_rates():
        errors = [100 * (float(hold_time(x, rates) / people_hold(x, rates)) - 1) for x in LOADS]
        rows.append((rates.region, *(f"{e:+.0f} %" if np.isfinite(e) else "endless" for e in errors)))
    write_table("fatigue.md", "curve", ("region", *(f"{100 * x:.0f} %" for x in LOADS)), rows)
    plot_hold_time()
    plt.savefig(HERE / "pictures" / "endurance-curve.png", dpi=110)
    plt.close()
    table = [
        (r.region, f"{r.fatigue:.5f}", f"{r.recovery:.5f}", f"{r.rest:g}", f"{100 * r.sustained:.1f} %")
        for r in list_fatigue_rates()
    ]
    write_table("fatigue.md", "rates", ("region", "F, 1/s", "R, 1/s", "r", "for ever"), table)


def tell_holds() -> None:
    """Write how long the body holds postures, where it fails, who takes over, and the bands."""
    rows, bands = [], []
    for task in HOLDS:
        mechanics = mechanics_of(task)
        held = hold(mechanics)
        groups = held.groups
        most, least = groups.loc[groups["change"].idxmax()], groups.loc[groups["change"].idxmin()]
        people = " and ".join(f"{r['holding_s']:.0f} ± {r['sd_s']:.0f}" for r in list_holding_times(task)) or "-"
        band = compute_hold_band(task).judged
        rows.append(
            (
                f"`{task}`",
                say(held.seconds),
                coordinate_words(held.coordinate) if held.coordinate else "-",
                f"{say(band[0])} to {say(band[-1])}",
                people,
                *(
                    f"{SIDES[g['side']]}{group_words(g['name'])} {100 * g['fresh']:.0f} → {100 * g['tired']:.0f} %"
                    for g in (least, most)
                ),
            )
        )
        size = compute_endurance(
            mechanics.body, mechanics.movement, mechanics=mechanics, criterion=find_criterion("size")
        )
        weak = [say(hold(of_strength(mechanics, s)).seconds) for s in STRENGTHS]
        bands.append((f"`{task}`", *weak, say(size.seconds)))
    head = ("posture", "s", "fails at", "24 bodies", "people", "gives way", "takes over")
    write_table("fatigue.md", "holds", head, rows)
    head = ("posture", *(f"strength × {s:g}" for s in STRENGTHS), "`size`, strength × 1")
    write_table("fatigue.md", "strength", head, bands)


def tell_recovery() -> None:
    """Write how long a second back extension hold lasts after a rest."""
    mechanics = mechanics_of("back-extension-hold")
    first = hold(mechanics)
    again = [
        compute_endurance(mechanics.body, mechanics.movement, mechanics=mechanics, rested=first, rest=60 * m).seconds
        for m in RESTS
    ]
    fast = find_fatigue_rates("trunk")
    left = [float(np.exp(-15 * fast.recovery * 60 * m)) for m in RESTS]
    rows = [
        ("second hold, share of the first", *(f"{100 * s / first.seconds:.0f} %" for s in again)),
        ("fatigued share left, were r = 15", *(f"{100 * x:.0f} %" for x in left)),
    ]
    write_table("fatigue.md", "recovery", ("rest", *(f"{m:g} min" for m in RESTS)), rows)


def hold(mechanics: Mechanics) -> Hold:
    """Hold it by least effort."""
    return compute_endurance(mechanics.body, mechanics.movement, mechanics=mechanics)


def of_strength(mechanics: Mechanics, share: float) -> Mechanics:
    """Return the mechanics of a body whose muscles are all so many times as strong."""
    table = mechanics.body.muscles
    stronger = table.assign(max_isometric_force=share * table["max_isometric_force"])
    return alter_mechanics(mechanics, muscles=stronger)


def say(seconds: float) -> str:
    """Say a holding time."""
    return f"{seconds:.0f}" if np.isfinite(seconds) else "> 3600"


if __name__ == "__main__":
    tell_late_starts()
    tell_curve()
    tell_holds()
    tell_recovery()

"""Write the computed tables of ``docs/study-planning.md`` and ``docs/causes.md``, and the picture of the latter.

Run from anywhere: ``python docs/make_study_tables.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import matplotlib
from docs.marks import fill, render_table

matplotlib.use("Agg")

from gluteal.ledger.evidence.causes import CauseDesigns, compute_cause_designs
from gluteal.ledger.evidence.planning import GroupDesign, StudyDesign, plan_study, sem_from_icc, true_spread
from gluteal.ledger.evidence.study_review import find_spread, review_studies
from gluteal.show.figures.causes import plot_cause_designs

HERE = Path(__file__).parent
#: Share of the variance of an onset that is true; 0.50 to 0.58 for the time of peak in gait (Sadler et al. 2020).
RELIABLE = 0.55
#: Error of one strength test, % (Cerda Vega 2018, side-lying).
SIDE_LYING = 9.8


def tell_delays() -> str:
    """People needed to see a delay of gluteus maximus, by the two published spreads."""
    rows = []
    for source, what in (
        ("lewis2009", "gluteus maximus, no cue"),
        ("suehiro2015", "gluteus maximus, knee flexed hip neutral"),
    ):
        met = find_spread(source, what).sd
        sem = sem_from_icc(met, RELIABLE)
        spread = true_spread(met, sem=sem, trials=1)
        for trials in (1, 10):
            study = StudyDesign(spread=spread, sem=sem, trials=trials, unit="ms")
            people = [str(plan_study(study, delay).people) for delay in (20.0, 34.0, 50.0, 100.0)]
            rows.append([f"{source}: {met:g} ms", str(trials), *people])
    return render_table(("spread met with one trial", "trials", "20 ms", "34 ms", "50 ms", "100 ms"), rows)


def tell_losses() -> str:
    """People needed to see a loss of hip abduction strength, by design."""
    published = find_spread("powers2017", "hip abduction isometric, male soccer players not sprained")
    met = 100.0 * published.sd / published.mean
    spread = true_spread(met, sem=SIDE_LYING, trials=1)
    kinds: dict[str, GroupDesign] = {
        "two groups": "two groups",
        "two sides of the same people": "paired",
        "cohort, 12 % have the event": "cohort",
    }
    rows = []
    for words, kind in kinds.items():
        for trials in (1, 3):
            study = StudyDesign(spread=spread, sem=SIDE_LYING, trials=trials, unit="%", kind=kind, incidence=0.12)
            rows.append([words, str(trials), *(str(plan_study(study, loss).people) for loss in (5.0, 10.0, 20.0))])
    return render_table(("design", "trials", "loss of 5 %", "10 %", "20 %"), rows)


def tell_reviewed() -> str:
    """What the studies on the claims could have seen."""
    rows = []
    for r in review_studies():
        seen, unit = (
            r.detectable,
            r.detectable.design.unit.replace("pct_bw", "% of body weight").replace("pct_rms", "% RMS"),
        )
        chance = "" if r.reported is None else f"{r.reported.effect:.3g} {unit}: {100 * r.reported.power:.0f} %"
        first, second = seen.design.split(seen.people)
        people = str(first) if seen.design.kind == "paired" else f"{first}, {second}"
        rows.append([r.study, r.quantity, people, f"{seen.effect:.3g} {unit}", chance, r.claim])
    return render_table(("study", "compares", "people", "sees from", "reports, and chance to see that", "claim"), rows)


def tell_chances(designs: CauseDesigns) -> str:
    """What every design finds in every world, %."""
    worlds = [w.name for w in designs.assumptions.worlds()]
    rows = []
    for d in designs.discriminations():
        cells = []
        for world in designs.assumptions.worlds():
            found = f"{100 * designs.chance(d.design.name, world.name, d.people):.0f}"
            cells.append(f"**{found}**" if world.has(d.design.arrow) else found)
        rows.append([d.design.name, d.design.arrow, str(d.people), *cells, f"{100 * d.right:.0f}"])
    return render_table(("design", "looks for", "people", *worlds, "right"), rows)


def main() -> None:
    """Compute and write everything."""
    fill(HERE / "study-planning.md", {"delays": tell_delays(), "losses": tell_losses(), "reviewed": tell_reviewed()})
    designs = compute_cause_designs()
    fill(HERE / "causes.md", {"chances": tell_chances(designs)})
    plot_cause_designs(designs).figure.savefig(HERE / "pictures" / "causes.png", dpi=110)


if __name__ == "__main__":
    main()

"""Make the tables of docs/body-hip.md: the bodies beside what was measured, the difference said whatever it is.

    python docs/make_body.py [EVIDENCE]    # rewrites what stands between the page's marks; about three minutes

EVIDENCE is a folder with ``hip_contact_force_in_vivo.csv``; without it that table says so.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import xarray as xr
from docs.marks import fill, render_table

import gluteal
from gluteal.engines import compute_bodies, compute_mechanics, load_bodies, load_body, segment_points
from gluteal.files import read_rows, read_table_text
from gluteal.held_against.hip_arms import compare_hip_arms
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import list_walkers, load_task
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.sharing.tolerance import rank_tolerance
from gluteal.simulate.ensemble import simulate_ensemble
from gluteal.simulate.ensemble_range import ask_bodies, measure_ensemble

PAGE = Path(__file__).parent / "body-hip.md"
HIPS = ("dostal1981", "tlem2", "tlem2.1", "delp1990", "rajagopal2016", "uhlrich2022")
BLOCK = gluteal.Condition.block
#: Angle between the femur's mechanical axis and its shaft, by which the frame of the implants leans, rad: 43 mm of
#: femoral offset over 410 mm of thigh.
SHAFT = float(np.arctan2(0.043, 0.41))
CONDITIONS = {
    "superior gluteal nerve, 46 %": ("walk", BLOCK("superior gluteal", loss=0.46, side="r")),
    "superior gluteal nerve, 100 %": ("walk", BLOCK("superior gluteal", loss=1.0, side="r")),
    "gluteus maximus, 100 %": ("walk", BLOCK("inferior gluteal", loss=1.0, side="r")),
    "hip abduction strength, 46 %": ("walk", gluteal.Condition.strength_loss("hip abduction", loss=0.46, side="r")),
    "single-leg stance, nerve 52 %": ("single-leg-stance", BLOCK("superior gluteal", loss=0.52, side="r")),
}
STRENGTHS = {
    "hip abduction": "1.1 to 1.7 clinical, 2.0 to 3.2 hand-held and long lever (soccer)",
    "hip adduction": "2.4 to 3.3 hand-held and long lever (soccer)",
    "hip extension": "2.8 (0.8) dynamometer, 18 to 25 years; 1.2 to 1.5 runners",
    "hip flexion": "2.0 (0.5) dynamometer, 18 to 25 years",
    "hip internal rotation": "0.53 (1.5 N/kg at an assumed 0.35 m)",
    "hip external rotation": "0.53 (1.5 N/kg at an assumed 0.35 m)",
    "knee extension": "2.4 women, 3.2 men, meta-analysis",
    "knee flexion": "1.2 to 1.6, meta-analysis and dynamometer",
}
#: Built-in task -> the same exercise, or nearly so, in the table of published EMG.
EXERCISES = {
    "clam": ("clam (hip flexion angle A)", "clam (hip flexion angle B)", "side-lying clam"),
    "bridge": ("bridge two legs",),
    "side-lying-hip-abduction": ("side-lying hip abduction",),
    "step-up": ("forward step-up body weight", "lateral step-up body weight", "lateral step-up"),
    "squat": ("overhead squat", "back squats (all variations)"),
}
#: Moment of a band about each hip that abductors pull against, N m: 75 N at the knee. Our choice.
BAND = 30.0
TARGETS = (
    *("glmax", "hip-extensors", "vasti", "quadriceps", "superior gluteal nerve"),
    *("hip-abductors", "hip-flexors", "plantarflexors"),
)


def arms() -> str:
    """Set every hip's arms beside cadavers and measurements."""
    sources = ("dostal1981", "carbone2015", "nemeth1985", "arnold2000", "blemker2005")
    rows = []
    for hip in HIPS:
        found = compare_hip_arms(load_body("myo", hip=hip))
        cells = [" / ".join(f"{r['rms_mm']:.1f}" for r in found if r["source"] == source) or "-" for source in sources]
        rows.append([f"`{hip}`", *cells])
    head = (
        "hip",
        "Dostal",
        "TLEM 2.0",
        "gluteus maximus, medius in vivo",
        "psoas, 3 specimens",
        "outside bands of fibres",
    )
    return render_table(head, rows)


def verdicts() -> str:
    """Ask all bodies and walkers."""
    rows = []
    for label, (task, condition) in CONDITIONS.items():
        found = simulate_ensemble(task, condition=condition)
        can = sum(reading.possible is True for reading in found.readings)
        said = [found.by_source[line] for line in ("dostal", "tlem", "delp")]
        rows.append(
            [label, len(found.readings), f"{can} ({found.undecided} not decided)", *said, f"**{found.verdict}**"]
        )
    return render_table(("condition", "readings", "can do it", "Dostal", "TLEM", "Delp's lineage", "verdict"), rows)


def hip_peaks(solved: Solution) -> tuple[float, float]:
    """Return the two peaks of the right hip's force in walking, body weights: before and after 30 % of the cycle."""
    loads = compute_joint_loads(solved)
    force = loads["joint_load"].sel(joint="hip_r").values / loads.attrs["body_weight_N"]
    share = np.linspace(0.0, 1.0, len(force))
    return float(force[share < 0.3].max()), float(force[(share >= 0.3) & (share < 0.65)].max())


def on_the_head(solved: Solution) -> np.ndarray:
    """Return the force on the right femoral head at its peak, body weights, in the implants' frame (3,).

    Lateral, anterior, up along the femur's shaft.
    """
    loads = compute_joint_loads(solved)
    top = int(loads["joint_load"].sel(joint="hip_r").values.argmax())
    world = -loads["world_force"].sel(joint="hip_r").values[top] / loads.attrs["body_weight_N"]
    body, movement = solved.mechanics.body, solved.mechanics.movement
    posture = movement.coordinates.sel(coordinate=list(body.coordinate_names)).values[top]
    ends = [("femur_r", (0.0, 0.0, 0.0)), *(("femur_r", tuple(axis)) for axis in np.eye(3).tolist())]
    origin, *axes = segment_points(body, posture, ends)
    forward, up, right = ((axis - origin) @ world for axis in axes)
    cosine, sine = np.cos(SHAFT), np.sin(SHAFT)
    return np.array([cosine * right - sine * up, forward, cosine * up + sine * right])


def in_vivo(folder: Path | None, activity: str) -> np.ndarray | None:
    """Return the forces on ten people's implants (N, 3), body weights; None without the table."""
    if folder is None:
        return None
    with (folder / "hip_contact_force_in_vivo.csv").open(encoding="utf-8") as text:
        rows = [row for row in csv.DictReader(text) if row["activity"] == activity]
    names = ("fx_lateral_percent_bw", "fy_anterior_percent_bw", "fz_up_percent_bw")
    return np.array([[float(row[name]) for name in names] for row in rows]) / 100.0


def hip_forces(folder: Path | None) -> str:
    """Set hip forces of every hip beside instrumented ones, with the angle between them."""
    rows = []
    people = {
        task: in_vivo(folder, activity)
        for task, activity in (("walk", "level walking"), ("single-leg-stance", "one-legged stance"))
    }
    for task, measured in people.items():
        for hip in HIPS:
            body = load_body("myo", hip=hip)
            solved = solve_sharing(compute_mechanics(body, load_task(task, body)))
            vector = on_the_head(solved)
            size = (
                " / ".join(f"{v:.2f}" for v in hip_peaks(solved)) if task == "walk" else f"{np.linalg.norm(vector):.2f}"
            )
            angle = "-"
            if measured is not None:
                mean = measured.mean(axis=0)
                turned = vector @ mean / np.linalg.norm(vector) / np.linalg.norm(mean)
                angle = f"{np.degrees(np.arccos(turned)):.0f}°"
            rows.append([task, f"`{hip}`", size, " / ".join(f"{v:+.2f}" for v in vector), angle])
        if measured is not None:
            sizes = np.linalg.norm(measured, axis=1)
            mean = " / ".join(f"{v:+.2f}" for v in measured.mean(axis=0))
            rows.append([task, "ten people with implants", f"{sizes.min():.2f} to {sizes.max():.2f}", mean, ""])
    head = (
        "movement",
        "hip",
        "peak, body weights",
        "lateral / anterior / up, on the head",
        "from people's mean direction",
    )
    return render_table(head, rows)


def strengths() -> str:
    """Set strengths over all bodies beside what people read on which device."""
    rows = []
    for movement, people in STRENGTHS.items():
        found = measure_ensemble(movement)
        fitted = [value for body, value in found.values.items() if body.endswith("-fitted")]
        plain = [value for body, value in found.values.items() if not body.endswith("-fitted")]
        spans = [f"{min(values):.2f} to {max(values):.2f}" for values in (plain, fitted)]
        rows.append([movement, *spans, people])
    return render_table(("movement", "as modelled, N m/kg", "fitted, N m/kg", "people, N m/kg"), rows)


def lumbar() -> str:
    """Say how weak gluteals change the load on L5/S1: mean over time, range over bodies, by lineage."""
    rows = []
    for task in ("walk", "single-leg-stance"):
        condition = BLOCK("superior gluteal", loss=0.46, side="r")

        def measure(mechanics: gluteal.Mechanics, condition: gluteal.Condition = condition) -> dict[str, float]:
            baseline = solve_sharing(mechanics)
            changed = solve_sharing(mechanics, condition=condition, undisturbed=baseline)
            before, after = (
                compute_joint_loads(s)["joint_load"].sel(joint="lumbosacral").values for s in (baseline, changed)
            )
            change = after / before - 1.0
            return {
                "mean": 100.0 * float(after.mean() / before.mean() - 1.0),
                "rise": 100.0 * float(change.max()),
                "fall": 100.0 * float(change.min()),
            }

        bodies = [body for body in load_bodies() if not body.name.endswith("-fitted")]
        found = ask_bodies(measure, task, bodies=bodies)
        spans = [f"{r.low:+.1f} to {r.high:+.1f} %" for r in (found["mean"], found["rise"], found["fall"])]
        rows.append([task, *spans])
    return render_table(("movement", "mean", "largest rise at any time", "largest fall"), rows)


def exercises() -> str:
    """Set activations of every hip beside EMG of exercises."""
    rows = []
    for task in EXERCISES:
        home = load_body("myo")
        movement = load_task(task, home)
        peaks: dict[str, list[float]] = {}
        bodies = [body for body in load_bodies() if not body.name.endswith("-fitted")]
        for mechanics in compute_bodies(bodies, movement):
            for group, value in group_peaks(mechanics.body, solve_sharing(mechanics)).items():
                peaks.setdefault(group, []).append(value)
        cells = [f"{min(peaks[g]):.2f} to {max(peaks[g]):.2f}" for g in ("glmax", "glmed", "glmin", "piri", "rotators")]
        rows.append([task, *cells, published_emg(task)])
    head = ("exercise", "gluteus maximus", "medius", "minimus", "piriformis", "deep rotators", "EMG, maximus / medius")
    return render_table(head, rows)


def bands() -> str:
    """Try what people add in exercises: a band against abduction, and pelvis and trunk held by somebody."""
    rows = []
    bodies = [body for body in load_bodies() if not body.name.endswith("-fitted")]
    for task in ("clam", "bridge"):
        movement = load_task(task, load_body("myo"))
        found: dict[str, dict[str, list[float]]] = {}
        for mechanics in compute_bodies(bodies, movement):
            data = mechanics.dataset
            names = [str(name) for name in data["coordinate"].values]
            pull = xr.DataArray(
                [BAND if name.startswith("hip_adduction_") else 0.0 for name in names],
                coords={"coordinate": data["coordinate"]},
            )
            free = [not name.startswith(("pelvis_", "lumbar_")) for name in names]
            variants = {
                "as it is": {},
                f"band, {BAND:g} N m of abduction": {"joint_moment": data["joint_moment"] - pull},
                "pelvis and trunk held": {"recruited": data["recruited"] & free},
            }
            for label, changed in variants.items():
                solved = solve_sharing(replace(mechanics, dataset=data.assign(changed)))
                for group, value in group_peaks(mechanics.body, solved).items():
                    found.setdefault(label, {}).setdefault(group, []).append(value)
        for label, peaks in found.items():
            cells = [f"{min(peaks[g]):.2f} to {max(peaks[g]):.2f}" for g in ("glmax", "glmed", "piri")]
            rows.append([task, label, *cells, published_emg(task)])
    head = ("exercise", "how", "gluteus maximus", "medius", "piriformis", "EMG, maximus / medius")
    return render_table(head, rows)


def group_peaks(body: Body, solved: Solution) -> dict[str, float]:
    """Return the peak of the stronger side of each group, its parts weighted by strength."""
    activation = solved.dataset["activation"].values
    strength = body.muscles["max_isometric_force"].values
    members = {
        **{name: (name,) for name in ("glmax", "glmed", "glmin", "piri")},
        "rotators": ("obtint", "obtext", "gemsup", "geminf", "quadfem"),
    }
    found = {}
    for group, names in members.items():
        sides = []
        for side in "rl":
            own = [i for i, m in enumerate(body.muscle_names) if m.endswith(f"_{side}") and m.startswith(names)]
            sides.append(float(np.average(activation[:, own], axis=1, weights=strength[own]).max()))
        found[group] = max(sides)
    return found


def published_emg(task: str) -> str:
    """Say the range of published means of gluteus maximus and medius in an exercise, share of the maximum."""
    rows = read_rows(read_table_text("gluteal.sources.published", "exercise_emg.csv"))
    cells = []
    for muscle in ("gluteus_maximus", "gluteus_medius"):
        own = [r for r in rows if r["muscle"] == muscle and r["exercise"] in EXERCISES[task]]
        ends = [float(r[k]) / 100.0 for r in own for k in ("pct_mvic_mean", "range_low", "range_high") if r[k]]
        cells.append(f"{min(ends):.2f} to {max(ends):.2f}" if ends else "-")
    return " / ".join(cells)


def tolerances() -> str:
    """Rank what walking tolerates to lose, in every walker on the representative body."""
    body = load_body("myo")
    rows = []
    for walker in list_walkers():
        ranking = rank_tolerance(compute_mechanics(body, load_task(walker, body)), *TARGETS, side="r")
        lost = {t.name: 1.0 if t.critical_loss is None else t.critical_loss for t in ranking.tolerances}
        rows.append([f"`{walker}`", *(f"{lost[name]:.2f}" for name in TARGETS)])
    return render_table(("walker", *TARGETS), rows)


def sections(folder: Path | None) -> Iterator[tuple[str, str]]:
    """Return every table by its mark in the page."""
    yield "arms", arms()
    yield "verdicts", verdicts()
    yield "hip force", hip_forces(folder)
    yield "strength", strengths()
    yield "lumbar", lumbar()
    yield "exercises", exercises()
    yield "band", bands()
    yield "tolerance", tolerances()


def main(folder: Path | None) -> None:
    """Write every table into the page."""
    for name, made in sections(folder):
        fill(PAGE, {name: made})
        print(name, "written")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)

"""Draw the pictures of ``docs/pain.md`` and write its computed table: the model beside the published experiments.

Run from anywhere: ``python docs/make_pain.py``. Writes ``docs/pictures/pain.svg``, and into the page between the lines
that name its table.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import matplotlib as mpl
from docs.marks import fill, render_table

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from gluteal import Body, Condition, compute_mechanics, compute_strength, load_body, load_task, pain, simulate
from gluteal.nerves.arthrogenic import REFLEX_TO_DRIVE, list_doses
from gluteal.show.figures.pain import plot_time_course

HERE = Path(__file__).parent
PAGE = HERE / "pain.md"
#: H-reflex at 60 ml as printed, % of control, with its error (Spencer 1984).
SPENCER = {"vasmed": (55.7, 4.3), "vaslat": (65.3, 4.0), "recfem": (69.1, 6.1)}
#: Minutes after 30 ml, and the reflex of vastus medialis, V, before and then (Hopkins 2001).
MINUTES, BEFORE, AFTER = (30.0, 90.0, 150.0, 210.0), 5.88, (4.23, 4.15, 4.16, 4.99)
#: Pain of that injection (Rice 2015), and the strength it takes, % (Henriksen 2011).
SORE, TAKEN = 5.5, (5.0, 15.0)
#: Shares of drive held back, or of muscle gone, in the exercises of Freeman 2013.
SHARES = (0.1, 0.2, 0.3, 0.45)
READINGS = {
    "weaker": lambda share: Condition.weaken("glmax", loss=share),
    "ceiling alone": lambda share: Condition.hold_back("glmax:ceiling", share=share),
    "held back": lambda share: Condition.hold_back("glmax", share=share),
}
EXERCISES = {"bridge": "bridge", "prone-hip-extension": "prone leg lift"}


def draw_reflexes(ax: Axes) -> None:
    """Draw the reflex over ml, with Spencer's points and Hopkins's."""
    volumes = np.linspace(0.0, 60.0, 61)
    for place, (group, (value, error)) in enumerate(SPENCER.items()):
        (dose,) = [d for d in list_doses("effusion", "knee") if d.group == group]
        ax.plot(volumes, 100.0 * (1.0 - dose.inhibition(volumes) / REFLEX_TO_DRIVE), color=f"C{place}")
        ax.errorbar(60.0 + place, value, error, fmt="o", color=f"C{place}", label=f"{group}, Spencer 1984")
    ax.plot([30.0] * 3, 100.0 * np.array(AFTER[:3]) / BEFORE, "x", color="C0", label="vasmed, Hopkins 2001")
    ax.set(xlabel="fluid in the knee (ml)", ylabel="H-reflex (% of control)", ylim=(40, 103), xlim=(0, 64))
    ax.set_title("Dose", loc="left")
    ax.legend(frameon=False, fontsize="x-small")


def draw_recovery(ax: Axes) -> None:
    """Draw the reflex over time after 30 ml, the model's as printed and brought to Hopkins's size."""
    course = pain.time_course("knee", effusion=30.0).dataset["inhibition"].sel(group="vasmed") / REFLEX_TO_DRIVE
    seen = 1.0 - np.array(AFTER) / BEFORE
    size = seen[:3].mean() / float(course.sel(minutes=90.0))
    ax.plot(course["minutes"], 100.0 * (1.0 - course), color="C0", label="model")
    ax.plot(course["minutes"], 100.0 * (1.0 - size * course), ":", color="C0", label="model, size of the study")
    ax.plot(MINUTES, 100.0 * (1.0 - seen), "x", color="C0", label="Hopkins 2001, 30 ml")
    ax.set(xlabel="time (min)", ylabel="H-reflex of vastus medialis (%)", ylim=(60, 103), xlim=(0, 240))
    ax.set_title("Fluid over time", loc="left")
    ax.legend(frameon=False, fontsize="x-small")


def draw_strength(ax: Axes, body: Body) -> dict[str, float]:
    """Draw the loss of strength over pain, with the range of Henriksen at the pain of that injection."""
    rows = {}
    points = np.array([0.0, SORE, 10.0])
    for place, movement in enumerate(("knee extension", "knee flexion", "hip extension", "hip abduction")):
        joint = movement.split()[0]
        moments = [
            compute_strength(body, movement, condition=Condition.pain(joint, points=float(p), side="r")).moment
            for p in points
        ]
        lost = 100.0 * (1.0 - np.array(moments) / moments[0])
        ax.plot(points, lost, "-" if joint == "knee" else "--", color=f"C{place}", label=movement)
        rows[movement] = float(lost[1])
    ax.errorbar(SORE, np.mean(TAKEN), np.ptp(TAKEN) / 2.0, fmt="none", color="0.3", capsize=4, label="Henriksen 2011")
    ax.set(xlabel="pain (0 to 10)", ylabel="strength lost (%)", ylim=(0, 28), xlim=(0, 10))
    ax.set_title("Strength", loc="left")
    ax.legend(frameon=False, fontsize="x-small")
    return rows


def measure_signs(body: Body) -> dict[tuple[str, str], list[float]]:
    """Return the change of gluteus maximus activation, %, by exercise and reading, for each share."""
    found = {}
    for task in EXERCISES:
        mechanics = compute_mechanics(body, load_task(task, body))
        for reading, make in READINGS.items():
            changes = []
            for share in SHARES:
                outcome = simulate(body, mechanics.movement, condition=make(share), mechanics=mechanics)
                row = outcome.groups.set_index(["name", "side"]).loc[("glmax", "r")]
                changes.append(100.0 * (row["mean"] / row["baseline_mean"] - 1.0))
            found[task, reading] = changes
    return found


def draw_signs(ax: Axes, signs: dict[tuple[str, str], list[float]]) -> None:
    """Draw the change of gluteus maximus activation in the bridge over the share held back or gone."""
    for place, reading in enumerate(READINGS):
        ax.plot(100.0 * np.array(SHARES), signs["bridge", reading], "o-", color=f"C{place}", label=reading)
    ax.axhline(0.0, color="0.7", lw=0.8)
    ax.annotate("Freeman 2013: falls", (0.03, 0.05), xycoords="axes fraction", fontsize="small", color="0.3")
    ax.set(xlabel="held back, or gone (%)", ylabel="gluteus maximus activation (%)", xlim=(0, 50))
    ax.set_title("Bridge: the sign tells", loc="left")
    ax.legend(frameon=False, fontsize="x-small")


def make_table(signs: dict[tuple[str, str], list[float]]) -> str:
    """Return the signs as a table in Markdown."""
    head = ["exercise", "gluteus maximus is", *(f"{100 * share:.0f} %" for share in SHARES)]
    rows = [
        [
            EXERCISES[task],
            reading,
            *(f"{round(change) or 0:+d} %" if abs(change) >= 0.5 else "0 %" for change in changes),
        ]
        for (task, reading), changes in signs.items()
    ]
    return render_table(head, rows)


def main() -> None:
    """Draw and write everything."""
    body = load_body("myo")
    with mpl.rc_context({"svg.hashsalt": "gluteal", "font.size": 9}):
        figure, axes = plt.subplots(2, 2, figsize=(8.4, 6.4), layout="constrained")
        draw_reflexes(axes[0, 0])
        draw_recovery(axes[0, 1])
        print(draw_strength(axes[1, 0], body))
        signs = measure_signs(body)
        draw_signs(axes[1, 1], signs)
        figure.savefig(HERE / "pictures" / "pain.svg", metadata={"Date": None})
        plt.close(figure)
        hip = plot_time_course(pain.time_course("hip", pain=6.0, minutes=np.arange(0.0, 61.0, 0.5), persistence=0.3))
        hip.figure.savefig(HERE / "pictures" / "pain-time.svg", metadata={"Date": None})
    fill(PAGE, {"signs": make_table(signs)})


if __name__ == "__main__":
    main()

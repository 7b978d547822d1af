"""The figure of what a sore or swollen joint holds back over time."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from gluteal.nerves.pain_time import TimeCourse
from gluteal.show.figures.outcome import CONDITION


def plot_time_course(course: TimeCourse, *, ax: Axes | None = None) -> Axes:
    """Plot inhibition over time, a line for each group, with what causes it in grey (scaled to its own peak)."""
    ax = ax or plt.subplots(figsize=(4.8, 3.4), layout="constrained")[1]
    data = course.dataset
    minutes = data["minutes"].values
    top = 100.0 * float(data["inhibition"].max()) or 1.0
    for cause, style in (("pain", "-"), ("effusion", ":")):
        peak = float(data[cause].max())
        if peak > 0.0:
            unit = "of 10" if cause == "pain" else "ml"
            label = f"{cause}, at most {peak:.3g} {unit}"
            ax.plot(minutes, top * data[cause].values / peak, style, color="0.6", lw=1.0, label=label)
    for place, name in enumerate(data["name"].values):
        colour = CONDITION if place == 0 else f"C{place}"
        ax.plot(minutes, 100.0 * data["inhibition"].values[:, place], color=colour, label=str(name))
    ax.set_xlabel("time (min)")
    ax.set_ylabel("drive held back (%)")
    ax.set_xlim(minutes[0], minutes[-1])
    ax.set_ylim(0.0, 1.08 * top)
    ax.set_title(f"{course.joint}; persistence {course.persistence:g}", loc="left", fontsize="medium")
    ax.legend(frameon=False, fontsize="small")
    return ax

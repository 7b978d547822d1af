"""Figures of what a sore or swollen joint holds back: by dose, and over time."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from gluteal.anatomy import group_words
from gluteal.nerves.arthrogenic import Dose
from gluteal.nerves.pain_time import TimeCourse
from gluteal.show.figures.outcome import BASELINE, CONDITION

_UNITS = {"pain": "pain (0 to 10)", "effusion": "fluid in the joint (ml)"}


def plot_doses(doses: Sequence[Dose], *, ax: Axes | None = None) -> Axes:
    """Plot the share of drive that a joint holds back over the dose of one cause, a line for each group.

    The band is what is as good a reading of the strongest, from ``arthrogenic.csv``. Lines that were taken over from
    another joint or muscle are dashed.
    """
    ax = ax or plt.subplots(figsize=(4.8, 3.4), layout="constrained")[1]
    most = max(dose.end for dose in doses)
    dose_axis = np.linspace(0.0, most, 121)
    strongest = max(doses, key=lambda dose: dose.most)
    line = 100.0 * strongest.inhibition(dose_axis)
    ends = (line * strongest.low / strongest.most, line * strongest.high / strongest.most)
    ax.fill_between(dose_axis, *ends, color=BASELINE, alpha=0.2, lw=0, label="as good a reading")
    for dose in doses:
        held = 100.0 * dose.inhibition(dose_axis)
        ax.plot(dose_axis, held, "--" if dose.transferred else "-", label=group_words(dose.group))
    ax.set_xlabel(_UNITS[doses[0].cause])
    ax.set_ylabel("drive held back (%)")
    ax.set_xlim(0.0, most)
    ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False, fontsize="small")
    return ax


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

"""Draw the pictures of the documentation: every built-in task, and the one on the first page.

Run from anywhere: ``python docs/make_pictures.py``. Writes into ``docs/pictures``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import gluteal
from gluteal.engines import compute_picture
from gluteal.show.figures.body import plot_body

HERE = Path(__file__).parent / "pictures"


def draw_task(name: str, body: gluteal.Body) -> None:
    """Draw a task at its most demanding frames, muscles coloured by activation."""
    movement = gluteal.load_task(name, body)
    mechanics = gluteal.compute_mechanics(body, movement)
    solved = gluteal.solve_sharing(mechanics)
    effort = solved.dataset["effort"].values
    # A posture has one frame; of a motion, show start, hardest moment and end.
    frames = sorted({0, int(np.argmax(effort)), len(effort) - 1})
    figure, axes = plt.subplots(1, len(frames), figsize=(3.2 * len(frames), 4.2), squeeze=False, layout="constrained")
    for axis, frame in zip(axes[0], frames, strict=True):
        values = dict(zip(body.muscle_names, solved.activation.values[frame].tolist(), strict=True))
        plot_body(
            compute_picture(body, movement, frame),
            view=movement.view,
            muscle_values=values,
            limit=0.5,
            colorbar=frame == frames[-1],
            ax=axis,
        )
        if len(frames) > 1:
            axis.set_title(f"{movement.time[frame]:.2f} s", fontsize=9)
    figure.savefig(HERE / f"{name}.png", dpi=110)
    plt.close(figure)


def draw_first_page(body: gluteal.Body) -> None:
    """Draw single-leg stance before and after a block of the right superior gluteal nerve."""
    stance = gluteal.load_task("single-leg-stance", body)
    block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
    outcome = gluteal.simulate(body, stance, condition=block)
    before, after = outcome.activation.isel(time=0).values
    picture = compute_picture(body, stance, 0)
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 5.6), layout="constrained")
    panels = (
        ("undisturbed", before, False),
        ("52 % of the nerve blocked", after, False),
        ("change", after - before, True),
    )
    for axis, (title, values, signed) in zip(axes, panels, strict=True):
        muscles = dict(zip(body.muscle_names, values.tolist(), strict=True))
        plot_body(picture, view="front", muscle_values=muscles, signed=signed, limit=0.5, ax=axis)
        axis.set_title(title, fontsize=11)
    figure.savefig(HERE / "first-page.png", dpi=100)
    plt.close(figure)


def draw_hips() -> None:
    """Draw the gluteals of two hips from behind: three lines each, and the twelve that a cadaver's table lists."""
    figure, axes = plt.subplots(1, 2, figsize=(8.0, 4.6), layout="constrained")
    for axis, hip in zip(axes, ("uhlrich2022", "tlem2"), strict=True):
        body = gluteal.load_body("myo", hip=hip)
        stance = gluteal.load_task("single-leg-stance", body)
        activation = gluteal.solve_sharing(gluteal.compute_mechanics(body, stance)).activation.values[0]
        values = dict(zip(body.muscle_names, activation.tolist(), strict=True))
        gluteals = [m for m in body.muscle_names if m.startswith(("glmax", "glmed")) and m.endswith("_r")]
        shown = {m: max(values[m], 0.15) for m in gluteals}
        picture = compute_picture(body, stance, 0)
        plot_body(picture, view="back", muscle_values=shown, limit=0.5, focus=gluteals, colorbar=False, ax=axis)
        axis.set_title(f"{hip}: {sum(len(picture.lines(m)) for m in gluteals)} lines", fontsize=10)
    figure.savefig(HERE / "hip-lines.png", dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    myo = gluteal.load_body("myo")
    draw_hips()
    draw_first_page(myo)
    for task in gluteal.list_tasks():
        draw_task(task.name, myo)

"""Write the computed table of ``docs/strategy.md``: what strategies and wishes cost, and what joints feel.

Run from anywhere: ``python docs/make_strategy.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from docs.marks import fill, render_table

from gluteal import Condition, Outcome, compute_mechanics, load_body, load_task, simulate
from gluteal.nerves.strategy import STRATEGIES
from gluteal.sharing.solution import Solution

PAGE = Path(__file__).parent / "strategy.md"
TASKS = {"walk": "walking", "single-leg-stance": "standing on one leg", "sit-to-stand": "standing up"}
#: Strengths of a strategy: the usual one, and its square.
STRENGTHS = (4.0, 16.0)
#: Levels of a wish or squeeze of gluteus maximus.
LEVELS = (0.1, 0.2, 0.3)
HEAD = (
    "movement",
    "strategy",
    "verdict",
    "missing (N·m)",
    "effort ×",
    "energy (W/kg)",
    "hip (BW)",
    "knee (BW)",
    "ankle (BW)",
    "muscles' positive work (W/kg)",
    "gluteus maximus (%)",
)


def list_conditions() -> dict[str, Condition]:
    """Return what is compared, by its words."""
    found = {"least effort": Condition()}
    for name in STRATEGIES:
        if name != "economical":
            found |= {f"{name} × {k:g}": Condition.strategy(name, strength=k) for k in STRENGTHS}
    found |= {f"wish, {100 * level:.0f} %": Condition.wish("glmax", level=level) for level in LEVELS}
    return found | {f"squeeze, {100 * level:.0f} %": Condition.squeeze("glmax", floor=level) for level in LEVELS}


def positive_power(solution: Solution) -> float:
    """Return the power with which muscles shorten under force, summed over muscles, mean over time, W/kg."""
    data = solution.mechanics.dataset
    power = np.maximum(-solution.dataset["muscle_force"].values * data["mtu_velocity"].values, 0.0).sum(axis=-1)
    time = solution.mechanics.time
    mean = np.trapezoid(power, time) / (time[-1] - time[0]) if len(time) > 1 else float(power[0])
    return float(mean) / solution.mechanics.body.mass


def make_row(words: str, name: str, outcome: Outcome) -> list[str]:
    """Return a row of the table; loads are of the right leg, or what is larger where both work."""
    peaks = {
        kind: max(row["peak_bw"] for row in outcome.joint_loads if row["joint"].startswith(kind))
        for kind in ("hip", "knee", "ankle")
    }
    groups = outcome.groups.set_index(["name", "side"])
    said = outcome.to_json()
    return [
        words,
        name,
        outcome.verdict if outcome.condition else "",
        f"{outcome.deficit.beyond_baseline:.1f}" if outcome.verdict == "impossible" else "",
        f"{outcome.effort_ratio:.2f}",
        f"{said['metabolic']['w_per_kg']:.2f}",
        *(f"{peaks[kind]:.2f}" for kind in ("hip", "knee", "ankle")),
        f"{positive_power(outcome.changed):.2f}",
        f"{100 * groups.loc[('glmax', 'r')]['mean']:.0f}",
    ]


def make_table() -> str:
    """Compute every row and return the table in Markdown."""
    body = load_body("myo")
    rows = []
    for task, words in TASKS.items():
        mechanics = compute_mechanics(body, load_task(task, body))
        for name, condition in list_conditions().items():
            outcome = simulate(body, mechanics.movement, condition=condition, mechanics=mechanics)
            rows.append(make_row(words, name, outcome))
            print(*rows[-1], sep=" | ", flush=True)
    return render_table(HEAD, rows)


def main() -> None:
    """Put the table into the page."""
    fill(PAGE, {"strategies": make_table()})


if __name__ == "__main__":
    main()

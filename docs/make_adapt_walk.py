"""Write the tables of ``docs/adapt-walk.md``.

Run from anywhere: ``python docs/make_adapt_walk.py``; it takes ten minutes of processor time where nothing is kept. A
table stands between the two lines that name it (``<!-- name begin -->``, ``<!-- name end -->``).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from docs.make_adapt import CARRIED, LOAD, hip_force
from docs.marks import fill, render_table

import gluteal
from gluteal.nerves.condition import Condition
from gluteal.outcome.compare import pool_activation
from gluteal.simulate.adapt.legs import CYCLE_QUANTITIES
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.record import Adaptation

PAGE = Path(__file__).parent / "adapt-walk.md"
#: What is asked, in words.
ASKED = {
    "superior gluteal nerve 46 %": Condition.block("superior gluteal", loss=0.46, side="r"),
    "hip abduction strength 46 %": Condition.strength_loss("hip abduction", loss=0.46, side="r"),
    "superior gluteal nerve 90 %": Condition.block("superior gluteal", loss=0.9, side="r"),
    "superior gluteal nerve 100 %": Condition.block("superior gluteal", loss=1.0, side="r"),
    "gluteus maximus 100 %": Condition.weaken("glmax", loss=1.0, side="r"),
}
#: Other walkers, with what is gone.
OTHERS = (("walk-slow", "superior gluteal nerve 90 %"), ("walk-overground", "superior gluteal nerve 90 %"))
#: A foot stands where it carries more than this share of its largest load.
STANDS = 0.02
#: Changes of the step width, mm: the wider as in the study that `docs/held-against.md` names.
WIDTHS = (-40.0, 40.0, 80.0)
_RIGHT = "mean over right stance", "largest in right stance"


def changed(found: Adaptation, quantity: str, phase: str | None) -> str:
    """Return one change with the band of the habit's weight."""
    rows = [c for c in found.changes if c.quantity == quantity and c.phase == phase]
    value, low, high = (None if x is None else round(x, 1) + 0.0 for x in (rows[0].value, rows[0].low, rows[0].high))
    return f"{value:+.1f}" + ("" if low is None or high is None else f" ({low:+.1f} to {high:+.1f})")


def tell_runs(runs: dict[str, Adaptation]) -> str:
    """What is missing and what it takes, held and adapted."""
    rows = []
    for words, found in runs.items():
        effort, missing = found.bought.effort, found.bought.missing
        hip = {(joint, side): row for joint, side, *row in found.bought.joint_loads}["hip", "r"]
        rows.append(
            (
                words,
                f"{missing[0]:.1f}",
                f"{missing[1]:.1f}",
                f"{found.fixed.verdict} → {found.verdict}",
                f"{effort[0]:.2f}",
                f"{effort[1]:.2f}",
                f"{effort[2]:.2f}",
                f"{hip[1]:.1f} → {hip[2]:.1f}",
            )
        )
    head = ("gone, right", "missing if held, N·m", "missing, N·m", "verdict")
    return render_table((*head, "effort, usual", "if held", "adapted", "hip force, body weights"), rows)


def tell_changes(runs: dict[str, Adaptation]) -> str:
    """How far what moves."""
    rows = []
    for words, found in runs.items():
        row = [words]
        row += [changed(found, "trunk_lean", phase) for phase in _RIGHT]
        row += [changed(found, "pelvic_list", phase) for phase in _RIGHT]
        row += [changed(found, name, _RIGHT[0]) for name in ("hip_adduction", "pelvic_shift", "pelvic_height")]
        row.append(changed(found, "step_width", None))
        rows.append(row)
    head = ("gone, right", "lean, °", "largest", "list, °", "largest")
    return render_table((*head, "hip adduction, °", "sway, mm", "height, mm", "step width, mm"), rows)


def gluteus_medius(walked: Adaptation) -> list[np.ndarray]:
    """Activation of the right gluteus medius (T,): as usual, asked for with the rest held, and with the rest free."""
    body = walked.fixed.mechanics.body
    places = [i for i, name in enumerate(body.muscle_names) if name.startswith("glmed") and name.endswith("_r")]
    solutions = (walked.fixed.baseline, walked.fixed.changed, walked.adapted.changed)
    return [pool_activation(s, s.activation.values, places) for s in solutions]


def tell_widths(found: dict[float, Adaptation]) -> str:
    """What steps of another width ask of the right gluteus medius: mean activation over the cycle, and its peak."""
    rows = []
    for width, walked in found.items():
        usual, *others = gluteus_medius(walked)
        told = [
            f"{100 * (x.mean() / usual.mean() - 1):+.0f} %, {100 * (x.max() / usual.max() - 1):+.0f} %" for x in others
        ]
        effort = walked.bought.effort
        rows.append(
            (f"{width:+.0f}", *told, *(f"{x:.2f}" for x in effort), changed(walked, "hip_adduction", _RIGHT[0]))
        )
    head = ("steps wider by, mm", "gluteus medius, rest held: mean, peak", "rest free")
    return render_table((*head, "effort, usual", "rest held", "rest free", "hip adduction, °"), rows)


def tell_carried(found: dict[str, Adaptation]) -> str:
    """What a load asks of the right gluteus medius over right stance, and of the hip."""
    rows = []
    for side, walked in found.items():
        force = walked.fixed.baseline.mechanics.movement.loads[0].force[:, 1]
        stance = np.asarray(force > STANDS * force.max())
        usual, held, free = (x[stance].mean() for x in gluteus_medius(walked))
        before, fixed, now = hip_force(walked)
        rows.append(
            (
                {"opposite": "hand opposite the leg", "beside": "hand beside the leg", "both": "both hands"}.get(
                    side, side
                ),
                f"{walked.fixed.verdict} → {walked.verdict}",
                f"{100 * (held / usual - 1):+.0f} %",
                f"{100 * (free / usual - 1):+.0f} %",
                f"{before:.1f} → {fixed:.1f}",
                f"{now:.1f} ({100 * (now / before - 1):+.0f} %)",
                changed(walked, "trunk_lean", _RIGHT[1]),
                changed(walked, "trunk_forward_lean", _RIGHT[0]),
            )
        )
    head = ("load in", "verdict, held → free", "gluteus medius, right stance, held", "rest free")
    return render_table(
        (*head, "hip force, right, body weights, held", "rest free", "lean, largest in right stance, °", "forward, °"),
        rows,
    )


def tell_other_walks(found: dict[tuple[str, str], Adaptation]) -> str:
    """The other recorded walkers with most of the nerve gone."""
    rows = []
    for (name, words), walked in found.items():
        missing, how = walked.bought.missing, walked.certificate
        rows.append(
            (
                f"`{name}`, {words}",
                f"{missing[0]:.1f} → {missing[1]:.1f}",
                f"{walked.fixed.verdict} → {walked.verdict}",
                changed(walked, "trunk_lean", _RIGHT[1]),
                changed(walked, "pelvic_list", _RIGHT[1]),
                changed(walked, "pelvic_height", _RIGHT[0]),
                f"{how.outer:.2f}",
                f"{walked.seconds:.0f}",
            )
        )
    head = ("walk, gone on the right", "missing, N·m", "verdict", "lean, largest, °", "list, largest, °", "height, mm")
    return render_table((*head, "gradient left", "processor time, s"), rows)


def tell_certificates(runs: dict[str, Adaptation]) -> str:
    """How well each is solved."""
    rows = []
    for words, found in runs.items():
        how, left = found.certificate, found.adapted_movement.settings["largest_pelvis_residual"]
        rows.append(
            (
                words,
                f"{found.cost[0]:.1f} → {found.cost[1]:.2f}",
                f"{how.evaluations}",
                f"{how.outer:.2f}",
                f"{how.gradient:.0e}",
                f"{left['force_n']:.2g} N, {left['moment_nm']:.2g} N·m",
                f"{found.seconds:.0f}",
            )
        )
    head = ("gone, right", "cost J", "cycles", "gradient left", "gradient against differences")
    return render_table((*head, "ground cannot carry", "processor time, s"), rows)


def tell_free() -> str:
    """What is free, with its habit."""
    rows = [(f"`{n}`", f"{posture_quantity(n).sigma:g} {posture_quantity(n).unit}") for n in CYCLE_QUANTITIES]
    return render_table(("quantity", "one deviation"), rows)


def main() -> None:
    """Compute everything and write it."""
    body = gluteal.load_body("myo")
    walk = gluteal.load_task("walk", body)
    # What is kept keeps the time that finding it took, too.
    runs = {words: gluteal.adapt(body, walk, condition=condition) for words, condition in ASKED.items()}
    widths = {mm: gluteal.adapt(body, walk, demand={"step_width": mm}, band=False) for mm in WIDTHS}
    carried = {
        side: gluteal.adapt(body, walk, carry={place: LOAD * body.mass}, band=False) for side, place in CARRIED.items()
    }
    others = {
        (name, words): gluteal.adapt(body, gluteal.load_task(name, body), condition=ASKED[words], band=False)
        for name, words in OTHERS
    }
    tables = {
        "free": tell_free(),
        "widths": tell_widths(widths),
        "carried": tell_carried(carried),
        "others": tell_other_walks(others),
        "runs": tell_runs(runs),
        "changes": tell_changes(runs),
        "certificates": tell_certificates(runs),
    }
    fill(PAGE, tables)


if __name__ == "__main__":
    main()

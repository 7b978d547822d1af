"""Write the tables of ``docs/adapt.md`` and its picture.

Run from anywhere: ``python docs/make_adapt.py``; it takes three minutes of processor time. A table stands
between the two lines that name it (``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import matplotlib as mpl
from docs.marks import fill, render_table

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import gluteal
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.show.figures.adapt import plot_adaptation_curve
from gluteal.simulate.adapt.curve import AdaptationCurve
from gluteal.simulate.adapt.habit import HABIT_BAND, HABIT_WEIGHT, KENDALL_LOSS
from gluteal.simulate.adapt.posture import stand
from gluteal.simulate.adapt.quantities import POSTURE_QUANTITIES
from gluteal.simulate.adapt.record import Adaptation
from gluteal.simulate.adapt.shorten import passive_hip_moment, shorten_muscles
from gluteal.sources.published import load_published

HERE = Path(__file__).parent
PAGE, PICTURE = HERE / "adapt.md", HERE / "pictures" / "adapt.png"


def block(loss: float) -> Condition:
    """Block the right superior gluteal nerve."""
    return Condition.block("superior gluteal", loss=loss, side="r")


def moved(found: Adaptation, *names: str) -> list[str]:
    """Return changes by name, written with their sign."""
    value = found.change.set_index("quantity")["value"]
    return [f"{value[name] + 0.0:+.1f}" for name in names]


def group(found: Adaptation, name: str, *, adapted: bool) -> str:
    """Return the activation of a group of the right side, fixed or adapted."""
    rows = (found.adapted if adapted else found.fixed).groups.set_index(["name", "side"])
    return f"{float(rows.loc[(name, 'r'), 'peak']):.2f}"


def tell_quantities() -> str:
    """Every quantity with its sigma."""
    rows = [(f"`{q.name}`", f"{q.sigma:g} {q.unit}", q.meaning) for q in POSTURE_QUANTITIES.values()]
    return render_table(("quantity", "one deviation", "zero and sign"), rows)


def tell_fit(body: Body, stance: Movement) -> str:
    """The weight of habit beside what people did with half of their strength."""
    weak = Condition.strength_loss("hip abduction", loss=KENDALL_LOSS, side="r")
    rows = []
    for weight in (
        0.3,
        HABIT_WEIGHT / HABIT_BAND,
        1.0,
        HABIT_WEIGHT - 0.1,
        HABIT_WEIGHT,
        2.0,
        HABIT_WEIGHT * HABIT_BAND,
    ):
        found = gluteal.adapt(body, stance, condition=weak, habit=weight, band=False)
        mark = " (fitted)" if weight == HABIT_WEIGHT else ""
        rows.append((f"{weight:.2g}{mark}", *moved(found, "trunk_lean", "pelvic_list", "hip_adduction")))
    return render_table(("weight", "lean (°)", "list (°)", "hip adduction (°)"), rows)


def tell_curve(curve: AdaptationCurve) -> str:
    """Eleven losses of the nerve, with the bands."""
    assert curve.bodies is not None
    chosen, ends = curve.dataset.sel(habit="chosen"), curve.dataset.sel(habit=["low", "high"])
    rows = []
    for i, loss in enumerate(curve.losses.tolist()):
        row = [f"{100 * loss:.0f} %"]
        for name in ("trunk_lean", "pelvic_list"):
            low, high = sorted(ends[name].values[:, i].tolist())
            others = curve.bodies[name].values[:, i]
            row += [
                f"{float(chosen[name][i]) + 0.0:.1f} ({low:.1f} to {high:.1f})",
                f"{others.min():.1f} to {others.max():.1f}",
            ]
        row += [f"{float(chosen[name][i]) + 0.0:.1f}" for name in ("fixed_missing", "missing")]
        row += [f"{float(chosen[name][i]):.1f}" for name in ("fixed_effort", "effort")]
        rows.append(row)
    head = ("loss", "lean, ° (weights)", "lean, bodies", "list, ° (weights)", "list, bodies")
    return f"{curve.sentence}\n\n" + render_table(
        (*head, "missing if held, N·m", "missing, N·m", "effort if held", "effort"), rows
    )


def tell_passive(body: Body, stance: Movement) -> str:
    """What passive tissue changes."""
    rows = []
    for loss in (0.8, 1.0):
        for tissues in ((), ("iliotibial-band",), ("iliotibial-band", "hip-capsule")):
            found = gluteal.adapt(body, stance, condition=block(loss), passive=tissues, band=False)
            ends = "; ".join(f"{b.cost:.1f} from {', '.join(b.starts)}" for b in found.basins)
            one = "one" if len(found.basins) == 1 else ends
            rows.append(
                (
                    f"{100 * loss:.0f} %",
                    " and ".join(tissues) or "none",
                    found.fixed.verdict,
                    *moved(found, "trunk_lean", "pelvic_list", "hip_adduction"),
                    one,
                )
            )
    return render_table(("loss", "passive tissue", "held", "lean (°)", "list (°)", "hip adduction (°)", "ends"), rows)


def tell_questions(body: Body) -> str:
    """Postures that are asked for, the rest held and the rest free."""
    stance, standing = (gluteal.load_task(name, body) for name in ("single-leg-stance", "quiet-standing"))
    tissue = ("iliotibial-band", "hip-capsule")
    rows = []
    for words, movement, demand, name, options in (
        ("pelvic drop 5°", stance, {"pelvic_list": -5.0}, "glmed", {}),
        ("pelvic drop 10°", stance, {"pelvic_list": -10.0}, "glmed", {}),
        ("pelvic drop 5°, band and capsule", stance, {"pelvic_list": -5.0}, "glmed", {"passive": tissue}),
        ("pelvic drop 10°, band and capsule", stance, {"pelvic_list": -10.0}, "glmed", {"passive": tissue}),
        ("trunk 10° over the leg", stance, {"trunk_lean": 10.0}, "glmed", {}),
        ("anterior tilt 10°", standing, {"pelvic_tilt": 10.0}, "hamstrings", {}),
        ("anterior tilt 10°", standing, {"pelvic_tilt": 10.0}, "glmax", {}),
        ("posterior tilt 10°", standing, {"pelvic_tilt": -10.0}, "glmax", {}),
    ):
        found = gluteal.adapt(body, movement, demand=demand, band=False, **options)  # type: ignore[arg-type]
        usual = found.fixed.groups.set_index(["name", "side"]).loc[(name, "r"), "baseline_peak"]
        effort = found.bought.effort
        rows.append(
            (
                words,
                name,
                f"{float(usual):.2f}",
                group(found, name, adapted=False),
                group(found, name, adapted=True),
                f"{effort[0]:.2g}",
                f"{effort[1]:.2g}",
                f"{effort[2]:.2g}",
            )
        )
    head = ("asked for", "muscle, right", "usual", "rest held", "rest free", "effort, usual", "rest held", "rest free")
    return render_table(head, rows)


#: What is carried in the tables, as a share of body mass: that of Bergmann et al. 1997.
LOAD = 0.25
#: Where it is, seen from the right hip.
CARRIED = {"opposite": "left-hand", "beside": "right-hand", "both": "both-hands", "back": "back"}


def hip_force(found: Adaptation) -> tuple[float, float, float]:
    """Return the peak force of the right hip undisturbed, held and adapted, body weights."""
    return next((a, b, c) for joint, side, a, b, c in found.bought.joint_loads if (joint, side) == ("hip", "r"))


def tell_carried(body: Body, stance: Movement) -> str:
    """A quarter of body mass in either hand, in both, on the back; standing on the right leg."""
    rows = []
    for side, place in CARRIED.items():
        found = gluteal.adapt(body, stance, carry={place: LOAD * body.mass}, band=False)
        usual = float(found.fixed.groups.set_index(["name", "side"]).loc[("glmed", "r"), "baseline_peak"])
        held, adapted = (float(group(found, "glmed", adapted=way)) for way in (False, True))
        before, fixed, now = hip_force(found)
        where = {"opposite": "hand opposite the leg", "beside": "hand beside the leg", "both": "both hands"}.get(
            side, side
        )
        rows.append(
            (
                where,
                f"{usual:.2f} → {held:.2f}",
                f"{adapted:.2f} ({100 * (adapted / usual - 1):+.0f} %)",
                f"{before:.1f} → {fixed:.1f}",
                f"{now:.1f} ({100 * (now / before - 1):+.0f} %)",
                *moved(found, "trunk_lean", "trunk_forward_lean", "pelvic_shift"),
            )
        )
    head = ("load in", "gluteus medius, right, held", "rest free", "hip force, right, body weights, held", "rest free")
    return render_table((*head, "lean (°)", "trunk forward (°)", "pelvis across (mm)"), rows)


def tell_people_who_carry() -> str:
    """What was measured in people, as printed."""
    rows = load_published("carried_loads").fillna("").astype(str)
    told = [
        (f"{r.side} ({r.task})", f"{r.load_pct_bw} %", r.quantity, r.change, f"{r.n} {r.people}", f"`{r.source}`")
        for r in rows.itertuples()
    ]
    return render_table(("load (where)", "of body weight", "what", "people", "who", "source, abstract"), told)


def tell_short(body: Body) -> str:
    """Passive moment of the right hip with shorter hip flexors, and how standing adapts to them."""
    standing = gluteal.load_task("quiet-standing", body)
    rows = []
    for share in (1.0, 0.9, 0.8):
        shorter = {"iliopsoas": share, "recfem": share}
        muscles = shorten_muscles(body, shorter)
        found = gluteal.adapt(body, standing, shorten=shorter, band=False)
        rows.append(
            (
                f"{100 * share:.0f} %",
                *(f"{passive_hip_moment(body, angle, muscles=muscles):.1f}" for angle in (0.0, -10.0)),
                *moved(found, "pelvic_tilt", "trunk_forward_lean", "knee_flexion"),
                f"{found.bought.effort[2]:.3f}",
            )
        )
    head = ("fibres", "at 0°, N·m", "at 10° of extension, N·m", "tilt (°)", "trunk forward (°)", "knee (°)", "effort")
    return render_table(head, rows)


def seconds(call: Callable[[], object], times: int = 3) -> float:
    """Return the median processor time of a call, s."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        call()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def tell_times(body: Body, stance: Movement) -> str:
    """Processor times, of all threads."""
    standing = stand(body, stance)
    free = np.ones(len(standing.stance.quantities), bool)
    usual = np.zeros(len(free))
    rows = []
    for loss in (0.5, 0.9):
        outer = standing.search(block(loss), HABIT_WEIGHT, free)
        near = standing.search(block(loss - 0.1), HABIT_WEIGHT, free).solve(usual)
        found = outer.solve(near.u, near.shared)
        cold = seconds(lambda outer=outer: outer.solve(usual))  # type: ignore[misc]
        warm = seconds(lambda outer=outer, near=near: outer.solve(near.u, near.shared))  # type: ignore[misc]
        rows.append(
            (f"one posture, {100 * loss:.0f} % of the nerve", f"{cold:.2f}", f"{warm:.2f}", str(found.evaluations))
        )
    whole = seconds(lambda: gluteal.adapt(body, stance, condition=block(0.9), band=False))
    rows.append(
        (
            "the same, from all four starts and with both outcomes (`gluteal adapt` without its band)",
            f"{whole:.1f}",
            "",
            "",
        )
    )
    outer = standing.search(block(0.5), HABIT_WEIGHT, free)
    one = seconds(lambda: outer.measure(usual), 51)
    rows.append(("cost and gradient of one posture", "", f"{one:.4f}", "1"))
    three = seconds(lambda: gluteal.adapt_curve(body, stance, block(1.0)))
    rows.append(("eleven losses with three weights of habit", "", f"{three:.1f}", ""))
    return render_table(("what", "from the usual posture, s", "from the loss before, s", "postures"), rows)


def draw(curve: AdaptationCurve) -> None:
    """Draw lean, list and what is missing over the loss."""
    figure, axes = plt.subplots(1, 3, figsize=(13.0, 4.2), layout="constrained")
    for ax, name in zip(axes, ("trunk_lean", "pelvic_list", "missing"), strict=True):
        plot_adaptation_curve(curve, name, ax=ax)
        ax.set_xlabel("loss of the superior gluteal nerve (%)")
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def main() -> None:
    """Compute everything and write it."""
    body = gluteal.load_body("myo")
    stance = gluteal.load_task("single-leg-stance", body)
    curve = gluteal.adapt_curve(body, stance, block(1.0), bodies=gluteal.load_bodies())
    draw(curve)
    tables = {
        "quantities": tell_quantities(),
        "fit": tell_fit(body, stance),
        "curve": tell_curve(curve),
        "passive": tell_passive(body, stance),
        "questions": tell_questions(body),
        "carried": tell_carried(body, stance),
        "people": tell_people_who_carry(),
        "short": tell_short(body),
        "times": tell_times(body, stance),
    }
    fill(PAGE, tables)


if __name__ == "__main__":
    main()

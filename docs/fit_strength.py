"""Fit how strong the groups of the leg are, so that dynamometers and walking agree as far as they can.

    python docs/fit_strength.py    # prints targets, residuals and what stays; writes leg_strength.csv

One factor a group multiplies specific tension (force per area; fibres and volumes stay each source's own). All three
lineages of hips share the factors, because tension is no property of a path. Targets are isometric moments of people as
printed with their spread, the largest over the angles people were measured at, none left over about other axes (people
are not strapped that firmly), and the level of gluteus medius in walking. The factors are least squares, each held to 1
by its logarithm over `PRIOR`, so that what no target asks about stays as it is.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares, linprog

from gluteal.engines import compute_mechanics, load_body
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import CROSSES, Mechanics
from gluteal.movements.tasks import load_task
from gluteal.sharing.solution import solve_sharing
from gluteal.simulate.dynamometer import direction_of, hold_posture, strength_movement
from gluteal.vocabulary import ROOT_COORDINATES, side_of

TABLE = Path(__file__).parents[1] / "src" / "gluteal" / "engines" / "myo" / "leg_strength.csv"
#: One hip a lineage.
HIPS = ("dostal1981", "tlem2.1", "uhlrich2022")
#: Group -> muscles without side; numbered parts are all meant.
GROUPS = {
    "abductors": ("glmed", "glmin", "tfl"),
    "gluteus maximus": ("glmax",),
    "hamstrings": ("bflh", "bfsh", "semimem", "semiten"),
    "adductors": ("addbrev", "addlong", "addmagProx", "addmagMid", "addmagDist", "addmagIsch", "grac", "pect"),
    "flexors": ("psoas", "iliacus", "sart", "recfem"),
    "deep rotators": ("piri", "obtint", "obtext", "gemsup", "geminf", "quadfem"),
    "vasti": ("vasint", "vaslat", "vasmed"),
}
#: Spread of a factor's logarithm that costs as much as one standard deviation of a target.
PRIOR = 0.5


@dataclass(frozen=True)
class Target:
    """What people do: mean and spread, and the postures in which it was, or may have been, the largest.

    Shown only where the model is known not to answer: straight lines of gluteus medius and minimus cut bone beyond 60
    degrees of flexion, so that inward rotation of the flexed hip measures that.
    """

    movement: str
    mean: float
    spread: float
    postures: tuple[dict[str, float], ...]
    source: str
    fitted: bool = True


def bent(*angles: float, knee: float = 0.0) -> tuple[dict[str, float], ...]:
    """List postures of both hips flexed by some angles, degrees."""
    return tuple({"hip_flexion": angle, "knee_angle": knee} for angle in angles)


#: N m/kg.
TARGETS = (
    Target("hip-abduction", 1.5, 0.3, bent(0.0), "de Sousa 2019, five studies, 1.1 to 1.7"),
    Target("hip-abduction", 2.3, 0.5, bent(0.0), "soccer players, hand-held, long lever, 2.0 to 2.9"),
    Target("hip-adduction", 2.8, 0.7, bent(0.0), "soccer players, hand-held, long lever, 2.4 to 3.3"),
    Target("hip-extension", 2.85, 0.8, bent(0.0, 30.0, 60.0, 90.0, knee=30.0), "Anderson 2007, 18 to 25 years"),
    Target("hip-flexion", 2.0, 0.5, bent(0.0, 30.0, 60.0), "Anderson 2007, 18 to 25 years"),
    Target(
        *("hip-internal-rotation", 0.53, 0.15, bent(90.0, knee=90.0)),
        *("Romero-Franco 2017, 1.5 N/kg at 0.35 m (ours), shown only", False),
    ),
    Target("hip-external-rotation", 0.53, 0.15, bent(90.0, knee=90.0), "Romero-Franco 2017, 1.5 N/kg at 0.35 m (ours)"),
    Target("knee-extension", 2.8, 0.5, bent(85.0, knee=60.0), "Sarabon 2021, men 3.2, women 2.4"),
    Target("knee-flexion", 1.35, 0.25, bent(85.0, knee=60.0), "Sarabon 2021, Anderson 2007"),
)
#: Peak of gluteus medius in walking, share of its maximum, and its spread (Willson 2012: 20 to 40 %).
WALKING = (0.30, 0.10)


def group_columns(body: Body) -> list[np.ndarray]:
    """Return for each group which muscles of the body belong to it (M,) bool."""
    bare = [name[:-2].rstrip("0123456789") for name in body.muscle_names]
    whole = [name[:-2] for name in body.muscle_names]
    return [np.isin(bare, names) | np.isin(whole, names) for names in GROUPS.values()]


@dataclass(frozen=True)
class Bench:
    """One body, ready for every target: signed moments of full activation about the axis and about all others."""

    body: Body
    walk: Mechanics
    columns: list[np.ndarray]
    readings: list[list[tuple[np.ndarray, np.ndarray]]]

    def strength(self, force: np.ndarray) -> np.ndarray:
        """Return the largest pure moment of every target, N m/kg, muscles at `force` (M,) of theirs."""
        found = []
        for postures in self.readings:
            best = [
                -linprog(-own * force, A_eq=others * force, b_eq=np.zeros(len(others)), bounds=(0, 1)).fun
                for own, others in postures
            ]
            found.append(max(best) / self.body.mass)
        return np.array(found)

    def walking(self, force: np.ndarray) -> float:
        """Return the peak of gluteus medius over the built-in walk, its parts weighted by strength."""
        data = self.walk.dataset
        scaled = replace(
            self.walk, dataset=data.assign({k: data[k] * force for k in ("active_capacity", "passive_force")})
        )
        activation = solve_sharing(scaled).dataset["activation"].values
        parts = [i for i, name in enumerate(self.body.muscle_names) if name.startswith("glmed") and name.endswith("_r")]
        strength = self.body.muscles["max_isometric_force"].values[parts]
        return float(np.average(activation[:, parts], axis=1, weights=strength).max())

    def factors(self, groups: np.ndarray) -> np.ndarray:
        """Return the factor of every muscle (M,) from those of the groups."""
        force = np.ones(len(self.body.muscle_names))
        for factor, own in zip(groups, self.columns, strict=True):
            force[own] = factor
        return force


def prepare(hip: str) -> Bench:
    """Do the engine's work for one hip."""
    body = load_body("myo", hip=hip, fibres="dissected")
    readings = [[_moments(body, target.movement, posture) for posture in target.postures] for target in TARGETS]
    return Bench(body, compute_mechanics(body, load_task("walk", body)), group_columns(body), readings)


def _moments(body: Body, movement: str, posture: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    row = strength_movement(movement)
    data = compute_mechanics(body, hold_posture(body, posture)).dataset
    moment = data["moment_arm"].values[0] * data["active_capacity"].values[0]
    names = list(body.coordinate_names)
    at = names.index(f"{row.coordinate}_r")
    sign = row.sign * direction_of(body, names[at])
    others = [
        i
        for i, name in enumerate(names)
        if i != at
        and name not in ROOT_COORDINATES
        and side_of(name) == "r"
        and np.abs(data["moment_arm"].values[0, i]).max() > CROSSES
        and not body.coordinate(name).locked
    ]
    return sign * moment[at], moment[others]


def residuals(log_factor: np.ndarray, benches: list[Bench]) -> np.ndarray:
    """Return how far the bodies' mean is from each target, in its spread, then what the prior asks."""
    forces = [bench.factors(np.exp(log_factor)) for bench in benches]
    strength = np.mean([b.strength(f) for b, f in zip(benches, forces, strict=True)], axis=0)
    walking = np.mean([b.walking(f) for b, f in zip(benches, forces, strict=True)])
    missed = [(s - t.mean) / t.spread for s, t in zip(strength, TARGETS, strict=True)]
    return np.array([*missed, (walking - WALKING[0]) / WALKING[1], *(log_factor / PRIOR)])


def asked(log_factor: np.ndarray, benches: list[Bench]) -> np.ndarray:
    """Return the residuals that the fit is to make small: all but those shown only."""
    shown = [i for i, target in enumerate(TARGETS) if not target.fitted]
    return np.delete(residuals(log_factor, benches), shown)


def main() -> None:
    """Fit, say what comes of it, and write the table."""
    benches = [prepare(hip) for hip in HIPS]
    start = np.zeros(len(GROUPS))
    fit = least_squares(asked, start, args=(benches,), diff_step=0.02, bounds=(np.log(0.3), np.log(1.5)), max_nfev=12)
    factors = np.exp(fit.x)
    before, after = residuals(start, benches), residuals(fit.x, benches)
    print("target                     people        before  fitted  left (spreads)")
    for target, old, new in zip(TARGETS, before, after, strict=False):
        values = [target.mean + target.spread * value for value in (old, new)]
        people = f"{target.mean:.2f} +- {target.spread:.2f}"
        print(f"{target.movement:26} {people}  {values[0]:.2f}    {values[1]:.2f}    {new:+.1f}   {target.source}")
    k = len(TARGETS)
    old, new = (WALKING[0] + WALKING[1] * value[k] for value in (before, after))
    people = f"{WALKING[0]:.2f} +- {WALKING[1]:.2f}"
    print(f"{'gluteus medius, walking':26} {people}  {old:.2f}    {new:.2f}    {after[k]:+.1f}   Willson 2012, quoted")
    for group, factor in zip(GROUPS, factors, strict=True):
        print(f"{group:26} x {factor:.2f}")
    with TABLE.open("w", encoding="utf-8", newline="") as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow(["group", "muscles", "factor", "source", "locator", "note"])
        for (group, muscles), factor in zip(GROUPS.items(), factors, strict=True):
            out.writerow([group, ";".join(muscles), f"{factor:.2f}", "gluteal", "docs/fit_strength.py", "fitted"])


if __name__ == "__main__":
    main()

"""Late muscles, one movement: what each delay of each target costs, side by side.

In: mechanics of a movement that starts from rest, targets, delays. Out: effort, hip force early and at its peak, what
is missing, and who jumps in, beside how much the onsets of healthy people scatter anyway.

Every row is the movement with one target (or two together) starting so much later than undisturbed
(`gluteal.nerves.delay`), under activation dynamics, beside the undisturbed movement under the same dynamics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from gluteal.anatomy import group_of, group_words
from gluteal.errors import InputError
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.nerves.delay import STARTED
from gluteal.outcome.compare import judge_pair
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.verdict import VERDICTS
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.solution import Solution
from gluteal.sharing.sweep import solve_pairs, solve_swept
from gluteal.sources.published import load_published
from gluteal.vocabulary import STANDARD_GRAVITY, Side
from gluteal.words import list_words

#: The muscles that the test of firing order looks at.
TARGETS = ("glmax", "hamstrings", "erector-spinae")
#: Delays tried where none are named, s: from within what healthy onsets scatter by, to twice what was claimed late.
DELAYS = (0.05, 0.1, 0.15, 0.3)
#: How long the beginning is, s: own choice, the longest delay that is claimed to matter.
EARLY = 0.15
#: Change of mean activation in the beginning that is worth naming, 1: own choice, as in the verdict.
JUMPED = 0.02
#: Study and reference event of the healthy scatter that stands beside.
SCATTER = "lewis2009"


@dataclass(frozen=True)
class LateRow:
    """One target, one delay.

    Attributes
    ----------
    targets : tuple of str
    seconds : float
    verdict : str
    effort_ratio : float
        Mean effort / that of the undisturbed movement.
    early_hip_bw, peak_hip_bw : float
        Hip force: mean over the first `EARLY` s of the movement, and its peak, body weights.
    missing, coordinate : float and str
        Largest deficit, N m or N, and where.
    helpers : tuple of (group, change)
        Who does more in the beginning: mean activation of a group on the side, 1, most first.
    """

    targets: tuple[str, ...]
    seconds: float
    verdict: str
    effort_ratio: float
    early_hip_bw: float
    peak_hip_bw: float
    missing: float
    coordinate: str
    helpers: tuple[tuple[str, float], ...]

    @property
    def name(self) -> str:
        """The targets in words."""
        return " and ".join(group_words(t) for t in self.targets)


@dataclass(frozen=True)
class LateStarts:
    """What late starts cost in one movement.

    Attributes
    ----------
    movement, title : str
    side : "r" | "l"
    onset : float
        When the first of the targets starts undisturbed, s.
    early_hip_bw, peak_hip_bw : float
        Of the undisturbed movement.
    rows : tuple of LateRow
    refused : mapping of target -> sentence
        Targets without a start that could be late.
    scatter : float
        Standard deviation of healthy onsets of gluteus maximus, s.
    """

    movement: str
    title: str
    side: Side
    onset: float
    early_hip_bw: float
    peak_hip_bw: float
    rows: tuple[LateRow, ...]
    refused: dict[str, str]
    scatter: float

    @property
    def sentence(self) -> str:
        """What it says, in plain language."""
        worst = {}
        for row in self.rows:
            if len(row.targets) == 1 and row.seconds <= EARLY and row.verdict != "impossible":
                worst[row.name] = (row.seconds, row.effort_ratio)
        said = [
            f"{name} {1000 * s:.0f} ms late costs {100 * (ratio - 1):.1f} % effort"
            for name, (s, ratio) in worst.items()
        ]
        failed = [r for r in self.rows if r.verdict == "impossible"]
        core = f"{self.title}: {list_words(said)}." if said else f"{self.title}."
        if failed:
            first = min(failed, key=lambda r: r.seconds)
            core += f" With {first.name} {1000 * first.seconds:.0f} ms late it is not possible exactly this way."
        return (
            f"{core} Healthy onsets of gluteus maximus scatter by {1000 * self.scatter:.0f} ms (standard deviation), "
            "so a delay below that is no finding."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the rows by their published names."""
        return {
            "task": self.movement,
            "side": self.side,
            "onset_s": self.onset,
            "early_s": EARLY,
            "baseline_early_hip_bw": self.early_hip_bw,
            "baseline_peak_hip_bw": self.peak_hip_bw,
            "healthy_scatter_s": self.scatter,
            "sentence": self.sentence,
            "refused": self.refused,
            "rows": [
                {
                    "targets": list(row.targets),
                    "delay_s": row.seconds,
                    "verdict": row.verdict,
                    "effort_ratio": row.effort_ratio,
                    "early_hip_bw": row.early_hip_bw,
                    "peak_hip_bw": row.peak_hip_bw,
                    "missing_nm": row.missing,
                    "coordinate": row.coordinate,
                    "helpers": [{"name": name, "change": change} for name, change in row.helpers],
                }
                for row in self.rows
            ],
        }


def compute_late_starts(
    mechanics: Mechanics,
    *targets: str,
    delays: Sequence[float] = DELAYS,
    side: Side = "r",
    criterion: Criterion | None = None,
) -> LateStarts:
    """Let each target, and each two together, start late by each delay.

    Parameters
    ----------
    targets : str
        Muscles or groups; none: `TARGETS`.
    delays : sequence of float
        s.
    side : "r" | "l"
        Whose.

    Raises
    ------
    InputError
        Where the movement is one posture or a cycle, a delay is no number above 0, or no target starts from rest.
    UnknownName, Unsolved
        As `gluteal.simulate`.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> lift = gluteal.compute_mechanics(body, gluteal.load_task("prone-leg-lift", body))
    >>> gluteal.compute_late_starts(lift, "glmax", delays=[0.1]).rows[0].verdict
    'compensated'
    """
    movement = mechanics.movement
    if len(mechanics.time) < 2 or movement.settings.get("cyclic"):
        kind = "a cycle" if len(mechanics.time) > 1 else "one posture"
        raise InputError(
            f"{movement.name!r} is {kind} and has no start; late starts need a movement that begins at rest, such as "
            "prone-leg-lift, rise-from-chair or onto-one-leg."
        )
    if bad := [d for d in delays if not 0.0 < d <= 10.0]:
        raise InputError(f"The delay {bad[0]:g} s is out of range; give seconds above 0 and at most 10, such as 0.05.")
    names = tuple(dict.fromkeys(targets or TARGETS))
    for name in names:
        mechanics.body.resolve(name, side=side)
    baseline = solve_swept(mechanics, criterion=criterion)
    able, refused = _sort_out(mechanics, names, side, baseline)
    if not able:
        raise InputError(next(iter(refused.values())))
    alone = [(n,) for n in able]
    both = list(combinations(able, 2)) if len(able) <= len(TARGETS) else []
    asked = [(which, d) for which in [*alone, *both] for d in delays]
    pairs = solve_pairs(
        mechanics,
        [Condition.delay(*which, seconds=d, side=side) for which, d in asked],
        criterion=criterion,
        undisturbed=baseline,
    )
    onset = min(_onset(mechanics, n, side, baseline) for n in able)
    early = (mechanics.time >= onset - 1e-9) & (mechanics.time <= onset + EARLY + 1e-9)
    undisturbed = _hip_force(baseline, side)
    rows = []
    for (which, seconds), (before, changed) in zip(asked, pairs, strict=True):
        judged = judge_pair(before, changed)
        force = _hip_force(changed, side)
        rows.append(
            LateRow(
                targets=which,
                seconds=float(seconds),
                verdict=VERDICTS[int(judged.judged.verdict)],
                effort_ratio=float(judged.judged.effort_ratio),
                early_hip_bw=float(force[early].mean()),
                peak_hip_bw=float(force.max()),
                missing=float(judged.deficit),
                coordinate=judged.names[int(judged.judged.deciding)],
                helpers=_list_helpers(before, changed, early, side),
            )
        )
    table = load_published("prone_hip_extension_onsets")
    scatter = table[(table["source"] == SCATTER) & (table["muscle"] == "gluteus maximus")]["sd_ms"].iloc[0] / 1000.0
    return LateStarts(
        movement=movement.name,
        title=movement.title,
        side=side,
        onset=float(onset),
        early_hip_bw=float(undisturbed[early].mean()),
        peak_hip_bw=float(undisturbed.max()),
        rows=tuple(rows),
        refused=refused,
        scatter=float(scatter),
    )


def _sort_out(
    mechanics: Mechanics, names: Sequence[str], side: Side, baseline: Solution
) -> tuple[list[str], dict[str, str]]:
    """Return the targets that can be late, and why the others cannot."""
    able, refused = [], {}
    for name in names:
        term = Condition.delay(name, seconds=DELAYS[0], side=side).effects[0]
        columns = [mechanics.body.muscle_places[m] for m in term.resolve(mechanics.body)]
        try:
            term.share(mechanics, columns, baseline.activation.values)
        except InputError as error:
            refused[name] = str(error)
        else:
            able.append(name)
    return able, refused


def _onset(mechanics: Mechanics, name: str, side: Side, baseline: Solution) -> float:
    rows = [mechanics.body.muscle_places[m] for m in mechanics.body.resolve(name, side=side)]
    return float(mechanics.time[(baseline.activation.values[:, rows] > STARTED).any(axis=1).argmax()])


def _hip_force(solution: Solution, side: Side) -> np.ndarray:
    """Return the contact force of the hip over time, body weights."""
    loads = compute_joint_loads(solution, f"hip_{side}")
    weight = solution.mechanics.body.mass * STANDARD_GRAVITY
    return np.asarray(loads["joint_load"].values[:, 0] / weight)


def _list_helpers(before: Solution, changed: Solution, early: np.ndarray, side: Side) -> tuple[tuple[str, float], ...]:
    """Return the anatomical muscles of the side that do more in the beginning, most first."""
    body = before.mechanics.body
    late = changed.condition.affected(body)
    rise = (changed.activation.values - before.activation.values)[early].mean(axis=0)
    force = body.muscles["max_isometric_force"].values
    found = []
    for group in body.sided_groups:
        rows = [r for r in group.rows if body.muscle_names[r] not in late]
        own = all(group_of(body.muscle_names[r]) == group.group for r in group.rows)  # no group of groups
        if group.side == side and own and len(rows) == len(group.rows):
            change = float(np.average(rise[rows], weights=np.maximum(force[rows], 1e-12)))
            if change > JUMPED:
                found.append((group.group, change))
    return tuple(sorted(found, key=lambda item: -item[1])[:4])

"""A verdict over bodies and walkers: what published anatomies say together, and where they disagree.

One published path of gluteus medius decides a headline that another contradicts, and one walker asks for what another
does not. So a built-in task is done by all 24 bodies of `gluteal.load_bodies` (six hips, two sets of fibres, two
strengths), walking with all built-in walkers. Each of them is one *reading*. Readings of one lineage are one witness:
Delp, Rajagopal and Uhlrich are revisions of one model; the cadaver of Dostal and that of TLEM are the other two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gluteal.engines import body_lineage, compute_bodies, load_bodies, load_body
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import list_walkers, load_task, measured_deviation
from gluteal.nerves.condition import Condition
from gluteal.outcome.compare import JudgedPair, judge_pair
from gluteal.outcome.verdict import VERDICTS, MovementVerdict
from gluteal.sharing.criterion import Criterion
from gluteal.simulate.criteria import find_criterion
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.endurance import solve_settled
from gluteal.words import coordinate_words

#: Share of independent sources, and of readings within one, from which a word is used without "disputed". Ours: three
#: of four.
AGREEMENT = 0.75

EnsembleWord = Literal["possible", "impossible", "disputed", "cannot-be-judged"]


@dataclass(frozen=True)
class EnsembleReading:
    """What one body says of one movement.

    Attributes
    ----------
    body, lineage, movement : str
    verdict : str, of `gluteal.outcome.verdict.VERDICTS`
    coordinate : str
        Where most is missing beyond the limit.
    deficit : float
        Missing there, N m.
    time : float, s
    deviation : float
        Standard deviation of the measured moment there and then, N m; nan where nothing was measured.
    """

    body: str
    lineage: str
    movement: str
    verdict: MovementVerdict
    coordinate: str
    deficit: float
    time: float
    deviation: float

    @property
    def decided(self) -> bool:
        """False where what is missing is less than people themselves differ from stride to stride."""
        return not (self.verdict == "impossible" and self.deficit < self.deviation)

    @property
    def possible(self) -> bool | None:
        """Whether it can be done; None where this is not decided."""
        if self.verdict == "cannot-be-judged" or not self.decided:
            return None
        return self.verdict != "impossible"


@dataclass(frozen=True)
class Ensemble:
    """What all bodies (and walkers) say under a condition.

    Attributes
    ----------
    condition : str
    readings : tuple of EnsembleReading
    """

    condition: str
    readings: tuple[EnsembleReading, ...]

    @cached_property
    def by_source(self) -> dict[str, EnsembleWord]:
        """Lineage -> what its readings say."""
        lineages = dict.fromkeys(r.lineage for r in self.readings)
        return {line: word(_share([r for r in self.readings if r.lineage == line])) for line in lineages}

    @cached_property
    def share(self) -> float:
        """Share of readings in which it can be done, every lineage counting once, 1; nan where none decides."""
        shares = [_share([r for r in self.readings if r.lineage == line]) for line in self.by_source]
        known = [s for s in shares if np.isfinite(s)]
        return float(np.mean(known)) if known else float("nan")

    @property
    def verdict(self) -> EnsembleWord:
        """``possible`` or ``impossible`` where at least `AGREEMENT` of independent sources say so, else disputed."""
        return word(self.share)

    @property
    def undecided(self) -> int:
        """How many readings miss less than the measured moment varies."""
        return sum(not r.decided for r in self.readings)

    def join(self, representative: MovementVerdict) -> str:
        """Return the headline: the representative body's verdict where all agree on its kind, else ``disputed``."""
        if representative == "cannot-be-judged" or self.verdict == "cannot-be-judged":
            return representative
        kind = "impossible" if representative == "impossible" else "possible"
        return representative if self.verdict == kind else "disputed"

    @property
    def sentence(self) -> str:
        """Who says what, in one sentence, and where it fails."""
        bodies = len({r.body for r in self.readings})
        walks = len(self.walkers)
        over = f"{bodies} bodies" + (f" and {walks} walkers" if walks > 1 else "")
        can = sum(r.possible is True for r in self.readings)
        text = f"Of {len(self.readings)} readings ({over}), {can} can do it"
        if self.undecided:
            text += f"; {self.undecided} miss less than the measured moment varies and decide nothing"
        sources = "; ".join(f"{lineage_words(line)}: {said}" for line, said in self.by_source.items())
        failing = [r for r in self.readings if r.possible is False]
        where = ""
        if failing:
            names = [r.coordinate for r in failing]
            most = max(dict.fromkeys(names), key=names.count)
            lack = [r.deficit for r in failing if r.coordinate == most]
            where = f" What is missing is mostly {coordinate_words(most)}, {min(lack):.0f} to {max(lack):.0f} N m."
        return f"{text} ({sources}).{where}"

    @property
    def walkers(self) -> tuple[str, ...]:
        """The movements that were done."""
        return tuple(dict.fromkeys(r.movement for r in self.readings))

    @property
    def table(self) -> list[dict[str, Any]]:
        """Rows for people: each source, in how many of its bodies each movement can be done, and what that says."""
        rows = []
        for line, said in self.by_source.items():
            cells = []
            for walk in self.walkers:
                own = [r for r in self.readings if r.lineage == line and r.movement == walk]
                cells.append(f"{sum(r.possible is True for r in own)} of {len(own)}")
            rows.append({"source": lineage_words(line), "cells": cells, "says": said})
        return rows

    def to_json(self) -> dict[str, Any]:
        """Return the readings by name and what follows from them, as DESIGN's field ``ensemble``."""
        names = [f"{r.body} {r.movement}" if len(self.walkers) > 1 else r.body for r in self.readings]
        return {
            "bodies": len({r.body for r in self.readings}),
            "movements": list(self.walkers),
            "verdict": self.verdict,
            "agreement": self.share,
            "undecided": self.undecided,
            "by_source": self.by_source,
            "verdicts": {
                name: r.verdict if r.decided else "not-decided" for name, r in zip(names, self.readings, strict=True)
            },
            "sentence": self.sentence,
        }


_SOURCES = {
    "dostal": "cadaver of Dostal 1981",
    "tlem": "cadaver of TLEM",
    "delp": "models after Delp 1990",
}


def lineage_words(lineage: str) -> str:
    """Return what an independent source of bodies is called."""
    return _SOURCES[lineage]


def word(share: float) -> EnsembleWord:
    """Return the word for a share of readings in which something can be done.

    >>> word(0.9), word(0.5), word(0.1)
    ('possible', 'disputed', 'impossible')
    """
    if not np.isfinite(share):
        return "cannot-be-judged"
    if share >= AGREEMENT:
        return "possible"
    return "impossible" if share <= 1.0 - AGREEMENT else "disputed"


def _share(readings: Sequence[EnsembleReading]) -> float:
    said = [r.possible for r in readings if r.possible is not None]
    return float(np.mean(said)) if said else float("nan")


def simulate_ensemble(
    task: str,
    *,
    condition: Condition | None = None,
    exponent: float | None = None,
    criterion: Criterion | str | Path | None = None,
    **settings: float | str,
) -> Ensemble:
    """Do a built-in task with every published body (the walk with every walker), and judge each.

    Parameters
    ----------
    task : str
        A built-in task; ``"walk"`` stands for all walkers, another walker for itself.
    condition, exponent, criterion
        As `gluteal.simulate`.
    **settings
        The task's own parameters, as `load_task`.

    Raises
    ------
    UnknownName, InputError
        As `gluteal.simulate` and `load_task`.
    """
    movements = list_walkers() if task == "walk" else (task,)
    bodies, home = load_bodies(), load_body("myo")
    settled = {body.name: settle_strength_loss(condition or Condition(), body) for body in bodies}
    chosen = find_criterion(criterion, exponent)
    readings = []
    for name in movements:
        movement = load_task(name, home, **settings)
        for mechanics in compute_bodies(bodies, movement):
            asked = settled[mechanics.body.name]
            baseline, changed = solve_settled(mechanics, [asked], criterion=chosen)[0]
            readings.append(_read(mechanics, judge_pair(baseline, changed)))
    return Ensemble((condition or Condition()).name, tuple(readings))


def _read(mechanics: Mechanics, pair: JudgedPair) -> EnsembleReading:
    deciding = int(pair.judged.deciding)
    coordinate, frame = pair.names[deciding], int(pair.missing_frame[1, deciding])
    movement = mechanics.movement
    return EnsembleReading(
        body=mechanics.body.name,
        lineage=body_lineage(mechanics.body),
        movement=movement.name,
        verdict=VERDICTS[int(pair.judged.verdict)],
        coordinate=coordinate,
        deficit=float(pair.deficit),
        time=float(movement.time[frame]),
        deviation=measured_deviation(mechanics.body, movement, coordinate, frame),
    )

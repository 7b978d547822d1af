"""The atlas: every exercise with published EMG first, simulation only where it passes its check, loads, and a level.

A simulated activation is a share of full activation, EMG a share of a maximal contraction: alike, not the same. So a
simulated value is shown only where it lies between what studies printed, and how well the order agrees is said first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from gluteal.anatomy import anatomical_name
from gluteal.errors import InputError
from gluteal.ledger.atlas.names import LEVELS, POSITIONS, Exercise, list_equipment, load_exercises
from gluteal.ledger.atlas.published import MUSCLES, PublishedEmg, gather_published
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import FAULTS, LOAD_NOTE, SIDE, Drill, do_exercises
from gluteal.ledger.measures import Rank, rank_correlation, weigh_activation
from gluteal.vocabulary import side_of

#: Fewest exercises that an order is told of: below, a rank correlation has no interval.
FEWEST = 4
#: Groups that are shown where none was asked for.
SHOWN = ("glmax", "glmed")


@dataclass(frozen=True)
class SimulatedCheck:
    """A simulated activation beside what people did.

    `peak` and `mean` of the working leg's group over time, 1; `compared` is the one that the published value is of.
    `low` and `high` are between what people were measured, or None where nobody was. `counted`: the task is the
    exercise, not one that comes near. `fault`: what is known to be wrong of the body in it.
    """

    peak: float
    mean: float
    compared: float
    low: float | None
    high: float | None
    counted: bool
    fault: str
    why: str

    @property
    def inside(self) -> bool | None:
        """Whether it lies between what people were measured; None where nobody was."""
        return None if self.low is None or self.high is None else self.low <= self.compared <= self.high

    @property
    def credible(self) -> bool:
        """Whether the simulated value may stand beside the published one."""
        return self.counted and not self.fault and self.inside is True

    @property
    def sentence(self) -> str:
        """Why it may or may not stand there."""
        if self.low is None or self.high is None:
            return "The exercise is simulated, but no number of people was found to hold it against."
        place = f"simulated {_percent(self.compared)} %, people {_percent(self.low)} to {_percent(self.high)} %"
        if self.inside is False:
            low = self.compared < self.low
            verdict = f"The model disagrees with people, it is too {'low' if low else 'high'}: {place}."
        else:
            verdict = f"The model is among people: {place}."
        if not self.counted:
            verdict += f" It does not count, because the simulated movement differs: {self.why}."
        elif self.why:
            verdict += f" Roughly the same exercise: {self.why}."
        if self.fault:
            verdict += f" Known fault: {self.fault}."
        return verdict


@dataclass(frozen=True)
class AtlasEntry:
    """One exercise: `published` and `check` by group; loads in body weights, None where no task does the exercise.

    `hip_load` and `knee_load` are those of the more loaded side, `back_load` of the lumbosacral joint, largest over
    time. They come with the task: with `check` where it has one, and of a movement that is only near where it says so.
    """

    exercise: Exercise
    published: Mapping[str, PublishedEmg | None]
    check: Mapping[str, SimulatedCheck | None]
    hip_load: float | None
    knee_load: float | None
    back_load: float | None

    @property
    def heaviest(self) -> float:
        """The larger load of hips and low back, body weights; infinite where none is computed."""
        return np.inf if self.hip_load is None or self.back_load is None else max(self.hip_load, self.back_load)

    def say_disagreement(self, groups: Mapping[str, str]) -> str:
        """Say where the simulated exercise is not as people do it; empty where it is, or where nobody was measured.

        Parameters
        ----------
        groups : mapping of str -> str
            Group -> what it is called.
        """
        off = {g: c for g, c in self.check.items() if c is not None and c.counted and c.inside is False}
        if not off:
            return ""
        parts = [
            f"{groups[g]} {_percent(c.compared)} % (people {_percent(c.low or 0.0)} to {_percent(c.high or 0.0)} %)"
            for g, c in off.items()
        ]
        first = next(iter(off.values()))
        fault = f" Known fault: {first.fault}." if first.fault else ""
        why = f" Roughly the same exercise: {first.why}." if first.why else ""
        return f"The model disagrees with people here: {', '.join(parts)}.{fault}{why}"


@dataclass(frozen=True)
class Atlas:
    """Exercises from gentle to hard, for the groups asked for.

    Attributes
    ----------
    groups : mapping of str -> str
        Group -> what it is called.
    entries : tuple of AtlasEntry
        By level, then from less to more published activity of the first group; those without a number last.
    ranks : mapping of str -> Rank
        How well simulated activation ranks exercises of a group, over all of the atlas.
    credible : mapping of str -> (int, int)
        How many simulated values of a group pass, and how many could be held against people.
    ceiling : float or None
        Largest load that was allowed, body weights.
    unknown_load : int
        Exercises left out because no load of theirs is known, under a ceiling.
    """

    groups: Mapping[str, str]
    entries: tuple[AtlasEntry, ...]
    ranks: Mapping[str, Rank]
    credible: Mapping[str, tuple[int, int]]
    ceiling: float | None = None
    unknown_load: int = 0

    @property
    def trust(self) -> str:
        """How far to trust simulated activation, in words."""
        known = {g: r for g, r in self.ranks.items() if r.n >= FEWEST and np.isfinite(r.value)}
        if not known:
            names = " and ".join(self.groups.values())
            return (
                f"Read the published numbers: of {names} too few exercises can be compared to say how well simulated "
                "activation orders them."
            )
        alike = all(rank.low > 0.0 for rank in known.values())
        ranks = ", ".join(
            f"for {self.groups[g]} {r.value:.2f} (95 % interval {r.low:.2f} to {r.high:.2f}, {r.n} exercises)"
            for g, r in known.items()
        )
        passed = " and ".join(f"{shown} of {held} of {self.groups[g]}" for g, (shown, held) in self.credible.items())
        return (
            f"Simulated activation {'orders' if alike else 'is not shown to order'} exercises as EMG does: the rank "
            f"correlation, 1 for the same order and 0 for none, is {ranks}. Read the published numbers; simulated ones "
            f"stand beside them only where they lie among those of people ({passed})."
        )

    @property
    def options(self) -> str:
        """What there is, from gentle to hard, for the person who exercises."""
        first = next(iter(self.groups))
        limit = "" if self.ceiling is None else f" with at most {self.ceiling:g} body weights at hips and low back"
        unknown = f" Of {self.unknown_load} more exercises no load is computed, so they are left out." * bool(
            self.unknown_load
        )
        if not self.entries:
            return f"No exercise here fits{limit}; allow more equipment, another position or a higher load.{unknown}"
        told = []
        for level in LEVELS:
            known = [e for e in self.entries if e.exercise.level == level and _is_mean(e, first)]
            if known:
                least, most = known[0], known[-1]
                ends = [f"{e.exercise.called} ({_percent(_value(e, first))} %)" for e in (least, most)]
                told.append(f"{level}: {' to '.join(dict.fromkeys(ends))}")
        listed = f"{len(self.entries)} exercises{limit}, from gentle to hard"
        if not told:
            return f"{listed}; nothing was published of {self.groups[first]} in them.{unknown}"
        return (
            f"{listed}; EMG of {self.groups[first]} by level, peaks left out: {'; '.join(told)}. "
            f"Begin with whichever suits you, and move up or down from there.{unknown}"
        )

    @property
    def load_note(self) -> str:
        """How to read the loads."""
        return f"{LOAD_NOTE} Knee loads were held against nobody’s."


def build_atlas(bench: Bench, group: str | None = None, *, kept: bool = False) -> Atlas:
    """Return every exercise of the atlas for a muscle or group, or for the two large gluteals.

    Parameters
    ----------
    group : str, optional
        Muscle, group or anatomical name ("glmed", "gluteus maximus"); the right one is looked at. Published numbers
        exist for gluteus maximus, medius and minimus.
    kept : bool
        As `gluteal.ledger.exercises.do_exercises`.

    Raises
    ------
    UnknownName
        For a muscle that the body has not.
    InputError
        For a muscle of the leg that does not work.
    NotJudged, Unsolved
        Where an exercise cannot be judged on this body, or was not solved.
    """
    groups = {g: anatomical_name(bench.body.resolve(g, side=SIDE)[0]) for g in SHOWN} if group is None else {}
    if group is not None:
        key, name = _known_group(bench, group)
        groups = {key: name}
    drills = do_exercises(bench, kept=kept)
    entries = [_entry(bench, exercise, drills, groups) for exercise in load_exercises()]
    first = next(iter(groups))
    entries.sort(key=lambda e: (LEVELS.index(e.exercise.level), _order(e, first), e.exercise.title))
    checks = {
        g: [c for e in entries if (c := e.check[g]) is not None and c.counted and c.inside is not None] for g in groups
    }
    return Atlas(
        groups,
        tuple(entries),
        ranks={g: _rank(entries, g) for g in groups},
        credible={g: (sum(c.credible for c in of), len(of)) for g, of in checks.items()},
    )


def select_exercises(
    atlas: Atlas,
    *,
    equipment: Collection[str] | None = None,
    positions: Collection[str] = (),
    levels: Collection[str] = (),
    ceiling_bw: float | None = None,
) -> Atlas:
    """Return the atlas with fewer exercises.

    Parameters
    ----------
    equipment : collection of str, optional
        What is at hand: exercises that need anything else go; empty or "none" is nothing at all.
    positions, levels : collection of str
        Those wanted; empty is all.
    ceiling_bw : float, optional
        Largest load of either hip and of the lumbosacral joint, body weights; exercises without a computed load go.

    Raises
    ------
    InputError
        For equipment, a position or a level that no exercise has, and for a ceiling that is no positive number.
    """
    if ceiling_bw is not None and not (np.isfinite(ceiling_bw) and ceiling_bw > 0.0):
        raise InputError(f"The ceiling is {ceiling_bw:g} body weights; give a positive number, such as 3.")
    at_hand = None if equipment is None else frozenset(equipment) - {"none"}
    for what, given, known in (
        ("equipment", at_hand or (), (*list_equipment(), "none")),
        ("position", positions, POSITIONS),
        ("level", levels, LEVELS),
    ):
        for name in given:
            if name not in known:
                raise InputError(f"There is no {what} {name!r} in the atlas; give one of {', '.join(known)}.")
    wanted = [
        e
        for e in atlas.entries
        if (at_hand is None or e.exercise.needs_only(at_hand))
        and (not positions or e.exercise.position in positions)
        and (not levels or e.exercise.level in levels)
    ]
    light = [e for e in wanted if ceiling_bw is None or e.heaviest <= ceiling_bw]
    unknown = sum(e.hip_load is None for e in wanted) if ceiling_bw is not None else 0
    return Atlas(atlas.groups, tuple(light), atlas.ranks, atlas.credible, ceiling_bw, unknown)


def _known_group(bench: Bench, group: str) -> tuple[str, str]:
    """Return the group's key, that of a published one where it is the same muscles, and its name for people."""
    members = bench.body.resolve(group, side=SIDE)
    if any(side_of(member) not in (SIDE, None) for member in members):
        raise InputError(f"The exercises are those of the right leg; give {group!r} without a side, or the right one.")
    key = next((g for g in MUSCLES if set(bench.body.resolve(g, side=SIDE)) == set(members)), group)
    names = {anatomical_name(member) for member in members}
    return key, names.pop() if len(names) == 1 else group.replace("-", " ")


def _entry(bench: Bench, exercise: Exercise, drills: Mapping[str, Drill], groups: Mapping[str, str]) -> AtlasEntry:
    published = {g: gather_published(exercise.name, g) for g in groups}
    drill = drills.get(exercise.task or "")
    check = {g: None if drill is None else _check(bench, exercise, drill, g, published[g]) for g in groups}
    loads = (None, None, None) if drill is None else (drill.hip_load, drill.knee_load, drill.back_load)
    return AtlasEntry(exercise, published, check, *loads)


def _check(
    bench: Bench, exercise: Exercise, drill: Drill, group: str, published: PublishedEmg | None
) -> SimulatedCheck:
    course = weigh_activation(bench.body, drill.activation, group, SIDE)
    peak, mean = float(course.max(skipna=False)), float(course.mean(skipna=False))
    low, high = (None, None) if published is None else published.band
    return SimulatedCheck(
        peak=peak,
        mean=mean,
        compared=peak if published is not None and published.basis == "peak" else mean,
        low=low,
        high=high,
        counted=exercise.match in ("same", "roughly"),
        fault=FAULTS.get(exercise.task or "", ""),
        why=exercise.why,
    )


def _rank(entries: Collection[AtlasEntry], group: str) -> Rank:
    """Return how simulated means rank exercises beside published ones; peaks are another quantity, and left out."""
    pairs = [
        (check.mean, emg.value)
        for e in entries
        if (check := e.check[group]) is not None
        and check.counted
        and (emg := e.published[group]) is not None
        and emg.basis != "peak"
    ]
    if len(pairs) < FEWEST:
        return Rank(float("nan"), float("nan"), float("nan"), len(pairs))
    simulated, published = np.array(pairs).T
    return rank_correlation(simulated, published)


def _is_mean(entry: AtlasEntry, group: str) -> bool:
    emg = entry.published[group]
    return emg is not None and emg.basis != "peak"


def _value(entry: AtlasEntry, group: str) -> float:
    emg = entry.published[group]
    return float("nan") if emg is None else emg.value


def _order(entry: AtlasEntry, group: str) -> float:
    """Return what entries of a level are ordered by: means first; peaks, which are another quantity, after them."""
    emg = entry.published[group]
    return np.inf if emg is None else emg.value + (1e3 if emg.basis == "peak" else 0.0)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"

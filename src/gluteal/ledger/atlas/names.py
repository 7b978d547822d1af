"""Exercises by name: what they need, which leg works, how hard they are, and which built-in task does them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from gluteal.files import read_rows, read_table_text

ExerciseLevel = Literal["gentle", "moderate", "hard"]
Position = Literal["lying", "all fours", "plank", "sitting", "standing"]
TaskMatch = Literal["same", "roughly", "near"]
LEVELS: tuple[ExerciseLevel, ...] = get_args(ExerciseLevel)
POSITIONS: tuple[Position, ...] = get_args(Position)
# Words that keep their capital inside a sentence.
_PROPER = ("Romanian",)
#: The rule of the level, in words for people.
LEVEL_RULE = (
    "Gentle: lying, sitting, on all fours or on both feet, without any weight. Moderate: one leg with little bend, one "
    "foot in front or on a step; or a band, a small weight, a push against a wall. Hard: one leg bent deeply or under "
    "a level trunk, a plank, a jump; or a bar, machine, dumbbells or bell near what a few repetitions allow. The "
    "harder of the two counts."
)


@dataclass(frozen=True)
class MeasuredHip:
    """Largest hip force in people with implants: `low` to `high` over `people`, body weights; `source` is a key."""

    low: float
    high: float
    people: int
    source: str


@dataclass(frozen=True)
class Exercise:
    """One exercise as people do it.

    Attributes
    ----------
    name, title : str
        Its name in the tables, and for people.
    family : str
        What it is a form of.
    position : Position
    support, load : int
        0 to 2, how much posture and weight ask, see ``exercises.csv``.
    equipment : tuple of str
        Everything that is needed; empty where nothing is.
    legs : str
        Which leg the numbers belong to.
    also, how_to : str
        Other names, and what to do.
    task : str or None
        The built-in task that does it, or comes near.
    match : TaskMatch or None
        "same"; "roughly" (nothing that loads the hip is known to differ); "near" (a load, a contact or the speed does).
    why : str
        What differs.
    hip_measured : MeasuredHip or None
        What implants measured in it.
    """

    name: str
    title: str
    family: str
    position: Position
    support: int
    load: int
    equipment: tuple[str, ...]
    legs: str
    also: str
    how_to: str
    task: str | None
    match: TaskMatch | None
    why: str
    hip_measured: MeasuredHip | None

    @property
    def level(self) -> ExerciseLevel:
        """Gentle, moderate or hard, by `LEVEL_RULE`."""
        return LEVELS[max(self.support, self.load)]

    @property
    def called(self) -> str:
        """The title inside a sentence."""
        return self.title if self.title.startswith(_PROPER) else self.title[0].lower() + self.title[1:]

    def needs_only(self, at_hand: frozenset[str]) -> bool:
        """Whether it needs nothing but what is at hand."""
        return set(self.equipment) <= at_hand


@cache
def load_exercises() -> tuple[Exercise, ...]:
    """Return every exercise of the atlas, in the order of the table.

    >>> clam = next(e for e in load_exercises() if e.name == "clam")
    >>> clam.level, clam.task, clam.equipment
    ('gentle', 'clam', ())
    """
    rows = read_rows(read_table_text("gluteal.sources.published", "exercises.csv"))
    return tuple(
        Exercise(
            name=row["exercise"],
            title=row["title"],
            family=row["family"],
            position=row["position"],  # type: ignore[arg-type]
            support=int(row["support"]),
            load=int(row["load"]),
            equipment=tuple(filter(None, row["equipment"].split(";"))),
            legs=row["legs"],
            also=row["also"],
            how_to=row["how_to"],
            task=row["task"] or None,
            match=row["match"] or None,  # type: ignore[arg-type]
            why=row["why"],
            hip_measured=_measured_hip(row),
        )
        for row in rows
    )


def _measured_hip(row: dict[str, str]) -> MeasuredHip | None:
    if not row["hip_low"]:
        return None
    return MeasuredHip(float(row["hip_low"]), float(row["hip_high"]), int(row["hip_people"]), row["hip_source"])


def list_equipment() -> tuple[str, ...]:
    """Return everything that some exercise needs, in alphabetical order."""
    return tuple(sorted({item for exercise in load_exercises() for item in exercise.equipment}))

"""A term: one thing done to one target, and everything the rest of the house needs to know about it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from gluteal.anatomy import group_words
from gluteal.errors import InputError
from gluteal.vocabulary import SIDE_CHOICES, Sides

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics
    from gluteal.nerves.share import Share

_SIDE_WORDS = {"r": "right ", "l": "left ", "both": ""}


@dataclass(frozen=True)
class ValueRange:
    """From where to where a term's value goes, and how that is said ("the loss must lie between 0 and 1")."""

    low: float
    high: float
    name: str
    words: str


#: Shares of motor units or strength that are gone.
LOSS = ValueRange(0.0, 1.0, "loss", "between 0 (none) and 1 (all)")


@dataclass(frozen=True)
class TermOption:
    """The command-line option that a term brings: ``--name METAVAR``.

    Attributes
    ----------
    metavar : str
        The form of what follows, NAME=VALUE in the term's own words ("M=LOSS").
    does : str
        What the term does, in half a sentence.
    example : str
        A NAME=VALUE that works, quoted for a shell.
    unsaid : float or None
        The value of a NAME that stands alone; None where a value must be said.
    """

    name: str
    metavar: str
    does: str
    example: str
    unsaid: float | None = None

    @property
    def help(self) -> str:
        """What ``--help`` says."""
        return f"{self.metavar}: {self.does}"


@dataclass(frozen=True)
class Wished:
    """Muscles whose activation, pooled as an electrode sees them, is to reach a level: price (level - it)^2 below it.

    Attributes
    ----------
    muscles : tuple of str
        Of one side.
    level : float
        Activation, 0..1.
    price : float
        Above 0; a fully active muscle counts 1.
    """

    muscles: tuple[str, ...]
    level: float
    price: float


@dataclass(frozen=True)
class Term(ABC):
    """One thing done to one target.

    A subclass is frozen and final, states the class attributes below, its words among them, and what it leaves of its
    muscles (`share`). Further fields need a default; they follow the others in `to_json`.

    Attributes
    ----------
    target : str
        Muscle, group, nerve, anatomical name, or movement.
    value : float
        Share (0..1), seconds, or whatever `value_range` says.
    side : "r" | "l" | "both"
        Which side, where the target does not say.
    kind : str, of the class
        Name in JSON and in plans of studies.
    sentence : str, of the class
        The term in words, with ``{where}`` for its target and ``{percent}``, ``{milliseconds}`` or ``{value}``.
    sentence_at_zero : str, of the class
        Said in its place where the value is 0; empty where that needs no words of its own.
    remark : str, of the class
        What a report says of such a term beside its result; empty where nothing is to be said.
    idle_on_dynamometer : str, of the class
        Why it changes nothing that a dynamometer reads; empty where it does.
    value_range : ValueRange, of the class
    option : TermOption, of the class
    needs_undisturbed : bool, of the class
        Whether `share` reads the undisturbed course of activation.
    takes_capacity : bool, of the class
        Whether it takes motor units away, so that one may speak of what is left of a muscle.
    names_muscles : bool, of the class
        Whether its target is muscles; what acts on all of them acts on none in particular.

    Raises
    ------
    InputError
        Where the value is out of range or the side is none.
    """

    target: str
    value: float
    side: Sides = "both"

    kind: ClassVar[str]
    sentence: ClassVar[str]
    sentence_at_zero: ClassVar[str] = ""
    remark: ClassVar[str] = ""
    idle_on_dynamometer: ClassVar[str] = ""
    value_range: ClassVar[ValueRange]
    option: ClassVar[TermOption]
    needs_undisturbed: ClassVar[bool] = False
    takes_capacity: ClassVar[bool] = False
    names_muscles: ClassVar[bool] = True

    def __post_init__(self) -> None:
        allowed = self.value_range
        if not (math.isfinite(self.value) and allowed.low <= self.value <= allowed.high):
            raise InputError(
                f"{self.kind} {self.target!r} = {self.value:g} is out of range: "
                f"the {allowed.name} must lie {allowed.words}."
            )
        if self.side not in SIDE_CHOICES:
            raise InputError(f'{self.kind} {self.target!r}: the side is {self.side!r}; give "r", "l" or "both".')

    def describe(self) -> str:
        """Say the term in words ("50 % of the right gluteus maximus gone")."""
        text = self.sentence if self.value or not self.sentence_at_zero else self.sentence_at_zero
        ms = f"{1000 * self.value:.3g}"
        return text.format(where=self.where, percent=self.percent, milliseconds=ms, value=f"{self.value:g}")

    @abstractmethod
    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return what is left of the term's own muscles.

        Parameters
        ----------
        columns : sequence of int
            Where the term's muscles stand among those of the body.
        undisturbed : (..., time, muscle) or None
            Activation of all muscles without the condition, 1; None where nobody solved it.

        Returns
        -------
        Share
            Arrays that broadcast to (..., time, column); what it does not name stays as it is.
        """

    def wishes(self, body: Body) -> tuple[Wished, ...]:
        """Return what muscles are to do as far as that is possible; nothing but of a term that wishes."""
        return ()

    @property
    def joint_prices(self) -> tuple[tuple[str, float], ...]:
        """What (contact force / body weight)^2 costs, by kind of joint; nothing but of a term that spares joints."""
        return ()

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return the muscles acted on; raises UnknownName, or InputError where the side has none."""
        return body.resolve(self.target, side=self.side)

    def to_json(self) -> dict[str, Any]:
        """Return the term as plain data."""
        return {"kind": self.kind, **{f.name: getattr(self, f.name) for f in fields(self)}}

    @property
    def where(self) -> str:
        """The target in words, with its side."""
        return self.words_of(self.target)

    def words_of(self, name: str) -> str:
        """Say a muscle, group or joint in words, with the term's side."""
        return f"{_SIDE_WORDS[self.side]}{group_words(name)}"

    @property
    def percent(self) -> str:
        """The value as a percentage."""
        return f"{100 * self.value:.3g} %"

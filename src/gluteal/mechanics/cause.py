"""What speaks against judging a movement: the cause, where it is, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

CauseKind = Literal[
    "posture",
    "weighed",
    "filter",
    "axes",
    "sign",
    "units",
    "time",
    "feet",
    "place",
    "support",
    "mass",
    "residual",
    "muscle",
    "deficit",
]
#: Kinds by how much else they explain: a root cause before what follows from it.
CAUSE_ORDER: tuple[CauseKind, ...] = get_args(CauseKind)
#: A shorter piece of a movement is not offered as a window, s.
SHORTEST_WINDOW = 0.25


@dataclass(frozen=True)
class Cause:
    """One reason why nothing should be concluded from a movement.

    Attributes
    ----------
    what, where, next : str
        Sentences without a full stop: what is wrong, where it shows, what to do about it.
    good : (T,) bool or None
        The frames that are free of it; None where it is about the movement as a whole.
    window : (start, end) or None
        The longest piece of the movement that is free of it and of all other findings, s; `order_causes` tells it.
    """

    kind: CauseKind
    what: str
    where: str
    next: str
    good: np.ndarray | None = field(default=None, repr=False, compare=False)
    window: tuple[float, float] | None = None

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return f"{self.what[0].upper()}{self.what[1:]} ({self.where}). {self.advice[0].upper()}{self.advice[1:]}."

    @property
    def advice(self) -> str:
        """What to do next, and which piece of the movement could be judged as it is."""
        if self.window is None:
            return self.next
        first, last = (f"{x:.6g}" for x in self.window)
        return (
            f"{self.next}; or judge the piece from {first} to {last} s, with window = [{first}, {last}] in trial.toml"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the finding by its published names."""
        return {
            "kind": self.kind,
            "what": self.what,
            "where": self.where,
            "next": self.advice,
            "window_s": None if self.window is None else list(self.window),
        }


def order_causes(findings: Iterable[Cause], time: np.ndarray) -> tuple[Cause, ...]:
    """Order findings, the cause before what follows from it, and tell which piece of the movement is free of all.

    >>> good = np.array([False, True, True, True, True])
    >>> found = Cause("deficit", "the knee lacks 87 N·m", "at 0 s", "scale the model", good)
    >>> order_causes([found], np.arange(5) / 10)[0].advice
    'scale the model; or judge the piece from 0.1 to 0.4 s, with window = [0.1, 0.4] in trial.toml'
    """
    ordered = sorted(findings, key=lambda f: CAUSE_ORDER.index(f.kind))
    masks = [f.good for f in ordered if f.good is not None]
    if not masks or len(masks) < len(ordered):
        return tuple(ordered)
    window = longest_window(time, np.logical_and.reduce(masks))
    return tuple(replace(f, window=window) for f in ordered)


def longest_window(time: np.ndarray, good: np.ndarray) -> tuple[float, float] | None:
    """Return the longest piece of time (T,) s in which all frames are good (T,) bool, if it is worth a try.

    >>> longest_window(np.arange(6) / 10, np.array([True, False, True, True, True, True]))
    (0.2, 0.5)
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    starts, ends = edges[::2], edges[1::2] - 1
    if good.all() or not len(starts):
        return None
    most = int(np.argmax(time[ends] - time[starts]))
    first, last = float(time[starts[most]]), float(time[ends[most]])
    return (round(first, 6), round(last, 6)) if last - first >= SHORTEST_WINDOW else None


def say_time(time: np.ndarray, bad: np.ndarray) -> str:
    """Say when frames (T,) bool are bad; where none is by itself, all are together."""
    rows = np.flatnonzero(bad)
    if len(rows) in (0, len(time)):
        return "in all frames"
    if len(rows) == 1:
        return f"at {time[rows[0]]:.3g} s"
    return f"in {len(rows)} of {len(time)} frames between {time[rows[0]]:.3g} and {time[rows[-1]]:.3g} s"

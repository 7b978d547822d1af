"""How well an adaptation is solved: its certificate, and the ends that the search came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AdaptationCertificate:
    """How well it is solved: the inner problem, the outer one, and the gradient between them.

    Attributes
    ----------
    inner : float
        Largest Karush-Kuhn-Tucker residual of the load sharing, 1.
    outer : float
        Largest component of the outer problem's projected gradient, cost per scaled unit (0.1 rad).
    gradient : float
        Largest difference between the envelope gradient and a central difference along random directions, as a share
        of 1 + the difference's size.
    converged : bool
        Whether the outer problem stopped by itself.
    evaluations : int
        How often the inner problem was solved on the way.
    """

    inner: float
    outer: float
    gradient: float
    converged: bool
    evaluations: int

    def to_json(self) -> dict[str, Any]:
        """Return the certificate by its published names."""
        return {
            "inner": self.inner,
            "outer": self.outer,
            "gradient": self.gradient,
            "converged": self.converged,
            "evaluations": self.evaluations,
        }


@dataclass(frozen=True)
class Basin:
    """An end that some start of the search led to: its cost, and how far it is from the best, deviations of the habit.

    `starts` are the names of the starts that led there.
    """

    starts: tuple[str, ...]
    cost: float
    distance: float

    def to_json(self) -> dict[str, Any]:
        """Return the basin by its published names."""
        return {"starts": list(self.starts), "cost": self.cost, "distance": self.distance}

"""Strategies: whose work counts more, when load is shared another way than by least effort.

A strategy of strength k multiplies the weight of each muscle's activation by 1 + (k - 1) q, over the mean of that over
the muscles of the legs, so that activation as a whole stays as dear beside all else that counts:

- ``economical``: q = 0, the least effort as it is;
- ``metabolic``: q = volume of the muscle over the mean of the legs', as energy goes with volume;
- ``hip-sparing`` (``distal``): q = 1 for muscles that cross a hip, else 0;
- ``ankle-sparing`` (``proximal``): q = 1 for muscles that cross an ankle or a joint of the foot;
- ``joint-sparing``: q = 0, but (k - 1) / (`USUAL_STRENGTH` - 1) `JOINT_PRICE` (contact force / body weight)^2 is added
  for every hip, knee and lumbosacral joint of the body.

So strength 1 changes nothing, whatever the strategy. The movement stays as it is, and with it every joint's moment: a
strategy only picks among muscles that do the same. Whoever really spares a hip moves differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from gluteal.errors import UnknownName
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term, TermOption, ValueRange
from gluteal.vocabulary import side_of, unsided

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics

STRATEGIES = ("economical", "metabolic", "hip-sparing", "ankle-sparing", "joint-sparing")
_ALSO = {"distal": "hip-sparing", "proximal": "ankle-sparing"}
#: How many times as much the work of what is spared counts where nothing is said: own choice, the smaller of the
#: factors 4 and 16 with which the idea was tried.
USUAL_STRENGTH = 4.0
#: What (force / body weight)^2 in a joint costs at the usual strength: own choice, that of the criterion joint-sparing
#: (`gluteal.simulate.criteria.HIP_PRICE`).
JOINT_PRICE = 0.1
#: Kinds of joints that the strategy joint-sparing spares.
SPARED_JOINTS = ("hip", "knee", "lumbosacral")
_SPARED = {
    "hip-sparing": ("hip_flexion", "hip_adduction", "hip_rotation"),
    "ankle-sparing": ("ankle_angle", "subtalar_angle", "mtp_angle"),
}


def find_strategy(name: str) -> str:
    """Return a strategy's name; blanks and ``_`` are as good as ``-``. Raises UnknownName.

    >>> find_strategy("Hip sparing"), find_strategy("proximal")
    ('hip-sparing', 'ankle-sparing')
    """
    plain = name.strip().lower().replace("_", "-").replace(" ", "-")
    plain = _ALSO.get(plain, plain)
    if plain not in STRATEGIES:
        raise UnknownName("strategy", name, [*STRATEGIES, *_ALSO], "docs/strategy.md")
    return plain


@final
@dataclass(frozen=True)
class Strategy(Term):
    """Load is shared by another strategy than least effort.

    >>> Strategy("hip-sparing", 4.0, "r").describe(), Strategy("economical", 4.0).describe()
    ('hip-sparing strategy on the right (x 4)', 'economical strategy')
    """

    kind = "strategy"
    sentence = "{where}"
    value_range = ValueRange(1.0, 1000.0, "strength of a strategy", "between 1 (none) and 1000")
    option = TermOption(
        "strategy",
        "S[=TIMES]",
        f"share load another way: {', '.join(STRATEGIES)}.",
        "hip-sparing=4",
        unsaid=USUAL_STRENGTH,
    )
    remark = (
        "The movement is held as it is, and with it the moment of every joint: a strategy only chooses among muscles "
        "that do the same. Whoever spares a joint in life moves differently; gluteal adapt lets the posture follow."
    )
    idle_on_dynamometer = (
        "A strategy changes nothing here: it chooses among muscles that do the same, and who pulls with all their "
        "strength uses them all."
    )
    names_muscles = False

    def __post_init__(self) -> None:
        super().__post_init__()
        find_strategy(self.target)

    @property
    def where(self) -> str:
        """The strategy in words."""
        name = find_strategy(self.target)
        side = {"r": " on the right", "l": " on the left", "both": ""}[self.side]
        return f"{name} strategy{side}" + ("" if name == "economical" else f" (x {self.value:g})")

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return all muscles: how much each counts follows from the movement."""
        return body.muscle_names

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return the prices, (..., 1, column)."""
        price = 1.0 + (self.value - 1.0) * self.concern(mechanics)
        price = price / price[..., mechanics.leg_muscles].mean(axis=-1, keepdims=True)
        return Share(price=price[..., None, list(columns)])

    @property
    def joint_prices(self) -> tuple[tuple[str, float], ...]:
        """What the square of the force in body weights costs, by kind of joint."""
        price = JOINT_PRICE * (self.value - 1.0) / (USUAL_STRENGTH - 1.0)
        if find_strategy(self.target) != "joint-sparing" or not price:
            return ()
        return tuple((kind, price) for kind in SPARED_JOINTS)

    def concern(self, mechanics: Mechanics) -> np.ndarray:
        """Return how much each muscle bears on what is spared, (..., muscle) 1."""
        import numpy as np

        from gluteal.mechanics.build import CROSSES

        name, body = find_strategy(self.target), mechanics.body
        force = mechanics.dataset.variables["max_isometric_force"].values
        own = np.array([self.side == "both" or side_of(m) in (self.side, None) for m in body.muscle_names])
        if name == "metabolic":
            volume = force * body.muscles["optimal_fiber_length"].values
            return np.asarray(own * volume / volume[..., mechanics.leg_muscles].mean(axis=-1, keepdims=True))
        rows = [i for i, c in enumerate(body.coordinate_names) if unsided(c) in _SPARED.get(name, ())]
        arm = abs(mechanics.dataset["moment_arm"]).max("time").transpose(..., "coordinate", "muscle").values
        return np.asarray(own * (arm[..., rows, :] > CROSSES).any(axis=-2))

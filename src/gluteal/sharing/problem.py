"""The load-sharing problem: what is asked, what muscles and supports can do about it, and what counts as effort.

For each frame of each person on its own,

    minimise    sum(w a^p) + 1e-3 sum((s / body weight)^2) + K sum((k r)^2)
    subject to  moment_arm (capacity a + passive) + support_arm s + r = joint_moment,
                floor <= a <= ceiling,  s >= 0,

where k is `ROOT_ROW_SCALE` on the rows of the pelvis and 1 elsewhere, and K is the price of reserves
(`gluteal.kernels.sharing`). Forces between two feet that stand, or a foot and another support, may cancel and move
nothing: `WEAK_PRICE` sum((W s)^2) is added to the cost, with W s in deviations of what people's feet do
(`gluteal.mechanics.movement.WeakRow`). A criterion may add squares of joint forces, of what is short of a floor, of
what is off a recording, and a condition of what is short of a wish (`gluteal.sharing.soft`): soft rows of the same
problem. `build_sharing` writes it down,
`gluteal.sharing.solution` solves it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from gluteal.errors import InputError
from gluteal.kernels.sharing import SoftRows
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition, assemble
from gluteal.nerves.share import Share
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.soft import make_soft_rows, stack_soft_rows
from gluteal.vocabulary import STANDARD_GRAVITY

if TYPE_CHECKING:
    from gluteal.sharing.solution import Solution

#: How much dearer a reserve at the pelvis is, as a factor on its row (the cost rises with its square). No
#: muscle crosses these rows, only supports do; were they as cheap as joints, a hip that lacks a moment would
#: hide half of it there.
ROOT_ROW_SCALE = 3.0


#: What a weak row that is off by one deviation costs; a muscle at full activation counts 1: own choice, weak enough
#: that nothing becomes impossible by it, and strong enough that no foot twists by more than people's.
WEAK_PRICE = 1.0
# Larger arrays of one number are not kept but seen as one, for memory's sake.
_MOST_ALIKE = 100_000


@dataclass(frozen=True, repr=False, eq=False)
class SharingProblem:
    """Load sharing written down: bare arrays with what they are made of. Rows are the recruited coordinates (Q).

    Leading dimensions (...,) are () for one person, or (person,).

    Attributes
    ----------
    A : (..., T, Q, M) N m or N
        Generalised force of each muscle at full activation, times `scale`.
    S : (T, Q, R)
        Generalised force per newton along each support ray, times `scale`.
    W : (T, P, R)
        What a newton along each support ray adds to each weak row (P), in deviations.
    b : (..., T, Q)
        What active forces, supports and reserves must supply, times `scale`.
    share : Share
        What the condition leaves, each array broadcast to (..., T, M); reluctance is within the price.
    weight : (..., T, M)
        What an activation counts to its exponent: the criterion's weight times the terms' price.
    scale : (Q,)
        `ROOT_ROW_SCALE` on the rows of the pelvis, 1 elsewhere.
    rows : (Q,) int
        Which coordinates of the mechanics the rows are.
    priced : SoftRows or None
        What criterion and wishes ask beside activations.
    swept : bool
        Whether floor and ceiling are those that activation dynamics leave (`gluteal.sharing.sweep`).
    """

    mechanics: Mechanics
    condition: Condition
    criterion: Criterion
    A: np.ndarray
    S: np.ndarray
    W: np.ndarray
    b: np.ndarray
    share: Share
    weight: np.ndarray
    scale: np.ndarray
    rows: np.ndarray
    priced: SoftRows | None = None
    swept: bool = False

    def __repr__(self) -> str:
        *lead, frames, rows, muscles = self.A.shape
        people = f"{lead[0]} people x " if lead else ""
        return (
            f"<SharingProblem: {self.mechanics.movement.name}, {self.condition.name}, {self.criterion.name}; "
            f"{people}{frames} frames x {rows} coordinates x {muscles} muscles, {self.S.shape[-1]} support rays>"
        )

    @property
    def coordinates(self) -> tuple[str, ...]:
        """Names of the rows."""
        return tuple(map(str, self.mechanics.dataset["coordinate"].values[self.rows]))

    @property
    def support_scale(self) -> float:
        """Force that support forces are measured against: the body's weight, N."""
        return self.mechanics.body.mass * STANDARD_GRAVITY

    @property
    def soft(self) -> SoftRows:
        """Everything that costs as it is off: weak rows of the feet, then what the criterion asks, (..., T, P, ·)."""
        frames, count, _ = self.W.shape
        if not count and self.priced is not None:
            return self.priced
        weak = SoftRows(
            A=np.zeros((frames, count, self.A.shape[-1])),
            S=self.W * np.sqrt(WEAK_PRICE),
            b=np.zeros((frames, count)),
            one_sided=np.zeros(count, bool),
        )
        return weak if self.priced is None else stack_soft_rows([weak, self.priced])

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The problem with labels and without `scale`, to look at.

        ``muscle_moment`` (..., time, coordinate, muscle) N m or N at full activation, ``support_arm`` (time,
        coordinate, ray), ``weak_arm`` (time, weak_row, ray) 1/N, ``demand`` (..., time, coordinate) N m or N, and
        ``floor``, ``ceiling``, ``capacity``
        (share left), ``weight`` (..., time, muscle) 1.
        """
        lead = ("person",) * (self.A.ndim - 3)
        by_muscle = (*lead, "time", "muscle")
        data = self.mechanics.dataset
        return xr.Dataset(
            {
                "muscle_moment": (
                    (*lead, "time", "coordinate", "muscle"),
                    self.A / self.scale[:, None],
                    {"units": "N m or N"},
                ),
                "support_arm": (("time", "coordinate", "ray"), self.S / self.scale[:, None], {"units": "m or 1"}),
                "weak_arm": (("time", "weak_row", "ray"), self.W, {"units": "1/N"}),
                "demand": ((*lead, "time", "coordinate"), self.b / self.scale, {"units": "N m or N"}),
                "floor": (by_muscle, self.share.floor, {"units": "1"}),
                "ceiling": (by_muscle, self.share.ceiling, {"units": "1"}),
                "capacity": (by_muscle, self.share.capacity, {"units": "1"}),
                "weight": (by_muscle, self.weight, {"units": "1"}),
            },
            coords={
                "time": data["time"],
                "muscle": data["muscle"],
                "ray_support": data["ray_support"],
                "coordinate": list(self.coordinates),
                "weak_row": [row.name for row in self.mechanics.movement.weak_rows],
            },
        )

    def left(self, share: np.ndarray) -> SharingProblem:
        """Return the problem with `share` (muscle,) of each muscle's capacity left."""
        return replace(
            self,
            A=self.A * share,
            share=replace(self.share, capacity=self.share.capacity * share),
            priced=None if self.priced is None else self.priced._replace(A=self.priced.A * share),
        )

    def perturbed(self, size: float, *, seed: int = 0) -> SharingProblem:
        """Return the problem with every number of A, S, W, b and `priced` off by the share `size`, by chance."""
        rng = np.random.default_rng(seed)

        def off(array: np.ndarray) -> np.ndarray:
            return array * (1.0 + size * rng.choice([-1.0, 1.0], size=array.shape))

        beside = replace(self, A=off(self.A), S=off(self.S), W=off(self.W), b=off(self.b))
        if (rows := self.priced) is None:
            return beside
        return replace(beside, priced=SoftRows(off(rows.A), off(rows.S), off(rows.b), rows.one_sided))


def build_sharing(
    mechanics: Mechanics,
    *,
    condition: Condition | None = None,
    criterion: Criterion | None = None,
    undisturbed: Solution | None = None,
    weight: np.ndarray | None = None,
) -> SharingProblem:
    """Write down the load sharing of a movement under a condition.

    Parameters
    ----------
    condition : Condition or None
        A ``strength-loss`` must have been settled (`gluteal.settle_strength_loss`).
    criterion : Criterion or None
        None is sum(a^2).
    undisturbed : Solution or None
        The same without the condition; needed where `Condition.needs_undisturbed` (``delay``).
    weight : (muscle,) or (time, muscle) array, optional
        What each muscle's activation counts beside the criterion, above 0.

    Raises
    ------
    InputError
        Where a weight is not a finite number above 0 or their shape does not fit, or the condition cannot be met.
    """
    condition, criterion = condition or Condition(), criterion or Criterion()
    data, balance = mechanics.dataset.variables, mechanics.balance
    scale = np.where(balance.at_root, ROOT_ROW_SCALE, 1.0)
    whole, arm = data["active_capacity"].values, balance.moment_arm
    shape = np.broadcast_shapes(whole.shape, arm.shape[:-2] + arm.shape[-1:])
    found = assemble(condition, mechanics, None if undisturbed is None else undisturbed.activation.values)
    share = Share(*(_fill(np.asarray(a), shape) for a in (found.floor, found.ceiling, found.capacity, found.weight)))
    own = criterion.weight(mechanics)
    own = own if own.ndim == 1 else own[:, None]
    A = arm * (whole * share.capacity)[..., None, :]
    if balance.at_root.any():
        A[..., balance.at_root, :] *= ROOT_ROW_SCALE
    return SharingProblem(
        mechanics=mechanics,
        condition=condition,
        criterion=criterion,
        A=A,
        S=scale[:, None] * balance.support_arm,
        W=mechanics.weak_arm,
        b=scale * balance.demand,
        share=share,
        weight=own * _checked(weight, shape[-2:]) * share.price,
        scale=scale,
        rows=balance.rows,
        priced=make_soft_rows(criterion, mechanics, share.capacity, condition),
    )


def _fill(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the array broadcast to a shape, itself where it has it: NumPy takes microseconds to find out."""
    if array.shape == shape:
        return array
    if array.ndim == 0 and math.prod(shape) <= _MOST_ALIKE:
        return _alike(array.item(), shape)
    return np.broadcast_to(array, shape)


@lru_cache(maxsize=32)
def _alike(value: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of one number, for reading only: most conditions leave most bounds as they are."""
    array = np.full(shape, value)
    array.flags.writeable = False
    return array


def _checked(weight: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights that were given, or 1."""
    if weight is None:
        return np.ones(())
    given = np.asarray(weight, dtype=float)
    if given.shape not in (shape, shape[1:]):
        raise InputError(f"The weights have shape {given.shape}; they must have {shape[1:]} or {shape}.")
    if not np.all(np.isfinite(given) & (given > 0.0)):
        raise InputError("A weight is not a finite number above 0.")
    return given

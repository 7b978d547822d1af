"""What nerves leave of muscles: the record that every term returns, and how records add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@cache
def _nothing() -> np.ndarray:
    return _number(0.0)


@cache
def _whole() -> np.ndarray:
    return _number(1.0)


def _number(value: float) -> np.ndarray:
    import numpy as np  # the command line's options are made of terms, and asking for help takes no NumPy

    number = np.array(value)
    number.flags.writeable = False  # all shares have the same one
    return number


@dataclass(frozen=True, eq=False)
class Share:
    """What is left of muscles, each (..., time, muscle) or what broadcasts to it; by default everything.

    Leading dimensions (a person, a condition) are free; the fields need not have the same.

    Attributes
    ----------
    floor : np.ndarray
        Smallest activation allowed, 1.
    ceiling : np.ndarray
        Largest activation allowed, 1.
    capacity : np.ndarray
        Share of the active capacity left, 1; activation counts relative to it.
    price : np.ndarray
        Factor on the weight of an activation in the effort, 1.
    reluctance : np.ndarray
        The same from a joint that holds drive back, 1: of several only the largest counts.
    """

    floor: np.ndarray = field(default_factory=_nothing)
    ceiling: np.ndarray = field(default_factory=_whole)
    capacity: np.ndarray = field(default_factory=_whole)
    price: np.ndarray = field(default_factory=_whole)
    reluctance: np.ndarray = field(default_factory=_whole)

    @property
    def weight(self) -> np.ndarray:
        """Factor on the weight of an activation from price and reluctance together, 1."""
        return self.price * self.reluctance

    def stack(self, other: Share) -> Share:
        """Let both hold: the highest floor, the lowest ceiling, the largest reluctance; capacities and prices multiply.

        >>> import numpy as np
        >>> half = Share(capacity=np.array([0.5, 1.0]))
        >>> half.stack(Share(capacity=np.array([0.5, 0.2]))).capacity
        array([0.25, 0.2 ])
        """
        import numpy as np

        return Share(
            floor=np.maximum(self.floor, other.floor),
            ceiling=np.minimum(self.ceiling, other.ceiling),
            capacity=self.capacity * other.capacity,
            price=self.price * other.price,
            reluctance=np.maximum(self.reluctance, other.reluctance),
        )

    def place(self, columns: Sequence[int], shape: tuple[int, int]) -> Share:
        """Give the muscles at `columns` what this share says of them, in their order, and all others everything.

        What it says nothing of stays one number.

        Parameters
        ----------
        shape : (frames, muscles)
            Of the result's last two dimensions.
        """
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        told = {name: values for name, values in said.items() if not _says_nothing(values, name)}
        return Share(**{name: _place(values, name, columns, shape) for name, values in told.items()})


def _says_nothing(values: np.ndarray, name: str) -> bool:
    """Whether everything is left, said by one number: it then needs no place."""
    return values.ndim == 0 and values.item() == (0.0 if name == "floor" else 1.0)


def _place(values: np.ndarray, name: str, columns: Sequence[int], shape: tuple[int, int]) -> np.ndarray:
    """Place values (..., time, column) into an array (..., time, muscle) of a share that leaves everything."""
    import numpy as np

    whole = np.full((*values.shape[:-2], *shape), 0.0 if name == "floor" else 1.0)
    whole[..., columns] = values
    return whole

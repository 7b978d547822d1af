"""What pain and effusion have in common: a joint holds back the muscles around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gluteal.errors import InputError
from gluteal.nerves.arthrogenic import find_joint, list_doses
from gluteal.nerves.hold_back import hold_share_back, say_reading, split_reading
from gluteal.nerves.share import Share
from gluteal.nerves.term import Term

if TYPE_CHECKING:
    import numpy as np

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.build import Mechanics


@dataclass(frozen=True)
class JointTerm(Term):
    """A joint holds back the muscles around it; how much follows from the dose (`gluteal.nerves.arthrogenic`).

    The target is a joint: hip, knee or lumbar; with ``:ceiling`` or ``:price`` behind it one reading holds alone.

    Attributes
    ----------
    cause : str, of the class
        What the table of doses calls it.
    """

    cause: ClassVar[str]
    remark = (
        "What a joint holds back was measured at the knee, but for the sign at the hip: at any other joint its size is "
        "an assumption."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        find_joint(split_reading(self.target)[0], self.cause)

    def describe(self) -> str:
        """Say the term in words."""
        return super().describe() + say_reading(self.target)

    @property
    def joint(self) -> str:
        """The joint, as the table has it."""
        return find_joint(split_reading(self.target)[0])

    @property
    def where(self) -> str:
        """The joint in words, with its side."""
        return self.words_of("lumbar spine" if self.joint == "lumbar" else self.joint)

    def resolve(self, body: Body) -> tuple[str, ...]:
        """Return the muscles held back, in the body's order; raises InputError where the body has none of them."""
        return tuple(self._inhibition(body))

    def share(self, mechanics: Mechanics, columns: Sequence[int], undisturbed: np.ndarray | None) -> Share:
        """Return ceiling and reluctance of every muscle."""
        import numpy as np

        held = self._inhibition(mechanics.body)
        names = mechanics.body.muscle_names
        return hold_share_back(np.array([held[names[column]] for column in columns]), split_reading(self.target)[1])

    def _inhibition(self, body: Body) -> dict[str, float]:
        """Return muscle -> share of drive held back, the largest where two groups have it."""
        held: dict[str, float] = {}
        for dose in list_doses(self.cause, self.joint):
            if dose.group in body.groups:
                share = float(dose.inhibition(self.value))
                for muscle in body.resolve(dose.group, side=self.side):
                    held[muscle] = max(held.get(muscle, 0.0), share)
        if not held:
            groups = ", ".join(dose.group for dose in list_doses(self.cause, self.joint))
            raise InputError(
                f"{self.describe()}: body {body.name!r} has none of the muscles that it holds back ({groups})."
            )
        return {muscle: held[muscle] for muscle in body.muscle_names if muscle in held}

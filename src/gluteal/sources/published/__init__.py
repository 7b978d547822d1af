"""Tables of published figures (EMG by exercise, strength, contact forces, ...), each row with its source.

In: figures as printed, and the reading of their tables. Out: what is computed from them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from gluteal.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

#: Every table by its name; each lies beside this module as a CSV file.
PUBLISHED = (
    "carried_loads",
    "endurance_times",
    "examiner_agreement",
    "exercise_atlas",
    "exercise_emg",
    "exercises",
    "foot_forces",
    "gait_emg",
    "hip_abduction_strength",
    "hip_contact_force",
    "joint_moments",
    "knee_strength",
    "low_back_pain_trials",
    "nerve_and_inhibition_effects",
    "prone_hip_extension_onsets",
    "replayable_experiments",
)


def load_published(name: str) -> pd.DataFrame:
    """Return a table of published figures; numbers as printed, empty cells nan, units in a column or its name.

    Raises
    ------
    UnknownName
        Where there is no such table.

    Examples
    --------
    >>> row = load_published("examiner_agreement").iloc[0]
    >>> print(row["judgement"], row["kappa"], row["source"])
    trigger point by palpation 0.452 rathbone2017
    """
    if name not in PUBLISHED:
        raise UnknownName("table", name, PUBLISHED, "gluteal.sources.published.PUBLISHED")
    return _table(name).copy()


@cache
def _table(name: str) -> pd.DataFrame:
    import pandas as pd

    with files(__package__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#")

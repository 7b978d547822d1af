"""Tables of published figures (EMG by exercise, strength, contact forces, ...), each row with its source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from gluteal.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

# Table -> its file; those that other parts of the package read too lie one level higher.
TABLES = {
    "examiner_agreement": "evidence/reference/examiner_agreement.csv",
    "exercise_emg": "evidence/reference/exercise_emg.csv",
    "gait_emg": "evidence/reference/gait_emg.csv",
    "low_back_pain_trials": "evidence/reference/low_back_pain_trials.csv",
    "nerve_and_inhibition_effects": "evidence/reference/nerve_and_inhibition_effects.csv",
    "replayable_experiments": "evidence/reference/replayable_experiments.csv",
    "hip_abduction_strength": "hip_abduction_strength.csv",
    "hip_contact_force": "hip_contact_force.csv",
    "prone_hip_extension_onsets": "prone_hip_extension_onsets.csv",
}


def load_table(name: str) -> pd.DataFrame:
    """Return a table of published figures; numbers as printed, empty cells nan, units in a column or its name.

    Raises
    ------
    UnknownName
        Where there is no such table.

    Examples
    --------
    >>> row = load_table("examiner_agreement").iloc[0]
    >>> print(row["judgement"], row["kappa"], row["source"])
    trigger point by palpation 0.452 rathbone2017
    """
    if name not in TABLES:
        raise UnknownName("table", name, TABLES, "gluteal.evidence.tables.TABLES")
    return _table(name).copy()


@cache
def _table(name: str) -> pd.DataFrame:
    import pandas as pd

    with files("gluteal").joinpath("data", TABLES[name]).open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#")

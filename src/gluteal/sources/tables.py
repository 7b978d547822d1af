"""The tables of numbers that stand beside their rooms: where each is, what is in it, and how to read its rows."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from gluteal.errors import UnknownName
from gluteal.sources.bibliography import OWN, READ_DEPTHS, ReadDepth, find_reference, split_keys


@dataclass(frozen=True, kw_only=True)
class NumberTable:
    """A table: its path in the package, what is in it, and its source where that is the same for every row."""

    path: str
    about: str
    source: str | None = None


#: Every table of numbers in the package. What is drawn or computed from them is not listed.
TABLES = MappingProxyType(
    {
        table.path: table
        for table in (
            NumberTable(path="anatomy/muscles.csv", about="groups and nerves of muscles"),
            NumberTable(path="anatomy/nerves.csv", about="branches and roots of nerves"),
            NumberTable(path="emg/labels.csv", about="names of muscles in recordings"),
            NumberTable(path="nerves/fatigue_rates.csv", about="how fast muscles tire and recover, by joint"),
            NumberTable(path="engines/myo/muscles.csv", about="strength and lengths of the embedded body's muscles"),
            NumberTable(path="engines/myo/paths.csv", about="corrected paths of the embedded body's muscles"),
            NumberTable(path="engines/myo/hip_paths.csv", about="where hip muscles run, by published source"),
            NumberTable(path="engines/myo/hip_frames.csv", about="how a published hip is brought to the body"),
            NumberTable(path="engines/myo/hip_wraps.csv", about="cylinders that hip muscles run around"),
            NumberTable(path="engines/myo/hip_added.csv", about="strength and lengths of muscles the body lacks"),
            NumberTable(path="engines/myo/leg_strength.csv", about="fitted strength of the legs' groups"),
            NumberTable(path="engines/myo/hip_landmarks.csv", about="bony points of the embedded body's pelvis"),
            NumberTable(path="engines/myo/hip_fibres.csv", about="fibre lengths of dissections"),
            NumberTable(
                path="simulate/passive_tissue.csv", about="where the hip's ligaments and the iliotibial band run"
            ),
            NumberTable(path="movements/tasks/contact_points.csv", about="where a body touches the world"),
            NumberTable(
                path="movements/tasks/library/walk_mean_adult.csv", about="one cycle of walking", source="falisse2019"
            ),
            NumberTable(
                path="movements/tasks/library/walk_overground.csv",
                about="one cycle of walking of another adult, overground",
                source="rajagopal2016",
            ),
            NumberTable(
                path="movements/tasks/library/walk_overground_corrections.csv",
                about="corrections of that walk, computed by residual reduction",
                source=OWN,
            ),
            NumberTable(
                path="movements/tasks/library/walk_treadmill.csv",
                about="one cycle of walking of another adult, on a treadmill",
                source="uhlrich2022",
            ),
            NumberTable(
                path="movements/tasks/library/walk_treadmill_corrections.csv",
                about="corrections of that walk, computed by residual reduction",
                source=OWN,
            ),
            NumberTable(
                path="movements/tasks/library/walk_slow.csv",
                about="one cycle of slow walking of another adult",
                source="ceinmsrt2022",
            ),
            NumberTable(
                path="movements/tasks/library/walk_slow_corrections.csv",
                about="corrections of that walk, computed by residual reduction",
                source=OWN,
            ),
            NumberTable(
                path="movements/tasks/library/walk_corrections.csv",
                about="corrections of walking, computed by residual reduction",
                source=OWN,
            ),
            NumberTable(path="nerves/arthrogenic.csv", about="what pain and fluid in a joint hold back"),
            NumberTable(path="simulate/dynamometer.toml", about="postures and pads of the dynamometer"),
            NumberTable(path="sources/published/carried_loads.csv", about="what carrying does to people's hips"),
            NumberTable(path="sources/published/hip_moment_arms.csv", about="arms of hips, of cadavers and in vivo"),
            NumberTable(path="sources/published/endurance_times.csv", about="how long people hold a posture"),
            NumberTable(path="sources/published/examiner_agreement.csv", about="how far two examiners agree"),
            NumberTable(path="sources/published/exercise_atlas.csv", about="EMG of gluteal muscles by exercise, alike"),
            NumberTable(path="sources/published/exercises.csv", about="exercises of the atlas: how, with what, level"),
            NumberTable(path="sources/published/exercise_emg.csv", about="EMG of hip muscles by exercise"),
            NumberTable(path="sources/published/gait_emg.csv", about="EMG of gluteal muscles upright"),
            NumberTable(path="sources/published/hip_abduction_strength.csv", about="strength of the hip"),
            NumberTable(path="sources/published/hip_contact_force.csv", about="forces in hip joints"),
            NumberTable(path="sources/published/foot_forces.csv", about="what the ground does to standing feet"),
            NumberTable(path="sources/published/joint_moments.csv", about="joint moments of people by movement"),
            NumberTable(path="sources/published/knee_strength.csv", about="strength of the knee"),
            NumberTable(path="sources/published/low_back_pain_trials.csv", about="trials of exercise for back pain"),
            NumberTable(
                path="sources/published/nerve_and_inhibition_effects.csv", about="what blocks, pain and fluid take away"
            ),
            NumberTable(path="sources/published/prone_hip_extension_onsets.csv", about="onsets in prone hip extension"),
            NumberTable(path="sources/published/replayable_experiments.csv", about="experiments that can be repeated"),
        )
    }
)


@cache
def read_number_table(path: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table as texts; a TOML table's rows have their names under ``name``.

    Raises
    ------
    UnknownName
        Where `TABLES` has no such table.

    Examples
    --------
    >>> read_number_table("anatomy/nerves.csv")[0]["roots"]
    'L4-S1'
    """
    if path not in TABLES:
        raise UnknownName("table of numbers", path, TABLES, "gluteal sources")
    text = files("gluteal").joinpath(*path.split("/")).read_text(encoding="utf-8")
    if path.endswith(".toml"):
        return tuple({"name": n} | {k: str(v) for k, v in row.items()} for n, row in tomllib.loads(text).items())
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    whole = {"source": TABLES[path].source or ""} if TABLES[path].source else {}
    return tuple(row | whole for row in rows)


def weakest_depth(source: str) -> ReadDepth:
    """Return how far the least read of a row's sources was read; choices of our own count where they stand alone.

    >>> weakest_depth("rajagopal2016;gluteal"), weakest_depth("moore2014;christophy2012"), weakest_depth("gluteal")
    ('code', 'memory', 'own')
    """
    depths = [find_reference(key).read for key in split_keys(source) if key != OWN]
    return max(depths, key=READ_DEPTHS.index) if depths else "own"

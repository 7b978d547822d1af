"""What experiments and exercises say on the embedded body as it comes: kept, because it depends on no user.

An answer is found under a name made of the text and tables of every room that computes, the body's parts, and the
bench's seed; another body or seed, or any change to the package, is computed. `gluteal.engines.cache` says where
answers lie, and how one that no longer fits is never used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

import numpy as np

from gluteal.engines import embedded_body_key, load_body
from gluteal.engines.cache import make_key, remember
from gluteal.ledger.bench import Bench
from gluteal.ledger.prediction import Experiment, Published, Reading

#: Every room whose text an answer may hang on: all but those that only show it.
COMPUTING = (
    *("anatomy", "emg", "engines", "files", "held_against", "kernels", "ledger", "mechanics", "movements", "nerves"),
    *("outcome", "schema.py", "sharing", "simulate", "sources", "vocabulary.py", "words.py"),
)

KeptArrays = Mapping[str, np.ndarray]


def keep_arrays(
    name: str, bench: Bench, compute: Callable[[], KeptArrays], *, drawn_by: tuple[str, ...] = ()
) -> KeptArrays:
    """Return what `compute` gives, read where it is kept; another body than the embedded one is always computed.

    `drawn_by` are files of the package, beside the rooms that compute, on whose text it hangs, too.
    """
    if bench.body is not load_body("myo"):
        return compute()
    return remember(_key(name, bench, drawn_by), compute)


def find_arrays(name: str, bench: Bench) -> KeptArrays | None:
    """Return what is kept under a name; None where nothing is: nothing is computed."""

    def nothing() -> KeptArrays:
        raise _NotKept

    try:
        return None if bench.body is not load_body("myo") else remember(_key(name, bench), nothing)
    except _NotKept:
        return None


class _NotKept(Exception):
    """Nothing is kept under a name."""


def _key(name: str, bench: Bench, more: tuple[str, ...] = ()) -> str:
    return make_key([name.encode(), str(bench.seed).encode(), embedded_body_key()], rooms=(*COMPUTING, *more))


def keep_readings(experiment: Experiment, bench: Bench) -> tuple[Reading, ...]:
    """Return the readings of an experiment, measured only where they are not kept."""

    def measure() -> KeptArrays:
        return {"readings": np.array(json.dumps([asdict(reading) for reading in experiment.measure(bench)]))}

    rows = json.loads(str(keep_arrays(f"experiment {experiment.key}", bench, measure)["readings"]))
    return tuple(
        Reading(**{**row, "published": None if row["published"] is None else Published(**row["published"])})
        for row in rows
    )

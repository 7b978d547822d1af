"""An experiment done by every published body: in which share of them a prediction's answer is the same.

One published path of a muscle decides what another contradicts, so an answer of one body is only as strong as the
bodies agree on it. The bodies are those of `gluteal.load_bodies` (six hips, two sets of fibres, two strengths), walks
with every built-in walker; bodies of one lineage are one witness, as in `gluteal.simulate.ensemble`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from gluteal.engines import body_lineage, load_bodies
from gluteal.errors import GlutealError
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.records import Answer
from gluteal.ledger.kept import KeptArrays, find_arrays, keep_arrays
from gluteal.ledger.prediction import Experiment, Prediction
from gluteal.movements.tasks import list_walkers
from gluteal.simulate.ensemble import AGREEMENT

#: What a body says of a claim; "not judged" where the experiment cannot be done with it.
BodyAnswer = Answer | Literal["not judged"]


@dataclass(frozen=True)
class BodyReading:
    """What one body, walking as one walker, measured: reading's key -> value; `why` where it could not."""

    body: str
    lineage: str
    walker: str
    values: Mapping[str, float | None]
    why: str = ""

    def decide(self, prediction: Prediction) -> BodyAnswer:
        """Return what it says of a claim."""
        if self.why:
            return "not judged"
        return prediction.decide({key: math.nan if v is None else v for key, v in self.values.items()})


@dataclass(frozen=True)
class BodyReadings:
    """What all bodies measured in one experiment."""

    experiment: str
    readings: tuple[BodyReading, ...]

    def share(self, prediction: Prediction, answer: Answer) -> float:
        """Return the share of readings with an answer, every lineage counting once, 1."""
        by_lineage: dict[str, list[bool]] = {}
        for reading in self.readings:
            by_lineage.setdefault(reading.lineage, []).append(reading.decide(prediction) == answer)
        return float(np.mean([np.mean(same) for same in by_lineage.values()]))

    def agree(self, prediction: Prediction, answer: Answer) -> bool:
        """Whether enough of the bodies say the same as the representative one (`AGREEMENT`)."""
        return self.share(prediction, answer) >= AGREEMENT

    def sentence(self, prediction: Prediction, answer: Answer) -> str:
        """Say in how many readings the answer is the same."""
        same = sum(reading.decide(prediction) == answer for reading in self.readings)
        bodies = len({reading.body for reading in self.readings})
        walkers = len({reading.walker for reading in self.readings})
        over = f"{bodies} bodies" + (f" and {walkers} walkers" if walkers > 1 else "")
        return f"{same} of {len(self.readings)} readings ({over}) say the same"

    def to_json(self, prediction: Prediction, answer: Answer) -> dict[str, Any]:
        """Return the share and what the bodies say, as plain data."""
        said = Counter(reading.decide(prediction) for reading in self.readings)
        return {
            "bodies": len({reading.body for reading in self.readings}),
            "walkers": len({reading.walker for reading in self.readings}),
            "share": self.share(prediction, answer),
            "agree": self.agree(prediction, answer),
            "answers": dict(said.most_common()),
            "sentence": self.sentence(prediction, answer),
        }


def measure_bodies(
    experiment: Experiment, bench: Bench, *, progress: Callable[[str], None] | None = None
) -> BodyReadings:
    """Do an experiment with every published body; where it walks, with every walker. Minutes, not seconds.

    Parameters
    ----------
    bench : Bench
        Whose seed is taken.
    progress : callable, optional
        Told the name of each body.
    """
    first, *others = list_walkers()
    readings = []
    for body in load_bodies():
        if progress:
            progress(body.name)
        own = replace(bench, body=body, walker=first, kept={})
        readings.append(_measure(experiment, own))
        for walker in others if own.walked else ():
            readings.append(_measure(experiment, replace(own, walker=walker, kept={})))
    return BodyReadings(experiment.key, tuple(readings))


def keep_bodies(experiment: Experiment, bench: Bench) -> BodyReadings:
    """Return what all bodies measured, done only where it is not kept."""

    def measure() -> KeptArrays:
        found = measure_bodies(experiment, bench)
        return {"bodies": np.array(json.dumps([asdict(reading) for reading in found.readings]))}

    return _open(experiment, keep_arrays(_name(experiment), bench, measure))


def find_bodies(experiment: Experiment, bench: Bench) -> BodyReadings | None:
    """Return what all bodies measured where it is kept; None where it is not: nothing is computed."""
    held = find_arrays(_name(experiment), bench)
    return None if held is None else _open(experiment, held)


def _measure(experiment: Experiment, bench: Bench) -> BodyReading:
    lineage = body_lineage(bench.body)
    try:
        values = {r.key: r.value if math.isfinite(r.value) else None for r in experiment.measure(bench)}
    except GlutealError as error:
        return BodyReading(bench.body.name, lineage, bench.walker, {}, str(error))
    return BodyReading(bench.body.name, lineage, bench.walker, values)


def _open(experiment: Experiment, held: KeptArrays) -> BodyReadings:
    return BodyReadings(experiment.key, tuple(BodyReading(**row) for row in json.loads(str(held["bodies"]))))


def _name(experiment: Experiment) -> str:
    return f"bodies {experiment.key}"

"""Schemas of every file that goes in and of every JSON that comes out; `docs/schemas` holds them for other programs.

A command's record may gain fields; a field never goes away and never changes its name. Tests hold what the commands
print against these models, so a field that is new must be added here, with a word on what it is.

In: models of records. Out: making records: rooms make their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from gluteal.cli.schemas.ask import AskJson
from gluteal.cli.schemas.claims import ClaimJson, NewReferenceJson
from gluteal.cli.schemas.delays import DelaysJson
from gluteal.cli.schemas.doctor import BodyDifferenceJson, DoctorJson
from gluteal.cli.schemas.emg import EmgJson
from gluteal.cli.schemas.emg_people import EmgPeopleJson
from gluteal.cli.schemas.endurance import HoldUntilJson
from gluteal.cli.schemas.exercises import ExerciseRow, ExerciseRung
from gluteal.cli.schemas.names import (
    ClaimName,
    DynamometerName,
    GroupName,
    MuscleName,
    NerveName,
    TaskName,
    TermName,
)
from gluteal.cli.schemas.plan import CauseDesignRow, PlanJson
from gluteal.cli.schemas.reliability import ReliabilityJson
from gluteal.cli.schemas.see import SeeJson
from gluteal.cli.schemas.simulate import AdaptJson, SimulateJson
from gluteal.cli.schemas.sources import SourceRow
from gluteal.cli.schemas.strength import StrengthJson
from gluteal.cli.schemas.study import StudyJson
from gluteal.cli.schemas.tolerance import ToleranceJson
from gluteal.cli.schemas.trial import TrialJson
from gluteal.emg.session.file import SessionFile
from gluteal.ledger.evidence.load import EvidenceFile
from gluteal.movements.tasks.file import TaskFile
from gluteal.movements.trials.file import TrialFile
from gluteal.simulate.dynamometer import StrengthMovement
from gluteal.simulate.study.plan import PlanFile

#: The version of JSON Schema that pydantic writes.
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class PublishedSchema:
    """One schema: what it describes, in a line for people, and its type."""

    what: str
    type: Any

    def read(self, text: str | bytes) -> Any:
        """Return JSON as the records it should be made of; pydantic's ValidationError where it is not."""
        return TypeAdapter(self.type).validate_json(text, strict=True)


#: Files that people write, by the name of their schema.
INPUTS: Mapping[str, PublishedSchema] = {
    "task": PublishedSchema("a task (TOML), see [tasks](tasks.md)", TaskFile),
    "trial": PublishedSchema("a measured trial (`trial.toml`), see [trials](trials.md)", TrialFile),
    "plan": PublishedSchema("the plan of a study (TOML), see [studies](studies.md)", PlanFile),
    "session": PublishedSchema("an EMG session (TOML), see [emg](emg.md)", SessionFile),
    "evidence": PublishedSchema("claims and studies (YAML), see [evidence](evidence.md)", EvidenceFile),
    "dynamometer": PublishedSchema("the built-in table of the dynamometer (TOML)", dict[str, StrengthMovement]),
}

#: What commands print with --json, by the name of their schema.
OUTPUTS: Mapping[str, PublishedSchema] = {
    "simulate": PublishedSchema("`gluteal simulate`", SimulateJson),
    "adapt": PublishedSchema("`gluteal adapt`", AdaptJson),
    "see": PublishedSchema("`gluteal see` and `gluteal app`", SeeJson),
    "tolerance": PublishedSchema("`gluteal tolerance`", ToleranceJson),
    "delays": PublishedSchema("`gluteal delays`", DelaysJson),
    "endurance": PublishedSchema("`gluteal endurance`", HoldUntilJson),
    "strength": PublishedSchema("`gluteal strength`", StrengthJson),
    "trial": PublishedSchema("`gluteal trial`", TrialJson),
    "study": PublishedSchema("`gluteal study`", StudyJson),
    "emg": PublishedSchema("`gluteal emg`", EmgJson),
    "emg-people": PublishedSchema("`gluteal emg FOLDER`", EmgPeopleJson),
    "reliability": PublishedSchema("`gluteal reliability TABLE`", ReliabilityJson),
    "ask": PublishedSchema("`gluteal ask QUESTION`", AskJson),
    "claims": PublishedSchema("`gluteal claims`", list[ClaimJson]),
    "claims-new": PublishedSchema("`gluteal claims --new REFS`", list[NewReferenceJson]),
    "exercises": PublishedSchema("`gluteal exercises`", list[ExerciseRow]),
    "exercises-muscle": PublishedSchema("`gluteal exercises MUSCLE`", list[ExerciseRung]),
    "plan": PublishedSchema("`gluteal plan`", PlanJson),
    "plan-causes": PublishedSchema("`gluteal plan --causes`", list[CauseDesignRow]),
    "sources": PublishedSchema("`gluteal sources`", list[SourceRow]),
    "doctor": PublishedSchema("`gluteal doctor`", DoctorJson),
    "doctor-reference": PublishedSchema("`gluteal doctor --reference MODEL`", BodyDifferenceJson),
    "list-tasks": PublishedSchema("`gluteal list tasks`", list[TaskName]),
    "list-muscles": PublishedSchema("`gluteal list muscles`", list[MuscleName]),
    "list-groups": PublishedSchema("`gluteal list groups`", list[GroupName]),
    "list-nerves": PublishedSchema("`gluteal list nerves`", list[NerveName]),
    "list-movements": PublishedSchema("`gluteal list movements`", list[DynamometerName]),
    "list-claims": PublishedSchema("`gluteal list claims`", list[ClaimName]),
    "list-terms": PublishedSchema("`gluteal list terms`", list[TermName]),
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return every schema as JSON Schema (draft 2020-12), by its place in `docs/schemas`.

    >>> [place for place in json_schemas() if place.endswith("put/plan.json")]
    ['input/plan.json', 'output/plan.json']
    """
    found = {f"input/{name}.json": TypeAdapter(p.type).json_schema() for name, p in INPUTS.items()}
    # Commands may print more one day: whoever reads them must not refuse what is new.
    found |= {f"output/{name}.json": _open(TypeAdapter(p.type).json_schema()) for name, p in OUTPUTS.items()}
    return {place: {"$schema": DIALECT, **schema} for place, schema in found.items()}


def _open(schema: Any) -> Any:
    """Return a schema that lets unknown fields pass."""
    if isinstance(schema, dict):
        kept = {k: v for k, v in schema.items() if not (k == "additionalProperties" and v is False)}
        return {k: _open(v) for k, v in kept.items()}
    return [_open(v) for v in schema] if isinstance(schema, list) else schema

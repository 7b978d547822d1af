"""What commands print and what files may hold, against the schemas published with the docs."""

from __future__ import annotations

import copy
import doctest
import importlib.util
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import jsonschema
import numpy as np
import pytest
from pydantic import ValidationError
from tests.helpers.emg_files import signals, write_csv
from tests.helpers.emg_walks import STRIDES, analyse, channel, maximum, trial, walking

import gluteal.cli.schemas
from gluteal.cli import main
from gluteal.cli.listing import Listing
from gluteal.cli.schemas import INPUTS, OUTPUTS, json_schemas
from gluteal.cli.schemas.emg import EmgJson
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.demo import write_demo
from gluteal.emg.session.file import Session, SessionRecording
from gluteal.files import plain
from gluteal.ledger.evidence.load import _cited
from gluteal.ledger.evidence.yaml_text import read_yaml

DOCS = Path(__file__).parents[2] / "docs"
#: Every field that was ever published, one a line; lines are added, never taken away.
FIELDS = Path(__file__).with_name("published_fields.txt")
PLAN = """
seed = 1
people = 1
[[movement]]
task = "single-leg-stance"
[[condition]]
block = { "superior gluteal" = 0.52 }
side = "r"
"""
#: One value a day and subject, and grades of two raters; the second day and rater do not quite agree.
TIMES = "subject,day 1,day 2\nA,10,12\nB,20,19\nC,31,33\nD,40,42\n"
NEW = "TY  - JOUR\nTI  - Hip strengthening and low back pain\nER  - \n"
GRADES = "patient,ann,bob\nA,mild,mild\nB,none,mild\nC,severe,severe\nD,none,none\n"
BLOCK = ("--nerve", "superior gluteal=0.52", "--side", "r")
#: Schema -> a small example of its command.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "simulate": ("simulate", "single-leg-stance", *BLOCK, "--spread", "2"),
    "adapt": ("adapt", "single-leg-stance", *BLOCK, "--curve"),
    "see": ("see", "single-leg-stance", *BLOCK, "--out", "body.html"),
    "tolerance": ("tolerance", "single-leg-stance", "glmed", "glmax"),
    "delays": ("delays", "prone-leg-lift", "glmax", "--by", "0.05"),
    "endurance": ("endurance", "single-leg-bridge", "--rest", "60"),
    "strength": ("strength", "hip abduction", *BLOCK),
    "study": ("study", "plan.toml", "--workers", "0"),
    "emg": ("emg", "--demo"),
    "emg-people": ("emg", "people"),
    "reliability": ("reliability", "times.csv", "--unit", "ms"),
    "claims": ("claims",),
    "claims-new": ("claims", "--new", "new.ris"),
    "ask": ("ask", "how weak can gluteus medius get before walking fails?"),
    "exercises": ("exercises",),
    "exercises-muscle": ("exercises", "glmed"),
    "plan": ("plan", "--effect", "50", "--spread", "60"),
    "plan-causes": ("plan", "--causes", "--people", "40"),
    "sources": ("sources",),
    "doctor": ("doctor", "--nature"),
    "list-tasks": ("list", "tasks"),
    "list-muscles": ("list", "muscles"),
    "list-groups": ("list", "groups"),
    "list-nerves": ("list", "nerves"),
    "list-movements": ("list", "movements"),
    "list-claims": ("list", "claims"),
    "list-terms": ("list", "terms"),
}
#: Needs a recording or another body, see below.
ON_DATA = {"doctor-reference", "trial"}
#: Fields that are there only when they were asked for, as the examples do.
ASKED_FOR = {
    "endurance": ("again", "people", "ensemble"),
    "strength": ("ensemble",),
    "simulate": ("spread", "ensemble"),
    "doctor": ("nature",),
}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints with --json."""
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own with a plan and tables, and two exercises instead of all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gluteal.ledger.exercises.EXERCISES", ("bridge", "clam"))
    (tmp_path / "people").mkdir()
    for name, text in (("plan.toml", PLAN), ("times.csv", TIMES), ("grades.csv", GRADES), ("new.ris", NEW)):
        (tmp_path / name).write_text(text)
    write_csv(tmp_path / "people" / "anna.csv", signals(6000))


def holds(name: str, text: str) -> None:
    """Check JSON against the model, and against the published schema by another program's reading of it."""
    OUTPUTS[name].read(text)
    schema = json.loads((DOCS / "schemas" / "output" / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(text), schema)


def faulty(data: Any) -> Iterator[tuple[str, Any]]:
    """Plant one fault at a time: every field of the record (and of a first row) missing or of another type."""

    def changed() -> tuple[Any, dict[str, Any]]:
        other = copy.deepcopy(data)
        return other, other[0] if isinstance(other, list) else other

    for key in changed()[1]:
        other, record = changed()
        del record[key]
        yield f"{key} is missing", other
        other, record = changed()
        record[key] = [["no such value"]]
        yield f"{key} is of another type", other
    other, record = changed()
    record["surprise"] = 1
    yield "a field is there that nobody described", other


def test_every_schema_has_an_example() -> None:
    assert set(COMMANDS) | ON_DATA == set(OUTPUTS)


def test_every_command_has_a_schema() -> None:
    """A command that takes --json, and a listing, must be described before it is merged."""
    modules = {name: importlib.import_module(f"gluteal.cli.{name}") for name in gluteal.cli.COMMANDS}
    commands = {name for name, module in modules.items() if hasattr(module, "Json")} - {"listing"}
    assert len(commands) > 9 and commands <= set(OUTPUTS)
    assert {f"list-{what}" for what in get_args(Listing)} <= set(OUTPUTS)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_prints_is_what_its_schema_says(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """And the check can fail: a field that is missing, of another type, or new, is seen."""
    text = printed(capsys, *COMMANDS[name])
    holds(name, text)
    for what, other in faulty(json.loads(text)):
        if what in {f"{field} is missing" for field in ASKED_FOR.get(name, ())}:
            OUTPUTS[name].read(json.dumps(other))
            continue
        with pytest.raises(ValidationError):
            OUTPUTS[name].read(json.dumps(other))
            pytest.fail(f"{name}: {what}, and passes")


def test_claims_with_experiments(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "claims", "glutes-quiet-in-walking", "--run")
    assert json.loads(text)[0]["experiment"]["tests"]
    holds("claims", text)


@pytest.mark.usefixtures("small")
def test_reliability_of_categories(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "reliability", "grades.csv", "--categories", "none,mild,severe")
    assert json.loads(text)["kappa"] and not json.loads(text)["icc"]
    holds("reliability", text)


def test_reliability_without_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Days that contradict each other have no ICC of their mean (below -1 the formula has no value)."""
    (tmp_path / "times.csv").write_text("subject,day 1,day 2\nA,1,5\nB,5,1\nC,3,3.1\nD,2,4\n")
    text = printed(capsys, "reliability", str(tmp_path / "times.csv"))
    assert any(form["value"] is None for form in json.loads(text)["icc"])
    holds("reliability", text)


def test_emg_beside_a_simulation(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    trial = data / "walk_rajagopal2016"
    text = printed(capsys, "emg", str(trial / "emg_walk_raw.anc"), "--side", "r", "--beside", str(trial))
    assert json.loads(text)["beside"]["muscles"]
    holds("emg", text)


def test_emg_of_walking_with_faults() -> None:
    """What the demonstration lacks: cycles between foot strikes, events, crosstalk, faults with times."""
    rate, seconds = 1000, 14
    rng = np.random.default_rng(1)
    on = (np.arange(rate * seconds) // 400) % 3 == 0
    calf = np.where(on, 0.3, 0.01) * rng.standard_normal(on.size)
    gaps = 0.2 * rng.standard_normal(on.size)
    gaps[2000:5000] = np.nan
    # The copy counts once; an order needs a second muscle of its own.
    thigh = np.where(np.roll(on, 50), 0.3, 0.01) * rng.standard_normal(on.size)
    signals = {"soleus": calf, "gastrocnemius": 0.9 * calf, "tibialis anterior": gaps, "biceps femoris": thigh}
    channels = tuple(
        Channel(name, name, "r", "mV", rate, 0.0, values.size, lambda values=values: values)
        for name, values in signals.items()
    )
    strikes = tuple(Event("right foot strike", 1.2 * i, "r") for i in range(11))
    recording = Recording("walk", "made up", channels, strikes)
    analysis = analyse_session(Session("walk", (SessionRecording("walk", "trial", recording),)))
    text = json.dumps(analysis.to_json(), allow_nan=False)
    found = EmgJson.model_validate_json(text)
    assert found.recordings[0].events and found.recordings[0].crosstalk and found.order
    assert found.channels[0].cycles is not None and found.channels[0].cycles.count > 5
    assert any(f.intervals_s for c in found.channels for f in c.quality.faults)
    holds("emg", text)


def test_emg_of_muscles_beside_each_other() -> None:
    """Sides, antagonists and courses that compare; and, without maxima and with two cycles, such as do not."""
    glutes = [
        channel(walking((0.1, end), seed=seed), "gluteus maximus", side)
        for seed, (side, end) in enumerate((("r", 0.7), ("l", 0.45)))
    ]
    knee = [
        channel(walking((0.1, 0.5), seed=seed), muscle, "r")
        for seed, muscle in enumerate(("vastus lateralis", "biceps femoris"), 2)
    ]
    strong = [
        channel(walking((0.0, 1.0), level=0.4, seed=s), "gluteus maximus", side) for s, side in ((4, "r"), (5, "l"))
    ]
    text = json.dumps(analyse(trial(*glutes, *knee), maximum(*strong)).to_json(), allow_nan=False)
    found = EmgJson.model_validate_json(text)
    assert found.asymmetry[0].index_percent is not None
    assert found.co_contraction[0].cycles == STRIDES and found.co_contraction[0].falconer_winter_sd is not None
    assert found.curve_comparison[0].p is not None and found.curve_comparison[0].differences
    holds("emg", text)
    few = trial(*glutes, *knee)
    few = replace(few, recording=replace(few.recording, events=few.recording.events[:6]))
    bare = trial(*knee, name="bare")
    bare = replace(bare, recording=replace(bare.recording, events=()))
    text = json.dumps(analyse(few, bare).to_json(), allow_nan=False)
    found = EmgJson.model_validate_json(text)
    assert found.asymmetry[0].index_percent is None and found.curve_comparison[0].p is None
    assert found.co_contraction[-1].cycles == 0 and found.co_contraction[-1].falconer_winter_sd is None
    holds("emg", text)


def test_a_body_beside_another(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    model = data / "walk_rajagopal2016" / "subject_walk_scaled.osim"
    holds("doctor-reference", printed(capsys, "doctor", "--reference", str(model)))


# --- files -----------------------------------------------------------------------------------------------


def test_files_of_the_project_agree_with_their_schemas(tmp_path: Path) -> None:
    """Read by another program, the published schemas accept what the program ships and writes."""
    schemas = json_schemas()
    tasks = sorted(Path(str(files("gluteal.movements.tasks").joinpath("library"))).glob("*.toml"))
    given = [("task", tomllib.loads(path.read_text(encoding="utf-8"))) for path in tasks]
    given.append(("plan", tomllib.loads((DOCS / "study-example.toml").read_text(encoding="utf-8"))))
    given.append(("session", tomllib.loads(write_demo(tmp_path / "demo")[0].read_text(encoding="utf-8"))))
    table = files("gluteal.simulate").joinpath("dynamometer.toml").read_text(encoding="utf-8")
    given.append(("dynamometer", tomllib.loads(table)))
    folder = files("gluteal.ledger.evidence")
    claims = read_yaml(folder.joinpath("claims.yaml").read_bytes(), "claims.yaml")
    given.append(("evidence", plain({k: v for k, v in claims.items() if k != "compiled"})))
    # Built-in studies have their authors from the bibliography; a user's file, for which the schema is, has them.
    studies = [_cited(read_yaml(f.read_bytes(), f.name)) for f in folder.joinpath("studies").iterdir()]
    given.append(("evidence", plain({"studies": studies})))
    assert len(given) == 44 and {name for name, _ in given} == set(INPUTS) - {"trial"}
    for name, data in given:
        jsonschema.validate(data, schemas[f"input/{name}.json"])


# --- published -------------------------------------------------------------------------------------------


def maker() -> Any:
    """Return the script that writes the docs' schemas."""
    spec = importlib.util.spec_from_file_location("make_schemas", DOCS / "make_schemas.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_docs_hold_the_present_schemas() -> None:
    """Files and table are what `python docs/make_schemas.py` writes, and nothing else lies there."""
    made = maker()
    folder = DOCS / "schemas"
    there = {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*.json")}
    assert there == made.schema_files()
    page = (DOCS / "schemas.md").read_text(encoding="utf-8")
    assert page == made.fill_tables(page)
    assert "input/plan.json" in page and "output/simulate.json" in page


@pytest.mark.parametrize("place", json_schemas())
def test_schemas_are_json_schema(place: str) -> None:
    """Valid by the standard's own schema; inputs are closed, outputs open."""
    schema = json_schemas()[place]
    jsonschema.Draft202012Validator.check_schema(schema)
    closed = '"additionalProperties": false' in json.dumps(schema)
    assert closed == place.startswith("input/")


def paths(schema: Mapping[str, Any], node: Mapping[str, Any], at: str) -> Iterator[str]:
    """Name every field of a schema; "?" follows one that may be missing, [] a list, {} a table with free keys."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    for branch in node.get("anyOf", ()):
        yield from paths(schema, branch, at)
    if isinstance(node.get("items"), dict):
        yield from paths(schema, node["items"], f"{at}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from paths(schema, node["additionalProperties"], f"{at}{{}}")
    for key, inner in node.get("properties", {}).items():
        here = f"{at}.{key}{'' if key in node.get('required', ()) else '?'}"
        yield here
        yield from paths(schema, inner, here.rstrip("?"))


def test_published_fields_never_vanish() -> None:
    """Every field that was published is still there and still certain to be; a new one is written down."""
    schemas = json_schemas()
    outputs = {name: schemas[f"output/{name}.json"] for name in OUTPUTS}
    now = {path for name, schema in outputs.items() for path in paths(schema, schema, name)}
    published = set(FIELDS.read_text(encoding="utf-8").splitlines())
    assert published - now == set(), "published fields may be added, never renamed or taken away"
    assert now - published == set(), f"write the new fields into {FIELDS.name}, one a line"


@pytest.mark.parametrize(
    "promised",
    [
        *("simulate.task", "simulate.body.mass_kg", "simulate.condition.effects", "simulate.window_s"),
        *("simulate.verdict", "simulate.deficit.fraction_of_demand", "simulate.effort_ratio"),
        *("simulate.muscles[].baseline_peak", "simulate.groups[].mean", "simulate.joint_loads[].peak_bw"),
        *("simulate.supports[].force_n", "simulate.timing.solve_s", "tolerance.targets[].critical_loss"),
        *("tolerance.targets[].limiting_time_s", "strength.moment_nm_per_kg", "strength.force_bw"),
        *("emg.channels[].onset_sd_s", "emg.channels[].bursts[].onset_interval_s", "emg.findings[].sentence"),
        *("emg.channels[].quality.usable", "emg.order", "claims[].verdict", "claims[].experiment.result"),
        *("simulate.criterion", "sources[].read", "reliability.icc[].value", "doctor.nature?"),
        *("emg.asymmetry[].index_percent", "emg.co_contraction[].rudolph", "emg.curve_comparison[].p"),
        *("list-tasks[].name", "list-muscles[].name", "list-terms[].option"),
    ],
)
def test_the_list_of_fields_holds_what_people_were_promised(promised: str) -> None:
    """The design's binding fields, so that the list above cannot be emptied with the models."""
    assert promised in FIELDS.read_text(encoding="utf-8").splitlines()


def test_examples_in_docstrings() -> None:
    result = doctest.testmod(gluteal.cli.schemas)
    assert result.attempted > 0 and result.failed == 0

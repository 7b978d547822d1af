"""A fault planted at every key of every file that people write: one sentence with the file, the key and the remedy."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gluteal.emg.session.file import load_session
from gluteal.errors import InputError
from gluteal.ledger.evidence.load import load_evidence
from gluteal.movements.tasks.file import read_task_file
from gluteal.movements.trials.discovery import find_trial
from gluteal.schema import validate
from gluteal.simulate.dynamometer import StrengthMovement, strength_movements
from gluteal.simulate.study import load_plan

TASK: dict[str, Any] = {
    "name": "mine",
    "title": "Mine",
    "description": "A squat",
    "view": "side",
    "sided": False,
    "motion": {"duration": 1.0, "frames": 11, "nodes": 5, "quasi_static": False},
    "keyframe": [{"time": 0.0, "hip_flexion_r": 0.0}, {"time": 1.0, "hip_flexion_r": 10.0}],
    "parameters": {"depth": {"default": 0, "range": [-1, 1], "unit": "deg", "text": "x", "adds": {"knee_angle_r": 1}}},
    "surfaces": {"floor": 0.0},
    "support": [
        {
            "points": ["heel_medial_r"],
            "surface": "floor",
            "friction": 0.8,
            "normal": [0, 1, 0],
            "from": 0.0,
            "until": 1.0,
            "tolerance": 0.01,
            "anchored": True,
        }
    ],
    "solve": {"free": ["pelvis_ty"], "centre_of_mass_forward": ["heel_medial_r", "toe_1_r"]},
    "excluded": {"subtalar_angle_r": "no muscle"},
}
CYCLE: dict[str, Any] = {
    "name": "walk",
    "title": "Walk",
    "description": "A cycle",
    "cycle": {"table": "curves.csv", "corrections": "curves.csv", "harmonics": 6, "frames": 51},
    "support": [{"points": ["heel_medial_r"]}],
}
TRIAL: dict[str, Any] = {
    "name": "a",
    "title": "A",
    "view": "front",
    "model": "me.osim",
    "coordinates": "me.mot",
    "external_loads": "none",
    "forces": {"file": "grf.mot", "calcn_r": "ground_"},
    "emg": "emg.sto",
    "window": [0.0, 1.0],
    "filter_hz": 6,
    "force_filter_hz": 20,
    "rate_hz": 100,
    "degrees": True,
    "exclude": ["hip_flexion_r"],
    "hold": ["hip_flexion_r"],
    "mass_kg": 70,
    "supports": [{"name": "chair", "segment": "pelvis", "point": [0, 0, 0], "normal": [0, 1, 0], "friction": 0.5}],
}
PLAN: dict[str, Any] = {
    "name": "a",
    "seed": 1,
    "people": 2,
    "chunk": 1,
    "muscles": True,
    "bodies": ["myo"],
    "scatter": {"strength": 0.1, "muscle": 0.1, "mass": 0.1, "mass_exponent": 0.6, "path": 0.001},
    "criteria": {"exponents": [2, 3], "volume_weighting": [False]},
    "movement": [{"task": "single-leg-stance", "name": "stance", "set": {"side": "r"}}],
    "condition": [{"name": "block", "side": "r", "block": {"superior gluteal": 0.5}}],
}
SESSION: dict[str, Any] = {
    "title": "day 1",
    "subject": {"id": "S1", "mass_kg": 70, "height_m": 1.7, "age_years": 30, "sex": "female", "group": "healthy"},
    "muscles": {"GMAX": "gluteus maximus right"},
    "movement": {"channel": "Gonio"},
    "recording": [
        {
            "file": "a.csv",
            "name": "a",
            "role": "trial",
            "side": "r",
            "unit": "mV",
            "start": 0.0,
            "end": 0.2,
            "task": "x",
            "day": "1",
            "condition": "x",
            "repetition": "1",
            "events": [{"name": "go", "time": 0.1, "side": "r"}],
        }
    ],
}
EVIDENCE: dict[str, Any] = {
    "claims": [{"id": "my-claim", "topic": "x", "statement": "y", "articles": {"trainer": "asserts"}, "test": "emg"}]
}


def task(path: Path) -> Any:
    (path.parent / "curves.csv").touch()
    return read_task_file(path)


def trial(path: Path) -> Any:
    (path.parent / "me.mot").touch()
    return find_trial(path, ["hip_flexion_r"])


def session(path: Path) -> Any:
    (path.parent / "a.csv").write_text("rate 100 Hz\nGMAX,Gonio\n" + "1,2\n" * 50)
    return load_session(path)


#: File -> how a sentence about it begins, a good one, its reader, and keys that are names of the user's own.
FILES: dict[str, tuple[str, dict[str, Any], Callable[[Path], Any], tuple[str, ...]]] = {
    "mine.toml": ("Task file mine.toml", TASK, task, ("keyframe", "parameters", "adds", "surfaces", "excluded")),
    "cycle.toml": ("Task file cycle.toml", CYCLE, task, ()),
    "trial.toml": ("Trial trial.toml", TRIAL, trial, ("forces",)),
    "plan.toml": ("Plan plan.toml", PLAN, load_plan, ("set", "block")),
    "session.toml": ("Session session.toml", SESSION, session, ("muscles",)),
    "mine.yaml": ("mine.yaml", EVIDENCE, load_evidence, ("articles",)),
}


def dumped(data: Any) -> str:
    """Return plain data as TOML: keys at the top, everything below them in one line."""

    def value(v: Any) -> str:
        if isinstance(v, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {value(x)}" for k, x in v.items()) + "}"
        if isinstance(v, list):
            return "[" + ", ".join(map(value, v)) + "]"
        return repr(v).lower() if isinstance(v, bool | float | int) else json.dumps(v)

    return "".join(f"{json.dumps(k)} = {value(v)}\n" for k, v in data.items())


def places(data: Any, own: tuple[str, ...], at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, bool]]:
    """Name every table and value: its place, what is there, and whether its keys are the user's own."""
    if at:
        yield at, data, at[-1] in own or (isinstance(at[-1], int) and at[-2] in own)
    if isinstance(data, dict):
        for key, inner in data.items():
            yield from places(inner, own, (*at, key))
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        for i, inner in enumerate(data):
            yield from places(inner, own, (*at, i))


def planted(good: dict[str, Any], own: tuple[str, ...]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Plant one fault at a time: what it is, the key that the sentence must name, and the file."""

    def with_value(at: tuple[Any, ...], value: Any) -> dict[str, Any]:
        bad = copy.deepcopy(good)
        here: Any = bad
        for step in at[:-1]:
            here = here[step]
        here[at[-1]] = value
        return bad

    for at, value, free in [*places(good, own)]:
        key = next(str(step) for step in reversed(at) if isinstance(step, str))
        yield "of another type", key, with_value(at, [[{"no": 1}]] if not isinstance(value, list) else 3)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield "not a number", key, with_value(at, math.nan)
            yield "infinite", key, with_value(at, -math.inf)
            yield "true", key, with_value(at, True)
            yield "a number in quotes", key, with_value(at, "1")
        if isinstance(value, bool):
            yield "a number for true", key, with_value(at, 1)
        if isinstance(value, str) and "set" not in at:
            yield "a number for text", key, with_value(at, 1)
        if isinstance(value, dict) and not free:
            yield "an unknown key", "zzz", with_value((*at, "zzz"), 1)
    yield "an unknown key", "zzz", {**good, "zzz": 1}


CASES = [
    pytest.param(name, what, key, bad, id=f"{name}-{key}-{what}")
    for name, (_, good, _, own) in FILES.items()
    for what, key, bad in planted(good, own)
    # YAML lists its entries; what is wrong with a whole section has sentences of its own.
    if not (name.endswith(".yaml") and key == "claims" and what == "of another type")
]


def write(folder: Path, name: str, data: dict[str, Any]) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(data) if name.endswith(".yaml") else dumped(data), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", FILES)
def test_without_a_fault_the_file_is_read(tmp_path: Path, name: str) -> None:
    _, good, read, _ = FILES[name]
    read(write(tmp_path, name, good))


@pytest.mark.parametrize(("name", "what", "key", "bad"), CASES)
def test_a_planted_fault_is_one_sentence(tmp_path: Path, name: str, what: str, key: str, bad: dict[str, Any]) -> None:
    """File, key, and what would be right."""
    label, _, read, _ = FILES[name]
    with pytest.raises(InputError) as caught:
        read(write(tmp_path, name, bad))
    said = str(caught.value)
    assert label in said and key in said and "\n" not in said and len(said) < 400
    remedy = "; give " if key != "zzz" else "zzz: is no known key; known are "
    assert remedy in said, said
    if what in ("not a number", "infinite"):
        assert "which is no finite number" in said


@pytest.mark.parametrize(
    ("name", "at"),
    [
        *(("mine.toml", (key,)) for key in ("name", "title", "description", "support", "keyframe")),
        *(("mine.toml", ("parameters", "depth", key)) for key in ("default", "range", "unit", "text", "adds")),
        ("mine.toml", ("motion", "duration")),
        ("mine.toml", ("support", 0, "points")),
        ("cycle.toml", ("cycle", "table")),
        ("trial.toml", ("forces", "file")),
        *(("trial.toml", ("supports", 0, key)) for key in ("name", "segment", "point")),
        *(("plan.toml", (key,)) for key in ("seed", "movement", "condition")),
        ("session.toml", ("recording",)),
        ("session.toml", ("recording", 0, "file")),
        *(("session.toml", ("recording", 0, "events", 0, key)) for key in ("name", "time")),
        *(("mine.yaml", ("claims", 0, key)) for key in ("id", "topic", "statement", "test")),
    ],
)
def test_a_missing_key_is_named_with_what_to_give(tmp_path: Path, name: str, at: tuple[Any, ...]) -> None:
    label, good, read, _ = FILES[name]
    bad = copy.deepcopy(good)
    here: Any = bad
    for step in at[:-1]:
        here = here[step]
    del here[at[-1]]
    with pytest.raises(InputError) as caught:
        read(write(tmp_path, name, bad))
    assert label in str(caught.value) and f"{at[-1]}: is missing; " in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("sign", 2, "sign: is 2; give 1 along the coordinate, -1 against it."),
        ("sided", 1, "sided: is 1; give true where there is a right and a left one."),
        ("posture", {"hip_flexion": math.nan}, "posture.hip_flexion: is nan, which is no finite number; give degrees"),
        ("pad", ["femur"], "pad: is ['femur']; give two segments"),
        ("blok", "x", "blok: is no known key; did you mean 'block'?"),
    ],
)
def test_the_table_of_the_dynamometer_is_checked(key: str, value: Any, told: str) -> None:
    """Its rows are held against the same model that reads them."""
    row = next(iter(strength_movements().values())).model_dump()
    with pytest.raises(InputError) as caught:
        validate({**row, key: value}, StrengthMovement, "Table dynamometer.toml, hip-abduction")
    assert str(caught.value).startswith(f"Table dynamometer.toml, hip-abduction, {told}")

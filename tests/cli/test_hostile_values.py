"""Numbers and forms that once ended in "our mistake", in nonsense, or never: exit 2 and a sentence."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.fuzz_seeds import PLAN, SESSION, TABLE, TASK, TRIAL, doors

from gluteal.cli import main

Planted = Callable[[Path], list[str]]


def planted(name: str, content: str | bytes, *command: str) -> Planted:
    """A file with something wrong, and the command that reads it."""

    def plant(folder: Path) -> list[str]:
        raw = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(raw)
        return [*command, str(folder / name)]

    return plant


def changed(name: str, text: str, old: str, new: str, *command: str) -> Planted:
    assert old in text, "what is to be changed is not there"
    return planted(name, text.replace(old, new, 1), *command)


def trial(**other: str | bytes) -> Planted:
    """The trial of a pendulum with files of other content."""

    def plant(folder: Path) -> list[str]:
        if "trial" not in doors():
            pytest.skip("trials of OpenSim models need OpenSim")
        given = {k.replace("__", "."): v for k, v in other.items()}
        for name, content in (doors()["trial"].files | given).items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return ["simulate", str(folder)]

    return plant


def numbers(step: str) -> str:
    return "time (s),gluteus maximus right (mV)\n0,0.1\n" + "".join(f"{i}{step},0.{i % 7}\n" for i in range(1, 60))


REPEATED = "subject,session,value\n" + "".join(f"{s},{t},{s + t}\n" for s in range(4) for t in range(2))
EMG = "gluteus maximus right (mV)\n" + "0.1\n0.2\n" * 200
REFUSED: dict[str, Planted] = {
    "a rate below zero": planted("a.csv", "rate -5 Hz\n" + EMG, "emg"),
    "a rate below zero as option": planted("a.csv", EMG, "emg", "--rate=-5"),
    "a rate that is no number": planted("a.csv", EMG, "emg", "--rate=nan"),
    "a time step of 1e308": planted("a.csv", numbers("e307"), "emg"),
    "a rate of 1e-304": planted("a.csv", "rate 1e-304 Hz\n" + EMG, "emg"),
    "a million million people": lambda f: ["simulate", "single-leg-stance", "--spread", "1000000000000"],
    "people of a plan": changed("p.toml", PLAN, "people = 2", "people = 1000000000000", "study"),
    "a seed of a thousand digits": changed("p.toml", PLAN, "seed = 1", "seed = " + "9" * 1000, "study"),
    "an integer of 6000 digits": changed("p.toml", PLAN, "seed = 1", "seed = " + "9" * 6000, "study"),
    "scatter of 1e308": planted("p.toml", PLAN + "[scatter]\nmass = 1e308\n", "study"),
    "a start at 1e308": changed("s.toml", SESSION, "start = 0.1", "start = 1e308", "emg"),
    "a floor that is no number": planted("t.toml", TASK + "\n[surfaces]\nfloor = nan\n", "simulate"),
    "an angle of 1e308": changed("t.toml", TASK, "hip_flexion_l = 30", "hip_flexion_l = 1e308", "simulate"),
    "a list for a name": changed("t.toml", TASK, 'free = ["pelvis_ty"', "free = [1", "simulate"),
    "a key without end": planted("a.yaml", "studies:\n  - key: " + "a" * 500_000 + "\n", "claims", "--evidence"),
    "a name without end": lambda _: ["simulate", "a" * 100_000],
    "a study's name without end": changed("p.toml", PLAN, "seed = 1", f'name = "{"a" * 9000}"\nseed = 1', "study"),
    "a label without end": planted("a.csv", EMG.replace("right", "right " + "x" * 20_000), "emg", "--rate=1000"),
    "a table named without end": planted("t.toml", "[" + ".".join("a" * 20_000) + "]", "simulate"),
    "a key of parts without end": planted("t.toml", ".".join("a" * 20_000) + " = 1", "simulate"),
    "a value no measurement is": planted("r.csv", REPEATED.replace(",3\n", ",1e308\n"), "reliability"),
    "sessions without end": planted(
        "r.csv",
        "subject,session,value\n" + "".join(f"{s},{t},{s * t % 7}\n" for s in range(3) for t in range(2000)),
        "reliability",
    ),
    "columns without end": planted(
        "r.csv",
        "subject," + ",".join(f"s{i}" for i in range(20_000)) + "\n" + "1" + ",1" * 20_000 + "\n",
        "reliability",
    ),
    "fibres of no length": lambda _: ["adapt", "single-leg-stance", "--shorten", "glmed=1e-320"],
    "nesting without end": planted("t.toml", "a = " + "[" * 20_000, "simulate"),
    "another alphabet": planted("t.toml", TASK.encode() + b"# \xe9\xe8", "simulate"),
    "a mass without end": trial(trial__toml=TRIAL.replace("mass_kg = 2.0", "mass_kg = inf")),
    "a rate of 1e9": trial(trial__toml=TRIAL.replace("rate_hz = 20", "rate_hz = 1e9")),
    "a filter at 1e-300": trial(trial__toml=TRIAL.replace("filter_hz = 6", "filter_hz = 1e-300")),
    "an angle of 1e308 in a table": trial(me__mot=TABLE.replace("0.0998", "1e308").replace("0.0397", "1e308")),
    "a number as only Python writes it": trial(me__mot=TABLE.replace("0.0397", "1_0.5")),
    "a table that unzips without end": trial(me__mot=gzip.compress(b"0" * 40_000_000)),
    "a model in an unknown alphabet": trial(me__osim=b'<?xml version="1.0" encoding="utf-7"?><OpenSimDocument/>'),
    "a model nested without end": trial(me__osim=b"<a>" * 100_000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_values_are_refused_in_a_sentence(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = REFUSED[name](tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    code = main(arguments)
    said = capsys.readouterr().err
    assert code in ((2, 4) if "1e308 in a table" in name else (2,)), said
    assert "our mistake" not in said and "Traceback" not in said
    assert said.startswith("gluteal: ") or "\ngluteal: " in said
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before
